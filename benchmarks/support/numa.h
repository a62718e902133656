/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the numa family prepares, proves and puts back. Proofs are asked of the kernel by calls that are not the timed ones:
 * get_mempolicy(2) for policies, move_pages(2) without nodes for where pages are. What lies between two timed calls is inline:
 * see MP_DEFINE_RUN_APART.
 */
#ifndef BENCHMARKS_SUPPORT_NUMA_H
#define BENCHMARKS_SUPPORT_NUMA_H

#include "benchmarks/bench.h"
#include "benchmarks/support/nodes.h"
#include "benchmarks/support/syscall.h"

#include <linux/mempolicy.h>

#define MP_NUMA_PAGES_MAX 16384 /* of one move_pages call */

struct mp_numa {
	char *base;
	uint64_t size;
	int got; /* the last call's answer: a mode, a node, or 0 */

	int mode; /* of the policy: MPOL_* */
	uint64_t nodes[MP_NODE_WORDS]; /* its nodes; and, where pages move, where they are to be */
	uint64_t back[MP_NODE_WORDS]; /* and where they come from */
	bool no_nodes; /* the mode takes none */
	int to, from; /* nodes of `nodes` and `back` */

	int kept_mode; /* the thread's policy before setup */
	uint64_t kept[MP_NODE_WORDS];
	bool keeps;

	uint64_t count; /* of the pages that one call is about */
	void *pages[MP_NUMA_PAGES_MAX];
	int wanted[MP_NUMA_PAGES_MAX],
		homes[MP_NUMA_PAGES_MAX]; /* `to` and `from`, once per page */
	int where[MP_NUMA_PAGES_MAX];
};

/* The nodes as system calls take them. */
static inline const uint64_t *mp_numa_mask(const struct mp_numa *s)
{
	return s->no_nodes ? NULL : s->nodes;
}

static inline void mp_numa_mbind_renew(struct mp_ctx *ctx)
{
	struct mp_numa *s = ctx->state;

	mp_sys_mbind(s->base, s->size, MPOL_DEFAULT, NULL, 0);
}

static inline void mp_numa_mbind_move_renew(struct mp_ctx *ctx)
{
	struct mp_numa *s = ctx->state;

	mp_sys_mbind(s->base, s->size, MPOL_BIND, s->back, MPOL_MF_MOVE | MPOL_MF_STRICT);
}

static inline void mp_numa_move_renew(struct mp_ctx *ctx)
{
	struct mp_numa *s = ctx->state;

	mp_sys_move_pages(s->count, s->pages, s->homes, s->where, MPOL_MF_MOVE);
}

/* Every page of the process that it may move is back on one node. */
static inline void mp_numa_migrate_renew(struct mp_ctx *ctx)
{
	struct mp_numa *s = ctx->state;

	mp_sys_migrate_pages(s->nodes, s->back);
}

/* setup hooks */
int mp_numa_thread_setup(struct mp_ctx *ctx, struct mp_err *err);
int mp_numa_get_thread_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err);
int mp_numa_get_mapping_setup(struct mp_ctx *ctx, struct mp_err *err);
int mp_numa_get_node_setup(struct mp_ctx *ctx, struct mp_err *err);
int mp_numa_mbind_setup(struct mp_ctx *ctx, struct mp_err *err);
int mp_numa_query_setup(struct mp_ctx *ctx, struct mp_err *err);
int mp_numa_move_setup(struct mp_ctx *ctx, struct mp_err *err);
int mp_numa_move_mapping_setup(struct mp_ctx *ctx, struct mp_err *err);

/* arm hooks */
int mp_numa_forget_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err);
int mp_numa_default_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err);
int mp_numa_mbind_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err);
int mp_numa_move_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err);
int mp_numa_mbind_move_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err);
int mp_numa_migrate_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err);

/* disarm hook */
int mp_numa_thread_disarm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err);

/* check hooks */
void mp_numa_set_mempolicy_check(struct mp_ctx *ctx, uint64_t n);
void mp_numa_get_check(struct mp_ctx *ctx, uint64_t n);
void mp_numa_get_node_check(struct mp_ctx *ctx, uint64_t n);
void mp_numa_mbind_check(struct mp_ctx *ctx, uint64_t n);
void mp_numa_query_check(struct mp_ctx *ctx, uint64_t n);
void mp_numa_moved_check(struct mp_ctx *ctx, uint64_t n);

/* teardown hook */
void mp_numa_teardown(struct mp_ctx *ctx);

/* legal hook */
int mp_numa_legal(const struct mp_params *params, const struct mp_host *host, struct mp_err *err);

#endif

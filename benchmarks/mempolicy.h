/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A memory policy as plain data: what the coordinator resolved on the topology, the worker sets and verifies, and a
 * benchmark lays over its mappings when the policy is theirs instead of the thread's. The modes are those of
 * set_mempolicy(2). Layer: common only.
 */
#ifndef BENCHMARKS_MEMPOLICY_H
#define BENCHMARKS_MEMPOLICY_H

#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MP_NODE_WORDS 16 /* 1024 NUMA nodes, the kernel's largest MAX_NUMNODES */
#define MP_NODES_MAX  (MP_NODE_WORDS * 64)

/* Stored as words (mp_memory_name); the numbers travel to the worker only. */
enum mp_memory {
	MP_MEMORY_DEFAULT, /* none: what the kernel does by itself */
	MP_MEMORY_BIND, /* from these nodes and no other: MPOL_BIND */
	MP_MEMORY_LOCAL, /* from the node of the CPU at each allocation: MPOL_LOCAL */
	MP_MEMORY_INTERLEAVE, /* page by page round the nodes: MPOL_INTERLEAVE */
	MP_MEMORY_PREFERRED_MANY, /* from these nodes while they have any: MPOL_PREFERRED_MANY, Linux 5.15 */
	MP_MEMORY_COUNT,
};

struct mp_mempolicy {
	uint32_t mode; /* enum mp_memory */
	uint32_t
		per_mapping; /* 1: by mbind(2) on the benchmark's mappings; else by set_mempolicy(2) on the thread */
	/* Kernel's node numbers as bits: where pages may be when the policy holds. DEFAULT: none, all may. */
	uint64_t nodes[MP_NODE_WORDS];
};

/* "bind", "preferred-many": the word of a mode. */
const char *mp_memory_name(enum mp_memory mode);

bool mp_mempolicy_has(const struct mp_mempolicy *policy, unsigned node);
void mp_mempolicy_add(struct mp_mempolicy *policy, unsigned node);

/* MPOL_* of a mode. */
int mp_mempolicy_mode(enum mp_memory mode);

struct mp_ctx;

/* For hooks that map what will be touched: lays the policy of the context's mappings over a fresh range of
 * untouched pages, and asks the kernel whether it is there. Nothing to do, and 0, when the policy is not per
 * mapping. A benchmark that calls it on everything it touches says so: `.binds_mappings`. Negative errno with a
 * sentence. */
int mp_ctx_bind(struct mp_ctx *ctx, void *base, uint64_t size, struct mp_err *err);

#endif

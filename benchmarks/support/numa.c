/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Preparing, proving and undoing what the numa family times: see numa.h. */
#include "benchmarks/support/numa.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "benchmarks/support/page.h"

/* Setting up */

static void only(uint64_t nodes[MP_NODE_WORDS], int node)
{
	memset(nodes, 0, MP_NODE_WORDS * sizeof(*nodes));
	nodes[node / 64] |= UINT64_C(1) << (node % 64);
}

static const struct {
	const char *word;
	int mode;
} modes[] = {
	{ "bind", MPOL_BIND },
	{ "preferred", MPOL_PREFERRED },
	{ "interleave", MPOL_INTERLEAVE },
	{ "local", MPOL_LOCAL },
};

/* A policy of that word: of the lowest node, but interleaved over all. */
static int choose_policy(struct mp_ctx *ctx, const char *word, struct mp_err *err)
{
	struct mp_numa *s = ctx->state;
	int ret = mp_nodes_allowed(s->nodes, err);

	for (size_t i = 0; i < MP_COUNT(modes); i++)
		if (!strcmp(modes[i].word, word))
			s->mode = modes[i].mode;
	s->no_nodes = s->mode == MPOL_LOCAL;
	if (!ret && s->mode != MPOL_INTERLEAVE)
		only(s->nodes, mp_nodes_next(s->nodes, -1));
	return ret;
}

static int map_pages(struct mp_ctx *ctx, uint64_t size, bool touched, struct mp_err *err)
{
	struct mp_numa *s = ctx->state;
	uint64_t page = ctx->host->page_size;

	s->size = size;
	s->base = mmap(ctx->arena + mp_table_span(page), size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
	if (s->base == MAP_FAILED)
		return mp_err_env(err, -errno, "cannot map %llu bytes: %s",
				  (unsigned long long)size, strerror(errno));
	madvise(s->base, size, MADV_NOHUGEPAGE);
	s->count = size / page;
	for (uint64_t i = 0; i < s->count; i++) {
		s->pages[i] = s->base + i * page;
		if (touched)
			*(volatile char *)s->pages[i] = 1;
	}
	return 0;
}

/* The thread's policy is put back by teardown. */
int mp_numa_thread_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_numa *s = ctx->state;
	long got = mp_sys_get_mempolicy(&s->kept_mode, s->kept, NULL, 0);

	if (got)
		return mp_err_env(err, (int)got, "cannot ask for the thread's memory policy: %s",
				  strerror((int)-got));
	s->keeps = true;
	return choose_policy(ctx, mp_params_find(ctx->params, "policy")->word, err);
}

static void put_back(const struct mp_numa *s)
{
	bool none = s->kept_mode == MPOL_DEFAULT || s->kept_mode == MPOL_LOCAL;

	if (s->keeps)
		mp_sys_set_mempolicy(s->kept_mode, none ? NULL : s->kept);
}

static int mapping_setup(struct mp_ctx *ctx, uint64_t size, bool touched, const char *policy,
			 struct mp_err *err)
{
	int ret = map_pages(ctx, size, touched, err);

	return ret ? ret : choose_policy(ctx, policy, err);
}

int mp_numa_get_mapping_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	const char *policy = mp_params_find(ctx->params, "policy")->word;
	int ret = mapping_setup(ctx, ctx->host->page_size, false, policy, err);
	struct mp_numa *s = ctx->state;

	if (!ret && mp_sys_mbind(s->base, s->size, s->mode, mp_numa_mask(s), 0))
		ret = mp_err_env(err, -EINVAL, "cannot set the mapping's memory policy");
	return ret;
}

int mp_numa_get_node_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	return map_pages(ctx, ctx->host->page_size, true, err);
}

int mp_numa_mbind_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	ctx->depth = 1;
	return mapping_setup(ctx, mp_ctx_number(ctx, "size"), mp_ctx_flag(ctx, "touched"),
			     mp_params_find(ctx->params, "policy")->word, err);
}

/* Touched pages that automatic NUMA balancing leaves alone, as it does a mapping with a policy of its own (vma_policy_mof(),
 * mm/mempolicy.c): those that it marks for a hint fault have no node for move_pages(2), but -ENOENT (seen on Linux 6.1). */
static int settle_pages(struct mp_ctx *ctx, uint64_t size, struct mp_err *err)
{
	struct mp_numa *s = ctx->state;
	int ret = map_pages(ctx, size, true, err);

	if (!ret && mp_sys_mbind(s->base, s->size, MPOL_LOCAL, NULL, 0))
		ret = mp_err_env(err, -EINVAL, "cannot set the mapping's memory policy");
	return ret;
}

int mp_numa_query_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	return settle_pages(ctx, mp_ctx_number(ctx, "pages") * ctx->host->page_size, err);
}

static int two_nodes(struct mp_ctx *ctx, uint64_t size, struct mp_err *err)
{
	struct mp_numa *s = ctx->state;
	int nodes[2], ret = settle_pages(ctx, size, err);

	ctx->depth = 1;
	if (!ret)
		ret = mp_nodes_two(nodes, err);
	if (ret)
		return ret;
	s->from = nodes[0];
	s->to = nodes[1];
	only(s->back, s->from);
	only(s->nodes, s->to);
	for (uint64_t i = 0; i < s->count; i++) {
		s->wanted[i] = s->to;
		s->homes[i] = s->from;
	}
	return 0;
}

int mp_numa_move_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	return two_nodes(ctx, mp_ctx_number(ctx, "pages") * ctx->host->page_size, err);
}

int mp_numa_move_mapping_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	return two_nodes(ctx, mp_ctx_number(ctx, "size"), err);
}

/* Arming */

int mp_numa_forget_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err)
{
	struct mp_numa *s = ctx->state;

	(void)n;
	(void)err;
	s->got = -1;
	memset(s->nodes, 0xff, sizeof(s->nodes));
	memset(s->where, 0xff, s->count * sizeof(s->where[0]));
	return 0;
}

/* What the timed call is to set is not set. */
int mp_numa_default_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err)
{
	(void)ctx;
	(void)n;
	(void)err;
	mp_sys_set_mempolicy(MPOL_DEFAULT, NULL);
	return 0;
}

int mp_numa_get_thread_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err)
{
	struct mp_numa *s = ctx->state;
	int ret = choose_policy(ctx, mp_params_find(ctx->params, "policy")->word, err);

	if (!ret && mp_sys_set_mempolicy(s->mode, mp_numa_mask(s)))
		ret = mp_err_env(err, -EINVAL, "cannot set the thread's memory policy");
	return ret ? ret : mp_numa_forget_arm(ctx, n, err);
}

/* Until the worker looks at its own policy again. */
int mp_numa_thread_disarm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err)
{
	(void)n;
	(void)err;
	put_back(ctx->state);
	return 0;
}

int mp_numa_mbind_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err)
{
	(void)n;
	(void)err;
	mp_numa_mbind_renew(ctx);
	return 0;
}

static uint64_t pages_on(struct mp_numa *s, int node)
{
	uint64_t on = 0;

	if (mp_sys_move_pages(s->count, s->pages, NULL, s->where, 0))
		return UINT64_MAX;
	for (uint64_t i = 0; i < s->count; i++)
		on += s->where[i] == node;
	return on;
}

static int must_be_back(struct mp_numa *s, struct mp_err *err)
{
	uint64_t on = pages_on(s, s->from);

	return on == s->count
		       ? 0
		       : mp_err_env(err, -EBUSY, "%llu of %llu pages cannot be moved to node %d",
				    (unsigned long long)(s->count - on),
				    (unsigned long long)s->count, s->from);
}

int mp_numa_move_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err)
{
	(void)n;
	mp_numa_move_renew(ctx);
	return must_be_back(ctx->state, err);
}

int mp_numa_mbind_move_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err)
{
	(void)n;
	mp_numa_mbind_move_renew(ctx);
	return must_be_back(ctx->state, err);
}

int mp_numa_migrate_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err)
{
	(void)n;
	mp_numa_migrate_renew(ctx);
	return must_be_back(ctx->state, err);
}

/* Proofs */

static void expect_policy(struct mp_ctx *ctx, int mode, const uint64_t nodes[MP_NODE_WORDS])
{
	const struct mp_numa *s = ctx->state;
	uint64_t want[MP_NODE_WORDS] = { 0 };

	/* A kernel before 5.14 calls local memory preferred, of no node. */
	mp_expect_true(ctx, "mode",
		       mode == s->mode || (s->mode == MPOL_LOCAL && mode == MPOL_PREFERRED),
		       "the policy is of the mode that was asked for");
	if (!s->no_nodes)
		memcpy(want, s->nodes, sizeof(want));
	mp_expect_true(ctx, "nodes", !memcmp(want, nodes, sizeof(want)),
		       "the policy is of the nodes that were asked for");
}

void mp_numa_set_mempolicy_check(struct mp_ctx *ctx, uint64_t n)
{
	uint64_t nodes[MP_NODE_WORDS] = { 0 };
	int mode = -1;

	mp_expect_equal(ctx, "operations", n, ctx->succeeded);
	mp_sys_get_mempolicy(&mode, nodes, NULL, 0);
	expect_policy(ctx, mode, nodes);
}

/* What the call wrote over the nodes must be the nodes that it was to find. */
void mp_numa_get_check(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_numa *s = ctx->state;
	uint64_t found[MP_NODE_WORDS];
	int ret;

	memcpy(found, s->nodes, sizeof(found));
	mp_expect_equal(ctx, "operations", n, ctx->succeeded);
	ret = choose_policy(ctx, mp_params_find(ctx->params, "policy")->word, NULL);
	mp_expect_true(ctx, "policy", !ret, "the policy can be told");
	expect_policy(ctx, s->got, found);
}

void mp_numa_get_node_check(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_numa *s = ctx->state;

	mp_expect_equal(ctx, "operations", n, ctx->succeeded);
	mp_expect_equal(ctx, "on_node", 1, pages_on(s, s->got));
}

void mp_numa_mbind_check(struct mp_ctx *ctx, uint64_t n)
{
	const struct mp_numa *s = ctx->state;
	uint64_t nodes[MP_NODE_WORDS] = { 0 };
	int mode = -1;

	mp_expect_equal(ctx, "operations", n, ctx->succeeded);
	mp_sys_get_mempolicy(&mode, nodes, s->base + s->size - 1, MPOL_F_ADDR);
	expect_policy(ctx, mode, nodes);
}

void mp_numa_query_check(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_numa *s = ctx->state;
	uint64_t known = 0;

	mp_expect_equal(ctx, "operations", n, ctx->succeeded);
	for (uint64_t i = 0; i < s->count; i++)
		known += s->where[i] >= 0;
	mp_expect_equal(ctx, "answers", s->count, known);
}

void mp_numa_moved_check(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_numa *s = ctx->state;

	mp_expect_equal(ctx, "operations", n, ctx->succeeded);
	mp_expect_equal(ctx, "moved", s->count, pages_on(s, s->to));
}

void mp_numa_teardown(struct mp_ctx *ctx)
{
	put_back(ctx->state);
}

int mp_numa_legal(const struct mp_params *params, const struct mp_host *host, struct mp_err *err)
{
	const struct mp_param *size = mp_params_find(params, "size");
	const struct mp_param *pages = mp_params_find(params, "pages");
	uint64_t count = size ? size->number / host->page_size : pages ? pages->number : 1;
	uint64_t nodes[MP_NODE_WORDS];

	if (count > MP_NUMA_PAGES_MAX)
		return mp_err_usage(err, -EINVAL, "more than %u pages", MP_NUMA_PAGES_MAX);
	if (mp_nodes_allowed(nodes, NULL))
		return mp_err_usage(err, -EINVAL,
				    "this kernel has no memory policies (CONFIG_NUMA)");
	return 0;
}

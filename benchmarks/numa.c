/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * numa: memory policies of threads and mappings, and pages that move from node to node. What sets or asks runs on one node as
 * well, which is then the policy's only one; what moves takes two. Proofs are asked of the kernel by calls that are not the
 * timed ones: get_mempolicy(2) for policies, move_pages(2) without nodes for where pages are.
 */
#include "benchmarks/bench.h"
#include "benchmarks/loop.h"
#include "benchmarks/support/nodes.h"
#include "benchmarks/support/page.h"
#include "benchmarks/support/syscall.h"

#include <errno.h>
#include <linux/mempolicy.h>
#include <string.h>
#include <sys/mman.h>

#define PAGES_MAX 16384 /* of one move_pages call */

struct numa {
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
	void *pages[PAGES_MAX];
	int wanted[PAGES_MAX], homes[PAGES_MAX]; /* `to` and `from`, once per page */
	int where[PAGES_MAX];
};

static const uint64_t *mask(const struct numa *s)
{
	return s->no_nodes ? NULL : s->nodes;
}

/* The operations */

static inline uint64_t set_mempolicy_op(struct mp_ctx *ctx, uint64_t i)
{
	struct numa *s = ctx->state;

	(void)i;
	return mp_sys_set_mempolicy(s->mode, mask(s)) == 0;
}
MP_DEFINE_RUN(set_mempolicy_op)

static inline uint64_t get_mempolicy_op(struct mp_ctx *ctx, uint64_t i)
{
	struct numa *s = ctx->state;

	(void)i;
	return mp_sys_get_mempolicy(&s->got, s->nodes, NULL, 0) == 0;
}
MP_DEFINE_RUN(get_mempolicy_op)

static inline uint64_t get_mapping_op(struct mp_ctx *ctx, uint64_t i)
{
	struct numa *s = ctx->state;

	(void)i;
	return mp_sys_get_mempolicy(&s->got, s->nodes, s->base, MPOL_F_ADDR) == 0;
}
MP_DEFINE_RUN(get_mapping_op)

static inline uint64_t get_node_op(struct mp_ctx *ctx, uint64_t i)
{
	struct numa *s = ctx->state;

	(void)i;
	return mp_sys_get_mempolicy(&s->got, NULL, s->base, MPOL_F_NODE | MPOL_F_ADDR) == 0;
}
MP_DEFINE_RUN(get_node_op)

static inline uint64_t mbind_op(struct mp_ctx *ctx, uint64_t i)
{
	struct numa *s = ctx->state;

	(void)i;
	return mp_sys_mbind(s->base, s->size, s->mode, mask(s), 0) == 0;
}
MP_DEFINE_RUN(mbind_op)

static inline void mbind_renew(struct mp_ctx *ctx)
{
	struct numa *s = ctx->state;

	mp_sys_mbind(s->base, s->size, MPOL_DEFAULT, NULL, 0);
}
MP_DEFINE_RUN_APART(mbind_op, mbind_renew)

static inline uint64_t mbind_move_op(struct mp_ctx *ctx, uint64_t i)
{
	struct numa *s = ctx->state;

	(void)i;
	return mp_sys_mbind(s->base, s->size, MPOL_BIND, s->nodes, MPOL_MF_MOVE | MPOL_MF_STRICT) ==
	       0;
}
MP_DEFINE_RUN(mbind_move_op)

static inline void mbind_move_renew(struct mp_ctx *ctx)
{
	struct numa *s = ctx->state;

	mp_sys_mbind(s->base, s->size, MPOL_BIND, s->back, MPOL_MF_MOVE | MPOL_MF_STRICT);
}
MP_DEFINE_RUN_APART(mbind_move_op, mbind_move_renew)

static inline uint64_t query_op(struct mp_ctx *ctx, uint64_t i)
{
	struct numa *s = ctx->state;

	(void)i;
	return mp_sys_move_pages(s->count, s->pages, NULL, s->where, 0) == 0;
}
MP_DEFINE_RUN(query_op)

static inline uint64_t move_op(struct mp_ctx *ctx, uint64_t i)
{
	struct numa *s = ctx->state;

	(void)i;
	return mp_sys_move_pages(s->count, s->pages, s->wanted, s->where, MPOL_MF_MOVE) == 0;
}
MP_DEFINE_RUN(move_op)

static inline void move_renew(struct mp_ctx *ctx)
{
	struct numa *s = ctx->state;

	mp_sys_move_pages(s->count, s->pages, s->homes, s->where, MPOL_MF_MOVE);
}
MP_DEFINE_RUN_APART(move_op, move_renew)

static inline uint64_t migrate_op(struct mp_ctx *ctx, uint64_t i)
{
	struct numa *s = ctx->state;

	(void)i;
	return mp_sys_migrate_pages(s->back, s->nodes) >= 0;
}
MP_DEFINE_RUN(migrate_op)

/* Every page of the process that it may move is back on one node. */
static inline void migrate_renew(struct mp_ctx *ctx)
{
	struct numa *s = ctx->state;

	mp_sys_migrate_pages(s->nodes, s->back);
}
MP_DEFINE_RUN_APART(migrate_op, migrate_renew)

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
	struct numa *s = ctx->state;
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
	struct numa *s = ctx->state;
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
static int thread_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct numa *s = ctx->state;
	long got = mp_sys_get_mempolicy(&s->kept_mode, s->kept, NULL, 0);

	if (got)
		return mp_err_env(err, (int)got, "cannot ask for the thread's memory policy: %s",
				  strerror((int)-got));
	s->keeps = true;
	return choose_policy(ctx, mp_params_find(ctx->params, "policy")->word, err);
}

static void put_back(const struct numa *s)
{
	bool none = s->kept_mode == MPOL_DEFAULT || s->kept_mode == MPOL_LOCAL;

	if (s->keeps)
		mp_sys_set_mempolicy(s->kept_mode, none ? NULL : s->kept);
}

static int get_thread_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	int ret = thread_setup(ctx, err);
	struct numa *s = ctx->state;

	if (!ret && mp_sys_set_mempolicy(s->mode, mask(s)))
		ret = mp_err_env(err, -EINVAL, "cannot set the thread's memory policy");
	return ret;
}

static int mapping_setup(struct mp_ctx *ctx, uint64_t size, bool touched, const char *policy,
			 struct mp_err *err)
{
	int ret = map_pages(ctx, size, touched, err);

	return ret ? ret : choose_policy(ctx, policy, err);
}

static int get_mapping_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	const char *policy = mp_params_find(ctx->params, "policy")->word;
	int ret = mapping_setup(ctx, ctx->host->page_size, false, policy, err);
	struct numa *s = ctx->state;

	if (!ret && mp_sys_mbind(s->base, s->size, s->mode, mask(s), 0))
		ret = mp_err_env(err, -EINVAL, "cannot set the mapping's memory policy");
	return ret;
}

static int get_node_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	return map_pages(ctx, ctx->host->page_size, true, err);
}

static int mbind_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	ctx->depth = 1;
	return mapping_setup(ctx, mp_ctx_number(ctx, "size"), mp_ctx_flag(ctx, "touched"),
			     mp_params_find(ctx->params, "policy")->word, err);
}

static int query_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	return map_pages(ctx, mp_ctx_number(ctx, "pages") * ctx->host->page_size, true, err);
}

static int two_nodes(struct mp_ctx *ctx, uint64_t size, struct mp_err *err)
{
	struct numa *s = ctx->state;
	int nodes[2], ret = map_pages(ctx, size, true, err);

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

static int move_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	return two_nodes(ctx, mp_ctx_number(ctx, "pages") * ctx->host->page_size, err);
}

static int move_mapping_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	return two_nodes(ctx, mp_ctx_number(ctx, "size"), err);
}

/* Arming */

static int forget_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err)
{
	struct numa *s = ctx->state;

	(void)n;
	(void)err;
	s->got = -1;
	memset(s->where, 0xff, s->count * sizeof(s->where[0]));
	return 0;
}

/* What the timed call is to set is not set. */
static int default_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err)
{
	(void)ctx;
	(void)n;
	(void)err;
	mp_sys_set_mempolicy(MPOL_DEFAULT, NULL);
	return 0;
}

/* Until the worker looks at its own policy again. */
static int thread_disarm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err)
{
	(void)n;
	(void)err;
	put_back(ctx->state);
	return 0;
}

static int mbind_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err)
{
	(void)n;
	(void)err;
	mbind_renew(ctx);
	return 0;
}

static uint64_t pages_on(struct numa *s, int node)
{
	uint64_t on = 0;

	if (mp_sys_move_pages(s->count, s->pages, NULL, s->where, 0))
		return UINT64_MAX;
	for (uint64_t i = 0; i < s->count; i++)
		on += s->where[i] == node;
	return on;
}

static int must_be_back(struct numa *s, struct mp_err *err)
{
	uint64_t on = pages_on(s, s->from);

	return on == s->count
		       ? 0
		       : mp_err_env(err, -EBUSY, "%llu of %llu pages cannot be moved to node %d",
				    (unsigned long long)(s->count - on),
				    (unsigned long long)s->count, s->from);
}

static int move_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err)
{
	(void)n;
	move_renew(ctx);
	return must_be_back(ctx->state, err);
}

static int mbind_move_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err)
{
	(void)n;
	mbind_move_renew(ctx);
	return must_be_back(ctx->state, err);
}

static int migrate_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err)
{
	(void)n;
	migrate_renew(ctx);
	return must_be_back(ctx->state, err);
}

/* Proofs */

static void expect_policy(struct mp_ctx *ctx, int mode, const uint64_t nodes[MP_NODE_WORDS])
{
	const struct numa *s = ctx->state;
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

static void set_mempolicy_check(struct mp_ctx *ctx, uint64_t n)
{
	uint64_t nodes[MP_NODE_WORDS] = { 0 };
	int mode = -1;

	mp_expect_equal(ctx, "operations", n, ctx->succeeded);
	mp_sys_get_mempolicy(&mode, nodes, NULL, 0);
	expect_policy(ctx, mode, nodes);
}

/* What the call wrote over the nodes must be the nodes that it was to find. */
static void get_check(struct mp_ctx *ctx, uint64_t n)
{
	struct numa *s = ctx->state;
	uint64_t found[MP_NODE_WORDS];
	int ret;

	memcpy(found, s->nodes, sizeof(found));
	mp_expect_equal(ctx, "operations", n, ctx->succeeded);
	ret = choose_policy(ctx, mp_params_find(ctx->params, "policy")->word, NULL);
	mp_expect_true(ctx, "policy", !ret, "the policy can be told");
	expect_policy(ctx, s->got, found);
}

static void get_node_check(struct mp_ctx *ctx, uint64_t n)
{
	struct numa *s = ctx->state;

	mp_expect_equal(ctx, "operations", n, ctx->succeeded);
	mp_expect_equal(ctx, "on_node", 1, pages_on(s, s->got));
}

static void mbind_check(struct mp_ctx *ctx, uint64_t n)
{
	const struct numa *s = ctx->state;
	uint64_t nodes[MP_NODE_WORDS] = { 0 };
	int mode = -1;

	mp_expect_equal(ctx, "operations", n, ctx->succeeded);
	mp_sys_get_mempolicy(&mode, nodes, s->base + s->size - 1, MPOL_F_ADDR);
	expect_policy(ctx, mode, nodes);
}

static void query_check(struct mp_ctx *ctx, uint64_t n)
{
	struct numa *s = ctx->state;
	uint64_t known = 0;

	mp_expect_equal(ctx, "operations", n, ctx->succeeded);
	for (uint64_t i = 0; i < s->count; i++)
		known += s->where[i] >= 0;
	mp_expect_equal(ctx, "answers", s->count, known);
}

static void moved_check(struct mp_ctx *ctx, uint64_t n)
{
	struct numa *s = ctx->state;

	mp_expect_equal(ctx, "operations", n, ctx->succeeded);
	mp_expect_equal(ctx, "moved", s->count, pages_on(s, s->to));
}

static void numa_teardown(struct mp_ctx *ctx)
{
	put_back(ctx->state);
}

/* Cases */

static int numa_legal(const struct mp_params *params, const struct mp_host *host,
		      struct mp_err *err)
{
	const struct mp_param *size = mp_params_find(params, "size");
	const struct mp_param *pages = mp_params_find(params, "pages");
	uint64_t count = size ? size->number / host->page_size : pages ? pages->number : 1;
	uint64_t nodes[MP_NODE_WORDS];

	if (count > PAGES_MAX)
		return mp_err_usage(err, -EINVAL, "more than %u pages", PAGES_MAX);
	if (mp_nodes_allowed(nodes, NULL))
		return mp_err_usage(err, -EINVAL,
				    "this kernel has no memory policies (CONFIG_NUMA)");
	return 0;
}

static const char *const policies[] = { "bind", "preferred", "interleave", "local", NULL };

#define POLICY                                                                                     \
	{                                                                                          \
		.name = "policy", .kind = MP_AXIS_CHOICE, .values = "bind",                        \
		.matrix = "bind,preferred,interleave,local", .choices = policies,                  \
		.help = "the policy: of the lowest node; interleave: of all nodes; local: of none" \
	}
#define SIZE(representative, all)                                                                  \
	{                                                                                          \
		.name = "size", .kind = MP_AXIS_SIZE, .values = (representative), .matrix = (all), \
		.min = 4096, .max = 1u << 30, .whole_pages = true, .scale = MP_SCALE_LOG2,         \
		.help = "bytes of private anonymous memory that one call is about"                 \
	}
#define PAGES                                                                                      \
	{                                                                                          \
		.name = "pages", .kind = MP_AXIS_COUNT, .values = "64", .matrix = "1,16,64,512",   \
		.min = 1, .max = PAGES_MAX, .scale = MP_SCALE_LOG2,                                \
		.help = "touched pages that one call is about"                                     \
	}

static const struct mp_axis policy_axes[] = { POLICY };
static const struct mp_axis mbind_axes[] = {
	POLICY,
	SIZE("2M", "page,2M,64M"),
	{ .name = "touched",
	  .kind = MP_AXIS_FLAG,
	  .values = "no",
	  .matrix = "no,yes",
	  .help = "whether every page was stored to before" },
};
static const struct mp_axis move_axes[] = { PAGES };
static const struct mp_axis memory_axes[] = { SIZE("2M", "page,2M,64M") };

#define COMMON(mode_bits)                                                                          \
	.unit = "call", .version = 1, .modes = (mode_bits), .state_size = sizeof(struct numa),     \
	.legal = numa_legal, .teardown = numa_teardown
#define BOTH (MP_MODE_CALL | MP_MODE_BATCH)

static const struct mp_bench benches[] = {
	{
		.name = "numa.get_mempolicy",
		.summary = "get_mempolicy(2) of the thread",
		.timed = "the raw get_mempolicy call for mode and nodes",
		COMMON(BOTH),
		MP_AXES(policy_axes),
		.setup = get_thread_setup,
		.arm = forget_arm,
		.run = get_mempolicy_op_run,
		.check = get_check,
	},
	{
		.name = "numa.get_mempolicy_mapping",
		.summary = "get_mempolicy(2) of a mapping",
		.timed = "the raw get_mempolicy call for mode and nodes at an address "
			 "(MPOL_F_ADDR); mbind is outside",
		COMMON(BOTH),
		MP_AXES(policy_axes),
		.setup = get_mapping_setup,
		.arm = forget_arm,
		.run = get_mapping_op_run,
		.check = get_check,
	},
	{
		.name = "numa.get_mempolicy_node",
		.summary = "get_mempolicy(2) for the node of a page",
		.timed = "the raw get_mempolicy call for the node of a touched page "
			 "(MPOL_F_NODE | MPOL_F_ADDR)",
		COMMON(BOTH),
		.setup = get_node_setup,
		.arm = forget_arm,
		.run = get_node_op_run,
		.check = get_node_check,
	},
	{
		.name = "numa.mbind",
		.summary = "mbind(2) of a mapping that has no policy",
		.timed = "the raw mbind call, without moving pages; taking the policy away again "
			 "is outside",
		COMMON(MP_MODE_CALL),
		.bytes_axis = "size",
		MP_AXES(mbind_axes),
		.setup = mbind_setup,
		.arm = mbind_arm,
		.run = mbind_op_run,
		.run_apart = mbind_op_run_apart,
		.check = mbind_check,
	},
	{
		.name = "numa.mbind_move",
		.summary = "mbind(2) that moves touched pages to another node",
		.timed = "the raw mbind call with MPOL_MF_MOVE | MPOL_MF_STRICT; moving the pages "
			 "back is outside",
		COMMON(MP_MODE_CALL),
		.needs = MP_NEED_NODES,
		.bytes_axis = "size",
		MP_AXES(memory_axes),
		.setup = move_mapping_setup,
		.arm = mbind_move_arm,
		.run = mbind_move_op_run,
		.run_apart = mbind_move_op_run_apart,
		.check = moved_check,
	},
	{
		.name = "numa.migrate_pages",
		.summary = "migrate_pages(2) of this process to another node",
		.timed = "the raw migrate_pages call, which moves the touched memory of the case "
			 "and all else that the process has; moving it back is outside",
		COMMON(MP_MODE_CALL),
		.needs = MP_NEED_NODES,
		.bytes_axis = "size",
		MP_AXES(memory_axes),
		.setup = move_mapping_setup,
		.arm = migrate_arm,
		.run = migrate_op_run,
		.run_apart = migrate_op_run_apart,
		.check = moved_check,
	},
	{
		.name = "numa.move_pages",
		.summary = "move_pages(2) of touched pages to another node",
		.timed = "the raw move_pages call with MPOL_MF_MOVE; moving the pages back is "
			 "outside",
		COMMON(MP_MODE_CALL),
		.needs = MP_NEED_NODES,
		MP_AXES(move_axes),
		.setup = move_setup,
		.arm = move_arm,
		.run = move_op_run,
		.run_apart = move_op_run_apart,
		.check = moved_check,
	},
	{
		.name = "numa.move_pages_query",
		.summary = "move_pages(2) that asks for the nodes of touched pages",
		.timed = "the raw move_pages call without nodes, which moves nothing",
		COMMON(BOTH),
		MP_AXES(move_axes),
		.setup = query_setup,
		.arm = forget_arm,
		.run = query_op_run,
		.check = query_check,
	},
	{
		.name = "numa.set_mempolicy",
		.summary = "set_mempolicy(2) of the thread",
		.timed = "the raw set_mempolicy call, which sets the same policy every time",
		COMMON(BOTH),
		MP_AXES(policy_axes),
		.setup = thread_setup,
		.arm = default_arm,
		.run = set_mempolicy_op_run,
		.check = set_mempolicy_check,
		.disarm = thread_disarm,
	},
};

const struct mp_family mp_family_numa =
	MP_FAMILY("numa", "memory policies, and pages that move between nodes", benches);

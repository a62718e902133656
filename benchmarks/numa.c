/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * numa: memory policies of threads and mappings, and pages that move from node to node. What sets or asks runs on one node as
 * well, which is then the policy's only one; what moves takes two.
 * What is prepared, proved and put back is in support/numa.c; here are the timed operations, the axes and the descriptors.
 */
#include "benchmarks/bench.h"
#include "benchmarks/loop.h"
#include "benchmarks/support/numa.h"

/* The operations */

static inline uint64_t set_mempolicy_op(struct mp_ctx *ctx, uint64_t i)
{
	struct mp_numa *s = ctx->state;

	(void)i;
	return mp_sys_set_mempolicy(s->mode, mp_numa_mask(s)) == 0;
}
MP_DEFINE_RUN(set_mempolicy_op)

static inline uint64_t get_mempolicy_op(struct mp_ctx *ctx, uint64_t i)
{
	struct mp_numa *s = ctx->state;

	(void)i;
	return mp_sys_get_mempolicy(&s->got, s->nodes, NULL, 0) == 0;
}
MP_DEFINE_RUN(get_mempolicy_op)

static inline uint64_t get_mapping_op(struct mp_ctx *ctx, uint64_t i)
{
	struct mp_numa *s = ctx->state;

	(void)i;
	return mp_sys_get_mempolicy(&s->got, s->nodes, s->base, MPOL_F_ADDR) == 0;
}
MP_DEFINE_RUN(get_mapping_op)

static inline uint64_t get_node_op(struct mp_ctx *ctx, uint64_t i)
{
	struct mp_numa *s = ctx->state;

	(void)i;
	return mp_sys_get_mempolicy(&s->got, NULL, s->base, MPOL_F_NODE | MPOL_F_ADDR) == 0;
}
MP_DEFINE_RUN(get_node_op)

static inline uint64_t mbind_op(struct mp_ctx *ctx, uint64_t i)
{
	struct mp_numa *s = ctx->state;

	(void)i;
	return mp_sys_mbind(s->base, s->size, s->mode, mp_numa_mask(s), 0) == 0;
}
MP_DEFINE_RUN(mbind_op)

MP_DEFINE_RUN_APART(mbind_op, mp_numa_mbind_renew)

static inline uint64_t mbind_move_op(struct mp_ctx *ctx, uint64_t i)
{
	struct mp_numa *s = ctx->state;

	(void)i;
	return mp_sys_mbind(s->base, s->size, MPOL_BIND, s->nodes, MPOL_MF_MOVE | MPOL_MF_STRICT) ==
	       0;
}
MP_DEFINE_RUN(mbind_move_op)

MP_DEFINE_RUN_APART(mbind_move_op, mp_numa_mbind_move_renew)

static inline uint64_t query_op(struct mp_ctx *ctx, uint64_t i)
{
	struct mp_numa *s = ctx->state;

	(void)i;
	return mp_sys_move_pages(s->count, s->pages, NULL, s->where, 0) == 0;
}
MP_DEFINE_RUN(query_op)

static inline uint64_t move_op(struct mp_ctx *ctx, uint64_t i)
{
	struct mp_numa *s = ctx->state;

	(void)i;
	return mp_sys_move_pages(s->count, s->pages, s->wanted, s->where, MPOL_MF_MOVE) == 0;
}
MP_DEFINE_RUN(move_op)

MP_DEFINE_RUN_APART(move_op, mp_numa_move_renew)

static inline uint64_t migrate_op(struct mp_ctx *ctx, uint64_t i)
{
	struct mp_numa *s = ctx->state;

	(void)i;
	return mp_sys_migrate_pages(s->back, s->nodes) >= 0;
}
MP_DEFINE_RUN(migrate_op)

MP_DEFINE_RUN_APART(migrate_op, mp_numa_migrate_renew)

/* Axes and descriptors */

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
		.min = 1, .max = MP_NUMA_PAGES_MAX, .scale = MP_SCALE_LOG2,                        \
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
	.unit = "call", .version = 1, .modes = (mode_bits), .state_size = sizeof(struct mp_numa),  \
	.legal = mp_numa_legal, .teardown = mp_numa_teardown
#define BOTH (MP_MODE_CALL | MP_MODE_BATCH)

static const struct mp_bench benches[] = {
	{
		.name = "numa.get_mempolicy",
		.summary = "get_mempolicy(2) of the thread",
		.timed = "the raw get_mempolicy call for mode and nodes",
		COMMON(BOTH),
		MP_AXES(policy_axes),
		.setup = mp_numa_thread_setup,
		.arm = mp_numa_get_thread_arm,
		.disarm = mp_numa_thread_disarm,
		.run = get_mempolicy_op_run,
		.check = mp_numa_get_check,
	},
	{
		.name = "numa.get_mempolicy_mapping",
		.summary = "get_mempolicy(2) of a mapping",
		.timed = "the raw get_mempolicy call for mode and nodes at an address "
			 "(MPOL_F_ADDR); mbind is outside",
		COMMON(BOTH),
		MP_AXES(policy_axes),
		.setup = mp_numa_get_mapping_setup,
		.arm = mp_numa_forget_arm,
		.run = get_mapping_op_run,
		.check = mp_numa_get_check,
	},
	{
		.name = "numa.get_mempolicy_node",
		.summary = "get_mempolicy(2) for the node of a page",
		.timed = "the raw get_mempolicy call for the node of a touched page "
			 "(MPOL_F_NODE | MPOL_F_ADDR)",
		COMMON(BOTH),
		.setup = mp_numa_get_node_setup,
		.arm = mp_numa_forget_arm,
		.run = get_node_op_run,
		.check = mp_numa_get_node_check,
	},
	{
		.name = "numa.mbind",
		.summary = "mbind(2) of a mapping that has no policy",
		.timed = "the raw mbind call, without moving pages; taking the policy away again "
			 "is outside",
		COMMON(MP_MODE_CALL),
		.bytes_axis = "size",
		MP_AXES(mbind_axes),
		.setup = mp_numa_mbind_setup,
		.arm = mp_numa_mbind_arm,
		.run = mbind_op_run,
		.run_apart = mbind_op_run_apart,
		.check = mp_numa_mbind_check,
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
		.setup = mp_numa_move_mapping_setup,
		.arm = mp_numa_mbind_move_arm,
		.run = mbind_move_op_run,
		.run_apart = mbind_move_op_run_apart,
		.check = mp_numa_moved_check,
	},
	{
		.name = "numa.migrate_pages",
		.summary = "migrate_pages(2) of this process to another node",
		.timed = "the raw migrate_pages call, which moves the touched memory of the case "
			 "and all else that the process has; moving it back is outside",
		COMMON(MP_MODE_CALL),
		.needs = MP_NEED_NODES,
		MP_AXES(memory_axes),
		.setup = mp_numa_move_mapping_setup,
		.arm = mp_numa_migrate_arm,
		.run = migrate_op_run,
		.run_apart = migrate_op_run_apart,
		.check = mp_numa_moved_check,
	},
	{
		.name = "numa.move_pages",
		.summary = "move_pages(2) of touched pages to another node",
		.timed = "the raw move_pages call with MPOL_MF_MOVE; moving the pages back is "
			 "outside",
		COMMON(MP_MODE_CALL),
		.needs = MP_NEED_NODES,
		MP_AXES(move_axes),
		.setup = mp_numa_move_setup,
		.arm = mp_numa_move_arm,
		.run = move_op_run,
		.run_apart = move_op_run_apart,
		.check = mp_numa_moved_check,
	},
	{
		.name = "numa.move_pages_query",
		.summary = "move_pages(2) that asks for the nodes of touched pages",
		.timed = "the raw move_pages call without nodes, which moves nothing",
		COMMON(BOTH),
		MP_AXES(move_axes),
		.setup = mp_numa_query_setup,
		.arm = mp_numa_forget_arm,
		.run = query_op_run,
		.check = mp_numa_query_check,
	},
	{
		.name = "numa.set_mempolicy",
		.summary = "set_mempolicy(2) of the thread",
		.timed = "the raw set_mempolicy call, which sets the same policy every time",
		COMMON(BOTH),
		MP_AXES(policy_axes),
		.setup = mp_numa_thread_setup,
		.arm = mp_numa_default_arm,
		.run = set_mempolicy_op_run,
		.check = mp_numa_set_mempolicy_check,
		.disarm = mp_numa_thread_disarm,
	},
};

const struct mp_family mp_family_numa =
	MP_FAMILY("numa", "memory policies, and pages that move between nodes", benches);

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mremap: moving and resizing mappings. What is moved from where to where, and how it is proved that it arrived, is in
 * support/remap*.c; here are the timed operations, the axes and the descriptors.
 *
 * What a move costs is decided by three things, and each is an axis: how many pages are present (touch=none moves
 * nothing but the mapping), at which level of page tables the two places match (align: whole tables move where they do,
 * entries one by one where they do not), and whether pages are huge.
 */
#include "benchmarks/bench.h"
#include "benchmarks/loop.h"
#include "benchmarks/support/remap.h"

static inline uint64_t call(struct mp_remap_state *s)
{
	s->got = mp_sys_mremap((void *)s->from, s->old_size, s->new_size, s->flags, (void *)s->to);
	return s->got == s->want;
}

/* Every call the same: it changes nothing. */
static inline uint64_t same_op(struct mp_ctx *ctx, uint64_t i)
{
	(void)i;
	return call(ctx->state);
}
MP_DEFINE_RUN(same_op)

/* There, and the next one back. */
static inline uint64_t move_op(struct mp_ctx *ctx, uint64_t i)
{
	struct mp_remap_state *s = ctx->state;
	uint64_t from = s->from;

	(void)i;
	s->want = (int64_t)s->to;
	call(s);
	s->from = s->to;
	s->to = from;
	return s->got == s->want;
}
MP_DEFINE_RUN(move_op)

static inline void over_renew(struct mp_ctx *ctx)
{
	mp_remap_obstruct(ctx->state);
}
MP_DEFINE_RUN_APART_AS(over, move_op, over_renew)

static inline void leave_renew(struct mp_ctx *ctx)
{
	mp_remap_unmap(ctx->state);
}
MP_DEFINE_RUN_APART_AS(leave, move_op, leave_renew)

static inline void shrink_renew(struct mp_ctx *ctx)
{
	mp_remap_regrow(ctx->state);
}
MP_DEFINE_RUN_APART_AS(shrink, same_op, shrink_renew)

static inline void grow_renew(struct mp_ctx *ctx)
{
	mp_remap_reshrink(ctx->state);
}
MP_DEFINE_RUN_APART_AS(grow, same_op, grow_renew)

/* Away, and back again untimed. */
static inline void away_renew(struct mp_ctx *ctx)
{
	mp_remap_return(ctx->state);
}
MP_DEFINE_RUN_APART_AS(away, same_op, away_renew)

static inline void double_renew(struct mp_ctx *ctx)
{
	mp_remap_unmap(ctx->state);
}
MP_DEFINE_RUN_APART_AS(double, same_op, double_renew)

static inline uint64_t shuffle_op(struct mp_ctx *ctx, uint64_t i)
{
	(void)i;
	return mp_shuffle_move(ctx->state);
}
MP_DEFINE_RUN(shuffle_op)

#define SIZE(representative, all, text)                                                            \
	{                                                                                          \
		.name = "size", .kind = MP_AXIS_SIZE, .values = (representative), .matrix = (all), \
		.min = 4096, .max = 1ULL << 30, .whole_pages = true, .scale = MP_SCALE_LOG2,       \
		.help = (text)                                                                     \
	}
#define CHOICE(axis_name, words, representative, all, text)                                        \
	{                                                                                          \
		.name = (axis_name), .kind = MP_AXIS_CHOICE, .choices = (words),                   \
		.values = (representative), .matrix = (all), .scale = MP_SCALE_CATEGORICAL,        \
		.help = (text)                                                                     \
	}
#define ALIGN(representative, all)                                                                 \
	CHOICE("align", aligns, representative, all,                                               \
	       "source and destination begin at the same offset in: a page (pte), what a lowest "  \
	       "page table maps (pmd, 2 MiB), the level above (pud, 1 GiB)")
#define TOUCH CHOICE("touch", touches, "write", "none,write", "was every page stored to before")
#define HUGE                                                                                       \
	{                                                                                          \
		.name = "huge", .kind = MP_AXIS_CHOICE, .choices = huges, .values = "none",        \
		.matrix = "none,thp", .needy = { { "thp", MP_NEED_THP } },                         \
		.scale = MP_SCALE_CATEGORICAL,                                                     \
		.help = "how the pages are mapped: base pages, or transparent huge pages"          \
	}
#define BACKING                                                                                    \
	CHOICE("backing", backings, "anon", "anon,shared",                                         \
	       "what is mapped: private anonymous memory, or a memfd, shared")

static const char *const aligns[] = { "pte", "pmd", "pud", NULL };
static const char *const touches[] = { "none", "write", NULL };
static const char *const huges[] = { "none", "thp", NULL };
static const char *const backings[] = { "anon", "shared", NULL };
static const char *const bys[] = { "half", "page", NULL };
static const char *const neighbourhoods[] = { "isolated", "merge", NULL };
static const char *const positions[] = { "head", "middle", "tail", NULL };

static const struct mp_axis same_axes[] = {
	SIZE("page", "page,2M", "bytes of the mapping"),
	TOUCH,
};

static const struct mp_axis shrink_axes[] = {
	SIZE("2M", "64K,2M,64M", "bytes of the mapping before"),
	CHOICE("by", bys, "half,page", "half,page", "what goes away: half of it, or one page"),
	TOUCH,
	HUGE,
};

static const struct mp_axis grow_axes[] = {
	SIZE("page,2M", "page,64K,2M,64M,1G", "bytes of the mapping before; afterwards twice that"),
	CHOICE("neighbourhood", neighbourhoods, "isolated", "isolated,merge",
	       "isolated: a gap in which it grows; merge: it fills the gap before a mapping that "
	       "it then merges with"),
	TOUCH,
};

static const struct mp_axis grow_move_axes[] = {
	SIZE("page,2M", "page,64K,2M,64M,1G", "bytes of the mapping before; afterwards twice that"),
	ALIGN("pte,pmd", "pte,pmd,pud"),
	TOUCH,
};

static const struct mp_axis grow_fail_axes[] = {
	SIZE("page", "page,2M", "bytes of the mapping, and as many that are asked for"),
	TOUCH,
};

static const struct mp_axis fixed_axes[] = {
	SIZE("page,2M,1G", "page,64K,2M-page,2M,2M+page,64M,1G", "bytes that one call moves"),
	ALIGN("pte,pmd,pud", "pte,pmd,pud"),
	BACKING,
	TOUCH,
	HUGE,
};

static const struct mp_axis over_axes[] = {
	SIZE("page,2M", "page,64K,2M,64M", "bytes that one call moves, and unmaps"),
	ALIGN("pte", "pte,pmd"),
	TOUCH,
};

static const struct mp_axis dontunmap_axes[] = {
	SIZE("page,2M", "page,64K,2M,64M,1G", "bytes that one call moves"),
	ALIGN("pte", "pte,pmd,pud"),
	BACKING,
	TOUCH,
};

static const struct mp_axis dup_axes[] = {
	SIZE("page", "page,64K,2M,64M", "bytes mapped a second time"),
};

static const struct mp_axis part_axes[] = {
	SIZE("page", "page,64K,2M", "bytes that one call moves: a third of the mapping"),
	CHOICE("position", positions, "middle", "head,middle,tail",
	       "which third: the middle leaves two mappings behind, the others one"),
	TOUCH,
};

static const struct mp_axis split_axes[] = {
	SIZE("hugepage", "hugepage,64M", "bytes that one call moves"),
};

static const struct mp_axis hugetlb_axes[] = {
	SIZE("hugetlb", "hugetlb,64M,1G", "bytes that one call moves; the pool must hold them"),
};

static const struct mp_axis multi_axes[] = {
	{ .name = "count",
	  .kind = MP_AXIS_COUNT,
	  .values = "32",
	  .matrix = "2,8,32,128,1024",
	  .min = 2,
	  .max = 30000,
	  .scale = MP_SCALE_LOG2,
	  .help = "mappings of one page each that one call moves" },
	TOUCH,
};

static const struct mp_axis shuffle_axes[] = {
	{ .name = "pages",
	  .kind = MP_AXIS_COUNT,
	  .values = "512",
	  .matrix = "64,512,4096",
	  .min = 16,
	  .max = MP_REMAP_SHUFFLE,
	  .scale = MP_SCALE_LOG2,
	  .help = "slots of one page in the area; all but one hold a page" },
};

#define COMMON(type)                                                                               \
	.unit = "call", .version = 1, .modes = MP_MODE_CALL | MP_MODE_BATCH,                       \
	.state_size = sizeof(type)
#define REMAPS COMMON(struct mp_remap_state), .arm = mp_remap_arm, .teardown = mp_remap_teardown

static const struct mp_bench benches[] = {
	{
		.name = "mremap.dontunmap",
		.summary = "mremap(2) with MREMAP_DONTUNMAP: the pages move, the mapping stays",
		.timed =
			"the raw mremap call into a hole of exactly its size; unmapping what stays "
			"is outside. Where nothing is aligned neighbours keep the page tables at "
			"both ends",
		REMAPS,
		.bytes_axis = "size",
		MP_AXES(dontunmap_axes),
		.legal = mp_remap_legal,
		.setup = mp_remap_dontunmap_setup,
		.run = move_op_run,
		.run_apart = leave_run_apart,
		.check = mp_remap_dontunmap_check,
		.disarm = mp_remap_unmap_disarm,
	},
	{
		.name = "mremap.dup",
		.summary = "mremap(2) with an old length of 0: maps shared memory a second time",
		.timed = "the raw mremap call of a shared mapping whose pages are present, into a "
			 "hole; unmapping the double is outside",
		REMAPS,
		MP_AXES(dup_axes),
		.legal = mp_remap_legal,
		.setup = mp_remap_dup_setup,
		.run = same_op_run,
		.run_apart = double_run_apart,
		.check = mp_remap_dup_check,
		.disarm = mp_remap_unmap_disarm,
	},
	{
		.name = "mremap.fixed",
		.summary = "mremap(2) with MREMAP_FIXED into a hole",
		.timed = "the raw mremap call into a hole of exactly the mapping's size, there and "
			 "back in turn; nothing is outside. Page tables that belong to the mapping "
			 "alone move or are made and freed, those at its ends are kept by "
			 "neighbours",
		REMAPS,
		.bytes_axis = "size",
		MP_AXES(fixed_axes),
		.legal = mp_remap_legal,
		.setup = mp_remap_move_setup,
		.run = move_op_run,
		.check = mp_remap_move_check,
	},
	{
		.name = "mremap.fixed_over",
		.summary = "mremap(2) with MREMAP_FIXED over another mapping",
		.timed = "the raw mremap call, which also unmaps a mapping of the same size and "
			 "frees its pages; making that mapping is outside",
		REMAPS,
		.bytes_axis = "size",
		MP_AXES(over_axes),
		.legal = mp_remap_legal,
		.setup = mp_remap_over_setup,
		.run = move_op_run,
		.run_apart = over_run_apart,
		.check = mp_remap_move_check,
		.disarm = mp_remap_obstruct_disarm,
	},
	{
		.name = "mremap.grow_fail",
		.summary = "mremap(2) to twice the size where there is no room: refused",
		.timed = "the raw mremap call without MREMAP_MAYMOVE that returns ENOMEM; nothing "
			 "is made or undone",
		REMAPS,
		MP_AXES(grow_fail_axes),
		.legal = mp_remap_legal,
		.setup = mp_remap_grow_fail_setup,
		.run = same_op_run,
		.check = mp_remap_same_check,
	},
	{
		.name = "mremap.grow_inplace",
		.summary = "mremap(2) to twice the size, in its place",
		.timed = "the raw mremap call into the gap behind the mapping; touching it before "
			 "and shrinking it again are outside, and what is new is not touched",
		REMAPS,
		MP_AXES(grow_axes),
		.legal = mp_remap_legal,
		.setup = mp_remap_grow_setup,
		.run = same_op_run,
		.run_apart = grow_run_apart,
		.check = mp_remap_resize_check,
		.disarm = mp_remap_reshrink_disarm,
	},
	{
		.name = "mremap.grow_move",
		.summary = "mremap(2) to twice the size where the next page is taken: it moves",
		.timed = "the raw mremap call with MREMAP_MAYMOVE, which looks for room, moves the "
			 "pages and unmaps the old range; moving back is outside",
		REMAPS,
		.bytes_axis = "size",
		MP_AXES(grow_move_axes),
		.legal = mp_remap_legal,
		.setup = mp_remap_grow_move_setup,
		.run = same_op_run,
		.run_apart = away_run_apart,
		.check = mp_remap_grow_move_check,
		.disarm = mp_remap_return_disarm,
	},
	{
		.name = "mremap.huge_split",
		.summary = "mremap(2) of transparent huge pages to where there can be none",
		.timed = "the raw mremap call that splits every huge page and moves the base pages "
			 "a page beyond a huge page boundary; making them huge again is outside",
		REMAPS,
		.needs = MP_NEED_THP,
		.bytes_axis = "size",
		MP_AXES(split_axes),
		.legal = mp_remap_legal,
		.setup = mp_remap_split_setup,
		.run = same_op_run,
		.check = mp_remap_split_check,
		.disarm = mp_remap_split_disarm,
	},
	{
		.name = "mremap.hugetlb",
		.summary = "mremap(2) of touched hugetlb memory into a hole",
		.timed = "the raw mremap call, there and back in turn; nothing is outside",
		REMAPS,
		.needs = MP_NEED_HUGETLB,
		.bytes_axis = "size",
		MP_AXES(hugetlb_axes),
		.legal = mp_remap_hugetlb_legal,
		.setup = mp_remap_hugetlb_setup,
		.run = move_op_run,
		.check = mp_remap_move_check,
	},
	{
		.name = "mremap.multi",
		.summary = "mremap(2) of a row of separate mappings with one call",
		.timed = "the raw mremap call with MREMAP_FIXED into a hole, there and back in "
			 "turn; nothing is outside",
		REMAPS,
		.needs = MP_NEED_MREMAP_ROW,
		MP_AXES(multi_axes),
		.legal = mp_remap_legal,
		.setup = mp_remap_multi_setup,
		.run = move_op_run,
		.check = mp_remap_multi_check,
	},
	{
		.name = "mremap.page_shuffle",
		.summary = "mremap(2) of single pages within an area, in random order",
		.timed = "the raw mremap call of one touched page, a mapping of its own, into the "
			 "hole that the page before left; nothing is outside",
		COMMON(struct mp_shuffle_state),
		MP_AXES(shuffle_axes),
		.setup = mp_shuffle_setup,
		.arm = mp_shuffle_arm,
		.run = shuffle_op_run,
		.check = mp_shuffle_check,
		.disarm = mp_shuffle_disarm,
		.teardown = mp_shuffle_teardown,
	},
	{
		.name = "mremap.part",
		.summary = "mremap(2) of a third of a mapping into a hole: splits it",
		.timed = "the raw mremap call with MREMAP_FIXED; moving the part back, which "
			 "merges it with the rest, is outside",
		REMAPS,
		.bytes_axis = "size",
		MP_AXES(part_axes),
		.legal = mp_remap_legal,
		.setup = mp_remap_part_setup,
		.run = same_op_run,
		.run_apart = away_run_apart,
		.check = mp_remap_part_check,
		.disarm = mp_remap_return_disarm,
	},
	{
		.name = "mremap.same",
		.summary = "mremap(2) to the size that the mapping has",
		.timed = "the raw mremap call, which changes nothing",
		REMAPS,
		MP_AXES(same_axes),
		.legal = mp_remap_legal,
		.setup = mp_remap_same_setup,
		.run = same_op_run,
		.check = mp_remap_same_check,
	},
	{
		.name = "mremap.shrink",
		.summary = "mremap(2) to a smaller size",
		.timed =
			"the raw mremap call, which also frees the pages that go away; growing the "
			"mapping again and touching it are outside",
		REMAPS,
		MP_AXES(shrink_axes),
		.legal = mp_remap_legal,
		.setup = mp_remap_shrink_setup,
		.run = same_op_run,
		.run_apart = shrink_run_apart,
		.check = mp_remap_resize_check,
		.disarm = mp_remap_regrow_disarm,
	},
};

const struct mp_family mp_family_mremap =
	MP_FAMILY("mremap", "moving and resizing mappings", benches);

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * munmap: taking mappings away, with what is in them. How the mappings come to be, and how it is proved that
 * they were as claimed and are gone, is in support/unmap*.c; here are the timed operation, the axes and the
 * descriptors.
 */
#include "benchmarks/bench.h"
#include "benchmarks/loop.h"
#include "benchmarks/support/syscall.h"
#include "benchmarks/support/unmap.h"

static inline uint64_t unmap_op(struct mp_ctx *ctx, uint64_t i)
{
	struct mp_unmap_state *s = ctx->state;

	s->got[i] = mp_sys_munmap((void *)s->at[i], s->size);
	return s->got[i] == 0;
}
MP_DEFINE_RUN(unmap_op)

static inline void unmap_renew(struct mp_ctx *ctx)
{
	mp_unmap_renew(ctx->state);
}
MP_DEFINE_RUN_APART(unmap_op, unmap_renew)

/* The same, with a rest that stays after the call. */
static inline void part_renew(struct mp_ctx *ctx)
{
	struct mp_unmap_state *s = ctx->state;

	mp_sys_munmap((void *)(s->at[0] - s->offset), s->whole);
	mp_unmap_renew(s);
}
MP_DEFINE_RUN_APART_AS(part, unmap_op, part_renew)

/* Every call for the same range, in which nothing is mapped. */
static inline uint64_t hole_op(struct mp_ctx *ctx, uint64_t i)
{
	struct mp_unmap_state *s = ctx->state;
	int64_t got = mp_sys_munmap((void *)s->at[0], s->size);

	s->got[i & (MP_UNMAP_MAX - 1)] = got;
	return got == 0;
}
MP_DEFINE_RUN(hole_op)

#define SIZE(representative, all)                                                                  \
	{                                                                                          \
		.name = "size", .kind = MP_AXIS_SIZE, .values = (representative), .matrix = (all), \
		.min = 4096, .max = 1ULL << 40, .whole_pages = true, .scale = MP_SCALE_LOG2,       \
		.help = "bytes that one call unmaps"                                               \
	}
#define OUTSTANDING(representative)                                                                \
	{                                                                                          \
		.name = "outstanding", .kind = MP_AXIS_COUNT, .values = (representative),          \
		.matrix = "1,64", .min = 1, .max = MP_UNMAP_MAX, .scale = MP_SCALE_LOG2,           \
		.help = "mappings made, untimed, before they are unmapped one after the other; "   \
			"1: always the same hot one"                                               \
	}
#define EXTRA_VMAS                                                                                 \
	{                                                                                          \
		.name = "extra_vmas", .kind = MP_AXIS_COUNT, .values = "0",                        \
		.matrix = "0,1000,10000,60000", .max = 1000000, .scale = MP_SCALE_LOG2,            \
		.help = "mappings added to the process before, none of which merge"                \
	}
#define NEIGHBOURHOOD(representative)                                                              \
	{                                                                                          \
		.name = "neighbourhood", .kind = MP_AXIS_CHOICE, .values = (representative),       \
		.matrix = "isolated,merge", .choices = neighbourhoods,                             \
		.scale = MP_SCALE_CATEGORICAL,                                                     \
		.help = "isolated: the call removes a mapping; merge: it shortens the one that "   \
			"the unmapped had merged into"                                             \
	}
#define HUGE(representative)                                                                       \
	{                                                                                          \
		.name = "huge", .kind = MP_AXIS_CHOICE, .values = (representative),                \
		.matrix = "none,thp", .choices = huges, .needy = { { "thp", MP_NEED_THP } },       \
		.scale = MP_SCALE_CATEGORICAL,                                                     \
		.help = "how the pages are mapped: base pages, or transparent huge pages"          \
	}
#define TOUCH(words, representative, all)                                                          \
	{                                                                                          \
		.name = "touch", .kind = MP_AXIS_CHOICE, .values = (representative),               \
		.matrix = (all), .choices = (words), .scale = MP_SCALE_CATEGORICAL,                \
		.help = "what was done to every page before: nothing, a load, a store"             \
	}

#define BACKING(representative)                                                                    \
	{                                                                                          \
		.name = "backing", .kind = MP_AXIS_CHOICE, .values = (representative),             \
		.matrix = "memfd,disk,ramdisk", .choices = backings,                               \
		.needy = { { "ramdisk", MP_NEED_RAMDISK } }, .scale = MP_SCALE_CATEGORICAL,        \
		.help = "what is mapped: a memfd, a file in $TMPDIR, else in /var/tmp, or one on " \
			"a file system in memory"                                                  \
	}

static const char *const neighbourhoods[] = { "isolated", "merge", NULL };
static const char *const tables[] = { "warm", "cold", NULL };
static const char *const huges[] = { "none", "thp", NULL };
static const char *const touches[] = { "none", "read", "write", NULL };
static const char *const touches_some[] = { "read", "write", NULL };
static const char *const backings[] = { "memfd", "disk", "ramdisk", NULL };
static const char *const touchers[] = { "one", "all", NULL };
static const char *const states[] = { "clean", "dirty", NULL };
static const char *const rests[] = { "spin", "sleep", NULL };

static const struct mp_axis untouched_axes[] = {
	SIZE("page", "page,64K,2M-page,2M,2M+page,128M,1G"),
	NEIGHBOURHOOD("isolated,merge"),
	OUTSTANDING("1,64"),
	EXTRA_VMAS,
	{ .name = "page_tables",
	  .kind = MP_AXIS_CHOICE,
	  .values = "warm",
	  .matrix = "warm,cold",
	  .choices = tables,
	  .scale = MP_SCALE_CATEGORICAL,
	  .help = "the lowest page table: warm: a neighbour keeps one there; cold: none" },
};

static const struct mp_axis touched_axes[] = {
	SIZE("page,2M", "page,64K,2M-page,2M,2M+page,64M"),
	TOUCH(touches_some, "write", "read,write"),
	HUGE("none,thp"),
	NEIGHBOURHOOD("isolated"),
	OUTSTANDING("1"),
};

static const struct mp_axis part_axes[] = {
	SIZE("page", "page,64K,2M"),
	TOUCH(touches, "write", "none,write"),
	OUTSTANDING("1"),
};

static const struct mp_axis multi_axes[] = {
	{ .name = "count",
	  .kind = MP_AXIS_COUNT,
	  .values = "32",
	  .matrix = "2,8,32,128,1024",
	  .min = 2,
	  .max = 30000,
	  .scale = MP_SCALE_LOG2,
	  .help = "mappings of one page each that one call unmaps" },
	TOUCH(touches, "none,write", "none,write"),
};

static const struct mp_axis hole_axes[] = {
	SIZE("page", "page,2M,1G"),
	EXTRA_VMAS,
};

static const struct mp_axis file_axes[] = {
	SIZE("64K", "page,64K,2M,64M"),
	BACKING("memfd,disk"),
	{ .name = "state",
	  .kind = MP_AXIS_CHOICE,
	  .values = "clean,dirty",
	  .choices = states,
	  .scale = MP_SCALE_CATEGORICAL,
	  .help = "every page loaded from, or stored to, through the mapping" },
	OUTSTANDING("1"),
};

static const struct mp_axis file_shared_axes[] = {
	SIZE("64K", "page,64K,2M"),
	BACKING("memfd"),
	{ .name = "sharers",
	  .kind = MP_AXIS_COUNT,
	  .values = "1",
	  .matrix = "1,3,15",
	  .min = 1,
	  .max = 64,
	  .scale = MP_SCALE_LOG2,
	  .help = "other mappings of the same file, with every page present" },
};

static const struct mp_axis gaps_axes[] = {
	{ .name = "count",
	  .kind = MP_AXIS_COUNT,
	  .values = "32",
	  .matrix = "2,8,32,128,1024",
	  .min = 2,
	  .max = 30000,
	  .scale = MP_SCALE_LOG2,
	  .help = "mappings of one page each, with a hole of one page behind each" },
	TOUCH(touches, "write", "none,write"),
};

static const struct mp_axis part_page_axes[] = {
	TOUCH(touches, "write", "none,write"),
	OUTSTANDING("1"),
};

static const struct mp_axis hugetlb_axes[] = {
	{ .name = "hugepage",
	  .kind = MP_AXIS_SIZE,
	  .values = "hugetlb",
	  .matrix = "2M,1G",
	  .min = 4096,
	  .max = 1ULL << 40,
	  .needy = { { "*", MP_NEED_HUGETLB } },
	  .scale = MP_SCALE_LOG2,
	  .help = "bytes of a page of the pool" },
	SIZE("hugetlb", "hugetlb,64M,1G"),
	TOUCH(touches, "write", "none,write"),
};

static const struct mp_axis large_axes[] = {
	SIZE("256M", "256M,1G,4G"),
	HUGE("none,thp"),
	{ .name = "touched_by",
	  .kind = MP_AXIS_CHOICE,
	  .values = "all",
	  .matrix = "one,all",
	  .choices = touchers,
	  .scale = MP_SCALE_CATEGORICAL,
	  .help = "who stored to its pages: the CPU that unmaps, or every CPU to a slice" },
};

static const struct mp_axis shootdown_axes[] = {
	SIZE("page", "page,64K,2M"),
	{ .name = "helpers",
	  .kind = MP_AXIS_COUNT,
	  .values = "1",
	  .matrix = "1..cpus:x2",
	  .min = 1,
	  .max = MP_UNMAP_HELPERS,
	  .scale = MP_SCALE_LOG2,
	  .help = "threads on other CPUs that have touched every page" },
	{ .name = "helper",
	  .kind = MP_AXIS_CHOICE,
	  .values = "spin,sleep",
	  .choices = rests,
	  .scale = MP_SCALE_CATEGORICAL,
	  .help = "what they do during the call: spin in user mode, or sleep" },
};

/* What all have in common. */
#define COMMON(v)                                                                                  \
	.unit = "call", .version = (v), .modes = MP_MODE_CALL | MP_MODE_BATCH,                     \
	.state_size = sizeof(struct mp_unmap_state), .teardown = mp_unmap_teardown
#define OBJECTS                                                                                    \
	.arm = mp_unmap_arm, .run = unmap_op_run, .run_apart = unmap_op_run_apart,                 \
	.disarm = mp_unmap_disarm
#define PARTS                                                                                      \
	.arm = mp_unmap_arm, .run = unmap_op_run, .run_apart = part_run_apart,                     \
	.disarm = mp_unmap_part_disarm

static const struct mp_bench benches[] = {
	{
		.name = "munmap.file",
		.summary = "munmap(2) of a shared file mapping with all its pages present",
		.timed =
			"the raw munmap call; mapping the file and touching it are outside, and so "
			"is writing it back",
		COMMON(1),
		OBJECTS,
		.bytes_axis = "size",
		MP_AXES(file_axes),
		.legal = mp_unmap_file_legal,
		.setup = mp_unmap_file_setup,
		.check = mp_unmap_file_check,
	},
	{
		.name = "munmap.file_shared",
		.summary = "munmap(2) of a file mapping whose pages are mapped elsewhere, too",
		.timed = "the raw munmap call; the other mappings, mapping the file and loading "
			 "from every page are outside",
		COMMON(1),
		OBJECTS,
		.bytes_axis = "size",
		MP_AXES(file_shared_axes),
		.legal = mp_unmap_file_legal,
		.setup = mp_unmap_file_shared_setup,
		.check = mp_unmap_file_shared_check,
	},
	{
		.name = "munmap.gaps",
		.summary = "munmap(2) of a range with a hole behind every page",
		.timed = "the raw munmap call over all mappings and holes; making and touching "
			 "them is outside",
		COMMON(1),
		OBJECTS,
		MP_AXES(gaps_axes),
		.setup = mp_unmap_gaps_setup,
		.check = mp_unmap_multi_check,
	},
	{
		.name = "munmap.hole",
		.summary = "munmap(2) of a range in which nothing is mapped",
		.timed = "the raw munmap call, which finds nothing and returns 0",
		COMMON(1),
		MP_AXES(hole_axes),
		.legal = mp_unmap_slots_legal,
		.setup = mp_unmap_hole_setup,
		.arm = mp_unmap_hole_arm,
		.run = hole_op_run,
		.check = mp_unmap_hole_check,
	},
	{
		.name = "munmap.hugetlb",
		.summary = "munmap(2) of private hugetlb memory",
		.timed = "the raw munmap call, which gives the pages back to the pool; mapping and "
			 "touching are outside",
		COMMON(1),
		OBJECTS,
		.bytes_axis = "size",
		MP_AXES(hugetlb_axes),
		.legal = mp_unmap_hugetlb_legal,
		.setup = mp_unmap_hugetlb_setup,
		.check = mp_unmap_hugetlb_check,
	},
	{
		.name = "munmap.large",
		.summary = "munmap(2) of much touched private anonymous memory",
		.timed = "the raw munmap call, which frees the pages; mapping, and touching by "
			 "one CPU or by all, are outside",
		COMMON(1),
		.arm = mp_unmap_large_arm,
		.run = unmap_op_run,
		.disarm = mp_unmap_disarm,
		.bytes_axis = "size",
		MP_AXES(large_axes),
		.legal = mp_unmap_legal,
		.setup = mp_unmap_large_setup,
		.check = mp_unmap_large_check,
	},
	{
		.name = "munmap.multi",
		.summary = "munmap(2) of a row of separate mappings with one call",
		.timed = "the raw munmap call; making and touching the mappings is outside",
		COMMON(1),
		OBJECTS,
		MP_AXES(multi_axes),
		.setup = mp_unmap_multi_setup,
		.check = mp_unmap_multi_check,
	},
	{
		.name = "munmap.part_head",
		.summary = "munmap(2) of the first third of a private anonymous mapping",
		.timed =
			"the raw munmap call; mapping, touching and unmapping the rest are outside",
		COMMON(1),
		PARTS,
		.bytes_axis = "size",
		MP_AXES(part_axes),
		.legal = mp_unmap_part_legal,
		.setup = mp_unmap_head_setup,
		.check = mp_unmap_part_check,
	},
	{
		.name = "munmap.part_middle",
		.summary =
			"munmap(2) of the middle third of a private anonymous mapping: splits it",
		.timed =
			"the raw munmap call; mapping, touching and unmapping the rest are outside",
		COMMON(1),
		PARTS,
		.bytes_axis = "size",
		MP_AXES(part_axes),
		.legal = mp_unmap_part_legal,
		.setup = mp_unmap_middle_setup,
		.check = mp_unmap_part_check,
	},
	{
		.name = "munmap.part_page",
		.summary = "munmap(2) of one page in the middle of a mapping of one page table",
		.timed = "the raw munmap call, which splits the mapping; mapping, touching and "
			 "unmapping the rest are outside",
		COMMON(1),
		PARTS,
		MP_AXES(part_page_axes),
		.setup = mp_unmap_page_setup,
		.check = mp_unmap_part_check,
	},
	{
		.name = "munmap.part_tail",
		.summary = "munmap(2) of the last third of a private anonymous mapping",
		.timed =
			"the raw munmap call; mapping, touching and unmapping the rest are outside",
		COMMON(1),
		PARTS,
		.bytes_axis = "size",
		MP_AXES(part_axes),
		.legal = mp_unmap_part_legal,
		.setup = mp_unmap_tail_setup,
		.check = mp_unmap_part_check,
	},
	{
		.name = "munmap.shootdown",
		.summary = "munmap(2) of memory that threads on other CPUs have touched too",
		.timed =
			"the raw munmap call, with the flush of the other CPUs' TLBs that it waits "
			"for; mapping and touching are outside",
		COMMON(1),
		.arm = mp_unmap_shootdown_arm,
		.run = unmap_op_run,
		.disarm = mp_unmap_disarm,
		.bytes_axis = "size",
		MP_AXES(shootdown_axes),
		.legal = mp_unmap_shootdown_legal,
		.setup = mp_unmap_shootdown_setup,
		.check = mp_unmap_shootdown_check,
	},
	{
		.name = "munmap.touched",
		.summary = "munmap(2) of touched private anonymous memory",
		.timed =
			"the raw munmap call, which also frees the pages; mapping and touching are "
			"outside",
		COMMON(2), /* 2: what a mapping had merged with is in use */
		OBJECTS,
		.bytes_axis = "size",
		MP_AXES(touched_axes),
		.legal = mp_unmap_legal,
		.setup = mp_unmap_anon_setup,
		.check = mp_unmap_check,
	},
	{
		.name = "munmap.untouched",
		.summary = "munmap(2) of untouched private anonymous memory",
		.timed = "the raw munmap call, which looks through the page table where there is "
			 "one; mapping is outside",
		COMMON(2), /* 2: the page table is there, or not, by design; and as above */
		OBJECTS,
		MP_AXES(untouched_axes),
		.legal = mp_unmap_untouched_legal,
		.setup = mp_unmap_anon_setup,
		.check = mp_unmap_check,
	},
};

const struct mp_family mp_family_munmap = MP_FAMILY("munmap", "taking mappings away", benches);

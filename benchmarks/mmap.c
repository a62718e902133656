/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mmap: making mappings, and nothing but making them. What is mapped where is prepared, proved and undone in
 * support/map.c and support/map_check.c; here are the timed operations, the axes and the descriptors.
 */
#include "benchmarks/bench.h"
#include "benchmarks/loop.h"
#include "benchmarks/support/map.h"
#include "benchmarks/support/syscall.h"

#include <errno.h>

static inline int64_t map(struct mp_map_state *s, uint64_t address, uint64_t prot)
{
	return mp_sys_mmap((void *)address, s->size, s->prot[prot], s->flags, s->fd, 0);
}

/* The i-th mapping, at the i-th address (NULL: anywhere). */
static inline uint64_t map_op(struct mp_ctx *ctx, uint64_t i)
{
	struct mp_map_state *s = ctx->state;

	s->got[i] = map(s, s->want[i], i & 1);
	return !mp_sys_failed(s->got[i]);
}
MP_DEFINE_RUN(map_op)

static inline void map_renew(struct mp_ctx *ctx)
{
	struct mp_map_state *s = ctx->state;

	mp_sys_munmap((void *)s->got[0], s->size);
	s->got[0] = 0;
}
MP_DEFINE_RUN_APART(map_op, map_renew)

/* The same, over what has been touched; the call itself undoes the one before. */
static inline void over_renew(struct mp_ctx *ctx)
{
	struct mp_map_state *s = ctx->state;

	mp_map_touch(s, 0);
	s->got[0] = 0;
}
MP_DEFINE_RUN_APART_AS(over, map_op, over_renew)

/* Every call at the same address; the answers go into a ring. */
static inline uint64_t again_op(struct mp_ctx *ctx, uint64_t i)
{
	struct mp_map_state *s = ctx->state;
	int64_t got = map(s, s->want[0], 0);

	s->got[i & (MP_MAP_MAX - 1)] = got;
	return !mp_sys_failed(got);
}
MP_DEFINE_RUN(again_op)

static inline uint64_t taken_op(struct mp_ctx *ctx, uint64_t i)
{
	struct mp_map_state *s = ctx->state;
	int64_t got = map(s, s->want[0], 0);

	s->got[i & (MP_MAP_MAX - 1)] = got;
	return got == -EEXIST;
}
MP_DEFINE_RUN(taken_op)

static inline uint64_t close_op(struct mp_ctx *ctx, uint64_t i)
{
	struct mp_map_state *s = ctx->state;

	s->got[i] = mp_syscall3(SYS_close, (long)s->want[i], 0, 0);
	return s->got[i] == 0;
}
MP_DEFINE_RUN(close_op)

static inline uint64_t refused_op(struct mp_ctx *ctx, uint64_t i)
{
	struct mp_map_state *s = ctx->state;
	int64_t got = map(s, 0, 0);

	s->got[i & (MP_MAP_MAX - 1)] = got;
	return got == -ENOMEM;
}
MP_DEFINE_RUN(refused_op)

static inline uint64_t pair_op(struct mp_ctx *ctx, uint64_t i)
{
	struct mp_map_state *s = ctx->state;
	int64_t got = map(s, 0, 0);

	s->got[i & (MP_MAP_MAX - 1)] = got;
	return mp_sys_munmap((void *)got, s->size) == 0;
}
MP_DEFINE_RUN(pair_op)

#define SIZE(representative, all)                                                                  \
	{                                                                                          \
		.name = "size", .kind = MP_AXIS_SIZE, .values = (representative), .matrix = (all), \
		.min = 4096, .max = 1ULL << 40, .whole_pages = true, .scale = MP_SCALE_LOG2,       \
		.help = "bytes of one mapping"                                                     \
	}
#define OUTSTANDING(representative)                                                                \
	{                                                                                          \
		.name = "outstanding", .kind = MP_AXIS_COUNT, .values = (representative),          \
		.matrix = "1,64,1024", .min = 1, .max = MP_MAP_MAX, .scale = MP_SCALE_LOG2,        \
		.help = "mappings made before they are all unmapped again, untimed; 1: always "    \
			"the same hot one"                                                         \
	}
#define EXTRA_VMAS                                                                                 \
	{                                                                                          \
		.name = "extra_vmas", .kind = MP_AXIS_COUNT, .values = "0",                        \
		.matrix = "0,1000,10000,60000", .max = 1000000, .scale = MP_SCALE_LOG2,            \
		.help = "mappings added to the process before, none of which merge"                \
	}
#define NEIGHBOURHOOD                                                                              \
	{                                                                                          \
		.name = "neighbourhood", .kind = MP_AXIS_CHOICE, .values = "isolated,merge",       \
		.choices = neighbourhoods, .scale = MP_SCALE_CATEGORICAL,                          \
		.help = "isolated: every mapping is one of its own; merge: it extends the one "    \
			"beside it"                                                                \
	}
#define HUGE(representative)                                                                       \
	{                                                                                          \
		.name = "huge", .kind = MP_AXIS_CHOICE, .values = (representative),                \
		.matrix = "none,thp", .choices = huges, .needy = { { "thp", MP_NEED_THP } },       \
		.scale = MP_SCALE_CATEGORICAL,                                                     \
		.help = "pages that become present: only base pages, or transparent huge pages"    \
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
static const char *const huges[] = { "none", "thp", NULL };
static const char *const backings[] = { "memfd", "disk", "ramdisk", NULL };
static const char *const overcommits[] = { "heuristic", "always", "never", NULL };
static const char *const sharings[] = { "private", "shared", NULL };

static const struct mp_axis anon_axes[] = {
	SIZE("page,2M", "page,64K,2M-page,2M,2M+page,128M,1G"),
	NEIGHBOURHOOD,
	OUTSTANDING("1,64"),
	EXTRA_VMAS,
};

static const struct mp_axis shmem_axes[] = {
	SIZE("page", "page,64K,2M,128M,1G"),
	OUTSTANDING("1,64"),
};

static const struct mp_axis file_axes[] = {
	SIZE("page", "page,64K,2M,128M"),
	BACKING("memfd,disk"),
	{ .name = "sharing",
	  .kind = MP_AXIS_CHOICE,
	  .values = "private,shared",
	  .choices = sharings,
	  .scale = MP_SCALE_CATEGORICAL,
	  .help = "MAP_PRIVATE or MAP_SHARED" },
	OUTSTANDING("1"),
};

static const struct mp_axis slot_axes[] = {
	SIZE("page", "page,64K,2M-page,2M,2M+page"),
	OUTSTANDING("1"),
};

static const struct mp_axis over_axes[] = {
	SIZE("page", "page,64K,2M,128M"),
};

static const struct mp_axis over_touched_axes[] = {
	SIZE("page,2M", "page,64K,2M"),
	HUGE("none"),
	OUTSTANDING("1"),
};

static const struct mp_axis taken_axes[] = {
	SIZE("page", "page,2M,128M"),
	EXTRA_VMAS,
};

static const struct mp_axis hint_taken_axes[] = {
	SIZE("page", "page,64K,2M"),
	OUTSTANDING("1"),
	EXTRA_VMAS,
};

static const struct mp_axis populate_axes[] = {
	SIZE("page,2M", "page,64K,2M-page,2M,2M+page,16M"),
	HUGE("none"),
	OUTSTANDING("1"),
};

static const struct mp_axis locked_axes[] = {
	SIZE("page,2M", "page,64K,2M-page,2M,2M+page,16M"),
	HUGE("none"),
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
	{ .name = "reserve",
	  .kind = MP_AXIS_FLAG,
	  .values = "yes",
	  .matrix = "no,yes",
	  .help = "does the call reserve pages of the pool, or is it made with MAP_NORESERVE" },
	SIZE("hugetlb", "hugetlb,64M,1G"),
	OUTSTANDING("1"),
};

static const struct mp_axis flag_axes[] = {
	SIZE("2M", "page,2M,128M,1G"),
};

static const struct mp_axis populate_file_axes[] = {
	SIZE("2M", "page,64K,2M,16M"),
	BACKING("memfd"),
};

static const struct mp_axis close_axes[] = {
	SIZE("2M", "page,64K,2M,16M"),
	{ .name = "touched",
	  .kind = MP_AXIS_FLAG,
	  .values = "yes",
	  .matrix = "no,yes",
	  .help = "does the memfd hold a page everywhere, or none" },
	OUTSTANDING("1"),
};

static const struct mp_axis overcommit_axes[] = {
	{ .name = "mode",
	  .kind = MP_AXIS_CHOICE,
	  .values = "never",
	  .matrix = "heuristic,always,never",
	  .choices = overcommits,
	  .needy = { { "*", MP_NEED_OVERCOMMIT } },
	  .scale = MP_SCALE_CATEGORICAL,
	  .help = "how the kernel accounts for it: vm.overcommit_memory 0, 1 or 2" },
	SIZE("2M", "page,2M,1G"),
	OUTSTANDING("1"),
};

static const struct mp_axis rlimit_axes[] = {
	SIZE("page", "page,2M,128M"),
};

static const struct mp_axis search_axes[] = {
	{ .name = "holes",
	  .kind = MP_AXIS_COUNT,
	  .values = "1000",
	  .matrix = "0,100,1000,10000,30000",
	  .max = 1000000,
	  .scale = MP_SCALE_LOG2,
	  .help = "holes of three pages before the one of four pages" },
};

static const struct mp_axis pair_axes[] = {
	SIZE("page,128M", "page,64K,2M,128M"),
	NEIGHBOURHOOD,
	{ .name = "threads",
	  .kind = MP_AXIS_COUNT,
	  .values = "1",
	  .matrix = "1..cores:x2",
	  .min = 1,
	  .max = 256,
	  .scale = MP_SCALE_LOG2,
	  .help = "threads that map and unmap at the same time in one address space" },
};

/* What all have in common. */
#define COMMON(v)                                                                                  \
	.unit = "call", .version = (v), .modes = MP_MODE_CALL | MP_MODE_BATCH,                     \
	.state_size = sizeof(struct mp_map_state), .teardown = mp_map_teardown
#define MAPS                                                                                       \
	.arm = mp_map_arm, .run = map_op_run, .run_apart = map_op_run_apart, .disarm = mp_map_disarm

static const struct mp_bench benches[] = {
	{
		.name = "mmap.anon",
		.summary = "mmap(2) of private anonymous memory, not touched",
		.timed = "the raw mmap call with address NULL and its result stored; unmapping is "
			 "outside",
		COMMON(2), /* 2: what a mapping merges with is in use */
		MAPS,
		MP_AXES(anon_axes),
		.legal = mp_map_legal,
		.setup = mp_map_anon_setup,
		.check = mp_map_new_check,
	},
	{
		.name = "mmap.file",
		.summary = "mmap(2) of a file, not touched",
		.timed = "the raw mmap call of an open file from offset 0; creating the file and "
			 "unmapping are outside",
		COMMON(1),
		MAPS,
		MP_AXES(file_axes),
		.legal = mp_map_file_legal,
		.setup = mp_map_file_setup,
		.check = mp_map_new_check,
	},
	{
		.name = "mmap.fixed_hole",
		.summary = "mmap(2) with MAP_FIXED where nothing is mapped",
		.timed = "the raw mmap call with MAP_FIXED into a hole of exactly its size; "
			 "unmapping is outside",
		COMMON(1),
		MAPS,
		MP_AXES(slot_axes),
		.legal = mp_map_slots_legal,
		.setup = mp_map_fixed_hole_setup,
		.check = mp_map_at_check,
	},
	{
		.name = "mmap.fixed_over_touched",
		.summary = "mmap(2) with MAP_FIXED over touched private anonymous memory",
		.timed =
			"the raw mmap call with MAP_FIXED, which also unmaps a mapping of the same "
			"range and frees its pages; touching them is outside",
		COMMON(1),
		.bytes_axis = "size",
		MP_AXES(over_touched_axes),
		.legal = mp_map_slots_legal,
		.setup = mp_map_fixed_touched_setup,
		.arm = mp_map_touch_arm,
		.run = map_op_run,
		.run_apart = over_run_apart,
		.check = mp_map_over_check,
	},
	{
		.name = "mmap.fixed_over_untouched",
		.summary = "mmap(2) with MAP_FIXED over untouched private anonymous memory",
		.timed = "the raw mmap call with MAP_FIXED, which also unmaps the mapping that the "
			 "call before made",
		COMMON(1),
		MP_AXES(over_axes),
		.legal = mp_map_slots_legal,
		.setup = mp_map_fixed_over_setup,
		.arm = mp_map_arm,
		.run = again_op_run,
		.check = mp_map_last_check,
	},
	{
		.name = "mmap.growsdown",
		.summary = "mmap(2) of a stack: MAP_GROWSDOWN, not touched",
		.timed = "the raw mmap call of private anonymous memory with MAP_GROWSDOWN, which "
			 "keeps a gap below it; unmapping is outside",
		COMMON(1),
		MAPS,
		MP_AXES(flag_axes),
		.legal = mp_map_legal,
		.setup = mp_map_growsdown_setup,
		.check = mp_map_flag_check,
	},
	{
		.name = "mmap.hint_free",
		.summary = "mmap(2) with a hint that is free",
		.timed =
			"the raw mmap call with the address of a hole of exactly its size, without "
			"MAP_FIXED; unmapping is outside",
		COMMON(1),
		MAPS,
		MP_AXES(slot_axes),
		.legal = mp_map_slots_legal,
		.setup = mp_map_hint_free_setup,
		.check = mp_map_at_check,
	},
	{
		.name = "mmap.hint_taken",
		.summary = "mmap(2) with a hint that is taken: the kernel chooses another address",
		.timed = "the raw mmap call with the address of an existing mapping, without "
			 "MAP_FIXED; unmapping is outside",
		COMMON(1),
		MAPS,
		MP_AXES(hint_taken_axes),
		.legal = mp_map_slots_legal,
		.setup = mp_map_hint_taken_setup,
		.check = mp_map_elsewhere_check,
	},
	{
		.name = "mmap.hugetlb",
		.summary = "mmap(2) of private hugetlb memory, not touched",
		.timed = "the raw mmap call with MAP_HUGETLB, which reserves pages of the pool "
			 "(reserve=yes); unmapping is outside",
		COMMON(2), /* 2: pages of any size, and none reserved */
		MAPS,
		MP_AXES(hugetlb_axes),
		.legal = mp_map_hugetlb_legal,
		.setup = mp_map_hugetlb_setup,
		.check = mp_map_hugetlb_check,
	},
	{
		.name = "mmap.locked",
		.summary = "mmap(2) with MAP_LOCKED: allocates, clears, maps and locks every page",
		.timed = "the raw mmap call with MAP_LOCKED; unmapping is outside",
		COMMON(1),
		MAPS,
		.needs = MP_NEED_MEMLOCK,
		.bytes_axis = "size",
		MP_AXES(locked_axes),
		.legal = mp_map_resident_legal,
		.setup = mp_map_locked_setup,
		.check = mp_map_locked_check,
	},
	{
		.name = "mmap.memfd_close",
		.summary = "close(2) of the last reference to a memfd",
		.timed = "the raw close call, which deletes the file and frees its pages; making "
			 "and filling it are outside",
		COMMON(1),
		MP_AXES(close_axes),
		.legal = mp_map_resident_legal,
		.setup = mp_map_close_setup,
		.arm = mp_map_close_arm,
		.run = close_op_run,
		.check = mp_map_close_check,
		.disarm = mp_map_close_disarm,
	},
	{
		.name = "mmap.noreplace",
		.summary = "mmap(2) with MAP_FIXED_NOREPLACE where nothing is mapped",
		.timed = "the raw mmap call with MAP_FIXED_NOREPLACE into a hole of exactly its "
			 "size; unmapping is outside",
		COMMON(1),
		MAPS,
		MP_AXES(slot_axes),
		.legal = mp_map_slots_legal,
		.setup = mp_map_noreplace_setup,
		.check = mp_map_at_check,
	},
	{
		.name = "mmap.noreplace_taken",
		.summary = "mmap(2) with MAP_FIXED_NOREPLACE over a mapping: refused",
		.timed = "the raw mmap call that returns EEXIST; nothing is made or undone",
		COMMON(1),
		MP_AXES(taken_axes),
		.legal = mp_map_slots_legal,
		.setup = mp_map_taken_setup,
		.arm = mp_map_arm,
		.run = taken_op_run,
		.check = mp_map_taken_check,
	},
	{
		.name = "mmap.noreserve",
		.summary = "mmap(2) of private anonymous memory with MAP_NORESERVE, not touched",
		.timed = "the raw mmap call, which accounts for nothing unless "
			 "vm.overcommit_memory is 2; "
			 "unmapping is outside",
		COMMON(1),
		MAPS,
		MP_AXES(flag_axes),
		.legal = mp_map_legal,
		.setup = mp_map_noreserve_setup,
		.check = mp_map_flag_check,
	},
	{
		.name = "mmap.overcommit",
		.summary = "mmap(2) of private anonymous memory in a mode of overcommitting",
		.timed = "the raw mmap call, which accounts for memory that may be written; the "
			 "mode is set before, unmapping is outside",
		COMMON(1),
		MAPS,
		MP_AXES(overcommit_axes),
		.legal = mp_map_legal,
		.setup = mp_map_anon_setup,
		.check = mp_map_overcommit_check,
	},
	{
		.name = "mmap.pair",
		.summary = "mmap(2) and munmap(2) of untouched anonymous memory, as one pair",
		.timed = "the two raw calls one after the other; nothing is outside. The page "
			 "table of a small mapping is in place, kept there by a neighbour",
		.unit = "pair",
		.version = 2, /* 2: a small pair finds its page table in place */
		.modes = MP_MODE_CALL | MP_MODE_BATCH | MP_MODE_RATE,
		MP_AXES(pair_axes),
		.state_size = sizeof(struct mp_map_state),
		.legal = mp_map_pair_legal,
		.setup = mp_map_pair_setup,
		.arm = mp_map_pair_arm,
		.run = pair_op_run,
		.check = mp_map_pair_check,
		.teardown = mp_map_teardown,
	},
	{
		.name = "mmap.populate",
		.summary = "mmap(2) with MAP_POPULATE: allocates, clears and maps every page",
		.timed = "the raw mmap call of private anonymous memory with MAP_POPULATE; "
			 "unmapping is outside",
		COMMON(1),
		MAPS,
		.bytes_axis = "size",
		MP_AXES(populate_axes),
		.legal = mp_map_resident_legal,
		.setup = mp_map_populate_setup,
		.check = mp_map_resident_check,
	},
	{
		.name = "mmap.populate_file",
		.summary = "mmap(2) with MAP_POPULATE of a file in the page cache",
		.timed = "the raw mmap call of a shared mapping with MAP_POPULATE, which maps "
			 "every cached page; reading the file and unmapping are outside",
		COMMON(1),
		MAPS,
		.bytes_axis = "size",
		MP_AXES(populate_file_axes),
		.legal = mp_map_populate_file_legal,
		.setup = mp_map_populate_file_setup,
		.check = mp_map_resident_check,
	},
	{
		.name = "mmap.prot_none",
		.summary = "mmap(2) of a range without access: a reservation of addresses",
		.timed = "the raw mmap call of private anonymous memory with PROT_NONE; unmapping "
			 "is outside",
		COMMON(1),
		MAPS,
		MP_AXES(flag_axes),
		.legal = mp_map_legal,
		.setup = mp_map_prot_none_setup,
		.check = mp_map_prot_none_check,
	},
	{
		.name = "mmap.rlimit_as",
		.summary = "mmap(2) beyond RLIMIT_AS: refused",
		.timed = "the raw mmap call that returns ENOMEM, after its search for an address; "
			 "setting the limit is outside",
		COMMON(1),
		MP_AXES(rlimit_axes),
		.legal = mp_map_legal,
		.setup = mp_map_rlimit_setup,
		.arm = mp_map_rlimit_arm,
		.run = refused_op_run,
		.check = mp_map_refused_check,
		.disarm = mp_map_rlimit_disarm,
	},
	{
		.name = "mmap.search_worst",
		.summary = "mmap(2) when the first hole that is large enough lies behind many that "
			   "are "
			   "not",
		.timed = "the raw mmap call of four pages with address NULL; unmapping is outside",
		COMMON(1),
		MAPS,
		MP_AXES(search_axes),
		.setup = mp_map_search_setup,
		.check = mp_map_search_check,
	},
	{
		.name = "mmap.shmem_anon",
		.summary = "mmap(2) of shared anonymous memory, not touched",
		.timed =
			"the raw mmap call with MAP_SHARED and MAP_ANONYMOUS, which creates a file "
			"of the kernel's tmpfs; unmapping, which deletes it, is outside",
		COMMON(1),
		MAPS,
		MP_AXES(shmem_axes),
		.legal = mp_map_legal,
		.setup = mp_map_shmem_setup,
		.check = mp_map_new_check,
	},
};

const struct mp_family mp_family_mmap = MP_FAMILY("mmap", "making mappings", benches);

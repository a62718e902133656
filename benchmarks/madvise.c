/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * madvise: every advice, its call and what follows from it as benchmarks apart. From which state into which an advice
 * takes its memory is said in support/madvise_plan.c; how it comes into that state and how both are proved, in
 * support/subject*.c; here are the timed operations, the axes and the descriptors.
 *
 * Left out on purpose: MADV_HWPOISON and MADV_SOFT_OFFLINE, which take memory away from the machine.
 */
#include "benchmarks/bench.h"

#include <errno.h>

#include "benchmarks/loop.h"
#include "benchmarks/support/advice.h"
#include "benchmarks/support/madvise_plan.h"
#include "benchmarks/support/subject.h"
#include "benchmarks/support/syscall.h"

#define RESIDENT_MAX   (16u << 20) /* bytes whose residency one call can ask for */
#define RESIDENT_POLLS 10000000u

static int advise_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	return mp_subject_setup(ctx, mp_madvise_plans, mp_n_madvise_plans, err);
}

/* The call alone, on memory in the state that the advice is about: the same operation with every kind of steps before it. */
static inline uint64_t advise(struct mp_ctx *ctx, uint64_t i)
{
	struct mp_subject *s = ctx->state;

	s->got[i] = mp_sys_madvise((void *)s->at[i], s->size, s->advice);
	return s->got[i] == 0;
}
#define ADVISE_AFTER(op, renew)                                                                    \
	static inline uint64_t op(struct mp_ctx *ctx, uint64_t i)                                  \
	{                                                                                          \
		return advise(ctx, i);                                                             \
	}                                                                                          \
	MP_DEFINE_RUN(op)                                                                          \
	MP_DEFINE_RUN_APART(op, renew)

ADVISE_AFTER(after_any, mp_subject_renew)
ADVISE_AFTER(after_advise, mp_subject_renew_advise)
ADVISE_AFTER(after_store, mp_subject_renew_store)
ADVISE_AFTER(after_fresh, mp_subject_renew_fresh)
ADVISE_AFTER(after_load, mp_subject_renew_load)

/* The call, until it answers anything but EAGAIN: support/advice.h. */
static inline uint64_t collapse_op(struct mp_ctx *ctx, uint64_t i)
{
	const struct mp_subject *s = ctx->state;
	int tries = MP_ADVICE_TRIES;
	uint64_t done;

	do
		done = advise(ctx, i);
	while (s->got[i] == -EAGAIN && --tries);
	return done;
}
MP_DEFINE_RUN(collapse_op)
MP_DEFINE_RUN_APART(collapse_op, mp_subject_renew)

/* The call, and a store to every page of the range. */
static inline uint64_t reuse_op(struct mp_ctx *ctx, uint64_t i)
{
	struct mp_subject *s = ctx->state;
	int64_t got = mp_sys_madvise((void *)s->at[0], s->size, s->advice);

	mp_subject_store(s->at[0], s->size, s->page);
	s->got[i & (MP_SUBJECT_MAX - 1)] = got;
	return got == 0;
}
MP_DEFINE_RUN(reuse_op)

/* madvise.willneed_resident: the call, and asking mincore(2) until the last page has arrived. */
struct arrival {
	struct mp_subject subject;
	unsigned char answer[RESIDENT_MAX / 4096];
};

static inline uint64_t arrive_op(struct mp_ctx *ctx, uint64_t i)
{
	struct arrival *a = ctx->state;
	struct mp_subject *s = &a->subject;
	uint64_t pages = s->size / s->page, here = 0;

	s->got[i] = mp_sys_madvise((void *)s->at[i], s->size, s->advice);
	/* the first page that is missing is where the next look goes on */
	for (uint64_t polls = 0; here < pages && polls < RESIDENT_POLLS; polls++) {
		if (mp_sys_mincore((void *)(s->at[i] + here * s->page), s->size - here * s->page,
				   a->answer))
			continue;
		for (uint64_t k = 0; here < pages && a->answer[k] & 1; k++)
			here++;
	}
	return s->got[i] == 0 && here == pages;
}
MP_DEFINE_RUN(arrive_op)
MP_DEFINE_RUN_APART(arrive_op, mp_subject_renew)

/* Axes */

static const char *const huge_words[] = { "none", "thp", NULL };
static const char *const vma_words[] = { "whole", "split", "merge", NULL };
static const char *const touch_words[] = { "none", "write", NULL };
static const char *const anon_words[] = { "anon", "memfd", NULL };
static const char *const file_words[] = { "memfd", "disk", NULL };

#define CHOICE(axis_name, words, representative, all, text)                                        \
	{                                                                                          \
		.name = (axis_name), .kind = MP_AXIS_CHOICE, .choices = (words),                   \
		.values = (representative), .matrix = (all), .scale = MP_SCALE_CATEGORICAL,        \
		.help = (text)                                                                     \
	}
#define SIZE_TO(most, representative, all)                                                         \
	{                                                                                          \
		.name = "size", .kind = MP_AXIS_SIZE, .values = (representative), .matrix = (all), \
		.min = 4096, .max = (most), .whole_pages = true, .scale = MP_SCALE_LOG2,           \
		.help = "bytes that one call is about"                                             \
	}
#define SIZE(representative, all) SIZE_TO(1ULL << 30, representative, all)
#define HUGE(representative)                                                                       \
	{                                                                                          \
		.name = "huge", .kind = MP_AXIS_CHOICE, .values = (representative),                \
		.matrix = "none,thp", .choices = huge_words, .needy = { { "thp", MP_NEED_THP } },  \
		.scale = MP_SCALE_CATEGORICAL,                                                     \
		.help = "page size, by advice: the base page, or a transparent huge page"          \
	}
#define TOUCH(representative)                                                                      \
	CHOICE("touch", touch_words, representative, "none,write",                                 \
	       "what was done to every page before: nothing, or a store")
#define VMA(representative)                                                                        \
	CHOICE("vma", vma_words, representative, "whole,split,merge",                              \
	       "whole: the call is about all of a mapping; split: about the middle third, which "  \
	       "becomes a mapping of its own; merge: its neighbours have the advice, and it "      \
	       "joins "                                                                            \
	       "them")
#define OUTSTANDING                                                                                \
	{                                                                                          \
		.name = "outstanding", .kind = MP_AXIS_COUNT, .values = "1", .matrix = "1,64",     \
		.min = 1, .max = MP_SUBJECT_MAX, .scale = MP_SCALE_LOG2,                           \
		.help = "ranges prepared, untimed, before they are advised one after the other; "  \
			"1: always the same hot one"                                               \
	}

static const struct mp_axis split_flag_axes[] = {
	SIZE("page", "page,64K,2M"),
	TOUCH("write"),
	VMA("whole,split"),
	OUTSTANDING,
};
static const struct mp_axis flag_axes[] = {
	SIZE("page", "page,64K,2M"),
	TOUCH("write"),
	VMA("whole"),
	OUTSTANDING,
};
static const struct mp_axis huge_flag_axes[] = {
	SIZE("hugepage", "page,hugepage,64M"),
	TOUCH("write"),
	VMA("whole"),
	OUTSTANDING,
};
static const struct mp_axis merge_axes[] = {
	SIZE("64K", "page,64K,2M"),
	TOUCH("write"),
	VMA("whole"),
	OUTSTANDING,
};
static const struct mp_axis pages_axes[] = {
	SIZE("page,2M", "page,64K,2M-page,2M,2M+page,64M"),
	HUGE("none,thp"),
	OUTSTANDING,
};
static const struct mp_axis small_axes[] = {
	SIZE("64K", "page,64K,2M,64M"),
	HUGE("none"),
	OUTSTANDING,
};
static const struct mp_axis again_axes[] = {
	SIZE("page,2M", "page,64K,2M,64M"),
	HUGE("none"),
};
static const struct mp_axis locked_axes[] = {
	SIZE("64K", "page,64K,2M"),
	OUTSTANDING,
};
static const struct mp_axis multi_axes[] = {
	{ .name = "count",
	  .kind = MP_AXIS_COUNT,
	  .values = "2,32",
	  .matrix = "2,8,32,256",
	  .min = 2,
	  .max = 4096,
	  .scale = MP_SCALE_LOG2,
	  .help = "mappings of one page each, side by side, that one call is about" },
};
static const struct mp_axis willneed_axes[] = {
	SIZE_TO(RESIDENT_MAX, "2M", "page,64K,2M,16M"),
};
static const struct mp_axis pageout_axes[] = {
	SIZE("64K", "page,64K,2M"),
};
static const struct mp_axis collapse_axes[] = {
	SIZE("hugepage", "hugepage,16M"),
};
static const struct mp_axis populate_read_axes[] = {
	SIZE("2M", "page,64K,2M,16M"),
};
static const struct mp_axis populate_axes[] = {
	SIZE("2M", "page,64K,2M,16M"),
	HUGE("none,thp"),
	CHOICE("backing", anon_words, "anon", "anon,memfd",
	       "private anonymous memory, or a memfd that holds the pages already"),
};
static const struct mp_axis remove_axes[] = {
	SIZE("64K", "page,64K,2M"),
	CHOICE("backing", file_words, "memfd", "memfd,disk",
	       "the file: a memfd, or one in $TMPDIR or /var/tmp"),
};
static const struct mp_axis guard_axes[] = {
	SIZE("page", "page,64K,2M"),
	TOUCH("none,write"),
	OUTSTANDING,
};
static const struct mp_axis unguard_axes[] = {
	SIZE("page", "page,64K,2M"),
	OUTSTANDING,
};

/* What all have in common; and what the calls alone have, and those with anonymous memory. */
#define HOOKS                                                                                      \
	.unit = "call", .version = 1, .modes = MP_MODE_CALL | MP_MODE_BATCH,                       \
	.setup = advise_setup, .arm = mp_subject_arm, .check = mp_subject_check,                   \
	.disarm = mp_subject_disarm, .teardown = mp_subject_teardown
#define COMMON(axes_array) HOOKS, MP_AXES(axes_array), .legal = mp_subject_legal
#define CALL(op)                                                                                   \
	.state_size = sizeof(struct mp_subject), .run = op##_run, .run_apart = op##_run_apart
#define REUSE .state_size = sizeof(struct mp_subject), .run = reuse_op_run
#define ANON  .binds_mappings = true

#define ONE_CALL "one raw madvise call; "
#define UNDONE	 "the call that takes it back, and touching the pages, are outside"

static const struct mp_bench benches[] = {
	{
		.name = "madvise.normal",
		.summary = "madvise(MADV_NORMAL) of memory advised MADV_RANDOM",
		.timed = ONE_CALL UNDONE,
		COMMON(flag_axes),
		CALL(after_advise),
		ANON,
	},
	{
		.name = "madvise.random",
		.summary = "madvise(MADV_RANDOM)",
		.timed = ONE_CALL UNDONE,
		COMMON(split_flag_axes),
		CALL(after_advise),
		ANON,
	},
	{
		.name = "madvise.sequential",
		.summary = "madvise(MADV_SEQUENTIAL)",
		.timed = ONE_CALL UNDONE,
		COMMON(flag_axes),
		CALL(after_advise),
		ANON,
	},
	{
		.name = "madvise.dontfork",
		.summary = "madvise(MADV_DONTFORK): children do not get the memory",
		.timed = ONE_CALL UNDONE,
		COMMON(flag_axes),
		CALL(after_advise),
		ANON,
	},
	{
		.name = "madvise.dofork",
		.summary = "madvise(MADV_DOFORK) of memory advised MADV_DONTFORK",
		.timed = ONE_CALL UNDONE,
		COMMON(flag_axes),
		CALL(after_advise),
		ANON,
	},
	{
		.name = "madvise.wipeonfork",
		.summary = "madvise(MADV_WIPEONFORK): children find zeroes",
		.timed = ONE_CALL UNDONE,
		COMMON(flag_axes),
		CALL(after_advise),
		ANON,
	},
	{
		.name = "madvise.keeponfork",
		.summary = "madvise(MADV_KEEPONFORK) of memory advised MADV_WIPEONFORK",
		.timed = ONE_CALL UNDONE,
		COMMON(flag_axes),
		CALL(after_advise),
		ANON,
	},
	{
		.name = "madvise.dontdump",
		.summary = "madvise(MADV_DONTDUMP): core dumps leave the memory out",
		.timed = ONE_CALL UNDONE,
		COMMON(flag_axes),
		CALL(after_advise),
		ANON,
	},
	{
		.name = "madvise.dodump",
		.summary = "madvise(MADV_DODUMP) of memory advised MADV_DONTDUMP",
		.timed = ONE_CALL UNDONE,
		COMMON(flag_axes),
		CALL(after_advise),
		ANON,
	},
	{
		.name = "madvise.hugepage",
		.summary = "madvise(MADV_HUGEPAGE) of memory advised MADV_NOHUGEPAGE",
		.timed = ONE_CALL
		"it also registers the process with khugepaged, the first time; " UNDONE,
		COMMON(huge_flag_axes),
		.needs = MP_NEED_THP,
		CALL(after_advise),
		ANON,
	},
	{
		.name = "madvise.nohugepage",
		.summary = "madvise(MADV_NOHUGEPAGE) of memory advised MADV_HUGEPAGE",
		.timed = ONE_CALL UNDONE,
		COMMON(huge_flag_axes),
		.needs = MP_NEED_THP,
		CALL(after_advise),
		ANON,
	},
	{
		.name = "madvise.mergeable",
		.summary = "madvise(MADV_MERGEABLE): equal pages may become one",
		.timed = ONE_CALL "it also registers the process with KSM, the first time; merging "
				  "is KSM's, later; " UNDONE,
		COMMON(merge_axes),
		.needs = MP_NEED_KSM,
		CALL(after_advise),
		ANON,
	},
	{
		.name = "madvise.unmergeable",
		.summary = "madvise(MADV_UNMERGEABLE) of memory that KSM has not merged",
		.timed = ONE_CALL
		"which looks through the pages for merged ones, and finds none; " UNDONE,
		COMMON(merge_axes),
		.needs = MP_NEED_KSM,
		CALL(after_advise),
		ANON,
	},
	{
		.name = "madvise.dontneed",
		.summary = "madvise(MADV_DONTNEED) of touched anonymous memory",
		.timed = ONE_CALL "which frees the pages; touching them is outside",
		COMMON(pages_axes),
		.bytes_axis = "size",
		CALL(after_store),
		ANON,
	},
	{
		.name = "madvise.dontneed_split",
		.summary = "madvise(MADV_DONTNEED) of one base page of a transparent huge page",
		.timed =
			ONE_CALL "which splits the mapping of the huge page; making another one is "
				 "outside, and so is splitting the page itself, later",
		HOOKS,
		.needs = MP_NEED_THP,
		CALL(after_any),
		ANON,
	},
	{
		.name = "madvise.dontneed_multi",
		.summary = "madvise(MADV_DONTNEED) of touched memory in several mappings",
		.timed = ONE_CALL
		"which takes the lock of the address space, not of one mapping, and "
		"frees the pages; touching them is outside",
		COMMON(multi_axes),
		CALL(after_store),
		ANON,
	},
	{
		.name = "madvise.dontneed_refault",
		.summary = "madvise(MADV_DONTNEED) and a store to every page again",
		.timed = "one raw madvise call, which frees the pages, and a store to each page, "
			 "which "
			 "faults",
		COMMON(again_axes),
		.bytes_axis = "size",
		REUSE,
		ANON,
	},
	{
		.name = "madvise.dontneed_locked",
		.summary = "madvise(MADV_DONTNEED_LOCKED) of touched memory that is locked",
		.timed = ONE_CALL "which frees the pages; touching and locking them is outside",
		COMMON(locked_axes),
		.bytes_axis = "size",
		.needs = MP_NEED_DONTNEED_LOCKED | MP_NEED_MEMLOCK,
		CALL(after_store),
		ANON,
	},
	/* MADV_COLD drains what MADV_FREE has batched, so that it can be counted. */
	{
		.name = "madvise.free",
		.summary = "madvise(MADV_FREE) of memory touched for the first time",
		.timed = ONE_CALL
		"which marks the pages; they are fresh every time, and making them "
		"is outside, as is what reclaims them later",
		COMMON(pages_axes),
		.bytes_axis = "size",
		.needs = MP_NEED_COLD,
		CALL(after_fresh),
		ANON,
	},
	{
		.name = "madvise.free_reuse",
		.summary = "madvise(MADV_FREE) and a store to every page again, all kept",
		.timed = "one raw madvise call, which marks the pages, and a store to each page, "
			 "which "
			 "takes it back without a fault",
		COMMON(again_axes),
		.bytes_axis = "size",
		.needs = MP_NEED_COLD,
		REUSE,
		ANON,
	},
	{
		.name = "madvise.willneed",
		.summary = "madvise(MADV_WILLNEED) of a file that is not in the page cache",
		.timed = ONE_CALL
		"which asks the disk for the pages; they arrive later; dropping the "
		"page cache is outside",
		COMMON(willneed_axes),
		.bytes_axis = "size",
		CALL(after_any),
	},
	{
		.name = "madvise.willneed_resident",
		.summary = "madvise(MADV_WILLNEED) until all of the file is in the page cache",
		.timed =
			"one raw madvise call, and raw mincore calls until all pages have arrived; "
			"dropping the page cache is outside",
		COMMON(willneed_axes),
		.state_size = sizeof(struct arrival),
		.bytes_axis = "size",
		.run = arrive_op_run,
		.run_apart = arrive_op_run_apart,
	},
	{
		.name = "madvise.cold",
		.summary = "madvise(MADV_COLD) of pages accessed since the last time",
		.timed = ONE_CALL "which makes the pages old; accessing them is outside",
		COMMON(small_axes),
		.bytes_axis = "size",
		.needs = MP_NEED_COLD,
		CALL(after_load),
		ANON,
	},
	{
		.name = "madvise.pageout_file",
		.summary = "madvise(MADV_PAGEOUT) of clean pages of a file",
		.timed = ONE_CALL "which unmaps the pages and frees them; reading them in again is "
				  "outside",
		COMMON(pageout_axes),
		.bytes_axis = "size",
		.needs = MP_NEED_COLD,
		CALL(after_load),
	},
	{
		.name = "madvise.pageout_lazy",
		.summary = "madvise(MADV_PAGEOUT) of anonymous pages given up by MADV_FREE",
		.timed = ONE_CALL "which unmaps the pages and frees them, without swap; making and "
				  "marking them is outside",
		COMMON(pageout_axes),
		.bytes_axis = "size",
		.needs = MP_NEED_COLD,
		CALL(after_any),
		ANON,
	},
	{
		.name = "madvise.pageout_swap",
		.summary = "madvise(MADV_PAGEOUT) of anonymous memory, into swap on zram",
		.timed = ONE_CALL
		"which compresses the pages into swap, unmaps and frees them; making "
		"fresh ones is outside",
		COMMON(pageout_axes),
		.bytes_axis = "size",
		.needs = MP_NEED_COLD | MP_NEED_ZRAM,
		CALL(after_fresh),
		ANON,
	},
	{
		.name = "madvise.willneed_swap",
		.summary = "madvise(MADV_WILLNEED) of anonymous memory that is in swap on zram",
		.timed = ONE_CALL "which decompresses the pages into the swap cache and maps none; "
				  "paging them out is outside",
		COMMON(pageout_axes),
		.bytes_axis = "size",
		.needs = MP_NEED_COLD | MP_NEED_ZRAM,
		CALL(after_any),
		ANON,
	},
	{
		.name = "madvise.collapse",
		.summary = "madvise(MADV_COLLAPSE) of base pages, all present, into huge pages",
		.timed = ONE_CALL
		"which allocates huge pages and copies the memory, again where it says "
		"EAGAIN; making it of base pages again is outside",
		COMMON(collapse_axes),
		.bytes_axis = "size",
		.needs = MP_NEED_THP | MP_NEED_COLLAPSE,
		CALL(collapse_op),
		ANON,
	},
	{
		.name = "madvise.populate_read",
		.summary = "madvise(MADV_POPULATE_READ) of untouched anonymous memory",
		.timed = ONE_CALL "which maps the zero page everywhere; dropping it is outside",
		COMMON(populate_read_axes),
		.bytes_axis = "size",
		.needs = MP_NEED_POPULATE,
		CALL(after_advise),
		ANON,
	},
	{
		.name = "madvise.populate_write",
		.summary = "madvise(MADV_POPULATE_WRITE) of memory that is not mapped in",
		.timed = ONE_CALL
		"which allocates, clears and maps pages; backing=memfd: maps those that "
		"the memfd has; dropping them is outside",
		COMMON(populate_axes),
		.bytes_axis = "size",
		.needs = MP_NEED_POPULATE,
		CALL(after_advise),
	},
	{
		.name = "madvise.remove",
		.summary = "madvise(MADV_REMOVE): a hole in a file, with its pages mapped",
		.timed = ONE_CALL
		"which unmaps the pages and frees them, and their blocks; storing to "
		"them again is outside",
		COMMON(remove_axes),
		.bytes_axis = "size",
		CALL(after_store),
	},
	{
		.name = "madvise.guard_install",
		.summary = "madvise(MADV_GUARD_INSTALL): pages that may not be touched",
		.timed = ONE_CALL "which frees what is there; removing the guards and touching the "
				  "pages are outside",
		COMMON(guard_axes),
		.bytes_axis = "size",
		.needs = MP_NEED_GUARD | MP_NEED_POPULATE,
		CALL(after_fresh),
		ANON,
	},
	{
		.name = "madvise.guard_remove",
		.summary = "madvise(MADV_GUARD_REMOVE) of guards",
		.timed = ONE_CALL
		"which leaves pages that were never touched; installing the guards is "
		"outside",
		COMMON(unguard_axes),
		.bytes_axis = "size",
		.needs = MP_NEED_GUARD | MP_NEED_POPULATE,
		CALL(after_advise),
		ANON,
	},
};

const struct mp_family mp_family_madvise =
	MP_FAMILY("madvise", "advice about memory, and what comes of it", benches);

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The plans of the madvise family: see madvise_plan.h and subject.h.
 *
 * An advice that finds its flag set already returns at once, so each begins with the opposite one: of two calls in a row,
 * which alone undo each other, one is timed. Advices that act on pages begin with pages in the state they act on.
 */
#include "benchmarks/support/madvise_plan.h"

#include <sys/mman.h>

#include "benchmarks/support/advice.h"

#define ADVISE(advice)                                                                             \
	{                                                                                          \
		MP_STEP_ADVISE, (advice)                                                           \
	}
#define STEPS(...) .steps = { __VA_ARGS__ }
#define TOUCH                                                                                      \
	{                                                                                          \
		MP_STEP_TOUCH, 0                                                                   \
	}
#define STORE                                                                                      \
	{                                                                                          \
		MP_STEP_STORE, 0                                                                   \
	}
#define LOAD                                                                                       \
	{                                                                                          \
		MP_STEP_LOAD, 0                                                                    \
	}
#define UNCACHE                                                                                    \
	{                                                                                          \
		MP_STEP_UNCACHE, 0                                                                 \
	}
#define LOCK                                                                                       \
	{                                                                                          \
		MP_STEP_LOCK, 0                                                                    \
	}
#define PRESENT	    [MP_TRAIT_PRESENT]
#define ALLOCATED   [MP_TRAIT_ALLOCATED]
#define HUGE	    [MP_TRAIT_HUGE]
#define CACHED	    [MP_TRAIT_CACHED]
#define SWAPPED	    [MP_TRAIT_SWAPPED]
#define REFERENCED  [MP_TRAIT_REFERENCED]
#define LAZY	    [MP_TRAIT_LAZY]
#define GUARDED	    [MP_TRAIT_GUARDED]
#define LOCKED	    [MP_TRAIT_LOCKED]
#define BEFORE(...) .before = { .of = { __VA_ARGS__ } }
#define AFTER(...)  .after = { .of = { __VA_ARGS__ } }
#define NO	    MP_NOTHING
#define ALL	    MP_EVERYTHING
#define AXIS	    MP_BY_AXIS

/* A flag of the VMA and nothing else: `from` is the advice before, `had` and `has` are smaps' letters. */
#define FLAG(name, to, from, had, has)                                                             \
	{                                                                                          \
		.bench = "madvise." name, .call = ADVISE(to), .first = { TOUCH },                  \
		STEPS(ADVISE(from)), .before = { .of = { PRESENT = AXIS }, .flag = (had) },        \
		.after = { .of = { PRESENT = AXIS }, .flag = (has) }, .faults = NO                 \
	}
#define HUGE_FLAG(name, to, from, had, has)                                                        \
	{                                                                                          \
		.bench = "madvise." name, .call = ADVISE(to), .own_huge = true,                    \
		.first = { ADVISE(MADV_NOHUGEPAGE), TOUCH }, STEPS(ADVISE(from)),                  \
		.before = { .of = { PRESENT = AXIS }, .flag = (had) },                             \
		.after = { .of = { PRESENT = AXIS }, .flag = (has) }, .faults = NO                 \
	}

const struct mp_subject_plan mp_madvise_plans[] = {
	FLAG("normal", MADV_NORMAL, MADV_RANDOM, "rr", "-rr"),
	FLAG("random", MADV_RANDOM, MADV_NORMAL, "-rr", "rr"),
	FLAG("sequential", MADV_SEQUENTIAL, MADV_NORMAL, "-sr", "sr"),
	FLAG("dontfork", MADV_DONTFORK, MADV_DOFORK, "-dc", "dc"),
	FLAG("dofork", MADV_DOFORK, MADV_DONTFORK, "dc", "-dc"),
	FLAG("wipeonfork", MADV_WIPEONFORK, MADV_KEEPONFORK, "-wf", "wf"),
	FLAG("keeponfork", MADV_KEEPONFORK, MADV_WIPEONFORK, "wf", "-wf"),
	FLAG("dontdump", MADV_DONTDUMP, MADV_DODUMP, "-dd", "dd"),
	FLAG("dodump", MADV_DODUMP, MADV_DONTDUMP, "dd", "-dd"),
	FLAG("mergeable", MADV_MERGEABLE, MADV_UNMERGEABLE, "-mg", "mg"),
	FLAG("unmergeable", MADV_UNMERGEABLE, MADV_MERGEABLE, "mg", "-mg"),
	HUGE_FLAG("hugepage", MADV_HUGEPAGE, MADV_NOHUGEPAGE, "nh", "hg"),
	HUGE_FLAG("nohugepage", MADV_NOHUGEPAGE, MADV_HUGEPAGE, "hg", "nh"),

	{ .bench = "madvise.dontneed",
	  .call = ADVISE(MADV_DONTNEED),
	  STEPS(STORE),
	  BEFORE(ALLOCATED = ALL, HUGE = AXIS),
	  AFTER(PRESENT = NO),
	  .faults = ALL },
	{ .bench = "madvise.dontneed_split",
	  .call = ADVISE(MADV_DONTNEED),
	  .own_huge = true,
	  .part = true,
	  /* Advised against at the end: khugepaged would fill the hole of a call, and map the huge page anew. */
	  STEPS(ADVISE(MADV_HUGEPAGE), ADVISE(MADV_DONTNEED), STORE, ADVISE(MADV_NOHUGEPAGE)),
	  BEFORE(ALLOCATED = ALL, HUGE = ALL),
	  AFTER(PRESENT = NO, HUGE = NO),
	  .faults = ALL },
	{ .bench = "madvise.dontneed_multi",
	  .call = ADVISE(MADV_DONTNEED),
	  STEPS(STORE),
	  BEFORE(ALLOCATED = ALL),
	  AFTER(PRESENT = NO),
	  .faults = ALL },
	{ .bench = "madvise.dontneed_refault",
	  .call = ADVISE(MADV_DONTNEED),
	  .repeats = true,
	  STEPS(STORE),
	  BEFORE(ALLOCATED = ALL, HUGE = AXIS),
	  AFTER(ALLOCATED = ALL, HUGE = AXIS),
	  .faults = ALL },
	{ .bench = "madvise.dontneed_locked",
	  .call = ADVISE(MADV_DONTNEED_LOCKED),
	  .first = { LOCK },
	  STEPS(STORE),
	  .before = { .of = { ALLOCATED = ALL }, .flag = "lo" },
	  .after = { .of = { PRESENT = NO }, .flag = "lo" },
	  .faults = ALL },
	{ .bench = "madvise.free",
	  .call = ADVISE(MADV_FREE),
	  STEPS(ADVISE(MADV_DONTNEED), STORE),
	  BEFORE(ALLOCATED = ALL, HUGE = AXIS, LAZY = NO),
	  AFTER(ALLOCATED = ALL, LAZY = ALL),
	  .faults = ALL },
	{ .bench = "madvise.free_reuse",
	  .call = ADVISE(MADV_FREE),
	  .repeats = true,
	  STEPS(STORE),
	  BEFORE(ALLOCATED = ALL, HUGE = AXIS, LAZY = NO),
	  AFTER(ALLOCATED = ALL, HUGE = AXIS, LAZY = NO),
	  .faults = NO },

	{ .bench = "madvise.willneed",
	  .call = ADVISE(MADV_WILLNEED),
	  .of_file = true,
	  .settles = true,
	  .first = { ADVISE(MADV_RANDOM) },
	  /* Pages that are still being read would stay: the loads wait for them, and read nothing ahead. */
	  STEPS(LOAD, ADVISE(MADV_DONTNEED), UNCACHE),
	  BEFORE(PRESENT = NO, CACHED = NO),
	  AFTER(PRESENT = NO, CACHED = ALL) },
	{ .bench = "madvise.willneed_resident",
	  .call = ADVISE(MADV_WILLNEED),
	  .of_file = true,
	  STEPS(UNCACHE),
	  BEFORE(PRESENT = NO, CACHED = NO),
	  AFTER(PRESENT = NO, CACHED = ALL),
	  .faults = NO },

	{ .bench = "madvise.cold",
	  .call = ADVISE(MADV_COLD),
	  .first = { STORE },
	  STEPS(LOAD),
	  BEFORE(ALLOCATED = ALL, HUGE = AXIS, REFERENCED = ALL),
	  AFTER(ALLOCATED = ALL, HUGE = AXIS, REFERENCED = NO),
	  .faults = NO },
	{ .bench = "madvise.pageout_file",
	  .call = ADVISE(MADV_PAGEOUT),
	  .of_file = true,
	  .first = { ADVISE(MADV_RANDOM) },
	  STEPS(LOAD),
	  BEFORE(PRESENT = ALL, CACHED = ALL),
	  AFTER(PRESENT = NO, CACHED = NO) },
	{ .bench = "madvise.pageout_lazy",
	  .call = ADVISE(MADV_PAGEOUT),
	  STEPS(STORE, ADVISE(MADV_FREE)),
	  BEFORE(ALLOCATED = ALL, LAZY = ALL),
	  AFTER(PRESENT = NO),
	  .faults = ALL },

	/* Fresh pages every time: those of before are not read back. */
	{ .bench = "madvise.pageout_swap",
	  .call = ADVISE(MADV_PAGEOUT),
	  STEPS(ADVISE(MADV_DONTNEED), STORE),
	  BEFORE(ALLOCATED = ALL, SWAPPED = NO),
	  AFTER(PRESENT = NO, SWAPPED = ALL),
	  .faults = ALL },
	{ .bench = "madvise.willneed_swap",
	  .call = ADVISE(MADV_WILLNEED),
	  STEPS(ADVISE(MADV_DONTNEED), STORE, ADVISE(MADV_PAGEOUT)),
	  BEFORE(SWAPPED = ALL, CACHED = NO),
	  AFTER(SWAPPED = ALL, CACHED = ALL),
	  .faults = ALL },

	{ .bench = "madvise.collapse",
	  .call = ADVISE(MADV_COLLAPSE),
	  .own_huge = true,
	  STEPS(ADVISE(MADV_DONTNEED), { MP_STEP_STORE_SMALL, 0 }),
	  BEFORE(ALLOCATED = ALL, HUGE = NO),
	  AFTER(ALLOCATED = ALL, HUGE = ALL),
	  .faults = ALL },
	{ .bench = "madvise.populate_read",
	  .call = ADVISE(MADV_POPULATE_READ),
	  STEPS(ADVISE(MADV_DONTNEED)),
	  BEFORE(PRESENT = NO),
	  AFTER(PRESENT = ALL, ALLOCATED = NO),
	  .faults = ALL },
	{ .bench = "madvise.populate_write",
	  .call = ADVISE(MADV_POPULATE_WRITE),
	  STEPS(ADVISE(MADV_DONTNEED)),
	  BEFORE(PRESENT = NO),
	  AFTER(ALLOCATED = ALL, HUGE = AXIS),
	  .faults = ALL },
	{ .bench = "madvise.remove",
	  .call = ADVISE(MADV_REMOVE),
	  STEPS(STORE),
	  BEFORE(PRESENT = ALL, CACHED = ALL),
	  AFTER(PRESENT = NO, CACHED = NO),
	  .faults = ALL },
	{ .bench = "madvise.guard_install",
	  .call = ADVISE(MADV_GUARD_INSTALL),
	  STEPS(ADVISE(MADV_GUARD_REMOVE), TOUCH),
	  .undo = ADVISE(MADV_GUARD_REMOVE),
	  BEFORE(PRESENT = AXIS),
	  AFTER(PRESENT = NO, GUARDED = ALL),
	  .faults = AXIS },
	{ .bench = "madvise.guard_remove",
	  .call = ADVISE(MADV_GUARD_REMOVE),
	  STEPS(ADVISE(MADV_GUARD_INSTALL)),
	  BEFORE(PRESENT = NO, GUARDED = ALL),
	  AFTER(PRESENT = NO, GUARDED = NO),
	  .faults = NO },
};
const size_t mp_n_madvise_plans = MP_COUNT(mp_madvise_plans);

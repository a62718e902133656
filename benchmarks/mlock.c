/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mlock: keeping memory resident, and letting it go: mlock(2), mlock2(2), munlock(2), mlockall(2), munlockall(2). How the
 * memory comes into the state that a call meets, and how that and the outcome are proved, is in support/subject*.c; here are
 * the timed operations, the plans, the axes and the descriptors.
 *
 * mlockall(2) and munlockall(2) are about the whole process: the worker's own few hundred pages are part of what is timed,
 * and its buffers are not locked while these benchmarks run, though they stay resident.
 */
#include "benchmarks/bench.h"

#include <errno.h>
#include <sys/mman.h>

#include "benchmarks/loop.h"
#include "benchmarks/support/lock.h"
#include "benchmarks/support/subject.h"
#include "benchmarks/support/syscall.h"

/* The calls, each with the steps that go before it in its plan: see mp_subject_renew. */
#define CALL_AFTER(op, call, steps)                                                                \
	static inline uint64_t op(struct mp_ctx *ctx, uint64_t i)                                  \
	{                                                                                          \
		struct mp_subject *s = ctx->state;                                                 \
                                                                                                   \
		s->got[i] = call((void *)s->at[i], s->size, s->advice);                            \
		return s->got[i] == 0;                                                             \
	}                                                                                          \
	static inline void op##_renew(struct mp_ctx *ctx)                                          \
	{                                                                                          \
		struct mp_subject *s = ctx->state;                                                 \
                                                                                                   \
		mp_subject_renewed(s, steps((void *)s->at[0], s->size, 0));                        \
	}                                                                                          \
	MP_DEFINE_RUN(op)                                                                          \
	MP_DEFINE_RUN_APART(op, op##_renew)

/* In this order: locked pages are not given back. */
static inline long unlock_and_drop(void *at, uint64_t size)
{
	long ret = mp_sys_munlock(at, size);

	return ret ? ret : mp_sys_madvise(at, size, MADV_DONTNEED);
}

#define MLOCK(at, size, flags)		mp_sys_mlock(at, size)
#define MLOCK_ON_FAULT(at, size, flags) mp_sys_mlock2(at, size, MLOCK_ONFAULT)
#define MUNLOCK(at, size, flags)	mp_sys_munlock(at, size)
#define MUNLOCK_DROP(at, size, flags)	unlock_and_drop(at, size)
#define MLOCKALL(at, size, flags)	mp_sys_mlockall(flags)
#define MLOCKALL_NOW(at, size, flags)	mp_sys_mlockall(MCL_CURRENT)
#define MUNLOCKALL(at, size, flags)	mp_sys_munlockall()

CALL_AFTER(lock_op, MLOCK, MUNLOCK)
CALL_AFTER(lock_absent_op, MLOCK, MUNLOCK_DROP)
CALL_AFTER(onfault_op, MLOCK_ON_FAULT, MUNLOCK)
CALL_AFTER(unlock_op, MUNLOCK, MLOCK)
CALL_AFTER(lock_all_op, MLOCKALL, MUNLOCKALL)
CALL_AFTER(unlock_all_op, MUNLOCKALL, MLOCKALL_NOW)

/* Refused: the answer that is kept is 0 for that refusal alone. */
static inline uint64_t refused_op(struct mp_ctx *ctx, uint64_t i)
{
	struct mp_subject *s = ctx->state;
	int64_t got = mp_sys_mlock((void *)s->at[0], s->size) + ENOMEM;

	s->got[i & (MP_SUBJECT_MAX - 1)] = got;
	return got == 0;
}
MP_DEFINE_RUN(refused_op)

static inline uint64_t store_op(struct mp_ctx *ctx, uint64_t i)
{
	const struct mp_range *r = ctx->state;

	*(volatile char *)r->at[i] = r->mark;
	return 1;
}
MP_DEFINE_RUN(store_op)

/* The plans */

#define LOCK                                                                                       \
	{                                                                                          \
		MP_STEP_LOCK, 0                                                                    \
	}
#define UNLOCK                                                                                     \
	{                                                                                          \
		MP_STEP_UNLOCK, 0                                                                  \
	}
#define UNLOCK_ALL                                                                                 \
	{                                                                                          \
		MP_STEP_UNLOCK_ALL, 0                                                              \
	}
#define DROP                                                                                       \
	{                                                                                          \
		MP_STEP_ADVISE, MADV_DONTNEED                                                      \
	}
#define STORE                                                                                      \
	{                                                                                          \
		MP_STEP_STORE, 0                                                                   \
	}
#define PRESENT(w) [MP_TRAIT_PRESENT] = (w)
#define HUGE_AXIS  [MP_TRAIT_HUGE] = MP_BY_AXIS
#define LOCKED(w)  [MP_TRAIT_LOCKED] = (w)
#define ALL_OF_IT(name, flags, has)                                                                \
	{                                                                                          \
		.bench = name, .call = { MP_STEP_LOCK_ALL, (flags) }, .first = { STORE },          \
		.steps = { UNLOCK_ALL }, .undo = UNLOCK_ALL,                                       \
		.before = { .of = { PRESENT(MP_EVERYTHING), HUGE_AXIS }, .flag = "-lo" },          \
		.after = { .of = { PRESENT(MP_EVERYTHING) }, .flag = (has) }, .faults = MP_NOTHING \
	}

static const struct mp_subject_plan plans[] = {
	{ .bench = "mlock.resident",
	  .call = LOCK,
	  .first = { STORE },
	  .undo = UNLOCK,
	  .steps = { UNLOCK },
	  .before = { .of = { PRESENT(MP_EVERYTHING), HUGE_AXIS }, .flag = "-lo" },
	  .after = { .of = { PRESENT(MP_EVERYTHING) }, .flag = "lo" },
	  .faults = MP_NOTHING,
	  .event = "unevictable_pgs_mlocked" },
	{ .bench = "mlock.part",
	  .call = LOCK,
	  .first = { STORE },
	  .undo = UNLOCK,
	  .steps = { UNLOCK },
	  .before = { .of = { PRESENT(MP_EVERYTHING) }, .flag = "-lo" },
	  .after = { .of = { PRESENT(MP_EVERYTHING), LOCKED(MP_EVERYTHING) }, .flag = "lo" },
	  .faults = MP_NOTHING,
	  .event = "unevictable_pgs_mlocked" },
	{ .bench = "mlock.absent",
	  .call = LOCK,
	  .undo = UNLOCK,
	  .steps = { UNLOCK, DROP },
	  .before = { .of = { PRESENT(MP_NOTHING) }, .flag = "-lo" },
	  .after = { .of = { PRESENT(MP_EVERYTHING), LOCKED(MP_EVERYTHING) }, .flag = "lo" },
	  .faults = MP_EVERYTHING,
	  .event = "unevictable_pgs_mlocked" },
	{ .bench = "mlock.onfault",
	  .undo = UNLOCK,
	  .steps = { UNLOCK },
	  .before = { .of = { PRESENT(MP_NOTHING), LOCKED(MP_NOTHING) }, .flag = "-lf" },
	  .after = { .of = { PRESENT(MP_NOTHING), LOCKED(MP_EVERYTHING) }, .flag = "lf" },
	  .faults = MP_NOTHING },
	{ .bench = "mlock.unlock",
	  .call = UNLOCK,
	  .first = { STORE },
	  .steps = { LOCK },
	  .before = { .of = { PRESENT(MP_EVERYTHING), HUGE_AXIS }, .flag = "lo" },
	  .after = { .of = { PRESENT(MP_EVERYTHING) }, .flag = "-lo" },
	  .faults = MP_NOTHING,
	  .event = "unevictable_pgs_munlocked" },
	{ .bench = "mlock.limit",
	  .repeats = true,
	  .before = { .of = { PRESENT(MP_NOTHING), LOCKED(MP_NOTHING) }, .flag = "-lo" },
	  .after = { .of = { PRESENT(MP_NOTHING), LOCKED(MP_NOTHING) }, .flag = "-lo" },
	  .faults = MP_NOTHING },
	ALL_OF_IT("mlock.all_current", MCL_CURRENT, "lo"),
	ALL_OF_IT("mlock.all_onfault", MCL_CURRENT | MCL_ONFAULT, "lf"),
	ALL_OF_IT("mlock.all_future", MCL_FUTURE, "-lo"),
	{ .bench = "mlock.unlock_all",
	  .call = UNLOCK_ALL,
	  .first = { STORE },
	  .steps = { { MP_STEP_LOCK_ALL, MCL_CURRENT } },
	  .undo = UNLOCK_ALL,
	  .before = { .of = { PRESENT(MP_EVERYTHING), HUGE_AXIS }, .flag = "lo" },
	  .after = { .of = { PRESENT(MP_EVERYTHING) }, .flag = "-lo" },
	  .faults = MP_NOTHING },
};

static int setup(struct mp_ctx *ctx, struct mp_err *err)
{
	return mp_subject_setup(ctx, plans, MP_COUNT(plans), err);
}

static int limit_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_lock_limit *l = ctx->state;
	int ret = setup(ctx, err);

	return ret ? ret : mp_lock_limit(l, l->subject.locked, l->subject.page, err);
}

static void limit_teardown(struct mp_ctx *ctx)
{
	mp_lock_limit_undo(ctx->state);
	mp_subject_teardown(ctx);
}

/* Axes */

static const char *const huge_words[] = { "none", "thp", NULL };
static const char *const vma_words[] = { "whole", "split", "merge", NULL };
static const char *const position_words[] = { "head", "middle", "tail", NULL };
static const char *const backing_words[] = { "anon", "memfd", NULL };

#define CHOICE(axis_name, words, representative, all, text)                                        \
	{                                                                                          \
		.name = (axis_name), .kind = MP_AXIS_CHOICE, .choices = (words),                   \
		.values = (representative), .matrix = (all), .scale = MP_SCALE_CATEGORICAL,        \
		.help = (text)                                                                     \
	}
#define SIZE(representative, all, text)                                                            \
	{                                                                                          \
		.name = "size", .kind = MP_AXIS_SIZE, .values = (representative), .matrix = (all), \
		.min = 4096, .max = 1ULL << 30, .whole_pages = true, .scale = MP_SCALE_LOG2,       \
		.help = (text)                                                                     \
	}
#define SIZE_LOCKED(representative)                                                                \
	SIZE(representative, "page,64K,2M,64M", "bytes that one call is about")
#define HUGE                                                                                       \
	{                                                                                          \
		.name = "huge", .kind = MP_AXIS_CHOICE, .values = "none", .matrix = "none,thp",    \
		.choices = huge_words, .needy = { { "thp", MP_NEED_THP } },                        \
		.scale = MP_SCALE_CATEGORICAL,                                                     \
		.help = "page size, by advice: the base page, or a transparent huge page"          \
	}
#define BACKING                                                                                    \
	CHOICE("backing", backing_words, "anon", "anon,memfd",                                     \
	       "private anonymous memory, or a shared mapping of a memfd")
#define OUTSTANDING                                                                                \
	{                                                                                          \
		.name = "outstanding", .kind = MP_AXIS_COUNT, .values = "1", .matrix = "1,64",     \
		.min = 1, .max = MP_SUBJECT_MAX, .scale = MP_SCALE_LOG2,                           \
		.help = "ranges prepared, untimed, before the call is made for one after the "     \
			"other; 1: always the same hot one"                                        \
	}

static const struct mp_axis resident_axes[] = {
	SIZE_LOCKED("page,2M"),
	HUGE,
	BACKING,
	CHOICE("vma", vma_words, "whole", "whole,split,merge",
	       "whole: the call is about all of a mapping; split: about the middle third, which "
	       "becomes a mapping of its own; merge: its neighbours are locked, and it joins them"),
	OUTSTANDING,
};
static const struct mp_axis part_axes[] = {
	SIZE_LOCKED("page"),
	CHOICE("position", position_words, "middle", "head,middle,tail",
	       "which third of a mapping is locked: it becomes a mapping of its own"),
};
static const struct mp_axis absent_axes[] = { SIZE_LOCKED("page,2M"), HUGE, OUTSTANDING };
static const struct mp_axis onfault_axes[] = { SIZE_LOCKED("page,2M"), OUTSTANDING };
static const struct mp_axis touch_axes[] = {
	{ .name = "range",
	  .kind = MP_AXIS_SIZE,
	  .values = "2M",
	  .matrix = "2M,64M",
	  .min = 4096,
	  .max = 64u << 20,
	  .whole_pages = true,
	  .scale = MP_SCALE_LOG2,
	  .help = "bytes of memory touched before it is given back" },
};
static const struct mp_axis limit_axes[] = { SIZE("64K", "64K,2M",
						  "bytes that one call asks for") };
static const struct mp_axis all_axes[] = {
	SIZE("16M", "2M,16M,64M,512M",
	     "bytes of resident memory in one mapping, beside what the process itself has"),
	HUGE,
	{ .name = "extra_vmas",
	  .kind = MP_AXIS_COUNT,
	  .values = "0",
	  .matrix = "0,1000,10000",
	  .max = 60000,
	  .scale = MP_SCALE_LOG2,
	  .help = "mappings added to the process before, none of which merge" },
};
static const struct mp_axis future_axes[] = { SIZE("page", "page",
						   "bytes of the mapping that is there already") };

/* What all have in common. */
#define COMMON(axes_array, operation)                                                              \
	.unit = "call", .version = 1, .modes = MP_MODE_CALL | MP_MODE_BATCH,                       \
	.needs = MP_NEED_MEMLOCK, MP_AXES(axes_array), .state_size = sizeof(struct mp_subject),    \
	.legal = mp_subject_legal, .setup = setup, .arm = mp_subject_arm, .run = operation##_run,  \
	.run_apart = operation##_run_apart, .disarm = mp_subject_disarm,                           \
	.teardown = mp_subject_teardown

static const struct mp_bench benches[] = {
	{
		.name = "mlock.resident",
		.summary = "mlock(2) of memory that is resident",
		.timed = "the raw mlock call, which moves the pages out of reach of reclaim; "
			 "touching "
			 "and unlocking them are outside",
		COMMON(resident_axes, lock_op),
		.bytes_axis = "size",
		.check = mp_subject_check,
	},
	{
		.name = "mlock.absent",
		.summary = "mlock(2) of anonymous memory that was never touched",
		.timed = "the raw mlock call, which allocates, clears and maps all pages; "
			 "unlocking and "
			 "dropping them is outside",
		COMMON(absent_axes, lock_absent_op),
		.bytes_axis = "size",
		.binds_mappings = true,
		.check = mp_subject_check,
	},
	{
		.name = "mlock.part",
		.summary = "mlock(2) of a third of a mapping: splits it",
		.timed = "the raw mlock call on resident memory; unlocking, which joins the parts "
			 "again, is outside",
		COMMON(part_axes, lock_op),
		.bytes_axis = "size",
		.binds_mappings = true,
		.check = mp_subject_check,
	},
	{
		.name = "mlock.onfault",
		.summary = "mlock2(2) with MLOCK_ONFAULT of memory that was never touched",
		.timed = "the raw mlock2 call, which makes nothing present; unlocking is outside",
		COMMON(onfault_axes, onfault_op),
		.binds_mappings = true,
		.check = mp_subject_check,
	},
	{
		.name = "mlock.onfault_touch",
		.summary = "store to an untouched page after mlock2(2) with MLOCK_ONFAULT",
		.timed = "one store that faults: the page is allocated, cleared, mapped and "
			 "locked; the "
			 "page table exists; locking and dropping the range is outside",
		.unit = "fault",
		.version = 1,
		.modes = MP_MODE_CALL | MP_MODE_BATCH,
		.needs = MP_NEED_MEMLOCK,
		.binds_mappings = true,
		MP_AXES(touch_axes),
		.state_size = sizeof(struct mp_lock_touch),
		.setup = mp_lock_touch_setup,
		.arm = mp_lock_touch_arm,
		.run = store_op_run,
		.check = mp_lock_touch_check,
		.disarm = mp_range_disarm,
		.teardown = mp_range_teardown,
	},
	{
		.name = "mlock.unlock",
		.summary = "munlock(2) of memory that is resident and locked",
		.timed = "the raw munlock call; locking is outside",
		COMMON(resident_axes, unlock_op),
		.bytes_axis = "size",
		.check = mp_subject_check,
	},
	{
		.name = "mlock.all_current",
		.summary = "mlockall(2) with MCL_CURRENT: all that is mapped",
		.timed = "the raw mlockall call, which also makes present what is not; "
			 "munlockall(2) is "
			 "outside",
		COMMON(all_axes, lock_all_op),
		.bytes_axis = "size",
		.check = mp_subject_check,
	},
	{
		.name = "mlock.all_onfault",
		.summary = "mlockall(2) with MCL_CURRENT and MCL_ONFAULT: all that is mapped, as "
			   "it is",
		.timed = "the raw mlockall call, which makes nothing present; munlockall(2) is "
			 "outside",
		COMMON(all_axes, lock_all_op),
		.bytes_axis = "size",
		.check = mp_subject_check,
	},
	{
		.name = "mlock.all_future",
		.summary = "mlockall(2) with MCL_FUTURE: all that will be mapped",
		.timed =
			"the raw mlockall call, which changes no mapping; munlockall(2) is outside",
		COMMON(future_axes, lock_all_op),
		.check = mp_lock_future_check,
	},
	{
		.name = "mlock.unlock_all",
		.summary = "munlockall(2) of all that is mapped, resident and locked",
		.timed = "the raw munlockall call; mlockall(2) is outside",
		COMMON(all_axes, unlock_all_op),
		.bytes_axis = "size",
		.check = mp_subject_check,
	},
	{
		.name = "mlock.limit",
		.summary = "mlock(2) beyond RLIMIT_MEMLOCK, refused",
		.timed = "the raw mlock call, which fails with ENOMEM; the limit is lowered, and "
			 "CAP_IPC_LOCK put aside, in this process before",
		.unit = "call",
		.version = 1,
		.modes = MP_MODE_CALL | MP_MODE_BATCH,
		MP_AXES(limit_axes),
		.state_size = sizeof(struct mp_lock_limit),
		.legal = mp_subject_legal,
		.setup = limit_setup,
		.arm = mp_subject_arm,
		.run = refused_op_run,
		.check = mp_subject_check,
		.teardown = limit_teardown,
	},
};

const struct mp_family mp_family_mlock =
	MP_FAMILY("mlock", "keeping memory resident, and letting it go", benches);

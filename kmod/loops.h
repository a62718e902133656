/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The timed loops of an allocator, generated from inline functions, so that no function pointer stands inside the
 * timed section (an indirect call costs more than a small kmalloc where it is protected against speculation):
 *
 *	static __always_inline void *NAME_allocate(struct mpk_job *job)
 *	static __always_inline void NAME_release(struct mpk_job *job, void *object)		never NULL
 *	MPK_DEFINE_LOOPS(NAME)		makes the loops, and functions of the two for outside the timed section
 *	MPK_LOOPS(NAME)			sets .loops, .allocate and .release of the descriptor
 *
 * The same with _FREE for an allocator of which freeing alone is told, and with _APPLY for one whose operation is
 * neither:
 *
 *	static __always_inline bool NAME_apply(struct mpk_job *job, void **object)	false: failed
 *
 * Timestamps are chained: one read per operation and no gap, so that the samples of a shot add up to its time.
 */
#ifndef KMOD_LOOPS_H
#define KMOD_LOOPS_H

#include "clock.h"
#include "mpk.h"

static __always_inline void mpk_count_failure(struct mpk_shot *shot, u32 i)
{
	if (!shot->failed++)
		shot->first_failed = i;
}

static __always_inline void mpk_record(struct mpk_record *record, u64 ticks, bool failed)
{
	record->ticks = ticks > U32_MAX ? U32_MAX : ticks;
	record->failed = failed;
}

/* `before` and `after` stand outside the clock reads; `body` does operation i and sets `failed`. */
#define MPK_LOOP_(name, pattern, before, body, after)                                              \
	static __always_inline void name##_##pattern##_loop(struct mpk_shot *shot,                 \
							    enum mpk_clock clock, bool each)       \
	{                                                                                          \
		struct mpk_job *job = shot->job;                                                   \
		struct mpk_record *records = job->records;                                         \
		u32 i, end = shot->from + shot->count;                                             \
		u64 start, last;                                                                   \
		before;                                                                            \
                                                                                                   \
		start = last = mpk_clock_start(clock);                                             \
		for (i = shot->from; i < end; i++) {                                               \
			bool failed = false;                                                       \
                                                                                                   \
			body(name);                                                                \
			if (unlikely(failed))                                                      \
				mpk_count_failure(shot, i);                                        \
			if (each) {                                                                \
				u64 now = mpk_clock_stop(clock);                                   \
                                                                                                   \
				mpk_record(&records[i], now - last, failed);                       \
				last = now;                                                        \
			}                                                                          \
		}                                                                                  \
		if (!each)                                                                         \
			last = mpk_clock_stop(clock);                                              \
		after;                                                                             \
		shot->start = start;                                                               \
		shot->ticks = last - start;                                                        \
	}                                                                                          \
	static noinline void name##_##pattern##_raw(struct mpk_shot *shot)                         \
	{                                                                                          \
		name##_##pattern##_loop(shot, MPK_CLOCK_RAW, false);                               \
	}                                                                                          \
	static noinline void name##_##pattern##_raw_each(struct mpk_shot *shot)                    \
	{                                                                                          \
		name##_##pattern##_loop(shot, MPK_CLOCK_RAW, true);                                \
	}                                                                                          \
	static noinline void name##_##pattern##_counter(struct mpk_shot *shot)                     \
	{                                                                                          \
		name##_##pattern##_loop(shot, MPK_CLOCK_COUNTER, false);                           \
	}                                                                                          \
	static noinline void name##_##pattern##_counter_each(struct mpk_shot *shot)                \
	{                                                                                          \
		name##_##pattern##_loop(shot, MPK_CLOCK_COUNTER, true);                            \
	}

#define MPK_ALLOC_BODY_(name)                                                                      \
	do {                                                                                       \
		void *object = name##_allocate(job);                                               \
                                                                                                   \
		*slot++ = object;                                                                  \
		failed = !object;                                                                  \
	} while (0)
#define MPK_ALLOC_LOOP_(name)                                                                      \
	MPK_LOOP_(name, alloc, void **slot = job->slots + job->live, MPK_ALLOC_BODY_,              \
		  job->live += shot->count)

#define MPK_FREE_BODY_(name) name##_release(job, *slot++)
#define MPK_FREE_LOOP_(name)                                                                       \
	MPK_LOOP_(name, free, void **slot = job->slots + job->next, MPK_FREE_BODY_,                \
		  job->next += shot->count)

#define MPK_PAIR_BODY_(name)                                                                       \
	do {                                                                                       \
		void *object = name##_allocate(job);                                               \
                                                                                                   \
		failed = !object;                                                                  \
		if (likely(object))                                                                \
			name##_release(job, object);                                               \
	} while (0)
#define MPK_PAIR_LOOP_(name) MPK_LOOP_(name, pair, barrier(), MPK_PAIR_BODY_, barrier())

#define MPK_STEADY_BODY_(name)                                                                     \
	do {                                                                                       \
		void **slot = &slots[turns[turn]];                                                 \
                                                                                                   \
		if (++turn == live)                                                                \
			turn = 0;                                                                  \
		if (likely(*slot))                                                                 \
			name##_release(job, *slot);                                                \
		*slot = name##_allocate(job);                                                      \
		failed = !*slot;                                                                   \
	} while (0)
#define MPK_STEADY_LOOP_(name)                                                                     \
	MPK_LOOP_(name, steady, void **slots = job->slots; const u32 *turns = job->turns;          \
		  u32 turn = job->turn;                                                            \
		  const u32 live = job->live, MPK_STEADY_BODY_, job->turn = turn)

#define MPK_APPLY_BODY_(name) failed = !name##_apply(job, slot++)
#define MPK_APPLY_LOOP_(name)                                                                      \
	MPK_LOOP_(name, apply, void **slot = job->slots + job->next, MPK_APPLY_BODY_,              \
		  job->next += shot->count)

#define MPK_DEFINE_UNTIMED_(name)                                                                  \
	static void *name##_allocate_untimed(struct mpk_job *job)                                  \
	{                                                                                          \
		return name##_allocate(job);                                                       \
	}                                                                                          \
	static void name##_release_untimed(struct mpk_job *job, void *object)                      \
	{                                                                                          \
		name##_release(job, object);                                                       \
	}

#define MPK_DEFINE_LOOPS(name)                                                                     \
	MPK_ALLOC_LOOP_(name)                                                                      \
	MPK_FREE_LOOP_(name)                                                                       \
	MPK_PAIR_LOOP_(name)                                                                       \
	MPK_STEADY_LOOP_(name)                                                                     \
	MPK_DEFINE_UNTIMED_(name)
#define MPK_DEFINE_LOOPS_FREE(name)  MPK_FREE_LOOP_(name) MPK_DEFINE_UNTIMED_(name)
#define MPK_DEFINE_LOOPS_APPLY(name) MPK_APPLY_LOOP_(name) MPK_DEFINE_UNTIMED_(name)

#define MPK_LOOPS_OF_(name, pattern)                                                               \
	{                                                                                          \
		[MPK_CLOCK_RAW] = { name##_##pattern##_raw, name##_##pattern##_raw_each },         \
		[MPK_CLOCK_COUNTER] = { name##_##pattern##_counter,                                \
					name##_##pattern##_counter_each },                         \
	}

#define MPK_UNTIMED_(name) .allocate = name##_allocate_untimed, .release = name##_release_untimed

#define MPK_LOOPS(name)                                                                            \
	.loops = { [MPK_ALLOC] = MPK_LOOPS_OF_(name, alloc),                                       \
		   [MPK_FREE] = MPK_LOOPS_OF_(name, free),                                         \
		   [MPK_PAIR] = MPK_LOOPS_OF_(name, pair),                                         \
		   [MPK_STEADY] = MPK_LOOPS_OF_(name, steady) },                                   \
	MPK_UNTIMED_(name)
#define MPK_LOOPS_FREE(name) .loops = { [MPK_FREE] = MPK_LOOPS_OF_(name, free) }, MPK_UNTIMED_(name)
#define MPK_LOOPS_APPLY(name)                                                                      \
	.loops = { [MPK_APPLY] = MPK_LOOPS_OF_(name, apply) }, MPK_UNTIMED_(name)

#endif

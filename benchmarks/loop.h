/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The timed loops, generated from one inline operation, so that no function pointer and no branch of the
 * harness stands inside the timed section.
 *
 *	static inline uint64_t unmap_op(struct mp_ctx *ctx, uint64_t i) { ... return ok; }
 *	MP_DEFINE_RUN(unmap_op)          makes unmap_op_run, for the descriptor's .run
 *
 * An op performs operation number i (0-based, of the n that arm prepared) and returns 1 when it
 * succeeded, else 0.
 */
#ifndef BENCHMARKS_LOOP_H
#define BENCHMARKS_LOOP_H

#include "benchmarks/bench.h"

/*
 * Plain loops, aligned, as a tight loop written by hand is. That is a choice: how the program goes on after a system
 * call or a fault decides how fast the *kernel* runs where its returns are protected against speculation (AMD, safe
 * RET). On Zen 4 a read fault took 781 ns at 13 of 16 alignments of such a loop and 601 ns at the others, and 601 ns
 * at all of them with the loop unrolled 16 times, so that no taken branch follows closely. Programs branch: the loop
 * is not unrolled, and its alignment is not left to the compiler's whim.
 */
#define MP_LOOP_PLAIN_ __asm__ volatile(".p2align 6");

/*
 * The same at the alignment where the kernel ran fastest, for the floor, which is the least that the machine charges. An
 * inline getppid took 116 ns at 4 of 16 alignments, 154 ns at 8, and now this, now that at the others; unrolled, too.
 */
#if defined(__x86_64__)
#define MP_LOOP_FASTEST_ __asm__ volatile(".p2align 6\n\t.rept 28\n\tnop\n\t.endr");
#else
#define MP_LOOP_FASTEST_ MP_LOOP_PLAIN_
#endif

/* A function of its own, once (gcc makes copies, clang does not), with all in it that has a body here: the return of a
 * function that is called between two operations would be one more near them (MP_DEFINE_RUN_APART). */
#if defined(__clang__)
#define MP_BY_ITSELF_ __attribute__((noinline, flatten, aligned(64)))
#else
#define MP_BY_ITSELF_ __attribute__((noinline, noclone, flatten, aligned(64)))
#endif

/* Operations `from` to n. Chained timestamps: one read per operation and no gap, so the samples of a block add up to its
 * time. */
#define MP_LOOP_(op, shape, clock, after)                                                          \
	do {                                                                                       \
		stamps[each ? from : 0] = mp_clock_start(clock);                                   \
		if (each) {                                                                        \
			shape for (uint64_t i = from; i < n; i++)                                  \
			{                                                                          \
				done += op(ctx, i);                                                \
				after;                                                             \
				stamps[i + 1] = mp_clock_stop(clock);                              \
			}                                                                          \
		} else {                                                                           \
			shape for (uint64_t i = from; i < n; i++)                                  \
			{                                                                          \
				done += op(ctx, i);                                                \
				after;                                                             \
			}                                                                          \
			stamps[1] = mp_clock_stop(clock);                                          \
		}                                                                                  \
	} while (0)

#define MP_RUN_(op, shape, after)                                                                  \
	do {                                                                                       \
		if (ctx->clock == MP_CLOCK_COUNTER)                                                \
			MP_LOOP_(op, shape, MP_CLOCK_COUNTER, after);                              \
		else                                                                               \
			MP_LOOP_(op, shape, MP_CLOCK_RAW, after);                                  \
	} while (0)

/* A planted tail alone: stretches of the honest loop, each with a spin in its last operation. What follows an operation
 * decides how fast the kernel runs, so that a loop with the spin in it had another median: faults were 16 % faster. */
static inline uint64_t mp_run_tailed(uint64_t (*honest)(struct mp_ctx *ctx, uint64_t from,
							uint64_t n, uint64_t *stamps, bool each),
				     struct mp_ctx *ctx, uint64_t n, uint64_t *stamps, bool each)
{
	struct mp_slowdown *slow = &ctx->slowdown;
	uint64_t done = 0;

	for (uint64_t at = 0; at < n;) {
		uint64_t count = slow->tail_left < n - at ? slow->tail_left : n - at;
		uint64_t *start = &stamps[each ? at : 0], *stop = &stamps[each ? at + count : 1];
		uint64_t begun = *start;

		done += honest(ctx, at, at + count, stamps, each);
		if (at) /* the chain goes on from the stretch before */
			*start = begun;
		at += count;
		if (mp_slowdown_tail(slow, count))
			*stop = mp_clock_stop(ctx->clock);
	}
	return done;
}

/* Every loop has a twin in which operations take longer on purpose (slowdown.h). Which one runs is decided by a jump
 * before the first clock read: the honest loop is the same code as if there were no other. */
#define MP_DEFINE_RUN_(op, shape)                                                                  \
	static MP_BY_ITSELF_ uint64_t op##_run_honest(struct mp_ctx *ctx, uint64_t from,           \
						      uint64_t n, uint64_t *stamps, bool each)     \
	{                                                                                          \
		uint64_t done = 0;                                                                 \
                                                                                                   \
		MP_RUN_(op, shape, (void)0);                                                       \
		return done;                                                                       \
	}                                                                                          \
	static MP_BY_ITSELF_ uint64_t op##_run_slowed(struct mp_ctx *ctx, uint64_t n,              \
						      uint64_t *stamps, bool each)                 \
	{                                                                                          \
		struct mp_slowdown slow = ctx->slowdown;                                           \
		uint64_t done = 0;                                                                 \
		const uint64_t from = 0;                                                           \
                                                                                                   \
		MP_RUN_(op, shape, mp_slow_down(&slow));                                           \
		ctx->slowdown = slow;                                                              \
		return done;                                                                       \
	}                                                                                          \
	static uint64_t op##_run(struct mp_ctx *ctx, uint64_t n, uint64_t *stamps, bool each)      \
	{                                                                                          \
		if (!ctx->slowdown.planted)                                                        \
			return op##_run_honest(ctx, 0, n, stamps, each);                           \
		return ctx->slowdown.rounds                                                        \
			       ? op##_run_slowed(ctx, n, stamps, each)                             \
			       : mp_run_tailed(op##_run_honest, ctx, n, stamps, each);             \
	}

#define MP_DEFINE_RUN(op)	  MP_DEFINE_RUN_(op, MP_LOOP_PLAIN_)
#define MP_DEFINE_RUN_FASTEST(op) MP_DEFINE_RUN_(op, MP_LOOP_FASTEST_)

/*
 * One object at a time (depth 1), n >= 1: undoing one operation and preparing the next are untimed, but in the same
 * loop, inline, as in a loop written by hand.
 *
 *	static inline void unmap_renew(struct mp_ctx *ctx) { ... }
 *	MP_DEFINE_RUN_APART(unmap_op, unmap_renew)	makes unmap_op_run_apart, for .run_apart
 *	MP_DEFINE_RUN_APART_AS(part, unmap_op, part_renew)	the same operation, with something else in between:
 *							part_run_apart
 *
 * Why not call arm and disarm in between: where the kernel protects its returns against speculation (AMD, safe
 * RET), every return of the program near a system call changes what the return predictor knows, and with it how
 * fast all of the kernel runs: by 30 % for munmap, on Zen 4. Here the calls between two operations are the very
 * functions that a program would call (support/syscall.h), and no others.
 */
#define MP_ONE_APART_(op, clock, after, tick)                                                      \
	do {                                                                                       \
		uint64_t start = mp_clock_start(clock);                                            \
                                                                                                   \
		done += op(ctx, 0);                                                                \
		after;                                                                             \
		(tick) = mp_clock_stop(clock) - start;                                             \
	} while (0)

#define MP_LOOP_APART_(op, renew, clock, after)                                                    \
	do {                                                                                       \
		for (uint64_t i = 0; i < n - 1; i++) {                                             \
			MP_ONE_APART_(op, clock, after, ticks[i]);                                 \
			renew(ctx);                                                                \
		}                                                                                  \
		MP_ONE_APART_(op, clock, after, ticks[n - 1]);                                     \
	} while (0)

#define MP_RUN_APART_(op, renew, after)                                                            \
	do {                                                                                       \
		if (ctx->clock == MP_CLOCK_COUNTER)                                                \
			MP_LOOP_APART_(op, renew, MP_CLOCK_COUNTER, after);                        \
		else                                                                               \
			MP_LOOP_APART_(op, renew, MP_CLOCK_RAW, after);                            \
	} while (0)

#define MP_DEFINE_RUN_APART_AS(name, op, renew)                                                    \
	static MP_BY_ITSELF_ uint64_t name##_run_apart_honest(struct mp_ctx *ctx, uint64_t n,      \
							      uint64_t *ticks)                     \
	{                                                                                          \
		uint64_t done = 0;                                                                 \
                                                                                                   \
		MP_RUN_APART_(op, renew, (void)0);                                                 \
		return done;                                                                       \
	}                                                                                          \
	static MP_BY_ITSELF_ uint64_t name##_run_apart_slowed(struct mp_ctx *ctx, uint64_t n,      \
							      uint64_t *ticks)                     \
	{                                                                                          \
		struct mp_slowdown slow = ctx->slowdown;                                           \
		uint64_t done = 0;                                                                 \
                                                                                                   \
		MP_RUN_APART_(op, renew, mp_slow_down(&slow));                                     \
		ctx->slowdown = slow;                                                              \
		return done;                                                                       \
	}                                                                                          \
	static uint64_t name##_run_apart_tailed(struct mp_ctx *ctx, uint64_t n, uint64_t *ticks)   \
	{                                                                                          \
		uint64_t done = 0;                                                                 \
                                                                                                   \
		for (uint64_t at = 0; at < n;) {                                                   \
			uint64_t left = ctx->slowdown.tail_left;                                   \
			uint64_t count = left < n - at ? left : n - at, start;                     \
                                                                                                   \
			if (at)                                                                    \
				renew(ctx);                                                        \
			done += name##_run_apart_honest(ctx, count, ticks + at);                   \
			at += count;                                                               \
			start = mp_clock_start(ctx->clock);                                        \
			if (mp_slowdown_tail(&ctx->slowdown, count))                               \
				ticks[at - 1] += mp_clock_stop(ctx->clock) - start;                \
		}                                                                                  \
		return done;                                                                       \
	}                                                                                          \
	static uint64_t name##_run_apart(struct mp_ctx *ctx, uint64_t n, uint64_t *ticks)          \
	{                                                                                          \
		if (!ctx->slowdown.planted)                                                        \
			return name##_run_apart_honest(ctx, n, ticks);                             \
		return ctx->slowdown.rounds ? name##_run_apart_slowed(ctx, n, ticks)               \
					    : name##_run_apart_tailed(ctx, n, ticks);              \
	}

#define MP_DEFINE_RUN_APART(op, renew) MP_DEFINE_RUN_APART_AS(op, op, renew)

#endif

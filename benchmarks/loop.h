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
 * The loops are unrolled, so that no taken branch follows closely on an operation. A tight loop around a fault or a
 * system call makes the whole kernel path slower by a third on Zen 4 with safe RET, or does not, depending on where
 * the compiler has put it: a store to a fresh page took 1.43 us at 12 of 16 alignments and 1.07 us at the others;
 * unrolled 16 times, 1.07 us at all of them.
 */
#if defined(__clang__)
#define MP_UNROLL_ _Pragma("clang loop unroll_count(16)")
#else
#define MP_UNROLL_ _Pragma("GCC unroll 16")
#endif

/* Chained timestamps: one read per operation and no gap, so the samples of a block add up to its time. */
#define MP_LOOP_(op, clock)                                                                        \
	do {                                                                                       \
		stamps[0] = mp_clock_start(clock);                                                 \
		if (each) {                                                                        \
			MP_UNROLL_                                                                 \
			for (uint64_t i = 0; i < n; i++) {                                         \
				done += op(ctx, i);                                                \
				stamps[i + 1] = mp_clock_stop(clock);                              \
			}                                                                          \
		} else {                                                                           \
			MP_UNROLL_                                                                 \
			for (uint64_t i = 0; i < n; i++)                                           \
				done += op(ctx, i);                                                \
			stamps[1] = mp_clock_stop(clock);                                          \
		}                                                                                  \
	} while (0)

#define MP_DEFINE_RUN(op)                                                                          \
	static uint64_t op##_run(struct mp_ctx *ctx, uint64_t n, uint64_t *stamps, bool each)      \
	{                                                                                          \
		uint64_t done = 0;                                                                 \
                                                                                                   \
		if (ctx->clock == MP_CLOCK_COUNTER)                                                \
			MP_LOOP_(op, MP_CLOCK_COUNTER);                                            \
		else                                                                               \
			MP_LOOP_(op, MP_CLOCK_RAW);                                                \
		return done;                                                                       \
	}

/*
 * One object at a time (depth 1), n >= 1: undoing one operation and preparing the next are untimed, but in the same
 * loop, inline, as in a loop written by hand.
 *
 *	static inline void unmap_renew(struct mp_ctx *ctx) { ... }
 *	MP_DEFINE_RUN_APART(unmap_op, unmap_renew)	makes unmap_op_run_apart, for .run_apart
 *
 * Why not call arm and disarm in between: where the kernel protects its returns against speculation (AMD, safe
 * RET), a function of the program that makes a system call and returns leaves the return predictor in a state
 * in which all of the kernel runs slower: by 30 % for munmap, on Zen 4. Loops of one operation after the other
 * have no such return, and would not compare with loops that have.
 */
#define MP_ONE_APART_(op, clock, tick)                                                             \
	do {                                                                                       \
		uint64_t start = mp_clock_start(clock);                                            \
                                                                                                   \
		done += op(ctx, 0);                                                                \
		(tick) = mp_clock_stop(clock) - start;                                             \
	} while (0)

#define MP_LOOP_APART_(op, renew, clock)                                                           \
	do {                                                                                       \
		for (uint64_t i = 0; i < n - 1; i++) {                                             \
			MP_ONE_APART_(op, clock, ticks[i]);                                        \
			renew(ctx);                                                                \
		}                                                                                  \
		MP_ONE_APART_(op, clock, ticks[n - 1]);                                            \
	} while (0)

#define MP_DEFINE_RUN_APART(op, renew)                                                             \
	static uint64_t op##_run_apart(struct mp_ctx *ctx, uint64_t n, uint64_t *ticks)            \
	{                                                                                          \
		uint64_t done = 0;                                                                 \
                                                                                                   \
		if (ctx->clock == MP_CLOCK_COUNTER)                                                \
			MP_LOOP_APART_(op, renew, MP_CLOCK_COUNTER);                               \
		else                                                                               \
			MP_LOOP_APART_(op, renew, MP_CLOCK_RAW);                                   \
		return done;                                                                       \
	}

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A planted slow-down: operations that take longer by a known time, so that anyone can see whether what judges the
 * results finds it (memperf run --sabotage, runner/worker/sabotage.h). The time is spent spinning inside the timed
 * section, after the operation: no memory, no kernel, no clock read. An honest run never comes here: the
 * loops of loop.h have a twin that does.
 */
#ifndef BENCHMARKS_SLOWDOWN_H
#define BENCHMARKS_SLOWDOWN_H

#include "common/random.h"

#include <stdbool.h>
#include <stdint.h>

/* Of one worker thread; all zero: none. Lengths in rounds of mp_spin(). */
struct mp_slowdown {
	bool planted; /* anything at all */
	uint64_t rounds; /* after every operation */
	uint64_t tail_rounds; /* and after one of `tail_every` on average */
	uint64_t tail_every; /* 0: no tail */
	uint64_t tail_left; /* operations until the next of the tail; at least 1 */
	uint64_t chain; /* of mp_spin() */
	struct mp_random random;
};

/* A chain of dependent multiplies, about 1 ns a round at 3 GHz, which runs at the same speed at any alignment. A barrier
 * before it and the last spin's `chain` in it: else the processor looks ahead, and runs it beside what it should
 * follow. */
static inline __attribute__((always_inline)) uint64_t mp_spin(uint64_t chain, uint64_t rounds)
{
	if (!rounds)
		return chain;
#if defined(__x86_64__)
	__asm__ volatile("lfence\n"
			 "1:\timul %0, %0\n\t"
			 "sub $1, %1\n\t"
			 "jnz 1b"
			 : "+r"(chain), "+r"(rounds)::"cc");
#else
	__asm__ volatile("isb\n"
			 "1:\tmul %0, %0, %0\n\t"
			 "subs %1, %1, #1\n\t"
			 "b.ne 1b"
			 : "+r"(chain), "+r"(rounds)::"cc");
#endif
	return chain;
}

/* How far it is to the next operation of the tail: uniform, `every` on average. */
static inline uint64_t mp_slowdown_gap(struct mp_slowdown *s)
{
	return 1 + mp_random_below(&s->random, 2 * s->tail_every - 1);
}

/* After `count` operations, at most tail_left of them: spins if the last one is of the tail. Did it? */
static inline bool mp_slowdown_tail(struct mp_slowdown *s, uint64_t count)
{
	s->tail_left -= count;
	if (s->tail_left)
		return false;
	s->chain = mp_spin(s->chain, s->tail_rounds);
	s->tail_left = mp_slowdown_gap(s);
	return true;
}

/* What follows one operation of a slowed loop. */
static inline __attribute__((always_inline)) void mp_slow_down(struct mp_slowdown *s)
{
	s->chain = mp_spin(s->chain, s->rounds);
	if (s->tail_every && !--s->tail_left) {
		s->chain = mp_spin(s->chain, s->tail_rounds);
		s->tail_left = mp_slowdown_gap(s);
	}
}

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The speed probe: two short blocks that touch no memory and enter no kernel, timed around every block
 * of operations. They tell whether the core ran at its full speed just then.
 *
 * mul: a chain of dependent multiplies, bound by latency, sees the clock frequency and time taken away.
 * add: four independent chains of additions, bound by the core's width, sees a busy sibling thread that
 * shares the core, which the chain of multiplies does not notice.
 *
 * About 0.9 us each at 3 GHz, so that one step of a 10 ns counter is close to 1 %.
 */
#ifndef RUNNER_WORKER_PROBE_H
#define RUNNER_WORKER_PROBE_H

#include "common/clock.h"

#define MP_PROBE_MULS 1000
#define MP_PROBE_ADDS 2400 /* rounds of four independent additions */

/* Ticks of one block. */
static inline __attribute__((always_inline)) uint64_t mp_probe_mul(enum mp_clock clock)
{
	uint64_t x = 3;
	uint64_t start = mp_clock_start(clock);

	for (unsigned i = 0; i < MP_PROBE_MULS; i++) {
#if defined(__x86_64__)
		__asm__ volatile("imul %0, %0" : "+r"(x));
#else
		__asm__ volatile("mul %0, %0, %0" : "+r"(x));
#endif
	}
	return mp_clock_stop(clock) - start;
}

static inline __attribute__((always_inline)) uint64_t mp_probe_add(enum mp_clock clock)
{
	uint64_t a = 1, b = 2, c = 3, d = 4;
	uint64_t start = mp_clock_start(clock);

	for (unsigned i = 0; i < MP_PROBE_ADDS; i++) {
#if defined(__x86_64__)
		__asm__ volatile("add $1, %0\n\tadd $1, %1\n\tadd $1, %2\n\tadd $1, %3"
				 : "+r"(a), "+r"(b), "+r"(c), "+r"(d)::"cc");
#else
		__asm__ volatile("add %0, %0, #1\n\tadd %1, %1, #1\n\tadd %2, %2, #1\n\t"
				 "add %3, %3, #1"
				 : "+r"(a), "+r"(b), "+r"(c), "+r"(d));
#endif
	}
	return mp_clock_stop(clock) - start;
}

#endif

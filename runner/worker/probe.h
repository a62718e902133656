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

/*
 * Ticks of one block. The loops are assembly, aligned to a line of code: as C, their address and with it their
 * speed was the compiler's whim. The additions took 831, 991 or 1312 ns on one quiet core (Zen 4) for nothing but
 * another alignment, and no two places in the code that time them would have agreed on what full speed is.
 */
static inline __attribute__((always_inline)) uint64_t mp_probe_mul(enum mp_clock clock)
{
	uint64_t x = 3, n = MP_PROBE_MULS;
	uint64_t start = mp_clock_start(clock);

#if defined(__x86_64__)
	__asm__ volatile(".p2align 6\n"
			 "1:\timul %0, %0\n\t"
			 "sub $1, %1\n\t"
			 "jnz 1b"
			 : "+r"(x), "+r"(n)::"cc");
#else
	__asm__ volatile(".p2align 6\n"
			 "1:\tmul %0, %0, %0\n\t"
			 "subs %1, %1, #1\n\t"
			 "b.ne 1b"
			 : "+r"(x), "+r"(n)::"cc");
#endif
	return mp_clock_stop(clock) - start;
}

static inline __attribute__((always_inline)) uint64_t mp_probe_add(enum mp_clock clock)
{
	uint64_t a = 1, b = 2, c = 3, d = 4, n = MP_PROBE_ADDS;
	uint64_t start = mp_clock_start(clock);

#if defined(__x86_64__)
	__asm__ volatile(".p2align 6\n"
			 "1:\tadd $1, %0\n\t"
			 "add $1, %1\n\t"
			 "add $1, %2\n\t"
			 "add $1, %3\n\t"
			 "sub $1, %4\n\t"
			 "jnz 1b"
			 : "+r"(a), "+r"(b), "+r"(c), "+r"(d), "+r"(n)::"cc");
#else
	__asm__ volatile(".p2align 6\n"
			 "1:\tadd %0, %0, #1\n\t"
			 "add %1, %1, #1\n\t"
			 "add %2, %2, #1\n\t"
			 "add %3, %3, #1\n\t"
			 "subs %4, %4, #1\n\t"
			 "b.ne 1b"
			 : "+r"(a), "+r"(b), "+r"(c), "+r"(d), "+r"(n)::"cc");
#endif
	return mp_clock_stop(clock) - start;
}

#endif

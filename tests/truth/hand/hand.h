/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the hand-written loops share: the clock and the form of an operation. One file per family of benchmarks, one row
 * per loop; main.c finds them by itself. Nothing of memperf is in here.
 */
#ifndef TESTS_TRUTH_HAND_HAND_H
#define TESTS_TRUTH_HAND_HAND_H

#include <stddef.h>
#include <stdint.h>

#if defined(__x86_64__)
static inline uint64_t now(void)
{
	uint32_t lo, hi;

	__asm__ volatile("lfence; rdtsc; lfence" : "=a"(lo), "=d"(hi)::"memory");
	return (uint64_t)hi << 32 | lo;
}

static inline uint64_t then(void)
{
	uint32_t lo, hi;

	__asm__ volatile("rdtscp; lfence" : "=a"(lo), "=d"(hi)::"rcx", "memory");
	return (uint64_t)hi << 32 | lo;
}
#else
static inline uint64_t now(void)
{
	uint64_t t;

	__asm__ volatile("isb; mrs %0, cntvct_el0; isb" : "=r"(t)::"memory");
	return t;
}
#define then now
#endif

/* Samples of one call of run: between two probes of the speed. Fewer where they take long, or no moment would be calm. */
extern int hand_around;
#define AROUND hand_around

/* One timed call, with whatever must be done before and after it outside of the time. */
#define TIMED(call)                                                                                \
	do {                                                                                       \
		uint64_t begin = now();                                                            \
		call;                                                                              \
		out[n++] = (uint32_t)(then() - begin);                                             \
	} while (0)

struct hand_op {
	const char *name;
	const char *bench; /* the benchmark that it stands beside, */
	const char *
		state; /* and the state that it measures, as words of a filter: "size=4K and outstanding=1" */
	/* Before the first sample, after the process has its mappings; nonzero: cannot be done here. NULL: nothing to do. */
	int (*prepare)(void);
	/* Performs AROUND operations or fewer and stores the length of each in ticks; returns how many. */
	size_t (*run)(uint32_t *out);
	double divide; /* samples are this many times a tick; 0: ticks */
	size_t most; /* samples, where the memory that they take is part of what is measured; 0: as many as there is time for */
};

/* HAND_OPS({ ... }, { ... }): the rows of a file. */
#define HAND_OPS(...)                                                                              \
	static const struct hand_op hand_rows[] = { __VA_ARGS__, { 0 } };                          \
	static const struct hand_op *const hand_table __attribute__((used, section("hand_ops"))) = \
		hand_rows

/* 64 MiB of small pages, private and anonymous, never touched before; NULL when there is no memory. Made once. */
char *hand_range(void);
#define HAND_RANGE (64ul << 20)

#endif

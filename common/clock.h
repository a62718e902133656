/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reading the time inside a measured section.
 *
 * Two sources: the CPU's own counter (x86-64 TSC, arm64 generic counter), used when runner/machine found
 * it invariant and synchronised, and clock_gettime(CLOCK_MONOTONIC_RAW). Both give "ticks"; the factor
 * to nanoseconds is calibrated per run and stored. Reads are ordered: mp_clock_start() lets nothing of the
 * timed section begin before the read, mp_clock_stop() lets nothing of it finish after.
 *
 * x86-64: LFENCE RDTSC LFENCE ... RDTSCP LFENCE (Intel SDM vol. 2B, RDTSC and RDTSCP; no CPUID, which
 * traps in guests). arm64: ISB, MRS CNTVCT_EL0, ISB (Arm ARM D11.1.2). Layer: ground.
 */
#ifndef COMMON_CLOCK_H
#define COMMON_CLOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

enum mp_clock {
	MP_CLOCK_RAW, /* CLOCK_MONOTONIC_RAW; one tick is one nanosecond */
	MP_CLOCK_COUNTER, /* TSC or CNTVCT_EL0 */
};

#if defined(__x86_64__)
#define MP_CLOCK_COUNTER_NAME "tsc"

static inline __attribute__((always_inline)) uint64_t mp_counter_start(void)
{
	uint32_t lo, hi;

	__asm__ volatile("lfence\n\trdtsc\n\tlfence" : "=a"(lo), "=d"(hi)::"memory");
	return (uint64_t)hi << 32 | lo;
}

static inline __attribute__((always_inline)) uint64_t mp_counter_stop(void)
{
	uint32_t lo, hi;

	__asm__ volatile("rdtscp\n\tlfence" : "=a"(lo), "=d"(hi)::"rcx", "memory");
	return (uint64_t)hi << 32 | lo;
}

#elif defined(__aarch64__)
#define MP_CLOCK_COUNTER_NAME "cntvct"

static inline __attribute__((always_inline)) uint64_t mp_counter_start(void)
{
	uint64_t ticks;

	__asm__ volatile("isb\n\tmrs %0, cntvct_el0\n\tisb" : "=r"(ticks)::"memory");
	return ticks;
}

static inline __attribute__((always_inline)) uint64_t mp_counter_stop(void)
{
	return mp_counter_start();
}

#else
#error "memperf runs on x86-64 and arm64"
#endif

/* CLOCK_MONOTONIC_RAW in nanoseconds, through the vDSO where the kernel offers it. */
static inline uint64_t mp_clock_raw_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC_RAW, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* CLOCK_REALTIME in nanoseconds since the epoch: for saying when, never for how long. */
static inline int64_t mp_clock_real_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static inline __attribute__((always_inline)) uint64_t mp_clock_start(enum mp_clock clock)
{
	return clock == MP_CLOCK_COUNTER ? mp_counter_start() : mp_clock_raw_ns();
}

static inline __attribute__((always_inline)) uint64_t mp_clock_stop(enum mp_clock clock)
{
	return clock == MP_CLOCK_COUNTER ? mp_counter_stop() : mp_clock_raw_ns();
}

#endif

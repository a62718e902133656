/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reading the time around what is measured: the same instructions in the same order as in memperf's user space
 * (common/clock.h), so that both sides speak of the same ticks and pay the same for a read.
 *
 * x86-64: LFENCE RDTSC LFENCE ... RDTSCP LFENCE. arm64: ISB, MRS CNTVCT_EL0, ISB. Elsewhere CLOCK_MONOTONIC_RAW alone.
 */
#ifndef KMOD_CLOCK_H
#define KMOD_CLOCK_H

#include <linux/ktime.h>

#include "memperf_uapi.h"

#if defined(__x86_64__)
#define MPK_CLOCKS (1u << MPK_CLOCK_RAW | 1u << MPK_CLOCK_COUNTER)

static __always_inline u64 mpk_counter_start(void)
{
	u32 lo, hi;

	asm volatile("lfence\n\trdtsc\n\tlfence" : "=a"(lo), "=d"(hi)::"memory");
	return (u64)hi << 32 | lo;
}

static __always_inline u64 mpk_counter_stop(void)
{
	u32 lo, hi;

	asm volatile("rdtscp\n\tlfence" : "=a"(lo), "=d"(hi)::"rcx", "memory");
	return (u64)hi << 32 | lo;
}

#elif defined(__aarch64__)
#define MPK_CLOCKS (1u << MPK_CLOCK_RAW | 1u << MPK_CLOCK_COUNTER)

static __always_inline u64 mpk_counter_start(void)
{
	u64 ticks;

	asm volatile("isb\n\tmrs %0, cntvct_el0\n\tisb" : "=r"(ticks)::"memory");
	return ticks;
}

static __always_inline u64 mpk_counter_stop(void)
{
	return mpk_counter_start();
}

#else
#define MPK_CLOCKS (1u << MPK_CLOCK_RAW)

static __always_inline u64 mpk_counter_start(void)
{
	return ktime_get_raw_ns();
}

static __always_inline u64 mpk_counter_stop(void)
{
	return ktime_get_raw_ns();
}
#endif

static __always_inline u64 mpk_clock_start(enum mpk_clock clock)
{
	return clock == MPK_CLOCK_COUNTER ? mpk_counter_start() : ktime_get_raw_ns();
}

static __always_inline u64 mpk_clock_stop(enum mpk_clock clock)
{
	return clock == MPK_CLOCK_COUNTER ? mpk_counter_stop() : ktime_get_raw_ns();
}

#endif

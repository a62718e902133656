/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A region: one long stretch of operations that the coordinator counts from outside, because what it counts belongs to the
 * whole machine (memory controllers, /proc/vmstat). Both sides meet in the shared mapping; whoever waits sleeps, so that
 * the machine is idle while the coordinator looks what idle is.
 *
 *	worker       READY, sleeps                     runs     OVER, sleeps
 *	coordinator  sleeps  looks at idle; reads; START  sleeps  reads; looks at idle; LEAVE
 */
#ifndef RUNNER_WORKER_REGION_H
#define RUNNER_WORKER_REGION_H

#include "common/clock.h"

#include <limits.h>
#include <linux/futex.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

enum mp_region_stage {
	MP_REGION_WARMING, /* the worker is not there yet */
	MP_REGION_READY,
	MP_REGION_START,
	MP_REGION_OVER,
	MP_REGION_LEAVE,
};

/* In the shared mapping. */
struct mp_region {
	uint64_t want_ns; /* 0: the invocation has no region */
	_Atomic uint32_t stage; /* enum mp_region_stage; only ever moves on */
	/* the worker's, from OVER on */
	_Atomic uint64_t operations; /* of all threads */
	uint64_t ns;
};

/* Says that the region has come so far, and wakes the other side. */
static inline void mp_region_tell(struct mp_region *region, enum mp_region_stage stage)
{
	atomic_store(&region->stage, stage);
	syscall(SYS_futex, &region->stage, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

/* Sleeps until the region has come so far, or for that time. True when it has. */
static inline bool mp_region_await(struct mp_region *region, enum mp_region_stage stage,
				   uint64_t timeout_ns)
{
	uint64_t begin = mp_clock_raw_ns();

	for (;;) {
		uint32_t now = atomic_load(&region->stage);
		struct timespec nap = { .tv_nsec = 100000000 };

		if (now >= (uint32_t)stage)
			return true;
		if (mp_clock_raw_ns() - begin >= timeout_ns)
			return false;
		if (timeout_ns < 100000000)
			nap.tv_nsec = (long)timeout_ns;
		/* Another process waits at the same place: not FUTEX_PRIVATE. */
		syscall(SYS_futex, &region->stage, FUTEX_WAIT, now, &nap, NULL, 0);
	}
}

#endif

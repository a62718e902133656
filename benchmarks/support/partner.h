/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A second thread on another CPU that spins until it is met, and answers. One at a time in a process.
 */
#ifndef BENCHMARKS_SUPPORT_PARTNER_H
#define BENCHMARKS_SUPPORT_PARTNER_H

#include "common/err.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "benchmarks/support/cpu.h"

struct mp_partner {
	_Atomic uint64_t called __attribute__((aligned(64))); /* by the caller; UINT64_MAX: end */
	_Atomic uint64_t answered __attribute__((aligned(64))); /* by the partner */
	uint64_t from __attribute__((aligned(64))); /* value of `called` at the last reset */
	_Atomic int cpu; /* of the partner, -1: not started */
	int failed; /* errno of its start */
	int caller_cpu;
	unsigned long thread; /* pthread_t */
};

/* Starts it on any CPU of this process but the caller's. 0, or a negative errno with a sentence; the caller ends with
 * mp_partner_stop(). */
int mp_partner_start(struct mp_partner **ret_partner, struct mp_err *err);
void mp_partner_stop(struct mp_partner *partner); /* accepts NULL */

/* One meeting: the partner has seen the call, and the caller its answer. */
static inline void mp_partner_meet(struct mp_partner *p)
{
	uint64_t next = atomic_load_explicit(&p->called, memory_order_relaxed) + 1;

	atomic_store_explicit(&p->called, next, memory_order_release);
	while (atomic_load_explicit(&p->answered, memory_order_acquire) != next) {
		mp_cpu_relax();
	}
}

/* Starts counting anew; how many meetings the partner has answered since; is it on another CPU than the caller? */
void mp_partner_reset(struct mp_partner *partner);
uint64_t mp_partner_meetings(const struct mp_partner *partner);
bool mp_partner_elsewhere(const struct mp_partner *partner);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The advices of madvise(2) that not every kernel knows, and not every header: their values, and how to ask for them.
 * Values: include/uapi/asm-generic/mman-common.h, the same on every architecture that memperf runs on.
 */
#ifndef BENCHMARKS_SUPPORT_ADVICE_H
#define BENCHMARKS_SUPPORT_ADVICE_H

#include "benchmarks/bench.h"

#define MP_MADV_COLD		20
#define MP_MADV_PAGEOUT		21
#define MP_MADV_POPULATE_READ	22
#define MP_MADV_POPULATE_WRITE	23
#define MP_MADV_DONTNEED_LOCKED 24
#define MP_MADV_COLLAPSE	25
#define MP_MADV_GUARD_INSTALL	102
#define MP_MADV_GUARD_REMOVE	103

/* A need that is one advice: what it is called, for people, and the remedy where it is missing. */
struct mp_advice_need {
	enum mp_need need;
	int advice;
	const char *name; /* "MADV_COLLAPSE" */
	const char *remedy; /* "boot Linux 6.1 or newer" */
};
extern const struct mp_advice_need mp_advice_needs[];
extern const size_t mp_n_advice_needs;

/* Does the kernel that this runs on know the advice? (It judges the advice before the length, and no length is no work.) */
bool mp_advice_known(int advice);

/* Does it know process_madvise(2)? */
bool mp_process_madvise_known(void);

#endif

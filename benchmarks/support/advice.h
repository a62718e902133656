/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The advices of madvise(2) that not every kernel knows, and not every header: their values, and how to ask for them.
 * Values: include/uapi/asm-generic/mman-common.h, the same on every architecture that memperf runs on.
 */
#ifndef BENCHMARKS_SUPPORT_ADVICE_H
#define BENCHMARKS_SUPPORT_ADVICE_H

#include <stdbool.h>
#include <sys/mman.h>

#ifndef MADV_COLD
#define MADV_COLD 20
#endif
#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT 21
#endif
#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22
#endif
#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif
#ifndef MADV_DONTNEED_LOCKED
#define MADV_DONTNEED_LOCKED 24
#endif
#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif
#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102
#endif
#ifndef MADV_GUARD_REMOVE
#define MADV_GUARD_REMOVE 103
#endif

/* A call is repeated after EAGAIN, so often at most: what is needed was held for a moment, and madvise(2) says that trying again may
 * succeed. MADV_COLLAPSE answers so where another task holds a page or khugepaged is there first: 4 of 28,000 calls on an idle machine. */
#define MP_ADVICE_TRIES 8

/* Does the kernel that this runs on know the advice? (It judges the advice before the length, and no length is no work.) */
bool mp_advice_known(int advice);

/* Does it know process_madvise(2)? */
bool mp_process_madvise_known(void);

#endif

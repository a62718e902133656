/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Capabilities of the calling thread (capabilities(7), capget(2)). A worker is started with those of memperf, sets up, and keeps what
 * its case uses while it is measured; threads and children that a benchmark makes while it sets up keep none.
 */
#ifndef BENCHMARKS_SUPPORT_PRIVILEGE_H
#define BENCHMARKS_SUPPORT_PRIVILEGE_H

#include "benchmarks/bench.h"

/* Of those that this thread has, it keeps what the case uses after its setup. None is passed on to a program, and none comes back
 * with one (PR_SET_NO_NEW_PRIVS). 0, or a negative errno with a sentence. */
int mp_privilege_drop(const struct mp_bench *bench, const struct mp_params *params,
		      struct mp_err *err);

/* Gives up all of them, by raw system calls: also for a child that may run no code of libc's. */
void mp_privilege_drop_all(void);

#endif

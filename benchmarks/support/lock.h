/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the mlock family needs beside subjects: faults on memory that is locked as it is touched, and a limit in force. */
#ifndef BENCHMARKS_SUPPORT_LOCK_H
#define BENCHMARKS_SUPPORT_LOCK_H

#include "benchmarks/support/range.h"
#include "benchmarks/support/subject.h"

#include <sys/resource.h>

/* mlock.onfault_touch */
struct mp_lock_touch {
	struct mp_range range;
	uint64_t
		events; /* pages that the system had ever locked at the end of arm; sampled blocks */
};
int mp_lock_touch_setup(struct mp_ctx *ctx, struct mp_err *err);
int mp_lock_touch_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err);
void mp_lock_touch_check(struct mp_ctx *ctx, uint64_t n);

/* mlock.all_future: what is mapped after the call is locked. */
void mp_lock_future_check(struct mp_ctx *ctx, uint64_t n);

/* mlock.limit */
struct mp_lock_limit {
	struct mp_subject subject;
	bool lowered; /* what follows is to be restored */
	struct rlimit before;
};

/* Once set up, this thread may lock no more than the `locked` bytes that the process has locked already, or one page: the limit is
 * lowered, and CAP_IPC_LOCK, which lifts it, is nothing that the benchmark needs. 0, or a negative errno with a sentence. */
int mp_lock_limit(struct mp_lock_limit *l, uint64_t locked, uint64_t page, struct mp_err *err);
void mp_lock_limit_undo(struct mp_lock_limit *l); /* also where nothing was lowered */

#endif

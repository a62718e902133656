/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Deliberate faults and slow-downs, so that anyone can see the checks and the judges at work: struct mp_sabotage in
 * wire.h says which. Only in a run that asked for them, and stored with it.
 */
#ifndef RUNNER_WORKER_SABOTAGE_H
#define RUNNER_WORKER_SABOTAGE_H

#include "runner/worker/measure.h"

/* Spoils the arena between arm and run; `faults` are enum mp_fault bits. */
void mp_sabotage_arena(const struct mp_ctx *ctx, unsigned faults);

/* A major fault of the calling thread in the share of the blocks that was asked for: a page of the worker's own file, which
 * nobody maps, is dropped from the page cache and read again. None where that file is in memory only. */
void mp_sabotage_major(struct mp_measurer *m);

/* Plants the slow-down that the request asks for, if any, in all operations from now on; for after the warm-up. What an
 * operation takes is measured first, in the first of `modes` (enum mp_mode bits) that resolves it, over at least 20 ms,
 * and not recorded. The report says how many nanoseconds were planted: less than half a round of the spin is none at
 * all. 0, or the negative errno of a hook that failed, with m->err. */
int mp_sabotage_plant(struct mp_measurer *m, unsigned modes);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Workers beside the measured one: they free-run from before its first block until after its last, and what they do in the
 * windows of its measured blocks is kept as RATE blocks of theirs. All of it is called by worker 0, but mp_beside_run; where
 * the benchmark has no such workers, nothing happens.
 */
#ifndef RUNNER_WORKER_BESIDE_H
#define RUNNER_WORKER_BESIDE_H

#include "runner/worker/measure.h"

/* Do the threads of that team stand beside worker 0, instead of being measured with it? */
static inline bool mp_beside(const struct mp_team *team)
{
	return team->bench->beside != NULL;
}

/* What a worker does beside worker 0. */
void mp_beside_run(struct mp_measurer *m);

/* Waits until every worker beside has done something. 0; or a negative errno, which is m->failed too unless one of them has
 * failed and says why. */
int mp_beside_await(struct mp_measurer *m);

/* The edges of a block, as near as can be to its operations; what lies between them counts if `phase` is the measured one. */
void mp_beside_from(struct mp_measurer *m);
void mp_beside_to(struct mp_measurer *m, enum mp_phase phase);

/* Has every worker beside done something in the windows so far? */
bool mp_beside_seen(const struct mp_measurer *m);

/* Tells them to stop, keeps the last windows, and records the check "beside": each has done something in them. */
void mp_beside_end(struct mp_measurer *m);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Full speed of each kind of core in a run: what earlier runs held, or what is seen now until the run itself knows better.
 * Times are probe ticks.
 */
#ifndef RUNNER_EXEC_SPEEDS_H
#define RUNNER_EXEC_SPEEDS_H

#include "results/invocation.h"

struct mp_run_speed_levels {
	double *of; /* sorted: the level of each invocation so far; owned */
	size_t n, cap;
	double known; /* of earlier runs; NaN: none */
};

/*
 * Begins as zeros. `now.of[i]` belongs to `mul[i]` and `add[i]`: the fastest level that a tenth of the invocations on cores
 * of that kind reached, or that the machine held in an earlier run. A rare moment above it is no measure: nothing else
 * would be calm.
 */
struct mp_run_speeds {
	struct mp_full_speeds now;
	struct mp_run_speed_levels mul[MP_FULL_SPEEDS_MAX], add[MP_FULL_SPEEDS_MAX];
};
void mp_run_speeds_done(struct mp_run_speeds *speeds);

/* Adds a kind: `seen` a moment ago; `known` of earlier runs (NaN: none) where that is within reach: a known speed much
 * above what is seen belongs to another machine state (turbo off, another host). -ENOSPC when there are more kinds than
 * room; such a kind is unknown, and nothing there is calm. */
int mp_run_speeds_add(struct mp_run_speeds *speeds, const struct mp_full_speed *seen,
		      const struct mp_full_speed *known);

/* Learns from an invocation, for each kind of core that it ran on. The store judges all invocations again by the final
 * references at the end of the run. 0 or -ENOMEM. */
int mp_run_speeds_learn(struct mp_run_speeds *speeds, const struct mp_invocation *inv);

/* Enough invocations on that kind (an index of `now`) to say what the machine holds, for runs to come? */
bool mp_run_speeds_enough(const struct mp_run_speeds *speeds, size_t kind);

#endif

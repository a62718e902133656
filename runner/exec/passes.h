/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The passes after the timed ones: invocations that count what a timed one must not, or cannot. */
#ifndef RUNNER_EXEC_PASSES_H
#define RUNNER_EXEC_PASSES_H

#include "runner/exec/invoke.h"

/* Invocations of a case in each pass: two, so that one sees whether they agree. */
#define MP_PASSES_INVOCATIONS 2

/* Nanoseconds that the passes of a run will take, about. */
uint64_t mp_passes_estimate(const struct mp_run *run);

/* Runs what the countings of its cases need and earlier parts of the run have not done, and tells the sinks. Errors as
 * mp_run_execute(). */
int mp_passes_execute(struct mp_run *run, struct mp_invoker *invoker, const struct mp_sink *sinks,
		      size_t n_sinks, struct mp_err *err);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Full speed before a run begins. */
#ifndef CLI_RUN_SPEED_H
#define CLI_RUN_SPEED_H

#include "results/store.h"
#include "runner/exec/run.h"

/* Looks how fast each kind of core is that the run's cases use (about a second each), and what the results file knows of
 * it. Fills run->speeds, and run->calm_before by the CPU of the first case. 0 or negative errno with a sentence. */
int mp_run_speed(struct mp_run *run, struct mp_store *store, struct mp_err *err);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The seats of an invocation's workers: asked of the machine, handed to the worker, taken from its report. */
#ifndef RUNNER_EXEC_SEATING_H
#define RUNNER_EXEC_SEATING_H

#include "results/invocation.h"
#include "runner/machine/machine.h"
#include "runner/worker/wire.h"

/* Fills CPUs, memory policies and full speeds of the request's threads by the case's parameters. 0 or negative errno with a
 * sentence when this machine has no such seats. */
int mp_seating_ask(struct mp_wire *wire, const struct mp_machine *machine,
		   const struct mp_full_speeds *references, const struct mp_params *params,
		   struct mp_err *err);

/* What calm is judged by, in the request and in the invocation: its references are those of the first worker's kind of
 * core. `step_ticks`: of the clock. */
void mp_seating_judge(struct mp_wire *wire, double step_ticks, struct mp_invocation *inv);

/* `cpus` and `nodes` of the invocation, as they were asked for: each worker's CPU; the nodes of all policies together. */
void mp_seating_lists(const struct mp_wire *wire, struct mp_invocation *inv);

/* What the workers found: fills `seats` (heap memory of the invocation). 0, -ENOMEM, or -EBADMSG for a report that no
 * worker can have written. */
int mp_seating_take(const struct mp_wire *wire, struct mp_invocation *inv);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The coordinator: executes a plan, one worker process at a time, and reports events to sinks. It knows
 * neither the database nor the terminal. Cases are interleaved: every round runs each case once, in a seeded
 * random order, so that the invocations of a case are spread over the whole run.
 */
#ifndef RUNNER_EXEC_RUN_H
#define RUNNER_EXEC_RUN_H

#include "results/headline.h"
#include "results/invocation.h"
#include "results/variance.h"
#include "runner/exec/speeds.h"
#include "runner/exec/sabotage.h"
#include "runner/machine/clocksource.h"
#include "runner/machine/machine.h"
#include "runner/machine/setup.h"
#include "runner/plan/plan.h"

#include <signal.h>

struct mp_counting; /* counting.h */

/* The state of one case of the run. */
struct mp_run_case {
	const struct mp_planned *planned;
	struct mp_counting
		*counting; /* borrowed: on its CPUs (countings.h); NULL: nothing is counted */
	uint32_t done; /* invocations finished, also in an earlier part of a resumed run */
	uint32_t failures; /* of them failed or timed out; MP_RUN_GIVE_UP of them end the case */
	uint64_t batch_ops; /* pinned; 0: none yet */
	struct mp_said *said; /* of each invocation that did not fail; owned (results/headline.h) */
	size_t n_said, cap_said;
	struct mp_moments *moments; /* of the blocks of each of them that has some; owned */
	size_t n_moments, cap_moments;
	double block_ns,
		start_ns; /* sums over those: what a block and a start cost (results/spread.h) */
	uint64_t spent_ns; /* wall time of its invocations, also in an earlier part */
	uint32_t explained, regions; /* invocations of the other passes, also in an earlier part */
	const char
		*why_stopped; /* "target", "budget", "cap", "planned", "failing"; NULL: goes on */
};
#define MP_RUN_GIVE_UP 3

struct mp_run {
	const struct mp_plan *plan;
	const struct mp_machine *machine;
	const struct mp_clocksource *clock;
	uint64_t seed;
	uint64_t timeout_ns; /* per invocation */
	struct mp_sabotage_orders sabotage; /* zeroed: an honest run */
	bool no_aslr;
	const volatile sig_atomic_t *stop; /* non-zero: the user asked to end */
	struct mp_setup *setup; /* borrowed: what cases need */

	struct mp_run_case *cases; /* one per plan case, same order */
	struct mp_run_speeds speeds; /* of the kinds of core that its cases use */
	double calm_before; /* share of the moment before the run that its first CPU was at full speed */
	uint64_t total, finished; /* invocations of the base rounds, for progress */
	uint64_t pool_ns; /* left for extensions and extra rounds */
	uint64_t before_ns; /* that the invocations of earlier parts of a resumed run took */
};

/* Whoever wants to know. Any hook may be NULL. A negative return ends the run; a positive one of `invocation` says that
 * the case has enough, and ends it. */
struct mp_sink {
	void *user;
	/* A worker is about to start. */
	int (*start)(void *user, const struct mp_run *run, size_t index, struct mp_err *err);
	/* It is finished; `inv` belongs to the coordinator. */
	int (*invocation)(void *user, const struct mp_run *run, size_t index,
			  const struct mp_invocation *inv, struct mp_err *err);
	/* An invocation of another pass than the timed ones has counted; its times are nobody's. `inv` as above. */
	int (*counted)(void *user, const struct mp_run *run, size_t index, const char *pass,
		       const struct mp_invocation *inv, struct mp_err *err);
	/* Hands each invocation of the case so far to `each`, with its raw data; the first non-zero answer ends it. */
	int (*recall)(void *user, const struct mp_run *run, size_t index,
		      int (*each)(void *user, struct mp_invocation *inv), void *each_user,
		      struct mp_err *err);
	/* No more invocations of that case; run->cases[index].why_stopped says why. */
	int (*case_end)(void *user, const struct mp_run *run, size_t index, struct mp_err *err);
};

/* Fills what a run needs from a plan: cases (with `done` 0), totals, pool. 0 or -ENOMEM. */
int mp_run_init(struct mp_run *run, const struct mp_plan *plan, const struct mp_machine *machine,
		const struct mp_clocksource *clock, uint64_t seed);
void mp_run_done(struct mp_run *run);

/* Runs until every case is measured, the budget is used or *stop is set (then -EINTR; the invocation in
 * flight is not reported). An error of a sink or a machine that cannot start workers ends it, too. No
 * worker is left behind in any case. */
int mp_run_execute(struct mp_run *run, const struct mp_sink *sinks, size_t n_sinks,
		   struct mp_err *err);

#endif

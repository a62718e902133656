/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The plan: which cases run, how often, how long it will take, and which were dropped and why. Made from
 * a suite and the machine before anything runs; printed by `memperf plan`; stored with the run.
 */
#ifndef RUNNER_PLAN_PLAN_H
#define RUNNER_PLAN_PLAN_H

#include "benchmarks/bench.h"
#include "runner/config/suite.h"

struct mp_planned {
	const struct mp_bench *bench;
	struct mp_params params;
	char text[MP_CASE_TEXT_MAX]; /* canonical: the identity */
	char *skip_reason; /* owned; a need of the benchmark is not met here, with the remedy; NULL: runs */
};

struct mp_dropped {
	char *text; /* owned: the case, or benchmark and axis value */
	char *reason; /* owned */
};

struct mp_plan {
	struct mp_planned *cases; /* in name order, no repeats */
	size_t n_cases, cap_cases;
	struct mp_dropped *dropped;
	size_t n_dropped, cap_dropped;
	size_t n_runnable; /* cases without skip_reason */

	/* How the time is spent; see mp_plan_schedule. */
	unsigned invocations; /* per case, base rounds */
	uint64_t budget_ns;
	double target; /* relative half-width of the interval that stops a case early */
	uint64_t warmup_ns, measure_ns; /* per invocation */
	uint64_t pool_ns; /* for cases short of calm samples, and for extra rounds */
	double estimate_s; /* base rounds + half of the pool */
};

/* What the command line adds to a suite. */
struct mp_plan_options {
	const char *filter; /* --filter EXPR or NULL, see common/filter.h */
	unsigned invocations; /* 0: the suite's, else 10 */
	uint64_t budget_ns; /* 0: the suite's, else 15 min */
	/* Why a need (one enum mp_need bit) is not met on this machine: heap text with the remedy, or NULL
	 * when it is met. */
	char *(*need_unmet)(void *user, enum mp_need need);
	void *need_user;
	/* Seconds one invocation of that case took outside its measured window (set-up, tear-down) when it
	 * was last run here; NaN: unknown. NULL: never known. */
	double (*overhead)(void *user, const struct mp_planned *c);
	void *overhead_user;
};

/* Expands the suite on the host. The floor family is always added. Unknown benchmark, axis or value:
 * -EINVAL with file:line and did-you-mean. A plan without a runnable case is -ENOENT. */
int mp_plan_make(const struct mp_suite *suite, const struct mp_host *host,
		 const struct mp_plan_options *options, struct mp_plan *ret_plan,
		 struct mp_err *err);

void mp_plan_done(struct mp_plan *plan);

/* The plan as JSON text (heap memory of the caller): cases, dropped with reasons, schedule. */
char *mp_plan_json(const struct mp_plan *plan);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The plan: which cases run, how often, how long it will take, and which were dropped and why. Made from
 * a suite and the machine before anything runs; printed by `memperf plan`; stored with the run.
 */
#ifndef RUNNER_PLAN_PLAN_H
#define RUNNER_PLAN_PLAN_H

#include <stdbool.h>

#include "benchmarks/bench.h"
#include "runner/config/suite.h"

/* Most invocations of a case, all rounds together; and most of the plan's windows that an invocation beyond the planned ones
 * measures. */
#define MP_PLAN_CAP	80
#define MP_PLAN_WINDOWS 4

struct json_t;
struct mp_str;

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
	unsigned invocations_asked; /* before the budget reduced them; equal when it did not */
	uint64_t budget_ns;
	bool to_budget; /* rounds go on for cases that miss the target until the budget ends; else until the pool does */
	double target; /* relative half-width of the interval that stops a case early; default 0.02 */
	uint64_t warmup_ns, measure_ns; /* per invocation */
	uint64_t pool_ns; /* for cases short of calm samples, and for extra rounds */
	double base_s; /* all base rounds */
	double estimate_s; /* base rounds + half of the pool: between none and all of it, whatever cases need */
	bool fits; /* base rounds end within the budget; else they are run all the same */
	bool setup; /* there was consent to set up what cases need; set by whoever asked for it */
};

/* What the command line adds to a suite. */
struct mp_plan_options {
	const char *filter; /* --filter EXPR or NULL, see common/filter.h */
	unsigned invocations; /* 0: the suite's, else 10 */
	uint64_t budget_ns; /* 0: the suite's, else 15 min */
	/* Why a need (one enum mp_need bit) is not met on this machine: heap text with the remedy, or NULL
	 * when it is met. `word`: the axis value that brings it, or NULL. Asked once each. */
	char *(*need_unmet)(void *user, enum mp_need need, const char *word);
	void *need_user;
	/* Why workers of a case with placement or memory policy cannot sit so here: heap text, or NULL when they
	 * can. NULL: never asked. */
	char *(*seats_unmet)(void *user, const struct mp_params *params);
	void *seats_user;
	/* Seconds one invocation of that case took outside its measured window (set-up, tear-down) when it
	 * was last run here; NaN: unknown. NULL: never known. */
	double (*overhead)(void *user, const struct mp_planned *c);
	void *overhead_user;
};

/* Expands the suite on the host. The floor family is always added, with its representative values.
 *
 * A value set of a file or of --set holds for every benchmark it is said for: a value that none of them
 * accepts is an error, one that some accept is dropped for the others, with the reason. The same goes for
 * axes: one that no benchmark of the entry has is an error, else those that lack it are not concerned.
 * Every benchmark has the axes place and mem (where.h). The floor is measured in every place of the cases.
 *
 * Unknown benchmark, axis, value, or axis in a filter: -EINVAL with file:line and did-you-mean. A selection
 * without a case, or a plan without a runnable one, is -ENOENT. */
int mp_plan_make(const struct mp_suite *suite, const struct mp_host *host,
		 const struct mp_plan_options *options, struct mp_plan *ret_plan,
		 struct mp_err *err);

/* Lays the time out for plan->cases (called by mp_plan_make). N runnable cases with set-up costs o, I
 * invocations, warm-up w, window m:
 *
 *	base = I (sum o + N (w + m)),  base + pool <= budget
 *
 * With a budget (`budget_ns` not 0) and five invocations or more, the pool is all that is left of the budget: the run goes on
 * for cases that miss the target until they reach it, or MP_PLAN_CAP invocations, or the budget ends. Fewer invocations
 * are a try, and where nobody gave a budget none is to be used up: there the pool is at most 0.15 budget and 0.3 base.
 * m fills 0.85 of the budget, or 0.62 where the pool is what is left of it, between 40 and 400 ms; w is 20 ms, or 100 ms when
 * m still is at least 300 ms then. When the shortest window does not fit, invocations are reduced, but not below 5 (or
 * what was asked, if less); when that does not fit either, `fits` is false and nothing is left out. The estimate is base + pool / 2;
 * where the pool is more than 2/3 of the base, which would make it 25 % wrong, it is said as a range. */
void mp_plan_schedule(struct mp_plan *plan, unsigned invocations, uint64_t budget_ns,
		      const struct mp_plan_options *options);

/* The schedule in words: two lines, and a third or fourth when the budget cut it short; no newline at the end.
 * Heap memory of the caller, NULL when memory ran out. */
char *mp_plan_words(const struct mp_plan *plan);

void mp_plan_done(struct mp_plan *plan); /* accepts zeroed */

/* The plan as JSON text (heap memory of the caller, NULL when memory ran out): schedule, cases with values
 * and skip reasons, dropped with reasons. */
char *mp_plan_json(const struct mp_plan *plan);
/* What such a text says beyond the plan. */
struct mp_plan_beside {
	/* Sets members of a case's object (jansson's), in the order of the cases; in the end once, of what stands beside them, with `c`
	 * NULL. Not 0: memory ran out. */
	int (*add)(void *user, const struct mp_planned *c, struct json_t *ret_object);
	void *user;
};
/* Appends the same to `out`, with what is beside it (NULL: nothing). Takes memory for the text and one case. 0 or -ENOMEM. */
int mp_plan_write(const struct mp_plan *plan, const struct mp_plan_beside *beside,
		  struct mp_str *out);

/* That text as a plan again, without what was dropped: the same cases, windows and invocations, whatever files and clocks
 * say by now. -EBADMSG for a text that no plan makes, -EINVAL for a case that this build or machine does not know, each with
 * a sentence. */
int mp_plan_restore(const char *json, const struct mp_host *host, struct mp_plan *ret_plan,
		    struct mp_err *err);

/* May its cases that are to run still do so here? Asks `options` for their needs and seats again. 0, or -ENOENT with the first
 * that may not and why. */
int mp_plan_recheck(const struct mp_plan *plan, const struct mp_plan_options *options,
		    struct mp_err *err);

#endif

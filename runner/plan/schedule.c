/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a run's budget is spent, and the estimate that is printed before it: see mp_plan_schedule. */
#include "runner/plan/plan.h"

#include <math.h>
#include <string.h>

#include "common/str.h"
#include "common/units.h"

#define MS 1000000.0 /* nanoseconds */

#define MEASURE_MIN	  (40 * MS)
#define MEASURE_MAX	  (400 * MS)
#define WARMUP_SHORT	  (20 * MS)
#define WARMUP_LONG	  (100 * MS) /* worth it beside a window of MEASURE_ROOM */
#define MEASURE_ROOM	  (300 * MS)
#define LEAST_INVOCATIONS 5 /* below, an interval of the median says next to nothing */
#define BASE_SHARE	  0.85 /* of the budget; the rest is the pool */
/* Where the run goes on until the budget ends: invocations differ more than their blocks do, and those beyond the planned
 * ones go where they are needed. */
#define GIVEN_SHARE    0.62
#define POOL_OF_BASE   0.30 /* where nobody gave a budget: bounds the error of the estimate */
#define NARROW	       (2.0 / 3) /* a pool up to that share of the base: all within 25 % of the estimate */
#define DEFAULT_BUDGET (15 * 60 * UINT64_C(1000000000))

/* What one invocation costs outside its windows when it has never been run here: exec, set-up, exit and the
 * coordinator's share, and touching the memory of the case once. */
#define OVERHEAD_NS	  (12 * MS)
#define OVERHEAD_PER_BYTE 2.0

/* Nanoseconds of one invocation outside warm-up and window. */
static double overhead(const struct mp_planned *c, const struct mp_plan_options *options)
{
	const struct mp_param *bytes, *touch;
	double seconds = NAN;

	if (options && options->overhead)
		seconds = options->overhead(options->overhead_user, c);
	if (seconds >= 0 && isfinite(seconds))
		return seconds * 1e9;
	/* A range is prepared before every block, whatever part of it an operation handles. */
	bytes = mp_params_find(&c->params, "range");
	if (!bytes && c->bench->bytes_axis)
		bytes = mp_params_find(&c->params, c->bench->bytes_axis);
	touch = mp_params_find(&c->params, "touch");
	if (!bytes || (touch && !strcmp(touch->word, "none")))
		return OVERHEAD_NS;
	return OVERHEAD_NS + (double)bytes->number * OVERHEAD_PER_BYTE;
}

/* Nanoseconds for what goes on after the base rounds. With a budget that is all that is left of it, as far as the cap of
 * invocations lets a case go on. */
static double pool_of(const struct mp_plan *plan, double base, double budget, double round,
		      double per_case)
{
	double more = plan->invocations < MP_PLAN_CAP ? MP_PLAN_CAP - plan->invocations : 0;
	double pool = plan->to_budget ? more * (round + (double)plan->n_runnable * per_case)
				      : fmin((1 - BASE_SHARE) * budget, POOL_OF_BASE * base);

	pool = fmin(pool, budget - base);
	return pool > 0 ? floor(pool) : 0;
}

void mp_plan_schedule(struct mp_plan *plan, unsigned invocations, uint64_t budget_ns,
		      const struct mp_plan_options *options)
{
	uint64_t allowed_ns = budget_ns ? budget_ns : DEFAULT_BUDGET;
	double n = (double)plan->n_runnable, budget = (double)allowed_ns;
	double round = 0; /* overhead of one round */
	double warmup = WARMUP_SHORT, share, measure, base, pool;
	unsigned least = invocations < LEAST_INVOCATIONS ? invocations : LEAST_INVOCATIONS;
	unsigned count = invocations;

	for (size_t i = 0; i < plan->n_cases; i++)
		if (!plan->cases[i].skip_reason)
			round += overhead(&plan->cases[i], options);
	while (count > least &&
	       count * (round + n * (WARMUP_SHORT + MEASURE_MIN)) > BASE_SHARE * budget)
		count--;
	/* The room of one invocation for warm-up and window. */
	share = budget_ns && count >= LEAST_INVOCATIONS ? GIVEN_SHARE : BASE_SHARE;
	measure = n > 0 ? (share * budget / count - round) / n : 0;
	if (measure - WARMUP_LONG >= MEASURE_ROOM)
		warmup = WARMUP_LONG;
	measure = fmin(fmax(measure - warmup, MEASURE_MIN), MEASURE_MAX);
	/* Whole nanoseconds, downwards, so that the sums below hold for what is stored. */
	measure = floor(measure);
	base = count * (round + n * (warmup + measure));
	plan->invocations = count;
	plan->invocations_asked = invocations;
	plan->budget_ns = allowed_ns;
	plan->to_budget = budget_ns && count >= LEAST_INVOCATIONS;
	pool = pool_of(plan, base, budget, round, warmup + MP_PLAN_WINDOWS * measure);
	plan->warmup_ns = (uint64_t)warmup;
	plan->measure_ns = (uint64_t)measure;
	plan->pool_ns = (uint64_t)pool;
	plan->base_s = base / 1e9;
	plan->estimate_s = (base + pool / 2) / 1e9;
	plan->fits = base <= budget;
}

char *mp_plan_words(const struct mp_plan *plan)
{
	char a[MP_UNITS_LEN], b[MP_UNITS_LEN], c[MP_UNITS_LEN];
	struct mp_str s = MP_STR_INIT;

	mp_str_printf(
		&s, "%zu case%s, %u invocation%s each: %.0f ms of warm-up, %.0f ms of measuring\n",
		plan->n_runnable, plan->n_runnable == 1 ? "" : "s", plan->invocations,
		plan->invocations == 1 ? "" : "s", (double)plan->warmup_ns / MS,
		(double)plan->measure_ns / MS);
	if ((double)plan->pool_ns / 1e9 <= NARROW * plan->base_s)
		mp_str_printf(&s, "about %s: %s, and up to %s more for cases that need it",
			      mp_period_format(plan->estimate_s, a),
			      mp_period_format(plan->base_s, b),
			      mp_period_format((double)plan->pool_ns / 1e9, c));
	else
		mp_str_printf(&s,
			      "between %s and %s: rounds go on for cases that miss the target of "
			      "%.3g %%",
			      mp_period_format(plan->base_s, a),
			      mp_period_format(plan->base_s + (double)plan->pool_ns / 1e9, b),
			      plan->target * 100);
	mp_period_format((double)plan->budget_ns / 1e9, a);
	if (plan->invocations < plan->invocations_asked)
		mp_str_printf(&s, "\n%u invocations, not %u: the budget of %s holds no more",
			      plan->invocations, plan->invocations_asked, a);
	if (!plan->fits)
		mp_str_printf(&s,
			      "\nlonger than the budget of %s: give --budget %.0fs or select less",
			      a, ceil(plan->base_s / BASE_SHARE));
	return mp_str_take(&s);
}

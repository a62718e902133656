/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the budget helps most: see purpose.h. */
#include "runner/exec/purpose.h"

#include "common/vec.h"
#include "results/spread.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LEAST_INVOCATIONS 3 /* that say how a case scatters */
#define FEWEST_VALUES	  3 /* that have an interval */
#define LEAST_BLOCKS	  2 /* of one that says how its blocks do */

/* The values that stand for an invocation in the stop rule, by the rules that choose the case's own: of single calls, of
 * batches where the clock does not resolve calls, or of rate blocks. NaN: it has none. */
static void values_of(const struct mp_run *run, const struct mp_invocation *inv,
		      enum mp_mode *ret_mode, double ret_values[2])
{
	static const enum mp_mode modes[] = { MP_MODE_CALL, MP_MODE_BATCH, MP_MODE_RATE };
	double step = run->clock->step_ns;

	ret_values[MP_POPULATION_ALL] = ret_values[MP_POPULATION_CALM] = NAN;
	for (size_t i = 0; i < 3; i++) {
		struct mp_dist d[2];
		double p50 = NAN;
		int ret = 0;

		for (int p = 0; p < 2 && !ret; p++)
			ret = mp_invocation_dist(inv, modes[i], (enum mp_population)p, step, &d[p]);
		if (ret || !d[MP_POPULATION_ALL].n)
			continue;
		*ret_mode = modes[i];
		for (int p = 0; p < 2; p++) {
			bool counts = mp_population_counts((enum mp_population)p, modes[i], d[p].n);

			ret_values[p] = !counts			   ? NAN
					: modes[i] == MP_MODE_RATE ? d[p].mean
								   : d[p].p50;
			p50 = counts ? d[p].p50 : p50;
		}
		/* A rate is one of all blocks. */
		if (modes[i] == MP_MODE_RATE)
			ret_values[MP_POPULATION_CALM] = NAN;
		if (modes[i] != MP_MODE_CALL ||
		    mp_resolution_of(p50, run->clock->pair_p50_ns, step) == MP_RESOLUTION_PER_CALL)
			return;
	}
}

static int learn_scatter(struct mp_run_case *c, const struct mp_invocation *inv, enum mp_mode mode)
{
	enum mp_population population =
		mode == MP_MODE_RATE ? MP_POPULATION_ALL : MP_POPULATION_CALM;
	struct mp_block_cost cost = mp_invocation_cost(inv, mode);
	struct mp_moments m, *slot;
	int ret = mp_invocation_moments(inv, mode, population, &m);

	if (ret || m.n < LEAST_BLOCKS || isnan(cost.block_ns))
		return ret;
	slot = mp_vec_push((void **)&c->moments, &c->n_moments, &c->cap_moments, sizeof(*slot));
	if (!slot)
		return -ENOMEM;
	*slot = m;
	c->block_ns += cost.block_ns;
	c->start_ns += cost.start_ns;
	return 0;
}

static void charge_pool(struct mp_run *run, const struct mp_invocation *inv)
{
	const char *extended = strstr(inv->layout, MP_LAYOUT_EXTENDED);
	uint64_t used = 0;

	if (inv->ordinal >= run->plan->invocations)
		used = inv->duration_ns;
	else if (extended)
		used = strtoull(extended + strlen(MP_LAYOUT_EXTENDED), NULL, 10);
	run->pool_ns -= used < run->pool_ns ? used : run->pool_ns;
}

int mp_purpose_learn_again(const struct mp_run *run, struct mp_run_case *c,
			   const struct mp_invocation *inv)
{
	enum mp_mode mode = MP_MODE_CALL;
	double values[2];

	if (inv->outcome == MP_OUTCOME_FAILED || inv->outcome == MP_OUTCOME_TIMED_OUT)
		return 0;
	values_of(run, inv, &mode, values);
	for (int p = 0; p < 2; p++) {
		double *slot;

		if (isnan(values[p]))
			continue;
		slot = mp_vec_push((void **)&c->values[p].at, &c->values[p].n, &c->values[p].cap,
				   sizeof(*slot));
		if (!slot)
			return -ENOMEM;
		*slot = values[p];
	}
	return isnan(values[MP_POPULATION_ALL]) ? 0 : learn_scatter(c, inv, mode);
}

int mp_purpose_learn(struct mp_run *run, struct mp_run_case *c, const struct mp_invocation *inv)
{
	charge_pool(run, inv);
	if (inv->batch_ops && !c->batch_ops)
		c->batch_ops = inv->batch_ops;
	c->failures += inv->outcome == MP_OUTCOME_FAILED || inv->outcome == MP_OUTCOME_TIMED_OUT;
	return mp_purpose_learn_again(run, c, inv);
}

void mp_purpose_forget(struct mp_run_case *c)
{
	for (int p = 0; p < 2; p++) {
		free(c->values[p].at);
		c->values[p].at = NULL;
		c->values[p].n = c->values[p].cap = 0;
	}
	free(c->moments);
	c->moments = NULL;
	c->n_moments = c->cap_moments = 0;
	c->block_ns = c->start_ns = 0;
}

/* Half of the pool is for extensions, shared by the invocations that are still to come. */
struct mp_window mp_purpose_base(const struct mp_run *run)
{
	uint64_t left = run->total > run->finished ? run->total - run->finished : 1;
	uint64_t share = run->pool_ns / 2 / left * 4, window = run->plan->measure_ns;

	return (struct mp_window){ window, share < window ? share : window };
}

struct mp_window mp_purpose_extra(const struct mp_run *run, const struct mp_run_case *c)
{
	uint64_t window = run->plan->measure_ns;
	double n = (double)c->n_moments, least = (double)window / 4,
	       most = (double)window * MP_PLAN_WINDOWS;
	struct mp_variance v;
	double wanted;

	if (c->n_moments < LEAST_INVOCATIONS)
		return (struct mp_window){ window, 0 };
	v = mp_variance(c->moments, c->n_moments);
	wanted = mp_variance_blocks(&v, c->block_ns / n, c->start_ns / n) * c->block_ns / n;
	if (isnan(wanted))
		return (struct mp_window){ window, 0 };
	return (struct mp_window){ (uint64_t)fmin(fmax(wanted, least), most), 0 };
}

/* Of its calm values where there are enough, as in what is stored; infinite without any. */
static double half_width(const struct mp_run_case *c)
{
	int p = c->values[MP_POPULATION_CALM].n >= FEWEST_VALUES ? MP_POPULATION_CALM
								 : MP_POPULATION_ALL;
	struct mp_estimate e = mp_estimate_invocations(c->values[p].at, c->values[p].n);

	return e.n ? mp_estimate_half_width(&e) : INFINITY;
}

static bool may_go_on(const struct mp_run_case *c)
{
	return !c->planned->skip_reason && !c->why_stopped && c->done < MP_PLAN_CAP;
}

/* An interval narrows as the root of the invocations; one of few values that is free of distribution narrows faster, so
 * twice the cap counts as within reach. */
static bool within_reach(const struct mp_run *run, const struct mp_run_case *c, double width)
{
	double over = width / run->plan->target;

	return c->done * over * over <= 2.0 * MP_PLAN_CAP;
}

long mp_purpose_widest(const struct mp_run *run)
{
	double worst = 0;
	bool worst_reaches = false;
	long found = -1;

	for (size_t i = 0; i < run->plan->n_cases; i++) {
		const struct mp_run_case *c = &run->cases[i];
		double width =
			c->values[MP_POPULATION_ALL].n < FEWEST_VALUES ? INFINITY : half_width(c);
		bool reaches = isinf(width) || within_reach(run, c, width);

		if (!may_go_on(c) || width <= run->plan->target ||
		    (isinf(width) && c->done >= 2 * run->plan->invocations))
			continue;
		if (reaches != worst_reaches ? reaches
		    : width != worst	     ? width > worst
					     : c->done < run->cases[found].done) {
			worst = width;
			worst_reaches = reaches;
			found = (long)i;
		}
	}
	return found;
}

const char *mp_purpose_why(const struct mp_run *run, const struct mp_run_case *c)
{
	double width = half_width(c);

	if (width <= run->plan->target)
		return "target";
	if (c->done >= MP_PLAN_CAP)
		return "cap";
	return isfinite(width) && run->plan->to_budget ? "budget" : "planned";
}

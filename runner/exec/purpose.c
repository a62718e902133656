/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the budget helps most: see purpose.h. */
#include "runner/exec/purpose.h"

#include "common/vec.h"
#include "results/points.h"
#include "results/spread.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LEAST_INVOCATIONS 3 /* that say how a case scatters */
#define FEWEST_VALUES	  3 /* that have an interval */
#define LEVEL		  0.05 /* of all tests of a comparison together */
#define LEAST_BLOCKS	  2 /* of one that says how its blocks do */

static int say(const struct mp_invocation *inv, double step_ns, struct mp_said *ret_said)
{
	static const enum mp_mode modes[] = { MP_MODE_CALL, MP_MODE_BATCH, MP_MODE_RATE };

	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
		for (int p = 0; p < 2; p++) {
			struct mp_dist d;
			int ret = mp_invocation_dist(inv, modes[i], (enum mp_population)p, step_ns,
						     &d);
			double value = modes[i] == MP_MODE_RATE ? d.mean : d.p50;

			if (ret)
				return ret;
			ret_said->ns[mp_mode_index(modes[i])][p] =
				mp_population_counts((enum mp_population)p, modes[i], d.n) ? value
											   : NAN;
		}
	return 0;
}

/* What stands for the case, by the rules of what is stored of it. */
static struct mp_headline headline(const struct mp_run *run, const struct mp_said *said, size_t n)
{
	return mp_headline_choose(said, n, run->clock->pair_p50_ns, run->clock->step_ns);
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
	struct mp_said *said;
	struct mp_headline h;

	if (inv->outcome == MP_OUTCOME_FAILED || inv->outcome == MP_OUTCOME_TIMED_OUT)
		return 0;
	said = mp_vec_push((void **)&c->said, &c->n_said, &c->cap_said, sizeof(*said));
	if (!said || say(inv, run->clock->step_ns, said))
		return -ENOMEM;
	h = headline(run, said, 1);
	return h.value.n ? learn_scatter(c, inv, h.mode) : 0;
}

int mp_purpose_learn(struct mp_run *run, struct mp_run_case *c, const struct mp_invocation *inv)
{
	charge_pool(run, inv);
	c->spent_ns += inv->duration_ns;
	/* Of an operation that did nothing no size is learnt: the next run's blocks would take minutes. */
	if (inv->batch_ops && !c->batch_ops && inv->outcome == MP_OUTCOME_OK)
		c->batch_ops = inv->batch_ops;
	c->failures += inv->outcome == MP_OUTCOME_FAILED || inv->outcome == MP_OUTCOME_TIMED_OUT;
	return mp_purpose_learn_again(run, c, inv);
}

void mp_purpose_forget(struct mp_run_case *c)
{
	free(c->said);
	c->said = NULL;
	c->n_said = c->cap_said = 0;
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

unsigned mp_purpose_needed(const struct mp_plan *plan)
{
	double p = 2;
	unsigned n = 0;

	/* (2n choose n) = (2n - 2 choose n - 1) * 2 (2n - 1) / n */
	while (n < plan->invocations && p * (double)plan->n_runnable > LEVEL) {
		n++;
		p *= n / (2.0 * (2.0 * n - 1));
	}
	return n;
}

/* Values that stand for the case as they should: calm ones, and where rates are counted, any. */
static unsigned usable(const struct mp_run_case *c, enum mp_mode mode)
{
	enum mp_population p = mode == MP_MODE_RATE ? MP_POPULATION_ALL : MP_POPULATION_CALM;
	unsigned n = 0;

	for (size_t i = 0; i < c->n_said; i++)
		n += !isnan(c->said[i].ns[mp_mode_index(mode)][p]);
	return n;
}

/* Values that it is short of; 0 once it was given twice the planned invocations. */
static unsigned lacking(const struct mp_run *run, const struct mp_run_case *c, enum mp_mode mode)
{
	unsigned needed = mp_purpose_needed(run->plan), n = usable(c, mode);

	return n < needed && c->done < 2 * run->plan->invocations ? needed - n : 0;
}

struct mp_window mp_purpose_extra(const struct mp_run *run, const struct mp_run_case *c)
{
	uint64_t window = run->plan->measure_ns;
	double n = (double)c->n_moments, least = (double)window / 4,
	       most = (double)window * MP_PLAN_WINDOWS;
	struct mp_variance v;
	double wanted;

	if (lacking(run, c, headline(run, c->said, c->n_said).mode))
		return (struct mp_window){ window, window };
	if (c->n_moments < LEAST_INVOCATIONS)
		return (struct mp_window){ window, 0 };
	v = mp_variance(c->moments, c->n_moments);
	wanted = mp_variance_blocks(&v, c->block_ns / n, c->start_ns / n) * c->block_ns / n;
	if (isnan(wanted))
		return (struct mp_window){ window, 0 };
	return (struct mp_window){ (uint64_t)fmin(fmax(wanted, least), most), 0 };
}

static bool may_go_on(const struct mp_run_case *c)
{
	return !c->planned->skip_reason && !c->why_stopped && c->done < MP_PLAN_CAP;
}

/* What a case lacks. */
struct lack {
	unsigned values;
	double ns; /* time that it lacks; INFINITY: it is out of reach */
	double width; /* of its interval, half and relative; INFINITY: it has none */
};

/* Time that brings a case to the target: an interval narrows as the root of the invocations. One of few values that is free
 * of distribution narrows faster, so twice the cap counts as within reach. Values are expected as often as they came. */
static struct lack lack(const struct mp_run *run, const struct mp_run_case *c)
{
	struct mp_headline h = headline(run, c->said, c->n_said);
	struct lack lack = { .values = lacking(run, c, h.mode),
			     .width = mp_estimate_half_width(&h.value) };
	double spent = (double)c->spent_ns, over = lack.width / run->plan->target;

	if (h.value.n < FEWEST_VALUES)
		lack.width = INFINITY;
	if (lack.values)
		lack.ns = spent * lack.values / (usable(c, h.mode) + 1.0);
	else
		lack.ns = c->done * over * over <= 2.0 * MP_PLAN_CAP ? spent * (over * over - 1)
								     : INFINITY;
	return lack;
}

static bool comes_before(const struct mp_run_case *a, const struct lack *of_a,
			 const struct mp_run_case *b, const struct lack *of_b)
{
	if (!of_a->values != !of_b->values)
		return of_a->values;
	if (of_a->ns != of_b->ns)
		return of_a->ns < of_b->ns;
	if (of_a->width != of_b->width)
		return of_a->width > of_b->width;
	return a->done < b->done;
}

long mp_purpose_next(const struct mp_run *run)
{
	const struct mp_run_case *best = NULL;
	struct lack of_best = { 0 };

	for (size_t i = 0; i < run->plan->n_cases; i++) {
		const struct mp_run_case *c = &run->cases[i];
		struct lack of_c;

		if (!may_go_on(c))
			continue;
		of_c = lack(run, c);
		if (!of_c.values && (of_c.width <= run->plan->target || isinf(of_c.width)))
			continue;
		if (!best || comes_before(c, &of_c, best, &of_best)) {
			best = c;
			of_best = of_c;
		}
	}
	return best ? best - run->cases : -1;
}

const char *mp_purpose_why(const struct mp_run *run, const struct mp_run_case *c)
{
	struct mp_headline h = headline(run, c->said, c->n_said);
	double width = mp_estimate_half_width(&h.value);

	if (!lacking(run, c, h.mode) && width <= run->plan->target)
		return "target";
	if (c->done >= MP_PLAN_CAP)
		return "cap";
	return isfinite(width) && run->plan->to_budget ? "budget" : "planned";
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Rounds of invocations in random order, then extra rounds where they help most, until the target
 * or the budget. See run.h.
 */
#include "runner/exec/run.h"

#include "common/vec.h"
#include "results/spread.h"
#include "runner/exec/invoke.h"
#include "runner/exec/passes.h"
#include "runner/exec/purpose.h"
#include "runner/machine/affinity.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int mp_run_init(struct mp_run *run, const struct mp_plan *plan, const struct mp_machine *machine,
		const struct mp_clocksource *clock, uint64_t seed)
{
	struct mp_run_case *cases = calloc(plan->n_cases + 1, sizeof(*cases));

	if (!cases)
		return -ENOMEM;
	*run = (struct mp_run){
		.plan = plan,
		.machine = machine,
		.clock = clock,
		.seed = seed,
		.cases = cases,
		.pool_ns = plan->pool_ns,
		.total = (uint64_t)plan->n_runnable * plan->invocations,
		.timeout_ns = 60000000000ULL + 20 * (plan->warmup_ns + plan->measure_ns),
	};
	for (size_t i = 0; i < plan->n_cases; i++)
		cases[i].planned = &plan->cases[i];
	return 0;
}

void mp_run_done(struct mp_run *run)
{
	if (run->cases)
		for (size_t i = 0; i < run->plan->n_cases; i++)
			mp_purpose_forget(&run->cases[i]);
	free(run->cases);
	mp_run_speeds_done(&run->speeds);
	run->cases = NULL;
}

struct driver {
	struct mp_run *run;
	struct mp_invoker *invoker;
	const struct mp_sink *sinks;
	size_t n_sinks;
	struct mp_err *err;
	uint64_t begin_ns; /* when this part of the run began */
	uint64_t learning_ns; /* what learning all again took the last time */
	struct mp_full_speeds
		learned_by; /* what the cases' values were last judged by, all alike */
};

static int tell_start(const struct driver *d, size_t index)
{
	int ret = 0;

	for (size_t i = 0; i < d->n_sinks && !ret; i++)
		if (d->sinks[i].start)
			ret = d->sinks[i].start(d->sinks[i].user, d->run, index, d->err);
	return ret;
}

static int tell_invocation(const struct driver *d, size_t index, const struct mp_invocation *inv)
{
	int enough = 0;

	for (size_t i = 0; i < d->n_sinks; i++) {
		int ret = 0;

		if (d->sinks[i].invocation)
			ret = d->sinks[i].invocation(d->sinks[i].user, d->run, index, inv, d->err);
		if (ret < 0)
			return ret;
		enough |= ret;
	}
	return enough;
}

static int end_case(const struct driver *d, size_t index, const char *why)
{
	struct mp_run_case *c = &d->run->cases[index];
	int ret = 0;

	if (c->why_stopped)
		return 0;
	c->why_stopped = why;
	for (size_t i = 0; i < d->n_sinks && !ret; i++)
		if (d->sinks[i].case_end)
			ret = d->sinks[i].case_end(d->sinks[i].user, d->run, index, d->err);
	return ret;
}

/* One invocation of one case, told to everyone. */
static int step(const struct driver *d, size_t index, struct mp_window window)
{
	struct mp_run *run = d->run;
	struct mp_run_case *c = &run->cases[index];
	struct mp_invocation inv;
	int ret = tell_start(d, index);

	if (ret)
		return ret;
	ret = mp_invoke(d->invoker, run, index, c->done, window, MP_PASS_TIMING, &inv, d->err);
	if (ret)
		return ret;
	inv.steady = mp_invocation_steady(&inv);
	ret = mp_run_speeds_learn(&run->speeds, &inv);
	if (!ret)
		ret = mp_purpose_learn(run, c, &inv);
	if (ret)
		mp_err_env(d->err, ret, "out of memory");
	else
		ret = tell_invocation(d, index, &inv);
	mp_invocation_done(&inv);
	if (ret < 0)
		return ret;
	c->done++;
	if (ret)
		return end_case(d, index, "target");
	if (c->failures >= MP_RUN_GIVE_UP)
		return end_case(d, index, "failing");
	return 0;
}

/* A random order of the case indices (Fisher and Yates), drawn from the run's seed and the round. */
static void shuffle(size_t *order, size_t n, uint64_t seed, uint64_t round)
{
	struct mp_random r = { .state = seed ^ (0xd1342543de82ef95ULL * (round + 1)) };

	for (size_t i = 0; i < n; i++)
		order[i] = i;
	for (size_t i = n; i > 1; i--) {
		size_t j = mp_random_below(&r, i);
		size_t swap = order[i - 1];

		order[i - 1] = order[j];
		order[j] = swap;
	}
}

static bool runnable(const struct mp_run_case *c)
{
	return !c->planned->skip_reason && !c->why_stopped;
}

static int base_rounds(const struct driver *d, size_t *order)
{
	struct mp_run *run = d->run;

	for (unsigned round = 0; round < run->plan->invocations; round++) {
		shuffle(order, run->plan->n_cases, run->seed, round);
		for (size_t i = 0; i < run->plan->n_cases; i++) {
			struct mp_run_case *c = &run->cases[order[i]];
			int ret;

			if (!runnable(c) || c->done > round)
				continue;
			ret = step(d, order[i], mp_purpose_base(run));
			if (ret)
				return ret;
			run->finished++;
		}
	}
	return 0;
}

/* How long everything really took decides what is left of a budget. The end costs some, too: what is learned once more, and
 * the results, which take up to twice as long (1.9 s beside 1.1 s for 330 cases, and a budget overrun by that). */
static void settle_pool(const struct driver *d)
{
	struct mp_run *run = d->run;
	uint64_t used = run->before_ns + mp_clock_raw_ns() - d->begin_ns + 3 * d->learning_ns;

	if (run->plan->to_budget)
		run->pool_ns = used < run->plan->budget_ns ? run->plan->budget_ns - used : 0;
}

struct learner {
	const struct mp_run *run;
	struct mp_run_case *of;
	int ret;
};

static int learn_again(void *user, struct mp_invocation *inv)
{
	struct learner *l = user;

	mp_invocation_refer(inv, &l->run->speeds.now,
			    l->run->clock->step_ns / inv->clock_ns_per_tick);
	l->ret = mp_purpose_learn_again(l->run, l->of, inv);
	return l->ret;
}

static int learn_case_again(const struct driver *d, size_t index)
{
	struct learner learner = { .run = d->run, .of = &d->run->cases[index] };
	int ret = 0;

	for (size_t i = 0; i < d->n_sinks; i++)
		if (d->sinks[i].recall) {
			mp_purpose_forget(learner.of);
			ret = d->sinks[i].recall(d->sinks[i].user, d->run, index, learn_again,
						 &learner, d->err);
			break;
		}
	return learner.ret ? mp_err_env(d->err, learner.ret, "out of memory") : ret;
}

/* What full speed is, is known better now than when most values were taken, and with it which samples are calm. Judged by
 * what was known then, 305 cases stopped at the target on a machine of changing speed, and 202 had reached it. 1:
 * the values are learned again; 0: the speeds are the same as the last time. */
static int learn_all_again(struct driver *d)
{
	struct mp_run *run = d->run;
	uint64_t begin_ns = mp_clock_raw_ns();
	int ret = 0;

	if (mp_full_speeds_same(&d->learned_by, &run->speeds.now))
		return 0;
	for (size_t i = 0; i < run->plan->n_cases && !ret; i++)
		if (runnable(&run->cases[i]))
			ret = learn_case_again(d, i);
	d->learned_by = run->speeds.now;
	d->learning_ns = mp_clock_raw_ns() - begin_ns;
	return ret < 0 ? ret : 1;
}

/* Extra invocations where they help most, until the pool is empty. */
static int extra_rounds(struct driver *d)
{
	struct mp_run *run = d->run;
	int ret = learn_all_again(d);

	while (ret >= 0) {
		struct mp_window window = { 0 };
		long index;

		settle_pool(d);
		index = mp_purpose_next(run);
		if (index >= 0)
			window = mp_purpose_extra(run, &run->cases[index]);
		if (index >= 0 && run->pool_ns >= run->plan->warmup_ns + window.measure_ns) {
			ret = step(d, (size_t)index, window);
			continue;
		}
		ret = learn_all_again(d);
		if (!ret)
			return 0;
	}
	return ret;
}

static int end_all(const struct driver *d)
{
	int ret = 0;

	for (size_t i = 0; i < d->run->plan->n_cases && !ret; i++) {
		struct mp_run_case *c = &d->run->cases[i];

		if (runnable(c))
			ret = end_case(d, i, mp_purpose_why(d->run, c));
	}
	return ret;
}

/* The coordinator keeps off the CPUs of the workers when there are others. */
static void keep_away(const struct mp_run *run)
{
	for (size_t i = 0; i < run->plan->n_cases; i++) {
		const struct mp_planned *c = &run->plan->cases[i];
		struct mp_seat seat;

		if (!c->skip_reason && !mp_machine_seats(run->machine, &c->params, 1, &seat, NULL))
			mp_affinity_avoid(seat.cpu);
	}
}

static unsigned most_threads(const struct mp_plan *plan)
{
	unsigned most = 1;

	for (size_t i = 0; i < plan->n_cases; i++) {
		unsigned workers = mp_params_workers(&plan->cases[i].params);

		if (workers > most && workers <= MP_WIRE_THREADS)
			most = workers;
	}
	return most;
}

int mp_run_execute(struct mp_run *run, const struct mp_sink *sinks, size_t n_sinks,
		   struct mp_err *err)
{
	struct driver d = { .run = run, .sinks = sinks, .n_sinks = n_sinks, .err = err };
	size_t *order = calloc(run->plan->n_cases + 1, sizeof(*order));
	size_t state_size = 0;
	int ret;

	if (!order)
		return mp_err_env(err, -ENOMEM, "out of memory");
	for (size_t i = 0; i < run->plan->n_cases; i++)
		if (run->plan->cases[i].bench->state_size > state_size)
			state_size = run->plan->cases[i].bench->state_size;
	ret = mp_invoker_new(most_threads(run->plan), state_size, &d.invoker, err);
	if (!ret) {
		keep_away(run);
		d.begin_ns = mp_clock_raw_ns();
		ret = base_rounds(&d, order);
	}
	if (!ret)
		ret = extra_rounds(&d);
	if (!ret)
		ret = mp_passes_execute(run, d.invoker, sinks, n_sinks, err);
	if (!ret)
		ret = end_all(&d);
	mp_invoker_free(d.invoker);
	free(order);
	return ret;
}

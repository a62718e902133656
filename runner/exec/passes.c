/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Explain and bandwidth invocations of every case: see passes.h. */
#include "runner/exec/passes.h"

/* An explain invocation measures as long as this at most: counts need no long series. */
#define EXPLAIN_NS 100000000u
/* Starting a worker, opening tracepoints, and above all closing them (40 ms each). */
#define START_NS 300000000u

static const enum mp_counter_pass passes[] = { MP_PASS_EXPLAIN, MP_PASS_BANDWIDTH };

static bool needs(const struct mp_run_case *c, enum mp_counter_pass pass)
{
	return c->counting && !c->planned->skip_reason && mp_counting_needs(c->counting, pass);
}

static uint32_t *done_of(struct mp_run_case *c, enum mp_counter_pass pass)
{
	return pass == MP_PASS_EXPLAIN ? &c->explained : &c->regions;
}

/* A region comes before the measured phase, which is then as short as it can be. */
static struct mp_window window_of(const struct mp_run *run, enum mp_counter_pass pass)
{
	struct mp_window window = { 0 };

	if (pass == MP_PASS_EXPLAIN)
		window.measure_ns =
			run->plan->measure_ns < EXPLAIN_NS ? run->plan->measure_ns : EXPLAIN_NS;
	return window;
}

static int tell(struct mp_run *run, const struct mp_sink *sinks, size_t n_sinks, size_t index,
		const char *pass, const struct mp_invocation *inv, struct mp_err *err)
{
	int ret = 0;

	for (size_t i = 0; i < n_sinks && !ret; i++)
		if (sinks[i].counted)
			ret = sinks[i].counted(sinks[i].user, run, index, pass, inv, err);
	return ret;
}

static int one(struct mp_run *run, struct mp_invoker *invoker, const struct mp_sink *sinks,
	       size_t n_sinks, size_t index, enum mp_counter_pass pass, struct mp_err *err)
{
	uint32_t *done = done_of(&run->cases[index], pass);
	struct mp_invocation inv;
	int ret = 0;

	for (size_t i = 0; i < n_sinks && !ret; i++)
		if (sinks[i].start)
			ret = sinks[i].start(sinks[i].user, run, index, err);
	if (!ret)
		ret = mp_invoke(invoker, run, index, *done, window_of(run, pass), pass, &inv, err);
	if (ret)
		return ret;
	ret = tell(run, sinks, n_sinks, index, mp_counter_pass_name(pass), &inv, err);
	mp_invocation_done(&inv);
	++*done;
	return ret < 0 ? ret : 0;
}

int mp_passes_execute(struct mp_run *run, struct mp_invoker *invoker, const struct mp_sink *sinks,
		      size_t n_sinks, struct mp_err *err)
{
	int ret = 0;

	for (size_t p = 0; p < MP_COUNT(passes); p++) {
		for (uint32_t round = 0; round < MP_PASSES_INVOCATIONS; round++)
			for (size_t i = 0; i < run->plan->n_cases && !ret; i++) {
				struct mp_run_case *c = &run->cases[i];

				if (needs(c, passes[p]) && c->failures < MP_RUN_GIVE_UP &&
				    *done_of(c, passes[p]) <= round)
					ret = one(run, invoker, sinks, n_sinks, i, passes[p], err);
			}
	}
	return ret;
}

uint64_t mp_passes_estimate(const struct mp_run *run)
{
	uint64_t all = 0;

	for (size_t p = 0; p < MP_COUNT(passes); p++)
		for (size_t i = 0; i < run->plan->n_cases; i++)
			if (needs(&run->cases[i], passes[p]))
				all += START_NS + run->plan->warmup_ns +
				       window_of(run, passes[p]).measure_ns +
				       (passes[p] == MP_PASS_BANDWIDTH ? 3 * MP_COUNTING_REGION_NS
								       : 0);
	return all * MP_PASSES_INVOCATIONS;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Opens, reads and sums a counter of whatever kind: see probe.h. */
#include "runner/counters/probe.h"

#include <errno.h>
#include <stdlib.h>

int mp_probe_open(const struct mp_counter *counter, const struct mp_perf_ops *ops, int cpu,
		  struct mp_probe *ret_probe, struct mp_err *err)
{
	struct mp_probe p = { .counter = counter };
	const size_t n = counter->n_events ? counter->n_events : 1;
	int rc = 0;

	p.groups = calloc(n, sizeof(*p.groups));
	for (unsigned i = 0; i < 2; i++)
		p.readings[i] = calloc(n, sizeof(*p.readings[i]));
	*ret_probe = p;
	if (!p.groups || !p.readings[0] || !p.readings[1])
		return mp_err_env(err, -ENOMEM, "no memory for %zu counters", n);
	for (size_t i = 0; !rc && i < counter->n_events; i++) {
		rc = mp_perf_group_open(ops, &counter->events[i], 1, cpu, false, &p.groups[i], NULL,
					err);
		if (!rc)
			rc = mp_perf_group_enable(&p.groups[i], err);
	}
	return rc;
}

void mp_probe_close(struct mp_probe *probe)
{
	for (size_t i = 0; probe->groups && i < probe->counter->n_events; i++)
		mp_perf_group_close(&probe->groups[i]);
	free(probe->groups);
	free(probe->readings[0]);
	free(probe->readings[1]);
	*probe = (struct mp_probe){ .counter = probe->counter };
}

int mp_probe_read(struct mp_probe *probe, unsigned after)
{
	const struct mp_counter *c = probe->counter;
	int rc = 0;

	if (c->encoder == MP_ENCODER_FILE)
		return mp_counter_files_read(c, &probe->numbers[after]);
	if (c->encoder == MP_ENCODER_RUSAGE)
		return mp_rusage_read(c->source->event, &probe->numbers[after]);
	for (size_t i = 0; !rc && i < c->n_events; i++)
		rc = mp_perf_group_read(&probe->groups[i], &probe->readings[after][i]);
	return rc;
}

int mp_probe_value(const struct mp_probe *probe, bool zero_proven,
		   struct mp_counter_value *ret_value)
{
	const struct mp_counter *c = probe->counter;
	struct mp_counter_rule rule = mp_counter_rule_of(c);
	const size_t n = c->n_events ? c->n_events : 1;
	struct mp_perf_delta *deltas = calloc(n, sizeof(*deltas));

	if (!deltas)
		return -ENOMEM;
	for (size_t i = 0; i < c->n_events; i++)
		deltas[i] = mp_perf_delta(&probe->readings[0][i], &probe->readings[1][i], 0);
	if (!c->n_events)
		deltas[0] = mp_perf_delta_plain(probe->numbers[0], probe->numbers[1]);
	rule.zero_proven = zero_proven;
	mp_counter_sum(&rule, deltas, n, ret_value);
	free(deltas);
	return 0;
}

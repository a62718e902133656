/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counting around measured operations: see tally.h. */
#include "runner/worker/tally.h"

static void failed(struct mp_perf_delta *deltas, const struct mp_tally_group *group, int error)
{
	for (unsigned i = 0; i < group->n; i++)
		if (!deltas[group->first + i].error)
			deltas[group->first + i].error = error;
}

void mp_tally_open(struct mp_tally *t, const struct mp_tally_order *order,
		   const struct mp_perf_ops *ops, int cpu, unsigned kind)
{
	for (unsigned g = 0; g < order->n_groups; g++) {
		const struct mp_tally_group *group = &order->groups[g];
		int rc;

		if (group->kind && group->kind != kind)
			continue;
		rc = mp_perf_group_open(ops, &order->events[group->first], group->n, cpu,
					group->pinned, &t->groups[g], NULL, NULL);
		if (!rc)
			rc = mp_perf_group_enable(&t->groups[g], NULL);
		if (rc) {
			mp_perf_group_close(&t->groups[g]);
			failed(t->deltas, group, rc);
		}
	}
}

void mp_tally_close(struct mp_tally *t, const struct mp_tally_order *order)
{
	for (unsigned g = 0; g < order->n_groups; g++)
		mp_perf_group_close(&t->groups[g]);
}

void mp_tally_start(struct mp_tally *t, const struct mp_tally_order *order)
{
	for (unsigned g = 0; g < order->n_groups; g++)
		t->errors[g] =
			t->groups[g].n ? mp_perf_group_read(&t->groups[g], &t->before[g]) : 0;
}

/* The last group that was read before is the first that is read after: hardware groups come last in an order, and
 * their window holds least beside the operations. */
static void stop(struct mp_tally *t, const struct mp_tally_order *order, struct mp_perf_delta *sums,
		 int error)
{
	for (unsigned g = order->n_groups; g-- > 0;) {
		const struct mp_tally_group *group = &order->groups[g];
		struct mp_perf_reading after;
		int rc;

		if (!t->groups[g].n)
			continue;
		rc = mp_perf_group_read(&t->groups[g], &after);
		if (!sums)
			continue;
		if (error || t->errors[g] || rc) {
			failed(sums, group, error ? error : t->errors[g] ? t->errors[g] : rc);
			continue;
		}
		for (unsigned i = 0; i < group->n; i++) {
			struct mp_perf_delta delta = mp_perf_delta(&t->before[g], &after, i);

			mp_perf_delta_add(&sums[group->first + i], &delta);
		}
	}
}

void mp_tally_stop(struct mp_tally *t, const struct mp_tally_order *order, uint64_t operations,
		   bool counts)
{
	stop(t, order, counts ? t->deltas : NULL, 0);
	if (counts)
		t->operations += operations;
}

void mp_tally_stop_hollow(struct mp_tally *t, const struct mp_tally_order *order, int error)
{
	stop(t, order, t->hollow, error);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which events a thread counts together. What a PMU's counters hold goes into one pinned group, which is always on the PMU
 * or in error; what they do not hold goes into several, which take turns, and their values are scaled. Software events and
 * tracepoints always fit. How many counters there are is nowhere written: it is tried.
 */
#include "runner/exec/counting_internal.h"

#include <errno.h>
#include <string.h>

#include "runner/machine/affinity.h"

#define TRIAL_NS 200000u /* a group that does not fit has not run after it */

static void spin(uint64_t ns)
{
	uint64_t begin = mp_clock_raw_ns();

	while (mp_clock_raw_ns() - begin < ns)
		;
}

/* Do these events run together on this CPU, all of the time? */
static bool fits(const struct mp_perf_ops *ops, const struct mp_perf_event *events, unsigned n,
		 int cpu)
{
	struct mp_perf_group group;
	struct mp_perf_reading reading;
	bool good;

	if (mp_perf_group_open(ops, events, n, cpu, true, &group, NULL, NULL))
		return false;
	good = !mp_perf_group_enable(&group, NULL);
	spin(TRIAL_NS);
	good = good && !mp_perf_group_read(&group, &reading) && reading.running_ns > 0 &&
	       reading.running_ns == reading.enabled_ns;
	mp_perf_group_close(&group);
	return good;
}

/* Software events and tracepoints need no counter. */
static bool needs_counter(const struct mp_perf_event *e)
{
	return e->type != PERF_TYPE_SOFTWARE && e->type != PERF_TYPE_TRACEPOINT;
}

static int add_event(struct mp_tally_order *order, unsigned *n, struct mp_item *item, size_t i,
		     struct mp_err *err)
{
	if (*n == MP_TALLY_EVENTS)
		return mp_err_usage(err, -E2BIG,
				    "the group has more than %d events: take metrics out of it",
				    MP_TALLY_EVENTS);
	item->at[i] = (uint16_t)*n;
	order->events[(*n)++] = item->counter->events[i];
	return 0;
}

/* The next events from `first` on into one group, for the workers on that kind of core. */
static int add_group(struct mp_tally_order *order, unsigned first, unsigned n, size_t core,
		     struct mp_err *err)
{
	if (order->n_groups == MP_TALLY_GROUPS)
		return mp_err_usage(err, -E2BIG,
				    "the group needs more than %d groups of counters: take metrics "
				    "out of it",
				    MP_TALLY_GROUPS);
	order->groups[order->n_groups++] = (struct mp_tally_group){ .first = (uint16_t)first,
								    .n = (uint16_t)n,
								    .kind = (uint16_t)core };
	return 0;
}

/* Events first .. end, all of one PMU: as many together as it holds. */
static int split(struct mp_tally_order *order, unsigned first, unsigned end, size_t core,
		 const struct mp_perf_ops *ops, int cpu, struct mp_err *err)
{
	bool hardware = needs_counter(&order->events[first]);
	struct mp_affinity before = { 0 };
	int ret = 0;

	/* An event of this thread runs where it is opened, or nowhere. */
	if (hardware)
		mp_affinity_pin(cpu, &before);
	while (first < end && !ret) {
		unsigned n = end - first < MP_PERF_GROUP_MAX ? end - first : MP_PERF_GROUP_MAX;

		while (hardware && n > 1 && !fits(ops, &order->events[first], n, cpu))
			n--;
		ret = add_group(order, first, n, core, err);
		first += n;
	}
	mp_affinity_restore(&before);
	return ret;
}

/* The events of one kind of core that need a counter, or that need none. */
static int add_events(struct mp_counting *c, enum mp_counter_pass pass, bool hardware, size_t core,
		      struct mp_tally_order *order, unsigned *n, struct mp_err *err)
{
	int ret = 0;

	for (size_t i = 0; i < c->n_items && !ret; i++) {
		struct mp_item *item = &c->items[i];

		if (item->pass != pass || item->kind != MP_ITEM_THREAD || item->core != core)
			continue;
		for (size_t e = 0; e < item->counter->n_events && !ret; e++)
			if (needs_counter(&item->counter->events[e]) == hardware)
				ret = add_event(order, n, item, e, err);
	}
	return ret;
}

/* A group that no other of the same worker takes turns with is always on the PMU. */
static void pin_groups(struct mp_tally_order *order)
{
	for (unsigned g = 0; g < order->n_groups; g++) {
		struct mp_tally_group *group = &order->groups[g];
		bool alone = needs_counter(&order->events[group->first]);

		for (unsigned o = 0; o < order->n_groups; o++) {
			const struct mp_tally_group *other = &order->groups[o];

			if (o != g && needs_counter(&order->events[other->first]) &&
			    (!other->kind || !group->kind || other->kind == group->kind))
				alone = false;
		}
		group->pinned = alone;
	}
}

int mp_counting_arrange(struct mp_counting *c, enum mp_counter_pass pass,
			struct mp_tally_order *order, const struct mp_perf_ops *ops, int cpu,
			struct mp_err *err)
{
	unsigned n = 0;
	int ret = 0;

	/* What needs no counter first: see mp_tally_stop(). */
	for (int hardware = 0; hardware < 2 && !ret; hardware++)
		for (size_t core = 0; core <= c->n_kinds && !ret; core++) {
			unsigned first = n;

			ret = add_events(c, pass, hardware, core, order, &n, err);
			if (!ret && n > first)
				ret = split(order, first, n, core, ops,
					    core ? c->kinds[core - 1].cpu : cpu, err);
		}
	pin_groups(order);
	return ret;
}

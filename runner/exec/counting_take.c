/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The values of one invocation, out of the tallies of its threads, its blocks, and what was read from here. */
#include "runner/exec/counting_internal.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void mp_counting_none(const struct mp_item *item, struct mp_count *count, const char *fmt, ...)
{
	va_list ap;

	count->what = &item->what;
	count->status = mp_counter_status_name(MP_COUNTER_UNAVAILABLE);
	count->value = count->ratio = NAN;
	va_start(ap, fmt);
	vsnprintf(count->reason, sizeof(count->reason), fmt, ap);
	va_end(ap);
}

void mp_counting_fill(const struct mp_item *item, const struct mp_counter_value *value,
		      struct mp_count *count)
{
	count->what = &item->what;
	count->status = mp_counter_status_name((enum mp_counter_status)value->status);
	count->value = value->value;
	count->read = value->instances > 0;
	count->raw = value->raw;
	if (item->counter->n_events) {
		count->enabled_ns = value->enabled_ns;
		count->running_ns = value->running_ns;
		count->ratio = fmin(value->ratio, 1);
	}
	count->instances = value->instances;
	count->expected = value->expected;
	count->proven = item->counter->zero_proven;
	snprintf(count->reason, sizeof(count->reason), "%s", value->reason);
	if (value->status != MP_COUNTER_PARTIAL)
		return;
	/* What the others said is a part, and not nothing; unless nothing proves that they count at all. */
	count->value = (double)value->raw * item->counter->per_count;
	if (!value->raw && !count->proven) {
		count->status = mp_counter_status_name(MP_COUNTER_UNAVAILABLE);
		count->value = NAN;
	}
}

/* Does that worker count what belongs to a kind of core (0: to all workers)? Of those that are measured: all of them, or the
 * first, which has others beside it. */
static bool counts(const struct mp_wire *wire, const struct mp_bench *bench, uint8_t core,
		   unsigned worker)
{
	return worker < (bench->beside ? 1 : wire->request.threads) &&
	       (!core || wire->request.kinds[worker] == core);
}

static unsigned counting_workers(const struct mp_wire *wire, const struct mp_bench *bench,
				 uint8_t core)
{
	unsigned n = 0;

	for (unsigned t = 0; t < wire->request.threads; t++)
		n += counts(wire, bench, core, t);
	return n;
}

/* Blocks that tallies count, too (runner/worker/block.c). */
static bool counted(const struct mp_block *b, const struct mp_wire *wire,
		    const struct mp_bench *bench, uint8_t core)
{
	return b->phase == MP_PHASE_MEASURE && counts(wire, bench, core, b->worker) &&
	       !(bench->hollow && b->mode == MP_MODE_CALL) &&
	       (b->mode != MP_MODE_RATE || wire->request.threads > 1 ||
		bench->modes == MP_MODE_RATE);
}

/* The sum of the fields that the source names, "nvcsw+nivcsw". */
static bool rusage_of(const struct mp_block *b, const char *fields, uint64_t *sum)
{
	while (*fields) {
		size_t len = strcspn(fields, "+");

		if (len == 6 && !strncmp(fields, "minflt", 6))
			*sum += b->minflt;
		else if (len == 6 && !strncmp(fields, "majflt", 6))
			*sum += b->majflt;
		else if (len == 5 && !strncmp(fields, "nvcsw", 5))
			*sum += b->nvcsw;
		else if (len == 6 && !strncmp(fields, "nivcsw", 6))
			*sum += b->nivcsw;
		else
			return false;
		fields += len + (fields[len] == '+');
	}
	return true;
}

static void rusage_value(const struct mp_item *item, const struct mp_wire *wire,
			 const struct mp_bench *bench, const struct mp_invocation *inv,
			 struct mp_count *count)
{
	const struct mp_counter_rule rule = { .per_count = 1,
					      .expected = 1,
					      .zero_proven = item->counter->zero_proven,
					      .zero_reason = item->counter->proof };
	struct mp_perf_delta delta = { .enabled_ns = 1, .running_ns = 1 };
	struct mp_counter_value value;

	for (size_t i = 0; i < inv->n_blocks; i++)
		if (counted(&inv->blocks[i], wire, bench, item->core) &&
		    !rusage_of(&inv->blocks[i], item->counter->source->event, &delta.count)) {
			mp_counting_none(item, count, "no field '%s' is kept of getrusage",
					 item->counter->source->event);
			return;
		}
	mp_counter_sum(&rule, &delta, 1, &value);
	value.instances = value.expected = counting_workers(wire, bench, item->core);
	mp_counting_fill(item, &value, count);
}

/* Of the events of all workers, with operations or without. 0 or -ENOMEM. */
static int sum_of(const struct mp_item *item, struct mp_wire *wire, const struct mp_bench *bench,
		  bool hollow, struct mp_counter_value *ret_value)
{
	const struct mp_counter *counter = item->counter;
	unsigned threads = wire->request.threads;
	struct mp_counter_rule rule = mp_counter_rule_of(counter);
	struct mp_perf_delta *deltas = calloc(threads * counter->n_events, sizeof(*deltas));
	size_t n = 0;

	if (!deltas)
		return -ENOMEM;
	for (unsigned t = 0; t < threads; t++)
		for (size_t e = 0; counts(wire, bench, item->core, t) && e < counter->n_events;
		     e++) {
			const struct mp_tally *tally = mp_wire_tally(wire, t);

			deltas[n++] = (hollow ? tally->hollow : tally->deltas)[item->at[e]];
		}
	rule.expected *= counting_workers(wire, bench, item->core);
	rule.zero_proven |= hollow;
	mp_counter_sum(&rule, deltas, n, ret_value);
	free(deltas);
	return 0;
}

/* Takes off what was counted beside the operations; what was read (raw) stays. 0 or -ENOMEM. */
static int less_hollow(const struct mp_item *item, struct mp_wire *wire,
		       const struct mp_bench *bench, struct mp_count *count)
{
	struct mp_counter_value value;

	if (isnan(count->value))
		return 0;
	if (sum_of(item, wire, bench, true, &value))
		return -ENOMEM;
	if (!mp_counter_status_has_number((enum mp_counter_status)value.status)) {
		mp_counting_none(item, count,
				 "what a run does beside its operations is not known: %s",
				 value.reason);
		return 0;
	}
	count->value = fmax(0, count->value - value.value);
	if (count->value <= 0 && !count->proven)
		mp_counting_none(item, count,
				 "not more than what a run does beside its operations");
	else if (value.value > 0)
		snprintf(count->reason, sizeof(count->reason),
			 "without %.0f of what the runs did beside their operations", value.value);
	return 0;
}

static int thread_value(const struct mp_item *item, struct mp_wire *wire,
			const struct mp_bench *bench, struct mp_count *count)
{
	struct mp_counter_value value;

	if (bench->hollow && item->counter->side == MP_SIDE_USER) {
		mp_counting_none(
			item, count,
			"the kernel does the operations, and its side may not be counted: %s",
			item->counter->remedy);
		return 0;
	}
	if (sum_of(item, wire, bench, false, &value))
		return -ENOMEM;
	mp_counting_fill(item, &value, count);
	return bench->hollow && wire->request.threads == 1 ? less_hollow(item, wire, bench, count)
							   : 0;
}

/* Do other tasks than the workers do the operations? */
static bool elsewhere(struct mp_wire *wire)
{
	for (unsigned t = 0; t < wire->request.threads; t++)
		if (mp_wire_tally(wire, t)->elsewhere)
			return true;
	return false;
}

static void formula_value(const struct mp_item *item, const struct mp_count *counts, size_t n,
			  struct mp_count *count)
{
	for (size_t i = 0; i < n; i++) {
		const struct mp_count *base = &counts[i];

		if (strcmp(base->what->metric, item->counter->base->id) ||
		    strcmp(base->what->kind, item->what.kind))
			continue;
		if (isnan(base->value) || !strcmp(base->status, "partial"))
			break;
		*count = *base;
		count->what = &item->what;
		count->status = mp_counter_status_name(MP_COUNTER_ESTIMATED);
		count->value = base->value * item->counter->per_count;
		/* The base's counters are in the base's row. */
		count->enabled_ns = count->running_ns = 0;
		count->ratio = NAN;
		return;
	}
	mp_counting_none(item, count, "the estimate needs %s, which has no value here",
			 item->counter->base->id);
}

/* What the workers on that kind of core counted over. */
struct stretch {
	uint64_t operations, region_ns;
	const char *covers;
};

static struct stretch stretch_of(struct mp_counting *c, enum mp_counter_pass pass,
				 struct mp_wire *wire, const struct mp_bench *bench,
				 const struct mp_invocation *inv, uint8_t core)
{
	struct stretch s = { .covers = "operations" };

	if (pass == MP_PASS_BANDWIDTH) {
		s.covers = "region";
		s.operations = atomic_load(&wire->region.operations);
		s.region_ns = c->watched ? wire->region.ns : 0;
		return s;
	}
	for (unsigned t = 0; t < wire->request.threads; t++)
		if (mp_wire_tally(wire, t)->between)
			s.covers = "blocks";
	for (size_t i = 0; i < inv->n_blocks; i++)
		if (counted(&inv->blocks[i], wire, bench, core))
			s.operations += inv->blocks[i].ops;
	return s;
}

/* What one item says of the invocation. 0 or -ENOMEM. */
static int value_of(struct mp_counting *c, const struct mp_item *item, const struct stretch *s,
		    struct mp_wire *wire, const struct mp_bench *bench, struct mp_invocation *inv,
		    struct mp_count *count)
{
	*count = (struct mp_count){ .covers = s->covers,
				    .operations = s->operations,
				    .region_ns = s->region_ns,
				    .ratio = NAN,
				    .value = NAN,
				    .idle_before = NAN,
				    .idle_after = NAN };
	if (item->kind == MP_ITEM_NONE) {
		count->covers = "operations";
		count->region_ns = 0;
		mp_counting_none(
			item, count, "%s",
			item->counter->reason && *item->counter->reason
				? item->counter->reason
				: "it takes invocations of its own, which a group asks for");
	} else if (inv->outcome == MP_OUTCOME_FAILED || inv->outcome == MP_OUTCOME_TIMED_OUT ||
		   !s->operations || (!s->region_ns && item->pass == MP_PASS_BANDWIDTH)) {
		count->covers = "operations";
		count->region_ns = 0;
		mp_counting_none(item, count, "no count: the invocation is %s%s%.150s",
				 mp_outcome_name(inv->outcome), *inv->reason ? ": " : "",
				 inv->reason);
	} else if ((item->kind == MP_ITEM_THREAD || item->kind == MP_ITEM_RUSAGE) &&
		   elsewhere(wire)) {
		mp_counting_none(
			item, count,
			"another task does the operations, a kernel thread: counters of the "
			"worker do not see it");
	} else if (item->kind == MP_ITEM_RUSAGE) {
		rusage_value(item, wire, bench, inv, count);
	} else if (item->kind == MP_ITEM_FORMULA) {
		formula_value(item, inv->counts, inv->n_counts, count);
	} else if (item->kind == MP_ITEM_THREAD) {
		return thread_value(item, wire, bench, count);
	} else {
		mp_reader_value(c, item, s->operations, s->region_ns, count);
	}
	return 0;
}

int mp_counting_take(struct mp_counting *c, enum mp_counter_pass pass, struct mp_wire *wire,
		     const struct mp_bench *bench, struct mp_invocation *inv)
{
	bool first = pass == MP_PASS_TIMING && inv->ordinal == 0;

	inv->counts = calloc(c->n_items + 1, sizeof(*inv->counts));
	if (!inv->counts)
		return -ENOMEM;
	/* Estimates last: they look at the others. */
	for (int formulas = 0; formulas < 2; formulas++)
		for (size_t i = 0; i < c->n_items; i++) {
			const struct mp_item *item = &c->items[i];
			struct mp_count *count = &inv->counts[inv->n_counts];
			struct stretch s;

			if ((item->kind == MP_ITEM_FORMULA) != formulas || item->pass != pass ||
			    (item->kind == MP_ITEM_NONE && !first) ||
			    !counting_workers(wire, bench, item->core))
				continue;
			s = stretch_of(c, pass, wire, bench, inv, item->core);
			if (value_of(c, item, &s, wire, bench, inv, count))
				return -ENOMEM;
			inv->n_counts++;
			if (inv->outcome == MP_OUTCOME_INVALID && !*count->reason)
				snprintf(count->reason, sizeof(count->reason), "%.200s",
					 inv->reason);
		}
	c->watched = false;
	return 0;
}

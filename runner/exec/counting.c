/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From metrics to orders, and from what workers leave to values: see counting.h. */
#include "runner/exec/counting.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/str.h"
#include "common/vec.h"
#include "runner/exec/counting_internal.h"

#define RUSAGE_FIELDS 4

static const char *text_or_empty(const char *text)
{
	return text ? text : "";
}

static enum mp_item_kind kind_of(const struct mp_counter *counter)
{
	if (!counter->source)
		return MP_ITEM_NONE;
	switch (counter->encoder) {
	case MP_ENCODER_RUSAGE:
		return MP_ITEM_RUSAGE;
	case MP_ENCODER_FILE:
		return MP_ITEM_FILE;
	case MP_ENCODER_FORMULA:
		return MP_ITEM_FORMULA;
	default:
		return counter->events[0].whole ? MP_ITEM_WHOLE : MP_ITEM_THREAD;
	}
}

/* The counter in words that are stored, but its events. */
static struct mp_counted describe(const struct mp_counter *counter)
{
	const struct mp_counter_metric *metric = counter->metric;
	struct mp_counted what = { .metric = metric->id,
				   .unit = metric->unit,
				   .means = metric->means,
				   .kind = "",
				   .source = "",
				   .encoder = "",
				   .event = text_or_empty(counter->event),
				   .scope = "",
				   .side = "",
				   .note = text_or_empty(counter->note) };

	if (!counter->source)
		return what;
	what.source = counter->source->name;
	what.encoder = mp_counter_encoder_name(counter->encoder);
	if (!*what.event)
		what.event = text_or_empty(counter->source->event);
	what.scope = mp_counter_scope_name(counter->scope);
	what.side = mp_counter_side_name(counter->side);
	return what;
}

/* All of its events, as they are stored: heap text, NULL: out of memory. */
static char *events_text(const struct mp_counter *counter)
{
	json_t *list = mp_counter_events_json(counter);
	char *text = list ? json_dumps(list, JSON_COMPACT) : NULL;

	json_decref(list);
	return text;
}

static int add_item(struct mp_counting *c, const struct mp_counter *counter, size_t core)
{
	struct mp_item *item =
		mp_vec_push((void **)&c->items, &c->n_items, &c->cap_items, sizeof(*item));

	if (!item)
		return -ENOMEM;
	item->counter = counter;
	item->what = describe(counter);
	item->events = events_text(counter);
	if (!item->events)
		return -ENOMEM;
	item->what.events = item->events;
	item->core = (uint8_t)core;
	if (core)
		item->what.kind = c->kinds[core - 1].name;
	item->kind = kind_of(counter);
	item->pass = counter->source ? mp_counter_source_pass(counter->metric, counter->source)
				     : MP_PASS_TIMING;
	/* A region is the only thing that is looked at from here. */
	if (item->kind == MP_ITEM_WHOLE || item->kind == MP_ITEM_FILE)
		item->pass = MP_PASS_BANDWIDTH;
	if (counter->n_events) {
		item->at = calloc(counter->n_events, sizeof(*item->at));
		if (!item->at)
			return -ENOMEM;
	}
	return 0;
}

/* An estimate is made where its base is counted. */
static void place_formulas(struct mp_counting *c)
{
	for (size_t i = 0; i < c->n_items; i++) {
		struct mp_item *item = &c->items[i];

		if (item->kind != MP_ITEM_FORMULA)
			continue;
		for (size_t b = 0; b < c->n_items; b++)
			if (c->items[b].counter->metric == item->counter->base &&
			    c->items[b].core == item->core && c->items[b].kind != MP_ITEM_NONE)
				item->pass = c->items[b].pass;
	}
}

/* Is there a source for the timed invocations behind the one that was chosen? */
static bool has_timing(const struct mp_counter *counter)
{
	if (counter->source &&
	    mp_counter_source_pass(counter->metric, counter->source) == MP_PASS_TIMING)
		return false;
	return mp_counter_metric_in(counter->metric, MP_PASS_TIMING);
}

/* The metrics of the wish, and those that their estimates are made from. */
static int all_metrics(const struct mp_counting_wish *wish, const char ***ret_ids, size_t *ret_n)
{
	const char **ids = calloc(2 * wish->n_metrics + 1, sizeof(*ids));
	size_t n = 0;

	if (!ids)
		return -ENOMEM;
	for (size_t i = 0; i < wish->n_metrics; i++) {
		const struct mp_counter_metric *m = mp_counter_metric_find(wish->metrics[i]);

		if (!m || !wish->timing_only || mp_counter_metric_in(m, MP_PASS_TIMING))
			ids[n++] = wish->metrics[i];
	}
	for (size_t i = 0; i < wish->n_metrics; i++) {
		const struct mp_counter_metric *m = mp_counter_metric_find(wish->metrics[i]);

		for (size_t s = 0; m && !wish->timing_only && s < m->n_sources; s++) {
			bool known = m->sources[s].encoder != MP_ENCODER_FORMULA;

			for (size_t k = 0; k < n; k++)
				known = known || !strcmp(ids[k], m->sources[s].event);
			if (!known && n < 2 * wish->n_metrics)
				ids[n++] = m->sources[s].event;
		}
	}
	*ret_ids = ids;
	*ret_n = n;
	return 0;
}

static int resolve(struct mp_counters counters[2], const struct mp_counting_wish *wish,
		   struct mp_err *err)
{
	struct mp_counter_query query = { .cpus = wish->cpus,
					  .n_cpus = wish->n_cpus,
					  .roots = wish->roots,
					  .ops = wish->ops,
					  .pass = wish->timing_only ? MP_PASS_TIMING : 0 };
	const char **ids = NULL;
	size_t n = 0;
	int ret = all_metrics(wish, &ids, &n);

	if (ret)
		return mp_err_env(err, ret, "out of memory");
	query.metrics = ids;
	query.n_metrics = n;
	ret = n ? mp_counters_resolve(&query, &counters[0], err) : 0;
	if (ret || wish->timing_only)
		goto out;
	n = 0;
	for (size_t i = 0; i < counters[0].n; i++)
		if (has_timing(&counters[0].items[i]))
			ids[n++] = counters[0].items[i].metric->id;
	query.n_metrics = n;
	query.pass = MP_PASS_TIMING;
	ret = n ? mp_counters_resolve(&query, &counters[1], err) : 0;
out:
	free(ids);
	return ret;
}

/* What cannot be counted for the workers of all kinds together, for each kind by itself. */
static int resolve_kinds(struct mp_counting *c, const struct mp_counting_wish *wish,
			 struct mp_err *err)
{
	const struct mp_counters *all = &c->counters[0];
	MP_CLEANUP(mp_free_ptr) const char **ids = calloc(all->n + 1, sizeof(*ids));
	MP_CLEANUP(mp_free_ptr) int *cpus = calloc(c->n_cpus + 1, sizeof(*cpus));
	struct mp_counting_wish own = *wish;
	int ret = 0;

	if (!ids || !cpus)
		return mp_err_env(err, -ENOMEM, "out of memory");
	own.metrics = ids;
	own.cpus = cpus;
	own.n_metrics = 0;
	for (size_t i = 0; !ret && i < all->n; i++)
		if (!all->items[i].source)
			ids[own.n_metrics++] = all->items[i].metric->id;
	for (size_t k = 0; !ret && k < c->n_kinds && c->n_kinds > 1; k++) {
		own.n_cpus = 0;
		for (size_t i = 0; i < c->n_cpus; i++)
			if (c->cpus[i].kind == k + 1)
				cpus[own.n_cpus++] = c->cpus[i].cpu;
		ret = resolve(c->kinds[k].counters, &own, err);
	}
	return ret;
}

/* Has a kind of core something of its own to say of what cannot be counted for all workers: a source, or another reason? */
static bool told_by_kind(const struct mp_counting *c, const struct mp_counter *all)
{
	for (size_t k = 0; k < c->n_kinds && !all->source; k++) {
		const struct mp_counter *own =
			mp_counters_find(&c->kinds[k].counters[0], all->metric->id);

		if (own && (own->source || strcmp(own->reason, all->reason)))
			return true;
	}
	return false;
}

/* The counters of one resolution: of all workers, or of those on a kind of core. */
static int add_items(struct mp_counting *c, const struct mp_counters counters[2], size_t core)
{
	for (int set = 0; set < 2; set++)
		for (size_t i = 0; i < counters[set].n; i++) {
			const struct mp_counter *counter = &counters[set].items[i];
			const struct mp_counter *all =
				mp_counters_find(&c->counters[0], counter->metric->id);

			/* The first set has said why. */
			if (set && !counter->source)
				continue;
			if ((core > 0) != (all && told_by_kind(c, all)))
				continue;
			if (add_item(c, counter, core))
				return -ENOMEM;
		}
	return 0;
}

static int add_all_items(struct mp_counting *c)
{
	int ret = add_items(c, c->counters, 0);

	for (size_t k = 0; k < c->n_kinds && !ret; k++)
		ret = add_items(c, c->kinds[k].counters, k + 1);
	place_formulas(c);
	return ret;
}

static int make_snapshots(struct mp_counting *c)
{
	for (size_t i = 0; i < sizeof(c->snapshots) / sizeof(c->snapshots[0]); i++) {
		struct mp_snapshot *s = &c->snapshots[i];

		s->readings = calloc(c->reader.n_groups + 1, sizeof(*s->readings));
		s->errors = calloc(c->reader.n_groups + 1, sizeof(*s->errors));
		s->files = calloc(c->n_items + 1, sizeof(*s->files));
		s->file_errors = calloc(c->n_items + 1, sizeof(*s->file_errors));
		if (!s->readings || !s->errors || !s->files || !s->file_errors)
			return -ENOMEM;
	}
	return 0;
}

int mp_counting_new(const struct mp_counting_wish *wish, struct mp_counting **ret_counting,
		    struct mp_err *err)
{
	struct mp_counting *c = calloc(1, sizeof(*c));
	int ret = !c || mp_counting_know(c, &wish->roots, wish->cpus, wish->n_cpus)
			  ? mp_err_env(err, -ENOMEM, "out of memory")
			  : resolve(c->counters, wish, err);

	if (!ret)
		ret = resolve_kinds(c, wish, err);
	if (!ret) {
		c->group = strdup(wish->group);
		ret = !c->group || add_all_items(c) || mp_reader_open(c, wish->ops) ||
				      make_snapshots(c)
			      ? mp_err_env(err, -ENOMEM, "out of memory")
			      : 0;
	}
	if (!ret)
		ret = mp_counting_arrange(c, MP_PASS_TIMING, &c->timing, wish->ops, wish->cpus[0],
					  err);
	if (!ret)
		ret = mp_counting_arrange(c, MP_PASS_EXPLAIN, &c->explain, wish->ops, wish->cpus[0],
					  err);
	if (ret) {
		mp_counting_free(c);
		return ret;
	}
	c->explain.apart = 1;
	*ret_counting = c;
	return 0;
}

void mp_counting_free(struct mp_counting *c)
{
	if (!c)
		return;
	mp_reader_close(c);
	for (size_t i = 0; i < sizeof(c->snapshots) / sizeof(c->snapshots[0]); i++) {
		free(c->snapshots[i].readings);
		free(c->snapshots[i].errors);
		free(c->snapshots[i].files);
		free(c->snapshots[i].file_errors);
	}
	for (size_t i = 0; i < c->n_items; i++) {
		free(c->items[i].at);
		free(c->items[i].events);
	}
	free(c->items);
	for (size_t k = 0; k < c->n_kinds; k++) {
		free(c->kinds[k].name);
		mp_counters_done(&c->kinds[k].counters[0]);
		mp_counters_done(&c->kinds[k].counters[1]);
	}
	free(c->kinds);
	free(c->cpus);
	free(c->group);
	mp_counters_done(&c->counters[0]);
	mp_counters_done(&c->counters[1]);
	free(c);
}

bool mp_counting_needs(const struct mp_counting *c, enum mp_counter_pass pass)
{
	for (size_t i = 0; i < c->n_items; i++)
		if (c->items[i].pass == pass && c->items[i].kind != MP_ITEM_NONE)
			return true;
	return false;
}

char *mp_counting_words(const struct mp_counting *c)
{
	static const enum mp_counter_pass passes[] = { MP_PASS_TIMING, MP_PASS_EXPLAIN,
						       MP_PASS_BANDWIDTH };
	unsigned n[3] = { 0 }, none = 0;
	struct mp_str s = MP_STR_INIT;

	for (size_t i = 0; i < c->n_items; i++)
		for (int p = 0; p < 3; p++) {
			none += !p && c->items[i].kind == MP_ITEM_NONE;
			n[p] += c->items[i].pass == passes[p] && c->items[i].kind != MP_ITEM_NONE;
		}
	mp_str_printf(&s, "counters %s: %u while timed", c->group, n[0]);
	if (n[1])
		mp_str_printf(&s, ", %u in invocations of their own", n[1]);
	if (n[2])
		mp_str_printf(&s, ", %u of the whole machine", n[2]);
	if (none)
		mp_str_printf(&s, "; %u cannot be counted here (memperf counters)", none);
	return mp_str_take(&s);
}

const struct mp_tally_order *mp_counting_order(const struct mp_counting *c,
					       enum mp_counter_pass pass)
{
	static const struct mp_tally_order nothing;

	return pass == MP_PASS_TIMING	 ? &c->timing
	       : pass == MP_PASS_EXPLAIN ? &c->explain
					 : &nothing;
}

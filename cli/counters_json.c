/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The metrics for machines: everything that was found out. Register values are texts: JSON numbers have 53 bits. */
#include "cli/counters.h"

#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

/* Takes `item`, also when the list is NULL or memory runs out. */
static json_t *append(json_t *list, json_t *item)
{
	if (list && !json_array_append_new(list, item))
		return list;
	if (!list)
		json_decref(item);
	json_decref(list);
	return NULL;
}

static json_t *attempts_json(const struct mp_counter *c)
{
	json_t *list = json_array();

	for (size_t i = 0; i < c->n_attempts; i++) {
		const struct mp_counter_attempt *a = &c->attempts[i];

		list = append(list, json_pack("{s:s, s:s, s:s, s:i, s:s, s:s?, s:s?}", "source",
					      a->source->name, "encoder",
					      mp_counter_encoder_name(a->source->encoder), "event",
					      a->source->event, "error", a->error, "why", a->why,
					      "remedy", a->remedy, "documented", a->source->from));
	}
	return list;
}

/* What a chosen source is; nulls without one. */
static json_t *source_json(const struct mp_counter *c)
{
	if (!c->source)
		return json_null();
	return json_pack("{s:s, s:s, s:s?, s:s, s:s, s:f, s:b, s:b, s:s?, s:s?, s:s?, s:o}", "name",
			 c->source->name, "encoder", mp_counter_encoder_name(c->encoder), "event",
			 c->event, "scope", mp_counter_scope_name(c->scope), "side",
			 mp_counter_side_name(c->side), "per_count", c->per_count, "estimate",
			 (int)c->estimate, "zero_proven", (int)c->zero_proven, "proof", c->proof,
			 "note", c->note, "documented", c->source->from, "events",
			 mp_counter_events_json(c));
}

static json_t *metric_json(const struct mp_counter *c)
{
	const enum mp_counter_pass pass =
		c->source ? mp_counter_source_pass(c->metric, c->source) : c->metric->pass;

	return json_pack("{s:s, s:s, s:s, s:s, s:b, s:o, s:s?, s:s?, s:o}", "metric", c->metric->id,
			 "unit", c->metric->unit, "means", c->metric->means, "pass",
			 mp_counter_pass_name(pass), "available", c->source != NULL, "source",
			 source_json(c), "reason", c->reason, "remedy", c->remedy, "refused",
			 attempts_json(c));
}

static json_t *seen_json(const struct mp_counters_seen *seen)
{
	const struct mp_counters *k = &seen->counters;
	json_t *list = json_array();

	for (size_t i = 0; i < k->n; i++)
		list = append(list, metric_json(&k->items[i]));
	return json_pack("{s:i, s:s?, s:s?, s:o}", "cpu", seen->cpu, "cpu_id",
			 *k->cpu_id ? k->cpu_id : NULL, "core_pmu",
			 *k->core_pmu ? k->core_pmu : NULL, "metrics", list);
}

/* Those with prose: a metric alone says what it means itself. */
static json_t *groups_json(const struct mp_counters_view *view)
{
	json_t *list = json_array();

	for (size_t i = 0; i < view->n_groups; i++)
		if (view->groups[i].title)
			list = append(list,
				      json_pack("{s:s, s:s, s:s}", "group", view->groups[i].name,
						"title", view->groups[i].title, "about",
						view->groups[i].about));
	return list;
}

void mp_counters_json(const struct mp_counters_view *view, struct mp_str *out)
{
	const struct mp_counters *first = &view->seen[0].counters;
	json_t *list = json_array(), *all;

	for (size_t i = 0; i < view->n; i++)
		list = append(list, seen_json(&view->seen[i]));
	all = json_pack("{s:s?, s:o, s:o, s:s, s:o}", "captured", view->captured, "groups",
			groups_json(view), "perf_event_paranoid",
			first->paranoid == INT_MIN ? json_null() : json_integer(first->paranoid),
			"libpfm", first->libpfm, "cpus", list);
	if (json_dump_callback(all, mp_str_sink, out, JSON_INDENT(1)))
		out->failed = true;
	mp_str_addc(out, '\n');
	json_decref(all);
}

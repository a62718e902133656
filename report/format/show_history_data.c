/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A history for machines: a row per series, or one JSON document with nights, series, changes and alerts. */
#include "report/format/show.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/format/show_internal.h"

static const struct mp_column columns[] = {
	{ .key = "case" },
	{ .key = "machine", .label = true },
	{ .key = "version", .kind = MP_COLUMN_INTEGER, .label = true },
	{ .key = "mode", .label = true },
	{ .key = "population" },
	{ .key = "metric", .label = true },
	{ .key = "unit" },
	{ .key = "nights", .kind = MP_COLUMN_INTEGER },
	{ .key = "gaps", .kind = MP_COLUMN_INTEGER },
	{ .key = "level", .kind = MP_COLUMN_NUMBER, .metric = true },
	{ .key = "sigma", .kind = MP_COLUMN_NUMBER },
	{ .key = "rho", .kind = MP_COLUMN_NUMBER },
	{ .key = "changes", .kind = MP_COLUMN_INTEGER },
	{ .key = "last_change" },
	{ .key = "last_change_uuid" },
	{ .key = "last_change_ratio", .kind = MP_COLUMN_NUMBER, .metric = true },
	{ .key = "last_change_low", .kind = MP_COLUMN_NUMBER },
	{ .key = "last_change_high", .kind = MP_COLUMN_NUMBER },
	{ .key = "last_change_p", .kind = MP_COLUMN_NUMBER },
	{ .key = "drift", .kind = MP_COLUMN_NUMBER, .metric = true },
	{ .key = "bimodal", .kind = MP_COLUMN_INTEGER },
};

static void judge(struct mp_table *t, const struct mp_series *s, const struct mp_step *last)
{
	if (!s->n_values)
		mp_table_judge(t, MP_JUDGED_BROKEN, "no value", NULL);
	else if (last && last->kind == MP_STEP_SLOWER)
		mp_table_judge(t, MP_JUDGED_BAD, "slower", "a change that nobody accepted");
	else
		mp_table_judge(t, MP_JUDGED_GOOD, "same", NULL);
}

static void add_series(struct mp_table *t, const struct mp_history *h, const struct mp_series *s)
{
	const struct mp_step *last =
		s->n_changes ? &h->changes[s->first_change + s->n_changes - 1] : NULL;

	mp_table_text(t, s->case_text);
	mp_table_text(t, s->machine);
	mp_table_integer(t, s->version);
	mp_table_text(t, mp_mode_name(s->mode));
	mp_table_text(t, mp_population_name(s->population));
	mp_table_text(t, mp_metric_name(s->metric));
	mp_table_text(t, s->unit);
	mp_table_integer(t, (int64_t)s->n_values);
	mp_table_integer(t, (int64_t)(s->n_points - s->n_values));
	mp_table_number(t, s->n_values ? s->segments[s->n_changes].median : NAN);
	mp_table_number(t, s->sigma);
	mp_table_number(t, s->rho);
	mp_table_integer(t, (int64_t)s->n_changes);
	mp_table_text(t, last ? mp_step_kind_name(last->kind) : NULL);
	mp_table_text(t, last ? h->nights[last->night].uuid : NULL);
	mp_table_number(t, last ? last->ratio : NAN);
	mp_table_number(t, last ? last->low : NAN);
	mp_table_number(t, last ? last->high : NAN);
	mp_table_number(t, last ? last->adjusted : NAN);
	mp_table_number(t, s->drift);
	mp_table_integer(t, s->bimodal);
	judge(t, s, last);
}

/* ---- JSON ---- */

/* Sets a member; false when memory ran out. `value` is taken over. */
static bool set(json_t *object, const char *key, json_t *value)
{
	return value && !json_object_set_new(object, key, value);
}

static json_t *integer(size_t n)
{
	return json_integer((json_int_t)n);
}

static json_t *night_json(const struct mp_history *h, size_t index)
{
	const struct mp_night *n = &h->nights[index];
	json_t *o = json_object();
	bool fine = o;

	fine = fine && set(o, "uuid", mp_json_text(n->uuid));
	fine = fine && set(o, "machine", mp_json_text(n->machine));
	fine = fine && set(o, "host", mp_json_text(n->host));
	fine = fine && set(o, "label", mp_json_text(n->label));
	fine = fine && set(o, "file", mp_json_text(n->file));
	fine = fine && set(o, "run", json_integer(n->id));
	fine = fine && set(o, "started_ns", json_integer(n->started_ns));
	fine = fine && set(o, "version", mp_json_text(n->version));
	fine = fine && set(o, "interrupted", json_boolean(n->interrupted));
	fine = fine && set(o, "environment", mp_json_text(n->environment));
	fine = fine && set(o, "event", json_boolean(n->event));
	if (fine)
		return o;
	json_decref(o);
	return NULL;
}

static json_t *point_json(const struct mp_series *s, size_t index)
{
	const struct mp_point *p = &s->points[index];
	json_t *o = json_object();
	bool fine = o;

	fine = fine && set(o, "night", integer(p->night));
	fine = fine && set(o, "value", mp_json_number(p->value));
	if (p->reason) {
		fine = fine && set(o, "outcome", mp_json_text(mp_outcome_name(p->outcome)));
		fine = fine && set(o, "reason", mp_json_text(p->reason));
	}
	if (fine)
		return o;
	json_decref(o);
	return NULL;
}

static json_t *segment_json(const struct mp_series *s, size_t index)
{
	const struct mp_segment *g = &s->segments[index];
	json_t *o = json_object();
	bool fine = o;

	fine = fine && set(o, "first_night", integer(s->points[s->values[g->first]].night));
	fine = fine && set(o, "last_night", integer(s->points[s->values[g->last]].night));
	fine = fine && set(o, "n", integer(g->n));
	fine = fine && set(o, "median", mp_json_number(g->median));
	fine = fine && set(o, "mad_log", mp_json_number(g->mad));
	if (fine)
		return o;
	json_decref(o);
	return NULL;
}

/* A list of what `one` makes of 0 .. count - 1. */
static json_t *list_of_series(const struct mp_series *s, size_t n,
			      json_t *(*one)(const struct mp_series *s, size_t index))
{
	json_t *array = json_array();

	for (size_t i = 0; array && i < n; i++) {
		if (json_array_append_new(array, one(s, i))) {
			json_decref(array);
			array = NULL;
		}
	}
	return array;
}

static json_t *series_json(const struct mp_history *h, size_t index)
{
	const struct mp_series *s = &h->series[index];
	json_t *o = json_object();
	bool fine = o;

	fine = fine && set(o, "machine", mp_json_text(s->machine));
	fine = fine && set(o, "case", mp_json_text(s->case_text));
	fine = fine && set(o, "version", json_integer(s->version));
	fine = fine && set(o, "mode", mp_json_text(mp_mode_name(s->mode)));
	fine = fine && set(o, "population", mp_json_text(mp_population_name(s->population)));
	fine = fine && set(o, "metric", mp_json_text(mp_metric_name(s->metric)));
	fine = fine && set(o, "unit", mp_json_text(s->unit));
	fine = fine && set(o, "sigma", mp_json_number(s->sigma));
	fine = fine && set(o, "rho", mp_json_number(s->rho));
	fine = fine && set(o, "bimodal", json_boolean(s->bimodal));
	fine = fine && set(o, "drift", mp_json_number(s->drift));
	fine = fine && set(o, "drift_baseline", mp_json_text(s->drift_baseline));
	fine = fine && set(o, "drift_stands_out", json_boolean(s->drift_stands_out));
	fine = fine && set(o, "points", list_of_series(s, s->n_points, point_json));
	fine = fine && set(o, "segments",
			   list_of_series(s, s->n_values ? s->n_changes + 1 : 0, segment_json));
	if (fine)
		return o;
	json_decref(o);
	return NULL;
}

static json_t *change_json(const struct mp_history *h, size_t index)
{
	const struct mp_step *c = &h->changes[index];
	json_t *o = json_object();
	bool fine = o;

	fine = fine && set(o, "series", integer(c->series));
	fine = fine && set(o, "kind", mp_json_text(mp_step_kind_name(c->kind)));
	fine = fine && set(o, "state", mp_json_text(c->state));
	fine = fine && set(o, "before", integer(c->before));
	fine = fine && set(o, "night", integer(c->night));
	fine = fine && set(o, "n_before", integer(c->point.n_before));
	fine = fine && set(o, "n_after", integer(c->point.n_after));
	fine = fine && set(o, "value_before", mp_json_number(c->value_before));
	fine = fine && set(o, "value_after", mp_json_number(c->value_after));
	fine = fine && set(o, "ratio", mp_json_number(c->ratio));
	fine = fine && set(o, "low", mp_json_number(c->low));
	fine = fine && set(o, "high", mp_json_number(c->high));
	fine = fine && set(o, "p", mp_json_number(c->point.p));
	fine = fine && set(o, "p_adjusted", mp_json_number(c->adjusted));
	fine = fine && set(o, "delta", mp_json_number(c->point.delta));
	fine = fine && set(o, "alert", integer(c->alert));
	if (fine)
		return o;
	json_decref(o);
	return NULL;
}

static json_t *alert_json(const struct mp_history *h, size_t index)
{
	const struct mp_alert *a = &h->alerts[index];
	json_t *o = json_object();
	bool fine = o;

	fine = fine && set(o, "machine", mp_json_text(a->machine));
	fine = fine && set(o, "kind", mp_json_text(mp_step_kind_name(a->kind)));
	fine = fine && set(o, "family", mp_json_text(a->family));
	fine = fine && set(o, "open", json_boolean(a->open));
	fine = fine && set(o, "before", integer(a->before));
	fine = fine && set(o, "night", integer(a->night));
	fine = fine && set(o, "series", integer(a->n_series));
	fine = fine && set(o, "ratio", mp_json_number(a->ratio));
	fine = fine && set(o, "worst_change", integer(a->worst));
	if (fine)
		return o;
	json_decref(o);
	return NULL;
}

static json_t *list_of(const struct mp_history *h, size_t n,
		       json_t *(*one)(const struct mp_history *h, size_t index))
{
	json_t *array = json_array();

	for (size_t i = 0; array && i < n; i++) {
		if (json_array_append_new(array, one(h, i))) {
			json_decref(array);
			array = NULL;
		}
	}
	return array;
}

static json_t *counts_json(const struct mp_history_counts *c)
{
	json_t *o = json_object();
	bool fine = o;

	fine = fine && set(o, "files", integer(c->files));
	fine = fine && set(o, "runs", integer(c->runs));
	fine = fine && set(o, "duplicates", integer(c->duplicates));
	fine = fine && set(o, "older", integer(c->older));
	fine = fine && set(o, "sabotaged", integer(c->sabotaged));
	fine = fine && set(o, "confirming", integer(c->confirming));
	fine = fine && set(o, "gaps", integer(c->gaps));
	fine = fine && set(o, "other_population", integer(c->other_population));
	fine = fine && set(o, "filtered", integer(c->filtered));
	fine = fine && set(o, "short_series", integer(c->short_series));
	fine = fine && set(o, "valueless", integer(c->valueless));
	fine = fine && set(o, "unsure", integer(c->unsure));
	if (fine)
		return o;
	json_decref(o);
	return NULL;
}

static json_t *document(const struct mp_history *h)
{
	json_t *o = json_object();
	bool fine = o;

	fine = fine && set(o, "format", json_string("memperf-history-1"));
	fine = fine && set(o, "counts", counts_json(&h->counts));
	fine = fine && set(o, "notes", mp_json_text(h->notes.text));
	fine = fine && set(o, "nights", list_of(h, h->n_nights, night_json));
	fine = fine && set(o, "series", list_of(h, h->n_series, series_json));
	fine = fine && set(o, "changes", list_of(h, h->n_changes, change_json));
	fine = fine && set(o, "alerts", list_of(h, h->n_alerts, alert_json));
	if (fine)
		return o;
	json_decref(o);
	return NULL;
}

/* What is known of the newest run of each machine, for formats that are about runs, and the index of the newest of all. Texts are
 * the history's. Heap of the caller; NULL when memory ran out. */
static struct mp_side_run *newest_of(const struct mp_history *h, size_t *ret_n, size_t *ret_newest)
{
	struct mp_side_run *runs = calloc(h->n_nights + 1, sizeof(*runs));
	size_t n = 0, newest = 0;

	for (size_t i = 0; runs && i < h->n_nights; i++) {
		const struct mp_night *night = &h->nights[i];
		size_t at = 0;

		while (at < n && strcmp(runs[at].row.machine, night->machine) != 0)
			at++;
		n += at == n;
		if (runs[at].row.machine && night->started_ns <= runs[at].row.started_ns)
			continue;
		runs[at].row.host = night->host;
		runs[at].row.machine = night->machine;
		runs[at].row.version = night->version;
		runs[at].row.uuid = night->uuid;
		runs[at].row.started_ns = night->started_ns;
		if (runs[at].row.started_ns > runs[newest].row.started_ns)
			newest = at;
	}
	*ret_n = n;
	*ret_newest = newest;
	return runs;
}

int mp_show_history_data(const struct mp_history *h, const struct mp_show *show, struct mp_str *out)
{
	struct mp_table *table = mp_table_new(columns, sizeof(columns) / sizeof(columns[0]));
	struct mp_data data = { .kind = "history", .name = "history", .table = table };
	size_t newest;
	struct mp_side_run *runs = newest_of(h, &data.n_runs, &newest);
	int rc = -ENOMEM;

	data.runs = runs;
	data.run = data.n_runs ? &runs[newest] : NULL;

	for (size_t i = 0; i < h->n_series; i++)
		add_series(table, h, &h->series[i]);
	if (runs && !mp_table_failed(table)) {
		if (show->format == &mp_format_json)
			data.document = document(h);
		rc = show->format->data(&data, out);
	}
	mp_table_free(table);
	free(runs);
	return rc;
}

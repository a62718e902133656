/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The counters of both sides of a pair, beside each other: see show_counters.h. */
#include "report/format/show_counters.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "report/format/show_internal.h"

struct both {
	struct mp_count_row *a, *b;
	size_t n_a, n_b;
};

static bool load(const struct mp_comparison *c, const struct mp_pair *pair, struct both *both)
{
	*both = (struct both){ 0 };
	if (pair->a && c->a->store &&
	    mp_store_counters(c->a->store, pair->a->run_case, &both->a, &both->n_a, NULL))
		return false;
	if (pair->b && c->b->store &&
	    mp_store_counters(c->b->store, pair->b->run_case, &both->b, &both->n_b, NULL)) {
		mp_count_rows_free(both->a, both->n_a);
		return false;
	}
	return true;
}

static void unload(struct both *both)
{
	mp_count_rows_free(both->a, both->n_a);
	mp_count_rows_free(both->b, both->n_b);
}

/* The row of the same metric, kind of core and pass; without one, of the same metric and kind: kinds are different
 * instruments. */
static const struct mp_count_row *counterpart(const struct mp_count_row *row,
					      const struct mp_count_row *rows, size_t n)
{
	const struct mp_count_row *found = NULL;

	for (size_t i = 0; i < n; i++) {
		if (strcmp(rows[i].what.metric, row->what.metric) ||
		    strcmp(rows[i].what.kind, row->what.kind))
			continue;
		if (!strcmp(rows[i].pass, row->pass))
			return &rows[i];
		if (!found)
			found = &rows[i];
	}
	return found;
}

double mp_counter_ratio(const struct mp_count_row *a, const struct mp_count_row *b)
{
	return a && b && !mp_count_incomparable(a, b) && a->per_op > 0 ? b->per_op / a->per_op
								       : NAN;
}

static const char *why_not(const struct mp_count_row *a, const struct mp_count_row *b)
{
	if (!a || !b)
		return a ? "B did not count it" : "A did not count it";
	return mp_count_incomparable(a, b);
}

/* Every metric of either side once: those of A, then those that only B has. */
static bool each_pair(const struct both *both,
		      bool (*each)(void *user, const struct mp_count_row *a,
				   const struct mp_count_row *b),
		      void *user)
{
	for (size_t i = 0; i < both->n_a; i++)
		if (!each(user, &both->a[i], counterpart(&both->a[i], both->b, both->n_b)))
			return false;
	for (size_t i = 0; i < both->n_b; i++)
		if (!counterpart(&both->b[i], both->a, both->n_a) && !each(user, NULL, &both->b[i]))
			return false;
	return true;
}

/* ---- for people ---- */

static const struct mp_column columns[] = {
	{ .key = "metric", .title = "counter", .kind = MP_COLUMN_TEXT },
	{ .key = "a", .title = "A per op", .kind = MP_COLUMN_TEXT, .right = true },
	{ .key = "b", .title = "B per op", .kind = MP_COLUMN_TEXT, .right = true },
	{ .key = "change", .title = "change", .kind = MP_COLUMN_TEXT, .right = true },
	{ .key = "remark", .title = "from", .kind = MP_COLUMN_TEXT },
};

static void add_origin(struct mp_str *out, const struct mp_count_row *row)
{
	mp_str_printf(out, "%s", row && *row->what.source ? row->what.source : "-");
	if (row && isfinite(row->ratio) && row->ratio < 1)
		mp_str_printf(out, " (%.0f %% of the time)", row->ratio * 100);
}

/* A part of the instances is no total, and is not shown as one. */
static void add_number(struct mp_table *t, const struct mp_count_row *row)
{
	char buf[32];

	if (!row || isnan(row->per_op) || !strcmp(row->status, "partial")) {
		mp_table_text(t, NULL);
		return;
	}
	snprintf(buf, sizeof(buf), "%.4g", row->per_op);
	mp_table_text(t, buf);
}

static bool add_people(void *user, const struct mp_count_row *a, const struct mp_count_row *b)
{
	struct mp_table *t = user;
	struct mp_str remark = MP_STR_INIT;
	double ratio = mp_counter_ratio(a, b);
	char change[MP_UNITS_LEN], name[MP_COUNTER_NAME_TEXT];
	bool good;

	if ((!a || !a->with_number) && (!b || !b->with_number))
		return true;
	mp_show_change(ratio, change);
	add_origin(&remark, a);
	if (!a || !b || strcmp(a->what.source, b->what.source) || a->ratio < 1 || b->ratio < 1) {
		mp_str_add(&remark, " / ");
		add_origin(&remark, b);
	}
	if (why_not(a, b))
		mp_str_printf(&remark, "; not compared: %s", why_not(a, b));
	mp_table_text(t, mp_counter_name(a ? &a->what : &b->what, name));
	add_number(t, a);
	add_number(t, b);
	mp_table_text(t, isnan(ratio) ? NULL : change);
	mp_table_str(t, &remark);
	good = !remark.failed;
	mp_str_done(&remark);
	return good;
}

bool mp_show_counters_beside(const struct mp_doc *doc, struct mp_count_row *a, size_t n_a,
			     struct mp_count_row *b, size_t n_b)
{
	const struct both both = { a, b, n_a, n_b };
	struct mp_table *t = mp_table_new(columns, sizeof(columns) / sizeof(columns[0]));
	bool good = t && each_pair(&both, add_people, t) && !mp_table_failed(t);

	if (good && mp_table_rows(t)) {
		mp_doc_heading(doc, "Counted while it ran");
		mp_doc_table(doc, t);
	}
	mp_table_free(t);
	return good;
}

bool mp_show_pair_counters(const struct mp_doc *doc, const struct mp_comparison *c,
			   const struct mp_pair *pair)
{
	struct both both;
	bool good;

	if (!load(c, pair, &both))
		return false;
	good = mp_show_counters_beside(doc, both.a, both.n_a, both.b, both.n_b);
	unload(&both);
	return good;
}

/* ---- JSON ---- */

static json_t *side_json(const struct mp_count_row *row)
{
	json_t *o, *events;
	int bad;

	if (!row)
		return json_null();
	o = json_object();
	bad = !o;
	bad |= json_object_set_new(o, "status", json_string(row->status));
	bad |= json_object_set_new(o, "per_operation", mp_json_number(row->per_op));
	bad |= json_object_set_new(o, "least", mp_json_number(row->least));
	bad |= json_object_set_new(o, "most", mp_json_number(row->most));
	bad |= json_object_set_new(o, "pass", json_string(row->pass));
	bad |= json_object_set_new(o, "covers", json_string(row->covers));
	bad |= json_object_set_new(o, "source", mp_json_text(row->what.source));
	bad |= json_object_set_new(o, "encoder", mp_json_text(row->what.encoder));
	bad |= json_object_set_new(o, "event", mp_json_text(row->what.event));
	events = json_loads(row->what.events, 0, NULL);
	bad |= json_object_set_new(o, "events", events ? events : json_null());
	bad |= json_object_set_new(o, "scope", mp_json_text(row->what.scope));
	bad |= json_object_set_new(o, "side", mp_json_text(row->what.side));
	bad |= json_object_set_new(o, "ratio", mp_json_number(row->ratio));
	bad |= json_object_set_new(o, "reason", mp_json_text(row->reason));
	if (!bad)
		return o;
	json_decref(o);
	return NULL;
}

static bool add_json(void *user, const struct mp_count_row *a, const struct mp_count_row *b)
{
	const struct mp_counted *what = a ? &a->what : &b->what;
	json_t *o = json_object();
	int bad = json_array_append_new(user, o);

	bad |= json_object_set_new(o, "metric", mp_json_text(what->metric));
	bad |= json_object_set_new(o, "kind", mp_json_text(what->kind));
	bad |= json_object_set_new(o, "unit", mp_json_text(what->unit));
	bad |= json_object_set_new(o, "a", side_json(a));
	bad |= json_object_set_new(o, "b", side_json(b));
	bad |= json_object_set_new(o, "ratio", mp_json_number(mp_counter_ratio(a, b)));
	bad |= json_object_set_new(o, "not_compared", mp_json_text(why_not(a, b)));
	return !bad;
}

json_t *mp_show_pair_counters_json(const struct mp_comparison *c, const struct mp_pair *pair)
{
	json_t *array = json_array();
	struct both both;

	if (!array || !load(c, pair, &both)) {
		json_decref(array);
		return NULL;
	}
	if (!each_pair(&both, add_json, array)) {
		json_decref(array);
		array = NULL;
	}
	unload(&both);
	return array;
}

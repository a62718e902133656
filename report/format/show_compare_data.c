/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A comparison for machines: a CSV row per pair, or one JSON document. Everything, unrounded. */
#include "report/format/show.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>

#include "report/format/show_internal.h"

static const struct mp_column columns[] = {
	{ .key = "case" },
	{ .key = "family" },
	{ .key = "verdict" },
	{ .key = "reason" },
	{ .key = "outcome_a" },
	{ .key = "outcome_b" },
	{ .key = "mode" },
	{ .key = "population" },
	{ .key = "n_a", .kind = MP_COLUMN_INTEGER },
	{ .key = "n_b", .kind = MP_COLUMN_INTEGER },
	{ .key = "median_a_ns", .kind = MP_COLUMN_DURATION, .metric = true },
	{ .key = "median_b_ns", .kind = MP_COLUMN_DURATION, .metric = true },
	{ .key = "ratio", .kind = MP_COLUMN_NUMBER, .metric = true },
	{ .key = "low", .kind = MP_COLUMN_NUMBER, .metric = true },
	{ .key = "high", .kind = MP_COLUMN_NUMBER, .metric = true },
	{ .key = "level", .kind = MP_COLUMN_NUMBER },
	{ .key = "p", .kind = MP_COLUMN_NUMBER },
	{ .key = "p_adjusted", .kind = MP_COLUMN_NUMBER, .metric = true },
	{ .key = "cliffs_delta", .kind = MP_COLUMN_NUMBER },
	{ .key = "detectable", .kind = MP_COLUMN_NUMBER },
	{ .key = "needed", .kind = MP_COLUMN_INTEGER },
};

static bool broken(const struct mp_case_row *row)
{
	return row && row->outcome != MP_OUTCOME_OK && row->outcome != MP_OUTCOME_SKIPPED &&
	       row->outcome != MP_OUTCOME_PENDING;
}

static void judge(struct mp_table *t, const struct mp_pair *pair)
{
	static const enum mp_judgement judgements[MP_VERDICT_COUNT] = {
		[MP_VERDICT_FASTER] = MP_JUDGED_BETTER, [MP_VERDICT_SLOWER] = MP_JUDGED_BAD,
		[MP_VERDICT_SAME] = MP_JUDGED_GOOD,	[MP_VERDICT_UNSURE] = MP_JUDGED_OPEN,
		[MP_VERDICT_ONLY_A] = MP_JUDGED_OPEN,	[MP_VERDICT_ONLY_B] = MP_JUDGED_OPEN,
		[MP_VERDICT_FAILED] = MP_JUDGED_BROKEN, [MP_VERDICT_INCOMPARABLE] = MP_JUDGED_OPEN,
	};
	enum mp_judgement judgement = judgements[pair->verdict];
	char message[160];

	if (judgement == MP_JUDGED_BROKEN && !broken(pair->a) && !broken(pair->b))
		judgement = MP_JUDGED_OPEN;
	snprintf(message, sizeof(message), "B takes %.4g times as long (%.4g .. %.4g), p %.2g",
		 pair->ratio, pair->low, pair->high, pair->adjusted);
	mp_table_judge(t, judgement, mp_verdict_name(pair->verdict),
		       pair->reason   ? pair->reason
		       : pair->tested ? message
				      : NULL);
}

static void add_pair(struct mp_table *t, const struct mp_pair *pair)
{
	mp_table_text(t, pair->text);
	mp_table_text(t, pair->family);
	mp_table_text(t, mp_verdict_name(pair->verdict));
	mp_table_text(t, pair->reason);
	mp_table_text(t, pair->a ? mp_outcome_name(pair->a->outcome) : NULL);
	mp_table_text(t, pair->b ? mp_outcome_name(pair->b->outcome) : NULL);
	mp_table_text(t, pair->measured ? mp_mode_name(pair->mode) : NULL);
	mp_table_text(t, pair->measured ? mp_population_name(pair->population) : NULL);
	mp_table_integer(t, (int64_t)pair->n_a);
	mp_table_integer(t, (int64_t)pair->n_b);
	mp_table_number(t, pair->median_a);
	mp_table_number(t, pair->median_b);
	mp_table_number(t, pair->ratio);
	mp_table_number(t, pair->low);
	mp_table_number(t, pair->high);
	mp_table_number(t, pair->level);
	mp_table_number(t, pair->p);
	mp_table_number(t, pair->adjusted);
	mp_table_number(t, pair->delta);
	mp_table_number(t, pair->detectable);
	if (pair->needed)
		mp_table_integer(t, (int64_t)pair->needed);
	else
		mp_table_unknown(t);
	judge(t, pair);
}

static json_t *counts_json(const size_t counts[MP_VERDICT_COUNT])
{
	json_t *o = json_object();
	int bad = !o;

	for (int v = 0; v < MP_VERDICT_COUNT; v++)
		bad |= json_object_set_new(o, mp_verdict_name((enum mp_verdict)v),
					   json_integer((json_int_t)counts[v]));
	if (!bad)
		return o;
	json_decref(o);
	return NULL;
}

static json_t *side_json(const struct mp_side *side)
{
	json_t *o = json_object(), *runs = json_array();
	int bad = json_object_set_new(o, "runs", runs);

	bad |= json_object_set_new(o, "file", mp_json_text(side->name));
	for (size_t i = 0; i < side->n_runs && !bad; i++)
		bad |= json_array_append_new(runs, mp_show_run_json(&side->runs[i]));
	if (!bad)
		return o;
	json_decref(o);
	return NULL;
}

static json_t *differences_json(const struct mp_comparison *c)
{
	json_t *array = json_array();
	int bad = !array;

	for (size_t i = 0; i < c->n_differences && !bad; i++) {
		const struct mp_difference *d = &c->differences[i];
		json_t *o = json_object();

		bad |= json_array_append_new(array, o);
		bad |= json_object_set_new(o, "group", mp_json_text(d->group));
		bad |= json_object_set_new(o, "key", mp_json_text(d->key));
		bad |= json_object_set_new(o, "a", mp_json_text(d->a));
		bad |= json_object_set_new(o, "b", mp_json_text(d->b));
		bad |= json_object_set_new(o, "weight", json_integer(d->weight));
		bad |= json_object_set_new(o, "volatility", mp_json_text(d->volatility));
		bad |= json_object_set_new(o, "why", mp_json_text(d->why));
	}
	if (!bad)
		return array;
	json_decref(array);
	return NULL;
}

static json_t *families_json(const struct mp_comparison *c)
{
	json_t *array = json_array();
	int bad = !array;

	for (size_t i = 0; i < c->n_families && !bad; i++) {
		const struct mp_family_change *f = &c->families[i];
		json_t *o = json_object();

		bad |= json_array_append_new(array, o);
		bad |= json_object_set_new(o, "family", mp_json_text(f->family));
		bad |= json_object_set_new(o, "cases", json_integer((json_int_t)f->pairs));
		bad |= json_object_set_new(o, "covered", json_integer((json_int_t)f->covered));
		bad |= json_object_set_new(o, "ratio", mp_json_number(f->ratio));
		bad |= json_object_set_new(o, "counts", counts_json(f->counts));
	}
	if (!bad)
		return array;
	json_decref(array);
	return NULL;
}

static json_t *notes_json(const struct mp_comparison *c)
{
	json_t *array = json_array();
	int bad = !array;

	for (size_t i = 0; i < c->n_notes && !bad; i++)
		bad |= json_array_append_new(array, mp_json_text(c->notes[i]));
	if (!bad)
		return array;
	json_decref(array);
	return NULL;
}

static json_t *gate_json(const struct mp_comparison *c)
{
	static const char *const names[] = { "none", "regression", "unjudged" };
	char *why;
	enum mp_gate gate = mp_compare_gate(c, &why);
	json_t *o = json_object();
	int bad = !o || !why;

	bad |= json_object_set_new(o, "result", json_string(names[gate]));
	bad |= json_object_set_new(o, "why", mp_json_text(why));
	free(why);
	if (!bad)
		return o;
	json_decref(o);
	return NULL;
}

static json_t *document(const struct mp_comparison *c, const struct mp_show *show,
			const struct mp_table *table)
{
	json_t *o = json_object();
	int bad = !o;

	bad |= json_object_set_new(o, "format", json_string("memperf-compare-1"));
	bad |= json_object_set_new(o, "a", side_json(c->a));
	bad |= json_object_set_new(o, "b", side_json(c->b));
	bad |= json_object_set_new(o, "notes", notes_json(c));
	bad |= json_object_set_new(o, "same_machine", json_boolean(c->same_machine));
	bad |= json_object_set_new(o, "differences", differences_json(c));
	bad |= json_object_set_new(o, "q", json_real(c->q));
	bad |= json_object_set_new(o, "threshold", json_real(c->threshold));
	bad |= json_object_set_new(o, "machine_floor_known", json_boolean(c->floor_known));
	bad |= json_object_set_new(o, "tested", json_integer((json_int_t)c->tested));
	bad |= json_object_set_new(o, "left_out_by_filter", json_integer((json_int_t)c->left_out));
	bad |= json_object_set_new(o, "counts", counts_json(c->counts));
	bad |= json_object_set_new(o, "ratio", mp_json_number(c->ratio));
	bad |= json_object_set_new(o, "ratio_families",
				   json_integer((json_int_t)c->ratio_families));
	bad |= json_object_set_new(o, "families", families_json(c));
	bad |= json_object_set_new(o, "pairs", mp_table_json(table));
	if (show->gate)
		bad |= json_object_set_new(o, "gate", gate_json(c));
	if (!bad)
		return o;
	json_decref(o);
	return NULL;
}

int mp_show_comparison_data(const struct mp_comparison *c, const struct mp_show *show,
			    struct mp_str *out)
{
	struct mp_table *table = mp_table_new(columns, sizeof(columns) / sizeof(columns[0]));
	struct mp_data data = {
		.kind = "compare", .name = "B against A", .table = table, .run = &c->b->runs[0]
	};
	int rc = -ENOMEM;

	for (size_t i = 0; i < c->n_pairs; i++)
		add_pair(table, &c->pairs[i]);
	if (!mp_table_failed(table)) {
		if (show->format == &mp_format_json)
			data.document = document(c, show, table);
		rc = show->format->data(&data, out);
	}
	mp_table_free(table);
	return rc;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A comparison for machines: a CSV row per pair, or one JSON document. Everything, unrounded. */
#include "report/format/show.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
	{ .key = "a_in_unit", .kind = MP_COLUMN_NUMBER },
	{ .key = "b_in_unit", .kind = MP_COLUMN_NUMBER },
	{ .key = "ratio", .kind = MP_COLUMN_NUMBER, .metric = true },
	{ .key = "low", .kind = MP_COLUMN_NUMBER, .metric = true },
	{ .key = "high", .kind = MP_COLUMN_NUMBER, .metric = true },
	{ .key = "level", .kind = MP_COLUMN_NUMBER },
	{ .key = "p", .kind = MP_COLUMN_NUMBER },
	{ .key = "p_adjusted", .kind = MP_COLUMN_NUMBER, .metric = true },
	{ .key = "cliffs_delta", .kind = MP_COLUMN_NUMBER },
	{ .key = "threshold", .kind = MP_COLUMN_NUMBER },
	{ .key = "floor", .kind = MP_COLUMN_NUMBER },
	{ .key = "floor_runs", .kind = MP_COLUMN_INTEGER },
	{ .key = "p_floor_adjusted", .kind = MP_COLUMN_NUMBER },
	{ .key = "detectable", .kind = MP_COLUMN_NUMBER },
	{ .key = "needed", .kind = MP_COLUMN_INTEGER },
	{ .key = "tail" },
	{ .key = "tail_ratio", .kind = MP_COLUMN_NUMBER },
	{ .key = "tail_metric" },
	{ .key = "shape" },
	{ .key = "aside_reason" },
};

static bool broken(const struct mp_points_case *row)
{
	return row && row->outcome != MP_OUTCOME_OK && row->outcome != MP_OUTCOME_SKIPPED &&
	       row->outcome != MP_OUTCOME_PENDING;
}

/* What the gate would say of this pair alone. Machines that differ have ratios, and no regressions. */
static enum mp_judgement judgement_of(const struct mp_comparison *c, const struct mp_pair *pair)
{
	static const enum mp_judgement judgements[MP_VERDICT_COUNT] = {
		[MP_VERDICT_FASTER] = MP_JUDGED_BETTER, [MP_VERDICT_SLOWER] = MP_JUDGED_BAD,
		[MP_VERDICT_SAME] = MP_JUDGED_GOOD,	[MP_VERDICT_UNSURE] = MP_JUDGED_OPEN,
		[MP_VERDICT_ONLY_A] = MP_JUDGED_OPEN,	[MP_VERDICT_ONLY_B] = MP_JUDGED_OPEN,
		[MP_VERDICT_FAILED] = MP_JUDGED_BROKEN, [MP_VERDICT_INCOMPARABLE] = MP_JUDGED_OPEN,
	};
	enum mp_judgement judgement = judgements[pair->verdict];

	if ((c->policy->gate.tail && pair->tail.verdict == MP_ASIDE_SLOWER) ||
	    (c->policy->gate.shape && pair->shape.verdict == MP_ASIDE_CHANGED))
		judgement = MP_JUDGED_BAD;
	if (judgement == MP_JUDGED_BAD && !c->same_machine)
		return MP_JUDGED_OPEN;
	if (judgement == MP_JUDGED_BROKEN && !broken(pair->a) && !broken(pair->b))
		return MP_JUDGED_OPEN;
	return judgement;
}

void mp_show_judge(struct mp_table *t, const struct mp_comparison *c, const struct mp_pair *pair)
{
	const struct mp_change *at = &pair->location, *tail = mp_show_strongest(&pair->tail);
	char message[256];
	int used;

	used = snprintf(message, sizeof(message),
			"B takes %.4g times as long (%.4g .. %.4g), p %.2g", at->ratio, at->low,
			at->high, mp_change_p(at));
	if (pair->tail.verdict == MP_ASIDE_SLOWER)
		snprintf(message + used, sizeof(message) - (size_t)used,
			 "; tail slower: %s %.4g times as long (%.4g .. %.4g)", tail->metric,
			 tail->ratio, tail->low, tail->high);
	mp_table_judge(t, judgement_of(c, pair), mp_verdict_name(pair->verdict),
		       pair->reason ? pair->reason
		       : at->tested ? message
				    : NULL);
}

static void add_count(struct mp_table *t, size_t count)
{
	if (count)
		mp_table_integer(t, (int64_t)count);
	else
		mp_table_unknown(t);
}

static void add_change(struct mp_table *t, const struct mp_comparison *c,
		       const struct mp_pair *pair)
{
	const struct mp_change *at = &pair->location;

	mp_table_integer(t, (int64_t)at->n_a);
	mp_table_integer(t, (int64_t)at->n_b);
	mp_table_number(t, at->a);
	mp_table_number(t, at->b);
	if (c->unit == MP_UNIT_NS) {
		mp_table_unknown(t);
		mp_table_unknown(t);
	} else {
		mp_table_number(t, mp_compare_shown(c, pair, false));
		mp_table_number(t, mp_compare_shown(c, pair, true));
	}
	mp_table_number(t, at->ratio);
	mp_table_number(t, at->low);
	mp_table_number(t, at->high);
	mp_table_number(t, at->level);
	mp_table_number(t, at->p);
	mp_table_number(t, at->adjusted);
	mp_table_number(t, at->delta);
	mp_table_number(t, at->threshold);
	mp_table_number(t, at->floor.value);
	mp_table_integer(t, (int64_t)at->floor.runs);
	mp_table_number(t, at->joint_adjusted);
	mp_table_number(t, at->detectable);
	add_count(t, pair->needed);
}

/* The columns of one B; all unknown when it does not have the case and A does not either. */
static void add_pair(struct mp_table *t, const struct mp_comparison *c, const struct mp_pair *pair)
{
	const struct mp_change *tail = mp_show_strongest(&pair->tail);

	mp_table_text(t, mp_verdict_name(pair->verdict));
	mp_table_text(t, pair->reason);
	mp_table_text(t, pair->a ? mp_outcome_name(pair->a->outcome) : NULL);
	mp_table_text(t, pair->b ? mp_outcome_name(pair->b->outcome) : NULL);
	mp_table_text(t, pair->measured ? mp_mode_name(pair->mode) : NULL);
	mp_table_text(t, pair->measured ? mp_population_name(pair->population) : NULL);
	add_change(t, c, pair);
	mp_table_text(t, mp_aside_name(pair->tail.verdict));
	mp_table_number(t, tail ? tail->ratio : NAN);
	mp_table_text(t, tail ? tail->metric : NULL);
	mp_table_text(t, mp_aside_name(pair->shape.verdict));
	mp_table_text(t, pair->tail.reason);
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

static json_t *asides_json(const size_t counts[MP_ASIDE_COUNT])
{
	json_t *o = json_object();
	int bad = !o;

	for (int v = 0; v < MP_ASIDE_COUNT; v++)
		bad |= json_object_set_new(o, mp_aside_name((enum mp_aside)v),
					   json_integer((json_int_t)counts[v]));
	if (!bad)
		return o;
	json_decref(o);
	return NULL;
}

json_t *mp_show_policy_json(const struct mp_policy *policy)
{
	return json_pack("{s:s, s:s, s:f, s:i, s:{s:f, s:f, s:f}, s:i, s:{s:b, s:b, s:f, s:b}}",
			 "name", policy->name, "title", policy->title, "q", policy->q,
			 "invocations", (int)policy->least, "thresholds", "location",
			 policy->at.location, "tail", policy->at.tail, "shape", policy->at.shape,
			 "rules", (int)policy->n_rules, "gate", "tail", policy->gate.tail, "shape",
			 policy->gate.shape, "unsure", policy->gate.unsure, "missing",
			 policy->gate.missing);
}

json_t *mp_show_unit_json(const struct mp_comparison *c)
{
	return json_pack("{s:s, s:o, s:o, s:o, s:o}", "name", mp_unit_name(c->unit), "a",
			 mp_json_number(c->scale_a.factor), "a_rests_on",
			 mp_json_text(c->scale_a.note), "b", mp_json_number(c->scale_b.factor),
			 "b_rests_on", mp_json_text(c->scale_b.note));
}

static json_t *tests_json(const struct mp_comparison *c)
{
	static const char *const names[] = { "location", "tail", "shape", "floor" };
	json_t *o = json_object();
	int bad = !o;

	for (int i = 0; i < MP_ASPECT_COUNT; i++)
		bad |= json_object_set_new(o, names[i],
					   json_pack("{s:I, s:I}", "tested",
						     (json_int_t)c->tests[i].tested, "selected",
						     (json_int_t)c->tests[i].selected));
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

json_t *mp_show_differences_json(const struct mp_comparison *c)
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
		bad |= json_object_set_new(o, "moves", json_boolean(d->moves));
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

json_t *mp_show_gate_json(const struct mp_comparison *c, size_t n)
{
	static const char *const names[] = { "none", "regression", "unjudged" };
	char *why;
	enum mp_gate gate = mp_compare_gate_several(c, n, &why);
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

/* What a comparison says beside its pairs. */
static json_t *document(const struct mp_comparison *c)
{
	json_t *o = json_object();
	int bad = !o;

	bad |= json_object_set_new(o, "format", json_string("memperf-compare-2"));
	bad |= json_object_set_new(o, "a", side_json(c->a));
	bad |= json_object_set_new(o, "b", side_json(c->b));
	bad |= json_object_set_new(o, "notes", notes_json(c));
	bad |= json_object_set_new(o, "same_machine", json_boolean(c->same_machine));
	bad |= json_object_set_new(o, "differences", mp_show_differences_json(c));
	bad |= json_object_set_new(o, "policy", mp_show_policy_json(c->policy));
	bad |= json_object_set_new(o, "unit", mp_show_unit_json(c));
	bad |= json_object_set_new(o, "tests", tests_json(c));
	bad |= json_object_set_new(o, "floors_known", json_integer((json_int_t)c->floors));
	bad |= json_object_set_new(o, "left_out_by_filter", json_integer((json_int_t)c->left_out));
	bad |= json_object_set_new(o, "counts", counts_json(c->counts));
	bad |= json_object_set_new(o, "tails", asides_json(c->tails));
	bad |= json_object_set_new(o, "shapes", asides_json(c->shapes));
	bad |= json_object_set_new(o, "ratio", mp_json_number(c->ratio));
	bad |= json_object_set_new(o, "ratio_families",
				   json_integer((json_int_t)c->ratio_families));
	bad |= json_object_set_new(o, "families", families_json(c));
	if (!bad)
		return o;
	json_decref(o);
	return NULL;
}

#define OWN   2 /* columns of the case itself */
#define BLOCK (sizeof(columns) / sizeof(columns[0]) - OWN) /* of each B */

/* The case's columns, then those of each B; with several of them B1's end with "_b1". Owned with their keys. */
static struct mp_column *all_columns(size_t n)
{
	struct mp_column *all = calloc(OWN + n * BLOCK, sizeof(*all) + 32);
	char *keys = all ? (char *)(all + OWN + n * BLOCK) : NULL;

	for (size_t i = 0; all && i < OWN + n * BLOCK; i++) {
		size_t b = i < OWN ? 0 : (i - OWN) / BLOCK;

		all[i] = columns[i < OWN ? i : OWN + (i - OWN) % BLOCK];
		if (n == 1 || i < OWN)
			continue;
		snprintf(keys + 32 * i, 32, "%s_b%zu", all[i].key, b + 1);
		all[i].key = keys + 32 * i;
	}
	return all;
}

/* The case that comes next in name order, and every comparison's pair of it (NULL: none has it). */
static const struct mp_pair *next_case(const struct mp_comparison *c, size_t n, size_t *at,
				       const struct mp_pair **ret_pairs)
{
	const struct mp_pair *first = NULL;

	for (size_t i = 0; i < n; i++) {
		const struct mp_pair *pair = at[i] < c[i].n_pairs ? &c[i].pairs[at[i]] : NULL;

		if (pair && (!first || strcmp(pair->text, first->text) < 0))
			first = pair;
	}
	for (size_t i = 0; first && i < n; i++) {
		const struct mp_pair *pair = at[i] < c[i].n_pairs ? &c[i].pairs[at[i]] : NULL;

		ret_pairs[i] = pair && !strcmp(pair->text, first->text) ? pair : NULL;
		at[i] += ret_pairs[i] != NULL;
	}
	return first;
}

void mp_show_judge_several(struct mp_table *table, const struct mp_comparison *c, size_t n,
			   const struct mp_pair *const *pairs)
{
	size_t chosen = n;

	for (size_t i = n; i-- > 0;) {
		if (pairs[i] &&
		    (chosen == n || judgement_of(&c[chosen], pairs[chosen]) != MP_JUDGED_BAD ||
		     judgement_of(&c[i], pairs[i]) == MP_JUDGED_BAD))
			chosen = i;
	}
	if (chosen < n)
		mp_show_judge(table, &c[chosen], pairs[chosen]);
}

/* A row per case of any comparison. */
static int fill(struct mp_table *table, const struct mp_comparison *c, size_t n)
{
	const struct mp_pair **pairs = calloc(n, sizeof(struct mp_pair *)), *first;
	size_t *at = calloc(n, sizeof(*at));

	while (pairs && at && (first = next_case(c, n, at, pairs))) {
		mp_table_text(table, first->text);
		mp_table_text(table, first->family);
		for (size_t i = 0; i < n; i++) {
			for (size_t k = 0; !pairs[i] && k < BLOCK; k++)
				mp_table_unknown(table);
			if (pairs[i])
				add_pair(table, &c[i], pairs[i]);
		}
		mp_show_judge_several(table, c, n, pairs);
	}
	free(at);
	free(pairs);
	return pairs && at && !mp_table_failed(table) ? 0 : -ENOMEM;
}

/* One comparison as a document of its own. */
json_t *mp_show_compared_json(const struct mp_comparison *c, const struct mp_show *show)
{
	struct mp_table *table = mp_table_new(columns, OWN + BLOCK);
	json_t *o = fill(table, c, 1) ? NULL : document(c);
	int bad = !o;

	if (o)
		bad |= json_object_set_new(o, "pairs", mp_table_json(table));
	if (o && show->gate)
		bad |= json_object_set_new(o, "gate", mp_show_gate_json(c, 1));
	mp_table_free(table);
	if (!bad)
		return o;
	json_decref(o);
	return NULL;
}

static json_t *several_json(const struct mp_comparison *c, size_t n, const struct mp_show *show)
{
	json_t *o = json_object(), *array = json_array();
	int bad = !o;

	bad |= json_object_set_new(o, "format", json_string("memperf-compare-several-1"));
	bad |= json_object_set_new(o, "comparisons", array);
	for (size_t i = 0; i < n && !bad; i++)
		bad |= json_array_append_new(array, mp_show_compared_json(&c[i], show));
	if (show->gate)
		bad |= json_object_set_new(o, "gate", mp_show_gate_json(c, n));
	if (!bad)
		return o;
	json_decref(o);
	return NULL;
}

int mp_show_comparison_data(const struct mp_comparison *c, size_t n, const struct mp_show *show,
			    struct mp_str *out)
{
	struct mp_column *all = all_columns(n);
	struct mp_table *table = all ? mp_table_new(all, OWN + n * BLOCK) : NULL;
	struct mp_data data = {
		.kind = "compare", .name = "B against A", .table = table, .run = &c->b->runs[0]
	};
	int rc = table ? fill(table, c, n) : -ENOMEM;

	if (!rc) {
		if (show->format == &mp_format_json)
			data.document =
				n == 1 ? mp_show_compared_json(c, show) : several_json(c, n, show);
		rc = show->format->data(&data, out);
	}
	mp_table_free(table);
	free(all);
	return rc;
}

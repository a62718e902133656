/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One run for machines: a CSV row per case, or one JSON document with run, facts and cases. Everything, unrounded. */
#include "report/format/show.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>

#include "report/format/counter_words.h"
#include "report/format/show_counters.h"
#include "report/format/show_internal.h"
#include "report/format/width.h"

#define NS MP_COLUMN_DURATION

static const struct mp_column columns[] = {
	{ .key = "case" },
	{ .key = "bench" },
	{ .key = "family" },
	{ .key = "version", .kind = MP_COLUMN_INTEGER },
	{ .key = "unit" },
	{ .key = "bytes", .kind = MP_COLUMN_SIZE },
	{ .key = "outcome" },
	{ .key = "reason" },
	{ .key = "planned", .kind = MP_COLUMN_INTEGER },
	{ .key = "invocations", .kind = MP_COLUMN_INTEGER },
	{ .key = "why_stopped" },
	{ .key = "mode" },
	{ .key = "population" },
	{ .key = "resolution" },
	{ .key = "n", .kind = MP_COLUMN_INTEGER },
	{ .key = "value_ns", .kind = NS, .metric = true },
	{ .key = "low_ns", .kind = NS, .metric = true },
	{ .key = "high_ns", .kind = NS, .metric = true },
	{ .key = "level", .kind = MP_COLUMN_NUMBER },
	{ .key = "cv", .kind = MP_COLUMN_NUMBER },
	{ .key = "calm_share", .kind = MP_COLUMN_NUMBER, .metric = true },
	{ .key = "call_p50_all_ns", .kind = NS },
	{ .key = "call_p50_calm_ns", .kind = NS },
	{ .key = "call_p99_all_ns", .kind = NS },
	{ .key = "call_p99_calm_ns", .kind = NS },
	{ .key = "call_mean_all_ns", .kind = NS },
	{ .key = "call_mean_calm_ns", .kind = NS },
	{ .key = "batch_p50_all_ns", .kind = NS },
	{ .key = "batch_p50_calm_ns", .kind = NS },
	{ .key = "batch_mean_all_ns", .kind = NS },
	{ .key = "batch_mean_calm_ns", .kind = NS },
	{ .key = "rate_mean_all_ns", .kind = NS },
	{ .key = "rate_mean_calm_ns", .kind = NS },
	{ .key = "rate_ops_per_s", .kind = MP_COLUMN_NUMBER },
	{ .key = "first_ns", .kind = NS },
	{ .key = "observer_effect_ns", .kind = NS },
	{ .key = "blocks", .kind = MP_COLUMN_INTEGER },
	{ .key = "flagged_blocks", .kind = MP_COLUMN_INTEGER },
	{ .key = "checks_passed", .kind = MP_COLUMN_INTEGER },
	{ .key = "checks_failed", .kind = MP_COLUMN_INTEGER },
	{ .key = "s1_within", .kind = MP_COLUMN_NUMBER },
	{ .key = "t2_between", .kind = MP_COLUMN_NUMBER },
	{ .key = "icc", .kind = MP_COLUMN_NUMBER },
	{ .key = "blocks_per_invocation", .kind = MP_COLUMN_NUMBER },
	{ .key = "blocks_worth", .kind = MP_COLUMN_INTEGER },
	{ .key = "modes_of_invocations" },
	{ .key = "invocations_low_ns", .kind = NS },
	{ .key = "invocations_low_share", .kind = MP_COLUMN_NUMBER },
	{ .key = "invocations_high_ns", .kind = NS },
	{ .key = "modes_of_calls" },
	{ .key = "calls_low_ns", .kind = NS },
	{ .key = "calls_low_share", .kind = MP_COLUMN_NUMBER },
	{ .key = "calls_high_ns", .kind = NS },
	{ .key = "steady_flat", .kind = MP_COLUMN_INTEGER },
	{ .key = "steady_warmup", .kind = MP_COLUMN_INTEGER },
	{ .key = "steady_slowdown", .kind = MP_COLUMN_INTEGER },
	{ .key = "steady_unsteady", .kind = MP_COLUMN_INTEGER },
};

static void estimates(struct mp_table *t, const struct mp_estimate both[2])
{
	for (int p = 0; p < 2; p++)
		mp_table_number(t, both[p].n ? both[p].value : NAN);
}

static void headline(struct mp_table *t, const struct mp_case_row *row)
{
	bool calls = row->call_p50[0].n || row->call_p50[1].n;

	mp_table_text(t, row->has_value ? mp_mode_name(row->mode) : NULL);
	mp_table_text(t, row->has_value ? mp_population_name(row->population) : NULL);
	mp_table_text(t, calls ? mp_resolution_name(row->resolution) : NULL);
	mp_table_integer(t, row->has_value ? (int64_t)row->value.n : 0);
	mp_table_number(t, row->has_value ? row->value.value : NAN);
	mp_table_number(t, row->has_value && row->value.n > 1 ? row->value.low : NAN);
	mp_table_number(t, row->has_value && row->value.n > 1 ? row->value.high : NAN);
	mp_table_number(t, row->has_value ? row->value.level : NAN);
	mp_table_number(t, row->has_value ? row->value.cv : NAN);
	mp_table_number(t, row->calm_share);
}

static void judge(struct mp_table *t, const struct mp_case_row *row)
{
	enum mp_judgement judgement = MP_JUDGED_BROKEN;

	if (row->outcome == MP_OUTCOME_OK)
		judgement = MP_JUDGED_GOOD;
	else if (row->outcome == MP_OUTCOME_SKIPPED || row->outcome == MP_OUTCOME_PENDING)
		judgement = MP_JUDGED_OPEN;
	mp_table_judge(t, judgement, mp_outcome_name(row->outcome),
		       row->reason && *row->reason ? row->reason : NULL);
}

static void scatter(struct mp_table *t, const struct mp_spread *s)
{
	const struct mp_bimodal *modes[] = { &s->invocations, &s->calls };

	mp_table_number(t, s->variance.within);
	mp_table_number(t, s->variance.between);
	mp_table_number(t, s->variance.icc);
	mp_table_number(t, s->variance.blocks);
	mp_show_worth(t, s);
	for (size_t i = 0; i < 2; i++) {
		bool two = modes[i]->two;

		mp_table_text(t, !modes[i]->known ? NULL : two ? "two" : "one");
		mp_table_number(t, two ? modes[i]->low.value : NAN);
		mp_table_number(t, two ? modes[i]->low.share : NAN);
		mp_table_number(t, two ? modes[i]->high.value : NAN);
	}
	for (int i = MP_STEADY_FLAT; i < MP_STEADY_COUNT; i++)
		mp_table_integer(t, s->steady.of[i]);
}

static void add_case(struct mp_table *t, const struct mp_case_row *row,
		     const struct mp_spread *spread)
{
	mp_table_text(t, row->text);
	mp_table_text(t, row->bench);
	mp_table_text(t, row->family);
	mp_table_integer(t, row->version);
	mp_table_text(t, row->unit);
	if (row->bytes)
		mp_table_integer(t, (int64_t)row->bytes);
	else
		mp_table_unknown(t);
	mp_table_text(t, mp_outcome_name(row->outcome));
	mp_table_text(t, row->reason && *row->reason ? row->reason : NULL);
	mp_table_integer(t, row->planned);
	mp_table_integer(t, row->invocations);
	mp_table_text(t, row->why_stopped);
	headline(t, row);
	estimates(t, row->call_p50);
	estimates(t, row->call_p99);
	estimates(t, row->call_mean);
	estimates(t, row->batch_p50);
	estimates(t, row->batch_mean);
	estimates(t, row->rate_mean);
	mp_table_number(t, row->rate_ops.n ? row->rate_ops.value : NAN);
	mp_table_number(t, row->first.n ? row->first.value : NAN);
	mp_table_number(t, row->observer_effect);
	mp_table_integer(t, row->blocks);
	mp_table_integer(t, row->flagged_blocks);
	mp_table_integer(t, (int64_t)row->checks_passed);
	mp_table_integer(t, (int64_t)row->checks_failed);
	scatter(t, spread);
	judge(t, row);
}

json_t *mp_json_text(const char *text)
{
	struct mp_str clean = MP_STR_INIT;
	json_t *value;

	if (!text)
		return json_null();
	mp_text_clean(&clean, text, true);
	value = clean.failed ? NULL : json_string(clean.text);
	mp_str_done(&clean);
	return value;
}

json_t *mp_json_number(double value)
{
	return isfinite(value) ? json_real(value) : json_null();
}

json_t *mp_show_run_json(const struct mp_side_run *run)
{
	const struct mp_run_row *row = &run->row;
	json_t *o = json_object();
	char seed[24];
	int bad = !o;

	snprintf(seed, sizeof(seed), "%llu", (unsigned long long)row->seed);
	bad |= json_object_set_new(o, "id", json_integer(row->id));
	bad |= json_object_set_new(o, "uuid", mp_json_text(row->uuid));
	bad |= json_object_set_new(o, "machine", mp_json_text(row->machine));
	bad |= json_object_set_new(o, "host", mp_json_text(row->host));
	bad |= json_object_set_new(o, "label", mp_json_text(row->label));
	bad |= json_object_set_new(o, "suite", mp_json_text(row->suite));
	bad |= json_object_set_new(o, "status", mp_json_text(row->status));
	bad |= json_object_set_new(o, "version", mp_json_text(row->version));
	bad |= json_object_set_new(o, "commit", mp_json_text(row->commit));
	/* 64 bits do not fit into the numbers of most JSON readers. */
	bad |= json_object_set_new(o, "seed", json_string(seed));
	bad |= json_object_set_new(o, "planted_fault", mp_json_text(run->sabotage));
	bad |= json_object_set_new(o, "started_ns", json_integer(row->started_ns));
	bad |= json_object_set_new(o, "ended_ns",
				   row->ended_ns ? json_integer(row->ended_ns) : json_null());
	bad |= json_object_set_new(o, "clock", mp_json_text(row->clock));
	bad |= json_object_set_new(o, "clock_ns_per_tick", mp_json_number(row->clock_ns_per_tick));
	bad |= json_object_set_new(o, "clock_step_ns", mp_json_number(row->clock_step_ns));
	bad |= json_object_set_new(o, "clock_pair_ns", mp_json_number(row->clock_pair_ns));
	bad |= json_object_set_new(o, "clock_drift_ppm", mp_json_number(row->clock_drift_ppm));
	bad |= json_object_set_new(o, "cases", json_integer(row->cases));
	bad |= json_object_set_new(o, "ok", json_integer(row->ok));
	bad |= json_object_set_new(o, "invocations", json_integer(row->invocations));
	if (!bad)
		return o;
	json_decref(o);
	return NULL;
}

static json_t *facts(const struct mp_side_run *run)
{
	json_t *array = json_array();
	int bad = !array;

	for (size_t i = 0; i < run->n_facts && !bad; i++) {
		const struct mp_side_fact *fact = &run->facts[i];
		json_t *o = json_object();

		bad |= json_array_append_new(array, o);
		bad |= json_object_set_new(o, "group", mp_json_text(fact->group));
		bad |= json_object_set_new(o, "key", mp_json_text(fact->key));
		bad |= json_object_set_new(o, "value", mp_json_text(fact->value));
		bad |= json_object_set_new(o, "origin", mp_json_text(fact->origin));
		bad |= json_object_set_new(o, "volatility", mp_json_text(fact->volatility));
		bad |= json_object_set_new(o, "weight", json_integer(fact->weight));
	}
	if (!bad)
		return array;
	json_decref(array);
	return NULL;
}

static json_t *document(const struct mp_side *side, const struct mp_show *show,
			const struct mp_table *table)
{
	const struct mp_side_run *run = &side->runs[0];
	json_t *o = json_object();
	int bad = !o;

	bad |= json_object_set_new(o, "format", json_string("memperf-report-1"));
	bad |= json_object_set_new(o, "file", mp_json_text(side->name));
	bad |= json_object_set_new(o, "run", mp_show_run_json(run));
	bad |= json_object_set_new(o, "left_out_by_filter",
				   json_integer((json_int_t)(run->n_cases - mp_table_rows(table))));
	bad |= json_object_set_new(o, "facts", facts(run));
	bad |= json_object_set_new(o, "cases", mp_table_json(table));
	bad |= json_object_set_new(o, "counter_group",
				   mp_counter_group_json(run->row.options_json));
	bad |= json_object_set_new(o, "counters", mp_show_counters_json(side, show));
	if (!bad)
		return o;
	json_decref(o);
	return NULL;
}

int mp_show_run_data(const struct mp_side *side, const struct mp_show *show, struct mp_str *out)
{
	struct mp_table *table = mp_table_new(columns, sizeof(columns) / sizeof(columns[0]));
	const struct mp_side_run *run = &side->runs[0];
	struct mp_data data = { .kind = "report", .name = side->name, .table = table, .run = run };
	int rc = -ENOMEM;

	for (size_t i = 0; i < run->n_cases; i++) {
		if (!show->filter || mp_filter_match(show->filter, run->cases[i].text))
			add_case(table, &run->cases[i], &run->spreads[i]);
	}
	if (!mp_table_failed(table)) {
		if (show->format == &mp_format_json)
			data.document = document(side, show, table);
		rc = show->format->data(&data, out);
	}
	mp_table_free(table);
	return rc;
}

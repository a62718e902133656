/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A night for machines: a row per case, or one JSON document. Everything, unrounded. */
#include <errno.h>
#include <jansson.h>
#include <math.h>

#include "report/format/show_internal.h"
#include "report/format/show_nightly_internal.h"

static const struct mp_column columns[] = {
	{ .key = "case" },
	{ .key = "family" },
	{ .key = "state" },
	{ .key = "reason" },
	{ .key = "mode" },
	{ .key = "population" },
	{ .key = "value_ns", .kind = MP_COLUMN_DURATION, .metric = true },
	{ .key = "reference_ns", .kind = MP_COLUMN_DURATION, .metric = true },
	{ .key = "reference_mad", .kind = MP_COLUMN_NUMBER },
	{ .key = "reference_nights", .kind = MP_COLUMN_INTEGER },
	{ .key = "ratio", .kind = MP_COLUMN_NUMBER, .metric = true },
	{ .key = "deviations", .kind = MP_COLUMN_NUMBER, .metric = true },
	{ .key = "confirm_n", .kind = MP_COLUMN_INTEGER },
	{ .key = "confirm_ns", .kind = MP_COLUMN_DURATION },
	{ .key = "confirm_ratio", .kind = MP_COLUMN_NUMBER, .metric = true },
	{ .key = "confirm_p", .kind = MP_COLUMN_NUMBER },
	{ .key = "control", .kind = MP_COLUMN_INTEGER },
	{ .key = "baseline" },
	{ .key = "baseline_ratio", .kind = MP_COLUMN_NUMBER, .metric = true },
};

void mp_nightly_row(struct mp_table *table, const struct mp_nightly_case *c)
{
	static const enum mp_judgement judgements[MP_NIGHTLY_STATES] = {
		[MP_NIGHTLY_NORMAL] = MP_JUDGED_GOOD,
		[MP_NIGHTLY_SUSPECT] = MP_JUDGED_OPEN,
		[MP_NIGHTLY_SLOWER] = MP_JUDGED_BAD,
		[MP_NIGHTLY_FASTER] = MP_JUDGED_BETTER,
		[MP_NIGHTLY_CLEARED] = MP_JUDGED_GOOD,
		[MP_NIGHTLY_UNCONFIRMABLE] = MP_JUDGED_OPEN,
		[MP_NIGHTLY_STILL] = MP_JUDGED_BAD,
		[MP_NIGHTLY_DRIFT] = MP_JUDGED_BAD,
		[MP_NIGHTLY_SHORT] = MP_JUDGED_OPEN,
		[MP_NIGHTLY_UNSTABLE] = MP_JUDGED_OPEN,
		[MP_NIGHTLY_ENVIRONMENT] = MP_JUDGED_OPEN,
		[MP_NIGHTLY_LOST] = MP_JUDGED_BROKEN,
		[MP_NIGHTLY_NO_VALUE] = MP_JUDGED_OPEN,
	};

	mp_table_judge(table, judgements[c->state], mp_nightly_state_name(c->state),
		       c->reason[0] ? c->reason : NULL);
}

static void add_case(struct mp_table *t, const struct mp_nightly_case *c)
{
	const struct mp_tonight *tonight = c->tonight;
	bool again = c->n_confirm;

	mp_table_text(t, c->series->case_text);
	mp_table_text(t, c->series->family);
	mp_table_text(t, mp_nightly_state_name(c->state));
	mp_table_text(t, c->reason[0] ? c->reason : NULL);
	mp_table_text(t, mp_mode_name(c->series->mode));
	mp_table_text(t, mp_population_name(c->series->population));
	mp_table_number(t, tonight->value);
	mp_table_number(t, tonight->reference);
	mp_table_number(t, tonight->mad);
	mp_table_integer(t, (int64_t)tonight->n_reference);
	mp_table_number(t, tonight->ratio);
	mp_table_number(t, tonight->deviations);
	mp_table_integer(t, (int64_t)c->n_confirm);
	mp_table_number(t, again ? c->confirm.value : NAN);
	mp_table_number(t, again ? c->confirm.ratio : NAN);
	mp_table_number(t, again ? c->confirm.p : NAN);
	mp_table_integer(t, c->control);
	mp_table_text(t, c->series->drift_baseline);
	mp_table_number(t, c->series->drift_baseline ? c->series->drift : NAN);
	mp_nightly_row(t, c);
}

static json_t *counts(const struct mp_nightly_judgement *j)
{
	json_t *o = json_object();
	int bad = !o;

	for (int i = 0; i < MP_NIGHTLY_STATES; i++)
		bad |= json_object_set_new(o, mp_nightly_state_name((enum mp_nightly_state)i),
					   json_integer((json_int_t)j->counts[i]));
	if (!bad)
		return o;
	json_decref(o);
	return NULL;
}

/* The environment is told night by night, as it was recorded. */
static json_t *environment(const struct mp_nightly_judgement *j)
{
	const struct mp_night *night = j->last_good ? j->last_good + 1 : j->night;
	json_t *array = json_array();
	int bad = !array;

	for (; night <= j->night && !bad; night++) {
		json_t *o;

		if (!night->environment)
			continue;
		o = json_object();
		bad |= json_array_append_new(array, o);
		bad |= json_object_set_new(o, "run", mp_json_text(night->uuid));
		bad |= json_object_set_new(o, "changed", mp_json_text(night->environment));
	}
	if (!bad)
		return array;
	json_decref(array);
	return NULL;
}

static json_t *document(const struct mp_show_nightly *night, const struct mp_table *table)
{
	const struct mp_nightly_judgement *j = night->judgement;
	json_t *o = json_object();
	int bad = !o;

	bad |= json_object_set_new(o, "format", json_string("memperf-nightly-1"));
	bad |= json_object_set_new(o, "nightly", mp_json_text(night->name));
	bad |= json_object_set_new(o, "file", mp_json_text(night->path));
	bad |= json_object_set_new(o, "result", json_string(mp_nightly_result_name(j->result)));
	bad |= json_object_set_new(o, "why", mp_json_text(j->why));
	bad |= json_object_set_new(o, "run", mp_show_run_json(&night->tonight->runs[0]));
	bad |= json_object_set_new(o, "last_good_run",
				   mp_json_text(j->last_good ? j->last_good->uuid : NULL));
	bad |= json_object_set_new(o, "environment", environment(j));
	bad |= json_object_set_new(o, "calm_share", mp_json_number(j->calm));
	bad |= json_object_set_new(o, "controls_moved", json_boolean(j->controls_moved));
	bad |= json_object_set_new(o, "false_alarms_in_30_nights", mp_json_number(j->false_alarms));
	bad |= json_object_set_new(o, "counts", counts(j));
	bad |= json_object_set_new(o, "cases", mp_table_json(table));
	if (!bad)
		return o;
	json_decref(o);
	return NULL;
}

int mp_show_nightly_data(const struct mp_show_nightly *night, const struct mp_show *show,
			 struct mp_str *out)
{
	struct mp_table *table = mp_table_new(columns, sizeof(columns) / sizeof(columns[0]));
	struct mp_data data = { .kind = "nightly",
				.name = night->judgement->why,
				.table = table,
				.run = &night->tonight->runs[0] };
	int rc = -ENOMEM;

	for (size_t i = 0; i < night->judgement->n_cases; i++)
		add_case(table, &night->judgement->cases[i]);
	if (!mp_table_failed(table)) {
		if (show->format == &mp_format_json)
			data.document = document(night, table);
		rc = show->format->data(&data, out);
	}
	mp_table_free(table);
	return rc;
}

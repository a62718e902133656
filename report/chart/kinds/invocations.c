/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The invocations in the order in which they ran: drift, a first one that differs, two modes between processes. A value
 * of calm samples is a filled dot, one of disturbed samples a hollow one; an invalid one is drawn as "!", and one without a
 * value leaves its place empty, is counted in a note and named in the table.
 */
#include "report/chart/kind.h"

#include <math.h>

#include "common/cleanup.h"
#include "report/format/table.h"
#include "results/detail.h"
#include "results/spread.h"

struct reader {
	const struct mp_chart_subject *subject;
	struct mp_chart *chart;
	struct mp_chart_series *series;
	struct mp_table *table;
	size_t side;
	unsigned position, calm, disturbed, broken; /* so far on this side */
};

static void add_row(struct reader *r, const struct mp_invocation_value *v)
{
	char side[2] = { mp_chart_side_letter(r->side), '\0' };

	mp_table_text(r->table, side);
	mp_table_integer(r->table, v->ordinal);
	mp_table_text(r->table, mp_outcome_name(v->outcome));
	mp_table_number(r->table, mp_chart_time(r->subject, r->side, v->value[MP_POPULATION_CALM]));
	mp_table_integer(r->table, (int64_t)v->n[MP_POPULATION_CALM]);
	mp_table_number(r->table, mp_chart_time(r->subject, r->side, v->value[MP_POPULATION_ALL]));
	mp_table_integer(r->table, (int64_t)v->n[MP_POPULATION_ALL]);
	mp_table_text(r->table, *v->reason ? v->reason : "");
}

static int each(void *user, const struct mp_invocation_value *v)
{
	struct reader *r = user;
	bool has_calm = isfinite(v->value[MP_POPULATION_CALM]);
	/* Of the population that is compared; what has only the other one is shown as that. */
	double value = r->subject->population == MP_POPULATION_CALM && has_calm
			       ? v->value[MP_POPULATION_CALM]
			       : v->value[MP_POPULATION_ALL];

	add_row(r, v);
	r->position++;
	if (!isfinite(value))
		r->broken++;
	else if (has_calm)
		r->calm++;
	else
		r->disturbed++;
	mp_chart_add(r->chart, r->series,
		     (struct mp_chart_point){ .x = r->position,
					      .y = mp_chart_time(r->subject, r->side, value),
					      .low = NAN,
					      .high = NAN,
					      .hollow = isfinite(value) && !has_calm,
					      .sign = v->outcome == MP_OUTCOME_OK ? 0 : '!' });
	return 0;
}

/* Two modes between processes, and the median that stands for the side. */
static int side_marks(const struct mp_chart_subject *subject, size_t s, struct mp_chart *chart,
		      struct mp_err *err)
{
	const struct mp_chart_side *side = &subject->sides[s];
	struct mp_spread spread;
	char low[2 * MP_UNITS_LEN], high[2 * MP_UNITS_LEN];
	int rc = mp_store_case_spread(side->store, side->run_cases[0], &spread, err);

	if (rc || !spread.invocations.known || !spread.invocations.two)
		return rc;
	mp_chart_mark(chart, &chart->y, mp_chart_time(subject, s, spread.invocations.low.value),
		      mp_chart_side_role(s), "%c: lower mode", mp_chart_side_letter(s));
	mp_chart_mark(chart, &chart->y, mp_chart_time(subject, s, spread.invocations.high.value),
		      mp_chart_side_role(s), "%c: upper mode", mp_chart_side_letter(s));
	mp_chart_note(chart,
		      "%c falls into two modes from process to process: %.0f %% of the invocations "
		      "around %s, %.0f %% around %s",
		      mp_chart_side_letter(s), 100 * spread.invocations.low.share,
		      mp_chart_time_text(subject, s, spread.invocations.low.value, low),
		      100 * spread.invocations.high.share,
		      mp_chart_time_text(subject, s, spread.invocations.high.value, high));
	return 0;
}

static int read_side(struct reader *r, struct mp_err *err)
{
	const struct mp_chart_side *side = &r->subject->sides[r->side];
	int rc = 0;

	r->position = r->calm = r->disturbed = r->broken = 0;
	r->series = mp_chart_series(r->chart, mp_chart_side_role(r->side),
				    mp_chart_side_letter(r->side), MP_CHART_DOTS, "%s",
				    side->name ? side->name : "");
	if (!side->store) {
		mp_chart_note(r->chart, "%c does not have the case", mp_chart_side_letter(r->side));
		return 0;
	}
	/* Rows of pooled runs come newest first; time goes to the right. */
	for (size_t i = side->n_run_cases; i-- > 0 && !rc;)
		rc = mp_store_case_each_value(side->store, side->run_cases[i], r->subject->mode,
					      each, r, err);
	if (rc)
		return rc;
	mp_chart_note(r->chart, "%c: %u invocations, %u of them with calm values%s%s",
		      mp_chart_side_letter(r->side), r->position, r->calm,
		      r->disturbed ? ", the others hollow (small letters)" : "",
		      r->broken ? "; some have no value: see the table" : "");
	return side_marks(r->subject, r->side, r->chart, err);
}

static void about(const struct mp_chart_subject *subject, struct mp_chart *chart)
{
	size_t points[2] = { 0 };

	for (size_t s = 0; s < chart->n_series && s < 2; s++)
		points[s] = chart->series[s].n_points;
	if (subject->n_sides == 2)
		mp_chart_about(chart,
			       "One value per process in the order they ran: %zu of A, %zu of B.",
			       points[0], points[1]);
	else
		mp_chart_about(chart, "One value per process in the order they ran: %zu.",
			       points[0]);
}

static int build(const struct mp_chart_subject *subject, const struct mp_chart_options *options,
		 struct mp_chart *chart, struct mp_err *err)
{
	static const struct mp_column columns[] = {
		{ .key = "side", .title = "side" },
		{ .key = "ordinal", .title = "invocation", .kind = MP_COLUMN_INTEGER },
		{ .key = "outcome", .title = "outcome" },
		{ .key = "calm_ns", .title = "calm", .kind = MP_COLUMN_DURATION },
		{ .key = "calm_n", .title = "n", .kind = MP_COLUMN_INTEGER },
		{ .key = "all_ns", .title = "all", .kind = MP_COLUMN_DURATION },
		{ .key = "all_n", .title = "n", .kind = MP_COLUMN_INTEGER },
		{ .key = "reason", .title = "" },
	};
	struct reader r = { .subject = subject, .chart = chart };

	mp_chart_title(chart, "%s: the invocations in the order they ran", subject->case_text);
	mp_chart_axis(chart, &chart->x, MP_CHART_LINEAR, MP_CHART_COUNT, "invocation");
	mp_chart_axis(chart, &chart->y, options->other_scale ? MP_CHART_LOG10 : MP_CHART_LINEAR,
		      mp_chart_time_unit(subject),
		      subject->mode == MP_MODE_RATE ? "mean per operation"
						    : "median per operation");
	chart->table = r.table =
		mp_chart_table(subject, columns, sizeof(columns) / sizeof(columns[0]));
	for (r.side = 0; r.side < subject->n_sides; r.side++) {
		int rc = read_side(&r, err);

		if (rc)
			return rc;
	}
	mp_chart_fit(&chart->x, 0.5);
	mp_chart_fit(&chart->x, 1.5);
	for (size_t s = 0; s < chart->n_series; s++)
		mp_chart_fit(&chart->x, (double)chart->series[s].n_points + 0.5);
	mp_chart_fit_points(chart, 0.08);
	if (!mp_table_rows(r.table))
		mp_chart_empty(chart, "no invocation is stored");
	about(subject, chart);
	return 0;
}

const struct mp_chart_kind mp_chart_kind_invocations = {
	.name = "invocations",
	.title = "Invocations",
	.summary = "one value per process in the order they ran: drift, modes, what was disturbed",
	.build = build,
};

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Quantiles of single calls from the 10th percentile to the 99.9th: the median over the invocations, each of which has a
 * quantile of its own, with the interval of that median. Pooled calls would make it far too narrow.
 */
#include "report/chart/kind.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "common/cleanup.h"
#include "report/format/table.h"

/* Sides stand beside each other. */
#define APART 0.13

struct quantiles {
	struct mp_estimate of[2][MP_PROFILE_COUNT];
	size_t n[2]; /* invocations */
};

static int estimate(const struct mp_chart_profiles *profiles, struct quantiles *q,
		    struct mp_err *err)
{
	for (size_t s = 0; s < 2; s++) {
		size_t n = profiles->n[s];

		MP_CLEANUP(mp_free_ptr) double *values = malloc((n + 1) * sizeof(*values));

		if (!values)
			return mp_err_env(err, -ENOMEM, "out of memory");
		for (size_t k = 0; k < MP_PROFILE_COUNT; k++) {
			for (size_t i = 0; i < n; i++)
				values[i] = (double)profiles->rows[s][i * MP_PROFILE_COUNT + k];
			q->of[s][k] = mp_estimate_invocations(values, n);
		}
		q->n[s] = n;
	}
	return 0;
}

/* What compare says of that quantile; NULL: it was not judged. */
static const struct mp_change *judged(const struct mp_pair *pair, size_t quantile)
{
	if (!pair || !pair->measured)
		return NULL;
	if (quantile == MP_PROFILE_MEDIAN && pair->mode == MP_MODE_CALL &&
	    pair->population == pair->calls)
		return &pair->location;
	for (size_t i = 0; i < pair->tail.n_changes; i++) {
		if (pair->tail.changes[i].quantile == (int)quantile &&
		    !pair->tail.changes[i].relative)
			return &pair->tail.changes[i];
	}
	return NULL;
}

static void estimate_cells(const struct mp_chart_subject *subject, size_t s, struct mp_table *t,
			   const struct mp_estimate *e)
{
	mp_table_number(t, e->n ? mp_chart_time(subject, s, e->value) : NAN);
	mp_table_number(t, e->n > 1 ? mp_chart_time(subject, s, e->low) : NAN);
	mp_table_number(t, e->n > 1 ? mp_chart_time(subject, s, e->high) : NAN);
}

static struct mp_table *table_of(const struct mp_chart_subject *subject, const struct quantiles *q)
{
	static const struct mp_column columns[] = {
		{ .key = "quantile", .title = "quantile", .right = true },
		{ .key = "a_ns", .title = "A", .kind = MP_COLUMN_DURATION },
		{ .key = "a_low_ns", .title = "from", .kind = MP_COLUMN_DURATION },
		{ .key = "a_high_ns", .title = "to", .kind = MP_COLUMN_DURATION },
		{ .key = "b_ns", .title = "B", .kind = MP_COLUMN_DURATION },
		{ .key = "b_low_ns", .title = "from", .kind = MP_COLUMN_DURATION },
		{ .key = "b_high_ns", .title = "to", .kind = MP_COLUMN_DURATION },
		{ .key = "change", .title = "B over A", .kind = MP_COLUMN_PERCENT },
		{ .key = "verdict", .title = "verdict" },
	};
	struct mp_table *t = mp_chart_table(subject, columns, subject->n_sides == 2 ? 9 : 4);

	for (size_t k = 0; k < MP_PROFILE_COUNT; k++) {
		const struct mp_change *change = judged(subject->pair, k);

		if (!q->of[0][k].n && !q->of[1][k].n)
			continue;
		mp_table_text(t, mp_profile[k].name);
		estimate_cells(subject, 0, t, &q->of[0][k]);
		if (subject->n_sides < 2)
			continue;
		estimate_cells(subject, 1, t, &q->of[1][k]);
		mp_table_number(
			t, (change ? change->ratio : q->of[1][k].value / q->of[0][k].value) - 1);
		mp_table_text(t, !change	  ? "not judged"
				 : change->tested ? mp_verdict_name(change->verdict)
						  : "too few");
	}
	return t;
}

static void draw(const struct mp_chart_subject *subject, const struct quantiles *q,
		 struct mp_chart *chart)
{
	size_t last = 0;

	for (size_t k = 0; k < MP_PROFILE_COUNT; k++) {
		if (q->of[0][k].n || q->of[1][k].n)
			last = k;
	}
	mp_chart_axis(chart, &chart->x, MP_CHART_LINEAR, MP_CHART_NAMES, "quantile of the calls");
	mp_chart_axis(chart, &chart->y, MP_CHART_LOG10, mp_chart_time_unit(subject),
		      "time of one call");
	for (size_t k = 0; k <= last; k++)
		mp_chart_name(chart, &chart->x, mp_profile[k].name);
	for (size_t s = 0; s < subject->n_sides; s++) {
		struct mp_chart_series *series = mp_chart_series(
			chart, mp_chart_side_role(s), mp_chart_side_letter(s), MP_CHART_DOTS, "%s",
			subject->sides[s].name ? subject->sides[s].name : "");
		double shift = subject->n_sides == 2 ? s ? APART : -APART : 0;

		for (size_t k = 0; k <= last; k++)
			mp_chart_add(chart, series,
				     (struct mp_chart_point){
					     .x = (double)k + shift,
					     .y = mp_chart_time(subject, s, q->of[s][k].value),
					     .low = mp_chart_time(subject, s, q->of[s][k].low),
					     .high = mp_chart_time(subject, s, q->of[s][k].high) });
	}
	mp_chart_fit(&chart->x, -0.4);
	mp_chart_fit(&chart->x, (double)last + 0.4);
	mp_chart_fit_points(chart, 0.04);
}

static int build(const struct mp_chart_subject *subject, const struct mp_chart_options *options,
		 struct mp_chart *chart, struct mp_err *err)
{
	MP_CLEANUP(mp_chart_profiles_done) struct mp_chart_profiles profiles = { 0 };
	struct quantiles q = { 0 };
	char p50[2][2 * MP_UNITS_LEN], p99[2][2 * MP_UNITS_LEN];
	int rc = mp_chart_profiles_read(subject, chart, &profiles, err);

	(void)options;
	mp_chart_title(chart, "%s: quantiles of single calls", subject->case_text);
	if (!rc)
		rc = estimate(&profiles, &q, err);
	if (rc || chart->empty)
		return rc;
	for (size_t s = 0; s < 2; s++) {
		mp_chart_time_text(subject, s, q.n[s] ? q.of[s][MP_PROFILE_MEDIAN].value : NAN,
				   p50[s]);
		mp_chart_time_text(subject, s, q.n[s] ? q.of[s][MP_PROFILE_TAIL].value : NAN,
				   p99[s]);
	}
	draw(subject, &q, chart);
	if (subject->n_sides == 2)
		mp_chart_about(chart, "Median %s in A and %s in B; 99th percentile %s and %s.",
			       p50[0], p50[1], p99[0], p99[1]);
	else
		mp_chart_about(chart, "Median %s, 99th percentile %s.", p50[0], p99[0]);
	for (size_t s = 0; s < subject->n_sides; s++)
		mp_chart_note(chart, "%c: median over %zu invocations with its 95 %% interval",
			      mp_chart_side_letter(s), q.n[s]);
	mp_chart_note(chart, "a quantile is missing where invocations have too few calls for it");
	mp_chart_step_note(subject, chart);
	chart->table = table_of(subject, &q);
	return 0;
}

const struct mp_chart_kind mp_chart_kind_percentiles = {
	.name = "percentiles",
	.title = "Percentiles",
	.summary = "quantiles of single calls with the interval over the invocations",
	.build = build,
};

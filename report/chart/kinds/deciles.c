/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where in the distribution a change lies: B over A at each quantile of the calls. All deciles moved alike is a shift;
 * the upper ones alone is a tail; some up and some down is another shape.
 *
 * Ratios and 95 % intervals are those of report/statistics (Hodges-Lehmann, Moses) over one value per invocation; the
 * signs are what report/compare says of the shape at that decile: whether it moved in another way than the median.
 */
#include "report/chart/kind.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "common/cleanup.h"
#include "report/format/table.h"
#include "report/statistics/rank.h"

struct shift {
	bool known;
	struct mp_rank_ratio ratio;
	size_t n[2];
	const struct mp_change
		*shape; /* what compare says of it over the median; NULL: not judged */
};

/* The quantile's values of the invocations that have it. */
static size_t values_of(const struct mp_chart_profiles *profiles, size_t s, size_t quantile,
			double *values)
{
	size_t n = 0;

	for (size_t i = 0; i < profiles->n[s]; i++) {
		double value = (double)profiles->rows[s][i * MP_PROFILE_COUNT + quantile];

		if (isfinite(value) && value > 0)
			values[n++] = value;
	}
	return n;
}

static const struct mp_change *shape_of(const struct mp_pair *pair, size_t quantile)
{
	for (size_t i = 0; pair && pair->measured && i < pair->shape.n_changes; i++) {
		if (pair->shape.changes[i].quantile == (int)quantile &&
		    pair->shape.changes[i].tested)
			return &pair->shape.changes[i];
	}
	return NULL;
}

static int measure(const struct mp_chart_subject *subject, const struct mp_chart_profiles *profiles,
		   struct shift shifts[MP_PROFILE_COUNT], struct mp_err *err)
{
	MP_CLEANUP(mp_rank_done) struct mp_rank rank = { 0 };
	MP_CLEANUP(mp_free_ptr) double *a = malloc((profiles->n[0] + 1) * sizeof(*a));
	MP_CLEANUP(mp_free_ptr) double *b = malloc((profiles->n[1] + 1) * sizeof(*b));
	int rc = a && b ? 0 : -ENOMEM;

	for (size_t k = 0; k < MP_PROFILE_COUNT && !rc; k++) {
		struct shift *at = &shifts[k];

		at->shape = shape_of(subject->pair, k);
		at->n[0] = values_of(profiles, 0, k, a);
		at->n[1] = values_of(profiles, 1, k, b);
		at->known = at->n[0] && at->n[1];
		if (at->known)
			rc = mp_rank_ratio_invocations(&rank, a, at->n[0], b, at->n[1], 0.05,
						       &at->ratio);
	}
	return rc ? mp_err_env(err, rc, "out of memory") : 0;
}

static char sign_of(const struct shift *at)
{
	if (!at->shape)
		return 'o';
	return at->shape->verdict == MP_VERDICT_SLOWER	 ? 'S'
	       : at->shape->verdict == MP_VERDICT_FASTER ? 'F'
	       : at->shape->verdict == MP_VERDICT_SAME	 ? '='
							 : '?';
}

static void draw(const struct mp_chart_subject *subject, const struct shift *shifts,
		 struct mp_chart *chart)
{
	struct mp_chart_series *series;
	size_t last = 0;

	mp_chart_axis(chart, &chart->x, MP_CHART_LINEAR, MP_CHART_NAMES, "quantile of the calls");
	mp_chart_axis(chart, &chart->y, MP_CHART_LOG10, MP_CHART_CHANGE,
		      "B over A (above 0 is slower)");
	series = mp_chart_series(chart, MP_CHART_NEUTRAL, 'o', MP_CHART_DOTS,
				 "B over A with its 95 %% interval");
	for (size_t k = 0; k < MP_PROFILE_COUNT; k++) {
		bool interval = shifts[k].n[0] > 1 && shifts[k].n[1] > 1;

		mp_chart_name(chart, &chart->x, mp_profile[k].name);
		if (!shifts[k].known)
			continue;
		last = k;
		mp_chart_add(chart, series,
			     (struct mp_chart_point){ .x = (double)k,
						      .y = shifts[k].ratio.ratio,
						      .low = interval ? shifts[k].ratio.low : NAN,
						      .high = interval ? shifts[k].ratio.high : NAN,
						      .sign = sign_of(&shifts[k]) });
	}
	mp_chart_mark(chart, &chart->y, 1, MP_CHART_NEUTRAL, "no change");
	if (subject->pair && isfinite(subject->pair->location.ratio))
		mp_chart_mark(chart, &chart->y, subject->pair->location.ratio, MP_CHART_NEUTRAL,
			      "the case as a whole");
	mp_chart_fit(&chart->x, -0.4);
	mp_chart_fit(&chart->x, (double)last + 0.4);
	mp_chart_fit(&chart->y, 0.99);
	mp_chart_fit(&chart->y, 1.01);
	mp_chart_fit_points(chart, 0.04);
}

static struct mp_table *table_of(const struct shift *shifts)
{
	static const struct mp_column columns[] = {
		{ .key = "quantile", .title = "quantile", .right = true },
		{ .key = "change", .title = "B over A", .kind = MP_COLUMN_PERCENT },
		{ .key = "low", .title = "from", .kind = MP_COLUMN_PERCENT },
		{ .key = "high", .title = "to", .kind = MP_COLUMN_PERCENT },
		{ .key = "n_a", .title = "n A", .kind = MP_COLUMN_INTEGER },
		{ .key = "n_b", .title = "n B", .kind = MP_COLUMN_INTEGER },
		{ .key = "shape", .title = "over the median" },
	};
	struct mp_table *t = mp_table_new(columns, sizeof(columns) / sizeof(columns[0]));

	for (size_t k = 0; k < MP_PROFILE_COUNT; k++) {
		const struct shift *at = &shifts[k];

		if (!at->known)
			continue;
		mp_table_text(t, mp_profile[k].name);
		mp_table_number(t, at->ratio.ratio - 1);
		mp_table_number(t, at->ratio.low - 1);
		mp_table_number(t, at->ratio.high - 1);
		mp_table_integer(t, (int64_t)at->n[0]);
		mp_table_integer(t, (int64_t)at->n[1]);
		mp_table_text(t, at->shape ? mp_verdict_name(at->shape->verdict) : "not judged");
	}
	return t;
}

static void about(const struct mp_chart_subject *subject, const struct shift *shifts,
		  struct mp_chart *chart)
{
	const struct shift *low = &shifts[0], *high = &shifts[MP_PROFILE_TAIL - 2];

	if (low->known && high->known)
		mp_chart_about(chart,
			       "B over A: %+.3g %% at the 10th percentile, %+.3g %% at the 90th.",
			       100 * (low->ratio.ratio - 1), 100 * (high->ratio.ratio - 1));
	mp_chart_step_note(subject, chart);
	if (!subject->pair || !subject->pair->measured)
		return;
	mp_chart_note(chart, "shape of the calls: %s%s%s",
		      mp_aside_name(subject->pair->shape.verdict),
		      subject->pair->shape.reason ? "; " : "",
		      subject->pair->shape.reason ? subject->pair->shape.reason : "");
	mp_chart_note(chart, "tail of the calls: %s%s%s",
		      mp_aside_name(subject->pair->tail.verdict),
		      subject->pair->tail.reason ? "; " : "",
		      subject->pair->tail.reason ? subject->pair->tail.reason : "");
	if (isfinite(subject->pair->location.ratio))
		mp_chart_note(chart, "dotted: no change, and the case as a whole (%+.3g %%)",
			      100 * (subject->pair->location.ratio - 1));
	mp_chart_note(chart, "signs: what compare says of that decile over the median: S slower, F "
			     "faster, = same, ? unsure, o not judged");
}

static int build(const struct mp_chart_subject *subject, const struct mp_chart_options *options,
		 struct mp_chart *chart, struct mp_err *err)
{
	MP_CLEANUP(mp_chart_profiles_done) struct mp_chart_profiles profiles = { 0 };
	struct shift shifts[MP_PROFILE_COUNT] = { 0 };
	int rc;

	(void)options;
	mp_chart_title(chart, "%s: where in the distribution the change lies", subject->case_text);
	if (subject->n_sides < 2 || !subject->sides[0].store || !subject->sides[1].store) {
		mp_chart_empty(chart, "a shift needs two sides that have the case");
		return 0;
	}
	rc = mp_chart_profiles_read(subject, chart, &profiles, err);
	if (!rc && !chart->empty && (!profiles.n[0] || !profiles.n[1]))
		mp_chart_empty(chart, "%c has no quantiles of single calls",
			       mp_chart_side_letter(!profiles.n[1]));
	if (!rc && !chart->empty)
		rc = measure(subject, &profiles, shifts, err);
	if (rc || chart->empty)
		return rc;
	draw(subject, shifts, chart);
	about(subject, shifts, chart);
	chart->table = table_of(shifts);
	return 0;
}

const struct mp_chart_kind mp_chart_kind_deciles = {
	.name = "deciles",
	.title = "Decile shift",
	.summary = "B over A at each quantile: a shift, a tail, or another shape",
	.build = build,
};

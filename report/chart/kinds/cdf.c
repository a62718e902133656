/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Cumulative distribution: which share of the calls takes at most so long. The stored histograms merged over the
 * invocations; a bucket's calls are counted at its upper bound, so that no call is said to be faster than it was.
 */
#include "report/chart/kind.h"

#include <math.h>

#include "common/cleanup.h"
#include "report/format/table.h"

/* Steps smaller than this share of the picture in both directions are left out. */
#define FINE 0.002

static void curve(const struct mp_chart_subject *subject, const struct mp_histogram *h, size_t side,
		  struct mp_chart *chart)
{
	struct mp_chart_series *series = mp_chart_series(
		chart, mp_chart_side_role(side), mp_chart_side_letter(side), MP_CHART_STEPS, "%s",
		subject->sides[side].name ? subject->sides[side].name : "");
	double last_x = -1, last_y = -1;
	uint64_t sum = 0;

	for (size_t b = 0; b < h->n_buckets; b++) {
		double at = mp_chart_time(subject, side, (double)mp_histogram_upper(b)), share, x,
		       y;

		sum += h->counts[b];
		if (!h->counts[b])
			continue;
		/* On the scale of tails everything is never reached: the last call stands at 1 - 1/(2n). */
		share = sum == h->n && chart->y.scale == MP_CHART_TAIL ? 1 - 0.5 / (double)h->n
								       : (double)sum / (double)h->n;
		x = mp_chart_place(&chart->x, at);
		y = mp_chart_place(&chart->y, share);
		if (x > 1 + 1e-9)
			break;
		if (sum < h->n && last_x >= 0 && x - last_x < FINE && y - last_y < FINE)
			continue;
		if (last_x < 0)
			mp_chart_add(chart, series,
				     (struct mp_chart_point){
					     .x = at, .y = 0, .low = NAN, .high = NAN });
		mp_chart_add(
			chart, series,
			(struct mp_chart_point){ .x = at, .y = share, .low = NAN, .high = NAN });
		last_x = x;
		last_y = y;
	}
	/* The curve goes on to the edge of the picture. */
	if (series && series->n_points)
		mp_chart_add(chart, series,
			     (struct mp_chart_point){ .x = chart->x.high,
						      .y = series->points[series->n_points - 1].y,
						      .low = NAN,
						      .high = NAN });
}

static struct mp_table *table_of(const struct mp_chart_subject *subject,
				 const struct mp_chart_calls *calls)
{
	static const struct mp_column columns[] = {
		{ .key = "share", .title = "share of the calls", .right = true },
		{ .key = "a_ns", .title = "A at most", .kind = MP_COLUMN_DURATION },
		{ .key = "b_ns", .title = "B at most", .kind = MP_COLUMN_DURATION },
	};
	static const struct {
		const char *name;
		double p;
	} rows[] = { { "0.1 %", .001 }, { "1 %", .01 },	 { "5 %", .05 },     { "10 %", .1 },
		     { "25 %", .25 },	{ "50 %", .5 },	 { "75 %", .75 },    { "90 %", .9 },
		     { "95 %", .95 },	{ "99 %", .99 }, { "99.9 %", .999 }, { "100 %", 1 } };
	struct mp_table *t = mp_chart_table(subject, columns, calls->of[1].n ? 3 : 2);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		mp_table_text(t, rows[i].name);
		for (size_t s = 0; s <= (calls->of[1].n > 0); s++)
			mp_table_number(
				t, mp_chart_time(subject, s,
						 mp_histogram_quantile(&calls->of[s], rows[i].p)));
	}
	return t;
}

static void range(const struct mp_chart_subject *subject, const struct mp_chart_calls *calls,
		  bool tail, struct mp_chart *chart)
{
	double most = 0.9;

	for (size_t s = 0; s < 2; s++) {
		const struct mp_histogram *h = &calls->of[s];

		if (!h->n)
			continue;
		mp_chart_fit(&chart->x, mp_chart_time(subject, s, fmax((double)h->min, 1)));
		mp_chart_fit(&chart->x, mp_chart_time(subject, s,
						      tail ? (double)h->max
							   : mp_histogram_quantile(h, 0.999)));
		most = fmax(most, 1 - 0.5 / (double)h->n);
	}
	mp_chart_fit_done(&chart->x, 0.02);
	mp_chart_fit(&chart->y, 0);
	mp_chart_fit(&chart->y, tail ? most : 1);
	mp_chart_fit_done(&chart->y, 0);
}

static int build(const struct mp_chart_subject *subject, const struct mp_chart_options *options,
		 struct mp_chart *chart, struct mp_err *err)
{
	MP_CLEANUP(mp_chart_calls_done) struct mp_chart_calls calls = { 0 };
	char p90[2][2 * MP_UNITS_LEN];
	int rc;

	mp_chart_title(chart, "%s: share of the calls that take at most so long",
		       subject->case_text);
	rc = mp_chart_calls_read(subject, chart, &calls, err);
	if (rc || chart->empty)
		return rc;
	mp_chart_axis(chart, &chart->x, MP_CHART_LOG10, mp_chart_time_unit(subject),
		      "time of one call");
	mp_chart_axis(
		chart, &chart->y, options->tail ? MP_CHART_TAIL : MP_CHART_LINEAR, MP_CHART_SHARE,
		options->tail ? "share of the calls (towards the tail)" : "share of the calls");
	range(subject, &calls, options->tail, chart);
	for (size_t s = 0; s < subject->n_sides; s++) {
		if (calls.of[s].n)
			curve(subject, &calls.of[s], s, chart);
		mp_chart_time_text(subject, s, mp_histogram_quantile(&calls.of[s], 0.9), p90[s]);
	}
	if (subject->n_sides == 2)
		mp_chart_about(chart, "90 %% of the calls take at most %s in A and %s in B.",
			       p90[0], p90[1]);
	else
		mp_chart_about(chart, "90 %% of the calls take at most %s.", p90[0]);
	mp_chart_calls_notes(subject, &calls, chart);
	chart->table = table_of(subject, &calls);
	return 0;
}

const struct mp_chart_kind mp_chart_kind_cdf = {
	.name = "cdf",
	.title = "CDF",
	.summary = "which share of the calls takes at most so long",
	.build = build,
};

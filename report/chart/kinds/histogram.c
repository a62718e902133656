/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Mirrored histogram: shares of the calls of A upward and of B downward, over one logarithmic axis.
 *
 * The stored histograms are merged over the invocations. A bin is made of whole buckets of theirs, so that nothing is
 * split, and where the clock is coarse of whole steps of the clock, with its edges between them: else bins would hold
 * one step here and two there, and show a comb that is none of the call's. The range is what holds all but the outermost
 * 0.1 % below and 0.5 % above of either side; what lies outside is named with its share and its farthest value.
 */
#include "report/chart/kind.h"

#include <math.h>
#include <stdlib.h>

#include "common/cleanup.h"
#include "report/format/table.h"

#define BINS_DEFAULT 40
#define BINS_MAX     200
#define BELOW	     0.001
#define BEYOND	     0.995

struct bins {
	size_t n;
	double edges[BINS_MAX + 1]; /* n + 1 of them, ns; each the lower bound of a bucket */
	double shares[2][BINS_MAX];
	uint64_t below[2], beyond[2]; /* calls outside */
};

/* The next edge at or above `ns` that splits no bucket, and no step of the clock. */
static double edge_at(double ns, double step)
{
	size_t bucket;

	if (step > 1)
		ns = (floor(ns / step) + 0.5) * step;
	bucket = mp_histogram_bucket((uint64_t)fmax(ns, 0));
	return (double)mp_histogram_lower(bucket);
}

static void choose_edges(const struct mp_chart_calls *calls, unsigned wanted, struct bins *bins)
{
	double low = INFINITY, high = 0, factor;

	for (size_t s = 0; s < 2; s++) {
		if (!calls->of[s].n)
			continue;
		low = fmin(low, mp_histogram_quantile(&calls->of[s], BELOW));
		high = fmax(high, mp_histogram_quantile(&calls->of[s], BEYOND));
	}
	low = fmax(low, 1);
	/* One value alone gets a bin on either side. */
	high = fmax(high, low * 1.02);
	factor = pow(high / low, 1.0 / wanted);
	bins->edges[0] = fmax(edge_at(low - fmax(calls->step_ns, 0), calls->step_ns), 1);
	while (bins->n < BINS_MAX && bins->edges[bins->n] <= high) {
		double last = bins->edges[bins->n], next = edge_at(last * factor, calls->step_ns);

		/* At least one bucket and one step wide, whichever is wider: else it stays where it is. */
		while (next <= last) {
			size_t bucket =
				mp_histogram_bucket((uint64_t)(next + fmax(calls->step_ns, 1)));

			if ((double)mp_histogram_lower(bucket) <= next)
				bucket++;
			next = (double)mp_histogram_lower(bucket);
		}
		bins->edges[++bins->n] = next;
	}
}

static void count(const struct mp_histogram *h, struct bins *bins, size_t side)
{
	size_t bin = 0;

	for (size_t b = 0; b < h->n_buckets; b++) {
		double at = (double)mp_histogram_lower(b);

		if (!h->counts[b])
			continue;
		while (bin < bins->n && at >= bins->edges[bin + 1])
			bin++;
		if (at < bins->edges[0])
			bins->below[side] += h->counts[b];
		else if (bin == bins->n)
			bins->beyond[side] += h->counts[b];
		else
			bins->shares[side][bin] += (double)h->counts[b] / (double)h->n;
	}
}

static void outside(const struct mp_chart_subject *subject, struct mp_chart *chart,
		    const struct mp_histogram *h, const struct bins *bins, size_t side)
{
	char limit[2 * MP_UNITS_LEN], farthest[2 * MP_UNITS_LEN];

	if (bins->beyond[side])
		mp_chart_note(chart, "%c: %.2g %% of the calls beyond %s, the longest %s",
			      mp_chart_side_letter(side),
			      100 * (double)bins->beyond[side] / (double)h->n,
			      mp_chart_time_text(subject, side, bins->edges[bins->n], limit),
			      mp_chart_time_text(subject, side, (double)h->max, farthest));
	if (bins->below[side])
		mp_chart_note(chart, "%c: %.2g %% of the calls below %s, the shortest %s",
			      mp_chart_side_letter(side),
			      100 * (double)bins->below[side] / (double)h->n,
			      mp_chart_time_text(subject, side, bins->edges[0], limit),
			      mp_chart_time_text(subject, side, (double)h->min, farthest));
}

/* Edges are those of A, on whose scale a bin of B may lie a little elsewhere. */
static struct mp_table *table_of(const struct mp_chart_subject *subject,
				 const struct mp_chart_calls *calls, const struct bins *bins)
{
	static const struct mp_column columns[] = {
		{ .key = "from_ns", .title = "from", .kind = MP_COLUMN_DURATION },
		{ .key = "to_ns", .title = "to", .kind = MP_COLUMN_DURATION },
		{ .key = "share_a", .title = "share of A", .kind = MP_COLUMN_PERCENT },
		{ .key = "share_b", .title = "share of B", .kind = MP_COLUMN_PERCENT },
	};
	struct mp_table *t = mp_chart_table(subject, columns, calls->of[1].n ? 4 : 3);

	for (size_t i = 0; i < bins->n; i++) {
		if (!bins->shares[0][i] && !bins->shares[1][i])
			continue;
		mp_table_number(t, mp_chart_time(subject, 0, bins->edges[i]));
		mp_table_number(t, mp_chart_time(subject, 0, bins->edges[i + 1]));
		mp_table_number(t, calls->of[0].n ? bins->shares[0][i] : NAN);
		if (calls->of[1].n)
			mp_table_number(t, bins->shares[1][i]);
	}
	return t;
}

static void draw(const struct mp_chart_subject *subject, const struct mp_chart_calls *calls,
		 const struct bins *bins, struct mp_chart *chart)
{
	char a[2 * MP_UNITS_LEN], b[2 * MP_UNITS_LEN];
	size_t only = !calls->of[0].n;

	mp_chart_axis(chart, &chart->x, MP_CHART_LOG10, mp_chart_time_unit(subject),
		      "time of one call");
	mp_chart_axis(chart, &chart->y, MP_CHART_LINEAR, MP_CHART_SHARE,
		      subject->n_sides == 2 ? "share of the calls (A up, B down)"
					    : "share of the calls");
	chart->y.mirrored = subject->n_sides == 2;
	mp_chart_fit(&chart->y, 0);
	for (size_t s = 0; s < subject->n_sides; s++) {
		struct mp_chart_series *series = mp_chart_series(
			chart, mp_chart_side_role(s), mp_chart_side_letter(s), MP_CHART_BARS, "%s",
			subject->sides[s].name ? subject->sides[s].name : "");

		for (size_t i = 0; i < bins->n; i++)
			mp_chart_add(chart, series,
				     (struct mp_chart_point){
					     .x = mp_chart_time(subject, s, bins->edges[i]),
					     .x_end = mp_chart_time(subject, s, bins->edges[i + 1]),
					     .y = s ? -bins->shares[s][i] : bins->shares[s][i],
					     .low = NAN,
					     .high = NAN });
		for (size_t i = 0; i < bins->n && subject->n_sides == 2; i++) {
			mp_chart_fit(&chart->y, bins->shares[s][i]);
			mp_chart_fit(&chart->y, -bins->shares[s][i]);
		}
	}
	mp_chart_fit_points(chart, 0);
	if (calls->of[0].n && calls->of[1].n)
		mp_chart_about(chart, "Half of A's calls take at most %s, half of B's at most %s.",
			       mp_chart_time_text(subject, 0,
						  mp_histogram_quantile(&calls->of[0], 0.5), a),
			       mp_chart_time_text(subject, 1,
						  mp_histogram_quantile(&calls->of[1], 0.5), b));
	else
		mp_chart_about(chart, "Half of the calls take at most %s.",
			       mp_chart_time_text(subject, only,
						  mp_histogram_quantile(&calls->of[only], 0.5), a));
}

static int build(const struct mp_chart_subject *subject, const struct mp_chart_options *options,
		 struct mp_chart *chart, struct mp_err *err)
{
	MP_CLEANUP(mp_chart_calls_done) struct mp_chart_calls calls = { 0 };
	unsigned wanted = options->bins ? options->bins : BINS_DEFAULT;
	struct bins bins = { 0 };
	int rc;

	mp_chart_title(chart, "%s: how long single calls take", subject->case_text);
	rc = mp_chart_calls_read(subject, chart, &calls, err);
	if (rc || chart->empty)
		return rc;
	choose_edges(&calls, wanted < BINS_MAX / 2 ? wanted : BINS_MAX / 2, &bins);
	for (size_t s = 0; s < subject->n_sides; s++)
		count(&calls.of[s], &bins, s);
	draw(subject, &calls, &bins, chart);
	mp_chart_calls_notes(subject, &calls, chart);
	for (size_t s = 0; s < subject->n_sides; s++)
		outside(subject, chart, &calls.of[s], &bins, s);
	chart->table = table_of(subject, &calls, &bins);
	return 0;
}

const struct mp_chart_kind mp_chart_kind_histogram = {
	.name = "histogram",
	.title = "Histogram",
	.summary = "how long single calls take: A up, B down, on one logarithmic axis",
	.build = build,
};

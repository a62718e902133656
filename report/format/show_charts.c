/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which charts a page shows: see show_charts.h. */
#include "report/format/show_charts.h"

#include <stdlib.h>
#include <string.h>

#include "report/chart/kind.h"
#include "report/format/show_internal.h"

/* Pairs whose charts are open from the start. */
#define OPEN_FIRST 3

/* Of a histogram: half of the page is narrow. */
#define BINS 48

static void show(const struct mp_doc *doc, int rc, struct mp_chart *chart, bool wide,
		 const struct mp_err *err)
{
	if (rc)
		mp_doc_line(doc, "no chart: %s", err->text);
	else
		mp_doc_chart(doc, chart, wide);
	mp_chart_done(chart);
}

/* Returns whether there was something to draw; where not, the document says why. */
static bool draw(const struct mp_doc *doc, const struct mp_chart_kind *kind,
		 const struct mp_chart_subject *subject)
{
	const struct mp_chart_options options = { .bins = BINS };
	struct mp_chart chart = { 0 };
	struct mp_err err;
	int rc = mp_chart_make(kind, subject, &options, &chart, &err);
	bool drawn = !rc && !chart.empty;

	show(doc, rc, &chart, kind->history, &err);
	return drawn;
}

static void no_room(const struct mp_doc *doc, size_t n, const char *what, const char *remedy)
{
	if (n)
		mp_doc_line(doc, "%zu more %s have no chart here, so that the page stays small: %s",
			    n, what, remedy);
}

void mp_show_overview(const struct mp_doc *doc, const struct mp_comparison *c)
{
	struct mp_chart chart = { 0 };
	struct mp_err err;

	show(doc, mp_chart_overview(c, &chart, &err), &chart, true, &err);
}

/* ---- pairs ---- */

static void pair_charts(const struct mp_doc *doc, const struct mp_comparison *c,
			const struct mp_pair *pair)
{
	struct mp_chart_pair of;
	struct mp_err err;

	if (mp_chart_pair_subject(c, pair, &of, &err)) {
		mp_doc_line(doc, "no chart: %s", err.text);
		return;
	}
	/* What one says of missing single calls, the other would repeat. */
	if (draw(doc, &mp_chart_kind_histogram, &of.subject))
		draw(doc, &mp_chart_kind_cdf, &of.subject);
	draw(doc, &mp_chart_kind_invocations, &of.subject);
	mp_chart_pair_done(&of);
}

/* The first ones are open. */
static void charts_of(const struct mp_doc *doc, const struct mp_comparison *c,
		      const struct mp_pair *const *pairs, size_t n)
{
	size_t i = 0;

	for (; i < n && mp_doc_has_room(doc); i++) {
		struct mp_str why = MP_STR_INIT;
		char change[MP_UNITS_LEN];

		mp_show_change(pairs[i]->location.ratio, change);
		mp_show_why(c->policy, pairs[i], &why);
		mp_doc_fold(doc, mp_verdict_name(pairs[i]->verdict), i < OPEN_FIRST, "%s %s: %s",
			    change, mp_verdict_name(pairs[i]->verdict), pairs[i]->text);
		mp_doc_line(doc, "%s", why.text);
		mp_show_control(doc, c->controls, pairs[i]);
		pair_charts(doc, c, pairs[i]);
		mp_doc_unfold(doc);
		doc->out->failed = doc->out->failed || why.failed;
		mp_str_done(&why);
	}
	no_room(doc, n - i, "cases that changed", "'memperf compare --chart CASE' draws any");
}

void mp_show_changed_charts(const struct mp_doc *doc, const struct mp_comparison *c,
			    const char *heading)
{
	static const enum mp_verdict changed[] = { MP_VERDICT_SLOWER, MP_VERDICT_FASTER };
	bool begun = false;

	for (size_t v = 0; v < 2; v++) {
		size_t count = 0;
		const struct mp_pair **pairs = mp_comparison_pick(c, changed[v], &count);

		doc->out->failed = doc->out->failed || !pairs;
		if (count && !begun)
			mp_doc_heading(doc, "%s", heading);
		begun = begun || count;
		if (count)
			charts_of(doc, c, pairs, count);
		free(pairs);
	}
}

/* ---- along an axis ---- */

/* Curves, below a heading of their own as soon as there is one. */
struct curves {
	const struct mp_doc *doc;
	bool begun;
	size_t left_out;
};

/* A benchmark without such an axis has no curve, and nothing is missing. */
static void draw_curve(struct curves *curves, const struct mp_chart_subject *subject)
{
	const struct mp_chart_options options = { 0 };
	struct mp_chart chart = { 0 };
	struct mp_err err;
	int rc;

	if (!mp_doc_has_room(curves->doc)) {
		curves->left_out++;
		return;
	}
	rc = mp_chart_make(&mp_chart_kind_scaling, subject, &options, &chart, &err);
	if (!rc && chart.empty) {
		mp_chart_done(&chart);
		return;
	}
	if (!curves->begun)
		mp_doc_heading(curves->doc, "Along size and count");
	curves->begun = true;
	show(curves->doc, rc, &chart, false, &err);
}

/* Of each benchmark the case with the strongest evidence of a change, else the first one that was measured. */
static const struct mp_pair *stands_for(const struct mp_comparison *c, size_t from, size_t end)
{
	const struct mp_pair *best = NULL;

	for (size_t i = from; i < end; i++) {
		const struct mp_pair *pair = &c->pairs[i];

		if (pair->measured &&
		    (!best || (pair->verdict <= MP_VERDICT_SLOWER &&
			       (best->verdict > MP_VERDICT_SLOWER ||
				pair->location.adjusted < best->location.adjusted))))
			best = pair;
	}
	return best;
}

void mp_show_scaling_of_pairs(const struct mp_doc *doc, const struct mp_comparison *c)
{
	struct curves curves = { .doc = doc };

	for (size_t i = 0, end; i < c->n_pairs; i = end) {
		const struct mp_pair *pair;
		struct mp_chart_pair of;
		struct mp_err err;

		for (end = i + 1;
		     end < c->n_pairs && !strcmp(c->pairs[end].bench, c->pairs[i].bench);)
			end++;
		pair = stands_for(c, i, end);
		if (!pair)
			continue;
		if (mp_chart_pair_subject(c, pair, &of, &err)) {
			mp_doc_line(doc, "no chart: %s", err.text);
			continue;
		}
		draw_curve(&curves, &of.subject);
		mp_chart_pair_done(&of);
	}
	no_room(doc, curves.left_out, "benchmarks",
		"'memperf compare --chart CASE --kind scaling' draws any");
}

/* ---- one run ---- */

static int subject_of_row(const struct mp_side *side, const struct mp_case_row *row,
			  struct mp_chart_subject *ret_subject, struct mp_err *err)
{
	*ret_subject = (struct mp_chart_subject){ .n_sides = 1, .case_text = row->text };
	ret_subject->sides[0] = (struct mp_chart_side){ .store = side->store,
							.run_cases = &row->run_case,
							.n_run_cases = 1,
							.run = &side->runs[0],
							.name = side->name };
	return mp_chart_subject_fill(ret_subject, err);
}

void mp_show_run_charts(const struct mp_doc *doc, const struct mp_side *side,
			const struct mp_case_row *const *rows, size_t n)
{
	struct curves curves = { .doc = doc };
	size_t left_out = 0;

	/* First every curve, which shows many cases at once, then one histogram for each benchmark. */
	for (int pass = 0; pass < 2; pass++) {
		const char *bench = NULL;

		if (pass && n) {
			mp_doc_heading(doc, "Single calls");
			mp_doc_line(doc, "of the first case of each benchmark; 'memperf report "
					 "--chart CASE' draws any");
		}
		for (size_t i = 0; i < n; i++) {
			struct mp_chart_subject subject;
			struct mp_err err;

			if (rows[i]->outcome != MP_OUTCOME_OK ||
			    (bench && !strcmp(rows[i]->bench, bench)))
				continue;
			bench = rows[i]->bench;
			if (subject_of_row(side, rows[i], &subject, &err))
				mp_doc_line(doc, "no chart: %s", err.text);
			else if (!pass)
				draw_curve(&curves, &subject);
			else if (mp_doc_has_room(doc))
				draw(doc, &mp_chart_kind_histogram, &subject);
			else
				left_out++;
		}
	}
	no_room(doc, curves.left_out + left_out, "benchmarks",
		"'memperf report --chart CASE' draws any");
}

/* ---- many runs ---- */

void mp_show_series_charts(const struct mp_doc *doc, const struct mp_history *h)
{
	size_t left_out = 0;

	for (int quiet = 0; quiet < 2; quiet++) {
		for (size_t i = 0; i < h->n_series; i++) {
			const struct mp_series *s = &h->series[i];
			const struct mp_chart_subject subject = {
				.case_text = s->case_text, .n_sides = 1, .history = h, .series = i
			};

			if (!s->n_points || (quiet == 1) != (s->n_changes == 0))
				continue;
			if (!mp_doc_has_room(doc)) {
				left_out++;
				continue;
			}
			mp_doc_fold(doc, quiet ? "level" : "changed", !quiet, "%s: %s on %s",
				    s->case_text, mp_metric_name(s->metric),
				    h->nights[s->points[0].night].host);
			draw(doc, &mp_chart_kind_history, &subject);
			mp_doc_unfold(doc);
		}
	}
	no_room(doc, left_out, "series",
		"'memperf report FILE --chart CASE --kind history' draws any");
}

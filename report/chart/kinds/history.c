/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One series of a history: its values night by night, the levels between its changes, and where the machine changed.
 * Everything is what report/history found; nothing is detected here.
 */
#include "report/chart/kind.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "report/format/table.h"

struct drawing {
	const struct mp_history *h;
	const struct mp_series *s;
	const struct mp_chart_options *options;
	struct mp_chart *chart;
	double reference; /* values are divided by it; 1: none */
};

/* "2026-02-03", or without the year. */
static void date_of(int64_t ns, bool year, char buf[16])
{
	time_t seconds = (time_t)(ns / 1000000000);
	struct tm tm;

	if (!localtime_r(&seconds, &tm) || !strftime(buf, 16, "%Y-%m-%d", &tm))
		snprintf(buf, 16, "-");
	else if (!year)
		memmove(buf, buf + 5, strlen(buf + 5) + 1);
}

/* Where point number i stands. */
static double x_of(const struct drawing *d, size_t i)
{
	return d->options->dates ? (double)d->h->nights[d->s->points[i].night].started_ns / 1e9
				 : (double)(i - d->options->first);
}

static double last_x(const struct drawing *d)
{
	return x_of(d, d->s->n_points - 1);
}

static void axes(struct drawing *d)
{
	const struct mp_series *s = d->s;
	bool ratio = d->options->reference || s->metric != MP_METRIC_IS_VALUE;
	const char *title = s->metric == MP_METRIC_IS_TAIL     ? "99th percentile over the median"
			    : s->metric == MP_METRIC_IS_SPREAD ? "spread between invocations"
							       : "time per operation";

	mp_chart_axis(d->chart, &d->chart->x, MP_CHART_LINEAR,
		      d->options->dates ? MP_CHART_DATE : MP_CHART_NAMES,
		      d->options->dates ? "date" : "run, oldest first");
	for (size_t i = d->options->first; !d->options->dates && i < s->n_points; i++) {
		char date[16];

		date_of(d->h->nights[s->points[i].night].started_ns, false, date);
		mp_chart_name(d->chart, &d->chart->x, date);
	}
	mp_chart_axis(d->chart, &d->chart->y,
		      d->options->other_scale ? MP_CHART_LOG10 : MP_CHART_LINEAR,
		      d->options->reference ? MP_CHART_CHANGE
		      : ratio		    ? MP_CHART_NUMBER
					    : MP_CHART_DURATION,
		      d->options->reference ? "change from the reference run" : title);
}

static void values(struct drawing *d)
{
	struct mp_chart_series *dots =
		mp_chart_series(d->chart, MP_CHART_NEUTRAL, 'o', MP_CHART_DOTS, "one run");
	size_t gaps = 0;

	for (size_t i = d->options->first; i < d->s->n_points; i++) {
		double value = d->s->points[i].reason ? NAN : d->s->points[i].value;

		gaps += isnan(value);
		mp_chart_add(d->chart, dots,
			     (struct mp_chart_point){ .x = x_of(d, i),
						      .y = value / d->reference,
						      .low = NAN,
						      .high = NAN });
	}
	if (gaps)
		mp_chart_note(d->chart, "%zu runs without a value leave a gap: see the table",
			      gaps);
}

static enum mp_chart_role role_of(const struct mp_step *change)
{
	return change->kind == MP_STEP_ACCEPTED ? MP_CHART_NEUTRAL
	       : change->ratio > 1		? MP_CHART_WORSE
						: MP_CHART_BETTER;
}

/* The medians between the changes. */
static void levels(struct drawing *d)
{
	const struct mp_series *s = d->s;
	struct mp_chart_series *series;
	/* A level of one run is seen, too. */
	double half = d->options->dates ? 0 : 0.4;

	if (!s->n_values || !s->segments)
		return;
	series = mp_chart_series(d->chart, MP_CHART_A, '-', MP_CHART_LEVELS, "level");
	for (size_t k = 0; k <= s->n_changes; k++) {
		const struct mp_segment *g = &s->segments[k];
		size_t from = s->values[g->first], to = s->values[g->last];

		if (to < d->options->first)
			continue;
		from = from < d->options->first ? d->options->first : from;
		mp_chart_add(d->chart, series,
			     (struct mp_chart_point){ .x = x_of(d, from) - half,
						      .x_end = x_of(d, to) + half,
						      .y = g->median / d->reference,
						      .low = NAN,
						      .high = NAN });
	}
}

/* Between the last run of the old level and the first of the new one. */
static double step_x(const struct drawing *d, const struct mp_step *change)
{
	size_t at = d->s->values[change->point.at];
	size_t before = change->point.at ? d->s->values[change->point.at - 1] : at;

	return (x_of(d, before > d->options->first ? before : d->options->first) + x_of(d, at)) / 2;
}

static void changes(struct drawing *d)
{
	for (size_t k = 0; k < d->s->n_changes; k++) {
		const struct mp_step *c = &d->h->changes[d->s->first_change + k];
		const struct mp_night *before = &d->h->nights[c->before],
				      *night = &d->h->nights[c->night];

		if (d->s->values[c->point.at] < d->options->first)
			continue;
		mp_chart_mark(d->chart, &d->chart->x, step_x(d, c), role_of(c), "%+.3g %%",
			      100 * (c->ratio - 1));
		mp_chart_note(
			d->chart,
			"%+.1f %% [%+.1f .. %+.1f %%] between run #%lld and run #%lld: %s%s%s",
			100 * (c->ratio - 1), mp_shown(100 * (c->low - 1), 1),
			mp_shown(100 * (c->high - 1), 1), (long long)before->id,
			(long long)night->id, mp_step_kind_name(c->kind),
			c->state ? ", judged " : "", c->state ? c->state : "");
	}
}

/* Runs on which the machine's description changed. */
static void events(struct drawing *d)
{
	for (size_t i = d->options->first; i < d->s->n_points; i++) {
		const struct mp_night *night = &d->h->nights[d->s->points[i].night];

		if (!night->event || !night->environment)
			continue;
		mp_chart_mark(d->chart, &d->chart->x, x_of(d, i), MP_CHART_NEUTRAL, "e");
		mp_chart_note(d->chart, "e run #%lld: %s", (long long)night->id,
			      night->environment);
	}
}

static struct mp_table *table_of(const struct drawing *d)
{
	static const struct mp_column columns[] = {
		{ .key = "run", .title = "run", .right = true },
		{ .key = "date", .title = "date" },
		{ .key = "value", .title = "value", .kind = MP_COLUMN_DURATION },
		{ .key = "note", .title = "" },
	};
	static const struct mp_column plain[] = {
		{ .key = "run", .title = "run", .right = true },
		{ .key = "date", .title = "date" },
		{ .key = "value", .title = "value", .kind = MP_COLUMN_NUMBER },
		{ .key = "note", .title = "" },
	};
	struct mp_table *t = mp_table_new(d->s->metric == MP_METRIC_IS_VALUE ? columns : plain, 4);

	for (size_t i = 0; i < d->s->n_points; i++) {
		const struct mp_point *p = &d->s->points[i];
		const struct mp_night *night = &d->h->nights[p->night];
		char run[24], date[16];

		snprintf(run, sizeof(run), "#%lld", (long long)night->id);
		date_of(night->started_ns, true, date);
		mp_table_text(t, run);
		mp_table_text(t, date);
		mp_table_number(t, p->reason ? NAN : p->value);
		mp_table_text(t, p->reason ? p->reason : night->event ? night->environment : "");
	}
	return t;
}

static void about(const struct drawing *d)
{
	const struct mp_series *s = d->s;
	char level[MP_UNITS_LEN];

	if (!s->n_values) {
		mp_chart_empty(d->chart, "no run has a value of this series");
		return;
	}
	mp_chart_about(d->chart,
		       "%zu runs with a value, %zu changes of the level; the newest level is %s.",
		       s->n_values, s->n_changes,
		       s->metric == MP_METRIC_IS_VALUE
			       ? mp_duration_format(s->segments[s->n_changes].median, level)
			       : mp_number_format(s->segments[s->n_changes].median, level));
	if (s->n_values < 6)
		mp_chart_note(d->chart,
			      "too few runs to see a change: a series needs 6 with a value");
	if (s->bimodal)
		mp_chart_note(d->chart, "the values jump between two levels");
}

static int build(const struct mp_chart_subject *subject, const struct mp_chart_options *options,
		 struct mp_chart *chart, struct mp_err *err)
{
	struct drawing d = { .options = options, .chart = chart, .reference = 1 };

	(void)err;
	mp_chart_title(chart, "%s: history", subject->case_text);
	if (!subject->history || subject->series >= subject->history->n_series) {
		mp_chart_empty(chart, "no run of the file has an ok result of this case");
		return 0;
	}
	d.h = subject->history;
	d.s = &d.h->series[subject->series];
	mp_chart_title(chart, "%s: %s on %s", subject->case_text,
		       d.s->metric == MP_METRIC_IS_VALUE ? "history" : mp_metric_name(d.s->metric),
		       d.s->n_points ? d.h->nights[d.s->points[0].night].host : d.s->machine);
	about(&d);
	if (chart->empty)
		return 0;
	if (options->reference && options->reference <= d.s->n_points &&
	    !d.s->points[options->reference - 1].reason)
		d.reference = d.s->points[options->reference - 1].value;
	axes(&d);
	levels(&d);
	values(&d);
	changes(&d);
	events(&d);
	mp_chart_fit(&chart->x, x_of(&d, options->first) - (options->dates ? 43200 : 0.5));
	mp_chart_fit(&chart->x, last_x(&d) + (options->dates ? 43200 : 0.5));
	mp_chart_fit_points(chart, 0.08);
	chart->table = table_of(&d);
	return 0;
}

const struct mp_chart_kind mp_chart_kind_history = {
	.name = "history",
	.title = "History",
	.summary = "the case night by night: levels, changes, and where the machine changed",
	.history = true,
	.build = build,
};

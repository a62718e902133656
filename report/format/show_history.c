/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A history for people: what is open, what changed when, what the machine did, and every series as a line. */
#include "report/format/show.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/cleanup.h"
#include "report/chart/spark.h"
#include "report/format/show_charts.h"
#include "report/format/show_internal.h"

/* Series without a change are counted, not listed, when there are more than this. */
#define SERIES_LISTED 30

/* Characters of a sparkline. */
#define SPARK 40

void mp_show_date(int64_t ns, char buf[16])
{
	time_t seconds = (time_t)(ns / 1000000000);
	struct tm tm;

	if (!localtime_r(&seconds, &tm) || !strftime(buf, 16, "%Y-%m-%d", &tm))
		strcpy(buf, "-");
}

/* ---- sparkline ---- */

static void sparkline(const struct mp_series *s, bool ascii, struct mp_str *out)
{
	MP_CLEANUP(mp_free_ptr) double *values = malloc((s->n_points + 1) * sizeof(*values));

	for (size_t i = 0; values && i < s->n_points; i++)
		values[i] = s->points[i].reason ? NAN : s->points[i].value;
	if (values)
		mp_spark(values, s->n_points, SPARK, ascii, out);
	out->failed = out->failed || !values;
}

/* ---- head ---- */

static void count(struct mp_str *out, size_t n, const char *what)
{
	if (n)
		mp_str_printf(out, "%s%zu %s", out->len ? "; " : "", n, what);
}

static void left_out(const struct mp_doc *doc, const struct mp_history *h)
{
	MP_CLEANUP(mp_str_done) struct mp_str text = MP_STR_INIT;
	const struct mp_history_counts *c = &h->counts;

	count(&text, c->duplicates, "runs that are in two files, counted once");
	count(&text, c->older, "runs before the last nights that are looked at");
	count(&text, c->sabotaged, "runs with planted faults");
	count(&text, c->confirming, "runs that confirm others");
	count(&text, c->filtered, "cases by the filter");
	count(&text, c->valueless, "cases that never had a value");
	count(&text, c->gaps - c->other_population, "results that are not ok");
	count(&text, c->other_population, "values of too few calm samples");
	count(&text, c->short_series, "series too short for a change (fewer than 6 values)");
	count(&text, c->unsure, "steps that so many series show by chance");
	if (text.len)
		mp_doc_field(doc, "left out", "%s", text.text);
}

static size_t machines_of(const struct mp_history *h)
{
	size_t machines = h->n_nights > 0;

	for (size_t i = 1; i < h->n_nights; i++)
		machines += strcmp(h->nights[i].machine, h->nights[i - 1].machine) != 0;
	return machines;
}

static void notes(const struct mp_doc *doc, const struct mp_history *h, bool all)
{
	const char *at = h->notes.text ? h->notes.text : "";
	size_t shown = 0, more = 0;

	for (size_t len; (len = strcspn(at, "\n")); at += len + (at[len] == '\n')) {
		if (all || shown < 3) {
			mp_doc_line(doc, "note: %.*s", (int)len, at);
			shown++;
		} else {
			more++;
		}
	}
	if (more)
		mp_doc_line(doc, "and %zu more notes: --all", more);
}

static void head(const struct mp_doc *doc, const struct mp_history *h, bool all)
{
	size_t machines = machines_of(h), values = 0;
	char first[16], last[16];

	mp_doc_title(doc, "history of %zu series over %zu runs", h->n_series, h->n_nights);
	if (h->n_nights) {
		int64_t from = h->nights[0].started_ns, to = from;

		for (size_t i = 0; i < h->n_nights; i++) {
			from = h->nights[i].started_ns < from ? h->nights[i].started_ns : from;
			to = h->nights[i].started_ns > to ? h->nights[i].started_ns : to;
		}
		mp_show_date(from, first);
		mp_show_date(to, last);
		mp_doc_field(doc, "runs", "%zu of %zu machine%s, from %s to %s", h->n_nights,
			     machines, machines == 1 ? "" : "s", first, last);
	}
	for (size_t i = 0; i < h->n_series; i++)
		values += h->series[i].n_values;
	mp_doc_field(doc, "values", "%zu", values);
	left_out(doc, h);
	notes(doc, h, all);
}

/* ---- alerts and changes ---- */

/* "mmap", "brk and 3 more series", "the machine changed" */
static const char *alert_title(const struct mp_alert *a)
{
	switch (a->kind) {
	case MP_STEP_MACHINE:
		return "the machine changed";
	case MP_STEP_ENVIRONMENT:
		return "environment";
	case MP_STEP_ACCEPTED:
		return "accepted";
	case MP_STEP_SLOWER:
		return "slower";
	case MP_STEP_FASTER:
		break;
	}
	return "faster";
}

static const char *metric_of(const struct mp_series *s)
{
	return s->metric == MP_METRIC_IS_VALUE	? ""
	       : s->metric == MP_METRIC_IS_TAIL ? " (tail: p99 / p50)"
						: " (spread between invocations)";
}

static void value_cell(struct mp_table *t, const struct mp_series *s, double value)
{
	char text[MP_UNITS_LEN];

	if (s->metric == MP_METRIC_IS_VALUE) {
		mp_table_text(t, mp_column_format(MP_COLUMN_DURATION, value, text));
		return;
	}
	snprintf(text, sizeof(text), "%.3g", value);
	mp_table_text(t, text);
}

static void add_change(struct mp_table *t, const struct mp_history *h, const struct mp_step *c)
{
	const struct mp_series *s = &h->series[c->series];
	const struct mp_change between = { .tested = true, .low = c->low, .high = c->high };
	MP_CLEANUP(mp_str_done) struct mp_str text = MP_STR_INIT;
	char p[32], change[MP_UNITS_LEN], interval[2 * MP_UNITS_LEN];

	mp_str_printf(&text, "%s%s", s->case_text, metric_of(s));
	mp_table_str(t, &text);
	value_cell(t, s, c->value_before);
	value_cell(t, s, c->value_after);
	mp_show_change(c->ratio, change);
	mp_table_text(t, change);
	mp_show_interval(&between, interval);
	mp_table_text(t, interval);
	snprintf(p, sizeof(p), "%.2g", c->adjusted);
	mp_table_text(t, p);
	mp_str_clear(&text);
	mp_str_printf(&text, "%zu | %zu", c->point.n_before, c->point.n_after);
	mp_table_str(t, &text);
	mp_str_clear(&text);
	mp_str_printf(&text, "#%lld -> #%lld", (long long)h->nights[c->before].id,
		      (long long)h->nights[c->night].id);
	mp_table_str(t, &text);
	mp_table_interval(t, c->low, c->ratio, c->high);
}

/* Changes of one alert; at most this many cases by name unless all are asked for. */
#define CASES_NAMED 10

static void alert_changes(const struct mp_doc *doc, const struct mp_history *h, size_t alert,
			  bool all)
{
	static const struct mp_column columns[] = {
		{ .key = "case", .title = "case" },	     { .title = "before", .right = true },
		{ .title = "after", .right = true },	     { .title = "change", .right = true },
		{ .title = "95 % interval", .right = true }, { .title = "p", .right = true },
		{ .title = "runs", .right = true },	     { .title = "between" },
	};
	struct mp_table *t = mp_table_new(columns, sizeof(columns) / sizeof(columns[0]));
	size_t shown = 0, more = 0;

	for (size_t i = 0; i < h->n_changes; i++) {
		if (h->changes[i].alert != alert)
			continue;
		if (!all && shown == CASES_NAMED) {
			more++;
			continue;
		}
		add_change(t, h, &h->changes[i]);
		shown++;
	}
	if (mp_table_failed(t))
		doc->out->failed = true;
	else
		mp_doc_table(doc, t);
	mp_table_free(t);
	if (more)
		mp_doc_line(doc, "and %zu more cases: --all", more);
}

static void show_alert(const struct mp_doc *doc, const struct mp_history *h, size_t index, bool all)
{
	const struct mp_alert *a = &h->alerts[index];
	const struct mp_step *worst = &h->changes[a->worst];
	char before[16], night[16], change[MP_UNITS_LEN];

	mp_show_date(h->nights[a->before].started_ns, before);
	mp_show_date(h->nights[a->night].started_ns, night);
	mp_show_change(a->ratio, change);
	mp_doc_heading(doc, "%s%s%s%s: %zu case%s, %s", a->open ? "open: " : "", alert_title(a),
		       a->family ? ", " : "", a->family ? a->family : "", a->n_series,
		       a->n_series == 1 ? "" : "s", change);
	mp_doc_line(doc, "%s, between run #%lld (%s, %s) and run #%lld (%s, %s)",
		    h->nights[a->night].host, (long long)h->nights[a->before].id, before,
		    h->nights[a->before].file, (long long)h->nights[a->night].id, night,
		    h->nights[a->night].file);
	for (size_t n = a->before ? a->before : 1; n <= a->night + 1 && n < h->n_nights; n++)
		if (h->nights[n].environment && !strcmp(h->nights[n].machine, a->machine))
			mp_doc_line(doc, "run #%lld: %s", (long long)h->nights[n].id,
				    h->nights[n].environment);
	if (worst->state)
		mp_doc_line(doc, "judged '%s': %s", worst->state, worst->reason);
	alert_changes(doc, h, index, all);
	if (a->open)
		mp_doc_line(doc, "meant? memperf db accept %s '%s' --at %s --reason TEXT",
			    h->nights[a->night].file,
			    a->family && a->n_series > 1 ? "GLOB"
							 : h->series[worst->series].case_text,
			    h->nights[worst->night].uuid);
}

/* ---- environment ---- */

static void environment(const struct mp_doc *doc, const struct mp_history *h, bool all)
{
	static const struct mp_column columns[] = {
		{ .title = "run", .right = true },
		{ .title = "date" },
		{ .title = "host" },
		{ .title = "changed" },
	};
	struct mp_table *t;
	size_t events = 0, skipped = 0;

	for (size_t i = 0; i < h->n_nights; i++)
		events += h->nights[i].environment != NULL;
	if (!events)
		return;
	t = mp_table_new(columns, sizeof(columns) / sizeof(columns[0]));
	for (size_t i = 0; i < h->n_nights; i++) {
		const struct mp_night *n = &h->nights[i];
		char date[16], run[24];

		if (!n->environment)
			continue;
		if (!all && !n->event) {
			skipped++;
			continue;
		}
		mp_show_date(n->started_ns, date);
		snprintf(run, sizeof(run), "#%lld", (long long)n->id);
		mp_table_text(t, run);
		mp_table_text(t, date);
		mp_table_text(t, n->host);
		mp_table_text(t, n->environment);
	}
	mp_doc_heading(doc, "the machine's description changed on %zu of %zu runs", events,
		       h->n_nights);
	if (mp_table_failed(t))
		doc->out->failed = true;
	else if (mp_table_rows(t))
		mp_doc_table(doc, t);
	mp_table_free(t);
	if (skipped)
		mp_doc_line(doc, "%zu of them only by what changes every few nights: no events%s",
			    skipped, all ? "" : " (--all)");
}

/* ---- series ---- */

static bool noteworthy(const struct mp_series *s)
{
	return s->n_changes || s->drift_stands_out || s->bimodal;
}

static void segments_cell(struct mp_table *t, const struct mp_series *s)
{
	MP_CLEANUP(mp_str_done) struct mp_str text = MP_STR_INIT;

	for (size_t k = 0; s->n_values && k <= s->n_changes; k++)
		mp_str_printf(&text, "%s%zu", k ? " | " : "", s->segments[k].n);
	mp_table_str(t, &text);
}

static void add_series(struct mp_table *t, const struct mp_series *s, bool ascii)
{
	MP_CLEANUP(mp_str_done) struct mp_str text = MP_STR_INIT;
	const struct mp_segment *newest = s->n_values ? &s->segments[s->n_changes] : NULL;

	mp_str_printf(&text, "%s%s", s->case_text, metric_of(s));
	mp_table_str(t, &text);
	mp_table_integer(t, s->version);
	mp_table_text(t, mp_mode_name(s->mode));
	value_cell(t, s, newest ? newest->median : NAN);
	mp_table_number(t, s->n_values > 1 ? s->sigma : NAN);
	segments_cell(t, s);
	mp_table_number(t, s->drift - 1);
	mp_str_clear(&text);
	sparkline(s, ascii, &text);
	mp_table_str(t, &text);
	mp_table_text(t, s->bimodal ? "two levels" : "");
}

static void series(const struct mp_doc *doc, const struct mp_history *h, const struct mp_show *show)
{
	static const struct mp_column columns[] = {
		{ .key = "case", .title = "case" },
		{ .title = "v", .kind = MP_COLUMN_INTEGER },
		{ .title = "mode" },
		{ .title = "now", .right = true },
		{ .title = "noise", .kind = MP_COLUMN_PERCENT },
		{ .title = "nights", .right = true },
		{ .title = "drift", .kind = MP_COLUMN_PERCENT },
		{ .title = "history" },
		{ .title = "" },
	};
	bool all = show->all || h->n_series <= SERIES_LISTED;
	bool ascii = show->ascii && show->format == &mp_format_text;
	struct mp_table *t = mp_table_new(columns, sizeof(columns) / sizeof(columns[0]));
	const char *machine = NULL;
	size_t quiet = 0, machines = machines_of(h);

	for (size_t i = 0; i < h->n_series; i++) {
		const struct mp_series *s = &h->series[i];

		if (!all && !noteworthy(s)) {
			quiet++;
			continue;
		}
		if (machines > 1 && (!machine || strcmp(machine, s->machine))) {
			mp_table_section(t, s->machine);
			machine = s->machine;
		}
		add_series(t, s, ascii);
	}
	mp_doc_heading(doc, "series");
	if (mp_table_failed(t))
		doc->out->failed = true;
	else if (mp_table_rows(t))
		mp_doc_table(doc, t);
	mp_table_free(t);
	if (quiet)
		mp_doc_line(doc, "%zu series did not change; --all lists them", quiet);
}

static void legend(const struct mp_doc *doc, const struct mp_history *h)
{
	bool drift = false;

	for (size_t i = 0; i < h->n_series; i++)
		drift |= !isnan(h->series[i].drift);
	mp_doc_line(doc,
		    "noise: robust standard deviation from night to night. nights: runs with a "
		    "value, parted where the level changed.%s",
		    drift ? " drift: the last 10 nights against the baseline." : "");
}

int mp_show_history(const struct mp_history *h, const struct mp_show *show, struct mp_str *out)
{
	const struct mp_doc doc = { show->format, show->wide, out };

	if (!show->format->prose)
		return mp_show_history_data(h, show, out);
	head(&doc, h, show->all);
	if (h->n_series && h->counts.short_series == h->n_series)
		mp_doc_line(&doc, "too few runs to see a change: a series needs 6 with a value");
	else if (!h->n_alerts && h->n_series)
		mp_doc_line(&doc, "no change of any level");
	for (size_t i = 0; i < h->n_alerts; i++)
		show_alert(&doc, h, i, show->all);
	environment(&doc, h, show->all);
	if (h->n_series) {
		series(&doc, h, show);
		legend(&doc, h);
		if (mp_doc_is_page(&doc)) {
			mp_doc_heading(&doc, "run by run");
			mp_show_series_charts(&doc, h);
		}
	} else {
		mp_doc_line(&doc, "no series: no run has an ok result of a case that is asked for");
	}
	mp_doc_end(&doc);
	return out->failed ? -ENOMEM : 0;
}

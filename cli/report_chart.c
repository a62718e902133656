/* SPDX-License-Identifier: GPL-3.0-or-later */
/* memperf report --chart: a picture of one case of one run, or of its history, as SVG. */
#include "cli/report_chart.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/str.h"
#include "report/chart/kind.h"
#include "report/chart/svg.h"

struct work {
	struct mp_side side;
	struct mp_history history;
	char *path; /* of the results file */
	struct mp_chart chart;
};

static void work_done(struct work *w)
{
	mp_chart_done(&w->chart);
	mp_history_done(&w->history);
	mp_side_done(&w->side);
	free(w->path);
}

static int refuse_others(const struct mp_args *args, struct mp_err *err)
{
	static const char *const others[] = { "format", "json", "filter", "all" };

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		if (mp_args_has(args, others[i]))
			return mp_err_usage(err, -EINVAL,
					    "--%s and --chart contradict each other: a chart is SVG, of "
					    "one case",
					    others[i]);
	}
	return 0;
}

static int choose_kind(const struct mp_args *args, const struct mp_chart_kind **ret_kind,
		       struct mp_err *err)
{
	const char *name = mp_args_get(args, "kind");
	MP_CLEANUP(mp_str_done) struct mp_str names = MP_STR_INIT;

	*ret_kind = name ? mp_chart_kind_find(name) : &mp_chart_kind_histogram;
	if (*ret_kind == &mp_chart_kind_deciles)
		return mp_err_usage(err, -EINVAL, "--kind deciles compares two sides; see memperf view A "
						  "B");
	if (*ret_kind)
		return 0;
	for (size_t i = 0; i < mp_n_chart_kinds; i++) {
		if (mp_chart_kinds[i] != &mp_chart_kind_deciles)
			mp_str_printf(&names, "%s%s", names.len ? ", " : "", mp_chart_kinds[i]->name);
	}
	return mp_err_usage(err, -EINVAL, "--kind '%s' is none of %s", name, names.text);
}

/* The row of that case, or of the one case that the glob names. */
static int find_case(const struct mp_side *side, const char *text, const struct mp_case_row **ret_row,
		     struct mp_err *err)
{
	const struct mp_case_row *found = NULL;
	size_t matches = 0;

	for (size_t i = 0; i < side->runs[0].n_cases; i++) {
		const struct mp_case_row *row = &side->runs[0].cases[i];

		if (!strcmp(row->text, text)) {
			*ret_row = row;
			return 0;
		}
		if (mp_str_glob(text, row->text)) {
			found = row;
			matches++;
		}
	}
	if (matches > 1)
		return mp_err_usage(err, -EINVAL, "--chart '%s' names %zu cases; give one", text,
				    matches);
	if (!matches)
		return mp_err_usage(err, -EINVAL,
				    "run #%lld of '%s' has no case '%s'; memperf report '%s' lists them",
				    (long long)side->runs[0].row.id, side->name, text, side->name);
	*ret_row = found;
	return 0;
}

/* The series of the case on the run's machine. */
static int read_history(struct work *w, const struct mp_case_row *row,
			struct mp_chart_subject *subject, struct mp_err *err)
{
	struct mp_history_options options = mp_history_defaults;
	const char *selector;
	int rc = mp_side_split(w->side.name, &w->path, &selector, err);

	options.case_glob = row->text;
	if (!rc)
		rc = mp_history_read((const char *const *)&w->path, 1, &options, &w->history, err);
	if (rc)
		return rc;
	subject->history = &w->history;
	for (size_t i = 0; i < w->history.n_series; i++) {
		const struct mp_series *s = &w->history.series[i];

		if (!strcmp(s->case_text, row->text) && s->version == row->version &&
		    !strcmp(s->machine, w->side.runs[0].row.machine)) {
			subject->series = i;
			return 0;
		}
	}
	subject->series = w->history.n_series;
	return 0;
}

static int make(const struct mp_args *args, struct work *w, struct mp_err *err)
{
	struct mp_chart_options options = { .axis = mp_args_get(args, "axis") };
	struct mp_chart_subject subject = { .n_sides = 1 };
	const struct mp_chart_kind *kind = NULL;
	const struct mp_case_row *row = NULL;
	int rc = refuse_others(args, err);

	if (!rc)
		rc = choose_kind(args, &kind, err);
	if (!rc)
		rc = mp_side_open(args->words[0], MP_SIDE_REPORT, &w->side, NULL, err);
	if (!rc)
		rc = find_case(&w->side, mp_args_get(args, "chart"), &row, err);
	if (rc)
		return rc;
	subject.case_text = row->text;
	subject.sides[0] = (struct mp_chart_side){ .store = w->side.store,
						   .run_cases = &row->run_case,
						   .n_run_cases = 1,
						   .run = &w->side.runs[0],
						   .name = w->side.name };
	rc = mp_chart_subject_fill(&subject, err);
	if (!rc && kind->history)
		rc = read_history(w, row, &subject, err);
	return rc ? rc : mp_chart_make(kind, &subject, &options, &w->chart, err);
}

int mp_report_chart(const struct mp_args *args)
{
	MP_CLEANUP(mp_str_done) struct mp_str out = MP_STR_INIT;
	MP_CLEANUP(work_done) struct work work = { 0 };
	struct mp_err err;
	int rc = make(args, &work, &err);

	if (!rc) {
		rc = mp_chart_svg(&work.chart, NULL, true, &out, NULL);
		if (rc)
			mp_err_env(&err, rc, "out of memory");
	}
	return rc ? mp_fail(&err) : mp_print_to(mp_args_get(args, "o"), out.text);
}

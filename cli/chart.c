/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Charts of one case as SVG: of a run, of its history, or of two sides. */
#include "cli/chart.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "cli/args.h"
#include "cli/cmd.h"
#include "common/cleanup.h"
#include "common/spawn.h"
#include "common/temporary.h"
#include "report/chart/kind.h"
#include "report/chart/svg.h"

/* Bins of a histogram: a picture has more room than a terminal. */
#define BINS 80

struct work {
	struct mp_side side;
	struct mp_history history;
	char *path; /* of the results file */
};

static void work_done(struct work *w)
{
	mp_history_done(&w->history);
	mp_side_done(&w->side);
	free(w->path);
}

static int refuse_others(const struct mp_args *args, struct mp_err *err)
{
	static const char *const others[] = { "format", "json", "filter", "all" };

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		if (mp_args_has(args, others[i]))
			return mp_err_usage(
				err, -EINVAL,
				"--%s and --chart contradict each other: a chart is a picture of "
				"one case",
				others[i]);
	}
	return 0;
}

/* With two sides there is no history, and with one no shift. */
static bool offered(const struct mp_chart_kind *kind, size_t n_sides)
{
	return n_sides == 2 ? !kind->history : kind != &mp_chart_kind_deciles;
}

static int choose_kind(const struct mp_args *args, size_t n_sides,
		       const struct mp_chart_kind **ret_kind, struct mp_err *err)
{
	const char *name = mp_args_get(args, "kind");
	const struct mp_chart_kind *kind =
		name ? mp_chart_kind_find(name) : &mp_chart_kind_histogram;
	MP_CLEANUP(mp_str_done) struct mp_str names = MP_STR_INIT;

	if (kind && offered(kind, n_sides)) {
		*ret_kind = kind;
		return 0;
	}
	for (size_t i = 0; i < mp_n_chart_kinds; i++) {
		if (offered(mp_chart_kinds[i], n_sides))
			mp_str_printf(&names, "%s%s", names.len ? ", " : "",
				      mp_chart_kinds[i]->name);
	}
	return mp_err_usage(err, -EINVAL, "--kind '%s' is none that %s has: %s", name,
			    n_sides == 2 ? "a comparison" : "one run", names.text);
}

/* The row of that case, or the only one that holds the text. */
static int find_case(const struct mp_side *side, const char *text,
		     const struct mp_case_row **ret_row, struct mp_err *err)
{
	const struct mp_side_run *run = &side->runs[0];
	size_t holding = 0;

	for (size_t i = 0; i < run->n_cases; i++) {
		bool whole = !strcmp(run->cases[i].text, text);

		if (whole || strstr(run->cases[i].text, text)) {
			holding = whole ? 1 : holding + 1;
			*ret_row = &run->cases[i];
		}
		if (whole)
			break;
	}
	if (holding > 1)
		return mp_err_usage(err, -EINVAL,
				    "%zu cases hold '%s', such as '%s'; give the whole text of one",
				    holding, text, (*ret_row)->text);
	if (!holding)
		return mp_err_usage(
			err, -EINVAL,
			"no case of run #%lld of '%s' holds '%s'; --format csv lists them",
			(long long)run->row.id, side->name, text);
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

static int draw(const struct mp_args *args, const struct mp_chart_kind *kind,
		const struct mp_chart_subject *subject, struct mp_str *out, struct mp_err *err)
{
	struct mp_chart_options options = { .axis = mp_args_get(args, "axis"), .bins = BINS };
	MP_CLEANUP(mp_chart_done) struct mp_chart chart = { 0 };
	int rc = mp_chart_make(kind, subject, &options, &chart, err);

	if (rc)
		return rc;
	rc = mp_chart_svg(&chart, NULL, true, out, NULL);
	return rc ? mp_err_env(err, rc, "out of memory") : 0;
}

/* ---- other pictures ---- */

/* As the file's name ends: *ret is "png" or "pdf", or NULL for SVG, which is also what a name without an ending gets. */
static int other_format(const char *file, const char **ret, struct mp_err *err)
{
	static const char *const formats[] = { "png", "pdf" };
	const char *base = file ? strrchr(file, '/') : NULL;
	const char *suffix = file ? strrchr(base ? base : file, '.') : NULL;

	*ret = NULL;
	if (!suffix || !suffix[1] || !strcasecmp(suffix, ".svg"))
		return 0;
	for (size_t i = 0; i < MP_COUNT_OF(formats) && !*ret; i++) {
		if (!strcasecmp(suffix + 1, formats[i]))
			*ret = formats[i];
	}
	return *ret ? 0
		    : mp_err_usage(err, -EINVAL,
				   "a chart cannot be written as '%s'; name a file that ends in "
				   ".svg, .png or .pdf",
				   file);
}

/* Twice as many pixels as the picture has units: sharp on screens of today. */
#define ZOOM "2"

/* librsvg's program, between two files: as mp_spawn(). */
static int spawn_converter(const char *format, int from, int to)
{
	const char *const argv[] = { "rsvg-convert", "-z", ZOOM, "-f", format, NULL };

	return mp_spawn(
		&(struct mp_spawn){ .argv = argv, .in = from, .out = to, .err = STDERR_FILENO });
}

static int convert(const char *format, int from, int to, const struct mp_str *svg,
		   struct mp_str *ret_picture)
{
	char path[64];
	int rc = from < 0 ? from : to;

	if (rc >= 0)
		rc = mp_temporary_write(from, svg->text, svg->len, 0);
	if (!rc)
		rc = spawn_converter(format, from, to);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", to);
	return rc ? rc : mp_str_read_file(ret_picture, path);
}

int mp_chart_write(const struct mp_args *args, const struct mp_str *svg)
{
	MP_CLEANUP(mp_str_done) struct mp_str picture = MP_STR_INIT;
	const char *file = mp_args_get(args, "o"), *format;
	char said[MP_SPAWN_SAID];
	int from, to, rc;
	struct mp_err err;

	if (other_format(file, &format, &err))
		return mp_fail(&err);
	if (!format)
		return mp_print_to(file, svg->text);
	from = mp_temporary_file();
	to = mp_temporary_file();
	rc = convert(format, from, to, svg, &picture);
	if (from >= 0)
		close(from);
	if (to >= 0)
		close(to);
	if (!rc)
		return mp_write_to(file, picture.text, picture.len);
	if (rc == -ENOENT)
		mp_err_env(&err, rc,
			   "cannot make '%s' of the SVG: rsvg-convert is not installed "
			   "(librsvg2-bin); or name a file that ends in .svg",
			   file);
	else
		mp_err_env(&err, rc < 0 ? rc : -ECANCELED,
			   "cannot make '%s' of the SVG: %s%s; or name a file that ends in .svg",
			   file, rc > 0 ? "rsvg-convert: " : "", mp_spawn_said(rc, said));
	return mp_fail(&err);
}

int mp_chart_of_run(const struct mp_args *args, struct mp_str *out, struct mp_err *err)
{
	MP_CLEANUP(work_done) struct work w = { 0 };
	struct mp_chart_subject subject = { .n_sides = 1 };
	const struct mp_chart_kind *kind = NULL;
	const struct mp_case_row *row = NULL;
	int rc = refuse_others(args, err);

	if (!rc)
		rc = choose_kind(args, 1, &kind, err);
	if (!rc)
		rc = mp_side_open(args->words[0], MP_SIDE_REPORT, &w.side, NULL, err);
	if (!rc)
		rc = find_case(&w.side, mp_args_get(args, "chart"), &row, err);
	if (rc)
		return rc;
	subject.case_text = row->text;
	subject.sides[0] = (struct mp_chart_side){ .store = w.side.store,
						   .run_cases = &row->run_case,
						   .n_run_cases = 1,
						   .run = &w.side.runs[0],
						   .name = w.side.name };
	rc = mp_chart_subject_fill(&subject, err);
	if (!rc && kind->history)
		rc = read_history(&w, row, &subject, err);
	return rc ? rc : draw(args, kind, &subject, out, err);
}

int mp_chart_of_pair(const struct mp_args *args, const struct mp_comparison *c,
		     const struct mp_pair *pair, struct mp_str *out, struct mp_err *err)
{
	MP_CLEANUP(mp_chart_pair_done) struct mp_chart_pair of = { 0 };
	const struct mp_chart_kind *kind = NULL;
	int rc = refuse_others(args, err);

	if (!rc)
		rc = choose_kind(args, 2, &kind, err);
	if (!rc)
		rc = mp_chart_pair_subject(c, pair, &of, err);
	return rc ? rc : draw(args, kind, &of.subject, out, err);
}

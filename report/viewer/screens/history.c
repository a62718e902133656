/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * History: the subject night by night, with the changes that report/history found in it; from any run to the comparison of
 * the runs on both sides. The files are read by a job, because there may be years of nights in them.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "report/viewer/history_file.h"
#include "report/viewer/panel.h"

/* Runs of the narrow view. */
#define FEW 30

struct state {
	/* What was read, of which case; a job reads the next one. */
	struct mp_history history;
	char subject[MP_CASE_TEXT_MAX], asked[MP_CASE_TEXT_MAX];
	struct mp_err err;
	bool known, failed;
	size_t *of_case; /* series of the case, owned */
	size_t n_of_case, at; /* the one that is shown */
	size_t selected; /* point of it */

	bool other_scale, dates, few;
	size_t reference; /* point + 1; 0: none */
	struct mp_panel panel;
};

static void forget(struct state *s)
{
	mp_panel_forget(&s->panel);
	mp_history_done(&s->history);
	s->history = (struct mp_history){ 0 };
	free(s->of_case);
	s->of_case = NULL;
	s->n_of_case = s->at = s->reference = 0;
	s->known = s->failed = false;
	s->subject[0] = s->asked[0] = '\0';
}

static void renew(struct mp_view *view, void *state)
{
	(void)view;
	forget(state);
}

static void close_screen(struct mp_view *view, void *state)
{
	struct state *s = state;

	(void)view;
	forget(s);
	mp_panel_done(&s->panel);
}

static const struct mp_series *series_of(const struct state *s)
{
	return s->n_of_case ? &s->history.series[s->of_case[s->at]] : NULL;
}

/* ---- reading ---- */

struct wanted {
	const char *paths[2], *case_text;
	size_t n_paths;
};

/* In the job. */
static int read_series(void *user, FILE *out, struct mp_err *err)
{
	const struct wanted *w = user;
	struct mp_history_options options = mp_history_defaults;
	struct mp_history history;
	int rc;

	options.case_glob = w->case_text;
	rc = mp_history_read(w->paths, w->n_paths, &options, &history, err);
	if (rc)
		return rc;
	rc = mp_history_file_write(&history, out, err);
	mp_history_done(&history);
	return rc;
}

/* The series of the case; the one of side A's machine with the newest value is shown first. */
static int choose_series(struct mp_view *view, struct state *s)
{
	const struct mp_side *a = &mp_view_model(view)->sides[0].side;
	const char *machine = a->n_runs ? a->runs[0].row.machine : "";
	int64_t newest = INT64_MIN;

	s->of_case = calloc(s->history.n_series + 1, sizeof(*s->of_case));
	for (size_t i = 0; s->of_case && i < s->history.n_series; i++) {
		const struct mp_series *x = &s->history.series[i];
		int64_t last =
			x->n_points ? s->history.nights[x->points[x->n_points - 1].night].started_ns
				    : 0;

		/* A case text is a glob to the reader, and may match more than itself. */
		if (strcmp(x->case_text, s->subject))
			continue;
		s->of_case[s->n_of_case] = i;
		if (!strcmp(x->machine, machine) && last > newest) {
			newest = last;
			s->at = s->n_of_case;
		}
		s->n_of_case++;
	}
	return s->of_case ? 0 : -ENOMEM;
}

static void select_newest(struct state *s)
{
	const struct mp_series *x = series_of(s);

	s->selected = x && x->n_points ? x->n_points - 1 : 0;
	s->reference = 0;
}

static void done(struct mp_view *view, void *state, int file, const struct mp_err *err)
{
	struct state *s = state;
	MP_CLEANUP(mp_close_fd) int own = file;
	struct mp_history history;

	mp_panel_forget(&s->panel);
	s->known = true;
	s->failed = own < 0 || mp_history_file_read(own, &history, &s->err);
	if (own < 0)
		s->err = *err;
	if (s->failed)
		return;
	mp_history_done(&s->history);
	s->history = history;
	snprintf(s->subject, sizeof(s->subject), "%s", s->asked);
	if (choose_series(view, s)) {
		mp_err_env(&s->err, -ENOMEM, "out of memory");
		s->failed = true;
	}
	select_newest(s);
}

/* Reads the subject's series unless that is done or on its way. */
static void ask(struct mp_view *view, struct state *s)
{
	const struct mp_model *model = mp_view_model(view);
	struct wanted w = { .case_text = mp_view_subject(view), .n_paths = 1 };

	if (!strcmp(s->asked, mp_view_subject(view)) || !*mp_view_subject(view))
		return;
	forget(s);
	snprintf(s->asked, sizeof(s->asked), "%s", mp_view_subject(view));
	w.paths[0] = model->sides[0].path;
	if (model->n_sides == 2 && strcmp(model->sides[0].path, model->sides[1].path)) {
		w.paths[1] = model->sides[1].path;
		w.n_paths = 2;
	}
	s->failed = mp_view_job(view, mp_screen_find("history"), read_series, &w, done) != 0;
	if (s->failed) {
		mp_err_env(&s->err, -EAGAIN, "the history cannot be read now");
		s->known = true;
	}
}

static int open_screen(struct mp_view *view, void *state, struct mp_err *err)
{
	int rc = mp_look_choose(view, err);

	if (!rc)
		ask(view, state);
	return rc;
}

/* ---- what is shown ---- */

static size_t first_point(const struct state *s)
{
	const struct mp_series *x = series_of(s);

	return s->few && x && x->n_points > FEW ? x->n_points - FEW : 0;
}

static int build(struct mp_view *view, void *state, const struct mp_doc *doc, struct mp_err *err)
{
	struct state *s = state;
	const struct mp_chart_subject subject = { .case_text = s->subject,
						  .n_sides = 1,
						  .history = &s->history,
						  .series = s->n_of_case ? s->of_case[s->at]
									 : s->history.n_series };
	const struct mp_chart_options options = { .other_scale = s->other_scale,
						  .dates = s->dates,
						  .reference = s->reference,
						  .first = first_point(s) };

	(void)view;
	(void)doc;
	if (s->failed) {
		*err = s->err;
		return -EINVAL;
	}
	return mp_chart_make(&mp_chart_kind_history, &subject, &options, &s->panel.chart, err);
}

/* The case, the machine, and which of several series it is. */
static void head(const struct state *s, const struct mp_grid *body)
{
	const struct mp_series *x = series_of(s);
	char width[MP_CASE_TEXT_MAX + 64];

	if (!x)
		return;
	snprintf(width, sizeof(width), "%s  on %s, %s%s", s->subject,
		 x->n_points ? s->history.nights[x->points[0].night].host : x->machine,
		 mp_mode_name(x->mode), x->version > 1 ? ", a newer definition" : "");
	mp_grid_field(body, 0, 0, body->columns, MP_ROLE_TITLE, MP_ALIGN_LEFT, MP_CUT_MIDDLE,
		      width);
}

static void draw(struct mp_view *view, void *state, const struct mp_grid *body)
{
	struct state *s = state;
	const struct mp_series *x;
	struct mp_grid rest = *body;
	struct mp_chart_cells options = { 0 };

	ask(view, s);
	if (!s->known) {
		mp_grid_wrap(body, 0, 0, MP_ROLE_MUTED, "reading the runs of this case ...");
		return;
	}
	if (!mp_panel_ensure(view, &s->panel, body->columns, build, s)) {
		mp_panel_draw(view, &s->panel, NULL, body);
		return;
	}
	if (body->rows >= 8) {
		head(s, body);
		rest = mp_grid_part(body, 1, 0, body->rows - 1, body->columns);
	}
	x = series_of(s);
	if (x && s->selected < x->n_points && s->selected >= first_point(s) &&
	    !x->points[s->selected].reason) {
		double scale = s->reference ? x->points[s->reference - 1].value : 1;

		options.selected = true;
		options.x = s->dates ? (double)s->history.nights[x->points[s->selected].night]
						       .started_ns /
					       1e9
				     : (double)(s->selected - first_point(s));
		options.y = x->points[s->selected].value / scale;
	}
	mp_panel_draw(view, &s->panel, &options, &rest);
}

static struct mp_list *list(struct mp_view *view, void *state)
{
	return mp_panel_list(view, &((struct state *)state)->panel);
}

/* The change whose new level begins at that point; NULL. */
static const struct mp_step *change_at(const struct state *s, size_t point)
{
	const struct mp_series *x = series_of(s);

	for (size_t k = 0; x && k < x->n_changes; k++) {
		const struct mp_step *c = &s->history.changes[x->first_change + k];

		if (x->values[c->point.at] == point)
			return c;
	}
	return NULL;
}

/* The selected run in words. */
static void run_text(const struct state *s, struct mp_str *out)
{
	const struct mp_series *x = series_of(s);
	const struct mp_point *p;
	const struct mp_night *n;
	const struct mp_step *c = change_at(s, s->selected);
	char value[MP_UNITS_LEN];

	if (!x || s->selected >= x->n_points)
		return;
	p = &x->points[s->selected];
	n = &s->history.nights[p->night];
	mp_str_printf(out, "run #%lld (%zu of %zu): %s", (long long)n->id, s->selected + 1,
		      x->n_points, p->reason ? p->reason : mp_duration_format(p->value, value));
	if (c)
		mp_str_printf(out, "; %+.3g %% from here on, %s", 100 * (c->ratio - 1),
			      mp_step_kind_name(c->kind));
	if (n->event)
		mp_str_printf(out, "; %s", n->environment);
}

static void status(const struct mp_view *view, const void *state, struct mp_str *out)
{
	const struct state *s = state;

	(void)view;
	if (s->known && !s->failed)
		run_text(s, out);
	if (s->n_of_case > 1)
		mp_str_printf(out, "; series %zu of %zu", s->at + 1, s->n_of_case);
}

static void copy(const struct mp_view *view, const void *state, struct mp_str *out)
{
	(void)view;
	run_text(state, out);
}

static bool find(struct mp_view *view, void *state, const char *text, int by,
		 struct mp_match *ret_match)
{
	return mp_panel_find(view, &((struct state *)state)->panel, text, by, ret_match);
}

/* ---- keys ---- */

static bool has_runs(const struct mp_view *view, const void *state, const char **ret_why)
{
	const struct state *s = state;

	(void)view;
	*ret_why = "there are no runs of this case";
	return series_of(s) && series_of(s)->n_points > 0;
}

static int other_run(struct mp_view *view, void *state, int with)
{
	struct state *s = state;
	size_t n = series_of(s)->n_points, first = first_point(s);

	(void)view;
	if (with < 0 ? s->selected > first : s->selected + 1 < n)
		s->selected += (size_t)with;
	return 0;
}

/* The next or previous point at which a level begins. */
static int other_change(struct mp_view *view, void *state, int with)
{
	struct state *s = state;
	size_t n = series_of(s)->n_points;

	for (size_t at = s->selected + (size_t)with; at < n; at += (size_t)with) {
		if (!change_at(s, at))
			continue;
		s->selected = at;
		if (at < first_point(s)) {
			s->few = false;
			mp_panel_forget(&s->panel);
		}
		return 0;
	}
	mp_view_say(view, "there is no change %s this run", with > 0 ? "after" : "before");
	return 0;
}

/* The run with a value before the selected one; n_points: none. */
static size_t before(const struct state *s)
{
	const struct mp_series *x = series_of(s);

	for (size_t i = s->selected; i-- > 0;) {
		if (!x->points[i].reason)
			return i;
	}
	return x->n_points;
}

static bool can_compare(const struct mp_view *view, const void *state, const char **ret_why)
{
	const struct state *s = state;

	if (!has_runs(view, state, ret_why))
		return false;
	*ret_why = "there is no run with a value before this one";
	return before(s) < series_of(s)->n_points;
}

/* A: the run before; B: the selected one. At a change those are the runs on both sides of it. */
static int compare(struct mp_view *view, void *state, int with)
{
	struct state *s = state;
	const struct mp_series *x = series_of(s);
	const struct mp_night *a = &s->history.nights[x->points[before(s)].night];
	const struct mp_night *b = &s->history.nights[x->points[s->selected].night];
	MP_CLEANUP(mp_str_done) struct mp_str left = MP_STR_INIT;
	MP_CLEANUP(mp_str_done) struct mp_str right = MP_STR_INIT;
	const char *texts[2];
	struct mp_err err;
	int rc;

	(void)with;
	mp_str_printf(&left, "%s:#%lld", a->file, (long long)a->id);
	mp_str_printf(&right, "%s:#%lld", b->file, (long long)b->id);
	texts[0] = left.text;
	texts[1] = right.text;
	rc = mp_model_sides(mp_view_model(view), texts, 2, &err);
	if (rc)
		return mp_view_fail(view, rc, &err);
	mp_view_say(view, "A is run #%lld, B is run #%lld", (long long)a->id, (long long)b->id);
	return mp_view_open(view, "results");
}

#define POOLED 10 /* runs of a level, the nearest ones to the change */

/* Values from..to of the series as "night.db:#40,#41", without runs of another file than that of value `nearest`. */
static void name_level(const struct state *s, size_t from, size_t to, size_t nearest,
		       struct mp_str *out)
{
	const struct mp_series *x = series_of(s);
	const char *file = s->history.nights[x->points[x->values[nearest]].night].file;
	const char *before = ":#";

	mp_str_add(out, file);
	for (size_t i = from; i <= to; i++) {
		const struct mp_night *n = &s->history.nights[x->points[x->values[i]].night];

		if (strcmp(n->file, file) != 0)
			continue;
		mp_str_printf(out, "%s%lld", before, (long long)n->id);
		before = ",#";
	}
}

static bool at_change(const struct mp_view *view, const void *state, const char **ret_why)
{
	const struct state *s = state;

	if (!has_runs(view, state, ret_why))
		return false;
	*ret_why = "no level begins with this run; {next-change} goes to one";
	return change_at(s, s->selected) != NULL;
}

/* A: the runs of the level before; B: those of the level that begins here. */
static int compare_levels(struct mp_view *view, void *state, int with)
{
	const struct state *s = state;
	const struct mp_series *x = series_of(s);
	size_t k = (size_t)(change_at(s, s->selected) - &s->history.changes[x->first_change]);
	const struct mp_segment *a = &x->segments[k], *b = &x->segments[k + 1];
	MP_CLEANUP(mp_str_done) struct mp_str left = MP_STR_INIT;
	MP_CLEANUP(mp_str_done) struct mp_str right = MP_STR_INIT;
	const char *texts[2];
	struct mp_err err;
	int rc;

	(void)with;
	name_level(s, a->last - a->first < POOLED ? a->first : a->last + 1 - POOLED, a->last,
		   a->last, &left);
	name_level(s, b->first, b->last - b->first < POOLED ? b->last : b->first + POOLED - 1,
		   b->first, &right);
	texts[0] = left.text;
	texts[1] = right.text;
	rc = mp_model_sides(mp_view_model(view), texts, 2, &err);
	if (rc)
		return mp_view_fail(view, rc, &err);
	mp_view_say(view, "A: the level before, B: the level from here on");
	return mp_view_open(view, "results");
}

static int toggle(struct mp_view *view, void *state, int with)
{
	struct state *s = state;

	mp_panel_forget(&s->panel);
	switch (with) {
	case 'L':
		s->other_scale = !s->other_scale;
		mp_view_say(view, "y is %s", s->other_scale ? "logarithmic" : "linear");
		break;
	case 'D':
		s->dates = !s->dates;
		mp_view_say(view, s->dates ? "runs at their dates" : "runs evenly spaced");
		break;
	case 'z':
		s->few = !s->few;
		if (s->selected < first_point(s))
			s->selected = first_point(s);
		mp_view_say(view, s->few ? "the newest runs alone" : "all runs");
		break;
	default:
		/* The same run again takes the reference away. */
		s->reference =
			s->reference == s->selected + 1 || series_of(s)->points[s->selected].reason
				? 0
				: s->selected + 1;
		mp_view_say(view, s->reference ? "values against the selected run"
					       : "values as they are");
	}
	return 0;
}

static bool has_series(const struct mp_view *view, const void *state, const char **ret_why)
{
	const struct state *s = state;

	(void)view;
	*ret_why = "the case has one series in these files";
	return s->n_of_case > 1;
}

static int other_series(struct mp_view *view, void *state, int with)
{
	struct state *s = state;

	(void)view;
	s->at = (s->at + s->n_of_case + (size_t)with) % s->n_of_case;
	mp_panel_forget(&s->panel);
	select_newest(s);
	return 0;
}

static const struct mp_action actions[] = {
	{ "compare", "Enter", "compare", "the run before it becomes A, the selected one B", 0,
	  compare, can_compare },
	{ "compare-levels", "b", NULL,
	  "at a change: runs of the level before become A, runs of the new one B, up to 10 each", 0,
	  compare_levels, at_change },
	{ "next-run", "Right l", NULL, "the next run", 1, other_run, has_runs },
	{ "previous-run", "Left h", NULL, "the run before", -1, other_run, has_runs },
	{ "next-change", ".", "next change", "the next run at which the level changes", 1,
	  other_change, has_runs },
	{ "previous-change", ",", NULL, "the change before", -1, other_change, has_runs },
	{ "reference", "r", NULL, "values as changes from the selected run, or as they are", 'r',
	  toggle, has_runs },
	{ "scale", "L", NULL, "y linear or logarithmic", 'L', toggle, NULL },
	{ "dates", "D", NULL, "runs evenly spaced or at their dates", 'D', toggle, NULL },
	{ "zoom", "z", NULL, "all runs, or the newest 30", 'z', toggle, NULL },
	{ "next-series", "}", NULL, "the next machine or definition of the case", 1, other_series,
	  has_series },
	{ "previous-series", "{", NULL, "the one before", -1, other_series, has_series },
	MP_PANEL_ACTIONS,
};

const struct mp_screen mp_screen_history = {
	.name = "history",
	.title = "History",
	.summary = "when did it start: the case night by night, its levels and what changed "
		   "between them",
	.about = "One dot per run, a line for each level; changes are those that 'memperf history' "
		 "reports. An 'e' "
		 "below the axis is a run on which the machine's description changed. {compare} "
		 "compares the selected "
		 "run with the one before it: at a change, the runs on both sides; "
		 "{compare-levels} pools the runs "
		 "of both levels.",
	.tab = 4,
	.actions = MP_ACTIONS(actions),
	.state_size = sizeof(struct state),
	.open = open_screen,
	.draw = draw,
	.renew = renew,
	.list = list,
	.status = status,
	.crumb = mp_panel_crumb,
	.copy = copy,
	.find = find,
	.close = close_screen,
};

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Runs and coverage: the runs of the open files, which of them stand on the sides, and what is missing on a side with the
 * reason that was recorded: a silent omission is the worst result that a comparison can give.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/vec.h"
#include "report/format/show_internal.h"
#include "report/viewer/view_internal.h"

#define RUNS_MAX 300 /* newest of each file that are listed */

struct run {
	size_t side; /* whose file it is in */
	int64_t id;
	bool marked; /* to be pooled */
	char *kernel; /* its release; owned; NULL: unknown */
	struct mp_run_row
		own; /* zeroed for a run that stands on a side: the model has described it */
};

struct runs {
	struct mp_list list;
	struct run *runs;
	size_t n_runs, cap_runs;
	bool loaded;
	char *why; /* a file could not be read; owned */
};

static size_t n_marked(const struct runs *r)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n_runs; i++)
		n += r->runs[i].marked;
	return n;
}

static void forget(struct runs *r)
{
	for (size_t i = 0; i < r->n_runs; i++) {
		free(r->runs[i].kernel);
		mp_run_row_done(&r->runs[i].own);
	}
	free(r->runs);
	free(r->why);
	r->runs = NULL;
	r->why = NULL;
	r->n_runs = r->cap_runs = 0;
	r->loaded = false;
}

/* The description that the model has of the run; NULL: it stands on no side. */
static const struct mp_run_row *described(const struct mp_model *m, const struct run *run,
					  size_t side)
{
	if (side >= m->n_sides || strcmp(m->sides[side].path, m->sides[run->side].path) != 0)
		return NULL;
	for (size_t i = 0; i < m->sides[side].side.n_runs; i++) {
		if (m->sides[side].side.runs[i].row.id == run->id)
			return &m->sides[side].side.runs[i].row;
	}
	return NULL;
}

/* Its row; one without an id for a run that left its side and is read again with the next rows. */
static const struct mp_run_row *row_of(const struct mp_model *m, const struct run *run)
{
	const struct mp_run_row *row = described(m, run, 0);

	if (!row)
		row = described(m, run, 1);
	return row ? row : &run->own;
}

static int take_kernel(void *user, const struct mp_fact *fact)
{
	char **kernel = user;

	if (!*kernel && fact->value && !strcmp(fact->group, "kernel") &&
	    !strcmp(fact->key, "release"))
		*kernel = strdup(fact->value);
	return 0;
}

static int load_file(struct runs *r, const struct mp_model *m, size_t side, struct mp_err *err)
{
	struct mp_store *store = NULL;
	int64_t *ids = NULL;
	size_t count = 0;
	char last[32];
	int rc = mp_model_store_open(m, side, &store, err);

	snprintf(last, sizeof(last), "last:%d", RUNS_MAX);
	if (!rc)
		rc = mp_store_select(store, last, &ids, &count, err);
	for (size_t i = 0; !rc && i < count; i++) {
		struct run *run =
			mp_vec_push((void **)&r->runs, &r->n_runs, &r->cap_runs, sizeof(*run));

		if (!run) {
			rc = mp_err_env(err, -ENOMEM, "out of memory");
			break;
		}
		run->side = side;
		run->id = ids[i];
		rc = mp_store_facts(store, ids[i], take_kernel, &run->kernel, err);
		/* Counting the cases of a large run takes a while: not again for those that were counted. */
		if (!rc && row_of(m, run) == &run->own)
			rc = mp_store_run_get(store, ids[i], &run->own, err);
		if (rc)
			free(r->runs[--r->n_runs].kernel);
	}
	free(ids);
	mp_store_close(store);
	return rc;
}

static void load(const struct mp_view *view, struct runs *r)
{
	const struct mp_model *m = mp_view_model(view);
	struct runs before = *r;
	struct mp_err err = { 0 };

	if (r->loaded)
		return;
	/* What is read again is marked as it was. */
	r->runs = NULL;
	r->why = NULL;
	r->n_runs = r->cap_runs = 0;
	r->loaded = true;
	for (size_t side = 0; side < m->n_sides; side++) {
		if (side && !strcmp(m->sides[0].path, m->sides[1].path))
			continue;
		if (load_file(r, m, side, &err) && !r->why)
			r->why = strdup(err.text);
	}
	for (size_t i = 0; i < before.n_runs; i++) {
		for (size_t k = 0; before.runs[i].marked && k < r->n_runs; k++)
			r->runs[k].marked |= r->runs[k].side == before.runs[i].side &&
					     r->runs[k].id == before.runs[i].id;
	}
	forget(&before);
}

static size_t n_gaps(const struct mp_view *view)
{
	const struct mp_rows *rows = mp_view_model(view)->rows;

	return rows ? mp_rows_summary(rows)->n_gaps : 0;
}

/* ---- drawing ---- */

static void draw_run(const struct mp_view *view, const struct run *run, const struct mp_grid *body,
		     int at)
{
	const struct mp_model *m = mp_view_model(view);
	bool a = described(m, run, 0) != NULL, b = described(m, run, 1) != NULL;
	const struct mp_run_row *row = row_of(m, run);
	const char *slash = strrchr(m->sides[run->side].path, '/');
	struct mp_str text = MP_STR_INIT, cases = MP_STR_INIT;
	char when[64], took[MP_UNITS_LEN];
	int column = 6;

	if (run->marked)
		mp_grid_text(body, at, 1, MP_ROLE_TITLE, "*");
	if (!row->host) {
		mp_grid_printf(body, at, 6, MP_ROLE_MUTED, "#%lld", (long long)run->id);
		return;
	}
	mp_grid_printf(body, at, 2, MP_ROLE_A | MP_BOLD, "%s", a ? "A" : " ");
	mp_grid_printf(body, at, 3, MP_ROLE_B | MP_BOLD, "%s", b ? "B" : " ");
	mp_show_when(row->started_ns, when);
	when[16] = '\0';
	mp_str_printf(&text, "#%-4lld %s  %-10s %-14.14s", (long long)run->id, when,
		      row->label && row->label[0] ? row->label : "-",
		      run->kernel ? run->kernel : "unknown");
	mp_show_outcomes(row, &cases);
	mp_str_printf(&text, " %s", cases.text);
	if (row->ended_ns)
		mp_str_printf(&text, ", %s in %s", row->status,
			      mp_period_format(mp_run_row_took_ns(row) / 1e9, took));
	else
		mp_str_add(&text, ", running or cut off");
	mp_str_printf(&text, "   suite %s on %s   memperf %s   %s", row->suite, row->host,
		      row->version, slash ? slash + 1 : m->sides[run->side].path);
	mp_grid_field(body, at, column, body->columns - column, MP_ROLE_TEXT, MP_ALIGN_LEFT,
		      MP_CUT_END, text.text);
	mp_str_done(&text);
	mp_str_done(&cases);
}

static const char *gap_word(const struct mp_view *view, const struct mp_rows_gap *gap)
{
	if (mp_view_model(view)->n_sides == 2)
		return gap->verdict == MP_VERDICT_INCOMPARABLE ? "n/a"
							       : mp_verdict_name(gap->verdict);
	return mp_outcome_name(gap->outcome);
}

/* Its reason, and the first case that has it. */
static void gap_text(const struct mp_view *view, const struct mp_rows_gap *gap, struct mp_str *out)
{
	const struct mp_rows *rows = mp_view_model(view)->rows;
	struct mp_row row;

	mp_rows_reason(rows, gap->first, out);
	if (!out->len)
		mp_str_printf(out, "not in the plan of %s",
			      gap->verdict == MP_VERDICT_ONLY_A ? "B" : "A");
	if (!mp_rows_get(rows, gap->first, &row))
		mp_str_printf(out, "   (%s%s)", row.text, gap->rows > 1 ? " and others" : "");
}

static void draw_gap(const struct mp_view *view, const struct mp_rows_gap *gap,
		     const struct mp_grid *body, int at)
{
	struct mp_str text = MP_STR_INIT;

	gap_text(view, gap, &text);
	mp_grid_printf(body, at, 2, MP_ROLE_TEXT, "%6zu", gap->rows);
	mp_grid_field(body, at, 10, 9, MP_ROLE_FAILED, MP_ALIGN_LEFT, MP_CUT_END,
		      gap_word(view, gap));
	mp_grid_field(body, at, 20, body->columns - 20, MP_ROLE_TEXT, MP_ALIGN_LEFT, MP_CUT_END,
		      text.text);
	mp_str_done(&text);
}

/* Runs, a heading, gaps. */
static void draw_line(const struct mp_view *view, const struct runs *r, size_t line,
		      const struct mp_grid *body, int at)
{
	if (line < r->n_runs)
		draw_run(view, &r->runs[line], body, at);
	else if (line == r->n_runs)
		mp_grid_printf(body, at, 1, MP_ROLE_TITLE, "missing, and why: %zu reason%s",
			       n_gaps(view), n_gaps(view) == 1 ? "" : "s");
	else if (line - r->n_runs - 1 < n_gaps(view))
		draw_gap(view, &mp_rows_gaps(mp_view_model(view)->rows)[line - r->n_runs - 1], body,
			 at);
}

static void runs_draw(struct mp_view *view, void *state, const struct mp_grid *body)
{
	struct runs *r = state;
	int head = body->rows >= 4;

	load(view, r);
	if (head && r->why)
		mp_grid_field(body, 0, 1, body->columns - 1, MP_ROLE_WARNING, MP_ALIGN_LEFT,
			      MP_CUT_END, r->why);
	else if (head)
		mp_grid_field(body, 0, 1, body->columns - 1, MP_ROLE_TITLE, MP_ALIGN_LEFT,
			      MP_CUT_END,
			      "side  run   started           label      kernel         cases");
	mp_list_show(&r->list, body, head, r->n_runs + 1 + n_gaps(view));
	mp_list_select(&r->list, r->list.selected);
	for (size_t i = 0; i < r->list.page && r->list.top + i < r->list.count; i++) {
		int at = head + (int)i;

		draw_line(view, r, r->list.top + i, body, at);
		if (r->list.top + i == r->list.selected) {
			mp_grid_glyph(body, at, 0, MP_ROLE_TITLE, MP_GLYPH_SELECTED);
			mp_grid_attribute(body, at, 0, 1, body->columns, MP_REVERSE);
			mp_grid_cursor(body, at, 0);
		}
	}
}

/* ---- actions ---- */

static bool on_run(const struct mp_view *view, const void *state, const char **ret_why)
{
	const struct runs *r = state;

	(void)view;
	*ret_why = "no run is selected";
	return r->list.selected < r->n_runs;
}

/* "night.db:#12", or of the marked runs "night.db:#12,#15"; false: they are in two files. */
static bool name_runs(const struct mp_model *m, const struct runs *r, struct mp_str *out)
{
	const struct run *first = &r->runs[r->list.selected];
	bool any = n_marked(r) > 0;
	const char *before = ":#";

	for (size_t i = 0; any && i < r->n_runs; i++) {
		first = r->runs[i].marked ? &r->runs[i] : first;
		if (r->runs[i].marked)
			break;
	}
	mp_str_add(out, m->sides[first->side].path);
	for (size_t i = 0; i < r->n_runs; i++) {
		const struct run *run = &r->runs[i];

		if (any ? !run->marked : run != first)
			continue;
		if (run->side != first->side)
			return false;
		mp_str_printf(out, "%s%lld", before, (long long)run->id);
		before = ",#";
	}
	return true;
}

static int assign(struct mp_view *view, void *state, int with)
{
	struct runs *r = state;
	const struct mp_model *m = mp_view_model(view);
	struct mp_str text = MP_STR_INIT, other = MP_STR_INIT;
	const char *texts[2];
	struct mp_err err = { 0 };
	int rc = name_runs(m, r, &text) ? 0
					: mp_err_usage(&err, -EINVAL,
						       "the marked runs are in two files; runs of "
						       "one file can be pooled");

	/* B of a single side makes two of it. */
	mp_str_add(&other, m->sides[with || m->n_sides < 2 ? 0 : 1].name);
	texts[with] = text.text;
	texts[!with] = other.text;
	if (!rc)
		rc = mp_model_sides(mp_view_model(view), texts, m->n_sides == 1 && !with ? 1 : 2,
				    &err);
	if (rc)
		mp_view_fail(view, rc, &err);
	else
		mp_view_say(view, "%s is run %s", with ? "B" : "A", strrchr(text.text, ':') + 1);
	for (size_t i = 0; !rc && i < r->n_runs; i++)
		r->runs[i].marked = false;
	mp_str_done(&text);
	mp_str_done(&other);
	r->loaded = false;
	return rc;
}

static int mark(struct mp_view *view, void *state, int with)
{
	struct runs *r = state;
	struct run *run = &r->runs[r->list.selected];
	char a[MP_KEY_NAME_LEN], b[MP_KEY_NAME_LEN];

	(void)with;
	run->marked = !run->marked;
	mp_view_say(view, "%zu run%s marked: %s or %s makes a side of them", n_marked(r),
		    n_marked(r) == 1 ? "" : "s", mp_view_key(view, "runs", "side-a", a),
		    mp_view_key(view, "runs", "side-b", b));
	mp_list_move(&r->list, MP_MOVE_DOWN);
	return 0;
}

/* A reason: the cases that have it, listed. A run: its side. */
static int open_line(struct mp_view *view, void *state, int with)
{
	const struct runs *r = state;
	struct mp_model *m = mp_view_model(view);
	MP_CLEANUP(mp_str_done) struct mp_str text = MP_STR_INIT;
	MP_CLEANUP(mp_str_done) struct mp_str reason = MP_STR_INIT;
	const struct mp_rows_gap *gap;
	struct mp_err err = { 0 };
	int rc;

	(void)with;
	if (r->list.selected <= r->n_runs) {
		char a[MP_KEY_NAME_LEN], b[MP_KEY_NAME_LEN];

		mp_view_say(view, "%s and %s put the selected run on a side",
			    mp_view_key(view, "runs", "side-a", a),
			    mp_view_key(view, "runs", "side-b", b));
		return 0;
	}
	if (r->list.selected - r->n_runs - 1 >= n_gaps(view))
		return 0;
	gap = &mp_rows_gaps(m->rows)[r->list.selected - r->n_runs - 1];
	mp_rows_reason(m->rows, gap->first, &reason);
	if (m->n_sides == 2)
		mp_str_printf(&text, "verdict = \"%s\"", mp_verdict_name(gap->verdict));
	else
		mp_str_printf(&text, "outcome = %s", mp_outcome_name(gap->outcome));
	/* A text in quotes holds none. */
	if (reason.len && !strchr(reason.text, '"'))
		mp_str_printf(&text, " and reason = \"%s\"", reason.text);
	rc = mp_index_filter(&m->index, text.text, &err);
	return rc ? mp_view_fail(view, rc, &err) : mp_view_open(view, "results");
}

static const struct mp_action actions[] = {
	{ "open", "Enter", "open", "a reason: the cases that are missing like that", 0, open_line,
	  NULL },
	{ "mark", "Space", "mark", "mark the selected run, or take it back: marked runs are pooled",
	  0, mark, on_run },
	{ "side-a", "A", "as A", "the selected run, or the marked ones together, become side A", 0,
	  assign, on_run },
	{ "side-b", "B", "as B", "the selected run, or the marked ones together, become side B", 1,
	  assign, on_run },
};

static struct mp_list *runs_list(struct mp_view *view, void *state)
{
	(void)view;
	return &((struct runs *)state)->list;
}

static void runs_renew(struct mp_view *view, void *state)
{
	(void)view;
	((struct runs *)state)->loaded = false;
}

struct looking {
	const struct mp_view *view;
	const struct runs *r;
};

static bool run_holds(const struct mp_view *view, const struct run *run, const char *text)
{
	const struct mp_run_row *row = row_of(mp_view_model(view), run);
	const char *texts[] = { row->label, row->host, run->kernel, row->suite };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (texts[i] && mp_view_holds(texts[i], text))
			return true;
	}
	return false;
}

static bool line_holds(void *user, size_t line, const char *text)
{
	const struct looking *l = user;
	MP_CLEANUP(mp_str_done) struct mp_str gap = MP_STR_INIT;
	size_t n = l->r->n_runs;

	if (line < n)
		return run_holds(l->view, &l->r->runs[line], text);
	if (line == n)
		return false;
	gap_text(l->view, &mp_rows_gaps(mp_view_model(l->view)->rows)[line - n - 1], &gap);
	return mp_view_holds(gap.text, text);
}

static bool runs_find(struct mp_view *view, void *state, const char *text, int by,
		      struct mp_match *ret_match)
{
	struct runs *r = state;
	struct looking looking = { view, r };

	return mp_list_find(&r->list, r->n_runs + 1 + n_gaps(view), text, by, line_holds, &looking,
			    ret_match);
}

static void runs_close(struct mp_view *view, void *state)
{
	(void)view;
	forget(state);
}

const struct mp_screen mp_screen_runs = {
	.name = "runs",
	.title = "Runs",
	.summary = "the runs of the files, the sides, and what is missing with its reason",
	.about = "{side-a} and {side-b} make the selected run side A and side B; of marked runs "
		 "('*') the invocations "
		 "are "
		 "pooled. Below the runs stands what could not be compared "
		 "or was not measured, with the reason that was recorded and the first such case.",
	.tab = 6,
	.actions = MP_ACTIONS(actions),
	.state_size = sizeof(struct runs),
	.draw = runs_draw,
	.renew = runs_renew,
	.list = runs_list,
	.find = runs_find,
	.close = runs_close,
};

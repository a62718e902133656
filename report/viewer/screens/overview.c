/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Overview: are the sides comparable, what got slower and faster and is it real, what is not known. The first screen
 * answers without a key: sentences, then the largest credible changes, then the families, as one list.
 */
#include <stdio.h>
#include <string.h>

#include "report/viewer/columns.h"
#include "report/viewer/overview_head.h"
#include "report/viewer/overview_rows.h"
#include "report/viewer/view_internal.h"

#define NARROW 40

enum line_kind {
	LINE_HEAD_CHANGES,
	LINE_CHANGE,
	LINE_WARNING,
	LINE_GAP,
	LINE_HEAD_FAMILIES,
	LINE_FAMILY,
};

struct overview {
	struct mp_list list;
	size_t n_slower, n_faster; /* changes that are listed */
	bool placed; /* the selection was put on the first row once */
	/* What was selected in the last picture, and where; it is looked for when other lines are listed. */
	enum line_kind kind;
	char name[MP_CASE_TEXT_MAX];
	size_t line;
};

/* ---- the list ---- */

static size_t n_families(const struct mp_view *view)
{
	const struct mp_rows *rows = mp_view_model(view)->rows;

	return rows ? mp_rows_summary(rows)->n_families : 0;
}

static size_t n_changes(const struct overview *o)
{
	return o->n_slower + o->n_faster;
}

/* What the results files say against values of some cases. */
static size_t warnings(const struct mp_view *view, enum mp_warning ret_warnings[MP_WARN_COUNT])
{
	const struct mp_rows *rows = mp_view_model(view)->rows;
	size_t n = 0;

	for (int i = MP_WARN_FIRST_COUNTED; rows && i < MP_WARN_COUNT; i++) {
		if (mp_rows_summary(rows)->warned[i])
			ret_warnings[n++] = (enum mp_warning)i;
	}
	return n;
}

/* With two sides: head, changes, warnings or a gap, head, families. With one: warnings, head, families. */
static enum line_kind line_at(const struct mp_view *view, const struct overview *o, size_t line,
			      size_t *ret_index)
{
	const bool two = mp_view_model(view)->n_sides == 2;
	enum mp_warning warned[MP_WARN_COUNT];
	size_t n_warned = warnings(view, warned);

	*ret_index = 0;
	if (two && line == 0)
		return LINE_HEAD_CHANGES;
	if (two && line <= n_changes(o)) {
		*ret_index = line - 1;
		return LINE_CHANGE;
	}
	line -= two ? 1 + n_changes(o) : 0;
	if (line < n_warned) {
		*ret_index = warned[line];
		return LINE_WARNING;
	}
	line -= n_warned;
	if (two && !n_warned && line-- == 0)
		return LINE_GAP;
	if (line == 0)
		return LINE_HEAD_FAMILIES;
	*ret_index = line - 1;
	return LINE_FAMILY;
}

/* Room for changes: what families leave, half of the list at least. */
static void choose_changes(const struct mp_view *view, struct overview *o, int rows)
{
	const struct mp_rows_summary *s = mp_rows_summary(mp_view_model(view)->rows);
	size_t half = rows > 8 ? (size_t)(rows - 3) / 2 : 3, families = s->n_families;
	size_t room =
		rows > 3 && families + 3 + half < (size_t)rows ? (size_t)rows - 3 - families : half;

	o->n_slower = s->n_slower < room ? s->n_slower : room;
	o->n_faster = s->n_faster < room ? s->n_faster : room;
	/* What got slower comes first and leaves a third to what got faster. */
	if (o->n_slower + o->n_faster > room) {
		size_t third = room / 3;

		if (o->n_faster > third)
			o->n_faster = o->n_slower + third < room ? room - o->n_slower : third;
		o->n_slower = room - o->n_faster;
	}
}

static size_t row_of_change(const struct mp_view *view, const struct overview *o, size_t index)
{
	const struct mp_rows_summary *s = mp_rows_summary(mp_view_model(view)->rows);

	return index < o->n_slower ? s->slower[index] : s->faster[index - o->n_slower];
}

/* What the line is about: a case, a warning, a family; "". `buf` is returned. */
static const char *name_of(const struct mp_view *view, const struct overview *o, size_t line,
			   char buf[MP_CASE_TEXT_MAX])
{
	const struct mp_rows *rows = mp_view_model(view)->rows;
	struct mp_row row;
	size_t index;

	buf[0] = '\0';
	switch (line_at(view, o, line, &index)) {
	case LINE_CHANGE:
		if (!mp_rows_get(rows, row_of_change(view, o, index), &row))
			snprintf(buf, MP_CASE_TEXT_MAX, "%s", row.text);
		break;
	case LINE_WARNING:
		snprintf(buf, MP_CASE_TEXT_MAX, "%s", mp_warning_texts[index].name);
		break;
	case LINE_FAMILY:
		if (index < n_families(view))
			snprintf(buf, MP_CASE_TEXT_MAX, "%s", mp_rows_families(rows)[index].name);
		break;
	case LINE_HEAD_CHANGES:
	case LINE_HEAD_FAMILIES:
	case LINE_GAP:
		break;
	}
	return buf;
}

static void draw_line(const struct mp_view *view, const struct overview *o, size_t line,
		      const struct mp_grid *body, int at)
{
	const struct mp_model *m = mp_view_model(view);
	size_t index;

	switch (line_at(view, o, line, &index)) {
	case LINE_HEAD_CHANGES:
		mp_overview_change_head(view, n_changes(o), body, at);
		break;
	case LINE_CHANGE:
		mp_overview_change(view, row_of_change(view, o, index), body, at);
		break;
	case LINE_WARNING:
		mp_overview_warning(view, (enum mp_warning)index, body, at);
		break;
	case LINE_GAP:
		break;
	case LINE_HEAD_FAMILIES:
		mp_overview_family(view, NULL, body, at);
		break;
	case LINE_FAMILY:
		mp_overview_family(view, &mp_rows_families(m->rows)[index], body, at);
		break;
	}
}

static bool is_what_was_selected(const struct mp_view *view, const struct overview *o, size_t line)
{
	char name[MP_CASE_TEXT_MAX];
	size_t index;

	return line_at(view, o, line, &index) == o->kind &&
	       !strcmp(name_of(view, o, line, name), o->name);
}

/* The selection stays on what it was on, moved as it was moved since; where that is gone it keeps its place. */
static void follow(const struct mp_view *view, struct overview *o, size_t lines)
{
	long moved = (long)o->list.selected - (long)o->line, at;

	if (o->line < lines && is_what_was_selected(view, o, o->line))
		return;
	for (size_t line = 0; line < lines; line++) {
		if (!is_what_was_selected(view, o, line))
			continue;
		at = (long)line + moved;
		o->list.selected = at > 0 ? (size_t)at : 0;
		return;
	}
}

static void remember(const struct mp_view *view, struct overview *o)
{
	size_t index;

	o->line = o->list.selected;
	o->kind = line_at(view, o, o->line, &index);
	name_of(view, o, o->line, o->name);
}

static void draw_list(struct mp_view *view, struct overview *o, const struct mp_grid *body,
		      int first)
{
	const bool two = mp_view_model(view)->n_sides == 2;
	enum mp_warning warned[MP_WARN_COUNT];
	size_t lines, n_warned = warnings(view, warned);
	size_t between = two && !n_warned ? 1 : n_warned; /* a gap */

	if (two)
		choose_changes(view, o, body->rows - first + 1 - (int)between);
	lines = n_families(view) + between + (two ? n_changes(o) + 2 : 1);
	if (o->placed)
		follow(view, o, lines);
	mp_list_show(&o->list, body, first, lines);
	if (!o->placed && lines > 1) {
		/* The first change, or the first family. */
		mp_list_select(&o->list, two && n_changes(o) ? 1 : between + (two ? 2 : 1));
		o->placed = true;
	}
	mp_list_select(&o->list, o->list.selected);
	remember(view, o);
	for (size_t i = 0; i < o->list.page && o->list.top + i < lines; i++) {
		size_t line = o->list.top + i;
		int at = first + (int)i;

		draw_line(view, o, line, body, at);
		if (line == o->list.selected) {
			mp_grid_glyph(body, at, 0, MP_ROLE_TITLE, MP_GLYPH_SELECTED);
			mp_grid_attribute(body, at, 0, 1, body->columns, MP_REVERSE);
			mp_grid_cursor(body, at, 0);
		}
	}
}

/* No room for tables: verdict counts, then the worst change, a fact a line. */
static void draw_narrow(struct mp_view *view, struct overview *o, const struct mp_grid *body)
{
	const struct mp_model *m = mp_view_model(view);
	const struct mp_rows_summary *s = mp_rows_summary(m->rows);
	char key[MP_KEY_NAME_LEN];
	struct mp_grid rest;
	struct mp_row row;

	if (m->n_sides == 2)
		mp_grid_printf(body, 0, 0,
			       s->counts[MP_VERDICT_SLOWER] ? MP_ROLE_WORSE : MP_ROLE_TEXT,
			       "%zu slower %zu faster", s->counts[MP_VERDICT_SLOWER],
			       s->counts[MP_VERDICT_FASTER]);
	else
		mp_grid_printf(body, 0, 0, MP_ROLE_TEXT, "%u ok of %u",
			       m->sides[0].side.runs[0].row.ok, m->sides[0].side.runs[0].row.cases);
	o->list.row = -1;
	rest = mp_grid_part(body, 1, 0, body->rows - 1, body->columns);
	if (m->n_sides == 2 && (s->n_slower || s->n_faster) &&
	    !mp_rows_get(m->rows, s->n_slower ? s->slower[0] : s->faster[0], &row))
		mp_row_draw_facts(view, &row, &rest);
	else if (mp_overview_heavy(&m->environment))
		mp_grid_printf(&rest, 0, 0, MP_ROLE_WARNING, "!! %zu differences: %s",
			       mp_overview_heavy(&m->environment),
			       mp_view_key(view, MP_SCOPE_ALL, "tab-5", key));
}

static void overview_draw(struct mp_view *view, void *state, const struct mp_grid *body)
{
	struct overview *o = state;
	const struct mp_model *m = mp_view_model(view);
	int at;

	if (m->rows && (body->columns < NARROW || body->rows < 8)) {
		draw_narrow(view, o, body);
		return;
	}
	at = mp_overview_head_draw(view, body);
	if (!m->rows) {
		o->list = (struct mp_list){ .row = -1 };
		return;
	}
	if (body->rows > 16)
		at++;
	draw_list(view, o, body, at);
}

/* ---- actions ---- */

static bool some(const struct mp_view *view, const void *state, const char **ret_why)
{
	(void)state;
	*ret_why = "nothing is judged yet";
	return mp_view_model(view)->rows != NULL;
}

/* Results with a filter of one condition: "family = ", "warn ~ ". */
static int filter(struct mp_view *view, const char *condition, const char *value)
{
	char text[MP_NAME_MAX + 32];
	struct mp_err err = { 0 };
	int rc;

	snprintf(text, sizeof(text), "%s\"%s\"", condition, value);
	rc = mp_index_filter(&mp_view_model(view)->index, text, &err);
	return rc ? mp_view_fail(view, rc, &err) : mp_view_open(view, "results");
}

static int open_line(struct mp_view *view, void *state, int with)
{
	const struct overview *o = state;
	const struct mp_rows *rows = mp_view_model(view)->rows;
	char name[MP_NAME_MAX];
	size_t index;
	struct mp_row row;

	(void)with;
	switch (line_at(view, o, o->list.selected, &index)) {
	case LINE_CHANGE:
		if (mp_rows_get(rows, row_of_change(view, o, index), &row))
			return 0;
		mp_view_set_subject(view, row.text);
		return mp_view_open(view, "detail");
	case LINE_FAMILY:
		if (index < n_families(view))
			return filter(view, "family = ", mp_rows_families(rows)[index].name);
		return 0;
	case LINE_WARNING:
		snprintf(name, sizeof(name), "*%s*", mp_warning_texts[index].name);
		return filter(view, "warn ~ ", name);
	case LINE_HEAD_CHANGES:
	case LINE_HEAD_FAMILIES:
	case LINE_GAP:
		break;
	}
	return mp_view_open(view, "results");
}

static bool on_change(const struct mp_view *view, const void *state, const char **ret_why)
{
	const struct overview *o = state;
	size_t index;

	*ret_why = "no case is selected";
	return some(view, state, ret_why) &&
	       line_at(view, o, o->list.selected, &index) == LINE_CHANGE;
}

static int mark(struct mp_view *view, void *state, int with)
{
	const struct overview *o = state;
	size_t index;

	(void)with;
	line_at(view, o, o->list.selected, &index);
	mp_view_mark(view, row_of_change(view, o, index));
	return 0;
}

static int find_slower(struct mp_view *view, void *state, int with)
{
	struct overview *o = state;
	size_t n = o->n_slower, at = o->list.selected;

	if (!n) {
		mp_view_say(view, "no case is slower");
		return 0;
	}
	/* Around the slower ones, which stand first, in rows 1 to n. */
	if (with > 0)
		mp_list_select(&o->list, at >= 1 && at < n ? at + 1 : 1);
	else
		mp_list_select(&o->list, at > 1 && at <= n ? at - 1 : n);
	return 0;
}

static const struct mp_action actions[] = {
	{ "open", "Enter", "open", "a change: the case; a warning, a family: its results", 0,
	  open_line, some },
	{ "mark", "Space", NULL, "mark the selected case, or take the mark away", 0, mark,
	  on_change },
	{ "next-slower", ".", NULL, "the next of the slower cases", 1, find_slower, some },
	{ "previous-slower", ",", NULL, "the one before", -1, find_slower, some },
};

static struct mp_list *overview_list(struct mp_view *view, void *state)
{
	(void)view;
	return &((struct overview *)state)->list;
}

static void overview_status(const struct mp_view *view, const void *state, struct mp_str *out)
{
	const struct mp_model *m = mp_view_model(view);
	const char *note = m->rows ? mp_rows_note(m->rows, 0) : NULL;

	char key[MP_KEY_NAME_LEN];

	(void)state;
	if (m->n_sides == 2 && note)
		mp_str_printf(out, "note: %s (all of them: %s)", note,
			      mp_view_key(view, MP_SCOPE_ALL, "tab-5", key));
	else if (m->n_sides == 2 && m->rows)
		mp_str_printf(out,
			      "S slower, F faster: the whole interval lies beyond the threshold; "
			      "%s explains",
			      mp_view_key(view, MP_SCOPE_ALL, "help", key));
}

struct looking {
	const struct mp_view *view;
	const struct overview *o;
};

static bool line_holds(void *user, size_t line, const char *text)
{
	const struct looking *l = user;
	char name[MP_CASE_TEXT_MAX];
	size_t index;

	return (line_at(l->view, l->o, line, &index) == LINE_WARNING &&
		mp_view_holds(mp_warning_texts[index].sentence, text)) ||
	       mp_view_holds(name_of(l->view, l->o, line, name), text);
}

static bool overview_find(struct mp_view *view, void *state, const char *text, int by,
			  struct mp_match *ret_match)
{
	struct overview *o = state;
	struct looking looking = { view, o };

	return mp_view_model(view)->rows &&
	       mp_list_find(&o->list, o->list.count, text, by, line_holds, &looking, ret_match);
}

const struct mp_screen mp_screen_overview = {
	.name = "overview",
	.title = "Overview",
	.summary = "are the sides comparable, what got slower or faster, what is not known",
	.about = "The first lines say what else differs between the sides. Changes are called "
		 "slower or "
		 "faster only when the whole interval lies beyond the threshold (the policy's, or "
		 "the "
		 "machine's noise floor if that is larger) after correction for the number of "
		 "tests. "
		 "\"typical\" is the geometric mean of B / A; the small histogram has its cases by "
		 "change, "
		 "from less than half on the left to more than twice on the right. Between "
		 "changes and families stands what the results files say against values: how many "
		 "cases have two modes, drift over "
		 "the run, a first invocation that stands apart, counters that took turns, or "
		 "single calls that cost much to time.",
	.tab = 1,
	.actions = MP_ACTIONS(actions),
	.state_size = sizeof(struct overview),
	.draw = overview_draw,
	.list = overview_list,
	.status = overview_status,
	.find = overview_find,
};

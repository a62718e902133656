/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What stands around the body of every screen: the sides, the tabs, the status, the keys. What there is no room for goes
 * first the rule, then keys, header, tabs, status; the body stays.
 */
#include <stdio.h>
#include <string.h>

#include "report/viewer/view_internal.h"

struct mp_layout mp_layout_of(int rows, int columns)
{
	struct mp_layout l = { rows, columns, -1, -1, -1, 0, rows, -1, -1 };
	int top = 0, bottom = rows;

	if (rows >= 7)
		l.header = top++;
	if (rows >= 4)
		l.tabs = top++;
	if (rows >= 20)
		l.rule = top++;
	if (rows >= 8)
		l.keys = --bottom;
	if (rows >= 2)
		l.status = --bottom;
	l.body = top;
	l.body_rows = bottom - top;
	return l;
}

static void hot(struct mp_view *view, const struct mp_grid *grid, int row, int column, int columns,
		mp_key key)
{
	if (view->n_hots == MP_HOTS_MAX || column + columns > grid->columns)
		return;
	view->hots[view->n_hots++] =
		(struct mp_hot){ grid->row + row, grid->column + column, columns, key };
}

static const char *fact(const struct mp_side_run *run, const char *group, const char *key)
{
	const struct mp_side_fact *f = mp_side_fact(run, group, key);

	return f && f->value ? f->value : NULL;
}

/* "A night.db #12 nightly  kernel 6.1.0" */
static void side_text(const struct mp_model_side *side, char letter, bool two, struct mp_str *out)
{
	const struct mp_side_run *run = &side->side.runs[0];
	const char *slash = strrchr(side->path, '/'), *kernel = fact(run, "kernel", "release");

	if (two)
		mp_str_printf(out, "%c ", letter);
	mp_str_printf(out, "%s #%lld", slash ? slash + 1 : side->path, (long long)run->row.id);
	if (side->side.n_runs > 1)
		mp_str_printf(out, " and %zu more", side->side.n_runs - 1);
	if (run->row.label && run->row.label[0])
		mp_str_printf(out, " %s", run->row.label);
	if (kernel)
		mp_str_printf(out, "  kernel %s", kernel);
	if (!run->row.ended_ns)
		mp_str_add(out, "  (running)");
}

static void draw_header(struct mp_view *view, const struct mp_grid *whole)
{
	const struct mp_model *m = &view->model;
	int width = m->n_sides == 2 ? whole->columns / 2 : whole->columns;

	mp_grid_fill(whole, view->layout.header, 0, 1, whole->columns, MP_ROLE_BAR);
	for (size_t i = 0; i < m->n_sides; i++) {
		struct mp_str text = MP_STR_INIT;
		int at = i ? width : 0;

		side_text(&m->sides[i], (char)('A' + i), m->n_sides == 2, &text);
		mp_grid_field(whole, view->layout.header, at + 1,
			      (i ? whole->columns - at : width) - 2, MP_ROLE_BAR | MP_BOLD,
			      MP_ALIGN_LEFT, MP_CUT_END, text.text);
		mp_str_done(&text);
	}
}

/* "Results > Case mmap.anon/size=2M": where Esc leads, when this is no tab. */
static void draw_crumbs(struct mp_view *view, const struct mp_grid *whole)
{
	const struct mp_screen *top = mp_view_screen(view);
	struct mp_str crumb = MP_STR_INIT;
	int row = view->layout.tabs, at = 1, width = 0;
	size_t first = 0;

	/* The way back is cut at its far end. */
	for (size_t i = 0; i < view->depth; i++)
		width += (int)strlen(view->stack[i]->title) + 3;
	while (first + 1 < view->depth && width > whole->columns - (top->crumb ? 12 : 0))
		width -= (int)strlen(view->stack[first++]->title) + 3;
	for (size_t i = first; i < view->depth; i++) {
		if (i > first) {
			mp_grid_glyph(whole, row, at, MP_ROLE_MUTED, MP_GLYPH_CRUMB);
			at += 2;
		}
		at += mp_grid_text(whole, row, at,
				   i + 1 == view->depth ? MP_ROLE_TITLE : MP_ROLE_MUTED,
				   view->stack[i]->title) +
		      1;
	}
	if (top->crumb)
		top->crumb(view, mp_view_state(view, top), &crumb);
	if (crumb.len)
		mp_grid_field(whole, row, at, whole->columns - at - 1, MP_ROLE_TEXT, MP_ALIGN_LEFT,
			      MP_CUT_MIDDLE, crumb.text);
	mp_str_done(&crumb);
}

/* The key of a tab as it is bound; 0: none. */
static mp_key tab_key(const struct mp_view *view, int tab)
{
	char name[] = "tab-1";

	name[4] = (char)('0' + tab);
	return mp_keymap_key(&view->keymap, MP_SCOPE_ALL, name);
}

/* "1 Overview", "Overview" without a key, "1" without room. */
static void tab_text(const struct mp_view *view, const struct mp_screen *screen, bool title,
		     char key[MP_KEY_NAME_LEN], const char **ret_title)
{
	mp_key bound = tab_key(view, screen->tab);

	key[0] = '\0';
	if (bound)
		mp_key_name(bound, key);
	*ret_title = title || !bound ? screen->title : "";
}

/* Columns that the tab line takes with titles. */
static int tabs_width(const struct mp_view *view)
{
	int width = 1;

	for (int tab = 1; tab <= 9; tab++) {
		const struct mp_screen *screen = mp_screen_tab(tab);
		char key[MP_KEY_NAME_LEN];
		const char *title;

		if (!screen)
			continue;
		tab_text(view, screen, true, key, &title);
		width += (int)strlen(key) + (*key != '\0') + (int)strlen(title) + 2;
	}
	return width;
}

static void draw_tabs(struct mp_view *view, const struct mp_grid *whole)
{
	const struct mp_screen *current = mp_view_screen(view);
	bool titles = tabs_width(view) <= whole->columns;
	mp_key help = mp_keymap_key(&view->keymap, MP_SCOPE_ALL, "help");
	int row = view->layout.tabs, at = 0;
	char name[MP_KEY_NAME_LEN];

	for (int tab = 1; tab <= 9; tab++) {
		const struct mp_screen *screen = mp_screen_tab(tab);
		bool here = screen == current;
		const char *title;
		int start = at;

		if (!screen)
			continue;
		tab_text(view, screen, titles || here, name, &title);
		at += mp_grid_text(whole, row, at, MP_ROLE_TITLE, here ? "[" : " ");
		at += mp_grid_text(whole, row, at, here ? MP_ROLE_TITLE : MP_ROLE_KEY, name);
		at += mp_grid_printf(whole, row, at, here ? MP_ROLE_TITLE : MP_ROLE_TEXT, "%s%s",
				     *name && *title ? " " : "", title);
		at += mp_grid_text(whole, row, at, MP_ROLE_TITLE, here ? "]" : " ");
		if (tab_key(view, tab))
			hot(view, whole, row, start, at - start, tab_key(view, tab));
	}
	if (help && at + 8 <= whole->columns) {
		int width = 5 + (int)strlen(mp_key_name(help, name));

		mp_grid_text(whole, row, whole->columns - width - 1, MP_ROLE_KEY, name);
		mp_grid_text(whole, row, whole->columns - 5, MP_ROLE_TEXT, "help");
		hot(view, whole, row, whole->columns - width - 1, width, help);
	}
}

static void list_status(const struct mp_list *list, struct mp_str *out)
{
	if (list->text && list->count > list->page)
		mp_str_printf(out, "lines %zu to %zu of %zu", list->top + 1,
			      list->top + list->page < list->count ? list->top + list->page
								   : list->count,
			      list->count);
	else if (!list->text && list->count)
		mp_str_printf(out, "row %zu of %zu", list->selected + 1, list->count);
}

/* What the viewer is at, behind the status of the screen. */
static void working(const struct mp_view *view, struct mp_str *out)
{
	const struct mp_model *m = &view->model;
	size_t n = m->rows ? mp_rows_summary(m->rows)->n_rows : 0;

	if (m->busy)
		mp_str_add(out, m->state != MP_MODEL_READY ? "   judging"
				: mp_model_first(m)	   ? "   judging single calls"
							   : "   judging again");
	else if (m->live)
		mp_str_add(out, "   live: following a run");
	if (m->index.looked_at < n)
		mp_str_printf(out, "   filtering %zu %%", 100 * m->index.looked_at / n);
	if (!mp_counter_numbers_settled(&view->numbers))
		mp_str_printf(out, "   reading counters: %zu %%",
			      100 * view->numbers.n_read / view->numbers.n_rows);
}

static void draw_status(struct mp_view *view, const struct mp_grid *whole)
{
	const struct mp_screen *screen = mp_view_screen(view);
	struct mp_grid line = mp_grid_part(whole, view->layout.status, 0, 1, whole->columns);
	void *state = mp_view_state(view, screen);
	struct mp_str text = MP_STR_INIT;

	if (view->prompt.open) {
		mp_prompt_draw(view, &line);
		return;
	}
	if (view->message[0]) {
		mp_grid_field(&line, 0, 1, line.columns - 1,
			      view->message_is_error ? MP_ROLE_WARNING : MP_ROLE_TITLE,
			      MP_ALIGN_LEFT, MP_CUT_END, view->message);
		return;
	}
	if (screen->status)
		screen->status(view, state, &text);
	else if (screen->list)
		list_status(screen->list(view, state), &text);
	working(view, &text);
	if (!view->model.busy && view->model.why.text[0])
		mp_str_printf(&text, "   %s", view->model.why.text);
	mp_grid_field(&line, 0, 1, line.columns - 1,
		      view->model.why.text[0] ? MP_ROLE_WARNING : MP_ROLE_MUTED, MP_ALIGN_LEFT,
		      MP_CUT_END, text.text);
	mp_str_done(&text);
}

static int draw_hints(struct mp_view *view, const struct mp_grid *line, const char *scope,
		      const struct mp_actions *actions, int at)
{
	for (size_t i = 0; i < actions->count; i++) {
		const struct mp_action *action = &actions->items[i];
		struct mp_str keys = MP_STR_INIT;
		int start = at, width;
		mp_key key;

		if (!action->hint)
			continue;
		mp_keymap_keys(&view->keymap, scope, action, &keys);
		if (keys.len) {
			keys.text[strcspn(keys.text, " ")] = '\0';
			width = (int)(strlen(keys.text) + 1 + strlen(action->hint));
			if (at + width < line->columns) {
				at += mp_grid_text(line, 0, at, MP_ROLE_KEY, keys.text) + 1;
				at += mp_grid_text(line, 0, at, MP_ROLE_TEXT, action->hint) + 2;
				if (!mp_key_parse(keys.text, &key))
					hot(view, line, 0, start, width, key);
			}
		}
		mp_str_done(&keys);
	}
	return at;
}

static void draw_keys(struct mp_view *view, const struct mp_grid *whole)
{
	const struct mp_screen *screen = mp_view_screen(view);
	struct mp_grid line = mp_grid_part(whole, view->layout.keys, 0, 1, whole->columns);
	int at = 1;

	if (view->prompt.open) {
		draw_hints(view, &line, MP_SCOPE_PROMPT, &mp_actions_prompt, at);
		return;
	}
	if (view->choosing) {
		draw_hints(view, &line, MP_SCOPE_CHOICE, &mp_actions_choice, at);
		return;
	}
	at = draw_hints(view, &line, screen->name, &screen->actions, at);
	draw_hints(view, &line, MP_SCOPE_ALL, &mp_actions_all, at);
}

/* What there is to see while there are no rows. */
static void draw_waiting(const struct mp_view *view, const struct mp_grid *body)
{
	const struct mp_model *m = &view->model;
	const char *name = m->sides[0].name;
	char key[MP_KEY_NAME_LEN];

	if (m->state == MP_MODEL_JUDGING)
		return;
	mp_grid_wrap(body, 0, 1, MP_ROLE_WARNING, m->why.text);
	mp_grid_printf(body, 2, 1, MP_ROLE_TEXT,
		       "%s tries again; ':open FILE' opens another; 'memperf db check %s' looks "
		       "for damage",
		       mp_view_key(view, MP_SCOPE_ALL, "again", key), name);
}

/* Is that character of the text there? Lower case is either case, as in searching. */
static bool same_letter(const char *cell, char wanted, bool exact)
{
	char c = cell[0];

	if (!exact && c >= 'A' && c <= 'Z')
		c = (char)(c + 'a' - 'A');
	return c == wanted && !cell[1];
}

/* Shows where the text that is searched for stands. */
static void highlight(const struct mp_view *view, const struct mp_grid *body)
{
	const char *text = view->search;
	int len = (int)strlen(text);
	bool exact = false;

	for (const char *at = text; *at; at++)
		exact = exact || (*at >= 'A' && *at <= 'Z');
	for (int row = 0; len && row < body->rows; row++) {
		for (int column = 0; column + len <= body->columns; column++) {
			int same = 0;

			while (same < len && same_letter(mp_grid_at(body, row, column + same)->text,
							 text[same], exact))
				same++;
			if (same == len)
				mp_grid_attribute(body, row, column, 1, len,
						  MP_BOLD | MP_UNDERLINE);
		}
	}
}

void mp_view_draw(struct mp_view *view)
{
	struct mp_grid whole, body;
	const struct mp_screen *screen = mp_view_screen(view);

	mp_canvas_clear(&view->canvas);
	view->n_hots = 0;
	whole = mp_grid_whole(&view->canvas);
	view->layout = mp_layout_of(whole.rows, whole.columns);
	body = mp_grid_part(&whole, view->layout.body, 0, view->layout.body_rows, whole.columns);
	mp_grid_cursor(&body, 0, 0);
	if (view->layout.header >= 0)
		draw_header(view, &whole);
	if (view->layout.tabs >= 0 && screen->tab)
		draw_tabs(view, &whole);
	else if (view->layout.tabs >= 0)
		draw_crumbs(view, &whole);
	if (view->layout.rule >= 0)
		mp_grid_glyphs_right(&whole, view->layout.rule, 0, whole.columns, MP_ROLE_MUTED,
				     MP_GLYPH_HORIZONTAL);
	screen->draw(view, mp_view_state(view, screen), &body);
	if (view->model.state == MP_MODEL_FAILED && screen->needs_rows) {
		mp_grid_fill(&body, 0, 0, body.rows, body.columns, MP_ROLE_TEXT);
		draw_waiting(view, &body);
	}
	if (view->search[0] && screen->find)
		highlight(view, &body);
	if (view->choosing)
		mp_choice_draw(view, &body);
	if (view->layout.status >= 0)
		draw_status(view, &whole);
	if (view->layout.keys >= 0)
		draw_keys(view, &whole);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The stack of screens, messages, the subject, work of screens: see view.h. */
#include "report/viewer/view.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/viewer/columns.h"
#include "report/viewer/settings_file.h"
#include "report/viewer/view_internal.h"

const struct mp_screen *mp_screen_find(const char *name)
{
	for (size_t i = 0; i < mp_n_screens; i++) {
		if (!strcmp(mp_screens[i]->name, name))
			return mp_screens[i];
	}
	return NULL;
}

const struct mp_screen *mp_screen_tab(int tab)
{
	for (size_t i = 0; i < mp_n_screens; i++) {
		if (tab && mp_screens[i]->tab == tab)
			return mp_screens[i];
	}
	return NULL;
}

static size_t index_of(const struct mp_screen *screen)
{
	size_t i = 0;

	while (mp_screens[i] != screen)
		i++;
	return i;
}

struct mp_model *mp_view_model(const struct mp_view *view)
{
	/* Screens may change the index and the sides, whatever they may do to the view. */
	return &((struct mp_view *)(uintptr_t)view)->model;
}

const struct mp_view_show *mp_view_show(const struct mp_view *view)
{
	return &view->show;
}

struct mp_counter_cells *mp_view_counters(const struct mp_view *view)
{
	/* As the index: what is read when it is first shown. */
	return &((struct mp_view *)(uintptr_t)view)->counters;
}

static void remember(struct mp_view *view)
{
	struct mp_err err;

	if (view->settings && mp_settings_save(view->settings, view, &err))
		mp_view_fail(view, -EIO, &err);
}

void mp_view_set_columns(struct mp_view *view, unsigned columns)
{
	view->show.columns = columns;
	remember(view);
}

bool mp_view_move_column(struct mp_view *view, size_t place, int by)
{
	size_t to = place + (size_t)by;
	unsigned char *order = view->show.order, moved = order[place];

	if (to >= mp_n_columns)
		return false;
	order[place] = order[to];
	order[to] = moved;
	remember(view);
	return true;
}

bool mp_view_toggle_counter(struct mp_view *view, const char *name)
{
	bool room = mp_counter_cells_toggle(&view->counters, name);

	remember(view);
	return room;
}

void mp_view_set_own_units(struct mp_view *view, bool own)
{
	view->show.own_units = own;
	remember(view);
}

const char *mp_view_key(const struct mp_view *view, const char *scope, const char *action,
			char buf[MP_KEY_NAME_LEN])
{
	mp_key key = mp_keymap_key(&view->keymap, scope, action);

	return mp_key_name(key ? key : ':', buf);
}

static bool has_action(const struct mp_actions *actions, const char *name)
{
	for (size_t i = 0; i < actions->count; i++) {
		if (!strcmp(actions->items[i].name, name))
			return true;
	}
	return false;
}

/* "tree", "results.tree", len long. */
static void add_key(const struct mp_view *view, const struct mp_screen *about, const char *name,
		    size_t len, struct mp_str *out)
{
	char copy[64], key[MP_KEY_NAME_LEN], *dot;
	const char *scope = MP_SCOPE_ALL, *action = copy;

	snprintf(copy, sizeof(copy), "%.*s", (int)len, name);
	dot = strchr(copy, '.');
	if (dot) {
		*dot = '\0';
		scope = copy;
		action = dot + 1;
	} else if (has_action(&about->actions, copy)) {
		scope = about->name;
	}
	mp_str_add(out, mp_view_key(view, scope, action, key));
}

void mp_view_keyed(const struct mp_view *view, const struct mp_screen *about, const char *text,
		   struct mp_str *out)
{
	for (const char *open; (open = strchr(text, '{')); text = strchr(open, '}') + 1) {
		mp_str_add_len(out, text, (size_t)(open - text));
		add_key(view, about, open + 1, strcspn(open + 1, "}"), out);
	}
	mp_str_add(out, text);
}

void mp_view_warning(const struct mp_view *view, enum mp_warning warning, struct mp_str *out)
{
	const struct mp_warning_text *text = &mp_warning_texts[warning];

	mp_str_add(out, text->sentence);
	if (!text->remedy)
		return;
	mp_str_add(out, "; ");
	mp_view_keyed(view, mp_view_screen(view), text->remedy, out);
}

bool mp_view_holds(const char *text, const char *wanted)
{
	for (const char *at = wanted; *at; at++) {
		if (*at >= 'A' && *at <= 'Z')
			return strstr(text, wanted) != NULL;
	}
	return strcasestr(text, wanted) != NULL;
}

static __attribute__((format(printf, 3, 0))) void say(struct mp_view *view, bool error,
						      const char *fmt, va_list ap)
{
	struct mp_str text = MP_STR_INIT;

	mp_str_vprintf(&text, fmt, ap);
	snprintf(view->message, sizeof(view->message), "%s", text.text);
	view->message_is_error = error;
	mp_str_done(&text);
}

void mp_view_say(struct mp_view *view, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(view, false, fmt, ap);
	va_end(ap);
}

int mp_view_fail(struct mp_view *view, int rc, const struct mp_err *err)
{
	snprintf(view->message, sizeof(view->message), "%s", err->text);
	view->message_is_error = true;
	return rc;
}

const struct mp_screen *mp_view_screen(const struct mp_view *view)
{
	return view->stack[view->depth - 1];
}

void *mp_view_state(const struct mp_view *view, const struct mp_screen *screen)
{
	return view->states[index_of(screen)];
}

int mp_view_open(struct mp_view *view, const char *name)
{
	const struct mp_screen *screen = mp_screen_find(name);
	struct mp_err err;
	size_t at = 0;
	int rc = 0;

	if (!screen) {
		mp_view_say(view, "there is no screen '%s'", name);
		return -ENOENT;
	}
	while (at < view->depth && view->stack[at] != screen)
		at++;
	if (at == view->depth && at == MP_SCREENS_MAX)
		return -ENOSPC;
	if (screen->open)
		rc = screen->open(view, mp_view_state(view, screen), &err);
	if (rc)
		return mp_view_fail(view, rc, &err);
	/* One that is open already is come back to: what was opened from it is left. */
	view->stack[at] = screen;
	view->depth = at + 1;
	return 0;
}

void mp_view_back(struct mp_view *view)
{
	const struct mp_screen *below;
	struct mp_err err;

	if (view->depth < 2) {
		mp_view_say(view, "this is the first screen");
		return;
	}
	below = view->stack[view->depth - 2];
	if (below->open && below->open(view, mp_view_state(view, below), &err))
		mp_view_fail(view, -EINVAL, &err);
	view->depth--;
}

void mp_view_quit(struct mp_view *view)
{
	view->quit = true;
}

const char *mp_view_subject(const struct mp_view *view)
{
	return view->subject;
}

void mp_view_set_subject(struct mp_view *view, const char *case_text)
{
	/* It may be the subject itself. */
	char copy[MP_CASE_TEXT_MAX];

	snprintf(copy, sizeof(copy), "%s", case_text);
	memcpy(view->subject, copy, sizeof(copy));
}

size_t mp_view_subject_row(const struct mp_view *view)
{
	return view->model.rows && view->subject[0] ? mp_rows_find(view->model.rows, view->subject)
						    : SIZE_MAX;
}

bool mp_view_subject_move(struct mp_view *view, int by)
{
	const struct mp_index *index = &view->model.index;
	size_t row = mp_view_subject_row(view), at;
	struct mp_row next;

	at = row == SIZE_MAX ? SIZE_MAX : mp_index_position(index, row);
	if (at == SIZE_MAX ? !index->n_listed : by < 0 ? !at : at + 1 >= index->n_listed)
		return false;
	at = at == SIZE_MAX ? 0 : by < 0 ? at - 1 : at + 1;
	if (mp_rows_get(view->model.rows, index->listed[at], &next))
		return false;
	mp_view_set_subject(view, next.text);
	return true;
}

void mp_view_mark(struct mp_view *view, size_t row)
{
	struct mp_index *x = &view->model.index;
	bool on = !mp_index_marked(x, row);

	mp_index_mark(x, row, on);
	mp_view_say(view, "%s; %zu case%s marked, for Results", on ? "marked" : "not marked now",
		    x->n_marks, x->n_marks == 1 ? " is" : "s are");
}

int mp_view_job(struct mp_view *view, const struct mp_screen *screen,
		int (*work)(void *user, FILE *out, struct mp_err *err), void *user,
		void (*done)(struct mp_view *view, void *state, int file, const struct mp_err *err))
{
	struct mp_screen_job *slot = &view->jobs[index_of(screen)];
	struct mp_err err;
	int rc;

	mp_job_stop(slot->job);
	*slot = (struct mp_screen_job){ .screen = screen, .done = done };
	rc = mp_job_start(work, user, &slot->job, &err);
	return rc ? mp_view_fail(view, rc, &err) : 0;
}

bool mp_view_working(const struct mp_view *view, const struct mp_screen *screen)
{
	return view->jobs[index_of(screen)].job != NULL;
}

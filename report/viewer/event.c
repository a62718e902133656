/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From events to actions: keys through the key table, the mouse through what stands under it. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/cleanup.h"
#include "report/viewer/view_internal.h"

void mp_view_act(struct mp_view *view, const struct mp_screen *screen,
		 const struct mp_action *action)
{
	void *state = screen ? mp_view_state(view, screen) : NULL;
	const char *why = NULL;

	if (action->allowed && !action->allowed(view, state, &why)) {
		MP_CLEANUP(mp_str_done) struct mp_str text = MP_STR_INIT;

		mp_view_keyed(view, mp_view_screen(view), why ? why : "not now", &text);
		mp_view_say(view, "%s", text.text);
		return;
	}
	action->run(view, state, action->with);
}

void mp_view_press(struct mp_view *view, mp_key key)
{
	const struct mp_screen *screen = mp_view_screen(view);
	const struct mp_action *action;
	char name[MP_KEY_NAME_LEN], help[MP_KEY_NAME_LEN];
	bool global;

	view->message[0] = '\0';
	if (view->record)
		fprintf(view->record, "%s\n", mp_key_name(key, name));
	if (view->prompt.open) {
		mp_prompt_press(view, key);
		return;
	}
	if (view->choosing) {
		mp_choice_press(view, key);
		return;
	}
	action = mp_keymap_find(&view->keymap, screen->name, key, &global);
	if (action)
		mp_view_act(view, global ? NULL : screen, action);
	else
		mp_view_say(view, "%s does nothing here; %s lists the keys", mp_key_name(key, name),
			    mp_view_key(view, MP_SCOPE_ALL, "help", help));
}

/* The row of a list under the mouse, or SIZE_MAX. */
static size_t row_under(const struct mp_list *list, const struct mp_event *e)
{
	size_t row;

	if (list->row < 0 || e->row < list->row || e->column < list->column ||
	    e->column >= list->column + list->columns)
		return SIZE_MAX;
	row = (size_t)(e->row - list->row);
	return row < list->page && list->top + row < list->count ? list->top + row : SIZE_MAX;
}

/* The first click on a row selects it, the second one opens it. */
static void click(struct mp_view *view, const struct mp_event *e)
{
	const struct mp_screen *screen = mp_view_screen(view);
	void *state = mp_view_state(view, screen);
	struct mp_list *list = view->choosing ? &view->choice_list
			       : screen->list ? screen->list(view, state)
					      : NULL;
	size_t row = list && !list->text ? row_under(list, e) : SIZE_MAX;
	char key[MP_KEY_NAME_LEN];

	if (!view->mouse_hinted) {
		view->mouse_hinted = true;
		mp_view_say(view,
			    "Shift and the mouse select text in most terminals; %s turns the mouse "
			    "off here",
			    mp_view_key(view, MP_SCOPE_ALL, "mouse", key));
	}
	for (size_t i = 0; i < view->n_hots; i++) {
		const struct mp_hot *h = &view->hots[i];

		if (e->row == h->row && e->column >= h->column &&
		    e->column < h->column + h->columns) {
			mp_view_press(view, h->key);
			return;
		}
	}
	if (view->prompt.open)
		return;
	if (row != SIZE_MAX && row != list->selected)
		mp_list_select(list, row);
	else if (row != SIZE_MAX)
		mp_view_press(view, MP_KEY_ENTER);
	else if (!view->choosing && screen->click)
		screen->click(view, state, e->row - view->layout.body, e->column);
}

static void wheel(struct mp_view *view, long by)
{
	const struct mp_screen *screen = mp_view_screen(view);
	struct mp_list *list = view->choosing ? &view->choice_list
			       : screen->list ? screen->list(view, mp_view_state(view, screen))
					      : NULL;

	if (list && !view->prompt.open)
		mp_list_scroll(list, by);
}

void mp_view_event(struct mp_view *view, const struct mp_event *e)
{
	switch (e->kind) {
	case MP_EVENT_KEY:
		mp_view_press(view, e->key);
		break;
	case MP_EVENT_CLICK:
		view->message[0] = '\0';
		click(view, e);
		break;
	case MP_EVENT_WHEEL_UP:
	case MP_EVENT_WHEEL_DOWN:
		wheel(view, e->kind == MP_EVENT_WHEEL_UP ? -3 : 3);
		break;
	case MP_EVENT_END:
		view->quit = true;
		break;
	case MP_EVENT_RESIZE:
	case MP_EVENT_NONE:
		break;
	}
}

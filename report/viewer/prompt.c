/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A line to type in, and a list to choose from: modes of their own, in which letters are letters. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "report/format/width.h"
#include "report/viewer/view_internal.h"

/* ---- the prompt ---- */

void mp_view_prompt(struct mp_view *view, const char *label, const char *initial, const char *hint,
		    int (*done)(struct mp_view *view, const char *text))
{
	struct mp_prompt *p = &view->prompt;

	*p = (struct mp_prompt){ .open = true, .done = done };
	snprintf(p->label, sizeof(p->label), "%s", label);
	snprintf(p->hint, sizeof(p->hint), "%s", hint ? hint : "");
	snprintf(p->text, sizeof(p->text), "%s", initial ? initial : "");
	p->at = strlen(p->text);
}

/* Bytes of the character before the cursor, and at it. */
static size_t before(const struct mp_prompt *p)
{
	size_t at = p->at;

	while (at > 0 && ((unsigned char)p->text[--at] & 0xc0) == 0x80)
		;
	return p->at - at;
}

static size_t behind(const struct mp_prompt *p)
{
	unsigned columns;

	return p->text[p->at] ? mp_text_next(p->text + p->at, &columns) : 0;
}

static void erase(struct mp_prompt *p, size_t from, size_t len)
{
	memmove(p->text + from, p->text + from + len, strlen(p->text + from + len) + 1);
	p->at = from;
}

static void insert(struct mp_prompt *p, mp_key key)
{
	char text[MP_KEY_NAME_LEN];
	size_t len;

	if (key == MP_KEY_SPACE)
		snprintf(text, sizeof(text), " ");
	else
		mp_key_name(key, text);
	len = strlen(text);
	if (strlen(p->text) + len >= sizeof(p->text))
		return;
	memmove(p->text + p->at + len, p->text + p->at, strlen(p->text + p->at) + 1);
	memcpy(p->text + p->at, text, len);
	p->at += len;
}

enum prompt_act { ACCEPT, CANCEL, LEFT, RIGHT, START, END, ERASE, ERASE_NEXT, ERASE_ALL };

static int prompt_act(struct mp_view *view, void *state, int with)
{
	struct mp_prompt *p = &view->prompt;

	(void)state;
	switch ((enum prompt_act)with) {
	case ACCEPT: {
		char text[MP_PROMPT_MAX];

		/* What is done with it may open another prompt. */
		memcpy(text, p->text, sizeof(text));
		p->open = false;
		if (p->done(view, text) < 0)
			p->open = true;
		break;
	}
	case CANCEL:
		p->open = false;
		break;
	case LEFT:
		p->at -= before(p);
		break;
	case RIGHT:
		p->at += behind(p);
		break;
	case START:
		p->at = 0;
		break;
	case END:
		p->at = strlen(p->text);
		break;
	case ERASE:
		erase(p, p->at - before(p), before(p));
		break;
	case ERASE_NEXT:
		erase(p, p->at, behind(p));
		break;
	case ERASE_ALL:
		erase(p, 0, strlen(p->text));
		break;
	}
	return 0;
}

static const struct mp_action prompt_actions[] = {
	{ "accept", "Enter", "accept", "take the line as it stands", ACCEPT, prompt_act, NULL },
	{ "cancel", "Esc ^G", "cancel", "leave everything as it was", CANCEL, prompt_act, NULL },
	{ "left", "Left ^B", NULL, "one character to the left", LEFT, prompt_act, NULL },
	{ "right", "Right ^F", NULL, "one character to the right", RIGHT, prompt_act, NULL },
	{ "start", "Home ^A", NULL, "to the start of the line", START, prompt_act, NULL },
	{ "end", "End ^E", NULL, "to its end", END, prompt_act, NULL },
	{ "erase", "Backspace ^H", NULL, "erase the character before the cursor", ERASE, prompt_act,
	  NULL },
	{ "erase-next", "Del ^D", NULL, "erase the character at the cursor", ERASE_NEXT, prompt_act,
	  NULL },
	{ "erase-all", "^U", "clear", "erase the line", ERASE_ALL, prompt_act, NULL },
};
const struct mp_actions mp_actions_prompt = MP_ACTIONS(prompt_actions);

void mp_prompt_press(struct mp_view *view, mp_key key)
{
	bool global;
	const struct mp_action *action =
		mp_keymap_find(&view->keymap, MP_SCOPE_PROMPT, key, &global);

	if (action && !global)
		action->run(view, NULL, action->with);
	else if (key >= 0x20 && key < MP_KEY_UP && key != MP_KEY_BACKSPACE)
		insert(&view->prompt, key);
}

void mp_prompt_draw(struct mp_view *view, const struct mp_grid *line)
{
	const struct mp_prompt *p = &view->prompt;
	int at = 1 + mp_grid_text(line, 0, 1, MP_ROLE_TITLE, p->label) + 1, room, cursor;
	struct mp_grid field;
	char head[MP_PROMPT_MAX];

	if (at > line->columns / 2)
		at = 1;
	room = line->columns - at - 1;
	field = mp_grid_part(line, 0, at, 1, room);
	memcpy(head, p->text, p->at);
	head[p->at] = '\0';
	cursor = (int)mp_text_width(head);
	/* Scrolled so that the cursor is seen. */
	mp_grid_fill(&field, 0, 0, 1, field.columns, MP_ROLE_TEXT);
	mp_grid_text(&field, 0, cursor >= room ? room - cursor - 1 : 0, MP_ROLE_TEXT, p->text);
	mp_grid_cursor(&field, 0, cursor >= room ? room - 1 : cursor);
	if (view->message[0])
		mp_grid_text(line, 0, at + (int)mp_text_width(p->text) + 3, MP_ROLE_WARNING,
			     view->message);
	else if (!p->text[0])
		mp_grid_text(line, 0, at + 3, MP_ROLE_MUTED, p->hint);
}

/* ---- the choice ---- */

void mp_view_choose(struct mp_view *view, const struct mp_choice *choice)
{
	view->choice = *choice;
	view->choice_list = (struct mp_list){ .count = choice->count };
	mp_list_select(&view->choice_list, choice->selected);
	view->choosing = true;
}

enum choice_act { CHOOSE, TICK, CLOSE, EARLIER, LATER, MOVE };

/* The selected row changes places with its neighbour, and stays selected. */
static void move_row(struct mp_view *view, int by)
{
	struct mp_list *list = &view->choice_list;

	if (!view->choice.moved)
		mp_view_say(view, "the rows of this list have their order");
	else if (view->choice.moved(view, list->selected, by))
		mp_list_select(list, list->selected + (size_t)by);
	else
		mp_view_say(view, "it cannot be moved there");
}

static int choice_act(struct mp_view *view, void *state, int with)
{
	(void)state;
	switch ((enum choice_act)with) {
	case CHOOSE:
		view->choosing = false;
		if (!view->choice.ticked && view->choice.count)
			view->choice.chosen(view, view->choice_list.selected);
		break;
	case TICK:
		if (view->choice.ticked && view->choice.count) {
			view->choice.chosen(view, view->choice_list.selected);
		} else {
			view->choosing = false;
			if (view->choice.count)
				view->choice.chosen(view, view->choice_list.selected);
		}
		break;
	case CLOSE:
		view->choosing = false;
		break;
	case EARLIER:
	case LATER:
		move_row(view, with == EARLIER ? -1 : 1);
		break;
	case MOVE:
	default:
		mp_list_move(&view->choice_list, (enum mp_move)(with - MOVE));
		break;
	}
	return 0;
}

static const struct mp_action choice_actions[] = {
	{ "choose", "Enter", "choose", "take the selected row", CHOOSE, choice_act, NULL },
	{ "tick", "Space", "tick", "tick the selected row or take it back, where several may be",
	  TICK, choice_act, NULL },
	{ "earlier", "<", NULL, "move the selected row up, where that means something: columns",
	  EARLIER, choice_act, NULL },
	{ "later", ">", NULL, "move it down", LATER, choice_act, NULL },
	{ "close", "Esc q ^G Backspace", "close", "close the list", CLOSE, choice_act, NULL },
	{ "up", "Up k", NULL, "one row up", MOVE + MP_MOVE_UP, choice_act, NULL },
	{ "down", "Down j", NULL, "one row down", MOVE + MP_MOVE_DOWN, choice_act, NULL },
	{ "page-up", "PgUp ^B ^U", NULL, "one page up", MOVE + MP_MOVE_PAGE_UP, choice_act, NULL },
	{ "page-down", "PgDn ^F ^D", NULL, "one page down", MOVE + MP_MOVE_PAGE_DOWN, choice_act,
	  NULL },
	{ "first", "Home g", NULL, "to the first row", MOVE + MP_MOVE_FIRST, choice_act, NULL },
	{ "last", "End G", NULL, "to the last row", MOVE + MP_MOVE_LAST, choice_act, NULL },
};
const struct mp_actions mp_actions_choice = MP_ACTIONS(choice_actions);

void mp_choice_press(struct mp_view *view, mp_key key)
{
	bool global;
	char name[MP_KEY_NAME_LEN], closing[MP_KEY_NAME_LEN];
	const struct mp_action *action =
		mp_keymap_find(&view->keymap, MP_SCOPE_CHOICE, key, &global);

	if (action && !global)
		action->run(view, NULL, action->with);
	else
		mp_view_say(view, "%s does nothing here; %s closes the list",
			    mp_key_name(key, name),
			    mp_view_key(view, MP_SCOPE_CHOICE, "close", closing));
}

void mp_choice_draw(struct mp_view *view, const struct mp_grid *body)
{
	const struct mp_choice *c = &view->choice;
	int width = body->columns > 64 ? 60 : body->columns - 4;
	int rows = (int)c->count + 2 < body->rows ? (int)c->count + 2 : body->rows;
	struct mp_grid box = mp_grid_part(body, 0, body->columns > width ? 2 : 0, rows,
					  width > 0 ? width : body->columns);
	struct mp_list *list = &view->choice_list;

	mp_grid_fill(&box, 0, 0, box.rows, box.columns, MP_ROLE_TEXT);
	mp_grid_field(&box, 0, 0, box.columns, MP_ROLE_BAR, MP_ALIGN_LEFT, MP_CUT_END, c->title);
	box = mp_grid_part(&box, 0, 0, box.rows > 2 ? box.rows - 1 : box.rows, box.columns);
	mp_list_show(list, &box, box.rows > 1 ? 1 : 0, c->count);
	for (size_t i = 0; i < list->page && list->top + i < c->count; i++) {
		struct mp_str item = MP_STR_INIT;
		size_t index = list->top + i;
		bool here = index == list->selected;
		int row = list->row - box.row + (int)i;

		c->item(view, index, &item);
		mp_grid_field(&box, row, 0, box.columns,
			      here ? MP_ROLE_TEXT | MP_REVERSE : MP_ROLE_TEXT, MP_ALIGN_LEFT,
			      MP_CUT_END, "");
		mp_grid_printf(&box, row, 0, here ? MP_ROLE_TEXT | MP_REVERSE : MP_ROLE_TEXT,
			       "%c %s%s", here ? '>' : ' ',
			       !c->ticked		? ""
			       : c->ticked(view, index) ? "[x] "
							: "[ ] ",
			       item.text);
		if (here)
			mp_grid_cursor(&box, row, 0);
		mp_str_done(&item);
	}
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A list of which a window is seen: the selected row, the first row that is shown, and how both move. Lists of rows and
 * texts that scroll are the same thing, so that the keys of movement are the same on every screen. Layer: report.
 */
#ifndef REPORT_VIEWER_LIST_H
#define REPORT_VIEWER_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct mp_list {
	size_t count; /* rows */
	size_t selected; /* < count, or 0 */
	size_t top; /* first row shown */
	size_t page; /* rows that fit; set when drawn */
	/* A text: moving scrolls, and nothing is selected (selected == top). */
	bool text;
	size_t found, found_top; /* a text: the row that was found last, and what it made the top */
	/* Where row `top` stands on the canvas, for the mouse; set by mp_list_show(). -1: not drawn. */
	int row, column, columns;
};

enum mp_move {
	MP_MOVE_UP,
	MP_MOVE_DOWN,
	MP_MOVE_PAGE_UP,
	MP_MOVE_PAGE_DOWN,
	MP_MOVE_HALF_UP,
	MP_MOVE_HALF_DOWN,
	MP_MOVE_FIRST,
	MP_MOVE_LAST,
};

void mp_list_move(struct mp_list *list, enum mp_move move);
void mp_list_select(struct mp_list *list, size_t row); /* clamped */
/* Scrolls without moving the selection out of view (wheel). */
void mp_list_scroll(struct mp_list *list, long rows);

/* What a search found: the row, and which match it is of how many, from 1 on. */
struct mp_match {
	size_t row, nth, total;
};
/* Selects the next (by = 1) or previous (-1) of `count` rows that `holds` the text, going round at the ends; where the selected one
 * alone does, that is found again. Asks for each row once, from the first on. false: none does. */
bool mp_list_find(struct mp_list *list, size_t count, const char *text, int by,
		  bool (*holds)(void *user, size_t row, const char *text), void *user,
		  struct mp_match *ret_match);

struct mp_grid;
/* Before drawing: there are `count` rows now, and the body shows them from row `first` of `grid` to its end. Clamps, and
 * keeps the selected row in sight. */
void mp_list_show(struct mp_list *list, const struct mp_grid *grid, int first, size_t count);

#endif

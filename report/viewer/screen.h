/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A screen of the viewer. report/viewer/screens/<name>.c exports mp_screen_<name>; the build writes the list, and the
 * tab line, the help, the commands and the tests know the screen from then on.
 *
 * A screen draws into the grid that it is given, of any size down to nothing, and touches nothing else of the terminal.
 * It keeps what it remembers (selection, scroll, chosen axis) in a state of its own, which is zeroed at the start and
 * lives as long as the viewer: coming back finds everything as it was left. Layer: report.
 */
#ifndef REPORT_VIEWER_SCREEN_H
#define REPORT_VIEWER_SCREEN_H

#include "report/viewer/grid.h"
#include "report/viewer/key.h"
#include "report/viewer/list.h"

struct mp_view;

struct mp_screen {
	const char *name; /* as in ":results" and keymap files; the file's name */
	const char *title; /* in tab line and breadcrumbs, "Results" */
	const char *summary; /* one line: which question it answers */
	const char *about; /* a paragraph for the help: how it is read; NULL */
	int tab; /* 1 .. 9: its place and key in the tab line; 0: opened from another screen */
	bool needs_rows; /* without rows the reason is shown instead */
	struct mp_actions actions; /* of this screen alone; those of all screens are in actions.c */
	size_t state_size; /* zeroed once, at the start */

	/* Made the current screen, and shown again when one that was opened from it is left. May change the view's subject
	 * (mp_view_subject). A negative errno with a sentence keeps the viewer where it is: the sentence says what is
	 * missing. NULL: nothing to do. */
	int (*open)(struct mp_view *view, void *state, struct mp_err *err);
	/* The body. Called after every event; costs what is visible, not what there is. */
	void (*draw)(struct mp_view *view, void *state, const struct mp_grid *body);
	/* The data were replaced (judged again, another side, live): forget what was read of them. NULL. */
	void (*renew)(struct mp_view *view, void *state);
	/* What the keys of movement, the wheel and the mouse move; NULL: nothing. */
	struct mp_list *(*list)(struct mp_view *view, void *state);
	/* The line below the body: position, what is hidden and how many. NULL: that of the list. */
	void (*status)(const struct mp_view *view, const void *state, struct mp_str *out);
	/* What this screen is about, behind its title in the breadcrumbs: "mremap.grow_move/size=64M". NULL. */
	void (*crumb)(const struct mp_view *view, const void *state, struct mp_str *out);
	/* The selected row as text, for the clipboard ("y"). NULL: what the row shows. */
	void (*copy)(const struct mp_view *view, const void *state, struct mp_str *out);
	/* A click on row, column of the body that no list row took. NULL. true: it did something. */
	bool (*click)(struct mp_view *view, void *state, int row, int column);
	/* The next (by = 1) or previous (-1) row of the list that holds what is searched for, for "/" "n" "N", going round at the
	 * ends: *ret_match is which of how many, and true that it was selected. NULL: there is nothing to search here. */
	bool (*find)(struct mp_view *view, void *state, const char *text, int by,
		     struct mp_match *ret_match);
	/* At the end of the viewer: frees what the state owns. NULL. */
	void (*close)(struct mp_view *view, void *state);
};

/* In name order. */
extern const struct mp_screen *const mp_screens[];
extern const size_t mp_n_screens;

/* The screen of that name, or of that tab (1 .. 9); NULL: none. */
const struct mp_screen *mp_screen_find(const char *name);
const struct mp_screen *mp_screen_tab(int tab);

#endif

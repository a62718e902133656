/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A back end: where keys come from and where cells go. There are two: a terminal (curses.c, the only file that knows
 * ncurses) and a script (script.c, which needs no terminal). Layer: report.
 */
#ifndef REPORT_VIEWER_BACKEND_H
#define REPORT_VIEWER_BACKEND_H

#include "report/viewer/grid.h"
#include "report/viewer/key.h"

enum mp_event_kind {
	MP_EVENT_NONE, /* time is up, or a descriptor is readable */
	MP_EVENT_KEY,
	MP_EVENT_CLICK, /* left button, at row, column */
	MP_EVENT_WHEEL_UP,
	MP_EVENT_WHEEL_DOWN,
	MP_EVENT_RESIZE, /* the size is asked for anew */
	MP_EVENT_END, /* no more keys will come: the viewer ends */
};

struct mp_event {
	enum mp_event_kind kind;
	mp_key key;
	int row, column; /* of the mouse */
};

struct mp_backend {
	/* Waits for one event, at most `timeout_ms` (0: not at all; -1: for ever), or until one of the descriptors is
	 * readable. `busy`: the viewer has work of its own, the screen is not settled. */
	void (*wait)(struct mp_backend *backend, const int *fds, size_t n_fds, int timeout_ms,
		     bool busy, struct mp_event *ret_event);
	/* Waits at most `ms` for the descriptor alone. */
	void (*rest)(struct mp_backend *backend, int fd, int ms);
	void (*size)(struct mp_backend *backend, int *ret_rows, int *ret_columns);
	void (*show)(struct mp_backend *backend, const struct mp_canvas *canvas);
	/* Everything anew at the next show. */
	void (*redraw)(struct mp_backend *backend);
	/* 0; -ENOTSUP: there is none. */
	int (*clipboard)(struct mp_backend *backend, const char *text);
	void (*mouse)(struct mp_backend *backend, bool on);
	void (*theme)(struct mp_backend *backend, enum mp_theme theme);
	/* Hands the terminal back until the process is continued. -ENOTSUP: there is none. */
	int (*suspend)(struct mp_backend *backend);
	/* What the back end is, for ":info": terminal, colours, size, locale; appended. */
	void (*describe)(struct mp_backend *backend, struct mp_str *out);
	enum mp_glyphs glyphs; /* that it can show */
	bool bursts; /* events that are there together are drawn once */
};

struct mp_terminal_options {
	enum mp_colours colours; /* at most; the terminal may have fewer */
	enum mp_theme theme;
	bool mouse;
	bool ascii; /* no other characters, whatever the locale can */
	bool braille;
};

/* Takes the terminal. -ENOTTY: input or output is no terminal; -ENODEV: it cannot move the cursor; both with a sentence
 * that names the text alternative. 0 or negative errno. */
int mp_terminal_open(const struct mp_terminal_options *options, struct mp_backend **ret_backend,
		     struct mp_err *err);
/* Gives it back as it was; accepts NULL. */
void mp_terminal_close(struct mp_backend *backend);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The viewer: sides, screens, messages, and one loop over events. What screens may use stands here; a back end
 * (backend.h) brings keys and shows cells. Layer: report.
 */
#ifndef REPORT_VIEWER_VIEW_H
#define REPORT_VIEWER_VIEW_H

#include "report/viewer/counter_cells.h"
#include "report/viewer/model.h"
#include "report/viewer/screen.h"

struct mp_view; /* heap */

/* ---- for screens ---- */

/* The data; never NULL. */
struct mp_model *mp_view_model(const struct mp_view *view);

/* How numbers are shown; changed by keys of all screens. */
struct mp_view_show {
	bool factor; /* changes as "1.18x" instead of "+18 %" */
	bool own_units; /* of Results: each value in its own unit, not a column in one */
	unsigned columns; /* of Results: bits of mp_columns[] */
	unsigned char order[32]; /* of all of them, from left to right: indices of mp_columns[] */
	bool table; /* charts as tables ("T") */
	enum mp_theme theme;
	bool mouse;
};
const struct mp_view_show *mp_view_show(const struct mp_view *view);

/* Shows other columns, a counter as a column or no more (false: there is no room), a column in one unit or each value in its
 * own, and remembers that where settings are kept. */
void mp_view_set_columns(struct mp_view *view, unsigned columns);
/* The column at `place` of the order changes places with its neighbour. false: there is none. */
bool mp_view_move_column(struct mp_view *view, size_t place, int by);
bool mp_view_toggle_counter(struct mp_view *view, const char *name);
void mp_view_set_own_units(struct mp_view *view, bool own);

/* Counters that have a column, and what was counted of rows; never NULL. */
struct mp_counter_cells *mp_view_counters(const struct mp_view *view);

/* Puts a text on the clipboard, and says so. */
void mp_view_copy_text(struct mp_view *view, const char *text);

/* The sentence in the message line, until the next key. */
void mp_view_say(struct mp_view *view, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The sentence of an error there; returns `rc`. */
int mp_view_fail(struct mp_view *view, int rc, const struct mp_err *err);

/* The key of an action for a sentence, "F", as a person has bound it; of one without a key what to type in place of it, ":".
 * `scope`: name of a screen, or MP_SCOPE_ALL. Writes into `buf`. */
const char *mp_view_key(const struct mp_view *view, const char *scope, const char *action,
			char buf[MP_KEY_NAME_LEN]);

/* Appends a text in which each "{action}" stands for the key of that action (mp_view_key), of the screen `about` or else of all
 * screens, and "{screen.action}" for one of another screen: nothing that a person reads names a fixed key. */
void mp_view_keyed(const struct mp_view *view, const struct mp_screen *about, const char *text,
		   struct mp_str *out);

/* Does the text hold what is searched for? Lower case is either case. */
bool mp_view_holds(const char *text, const char *wanted);

/* The screen on top, and the state of one (for choices, which have none of their own). */
const struct mp_screen *mp_view_screen(const struct mp_view *view);
void *mp_view_state(const struct mp_view *view, const struct mp_screen *screen);

/* Opens a screen on top of the current one: Esc comes back. 0, or what its `open` said (also in the message line). */
int mp_view_open(struct mp_view *view, const char *screen);
void mp_view_back(struct mp_view *view);
void mp_view_quit(struct mp_view *view);

/* The case that Detail, Scaling and History are about; "" when there is none. Set by the screen that opens them. */
const char *mp_view_subject(const struct mp_view *view);
void mp_view_set_subject(struct mp_view *view, const char *case_text);
/* The row of the subject; SIZE_MAX: it is in no row. */
size_t mp_view_subject_row(const struct mp_view *view);
/* Makes the case before (-1) or behind (1) it in the list of Results the subject. false: there is none. */
bool mp_view_subject_move(struct mp_view *view, int by);

/* Marks a row, or takes the mark away, and says so. */
void mp_view_mark(struct mp_view *view, size_t row);

/* Asks for a line of text below the body; `done` gets it, or nothing is called when Esc is pressed. A negative errno of
 * `done` keeps the prompt open with the message it left. `hint`: what may be written there. */
void mp_view_prompt(struct mp_view *view, const char *label, const char *initial, const char *hint,
		    int (*done)(struct mp_view *view, const char *text));

/* A list to choose from, over the body: Enter calls `chosen` with the row. `item` writes a row. `ticked` (may be NULL):
 * Space ticks rows, and `chosen` is called for each Space instead; Enter closes. */
struct mp_choice {
	const char *title;
	size_t count, selected;
	void (*item)(const struct mp_view *view, size_t index, struct mp_str *out);
	bool (*ticked)(const struct mp_view *view, size_t index);
	void (*chosen)(struct mp_view *view, size_t index);
	/* Moves the row one place (by = 1 or -1); false: it cannot. NULL: rows have a fixed order. */
	bool (*moved)(struct mp_view *view, size_t index, int by);
};
void mp_view_choose(struct mp_view *view, const struct mp_choice *choice);

/* Work in another process for a screen (reading long series, job.h); when it ends, `done` gets the file, which is its own
 * then, or -1 and the error. One at a time per screen: a new one ends the old. 0 or negative errno, said. */
int mp_view_job(struct mp_view *view, const struct mp_screen *screen,
		int (*work)(void *user, FILE *out, struct mp_err *err), void *user,
		void (*done)(struct mp_view *view, void *state, int file,
			     const struct mp_err *err));

/* Is it still at work? */
bool mp_view_working(const struct mp_view *view, const struct mp_screen *screen);

/* Numbers as the viewer shows them everywhere; `buf` is returned. NaN is "-". */
#define MP_VIEW_NUMBER_LEN 32
/* A value in the unit of the comparison, "1.92 us": three significant digits. */
char *mp_view_value(const struct mp_view *view, double value, char buf[MP_VIEW_NUMBER_LEN]);
/* The unit that values between these two are shown in together, where one has to do for all of a column: the one in which
 * the middle of their magnitudes is readable. NaN, 0: the smallest unit. */
struct mp_view_scale {
	const char *name; /* for a heading, "us"; a literal */
	double divisor; /* of the unit of the comparison */
};
struct mp_view_scale mp_view_scale(const struct mp_view *view, double least, double most);
/* A value in it without its name, "1.288", "12880": four significant digits, more in front of the point. */
char *mp_view_scaled(const struct mp_view_scale *scale, double value, char buf[MP_VIEW_NUMBER_LEN]);
/* A ratio as "+18.4 %" or "2.10x": percent below a factor of 2, unless show.factor. */
char *mp_view_change(const struct mp_view *view, double ratio, char buf[MP_VIEW_NUMBER_LEN]);
/* "[+15 % .. +21 %]" */
char *mp_view_interval(const struct mp_view *view, double low, double high,
		       char buf[2 * MP_VIEW_NUMBER_LEN]);

/* A warning in words, what it is, why it matters and what to do about it; appended. */
void mp_view_warning(const struct mp_view *view, enum mp_warning warning, struct mp_str *out);

/* How a verdict is shown: role, letter, mark, word. */
enum mp_role mp_verdict_role(enum mp_verdict verdict);
char mp_verdict_letter(enum mp_verdict verdict); /* S F = ? A B ! x */
const char *mp_verdict_mark(enum mp_glyphs set,
			    enum mp_verdict verdict); /* performance: down, up */

#endif

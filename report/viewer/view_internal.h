/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the viewer share with each other and with no screen. Layer: report. */
#ifndef REPORT_VIEWER_VIEW_INTERNAL_H
#define REPORT_VIEWER_VIEW_INTERNAL_H

#include "report/viewer/backend.h"
#include "report/viewer/counter_numbers.h"
#include "report/viewer/view.h"

#define MP_SCREENS_MAX 16
#define MP_PROMPT_MAX  1024

/* Scopes of the keys of a prompt and of a list to choose from. */
#define MP_SCOPE_PROMPT "prompt"
#define MP_SCOPE_CHOICE "choice"

/* Where things stand; a part that there is no room for has row -1. A pure function of the size. */
struct mp_layout {
	int rows, columns;
	int header, tabs, rule; /* rows */
	int body, body_rows;
	int status, keys;
};
struct mp_layout mp_layout_of(int rows, int columns);

/* A key that is shown in the key line or the tab line, for the mouse. */
struct mp_hot {
	int row, column, columns;
	mp_key key;
};
#define MP_HOTS_MAX 48

struct mp_screen_job {
	const struct mp_screen *screen;
	struct mp_job *job;
	void (*done)(struct mp_view *view, void *state, int file, const struct mp_err *err);
};

struct mp_prompt {
	bool open;
	char label[64], hint[160];
	char text[MP_PROMPT_MAX];
	size_t at; /* the cursor, in bytes */
	int (*done)(struct mp_view *view, const char *text);
};

struct mp_view {
	struct mp_model model;
	struct mp_backend *backend; /* borrowed */
	struct mp_canvas canvas;
	struct mp_layout layout;
	struct mp_keymap keymap;
	struct mp_view_show show;
	struct mp_counter_cells counters;
	struct mp_counter_numbers numbers; /* of the model's rows, for its index */

	void *states[MP_SCREENS_MAX]; /* of mp_screens[], owned */
	const struct mp_screen *stack[MP_SCREENS_MAX]; /* each at most once */
	size_t depth;
	struct mp_screen_job jobs[MP_SCREENS_MAX]; /* [same index as states] */
	unsigned generation; /* of the model, that screens know */

	char subject[MP_CASE_TEXT_MAX];
	char message[768];
	bool message_is_error;
	char search[256];
	struct mp_prompt prompt;
	bool choosing;
	struct mp_choice choice;
	struct mp_list choice_list;
	struct mp_hot hots[MP_HOTS_MAX];
	size_t n_hots;
	bool quit, mouse_hinted;
	FILE *record; /* keys are written there; NULL */
	char export_path[1024]; /* of the report that is being written */
	const char *settings; /* file that remembers how Results looks; borrowed; NULL: none */
};

/* Draws everything into the canvas. */
void mp_view_draw(struct mp_view *view);
/* One event. */
void mp_view_event(struct mp_view *view, const struct mp_event *event);
/* Presses a key: as MP_EVENT_KEY. */
void mp_view_press(struct mp_view *view, mp_key key);
/* Runs an action if it is allowed. */
void mp_view_act(struct mp_view *view, const struct mp_screen *screen,
		 const struct mp_action *action);

/* The body alone, for saving: the current screen on a canvas of that size. 0 or -ENOMEM. */
int mp_view_render(struct mp_view *view, int rows, int columns, struct mp_canvas *ret_canvas);

/* Actions of all screens, of a prompt, of a choice. */
extern const struct mp_actions mp_actions_all, mp_actions_prompt, mp_actions_choice;

void mp_prompt_draw(struct mp_view *view, const struct mp_grid *line);
void mp_prompt_press(struct mp_view *view, mp_key key);
void mp_choice_draw(struct mp_view *view, const struct mp_grid *body);
void mp_choice_press(struct mp_view *view, mp_key key);

/* "filter size >= 2M": what stands behind ":". 0 or negative errno with the message said. */
int mp_view_command(struct mp_view *view, const char *line);
struct mp_command {
	const char *name, *arguments, *help;
	int (*run)(struct mp_view *view, const char *arguments, struct mp_err *err);
};
extern const struct mp_command mp_commands[];
extern const size_t mp_n_commands;

/* Looks for view->search in that direction; says when there is none. */
void mp_view_search(struct mp_view *view, int by);

/* Writes a canvas as text, as text with a line of role letters below each line, as HTML, as SVG; appended. */
void mp_canvas_text(const struct mp_canvas *canvas, bool roles, struct mp_str *out);
void mp_canvas_html(const struct mp_canvas *canvas, enum mp_theme theme, const char *title,
		    struct mp_str *out);
void mp_canvas_svg(const struct mp_canvas *canvas, enum mp_theme theme, const char *title,
		   struct mp_str *out);
/* The current screen into a file, in the form that its suffix says: .txt, .html, .svg. 0 or negative errno. */
int mp_view_save(struct mp_view *view, const char *path, struct mp_err *err);
/* The selected row, or the whole table up to a limit, to the clipboard. */
void mp_view_copy(struct mp_view *view, bool all);

/* Why a unit cannot be chosen. */
#define MP_VIEW_ONE_UNIT "there is one side: times are in ns"

/* The help of a screen and of everything else, as lines of at most `columns`. */
void mp_help_text(const struct mp_view *view, const struct mp_screen *about, size_t columns,
		  struct mp_str *out);

#endif

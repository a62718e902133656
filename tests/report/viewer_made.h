/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A viewer over files that make_db writes, without a terminal. */
#ifndef TESTS_REPORT_VIEWER_MADE_H
#define TESTS_REPORT_VIEWER_MADE_H

#include <poll.h>

#include "report/viewer/view_run.h"
#include "tests/report/files_made.h"

/* ---- a back end that the test pulls the strings of ---- */

struct puppet {
	struct mp_backend backend;
	int rows, columns;
	unsigned copies, redraws, suspensions, mice;
};

static inline void puppet_wait(struct mp_backend *backend, const int *fds, size_t n_fds,
			       int timeout_ms, bool busy, struct mp_event *ret_event)
{
	struct pollfd polled[32];

	(void)backend;
	(void)busy;
	for (size_t i = 0; i < n_fds; i++)
		polled[i] = (struct pollfd){ .fd = fds[i], .events = POLLIN };
	poll(polled, n_fds, timeout_ms > 10 ? 10 : timeout_ms);
	*ret_event = (struct mp_event){ .kind = MP_EVENT_NONE };
}

static inline void puppet_size(struct mp_backend *backend, int *ret_rows, int *ret_columns)
{
	const struct puppet *p = (const struct puppet *)backend;

	*ret_rows = p->rows;
	*ret_columns = p->columns;
}

static inline void puppet_redraw(struct mp_backend *backend)
{
	((struct puppet *)backend)->redraws++;
}

static inline int puppet_clipboard(struct mp_backend *backend, const char *text)
{
	assert_non_null(text);
	((struct puppet *)backend)->copies++;
	return 0;
}

static inline void puppet_mouse(struct mp_backend *backend, bool on)
{
	(void)on;
	((struct puppet *)backend)->mice++;
}

static inline void puppet_theme(struct mp_backend *backend, enum mp_theme theme)
{
	(void)backend;
	(void)theme;
}

static inline int puppet_suspend(struct mp_backend *backend)
{
	((struct puppet *)backend)->suspensions++;
	return 0;
}

static inline void puppet_describe(struct mp_backend *backend, struct mp_str *out)
{
	(void)backend;
	mp_str_add(out, "a test");
}

static inline void puppet_init(struct puppet *p, int rows, int columns)
{
	*p = (struct puppet){ .backend = { .wait = puppet_wait,
					   .size = puppet_size,
					   .redraw = puppet_redraw,
					   .clipboard = puppet_clipboard,
					   .mouse = puppet_mouse,
					   .theme = puppet_theme,
					   .suspend = puppet_suspend,
					   .describe = puppet_describe,
					   .glyphs = MP_GLYPHS_BLOCK },
			      .rows = rows,
			      .columns = columns };
}

/* ---- a viewer over fixtures ---- */

#define FILE_A	       "a.db"
#define FILE_B	       "b.db"
#define FILE_CALLS_A   "calls_a.db"
#define FILE_CALLS_B   "calls_b.db"
#define FILE_COUNTED_A "counted_a.db"
#define FILE_COUNTED_B "counted_b.db"

static inline int viewer_set_up(void **state)
{
	(void)state;
	files_begin(); /* what random keys save lands here, too */
	files_make(FILE_A, "base");
	files_make(FILE_B, "change");
	files_make(FILE_CALLS_A, "calls 60 1");
	files_make(FILE_CALLS_B, "calls 60 2");
	files_make(FILE_COUNTED_A, "counted 12 1");
	files_make(FILE_COUNTED_B, "counted 12 2");
	return 0;
}

static inline int viewer_tear_down(void **state)
{
	(void)state;
	files_end();
	return 0;
}

static inline void settle(struct mp_view *view)
{
	while (!mp_view_settled(view)) {
		struct mp_event event;

		mp_view_work(view);
		view->backend->wait(view->backend, NULL, 0, 1, true, &event);
	}
	mp_view_work(view);
}

static inline struct mp_view *view_of(struct puppet *p, const char *a, const char *b)
{
	const char *sides[] = { a, b };
	const struct mp_viewer_options options = { .sides = sides,
						   .n_sides = b ? 2 : 1,
						   .compare = mp_compare_defaults };
	struct mp_view *view = NULL;
	struct mp_err err;

	if (mp_view_new(&options, &view, &err) || mp_view_attach(view, &p->backend, &err))
		fail_msg("%s", err.text);
	settle(view);
	return view;
}

static inline void mark(struct mp_view *view, const char *case_text)
{
	size_t row = mp_rows_find(view->model.rows, case_text);

	assert_true(row != SIZE_MAX);
	mp_index_mark(&view->model.index, row, true);
}

static inline char *screen_text(struct mp_view *view)
{
	struct mp_str text = MP_STR_INIT;

	mp_view_draw(view);
	mp_canvas_text(&view->canvas, false, &text);
	return mp_str_take(&text);
}

#endif

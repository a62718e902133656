/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One loop over events, whatever the back end: see viewer.h. */
#include "report/viewer/viewer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/output.h"
#include "report/viewer/columns.h"
#include "report/viewer/keymap_file.h"
#include "report/viewer/settings_file.h"
#include "report/viewer/view_internal.h"
#include "report/viewer/view_run.h"

#define STEP_NS	  5000000ull /* work between two looks at the keys */
#define FIRST_NS  40000000ull /* the first screen waits so long for verdicts */
#define FOLLOW_MS 500 /* between two looks at the files */

static int bind_all(struct mp_keymap *map, const char *file, struct mp_err *err)
{
	int rc = mp_keymap_add(map, MP_SCOPE_ALL, &mp_actions_all, err);

	if (!rc)
		rc = mp_keymap_add(map, MP_SCOPE_PROMPT, &mp_actions_prompt, err);
	if (!rc)
		rc = mp_keymap_add(map, MP_SCOPE_CHOICE, &mp_actions_choice, err);
	for (size_t i = 0; !rc && i < mp_n_screens; i++)
		rc = mp_keymap_add(map, mp_screens[i]->name, &mp_screens[i]->actions, err);
	return rc || !file ? rc : mp_keymap_load(map, file, err);
}

static int allocate_states(struct mp_view *view, struct mp_err *err)
{
	if (mp_n_screens > MP_SCREENS_MAX)
		return mp_err_internal(err, -ENOSPC, "more than %d screens", MP_SCREENS_MAX);
	for (size_t i = 0; i < mp_n_screens; i++) {
		view->states[i] = calloc(1, mp_screens[i]->state_size + 1);
		if (!view->states[i])
			return mp_err_env(err, -ENOMEM, "out of memory");
	}
	return 0;
}

int mp_view_new(const struct mp_viewer_options *options, struct mp_view **ret_view,
		struct mp_err *err)
{
	struct mp_view *view = calloc(1, sizeof(*view));
	int rc;

	if (!view)
		return mp_err_env(err, -ENOMEM, "out of memory");
	view->show.theme = options->theme;
	view->show.mouse = options->mouse;
	mp_columns_usual(&view->show);
	view->settings = options->settings;
	view->stack[0] = mp_screen_find("overview");
	view->depth = 1;
	rc = bind_all(&view->keymap, options->keymap, err);
	if (!rc && options->settings)
		rc = mp_settings_load(options->settings, view, err);
	if (!rc)
		rc = allocate_states(view, err);
	if (!rc)
		rc = mp_model_open(options->sides, options->n_sides, &options->compare,
				   &view->model, err);
	view->numbers.model = &view->model;
	view->model.index.counters = &view->numbers;
	if (!rc && options->filter)
		rc = mp_index_filter(&view->model.index, options->filter, err);
	if (!rc && options->record) {
		int fd = mp_output_open(options->record, err);

		rc = fd < 0 ? fd : 0;
		view->record = rc ? NULL : fdopen(fd, "w");
		if (!rc && !view->record) {
			close(fd);
			rc = mp_err_env(err, -ENOMEM, "out of memory");
		}
	}
	if (rc)
		mp_view_free(view);
	else
		*ret_view = view;
	return rc;
}

void mp_view_free(struct mp_view *view)
{
	if (!view)
		return;
	for (size_t i = 0; i < mp_n_screens && i < MP_SCREENS_MAX; i++) {
		mp_job_stop(view->jobs[i].job);
		if (view->states[i] && mp_screens[i]->close)
			mp_screens[i]->close(view, view->states[i]);
		free(view->states[i]);
	}
	if (view->record)
		fclose(view->record);
	mp_model_done(&view->model);
	mp_counter_cells_done(&view->counters);
	mp_counter_numbers_done(&view->numbers);
	mp_keymap_done(&view->keymap);
	mp_canvas_done(&view->canvas);
	free(view);
}

/* Screens hear of new rows. */
static void renew(struct mp_view *view)
{
	struct mp_err err;
	int rc;

	view->generation = view->model.generation;
	mp_counter_cells_forget(&view->counters);
	rc = mp_counter_numbers_renew(&view->numbers, &err);
	if (rc)
		mp_view_fail(view, rc, &err);
	for (size_t i = 0; i < mp_n_screens; i++) {
		if (mp_screens[i]->renew)
			mp_screens[i]->renew(view, view->states[i]);
	}
}

static bool finish_jobs(struct mp_view *view)
{
	bool any = false;

	for (size_t i = 0; i < mp_n_screens; i++) {
		struct mp_screen_job slot = view->jobs[i];
		struct mp_err err = { .text = "" };
		int file = -1;

		if (!slot.job || !mp_job_ready(slot.job))
			continue;
		mp_job_take(&view->jobs[i].job, &file, &err);
		slot.done(view, view->states[i], file, &err);
		any = true;
	}
	return any;
}

bool mp_view_work(struct mp_view *view)
{
	struct mp_index *index = &view->model.index;
	bool more = false, renewed;

	mp_model_poll(&view->model);
	renewed = view->generation != view->model.generation;
	if (renewed)
		renew(view);
	finish_jobs(view);
	/* The filter waits for what was counted; an order by it is made again once all of it is there. */
	if (mp_counter_numbers_step(&view->numbers, STEP_NS) && index->sort == MP_SORT_COUNTER)
		mp_index_sort(index, index->sort, index->reverse);
	/* New rows are seen before all of them are filtered. */
	if (view->model.rows)
		more = mp_index_step(index, renewed ? 0 : STEP_NS);
	more = more || !mp_counter_numbers_settled(&view->numbers);
	if (!mp_counter_cells_settled(&view->counters)) {
		/* What was read is to be drawn, also the last of it. */
		mp_counter_cells_step(&view->counters, &view->model, STEP_NS);
		more = true;
	}
	return more;
}

bool mp_view_settled(const struct mp_view *view)
{
	const struct mp_model *m = &view->model;

	if (m->job || (m->rows && m->index.looked_at < mp_rows_summary(m->rows)->n_rows) ||
	    !mp_counter_cells_settled(&view->counters) ||
	    !mp_counter_numbers_settled(&view->numbers))
		return false;
	for (size_t i = 0; i < mp_n_screens; i++) {
		if (view->jobs[i].job)
			return false;
	}
	return true;
}

/* Takes the size that the back end has now. 0 or -ENOMEM. */
static int fit(struct mp_view *view)
{
	int rows, columns;

	view->backend->size(view->backend, &rows, &columns);
	return rows == view->canvas.rows && columns == view->canvas.columns && view->canvas.cells
		       ? 0
		       : mp_canvas_resize(&view->canvas, rows, columns);
}

static size_t descriptors(const struct mp_view *view, int *fds)
{
	size_t n = 0;

	if (mp_model_fd(&view->model) >= 0)
		fds[n++] = mp_model_fd(&view->model);
	for (size_t i = 0; i < mp_n_screens; i++) {
		if (view->jobs[i].job)
			fds[n++] = mp_job_fd(view->jobs[i].job);
	}
	return n;
}

static void wait_event(struct mp_view *view, int timeout_ms, struct mp_event *event)
{
	int fds[MP_SCREENS_MAX + 1];
	size_t n = descriptors(view, fds);

	view->backend->wait(view->backend, fds, n, timeout_ms, !mp_view_settled(view), event);
}

/* Everything that is there already, then one picture of it: a burst of keys or sizes is drawn once. Another screen is drawn
 * before the next key: what it lists is known only then. */
static bool drain(struct mp_view *view, struct mp_event event)
{
	const struct mp_screen *screen = mp_view_screen(view);
	bool any = false;

	for (int i = 0; i < 64 && event.kind != MP_EVENT_NONE && !view->quit; i++) {
		mp_view_event(view, &event);
		any = true;
		if (!view->backend->bursts || view->quit || mp_view_screen(view) != screen)
			break;
		wait_event(view, 0, &event);
	}
	return any;
}

int mp_view_loop(struct mp_view *view, struct mp_err *err)
{
	uint64_t start = mp_clock_raw_ns();
	bool dirty = true, more = false;

	/* Verdicts that come at once are on the first screen already. */
	while (view->model.state == MP_MODEL_JUDGING && mp_clock_raw_ns() - start < FIRST_NS) {
		mp_view_work(view);
		if (view->model.state == MP_MODEL_JUDGING)
			view->backend->rest(view->backend, mp_model_fd(&view->model), 2);
	}
	while (!view->quit) {
		struct mp_event event;
		unsigned generation = view->model.generation;
		bool was_settled = mp_view_settled(view);

		if (fit(view))
			return mp_err_env(err, -ENOMEM, "out of memory");
		if (dirty) {
			mp_view_draw(view);
			view->backend->show(view->backend, &view->canvas);
		}
		/* Drawing may have asked for what was counted, and so may a key. */
		more = more || !mp_counter_cells_settled(&view->counters) ||
		       !mp_counter_numbers_settled(&view->numbers);
		wait_event(view, more ? 0 : FOLLOW_MS, &event);
		dirty = drain(view, event);
		more = mp_view_work(view);
		if (mp_model_follow(&view->model))
			dirty = true;
		dirty = dirty || more || generation != view->model.generation ||
			was_settled != mp_view_settled(view);
	}
	return 0;
}

int mp_view_attach(struct mp_view *view, struct mp_backend *backend, struct mp_err *err)
{
	view->backend = backend;
	view->canvas.glyphs = backend->glyphs;
	return fit(view) ? mp_err_env(err, -ENOMEM, "out of memory") : 0;
}

int mp_viewer_run(const struct mp_viewer_options *options, struct mp_err *err)
{
	const struct mp_terminal_options terminal = { .colours = options->colours,
						      .theme = options->theme,
						      .mouse = options->mouse,
						      .ascii = options->ascii,
						      .braille = options->braille };
	struct mp_backend *backend = NULL;
	struct mp_view *view = NULL;
	int rc = mp_view_new(options, &view, err);

	/* The judging has begun: the terminal is made ready meanwhile. */
	if (!rc)
		rc = mp_terminal_open(&terminal, &backend, err);
	if (!rc)
		rc = mp_view_attach(view, backend, err);
	if (!rc && options->screen)
		rc = mp_view_open(view, options->screen);
	if (!rc)
		rc = mp_view_loop(view, err);
	mp_terminal_close(backend);
	mp_view_free(view);
	return rc;
}

int mp_viewer_keys(const char *keymap, struct mp_str *out, struct mp_err *err)
{
	struct mp_view view = { .depth = 1 };
	int rc = bind_all(&view.keymap, keymap, err);

	for (size_t i = 0; !rc && i < mp_n_screens; i++)
		mp_help_keys(&view, mp_screens[i], out);
	if (!rc)
		mp_help_keys(&view, NULL, out);
	mp_keymap_done(&view.keymap);
	return rc;
}

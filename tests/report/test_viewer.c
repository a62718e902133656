/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The viewer without a terminal: every key is documented and does something, every screen fits every size, and random
 * keys, sizes and clicks end nothing: 5,000 of them; MEMPERF_FUZZ=N does N of them and nothing else, MEMPERF_SEED=S starts
 * elsewhere.
 * CTest: TIMEOUT 300
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/random.h"
#include "report/viewer/tree.h"
#include "report/viewer/view_run.h"

static char folder[] = "/tmp/memperf-viewer-XXXXXX";

/* ---- a back end that the test pulls the strings of ---- */

struct puppet {
	struct mp_backend backend;
	int rows, columns;
	unsigned copies, redraws, suspensions, mice;
};

static void puppet_wait(struct mp_backend *backend, const int *fds, size_t n_fds, int timeout_ms,
			bool busy, struct mp_event *ret_event)
{
	struct pollfd polled[32];

	(void)backend;
	(void)busy;
	for (size_t i = 0; i < n_fds; i++)
		polled[i] = (struct pollfd){ .fd = fds[i], .events = POLLIN };
	poll(polled, n_fds, timeout_ms > 10 ? 10 : timeout_ms);
	*ret_event = (struct mp_event){ .kind = MP_EVENT_NONE };
}

static void puppet_size(struct mp_backend *backend, int *ret_rows, int *ret_columns)
{
	const struct puppet *p = (const struct puppet *)backend;

	*ret_rows = p->rows;
	*ret_columns = p->columns;
}

static void puppet_redraw(struct mp_backend *backend)
{
	((struct puppet *)backend)->redraws++;
}

static int puppet_clipboard(struct mp_backend *backend, const char *text)
{
	assert_non_null(text);
	((struct puppet *)backend)->copies++;
	return 0;
}

static void puppet_mouse(struct mp_backend *backend, bool on)
{
	(void)on;
	((struct puppet *)backend)->mice++;
}

static void puppet_theme(struct mp_backend *backend, enum mp_theme theme)
{
	(void)backend;
	(void)theme;
}

static int puppet_suspend(struct mp_backend *backend)
{
	((struct puppet *)backend)->suspensions++;
	return 0;
}

static void puppet_describe(struct mp_backend *backend, struct mp_str *out)
{
	(void)backend;
	mp_str_add(out, "a test");
}

static void puppet_init(struct puppet *p, int rows, int columns)
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

static char file_a[96], file_b[96], file_calls_a[96], file_calls_b[96], file_many_a[96],
	file_many_b[96];

static void make(const char *path, const char *arguments)
{
	char command[512];

	snprintf(command, sizeof(command), "%s/../tests/make_db %s %s", MEMPERF_BIN, path,
		 arguments);
	assert_int_equal(system(command), 0);
}

static int set_up(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(folder));
	assert_int_equal(chdir(folder), 0); /* what random keys save lands here */
	snprintf(file_a, sizeof(file_a), "%s/a.db", folder);
	snprintf(file_b, sizeof(file_b), "%s/b.db", folder);
	snprintf(file_calls_a, sizeof(file_calls_a), "%s/calls_a.db", folder);
	snprintf(file_calls_b, sizeof(file_calls_b), "%s/calls_b.db", folder);
	snprintf(file_many_a, sizeof(file_many_a), "%s/many_a.db", folder);
	snprintf(file_many_b, sizeof(file_many_b), "%s/many_b.db", folder);
	make(file_a, "base");
	make(file_b, "change");
	make(file_calls_a, "calls 60 1");
	make(file_calls_b, "calls 60 2");
	return 0;
}

static int tear_down(void **state)
{
	char command[128];

	(void)state;
	assert_int_equal(chdir("/"), 0);
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return system(command);
}

static void settle(struct mp_view *view)
{
	while (!mp_view_settled(view)) {
		struct mp_event event;

		mp_view_work(view);
		view->backend->wait(view->backend, NULL, 0, 1, true, &event);
	}
	mp_view_work(view);
}

static struct mp_view *view_of(struct puppet *p, const char *a, const char *b)
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

static void mark(struct mp_view *view, const char *case_text)
{
	size_t row = mp_rows_find(view->model.rows, case_text);

	assert_true(row != SIZE_MAX);
	mp_index_mark(&view->model.index, row, true);
}

static char *screen_text(struct mp_view *view)
{
	struct mp_str text = MP_STR_INIT;

	mp_view_draw(view);
	mp_canvas_text(&view->canvas, false, &text);
	return mp_str_take(&text);
}

/* ---- judging ---- */

/* Many pairs with single calls: their verdicts are there first, then tail and shape; everything else is the same. */
static void verdicts_come_before_the_single_calls(void **state)
{
	struct mp_rows_summary first = { .asides = true };
	struct puppet p;
	struct mp_view *view;
	const char *sides[] = { file_many_a, file_many_b };
	const struct mp_viewer_options options = { .sides = sides,
						   .n_sides = 2,
						   .compare = mp_compare_defaults };
	struct mp_err err;

	(void)state;
	make(file_many_a, "calls 300 1");
	make(file_many_b, "calls 300 2");
	puppet_init(&p, 24, 80);
	if (mp_view_new(&options, &view, &err) || mp_view_attach(view, &p.backend, &err))
		fail_msg("%s", err.text);
	while (!mp_view_settled(view)) {
		mp_view_work(view);
		if (view->model.rows && first.asides)
			first = *mp_rows_summary(view->model.rows);
	}
	assert_false(first.asides);
	assert_true(mp_rows_summary(view->model.rows)->asides);
	assert_int_equal(first.tails[MP_ASIDE_NONE], 0);
	assert_int_equal(first.n_rows, mp_rows_summary(view->model.rows)->n_rows);
	assert_memory_equal(first.counts, mp_rows_summary(view->model.rows)->counts,
			    sizeof(first.counts));
	mp_view_free(view);
}

/* ---- the tree ---- */

static void check_lines(const struct mp_tree *tree, size_t wanted)
{
	assert_int_equal(tree->n_lines, wanted);
	for (size_t line = 0; line < tree->n_lines; line++) {
		size_t row;
		struct mp_tree_branch *branch = mp_tree_at(tree, line, &row);

		if (row == SIZE_MAX) {
			assert_int_equal(mp_tree_line_of_branch(tree, branch), line);
			continue;
		}
		assert_true(branch->bench && row >= branch->first && row < branch->end);
		assert_int_equal(mp_tree_line_of(tree, row), line);
		assert_int_equal(tree->rows[mp_tree_place(tree, line)], row);
	}
}

/* Every listed row once, in the order of the list within its benchmark; counts are those of the rows. */
static void check_tree(struct mp_tree *tree, const struct mp_index *x, uint64_t *seen)
{
	size_t families = 0, branches = 0, cases = 0, slower = 0, listed = 0;

	assert_int_equal(mp_tree_update(tree, x), 0);
	assert_int_equal(tree->n_rows, x->n_listed);
	for (size_t i = 0; i < tree->n_rows; i++) {
		uint64_t bit = 1ull << (tree->rows[i] % 64);

		assert_false(seen[tree->rows[i] / 64] & bit);
		seen[tree->rows[i] / 64] |= bit;
	}
	for (size_t k = 0; k < tree->n_branches; k++) {
		const struct mp_tree_branch *b = &tree->branches[k];

		families += !b->bench && b->listed;
		branches += b->listed > 0;
		cases += b->bench ? b->cases : 0;
		slower += b->bench ? b->counts[MP_VERDICT_SLOWER] : 0;
		listed += b->bench ? b->listed : 0;
		for (size_t i = 1; b->bench && i < b->listed; i++)
			assert_true(mp_index_position(x, tree->rows[b->at + i - 1]) <
				    mp_index_position(x, tree->rows[b->at + i]));
	}
	assert_int_equal(listed, x->n_listed);
	if (!x->filter) {
		assert_int_equal(cases, mp_rows_summary(x->rows)->n_rows);
		assert_int_equal(slower, mp_rows_summary(x->rows)->counts[MP_VERDICT_SLOWER]);
	}
	mp_tree_open_all(tree, true);
	check_lines(tree, branches + x->n_listed);
	mp_tree_open_all(tree, false);
	check_lines(tree, families);
	for (size_t i = 0; i < x->n_listed; i += 7) {
		size_t row;

		mp_tree_reveal(tree, x->listed[i]);
		mp_tree_at(tree, mp_tree_line_of(tree, x->listed[i]), &row);
		assert_int_equal(row, x->listed[i]);
	}
}

static void the_tree_has_every_listed_case_once(void **state)
{
	const char *const files[][2] = { { file_a, file_b }, { file_calls_a, file_calls_b } };
	static const char *const filters[] = { NULL, "size = 4K", "size = 3K" };

	(void)state;
	for (size_t f = 0; f < 2; f++) {
		struct puppet p;
		struct mp_view *view;
		struct mp_tree tree = { 0 };

		puppet_init(&p, 24, 80);
		view = view_of(&p, files[f][0], files[f][1]);
		for (int all = 0; all < 2; all++) {
			for (size_t k = 0; k < sizeof(filters) / sizeof(filters[0]); k++) {
				for (int sort = 0; sort < MP_SORT_COUNT; sort++) {
					uint64_t seen[8] = { 0 };
					struct mp_err err;

					mp_index_all(&view->model.index, all);
					assert_int_equal(mp_index_filter(&view->model.index,
									 filters[k], &err),
							 0);
					mp_index_sort(&view->model.index, (enum mp_sort)sort,
						      sort % 2);
					settle(view);
					check_tree(&tree, &view->model.index, seen);
				}
			}
		}
		mp_tree_done(&tree);
		mp_view_free(view);
	}
}

/* Marks go with their cases when the sides change places, and when their rows have other numbers. */
static void marks_stay_with_their_cases(void **state)
{
	static const char marked[] =
		"munmap.anon/size=4K/threads=1"; /* behind a case that only B has */
	const char *const alone[] = { file_a };
	struct puppet p;
	struct mp_view *view;
	const struct mp_index *x;
	struct mp_row row;
	struct mp_err err;

	(void)state;
	puppet_init(&p, 24, 80);
	view = view_of(&p, file_a, file_b);
	x = &view->model.index;
	mark(view, marked);
	assert_int_equal(mp_model_swap(&view->model, &err), 0);
	settle(view);
	assert_int_equal(mp_model_sides(&view->model, alone, 1, &err), 0);
	settle(view);
	assert_int_equal(x->n_marks, 1);
	assert_int_equal(mp_rows_get(x->rows, mp_index_next_mark(x, 0), &row), 0);
	assert_string_equal(row.text, marked);
	mp_index_only_marked(&view->model.index, true);
	settle(view);
	assert_int_equal(x->n_listed, 1);
	mp_index_unmark(&view->model.index);
	settle(view);
	assert_true(x->n_listed > 1);
	mp_view_free(view);
}

/* ---- numbers of a column ---- */

static void a_column_has_one_unit(void **state)
{
	static const struct {
		double least, most, value;
		const char *name, *text;
	} wanted[] = {
		{ 1288, 263200, 31380, "us", "31.38" }, { 24, 263200, 24, "us", "0.02400" },
		{ 24, 980, 171.8, "ns", "171.8" },	{ 1e6, 1e10, 1.25e10, "ms", "12500" },
		{ 1e9, 3e9, 2.5e9, "s", "2.500" },	{ NAN, NAN, NAN, "ns", "-" },
		{ 2000, 2000, 0, "us", "0" },		{ 9.9996e3, 1e4, 9.9996e3, "us", "10.00" },
	};
	struct puppet p;
	struct mp_view *view;

	(void)state;
	puppet_init(&p, 24, 80);
	view = view_of(&p, file_a, NULL);
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		struct mp_view_scale scale = mp_view_scale(view, wanted[i].least, wanted[i].most);
		char buf[MP_VIEW_NUMBER_LEN];

		assert_string_equal(scale.name, wanted[i].name);
		assert_string_equal(mp_view_scaled(&scale, wanted[i].value, buf), wanted[i].text);
	}
	mp_view_free(view);
}

/* ---- keys ---- */

static void every_key_is_in_the_help(void **state)
{
	struct puppet p;
	struct mp_view *view;

	(void)state;
	puppet_init(&p, 24, 80);
	view = view_of(&p, file_a, file_b);
	for (size_t i = 0; i < mp_n_screens; i++) {
		struct mp_str help = MP_STR_INIT;

		mp_help_text(view, mp_screens[i], 0, &help);
		for (size_t k = 0; k < view->keymap.n_bindings; k++) {
			const struct mp_binding *b = &view->keymap.bindings[k];
			char name[MP_KEY_NAME_LEN], *line, *end;
			struct mp_str keys = MP_STR_INIT, entry = MP_STR_INIT;

			if (mp_screen_find(b->scope) && mp_screen_find(b->scope) != mp_screens[i])
				continue;
			/* The line with the action's words names the key. */
			mp_keymap_keys(&view->keymap, b->scope, b->action, &keys);
			mp_key_name(b->key, name);
			assert_non_null(strstr(keys.text, name));
			mp_str_printf(&entry, "  %s ", keys.text);
			line = strstr(help.text, entry.text);
			if (!line)
				fail_msg("help of %s does not list %s (%s.%s)", mp_screens[i]->name,
					 name, b->scope, b->action->name);
			end = strchr(line, '\n');
			*end = '\0';
			if (!strstr(line, b->action->help) && !strstr(end + 1, b->action->help))
				fail_msg("help of %s: no words beside %s", mp_screens[i]->name,
					 name);
			*end = '\n';
			mp_str_done(&keys);
			mp_str_done(&entry);
		}
		mp_str_done(&help);
	}
	mp_view_free(view);
}

/* Keys that mean the same everywhere. */
static void reserved_keys_are_not_taken(void **state)
{
	static const char reserved[] = "jkgGnN/?:q";

	(void)state;
	for (size_t i = 0; i < mp_n_screens; i++) {
		const struct mp_actions *own = &mp_screens[i]->actions;

		for (size_t k = 0; k < own->count; k++) {
			for (const char *r = reserved; *r; r++) {
				char key[] = { ' ', *r, ' ', '\0' };
				char padded[128];

				snprintf(padded, sizeof(padded), " %s ", own->items[k].keys);
				if (strstr(padded, key) || strstr(padded, " Esc "))
					fail_msg("%s.%s takes %c", mp_screens[i]->name,
						 own->items[k].name, *r);
			}
		}
	}
}

/* What an effect can be seen by. */
struct seen {
	char *text;
	unsigned side_effects;
	int cursor; /* where it stands */
	bool quit;
};

static struct seen look(struct mp_view *view, const struct puppet *p)
{
	char *text = screen_text(view);

	return (struct seen){ text, p->copies + p->redraws + p->suspensions + p->mice,
			      view->canvas.cursor_row * 1000 + view->canvas.cursor_column,
			      view->quit };
}

/* Presses `key` on a new viewer that shows `screen` after `before` keys; true: something happened. */
static bool has_effect(const char *screen, const char *before, mp_key key, bool two)
{
	struct puppet p;
	struct mp_view *view;
	struct seen then, now;
	char keys[128], *save = NULL;
	bool changed;

	puppet_init(&p, 24, 80);
	view = view_of(&p, file_a, two ? file_b : NULL);
	mp_view_set_subject(view, "mmap.anon/populate=no/size=2M/threads=1");
	mark(view, "mmap.anon/populate=no/size=2M/threads=1");
	mark(view, "mmap.anon/populate=no/size=4K/threads=1");
	/* A search that was made, and a subject: what n, N and the screens about a case need. */
	snprintf(view->search, sizeof(view->search), "threads");
	if (strcmp(screen, "overview") != 0)
		mp_view_open(view, screen);
	settle(view);
	snprintf(keys, sizeof(keys), "%s", before);
	for (char *name = strtok_r(keys, " ", &save); name; name = strtok_r(NULL, " ", &save)) {
		mp_key pressed;

		assert_int_equal(mp_key_parse(name, &pressed), 0);
		free(screen_text(view));
		mp_view_press(view, pressed);
		settle(view);
	}
	free(screen_text(view));
	view->message[0] = '\0';
	then = look(view, &p);
	mp_view_press(view, key);
	settle(view);
	/* That a key does nothing here is no effect. */
	if (strstr(view->message, "does nothing here"))
		view->message[0] = '\0';
	now = look(view, &p);
	changed = strcmp(then.text, now.text) != 0 || then.side_effects != now.side_effects ||
		  then.cursor != now.cursor || now.quit;
	free(then.text);
	free(now.text);
	mp_view_free(view);
	return changed;
}

/* Keys that a person presses first: one of these situations must show what the key does. */
static const char *const situations[] = { "",	 "j j", "G", "2 j",   "2 j j j Enter",
					  "? G", "m",	":", ": a b", ": a Left",
					  "t",	 "t l" };

static bool alive(const char *screen, mp_key key)
{
	for (size_t i = 0; i < sizeof(situations) / sizeof(situations[0]); i++) {
		if (has_effect(screen, situations[i], key, true))
			return true;
	}
	return has_effect(screen, "", key, false);
}

static void no_key_is_dead(void **state)
{
	struct puppet p;
	struct mp_view *view;

	(void)state;
	puppet_init(&p, 24, 80);
	view = view_of(&p, file_a, file_b);
	for (size_t k = 0; k < view->keymap.n_bindings; k++) {
		const struct mp_binding *b = &view->keymap.bindings[k];
		const char *screen = mp_screen_find(b->scope) ? b->scope : "overview";
		char name[MP_KEY_NAME_LEN];
		bool lives;

		if (!strcmp(b->scope, MP_SCOPE_PROMPT))
			lives = has_effect(screen, ": a b c Left", b->key, true);
		else if (!strcmp(b->scope, MP_SCOPE_CHOICE))
			lives = has_effect(screen, "m j", b->key, true);
		else
			lives = alive(screen, b->key);
		if (!lives)
			fail_msg("key %s does nothing: %s.%s", mp_key_name(b->key, name), b->scope,
				 b->action->name);
	}
	mp_view_free(view);
}

/* ---- sizes ---- */

static void the_layout_fits_every_size(void **state)
{
	(void)state;
	for (int rows = 0; rows <= 300; rows++) {
		for (int columns = 0; columns <= 500; columns += 7) {
			struct mp_layout l = mp_layout_of(rows, columns);
			int parts[] = { l.header, l.tabs, l.rule, l.status, l.keys };
			int used = l.body_rows;

			assert_true(l.body >= 0 && l.body_rows >= 0 &&
				    l.body + l.body_rows <= rows);
			assert_true(!rows || l.body_rows > 0);
			for (size_t i = 0; i < 5; i++) {
				if (parts[i] < 0)
					continue;
				used++;
				assert_true(parts[i] < rows);
				assert_true(parts[i] < l.body || parts[i] >= l.body + l.body_rows);
				for (size_t k = 0; k < i; k++)
					assert_int_not_equal(parts[i], parts[k]);
			}
			assert_int_equal(used, rows);
		}
	}
}

static void every_screen_fits_every_size(void **state)
{
	static const int sizes[][2] = { { 0, 0 },   { 1, 1 },	 { 1, 80 },   { 24, 1 },
					{ 2, 2 },   { 5, 20 },	 { 8, 40 },   { 12, 40 },
					{ 24, 80 }, { 40, 120 }, { 60, 200 }, { 300, 500 },
					{ 3, 500 }, { 300, 3 } };
	struct puppet p;
	struct mp_view *view;

	(void)state;
	puppet_init(&p, 24, 80);
	view = view_of(&p, file_calls_a, file_calls_b);
	mp_view_set_subject(view, "mmap.many3/n=3/size=4K/threads=1");
	mark(view, "mmap.many3/n=3/size=4K/threads=1");
	mark(view, "mmap.many4/n=4/size=4K/threads=1");
	for (size_t i = 0; i < mp_n_screens; i++) {
		if (mp_screens[i] != mp_view_screen(view) &&
		    mp_view_open(view, mp_screens[i]->name))
			fail_msg("%s: %s", mp_screens[i]->name, view->message);
		settle(view);
		for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++) {
			assert_int_equal(mp_canvas_resize(&view->canvas, sizes[s][0], sizes[s][1]),
					 0);
			mp_view_draw(view);
			assert_true(view->canvas.cursor_row >= 0 &&
				    (view->canvas.cursor_row < sizes[s][0] || !sizes[s][0]));
			assert_true(view->canvas.cursor_column >= 0 &&
				    (view->canvas.cursor_column < sizes[s][1] || !sizes[s][1]));
		}
	}
	mp_view_free(view);
}

/* The hardware cursor stands on the row that is marked as selected. */
static void the_cursor_stands_on_what_is_selected(void **state)
{
	static const char *const screens[] = { "overview", "results", "environment", "runs" };
	struct puppet p;
	struct mp_view *view;

	(void)state;
	puppet_init(&p, 24, 80);
	view = view_of(&p, file_a, file_b);
	for (size_t i = 0; i < 4; i++) {
		struct mp_grid whole;

		mp_view_open(view, screens[i]);
		mp_view_press(view, 'j');
		mp_view_draw(view);
		whole = mp_grid_whole(&view->canvas);
		assert_string_equal(mp_grid_at(&whole, view->canvas.cursor_row, 0)->text, ">");
		assert_int_equal(view->canvas.cursor_column, 0);
	}
	mp_view_free(view);
}

/* ---- any keys, any sizes, any clicks ---- */

static mp_key random_key(struct mp_random *r)
{
	static const char usual[] =
		"jkhlgGnN/?:qaFfsSrcmtTxyYuMR.,[]{}=%ABLDzwpdbeihv0123456789 -te";
	uint64_t n = mp_random_next(r);

	switch (n % 8) {
	case 0:
		return (mp_key)(1 + n / 8 % 0x7f);
	case 1:
		return MP_KEY_UP + (mp_key)(n / 8 % (MP_KEY_LAST - MP_KEY_UP + 1));
	case 2:
		return n / 8 % 2 ? MP_KEY_ENTER : MP_KEY_ESCAPE;
	case 3:
		return (mp_key)(0xa0 + n / 8 % 0x3000);
	default:
		return (mp_key)usual[n / 8 % (sizeof(usual) - 1)];
	}
}

static void random_event(struct mp_random *r, struct puppet *p, struct mp_event *event)
{
	uint64_t n = mp_random_next(r);

	*event = (struct mp_event){ .kind = MP_EVENT_KEY };
	if (n % 16 == 0) {
		p->rows = (int)(n / 16 % 70);
		p->columns = (int)(n / 16 / 70 % 250);
		event->kind = MP_EVENT_RESIZE;
	} else if (n % 16 < 3) {
		static const enum mp_event_kind kinds[] = { MP_EVENT_CLICK, MP_EVENT_CLICK,
							    MP_EVENT_WHEEL_UP,
							    MP_EVENT_WHEEL_DOWN };

		event->kind = kinds[n / 16 % 4];
		event->row = (int)(n / 64 % 70);
		event->column = (int)(n / 64 / 70 % 250);
	} else {
		event->key = random_key(r);
	}
}

static void random_events_end_nothing(void **state)
{
	const char *wanted = getenv("MEMPERF_FUZZ"), *seed = getenv("MEMPERF_SEED");
	unsigned long events = wanted ? strtoul(wanted, NULL, 10) : 5000;
	struct mp_random random = { .state = seed ? strtoull(seed, NULL, 10) : 20260101 };
	uint64_t slowest = 100000000; /* ns; what takes longer is named */
	struct puppet p;
	struct mp_view *view;

	(void)state;
	puppet_init(&p, 24, 80);
	view = view_of(&p, file_a, file_b);
	for (unsigned long i = 0; i < events; i++) {
		uint64_t start = mp_clock_raw_ns();
		struct mp_event event;

		random_event(&random, &p, &event);
		mp_view_event(view, &event);
		if (p.rows != view->canvas.rows || p.columns != view->canvas.columns)
			assert_int_equal(mp_canvas_resize(&view->canvas, p.rows, p.columns), 0);
		mp_view_draw(view);
		mp_view_work(view);
		if (mp_clock_raw_ns() - start > slowest) {
			char name[MP_KEY_NAME_LEN];

			slowest = mp_clock_raw_ns() - start;
			print_message("event %lu takes %.1f ms: kind %d, key %s, %s, %dx%d\n", i,
				      (double)slowest / 1e6, (int)event.kind,
				      event.key ? mp_key_name(event.key, name) : "none",
				      mp_view_screen(view)->name, p.columns, p.rows);
		}
		/* q: the next viewer, over the other files or one side. */
		if (view->quit) {
			mp_view_free(view);
			view = i % 3 == 0   ? view_of(&p, file_a, file_b)
			       : i % 3 == 1 ? view_of(&p, file_calls_a, file_calls_b)
					    : view_of(&p, file_a, NULL);
		}
	}
	mp_view_free(view);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(verdicts_come_before_the_single_calls),
		cmocka_unit_test(the_tree_has_every_listed_case_once),
		cmocka_unit_test(marks_stay_with_their_cases),
		cmocka_unit_test(a_column_has_one_unit),
		cmocka_unit_test(every_key_is_in_the_help),
		cmocka_unit_test(reserved_keys_are_not_taken),
		cmocka_unit_test(no_key_is_dead),
		cmocka_unit_test(the_layout_fits_every_size),
		cmocka_unit_test(every_screen_fits_every_size),
		cmocka_unit_test(the_cursor_stands_on_what_is_selected),
		cmocka_unit_test(random_events_end_nothing),
	};
	const struct CMUnitTest fuzz[] = { cmocka_unit_test(random_events_end_nothing) };

	if (getenv("MEMPERF_FUZZ"))
		return cmocka_run_group_tests(fuzz, set_up, tear_down);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}

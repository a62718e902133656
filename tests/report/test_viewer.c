/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The viewer without a terminal: every key is documented and does something, every screen fits every size, and random
 * keys, sizes and clicks end nothing: 5,000 of them; MEMPERF_FUZZ=N does N of them and nothing else, MEMPERF_SEED=S starts
 * elsewhere.
 * CTest: TIMEOUT 300, COST 1
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/random.h"
#include "report/viewer/keymap_file.h"
#include "tests/report/viewer_made.h"

/* ---- keys ---- */

static void every_key_is_in_the_help(void **state)
{
	struct puppet p;
	struct mp_view *view;

	(void)state;
	puppet_init(&p, 24, 80);
	view = view_of(&p, FILE_A, FILE_B);
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

/* Keys in a text are those of actions that there are. */
static void check_keys(const struct mp_view *view, const struct mp_screen *screen, const char *text)
{
	for (const char *at = text; text && (at = strchr(at, '{')); at++) {
		char name[64], *dot;
		bool known;

		assert_int_equal(sscanf(at, "{%63[^}]}", name), 1);
		dot = strchr(name, '.');
		if (dot)
			*dot = '\0';
		known = dot ? mp_keymap_key(&view->keymap, name, dot + 1) != 0
			    : mp_keymap_key(&view->keymap, screen->name, name) ||
					mp_keymap_key(&view->keymap, MP_SCOPE_ALL, name);
		if (!known)
			fail_msg("'%s' of %s names no action", text, screen->name);
	}
}

/* What says why something cannot be done, and what help says, names keys as they are bound. */
static void sentences_name_bound_keys(void **state)
{
	static const char bound[] = "results.tree = W\nall.quit = X\n";
	struct mp_str text = MP_STR_INIT;
	struct puppet p;
	struct mp_view *view;
	struct mp_err err;
	FILE *file = fopen("keys", "we");

	(void)state;
	assert_non_null(file);
	assert_true(fputs(bound, file) >= 0);
	assert_int_equal(fclose(file), 0);
	puppet_init(&p, 24, 80);
	view = view_of(&p, FILE_A, FILE_B);
	for (size_t i = 0; i < mp_n_screens; i++) {
		const struct mp_actions *lists[] = { &mp_screens[i]->actions, &mp_actions_all };

		check_keys(view, mp_screens[i], mp_screens[i]->about);
		for (size_t k = 0; k < 2; k++) {
			for (size_t n = 0; n < lists[k]->count; n++) {
				const struct mp_action *action = &lists[k]->items[n];
				const char *why = NULL;

				if (action->allowed)
					action->allowed(view, mp_view_state(view, mp_screens[i]),
							&why);
				check_keys(view, mp_screens[i], why);
			}
		}
	}
	for (int i = 0; i < MP_WARN_COUNT; i++)
		check_keys(view, mp_view_screen(view), mp_warning_texts[i].remedy);
	assert_int_equal(mp_keymap_load(&view->keymap, "keys", &err), 0);
	mp_view_keyed(view, mp_screen_find("results"),
		      "{tree}, {quit}, {detail.why}, {choice.close} and {runs.nothing}.", &text);
	assert_string_equal(text.text, "W, X, w, Esc and :.");
	mp_str_done(&text);
	mp_view_free(view);
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
	view = view_of(&p, FILE_A, two ? FILE_B : NULL);
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
	view = view_of(&p, FILE_A, FILE_B);
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
	view = view_of(&p, FILE_CALLS_A, FILE_CALLS_B);
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
	view = view_of(&p, FILE_A, FILE_B);
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

static void expect_selected(struct mp_view *view, const char *text)
{
	const struct mp_grid whole = mp_grid_whole(&view->canvas);
	struct mp_str line = MP_STR_INIT;

	mp_view_draw(view);
	for (int column = 0; column < view->canvas.columns; column++)
		mp_str_add(&line, mp_grid_at(&whole, view->canvas.cursor_row, column)->text);
	if (!strstr(line.text, text))
		fail_msg("selected is '%s', not '%s'", line.text, text);
	mp_str_done(&line);
}

/* Other rows, sides or sizes make other lines of Overview: the selection stays on the case, the family, the warning. */
static void the_selection_of_overview_stays_on_what_it_is(void **state)
{
	static const char slower[] = "S mmap.anon", faster[] = "F mmap.anon";
	const char *alike[] = { FILE_A, FILE_A }, *apart[] = { FILE_A, FILE_B };
	struct puppet p;
	struct mp_view *view;
	struct mp_err err;

	(void)state;
	puppet_init(&p, 40, 80);
	view = view_of(&p, FILE_A, FILE_B);
	expect_selected(view, slower);
	assert_int_equal(mp_model_swap(&view->model, &err), 0);
	settle(view);
	expect_selected(view, faster);
	assert_int_equal(mp_model_swap(&view->model, &err), 0);
	settle(view);
	expect_selected(view, slower);
	/* No change and no gap less, and a key before the next picture. */
	mp_view_press(view, 'G');
	expect_selected(view, " shm ");
	assert_int_equal(mp_model_sides(&view->model, alike, 2, &err), 0);
	settle(view);
	expect_selected(view, " shm ");
	assert_int_equal(mp_model_sides(&view->model, apart, 2, &err), 0);
	settle(view);
	mp_view_press(view, 'k');
	expect_selected(view, " munmap ");
	mp_view_free(view);
}

/* Keys may come before the next picture: what is searched are the facts of the sides that there are by then. */
static void a_search_looks_at_what_is_there_now(void **state)
{
	const char *one[] = { FILE_A };
	struct puppet p;
	struct mp_view *view;
	struct mp_err err;

	(void)state;
	puppet_init(&p, 24, 80);
	view = view_of(&p, FILE_A, FILE_B);
	assert_int_equal(mp_view_open(view, "environment"), 0);
	snprintf(view->search, sizeof(view->search), "page_size");
	free(screen_text(view));
	mp_view_press(view, 'n');
	/* Facts that are equal are not listed; of one side all are. */
	assert_string_equal(view->message, "nothing here holds 'page_size'");
	assert_int_equal(mp_model_sides(&view->model, one, 1, &err), 0);
	view->message[0] = '\0';
	mp_view_press(view, 'n');
	assert_string_equal(view->message, "match 1 of 1");
	mp_view_free(view);
}

static bool is_two_of_the_last(void *user, size_t row, const char *text)
{
	assert_string_equal(text, "text");
	assert_int_equal(row, (*(size_t *)user)++);
	return row == 25 || row == 28;
}

/* The end of a text never becomes its top: a search goes on from what it found all the same. */
static void a_search_goes_on_at_the_end_of_a_text(void **state)
{
	static const struct {
		int by;
		size_t row, nth;
	} wanted[] = { { 1, 25, 1 }, { 1, 28, 2 }, { 1, 25, 1 }, { -1, 28, 2 }, { -1, 25, 1 } };
	struct mp_list list = { .count = 30, .page = 20, .text = true };
	struct mp_match match;

	(void)state;
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		size_t asked = 0;

		assert_true(mp_list_find(&list, 30, "text", wanted[i].by, is_two_of_the_last,
					 &asked, &match));
		assert_int_equal(match.row, wanted[i].row);
		assert_int_equal(match.nth, wanted[i].nth);
		assert_int_equal(match.total, 2);
		assert_int_equal(list.top, 10);
	}
	mp_list_move(&list, MP_MOVE_FIRST);
	assert_true(mp_list_find(&list, 30, "text", 1, is_two_of_the_last, &(size_t){ 0 }, &match));
	assert_int_equal(match.row, 25);
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
	view = view_of(&p, FILE_A, FILE_B);
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
			view = i % 4 == 0   ? view_of(&p, FILE_A, FILE_B)
			       : i % 4 == 1 ? view_of(&p, FILE_CALLS_A, FILE_CALLS_B)
			       : i % 4 == 2 ? view_of(&p, FILE_COUNTED_A, FILE_COUNTED_B)
					    : view_of(&p, FILE_A, NULL);
			/* Columns that can be sorted by. */
			mp_view_toggle_counter(view, "minor_faults");
			mp_view_toggle_counter(view, "counted nowhere");
		}
	}
	mp_view_free(view);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_key_is_in_the_help),
		cmocka_unit_test(reserved_keys_are_not_taken),
		cmocka_unit_test(sentences_name_bound_keys),
		cmocka_unit_test(no_key_is_dead),
		cmocka_unit_test(the_layout_fits_every_size),
		cmocka_unit_test(every_screen_fits_every_size),
		cmocka_unit_test(the_cursor_stands_on_what_is_selected),
		cmocka_unit_test(the_selection_of_overview_stays_on_what_it_is),
		cmocka_unit_test(a_search_looks_at_what_is_there_now),
		cmocka_unit_test(a_search_goes_on_at_the_end_of_a_text),
		cmocka_unit_test(random_events_end_nothing),
	};
	const struct CMUnitTest fuzz[] = { cmocka_unit_test(random_events_end_nothing) };

	if (getenv("MEMPERF_FUZZ"))
		return cmocka_run_group_tests(fuzz, viewer_set_up, viewer_tear_down);
	return cmocka_run_group_tests(tests, viewer_set_up, viewer_tear_down);
}

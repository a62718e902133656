/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What can be done on every screen: moving, going elsewhere, searching, showing otherwise, saving. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "report/viewer/view_internal.h"

static struct mp_list *list_of(const struct mp_view *view)
{
	const struct mp_screen *screen = mp_view_screen(view);

	/* Which list it is does not change what is seen. */
	return screen->list ? screen->list((struct mp_view *)(uintptr_t)view,
					   mp_view_state(view, screen))
			    : NULL;
}

static bool has_list(const struct mp_view *view, const void *state, const char **ret_why)
{
	(void)state;
	*ret_why = "nothing moves on this screen";
	return list_of(view) != NULL;
}

static int move(struct mp_view *view, void *state, int with)
{
	(void)state;
	mp_list_move(list_of(view), (enum mp_move)with);
	return 0;
}

static bool deeper(const struct mp_view *view, const void *state, const char **ret_why)
{
	(void)state;
	*ret_why = "this is the first screen; {quit} quits";
	return view->depth > 1;
}

static int back(struct mp_view *view, void *state, int with)
{
	(void)state;
	(void)with;
	mp_view_back(view);
	return 0;
}

static int quit(struct mp_view *view, void *state, int with)
{
	(void)state;
	(void)with;
	mp_view_quit(view);
	return 0;
}

static int tab(struct mp_view *view, void *state, int with)
{
	const struct mp_screen *screen = mp_screen_tab(with);

	(void)state;
	return screen ? mp_view_open(view, screen->name) : -ENOENT;
}

static int next_tab(struct mp_view *view, void *state, int with)
{
	int at = mp_view_screen(view)->tab;

	(void)state;
	for (int i = 0; i < 9; i++) {
		const struct mp_screen *screen;

		at = with > 0 ? at % 9 + 1 : at > 1 ? at - 1 : 9;
		screen = mp_screen_tab(at);
		if (screen)
			return mp_view_open(view, screen->name);
	}
	return 0;
}

static int help(struct mp_view *view, void *state, int with)
{
	(void)state;
	(void)with;
	return mp_view_open(view, "help");
}

/* ---- searching ---- */

static bool searchable(const struct mp_view *view, const void *state, const char **ret_why)
{
	(void)state;
	*ret_why = "there is nothing to search on this screen";
	return mp_view_screen(view)->find != NULL;
}

static bool searched(const struct mp_view *view, const void *state, const char **ret_why)
{
	if (!searchable(view, state, ret_why))
		return false;
	*ret_why = "nothing was searched for yet: {search} asks";
	return view->search[0];
}

void mp_view_search(struct mp_view *view, int by)
{
	const struct mp_screen *screen = mp_view_screen(view);
	struct mp_match match;

	if (screen->find(view, mp_view_state(view, screen), view->search, by, &match))
		mp_view_say(view, "match %zu of %zu", match.nth, match.total);
	else
		mp_view_say(view, "nothing here holds '%s'", view->search);
}

static int search_for(struct mp_view *view, const char *text)
{
	snprintf(view->search, sizeof(view->search), "%s", text);
	if (view->search[0])
		mp_view_search(view, 1);
	return 0;
}

static int search(struct mp_view *view, void *state, int with)
{
	(void)state;
	(void)with;
	mp_view_prompt(view, "search", "", "text that a row holds", search_for);
	return 0;
}

static int search_on(struct mp_view *view, void *state, int with)
{
	(void)state;
	mp_view_search(view, with);
	return 0;
}

/* ---- the sides, and how numbers are shown ---- */

static bool two_sides(const struct mp_view *view, const void *state, const char **ret_why)
{
	(void)state;
	*ret_why = "there is one side; '{command}open A.db B.db' compares two";
	return view->model.n_sides == 2;
}

static int swap(struct mp_view *view, void *state, int with)
{
	struct mp_err err;
	int rc = mp_model_swap(&view->model, &err);

	(void)state;
	(void)with;
	if (rc)
		return mp_view_fail(view, rc, &err);
	mp_view_say(view, "A and B have changed places");
	return 0;
}

static int again(struct mp_view *view, void *state, int with)
{
	const char *texts[2] = { view->model.sides[0].name, view->model.sides[1].name };
	struct mp_err err;
	int rc = mp_model_sides(&view->model, texts, view->model.n_sides, &err);

	(void)state;
	(void)with;
	if (rc)
		return mp_view_fail(view, rc, &err);
	mp_view_say(view, "reading again");
	return 0;
}

static int factor(struct mp_view *view, void *state, int with)
{
	(void)state;
	(void)with;
	view->show.factor = !view->show.factor;
	mp_view_say(view, "changes as %s", view->show.factor ? "factors" : "percent");
	return 0;
}

static void unit_item(const struct mp_view *view, size_t index, struct mp_str *out)
{
	static const char *const helps[] = { "nanoseconds", "cycles of the core",
					     "multiples of a null system call of the same run",
					     "GB/s, of cases that move bytes",
					     "bytes per cycle, of cases that move bytes" };

	(void)view;
	mp_str_printf(out, "%-11s %s", mp_unit_name((enum mp_unit)index), helps[index]);
}

static void unit_chosen(struct mp_view *view, size_t index)
{
	view->model.options.unit = (enum mp_unit)index;
	again(view, NULL, 0);
}

static bool has_unit(const struct mp_view *view, const void *state, const char **ret_why)
{
	(void)state;
	*ret_why = MP_VIEW_ONE_UNIT;
	return view->model.n_sides == 2;
}

static int unit(struct mp_view *view, void *state, int with)
{
	const struct mp_choice choice = { .title = "compare in",
					  .count = MP_UNIT_COUNT,
					  .selected = view->model.options.unit,
					  .item = unit_item,
					  .chosen = unit_chosen };

	(void)state;
	(void)with;
	mp_view_choose(view, &choice);
	return 0;
}

static int table(struct mp_view *view, void *state, int with)
{
	(void)state;
	(void)with;
	view->show.table = !view->show.table;
	mp_view_say(view, view->show.table ? "charts as tables" : "charts as pictures");
	return 0;
}

/* ---- saving, copying, the terminal ---- */

static int save_to(struct mp_view *view, const char *path)
{
	struct mp_err err;
	int rc = mp_view_save(view, path, &err);

	if (rc)
		return mp_view_fail(view, rc, &err);
	mp_view_say(view, "saved as %s", path);
	return 0;
}

static int save(struct mp_view *view, void *state, int with)
{
	char name[64];

	(void)state;
	(void)with;
	snprintf(name, sizeof(name), "memperf-%s.txt", mp_view_screen(view)->name);
	mp_view_prompt(view, "save the screen as", name, "FILE.txt, FILE.html or FILE.svg",
		       save_to);
	return 0;
}

static int copy(struct mp_view *view, void *state, int with)
{
	(void)state;
	mp_view_copy(view, with);
	return 0;
}

static int command(struct mp_view *view, void *state, int with)
{
	(void)state;
	(void)with;
	mp_view_prompt(view, ":", "", "a command; 'help' lists them", mp_view_command);
	return 0;
}

static int mouse(struct mp_view *view, void *state, int with)
{
	(void)state;
	(void)with;
	view->show.mouse = !view->show.mouse;
	view->backend->mouse(view->backend, view->show.mouse);
	mp_view_say(view, "the mouse is %s", view->show.mouse ? "on" : "off");
	return 0;
}

static int redraw(struct mp_view *view, void *state, int with)
{
	(void)state;
	(void)with;
	view->backend->redraw(view->backend);
	mp_view_say(view, "drawn anew");
	return 0;
}

static int suspend(struct mp_view *view, void *state, int with)
{
	(void)state;
	(void)with;
	if (view->backend->suspend(view->backend))
		mp_view_say(view, "there is no terminal to hand back");
	return 0;
}

static const struct mp_action actions[] = {
	{ "down", "Down j", NULL, "one row down", MP_MOVE_DOWN, move, has_list },
	{ "up", "Up k", NULL, "one row up", MP_MOVE_UP, move, has_list },
	{ "page-down", "PgDn ^F", NULL, "one page down", MP_MOVE_PAGE_DOWN, move, has_list },
	{ "page-up", "PgUp ^B", NULL, "one page up", MP_MOVE_PAGE_UP, move, has_list },
	{ "half-down", "^D", NULL, "half a page down", MP_MOVE_HALF_DOWN, move, has_list },
	{ "half-up", "^U", NULL, "half a page up", MP_MOVE_HALF_UP, move, has_list },
	{ "first", "Home g", NULL, "to the first row", MP_MOVE_FIRST, move, has_list },
	{ "last", "End G", NULL, "to the last row", MP_MOVE_LAST, move, has_list },

	{ "help", "? F1", "help", "keys and words of this screen, and of all", 0, help, NULL },
	{ "back", "Esc Backspace", "back", "to the screen before", 0, back, deeper },
	{ "search", "/ F3", "search", "move to the next row that holds a text", 0, search,
	  searchable },
	{ "search-next", "n", NULL, "to the next such row", 1, search_on, searched },
	{ "search-previous", "N", NULL, "to the previous such row", -1, search_on, searched },
	{ "swap", "x", "swap", "A and B change places", 0, swap, two_sides },
	{ "save", "^S", "save", "save the screen as text, HTML or SVG", 0, save, NULL },
	{ "copy", "y", "copy", "copy the selected row to the clipboard (OSC 52)", 0, copy, NULL },
	{ "copy-table", "Y", NULL, "copy the whole table", 1, copy, NULL },
	{ "percent", "%", NULL, "changes in percent, or as factors", 0, factor, NULL },
	{ "unit", "m", NULL,
	  "what times are compared in: ns, cycles, null calls, GB/s, bytes per cycle", 0, unit,
	  has_unit },
	{ "table", "T", NULL, "charts as pictures, or as tables of the same numbers", 0, table,
	  NULL },
	{ "again", "R", NULL, "read and judge the files again", 0, again, NULL },
	{ "command", ":", NULL, "type a command", 0, command, NULL },
	{ "tab-1", "1", NULL, "Overview", 1, tab, NULL },
	{ "tab-2", "2", NULL, "Results", 2, tab, NULL },
	{ "tab-3", "3", NULL, "Scaling", 3, tab, NULL },
	{ "tab-4", "4", NULL, "History", 4, tab, NULL },
	{ "tab-5", "5", NULL, "Environment", 5, tab, NULL },
	{ "tab-6", "6", NULL, "Runs and coverage", 6, tab, NULL },
	{ "next-tab", "Tab", NULL, "the next of these screens", 1, next_tab, NULL },
	{ "previous-tab", "S-Tab", NULL, "the previous one", -1, next_tab, NULL },
	{ "mouse", "M", NULL, "mouse on or off", 0, mouse, NULL },
	{ "redraw", "^L", NULL, "draw the screen anew", 0, redraw, NULL },
	{ "suspend", "^Z", NULL, "hand the terminal back to the shell; fg returns", 0, suspend,
	  NULL },
	{ "quit", "q Q", "quit", "end the viewer", 0, quit, NULL },
};
const struct mp_actions mp_actions_all = MP_ACTIONS(actions);

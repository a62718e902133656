/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Results: every case as a row, sorted, filtered, marked, in the columns that fit and that are wanted; as a list or a tree. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "report/format/width.h"
#include "report/viewer/columns_choose.h"
#include "report/viewer/marked.h"
#include "report/viewer/results_list.h"
#include "report/viewer/results_table.h"
#include "report/viewer/view_internal.h"

#define NARROW 40 /* less than this: the facts of one row, one a line */

/* ---- drawing ---- */

static void draw_head(const struct mp_view *view, const struct mp_page *page, bool legend,
		      const struct mp_grid *body)
{
	const struct mp_index *x = &mp_view_model(view)->index;
	struct mp_str left = MP_STR_INIT, right = MP_STR_INIT;
	int width;

	if (x->n_marks)
		mp_str_printf(&left, "%zu marked%s   ", x->n_marks,
			      x->only_marked ? ", and no others" : "");
	if (x->filter_text)
		mp_str_printf(&left, "filter %s   ", x->filter_text);
	else if (!x->all && x->n_same && !x->only_marked)
		mp_str_add(&left, "without those that are the same   ");
	if (legend)
		mp_str_add(&left, "S slower, F faster, ? unsure   ");
	if (page->common.len) {
		mp_str_add(&left, "all");
		for (const char *at = page->common.text; *at; at++)
			mp_str_addc(&left, *at == '/' ? ' ' : *at);
	}
	if (x->rows)
		mp_str_printf(&right, "%zu of %zu shown", x->n_listed,
			      mp_rows_summary(x->rows)->n_rows);
	width = (int)mp_text_width(right.text);
	mp_grid_field(body, 0, 1, body->columns - width - 3, MP_ROLE_MUTED, MP_ALIGN_LEFT,
		      MP_CUT_END, left.text);
	mp_grid_text(body, 0, body->columns - width - 1, MP_ROLE_MUTED, right.text);
	mp_str_done(&left);
	mp_str_done(&right);
}

static void draw_nothing(const struct mp_view *view, const struct mp_grid *body)
{
	const struct mp_index *x = &mp_view_model(view)->index;
	char key[MP_KEY_NAME_LEN];

	if (!x->rows || x->looked_at < mp_rows_summary(x->rows)->n_rows)
		return;
	if (x->n_filtered)
		mp_grid_printf(body, 3, 2, MP_ROLE_TEXT,
			       "no case matches the filter; %s takes it away",
			       mp_view_key(view, "results", "no-filter", key));
	else if (x->n_same)
		mp_grid_printf(body, 3, 2, MP_ROLE_TEXT,
			       "every case is the same on both sides: %zu; %s lists them",
			       x->n_same, mp_view_key(view, "results", "all", key));
	else
		mp_grid_text(body, 3, 2, MP_ROLE_TEXT, "there is no case");
}

/* Lines of a page that are cases, by their rows. */
static size_t page_rows(const struct mp_results *r, const struct mp_index *x, uint32_t *numbers)
{
	size_t n = 0;

	for (size_t i = r->list.top;
	     n < MP_PAGE_ROWS && i < r->list.top + r->list.page && i < r->list.count; i++) {
		struct mp_tree_branch *branch;
		size_t row = mp_results_row_at(r, x, i, &branch);

		if (row != SIZE_MAX)
			numbers[n++] = (uint32_t)row;
	}
	return n;
}

static void draw_lines(struct mp_view *view, const struct mp_results *r, const struct mp_page *page,
		       const uint32_t *numbers, const struct mp_results_table *table,
		       const struct mp_grid *body)
{
	const struct mp_index *x = &mp_view_model(view)->index;
	size_t at = 0;

	for (size_t i = 0; i < r->list.page && r->list.top + i < r->list.count; i++) {
		MP_CLEANUP(mp_str_done) struct mp_str text = MP_STR_INIT;
		struct mp_tree_branch *branch;
		size_t row = mp_results_row_at(r, x, r->list.top + i, &branch);
		int line = 2 + (int)i;

		if (row == SIZE_MAX) {
			mp_results_branch(view, table, branch, body, line);
		} else if (at < page->n && numbers[at] == row) {
			const struct mp_row *of = &page->rows[at++];
			size_t bench = r->as_tree ? strcspn(of->text, "/") : 0;

			/* In the tree the benchmark stands above. */
			mp_page_text(page, of->text + bench, &text);
			mp_results_row(view, table, of, row,
				       text.len ? text.text + (bench > 0) : of->text,
				       r->as_tree ? 4 : 0, body, line);
		}
		if (r->list.top + i == r->list.selected) {
			mp_grid_glyph(body, line, 0, MP_ROLE_TITLE, MP_GLYPH_SELECTED);
			mp_grid_attribute(body, line, 0, 1, body->columns, MP_REVERSE);
			mp_grid_cursor(body, line, 0);
		}
	}
}

/* No room for a table: the selected line alone. */
static void draw_narrow(struct mp_view *view, struct mp_results *r, const struct mp_grid *body)
{
	const struct mp_index *x = &mp_view_model(view)->index;
	MP_CLEANUP(mp_str_done) struct mp_str text = MP_STR_INIT;
	struct mp_tree_branch *branch;
	struct mp_row row;
	size_t number;

	r->list.row = -1;
	r->list.page = 1;
	mp_list_select(&r->list, r->list.selected);
	number = mp_results_selected(r, x, &branch);
	if (number == SIZE_MAX) {
		mp_results_branch_text(view, branch, &text);
		mp_grid_wrap(body, 0, 0, MP_ROLE_TEXT, text.text);
		mp_grid_cursor(body, 0, 0);
	} else if (!mp_rows_get(x->rows, number, &row)) {
		mp_row_draw_facts(view, &row, body);
	}
}

static void results_draw(struct mp_view *view, void *state, const struct mp_grid *body)
{
	static struct mp_page page; /* large, and drawn by one thread */
	static uint32_t numbers[MP_PAGE_ROWS];
	struct mp_results *r = state;
	const struct mp_index *x = &mp_view_model(view)->index;
	bool narrow = body->columns < NARROW || body->rows < 4;
	struct mp_results_table table = mp_results_fit(view, body->columns);

	mp_results_follow(view, r);
	mp_list_show(&r->list, body, narrow ? 0 : 2, mp_results_lines(r, x));
	mp_list_select(&r->list, r->list.selected);
	if (!r->list.count) {
		draw_nothing(view, body);
		return;
	}
	if (narrow) {
		draw_narrow(view, r, body);
		return;
	}
	mp_page_load(x->rows, numbers, page_rows(r, x, numbers), table.case_width, &page);
	mp_results_scale(view, page.rows, page.n, &table);
	/* No room for the verdict in words: what the letters mean. */
	draw_head(view, &page, mp_view_model(view)->n_sides == 2 && !table.words, body);
	mp_results_titles(view, &table, body, 1);
	draw_lines(view, r, &page, numbers, &table, body);
	mp_results_remember(r, x);
	mp_page_done(&page);
}

/* ---- actions ---- */

static bool some(const struct mp_view *view, const void *state, const char **ret_why)
{
	(void)state;
	*ret_why = "no case is listed";
	return mp_results_lines(state, &mp_view_model(view)->index) > 0;
}

static int enter(struct mp_view *view, void *state, int with)
{
	const struct mp_index *x = &mp_view_model(view)->index;
	struct mp_results *r = state;
	struct mp_tree_branch *branch;
	struct mp_row row;
	size_t number = mp_results_selected(r, x, &branch);

	(void)with;
	if (number == SIZE_MAX) {
		mp_tree_open(&r->tree, branch, !branch->open);
		return 0;
	}
	if (mp_rows_get(x->rows, number, &row))
		return -EIO;
	mp_view_set_subject(view, row.text);
	return mp_view_open(view, "detail");
}

/* ---- the tree ---- */

static int tree(struct mp_view *view, void *state, int with)
{
	const struct mp_index *x = &mp_view_model(view)->index;
	struct mp_results *r = state;
	size_t row =
		mp_results_lines(r, x) ? mp_results_order(r, x)[mp_results_place(r, x)] : SIZE_MAX;
	char key[MP_KEY_NAME_LEN];

	(void)with;
	r->as_tree = !r->as_tree;
	if (r->as_tree)
		mp_view_say(view, "families and benchmarks; %s opens and folds",
			    mp_view_key(view, "results", "open", key));
	else
		mp_view_say(view, "a list of cases");
	mp_results_update(view, r);
	if (row != SIZE_MAX)
		mp_results_select_row(r, x, row);
	return 0;
}

static bool in_tree(const struct mp_view *view, const void *state, const char **ret_why)
{
	const struct mp_results *r = state;

	*ret_why = "this is a list; {tree} makes a tree of it";
	return r->as_tree && some(view, state, ret_why);
}

/* To the right: opens, then goes into; to the left: folds, then goes out of. */
static int sideways(struct mp_view *view, void *state, int with)
{
	const struct mp_index *x = &mp_view_model(view)->index;
	struct mp_results *r = state;
	struct mp_tree_branch *branch;
	size_t row = mp_results_selected(r, x, &branch);

	if (with > 0 && row == SIZE_MAX && !branch->open)
		mp_tree_open(&r->tree, branch, true);
	else if (with > 0 && row == SIZE_MAX)
		mp_results_select_line(r, x, mp_results_line(r, x) + 1);
	else if (with < 0 && row == SIZE_MAX && branch->open)
		mp_tree_open(&r->tree, branch, false);
	else if (with < 0)
		mp_results_select_line(
			r, x,
			mp_tree_line_of_branch(&r->tree, row == SIZE_MAX
								 ? &r->tree.branches[branch->family]
								 : branch));
	r->list.count = mp_results_lines(r, x);
	return 0;
}

/* Everything is opened, or folded where it is open. */
static int fold_all(struct mp_view *view, void *state, int with)
{
	const struct mp_index *x = &mp_view_model(view)->index;
	struct mp_results *r = state;
	size_t row = mp_results_order(r, x)[mp_results_place(r, x)];
	bool open = true;

	(void)with;
	for (size_t i = 0; i < r->tree.n_branches; i++)
		open = open && (r->tree.branches[i].open || !r->tree.branches[i].listed);
	mp_tree_open_all(&r->tree, !open);
	mp_results_select_row(r, x, row);
	return 0;
}

/* ---- marks ---- */

static int mark(struct mp_view *view, void *state, int with)
{
	struct mp_index *x = &mp_view_model(view)->index;
	struct mp_results *r = state;
	struct mp_tree_branch *branch;
	size_t row = mp_results_selected(r, x, &branch), first = mp_results_place(r, x);
	/* A branch: all of its cases. */
	size_t n = row == SIZE_MAX ? branch->listed : 1;
	bool all = true;

	(void)with;
	for (size_t i = first; i < first + n; i++)
		all = all && mp_index_marked(x, mp_results_order(r, x)[i]);
	for (size_t i = first; i < first + n; i++)
		mp_index_mark(x, mp_results_order(r, x)[i], !all);
	if (n > 1)
		mp_view_say(view, "%zu cases %s, %zu are", n, all ? "are not marked now" : "marked",
			    x->n_marks);
	mp_list_move(&r->list, MP_MOVE_DOWN);
	return 0;
}

/* ---- what is listed, and how ---- */

/* "filter '...', column 8: expected ...": the text is there already, and the cursor can stand at the place. */
static void point_at(struct mp_view *view, struct mp_err *err)
{
	static const char before[] = "', column ";
	const char *at = strstr(err->text, before);
	size_t column = at ? strtoul(at + strlen(before), NULL, 10) : 0;

	if (!column || column > strlen(view->prompt.text) + 1)
		return;
	view->prompt.at = column - 1;
	memmove(err->text, at + 3, strlen(at + 3) + 1);
}

static int filter_done(struct mp_view *view, const char *text)
{
	struct mp_err err = { 0 };
	int rc = mp_index_filter(&mp_view_model(view)->index, text, &err);

	if (rc)
		point_at(view, &err);
	return rc ? mp_view_fail(view, rc, &err) : 0;
}

static int filter(struct mp_view *view, void *state, int with)
{
	struct mp_index *x = &mp_view_model(view)->index;

	(void)state;
	if (with) {
		filter_done(view, NULL);
		mp_index_only_marked(x, false);
		mp_view_say(view, "no filter");
		return 0;
	}
	mp_view_prompt(view, "filter", x->filter_text,
		       "verdict = slower and size >= 2M; l3_misses > 1000; or words of the case",
		       filter_done);
	return 0;
}

static int show_all(struct mp_view *view, void *state, int with)
{
	struct mp_index *x = &mp_view_model(view)->index;

	(void)state;
	(void)with;
	mp_index_all(x, !x->all);
	mp_view_say(view, x->all ? "all cases, also those that are the same"
				 : "without those that are the same");
	return 0;
}

/* `order`: one of those that there are (results_table.h). */
static int sort_by(struct mp_view *view, size_t order, bool reverse)
{
	struct mp_index *x = &mp_view_model(view)->index;
	const char *counter = order < MP_SORT_COUNTER
				      ? NULL
				      : mp_view_counters(view)->names[order - MP_SORT_COUNTER];
	int rc = counter ? mp_index_sort_counter(x, counter, reverse)
			 : mp_index_sort(x, (enum mp_sort)order, reverse); /* never -ENOENT */

	if (rc == -ENOENT)
		mp_view_say(view, "no case has the counter '%s'", counter);
	if (!rc)
		mp_view_say(view, "sorted by %s%s: %s", mp_index_sorted(x),
			    reverse ? ", reversed" : "", mp_sort_help(x->sort));
	return rc;
}

/* The order that there is. One by a counter that has no column is none of the others: the last of them. */
static size_t sorted_by(const struct mp_view *view)
{
	const struct mp_index *x = &mp_view_model(view)->index;
	const struct mp_counter_cells *counters = mp_view_counters(view);
	size_t at = x->sort == MP_SORT_COUNTER ? mp_counter_cells_find(counters, mp_index_sorted(x))
					       : 0;

	return at == SIZE_MAX ? MP_SORT_COUNTER + counters->n - 1 : x->sort + at;
}

static int sort_next(struct mp_view *view, void *state, int with)
{
	size_t count = MP_SORT_COUNTER + mp_view_counters(view)->n, order = sorted_by(view);
	int rc;

	(void)state;
	(void)with;
	/* A column of a counter that these files do not have is passed over. */
	do {
		order = (order + 1) % count;
		rc = sort_by(view, order, false);
	} while (rc == -ENOENT);
	return rc;
}

static int reverse(struct mp_view *view, void *state, int with)
{
	struct mp_index *x = &mp_view_model(view)->index;
	int rc = mp_index_sort(x, x->sort, !x->reverse);

	(void)state;
	(void)with;
	mp_view_say(view, "sorted by %s%s", mp_index_sorted(x), x->reverse ? ", reversed" : "");
	return rc;
}

static void sort_item(const struct mp_view *view, size_t index, struct mp_str *out)
{
	if (index < MP_SORT_COUNTER)
		mp_str_printf(out, "%-9s %s", mp_sort_name((enum mp_sort)index),
			      mp_sort_help((enum mp_sort)index));
	else
		mp_str_add(out, mp_view_counters(view)->names[index - MP_SORT_COUNTER]);
}

static void sort_chosen(struct mp_view *view, size_t index)
{
	sort_by(view, index, false);
}

static int sort_choose(struct mp_view *view, void *state, int with)
{
	const struct mp_choice choice = { .title = " sort by",
					  .count = MP_SORT_COUNTER + mp_view_counters(view)->n,
					  .selected = sorted_by(view),
					  .item = sort_item,
					  .chosen = sort_chosen };

	(void)state;
	(void)with;
	mp_view_choose(view, &choice);
	return 0;
}

static int columns(struct mp_view *view, void *state, int with)
{
	const struct mp_index *x = &mp_view_model(view)->index;
	const struct mp_results *r = state;

	(void)with;
	mp_columns_choose(view, mp_results_lines(r, x)
					? mp_results_order(r, x)[mp_results_place(r, x)]
					: SIZE_MAX);
	return 0;
}

static int units(struct mp_view *view, void *state, int with)
{
	bool own = !mp_view_show(view)->own_units;

	(void)state;
	(void)with;
	mp_view_set_own_units(view, own);
	mp_view_say(view, own ? "each value in its own unit"
			      : "values of a column in one unit, which its head names");
	return 0;
}

static bool two_sides(const struct mp_view *view, const void *state, const char **ret_why)
{
	if (!some(view, state, ret_why))
		return false;
	*ret_why = "there is one side: nothing is slower";
	return mp_view_model(view)->n_sides == 2;
}

static int next_slower(struct mp_view *view, void *state, int with)
{
	const struct mp_index *x = &mp_view_model(view)->index;
	struct mp_results *r = state;
	size_t at = mp_index_next(x, mp_results_order(r, x), mp_results_n_rows(r, x),
				  MP_VERDICT_SLOWER, mp_results_place(r, x), with);

	if (at == SIZE_MAX) {
		mp_view_say(view, "no slower case %s", with > 0 ? "below" : "above");
		return 0;
	}
	if (r->as_tree)
		mp_tree_reveal(&r->tree, mp_results_order(r, x)[at]);
	mp_results_select_row(r, x, mp_results_order(r, x)[at]);
	return 0;
}

static const struct mp_action actions[] = {
	{ "open", "Enter", "open",
	  "everything about the selected case; a branch is opened or folded", 0, enter, some },
	{ "filter", "f F4", "filter", "list only cases that match", 0, filter, NULL },
	{ "no-filter", "F", NULL, "take the filter away, and list what is not marked, too", 1,
	  filter, NULL },
	{ "all", "a", "all", "list or hide cases that are the same on both sides", 0, show_all,
	  NULL },
	{ "sort", "s", "sort", "the next order", 0, sort_next, NULL },
	{ "sort-by", "S", NULL, "choose an order", 0, sort_choose, NULL },
	{ "reverse", "r", NULL, "the order reversed", 0, reverse, NULL },
	{ "columns", "c", "columns", "choose the columns, those of counters, too", 0, columns,
	  NULL },
	{ "units", "u", NULL, "values of a column in one unit, or each in its own", 0, units,
	  NULL },
	{ "tree", "t", "tree", "a tree of families and benchmarks, or a list", 0, tree, NULL },
	{ "unfold", "Right l", NULL, "open the branch, or go into it", 1, sideways, in_tree },
	{ "fold", "Left h", NULL, "fold the branch, or go to the one around it", -1, sideways,
	  in_tree },
	{ "fold-all", "z", NULL, "open all branches, or fold them", 0, fold_all, in_tree },
	{ "mark", "Space", "mark",
	  "mark the selected case, or all of a branch; again: take it back", 0, mark, some },
	MP_MARKED_ACTIONS,
	{ "next-slower", ".", NULL, "the next slower case", 1, next_slower, two_sides },
	{ "previous-slower", ",", NULL, "the slower case before", -1, next_slower, two_sides },
};

static struct mp_list *results_list(struct mp_view *view, void *state)
{
	(void)view;
	return &((struct mp_results *)state)->list;
}

static bool results_find(struct mp_view *view, void *state, const char *text, int by)
{
	struct mp_results *r = state;
	const struct mp_index *x = &mp_view_model(view)->index;
	struct mp_tree_branch *branch;
	size_t nth = 0, total = 0, at, from;

	if (!mp_results_lines(r, x))
		return false;
	from = mp_results_place(r, x);
	/* A branch stands before its first case. */
	if (by > 0 && mp_results_selected(r, x, &branch) == SIZE_MAX)
		from--;
	at = mp_index_search(x, mp_results_order(r, x), mp_results_n_rows(r, x), text, from, by,
			     &nth, &total);
	if (at == SIZE_MAX)
		return false;
	if (r->as_tree)
		mp_tree_reveal(&r->tree, mp_results_order(r, x)[at]);
	mp_results_select_row(r, x, mp_results_order(r, x)[at]);
	mp_view_say(view, "match %zu of %zu", nth, total);
	return true;
}

static void results_status(const struct mp_view *view, const void *state, struct mp_str *out)
{
	const struct mp_results *r = state;
	const struct mp_index *x = &mp_view_model(view)->index;
	char key[MP_KEY_NAME_LEN];

	if (r->as_tree && r->tree.n_lines)
		mp_str_printf(out, "line %zu of %zu of a tree of %zu", r->list.selected + 1,
			      r->tree.n_lines, x->n_listed);
	else if (x->n_listed)
		mp_str_printf(out, "row %zu of %zu", r->list.selected + 1, x->n_listed);
	mp_str_printf(out, "%sby %s%s", out->len ? ", " : "", mp_index_sorted(x),
		      x->reverse ? " reversed" : "");
	if (x->n_same)
		mp_str_printf(out, "; %zu same hidden: %s lists them", x->n_same,
			      mp_view_key(view, "results", "all", key));
	if (x->n_filtered)
		mp_str_printf(out, "; %zu filtered out: %s lists them", x->n_filtered,
			      mp_view_key(view, "results", "no-filter", key));
}

static void results_copy(const struct mp_view *view, const void *state, struct mp_str *out)
{
	const struct mp_results *r = state;
	const struct mp_index *x = &mp_view_model(view)->index;
	struct mp_tree_branch *branch;
	struct mp_row row;
	size_t number;

	if (!mp_results_lines(r, x))
		return;
	number = mp_results_selected(r, x, &branch);
	if (number == SIZE_MAX)
		mp_results_branch_text(view, branch, out);
	else if (!mp_rows_get(x->rows, number, &row))
		mp_row_facts(view, &row, out);
}

/* A click on a column's head sorts by it. */
static bool results_click(struct mp_view *view, void *state, int row, int column)
{
	int columns = ((struct mp_results *)state)->list.columns;
	size_t order;

	return row == 1 && mp_results_sort_at(view, columns, column, &order) &&
	       !sort_by(view, order, false);
}

static void results_renew(struct mp_view *view, void *state)
{
	(void)view;
	mp_tree_renew(&((struct mp_results *)state)->tree);
}

static void results_close(struct mp_view *view, void *state)
{
	(void)view;
	mp_tree_done(&((struct mp_results *)state)->tree);
}

const struct mp_screen mp_screen_results = {
	.name = "results",
	.title = "Results",
	.summary = "every case: what changed, by how much, how certain",
	.about =
		"Cases whose verdict is \"same\" are hidden until {all} is pressed; the status "
		"line "
		"counts them. The order is that of evidence (adjusted p, then size of the change); "
		"{sort} changes it, {sort-by} also to that of a counter that has a column. "
		"Parameters that all rows on the page share stand above the table. "
		"A column of values has one unit, which its head names. A click on a column's head "
		"sorts by it. In the tree a branch counts its cases by verdict, and what has the "
		"strongest evidence (in the order by evidence) stands first. Marked cases have a "
		"'*'; {marked} lists them alone, exports them, or says how to measure them again.",
	.tab = 2,
	.needs_rows = true,
	.actions = MP_ACTIONS(actions),
	.state_size = sizeof(struct mp_results),
	.draw = results_draw,
	.renew = results_renew,
	.list = results_list,
	.status = results_status,
	.copy = results_copy,
	.click = results_click,
	.find = results_find,
	.close = results_close,
};

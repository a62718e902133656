/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Results: every case as a row, sorted, filtered, marked, in the columns that fit and that are wanted; as a list or a tree. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "report/format/width.h"
#include "report/viewer/columns_choose.h"
#include "report/viewer/marked.h"
#include "report/viewer/results_draw.h"
#include "report/viewer/results_table.h"
#include "report/viewer/view_internal.h"

static void results_draw(struct mp_view *view, void *state, const struct mp_grid *body)
{
	mp_results_draw(view, state, body);
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
	struct mp_err err;
	int rc = counter ? mp_index_sort_counter(x, counter, reverse, &err)
			 : mp_index_sort(x, (enum mp_sort)order, reverse); /* never -ENOENT */

	if (rc && counter)
		mp_view_fail(view, rc, &err);
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

static bool results_find(struct mp_view *view, void *state, const char *text, int by,
			 struct mp_match *ret_match)
{
	struct mp_results *r = state;
	const struct mp_index *x = &mp_view_model(view)->index;
	const uint32_t *order = mp_results_order(r, x);
	struct mp_tree_branch *branch;
	size_t from;

	if (!mp_results_lines(r, x))
		return false;
	from = mp_results_place(r, x);
	/* A branch stands before its first case. */
	if (by > 0 && mp_results_selected(r, x, &branch) == SIZE_MAX)
		from--;
	if (!mp_index_search(x, order, mp_results_n_rows(r, x), text, from, by, ret_match))
		return false;
	if (r->as_tree)
		mp_tree_reveal(&r->tree, order[ret_match->row]);
	mp_results_select_row(r, x, order[ret_match->row]);
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

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which line of Results is which case, and where the selection stays: see results_list.h. */
#include "report/viewer/results_list.h"

#include <string.h>

size_t mp_results_lines(const struct mp_results *r, const struct mp_index *x)
{
	return r->as_tree ? r->tree.n_lines : x->n_listed;
}

size_t mp_results_row_at(const struct mp_results *r, const struct mp_index *x, size_t line,
			 struct mp_tree_branch **ret_branch)
{
	size_t row = SIZE_MAX;

	*ret_branch = NULL;
	if (!r->as_tree)
		return x->listed[line];
	*ret_branch = mp_tree_at(&r->tree, line, &row);
	return row;
}

size_t mp_results_line(const struct mp_results *r, const struct mp_index *x)
{
	size_t n = mp_results_lines(r, x);

	return r->list.selected < n ? r->list.selected : n - 1;
}

size_t mp_results_selected(const struct mp_results *r, const struct mp_index *x,
			   struct mp_tree_branch **ret_branch)
{
	return mp_results_row_at(r, x, mp_results_line(r, x), ret_branch);
}

const uint32_t *mp_results_order(const struct mp_results *r, const struct mp_index *x)
{
	return r->as_tree ? r->tree.rows : x->listed;
}

size_t mp_results_n_rows(const struct mp_results *r, const struct mp_index *x)
{
	return r->as_tree ? r->tree.n_rows : x->n_listed;
}

size_t mp_results_place(const struct mp_results *r, const struct mp_index *x)
{
	return r->as_tree ? mp_tree_place(&r->tree, mp_results_line(r, x)) : mp_results_line(r, x);
}

void mp_results_select_line(struct mp_results *r, const struct mp_index *x, size_t line)
{
	r->list.count = mp_results_lines(r, x);
	if (line != SIZE_MAX)
		mp_list_select(&r->list, line);
}

void mp_results_select_row(struct mp_results *r, const struct mp_index *x, size_t row)
{
	mp_results_select_line(
		r, x, r->as_tree ? mp_tree_line_of(&r->tree, row) : mp_index_position(x, row));
}

void mp_results_remember(struct mp_results *r, const struct mp_index *x)
{
	struct mp_tree_branch *branch;
	struct mp_row row;
	size_t number;

	if (!mp_results_lines(r, x))
		return;
	number = mp_results_selected(r, x, &branch);
	r->on_branch = number == SIZE_MAX;
	if (r->on_branch)
		memcpy(r->selected, branch->name, sizeof(branch->name));
	else if (!mp_rows_get(x->rows, number, &row))
		memcpy(r->selected, row.text, sizeof(r->selected));
}

static void select_branch(struct mp_results *r, const struct mp_index *x, const char *name)
{
	for (size_t i = 0; i < r->tree.n_branches; i++) {
		if (!strcmp(r->tree.branches[i].name, name))
			mp_results_select_line(
				r, x, mp_tree_line_of_branch(&r->tree, &r->tree.branches[i]));
	}
}

void mp_results_update(struct mp_view *view, struct mp_results *r)
{
	int rc = r->as_tree ? mp_tree_update(&r->tree, &mp_view_model(view)->index) : 0;

	if (rc)
		mp_view_say(view, "the tree cannot be made: %s", strerror(-rc));
}

void mp_results_follow(struct mp_view *view, struct mp_results *r)
{
	const struct mp_index *x = &mp_view_model(view)->index;
	bool other = r->version != x->version;

	mp_results_update(view, r);
	if (other && r->selected[0] && x->rows) {
		size_t number = r->on_branch ? SIZE_MAX : mp_rows_find(x->rows, r->selected);

		if (number != SIZE_MAX)
			mp_results_select_row(r, x, number);
		else if (r->on_branch && r->as_tree)
			select_branch(r, x, r->selected);
	}
	if (!other)
		mp_results_remember(r, x);
	r->version = x->version;
}

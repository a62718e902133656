/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The lines of Results: the listed cases, or the tree of them; which case a line is, and where the selection stays when they
 * are sorted, filtered or judged anew. A line, and what is said of "the selected" one, wants mp_results_lines() > 0.
 * Layer: report.
 */
#ifndef REPORT_VIEWER_RESULTS_LIST_H
#define REPORT_VIEWER_RESULTS_LIST_H

#include "report/viewer/tree.h"
#include "report/viewer/view.h"

/* The state of the screen. */
struct mp_results {
	struct mp_list list;
	char selected[MP_CASE_TEXT_MAX]; /* case or branch; kept when the lines are others */
	bool on_branch;
	unsigned version; /* of the index that `list` is about */
	bool as_tree;
	struct mp_tree tree;
};

size_t mp_results_lines(const struct mp_results *r, const struct mp_index *x);
/* The selected line: also where nothing was drawn since others were listed. */
size_t mp_results_line(const struct mp_results *r, const struct mp_index *x);
/* The row of a line, of the selected line; SIZE_MAX: it is a branch, *ret_branch (else, in the tree, the case's own). */
size_t mp_results_row_at(const struct mp_results *r, const struct mp_index *x, size_t line,
			 struct mp_tree_branch **ret_branch);
size_t mp_results_selected(const struct mp_results *r, const struct mp_index *x,
			   struct mp_tree_branch **ret_branch);

/* Rows in the order in which they are seen, folded or not; how many; and the place of the selected line among them, of a branch
 * that of its first case. */
const uint32_t *mp_results_order(const struct mp_results *r, const struct mp_index *x);
size_t mp_results_n_rows(const struct mp_results *r, const struct mp_index *x);
size_t mp_results_place(const struct mp_results *r, const struct mp_index *x);

/* SIZE_MAX, a row that is not listed: the selection stays. */
void mp_results_select_line(struct mp_results *r, const struct mp_index *x, size_t line);
void mp_results_select_row(struct mp_results *r, const struct mp_index *x, size_t row);

/* Makes the tree anew where there is one and anything changed. */
void mp_results_update(struct mp_view *view, struct mp_results *r);
/* Before drawing: the tree, and the selection on its case when the lines are others. */
void mp_results_follow(struct mp_view *view, struct mp_results *r);
/* After drawing: which case is selected. */
void mp_results_remember(struct mp_results *r, const struct mp_index *x);

#endif

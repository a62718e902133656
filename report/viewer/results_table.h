/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The table of Results: which columns fit, what a line shows in them, and the branches of the tree. Columns of times share one
 * unit, which the heading names: that of the rows on the page. Layer: report.
 */
#ifndef REPORT_VIEWER_RESULTS_TABLE_H
#define REPORT_VIEWER_RESULTS_TABLE_H

#include "report/viewer/columns.h"
#include "report/viewer/page.h"
#include "report/viewer/tree.h"

struct mp_results_table {
	unsigned shown; /* bits of mp_columns[] */
	bool words; /* the verdict is one of them */
	size_t counters; /* so many of the chosen counters, to the right of them */
	int case_width;
	bool one_unit; /* numbers of the comparison are shown in `scale` */
	struct mp_view_scale scale;
	double reach; /* what the picture's ends stand for: the log of a ratio */
};

/* What fits into so many columns. */
struct mp_results_table mp_results_fit(const struct mp_view *view, int columns);
/* The unit of these rows, unless each value is shown in its own, and the reach of their changes. */
void mp_results_scale(const struct mp_view *view, const struct mp_row *rows, size_t n,
		      struct mp_results_table *table);

void mp_results_titles(const struct mp_view *view, const struct mp_results_table *table,
		       const struct mp_grid *body, int line);
/* `number`: of the row; `text`: the case, as far as it is not said elsewhere, from `indent` columns on. */
void mp_results_row(struct mp_view *view, const struct mp_results_table *table,
		    const struct mp_row *row, size_t number, const char *text, int indent,
		    const struct mp_grid *body, int line);
/* A family or a benchmark: '+' or '-', its name, its cases by verdict. */
void mp_results_branch(const struct mp_view *view, const struct mp_results_table *table,
		       const struct mp_tree_branch *branch, const struct mp_grid *body, int line);
/* Those in words, "41 cases: 3 slower, 30 same"; appended. */
void mp_results_branch_text(const struct mp_view *view, const struct mp_tree_branch *branch,
			    struct mp_str *out);

/* The orders that a person can choose from: those of enum mp_sort before MP_SORT_COUNTER, then one for each counter that has a
 * column. Which one a click on that column of the headings asks for; false: none. */
bool mp_results_sort_at(const struct mp_view *view, int columns, int column, size_t *ret_order);

#endif

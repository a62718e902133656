/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The listed rows as a tree: family > benchmark > case. Branches stand in the order in which the current order has their
 * first case, so that the family with the strongest evidence comes first; cases keep the order. A branch is folded until it
 * is opened, and stays as it is when rows are sorted, filtered or judged anew.
 *
 * A line is what is seen: a branch, or a case of an open benchmark. Four bytes a listed row; updating looks at every listed
 * row once. Layer: report.
 */
#ifndef REPORT_VIEWER_TREE_H
#define REPORT_VIEWER_TREE_H

#include "report/viewer/index.h"

struct mp_tree_branch {
	char name[MP_NAME_MAX]; /* "mmap", or "mmap.anon" */
	bool bench; /* else a family */
	bool open;
	size_t family; /* index of its family; of a family its own */
	uint32_t first, end; /* its rows, in name order */
	/* Cases, and (two sides) by verdict: all of the branch, or of what is filtered those that are listed. */
	size_t cases, counts[MP_VERDICT_COUNT];
	size_t listed; /* of them in the tree */
	size_t rank; /* place of its first case in the order; SIZE_MAX: it has none, and is not shown */
	size_t at; /* of a benchmark: its first case in `rows` of the tree */
};

struct mp_tree_line {
	size_t line;
	size_t branch;
};

struct mp_tree {
	const struct mp_rows *made_of; /* borrowed; NULL: nothing is read yet */
	unsigned version; /* of the index that the rest is about */
	struct mp_tree_branch
		*branches; /* owned: each family, then its benchmarks, in name order */
	size_t n_branches, cap_branches;
	uint32_t *rows; /* listed rows in the order of the tree, folded or not; owned */
	size_t n_rows;
	struct mp_tree_line *shown; /* branches that are seen, from above; owned */
	size_t n_shown, cap_shown;
	size_t n_lines;
};

/* What is listed, and in what order, as it is now; cheap when nothing changed. 0 or negative errno: the tree is empty then. */
int mp_tree_update(struct mp_tree *tree, const struct mp_index *index);
/* The rows are others: the tree is empty until it is updated. */
void mp_tree_renew(struct mp_tree *tree);
void mp_tree_done(struct mp_tree *tree); /* accepts zeroed */

/* The branch of a line; *ret_row: the case's row, SIZE_MAX: the line is the branch itself. `line` < n_lines. */
struct mp_tree_branch *mp_tree_at(const struct mp_tree *tree, size_t line, size_t *ret_row);
/* The line of a row: of the folded branch that holds it, if it is not seen; SIZE_MAX: it is not listed. */
size_t mp_tree_line_of(const struct mp_tree *tree, size_t row);
/* The line of a branch. SIZE_MAX: it is not seen. */
size_t mp_tree_line_of_branch(const struct mp_tree *tree, const struct mp_tree_branch *branch);
/* Opens the branches that hold the row. */
void mp_tree_reveal(struct mp_tree *tree, size_t row);
void mp_tree_open(struct mp_tree *tree, struct mp_tree_branch *branch, bool open);
/* All of them. */
void mp_tree_open_all(struct mp_tree *tree, bool open);
/* Place in `rows` of the line's case, or of the first case of its branch. */
size_t mp_tree_place(const struct mp_tree *tree, size_t line);

#endif

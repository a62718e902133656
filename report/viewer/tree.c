/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Families, benchmarks, cases: see tree.h. */
#include "report/viewer/tree.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/vec.h"

/* ---- branches ---- */

static struct mp_tree_branch *add_branch(struct mp_tree *tree, const char *text, size_t len,
					 uint32_t first)
{
	struct mp_tree_branch *b = mp_vec_push((void **)&tree->branches, &tree->n_branches,
					       &tree->cap_branches, sizeof(*b));

	if (!b)
		return NULL;
	*b = (struct mp_tree_branch){ .first = first, .end = first };
	snprintf(b->name, sizeof(b->name), "%.*s", (int)len, text);
	return b;
}

/* The row behind the last one of the benchmark of `text`, which is in row `first`: texts go on with '/', behind which
 * comes '0'. */
static uint32_t bench_end(const struct mp_rows *rows, const char *text, uint32_t first)
{
	char behind[MP_CASE_TEXT_MAX];
	size_t len = strcspn(text, "/");

	if (!text[len])
		return first + 1;
	snprintf(behind, sizeof(behind), "%.*s0", (int)len, text);
	return (uint32_t)mp_rows_lower_bound(rows, behind);
}

/* Names of the rows alone: a few look-ups a benchmark. */
static int read_branches(struct mp_tree *tree, const struct mp_rows *rows)
{
	size_t n = mp_rows_summary(rows)->n_rows, family = SIZE_MAX;

	tree->n_branches = 0;
	for (uint32_t at = 0; at < n;) {
		struct mp_tree_branch *b;
		struct mp_row row;
		size_t dot;

		if (mp_rows_get(rows, at, &row))
			return -EIO;
		dot = strcspn(row.text, "./");
		if (family == SIZE_MAX || strncmp(tree->branches[family].name, row.text, dot) ||
		    tree->branches[family].name[dot]) {
			b = add_branch(tree, row.text, dot, at);
			if (!b)
				return -ENOMEM;
			family = tree->n_branches - 1;
			b->family = family;
		}
		b = add_branch(tree, row.text, strcspn(row.text, "/"), at);
		if (!b)
			return -ENOMEM;
		b->bench = true;
		b->family = family;
		b->end = bench_end(rows, row.text, at);
		if (b->end <= at)
			return -EIO;
		at = b->end;
		tree->branches[family].end = at;
	}
	return 0;
}

/* What was open stays open, by its name. */
static void keep_open(struct mp_tree *tree, const struct mp_tree_branch *old, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; old[i].open && k < tree->n_branches; k++) {
			struct mp_tree_branch *b = &tree->branches[k];

			if (b->bench == old[i].bench && !strcmp(b->name, old[i].name))
				b->open = true;
		}
	}
}

/* The benchmark that holds the row. */
static struct mp_tree_branch *bench_of(const struct mp_tree *tree, size_t row)
{
	size_t low = 0, high = tree->n_branches;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (tree->branches[middle].first <= row)
			low = middle;
		else
			high = middle;
	}
	/* A family begins with the first of its benchmarks, which stands behind it. */
	return low < tree->n_branches && tree->branches[low].bench ? &tree->branches[low] : NULL;
}

/* ---- what is listed ---- */

static void count_case(struct mp_tree *tree, struct mp_tree_branch *bench, const struct mp_index *x,
		       size_t row)
{
	struct mp_tree_branch *both[] = { bench, &tree->branches[bench->family] };

	for (int i = 0; i < 2; i++) {
		both[i]->cases++;
		both[i]->counts[x->verdicts[row]]++;
	}
}

/* Cases by verdict: of what is filtered those that are listed, else all. */
static void count_cases(struct mp_tree *tree, const struct mp_index *x)
{
	if (x->filter || x->only_marked) {
		for (size_t i = 0; i < x->n_listed; i++)
			count_case(tree, bench_of(tree, x->listed[i]), x, x->listed[i]);
		return;
	}
	for (size_t k = 0; k < tree->n_branches; k++) {
		struct mp_tree_branch *b = &tree->branches[k];

		for (size_t row = b->first; b->bench && row < b->end && row < x->looked_at; row++)
			count_case(tree, b, x, row);
	}
}

static int by_rank(const void *a, const void *b, void *user)
{
	const struct mp_tree *tree = user;
	const struct mp_tree_branch *x = &tree->branches[((const struct mp_tree_line *)a)->branch];
	const struct mp_tree_branch *y = &tree->branches[((const struct mp_tree_line *)b)->branch];
	size_t of_x = tree->branches[x->family].rank, of_y = tree->branches[y->family].rank;

	if (of_x != of_y)
		return of_x < of_y ? -1 : 1;
	if (x->bench != y->bench)
		return x->bench ? 1 : -1;
	return x->rank < y->rank ? -1 : x->rank > y->rank;
}

/* The branches that have listed cases, from above, each with its place: heap; NULL: out of memory. */
static struct mp_tree_line *from_above(struct mp_tree *tree, size_t *ret_n)
{
	struct mp_tree_line *all = calloc(tree->n_branches + 1, sizeof(*all));
	size_t n = 0, at = 0;

	for (size_t k = 0; all && k < tree->n_branches; k++) {
		if (tree->branches[k].listed)
			all[n++].branch = k;
	}
	if (all)
		qsort_r(all, n, sizeof(*all), by_rank, tree);
	for (size_t k = 0; k < n; k++) {
		struct mp_tree_branch *b = &tree->branches[all[k].branch];

		b->at = at;
		at += b->bench ? b->listed : 0;
	}
	*ret_n = n;
	return all;
}

/* The lines that are seen now. */
static int show_lines(struct mp_tree *tree, const struct mp_tree_line *all, size_t n)
{
	tree->n_shown = tree->n_lines = 0;
	for (size_t k = 0; k < n; k++) {
		const struct mp_tree_branch *b = &tree->branches[all[k].branch];
		struct mp_tree_line *line;

		if (b->bench && !tree->branches[b->family].open)
			continue;
		line = mp_vec_push((void **)&tree->shown, &tree->n_shown, &tree->cap_shown,
				   sizeof(*line));
		if (!line)
			return -ENOMEM;
		*line = (struct mp_tree_line){ tree->n_lines, all[k].branch };
		tree->n_lines += 1 + (b->bench && b->open ? b->listed : 0);
	}
	return 0;
}

static void rank_branches(struct mp_tree *tree, const struct mp_index *x)
{
	for (size_t k = 0; k < tree->n_branches; k++) {
		struct mp_tree_branch *b = &tree->branches[k];

		b->listed = b->cases = 0;
		b->rank = SIZE_MAX;
		memset(b->counts, 0, sizeof(b->counts));
	}
	for (size_t i = x->n_listed; i-- > 0;) {
		struct mp_tree_branch *b = bench_of(tree, x->listed[i]);
		struct mp_tree_branch *family = &tree->branches[b->family];

		b->listed++;
		family->listed++;
		b->rank = family->rank = i;
	}
}

/* Folds and unfolds: the lines that are seen are others, what is listed stays. */
static int show_branches(struct mp_tree *tree)
{
	size_t n = 0;
	struct mp_tree_line *all = from_above(tree, &n);
	int rc = all ? show_lines(tree, all, n) : -ENOMEM;

	free(all);
	return rc;
}

static int list_rows(struct mp_tree *tree, const struct mp_index *x)
{
	uint32_t *rows = malloc((x->n_listed + 1) * sizeof(*rows));
	int rc;

	if (!rows)
		return -ENOMEM;
	free(tree->rows);
	tree->rows = rows;
	tree->n_rows = x->n_listed;
	rank_branches(tree, x);
	count_cases(tree, x);
	rc = show_branches(tree);
	/* Each benchmark's place is the next free one while they are filled. */
	for (size_t i = 0; !rc && i < x->n_listed; i++)
		rows[bench_of(tree, x->listed[i])->at++] = x->listed[i];
	for (size_t k = 0; k < tree->n_branches; k++)
		tree->branches[k].at -= tree->branches[k].bench ? tree->branches[k].listed : 0;
	return rc;
}

static void empty(struct mp_tree *tree)
{
	tree->n_shown = tree->n_lines = tree->n_rows = 0;
}

int mp_tree_update(struct mp_tree *tree, const struct mp_index *x)
{
	int rc = 0;

	if (!x->rows) {
		empty(tree);
		return 0;
	}
	if (tree->made_of && tree->version == x->version)
		return 0;
	if (!tree->made_of) {
		struct mp_tree_branch *old = tree->branches;
		size_t n = tree->n_branches;

		tree->branches = NULL;
		tree->n_branches = tree->cap_branches = 0;
		rc = read_branches(tree, x->rows);
		if (!rc)
			keep_open(tree, old, n);
		free(old);
	}
	if (!rc)
		rc = list_rows(tree, x);
	if (rc) {
		empty(tree);
		return rc;
	}
	tree->made_of = x->rows;
	tree->version = x->version;
	return 0;
}

void mp_tree_renew(struct mp_tree *tree)
{
	tree->made_of = NULL;
	empty(tree);
}

void mp_tree_done(struct mp_tree *tree)
{
	free(tree->branches);
	free(tree->rows);
	free(tree->shown);
	*tree = (struct mp_tree){ 0 };
}

/* ---- lines ---- */

/* The last branch that is seen at that line or above it. */
static const struct mp_tree_line *shown_at(const struct mp_tree *tree, size_t line)
{
	size_t low = 0, high = tree->n_shown;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (tree->shown[middle].line <= line)
			low = middle;
		else
			high = middle;
	}
	return &tree->shown[low];
}

struct mp_tree_branch *mp_tree_at(const struct mp_tree *tree, size_t line, size_t *ret_row)
{
	const struct mp_tree_line *shown = shown_at(tree, line);
	struct mp_tree_branch *b = &tree->branches[shown->branch];

	*ret_row = line > shown->line ? tree->rows[b->at + line - shown->line - 1] : SIZE_MAX;
	return b;
}

size_t mp_tree_line_of_branch(const struct mp_tree *tree, const struct mp_tree_branch *branch)
{
	for (size_t k = 0; k < tree->n_shown; k++) {
		if (&tree->branches[tree->shown[k].branch] == branch)
			return tree->shown[k].line;
	}
	return SIZE_MAX;
}

size_t mp_tree_line_of(const struct mp_tree *tree, size_t row)
{
	const struct mp_tree_branch *b = tree->n_lines ? bench_of(tree, row) : NULL;
	size_t line;

	for (size_t i = 0; b && i < b->listed; i++) {
		if (tree->rows[b->at + i] != row)
			continue;
		line = mp_tree_line_of_branch(tree, b);
		if (line == SIZE_MAX)
			return mp_tree_line_of_branch(tree, &tree->branches[b->family]);
		return b->open ? line + 1 + i : line;
	}
	return SIZE_MAX;
}

size_t mp_tree_place(const struct mp_tree *tree, size_t line)
{
	const struct mp_tree_line *shown = shown_at(tree, line);
	const struct mp_tree_branch *b = &tree->branches[shown->branch];

	return b->at + (line > shown->line ? line - shown->line - 1 : 0);
}

/* ---- folding ---- */

static void show_again(struct mp_tree *tree)
{
	if (show_branches(tree))
		empty(tree);
}

void mp_tree_open(struct mp_tree *tree, struct mp_tree_branch *branch, bool open)
{
	branch->open = open;
	show_again(tree);
}

void mp_tree_open_all(struct mp_tree *tree, bool open)
{
	for (size_t k = 0; k < tree->n_branches; k++)
		tree->branches[k].open = open;
	show_again(tree);
}

void mp_tree_reveal(struct mp_tree *tree, size_t row)
{
	struct mp_tree_branch *b = tree->n_lines ? bench_of(tree, row) : NULL;

	if (!b || (b->open && tree->branches[b->family].open))
		return;
	b->open = tree->branches[b->family].open = true;
	show_again(tree);
}

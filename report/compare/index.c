/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The cases of a side by name, each with the rows of all selected runs that may be pooled with the newest one: ok,
 * same definition version, unit and base page size, no planted fault.
 */
#include "report/compare/internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* By name, newest run first; a run with two versions of a case (a build changed before it was resumed) stands with the
 * newer one. */
static int by_text(const void *left, const void *right)
{
	const struct mp_side_row *a = left, *b = right;
	int order = strcmp(a->row->text, b->row->text);

	if (order)
		return order;
	if (a->run != b->run)
		return a->run > b->run ? 1 : -1;
	return (a->row->version < b->row->version) - (a->row->version > b->row->version);
}

/* A single run is in that order already, and a hundred thousand texts are slow to compare. */
static void sort(struct mp_side_row *entries, size_t n)
{
	size_t i = 1;

	while (i < n && by_text(&entries[i - 1], &entries[i]) <= 0)
		i++;
	if (i < n)
		qsort(entries, n, sizeof(*entries), by_text);
}

static bool same_text(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static bool may_pool(const struct mp_side *side, const struct mp_side_case *kase,
		     const struct mp_side_row *e)
{
	const char *mine = mp_side_page_size(&side->runs[e->run]);
	const char *newest = mp_side_page_size(&side->runs[kase->run]);

	return kase->row->outcome == MP_OUTCOME_OK && e->row->outcome == MP_OUTCOME_OK &&
	       kase->row->version == e->row->version && same_text(kase->row->unit, e->row->unit) &&
	       same_text(mine, newest) && !side->runs[e->run].sabotage;
}

void mp_side_fold(const struct mp_side *side, const struct mp_side_row *entries, size_t n,
		  const struct mp_points_case **pool, struct mp_side_case *cases, size_t *count)
{
	*count = 0;
	for (size_t i = 0; i < n; i++) {
		const struct mp_side_row *e = &entries[i];
		struct mp_side_case *last = *count ? &cases[*count - 1] : NULL;

		if (!last || strcmp(last->text, e->row->text)) {
			cases[(*count)++] = (struct mp_side_case){ e->row->text, e->run, e->row,
								   &pool[i],	 1,	 0 };
			pool[i] = e->row;
		} else if (may_pool(side, last, e)) {
			last->rows[last->n_rows++] = e->row;
		} else {
			last->dropped++;
		}
	}
}

int mp_side_index(const struct mp_side *side, struct mp_side_case **ret_cases, size_t *ret_count)
{
	struct mp_side_case *cases;
	struct mp_side_row *entries;
	size_t total = 0, n = 0;

	for (size_t r = 0; r < side->n_runs; r++)
		total += side->runs[r].points.n_cases;
	entries = calloc(total + 1, sizeof(*entries));
	/* One piece: the cases, then their rows. */
	cases = calloc(total + 1, sizeof(*cases) + sizeof(struct mp_points_case *));
	if (!entries || !cases) {
		free(entries);
		free(cases);
		return -ENOMEM;
	}
	for (size_t r = 0; r < side->n_runs; r++) {
		for (size_t i = 0; i < side->runs[r].points.n_cases; i++)
			entries[n++] = (struct mp_side_row){ r, &side->runs[r].points.cases[i] };
	}
	sort(entries, n);
	mp_side_fold(side, entries, n, (const struct mp_points_case **)(cases + total + 1), cases,
		     ret_count);
	free(entries);
	*ret_cases = cases;
	return 0;
}

void mp_side_index_free(struct mp_side_case *cases)
{
	free(cases);
}

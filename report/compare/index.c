/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The cases of a side by name, each with the rows of all selected runs that may be pooled with the newest one: ok,
 * same definition version, unit and base page size, no planted fault.
 */
#include "report/compare/internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/vec.h"

struct entry {
	size_t run; /* newest first */
	const struct mp_case_row *row;
};

static int by_text(const void *left, const void *right)
{
	const struct entry *a = left, *b = right;
	int order = strcmp(a->row->text, b->row->text);

	return order ? order : (a->run > b->run) - (a->run < b->run);
}

static bool same_text(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static bool may_pool(const struct mp_side *side, const struct mp_side_case *kase,
		     const struct entry *e)
{
	const char *mine = mp_side_page_size(&side->runs[e->run]);
	const char *newest = mp_side_page_size(&side->runs[kase->run]);

	return kase->row->outcome == MP_OUTCOME_OK && e->row->outcome == MP_OUTCOME_OK &&
	       kase->row->version == e->row->version && same_text(kase->row->unit, e->row->unit) &&
	       same_text(mine, newest) && !side->runs[e->run].sabotage;
}

static int add_row(struct mp_side_case *kase, const struct mp_case_row *row)
{
	const struct mp_case_row **slot =
		mp_vec_push((void **)&kase->rows, &kase->n_rows, &kase->cap_rows, sizeof(*slot));

	if (!slot)
		return -ENOMEM;
	*slot = row;
	return 0;
}

static int add_entry(const struct mp_side *side, struct mp_side_case *cases, size_t *count,
		     const struct entry *e)
{
	struct mp_side_case *last = *count ? &cases[*count - 1] : NULL;

	if (!last || strcmp(last->text, e->row->text)) {
		last = &cases[(*count)++];
		*last = (struct mp_side_case){ .text = e->row->text, .run = e->run, .row = e->row };
		return add_row(last, e->row);
	}
	if (may_pool(side, last, e))
		return add_row(last, e->row);
	last->dropped++;
	return 0;
}

int mp_side_index(const struct mp_side *side, struct mp_side_case **ret_cases, size_t *ret_count)
{
	struct mp_side_case *cases = NULL;
	struct entry *entries;
	size_t total = 0, n = 0, count = 0;
	int rc = -ENOMEM;

	for (size_t r = 0; r < side->n_runs; r++)
		total += side->runs[r].n_cases;
	entries = calloc(total + 1, sizeof(*entries));
	cases = calloc(total + 1, sizeof(*cases));
	if (!entries || !cases)
		goto out;
	for (size_t r = 0; r < side->n_runs; r++) {
		for (size_t i = 0; i < side->runs[r].n_cases; i++)
			entries[n++] = (struct entry){ r, &side->runs[r].cases[i] };
	}
	qsort(entries, n, sizeof(*entries), by_text);
	rc = 0;
	for (size_t i = 0; !rc && i < n; i++)
		rc = add_entry(side, cases, &count, &entries[i]);
out:
	free(entries);
	if (rc) {
		mp_side_index_free(cases, count);
		return rc;
	}
	*ret_cases = cases;
	*ret_count = count;
	return 0;
}

void mp_side_index_free(struct mp_side_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(cases[i].rows);
	free(cases);
}

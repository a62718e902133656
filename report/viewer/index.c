/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sorted and filtered row numbers: see index.h. */
#include "report/viewer/index.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/radix.h"
#include "common/str.h"
#include "report/viewer/counter_numbers.h"
#include "report/viewer/index_filter.h"

#define STEP_ROWS 1024 /* filtered between two looks at the clock */

static const struct {
	const char *name, *help;
} sorts[MP_SORT_COUNT] = {
	[MP_SORT_EVIDENCE] = { "evidence",
			       "what is most certain first (p, then size of the change)" },
	[MP_SORT_CHANGE] = { "change", "largest change in either direction first" },
	[MP_SORT_A] = { "a", "largest value of A first" },
	[MP_SORT_B] = { "b", "largest value of B first" },
	[MP_SORT_NOISE] = { "noise", "largest scatter between invocations first" },
	[MP_SORT_CASE] = { "case", "by the case's text" },
	[MP_SORT_WARNINGS] = { "warnings", "most warnings first" },
	[MP_SORT_COUNTER] = { "counter", "largest change in either direction first; with one side "
					 "the largest number" },
};

const char *mp_sort_name(enum mp_sort sort)
{
	return sorts[sort].name;
}

const char *mp_sort_help(enum mp_sort sort)
{
	return sorts[sort].help;
}

/* ---- sorting ---- */

/* What is equal by these keys stays in its order. 0 or negative errno. */
static int sort_by(const struct mp_index *x, enum mp_sort sort, uint64_t *keys,
		   struct mp_radix_item *items, struct mp_radix_item *spare, size_t n)
{
	int rc = 0;

	if (sort == MP_SORT_COUNTER)
		mp_counter_numbers_keys(x->counters, n, keys);
	else
		rc = mp_rows_keys(x->rows, sort, keys);
	for (size_t i = 0; !rc && i < n; i++)
		items[i].key = keys[items[i].index];
	if (!rc)
		mp_radix_sort(items, spare, n);
	return rc;
}

/* Among equals the larger change comes first, then name order. */
static int sort_rows(struct mp_index *x)
{
	size_t n = x->rows ? mp_rows_summary(x->rows)->n_rows : 0;
	struct mp_radix_item *items = malloc((2 * n + 1) * sizeof(*items));
	uint64_t *keys = malloc((n + 1) * sizeof(*keys));
	int rc = items && keys ? 0 : -ENOMEM;

	for (size_t i = 0; !rc && i < n; i++)
		items[i].index = (uint32_t)i;
	if (!rc && x->sort != MP_SORT_CASE)
		rc = sort_by(x, MP_SORT_CHANGE, keys, items, items + n, n);
	if (!rc && x->sort != MP_SORT_CASE && x->sort != MP_SORT_CHANGE)
		rc = sort_by(x, x->sort, keys, items, items + n, n);
	for (size_t i = 0; !rc && i < n; i++)
		x->order[x->reverse ? n - 1 - i : i] = items[i].index;
	free(items);
	free(keys);
	return rc;
}

/* ---- filtering ---- */

static void list_matches(struct mp_index *x)
{
	size_t n = x->rows ? mp_rows_summary(x->rows)->n_rows : 0;

	x->version++;
	x->n_listed = 0;
	for (size_t i = 0; i < n; i++) {
		uint32_t row = x->order[i];

		if (x->matches[row / 64] >> (row % 64) & 1)
			x->listed[x->n_listed++] = row;
	}
}

static bool passes(const struct mp_index *x, size_t i, const struct mp_row *row)
{
	if (x->only_marked && !mp_index_marked(x, i))
		return false;
	return !x->filter || mp_index_filter_match(x, i, row);
}

static int look(void *user, size_t i, const struct mp_row *row)
{
	struct mp_index *x = user;

	x->verdicts[i] = (uint8_t)row->verdict;
	if (!passes(x, i, row)) {
		x->n_filtered++;
		return 0;
	}
	if (!x->all && !x->names_verdict && !x->only_marked && row->verdict == MP_VERDICT_SAME &&
	    row->on_b) {
		x->n_same++;
		return 0;
	}
	x->matches[i / 64] |= 1ull << (i % 64);
	return 0;
}

static void restart(struct mp_index *x)
{
	size_t n = x->rows ? mp_rows_summary(x->rows)->n_rows : 0;

	x->looked_at = x->n_same = x->n_filtered = x->n_listed = 0;
	if (n)
		memset(x->matches, 0, (n / 64 + 1) * sizeof(*x->matches));
}

bool mp_index_step(struct mp_index *x, uint64_t budget_ns)
{
	size_t n = x->rows ? mp_rows_summary(x->rows)->n_rows : 0;
	size_t ready = mp_counter_numbers_ready(x->counters);
	uint64_t start = mp_clock_raw_ns();

	if (x->looked_at >= n)
		return false;
	ready = ready < n ? ready : n;
	if (x->looked_at >= ready)
		return true;
	while (x->looked_at < ready) {
		size_t rest = ready - x->looked_at, count = rest < STEP_ROWS ? rest : STEP_ROWS;

		/* A row that cannot be read is not listed; the next key says why. */
		mp_rows_scan(x->rows, x->looked_at, count, look, x);
		x->looked_at += count;
		if (mp_clock_raw_ns() - start >= budget_ns)
			break;
	}
	list_matches(x);
	return x->looked_at < n;
}

/* Marks of the rows before as bits of the new ones; how many are left. */
static size_t carry_marks(const struct mp_index *x, const struct mp_rows *rows, uint64_t *marks)
{
	size_t n = 0;
	struct mp_row row;

	for (size_t at = mp_index_next_mark(x, 0); at != SIZE_MAX;
	     at = mp_index_next_mark(x, at + 1)) {
		size_t now = rows && !mp_rows_get(x->rows, at, &row) ? mp_rows_find(rows, row.text)
								     : SIZE_MAX;

		if (now == SIZE_MAX)
			continue;
		marks[now / 64] |= 1ull << (now % 64);
		n++;
	}
	return n;
}

int mp_index_rows(struct mp_index *x, const struct mp_rows *rows)
{
	size_t n = rows ? mp_rows_summary(rows)->n_rows : 0;
	uint32_t *order = calloc(n + 1, sizeof(*order)), *listed = calloc(n + 1, sizeof(*listed));
	uint64_t *matches = calloc(n / 64 + 1, sizeof(*matches));
	uint64_t *marks = calloc(n / 64 + 1, sizeof(*marks));
	uint8_t *verdicts = calloc(n + 1, sizeof(*verdicts));
	int rc;

	if (!order || !listed || !matches || !marks || !verdicts) {
		free(marks);
		free(verdicts);
		free(order);
		free(listed);
		free(matches);
		return -ENOMEM;
	}
	x->n_marks = carry_marks(x, rows, marks);
	x->only_marked = x->only_marked && x->n_marks;
	free(x->marks);
	free(x->order);
	free(x->listed);
	free(x->matches);
	free(x->verdicts);
	x->marks = marks;
	x->verdicts = verdicts;
	x->rows = rows;
	x->order = order;
	x->listed = listed;
	x->matches = matches;
	restart(x);
	rc = sort_rows(x);
	if (rc) /* they are the caller's again */
		x->rows = NULL;
	return rc;
}

int mp_index_sort(struct mp_index *x, enum mp_sort sort, bool reverse)
{
	int rc;

	x->sort = sort;
	x->reverse = reverse;
	if (!x->rows)
		return 0;
	rc = sort_rows(x);
	list_matches(x);
	return rc;
}

int mp_index_sort_counter(struct mp_index *x, const char *name, bool reverse, struct mp_err *err)
{
	int rc = mp_counter_numbers_sort(x->counters, name, err);

	if (rc)
		return rc;
	rc = mp_index_sort(x, MP_SORT_COUNTER, reverse);
	return rc ? mp_err_env(err, rc, "cannot sort the rows: %s", strerror(-rc)) : 0;
}

const char *mp_index_sorted(const struct mp_index *x)
{
	return x->sort == MP_SORT_COUNTER ? mp_counter_numbers_sorted(x->counters)
					  : mp_sort_name(x->sort);
}

void mp_index_all(struct mp_index *x, bool all)
{
	x->all = all;
	if (x->rows)
		restart(x);
}

/* ---- marks ---- */

bool mp_index_marked(const struct mp_index *x, size_t row)
{
	return x->marks[row / 64] >> (row % 64) & 1;
}

void mp_index_mark(struct mp_index *x, size_t row, bool on)
{
	if (mp_index_marked(x, row) == on)
		return;
	x->marks[row / 64] ^= 1ull << (row % 64);
	x->n_marks += on ? 1 : (size_t)-1;
	if (x->only_marked)
		mp_index_only_marked(x, x->n_marks > 0);
}

void mp_index_unmark(struct mp_index *x)
{
	if (x->rows)
		memset(x->marks, 0,
		       (mp_rows_summary(x->rows)->n_rows / 64 + 1) * sizeof(*x->marks));
	x->n_marks = 0;
	if (x->only_marked)
		mp_index_only_marked(x, false);
}

size_t mp_index_next_mark(const struct mp_index *x, size_t row)
{
	size_t n = x->rows && x->n_marks ? mp_rows_summary(x->rows)->n_rows : 0;

	for (; row < n; row++) {
		if (!(row % 64) && !x->marks[row / 64])
			row += 63;
		else if (mp_index_marked(x, row))
			return row;
	}
	return SIZE_MAX;
}

void mp_index_only_marked(struct mp_index *x, bool only)
{
	x->only_marked = only;
	if (x->rows)
		restart(x);
}

int mp_index_filter(struct mp_index *x, const char *text, struct mp_err *err)
{
	struct mp_filter *filter = NULL;
	char *copy = NULL;
	bool named = false, blank = !text || !text[strspn(text, " \t")];
	int rc = 0;

	if (!blank) {
		copy = strdup(text);
		rc = copy ? mp_index_filter_parse(x, text, &filter, &named, err)
			  : mp_err_env(err, -ENOMEM, "out of memory");
	}
	if (!rc)
		rc = mp_counter_numbers_filter(x->counters, filter, err);
	if (rc) {
		mp_filter_free(filter);
		free(copy);
		return rc;
	}
	mp_filter_free(x->filter);
	free(x->filter_text);
	x->filter = filter;
	x->filter_text = copy;
	x->names_verdict = named;
	if (x->rows)
		restart(x);
	return 0;
}

void mp_index_done(struct mp_index *x)
{
	free(x->order);
	free(x->listed);
	free(x->matches);
	free(x->marks);
	free(x->verdicts);
	mp_filter_free(x->filter);
	free(x->filter_text);
	*x = (struct mp_index){ 0 };
}

size_t mp_index_position(const struct mp_index *x, size_t row)
{
	for (size_t i = 0; i < x->n_listed; i++) {
		if (x->listed[i] == row)
			return i;
	}
	return SIZE_MAX;
}

struct searched {
	const uint32_t *order;
	const uint64_t *found; /* a bit a row */
};

static bool is_found(void *user, size_t position, const char *text)
{
	const struct searched *s = user;
	uint32_t row = s->order[position];

	(void)text;
	return s->found[row / 64] >> (row % 64) & 1;
}

bool mp_index_search(const struct mp_index *x, const uint32_t *order, size_t n, const char *text,
		     size_t from, int by, struct mp_match *ret_match)
{
	size_t rows = x->rows ? mp_rows_summary(x->rows)->n_rows : 0;
	uint64_t *found = calloc(rows / 64 + 1, sizeof(*found));
	struct searched searched = { order, found };
	struct mp_list list = { .selected = from };
	bool any = found && !mp_rows_search(x->rows, text, found) &&
		   mp_list_find(&list, n, text, by, is_found, &searched, ret_match);

	free(found);
	return any;
}

size_t mp_index_next(const struct mp_index *x, const uint32_t *order, size_t n,
		     enum mp_verdict verdict, size_t from, int by)
{
	for (size_t i = from; by > 0 ? ++i < n : i-- > 0;) {
		if (x->verdicts[order[i]] == verdict)
			return i;
	}
	return SIZE_MAX;
}

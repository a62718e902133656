/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counters in filters and orders: see counter_numbers.h. */
#include "report/viewer/counter_numbers.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/vec.h"
#include "report/viewer/rows_writer.h"

void mp_counter_numbers_done(struct mp_counter_numbers *n)
{
	free(n->known);
	free(n->cells);
	*n = (struct mp_counter_numbers){ 0 };
}

static int no_memory(struct mp_err *err)
{
	return mp_err_env(err, -ENOMEM, "out of memory: what was counted cannot be read");
}

/* ---- which there are ---- */

/* The counter of that name; SIZE_MAX: none is known. */
static size_t find(const struct mp_counter_numbers *n, const char *name)
{
	for (size_t i = 0; i < n->n_known; i++) {
		if (!strcmp(n->known[i].names[MP_COUNTER_MORE], name))
			return i;
	}
	return SIZE_MAX;
}

static int add_known(void *user, const struct mp_counted *what)
{
	static const char *const suffixes[MP_COUNTER_FIELDS] = { "", "_a", "_b", "_change" };
	struct mp_counter_numbers *n = user;
	char name[MP_COUNTER_NAME_TEXT];
	struct mp_counter_known *slot;

	if (find(n, mp_counter_name(what, name)) != SIZE_MAX)
		return 0;
	slot = mp_vec_push((void **)&n->known, &n->n_known, &n->cap_known, sizeof(*slot));
	for (int i = 0; slot && i < MP_COUNTER_FIELDS; i++)
		snprintf(slot->names[i], sizeof(slot->names[i]), "%s%s", name, suffixes[i]);
	return slot ? 0 : -ENOMEM;
}

/* A file that cannot be read has none: everything else that reads it says so. */
int mp_counter_numbers_look(struct mp_counter_numbers *n, struct mp_err *err)
{
	int rc = 0;

	for (size_t side = 0; n && !n->looked && !rc && side < n->model->n_sides; side++) {
		struct mp_store *store = NULL;
		struct mp_err why;

		rc = mp_model_store_open(n->model, side, &store, &why);
		if (!rc)
			rc = mp_store_counter_each(store, add_known, n, &why);
		mp_store_close(store);
		rc = rc == -ENOMEM ? no_memory(err) : 0;
	}
	if (n && !rc)
		n->looked = true;
	return rc;
}

size_t mp_counter_numbers_count(const struct mp_counter_numbers *n)
{
	return n ? n->n_known * MP_COUNTER_FIELDS : 0;
}

void mp_counter_numbers_fields(const struct mp_counter_numbers *n,
			       struct mp_filter_field *ret_fields)
{
	for (size_t i = 0; n && i < n->n_known * MP_COUNTER_FIELDS; i++)
		ret_fields[i] = (struct mp_filter_field){
			n->known[i / MP_COUNTER_FIELDS].names[i % MP_COUNTER_FIELDS], true
		};
}

/* ---- which are kept ---- */

/* Room for so many of each row, of which none is read then. What was there stays where there is none. */
static int make_room(struct mp_counter_numbers *n, size_t n_columns, struct mp_err *err)
{
	size_t rows = n->model->rows ? mp_rows_summary(n->model->rows)->n_rows : 0;
	struct mp_counter_cell *cells = NULL;

	if (rows && n_columns) {
		cells = calloc(rows, n_columns * sizeof(*cells));
		if (!cells)
			return no_memory(err);
	}
	free(n->cells);
	n->cells = cells;
	n->n_rows = cells ? rows : 0;
	n->n_read = 0;
	return 0;
}

static size_t column_of(const struct mp_counter_numbers *n, size_t counter)
{
	size_t k = 0;

	while (k < n->n_columns && n->columns[k] != counter)
		k++;
	return k;
}

/* Keeps what is wanted: those `asked` (NULL: those of the filter that there is), and `sorted`. Where all of them are kept already,
 * nothing is read again; on failure nothing has changed. */
static int choose(struct mp_counter_numbers *n, const bool *asked, size_t sorted,
		  struct mp_err *err)
{
	size_t columns[MP_COUNTER_NUMBERS + 1] = { 0 }, count = 0;
	bool all = n->cells != NULL;
	int rc;

	for (size_t i = 0; i < n->n_known && count < MP_COUNTER_NUMBERS + 1; i++) {
		if (!(asked ? asked[i] : n->known[i].asked) && sorted != i)
			continue;
		all = all && column_of(n, i) < n->n_columns;
		columns[count++] = i;
	}
	if (all)
		return 0;
	rc = make_room(n, count, err);
	if (rc)
		return rc;
	memcpy(n->columns, columns, sizeof(columns));
	n->n_columns = count;
	return 0;
}

int mp_counter_numbers_renew(struct mp_counter_numbers *n, struct mp_err *err)
{
	bool looked = n->looked;
	int rc;

	/* Numbers of the rows before are those of none now. */
	free(n->cells);
	n->cells = NULL;
	n->n_rows = n->n_read = 0;
	n->looked = false;
	rc = looked ? mp_counter_numbers_look(n, err) : 0;
	return rc ? rc : make_room(n, n->n_columns, err);
}

struct asking {
	struct mp_counter_numbers *numbers;
	bool *asked; /* of each that is known */
	size_t count;
};

static int note_asked(void *user, const char *field)
{
	struct asking *a = user;

	for (size_t i = 0; i < a->numbers->n_known * MP_COUNTER_FIELDS; i++) {
		size_t counter = i / MP_COUNTER_FIELDS;

		if (strcmp(a->numbers->known[counter].names[i % MP_COUNTER_FIELDS], field))
			continue;
		a->count += !a->asked[counter];
		a->asked[counter] = true;
		break;
	}
	return 0;
}

int mp_counter_numbers_filter(struct mp_counter_numbers *n, const struct mp_filter *filter,
			      struct mp_err *err)
{
	struct asking a = { .numbers = n };
	int rc = 0;

	if (!n || !n->n_known)
		return 0;
	a.asked = calloc(n->n_known, sizeof(*a.asked));
	if (!a.asked)
		return mp_err_env(err, -ENOMEM, "out of memory");
	if (filter)
		mp_filter_fields(filter, note_asked, &a);
	if (a.count > MP_COUNTER_NUMBERS)
		rc = mp_err_usage(err, -EINVAL, "a filter may ask for %d counters, not for %zu",
				  MP_COUNTER_NUMBERS, a.count);
	if (!rc)
		rc = choose(n, a.asked, n->sorts ? n->sorted : SIZE_MAX, err);
	for (size_t i = 0; !rc && i < n->n_known; i++)
		n->known[i].asked = a.asked[i];
	free(a.asked);
	return rc;
}

int mp_counter_numbers_sort(struct mp_counter_numbers *n, const char *name, struct mp_err *err)
{
	int rc = mp_counter_numbers_look(n, err);
	size_t counter = n && !rc ? find(n, name) : SIZE_MAX;

	if (!rc && counter == SIZE_MAX)
		rc = mp_err_usage(err, -ENOENT, "no case has the counter '%s'", name);
	if (!rc)
		rc = choose(n, NULL, counter, err);
	if (rc)
		return rc;
	n->sorts = true;
	n->sorted = counter;
	return 0;
}

const char *mp_counter_numbers_sorted(const struct mp_counter_numbers *n)
{
	return n && n->sorts ? n->known[n->sorted].names[MP_COUNTER_MORE] : "";
}

/* ---- their numbers ---- */

bool mp_counter_numbers_step(struct mp_counter_numbers *n, uint64_t budget_ns)
{
	struct mp_counter_sources sources = { .model = n->model };
	char names[MP_COUNTER_NUMBERS + 1][MP_COUNTER_NAME_TEXT];
	uint64_t start = mp_clock_raw_ns();

	if (mp_counter_numbers_settled(n))
		return false;
	for (size_t k = 0; k < n->n_columns; k++)
		memcpy(names[k], n->known[n->columns[k]].names[MP_COUNTER_MORE], sizeof(names[k]));
	do {
		mp_counter_read(&sources, n->n_read, names, n->n_columns,
				&n->cells[n->n_read * n->n_columns]);
		n->n_read++;
	} while (!mp_counter_numbers_settled(n) && mp_clock_raw_ns() - start < budget_ns);
	mp_counter_sources_close(&sources);
	return mp_counter_numbers_settled(n);
}

bool mp_counter_numbers_settled(const struct mp_counter_numbers *n)
{
	return n->n_read == n->n_rows;
}

size_t mp_counter_numbers_ready(const struct mp_counter_numbers *n)
{
	bool asked = false;

	for (size_t i = 0; n && i < n->n_known; i++)
		asked = asked || n->known[i].asked;
	/* Without memory for them, which was said, no number is known, and the filter finds nothing. */
	return asked && n->cells ? n->n_read : SIZE_MAX;
}

/* NULL: not read, or not kept. */
static const struct mp_counter_cell *cell_of(const struct mp_counter_numbers *n, size_t counter,
					     size_t row)
{
	size_t k = column_of(n, counter);

	return k < n->n_columns && row < n->n_read ? &n->cells[row * n->n_columns + k] : NULL;
}

/* B over A, less 1: also where one of them is 0, which is a change of all there is. */
static double change(const struct mp_counter_cell *cell)
{
	if (isfinite(cell->ratio))
		return cell->ratio - 1;
	if (cell->a == 0 && cell->b == 0)
		return 0;
	if (cell->a == 0 && cell->b > 0)
		return INFINITY;
	return cell->a > 0 && cell->b == 0 ? -1 : NAN;
}

double mp_counter_numbers_value(const struct mp_counter_numbers *n, size_t field, size_t row)
{
	const struct mp_counter_cell *cell = cell_of(n, field / MP_COUNTER_FIELDS, row);

	if (!cell)
		return NAN;
	switch ((enum mp_counter_field)(field % MP_COUNTER_FIELDS)) {
	case MP_COUNTER_A:
		return cell->a;
	case MP_COUNTER_B:
		return cell->b;
	case MP_COUNTER_CHANGE:
		return change(cell);
	case MP_COUNTER_MORE:
	default:
		return fmax(cell->a, cell->b);
	}
}

void mp_counter_numbers_keys(const struct mp_counter_numbers *n, size_t count, uint64_t *ret_keys)
{
	bool two = n && n->model->n_sides == 2;

	for (size_t row = 0; row < count; row++) {
		const struct mp_counter_cell *cell =
			n && n->sorts ? cell_of(n, n->sorted, row) : NULL;

		ret_keys[row] = mp_rows_key(!cell ? NAN
					    : two ? -fabs(log1p(change(cell)))
						  : -cell->a);
	}
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What was counted, of all rows: for a filter that asks for counters, and for an order by one. Only those that either names
 * are kept, 24 bytes a row and counter, read from the results files in steps between keys. Layer: report.
 */
#ifndef REPORT_VIEWER_COUNTER_NUMBERS_H
#define REPORT_VIEWER_COUNTER_NUMBERS_H

#include "common/filter.h"
#include "report/viewer/counter_cells.h"

/* So many can be in a filter; one more is sorted by. */
#define MP_COUNTER_NUMBERS 6

/* What a filter may ask of a counter, per operation. */
enum mp_counter_field {
	MP_COUNTER_MORE, /* "l3_misses": of the side that has more */
	MP_COUNTER_A, /* "l3_misses_a" */
	MP_COUNTER_B,
	MP_COUNTER_CHANGE, /* "l3_misses_change": B over A, less 1 */
	MP_COUNTER_FIELDS,
};

struct mp_counter_known {
	char names[MP_COUNTER_FIELDS][MP_COUNTER_NAME_TEXT + 8]; /* of its fields, itself first */
	bool asked; /* by the filter */
};

struct mp_counter_numbers {
	const struct mp_model *model; /* borrowed */
	/* Every counter of the sides, and of sides before: numbers of fields stay what they are. Owned. */
	struct mp_counter_known *known;
	size_t n_known, cap_known;
	bool looked; /* which there are was read */
	bool sorts;
	size_t sorted; /* the one that is sorted by */
	/* What is kept: of counter columns[k] of row r cells[r * n_columns + k]. */
	size_t columns[MP_COUNTER_NUMBERS + 1], n_columns;
	struct mp_counter_cell *cells; /* owned; NULL: nothing is */
	size_t n_rows, n_read;
};

void mp_counter_numbers_done(struct mp_counter_numbers *numbers); /* accepts zeroed */
/* The model has other rows now. 0, or -ENOMEM with a sentence: then no number is known. */
int mp_counter_numbers_renew(struct mp_counter_numbers *numbers, struct mp_err *err);
/* Looks which counters the files have, unless it did. 0, or -ENOMEM with a sentence: it looks again the next time. Accepts NULL. */
int mp_counter_numbers_look(struct mp_counter_numbers *numbers, struct mp_err *err);

/* Fields of a filter: how many, MP_COUNTER_FIELDS for each counter that it found; the fields, whose names live until it looks again;
 * and a field of a row, NaN: no number, or not read yet. All of them accept NULL: there is none. */
size_t mp_counter_numbers_count(const struct mp_counter_numbers *numbers);
void mp_counter_numbers_fields(const struct mp_counter_numbers *numbers,
			       struct mp_filter_field *ret_fields);
double mp_counter_numbers_value(const struct mp_counter_numbers *numbers, size_t field, size_t row);

/* From now on that filter is asked (NULL: none). 0, or with a sentence -EINVAL where it asks for too many counters, or -ENOMEM: then
 * nothing has changed. Accepts NULL numbers. */
int mp_counter_numbers_filter(struct mp_counter_numbers *numbers, const struct mp_filter *filter,
			      struct mp_err *err);
/* So many rows, from the first on, can be filtered by what is read; SIZE_MAX: all. Accepts NULL. */
size_t mp_counter_numbers_ready(const struct mp_counter_numbers *numbers);

/* From now on rows are sorted by that counter. 0, or with a sentence -ENOENT where nothing of that name was counted, or -ENOMEM: then
 * nothing has changed. Accepts NULL numbers. */
int mp_counter_numbers_sort(struct mp_counter_numbers *numbers, const char *name,
			    struct mp_err *err);
/* Its name; "": none is sorted by. Accepts NULL. */
const char *mp_counter_numbers_sorted(const struct mp_counter_numbers *numbers);
/* A number for each of `count` rows as of mp_rows_keys(): the largest change in either direction first, with one side the largest
 * number; last what has none, or was not read yet. */
void mp_counter_numbers_keys(const struct mp_counter_numbers *numbers, size_t count,
			     uint64_t *ret_keys);

/* Goes on reading for about `budget_ns`. true: everything is read since this call. */
bool mp_counter_numbers_step(struct mp_counter_numbers *numbers, uint64_t budget_ns);
bool mp_counter_numbers_settled(const struct mp_counter_numbers *numbers);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The inside of a table, shared by the cells (table.c) and the formats. */
#ifndef REPORT_FORMAT_TABLE_IMPL_H
#define REPORT_FORMAT_TABLE_IMPL_H

#include "report/format/table.h"

enum mp_cell_kind { MP_CELL_UNKNOWN, MP_CELL_TEXT, MP_CELL_NUMBER, MP_CELL_INTEGER };

struct mp_cell {
	enum mp_cell_kind kind;
	char *text; /* TEXT: owned, as it was given */
	double number;
	int64_t integer;
};

struct mp_section {
	size_t row; /* stands above this row */
	char *text; /* owned */
};

struct mp_row_judgement {
	size_t row;
	enum mp_judgement judgement;
	char *word, *message; /* owned; message may be NULL */
};

struct mp_row_interval {
	size_t row;
	double low, value, high; /* finite, above 0 */
};

struct mp_table {
	const struct mp_column *columns;
	size_t n_columns;
	const char *times; /* what durations are in, borrowed; NULL: ns */
	struct mp_cell *cells; /* row by row; the last row may be short */
	size_t n_cells, cap_cells;
	struct mp_section *sections; /* in row order */
	size_t n_sections, cap_sections;
	struct mp_row_judgement *judgements; /* in row order; rows without one have none */
	size_t n_judgements, cap_judgements;
	struct mp_row_interval *intervals; /* in row order */
	size_t n_intervals, cap_intervals;
	bool failed;
};

/* The cell, or an unknown one beyond the end of a short row. */
const struct mp_cell *mp_table_cell(const struct mp_table *table, size_t row, size_t column);

/* What was judged of the row, or NULL. */
const struct mp_row_judgement *mp_table_judgement(const struct mp_table *table, size_t row);

/* The row's interval, or NULL. */
const struct mp_row_interval *mp_table_interval_of(const struct mp_table *table, size_t row);

/* The column of that key, or -1. */
int mp_table_find(const struct mp_table *table, const char *key);

/* Appends what people see in the cell: cleaned text, value with its unit, or "-". */
void mp_table_people(const struct mp_table *table, size_t row, size_t column, struct mp_str *out);

#endif

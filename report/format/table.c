/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables: their cells, and what people see in one; the formats are in formats/. */
#include "report/format/table.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/units.h"
#include "common/vec.h"
#include "report/format/table_impl.h"
#include "report/format/width.h"

struct mp_table *mp_table_new(const struct mp_column *columns, size_t count)
{
	struct mp_table *table = calloc(1, sizeof(*table));

	if (table) {
		table->columns = columns;
		table->n_columns = count;
	}
	return table;
}

void mp_table_times(struct mp_table *table, const char *unit)
{
	if (table)
		table->times = unit;
}

void mp_table_free(struct mp_table *table)
{
	if (!table)
		return;
	for (size_t i = 0; i < table->n_cells; i++)
		free(table->cells[i].text);
	for (size_t i = 0; i < table->n_sections; i++)
		free(table->sections[i].text);
	for (size_t i = 0; i < table->n_judgements; i++) {
		free(table->judgements[i].word);
		free(table->judgements[i].message);
	}
	free(table->judgements);
	free(table->intervals);
	free(table->cells);
	free(table->sections);
	free(table);
}

static struct mp_cell *add(struct mp_table *table, enum mp_cell_kind kind)
{
	struct mp_cell *cell;

	if (!table)
		return NULL;
	cell = mp_vec_push((void **)&table->cells, &table->n_cells, &table->cap_cells,
			   sizeof(*cell));
	if (cell)
		cell->kind = kind;
	else
		table->failed = true;
	return cell;
}

void mp_table_text(struct mp_table *table, const char *text)
{
	struct mp_cell *cell = add(table, text ? MP_CELL_TEXT : MP_CELL_UNKNOWN);

	if (!cell || !text)
		return;
	cell->text = strdup(text);
	if (!cell->text) {
		cell->kind = MP_CELL_UNKNOWN;
		table->failed = true;
	}
}

void mp_table_str(struct mp_table *table, const struct mp_str *text)
{
	mp_table_text(table, text->text);
	if (text->failed)
		table->failed = true;
}

void mp_table_number(struct mp_table *table, double value)
{
	struct mp_cell *cell = add(table, isfinite(value) ? MP_CELL_NUMBER : MP_CELL_UNKNOWN);

	if (cell)
		cell->number = value;
}

void mp_table_integer(struct mp_table *table, int64_t value)
{
	struct mp_cell *cell = add(table, MP_CELL_INTEGER);

	if (cell)
		cell->integer = value;
}

void mp_table_unknown(struct mp_table *table)
{
	add(table, MP_CELL_UNKNOWN);
}

void mp_table_section(struct mp_table *table, const char *text)
{
	struct mp_section *section;

	if (!table)
		return;
	section = mp_vec_push((void **)&table->sections, &table->n_sections, &table->cap_sections,
			      sizeof(*section));
	if (!section) {
		table->failed = true;
		return;
	}
	section->row = mp_table_rows(table);
	section->text = strdup(text);
	if (!section->text) {
		table->n_sections--;
		table->failed = true;
	}
}

void mp_table_judge(struct mp_table *table, enum mp_judgement judgement, const char *word,
		    const char *message)
{
	struct mp_row_judgement *j;
	size_t rows = table ? mp_table_rows(table) : 0;

	if (!rows)
		return;
	j = mp_vec_push((void **)&table->judgements, &table->n_judgements, &table->cap_judgements,
			sizeof(*j));
	if (!j) {
		table->failed = true;
		return;
	}
	j->row = rows - 1;
	j->judgement = judgement;
	j->word = strdup(word);
	j->message = message ? strdup(message) : NULL;
	if (!j->word || (message && !j->message))
		table->failed = true;
}

const struct mp_row_judgement *mp_table_judgement(const struct mp_table *table, size_t row)
{
	size_t low = 0, high = table->n_judgements;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (table->judgements[middle].row < row)
			low = middle + 1;
		else
			high = middle;
	}
	return low < table->n_judgements && table->judgements[low].row == row
		       ? &table->judgements[low]
		       : NULL;
}

void mp_table_interval(struct mp_table *table, double low, double value, double high)
{
	size_t rows = table ? mp_table_rows(table) : 0;
	struct mp_row_interval *v;

	if (!rows || !(low > 0 && value >= low && high >= value && isfinite(high)))
		return;
	v = mp_vec_push((void **)&table->intervals, &table->n_intervals, &table->cap_intervals,
			sizeof(*v));
	if (v)
		*v = (struct mp_row_interval){ rows - 1, low, value, high };
	else
		table->failed = true;
}

const struct mp_row_interval *mp_table_interval_of(const struct mp_table *table, size_t row)
{
	for (size_t i = 0; i < table->n_intervals && table->intervals[i].row <= row; i++)
		if (table->intervals[i].row == row)
			return &table->intervals[i];
	return NULL;
}

int mp_table_find(const struct mp_table *table, const char *key)
{
	for (size_t c = 0; c < table->n_columns; c++)
		if (table->columns[c].key && !strcmp(table->columns[c].key, key))
			return (int)c;
	return -1;
}

bool mp_table_failed(const struct mp_table *table)
{
	return !table || table->failed;
}

size_t mp_table_rows(const struct mp_table *table)
{
	if (!table || !table->n_columns)
		return 0;
	return (table->n_cells + table->n_columns - 1) / table->n_columns;
}

const struct mp_cell *mp_table_cell(const struct mp_table *table, size_t row, size_t column)
{
	static const struct mp_cell unknown = { .kind = MP_CELL_UNKNOWN };
	size_t index = row * table->n_columns + column;

	return index < table->n_cells ? &table->cells[index] : &unknown;
}

/* 0.021 is "2.1 %"; small ratios keep two decimals, a rounded 100 needs none. */
static void percent(double ratio, char buf[MP_UNITS_LEN])
{
	double value = ratio * 100;
	double magnitude = fabs(value);
	int decimals = magnitude < 0.995 ? 2 : magnitude < 99.95 ? 1 : 0;

	if (magnitude >= 1e6)
		snprintf(buf, MP_UNITS_LEN, "%.3g %%", value);
	else
		snprintf(buf, MP_UNITS_LEN, "%.*f %%", magnitude == 0 ? 1 : decimals, value);
}

char *mp_column_format(enum mp_column_kind kind, double value, char buf[MP_UNITS_LEN])
{
	if (!isfinite(value)) {
		strcpy(buf, "-");
		return buf;
	}
	switch (kind) {
	case MP_COLUMN_TEXT:
	case MP_COLUMN_JSON:
	case MP_COLUMN_NUMBER:
		return mp_number_format(value, buf);
	case MP_COLUMN_INTEGER:
		snprintf(buf, MP_UNITS_LEN, fabs(value) < 1e15 ? "%.0f" : "%.6g", value);
		return buf;
	case MP_COLUMN_DURATION:
		return mp_duration_format(value, buf);
	case MP_COLUMN_PERCENT:
		percent(value, buf);
		return buf;
	case MP_COLUMN_SIZE:
		if (value >= 0 && value < 0x1p63 && value == floor(value))
			return mp_size_format((uint64_t)value, buf);
		return mp_number_format(value, buf);
	}
	strcpy(buf, "-");
	return buf;
}

char *mp_exact_format(double value, char buf[MP_UNITS_LEN])
{
	buf[0] = '\0';
	if (!isfinite(value))
		return buf;
	for (int digits = 15; digits <= 17; digits++) {
		snprintf(buf, MP_UNITS_LEN, "%.*g", digits, value);
		if (strtod(buf, NULL) == value)
			break;
	}
	return buf;
}

void mp_table_people(const struct mp_table *table, size_t row, size_t column, struct mp_str *out)
{
	const struct mp_cell *cell = mp_table_cell(table, row, column);
	enum mp_column_kind kind = table->columns[column].kind;
	char buf[MP_UNITS_LEN];

	switch (cell->kind) {
	case MP_CELL_UNKNOWN:
		mp_str_addc(out, '-');
		break;
	case MP_CELL_TEXT:
		mp_text_clean(out, cell->text, false);
		break;
	case MP_CELL_NUMBER:
		if (kind == MP_COLUMN_DURATION && table->times && isfinite(cell->number))
			mp_str_printf(out, "%s %s", mp_number_format(cell->number, buf),
				      table->times);
		else
			mp_str_add(out, mp_column_format(kind, cell->number, buf));
		break;
	case MP_CELL_INTEGER:
		if (kind == MP_COLUMN_INTEGER || kind == MP_COLUMN_TEXT)
			mp_str_printf(out, "%lld", (long long)cell->integer);
		else
			mp_str_add(out, mp_column_format(kind, (double)cell->integer, buf));
		break;
	}
}

void mp_table_render(const struct mp_table *table, const struct mp_format *format,
		     unsigned columns_wide, struct mp_str *out)
{
	if (mp_table_failed(table))
		out->failed = true;
	else
		format->table(table, columns_wide, out);
}

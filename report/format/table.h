/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One table, many formats: every command that prints rows describes them once.
 *
 * A cell is a text, a number with a unit, or unknown: unknown is an empty CSV field, null in JSON and "-"
 * for people, never 0.
 */
#ifndef REPORT_FORMAT_TABLE_H
#define REPORT_FORMAT_TABLE_H

#include "common/str.h"
#include "common/units.h"
#include "report/format/format.h"

#include <stdbool.h>
#include <stdint.h>

enum mp_column_kind {
	MP_COLUMN_TEXT,
	MP_COLUMN_JSON, /* a text that is a value of its own in JSON */
	MP_COLUMN_NUMBER, /* printed for people with four significant digits and SI prefix */
	MP_COLUMN_INTEGER,
	MP_COLUMN_DURATION, /* nanoseconds; people see "4.799 us" */
	MP_COLUMN_PERCENT, /* a ratio: 0.021 is "2.1 %" */
	MP_COLUMN_SIZE, /* bytes */
};

struct mp_column {
	const char *key; /* JSON member and CSV header, lower_case */
	const char *title; /* for people */
	enum mp_column_kind kind;
	bool people_only, machines_only; /* left out of the other formats */
	bool metric; /* a number that monitoring follows from run to run (OpenMetrics) */
	bool label; /* with the case, says which row it is (OpenMetrics) */
	bool right; /* a text that is a number to people: stands right and never wraps */
};

struct mp_table; /* heap */

struct mp_table *mp_table_new(const struct mp_column *columns,
			      size_t count); /* columns are borrowed */
void mp_table_free(struct mp_table *table); /* accepts NULL */
/* Durations are numbers of that unit, "cycles" (a literal; NULL: ns). For people only: keys still say ns. */
void mp_table_times(struct mp_table *table, const char *unit);

/* Cells are added in column order; a row ends when it is full. Texts are copied. */
void mp_table_text(struct mp_table *table, const char *text); /* NULL: unknown */
/* The text of `text`; where memory ran out for it, the table has failed. */
void mp_table_str(struct mp_table *table, const struct mp_str *text);
void mp_table_number(struct mp_table *table, double value); /* NaN: unknown */
void mp_table_integer(struct mp_table *table, int64_t value);
void mp_table_unknown(struct mp_table *table);
/* A line of its own across the table, above the rows that follow; for people only. */
void mp_table_section(struct mp_table *table, const char *text);

/* What a row says about its case, for formats that know tests and colours. */
enum mp_judgement {
	MP_JUDGED_NONE, /* nothing */
	MP_JUDGED_GOOD,
	MP_JUDGED_BETTER, /* good, and changed */
	MP_JUDGED_BAD, /* a regression */
	MP_JUDGED_BROKEN, /* no valid value */
	MP_JUDGED_OPEN, /* not judged: unsure, skipped, nothing to compare with */
};
/* Of the newest row: its word ("slower"), and a sentence or NULL. Texts are copied. */
void mp_table_judge(struct mp_table *table, enum mp_judgement judgement, const char *word,
		    const char *message);

/* Of the newest row: a ratio with its interval, for formats that draw. NaN: unknown, nothing is drawn. */
void mp_table_interval(struct mp_table *table, double low, double value, double high);

bool mp_table_failed(const struct mp_table *table); /* memory ran out somewhere */
size_t mp_table_rows(const struct mp_table *table);

/* Appends the rendered table. `columns_wide`: terminal width for text (0: unlimited); too wide a table lets
 * its widest text column wrap, it never cuts a number. JSON: an array of objects. */
void mp_table_render(const struct mp_table *table, const struct mp_format *format,
		     unsigned columns_wide, struct mp_str *out);

/* The same array of objects as a jansson value (owned by the caller, json_decref), to be put into a larger
 * document; NULL when memory ran out. */
struct json_t *mp_table_json(const struct mp_table *table);

/* For people, as in a column of that kind; a value that is not finite gives "-". */
char *mp_column_format(enum mp_column_kind kind, double value, char buf[MP_UNITS_LEN]);

/* The shortest decimal text that reads back as exactly `value`; empty when it is not finite. */
char *mp_exact_format(double value, char buf[MP_UNITS_LEN]);

#endif

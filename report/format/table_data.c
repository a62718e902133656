/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Tables for machines: CSV (RFC 4180: CRLF, quotes doubled; header from the columns' keys) and JSON (an array
 * of objects). Numbers keep every digit; unknown is an empty field or null.
 */
#include "report/format/table_impl.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "report/format/width.h"

static void csv_field(struct mp_str *out, const char *text)
{
	if (!text[strcspn(text, ",\"\r\n")] && text[0] != ' ') {
		mp_text_clean(out, text, true);
		return;
	}
	mp_str_addc(out, '"');
	while (*text) {
		size_t plain = strcspn(text, "\"");
		char *part = strndup(text, plain);

		if (!part) {
			out->failed = true;
			return;
		}
		mp_text_clean(out, part, true);
		free(part);
		text += plain;
		if (*text) {
			mp_str_add(out, "\"\"");
			text++;
		}
	}
	mp_str_addc(out, '"');
}

static void csv_cell(struct mp_str *out, const struct mp_cell *cell)
{
	char buf[MP_UNITS_LEN];

	switch (cell->kind) {
	case MP_CELL_UNKNOWN:
		break;
	case MP_CELL_TEXT:
		/* An empty text is not unknown: RFC 4180 readers that care can tell "" from nothing. */
		if (cell->text[0])
			csv_field(out, cell->text);
		else
			mp_str_add(out, "\"\"");
		break;
	case MP_CELL_NUMBER:
		mp_str_add(out, mp_exact_format(cell->number, buf));
		break;
	case MP_CELL_INTEGER:
		mp_str_printf(out, "%lld", (long long)cell->integer);
		break;
	}
}

void mp_table_render_csv(const struct mp_table *table, struct mp_str *out)
{
	size_t rows = mp_table_rows(table);
	const char *comma = "";

	for (size_t c = 0; c < table->n_columns; c++) {
		if (table->columns[c].people_only)
			continue;
		mp_str_add(out, comma);
		csv_field(out, table->columns[c].key);
		comma = ",";
	}
	mp_str_add(out, "\r\n");
	for (size_t r = 0; r < rows; r++) {
		comma = "";
		for (size_t c = 0; c < table->n_columns; c++) {
			if (table->columns[c].people_only)
				continue;
			mp_str_add(out, comma);
			csv_cell(out, mp_table_cell(table, r, c));
			comma = ",";
		}
		mp_str_add(out, "\r\n");
	}
}

static json_t *json_text(const char *text)
{
	struct mp_str clean = MP_STR_INIT;
	json_t *value = NULL;

	mp_text_clean(&clean, text, true);
	if (!clean.failed)
		value = json_string(clean.text);
	mp_str_done(&clean);
	return value;
}

static json_t *json_cell(const struct mp_cell *cell)
{
	switch (cell->kind) {
	case MP_CELL_UNKNOWN:
		break;
	case MP_CELL_TEXT:
		return json_text(cell->text);
	case MP_CELL_NUMBER:
		return json_real(cell->number);
	case MP_CELL_INTEGER:
		return json_integer(cell->integer);
	}
	return json_null();
}

struct json_t *mp_table_json(const struct mp_table *table)
{
	size_t rows = mp_table_rows(table);
	json_t *array;

	if (mp_table_failed(table))
		return NULL;
	array = json_array();
	for (size_t r = 0; array && r < rows; r++) {
		json_t *object = json_object();
		bool bad = json_array_append_new(array, object) != 0;

		for (size_t c = 0; !bad && c < table->n_columns; c++) {
			if (!table->columns[c].people_only)
				bad = json_object_set_new(object, table->columns[c].key,
							  json_cell(mp_table_cell(table, r, c)));
		}
		if (bad) {
			json_decref(array);
			return NULL;
		}
	}
	return array;
}

void mp_table_render_json(const struct mp_table *table, struct mp_str *out)
{
	json_t *array = mp_table_json(table);
	char *text = array ? json_dumps(array, JSON_INDENT(2) | JSON_REAL_PRECISION(17)) : NULL;

	if (text) {
		mp_str_add(out, text);
		mp_str_addc(out, '\n');
	} else {
		out->failed = true;
	}
	free(text);
	json_decref(array);
}

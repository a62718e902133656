/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON: a table is an array of objects, a report one document. Numbers keep every digit; unknown is null. */
#include "report/format/format.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>

#include "report/format/table_impl.h"
#include "report/format/width.h"

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

static json_t *json_cell(const struct mp_cell *cell, enum mp_column_kind kind)
{
	json_t *parsed =
		cell->kind == MP_CELL_TEXT && kind == MP_COLUMN_JSON
			? json_loads(cell->text, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, NULL)
			: NULL;

	/* What a hostile file calls JSON is a text. */
	if (parsed)
		return parsed;
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
							  json_cell(mp_table_cell(table, r, c),
								    table->columns[c].kind));
		}
		if (bad) {
			json_decref(array);
			return NULL;
		}
	}
	return array;
}

static int put(json_t *value, struct mp_str *out)
{
	if (json_dump_callback(value, mp_str_sink, out, JSON_INDENT(2) | JSON_REAL_PRECISION(17)))
		out->failed = true;
	mp_str_addc(out, '\n');
	json_decref(value);
	return out->failed ? -ENOMEM : 0;
}

static void render(const struct mp_table *table, unsigned wide, struct mp_str *out)
{
	(void)wide;
	put(mp_table_json(table), out);
}

static int data(const struct mp_data *data, struct mp_str *out)
{
	return put(data->document, out);
}

const struct mp_format mp_format_json = {
	.name = "json",
	.suffix = "json",
	.table = render,
	.data = data,
};

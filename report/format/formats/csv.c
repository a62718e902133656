/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * CSV (RFC 4180: CRLF, quotes doubled; header from the columns' keys), a row per case. Numbers keep every digit;
 * unknown is an empty field. A text that a spreadsheet would compute, because it begins as a formula does, has an apostrophe before
 * it, which is how spreadsheets write a text that begins so.
 */
#include "report/format/format.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "report/format/table_impl.h"
#include "report/format/width.h"

/* The text without what would steer a terminal, with its line ends: a quoted field may hold them (RFC 4180, 2.6). */
static void add_lines(struct mp_str *out, const char *text)
{
	char *copy = strdup(text), *line = copy, *end;

	if (!copy) {
		out->failed = true;
		return;
	}
	for (; (end = strchr(line, '\n')); line = end + 1) {
		*end = '\0';
		mp_text_clean(out, line, false);
		mp_str_addc(out, '\n');
	}
	mp_text_clean(out, line, false);
	free(copy);
}

static void csv_field(struct mp_str *out, const char *text)
{
	struct mp_str clean = MP_STR_INIT;
	bool quoted;

	if (*text && strchr("=+-@\t\r\n", *text))
		mp_str_addc(&clean, '\'');
	add_lines(&clean, text);
	quoted = clean.text[strcspn(clean.text, ",\"\n")] || clean.text[0] == ' ';
	if (quoted)
		mp_str_addc(out, '"');
	for (const char *c = clean.text; *c; c++)
		mp_str_add(out, *c == '"' ? "\"\"" : (char[]){ *c, '\0' });
	if (quoted)
		mp_str_addc(out, '"');
	out->failed |= clean.failed;
	mp_str_done(&clean);
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

static void render(const struct mp_table *table, unsigned wide, struct mp_str *out)
{
	size_t rows = mp_table_rows(table);
	const char *comma = "";

	(void)wide;
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

static int data(const struct mp_data *data, struct mp_str *out)
{
	render(data->table, 0, out);
	return out->failed ? -ENOMEM : 0;
}

const struct mp_format mp_format_csv = {
	.name = "csv",
	.suffix = "csv",
	.table = render,
	.data = data,
};

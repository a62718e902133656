/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Markdown as forges render it (GitHub's tables): everything that would be markup in a text is escaped. */
#include "report/format/format.h"

#include <string.h>

#include "report/format/doc.h"
#include "report/format/table_impl.h"
#include "report/format/width.h"

/* Appends text with the characters escaped that Markdown reads as markup. */
static void add(struct mp_str *out, const char *text)
{
	struct mp_str clean = MP_STR_INIT;

	mp_text_clean(&clean, text, false);
	for (const char *c = clean.text; *c; c++) {
		if (strchr("\\`*|<>[]&", *c))
			mp_str_addc(out, '\\');
		mp_str_addc(out, *c);
	}
	if (clean.failed)
		out->failed = true;
	mp_str_done(&clean);
}

static void markdown_row(const struct mp_table *table, size_t row, struct mp_str *out)
{
	mp_str_addc(out, '|');
	for (size_t c = 0; c < table->n_columns; c++) {
		struct mp_str cell = MP_STR_INIT;

		if (table->columns[c].machines_only)
			continue;
		mp_table_people(table, row, c, &cell);
		mp_str_addc(out, ' ');
		add(out, cell.text);
		mp_str_add(out, " |");
		if (cell.failed)
			out->failed = true;
		mp_str_done(&cell);
	}
	mp_str_addc(out, '\n');
}

static void markdown_section(const struct mp_table *table, const char *text, struct mp_str *out)
{
	bool first = true;

	mp_str_addc(out, '|');
	for (size_t c = 0; c < table->n_columns; c++) {
		if (table->columns[c].machines_only)
			continue;
		if (first) {
			mp_str_add(out, " **");
			add(out, text);
			mp_str_add(out, "**");
		}
		mp_str_add(out, " |");
		first = false;
	}
	mp_str_addc(out, '\n');
}

static void render(const struct mp_table *table, unsigned wide, struct mp_str *out)
{
	size_t rows = mp_table_rows(table);
	size_t section = 0;

	(void)wide;
	mp_str_addc(out, '|');
	for (size_t c = 0; c < table->n_columns; c++) {
		if (table->columns[c].machines_only)
			continue;
		mp_str_addc(out, ' ');
		add(out, table->columns[c].title);
		mp_str_add(out, " |");
	}
	mp_str_add(out, "\n|");
	for (size_t c = 0; c < table->n_columns; c++) {
		const struct mp_column *column = &table->columns[c];
		bool left = column->kind == MP_COLUMN_TEXT && !column->right;

		if (!column->machines_only)
			mp_str_add(out, left ? " :--- |" : " ---: |");
	}
	mp_str_addc(out, '\n');
	for (size_t r = 0; r <= rows; r++) {
		for (; section < table->n_sections && table->sections[section].row <= r; section++)
			markdown_section(table, table->sections[section].text, out);
		if (r < rows)
			markdown_row(table, r, out);
	}
}

static void paragraph(const struct mp_doc *doc, const char *lead, const char *text)
{
	mp_str_add(doc->out, lead);
	add(doc->out, text);
	mp_str_add(doc->out, "\n\n");
}

static void title(const struct mp_doc *doc, const char *text)
{
	paragraph(doc, "# ", text);
}

static void heading(const struct mp_doc *doc, const char *text)
{
	if (doc->out->len < 2 || strcmp(doc->out->text + doc->out->len - 2, "\n\n"))
		mp_str_addc(doc->out, '\n');
	paragraph(doc, "## ", text);
}

static void line(const struct mp_doc *doc, const char *text)
{
	paragraph(doc, "", text);
}

static void field(const struct mp_doc *doc, const char *name, const char *value)
{
	mp_str_add(doc->out, "- **");
	add(doc->out, name);
	mp_str_add(doc->out, "**: ");
	add(doc->out, value);
	mp_str_addc(doc->out, '\n');
}

static void gap(const struct mp_doc *doc)
{
	mp_str_addc(doc->out, '\n');
}

static void doc_table(const struct mp_doc *doc, const struct mp_table *table)
{
	render(table, 0, doc->out);
	gap(doc);
}

static const struct mp_prose prose = {
	.title = title,
	.heading = heading,
	.line = line,
	.field = field,
	.gap = gap,
	.table = doc_table,
};

const struct mp_format mp_format_markdown = {
	.name = "markdown",
	.suffix = "md",
	.table = render,
	.prose = &prose,
};

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Text for a terminal: wrapped sentences, and aligned tables that fit.
 *
 * Texts stand left, numbers right, two spaces between. When the terminal is too narrow, titles wrap first, then
 * the widest text column gives way until the table fits or every text column is at its least; a number is never
 * cut, so that a very narrow terminal gets a table that is too wide rather than a wrong one.
 */
#include "report/format/format.h"

#include <stdlib.h>
#include <string.h>

#include "report/format/doc.h"
#include "report/format/table_impl.h"
#include "report/format/width.h"

#define GAP	    2
#define LEAST_TEXT  10 /* narrower than this, text is a column of syllables */
#define FIELD_WIDTH 12

struct column {
	size_t index; /* in the table */
	bool text;
	size_t width, title_width, word_width, cell_width;
};

struct layout {
	const struct mp_table *table;
	struct column *columns;
	size_t n_columns, rows;
	char **cells; /* rows x n_columns, owned */
	size_t wide;
};

static size_t longest_word(const char *text)
{
	size_t longest = 0;

	while (*text) {
		/* Spaces only: a title's slash stays with its words. */
		size_t len = strcspn(text, " ");
		char word[64];

		if (len >= sizeof(word))
			return len;
		memcpy(word, text, len);
		word[len] = '\0';
		if (mp_text_width(word) > longest)
			longest = mp_text_width(word);
		text += len;
		while (*text == ' ')
			text++;
	}
	return longest;
}

static void layout_done(struct layout *l)
{
	for (size_t i = 0; l->cells && i < l->rows * l->n_columns; i++)
		free(l->cells[i]);
	free(l->cells);
	free(l->columns);
}

/* Texts and natural widths of everything that people see. False when memory ran out. */
static bool layout_init(struct layout *l, const struct mp_table *table, size_t wide)
{
	*l = (struct layout){ .table = table, .wide = wide, .rows = mp_table_rows(table) };
	l->columns = calloc(table->n_columns + 1, sizeof(*l->columns));
	if (!l->columns)
		return false;
	for (size_t c = 0; c < table->n_columns; c++) {
		if (!table->columns[c].machines_only)
			l->columns[l->n_columns++].index = c;
	}
	l->cells = calloc(l->rows * l->n_columns + 1, sizeof(*l->cells));
	if (!l->cells)
		return false;
	for (size_t i = 0; i < l->n_columns; i++) {
		struct column *column = &l->columns[i];
		const struct mp_column *source = &table->columns[column->index];

		column->text = source->kind == MP_COLUMN_TEXT && !source->right;
		column->title_width = mp_text_width(source->title);
		column->word_width = longest_word(source->title);
		for (size_t r = 0; r < l->rows; r++) {
			struct mp_str cell = MP_STR_INIT;
			size_t width;

			mp_table_people(table, r, column->index, &cell);
			width = mp_text_width(cell.text);
			if (width > column->cell_width)
				column->cell_width = width;
			l->cells[r * l->n_columns + i] = mp_str_take(&cell);
			if (!l->cells[r * l->n_columns + i])
				return false;
		}
		column->width = column->cell_width > column->title_width ? column->cell_width
									 : column->title_width;
	}
	return true;
}

static size_t total_width(const struct layout *l)
{
	size_t total = l->n_columns ? GAP * (l->n_columns - 1) : 0;

	for (size_t i = 0; i < l->n_columns; i++)
		total += l->columns[i].width;
	return total;
}

static size_t least_width(const struct column *column)
{
	size_t least = column->cell_width;

	if (column->text && least > LEAST_TEXT)
		least = LEAST_TEXT;
	return least > column->word_width ? least : column->word_width;
}

static void fit(struct layout *l)
{
	if (!l->wide)
		return;
	for (size_t i = 0; i < l->n_columns && total_width(l) > l->wide; i++) {
		struct column *column = &l->columns[i];

		if (column->title_width > column->cell_width)
			column->width = column->cell_width > column->word_width
						? column->cell_width
						: column->word_width;
	}
	while (total_width(l) > l->wide) {
		struct column *widest = NULL;

		for (size_t i = 0; i < l->n_columns; i++) {
			struct column *column = &l->columns[i];

			if (column->text && column->width > least_width(column) &&
			    (!widest || column->width > widest->width))
				widest = column;
		}
		if (!widest)
			return;
		widest->width--;
	}
}

/* `len` bytes of `text`, padded to the column. */
static void put(struct mp_str *out, const struct column *column, const char *text, size_t len,
		bool right)
{
	struct mp_str part = MP_STR_INIT;
	size_t width, pad;

	mp_str_add_len(&part, text, len);
	width = mp_text_width(part.text);
	pad = width < column->width ? column->width - width : 0;
	if (right)
		mp_str_pad(out, ' ', pad);
	mp_str_add_len(out, text, len);
	if (!right)
		mp_str_pad(out, ' ', pad);
	if (part.failed)
		out->failed = true;
	mp_str_done(&part);
}

static void end_line(struct mp_str *out)
{
	while (out->len && out->text[out->len - 1] == ' ')
		out->text[--out->len] = '\0';
	mp_str_addc(out, '\n');
}

/* One row of cells, each wrapped into its column; `rest` is overwritten. */
static void put_row(const struct layout *l, const char **rest, struct mp_str *out)
{
	bool more = true;

	while (more) {
		more = false;
		for (size_t i = 0; i < l->n_columns; i++) {
			const struct column *column = &l->columns[i];
			const char *next = rest[i];
			size_t len = 0;

			if (*rest[i])
				len = mp_text_break(rest[i], column->width, &next);
			if (i)
				mp_str_pad(out, ' ', GAP);
			put(out, column, rest[i], len, !column->text);
			rest[i] = next;
			more = more || *next;
		}
		end_line(out);
	}
}

static size_t title_lines(const struct column *column, const char *title)
{
	size_t lines = 0;

	while (*title) {
		const char *next;

		mp_text_break(title, column->width, &next);
		title = next;
		lines++;
	}
	return lines;
}

/* Titles stand on the rule: a short one starts lower. */
static void put_header(const struct layout *l, const char **rest, struct mp_str *out)
{
	size_t height = 1;

	for (size_t i = 0; i < l->n_columns; i++) {
		size_t lines;

		rest[i] = l->table->columns[l->columns[i].index].title;
		lines = title_lines(&l->columns[i], rest[i]);
		if (lines > height)
			height = lines;
	}
	for (size_t line = 0; line < height; line++) {
		for (size_t i = 0; i < l->n_columns; i++) {
			const struct column *column = &l->columns[i];
			const char *next = rest[i];
			size_t len = 0;

			if (*rest[i] && title_lines(column, rest[i]) >= height - line)
				len = mp_text_break(rest[i], column->width, &next);
			if (i)
				mp_str_pad(out, ' ', GAP);
			put(out, column, rest[i], len, !column->text);
			rest[i] = next;
		}
		end_line(out);
	}
	for (size_t i = 0; i < l->n_columns; i++) {
		mp_str_pad(out, ' ', i ? GAP : 0);
		mp_str_pad(out, '-', l->columns[i].width);
	}
	end_line(out);
}

static void render(const struct mp_table *table, unsigned wide, struct mp_str *out)
{
	struct layout l;
	const char **rest = NULL;
	size_t section = 0;

	if (!layout_init(&l, table, wide))
		goto out;
	fit(&l);
	rest = calloc(l.n_columns + 1, sizeof(*rest));
	if (!rest)
		goto out;
	put_header(&l, rest, out);
	for (size_t r = 0; r <= l.rows; r++) {
		for (; section < table->n_sections && table->sections[section].row <= r; section++)
			mp_text_wrap(out, table->sections[section].text, wide, 4);
		if (r == l.rows)
			break;
		for (size_t i = 0; i < l.n_columns; i++)
			rest[i] = l.cells[r * l.n_columns + i];
		put_row(&l, rest, out);
	}
out:
	if (!rest)
		out->failed = true;
	free(rest);
	layout_done(&l);
}

static void line(const struct mp_doc *doc, const char *text)
{
	mp_text_wrap(doc->out, text, doc->wide, 2);
}

static void heading(const struct mp_doc *doc, const char *text)
{
	if (doc->out->len < 2 || strcmp(doc->out->text + doc->out->len - 2, "\n\n"))
		mp_str_addc(doc->out, '\n');
	line(doc, text);
}

static void field(const struct mp_doc *doc, const char *name, const char *value)
{
	struct mp_str text = MP_STR_INIT;
	size_t width = mp_text_width(name);

	mp_str_add(&text, name);
	mp_str_pad(&text, ' ', width < FIELD_WIDTH ? FIELD_WIDTH - width : 1);
	mp_str_add(&text, value);
	mp_text_wrap(doc->out, text.text, doc->wide, FIELD_WIDTH);
	if (text.failed)
		doc->out->failed = true;
	mp_str_done(&text);
}

static void gap(const struct mp_doc *doc)
{
	mp_str_addc(doc->out, '\n');
}

static void doc_table(const struct mp_doc *doc, const struct mp_table *table)
{
	render(table, doc->wide, doc->out);
}

static const struct mp_prose prose = {
	.title = line,
	.heading = heading,
	.line = line,
	.field = field,
	.gap = gap,
	.table = doc_table,
};

const struct mp_format mp_format_text = {
	.name = "text",
	.suffix = "txt",
	.table = render,
	.prose = &prose,
};

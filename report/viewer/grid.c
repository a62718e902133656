/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cells, clipping, wide characters and glyphs: see grid.h. */
#include "report/viewer/grid.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "common/str.h"
#include "report/format/width.h"

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

static const char *const set_names[MP_GLYPHS_COUNT] = { "ascii", "block", "braille" };

const char *mp_glyphs_name(enum mp_glyphs set)
{
	return set_names[set];
}

int mp_glyphs_parse(const char *name, enum mp_glyphs *ret_set)
{
	for (int i = 0; i < MP_GLYPHS_COUNT; i++) {
		if (!strcmp(set_names[i], name)) {
			*ret_set = (enum mp_glyphs)i;
			return 0;
		}
	}
	return -EINVAL;
}

/* ASCII, and UTF-8. */
static const char *const glyph_texts[MP_GLYPH_COUNT][2] = {
	[MP_GLYPH_HORIZONTAL] = { "-", "\u2500" },
	[MP_GLYPH_VERTICAL] = { "|", "\u2502" },
	[MP_GLYPH_CROSS] = { "+", "\u253c" },
	[MP_GLYPH_CORNER] = { "+", "\u2514" },
	[MP_GLYPH_TICK_LEFT] = { "+", "\u2524" },
	[MP_GLYPH_TICK_DOWN] = { "+", "\u252c" },
	[MP_GLYPH_ELLIPSIS] = { "~", "\u2026" },
	[MP_GLYPH_WORSE] = { "v", "\u25bc" },
	[MP_GLYPH_BETTER] = { "^", "\u25b2" },
	[MP_GLYPH_ONLY_A] = { "A", "\u25e7" },
	[MP_GLYPH_ONLY_B] = { "B", "\u25e8" },
	[MP_GLYPH_TIMES] = { "x", "\u00d7" },
	[MP_GLYPH_SELECTED] = { ">", ">" },
	[MP_GLYPH_CRUMB] = { ">", "\u203a" },
	[MP_GLYPH_POINT] = { "o", "\u25cf" },
	[MP_GLYPH_SHADE] = { ":", "\u2591" },
	[MP_GLYPH_BOTH] = { "*", "*" },
	[MP_GLYPH_LEFT_1] = { ".", "\u258f" },
	[MP_GLYPH_LEFT_1 + 1] = { ".", "\u258e" },
	[MP_GLYPH_LEFT_1 + 2] = { ".", "\u258d" },
	[MP_GLYPH_LEFT_1 + 3] = { ".", "\u258c" },
	[MP_GLYPH_LEFT_1 + 4] = { "#", "\u258b" },
	[MP_GLYPH_LEFT_1 + 5] = { "#", "\u258a" },
	[MP_GLYPH_LEFT_1 + 6] = { "#", "\u2589" },
	[MP_GLYPH_LEFT_8] = { "#", "\u2588" },
	[MP_GLYPH_LOWER_1] = { ".", "\u2581" },
	[MP_GLYPH_LOWER_1 + 1] = { ".", "\u2582" },
	[MP_GLYPH_LOWER_1 + 2] = { ":", "\u2583" },
	[MP_GLYPH_LOWER_1 + 3] = { ":", "\u2584" },
	[MP_GLYPH_LOWER_1 + 4] = { "+", "\u2585" },
	[MP_GLYPH_LOWER_1 + 5] = { "+", "\u2586" },
	[MP_GLYPH_LOWER_1 + 6] = { "#", "\u2587" },
	[MP_GLYPH_LOWER_8] = { "#", "\u2588" },
};

const char *mp_glyph_text(enum mp_glyphs set, enum mp_glyph glyph)
{
	return glyph_texts[glyph][set != MP_GLYPHS_ASCII];
}

int mp_canvas_init(struct mp_canvas *canvas, int rows, int columns, enum mp_glyphs glyphs)
{
	*canvas = (struct mp_canvas){ .glyphs = glyphs };
	return mp_canvas_resize(canvas, rows, columns);
}

void mp_canvas_done(struct mp_canvas *canvas)
{
	free(canvas->cells);
	*canvas = (struct mp_canvas){ 0 };
}

int mp_canvas_resize(struct mp_canvas *canvas, int rows, int columns)
{
	rows = rows > 0 ? rows : 0;
	columns = columns > 0 ? columns : 0;
	if (rows != canvas->rows || columns != canvas->columns || !canvas->cells) {
		struct mp_cell *cells = calloc((size_t)rows * (size_t)columns + 1, sizeof(*cells));

		if (!cells)
			return -ENOMEM;
		free(canvas->cells);
		canvas->cells = cells;
		canvas->rows = rows;
		canvas->columns = columns;
	}
	mp_canvas_clear(canvas);
	return 0;
}

void mp_canvas_clear(struct mp_canvas *canvas)
{
	const struct mp_cell blank = { .text = " ", .columns = 1, .style = MP_ROLE_TEXT };
	size_t count = (size_t)canvas->rows * (size_t)canvas->columns;

	for (size_t i = 0; i < count; i++)
		canvas->cells[i] = blank;
	canvas->cursor_row = canvas->cursor_column = 0;
}

struct mp_grid mp_grid_whole(struct mp_canvas *canvas)
{
	return (struct mp_grid){ canvas, 0, 0, canvas->rows, canvas->columns };
}

/* Clips first .. first + count to 0 .. limit. */
static void clip(int *first, int *count, int limit)
{
	long long end = (long long)*first + *count;

	if (*first < 0)
		*first = 0;
	if (end > limit)
		end = limit;
	*count = end > *first ? (int)(end - *first) : 0;
	if (*first > limit)
		*first = limit;
}

struct mp_grid mp_grid_part(const struct mp_grid *grid, int row, int column, int rows, int columns)
{
	clip(&row, &rows, grid->rows);
	clip(&column, &columns, grid->columns);
	return (struct mp_grid){ grid->canvas, grid->row + row, grid->column + column, rows,
				 columns };
}

enum mp_glyphs mp_grid_glyphs(const struct mp_grid *grid)
{
	return grid->canvas->glyphs;
}

static struct mp_cell *cell_at(const struct mp_grid *grid, int row, int column)
{
	if (row < 0 || column < 0 || row >= grid->rows || column >= grid->columns)
		return NULL;
	return &grid->canvas->cells[(size_t)(grid->row + row) * (size_t)grid->canvas->columns +
				    (size_t)(grid->column + column)];
}

const struct mp_cell *mp_grid_at(const struct mp_grid *grid, int row, int column)
{
	return cell_at(grid, row, column);
}

static void blank(struct mp_cell *cell)
{
	memcpy(cell->text, " ", 2);
	cell->columns = 1;
}

/* What is about to be overwritten must not leave half a character behind, on either side of the grid's edge. */
static void part_wide(const struct mp_grid *grid, int row, int column)
{
	struct mp_canvas *canvas = grid->canvas;
	int at = grid->column + column;
	struct mp_cell *cell = cell_at(grid, row, column);

	if (cell->columns == 2 && at + 1 < canvas->columns)
		blank(cell + 1);
	if (cell->columns == 0 && at > 0)
		blank(cell - 1);
}

/* One character of `bytes` at `text`; the columns it takes. */
static int put(const struct mp_grid *grid, int row, int column, unsigned style, const char *text,
	       size_t bytes, unsigned columns)
{
	struct mp_cell *cell = cell_at(grid, row, column);
	struct mp_cell *right = columns == 2 ? cell_at(grid, row, column + 1) : NULL;

	if (columns == 2 && (!cell || !right)) {
		/* Half of it does not fit: blank, as terminals do. */
		if (cell || right)
			put(grid, row, cell ? column : column + 1, style, " ", 1, 1);
		return 2;
	}
	if (!cell)
		return (int)columns;
	part_wide(grid, row, column);
	memcpy(cell->text, text, bytes);
	cell->text[bytes] = '\0';
	cell->columns = (uint8_t)columns;
	cell->style = (uint16_t)style;
	if (right) {
		part_wide(grid, row, column + 1);
		right->text[0] = '\0';
		right->columns = 0;
		right->style = (uint16_t)style;
	}
	return (int)columns;
}

int mp_grid_text(const struct mp_grid *grid, int row, int column, unsigned style, const char *text)
{
	bool ascii = grid->canvas->glyphs == MP_GLYPHS_ASCII;
	struct mp_str clean = MP_STR_INIT;
	const char *at;
	int used = 0;

	for (at = text; *at > 0x1f && *at < 0x7f; at++)
		used += put(grid, row, column + used, style, at, 1, 1);
	if (!*at)
		return used;
	mp_text_clean(&clean, at, false);
	for (at = clean.text; *at;) {
		unsigned columns;
		size_t bytes = mp_text_next(at, &columns);

		if (bytes > 1 && ascii && columns)
			used += put(grid, row, column + used, style, "?", 1, 1);
		else if (columns)
			used += put(grid, row, column + used, style, at, bytes, columns);
		at += bytes;
	}
	mp_str_done(&clean);
	return used;
}

int mp_grid_printf(const struct mp_grid *grid, int row, int column, unsigned style, const char *fmt,
		   ...)
{
	struct mp_str text = MP_STR_INIT;
	va_list ap;
	int used;

	va_start(ap, fmt);
	mp_str_vprintf(&text, fmt, ap);
	va_end(ap);
	used = mp_grid_text(grid, row, column, style, text.text);
	mp_str_done(&text);
	return used;
}

/* Bytes of the longest beginning of `text` that takes at most `columns`. */
static size_t head_bytes(const char *text, size_t columns)
{
	size_t used = 0, bytes = 0;

	while (text[bytes]) {
		unsigned width;
		size_t next = mp_text_next(text + bytes, &width);

		if (used + width > columns)
			break;
		used += width;
		bytes += next;
	}
	return bytes;
}

/* Where the longest end of `text` begins that takes at most `columns`. */
static const char *tail_start(const char *text, size_t columns)
{
	size_t width = mp_text_width(text);

	while (width > columns) {
		unsigned own;

		text += mp_text_next(text, &own);
		width -= own;
	}
	return text;
}

void mp_grid_field(const struct mp_grid *grid, int row, int column, int width, unsigned style,
		   enum mp_align align, enum mp_cut cut, const char *text)
{
	struct mp_grid field = mp_grid_part(grid, row, column, 1, width);
	/* What is left of the field when it begins beyond an edge of the grid. */
	int shift = column < 0 ? column : 0, at;
	struct mp_str clean = MP_STR_INIT;

	if (width <= 0 || !field.rows || !field.columns)
		return;
	mp_grid_fill(&field, 0, 0, 1, field.columns, style);
	mp_text_clean(&clean, text, false);
	at = (int)mp_text_width(clean.text);
	if (at <= width) {
		mp_grid_text(&field, 0, shift + (align == MP_ALIGN_RIGHT ? width - at : 0), style,
			     clean.text);
	} else {
		size_t room = (size_t)width - 1;
		size_t head = cut == MP_CUT_MIDDLE ? (room + 1) / 2 : room;
		size_t bytes = head_bytes(clean.text, head);
		const char *tail = tail_start(clean.text + bytes, room - head);
		char kept = clean.text[bytes];

		clean.text[bytes] = '\0';
		at = shift + mp_grid_text(&field, 0, shift, style, clean.text);
		clean.text[bytes] = kept;
		mp_grid_glyph(&field, 0, at, style, MP_GLYPH_ELLIPSIS);
		if (cut == MP_CUT_MIDDLE)
			mp_grid_text(&field, 0, at + 1, style, tail);
	}
	mp_str_done(&clean);
}

int mp_grid_wrap(const struct mp_grid *grid, int row, int column, unsigned style, const char *text)
{
	size_t room = grid->columns > column ? (size_t)(grid->columns - column) : 1;
	struct mp_str clean = MP_STR_INIT;
	int lines = 0;

	mp_text_clean(&clean, text, false);
	for (const char *rest = clean.text; *rest;) {
		const char *next;
		size_t bytes = mp_text_break(rest, room, &next);

		mp_grid_printf(grid, row + lines++, column, style, "%.*s", (int)bytes, rest);
		rest = next;
	}
	mp_str_done(&clean);
	return lines ? lines : 1;
}

void mp_grid_glyph(const struct mp_grid *grid, int row, int column, unsigned style,
		   enum mp_glyph glyph)
{
	const char *text = mp_glyph_text(grid->canvas->glyphs, glyph);

	put(grid, row, column, style, text, strlen(text), 1);
}

void mp_grid_glyphs_right(const struct mp_grid *grid, int row, int column, int count,
			  unsigned style, enum mp_glyph glyph)
{
	clip(&column, &count, grid->columns);
	for (int i = 0; i < count; i++)
		mp_grid_glyph(grid, row, column + i, style, glyph);
}

void mp_grid_glyphs_down(const struct mp_grid *grid, int row, int column, int count, unsigned style,
			 enum mp_glyph glyph)
{
	clip(&row, &count, grid->rows);
	for (int i = 0; i < count; i++)
		mp_grid_glyph(grid, row + i, column, style, glyph);
}

void mp_grid_style(const struct mp_grid *grid, int row, int column, int rows, int columns,
		   unsigned style)
{
	struct mp_grid part = mp_grid_part(grid, row, column, rows, columns);

	for (int r = 0; r < part.rows; r++) {
		for (int c = 0; c < part.columns; c++)
			cell_at(&part, r, c)->style = (uint16_t)style;
	}
}

void mp_grid_attribute(const struct mp_grid *grid, int row, int column, int rows, int columns,
		       unsigned attributes)
{
	struct mp_grid part = mp_grid_part(grid, row, column, rows, columns);

	for (int r = 0; r < part.rows; r++) {
		for (int c = 0; c < part.columns; c++)
			cell_at(&part, r, c)->style |= (uint16_t)attributes;
	}
}

void mp_grid_fill(const struct mp_grid *grid, int row, int column, int rows, int columns,
		  unsigned style)
{
	struct mp_grid part = mp_grid_part(grid, row, column, rows, columns);

	for (int r = 0; r < part.rows; r++) {
		for (int c = 0; c < part.columns; c++)
			put(&part, r, c, style, " ", 1, 1);
	}
}

void mp_grid_cursor(const struct mp_grid *grid, int row, int column)
{
	if (!cell_at(grid, row, column))
		return;
	grid->canvas->cursor_row = grid->row + row;
	grid->canvas->cursor_column = grid->column + column;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Series in character cells. Bars first, then levels, intervals, curves, and dots on top; a cell that two series want is
 * '*' (MP_GLYPH_BOTH), so that none hides the other.
 */
#include "report/chart/cells_internal.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void put(const struct mp_chart_drawing *d, int row, int column, unsigned style,
		const char *text)
{
	if (row >= 0 && row < d->plot.rows && column >= 0 && column < d->plot.columns)
		mp_grid_text(d->grid, d->plot.row + row, d->plot.column + column, style, text);
}

/* ---- bars ---- */

/* What a bar of so many eighths ends in, away from the axis. Mirrored bars know halves alone, because there is no more of
 * them that hang: both sides must look the same. A bar that is not nothing is never drawn as nothing. */
static const char *bar_end(const struct mp_chart_drawing *d, int eighths, bool first, bool down)
{
	static const char *const braille_up[] = { "⣀", "⣤", "⣶", "⣿" };
	static const char *const braille_down[] = { "⠉", "⠛", "⠿", "⣿" };

	if (d->glyphs == MP_GLYPHS_ASCII)
		return eighths >= 4 ? "#" : !first ? NULL : down ? "'" : ".";
	if (d->glyphs == MP_GLYPHS_BRAILLE) {
		int quarter = eighths / 2;

		return quarter || first
			       ? (down ? braille_down : braille_up)[quarter ? quarter - 1 : 0]
			       : NULL;
	}
	if (!d->chart->y.mirrored)
		return mp_glyph_text(d->glyphs, MP_GLYPH_LOWER_1 + (eighths ? eighths - 1 : 0));
	if (eighths >= 4)
		return down ? "▀" : "▄";
	return !first ? NULL : down ? "▔" : "▁";
}

/* `high`: cells from the axis on, with a fraction. */
static void bar(const struct mp_chart_drawing *d, int column, int axis, double high, bool down,
		unsigned style)
{
	static const char *const full[] = { "#", "█", "⣿" };
	int eighths = (int)floor(high * 8 + 0.5), cells = eighths / 8, rest = eighths % 8;
	int step = down ? 1 : -1, row = axis + step;
	const char *end = rest || !cells ? bar_end(d, rest, !cells, down) : NULL;

	for (int i = 0; i < cells; i++, row += step)
		put(d, row, column, style, full[d->glyphs]);
	if (end)
		put(d, row, column, style, end);
}

static void bars(const struct mp_chart_drawing *d, const struct mp_chart_series *s)
{
	bool mirrored = d->chart->y.mirrored;
	int axis = mirrored ? d->plot.rows / 2 : d->plot.rows,
	    cells = mirrored ? axis : d->plot.rows;
	double *columns = calloc((size_t)d->plot.columns, sizeof(*columns));

	/* Bars that are narrower than a column: the highest, so that none vanishes. */
	for (size_t i = 0; columns && i < s->n_points; i++) {
		const struct mp_chart_point *p = &s->points[i];
		int from = mp_chart_column(d, p->x), to = mp_chart_column(d, p->x_end);

		for (int c = from; isfinite(p->y) && (c < to || c == from); c++)
			columns[c] = fabs(p->y) > fabs(columns[c]) ? p->y : columns[c];
	}
	for (int c = 0; columns && c < d->plot.columns; c++) {
		if (columns[c] != 0)
			bar(d, c, axis, fabs(columns[c]) / d->chart->y.high * cells, columns[c] < 0,
			    mp_chart_cell_role(s->role));
	}
	free(columns);
}

/* The line between the two halves. */
static void middle(const struct mp_chart_drawing *d)
{
	mp_grid_glyphs_right(d->grid, d->plot.row + d->plot.rows / 2, d->plot.column,
			     d->plot.columns, MP_ROLE_AXIS, MP_GLYPH_HORIZONTAL);
}

/* ---- dots, levels, intervals ---- */

static unsigned sign_style(const struct mp_chart_series *s, char sign)
{
	switch (sign) {
	case 'S':
		return MP_ROLE_WORSE | MP_BOLD;
	case 'F':
		return MP_ROLE_BETTER | MP_BOLD;
	case '!':
		return MP_ROLE_FAILED | MP_BOLD;
	case '?':
		return MP_ROLE_UNSURE;
	default:
		return mp_chart_cell_role(s->role);
	}
}

/* Is there a letter of another series in the cell? */
static bool taken(const struct mp_chart_drawing *d, int row, int column, char letter)
{
	const struct mp_cell *cell =
		mp_grid_at(d->grid, d->plot.row + row, d->plot.column + column);
	enum mp_role role = cell ? MP_STYLE_ROLE(cell->style) : MP_ROLE_TEXT;

	return cell && (role == MP_ROLE_A || role == MP_ROLE_B) &&
	       isalpha((unsigned char)*cell->text) && toupper((unsigned char)*cell->text) != letter;
}

static void letter(const struct mp_chart_drawing *d, int row, int column, unsigned style, char sign,
		   char of)
{
	char text[2] = { sign, '\0' };

	if (taken(d, row, column, of))
		put(d, row, column, MP_ROLE_TEXT, mp_glyph_text(d->glyphs, MP_GLYPH_BOTH));
	else
		put(d, row, column, style,
		    sign == 'o' ? mp_glyph_text(d->glyphs, MP_GLYPH_POINT) : text);
}

static void dots(const struct mp_chart_drawing *d, const struct mp_chart_series *s)
{
	for (size_t i = 0; i < s->n_points; i++) {
		const struct mp_chart_point *p = &s->points[i];
		char sign = p->sign ? p->sign : s->letter;

		if (isfinite(p->y))
			letter(d, mp_chart_row(d, p->y), mp_chart_column(d, p->x),
			       sign_style(s, p->sign),
			       p->hollow ? (char)tolower((unsigned char)sign) : sign, s->letter);
	}
}

static void intervals(const struct mp_chart_drawing *d, const struct mp_chart_series *s)
{
	for (size_t i = 0; i < s->n_points; i++) {
		const struct mp_chart_point *p = &s->points[i];

		if (!isfinite(p->low) || !isfinite(p->high))
			continue;
		for (int row = mp_chart_row(d, p->high); row <= mp_chart_row(d, p->low); row++)
			put(d, row, mp_chart_column(d, p->x), mp_chart_cell_role(s->role),
			    d->signs->interval);
	}
}

static void levels(const struct mp_chart_drawing *d, const struct mp_chart_series *s)
{
	for (size_t i = 0; i < s->n_points; i++) {
		const struct mp_chart_point *p = &s->points[i];

		for (int c = mp_chart_column(d, p->x);
		     isfinite(p->y) && c <= mp_chart_column(d, p->x_end); c++)
			put(d, mp_chart_row(d, p->y), c, mp_chart_cell_role(s->role),
			    mp_glyph_text(d->glyphs, MP_GLYPH_HORIZONTAL));
	}
}

/* ---- curves ---- */

/* The curve at that place of the x axis; NaN: it is not there. */
static double curve_at(const struct mp_chart_drawing *d, const struct mp_chart_series *s,
		       double place, size_t *at)
{
	const struct mp_chart_axis *x = &d->chart->x;
	double left, right, share;

	/* Rounding must not lose the step that stands on the column. */
	while (*at + 1 < s->n_points && mp_chart_place(x, s->points[*at + 1].x) <= place + 1e-9)
		++*at;
	left = mp_chart_place(x, s->points[*at].x);
	if (left > place + 1e-9)
		return NAN;
	if (s->draw == MP_CHART_STEPS || *at + 1 == s->n_points)
		return s->points[*at].y;
	right = mp_chart_place(x, s->points[*at + 1].x);
	share = right > left ? (place - left) / (right - left) : 0;
	return s->points[*at].y + share * (s->points[*at + 1].y - s->points[*at].y);
}

static void curve_letters(const struct mp_chart_drawing *d, const struct mp_chart_series *s)
{
	unsigned style = mp_chart_cell_role(s->role);
	int last = -1, columns = d->plot.columns;
	size_t at = 0;

	for (int c = 0; c < columns; c++) {
		double y = curve_at(d, s, columns > 1 ? (double)c / (columns - 1) : 0, &at);
		int row;

		if (isnan(y)) {
			last = -1;
			continue;
		}
		row = mp_chart_row(d, y);
		/* Joined upright, so that a jump is seen as one. */
		for (int r = row < last ? row + 1 : last + 1;
		     last >= 0 && r < (row < last ? last : row); r++) {
			if (!taken(d, r, c, s->letter))
				put(d, r, c, style, d->signs->interval);
		}
		letter(d, row, c, style, s->letter, s->letter);
		last = row;
	}
}

/* Dot (x, y) of a cell, y downward, in the order of Unicode's braille patterns. */
static const unsigned char dot_bits[4][2] = {
	{ 0x01, 0x08 }, { 0x02, 0x10 }, { 0x04, 0x20 }, { 0x40, 0x80 }
};

static void braille_cell(const struct mp_chart_drawing *d, int row, int column, unsigned style,
			 unsigned bits)
{
	const struct mp_cell *cell =
		mp_grid_at(d->grid, d->plot.row + row, d->plot.column + column);
	unsigned char *c = cell ? (unsigned char *)cell->text : NULL;
	char text[4];

	/* Dots of another series in the cell stay: U+2800 + bits is e2, a0 + bits / 64, 80 + bits % 64. */
	if (c && c[0] == 0xe2 && c[1] >= 0xa0 && c[1] <= 0xa3) {
		bits |= (unsigned)(c[1] - 0xa0) << 6 | (c[2] - 0x80u);
		style = MP_ROLE_TEXT;
	}
	text[0] = (char)0xe2;
	text[1] = (char)(0xa0 + (bits >> 6));
	text[2] = (char)(0x80 + (bits & 63));
	text[3] = '\0';
	put(d, row, column, style, text);
}

static void curve_braille(const struct mp_chart_drawing *d, const struct mp_chart_series *s)
{
	int wide = 2 * d->plot.columns, high = 4 * d->plot.rows, last = -1;
	unsigned char *bits = calloc((size_t)d->plot.columns * (size_t)d->plot.rows, 1);
	size_t at = 0;

	for (int x = 0; bits && x < wide; x++) {
		double y = curve_at(d, s, (double)x / (wide - 1), &at);
		int dot, from;

		if (isnan(y)) {
			last = -1;
			continue;
		}
		dot = high - 1 - mp_chart_cell(&d->chart->y, y, high);
		from = last < 0 ? dot : last;
		for (int r = from < dot ? from : dot; r <= (from < dot ? dot : from); r++)
			bits[r / 4 * d->plot.columns + x / 2] |= dot_bits[r % 4][x % 2];
		last = dot;
	}
	for (int i = 0; bits && i < d->plot.columns * d->plot.rows; i++) {
		if (bits[i])
			braille_cell(d, i / d->plot.columns, i % d->plot.columns,
				     mp_chart_cell_role(s->role), bits[i]);
	}
	free(bits);
	/* Which curve it is: its letter on it, at places of its own. */
	at = 0;
	for (int c = d->plot.columns / 8 * (s->role == MP_CHART_B ? 3 : 2); c < d->plot.columns;
	     c += d->plot.columns / 4 + 1) {
		double y = curve_at(d, s, (double)c / (d->plot.columns - 1), &at);

		if (!isnan(y))
			letter(d, mp_chart_row(d, y), c, mp_chart_cell_role(s->role) | MP_BOLD,
			       s->letter, s->letter);
	}
}

/* ---- all ---- */

void mp_chart_draw_series(const struct mp_chart_drawing *d)
{
	static const enum mp_chart_draw order[] = { MP_CHART_BARS, MP_CHART_LEVELS, MP_CHART_LINE,
						    MP_CHART_STEPS, MP_CHART_DOTS };

	if (d->chart->y.mirrored)
		middle(d);
	for (size_t k = 0; k < sizeof(order) / sizeof(order[0]); k++) {
		for (size_t i = 0; i < d->chart->n_series; i++) {
			const struct mp_chart_series *s = &d->chart->series[i];

			if (s->draw == order[k] && s->draw == MP_CHART_DOTS)
				intervals(d, s);
		}
		for (size_t i = 0; i < d->chart->n_series; i++) {
			const struct mp_chart_series *s = &d->chart->series[i];

			if (s->draw != order[k] || !s->n_points)
				continue;
			if (s->draw == MP_CHART_BARS)
				bars(d, s);
			else if (s->draw == MP_CHART_LEVELS)
				levels(d, s);
			else if (s->draw == MP_CHART_DOTS)
				dots(d, s);
			else if (d->glyphs == MP_GLYPHS_BRAILLE)
				curve_braille(d, s);
			else
				curve_letters(d, s);
		}
	}
}

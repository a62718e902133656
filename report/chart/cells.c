/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The layout of a chart in character cells, its axes and texts; the series are drawn in cells_series.c. */
#include "report/chart/cells.h"

#include <math.h>
#include <string.h>

#include "report/chart/cells_internal.h"
#include "report/format/width.h"

#define LEAST_ROWS    3
#define LEAST_COLUMNS 12

const struct mp_chart_signs mp_chart_signs[MP_GLYPHS_COUNT] = {
	[MP_GLYPHS_ASCII] = { .interval = "|", .x_mark = ":", .y_mark = "." },
	[MP_GLYPHS_BLOCK] = { .interval = "│", .x_mark = "┊", .y_mark = "┈" },
	[MP_GLYPHS_BRAILLE] = { .interval = "│", .x_mark = "┊", .y_mark = "┈" },
};

enum mp_role mp_chart_cell_role(enum mp_chart_role role)
{
	static const enum mp_role roles[] = { [MP_CHART_NEUTRAL] = MP_ROLE_TEXT,
					      [MP_CHART_A] = MP_ROLE_A,
					      [MP_CHART_B] = MP_ROLE_B,
					      [MP_CHART_WORSE] = MP_ROLE_WORSE,
					      [MP_CHART_BETTER] = MP_ROLE_BETTER };

	return roles[role];
}

int mp_chart_row(const struct mp_chart_drawing *d, double y)
{
	int rows = d->plot.rows, half = rows / 2;

	if (!d->chart->y.mirrored)
		return rows - 1 - mp_chart_cell(&d->chart->y, y, rows);
	/* The axis has a row of its own in the middle. */
	return half - (int)round(fmin(fmax(y / d->chart->y.high, -1), 1) * half);
}

int mp_chart_column(const struct mp_chart_drawing *d, double x)
{
	return mp_chart_cell(&d->chart->x, x, d->plot.columns);
}

/* ---- what there is room for ---- */

struct layout {
	bool head, axis, labels, marks;
	int gutter, note_rows, mark_rows;
};

static int notes_high(const struct mp_chart *chart, int columns)
{
	struct mp_canvas none = { 0 };
	struct mp_grid grid = { .canvas = &none, .columns = columns };
	int rows = 0;

	for (size_t i = 0; i < chart->n_notes; i++)
		rows += mp_grid_wrap(&grid, 0, 0, MP_ROLE_MUTED, chart->notes[i]);
	return rows;
}

/* The plot's place in a grid of that size. */
static struct layout arrange(const struct mp_chart *chart, bool title, int rows, int columns,
			     struct mp_chart_plot *plot)
{
	struct layout l = { .head = rows >= 6 && columns >= 30,
			    .axis = rows >= 4,
			    .labels = rows >= 5,
			    .marks = rows >= 10 && chart->x.n_marks };
	struct mp_chart_tick ticks[MP_CHART_TICKS_MAX];
	int top = (title && rows >= 8) + l.head, below;
	size_t n;

	if (rows >= 14)
		l.note_rows = notes_high(chart, columns);
	if (l.note_rows > rows / 4)
		l.note_rows = rows / 4;
	if (l.marks) {
		struct mp_chart_mark_label labels[MP_CHART_TICKS_MAX];
		size_t left_out;

		n = mp_chart_mark_labels(&chart->x, columns - 10, rows >= 16 ? 3 : 2, labels,
					 &left_out);
		for (size_t i = 0; i < n; i++)
			l.mark_rows =
				labels[i].row >= l.mark_rows ? labels[i].row + 1 : l.mark_rows;
	}
	below = l.axis + l.labels + l.mark_rows + l.note_rows;
	*plot = (struct mp_chart_plot){ .row = top,
					.rows = rows - top - below,
					.columns = columns };
	if (chart->y.mirrored && plot->rows % 2 == 0)
		plot->rows--;
	if (columns >= 24) {
		n = mp_chart_ticks(&chart->y, plot->rows, 0, ticks);
		for (size_t i = 0; i < n; i++) {
			int wide = (int)mp_text_width(ticks[i].label) + 1;

			l.gutter = wide > l.gutter ? wide : l.gutter;
		}
	}
	plot->column = l.gutter + (columns >= 16);
	plot->columns = columns - plot->column;
	return l;
}

/* ---- axes ---- */

static void x_axis(const struct mp_chart_drawing *d, const struct layout *l)
{
	const struct mp_chart_plot *p = &d->plot;
	struct mp_chart_tick ticks[MP_CHART_TICKS_MAX];
	size_t n = mp_chart_ticks(&d->chart->x, p->columns, 2, ticks);
	int row = p->row + p->rows;

	if (!l->axis)
		return;
	mp_grid_glyphs_right(d->grid, row, p->column, p->columns, MP_ROLE_AXIS,
			     MP_GLYPH_HORIZONTAL);
	mp_grid_glyph(d->grid, row, p->column - 1, MP_ROLE_AXIS, MP_GLYPH_CORNER);
	for (size_t i = 0; i < n; i++) {
		mp_grid_glyph(d->grid, row, p->column + ticks[i].cell, MP_ROLE_AXIS,
			      MP_GLYPH_TICK_DOWN);
		if (l->labels)
			mp_grid_text(d->grid, row + 1, p->column + ticks[i].start, MP_ROLE_AXIS,
				     ticks[i].label);
	}
}

static void y_axis(const struct mp_chart_drawing *d, const struct layout *l)
{
	const struct mp_chart_plot *p = &d->plot;
	struct mp_chart_tick ticks[MP_CHART_TICKS_MAX];
	size_t n = mp_chart_ticks(&d->chart->y, p->rows, 0, ticks);

	if (!p->column)
		return;
	mp_grid_glyphs_down(d->grid, p->row, p->column - 1, p->rows, MP_ROLE_AXIS,
			    MP_GLYPH_VERTICAL);
	for (size_t i = 0; i < n; i++) {
		int row = p->row + mp_chart_row(d, ticks[i].value);

		mp_grid_glyph(d->grid, row, p->column - 1, MP_ROLE_AXIS, MP_GLYPH_TICK_LEFT);
		if (l->gutter)
			mp_grid_field(d->grid, row, 0, l->gutter - 1, MP_ROLE_AXIS, MP_ALIGN_RIGHT,
				      MP_CUT_END, ticks[i].label);
	}
}

/* "+2" at the end of the first row of marks that has room for it, else of the last one. */
static void count_left_out(const struct mp_chart_drawing *d, int top, int rows, size_t left_out)
{
	int column = d->plot.column + d->plot.columns - 4, row = 0;

	for (; row + 1 < rows; row++) {
		bool blank = true;

		for (int c = 0; c < 4; c++) {
			const struct mp_cell *cell = mp_grid_at(d->grid, top + row, column + c);

			blank = blank && (!cell || !strcmp(cell->text, " "));
		}
		if (blank)
			break;
	}
	mp_grid_printf(d->grid, top + row, column, MP_ROLE_MUTED, " +%zu", left_out);
}

static void x_marks(const struct mp_chart_drawing *d, const struct layout *l)
{
	const struct mp_chart_plot *p = &d->plot;
	struct mp_chart_mark_label labels[MP_CHART_TICKS_MAX];
	size_t left_out, n;
	int top = p->row + p->rows + l->axis + l->labels;

	for (size_t i = 0; i < d->chart->x.n_marks; i++) {
		const struct mp_chart_mark *m = &d->chart->x.marks[i];

		for (int row = 0; mp_chart_inside(&d->chart->x, m->at) && row < p->rows; row++)
			mp_grid_text(d->grid, p->row + row, p->column + mp_chart_column(d, m->at),
				     MP_ROLE_MUTED, d->signs->x_mark);
	}
	n = mp_chart_mark_labels(&d->chart->x, p->columns, l->mark_rows, labels, &left_out);
	for (size_t i = 0; i < n; i++) {
		bool before = labels[i].start < labels[i].cell;
		unsigned style = labels[i].mark->role ? mp_chart_cell_role(labels[i].mark->role)
						      : MP_ROLE_MUTED;

		mp_grid_printf(d->grid, top + labels[i].row, p->column + labels[i].start, style,
			       before ? "%s^" : "^%s", labels[i].mark->text);
	}
	if (left_out && l->mark_rows)
		count_left_out(d, top, l->mark_rows, left_out);
}

static void y_marks(const struct mp_chart_drawing *d)
{
	const struct mp_chart_plot *p = &d->plot;

	for (size_t i = 0; i < d->chart->y.n_marks; i++) {
		const struct mp_chart_mark *m = &d->chart->y.marks[i];
		int row = p->row + mp_chart_row(d, m->at);

		for (int column = 0; mp_chart_inside(&d->chart->y, m->at) && column < p->columns;
		     column++)
			mp_grid_text(d->grid, row, p->column + column, MP_ROLE_MUTED,
				     d->signs->y_mark);
	}
}

/* Does nothing but the line of the mark stand in these cells? */
static bool is_free(const struct mp_chart_drawing *d, int row, int column, int columns)
{
	for (int c = column; c < column + columns; c++) {
		const struct mp_cell *cell = mp_grid_at(d->grid, row, c);

		if (!cell || strcmp(cell->text, d->signs->y_mark))
			return false;
	}
	return true;
}

/* Names of the marks, as far to the right as they cover no point; where they would cover much of the plot or a point,
 * the line has to do. */
static void y_mark_names(const struct mp_chart_drawing *d)
{
	const struct mp_chart_plot *p = &d->plot;

	for (size_t i = 0; i < d->chart->y.n_marks; i++) {
		const struct mp_chart_mark *m = &d->chart->y.marks[i];
		int row = p->row + mp_chart_row(d, m->at);
		int wide = m->text ? (int)mp_text_width(m->text) : 0;

		if (!wide || 3 * wide > p->columns || !mp_chart_inside(&d->chart->y, m->at))
			continue;
		for (int c = p->column + p->columns - wide; c > p->column; c--) {
			if (!is_free(d, row, c, wide))
				continue;
			mp_grid_text(d->grid, row, c,
				     m->role ? mp_chart_cell_role(m->role) : MP_ROLE_MUTED,
				     m->text);
			break;
		}
	}
}

/* ---- texts ---- */

/* Columns of the names of the series, with two blanks between; letters alone: one each. */
static int names_wide(const struct mp_chart *chart, bool letters)
{
	int wide = 0;

	for (size_t i = 0; i < chart->n_series; i++) {
		const struct mp_chart_series *s = &chart->series[i];

		wide += (i ? 2 : 0) +
			(letters || !s->name || !*s->name ? 1 : 2 + (int)mp_text_width(s->name));
	}
	return wide;
}

/* What the axes mean on the left, the series on the right: by letter alone where names have no room. */
static void head(const struct mp_chart_drawing *d, int row)
{
	const struct mp_chart *chart = d->chart;
	struct mp_str axes = MP_STR_INIT;
	int column = d->grid->columns, wide;
	bool letters;

	mp_str_printf(&axes, "%s, by %s", chart->y.title, chart->x.title);
	wide = (int)mp_text_width(axes.text) < column / 2 ? (int)mp_text_width(axes.text)
							  : column / 2;
	letters = names_wide(chart, false) + 2 + wide > column;
	column -= names_wide(chart, letters);
	mp_grid_field(d->grid, row, 0, column - 2, MP_ROLE_MUTED, MP_ALIGN_LEFT, MP_CUT_END,
		      axes.text);
	for (size_t i = 0; i < chart->n_series; i++) {
		const struct mp_chart_series *s = &chart->series[i];
		bool alone = letters || !s->name || !*s->name;

		column +=
			mp_grid_printf(d->grid, row, column, mp_chart_cell_role(s->role) | MP_BOLD,
				       alone ? "%c  " : "%c %s  ", s->letter, s->name);
	}
	mp_str_done(&axes);
}

static void notes(const struct mp_chart_drawing *d, int row, int rows)
{
	const struct mp_grid *grid = d->grid;
	int end = row + rows, all = notes_high(d->chart, grid->columns);

	for (size_t i = 0; i < d->chart->n_notes && row < end; i++) {
		struct mp_grid rest = mp_grid_part(grid, row, 0, end - row, grid->columns);
		int high = mp_grid_wrap(&rest, 0, 0, MP_ROLE_MUTED, d->chart->notes[i]);

		/* The last row says what it takes the place of. */
		if (row + high >= end && (all > rows || i + 1 < d->chart->n_notes) &&
		    !(row + high == end && i + 1 == d->chart->n_notes)) {
			mp_grid_fill(&rest, 0, 0, end - row, grid->columns, MP_ROLE_TEXT);
			mp_grid_printf(&rest, 0, 0, MP_ROLE_MUTED, "%zu more note%s with the table",
				       d->chart->n_notes - i,
				       d->chart->n_notes - i == 1 ? "" : "s");
			return;
		}
		row += high;
	}
}

struct mp_chart_plot mp_chart_cells(const struct mp_chart *chart,
				    const struct mp_chart_cells *options,
				    const struct mp_grid *grid)
{
	struct mp_chart_drawing d = { .chart = chart,
				      .grid = grid,
				      .signs = &mp_chart_signs[mp_grid_glyphs(grid)],
				      .glyphs = mp_grid_glyphs(grid) };
	bool title = options && options->title && chart->title && grid->rows >= 8;
	struct layout l;

	if (title)
		mp_grid_field(grid, 0, 0, grid->columns, MP_ROLE_TITLE, MP_ALIGN_LEFT,
			      MP_CUT_MIDDLE, chart->title);
	if (chart->empty || grid->rows < LEAST_ROWS || grid->columns < LEAST_COLUMNS) {
		mp_grid_wrap(grid, title, 0, MP_ROLE_TEXT,
			     chart->empty   ? chart->empty
			     : chart->about ? chart->about
					    : "");
		return (struct mp_chart_plot){ 0 };
	}
	l = arrange(chart, title, grid->rows, grid->columns, &d.plot);
	if (l.head)
		head(&d, title);
	y_axis(&d, &l);
	x_axis(&d, &l);
	y_marks(&d);
	x_marks(&d, &l);
	mp_chart_draw_series(&d);
	y_mark_names(&d);
	notes(&d, grid->rows - l.note_rows, l.note_rows);
	if (options && options->selected && mp_chart_inside(&chart->x, options->x)) {
		int row = d.plot.row + mp_chart_row(&d, options->y);
		int column = d.plot.column + mp_chart_column(&d, options->x);

		mp_grid_attribute(grid, row, column, 1, 1, MP_REVERSE);
		mp_grid_cursor(grid, row, column);
	}
	return d.plot;
}

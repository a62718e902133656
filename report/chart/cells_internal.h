/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the two halves of the renderer in character cells share. */
#ifndef REPORT_CHART_CELLS_INTERNAL_H
#define REPORT_CHART_CELLS_INTERNAL_H

#include "report/chart/cells.h"

/* Lines that are neither axes nor series: no two of a glyph set look alike. */
struct mp_chart_signs {
	const char *interval, *x_mark, *y_mark;
};
extern const struct mp_chart_signs mp_chart_signs[MP_GLYPHS_COUNT];

struct mp_chart_drawing {
	const struct mp_chart *chart;
	const struct mp_grid *grid;
	const struct mp_chart_signs *signs;
	enum mp_glyphs glyphs;
	struct mp_chart_plot plot;
};

enum mp_role mp_chart_cell_role(enum mp_chart_role role);

/* Row and column in the plot of a value; outside it is pulled to the edge. */
int mp_chart_row(const struct mp_chart_drawing *d, double y);
int mp_chart_column(const struct mp_chart_drawing *d, double x);

void mp_chart_draw_series(const struct mp_chart_drawing *d);

#endif

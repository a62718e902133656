/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A chart in character cells: letters for points, so that sides differ without colour; bars in eighths or '#'; curves by
 * letters, or in braille dots. Any size: what has no room goes, the notes first, then marks, title and labels; where not
 * even a plot fits stands the chart's sentence. Layer: report.
 */
#ifndef REPORT_CHART_CELLS_H
#define REPORT_CHART_CELLS_H

#include "report/chart/chart.h"
#include "report/viewer/grid.h"

struct mp_chart_cells {
	bool title; /* the chart's title in the first row */
	bool selected; /* a point is selected: shown reversed, and the cursor stands on it */
	double x, y; /* of it */
};

/* Where the plot stands in the grid; rows 0: there is none. */
struct mp_chart_plot {
	int row, column, rows, columns;
};

/* Fills the grid. `options` NULL: none. */
struct mp_chart_plot mp_chart_cells(const struct mp_chart *chart,
				    const struct mp_chart_cells *options,
				    const struct mp_grid *grid);

#endif

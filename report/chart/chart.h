/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A chart is data: axes, series of points with intervals, marks, notes. Renderers draw it as character cells
 * (cells.h) or as SVG (svg.h); places and ticks come from here, so that every rendering shows the same.
 *
 * Times are nanoseconds, sizes bytes, shares and ratios plain numbers; NaN is unknown and never drawn. Texts and
 * points are owned by the chart (mp_chart_done). Adding never fails at once: memory that ran out is remembered in
 * `failed`, as struct mp_str does. Layer: report.
 */
#ifndef REPORT_CHART_CHART_H
#define REPORT_CHART_CHART_H

#include "common/units.h"

#include <stdbool.h>
#include <stddef.h>

struct mp_table;

enum mp_chart_scale {
	MP_CHART_LINEAR,
	MP_CHART_LOG2, /* sizes and counts */
	MP_CHART_LOG10, /* times and ratios */
	MP_CHART_TAIL, /* a share p at -log10(1 - p): 90, 99, 99.9 % are equally far apart */
};

/* How values of an axis are written. */
enum mp_chart_unit {
	MP_CHART_NUMBER,
	MP_CHART_COUNT, /* whole numbers: no tick between them */
	MP_CHART_DURATION, /* ns */
	MP_CHART_CYCLES, /* a time in cycles, and in null system calls */
	MP_CHART_NULLS,
	MP_CHART_SIZE, /* bytes */
	MP_CHART_SHARE, /* 0.25 is "25 %" */
	MP_CHART_CHANGE, /* a ratio: 1.05 is "+5 %", 3 is "x3" */
	MP_CHART_DATE, /* seconds since the epoch, written as a local day */
	MP_CHART_NAMES, /* index of one of the axis's names */
};

/* To which side something belongs; what it looks like follows from that. */
enum mp_chart_role {
	MP_CHART_NEUTRAL,
	MP_CHART_A,
	MP_CHART_B,
	MP_CHART_WORSE,
	MP_CHART_BETTER,
};

/* A named place on an axis ("L2 1M", "2 %"): a tick of its own, and a line across the chart. */
struct mp_chart_mark {
	double at;
	char *text; /* NULL: a line alone */
	enum mp_chart_role role;
};

struct mp_chart_axis {
	char *title;
	enum mp_chart_scale scale;
	enum mp_chart_unit unit;
	double low, high; /* the range that is drawn, low < high once mp_chart_fit_done() */
	bool mirrored; /* values below 0 are the other side's: written without their sign */
	char **names; /* MP_CHART_NAMES */
	size_t n_names, cap_names;
	struct mp_chart_mark *marks;
	size_t n_marks, cap_marks;
};

enum mp_chart_draw {
	MP_CHART_DOTS, /* the series' letter, or the point's own sign */
	MP_CHART_LINE, /* points joined */
	MP_CHART_STEPS, /* each value holds until the next point */
	MP_CHART_BARS, /* from 0 to y, from x to x_end */
	MP_CHART_LEVELS, /* a horizontal line at y from x to x_end */
};

struct mp_chart_point {
	double x, y;
	double low, high; /* interval of y; NaN: none */
	double x_end; /* BARS, LEVELS */
	char sign; /* DOTS: drawn in place of the letter; 0: the letter */
	bool hollow; /* DOTS: of less weight (not calm) */
};

struct mp_chart_series {
	char *name;
	char letter; /* printable ASCII: tells series apart without colour */
	enum mp_chart_role role;
	enum mp_chart_draw draw;
	struct mp_chart_point *points;
	size_t n_points, cap_points;
};

struct mp_chart {
	char *title;
	char *about; /* one sentence that says in numbers what is to be seen */
	char *empty; /* why there is nothing to draw; NULL: there is */
	struct mp_chart_axis x, y;
	struct mp_chart_series *series;
	size_t n_series, cap_series;
	char **notes; /* sentences below the chart: what is out of range, what the signs mean */
	size_t n_notes, cap_notes;
	struct mp_table
		*table; /* the same numbers, for those who cannot use the picture; NULL: none */
	bool failed; /* memory ran out */
};

void mp_chart_done(struct mp_chart *chart); /* accepts zeroed */

/* Formatted texts; a second title, about or empty replaces the first. */
void mp_chart_title(struct mp_chart *chart, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void mp_chart_about(struct mp_chart *chart, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void mp_chart_empty(struct mp_chart *chart, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void mp_chart_note(struct mp_chart *chart, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Begins an axis with an empty range. */
void mp_chart_axis(struct mp_chart *chart, struct mp_chart_axis *axis, enum mp_chart_scale scale,
		   enum mp_chart_unit unit, const char *title);
void mp_chart_name(struct mp_chart *chart, struct mp_chart_axis *axis, const char *name);
/* A place outside the axis's final range is not drawn. */
void mp_chart_mark(struct mp_chart *chart, struct mp_chart_axis *axis, double at,
		   enum mp_chart_role role, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));

/* The new series, or NULL when memory ran out (mp_chart_add accepts that); valid until the next one. */
struct mp_chart_series *mp_chart_series(struct mp_chart *chart, enum mp_chart_role role,
					char letter, enum mp_chart_draw draw, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));
/* Points in the order of x; a point whose y is not finite is a gap. */
void mp_chart_add(struct mp_chart *chart, struct mp_chart_series *series,
		  struct mp_chart_point point);

/* Widens the range to hold the value; what is not finite (or not above 0 on a log scale) is passed over. */
void mp_chart_fit(struct mp_chart_axis *axis, double value);
/* All points of the chart with their intervals, both axes; then leaves `room` (a share of the range) on both sides of
 * y, and gives a range without width one. */
void mp_chart_fit_points(struct mp_chart *chart, double room);
void mp_chart_fit_done(struct mp_chart_axis *axis, double room);

/* Where a value stands: 0 at low, 1 at high, beyond them outside; NaN: nowhere. */
double mp_chart_place(const struct mp_chart_axis *axis, double value);
/* Which of `cells` cells that is, 0 first; values outside are pulled to the edge. -1: nowhere. */
int mp_chart_cell(const struct mp_chart_axis *axis, double value, int cells);
/* Does the range hold the value? */
bool mp_chart_inside(const struct mp_chart_axis *axis, double value);

/* ---- ticks ---- */

#define MP_CHART_LABEL	   24 /* bytes of a tick's label */
#define MP_CHART_TICKS_MAX 64

struct mp_chart_tick {
	double value, place;
	char label[MP_CHART_LABEL];
	int cell; /* where the tick stands, of the cells that were given */
	int start; /* first cell of its label: centred, or pulled inside at the edges */
};

/*
 * The densest ticks whose labels do not touch: at least `gap` free cells between labels that lie along the axis, or
 * (gap 0: a vertical axis) two rows from one label to the next. 1-2-5 steps on linear scales and over short ranges of
 * the others, 1-2-5 and powers of ten on log10, powers of two on log2, every name or every k-th. In order; their count.
 */
size_t mp_chart_ticks(const struct mp_chart_axis *axis, int cells, int gap,
		      struct mp_chart_tick ret_ticks[MP_CHART_TICKS_MAX]);

/* Where the text of a mark stands below (or beside) the axis. */
struct mp_chart_mark_label {
	const struct mp_chart_mark *mark;
	int cell, start; /* where its place is, and where its text begins */
	int row; /* 0: nearest to the axis */
};

/* Texts of the marks that the axis holds, in at most `rows` rows such that none touch; those of equal text and place once.
 * Their count; *ret_left_out: for how many there was no room. */
size_t mp_chart_mark_labels(const struct mp_chart_axis *axis, int cells, int rows,
			    struct mp_chart_mark_label ret_labels[MP_CHART_TICKS_MAX],
			    size_t *ret_left_out);

/* A value of the axis in words, with about `digits` significant digits: "1.25 us", "2M", "+5 %". */
char *mp_chart_label(const struct mp_chart_axis *axis, double value, int digits,
		     char buf[MP_CHART_LABEL]);

#endif

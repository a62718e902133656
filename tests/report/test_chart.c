/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Charts as data and their two renderers: places, ticks worked out by hand and by property, the same places in cells and
 * in SVG, pictures in every glyph set and at every size, the sparkline. With MEMPERF_UPDATE=1 the wanted pictures are
 * written instead: read the difference before you commit it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/random.h"
#include "report/chart/cells.h"
#include "report/chart/spark.h"
#include "report/chart/svg.h"
#include "report/format/width.h"

/* ---- ticks ---- */

static struct mp_chart_axis axis_of(enum mp_chart_scale scale, enum mp_chart_unit unit, double low,
				    double high)
{
	return (struct mp_chart_axis){ .scale = scale, .unit = unit, .low = low, .high = high };
}

/* The labels of an axis as one text, "0 10 20". */
static void assert_ticks(struct mp_chart_axis axis, int cells, int gap, const char *wanted)
{
	struct mp_chart_tick ticks[MP_CHART_TICKS_MAX];
	size_t n = mp_chart_ticks(&axis, cells, gap, ticks);
	struct mp_str said = MP_STR_INIT;

	for (size_t i = 0; i < n; i++)
		mp_str_printf(&said, "%s%s", i ? "|" : "", ticks[i].label);
	assert_string_equal(said.text, wanted);
	mp_str_done(&said);
}

/* 60 cells for 0 to 100: every 5 would be 3 cells apart, and "95" with its gap takes 4. Every 10 is 6 apart. */
static void linear_ticks_are_1_2_5(void **state)
{
	(void)state;
	assert_ticks(axis_of(MP_CHART_LINEAR, MP_CHART_NUMBER, 0, 100), 60, 2,
		     "0|10|20|30|40|50|60|70|80|90|100");
	assert_ticks(axis_of(MP_CHART_LINEAR, MP_CHART_NUMBER, 0, 100), 30, 2, "0|20|40|60|80|100");
	/* Every 20 is 4 to 5 cells apart, but "100", pulled inside, would touch "80". */
	assert_ticks(axis_of(MP_CHART_LINEAR, MP_CHART_NUMBER, 0, 100), 24, 2, "0|50|100");
	assert_ticks(axis_of(MP_CHART_LINEAR, MP_CHART_NUMBER, 0, 100), 14, 2, "0|50|100");
	/* Seven rows for seven half steps: two rows apart is every whole one. */
	assert_ticks(axis_of(MP_CHART_LINEAR, MP_CHART_SHARE, 0, 0.3), 7, 0, "0 %|10 %|20 %|30 %");
	/* No tick between whole numbers. */
	assert_ticks(axis_of(MP_CHART_LINEAR, MP_CHART_COUNT, 0.5, 3.5), 80, 2, "1|2|3");
	assert_ticks(axis_of(MP_CHART_LINEAR, MP_CHART_DURATION, 1265, 1287), 11, 0,
		     "1.265 us|1.270 us|1.275 us|1.280 us|1.285 us");
	assert_ticks(axis_of(MP_CHART_LOG10, MP_CHART_CHANGE, 0.94, 1.12), 10, 0,
		     "-5 %|0 %|+5 %|+10 %");
}

/* Four decades in 41 cells: 10 cells each. 1-2-5 is 3 cells apart, "200 ns" alone is wider. */
static void logarithmic_ticks_are_decades(void **state)
{
	(void)state;
	assert_ticks(axis_of(MP_CHART_LOG10, MP_CHART_DURATION, 100, 1e6), 41, 2,
		     "100 ns|1 us|10 us|100 us|1 ms");
	/* 35 cells a decade: 1-2-5 is 10 to 14 cells apart. */
	assert_ticks(axis_of(MP_CHART_LOG10, MP_CHART_DURATION, 100, 1e4), 71, 2,
		     "100 ns|200 ns|500 ns|1 us|2 us|5 us|10 us");
	/* Twelve decades in 30 cells: every third. */
	assert_ticks(axis_of(MP_CHART_LOG10, MP_CHART_NUMBER, 1, 1e12), 31, 2, "1|1 k|1 M|1 G|1 T");
	/* Less than threefold: powers would be one tick or none. */
	assert_ticks(axis_of(MP_CHART_LOG10, MP_CHART_DURATION, 1000, 2000), 40, 2,
		     "1.0 us|1.5 us|2.0 us");
}

/* 14 octaves: in 99 cells 7 apart, where "128K" and its gap take 6; in 71 cells 5 apart. */
static void sizes_are_powers_of_two(void **state)
{
	struct mp_chart_axis sizes = axis_of(MP_CHART_LOG2, MP_CHART_SIZE, 4096, 64 << 20);

	(void)state;
	assert_ticks(sizes, 99, 2, "4K|8K|16K|32K|64K|128K|256K|512K|1M|2M|4M|8M|16M|32M|64M");
	assert_ticks(sizes, 71, 2, "4K|16K|64K|256K|1M|4M|16M|64M");
	/* Every third is 7 to 8 cells: 2^12, 2^15 ...; at 36 cells 2.5 a power. */
	assert_ticks(sizes, 36, 2, "4K|32K|256K|2M|16M");
	assert_ticks(axis_of(MP_CHART_LOG2, MP_CHART_COUNT, 1, 64), 60, 2, "1|2|4|8|16|32|64");
	/* 19 cells for ten powers: every third, 2^21 2^24 2^27 2^30 at 2, 8, 13 and 19. */
	assert_ticks(axis_of(MP_CHART_LOG2, MP_CHART_SIZE, 1 << 20, 1u << 30), 20, 2,
		     "2M|16M|128M|1G");
}

static void tails_and_days(void **state)
{
	struct mp_chart_axis names = axis_of(MP_CHART_LINEAR, MP_CHART_NAMES, -0.4, 3.4);
	char list[4][4] = { "p10", "p20", "p30", "p40" },
	     *pointers[] = { list[0], list[1], list[2], list[3] };

	(void)state;
	names.names = pointers;
	names.n_names = 4;
	assert_ticks(axis_of(MP_CHART_TAIL, MP_CHART_SHARE, 0, 0.9999), 13, 0,
		     "0 %|90 %|99 %|99.9 %|99.99 %");
	assert_ticks(axis_of(MP_CHART_TAIL, MP_CHART_SHARE, 0, 0.99), 20, 0, "0 %|50 %|90 %|99 %");
	assert_ticks(names, 40, 2, "p10|p20|p30|p40");
	assert_ticks(names, 14, 2, "p10|p30");
	setenv("TZ", "UTC", 1);
	/* 2026-01-01 is day 20454 since the epoch, a multiple of 7 after 20453. */
	assert_ticks(axis_of(MP_CHART_LINEAR, MP_CHART_DATE, 20454 * 86400.0, 20458 * 86400.0), 60,
		     2, "01-01|01-02|01-03|01-04|01-05");
}

/* Whatever the axis: in order, inside, nothing touches, and the same again. */
static void ticks_never_touch(void **state)
{
	static const struct {
		enum mp_chart_scale scale;
		enum mp_chart_unit unit;
	} kinds[] = { { MP_CHART_LINEAR, MP_CHART_NUMBER },  { MP_CHART_LINEAR, MP_CHART_COUNT },
		      { MP_CHART_LINEAR, MP_CHART_SHARE },   { MP_CHART_LOG10, MP_CHART_DURATION },
		      { MP_CHART_LOG2, MP_CHART_SIZE },	     { MP_CHART_LOG10, MP_CHART_CHANGE },
		      { MP_CHART_LINEAR, MP_CHART_DURATION } };
	struct mp_random random = { .state = 7 };

	(void)state;
	for (int run = 0; run < 20000; run++) {
		size_t k = mp_random_below(&random, 7);
		double low = exp((double)mp_random_below(&random, 2000) / 100);
		double high = low * (1 + exp((double)mp_random_below(&random, 1600) / 100 - 4));
		int cells = 1 + (int)mp_random_below(&random, 200), gap = run % 2 ? 2 : 0;
		struct mp_chart_axis axis = axis_of(kinds[k].scale, kinds[k].unit, low, high);
		struct mp_chart_tick ticks[MP_CHART_TICKS_MAX], again[MP_CHART_TICKS_MAX];
		size_t n = mp_chart_ticks(&axis, cells, gap, ticks);

		assert_int_equal(n, mp_chart_ticks(&axis, cells, gap, again));
		for (size_t i = 0; i < n; i++) {
			int wide = (int)mp_text_width(ticks[i].label);

			assert_memory_equal(&ticks[i].value, &again[i].value, sizeof(double));
			assert_in_range(ticks[i].cell, 0, cells - 1);
			assert_true(ticks[i].place > -1e-6 && ticks[i].place < 1 + 1e-6);
			if (gap)
				assert_true(ticks[i].start >= 0 && ticks[i].start + wide <= cells);
			if (i)
				assert_true(ticks[i].value > ticks[i - 1].value);
			if (i && gap)
				assert_true(ticks[i].start >=
					    ticks[i - 1].start +
						    (int)mp_text_width(ticks[i - 1].label) + gap);
			if (i && !gap)
				assert_true(ticks[i].cell >= ticks[i - 1].cell + 2);
			if (i)
				assert_string_not_equal(ticks[i].label, ticks[i - 1].label);
		}
	}
}

/* An axis of values that differ in their last bit is one around a single value; it would have ticks without end. */
static void rounding_is_no_range(void **state)
{
	static const enum mp_chart_scale scales[] = { MP_CHART_LINEAR, MP_CHART_LOG10,
						      MP_CHART_LOG2 };

	(void)state;
	for (size_t i = 0; i < 6; i++) {
		struct mp_chart_tick ticks[MP_CHART_TICKS_MAX];
		double value = i < 3 ? 1032.2629324333093 : 1;
		struct mp_chart_axis axis =
			axis_of(scales[i % 3], MP_CHART_DURATION, INFINITY, -INFINITY);

		mp_chart_fit(&axis, value);
		mp_chart_fit(&axis, nextafter(value, INFINITY));
		mp_chart_fit_done(&axis, 0.05);
		assert_true(axis.high - axis.low > 0.05 * value);
		assert_true(mp_chart_ticks(&axis, 40, 0, ticks) > 0);
	}
}

static void marks_do_not_touch(void **state)
{
	struct mp_chart chart = { 0 };
	struct mp_chart_mark_label labels[MP_CHART_TICKS_MAX];
	size_t left_out, n;

	(void)state;
	mp_chart_axis(&chart, &chart.x, MP_CHART_LOG2, MP_CHART_SIZE, "size");
	mp_chart_fit(&chart.x, 4096);
	mp_chart_fit(&chart.x, 64 << 20);
	mp_chart_mark(&chart, &chart.x, 32768, MP_CHART_NEUTRAL, "L1 32K");
	mp_chart_mark(&chart, &chart.x, 1 << 20, MP_CHART_NEUTRAL, "L2 1M");
	mp_chart_mark(&chart, &chart.x, 2 << 20, MP_CHART_NEUTRAL, "huge page 2M");
	mp_chart_mark(&chart, &chart.x, 2 << 20, MP_CHART_NEUTRAL, "huge page 2M");
	mp_chart_mark(&chart, &chart.x, 1u << 31, MP_CHART_NEUTRAL, "outside");
	mp_chart_mark(&chart, &chart.x, 64 << 20, MP_CHART_NEUTRAL, "L3 64M");
	/* 8 of 14 octaves is cell 40 of 71, 9 is cell 45: "^L2 1M" takes 6, so the next one needs a row of its own; the
	 * last has no room behind its place. */
	n = mp_chart_mark_labels(&chart.x, 71, 2, labels, &left_out);
	assert_int_equal(n, 4);
	assert_int_equal(left_out, 0);
	assert_int_equal(labels[1].row, 0);
	assert_int_equal(labels[2].row, 1);
	assert_int_equal(labels[3].start, 64);
	assert_int_equal(labels[3].cell, 70);
	n = mp_chart_mark_labels(&chart.x, 71, 1, labels, &left_out);
	assert_int_equal(n, 3);
	assert_int_equal(left_out, 1);
	mp_chart_done(&chart);
}

static void places(void **state)
{
	struct mp_chart_axis axis = axis_of(MP_CHART_LOG10, MP_CHART_DURATION, 100, 10000);
	struct mp_chart_axis tail = axis_of(MP_CHART_TAIL, MP_CHART_SHARE, 0, 0.999);

	(void)state;
	assert_float_equal(mp_chart_place(&axis, 1000), 0.5, 1e-9);
	assert_int_equal(mp_chart_cell(&axis, 1000, 11), 5);
	assert_int_equal(mp_chart_cell(&axis, 1, 11), 0);
	assert_int_equal(mp_chart_cell(&axis, INFINITY, 11), 10);
	assert_int_equal(mp_chart_cell(&axis, NAN, 11), -1);
	assert_int_equal(mp_chart_cell(&axis, -5, 11), -1);
	assert_false(mp_chart_inside(&axis, 99));
	assert_true(mp_chart_inside(&axis, 100));
	assert_float_equal(mp_chart_place(&tail, 0.9), 1.0 / 3, 1e-9);
	assert_float_equal(mp_chart_place(&tail, 0.99), 2.0 / 3, 1e-9);
}

/* ---- made charts ---- */

static struct mp_chart_point at(double x, double y)
{
	return (struct mp_chart_point){ .x = x, .y = y, .low = NAN, .high = NAN, .x_end = NAN };
}

/* A small at 200 ns, B at 300 with a second mode. */
static void make_histogram(struct mp_chart *chart)
{
	static const double shares[2][12] = {
		{ .01, .1, .42, .3, .1, .04, .02, 0, 0, 0, .01, 0 },
		{ 0, 0, .02, .1, .3, .35, .1, .02, 0, .002, .08, .03 },
	};

	mp_chart_title(chart, "made.case/size=4K: how long single calls take");
	mp_chart_about(chart, "Half of A's calls take at most 230 ns, half of B's at most 330 ns.");
	mp_chart_axis(chart, &chart->x, MP_CHART_LOG10, MP_CHART_DURATION, "time of one call");
	mp_chart_axis(chart, &chart->y, MP_CHART_LINEAR, MP_CHART_SHARE, "share of the calls");
	chart->y.mirrored = true;
	mp_chart_fit(&chart->y, -0.42);
	for (int s = 0; s < 2; s++) {
		struct mp_chart_series *series =
			mp_chart_series(chart, s ? MP_CHART_B : MP_CHART_A, s ? 'B' : 'A',
					MP_CHART_BARS, "%s", s ? "new.db" : "old.db");

		for (int i = 0; i < 12; i++) {
			struct mp_chart_point p =
				at(180 * pow(1.13, i), s ? -shares[s][i] : shares[s][i]);

			p.x_end = 180 * pow(1.13, i + 1);
			mp_chart_add(chart, series, p);
		}
	}
	mp_chart_note(chart, "A: 20000 calm calls of 10 invocations");
	mp_chart_note(chart, "B: 0.4 %% of the calls beyond 780.0 ns, the longest 12.00 us");
	mp_chart_fit_points(chart, 0);
}

static void make_scaling(struct mp_chart *chart)
{
	mp_chart_title(chart, "made.case along size");
	mp_chart_about(chart, "12 points along size.");
	mp_chart_axis(chart, &chart->x, MP_CHART_LOG2, MP_CHART_SIZE, "size");
	mp_chart_axis(chart, &chart->y, MP_CHART_LOG10, MP_CHART_DURATION, "time per operation");
	for (int s = 0; s < 2; s++) {
		struct mp_chart_series *series =
			mp_chart_series(chart, s ? MP_CHART_B : MP_CHART_A, s ? 'B' : 'A',
					MP_CHART_DOTS, "%s", s ? "new.db" : "old.db");

		for (int i = 0; i < 6; i++) {
			struct mp_chart_point p =
				at(4096 * pow(16, i / 2.0), (s && i > 2 ? 900 : 400) * pow(2, i));

			p.low = p.y * 0.8;
			p.high = p.y * 1.3;
			p.hollow = !s && i == 4;
			p.sign = s && i == 5 ? '!' : 0;
			mp_chart_add(chart, series, p);
		}
	}
	mp_chart_mark(chart, &chart->x, 32768, MP_CHART_NEUTRAL, "L1 32K");
	mp_chart_mark(chart, &chart->x, 1 << 20, MP_CHART_B, "B: L2 1M");
	mp_chart_mark(chart, &chart->y, 1000, MP_CHART_NEUTRAL, "a limit");
	mp_chart_note(chart, "held: populate=no threads=1");
	mp_chart_fit_points(chart, 0.05);
}

static void make_cdf(struct mp_chart *chart)
{
	mp_chart_title(chart, "made.case: share of the calls");
	mp_chart_about(chart, "90 %% of the calls take at most 400 ns in A and 640 ns in B.");
	mp_chart_axis(chart, &chart->x, MP_CHART_LOG10, MP_CHART_DURATION, "time of one call");
	mp_chart_axis(chart, &chart->y, MP_CHART_LINEAR, MP_CHART_SHARE, "share of the calls");
	for (int s = 0; s < 2; s++) {
		struct mp_chart_series *series =
			mp_chart_series(chart, s ? MP_CHART_B : MP_CHART_A, s ? 'B' : 'A',
					MP_CHART_STEPS, "%s", s ? "new.db" : "old.db");

		for (int i = 0; i <= 40; i++) {
			double x = 100 * pow(10, i / 30.0);

			mp_chart_add(chart, series, at(x, 1 / (1 + pow((s ? 400 : 250) / x, 4))));
		}
	}
	mp_chart_fit(&chart->y, 0);
	mp_chart_fit(&chart->y, 1);
	mp_chart_fit_points(chart, 0);
}

static const struct made {
	const char *name;
	void (*make)(struct mp_chart *chart);
} made[] = { { "histogram", make_histogram }, { "scaling", make_scaling }, { "cdf", make_cdf } };

/* ---- pictures ---- */

static void picture(const struct mp_canvas *canvas, struct mp_str *out)
{
	for (int r = 0; r < canvas->rows; r++) {
		size_t end = out->len;

		for (int c = 0; c < canvas->columns; c++) {
			const char *text = canvas->cells[r * canvas->columns + c].text;

			mp_str_add(out, text);
			if (strcmp(text, " "))
				end = out->len;
		}
		out->len = end;
		out->text[end] = '\0';
		mp_str_addc(out, '\n');
	}
}

static void assert_golden(const char *name, const struct mp_str *got)
{
	struct mp_str wanted = MP_STR_INIT;
	char path[512];

	snprintf(path, sizeof(path), "%s/data/chart/%s", MEMPERF_TESTS, name);
	if (getenv("MEMPERF_UPDATE")) {
		FILE *f = fopen(path, "w");

		assert_non_null(f);
		fputs(got->text, f);
		fclose(f);
	}
	assert_int_equal(mp_str_read_file(&wanted, path), 0);
	if (strcmp(wanted.text, got->text))
		print_error("%s is now:\n%s", path, got->text);
	assert_string_equal(wanted.text, got->text);
	mp_str_done(&wanted);
}

static void pictures(void **state)
{
	static const int sizes[][2] = { { 22, 80 }, { 10, 40 }, { 5, 20 }, { 2, 30 }, { 30, 120 } };

	(void)state;
	for (size_t m = 0; m < sizeof(made) / sizeof(made[0]); m++) {
		struct mp_chart chart = { 0 };

		made[m].make(&chart);
		assert_false(chart.failed);
		for (int g = 0; g < MP_GLYPHS_COUNT; g++) {
			struct mp_str got = MP_STR_INIT;
			char name[64];

			for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++) {
				struct mp_canvas canvas;
				struct mp_grid grid;
				const struct mp_chart_cells options = { .title = true };

				assert_int_equal(mp_canvas_init(&canvas, sizes[s][0], sizes[s][1],
								(enum mp_glyphs)g),
						 0);
				grid = mp_grid_whole(&canvas);
				mp_chart_cells(&chart, &options, &grid);
				mp_str_printf(&got, "==== %d x %d\n", sizes[s][1], sizes[s][0]);
				picture(&canvas, &got);
				mp_canvas_done(&canvas);
			}
			snprintf(name, sizeof(name), "%s-%s.txt", made[m].name,
				 mp_glyphs_name((enum mp_glyphs)g));
			assert_golden(name, &got);
			mp_str_done(&got);
		}
		mp_chart_done(&chart);
	}
}

/* Any size, any chart: nothing is drawn outside, nothing crashes, and bars of both sides are equally high. */
static void any_size(void **state)
{
	(void)state;
	for (size_t m = 0; m < sizeof(made) / sizeof(made[0]); m++) {
		struct mp_chart chart = { 0 };

		made[m].make(&chart);
		for (int rows = 0; rows < 40; rows++) {
			for (int columns = 0; columns < 130; columns += 1 + columns / 8) {
				struct mp_canvas canvas;
				struct mp_grid grid;
				struct mp_chart_plot plot;

				assert_int_equal(mp_canvas_init(&canvas, rows, columns,
								(enum mp_glyphs)(rows % 3)),
						 0);
				grid = mp_grid_whole(&canvas);
				plot = mp_chart_cells(&chart, NULL, &grid);
				if (plot.rows) {
					assert_true(plot.row >= 0 && plot.row + plot.rows <= rows);
					assert_true(plot.column >= 0 &&
						    plot.column + plot.columns <= columns);
				}
				mp_canvas_done(&canvas);
			}
		}
		mp_chart_done(&chart);
	}
}

/* Names of marks for which there is no room are counted where they would stand. */
static void marks_are_counted(void **state)
{
	struct mp_chart chart = { 0 };
	struct mp_canvas canvas;
	struct mp_grid grid;
	struct mp_str got = MP_STR_INIT;

	(void)state;
	make_scaling(&chart);
	for (int i = 0; i < 4; i++)
		mp_chart_mark(&chart, &chart.x, 65536, MP_CHART_NEUTRAL,
			      "one of four marks, no. %d", i);
	assert_int_equal(mp_canvas_init(&canvas, 14, 80, MP_GLYPHS_ASCII), 0);
	grid = mp_grid_whole(&canvas);
	mp_chart_cells(&chart, NULL, &grid);
	picture(&canvas, &got);
	/* There is room for two rows. In the first one "L1 32K" stands right before the place: one of the four stands in the
	 * second, and three are left out. */
	assert_non_null(strstr(got.text, " +3\n"));
	mp_str_done(&got);
	mp_canvas_done(&canvas);
	mp_chart_done(&chart);
}

/* ---- the same places in both ---- */

/* The share of the width and height at which the n-th mark of that class stands in the SVG. */
static bool svg_place(const char *svg, const struct mp_chart_frame *f, int n, double *ret_x,
		      double *ret_y)
{
	const char *at = svg;
	double cx, cy;

	for (int i = 0; i <= n; i++) {
		at = strstr(at, "<circle class=\"mc-a");
		if (!at)
			return false;
		at++;
	}
	if (sscanf(strstr(at, "cx="), "cx=\"%lf\" cy=\"%lf\"", &cx, &cy) != 2)
		return false;
	*ret_x = (cx - f->left) / f->width;
	*ret_y = 1 - (cy - f->top) / f->height;
	return true;
}

static void renderers_agree(void **state)
{
	struct mp_chart chart = { 0 };
	struct mp_str svg = MP_STR_INIT;
	struct mp_chart_frame frame;
	struct mp_canvas canvas;
	struct mp_grid grid;
	struct mp_chart_plot plot;
	int found = 0;

	(void)state;
	make_scaling(&chart);
	assert_int_equal(mp_chart_svg(&chart, NULL, false, &svg, &frame), 0);
	assert_int_equal(mp_canvas_init(&canvas, 40, 130, MP_GLYPHS_ASCII), 0);
	grid = mp_grid_whole(&canvas);
	plot = mp_chart_cells(&chart, NULL, &grid);
	for (double x, y; svg_place(svg.text, &frame, found, &x, &y); found++) {
		/* A tenth of a pixel is less than a thousandth of the plot. */
		int column = (int)floor(x * (plot.columns - 1) + 0.5);
		int row = plot.rows - 1 - (int)floor(y * (plot.rows - 1) + 0.5);
		const struct mp_cell *cell =
			mp_grid_at(&grid, plot.row + row, plot.column + column);

		assert_non_null(cell);
		/* Where B has the same value both share a cell. */
		assert_true(strchr("Aa*", *cell->text));
	}
	assert_int_equal(found, 6);
	mp_canvas_done(&canvas);
	mp_str_done(&svg);
	mp_chart_done(&chart);
}

static void svg_escapes(void **state)
{
	struct mp_chart chart = { 0 };
	struct mp_str svg = MP_STR_INIT;

	(void)state;
	make_cdf(&chart);
	mp_chart_title(&chart, "</title><script>alert(\"1\")</script>&\x01");
	assert_int_equal(
		mp_chart_svg(&chart, &(struct mp_chart_svg){ .in_page = true }, false, &svg, NULL),
		0);
	assert_null(strstr(svg.text, "<script"));
	assert_null(strchr(svg.text, '\x01'));
	assert_non_null(strstr(svg.text, "role=\"img\" aria-label=\"&lt;/title&gt;"));
	assert_non_null(strstr(svg.text, "<desc>90 % of the calls"));
	/* What stands in every page stands there once. */
	assert_null(strstr(svg.text, "<style"));
	assert_null(strstr(svg.text, " id="));
	mp_str_clear(&svg);
	mp_chart_empty(&chart, "nothing < here");
	assert_int_equal(mp_chart_svg(&chart, NULL, false, &svg, NULL), 0);
	assert_non_null(strstr(svg.text, "nothing &lt; here"));
	assert_null(strstr(svg.text, "<path"));
	mp_str_done(&svg);
	mp_chart_done(&chart);
}

/* ---- sparkline ---- */

static void assert_spark(const double *values, size_t n, size_t cells, const char *wanted)
{
	struct mp_str out = MP_STR_INIT;

	mp_spark(values, n, cells, true, &out);
	assert_string_equal(out.text, wanted);
	mp_str_done(&out);
}

static void sparklines(void **state)
{
	static const double rising[] = { 1, 2, 4, 8, 16, 32, 64, 128 };
	static const double flat[] = { 100, 100.5, 100 };
	static const double gap[] = { 1, NAN, 2 };
	double spike[40];

	(void)state;
	/* Seven doublings, eight heights. */
	assert_spark(rising, 8, 8, "_.-~=+*#");
	/* Half a percent of a range of 2 %: a quarter of the height. */
	assert_spark(flat, 3, 10, "_._");
	assert_spark(gap, 3, 3, "_ #");
	assert_spark(rising, 0, 3, "");
	/* A spike survives, whatever shares its character. */
	for (int i = 0; i < 40; i++)
		spike[i] = i == 17 ? 200 : 100;
	assert_spark(spike, 40, 8, "___#____");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(linear_ticks_are_1_2_5),
		cmocka_unit_test(logarithmic_ticks_are_decades),
		cmocka_unit_test(sizes_are_powers_of_two),
		cmocka_unit_test(tails_and_days),
		cmocka_unit_test(ticks_never_touch),
		cmocka_unit_test(rounding_is_no_range),
		cmocka_unit_test(marks_do_not_touch),
		cmocka_unit_test(places),
		cmocka_unit_test(pictures),
		cmocka_unit_test(any_size),
		cmocka_unit_test(marks_are_counted),
		cmocka_unit_test(renderers_agree),
		cmocka_unit_test(svg_escapes),
		cmocka_unit_test(sparklines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

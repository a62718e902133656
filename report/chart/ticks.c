/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Ticks and their labels. A list of ladders, densest first, is tried until the labels of one do not touch: the choice
 * depends on the axis and the room alone, so that every rendering of the same size has the same ticks.
 */
#include "report/chart/chart.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "report/format/width.h"

#define DAY 86400.0 /* seconds */

/* ---- labels ---- */

struct prefix {
	double factor;
	const char *unit;
};

static const struct prefix durations[] = {
	{ 1, "ns" }, { 1e3, "us" }, { 1e6, "ms" }, { 1e9, "s" }
};
static const struct prefix numbers[] = {
	{ 1, "" }, { 1e3, "k" }, { 1e6, "M" }, { 1e9, "G" }, { 1e12, "T" }
};

/* Largest prefix that does not exceed the value. */
static const struct prefix *prefix_of(const struct prefix *list, size_t count, double value)
{
	size_t at = 0;

	/* 999.9999 is 1 of the next one. */
	while (at + 1 < count && fabs(value) * (1 + 1e-9) >= list[at + 1].factor)
		at++;
	return &list[at];
}

/* Digits behind the point that tell values a `step` apart. */
static int decimals(double step)
{
	int digits = 0;

	if (!(step > 0) || !isfinite(step))
		return 0;
	for (; digits < 9 && fabs(step - round(step)) > 1e-6 * step; digits++)
		step *= 10;
	return digits;
}

/* A local day, with its year where ticks are far apart. */
static void write_date(double value, double step, char *buf)
{
	time_t seconds = (time_t)value;
	struct tm tm;

	if (!localtime_r(&seconds, &tm) ||
	    !strftime(buf, MP_CHART_LABEL, step < 300 * DAY ? "%m-%d" : "%Y-%m-%d", &tm))
		snprintf(buf, MP_CHART_LABEL, "-");
}

/* The value in words; `step`: what it must be told apart from. */
static void write_label(const struct mp_chart_axis *axis, double value, double step, char *buf)
{
	const struct prefix *p;
	char size[MP_UNITS_LEN];

	if (axis->mirrored)
		value = fabs(value);
	if (fabs(value) < step * 1e-9)
		value = 0;
	switch (axis->unit) {
	case MP_CHART_DURATION:
	case MP_CHART_CYCLES:
	case MP_CHART_NULLS:
	case MP_CHART_NUMBER:
		p = axis->unit == MP_CHART_DURATION ? prefix_of(durations, 4, value)
						    : prefix_of(numbers, 5, value);
		if (value == 0)
			snprintf(buf, MP_CHART_LABEL, "0");
		else
			snprintf(buf, MP_CHART_LABEL, "%.*f%s%s%s", decimals(step / p->factor),
				 value / p->factor, *p->unit ? " " : "", p->unit,
				 axis->unit == MP_CHART_CYCLES	? " cyc"
				 : axis->unit == MP_CHART_NULLS ? " null"
								: "");
		return;
	case MP_CHART_SIZE:
		snprintf(buf, MP_CHART_LABEL, "%s",
			 value >= 0 && value < 0x1p63
				 ? mp_size_format((uint64_t)(value + 0.5), size)
				 : "-");
		return;
	case MP_CHART_SHARE:
		snprintf(buf, MP_CHART_LABEL, "%.*f %%", decimals(step * 100), value * 100);
		return;
	case MP_CHART_CHANGE:
		if (value >= 2 || value < 0.5)
			snprintf(buf, MP_CHART_LABEL, "x%.*f", decimals(step), value);
		else if (fabs(value - 1) < step * 1e-6)
			snprintf(buf, MP_CHART_LABEL, "0 %%");
		else
			snprintf(buf, MP_CHART_LABEL, "%+.*f %%", decimals(step * 100),
				 (value - 1) * 100);
		return;
	case MP_CHART_DATE:
		write_date(value, step, buf);
		return;
	case MP_CHART_NAMES:
		snprintf(buf, MP_CHART_LABEL, "%s",
			 value >= 0 && value + 0.5 < (double)axis->n_names
				 ? axis->names[(size_t)(value + 0.5)]
				 : "");
		return;
	case MP_CHART_COUNT:
		break;
	}
	snprintf(buf, MP_CHART_LABEL, "%.10g", value);
}

char *mp_chart_label(const struct mp_chart_axis *axis, double value, int digits,
		     char buf[MP_CHART_LABEL])
{
	double measure = axis->unit == MP_CHART_CHANGE ? fabs(value - 1) : fabs(value);
	double step = measure > 0 ? pow(10, floor(log10(measure) + 1e-9) - (digits - 1)) : 1;

	if (!isfinite(value))
		snprintf(buf, MP_CHART_LABEL, "-");
	else if (axis->unit == MP_CHART_NAMES || axis->unit == MP_CHART_DATE ||
		 axis->unit == MP_CHART_SIZE || axis->unit == MP_CHART_COUNT)
		write_label(axis, value, DAY, buf);
	else
		write_label(axis, round(value / step) * step, step, buf);
	return buf;
}

/* ---- placing ---- */

struct row {
	const struct mp_chart_axis *axis;
	int cells, gap;
	struct mp_chart_tick *ticks;
	size_t count;
	bool touching;
};

/* Columns of a label; what a name holds is foreign text. */
static int width(const char *label)
{
	return (int)mp_text_width(label);
}

static void place(struct row *row, double value, double step)
{
	struct mp_chart_tick *t, *last = row->count ? &row->ticks[row->count - 1] : NULL;

	if (!mp_chart_inside(row->axis, value))
		return;
	if (row->count == MP_CHART_TICKS_MAX) {
		row->touching = true;
		return;
	}
	t = &row->ticks[row->count];
	t->value = value;
	t->place = mp_chart_place(row->axis, value);
	t->cell = mp_chart_cell(row->axis, value, row->cells);
	write_label(row->axis, value, step, t->label);
	if (row->gap) {
		int wide = width(t->label);

		t->start = t->cell - (wide - 1) / 2;
		if (t->start + wide > row->cells)
			t->start = row->cells - wide;
		if (t->start < 0)
			t->start = 0;
		row->touching |= wide > row->cells ||
				 (last && t->start < last->start + width(last->label) + row->gap);
	} else {
		t->start = t->cell;
		row->touching |= last && t->cell < last->cell + 2;
	}
	row->count++;
}

/* Fits when something stands there and nothing touches. */
static bool fits(const struct row *row, size_t least)
{
	return row->count >= least && !row->touching;
}

static void begin(struct row *row)
{
	row->count = 0;
	row->touching = false;
}

/* ---- ladders ---- */

static const double steps_125[] = { 1, 2, 5 };

/* The 1-2-5 step number k: 1, 2, 5, 10, ... for 0, 1, 2, 3; 0.5 for -1. */
static double step_125(int k)
{
	int decade = k >= 0 ? k / 3 : -((2 - k) / 3);

	return steps_125[k - 3 * decade] * pow(10, decade);
}

static bool linear(struct row *row, size_t least)
{
	const struct mp_chart_axis *axis = row->axis;
	/* Changes are counted from "no change", which is a ratio of 1. */
	double zero = axis->unit == MP_CHART_CHANGE ? 1 : 0, range = axis->high - axis->low;
	int k = (int)floor(3 * log10(range / MP_CHART_TICKS_MAX)) - 1;

	for (int tries = 0; tries < 12; tries++, k++) {
		double step = step_125(k);

		/* There is nothing between two bytes. */
		if ((axis->unit == MP_CHART_COUNT || axis->unit == MP_CHART_SIZE) && step < 1)
			continue;
		begin(row);
		for (double n = ceil((axis->low - zero) / step - 1e-9);
		     n * step + zero <= axis->high + 1e-9 * range; n++)
			place(row, n * step + zero, step);
		if (fits(row, least))
			return true;
	}
	return false;
}

/* Powers of ten and, below, one of these multiples of each. */
static bool log10_ladder(struct row *row, size_t least)
{
	static const double every[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9 };
	const struct {
		const double *of;
		size_t count;
		int decades;
	} ladders[] = { { every, 9, 1 },     { steps_125, 3, 1 }, { steps_125, 1, 1 },
			{ steps_125, 1, 2 }, { steps_125, 1, 3 }, { steps_125, 1, 6 } };
	int first = (int)floor(log10(row->axis->low)), last = (int)ceil(log10(row->axis->high));

	for (size_t l = 0; l < sizeof(ladders) / sizeof(ladders[0]); l++) {
		begin(row);
		for (int e = first - first % ladders[l].decades - ladders[l].decades; e <= last;
		     e += ladders[l].decades) {
			for (size_t m = 0; m < ladders[l].count; m++)
				place(row, ladders[l].of[m] * pow(10, e), pow(10, e));
		}
		if (fits(row, least))
			return true;
	}
	return false;
}

static bool log2_ladder(struct row *row, size_t least)
{
	static const int strides[] = { 1, 2, 3, 4, 5, 6, 8, 10, 20 };
	int first = (int)floor(log2(row->axis->low)), last = (int)ceil(log2(row->axis->high));

	for (size_t s = 0; s < sizeof(strides) / sizeof(strides[0]); s++) {
		begin(row);
		/* Multiples of the stride, so that 1K, 1M and 1G are in every ladder that divides ten. */
		for (int e = first - first % strides[s] - strides[s]; e <= last; e += strides[s])
			place(row, exp2(e), exp2(e));
		if (fits(row, least))
			return true;
	}
	return false;
}

static bool tail_ladder(struct row *row)
{
	/* The median is no power of ten, and the first to go. */
	for (int round = 0; round <= 3; round++) {
		int stride = round ? round : 1;

		begin(row);
		place(row, 0, 1);
		if (!round)
			place(row, 0.5, 0.1);
		for (int k = stride; k <= 9; k += stride)
			place(row, 1 - pow(10, -k), pow(10, -k));
		if (fits(row, 2))
			return true;
	}
	return false;
}

static bool date_ladder(struct row *row)
{
	static const int strides[] = { 1, 2, 7, 14, 28, 56, 91, 182, 364, 728, 3640 };

	for (size_t s = 0; s < sizeof(strides) / sizeof(strides[0]); s++) {
		double step = strides[s] * DAY;

		begin(row);
		for (double at = ceil(row->axis->low / step) * step; at <= row->axis->high;
		     at += step)
			place(row, at, step);
		if (fits(row, 1))
			return true;
	}
	return false;
}

static bool names_ladder(struct row *row)
{
	size_t n = row->axis->n_names;

	for (size_t stride = 1; stride <= n; stride += stride < 10 ? 1 : stride / 4) {
		begin(row);
		for (size_t i = 0; i < n; i += stride)
			place(row, (double)i, 1);
		if (fits(row, 1))
			return true;
	}
	return false;
}

static bool ladder(struct row *row)
{
	const struct mp_chart_axis *axis = row->axis;
	bool found = false;

	if (axis->unit == MP_CHART_NAMES)
		return names_ladder(row);
	if (axis->unit == MP_CHART_DATE)
		return date_ladder(row);
	if (axis->scale == MP_CHART_TAIL)
		found = tail_ladder(row);
	/* Below three, powers are too far apart to read a value between them. */
	if (axis->scale == MP_CHART_LOG10 && axis->high / axis->low >= 3)
		found = log10_ladder(row, 2);
	if (axis->scale == MP_CHART_LOG2 && axis->high / axis->low >= 2)
		found = log2_ladder(row, 2);
	/* One tick is better than none. */
	return found || linear(row, 2) || linear(row, 1);
}

size_t mp_chart_ticks(const struct mp_chart_axis *axis, int cells, int gap,
		      struct mp_chart_tick ret_ticks[MP_CHART_TICKS_MAX])
{
	struct row row = { .axis = axis, .cells = cells, .gap = gap, .ticks = ret_ticks };

	if (cells < 1 || !(axis->low < axis->high) || !isfinite(axis->high - axis->low))
		return 0;
	return ladder(&row) ? row.count : 0;
}

/* ---- marks ---- */

/* Could the label stand in that row without touching what is there? */
static bool row_is_free(const struct mp_chart_mark_label *labels, size_t count, int row, int start,
			int end)
{
	for (size_t i = 0; i < count; i++) {
		if (labels[i].row == row &&
		    start < labels[i].start + width(labels[i].mark->text) + 2 &&
		    labels[i].start < end + 2)
			return false;
	}
	return true;
}

/* Does an earlier mark say the same at the same place? */
static bool is_twin(const struct mp_chart_axis *axis, size_t mark, int cells)
{
	const struct mp_chart_mark *own = &axis->marks[mark];

	for (size_t i = 0; i < mark; i++) {
		const struct mp_chart_mark *other = &axis->marks[i];

		if (other->text && other->role == own->role && !strcmp(other->text, own->text) &&
		    mp_chart_cell(axis, other->at, cells) == mp_chart_cell(axis, own->at, cells))
			return true;
	}
	return false;
}

size_t mp_chart_mark_labels(const struct mp_chart_axis *axis, int cells, int rows,
			    struct mp_chart_mark_label ret_labels[MP_CHART_TICKS_MAX],
			    size_t *ret_left_out)
{
	size_t count = 0;

	*ret_left_out = 0;
	for (size_t i = 0; i < axis->n_marks; i++) {
		const struct mp_chart_mark *mark = &axis->marks[i];
		int cell = mp_chart_cell(axis, mark->at, cells), row = 0, wide, start;

		if (!mark->text || !mp_chart_inside(axis, mark->at) || is_twin(axis, i, cells))
			continue;
		/* "^text": the sign stands under the place, or the text before it where there is no room behind. */
		wide = width(mark->text) + 1;
		start = cell + wide > cells ? cell + 1 - wide : cell;
		while (row < rows && !row_is_free(ret_labels, count, row, start, start + wide))
			row++;
		if (row == rows || start < 0 || count == MP_CHART_TICKS_MAX) {
			++*ret_left_out;
			continue;
		}
		ret_labels[count++] = (struct mp_chart_mark_label){ mark, cell, start, row };
	}
	return count;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The data of a chart and the places of its values: see chart.h. */
#include "report/chart/chart.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "common/str.h"
#include "common/vec.h"
#include "report/format/table.h"

static void axis_done(struct mp_chart_axis *axis)
{
	for (size_t i = 0; i < axis->n_names; i++)
		free(axis->names[i]);
	for (size_t i = 0; i < axis->n_marks; i++)
		free(axis->marks[i].text);
	free(axis->names);
	free(axis->marks);
	free(axis->title);
}

void mp_chart_done(struct mp_chart *chart)
{
	for (size_t i = 0; i < chart->n_series; i++) {
		free(chart->series[i].name);
		free(chart->series[i].points);
	}
	for (size_t i = 0; i < chart->n_notes; i++)
		free(chart->notes[i]);
	axis_done(&chart->x);
	axis_done(&chart->y);
	free(chart->series);
	free(chart->notes);
	free(chart->title);
	free(chart->about);
	free(chart->empty);
	mp_table_free(chart->table);
	*chart = (struct mp_chart){ 0 };
}

/* ---- texts ---- */

__attribute__((format(printf, 2, 0))) static char *formatted(struct mp_chart *chart,
							     const char *fmt, va_list ap)
{
	struct mp_str text = MP_STR_INIT;
	char *taken;

	mp_str_vprintf(&text, fmt, ap);
	taken = mp_str_take(&text);
	chart->failed = chart->failed || !taken;
	return taken;
}

__attribute__((format(printf, 3, 0))) static void replace(struct mp_chart *chart, char **text,
							  const char *fmt, va_list ap)
{
	free(*text);
	*text = formatted(chart, fmt, ap);
}

void mp_chart_title(struct mp_chart *chart, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	replace(chart, &chart->title, fmt, ap);
	va_end(ap);
}

void mp_chart_about(struct mp_chart *chart, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	replace(chart, &chart->about, fmt, ap);
	va_end(ap);
}

void mp_chart_empty(struct mp_chart *chart, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	replace(chart, &chart->empty, fmt, ap);
	va_end(ap);
}

void mp_chart_note(struct mp_chart *chart, const char *fmt, ...)
{
	char **slot = mp_vec_push((void **)&chart->notes, &chart->n_notes, &chart->cap_notes,
				  sizeof(*slot));
	va_list ap;

	if (!slot) {
		chart->failed = true;
		return;
	}
	va_start(ap, fmt);
	*slot = formatted(chart, fmt, ap);
	va_end(ap);
	chart->n_notes -= !*slot;
}

/* ---- axes and series ---- */

static char *copy(struct mp_chart *chart, const char *text)
{
	char *own = strdup(text);

	chart->failed = chart->failed || !own;
	return own;
}

void mp_chart_axis(struct mp_chart *chart, struct mp_chart_axis *axis, enum mp_chart_scale scale,
		   enum mp_chart_unit unit, const char *title)
{
	axis_done(axis);
	*axis = (struct mp_chart_axis){ .scale = scale,
					.unit = unit,
					.low = INFINITY,
					.high = -INFINITY,
					.title = copy(chart, title) };
}

void mp_chart_name(struct mp_chart *chart, struct mp_chart_axis *axis, const char *name)
{
	char **slot =
		mp_vec_push((void **)&axis->names, &axis->n_names, &axis->cap_names, sizeof(*slot));

	if (!slot) {
		chart->failed = true;
		return;
	}
	*slot = copy(chart, name);
	axis->n_names -= !*slot;
}

void mp_chart_mark(struct mp_chart *chart, struct mp_chart_axis *axis, double at,
		   enum mp_chart_role role, const char *fmt, ...)
{
	struct mp_chart_mark *mark =
		mp_vec_push((void **)&axis->marks, &axis->n_marks, &axis->cap_marks, sizeof(*mark));
	va_list ap;

	if (!mark) {
		chart->failed = true;
		return;
	}
	*mark = (struct mp_chart_mark){ .at = at, .role = role };
	if (!*fmt)
		return;
	va_start(ap, fmt);
	mark->text = formatted(chart, fmt, ap);
	va_end(ap);
}

struct mp_chart_series *mp_chart_series(struct mp_chart *chart, enum mp_chart_role role,
					char letter, enum mp_chart_draw draw, const char *fmt, ...)
{
	struct mp_chart_series *s = mp_vec_push((void **)&chart->series, &chart->n_series,
						&chart->cap_series, sizeof(*s));
	va_list ap;

	if (!s) {
		chart->failed = true;
		return NULL;
	}
	*s = (struct mp_chart_series){ .role = role, .letter = letter, .draw = draw };
	va_start(ap, fmt);
	s->name = formatted(chart, fmt, ap);
	va_end(ap);
	return s;
}

void mp_chart_add(struct mp_chart *chart, struct mp_chart_series *series,
		  struct mp_chart_point point)
{
	struct mp_chart_point *slot;

	if (!series)
		return;
	slot = mp_vec_push((void **)&series->points, &series->n_points, &series->cap_points,
			   sizeof(*slot));
	if (slot)
		*slot = point;
	else
		chart->failed = true;
}

/* ---- ranges and places ---- */

static bool is_log(enum mp_chart_scale scale)
{
	return scale == MP_CHART_LOG2 || scale == MP_CHART_LOG10;
}

/* The value on the scale, where equal distances are equal lengths; NaN: it has no place there. */
static double on_scale(enum mp_chart_scale scale, double value)
{
	switch (scale) {
	case MP_CHART_LOG2:
	case MP_CHART_LOG10:
		return value > 0 ? log(value) : NAN;
	case MP_CHART_TAIL:
		return value < 1 ? -log10(1 - fmax(value, 0)) : NAN;
	default:
		return value;
	}
}

static double off_scale(enum mp_chart_scale scale, double z)
{
	switch (scale) {
	case MP_CHART_LOG2:
	case MP_CHART_LOG10:
		return exp(z);
	case MP_CHART_TAIL:
		return 1 - pow(10, -z);
	default:
		return z;
	}
}

void mp_chart_fit(struct mp_chart_axis *axis, double value)
{
	if (!isfinite(value) || !isfinite(on_scale(axis->scale, value)))
		return;
	axis->low = fmin(axis->low, value);
	axis->high = fmax(axis->high, value);
}

/* Values that differ by rounding alone are one: between them no tick could be counted. */
static bool apart(enum mp_chart_scale scale, double low, double high)
{
	double unit = scale == MP_CHART_LINEAR ? fmax(fabs(low), fabs(high)) : 1;

	return high - low > 1e-9 * unit;
}

void mp_chart_fit_done(struct mp_chart_axis *axis, double room)
{
	double low, high;

	if (!(axis->low <= axis->high)) {
		axis->low = is_log(axis->scale) ? 1 : 0;
		axis->high = axis->scale == MP_CHART_TAIL ? 0.9 : is_log(axis->scale) ? 10 : 1;
	}
	low = on_scale(axis->scale, axis->low);
	high = on_scale(axis->scale, axis->high);
	if (!apart(axis->scale, low, high)) {
		double half = is_log(axis->scale) ? log(1.05) : fmax(fabs(low) * 0.05, 0.5);

		low -= half;
		high += half;
	} else {
		low -= room * (high - low);
		high += room * (high - low);
	}
	axis->low = off_scale(axis->scale, low);
	axis->high = off_scale(axis->scale, high);
}

void mp_chart_fit_points(struct mp_chart *chart, double room)
{
	for (size_t s = 0; s < chart->n_series; s++) {
		for (size_t i = 0; i < chart->series[s].n_points; i++) {
			const struct mp_chart_point *p = &chart->series[s].points[i];

			mp_chart_fit(&chart->x, p->x);
			if (chart->series[s].draw == MP_CHART_BARS ||
			    chart->series[s].draw == MP_CHART_LEVELS)
				mp_chart_fit(&chart->x, p->x_end);
			mp_chart_fit(&chart->y, p->y);
			mp_chart_fit(&chart->y, p->low);
			mp_chart_fit(&chart->y, p->high);
		}
	}
	mp_chart_fit_done(&chart->x, 0);
	mp_chart_fit_done(&chart->y, room);
}

double mp_chart_place(const struct mp_chart_axis *axis, double value)
{
	double low = on_scale(axis->scale, axis->low), high = on_scale(axis->scale, axis->high);

	/* Infinity is beyond the edge, and an edge is a place. */
	if (isinf(value))
		return value > 0 ? 2 : -1;
	return (on_scale(axis->scale, value) - low) / (high - low);
}

int mp_chart_cell(const struct mp_chart_axis *axis, double value, int cells)
{
	double place = mp_chart_place(axis, value);

	if (isnan(place) || cells < 1)
		return -1;
	return (int)floor(fmin(fmax(place, 0), 1) * (cells - 1) + 0.5);
}

bool mp_chart_inside(const struct mp_chart_axis *axis, double value)
{
	double place = mp_chart_place(axis, value);

	/* A rounding error is not outside. */
	return place >= -1e-9 && place <= 1 + 1e-9;
}

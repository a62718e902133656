/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Charts as SVG. Colours are classes, given once for light and once for dark readers (custom properties would be shorter,
 * but not every renderer of SVG knows them); sides differ by letter, shape and dashes as well. Numbers are rounded to a
 * tenth of a pixel.
 */
#include "report/chart/svg.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "report/format/markup.h"
#include "report/format/width.h"

/* Pixels. Texts are 12 px high; a character is taken to be as wide as most are. */
#define CHAR_WIDE 6.8
#define LINE_HIGH 16
#define MARK_ROWS 4
#define BOLD	  1.25 /* a title is that much wider */

const char mp_chart_svg_style[] =
	".mc { font: 12px system-ui, 'DejaVu Sans', sans-serif; }\n"
	".mc text { fill: #24292f; } .mc .mc-s { font-weight: bold; font-size: 14px; } .mc .mc-h { "
	"font-weight: bold; font-size: 13px; }\n"
	".mc .mc-p { fill: #fff; } .mc .mc-d { fill: #57606a; }\n"
	".mc .mc-g { stroke: #d8dee4; fill: none; } .mc .mc-x { stroke: #57606a; fill: none; }\n"
	".mc .mc-m { stroke: #8c959f; stroke-dasharray: 2 3; fill: none; }\n"
	".mc .mc-n { stroke: #57606a; fill: #57606a; } .mc text.mc-n { stroke: none; }\n"
	".mc .mc-a, .mc .mc-better { stroke: #0969a2; fill: #0969a2; }\n"
	".mc .mc-b, .mc .mc-worse { stroke: #b04a00; fill: #b04a00; }\n"
	".mc text.mc-a, .mc text.mc-b, .mc text.mc-better, .mc text.mc-worse { stroke: none; "
	"font-weight: bold; }\n"
	".mc path.mc-line { fill: none; stroke-width: 1.8; } .mc .mc-bar { fill-opacity: 0.35; }\n"
	".mc .mc-b.mc-line { stroke-dasharray: 6 3; } .mc .mc-level { stroke-width: 3; "
	"stroke-opacity: 0.6; }\n"
	".mc .mc-i { stroke-opacity: 0.55; stroke-width: 1.5; } .mc circle.mc-hollow, .mc "
	"path.mc-hollow { fill: none; }\n"
	"@media screen and (prefers-color-scheme: dark) {\n"
	".mc text { fill: #e6edf3; } .mc .mc-p { fill: #0d1117; } .mc .mc-d { fill: #9aa4af; }\n"
	".mc .mc-g { stroke: #262c36; } .mc .mc-x { stroke: #9aa4af; } .mc .mc-m { stroke: "
	"#6e7681; "
	"}\n"
	".mc .mc-n { stroke: #9aa4af; fill: #9aa4af; }\n"
	".mc .mc-a, .mc .mc-better { stroke: #58b4e8; fill: #58b4e8; }\n"
	".mc .mc-b, .mc .mc-worse { stroke: #f39a5b; fill: #f39a5b; }\n"
	"}\n";

struct drawing {
	const struct mp_chart *chart;
	struct mp_str *out;
	struct mp_chart_frame frame;
	struct mp_chart_tick x[MP_CHART_TICKS_MAX], y[MP_CHART_TICKS_MAX];
	struct mp_chart_mark_label marks[MP_CHART_TICKS_MAX];
	size_t n_x, n_y, n_marks, left_out;
	int mark_rows;
	double bottom; /* of what was drawn */
};

/* A tenth of a pixel, never "-0.0". */
static double px(double value)
{
	return round(value * 10) / 10 + 0.0;
}

static double clamp(double place)
{
	return fmin(fmax(place, 0), 1);
}

static double x_of(const struct drawing *d, double value)
{
	return px(d->frame.left + clamp(mp_chart_place(&d->chart->x, value)) * d->frame.width);
}

static double y_of(const struct drawing *d, double value)
{
	return px(d->frame.top +
		  (1 - clamp(mp_chart_place(&d->chart->y, value))) * d->frame.height);
}

static const char *class_of(enum mp_chart_role role)
{
	static const char *const classes[] = { [MP_CHART_NEUTRAL] = "mc-n",
					       [MP_CHART_A] = "mc-a",
					       [MP_CHART_B] = "mc-b",
					       [MP_CHART_WORSE] = "mc-worse",
					       [MP_CHART_BETTER] = "mc-better" };

	return classes[role];
}

/* `anchor`: "start", "middle" or "end". */
static void text(struct mp_str *out, double x, double y, const char *class, const char *anchor,
		 const char *content)
{
	mp_str_printf(out, "<text x=\"%g\" y=\"%g\"", px(x), px(y));
	if (*class)
		mp_str_printf(out, " class=\"%s\"", class);
	if (strcmp(anchor, "start"))
		mp_str_printf(out, " text-anchor=\"%s\"", anchor);
	mp_str_addc(out, '>');
	mp_markup_add(out, content);
	mp_str_add(out, "</text>\n");
}

static void line(struct mp_str *out, double x1, double y1, double x2, double y2, const char *class)
{
	mp_str_printf(out, "<line x1=\"%g\" y1=\"%g\" x2=\"%g\" y2=\"%g\" class=\"%s\"/>\n", px(x1),
		      px(y1), px(x2), px(y2), class);
}

/* A paragraph of lines that fit into the picture, from y on; where the next one stands. */
static double paragraph(struct mp_str *out, double x, double y, double wide, const char *class,
			const char *content)
{
	struct mp_str part = MP_STR_INIT;
	const char *next = content;

	while (*content) {
		size_t len = mp_text_break(content, (size_t)(wide / CHAR_WIDE), &next);

		mp_str_clear(&part);
		mp_str_add_len(&part, content, len);
		text(out, x, y, class, "start", part.text);
		y += LINE_HIGH;
		content = next;
	}
	out->failed = out->failed || part.failed;
	mp_str_done(&part);
	return y;
}

/* ---- axes ---- */

static void axes(struct drawing *d)
{
	const struct mp_chart_frame *f = &d->frame;
	double right = f->left + f->width, bottom = f->top + f->height;

	for (size_t i = 0; i < d->n_y; i++) {
		double y = y_of(d, d->y[i].value);

		line(d->out, f->left, y, right, y, "mc-g");
		text(d->out, f->left - 8, y + 4, "", "end", d->y[i].label);
	}
	for (size_t i = 0; i < d->n_x; i++) {
		double x = x_of(d, d->x[i].value);
		double wide = (double)mp_text_width(d->x[i].label) * CHAR_WIDE;
		const char *anchor = x + wide / 2 > right + 10 ? "end" : "middle";

		line(d->out, x, bottom, x, bottom + 5, "mc-x");
		text(d->out, x, bottom + 18, "", anchor, d->x[i].label);
	}
	for (size_t i = 0; i < d->chart->x.n_marks; i++) {
		double at = d->chart->x.marks[i].at;

		if (mp_chart_inside(&d->chart->x, at))
			line(d->out, x_of(d, at), f->top, x_of(d, at), bottom, "mc-m");
	}
	line(d->out, f->left, bottom, right, bottom, "mc-x");
	line(d->out, f->left, f->top, f->left, bottom, "mc-x");
	if (d->chart->y.mirrored)
		line(d->out, f->left, y_of(d, 0), right, y_of(d, 0), "mc-x");
}

/* Names of the marks, and the title, below the axis. */
static void below(struct drawing *d)
{
	const struct mp_chart_frame *f = &d->frame;
	double bottom = f->top + f->height + 18;

	for (size_t i = 0; i < d->n_marks; i++) {
		const struct mp_chart_mark_label *m = &d->marks[i];
		bool before = m->start < m->cell;

		text(d->out, x_of(d, m->mark->at), bottom + LINE_HIGH * (m->row + 1),
		     m->mark->role ? class_of(m->mark->role) : "mc-d", before ? "end" : "start",
		     m->mark->text);
	}
	bottom += LINE_HIGH * (d->mark_rows + 1) + 2;
	text(d->out, f->left + f->width / 2, bottom, "mc-d", "middle", d->chart->x.title);
	d->bottom = bottom + LINE_HIGH + 4;
	if (d->left_out) {
		struct mp_str said = MP_STR_INIT;

		mp_str_printf(&said, "%zu marks have no room here", d->left_out);
		d->bottom = paragraph(d->out, 8, d->bottom, f->left + f->width, "mc-d", said.text);
		mp_str_done(&said);
	}
}

/* Named values of y: a line across, the name at its end. */
static void y_marks(struct drawing *d)
{
	const struct mp_chart_axis *y = &d->chart->y;
	double right = d->frame.left + d->frame.width;

	for (size_t i = 0; i < y->n_marks; i++) {
		const struct mp_chart_mark *m = &y->marks[i];

		if (!mp_chart_inside(y, m->at))
			continue;
		line(d->out, d->frame.left, y_of(d, m->at), right, y_of(d, m->at), "mc-m");
		if (m->text)
			text(d->out, right + 6, y_of(d, m->at) + 4,
			     m->role ? class_of(m->role) : "mc-d", "start", m->text);
	}
}

/* ---- series ---- */

static void bars(struct drawing *d, const struct mp_chart_series *s)
{
	double zero = y_of(d, 0), last = NAN;

	mp_str_printf(d->out, "<path class=\"%s mc-bar\" d=\"", class_of(s->role));
	for (size_t i = 0; i < s->n_points; i++) {
		const struct mp_chart_point *p = &s->points[i];
		double x = x_of(d, p->x);

		if (!isfinite(p->y) || p->y == 0)
			continue;
		if (x != last)
			mp_str_printf(d->out, "%sM%g %g", isnan(last) ? "" : "Z", x, zero);
		last = x_of(d, p->x_end);
		mp_str_printf(d->out, "V%gH%gV%g", y_of(d, p->y), last, zero);
	}
	mp_str_printf(d->out, "%s\"/>\n", isnan(last) ? "M0 0" : "Z");
}

static void joined(struct drawing *d, const struct mp_chart_series *s)
{
	bool pen = false;

	mp_str_printf(d->out, "<path class=\"%s mc-line\" d=\"M", class_of(s->role));
	for (size_t i = 0; i < s->n_points; i++) {
		const struct mp_chart_point *p = &s->points[i];

		if (!isfinite(p->y)) {
			pen = false;
			continue;
		}
		if (pen && s->draw == MP_CHART_STEPS)
			mp_str_printf(d->out, "H%gV%g", x_of(d, p->x), y_of(d, p->y));
		else
			mp_str_printf(d->out, "%s%g %g",
				      pen ? "L"
				      : i ? " M"
					  : "",
				      x_of(d, p->x), y_of(d, p->y));
		pen = true;
	}
	mp_str_add(d->out, "\"/>\n");
}

static void levels(struct drawing *d, const struct mp_chart_series *s)
{
	struct mp_str class = MP_STR_INIT;

	mp_str_printf(&class, "%s mc-level", class_of(s->role));
	for (size_t i = 0; i < s->n_points; i++) {
		const struct mp_chart_point *p = &s->points[i];

		if (isfinite(p->y))
			line(d->out, x_of(d, p->x), y_of(d, p->y), x_of(d, p->x_end), y_of(d, p->y),
			     class.text);
	}
	d->out->failed = d->out->failed || class.failed;
	mp_str_done(&class);
}

static void dot(struct drawing *d, const struct mp_chart_series *s, const struct mp_chart_point *p)
{
	double x = x_of(d, p->x), y = y_of(d, p->y), r = s->n_points > 150 ? 2.2 : 3.6;
	const char *judged = p->sign == 'S' ? "mc-worse" : p->sign == 'F' ? "mc-better" : "mc-s";
	const char *hollow = p->hollow ? " mc-hollow" : "";

	if (isfinite(p->low) && isfinite(p->high))
		mp_str_printf(d->out, "<path class=\"%s mc-i\" d=\"M%g %gV%g\"/>\n",
			      class_of(s->role), x, y_of(d, p->low), y_of(d, p->high));
	if (p->sign) {
		char sign[2] = { p->sign, '\0' };

		text(d->out, x, y + 5, judged, "middle", sign);
	} else if (s->role == MP_CHART_B) {
		mp_str_printf(d->out, "<path class=\"mc-b%s\" d=\"M%g %gL%g %gL%g %gL%g %gZ\"/>\n",
			      hollow, x, px(y - r - 1), px(x + r + 1), y, x, px(y + r + 1),
			      px(x - r - 1), y);
	} else {
		mp_str_printf(d->out, "<circle class=\"%s%s\" cx=\"%g\" cy=\"%g\" r=\"%g\"/>\n",
			      class_of(s->role), hollow, x, y, r);
	}
}

static void series(struct drawing *d, const struct mp_chart_series *s)
{
	switch (s->draw) {
	case MP_CHART_BARS:
		bars(d, s);
		return;
	case MP_CHART_LINE:
	case MP_CHART_STEPS:
		if (s->n_points)
			joined(d, s);
		return;
	case MP_CHART_LEVELS:
		levels(d, s);
		return;
	case MP_CHART_DOTS:
		break;
	}
	for (size_t i = 0; i < s->n_points; i++) {
		if (isfinite(s->points[i].y))
			dot(d, s, &s->points[i]);
	}
}

/* Names of the series, from the right. */
static void legend(struct drawing *d, double y)
{
	double x = d->frame.left + d->frame.width;
	struct mp_str name = MP_STR_INIT;

	for (size_t i = d->chart->n_series; i-- > 0;) {
		const struct mp_chart_series *s = &d->chart->series[i];

		if (!s->name || !*s->name)
			continue;
		mp_str_clear(&name);
		mp_str_printf(&name, "%c  %s", s->letter, s->name);
		text(d->out, x, y, class_of(s->role), "end", name.text);
		x -= ((double)mp_text_width(name.text) + 3) * CHAR_WIDE * 1.06;
	}
	d->out->failed = d->out->failed || name.failed;
	mp_str_done(&name);
}

/* ---- the whole ---- */

/* Ticks and margins: the plot takes what the labels leave. */
static void measure(struct drawing *d, double width, double height, double top)
{
	struct mp_chart_frame *f = &d->frame;
	size_t widest = 4;
	double marked = 0;

	/* Names of values stand to the right of the plot, where no point can be. */
	for (size_t i = 0; i < d->chart->y.n_marks; i++) {
		const struct mp_chart_mark *m = &d->chart->y.marks[i];

		if (m->text && mp_chart_inside(&d->chart->y, m->at))
			marked = fmax(marked, (double)mp_text_width(m->text) * CHAR_WIDE + 16);
	}
	f->top = top;
	f->height = height;
	f->rows = (int)(height / LINE_HIGH);
	d->n_y = mp_chart_ticks(&d->chart->y, f->rows, 0, d->y);
	for (size_t i = 0; i < d->n_y; i++) {
		size_t wide = mp_text_width(d->y[i].label);

		widest = wide > widest ? wide : widest;
	}
	f->left = px((double)widest * CHAR_WIDE + 20);
	f->width = px(width - f->left - fmax(20, marked));
	f->columns = (int)(f->width / CHAR_WIDE);
	d->n_x = mp_chart_ticks(&d->chart->x, f->columns, 2, d->x);
	d->n_marks =
		mp_chart_mark_labels(&d->chart->x, f->columns, MARK_ROWS, d->marks, &d->left_out);
	for (size_t i = 0; i < d->n_marks; i++)
		d->mark_rows = d->marks[i].row >= d->mark_rows ? d->marks[i].row + 1 : d->mark_rows;
}

static void plot(struct drawing *d, double width, double height, double y)
{
	const struct mp_chart *chart = d->chart;

	if (chart->empty) {
		d->bottom = paragraph(d->out, 8, y + LINE_HIGH, width - 16, "mc-d", chart->empty);
		return;
	}
	measure(d, width, height, y + 24);
	text(d->out, 8, y + 8, "mc-d", "start", chart->y.title);
	legend(d, y + 8);
	axes(d);
	for (size_t i = 0; i < chart->n_series; i++)
		series(d, &chart->series[i]);
	y_marks(d);
	below(d);
}

int mp_chart_svg(const struct mp_chart *chart, const struct mp_chart_svg *options, bool whole,
		 struct mp_str *out, struct mp_chart_frame *ret_frame)
{
	double width = options && options->width ? options->width : 760;
	double height = options && options->height ? options->height : 300;
	bool in_page = options && options->in_page;
	const char *title = chart->title ? chart->title : "";
	const char *about = chart->empty ? chart->empty : chart->about ? chart->about : "";
	struct mp_str body = MP_STR_INIT;
	struct drawing d = { .chart = chart, .out = &body };
	double y = paragraph(&body, 8, 20, (width - 16) / BOLD, "mc-h", title);

	plot(&d, width, height, y + 4);
	y = d.bottom;
	for (size_t i = 0; i < chart->n_notes; i++)
		y = paragraph(&body, 8, y, width - 16, "mc-d", chart->notes[i]);
	if (whole)
		mp_str_add(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
	mp_str_printf(out,
		      "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"mc\" width=\"%g\" "
		      "height=\"%g\" viewBox=\"0 0 %g %g\" role=\"img\" ",
		      width, ceil(y), width, ceil(y));
	if (in_page) {
		mp_str_add(out, "aria-label=\"");
		mp_markup_add(out, title);
		mp_str_add(out, "\">\n<title>");
	} else {
		mp_str_add(out, "aria-labelledby=\"chart-title chart-desc\">\n"
				"<title id=\"chart-title\">");
	}
	mp_markup_add(out, title);
	mp_str_printf(out, "</title>\n<desc%s>", in_page ? "" : " id=\"chart-desc\"");
	mp_markup_add(out, about);
	mp_str_add(out, "</desc>\n");
	if (!in_page)
		mp_str_printf(out, "<style>\n%s</style>\n", mp_chart_svg_style);
	mp_str_printf(out, "<rect class=\"mc-p\" width=\"%g\" height=\"%g\"/>\n", width, ceil(y));
	mp_str_add(out, body.text);
	mp_str_add(out, "</svg>\n");
	if (ret_frame)
		*ret_frame = d.frame;
	out->failed = out->failed || body.failed || chart->failed;
	mp_str_done(&body);
	return out->failed ? -ENOMEM : 0;
}

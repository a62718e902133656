/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A chart as SVG: self-contained, text as text, light and dark as the reader's system is, with a title and a description
 * for screen readers. The same text can stand in an HTML page; classes begin with "mc-". Layer: report.
 */
#ifndef REPORT_CHART_SVG_H
#define REPORT_CHART_SVG_H

#include "common/str.h"
#include "report/chart/chart.h"

struct mp_chart_svg {
	int width,
		height; /* pixels of the plot with its axes; 0: 760 x 300. Title and notes come on top. */
	bool in_page; /* without its style, which the page has, and without ids */
};

/* Of every chart: the content of a <style>. */
extern const char mp_chart_svg_style[];

/* Where the plot lies in the picture, pixels: for tests, and for scripts in a page. */
struct mp_chart_frame {
	double left, top, width, height;
	int columns, rows; /* text cells that ticks are chosen for */
};

/* Appends one <svg> element, with an XML declaration when `whole`. 0 or -ENOMEM. */
int mp_chart_svg(const struct mp_chart *chart, const struct mp_chart_svg *options, bool whole,
		 struct mp_str *out, struct mp_chart_frame *ret_frame);

#endif

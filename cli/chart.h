/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --chart, --kind and --axis of `report` and `compare`: a picture of one case, as SVG, or of
 * the kind that the name of its file says. */
#ifndef CLI_CHART_H
#define CLI_CHART_H

#include "cli/cmd.h"
#include "common/str.h"
#include "report/compare/compare.h"

/* The options, for the commands' tables. */
#define MP_CHART_CLI_OPTIONS                                                                       \
	{ .name = "chart",                                                                         \
	  .value = "CASE",                                                                         \
	  .help = "a picture of one case in place of the report, as SVG; as PNG or PDF "           \
		  "with -o FILE.png or FILE.pdf (by rsvg-convert)" },                              \
		{ .name = "kind",                                                                  \
		  .value = "KIND",                                                                 \
		  .help = "of the chart: histogram (default), cdf, percentiles, deciles, "         \
			  "invocations, "                                                          \
			  "scaling, history" },                                                    \
	{                                                                                          \
		.name = "axis", .value = "AXIS",                                                   \
		.help = "of a chart of the kind scaling: its x; default the axis with most values" \
	}

/* The chart of one run, opened as FILE[:SEL]. Appends to `out`. 0 or negative errno with a sentence. */
int mp_chart_of_run(const struct mp_args *args, struct mp_str *out, struct mp_err *err);

/* The chart of one pair of a comparison. Appends to `out`. 0 or negative errno with a sentence. */
int mp_chart_of_pair(const struct mp_args *args, const struct mp_comparison *c,
		     const struct mp_pair *pair, struct mp_str *out, struct mp_err *err);

/* Writes that picture where -o says, as PNG or PDF when the file's name ends so: librsvg's rsvg-convert makes those. 0 or an
 * exit code after a message. */
int mp_chart_write(const struct mp_args *args, const struct mp_str *svg);

#endif

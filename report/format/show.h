/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whole reports: one run, the comparison of two sides, and a history, in every format (format.h).
 *
 * Formats for people may shorten; whatever they leave out is counted in the text, with the option that shows it. The
 * others always hold every case. Layer: report.
 */
#ifndef REPORT_FORMAT_SHOW_H
#define REPORT_FORMAT_SHOW_H

#include "common/filter.h"
#include "report/compare/compare.h"
#include "report/format/table.h"
#include "report/history/history.h"

struct mp_doc;

struct mp_show {
	const struct mp_format *format;
	unsigned wide; /* columns of the terminal, 0: unlimited; text only */
	bool all; /* nothing shortened */
	const struct mp_filter *filter; /* cases to show; NULL: all */
	size_t matches; /* runs that the selector of a one-run report found; the newest is shown */
	bool gate; /* comparison: say what the gate concludes */
	bool ascii; /* history: the terminal knows no block characters */
};

/* The first run of the side. Appends to `out`. 0 or -ENOMEM. */
int mp_show_run(const struct mp_side *side, const struct mp_show *show, struct mp_str *out);

/* Appends to `out`. 0 or -ENOMEM. */
int mp_show_comparison(const struct mp_comparison *c, const struct mp_show *show,
		       struct mp_str *out);

/* Several B against one A, side by side; n of 1 is mp_show_comparison(). Appends to `out`. 0 or -ENOMEM. */
int mp_show_comparisons(const struct mp_comparison *c, size_t n, const struct mp_show *show,
			struct mp_str *out);

/* Everything about one pair: values, test, interval, threshold, tail, shape, and the verdict in words. Appends to
 * `out`. 0, -ENOMEM, or -EINVAL for a format that is neither for people nor JSON. */
int mp_show_explanation(const struct mp_comparison *c, const struct mp_pair *pair,
			const struct mp_show *show, struct mp_str *out);

/* Pieces of it, for the viewer: the verdict of a pair in one sentence (appended); what of the change may be the machine's
 * (nothing without a control); how the sides scatter (nothing where each has one level; a store that is NULL or a row of 0:
 * the side does not have the case; 0 or -ENOMEM); and the tests of location, tail and shape. `tested`: locations that were
 * tested beside it, itself included; `step_ns`: of the coarser clock, 0: unknown. */
void mp_show_why(const struct mp_policy *policy, const struct mp_pair *pair, struct mp_str *out);
void mp_show_control(const struct mp_doc *doc, const struct mp_control controls[MP_CONTROL_COUNT],
		     const struct mp_pair *pair);
int mp_show_levels(const struct mp_doc *doc, struct mp_store *const stores[2],
		   const int64_t run_cases[2]);
void mp_show_tests(const struct mp_doc *doc, const struct mp_policy *policy,
		   const struct mp_pair *pair, size_t tested, double step_ns);
/* Appends the command that explains a case of two sides again; and what any comparison needs for it beside its files: --policy, --filter,
 * --unit. */
void mp_show_compare_command(const struct mp_compare_options *options, const char *a, const char *b,
			     const char *explained, struct mp_str *out);
void mp_show_compare_options(const struct mp_compare_options *options, struct mp_str *out);

/* Series, changes and alerts. Appends to `out`. 0 or -ENOMEM. */
int mp_show_history(const struct mp_history *h, const struct mp_show *show, struct mp_str *out);

#endif

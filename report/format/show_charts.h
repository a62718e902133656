/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Charts of a page (doc.h). A chart that cannot be made is a sentence that says why; what has no room is counted. Nothing
 * of this is for documents that are no page. Layer: report.
 */
#ifndef REPORT_FORMAT_SHOW_CHARTS_H
#define REPORT_FORMAT_SHOW_CHARTS_H

#include "report/format/doc.h"
#include "report/format/show.h"

/* Every case at its change, family by family. */
void mp_show_overview(const struct mp_doc *doc, const struct mp_comparison *c);

/* Every pair that changed, the slower ones first, folded away below a line with its verdict: why, its single calls on both sides, and
 * the values of its invocations. The heading stands where there is such a pair. */
void mp_show_changed_charts(const struct mp_doc *doc, const struct mp_comparison *c,
			    const char *heading);

/* A curve for each benchmark that was measured at several sizes or counts. */
void mp_show_scaling_of_pairs(const struct mp_doc *doc, const struct mp_comparison *c);

/* The same for these cases of the side's first run, and single calls of one case of each benchmark. */
void mp_show_run_charts(const struct mp_doc *doc, const struct mp_side *side,
			const struct mp_case_row *const *rows, size_t n);

/* Series, those that changed first; the others as far as there is room. */
void mp_show_series_charts(const struct mp_doc *doc, const struct mp_history *h);

#endif

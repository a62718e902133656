/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The language of filters of rows: that of common/filter.h with fields of its own, of which counters are some. Used by index.h alone, and
 * by help. Layer: report.
 */
#ifndef REPORT_VIEWER_INDEX_FILTER_H
#define REPORT_VIEWER_INDEX_FILTER_H

#include "common/filter.h"
#include "report/viewer/index.h"

/* What a filter may ask beside what every case has: name and help. */
struct mp_index_field {
	const char *name, *help;
};
extern const struct mp_index_field mp_index_fields[];
extern const size_t mp_n_index_fields;

/* The expression of a text that is not blank; words without an operator must all be in the case's text. Of rows that are
 * there it may only ask for what they have. *ret_filter is the caller's, who ends it with mp_filter_free(); *ret_names_verdict becomes true
 * when it asks for verdicts or warnings. 0 or negative errno with a sentence. */
int mp_index_filter_parse(const struct mp_index *index, const char *text,
			  struct mp_filter **ret_filter, bool *ret_names_verdict,
			  struct mp_err *err);
/* Does the row with number `i` in name order pass the index's filter, which it has? */
bool mp_index_filter_match(const struct mp_index *index, size_t i, const struct mp_row *row);

#endif

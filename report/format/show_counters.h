/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was counted while cases ran, in every format that has rows or prose. Layer: report. */
#ifndef REPORT_FORMAT_SHOW_COUNTERS_H
#define REPORT_FORMAT_SHOW_COUNTERS_H

#include "report/format/doc.h"
#include "report/format/show.h"

struct json_t;

/* A table for machines, one row per case, pass and counter, and rows for it. NULL: out of memory. */
struct mp_table *mp_counters_table(void);
void mp_counters_table_add(struct mp_table *table, const struct mp_run_row *run,
			   const char *case_text, const struct mp_count_row *rows, size_t n);

#define MP_COUNTER_NAME_TEXT 160

/* "cycles", or "cycles (cpu_atom)" where kinds of core are counted apart. Writes into `buf`. */
const char *mp_counter_name(const struct mp_counted *what, char buf[MP_COUNTER_NAME_TEXT]);

/* What the counters that have a number are made of, in words, once each: every perf event that is added up, with its PMU,
 * type, config and the CPU of an instance. */
struct mp_counters_made {
	struct mp_counter_made {
		char name[MP_COUNTER_NAME_TEXT];
		char *text; /* owned */
	} * items; /* owned */
	size_t n, cap;
};

/* False: out of memory. */
bool mp_counters_made_note(struct mp_counters_made *made, const struct mp_count_row *row);
/* A part of the document; nothing without a counter. */
void mp_counters_made_show(const struct mp_counters_made *made, const struct mp_doc *doc);
void mp_counters_made_done(struct mp_counters_made *made); /* accepts zeroed */

/* The counters of the first run of the side: what `report --counters` prints. Appends to `out`. 0, -ENOMEM, -EINVAL for a
 * format that is neither for people nor of tables, or a negative errno of the store with a sentence. */
int mp_show_counters(const struct mp_side *side, const struct mp_show *show, struct mp_str *out,
		     struct mp_err *err);

/* The same rows as a JSON array, for a larger document. NULL: out of memory, or the file cannot be read. */
struct json_t *mp_show_counters_json(const struct mp_side *side, const struct mp_show *show);

/* B over A of one counter, per operation; NaN: a side has no number or 0, or why mp_count_incomparable() says. NULL: a side did
 * not count it. */
double mp_counter_ratio(const struct mp_count_row *a, const struct mp_count_row *b);
/* The counters of two sides beside each other, with the change and where each comes from; nothing when none has a number.
 * False: out of memory. */
bool mp_show_counters_beside(const struct mp_doc *doc, struct mp_count_row *a, size_t n_a,
			     struct mp_count_row *b, size_t n_b);
/* Both sides of a pair beside each other, and where they cannot be compared, why; nothing when nothing was counted. False:
 * out of memory, or a file cannot be read. */
bool mp_show_pair_counters(const struct mp_doc *doc, const struct mp_comparison *c,
			   const struct mp_pair *pair);
struct json_t *mp_show_pair_counters_json(const struct mp_comparison *c,
					  const struct mp_pair *pair);

#endif

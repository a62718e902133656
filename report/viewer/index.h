/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which rows are listed, in what order: row numbers alone, four bytes a row. Sorting takes a few milliseconds; filtering
 * goes on in steps between keys. Layer: report.
 */
#ifndef REPORT_VIEWER_INDEX_H
#define REPORT_VIEWER_INDEX_H

#include "report/viewer/list.h"
#include "report/viewer/rows.h"

const char *mp_sort_name(enum mp_sort sort); /* "evidence" */
const char *mp_sort_help(enum mp_sort sort);

struct mp_counter_numbers;

struct mp_index {
	const struct mp_rows *rows; /* borrowed; NULL: empty */
	struct mp_counter_numbers *counters; /* of the rows; borrowed; NULL: none */
	uint32_t *order; /* all rows, sorted; owned */
	uint32_t *listed; /* those that match, in that order; owned */
	size_t n_listed;
	uint64_t *matches; /* a bit a row: it is listed; owned */
	uint8_t *verdicts; /* of each row, once looked at; owned */
	size_t looked_at; /* rows that the filter has seen, in name order; n_rows: done */
	size_t n_filtered,
		n_same; /* of them not listed: by the filter; because they are the same */
	unsigned version; /* grows whenever `listed` changes */
	enum mp_sort sort;
	bool reverse;
	bool all; /* "same" is listed, too; so it is when the filter asks for verdicts or warnings */
	bool names_verdict; /* the filter does */
	uint64_t *marks; /* a bit a row: a person marked it; owned */
	size_t n_marks;
	bool only_marked; /* others are filtered out */
	struct mp_filter *filter; /* owned; NULL: none */
	char *filter_text; /* owned; NULL: none */
};

/* New rows (NULL: none); sort, filter and `all` stay, marks go with their cases: the rows before are still there. 0 or
 * negative errno. */
int mp_index_rows(struct mp_index *index, const struct mp_rows *rows);
int mp_index_sort(struct mp_index *index, enum mp_sort sort, bool reverse);
/* By a counter; what was not read yet comes last until mp_index_sort() is called again. 0 or negative errno with a sentence, -ENOENT
 * where nothing of that name was counted. */
int mp_index_sort_counter(struct mp_index *index, const char *name, bool reverse,
			  struct mp_err *err);
/* By what the rows are sorted: "evidence", or the name of a counter. */
const char *mp_index_sorted(const struct mp_index *index);
void mp_index_all(struct mp_index *index, bool all);
/* A filter in the language of common/filter.h; besides axes, bench, family and case it knows mp_index_fields and the
 * counters, and a text without operators means cases that hold all of its words. NULL or blank: none. -EINVAL with the sentence: the old one stays. */
int mp_index_filter(struct mp_index *index, const char *text, struct mp_err *err);
void mp_index_done(struct mp_index *index); /* accepts zeroed */

/* Goes on filtering for about `budget_ns`. true: there is more to do. */
bool mp_index_step(struct mp_index *index, uint64_t budget_ns);

/* Marks a row, or takes the mark away; takes all away, and lists everything again. */
void mp_index_mark(struct mp_index *index, size_t row, bool on);
void mp_index_unmark(struct mp_index *index);
bool mp_index_marked(const struct mp_index *index, size_t row);
/* The first marked row from `row` on, in name order; SIZE_MAX: there is none. */
size_t mp_index_next_mark(const struct mp_index *index, size_t row);
/* Lists the marked rows alone, those that are the same, too. */
void mp_index_only_marked(struct mp_index *index, bool only);

/* Position in `listed` of that row; SIZE_MAX: it is not listed. */
size_t mp_index_position(const struct mp_index *index, size_t row);

/* Of `order`, n rows as they are seen: the position before (by -1) or behind (1) `from` whose row's text holds `text`, going
 * round at the ends; lower case finds either case. false: there is none. */
bool mp_index_search(const struct mp_index *index, const uint32_t *order, size_t n,
		     const char *text, size_t from, int by, struct mp_match *ret_match);
/* The next position of it (by 1 or -1) of that verdict, not going round; SIZE_MAX: there is none. */
size_t mp_index_next(const struct mp_index *index, const uint32_t *order, size_t n,
		     enum mp_verdict verdict, size_t from, int by);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The temporary file of rows (rows_file.h) while it is written: row by row in name order. Records have their room in front, as
 * their size is known; reasons and details follow as they come. Layer: report.
 */
#ifndef REPORT_VIEWER_ROWS_WRITER_H
#define REPORT_VIEWER_ROWS_WRITER_H

#include "report/viewer/rows_file.h"

struct mp_rows_writer {
	FILE *out;
	uint64_t at; /* end of what is written there */
	struct mp_rows_head head;
	size_t n_put; /* rows */
	char *records; /* those that are not written yet, and their number; owned */
	size_t n_records;
	struct mp_str texts;
	uint64_t *keys[MP_SORT_CASE]; /* [sort][row] */
	struct mp_rows_family *families;
	size_t n_families, cap_families;
	struct mp_rows_gap gaps[MP_ROWS_GAPS];
	char *gap_reasons[MP_ROWS_GAPS]; /* owned; NULL: there is none */
	struct mp_str words;
	const char **axes; /* borrowed beginnings of texts, axis_lens long */
	size_t *axis_lens;
	size_t n_axes, cap_axes, cap_lens, n_lens;
};

/* 0 or negative errno; ended with mp_rows_done() in any case. */
int mp_rows_begin(struct mp_rows_writer *w, FILE *out, size_t n_rows, bool two);
void mp_rows_done(struct mp_rows_writer *w);

/* A full disk is seen once, at the end: the job asks ferror(). */
void mp_rows_put(struct mp_rows_writer *w, const void *bytes, size_t len);
/* A number of which the smallest comes first as one of the keys that rows are sorted by: NaN is the last. */
uint64_t mp_rows_key(double value);
/* The next row, with its text, its reason (NULL: none), and what it is sorted by. A detail was put before, and the row says
 * where. */
void mp_rows_put_row(struct mp_rows_writer *w, struct mp_row *row, const char *text,
		     const char *reason);

/* Remembers the axes of a case text, which lives until the end. 0 or -ENOMEM. */
int mp_rows_note_axes(struct mp_rows_writer *w, const char *text);
/* The family of that name, a new one where it has none; NULL: out of memory. Valid until the next one. */
struct mp_rows_family *mp_rows_family_of(struct mp_rows_writer *w, const char *name);
/* Counts a row that has no verdict, with those that lack one for the same reason. 0 or -ENOMEM. */
int mp_rows_note_gap(struct mp_rows_writer *w, struct mp_rows_gap gap, const char *reason);

/* What stands behind the records, and the head in front of it all. 0 or a negative errno. */
int mp_rows_end(struct mp_rows_writer *w);

#endif

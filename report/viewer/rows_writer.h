/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The temporary file of rows (rows_file.h) while it is written. Texts come in name order; records, which have their room in
 * front, with their details and reasons in parts of a few rows, by any thread. Layer: report.
 */
#ifndef REPORT_VIEWER_ROWS_WRITER_H
#define REPORT_VIEWER_ROWS_WRITER_H

#include <stdatomic.h>

#include "report/viewer/rows_file.h"

struct mp_rows_writer {
	FILE *out;
	atomic_uint_least64_t at; /* end of what is written there, or promised */
	struct mp_rows_head head;
	atomic_size_t warned[MP_WARN_COUNT]; /* rows with the warning */
	struct mp_str texts;
	uint32_t *text_at; /* of each row, among them; owned */
	size_t n_texts;
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

/* A number of which the smallest comes first as one of the keys that rows are sorted by: NaN is the last. */
uint64_t mp_rows_key(double value);

/* The text of the next row, which lives until the end, and the axes in it. 0 or -ENOMEM. */
int mp_rows_put_text(struct mp_rows_writer *w, const char *text);

/* A few rows that follow each other, from number `first` on; their texts were put. */
struct mp_rows_part {
	size_t first;
	struct mp_str records, rest; /* `rest`: details and reasons */
	size_t detail_at; /* in it, of the next row */
};
void mp_rows_part_begin(struct mp_rows_part *part, size_t first);
/* A piece of the detail of the next row. */
void mp_rows_part_put(struct mp_rows_part *part, const void *bytes, size_t len);
/* The next row: what was put since the one before is its detail. `reason` NULL: none. */
void mp_rows_part_row(struct mp_rows_writer *w, struct mp_rows_part *part, struct mp_row *row,
		      const char *text, const char *reason);
/* Writes it, and ends it in any case. 0 or negative errno. */
int mp_rows_part_end(struct mp_rows_writer *w, struct mp_rows_part *part);

/* The family of that name, a new one where it has none; NULL: out of memory. Valid until the next one. */
struct mp_rows_family *mp_rows_family_of(struct mp_rows_writer *w, const char *name);
/* Counts a row that has no verdict, with those that lack one for the same reason. 0 or -ENOMEM. */
int mp_rows_note_gap(struct mp_rows_writer *w, struct mp_rows_gap gap, const char *reason);

/* What stands behind the parts, and the head in front of it all. A full disk is seen by whoever asks ferror(). 0 or a negative
 * errno. */
int mp_rows_end(struct mp_rows_writer *w);

#endif

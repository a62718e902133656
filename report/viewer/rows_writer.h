/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The temporary file of rows (rows_file.h) while it is written. Texts are put first, for all rows, then reasons, then details
 * (each noted in the row's place), then the records in the same order. Layer: report.
 */
#ifndef REPORT_VIEWER_ROWS_WRITER_H
#define REPORT_VIEWER_ROWS_WRITER_H

#include "report/viewer/rows_file.h"

/* Where the parts of a row stand. */
struct mp_rows_place {
	uint64_t text_at, reason_at, detail_at;
	uint32_t detail_len;
	uint16_t text_len, reason_len;
};

struct mp_rows_writer {
	FILE *out;
	uint64_t at; /* bytes written */
	struct mp_rows_head head;
	struct mp_rows_place *places; /* of each row */
	uint64_t *keys[MP_SORT_CASE]; /* [sort][row] */
	struct mp_rows_family *families;
	size_t n_families, cap_families;
	struct mp_rows_gap gaps[MP_ROWS_GAPS];
	const char *gap_reasons[MP_ROWS_GAPS]; /* borrowed */
	struct mp_str words;
	const char **axes; /* borrowed beginnings of texts, axis_lens long */
	size_t *axis_lens;
	size_t n_axes, cap_axes, cap_lens, n_lens;
};

/* 0 or -ENOMEM; ended with mp_rows_done() in any case. */
int mp_rows_begin(struct mp_rows_writer *w, FILE *out, size_t n_rows, bool two);
void mp_rows_done(struct mp_rows_writer *w);

/* A full disk is seen once, at the end: the job asks ferror(). */
void mp_rows_put(struct mp_rows_writer *w, const void *bytes, size_t len);
void mp_rows_put_text(struct mp_rows_writer *w, struct mp_rows_place *place, const char *text);
void mp_rows_put_reason(struct mp_rows_writer *w, struct mp_rows_place *place, const char *reason);
/* Row `i`, with its place, and what it is sorted by. */
void mp_rows_put_record(struct mp_rows_writer *w, size_t i, struct mp_row *row);

/* Remembers the axes of a case text, which lives until the end. 0 or -ENOMEM. */
int mp_rows_note_axes(struct mp_rows_writer *w, const char *text);
/* The family of that name, a new one where it has none; NULL: out of memory. Valid until the next one. */
struct mp_rows_family *mp_rows_family_of(struct mp_rows_writer *w, const char *name);
/* Counts a row that has no verdict, with those that lack one for the same reason, which lives until the end. */
void mp_rows_note_gap(struct mp_rows_writer *w, struct mp_rows_gap gap, const char *reason);

/* What stands behind the records, and the head in front of it all. 0 or a negative errno. */
int mp_rows_end(struct mp_rows_writer *w);

#endif

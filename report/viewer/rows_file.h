/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The layout of the temporary file of rows.h, which one process writes and its parent reads: structs as they are in
 * memory.
 *
 *	head | records | details and reasons | texts | keys | families | gaps | notes and axes
 *
 * A record is a struct mp_row without its text. Texts stand one behind the other in the order of the rows, each with its
 * NUL, so that a search reads nothing else. Keys are columns, one for each order, of a number a row. Nobody else knows this. Layer: report.
 */
#ifndef REPORT_VIEWER_ROWS_FILE_H
#define REPORT_VIEWER_ROWS_FILE_H

#include "report/viewer/rows.h"

#define MP_ROWS_MAGIC  0x6d70726f77733031ull
#define MP_ROWS_RECORD offsetof(struct mp_row, text)

struct mp_rows_head {
	uint64_t magic;
	uint64_t texts_at, texts_len, records_at, keys_at, families_at, gaps_at, words_at;
	size_t n_notes, n_axes, words_len; /* NUL-terminated, one behind the other, notes first */
	struct mp_rows_summary summary;
};

/* What a pair has beside its row. It stands in front of the pair's changes (tail, then shape), its run_case ids (A, then B)
 * and its texts (bench, family). */
struct mp_rows_detail {
	double factor_a, factor_b;
	struct mp_change location;
	enum mp_population calls;
	struct mp_beside tail, shape; /* their changes are behind */
	uint32_t n_rows_a, n_rows_b;
	uint32_t bench_len, family_len; /* with their NUL */
};

#endif

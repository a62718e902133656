/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The result of a comparison (or of one side) as rows in a temporary file, read by row number: no more than what is
 * visible is ever in memory.
 *
 * Rows are in name order, numbered from 0. The verdicts and numbers are those of report/compare, copied; the viewer
 * computes none. With one side, a row has the case's headline as `a` and its verdict says nothing: `outcome_a` does.
 * Layer: report.
 */
#ifndef REPORT_VIEWER_ROWS_H
#define REPORT_VIEWER_ROWS_H

#include "common/str.h"
#include "report/compare/stream.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* What a reader should know of a row; the bits of mp_row.warnings, each with a letter and a sentence with the remedy. */
enum mp_warning {
	MP_WARN_FEW, /* too few invocations to be tested */
	MP_WARN_DISTURBED, /* values of all samples: too few calm ones */
	MP_WARN_TAIL, /* the tail of single calls moved */
	MP_WARN_SHAPE, /* the shape of single calls changed */
	MP_WARN_FLOOR, /* the threshold is the machine's noise floor, not the policy's */
	MP_WARN_ASSUMED, /* and it is assumed: too few runs to know it */
	MP_WARN_NOISY, /* invocations scatter by more than 10 % */
	MP_WARN_REASON, /* there is a reason in words */
	MP_WARN_ENVIRONMENT, /* the sides differ in what usually moves results: mp_difference_matters() */
	/* From here on those of the results files (results/caveats.h): what is counted for Overview. */
	MP_WARN_MODES, /* two modes, of invocations or of calls */
	MP_WARN_DRIFT, /* the invocations go one way */
	MP_WARN_FIRST, /* the first invocation stands apart */
	MP_WARN_MULTIPLEXED, /* a counter ran for a part of the time */
	MP_WARN_COST, /* timing costs a large part of a single call */
	MP_WARN_COUNT,
};
#define MP_WARN_FIRST_COUNTED MP_WARN_MODES
struct mp_warning_text {
	char letter;
	const char *name; /* "few", for filters */
	const char *sentence; /* what it is and why it matters, with the remedy */
	const char *
		remedy; /* where it is long: then the sentence is without; keys as of mp_view_keyed(). NULL */
};
extern const struct mp_warning_text mp_warning_texts[MP_WARN_COUNT];

struct mp_row {
	bool on_a, on_b; /* the side has the case */
	enum mp_verdict verdict; /* two sides only */
	enum mp_outcome outcome_a, outcome_b;
	enum mp_mode mode;
	enum mp_population population;
	unsigned n_a, n_b; /* invocations compared; with one side those of the headline */
	double a, b; /* medians, in the unit of the comparison; NaN: unknown */
	double ratio, low, high; /* B / A; NaN: unknown. One side: low, high are of `a` */
	double p; /* adjusted; NaN: not tested */
	double scatter; /* standard deviation of the logs within the sides, about the relative one; NaN */
	double threshold; /* NaN: not tested */
	double detectable; /* smallest change that would have been called; NaN: not tested, INFINITY: none */
	unsigned needed; /* of an unsure pair: invocations a side; 0: over 1000, or no such pair */
	enum mp_aside tail, shape;
	unsigned warnings; /* bits 1u << enum mp_warning */
	int64_t run_case_a,
		run_case_b; /* row in the results file of the newest run that has it; 0: none */
	int64_t run_a, run_b; /* and that run */
	uint64_t text_at; /* among the texts */
	uint64_t reason_at, detail_at; /* in the temporary file */
	uint32_t detail_len; /* 0: there is none */
	uint16_t text_len, reason_len; /* 0: there is no reason */
	char text[MP_CASE_TEXT_MAX];
};

/* What rows can be sorted by. */
enum mp_sort {
	MP_SORT_EVIDENCE, /* what is certain first: adjusted p, then size of the change */
	MP_SORT_CHANGE, /* size of the change, in either direction */
	MP_SORT_A,
	MP_SORT_B,
	MP_SORT_NOISE,
	MP_SORT_WARNINGS,
	MP_SORT_CASE, /* name order: the rows as they are */
	MP_SORT_COUNTER, /* what was counted (counter_numbers.h) */
	MP_SORT_COUNT,
};

/* Bins of the small histogram of a family's changes, in the middle "no change": see mp_rows_bin(). */
#define MP_ROWS_BINS 9
/* 0 .. 8: below 0.5, 0.8, 0.95, 0.99, within 1 %, up to 1.01 and the reciprocals of the others. */
int mp_rows_bin(double ratio);

/* Rows of one family, or of all of them. */
struct mp_rows_family {
	char name[MP_NAME_MAX];
	size_t rows, covered; /* on either side; of them with a ratio */
	double ratio; /* geometric mean; NaN: none */
	size_t counts[MP_VERDICT_COUNT];
	size_t outcomes[8]; /* of side A, [enum mp_outcome]; one side only */
	size_t bins[MP_ROWS_BINS]; /* of its rows with a ratio */
	uint32_t worst, best; /* rows with the largest credible changes; UINT32_MAX: none */
	double worst_ratio, best_ratio; /* NaN: none */
};

/* Rows without a verdict for the same reason: what is missing, and why. */
#define MP_ROWS_GAPS 100
struct mp_rows_gap {
	enum mp_verdict verdict; /* two sides: only A, only B, failed, incomparable */
	enum mp_outcome outcome; /* one side: not ok */
	size_t rows;
	uint32_t first; /* row; its reason is that of all */
};

/* How many changes the summary names. */
#define MP_ROWS_TOP 200

struct mp_rows_summary {
	bool two; /* sides */
	bool asides; /* tail and shape are judged, too */
	size_t n_rows;
	enum mp_unit unit;
	double scale[2]; /* unit per ns, of each side; NaN: unknown. Two sides only */
	size_t counts[MP_VERDICT_COUNT], tails[MP_ASIDE_COUNT], shapes[MP_ASIDE_COUNT];
	size_t outcomes[8]; /* of side A, [enum mp_outcome] */
	size_t tested[MP_ASPECT_COUNT], selected[MP_ASPECT_COUNT], floors;
	double ratio; /* geometric mean of the families' means; NaN: none */
	size_t ratio_families, left_out;
	bool same_machine, shared_run;
	struct mp_control
		controls[MP_CONTROL_COUNT]; /* their texts are the summary's; no cases in them */
	char control_texts[MP_CONTROL_COUNT][MP_CASE_TEXT_MAX];
	enum mp_gate gate;
	char gate_why[256];
	size_t n_families;
	/* Credible changes by size, largest first: row numbers. */
	size_t n_slower, n_faster;
	uint32_t slower[MP_ROWS_TOP], faster[MP_ROWS_TOP];
	size_t n_gaps;
	size_t warned[MP_WARN_COUNT]; /* rows with the warning */
};

struct mp_rows; /* heap */

/* In a job (job.h): judges a comparison and writes it, or one side. `caveats`: with what the results files say against values, which
 * takes a look at each case. 0 or negative errno with a sentence. */
int mp_rows_write(struct mp_stream *stream, bool caveats, FILE *out, struct mp_err *err);
int mp_rows_write_side(const struct mp_side *side, FILE *out, struct mp_err *err);

/* Takes the file over, also on failure. 0 or negative errno with a sentence. */
int mp_rows_open(int file, struct mp_rows **ret_rows, struct mp_err *err);
void mp_rows_close(struct mp_rows *rows); /* accepts NULL */

const struct mp_rows_summary *mp_rows_summary(const struct mp_rows *rows);
const struct mp_rows_family *mp_rows_families(const struct mp_rows *rows); /* n_families, by name */
const struct mp_rows_gap *mp_rows_gaps(const struct mp_rows *rows); /* n_gaps, most rows first */
const char *mp_rows_note(const struct mp_rows *rows, size_t index); /* NULL: no more */
const char *mp_rows_axis(const struct mp_rows *rows,
			 size_t index); /* names of axes; NULL: no more */

/* Row `index`. 0, or negative errno (there is no such row, or the temporary file cannot be read). */
int mp_rows_get(const struct mp_rows *rows, size_t index, struct mp_row *ret_row);
/* Rows from `first` on, at most `count`, in name order, until `each` returns non-zero, which is returned. */
int mp_rows_scan(const struct mp_rows *rows, size_t first, size_t count,
		 int (*each)(void *user, size_t index, const struct mp_row *row), void *user);
/* A number a row, in *ret_keys of n_rows: what comes first in that order has the smallest one. Of orders before MP_SORT_CASE. 0 or
 * negative errno. */
int mp_rows_keys(const struct mp_rows *rows, enum mp_sort sort, uint64_t *ret_keys);
/* Sets a bit in *ret_found (n_rows bits, zeroed by the caller) for each row whose text holds `text`; lower case finds
 * either case. 0 or negative errno. */
int mp_rows_search(const struct mp_rows *rows, const char *text, uint64_t *ret_found);
/* Its reason in words, appended; nothing when there is none. */
int mp_rows_reason(const struct mp_rows *rows, size_t index, struct mp_str *out);
/* The row of that case; SIZE_MAX: none. The first row whose text is not less, for ranges of a benchmark. */
size_t mp_rows_find(const struct mp_rows *rows, const char *text);
size_t mp_rows_lower_bound(const struct mp_rows *rows, const char *text);

/* The pair as report/compare made it: location, tail and shape with all their changes; `a`, `b`, `of_a`, `of_b` are NULL,
 * the texts belong to the copy. Two sides only. */
struct mp_pair_copy {
	struct mp_pair pair;
	int64_t *rows_a,
		*rows_b; /* run_case ids of each side whose values are pooled, newest run first */
	size_t n_rows_a, n_rows_b;
	void *memory;
};
int mp_rows_pair(const struct mp_rows *rows, size_t index, struct mp_pair_copy *ret_copy,
		 struct mp_err *err);
void mp_pair_copy_done(struct mp_pair_copy *copy); /* accepts zeroed */

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the comparison share with each other and with nobody else. */
#ifndef REPORT_COMPARE_INTERNAL_H
#define REPORT_COMPARE_INTERNAL_H

#include "report/compare/compare.h"
#include "report/statistics/power.h"
#include "report/statistics/rank.h"

/* The results of one case on one side. */
struct mp_side_case {
	const char *text;
	size_t run; /* index of the newest run that has it */
	const struct mp_case_row *row; /* in that run */
	/* Rows whose values are pooled: `row` and the ok ones of older runs that measure the same thing. */
	const struct mp_case_row **rows;
	size_t n_rows, cap_rows;
	size_t dropped; /* rows of older runs that are not pooled */
};

/* The cases of a side in name order, heap. 0 or -ENOMEM. */
int mp_side_index(const struct mp_side *side, struct mp_side_case **ret_cases, size_t *ret_count);
void mp_side_index_free(struct mp_side_case *cases, size_t count);

/* Samples of the tested pairs, kept between the two passes. */
struct mp_sample {
	double *x, *y;
	size_t n, m;
};

/* Preconditions, values, ratio, test: everything but the verdict of a tested pair. `a` or `b` may be NULL (not
 * both). 0 or negative errno. */
int mp_pair_measure(struct mp_rank *rank, const struct mp_side *side_a,
		    const struct mp_side *side_b, const struct mp_side_case *a,
		    const struct mp_side_case *b, struct mp_pair *pair, struct mp_sample *sample,
		    struct mp_err *err);

/* The verdict of a tested pair, once all are tested. 0 or -ENOMEM. */
int mp_pair_judge(struct mp_rank *rank, const struct mp_comparison *c,
		  const struct mp_sample *sample, struct mp_pair *pair);

/* Differences of the environment, and the notes about the runs. 0 or -ENOMEM. */
int mp_compare_environment(struct mp_comparison *c);

/* Adds a sentence. 0 or -ENOMEM. */
int mp_compare_note(struct mp_comparison *c, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Families and their means. 0 or -ENOMEM. */
int mp_compare_aggregate(struct mp_comparison *c);

#endif

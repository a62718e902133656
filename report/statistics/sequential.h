/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Good or bad, one invocation after another: which of two references do the values seen so far come from?
 *
 * Sampling until it is clear, by rank tests against both references, as Chromium's bisection does. A test that is
 * looked at after every value errs more often than its level says; here an error takes more than that: the values must
 * also look like the other reference. Simulated with references of ten, 10 % apart under 2 % noise, values of either
 * side are called wrong in none of 2,000 cases each and right in 99.7 %, after 3.5 values; values half-way stay
 * undecided in 87 % (tests/report/test_sequential.c).
 * Layer: report.
 */
#ifndef REPORT_STATISTICS_SEQUENTIAL_H
#define REPORT_STATISTICS_SEQUENTIAL_H

#include "report/statistics/rank.h"

/* Two references are apart when |Cliff's delta| is at least this. */
#define MP_SEQUENTIAL_APART 0.9

enum mp_sequential_verdict { MP_SEQUENTIAL_OPEN, MP_SEQUENTIAL_GOOD, MP_SEQUENTIAL_BAD };

struct mp_sequential {
	const double *good, *bad; /* borrowed, values above 0 */
	size_t n_good, n_bad;
};

struct mp_sequential_step {
	enum mp_sequential_verdict verdict;
	double p_good, p_bad; /* Mann-Whitney of the values seen against each reference */
	double way; /* of the values seen from good (0) to bad (1), on logs: Hodges and Lehmann's estimates */
};

/* Cliff's delta of bad over good: -1 when every bad value is below every good one. 0, -EINVAL or -ENOMEM. */
int mp_sequential_apart(struct mp_rank *rank, const struct mp_sequential *s, double *ret_delta);

/*
 * Good when p_good > 0.1 and p_bad <= 0.01 and the estimate is nearer to good; bad the other way round; open
 * otherwise. With many values a small drift since the references were measured is significant, too; so at the `last`
 * look p_good does not matter when the whole 95 % interval, of invocations (rank.h), lies within a third of the way from
 * good.
 * 0, -EINVAL or -ENOMEM.
 */
int mp_sequential_look(struct mp_rank *rank, const struct mp_sequential *s, const double *seen,
		       size_t n, bool last, struct mp_sequential_step *ret_step);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Values that were measured in pairs, one of each side in every round: the ratio y over x, its sign test and interval.
 *
 * The sign test asks nothing of the shape of the noise: on skewed pairs its interval keeps its confidence where
 * Wilcoxon's signed ranks do not (91.5 % instead of 95 %). Layer: report.
 */
#ifndef REPORT_STATISTICS_PAIRED_H
#define REPORT_STATISTICS_PAIRED_H

#include <stddef.h>

struct mp_paired {
	double log_ratio, ratio; /* median of ln(y / x), and its exponential */
	size_t above, below; /* pairs with y > x, with y < x */
	double p; /* two-sided sign test; pairs that are equal do not count (Dixon and Mood 1946) */
	size_t lower,
		upper; /* ranks of the interval's ends among the n ratios; 0: that side is unbounded */
	double low, high; /* of the ratio, at least 95 % unless n is below 6: then 0 and INFINITY */
	double level; /* its true confidence; NaN when unbounded */
};

/* n pairs of values above 0. 0, -EINVAL or -ENOMEM. */
int mp_paired(const double *x, const double *y, size_t n, struct mp_paired *ret_paired);

#endif

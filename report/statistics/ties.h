/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Two samples pooled, and the exact distribution of the rank sum when values are tied: every way to deal the ranks counted.
 *
 * Ranks are kept doubled, so that midranks are integers and the distribution is a count over integers.
 * Layer: report.
 */
#ifndef REPORT_STATISTICS_TIES_H
#define REPORT_STATISTICS_TIES_H

#include "report/statistics/rank.h"

/* The pooled values grouped by value, ascending. */
struct mp_ties {
	unsigned group[2 * MP_RANK_EXACT_TIES]; /* size of each group of equal values, */
	unsigned
		twice_rank[2 * MP_RANK_EXACT_TIES]; /* twice its midrank: where all groups fit in */
	size_t n_groups;
	double twice_sum; /* twice the rank sum of y */
	double tie_term; /* sum of t^3 - t over the groups, t their size */
};

/* Both samples in ascending order. */
void mp_ties_pool(const double *x, size_t n, const double *y, size_t m, struct mp_ties *ret_ties);

/* P(U <= u) and P(U >= u) given the groups, both sizes at most MP_RANK_EXACT_TIES; `ties` is used up. `rank` gives
 * memory to work in. 0 or -ENOMEM. */
int mp_ties_tails(struct mp_rank *rank, struct mp_ties *ties, size_t n, size_t m, double *ret_lower,
		  double *ret_upper);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where the scatter of a case comes from: blocks inside an invocation, or invocations among each other.
 *
 * Two-level decomposition after Kalibera and Jones, "Rigorous benchmarking in reasonable time", ISMM 2013. Pure
 * functions of numbers, in the unit of the values (a variance in its square); nothing is owned and nothing can
 * fail. Unknown is NaN: a variance of fewer than two values, and what is computed from it.
 */
#ifndef RESULTS_VARIANCE_H
#define RESULTS_VARIANCE_H

#include <stddef.h>

/* Of one sample: the values of an invocation's blocks, say. All that the decomposition needs of it. */
struct mp_moments {
	size_t n;
	double mean;
	double variance; /* of the sample: divided by n - 1 */
};

/* In two passes, with the second one's rounding taken back (Chan, Golub and LeVeque 1983). Values are finite. */
struct mp_moments mp_moments(const double *values, size_t n);

struct mp_variance {
	size_t n; /* invocations with a block */
	double blocks; /* blocks an invocation: the harmonic mean of their numbers, which is what counts below */
	double mean; /* of the invocations' means */
	double within; /* S1: variance of blocks inside an invocation */
	double means; /* S2: variance of the invocations' means; the square of the interval's scale is S2 / n */
	double between; /* T2: what invocations differ by beyond their blocks; 0 where the estimate is below 0 */
	double icc; /* intraclass correlation: 0 blocks are as good as invocations (and less by chance), 1 a
		       second block tells nothing */
};

/*
 * `invocations` as mp_moments() gives them; those without a block are left out. With k_i blocks in invocation i and
 * v_i the variance of their values:
 *
 *	S1 = sum (k_i - 1) v_i / sum (k_i - 1)		pooled; the mean of the v_i when all k_i are equal
 *	S2 = variance of the means
 *	k  = n / sum (1 / k_i)				E[S2] = T2 + S1 / k holds for unequal k_i as well
 *	T2 = S2 - S1 / k
 *	icc = T2 / (T2 + S1)				before T2 is cut off at 0: (MSB - MSW) / (MSB + (k - 1) MSW)
 *
 * Blocks that depend on their neighbours (drift inside an invocation) count as between, where they belong: more of
 * them would not narrow the interval as 1 / k promises.
 */
struct mp_variance mp_variance(const struct mp_moments *invocations, size_t n);

/*
 * Blocks worth running in an invocation, at least 1: max(1, ceil(sqrt(c2 / c1 * S1 / T2))), with c1 the cost of one
 * more block and c2 of one more invocation up to its first block, in one unit, both above 0. INFINITY when
 * invocations do not differ (all blocks may come from one), NaN when S1 or T2 is unknown.
 */
double mp_variance_blocks(const struct mp_variance *v, double c1, double c2);

/* What a mean of k blocks an invocation is worth less than independent ones: 1 + (k - 1) icc. */
double mp_variance_design_effect(const struct mp_variance *v);

/* Standard error of the mean that n invocations of k blocks would have: sqrt((T2 + S1 / k) / n). */
double mp_variance_error(const struct mp_variance *v, double n, double k);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Rank statistics of two independent samples: x of the baseline, y of the candidate, one value per invocation.
 *
 * Everything is deterministic: no resampling. Values must be finite (and above 0 where a ratio is asked for); an
 * empty sample or a value that is not allowed is -EINVAL, never a NaN in a result. Layer: report.
 */
#ifndef REPORT_STATISTICS_RANK_H
#define REPORT_STATISTICS_RANK_H

#include <stdbool.h>
#include <stddef.h>

/* Largest sample for which the exact distribution is computed, without and with ties; beyond it the normal
 * approximation with tie-corrected variance and continuity correction. */
#define MP_RANK_EXACT	   50
#define MP_RANK_EXACT_TIES 25

/* Distributions of U without ties, kept per pair of sample sizes: a comparison asks for the same one again and
 * again. Zeroed is empty. */
struct mp_rank_table {
	size_t n, m;
	double *lower; /* P(U <= u), u = 0 .. n m; owned */
};

struct mp_rank {
	struct mp_rank_table *tables;
	size_t n_tables, cap_tables;
};

void mp_rank_done(struct mp_rank *rank);

/* Ranks 1 .. n of `values`, ties sharing their mean rank, into `ret_ranks`. 0 or -ENOMEM. */
int mp_rank_midranks(const double *values, size_t n, double *ret_ranks);

/* P(U <= u) of the Mann-Whitney statistic without ties, both sizes 1 .. MP_RANK_EXACT. *ret_p is in [0, 1].
 * 0, -EINVAL or -ENOMEM. Counts are coefficients of the Gaussian binomial (Mann and Whitney 1947). */
int mp_rank_lower_tail(struct mp_rank *rank, size_t n, size_t m, double u, double *ret_p);

struct mp_rank_test {
	double u; /* pairs with y > x, ties counted half */
	double p; /* two-sided: min(1, 2 min(P(U <= u), P(U >= u))); 1 when all values are equal */
	double delta; /* Cliff's delta, (#(y > x) - #(y < x)) / (n m): 1 when every y is above every x */
	bool exact, ties, all_equal;
};

/* Mann-Whitney test; exact is the conditional permutation distribution of the midranks. */
int mp_rank_test(struct mp_rank *rank, const double *x, size_t n, const double *y, size_t m,
		 struct mp_rank_test *ret_test);

/* The smallest two-sided p that two samples of these sizes can show: 2 / C(n + m, n). */
double mp_rank_smallest_p(size_t n, size_t m);

struct mp_rank_ratio {
	double ratio; /* exp(median of ln y - ln x over all pairs): Hodges and Lehmann 1963 on logs */
	double low,
		high; /* Moses 1965: D_(k) and D_(nm+1-k), k the alpha/2 quantile of U, at least 1 */
	double level; /* true confidence of the interval without ties (with ties it is higher); it can be
			     below 1 - alpha when the samples are small */
};

/* y over x: above 1 is slower. */
int mp_rank_ratio(struct mp_rank *rank, const double *x, size_t n, const double *y, size_t m,
		  double alpha, struct mp_rank_ratio *ret_ratio);

/* Benjamini and Hochberg 1995: adjusted p-values in the order given, `family` hypotheses in all (at least n; the
 * ones not listed count as p = 1). 0 or -ENOMEM. */
int mp_rank_adjust(const double *p, size_t n, size_t family, double *ret_adjusted);

/* Standard normal quantile, p in (0, 1). */
double mp_rank_normal_quantile(double p);

/* Upper quantile of Student's t: P(T > t) = tail, tail in (0, 0.5], df >= 1 (Hill 1970, ACM algorithm 396). */
double mp_rank_t_quantile(double tail, double df);

/* The smallest relative change that a two-sided test at `alpha` finds with probability 0.8 when invocations
 * scatter with relative standard deviation `sd`: (t_(alpha/2) + t_0.2) sd sqrt(1/n + 1/m), the two-sample t test's
 * approximation. INFINITY when n + m < 3 or when no samples of these sizes can reach alpha. */
double mp_rank_detectable(double sd, double alpha, size_t n, size_t m);

/* The smallest n = m whose mp_rank_detectable() is at most `change`; 0 when it would be above `most`. */
size_t mp_rank_needed(double sd, double alpha, double change, size_t most);

#endif

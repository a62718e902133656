/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Quantiles of a sample and their distribution-free intervals. Pure functions; unknown is NaN or rank 0.
 */
#ifndef RESULTS_QUANTILE_H
#define RESULTS_QUANTILE_H

#include <stddef.h>

/* P(Bin(n, p) <= k), p in [0, 1]; 0 for k < 0. */
double mp_binomial_cdf(double k, size_t n, double p);

/*
 * Ranks from 1 of the order statistics that hold the p quantile of what n values were drawn from, each side missing it
 * with probability (1 - confidence) / 2 at most: lower is the largest l with P(Bin(n, p) <= l - 1), upper the smallest
 * u with P(Bin(n, p) >= u) within that. 0: that side does not exist with so few values. *ret_level: the true
 * confidence, 1 minus both misses; NaN unless both sides exist.
 */
struct mp_quantile_ranks {
	size_t lower, upper;
	double level;
};
struct mp_quantile_ranks mp_quantile_ranks(size_t n, double p, double confidence);

/* Definitions of a sample's quantile (Hyndman and Fan 1996), by their number there and in R. */
enum mp_quantile_type {
	MP_QUANTILE_RANK = 1, /* the value of rank ceil(p n) */
	MP_QUANTILE_WEIBULL = 6, /* between ranks, at (n + 1) p */
	MP_QUANTILE_LINEAR = 7, /* between ranks, at 1 + (n - 1) p */
};

/* `sorted` ascending, p in [0, 1]; NaN when n is 0. */
double mp_quantile(const double *sorted, size_t n, double p, enum mp_quantile_type type);

#endif

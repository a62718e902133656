/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Exact L1 Potts segmentation (Friedrich, Kempe, Liebscher and Winkler 2008): the segments that minimise
 * sum |z - median of its segment| + gamma (segments - 1), over segments of at least `min_segment` values. Deterministic; an
 * outlier moves a median by one place. Pure functions of finite numbers in time order, such as logarithms.
 */
#ifndef RESULTS_POTTS_H
#define RESULTS_POTTS_H

#include <stddef.h>

/* Robust standard deviation of the noise of a series that may have steps: 1.4826 median |z_t+1 - z_t| / sqrt 2, or
 * sqrt(pi)/2 mean |z_t+1 - z_t| when that is 0; 0: constant. NaN below two values, or without memory. */
double mp_potts_sigma(const double *z, size_t n);

/* The minimising segmentation for a given price `gamma`, in O(n^2) time: starts of all segments but the first into
 * *ret_starts (heap of the caller), their count, and the minimum. 0, -EINVAL or -ENOMEM. */
int mp_potts(const double *z, size_t n, size_t min_segment, double gamma, size_t **ret_starts,
	     size_t *ret_count, double *ret_objective);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Two modes instead of one: an interval around a value between them would describe nothing that happens.
 *
 * Applies to one value per invocation (does the case fall into one of two states?) and to the calls of a histogram
 * (do calls take one of two paths?). Deterministic, no resampling. Nothing is owned.
 */
#ifndef RESULTS_BIMODAL_H
#define RESULTS_BIMODAL_H

#include <stdbool.h>
#include <stddef.h>

#include "results/histogram.h"

/* Fewest values that can be told apart from chance. */
#define MP_BIMODAL_FEWEST 6

struct mp_peak {
	double value; /* median of its group, in the unit of the values */
	double share; /* of all values, 0.2 .. 0.8 */
};

struct mp_bimodal {
	bool known; /* false: fewer than MP_BIMODAL_FEWEST values; the rest is then false and NaN */
	bool two;
	struct mp_peak low,
		high; /* the best split, also where it is not two modes; NaN when all are equal */
	double separation; /* distance of the two in pooled MADs, on logs; INFINITY when those are 0 */
};

/*
 * The rule, on logs z of the values:
 *
 * 1. The split into a low and a high group of at least 20 % each with the smallest sum of |z - median of its group|.
 * 2. The medians are more than 5 pooled MADs apart (1.4826 times the median of |z - median of its group|; what a
 *    value spread evenly over one `grain` would show, a quarter of it, is the least).
 * 3. There is a valley: in the middle third between the medians, values lie less than half as dense as in the inner
 *    half of either group.
 * 4. Below 100 values the gap between the groups is more than 60 / n pooled standard deviations.
 *
 * 1 and 2 alone call 27 % of normal samples of ten bimodal (48 % of exponential ones) and 5 % of twenty, because the
 * split is chosen for it; 4 is what brings that to about 1 %, and 3 keeps a long tail from being a mode when there are
 * many values. Share of 20,000 simulated samples that are called bimodal (1,000 at n = 2000):
 *
 *	logs of values, n =	6	8	10	12	20	40	2000
 *	normal			0.004	0.002	0.001	0.001	0.000	0.000	0.000
 *	Student t, 3 df		0.003	0.001	0.001	0.000	0.000	0.000	0.000
 *	uniform			0.013	0.007	0.005	0.004	0.003	0.001	0.000
 *	exponential		0.012	0.012	0.013	0.006	0.006	0.002	0.000
 *	normal, 5 % outliers	0.005	0.009	0.014	0.001	0.001	0.000	0.000
 *	log-normal, wide	0.012	0.016	0.024	0.007	0.009	0.003	0.000
 *	two, 70/30, 10 sd apart	0.24	0.47	0.70	0.69	0.89	0.95	1.00
 *	two, 50/50, 8 sd apart	0.19	0.33	0.50	0.63	0.94	1.00	1.00
 *
 * `values`: n of them in any order, NaN is left out; `grain`: the step of the clock or the width of a bucket, in
 * their unit (0: none). Values below half a grain count as that, as a logarithm needs; without a grain all must be
 * above 0 (-EINVAL). 0, -EINVAL or -ENOMEM.
 */
int mp_bimodal_values(const double *values, size_t n, double grain, struct mp_bimodal *ret_modes);

/* The same over the calls of a histogram; its own bucket width is heeded besides `grain`. */
int mp_bimodal_histogram(const struct mp_histogram *h, double grain, struct mp_bimodal *ret_modes);

#endif

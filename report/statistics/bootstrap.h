/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The exact bootstrap law of a median, and of the ratio of two medians: every resample counted, none drawn.
 *
 * A second opinion beside the rank interval of rank.h, for readers who ask for the ratio of the medians themselves; it
 * is discrete and up to five times wider at ten invocations. Maritz and Jarrett 1978, JASA 73:194-196; Hutson and Ernst
 * 2000, JRSS-B 62:89-94. Layer: report.
 */
#ifndef REPORT_STATISTICS_BOOTSTRAP_H
#define REPORT_STATISTICS_BOOTSTRAP_H

#include <stddef.h>

/* Largest sample: its median has 2080 possible values, the ratio of two such medians four million. */
#define MP_BOOTSTRAP_MOST 64

/* A discrete distribution: values ascending, probabilities adding up to 1. */
struct mp_law {
	struct mp_law_point {
		double value, p;
	} * points; /* owned */
	size_t n;
};
void mp_law_done(struct mp_law *law);

double mp_law_mean(const struct mp_law *law);
double mp_law_sd(const struct mp_law *law); /* of a median: its bootstrap standard error */
/* The smallest value with P(X <= value) >= p. */
double mp_law_quantile(const struct mp_law *law, double p);

/* Of the median of a resample of n values, n in 1 .. MP_BOOTSTRAP_MOST. 0, -EINVAL (also for a value that is not
 * finite) or -ENOMEM. */
int mp_bootstrap_median(const double *values, size_t n, struct mp_law *ret_law);

/* Of median(y) / median(x), resampled independently; values above 0. 0, -EINVAL or -ENOMEM. */
int mp_bootstrap_ratio(const double *x, size_t n, const double *y, size_t m,
		       struct mp_law *ret_law);

#endif

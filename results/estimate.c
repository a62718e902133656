/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One value per invocation, summed up over invocations: see stats.h. */
#include "results/stats.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "results/quantile.h"
#include "results/variance.h"

static int compare_doubles(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Up to so many are sorted by insertion: ten values, as of ten invocations, take it a fifth of the time. */
#define FEW 24

void mp_sort(double *values, size_t n)
{
	if (n > FEW) {
		qsort(values, n, sizeof(*values), compare_doubles);
		return;
	}
	for (size_t i = 1; i < n; i++) {
		double value = values[i];
		size_t at = i;

		for (; at > 0 && values[at - 1] > value; at--)
			values[at] = values[at - 1];
		values[at] = value;
	}
}

double mp_median(double *values, size_t n)
{
	if (!n)
		return NAN;
	mp_sort(values, n);
	/* Halves first: the sum of two large values must not overflow. */
	return n % 2 ? values[n / 2] : values[n / 2 - 1] / 2 + values[n / 2] / 2;
}

#define LEVEL 0.95

/* The ends lie between two order statistics, one pair of which covers more than LEVEL and the next pair less; the weight
 * is Hettmansperger and Sheather's. */
static void interval(const double *sorted, size_t n, struct mp_estimate *e)
{
	size_t r = mp_quantile_ranks(n, 0.5, LEVEL).lower;
	double outer, inner, share, weight;

	if (!r) { /* n < 6: all there is */
		e->low = sorted[0];
		e->high = sorted[n - 1];
		e->level = 1 - ldexp(1, 1 - (int)n);
		return;
	}
	outer = 1 - 2 * mp_binomial_cdf((double)r - 1, n, 0.5);
	inner = 1 - 2 * mp_binomial_cdf((double)r, n, 0.5);
	share = (outer - LEVEL) / (outer - inner);
	weight = (double)(n - r) * share / ((double)r + (double)(n - 2 * r) * share);
	e->low = sorted[r - 1] + weight * (sorted[r] - sorted[r - 1]);
	e->high = sorted[n - r] - weight * (sorted[n - r] - sorted[n - r - 1]);
	e->level = LEVEL;
}

/* `sorted` values without NaN, n of them and at least one. */
static struct mp_estimate estimate(const double *sorted, size_t n, double median)
{
	struct mp_moments moments = mp_moments(sorted, n);
	struct mp_estimate e = { .n = n,
				 .value = median,
				 .low = -INFINITY,
				 .high = INFINITY,
				 .level = NAN,
				 .cv = sqrt(moments.variance) / moments.mean };

	if (n > 1)
		interval(sorted, n, &e);
	return e;
}

struct mp_estimate mp_estimate_median(const double *values, size_t n)
{
	const struct mp_estimate none = {
		.value = NAN, .low = NAN, .high = NAN, .level = NAN, .cv = NAN
	};
	MP_CLEANUP(mp_free_ptr) double *heap = NULL;
	double few[64], *known = few;
	double median;
	size_t count = 0;

	/* Callers have no error path: only thousands of invocations could fail, as "unknown". */
	if (n > sizeof(few) / sizeof(few[0]))
		known = heap = malloc(n * sizeof(*heap));
	if (!known)
		return none;
	for (size_t i = 0; i < n; i++)
		if (!isnan(values[i]))
			known[count++] = values[i];
	if (!count)
		return none;
	median = mp_median(known, count);
	return estimate(known, count, median);
}

struct mp_estimate mp_estimate_invocations(const double *values, size_t n)
{
	struct mp_estimate e = mp_estimate_median(values, n);
	double low = e.value - MP_DRIFT_WIDTH * (e.value - e.low);

	if (e.n < 2)
		return e;
	e.low = e.low > 0 && low < 0 ? 0 : low;
	e.high = e.value + MP_DRIFT_WIDTH * (e.high - e.value);
	return e;
}

double mp_estimate_half_width(const struct mp_estimate *e)
{
	double width = (e->high - e->low) / 2 / e->value;

	return e->n < 2 || !isfinite(width) ? INFINITY : width;
}

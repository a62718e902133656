/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One value per invocation, summed up over invocations: see stats.h. */
#include "results/stats.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"

static int compare_doubles(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double mp_median(double *values, size_t n)
{
	if (!n)
		return NAN;
	qsort(values, n, sizeof(*values), compare_doubles);
	/* Halves first: the sum of two large values must not overflow. */
	return n % 2 ? values[n / 2] : values[n / 2 - 1] / 2 + values[n / 2] / 2;
}

/* P(Bin(n, 1/2) = k). lgamma() because C(n, k) and 2^n leave the range of a double from n = 1030. */
static double binomial_half(size_t n, size_t k)
{
	return exp(lgamma((double)n + 1) - lgamma((double)k + 1) - lgamma((double)(n - k) + 1) -
		   (double)n * M_LN2);
}

size_t mp_median_rank(size_t n, double *ret_level)
{
	double below = 0, tail;
	size_t r = 0;

	/* Largest r with P(Bin < r) <= 0.025; both sides miss alike. */
	while ((tail = below + binomial_half(n, r)) <= 0.025) {
		below = tail;
		r++;
	}
	if (r)
		*ret_level = 1 - 2 * below;
	return r;
}

/* Standard deviation over mean, in two passes. */
static double variation(const double *values, size_t n)
{
	double mean = 0, squares = 0;

	if (n < 2)
		return NAN;
	for (size_t i = 0; i < n; i++)
		mean += values[i] / (double)n;
	for (size_t i = 0; i < n; i++)
		squares += (values[i] - mean) * (values[i] - mean);
	return sqrt(squares / (double)(n - 1)) / mean;
}

/* `sorted` values without NaN, n of them and at least one. */
static struct mp_estimate estimate(const double *sorted, size_t n, double median)
{
	struct mp_estimate e = { .n = n, .value = median, .cv = variation(sorted, n) };
	size_t r = n < 6 ? 1 : mp_median_rank(n, &e.level);

	if (n == 1) {
		e.low = -INFINITY;
		e.high = INFINITY;
		e.level = NAN;
		return e;
	}
	if (n < 6)
		e.level = 1 - ldexp(1, 1 - (int)n);
	e.low = sorted[r - 1];
	e.high = sorted[n - r];
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

double mp_estimate_half_width(const struct mp_estimate *e)
{
	double width = (e->high - e->low) / 2 / e->value;

	return e->n < 2 || !isfinite(width) ? INFINITY : width;
}

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

double mp_median(double *values, size_t n)
{
	if (!n)
		return NAN;
	qsort(values, n, sizeof(*values), compare_doubles);
	/* Halves first: the sum of two large values must not overflow. */
	return n % 2 ? values[n / 2] : values[n / 2 - 1] / 2 + values[n / 2] / 2;
}

/* `sorted` values without NaN, n of them and at least one. */
static struct mp_estimate estimate(const double *sorted, size_t n, double median)
{
	struct mp_quantile_ranks ranks = mp_quantile_ranks(n, 0.5, 0.95);
	struct mp_moments moments = mp_moments(sorted, n);
	struct mp_estimate e = { .n = n,
				 .value = median,
				 .level = ranks.level,
				 .cv = sqrt(moments.variance) / moments.mean };

	if (n == 1) {
		e.low = -INFINITY;
		e.high = INFINITY;
		return e;
	}
	if (!ranks.lower) { /* n < 6 */
		ranks = (struct mp_quantile_ranks){ 1, n, 0 };
		e.level = 1 - ldexp(1, 1 - (int)n);
	}
	e.low = sorted[ranks.lower - 1];
	e.high = sorted[ranks.upper - 1];
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

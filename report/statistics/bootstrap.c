/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Exact bootstrap of medians: see bootstrap.h. */
#include "report/statistics/bootstrap.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "results/stats.h"

/* Values nearer than this are one: (39.9 + 40.3) / 2 is 40.1. */
#define SAME 1e-13

void mp_law_done(struct mp_law *law)
{
	free(law->points);
	*law = (struct mp_law){ 0 };
}

double mp_law_mean(const struct mp_law *law)
{
	double mean = 0;

	for (size_t i = 0; i < law->n; i++)
		mean += law->points[i].p * law->points[i].value;
	return mean;
}

double mp_law_sd(const struct mp_law *law)
{
	double mean = mp_law_mean(law), squares = 0;

	for (size_t i = 0; i < law->n; i++)
		squares += law->points[i].p * (law->points[i].value - mean) *
			   (law->points[i].value - mean);
	return sqrt(squares);
}

double mp_law_quantile(const struct mp_law *law, double p)
{
	double sum = 0;

	for (size_t i = 0; i < law->n; i++) {
		sum += law->points[i].p;
		/* Probabilities that add up to p by hand may be a little below it here. */
		if (sum >= p - 1e-12)
			return law->points[i].value;
	}
	return law->n ? law->points[law->n - 1].value : NAN;
}

static int by_value(const void *a, const void *b)
{
	double x = ((const struct mp_law_point *)a)->value,
	       y = ((const struct mp_law_point *)b)->value;

	return (x > y) - (x < y);
}

/* Sorts, makes one point of equal values, and takes out what rounding left the sum away from 1. */
static void settle(struct mp_law *law)
{
	double sum = 0;
	size_t n = 0;

	qsort(law->points, law->n, sizeof(*law->points), by_value);
	for (size_t i = 0; i < law->n; i++) {
		struct mp_law_point *last = n ? &law->points[n - 1] : NULL;

		if (last && law->points[i].value - last->value <= SAME * fabs(last->value))
			last->p += law->points[i].p;
		else
			law->points[n++] = law->points[i];
	}
	law->n = n;
	for (size_t i = 0; i < n; i++)
		sum += law->points[i].p;
	for (size_t i = 0; i < n; i++)
		law->points[i].p /= sum;
}

/*
 * P(the middle value, or both middle values, of a resample are the i'th of n): at most (n - 1) / 2 draws fall below it
 * and as many above. A sum of multinomial probabilities, so nothing small comes out of a difference.
 */
static double middle(size_t n, size_t i)
{
	const double all = (double)n, low = (double)(i - 1) / all, high = (double)(n - i) / all;
	double sum = 0;

	for (size_t a = 0; a <= (n - 1) / 2; a++) {
		for (size_t c = 0; c <= (n - 1) / 2; c++) {
			double b = (double)(n - a - c);

			sum += exp(lgamma(all + 1) - lgamma((double)a + 1) - lgamma(b + 1) -
				   lgamma((double)c + 1) - b * log(all)) *
			       pow(low, (double)a) * pow(high, (double)c);
		}
	}
	return sum;
}

/* P(the two middle values of an even n are the i'th and the j'th, i < j): half of the draws are at most the i'th and
 * reach it, the other half at least the j'th and reach that. */
static double straddle(size_t n, size_t i, size_t j)
{
	const double all = (double)n, half = all / 2;
	double low = pow((double)i / all, half) - pow((double)(i - 1) / all, half);
	double high = pow((double)(n - j + 1) / all, half) - pow((double)(n - j) / all, half);

	return exp(lgamma(all + 1) - 2 * lgamma(half + 1)) * low * high;
}

int mp_bootstrap_median(const double *values, size_t n, struct mp_law *ret_law)
{
	struct mp_law law = { 0 };
	double sorted[MP_BOOTSTRAP_MOST];

	if (!n || n > MP_BOOTSTRAP_MOST)
		return -EINVAL;
	for (size_t i = 0; i < n; i++)
		if (!isfinite(values[i]))
			return -EINVAL;
	law.points = calloc(n * (n + 1) / 2, sizeof(*law.points));
	if (!law.points)
		return -ENOMEM;
	memcpy(sorted, values, n * sizeof(*sorted));
	mp_median(sorted, n); /* which leaves them in order */
	for (size_t i = 1; i <= n; i++) {
		law.points[law.n++] = (struct mp_law_point){ sorted[i - 1], middle(n, i) };
		for (size_t j = i + 1; j <= n && n % 2 == 0; j++)
			law.points[law.n++] =
				(struct mp_law_point){ (sorted[i - 1] + sorted[j - 1]) / 2,
						       straddle(n, i, j) };
	}
	settle(&law);
	*ret_law = law;
	return 0;
}

/* Every value of one law over every value of the other. */
static int divide(const struct mp_law *x, const struct mp_law *y, struct mp_law *ret_law)
{
	struct mp_law law = { .points = calloc(x->n * y->n, sizeof(*law.points)) };

	if (!law.points)
		return -ENOMEM;
	for (size_t i = 0; i < x->n; i++)
		for (size_t j = 0; j < y->n; j++)
			law.points[law.n++] = (struct mp_law_point){
				y->points[j].value / x->points[i].value,
				x->points[i].p * y->points[j].p,
			};
	settle(&law);
	*ret_law = law;
	return 0;
}

int mp_bootstrap_ratio(const double *x, size_t n, const double *y, size_t m, struct mp_law *ret_law)
{
	struct mp_law of_x = { 0 }, of_y = { 0 };
	int rc = mp_bootstrap_median(x, n, &of_x);

	if (!rc)
		rc = mp_bootstrap_median(y, m, &of_y);
	if (!rc && (of_x.points[0].value <= 0 || of_y.points[0].value <= 0))
		rc = -EINVAL;
	if (!rc)
		rc = divide(&of_x, &of_y, ret_law);
	mp_law_done(&of_x);
	mp_law_done(&of_y);
	return rc;
}

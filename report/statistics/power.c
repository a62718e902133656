/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a comparison could have found: quantiles and the smallest detectable change, see rank.h. */
#include "report/statistics/rank.h"

#include <math.h>

#define POWER 0.8

/* Rational start (Abramowitz and Stegun 26.2.23, error 4.5e-4), then Newton on erfc. */
double mp_rank_normal_quantile(double p)
{
	double tail = p < 0.5 ? p : 1 - p;
	double t, z;

	if (!(p > 0 && p < 1))
		return p <= 0 ? -INFINITY : INFINITY;
	t = sqrt(-2 * log(tail));
	z = t - (2.515517 + t * (0.802853 + t * 0.010328)) /
			(1 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
	for (int i = 0; i < 4; i++) {
		double excess = 0.5 * erfc(z * M_SQRT1_2) - tail;
		double density = exp(-z * z / 2) / sqrt(2 * M_PI);

		z += excess / density;
	}
	return p < 0.5 ? -z : z;
}

double mp_rank_t_quantile(double tail, double df)
{
	double p = 2 * tail, a, b, c, d, y;

	if (df == 1)
		return 1 / tan(p * M_PI_2);
	if (df == 2)
		return sqrt(2 / (p * (2 - p)) - 2);
	a = 1 / (df - 0.5);
	b = 48 / (a * a);
	c = ((20700 * a / b - 98) * a - 16) * a + 96.36;
	d = ((94.5 / (b + c) - 3) / b + 1) * sqrt(a * M_PI_2) * df;
	y = pow(d * p, 2 / df);
	if (y > 0.05 + a) {
		double x = mp_rank_normal_quantile(tail);

		y = x * x;
		if (df < 5)
			c += 0.3 * (df - 4.5) * (x + 0.6);
		c += (((0.05 * d * x - 5) * x - 7) * x - 2) * x + b;
		y = (((((0.4 * y + 6.3) * y + 36) * y + 94.5) / c - y - 3) / b + 1) * x;
		y = expm1(a * y * y);
	} else {
		y = ((1 / (((df + 6) / (df * y) - 0.089 * d - 0.822) * (df + 2) * 3) +
		      0.5 / (df + 4)) *
			     y -
		     1) * (df + 1) /
			    (df + 2) +
		    1 / y;
	}
	return sqrt(df * y);
}

double mp_rank_detectable(double sd, double alpha, size_t n, size_t m)
{
	double df;

	if (!n || !m || n + m < 3 || mp_rank_smallest_p(n, m) > alpha)
		return INFINITY;
	df = (double)(n + m - 2);
	return (mp_rank_t_quantile(alpha / 2, df) + mp_rank_t_quantile(1 - POWER, df)) * sd *
	       sqrt(1 / (double)n + 1 / (double)m);
}

size_t mp_rank_needed(double sd, double alpha, double change, size_t most)
{
	size_t low = 1, high = most; /* low is not enough, high is */

	if (!(mp_rank_detectable(sd, alpha, most, most) <= change))
		return 0;
	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (mp_rank_detectable(sd, alpha, middle, middle) <= change)
			high = middle;
		else
			low = middle;
	}
	return high;
}

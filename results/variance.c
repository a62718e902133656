/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Variance of blocks and of invocations: see variance.h. */
#include "results/variance.h"

#include <math.h>

struct mp_moments mp_moments(const double *values, size_t n)
{
	struct mp_moments m = { .n = n, .mean = NAN, .variance = NAN };
	double sum = 0, squares = 0;

	if (!n)
		return m;
	for (size_t i = 0; i < n; i++)
		sum += values[i];
	m.mean = sum / (double)n;
	/* What the rounding of the sum left over goes back into the mean, and is no variance. */
	sum = 0;
	for (size_t i = 0; i < n; i++) {
		double away = values[i] - m.mean;

		sum += away;
		squares += away * away;
	}
	if (n > 1)
		m.variance = fmax(0, squares - sum * sum / (double)n) / (double)(n - 1);
	m.mean += sum / (double)n;
	return m;
}

/* The moments of the invocations' means, added up as they come (Welford 1962). */
static void add_mean(struct mp_variance *v, double *squares, double mean)
{
	double away = mean - v->mean;

	v->n++;
	v->mean += away / (double)v->n;
	*squares += away * (mean - v->mean);
}

struct mp_variance mp_variance(const struct mp_moments *invocations, size_t n)
{
	struct mp_variance v = { 0 };
	double inside = 0, freedom = 0, inverse = 0, squares = 0, between;

	for (size_t i = 0; i < n; i++) {
		const struct mp_moments *one = &invocations[i];

		if (!one->n)
			continue;
		add_mean(&v, &squares, one->mean);
		inverse += 1 / (double)one->n;
		if (one->n > 1) {
			inside += (double)(one->n - 1) * one->variance;
			freedom += (double)(one->n - 1);
		}
	}
	if (!v.n)
		v.mean = NAN;
	v.blocks = v.n ? (double)v.n / inverse : NAN;
	v.within = freedom > 0 ? inside / freedom : NAN;
	v.means = v.n > 1 ? squares / (double)(v.n - 1) : NAN;
	between = v.means - v.within / v.blocks;
	v.between = between < 0 ? 0 : between; /* and not fmax(), which loses a NaN */
	v.icc = between / (between + v.within);
	return v;
}

double mp_variance_blocks(const struct mp_variance *v, double c1, double c2)
{
	double ratio = c2 / c1 * v->within / v->between;

	/* No variance at all: one block says everything. */
	if (v->within == 0)
		return 1;
	return ratio < 1 ? 1 : ceil(sqrt(ratio));
}

double mp_variance_design_effect(const struct mp_variance *v)
{
	return 1 + (v->blocks - 1) * v->icc;
}

double mp_variance_error(const struct mp_variance *v, double n, double k)
{
	return sqrt((v->between + v->within / k) / n);
}

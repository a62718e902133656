/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Quantiles and their intervals: see quantile.h. */
#include "results/quantile.h"

#include <math.h>

/* P(Bin(n, p) = k). lgamma() because C(n, k) and p^n leave the range of a double. */
static double binomial(size_t n, size_t k, double p)
{
	double a = (double)k, b = (double)(n - k);

	if (p <= 0 || p >= 1)
		return (p <= 0 ? k == 0 : k == n);
	return exp(lgamma((double)n + 1) - lgamma(a + 1) - lgamma(b + 1) + a * log(p) +
		   b * log1p(-p));
}

/* P(Bin(n, p) <= k) by its smaller tail, so that a small probability is no difference of large ones. */
double mp_binomial_cdf(double k, size_t n, double p)
{
	double sum = 0;

	if (k < 0)
		return 0;
	if (k >= (double)n)
		return 1;
	if (k < (double)n * p) {
		for (size_t i = (size_t)k + 1; i-- > 0;)
			sum += binomial(n, i, p);
		return fmin(1, sum);
	}
	for (size_t i = (size_t)k + 1; i <= n; i++)
		sum += binomial(n, i, p);
	return fmax(0, 1 - sum);
}

struct mp_quantile_ranks mp_quantile_ranks(size_t n, double p, double confidence)
{
	struct mp_quantile_ranks r = { .level = NAN };
	double most = (1 - confidence) / 2, below = 0, above = 0, next;

	while (r.lower < n && (next = below + binomial(n, r.lower, p)) <= most) {
		below = next;
		r.lower++;
	}
	/* Counted from the top, until it is turned into a rank. */
	while (r.upper < n && (next = above + binomial(n, n - r.upper, p)) <= most) {
		above = next;
		r.upper++;
	}
	r.upper = r.upper ? n + 1 - r.upper : 0;
	if (r.lower && r.upper)
		r.level = 1 - below - above;
	return r;
}

double mp_quantile(const double *sorted, size_t n, double p, enum mp_quantile_type type)
{
	/* What rounding adds to p n must not become another rank. */
	const double slack = 4 * 0x1p-52 * (double)n;
	double at;
	size_t rank;

	if (!n)
		return NAN;
	if (type == MP_QUANTILE_RANK)
		at = ceil((double)n * p - slack);
	else if (type == MP_QUANTILE_WEIBULL)
		at = (double)(n + 1) * p;
	else
		at = 1 + (double)(n - 1) * p;
	at = fmin(fmax(at, 1), (double)n);
	rank = (size_t)at;
	if (rank == n)
		return sorted[n - 1];
	return sorted[rank - 1] + (at - (double)rank) * (sorted[rank] - sorted[rank - 1]);
}

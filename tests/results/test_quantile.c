/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Quantiles and their ranks by their definitions; R's numbers are in tests/report/test_vectors.c. */
#include "results/quantile.h"

#include "tests/results/support.h"

/* P(Bin(n, p) <= k) by every outcome of n draws. */
static double by_outcomes(int k, unsigned n, double p)
{
	double sum = 0;

	for (unsigned set = 0; set < 1u << n; set++) {
		int hits = __builtin_popcount(set);

		if (hits <= k)
			sum += pow(p, hits) * pow(1 - p, (int)n - hits);
	}
	return sum;
}

static void test_binomial(void **state)
{
	static const double shares[] = { 0, 0.01, 0.3, 0.5, 0.99, 1 };

	(void)state;
	for (unsigned n = 0; n <= 9; n++)
		for (size_t i = 0; i < sizeof(shares) / sizeof(shares[0]); i++)
			for (int k = -1; k <= (int)n + 1; k++)
				assert_near(mp_binomial_cdf(k, n, shares[i]),
					    by_outcomes(k, n, shares[i]), 1e-13);
	/* A tail far below what a difference from 1 could show. */
	assert_near(mp_binomial_cdf(10, 1000, 0.5) / 2.4833387914896352e-278, 1, 1e-10);
}

/* Each rank is within its miss, and the next one is not. */
static void test_ranks(void **state)
{
	static const double shares[] = { 0.1, 0.5, 0.9, 0.99 };

	(void)state;
	for (size_t n = 0; n <= 400; n += n < 12 ? 1 : 97) {
		for (size_t i = 0; i < sizeof(shares) / sizeof(shares[0]); i++) {
			struct mp_quantile_ranks r = mp_quantile_ranks(n, shares[i], 0.95);
			double p = shares[i];

			assert_true(mp_binomial_cdf((double)r.lower - 1, n, p) <= 0.025);
			if (r.lower < n)
				assert_true(mp_binomial_cdf((double)r.lower, n, p) > 0.025);
			if (r.upper)
				assert_true(1 - mp_binomial_cdf((double)r.upper - 1, n, p) <=
					    0.025);
			assert_true(
				1 - mp_binomial_cdf((double)(r.upper ? r.upper - 1 : n) - 1, n, p) >
					0.025 ||
				!n);
			assert_true(isnan(r.level) == (!r.lower || !r.upper));
			assert_true(isnan(r.level) || r.level >= 0.95);
		}
	}
}

static void test_quantile(void **state)
{
	double x[101];

	(void)state;
	for (int i = 0; i < 101; i++)
		x[i] = i + 1;
	/* Every per cent of 100 values has its rank, whatever p n is rounded to (0.07 times 100 is above 7). */
	for (int i = 1; i <= 100; i++)
		assert_near(mp_quantile(x, 100, i / 100.0, MP_QUANTILE_RANK), i, 0);
	for (int i = 0; i <= 100; i++)
		assert_near(mp_quantile(x, 101, i / 100.0, MP_QUANTILE_LINEAR), i + 1, 1e-12);
	assert_near(mp_quantile(x, 100, 0.071, MP_QUANTILE_RANK), 8, 0);
	assert_near(mp_quantile(x, 4, 0.5, MP_QUANTILE_WEIBULL), 2.5, 1e-15);
	assert_near(mp_quantile(x, 4, 0.05, MP_QUANTILE_WEIBULL), 1, 0);
	assert_near(mp_quantile(x, 4, 0.95, MP_QUANTILE_WEIBULL), 4, 0);
	assert_near(mp_quantile(x, 1, 0.3, MP_QUANTILE_LINEAR), 1, 0);
	assert_true(isnan(mp_quantile(x, 0, 0.5, MP_QUANTILE_LINEAR)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_binomial),
		cmocka_unit_test(test_ranks),
		cmocka_unit_test(test_quantile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

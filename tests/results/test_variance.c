/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Variance of blocks and invocations: what it gives back of simulated truth, unequal blocks, and what is unknown. */
#include "results/variance.h"

#include "results/stats.h"
#include "tests/results/support.h"

/* Approximately normal: the sum of twelve uniforms, less six. */
static double normal(struct mp_random *r)
{
	double sum = -6;

	for (int i = 0; i < 12; i++)
		sum += (double)(mp_random_next(r) >> 11) * 0x1p-53;
	return sum;
}

/* Three invocations of 2, 2 and 4 blocks, by hand. */
static void test_by_hand(void **state)
{
	const double a[] = { 1, 3 }, b[] = { 5, 5 }, c[] = { 8, 10, 8, 10 };
	const struct mp_moments m[] = { mp_moments(a, 2), mp_moments(NULL, 0), mp_moments(b, 2),
					mp_moments(c, 4) };
	struct mp_variance v = mp_variance(m, 4);

	(void)state;
	assert_int_equal(v.n, 3);
	assert_near(v.mean, 16.0 / 3, 1e-14); /* 2, 5 and 9 */
	assert_near(v.means, 37.0 / 3, 1e-13);
	assert_near(v.within, 6.0 / 5, 1e-14); /* (2 + 0 + 4) / (1 + 1 + 3) */
	assert_near(v.blocks, 2.4, 1e-14); /* 3 / (1/2 + 1/2 + 1/4) */
	assert_near(v.between, 37.0 / 3 - 0.5, 1e-13);
	assert_near(v.icc, v.between / (v.between + 1.2), 1e-14);
	assert_near(mp_variance_blocks(&v, 1, 1000), 11, 0); /* sqrt(101.4) */
	assert_near(mp_variance_blocks(&v, 1, 1), 1, 0);
	assert_near(mp_variance_error(&v, 3, 2.4), sqrt(v.means / 3), 1e-14);
	assert_near(mp_variance_design_effect(&v), 1 + 1.4 * v.icc, 1e-14);
}

/*
 * Known variances come back on average, with as many blocks as each invocation happens to have. A k that were the
 * arithmetic mean would put the between variance off by S1 (1 / 4.509 - 1 / 11), 29 % here.
 */
static void test_unbiased(void **state)
{
	static const size_t blocks[] = { 2, 20, 3, 15, 30, 2, 5, 11 };
	enum { N = 8, TRIALS = 4000 };
	struct mp_random r = { 5 };
	double within = 0, means = 0, between = 0;

	(void)state;
	for (int trial = 0; trial < TRIALS; trial++) {
		struct mp_moments m[N];
		struct mp_variance v;

		for (size_t i = 0; i < N; i++) {
			double of = 100 + 2 * normal(&r), values[30];

			for (size_t k = 0; k < blocks[i]; k++)
				values[k] = of + 3 * normal(&r);
			m[i] = mp_moments(values, blocks[i]);
		}
		v = mp_variance(m, N);
		within += v.within / TRIALS;
		means += v.means / TRIALS;
		between += (v.means - v.within / v.blocks) / TRIALS;
	}
	assert_near(within, 9, 0.1);
	assert_near(between, 4, 0.15);
	assert_near(means, 4 + 9 / 4.509, 0.15);
}

/* Blocks of one variance and nothing between: cut off at 0, and one invocation is as good as many. */
static void test_no_between(void **state)
{
	const double a[] = { 1, 2, 3 }, b[] = { 3, 1, 2 };
	const struct mp_moments m[] = { mp_moments(a, 3), mp_moments(b, 3) };
	struct mp_variance v = mp_variance(m, 2);

	(void)state;
	assert_near(v.between, 0, 0);
	assert_near(v.icc, -0.5, 1e-14); /* the least there is with three blocks */
	assert_true(isinf(mp_variance_blocks(&v, 1, 1)));
}

static void test_unknown(void **state)
{
	const double a[] = { 1, 2, 3 }, same[] = { 4, 4 };
	struct mp_moments one[] = { mp_moments(a, 1), mp_moments(a + 1, 1) };
	struct mp_variance v = mp_variance(one, 0);

	(void)state;
	assert_int_equal(v.n, 0);
	assert_true(isnan(v.mean) && isnan(v.within) && isnan(v.means) && isnan(v.between) &&
		    isnan(v.icc) && isnan(v.blocks));
	/* Nothing is known inside an invocation of one block. */
	v = mp_variance(one, 2);
	assert_near(v.means, 0.5, 1e-15);
	assert_true(isnan(v.within) && isnan(v.between) && isnan(v.icc));
	assert_true(isnan(mp_variance_blocks(&v, 1, 10)));
	/* Nothing is known of others with one invocation. */
	one[0] = mp_moments(a, 3);
	v = mp_variance(one, 1);
	assert_near(v.within, 1, 1e-15);
	assert_true(isnan(v.means) && isnan(v.between));
	/* No variance anywhere: known, and one block is enough. */
	one[0] = one[1] = mp_moments(same, 2);
	v = mp_variance(one, 2);
	assert_true(v.within == 0 && v.means == 0 && v.between == 0 && isnan(v.icc));
	assert_near(mp_variance_blocks(&v, 1, 10), 1, 0);
}

/* A thousandth of a millionth of variation on a large value is not lost. */
static void test_moments(void **state)
{
	const double share = 500.0 / 1001; /* of values one above the others */
	double values[1001];
	struct mp_moments m;

	(void)state;
	for (size_t i = 0; i < 1000; i++)
		values[i] = 1e9 + (double)(i % 2);
	m = mp_moments(values, 1000);
	assert_near(m.mean, 1e9 + 0.5, 0);
	assert_near(m.variance, 250.0 / 999, 1e-12);
	/* Here the mean itself is rounded, by up to an eighth. */
	for (size_t i = 0; i < 1001; i++)
		values[i] = 1e15 + (double)(i % 2);
	m = mp_moments(values, 1001);
	assert_near(m.mean, 1e15 + share, 0.125);
	assert_near(m.variance, 1.001 * share * (1 - share), 1e-9);
	values[0] = 1e9;
	m = mp_moments(values, 1);
	assert_near(m.mean, 1e9, 0);
	assert_true(isnan(m.variance));
	assert_true(isnan(mp_moments(values, 0).mean));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_by_hand),	   cmocka_unit_test(test_unbiased),
		cmocka_unit_test(test_no_between), cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_moments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

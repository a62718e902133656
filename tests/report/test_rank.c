/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rank statistics against brute force, and the inputs that break naive ones; test_vectors.c has R's numbers. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/random.h"
#include "report/statistics/power.h"
#include "report/statistics/select.h"
#include "report/statistics/special.h"
#include "results/stats.h"

static void near(const char *what, double got, double want, double relative)
{
	if (!(fabs(got - want) <= relative * fabs(want) + 1e-300))
		fail_msg("%s: %.17g, expected %.17g", what, got, want);
}

/* The conditional distribution with ties by brute force: every way to deal the pooled midranks. */
static void test_ties_brute_force(void **state)
{
	struct mp_rank rank = { 0 };
	struct mp_random r = { 3 };

	(void)state;
	for (unsigned trial = 0; trial < 300; trial++) {
		unsigned n = 1 + (unsigned)mp_random_below(&r, 6),
			 m = 1 + (unsigned)mp_random_below(&r, 6);
		double v[12], ranks[12], seen = 0, below = 0, above = 0, total = 0;
		struct mp_rank_test t;

		for (unsigned i = 0; i < n + m; i++)
			v[i] = (double)mp_random_below(&r, 4);
		assert_int_equal(mp_rank_midranks(v, n + m, ranks), 0);
		for (unsigned i = n; i < n + m; i++)
			seen += ranks[i];
		for (unsigned set = 0; set < 1u << (n + m); set++) {
			double sum = 0;

			if ((unsigned)__builtin_popcount(set) != m)
				continue;
			for (unsigned i = 0; i < n + m; i++)
				sum += set >> i & 1 ? ranks[i] : 0;
			total++;
			below += sum <= seen;
			above += sum >= seen;
		}
		assert_int_equal(mp_rank_test(&rank, v, n, v + n, m, &t), 0);
		assert_true(t.exact);
		near("p", t.p, fmin(1, 2 * fmin(below, above) / total), 1e-13);
	}
	mp_rank_done(&rank);
}

/* The whole distribution by brute force: every way to choose the ranks of y. */
static void test_table_brute_force(void **state)
{
	struct mp_rank rank = { 0 };

	(void)state;
	for (unsigned n = 1; n <= 7; n++) {
		for (unsigned m = 1; m <= 7; m++) {
			unsigned long count[50] = { 0 }, total = 0, sum = 0;

			for (unsigned set = 0; set < 1u << (n + m); set++) {
				unsigned u = 0, below = 0;

				if ((unsigned)__builtin_popcount(set) != m)
					continue;
				for (unsigned i = 0; i < n + m; i++) {
					if (set >> i & 1)
						u += below;
					else
						below++;
				}
				count[u]++;
				total++;
			}
			for (unsigned u = 0; u <= n * m; u++) {
				double p;

				sum += count[u];
				assert_int_equal(mp_rank_lower_tail(&rank, n, m, u, &p), 0);
				near("tail", p, (double)sum / (double)total, 1e-13);
			}
		}
	}
	mp_rank_done(&rank);
}

/* Exact and approximate p meet where the exact one ends, and the largest table is a distribution. */
static void test_largest(void **state)
{
	struct mp_rank rank = { 0 };
	struct mp_random r = { 7 };
	struct mp_rank_test exact, normal;
	double x[51], y[51], p, before = 0;

	(void)state;
	for (int i = 0; i < 51; i++) {
		x[i] = (double)mp_random_below(&r, 1u << 30);
		y[i] = (double)mp_random_below(&r, 1u << 30) + (1u << 28);
	}
	assert_int_equal(mp_rank_test(&rank, x, 50, y, 50, &exact), 0);
	assert_int_equal(mp_rank_test(&rank, x, 51, y, 50, &normal), 0);
	assert_true(exact.exact);
	assert_false(normal.exact);
	assert_true(exact.p > 0 && normal.p > 0);
	for (int u = 0; u <= 2500; u++) {
		assert_int_equal(mp_rank_lower_tail(&rank, 50, 50, u, &p), 0);
		assert_true(p > before || p == 1);
		before = p;
	}
	assert_int_equal(mp_rank_lower_tail(&rank, 50, 50, 0, &p), 0);
	near("first", p, 1 / 100891344545564193334812497256.0, 1e-12); /* 1 / C(100, 50) */
	near("whole", before, 1, 1e-12);
	mp_rank_done(&rank);
}

static void test_levels(void **state)
{
	static const double x[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 };
	struct mp_rank rank = { 0 };
	struct mp_rank_ratio r;

	(void)state;
	assert_int_equal(mp_rank_ratio(&rank, x, 4, x, 4, 0.05, &r), 0);
	near("4", r.level, 1 - 2.0 / 70, 1e-12); /* the range of all differences */
	assert_int_equal(mp_rank_ratio(&rank, x, 3, x, 3, 0.05, &r), 0);
	near("3", r.level, 0.9, 1e-12); /* too few for 95 % */
	assert_int_equal(mp_rank_ratio(&rank, x, 10, x, 10, 0.05, &r), 0);
	assert_true(r.level >= 0.95 && r.level < 0.96);
	mp_rank_done(&rank);
}

static void test_midranks(void **state)
{
	static const double values[] = { 3, 1, 3, 2, 3 }, want[] = { 4, 1, 4, 2, 4 };
	double got[5];

	(void)state;
	assert_int_equal(mp_rank_midranks(values, 5, got), 0);
	for (int i = 0; i < 5; i++)
		assert_true(got[i] == want[i]);
	assert_int_equal(mp_rank_midranks(values, 0, got), 0);
}

static void test_degenerate(void **state)
{
	static const double one[] = { 5 }, same[] = { 7, 7, 7, 7, 7, 7, 7, 7 }, nan[] = { 1, NAN },
			    zero[] = { 1, 0 }, inf[] = { 1, INFINITY };
	const double far[] = { 1e300,  1e300,  1e300,  1e300,  1e300,  1e300,  1e300,  1e300,
			       1e-300, 1e-300, 1e-300, 1e-300, 1e-300, 1e-300, 1e-300, 1e-300 };
	struct mp_rank rank = { 0 };
	struct mp_rank_test t;
	struct mp_rank_ratio r;

	(void)state;
	assert_int_equal(mp_rank_test(&rank, one, 0, one, 1, &t), -EINVAL);
	assert_int_equal(mp_rank_test(&rank, one, 1, one, 0, &t), -EINVAL);
	assert_int_equal(mp_rank_test(&rank, nan, 2, one, 1, &t), -EINVAL);
	assert_int_equal(mp_rank_test(&rank, one, 1, inf, 2, &t), -EINVAL);
	assert_int_equal(mp_rank_ratio(&rank, one, 1, zero, 2, 0.05, &r), -EINVAL);
	assert_int_equal(mp_rank_ratio(&rank, one, 0, one, 1, 0.05, &r), -EINVAL);
	/* A ratio that no number holds. */
	assert_int_equal(mp_rank_ratio_invocations(&rank, far, 8, far + 8, 8, 0.05, &r), 0);
	assert_true(r.ratio > 0 && r.low > 0 && r.low <= r.ratio && r.ratio <= r.high);
	assert_int_equal(mp_rank_ratio_invocations(&rank, far + 8, 8, far, 8, 0.05, &r), 0);
	assert_true(isfinite(r.high) && r.low <= r.ratio && r.ratio <= r.high);

	assert_int_equal(mp_rank_test(&rank, one, 1, one, 1, &t), 0);
	assert_true(t.p == 1 && t.delta == 0 && t.all_equal);
	assert_int_equal(mp_rank_ratio(&rank, one, 1, one, 1, 0.05, &r), 0);
	assert_true(r.ratio == 1 && r.low == 1 && r.high == 1 && r.level == 0);
	assert_int_equal(mp_rank_ratio(&rank, same, 8, same, 8, 0.05, &r), 0);
	assert_true(r.ratio == 1 && r.low == 1 && r.high == 1);
	/* No variance, but a difference: complete separation although everything is tied. */
	assert_int_equal(mp_rank_test(&rank, same, 8, (double[]){ 8, 8, 8, 8, 8, 8, 8, 8 }, 8, &t),
			 0);
	near("separated", t.p, 2.0 / 12870, 1e-12);
	assert_true(t.delta == 1);
	/* Many of both: the normal branch with every tie there is. */
	{
		double many[60], more[60];
		for (int i = 0; i < 60; i++) {
			many[i] = 1 + (i & 1);
			more[i] = 1 + (i & 1);
		}
		assert_int_equal(mp_rank_test(&rank, many, 60, more, 60, &t), 0);
		assert_true(t.p == 1);
		assert_int_equal(mp_rank_ratio(&rank, many, 60, more, 60, 0.05, &r), 0);
		assert_true(r.low <= 1 && r.high >= 1 && r.level > 0.94 && r.level < 0.96);
	}
	mp_rank_done(&rank);
}

/* The rank test's own limit stands before the power (which tests/report/test_power.c proves). */
static void test_detectable(void **state)
{
	struct mp_rank rank = { 0 };
	size_t n;

	(void)state;
	assert_true(isinf(mp_power_detectable(&rank, 0.02, 0.05, 3, 3)));
	assert_true(isinf(mp_power_detectable(&rank, 0.02, 0.05, 0, 9)));
	assert_true(isinf(mp_power_detectable(&rank, 0.02, 0.05 / 300, 7, 7)));
	near("twice", mp_power_detectable(&rank, 0.04, 0.05, 8, 8),
	     2 * mp_power_detectable(&rank, 0.02, 0.05, 8, 8), 1e-12);
	assert_int_equal(mp_power_needed(&rank, 0.02, 0.05 / 300, 0.5, 1000), 8);
	assert_int_equal(mp_power_needed(&rank, 0.02, 0.05, 1e-9, 1000), 0);
	n = mp_power_needed(&rank, 0.05, 0.05, 0.02, 1000);
	assert_true(mp_power_detectable(&rank, 0.05, 0.05, n, n) <= 0.02);
	assert_true(mp_power_detectable(&rank, 0.05, 0.05, n - 1, n - 1) > 0.02);
	assert_true(isnan(mp_power_change(&rank, 0.05, 0.05, 1, 1)));
	mp_rank_done(&rank);
}

/* Of invocations, which drift: as much further out as the level, one of a few, leaves to be. */
static void test_drift(void **state)
{
	const double x[] = { 1, 2, 4, 8, 16 }, y[] = { 3, 5, 7, 9, 11 };
	struct mp_rank rank = { 0 };

	(void)state;
	for (size_t n = 3; n <= 5; n += 2) {
		struct mp_rank_ratio exact, wide;
		double width;

		assert_int_equal(mp_rank_ratio(&rank, x, n, y, n, 0.05, &exact), 0);
		assert_int_equal(mp_rank_ratio_invocations(&rank, x, n, y, n, 0.05, &wide), 0);
		assert_true(wide.ratio == exact.ratio && wide.level == fmin(exact.level, 0.95));
		/* three a side have 90 %, five 96.8 %, for which a normal one is 1.095 times as wide as for 95 % */
		width = n == 3 ? MP_DRIFT_WIDTH : 1;
		assert_true(fabs(log(wide.low / wide.ratio) -
				 width * log(exact.low / exact.ratio)) < 1e-12);
		assert_true(fabs(log(wide.high / wide.ratio) -
				 width * log(exact.high / exact.ratio)) < 1e-12);
		assert_true(n == 5 || wide.high > exact.high);
	}
	mp_rank_done(&rank);
}

/* Coverage of the ratio's interval at n = 10 on lognormal values: between 0.93 and 0.98. */
static void test_coverage(void **state)
{
	struct mp_rank rank = { 0 };
	struct mp_random r = { 20 };
	unsigned covered = 0, trials = 2000;

	(void)state;
	for (unsigned t = 0; t < trials; t++) {
		struct mp_rank_ratio ratio;
		double v[20];

		for (int i = 0; i < 20; i++) {
			double u = ((double)(mp_random_next(&r) >> 11) + 0.5) * 0x1p-53;

			v[i] = exp(0.02 * mp_special_normal_quantile(u));
		}
		assert_int_equal(mp_rank_ratio(&rank, v, 10, v + 10, 10, 0.05, &ratio), 0);
		covered += ratio.low <= 1 && 1 <= ratio.high;
	}
	assert_true(covered >= 0.93 * trials && covered <= 0.98 * trials);
	mp_rank_done(&rank);
}

/* Every rank of arrays with ties, far values and nothing but one value is that of the sorted array. */
static void test_select(void **state)
{
	struct mp_random r = { 11 };

	(void)state;
	for (unsigned trial = 0; trial < 2000; trial++) {
		size_t n = 1 + mp_random_below(&r, 200);
		double v[200], sorted[200], room[200];
		uint8_t where[200];
		struct mp_select select;

		for (size_t i = 0; i < n; i++) {
			v[i] = (double)mp_random_below(&r, trial % 3 ? 1u << 20 : 5) - 2;
			if (trial % 7 == 0 && i % 50 == 0)
				v[i] *= 1e12;
			if (trial % 11 == 0)
				v[i] = 0.25;
		}
		memcpy(sorted, v, sizeof(v));
		mp_sort(sorted, n);
		mp_select_deal(v, n, sorted[0], sorted[n - 1], room, where, &select);
		for (size_t i = 0; i < n; i++) {
			size_t k = (i * 7919) % n;

			assert_true(mp_select_rank(&select, k) == sorted[k]);
		}
	}
}

/* As the definition says, rank by rank: adjusted p is the least p_j m / j of those at least as large. */
static void test_adjust_definition(void **state)
{
	enum { N = 500 };
	struct mp_random r = { 5 };
	double p[N], sorted[N], adjusted[N];

	(void)state;
	for (size_t i = 0; i < N; i++) {
		p[i] = (double)mp_random_below(&r, 1u << 30) / (1u << 30);
		p[i] = i % 3 ? p[i] : i % 2 ? floor(p[i] * 20) / 20 : p[i] * 1e-12;
	}
	p[7] = 0;
	p[8] = 1;
	memcpy(sorted, p, sizeof(p));
	mp_sort(sorted, N);
	assert_int_equal(mp_rank_adjust(p, N, 2 * N, adjusted), 0);
	for (size_t i = 0; i < N; i++) {
		double least = 1;

		for (size_t k = 0; k < N; k++) {
			if (sorted[k] >= p[i])
				least = fmin(least, sorted[k] * 2 * N / (double)(k + 1));
		}
		assert_true(adjusted[i] == least);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_select),
		cmocka_unit_test(test_adjust_definition),
		cmocka_unit_test(test_ties_brute_force),
		cmocka_unit_test(test_table_brute_force),
		cmocka_unit_test(test_largest),
		cmocka_unit_test(test_levels),
		cmocka_unit_test(test_midranks),
		cmocka_unit_test(test_degenerate),
		cmocka_unit_test(test_drift),
		cmocka_unit_test(test_detectable),
		cmocka_unit_test(test_coverage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

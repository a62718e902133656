/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The change that is said to be detectable, planted, is found with the stated probability, by the interval that
 * comparisons call changes by; so is one of twice the threshold by the stated number of invocations.
 *
 *	report_test_power [TRIALS]	prints the shares; 2,000 trials each without an argument
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/random.h"
#include "report/statistics/power.h"
#include "report/statistics/special.h"

#define SD     0.02
#define STATED 0.8
#define MOST   40 /* invocations */
#define SLACK  0.02 /* of the formula */

static unsigned trials = 2000;
static bool print;

static void draw(struct mp_random *r, double centre, double sd, double *values, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		double u = ((double)(mp_random_next(r) >> 11) + 0.5) * 0x1p-53;

		values[i] = centre * exp(sd * mp_special_normal_quantile(u));
	}
}

/* Share of comparisons of n and m values, y `factor` times x, whose interval lies beyond `far`. */
static double found(struct mp_rank *rank, double sd, double alpha, size_t n, size_t m,
		    double factor, double far)
{
	struct mp_random r = { n };
	unsigned hits = 0;

	for (unsigned t = 0; t < trials; t++) {
		double x[MOST], y[MOST];
		struct mp_rank_ratio ratio;

		draw(&r, 1, sd, x, n);
		draw(&r, factor, sd, y, m);
		assert_int_equal(mp_rank_ratio_invocations(rank, x, n, y, m, alpha, &ratio), 0);
		hits += ratio.low > far;
	}
	return (double)hits / trials;
}

static void expect(const char *what, size_t n, size_t m, double alpha, double share)
{
	double slack = SLACK + 3 * sqrt(STATED * (1 - STATED) / trials);

	if (print)
		printf("%-10s %2zu and %2zu values, alpha %-8.2g %.3f\n", what, n, m, alpha, share);
	if (fabs(share - STATED) > slack)
		fail_msg("%s, %zu and %zu values, alpha %g: found in %.1f %%", what, n, m, alpha,
			 share * 100);
}

static void test_detectable(void **state)
{
	static const size_t sizes[][2] = { { 5, 5 },  { 8, 8 },	  { 10, 10 },
					   { 8, 20 }, { 20, 20 }, { 40, 40 } };
	static const unsigned tests[] = { 1, 20, 300 };
	struct mp_rank rank = { 0 };

	(void)state;
	for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++) {
		for (size_t k = 0; k < sizeof(tests) / sizeof(tests[0]); k++) {
			size_t n = sizes[s][0], m = sizes[s][1];
			double alpha = 0.05 / tests[k];
			double change = mp_power_detectable(&rank, SD, alpha, n, m);

			if (isfinite(change))
				expect("detectable", n, m, alpha,
				       found(&rank, SD, alpha, n, m, exp(change), 1));
			else /* too few for the test, whatever the interval says */
				assert_true(mp_rank_smallest_p(n, m) > alpha);
		}
	}
	mp_rank_done(&rank);
}

static void test_needed(void **state)
{
	const double alpha = 0.05 / 20, far = 1.05, sd = 0.04;
	struct mp_rank rank = { 0 };
	size_t n;

	(void)state;
	n = mp_power_needed(&rank, sd, alpha, log(1.1 / far), 1000);
	assert_true(n > 10 && n <= MOST);
	expect("needed", n, n, alpha, found(&rank, sd, alpha, n, n, 1.1, far));
	mp_rank_done(&rank);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_detectable),
		cmocka_unit_test(test_needed),
	};

	print = argc > 1;
	if (print)
		trials = (unsigned)strtoul(argv[1], NULL, 10);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

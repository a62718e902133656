/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The noise floor: the bound of a few values known by hand, and that it covers the next difference as often as it says. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "report/compare/floor.h"
#include "tests/report/side_made.h"

static void test_bound(void **state)
{
	static const double logs[] = { 0, 0.01, -0.01, 0 }, equal[] = { 3, 3, 3, 3, 3 };

	(void)state;
	/* sd 0.0081650, t(0.975, 3) 3.1824463 */
	assert_true(fabs(mp_floor_learned(logs, 4).value - 0.0374319) < 1e-6);
	assert_true(isnan(mp_floor_learned(logs, 3).value));
	assert_true(isnan(mp_floor_learned(NULL, 0).value));
	assert_true(mp_floor_learned(equal, 5).value == 0);
}

/* Two more runs differ by less with probability 0.95, with few runs and with many. */
static void test_coverage(void **state)
{
	struct mp_random r = { 7 };

	(void)state;
	for (size_t n = 4; n <= MP_FLOOR_RUNS; n += 8) {
		unsigned inside = 0;

		for (int trial = 0; trial < 4000; trial++) {
			double values[MP_FLOOR_RUNS + 2];

			made_draw(&r, 1, 0.01, values, n + 2);
			for (size_t i = 0; i < n + 2; i++)
				values[i] = log(values[i]);
			inside += fabs(values[n] - values[n + 1]) <=
				  log1p(mp_floor_learned(values, n).value);
		}
		if (inside < 0.94 * 4000 || inside > 0.96 * 4000)
			fail_msg("%u of 4000 inside with %zu runs", inside, n);
	}
}

/* 0.05 at the floor itself, in both directions; with nothing changed it is below 0.01 in one of a hundred pairs; and what is said to be
 * found at a level four times in five is. */
static void test_p(void **state)
{
	static const double equal[] = { 3, 3, 3, 3, 3 };
	struct mp_floor floor = mp_floor_learned(equal, 5);
	struct mp_random r = { 9 };
	unsigned rare = 0, found = 0;

	(void)state;
	assert_true(mp_floor_p(&floor, 1.001) == 0 && mp_floor_p(&floor, 1) == 1);
	/* What never differed says nothing of a step: the invocations do. */
	assert_true(fabs(mp_floor_called(&floor, 0.05, 0.01, 2) - 1.02) < 1e-9);
	floor = mp_floor_learned(NULL, 0);
	assert_true(isnan(mp_floor_p(&floor, 1.5)) && isinf(mp_floor_called(&floor, 0.05, 0, 1)));
	for (int trial = 0; trial < 20000; trial++) {
		double values[14], change;

		made_draw(&r, 1, 0.01, values, 14);
		for (size_t i = 0; i < 14; i++)
			values[i] = log(values[i]);
		floor = mp_floor_learned(values, 12);
		assert_true(fabs(mp_floor_p(&floor, 1 + floor.value) - 0.05) < 1e-9);
		assert_true(fabs(mp_floor_p(&floor, 1 / (1 + floor.value)) - 0.05) < 1e-9);
		change = values[12] - values[13];
		rare += mp_floor_p(&floor, exp(change)) <= 0.01;
		assert_true(mp_floor_called(&floor, 0.001, 5, 1) == 5);
		assert_true(fabs(mp_floor_called(&floor, 0.001, 0.01, 2) -
				 (1.01 * (1 + mp_floor_called(&floor, 0.001, 0, 1)) - 1)) < 1e-9);
		/* values scatter by 1 % */
		floor.deviation = 0.01 * sqrt(2);
		found += mp_floor_p(&floor, (1 + mp_floor_called(&floor, 0.001, 0, 1)) *
						    exp(change)) <= 0.001;
	}
	print_message("of 20000: %u rare, %u found\n", rare, found);
	assert_true(rare > 140 && rare < 260 && found > 15600 && found < 16400);
}

/* Code that became slower once is no noise, as soon as the step is known: three runs. A level that comes and goes is. */
static void test_step(void **state)
{
	unsigned narrow = 0, wide = 0, early = 0;
	struct mp_random r = { 8 };

	(void)state;
	for (int trial = 0; trial < 200; trial++) {
		double quiet[20], step[20], twice[20], young[20];

		made_draw(&r, 1, 0.01, quiet, 20);
		for (size_t i = 0; i < 20; i++) {
			quiet[i] = log(quiet[i]);
			step[i] = quiet[i] + (i >= 12 ? 0.15 : 0);
			twice[i] = quiet[i] + (i >= 8 && i < 14 ? 0.15 : 0);
			young[i] = quiet[i] + (i >= 18 ? 0.15 : 0);
		}
		narrow +=
			mp_floor_learned(step, 20).value < 1.2 * mp_floor_learned(quiet, 20).value;
		wide += mp_floor_learned(twice, 20).value > 0.1;
		early += mp_floor_learned(young, 20).value > 0.1;
	}
	print_message("of 200: %u narrow with a step, %u wide when a level comes and goes, %u wide "
		      "two runs after a step\n",
		      narrow, wide, early);
	assert_true(narrow >= 196 && wide == 200 && early >= 170);
}

/* More blocks take from what blocks scatter by, and not from what invocations differ by. */
static void test_scatter(void **state)
{
	struct mp_points_case c = {
		.cv = 0.03, .within = 0.01, .between = 0.0001, .block_ns = 1e6
	};

	(void)state;
	/* sqrt(0.0001 + 0.01 / 100), and / 400 */
	assert_true(fabs(mp_floor_scatter(&c, 100000000) - 0.0141421) < 1e-6);
	assert_true(fabs(mp_floor_scatter(&c, 400000000) - 0.0111803) < 1e-6);
	/* a block is the least */
	assert_true(fabs(mp_floor_scatter(&c, 1000) - 0.1004988) < 1e-6);
	assert_true(mp_floor_scatter(&c, 0) == 0.03);
	c.within = NAN;
	assert_true(mp_floor_scatter(&c, 100000000) == 0.03);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bound),	cmocka_unit_test(test_p),
		cmocka_unit_test(test_scatter), cmocka_unit_test(test_coverage),
		cmocka_unit_test(test_step),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

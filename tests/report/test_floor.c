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
	assert_true(fabs(mp_floor_bound(logs, 4) - 0.0374319) < 1e-6);
	assert_true(isnan(mp_floor_bound(logs, 3)));
	assert_true(isnan(mp_floor_bound(NULL, 0)));
	assert_true(mp_floor_bound(equal, 5) == 0);
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
			inside +=
				fabs(values[n] - values[n + 1]) <= log1p(mp_floor_bound(values, n));
		}
		if (inside < 0.94 * 4000 || inside > 0.96 * 4000)
			fail_msg("%u of 4000 inside with %zu runs", inside, n);
	}
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
		narrow += mp_floor_bound(step, 20) < 1.2 * mp_floor_bound(quiet, 20);
		wide += mp_floor_bound(twice, 20) > 0.1;
		early += mp_floor_bound(young, 20) > 0.1;
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
		cmocka_unit_test(test_bound),
		cmocka_unit_test(test_scatter),
		cmocka_unit_test(test_coverage),
		cmocka_unit_test(test_step),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

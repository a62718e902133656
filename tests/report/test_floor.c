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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bound),
		cmocka_unit_test(test_coverage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The fault family: clean as it stands; and spoilt, the check that is named notices. */
#include "tests/benchmarks/harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static void test_family_clean(void **state)
{
	(void)state;
	mp_harness_family_clean("fault");
}

static void test_family_skipped(void **state)
{
	(void)state;
	mp_harness_family_skipped("fault");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_family_clean),
		cmocka_unit_test(test_family_skipped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

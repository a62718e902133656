/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/benchmarks/harness.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
static void test_clean(void **state)
{
	(void)state;
	mp_harness_family_clean("munmap");
}
static void test_skipped(void **state)
{
	(void)state;
	mp_harness_family_skipped("munmap");
}
int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_clean), cmocka_unit_test(test_skipped) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}

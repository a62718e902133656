/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The process_madvise family: clean as it stands, in every mode; and spoilt in the ways that each check is there for, the
 * check of that name notices.
 */
#include "tests/benchmarks/harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <cmocka.h>

#include "benchmarks/support/advice.h"
#include "benchmarks/support/subject.h"

static void test_family_clean(void **state)
{
	(void)state;
	mp_harness_family_clean("process_madvise");
}

static void test_family_skipped(void **state)
{
	(void)state;
	mp_harness_family_skipped("process_madvise");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_family_clean),
		cmocka_unit_test(test_family_skipped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A case's text as options of a command line. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "common/case.h"

static void says(const char *text, const char *options)
{
	struct mp_str out = MP_STR_INIT;

	mp_str_add(&out, "run ");
	mp_case_options(text, &out);
	assert_string_equal(out.text, options);
	mp_str_done(&out);
}

static void test_options(void **state)
{
	(void)state;
	says("floor.loop", "run --bench floor.loop");
	says("mmap.anon/populate=no", "run --bench mmap.anon --set populate=no");
	says("brk.grow/outstanding=3/size=12K/vma=extend",
	     "run --bench brk.grow --set outstanding=3 --set size=12K --set vma=extend");
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_options) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}

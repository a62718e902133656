/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Units: what is read, what is refused, exact forms that read back, and the rounding of forms for people. */
#include "common/units.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "common/random.h"

static void test_size_parse(void **state)
{
	static const struct {
		const char *text;
		int rc;
		uint64_t bytes;
	} cases[] = {
		{ "0", 0, 0 },
		{ "1", 0, 1 },
		{ "4096", 0, 4096 },
		{ "4K", 0, 4096 },
		{ "2M", 0, 2097152 },
		{ "1G", 0, 1073741824 },
		{ "1T", 0, 1099511627776 },
		{ "18446744073709551615", 0, UINT64_MAX },
		{ "16777215T", 0, UINT64_MAX - (1ULL << 40) + 1 },
		{ "16777216T", -ERANGE, 0 },
		{ "18446744073709551616", -ERANGE, 0 },
		{ "18014398509481984K", -ERANGE, 0 },
		{ "", -EINVAL, 0 },
		{ "K", -EINVAL, 0 },
		{ "-1", -EINVAL, 0 },
		{ "+1", -EINVAL, 0 },
		{ " 1", -EINVAL, 0 },
		{ "1 ", -EINVAL, 0 },
		{ "4k", -EINVAL, 0 },
		{ "4KB", -EINVAL, 0 },
		{ "4KiB", -EINVAL, 0 },
		{ "0x10", -EINVAL, 0 },
		{ "1.5K", -EINVAL, 0 },
		{ "1e3", -EINVAL, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t bytes = 99;

		assert_int_equal(mp_size_parse(cases[i].text, &bytes), cases[i].rc);
		assert_true(bytes == (cases[i].rc ? 99 : cases[i].bytes));
	}
}

static void test_size_format(void **state)
{
	static const struct {
		uint64_t bytes;
		const char *text;
	} cases[] = {
		{ 0, "0" },
		{ 1, "1" },
		{ 1023, "1023" },
		{ 1024, "1K" },
		{ 4097, "4097" },
		{ 4096, "4K" },
		{ 2093056, "2044K" },
		{ 1 << 21, "2M" },
		{ 1 << 30, "1G" },
		{ 1ULL << 50, "1024T" },
		{ UINT64_MAX, "18446744073709551615" },
	};
	char buf[MP_UNITS_LEN];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(mp_size_format(cases[i].bytes, buf), cases[i].text);
}

static void test_size_round_trip(void **state)
{
	struct mp_random r = { 3 };
	char buf[MP_UNITS_LEN];

	(void)state;
	for (int i = 0; i < 100000; i++) {
		uint64_t bytes = mp_random_next(&r) >> mp_random_below(&r, 64), back;

		bytes = bytes >> mp_random_below(&r, 41) << mp_random_below(&r, 41);
		assert_int_equal(mp_size_parse(mp_size_format(bytes, buf), &back), 0);
		assert_true(back == bytes);
	}
}

static void test_duration_parse(void **state)
{
	static const struct {
		const char *text;
		int rc;
		uint64_t ns;
	} cases[] = {
		{ "90s", 0, 90000000000 },
		{ "10m", 0, 600000000000 },
		{ "1h", 0, 3600000000000 },
		{ "500ms", 0, 500000000 },
		{ "20us", 0, 20000 },
		{ "100ns", 0, 100 },
		{ "0s", 0, 0 },
		{ "5124095h", 0, 18446742000000000000u },
		{ "5124096h", -ERANGE, 0 },
		{ "10", -EINVAL, 0 },
		{ "", -EINVAL, 0 },
		{ "s", -EINVAL, 0 },
		{ "10 m", -EINVAL, 0 },
		{ "10min", -EINVAL, 0 },
		{ "1.5h", -EINVAL, 0 },
		{ "-1s", -EINVAL, 0 },
		{ "10S", -EINVAL, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t ns = 99;

		assert_int_equal(mp_duration_parse(cases[i].text, &ns), cases[i].rc);
		assert_true(ns == (cases[i].rc ? 99 : cases[i].ns));
	}
}

static void test_people(void **state)
{
	char buf[MP_UNITS_LEN];

	(void)state;
	assert_string_equal(mp_duration_format(130, buf), "130.0 ns");
	assert_string_equal(mp_duration_format(4799, buf), "4.799 us");
	assert_string_equal(mp_duration_format(0, buf), "0.000 ns");
	assert_string_equal(mp_duration_format(-4799, buf), "-4.799 us");
	assert_string_equal(mp_duration_format(999.94, buf), "999.9 ns");
	assert_string_equal(mp_duration_format(999.96, buf), "1.000 us");
	assert_string_equal(mp_duration_format(99.994, buf), "99.99 ns");
	assert_string_equal(mp_duration_format(99.996, buf), "100.0 ns");
	assert_string_equal(mp_duration_format(9.99949, buf), "9.999 ns");
	assert_string_equal(mp_duration_format(9.9996, buf), "10.00 ns");
	assert_string_equal(mp_duration_format(886648, buf), "886.6 us");
	assert_string_equal(mp_duration_format(1.2e9, buf), "1.200 s");
	assert_string_equal(mp_duration_format(123456e9, buf), "123456 s");
	assert_string_equal(mp_duration_format(NAN, buf), "-");
	assert_string_equal(mp_duration_format(INFINITY, buf), "-");
	assert_string_equal(mp_duration_format(1e300, buf), "-");
	assert_string_equal(mp_number_format(1204000000, buf), "1.204 G");
	assert_string_equal(mp_number_format(33100, buf), "33.10 k");
	assert_string_equal(mp_number_format(999.96, buf), "1.000 k");
	assert_string_equal(mp_number_format(0, buf), "0.000");
	assert_string_equal(mp_number_format(-1500, buf), "-1.500 k");
	assert_string_equal(mp_number_format(NAN, buf), "-");
	assert_true(strlen(mp_number_format(-1e300, buf)) < MP_UNITS_LEN);
	assert_true(strlen(mp_duration_format(-1e300, buf)) < MP_UNITS_LEN);
}

static void test_shown(void **state)
{
	char text[32];

	(void)state;
	snprintf(text, sizeof(text), "%+.1f", mp_shown(-0.04, 1));
	assert_string_equal(text, "+0.0");
	snprintf(text, sizeof(text), "%+.2f", mp_shown(-0.006, 2));
	assert_string_equal(text, "-0.01");
	assert_true(isnan(mp_shown(NAN, 1)));
}

static void test_period(void **state)
{
	char buf[MP_UNITS_LEN];

	(void)state;
	assert_string_equal(mp_period_format(45, buf), "45 s");
	assert_string_equal(mp_period_format(44.6, buf), "45 s");
	assert_string_equal(mp_period_format(59.4, buf), "59 s");
	assert_string_equal(mp_period_format(59.6, buf), "1 min 00 s");
	assert_string_equal(mp_period_format(190, buf), "3 min 10 s");
	assert_string_equal(mp_period_format(3599.6, buf), "1 h 00 min");
	assert_string_equal(mp_period_format(3900, buf), "1 h 05 min");
	assert_string_equal(mp_period_format(0, buf), "0 s");
	assert_string_equal(mp_period_format(-3, buf), "0 s");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_size_parse),	cmocka_unit_test(test_size_format),
		cmocka_unit_test(test_size_round_trip), cmocka_unit_test(test_duration_parse),
		cmocka_unit_test(test_people),		cmocka_unit_test(test_period),
		cmocka_unit_test(test_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The text of --sabotage: what each form asks for, where, and that a wrong one is refused with all forms named. */
#include "runner/exec/sabotage.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct mp_sabotage_order parsed(const char *text)
{
	struct mp_sabotage_orders orders;
	struct mp_err err;

	assert_int_equal(mp_sabotage_parse(text, &orders, &err), 0);
	assert_int_equal(orders.n, 1);
	return orders.of[0];
}

static void faults(void **state)
{
	(void)state;
	assert_int_equal(parsed("skip").what.faults, MP_FAULT_SKIP);
	assert_int_equal(parsed("touch").what.faults, MP_FAULT_TOUCH);
	assert_int_equal(parsed("thp").what.faults, MP_FAULT_THP);
	assert_string_equal(parsed("thp").where, "");
	assert_string_equal(parsed("thp@fault.*").where, "fault.*");
	assert_true(parsed("major").what.major_share == 1);
	assert_true(parsed("major=20%@mmap.*").what.major_share == 0.2);
}

static void slow_downs(void **state)
{
	struct mp_sabotage_order order = parsed("spin=5%@mmap.*");

	(void)state;
	assert_int_equal(order.what.faults, 0);
	assert_true(order.what.spin_share == 0.05 && order.what.spin_ns == 0);
	assert_true(order.what.tail_share == 0);
	order = parsed("spin=2us");
	assert_true(order.what.spin_share == 0 && order.what.spin_ns == 2000);
	order = parsed("tail=0.5%x10");
	assert_true(order.what.tail_share == 0.005 && order.what.tail_factor == 10);
	assert_true(order.what.spin_share == 0 && order.what.spin_ns == 0);
}

static void refused(void **state)
{
	static const char *const wrong[] = { "",
					     "all",
					     "spin",
					     "spin=",
					     "spin=5",
					     "spin=0%",
					     "spin=-5%",
					     "spin=5%x",
					     "spin=nan%",
					     "spin=0ns",
					     "tail=1%",
					     "tail=1%x1",
					     "tail=0%x10",
					     "tail=101%x10",
					     "tail=1%x10x",
					     "tail=1x10",
					     "skip@",
					     "skip,",
					     "spin=inf%",
					     "spin=0x5%",
					     "tail=1%xnan",
					     "majors",
					     "major=",
					     "major=0%",
					     "major=5",
					     "major=101%",
					     ",skip",
					     "skip,all",
					     "skip,skip,skip,skip,skip" };

	(void)state;
	for (size_t i = 0; i < MP_COUNT(wrong); i++) {
		struct mp_sabotage_orders orders = { .n = 3 };
		struct mp_err err;

		assert_int_equal(mp_sabotage_parse(wrong[i], &orders, &err), -EINVAL);
		assert_non_null(strstr(err.text, "tail=1%x10"));
		assert_int_equal(orders.n, 3);
	}
}

static void meant(void **state)
{
	struct mp_planned c = { .bench = mp_bench_find("munmap.hole"),
				.text = "munmap.hole/extra_vmas=0/size=4K" };
	struct mp_sabotage_orders orders;
	struct mp_err err;
	static const struct {
		const char *text;
		double spin; /* share; 0: not meant */
	} of[] = { { "spin=5%@munmap.hole", 0.05 },
		   { "spin=5%@*/size=4K", 0.05 },
		   { "spin=5%@*/size=2M", 0 },
		   { "spin=5%", 0.05 },
		   { "spin=5%@mmap.*,spin=6%@munmap.*", 0.06 },
		   { "spin=7%@m*,spin=6%", 0.07 } };

	(void)state;
	for (size_t i = 0; i < MP_COUNT(of); i++) {
		const struct mp_sabotage *what;

		assert_int_equal(mp_sabotage_parse(of[i].text, &orders, &err), 0);
		what = mp_sabotage_of(&orders, &c);
		assert_true(of[i].spin > 0 ? what && what->spin_share == of[i].spin : !what);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(faults),
		cmocka_unit_test(slow_downs),
		cmocka_unit_test(refused),
		cmocka_unit_test(meant),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

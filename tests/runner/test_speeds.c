/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Full speed of each kind of core, learnt from made invocations. */
#include "runner/exec/speeds.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <errno.h>
#include <math.h>
#include <string.h>

#define BLOCKS 60

static struct mp_block blocks[BLOCKS];
static struct mp_seating seats[2];

/* Two workers on those kinds, whose probes take so long; every second block is the second worker's. */
static struct mp_invocation invocation(const char *kind_0, uint32_t mul_0, const char *kind_1,
				       uint32_t mul_1)
{
	memset(seats, 0, sizeof(seats));
	strcpy(seats[0].speed.kind, kind_0);
	strcpy(seats[1].speed.kind, kind_1);
	for (unsigned i = 0; i < BLOCKS; i++) {
		uint32_t mul = i % 2 ? mul_1 : mul_0;

		blocks[i] = (struct mp_block){ .worker = i % 2,
					       .probe_mul = { mul, mul },
					       .probe_add = { mul / 2, mul / 2 } };
	}
	return (struct mp_invocation){
		.blocks = blocks, .n_blocks = BLOCKS, .seats = seats, .n_seats = 2
	};
}

static void test_kinds_apart(void **state)
{
	const struct mp_full_speed p = { "p", 1000, 500 }, e = { "e", 3000, 1500 };
	const struct mp_full_speed none = { "", NAN, NAN }, faster = { "", 2900, 1450 };
	struct mp_run_speeds speeds = { 0 };
	struct mp_invocation inv;

	(void)state;
	assert_int_equal(mp_run_speeds_add(&speeds, &p, &none), 0);
	assert_int_equal(mp_run_speeds_add(&speeds, &e, &faster), 0);
	assert_true(speeds.now.of[0].mul == 1000 && speeds.now.of[1].mul == 2900);
	assert_string_equal(speeds.now.of[1].kind, "e");
	/* The slow kind does not move the fast one's, nor the other way round; what is known holds. */
	inv = invocation("p", 980, "e", 3100);
	assert_int_equal(mp_run_speeds_learn(&speeds, &inv), 0);
	assert_true(speeds.now.of[0].mul == 980 && speeds.now.of[0].add == 490);
	assert_true(speeds.now.of[1].mul == 2900 && speeds.now.of[1].add == 1450);
	inv = invocation("e", 2800, "e", 2800);
	assert_int_equal(mp_run_speeds_learn(&speeds, &inv), 0);
	assert_true(speeds.now.of[0].mul == 980 && speeds.now.of[1].mul == 2800);
	/* A kind that nobody added is nobody's. */
	inv = invocation("lp", 10, "lp", 10);
	assert_int_equal(mp_run_speeds_learn(&speeds, &inv), 0);
	assert_true(speeds.now.of[0].mul == 980 && speeds.now.of[1].mul == 2800);
	mp_run_speeds_done(&speeds);
}

/* One lucky invocation of many is no measure, and thirty of a kind say what it holds. */
static void test_sustained(void **state)
{
	const struct mp_full_speed p = { "p", 1000, 500 }, other = { "", 800, 400 };
	struct mp_run_speeds speeds = { 0 };

	(void)state;
	/* 800 is out of reach of what is seen: another machine state's. */
	assert_int_equal(mp_run_speeds_add(&speeds, &p, &other), 0);
	assert_true(speeds.now.of[0].mul == 1000);
	for (unsigned i = 0; i < 30; i++) {
		struct mp_invocation inv = invocation("p", i == 7 ? 700 : 1000 + i, "e", 2000);

		assert_false(mp_run_speeds_enough(&speeds, 0));
		assert_int_equal(mp_run_speeds_learn(&speeds, &inv), 0);
	}
	assert_true(mp_run_speeds_enough(&speeds, 0));
	/* The fourth fastest of thirty. */
	assert_true(speeds.now.of[0].mul == 1002);
	mp_run_speeds_done(&speeds);
}

static void test_room(void **state)
{
	const struct mp_full_speed none = { "", NAN, NAN };
	struct mp_full_speed one = { "", 1000, 500 };
	struct mp_run_speeds speeds = { 0 };

	(void)state;
	for (unsigned i = 0; i < MP_FULL_SPEEDS_MAX; i++) {
		one.kind[0] = (char)('a' + i);
		assert_int_equal(mp_run_speeds_add(&speeds, &one, &none), 0);
	}
	assert_int_equal(mp_run_speeds_add(&speeds, &one, &none), -ENOSPC);
	mp_run_speeds_done(&speeds);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds_apart),
		cmocka_unit_test(test_sustained),
		cmocka_unit_test(test_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

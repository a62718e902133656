/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What blocks do in time: planted shapes are told apart, noise and spikes are none, and the words add up. */
#include "results/steady.h"

#include <math.h>

#include "tests/results/support.h"

#define N 400

/* Logs of N block values around 1000 ticks with a standard deviation of `noise`, neighbours correlated by `rho`; `shape`
 * adds to the log what it says for a time in [0, 1). */
static enum mp_steady classify(double (*shape)(double), double noise, double rho, uint64_t seed)
{
	struct mp_random r = { .state = seed };
	double z[N], ar = 0;

	for (size_t i = 0; i < N; i++) {
		double normal = 0;

		for (int k = 0; k < 12; k++)
			normal += (double)mp_random_below(&r, 1000000) / 1e6 - 0.5;
		ar = rho * ar + sqrt(1 - rho * rho) * normal;
		z[i] = log(1000) + noise * ar + shape((double)i / N);
	}
	return mp_steady_classify(z, N);
}

static double flat(double t)
{
	return 0 * t;
}

static double warm(double t)
{
	return 0.2 * exp(-t * 20);
}

static double step_down(double t)
{
	return t < 0.3 ? 0.05 : 0;
}

static double step_up(double t)
{
	return t < 0.3 ? -0.05 : 0;
}

static double late_step(double t)
{
	return t < 0.7 ? 0.05 : 0;
}

static double ramp(double t)
{
	return 0.3 * t;
}

/* One part in sixty stands out: no three groups in a row. */
static double spike(double t)
{
	return t > 0.6 && t < 0.616 ? 0.8 : 0;
}

/* Away and back again before half the time is over. */
static double bump(double t)
{
	return t > 0.15 && t < 0.35 ? 0.1 : 0;
}

static double small(double t)
{
	return t < 0.3 ? 0.015 : 0;
}

static void count(enum mp_steady expect, double (*shape)(double), double noise, double rho,
		  unsigned least)
{
	unsigned hits = 0;

	for (uint64_t seed = 1; seed <= 200; seed++)
		hits += classify(shape, noise, rho, seed) == expect;
	if (hits < least)
		fail_msg("%u of 200 are %s", hits, mp_steady_name(expect));
}

static void test_shapes(void **state)
{
	(void)state;
	count(MP_STEADY_FLAT, flat, 0.02, 0, 198);
	count(MP_STEADY_FLAT, flat, 0.02, 0.8, 190);
	count(MP_STEADY_FLAT, flat, 0, 0, 200);
	count(MP_STEADY_FLAT, spike, 0.01, 0, 198);
	count(MP_STEADY_FLAT, small, 0.01, 0, 190);
	count(MP_STEADY_WARMUP, warm, 0.01, 0, 198);
	count(MP_STEADY_WARMUP, step_down, 0.02, 0, 198);
	count(MP_STEADY_WARMUP, bump, 0.02, 0, 198);
	count(MP_STEADY_SLOWDOWN, step_up, 0.02, 0, 198);
	count(MP_STEADY_UNSTEADY, late_step, 0.02, 0, 198);
	count(MP_STEADY_UNSTEADY, ramp, 0.02, 0, 198);
}

static void test_few(void **state)
{
	double z[32] = { 0 };

	(void)state;
	assert_int_equal(mp_steady_classify(z, 0), MP_STEADY_UNKNOWN);
	assert_int_equal(mp_steady_classify(z, 31), MP_STEADY_UNKNOWN);
	assert_int_equal(mp_steady_classify(z, 32), MP_STEADY_FLAT);
	for (size_t i = 0; i < 12; i++)
		z[i] = 1;
	assert_int_equal(mp_steady_classify(z, 32), MP_STEADY_WARMUP);
}

static void test_names(void **state)
{
	enum mp_steady steady = MP_STEADY_FLAT;

	(void)state;
	for (int i = MP_STEADY_FLAT; i < MP_STEADY_COUNT; i++) {
		assert_int_equal(mp_steady_parse(mp_steady_name((enum mp_steady)i), &steady), 0);
		assert_int_equal(steady, i);
	}
	assert_null(mp_steady_name(MP_STEADY_UNKNOWN));
	assert_int_equal(mp_steady_parse("", &steady), 0);
	assert_int_equal(steady, MP_STEADY_UNKNOWN);
	steady = MP_STEADY_WARMUP;
	assert_true(mp_steady_parse("level", &steady) < 0);
	assert_int_equal(steady, MP_STEADY_WARMUP);
}

static void test_words(void **state)
{
	struct mp_steady_counts c = { { 0 } };
	char text[128], tight[10];

	(void)state;
	mp_steady_words(&c, text, sizeof(text));
	assert_string_equal(text, "");
	assert_false(mp_steady_missing(&c));
	c = (struct mp_steady_counts){
		{ [MP_STEADY_UNKNOWN] = 5, [MP_STEADY_FLAT] = 8, [MP_STEADY_WARMUP] = 2 }
	};
	assert_false(mp_steady_missing(&c));
	mp_steady_words(&c, text, sizeof(text));
	assert_string_equal(text, "2 of 10 invocations were not level: 2 got faster first");
	c.of[MP_STEADY_UNSTEADY] = 1;
	assert_true(mp_steady_missing(&c));
	mp_steady_words(&c, text, sizeof(text));
	assert_string_equal(
		text, "3 of 11 invocations were not level: 2 got faster first, 1 never settled");
	mp_steady_words(&c, tight, sizeof(tight));
	assert_string_equal(tight, "3 of 11 i");
	c = (struct mp_steady_counts){ { [MP_STEADY_FLAT] = 2, [MP_STEADY_UNSTEADY] = 2 } };
	assert_false(mp_steady_missing(&c));
	c.of[MP_STEADY_UNSTEADY] = 3;
	assert_true(mp_steady_missing(&c));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shapes),
		cmocka_unit_test(test_few),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

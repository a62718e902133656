/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The run's clock on this machine, the step told from made-up differences, and the full-speed level.
 * CTest: RUN_SERIAL TRUE
 */
#include <errno.h>
#include <math.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "runner/machine/affinity.h"
#include "runner/machine/internal.h"
#include "runner/machine/speed.h"
#include "runner/worker/probe.h"

#define GUEST MEMPERF_TESTS "/data/machine/guest"

static void assert_plausible(const struct mp_clocksource *s)
{
	assert_true(s->ns_per_tick > 0.05 && s->ns_per_tick < 1000);
	assert_true(s->step_ns > 0 && s->step_ns < 1e6);
	assert_true(s->pair_p50_ns >= 0 && s->pair_p50_ns < 1e5);
	assert_true(s->pair_p99_ns >= s->pair_p50_ns);
	assert_true(*s->why);
	/* A step is never longer than what it takes two reads to differ by it. */
	assert_true(s->step_ns <= s->pair_p99_ns + 1e6);
}

static void test_choose_twice(void **state)
{
	struct mp_clocksource a, b;
	struct mp_err err = { 0 };
	uint64_t start = mp_clock_raw_ns();

	(void)state;
	if (mp_clocksource_choose(NULL, &a, &err))
		fail_msg("%s", err.text);
	assert_true(mp_clock_raw_ns() - start < 1500000000u);
	assert_int_equal(mp_clocksource_choose(NULL, &b, &err), 0);
	assert_plausible(&a);
	assert_int_equal(a.clock, b.clock);
	if (fabs(a.ns_per_tick / b.ns_per_tick - 1) > 1e-5)
		fail_msg("%.9f and %.9f ns per tick", a.ns_per_tick, b.ns_per_tick);
	if (fabs(a.step_ns / b.step_ns - 1) > 0.2)
		fail_msg("steps %.3f and %.3f ns", a.step_ns, b.step_ns);
	if (a.clock == MP_CLOCK_COUNTER) {
		assert_string_equal(a.name, MP_CLOCK_COUNTER_NAME);
		assert_true(a.calibration_ppm <= 1.0);
		assert_true(fabs(mp_clocksource_drift_ppm(&a)) < 50);
	}
}

/* Both clocks at one moment: the tightest of many reads. */
static void both(uint64_t *ret_ticks, uint64_t *ret_ns)
{
	uint64_t tightest = UINT64_MAX;

	for (unsigned i = 0; i < 1000; i++) {
		uint64_t before = mp_counter_start(), ns = mp_clock_raw_ns();
		uint64_t after = mp_counter_stop();

		if (after - before < tightest) {
			tightest = after - before;
			*ret_ticks = before;
			*ret_ns = ns;
		}
	}
}

/* The factor against the reference over a span of our own. */
static void test_factor(void **state)
{
	uint64_t t0 = 0, t1 = 0, n0 = 0, n1 = 0;
	struct mp_clocksource s;
	double ratio;

	(void)state;
	assert_int_equal(mp_clocksource_choose(NULL, &s, NULL), 0);
	if (s.clock != MP_CLOCK_COUNTER)
		skip();
	both(&t0, &n0);
	usleep(200000);
	both(&t1, &n1);
	ratio = (double)(t1 - t0) * s.ns_per_tick / (double)(n1 - n0);
	if (fabs(ratio - 1) > 1e-5)
		fail_msg("off by %.3f ppm", (ratio - 1) * 1e6);
}

static void test_force(void **state)
{
	struct mp_clocksource s = { .name = "untouched" };
	struct mp_err err = { 0 };

	(void)state;
	assert_int_equal(mp_clocksource_choose("sundial", &s, &err), -EINVAL);
	assert_int_equal(err.kind, MP_ERR_USAGE);
	assert_non_null(strstr(err.text, "'sundial'"));
	assert_string_equal(s.name, "untouched");
	assert_int_equal(mp_clocksource_choose("raw", &s, &err), 0);
	assert_int_equal(s.clock, MP_CLOCK_RAW);
	assert_string_equal(s.name, "monotonic_raw");
	assert_true(s.ns_per_tick == 1);
	assert_plausible(&s);
	assert_true(mp_clocksource_drift_ppm(&s) == 0);
}

/* A kernel that keeps time with something else does not trust the counter, and neither do we. */
static void test_untrusted(void **state)
{
	struct mp_clocksource s = { .name = "untouched" };
	struct mp_err err = { 0 };

	(void)state;
	assert_int_equal(mp_clocksource_choose_from(GUEST, "counter", &s, &err), -ENOTSUP);
	assert_int_equal(err.kind, MP_ERR_ENVIRONMENT);
	assert_non_null(strstr(err.text, "'kvm-clock'"));
	assert_string_equal(s.name, "untouched");
	assert_int_equal(mp_clocksource_choose_from(GUEST, NULL, &s, &err), 0);
	assert_int_equal(s.clock, MP_CLOCK_RAW);
	assert_non_null(strstr(s.why, "'kvm-clock'"));
	assert_int_equal(mp_clocksource_choose_from("/nonexistent", NULL, &s, &err), 0);
	assert_int_equal(s.clock, MP_CLOCK_RAW);
}

/* Fills `pairs` with `count` times `value` from *at. */
static void fill(uint64_t *pairs, size_t *at, uint64_t value, size_t count)
{
	while (count--)
		pairs[(*at)++] = value;
}

static void test_step(void **state)
{
	uint64_t pairs[10000];
	size_t n = 0;

	(void)state;
	/* Steps of 26 ticks, reads that cost two or three of them, and a long tail. */
	fill(pairs, &n, 52, 7900);
	fill(pairs, &n, 78, 2000);
	for (uint64_t i = 0; i < 100; i++)
		fill(pairs, &n, 100 + 7 * i, 1);
	assert_true(mp_clocksource_step(pairs, n) == 26);
	/* 24.45 ticks to a step: 48 or 49, 73 or 74. */
	n = 0;
	fill(pairs, &n, 48, 3300);
	fill(pairs, &n, 49, 2700);
	fill(pairs, &n, 73, 2600);
	fill(pairs, &n, 74, 1400);
	assert_true(fabs(mp_clocksource_step(pairs, n) - 24.45) < 1);
	/* Every value between 30 and 60: a step of one tick. */
	n = 0;
	for (uint64_t v = 30; v < 60; v++)
		fill(pairs, &n, v, 300);
	assert_true(mp_clocksource_step(pairs, n) == 1);
	/* Even values only: two ticks. */
	n = 0;
	for (uint64_t v = 30; v < 60; v += 2)
		fill(pairs, &n, v, 300);
	assert_true(mp_clocksource_step(pairs, n) == 2);
	/* A counter slower than a read. */
	n = 0;
	fill(pairs, &n, 0, 5000);
	fill(pairs, &n, 1, 4000);
	assert_true(mp_clocksource_step(pairs, n) == 1);
	/* One value hides the step, and is its bound. */
	n = 0;
	fill(pairs, &n, 40, 9000);
	assert_true(mp_clocksource_step(pairs, n) == 40);
	/* It moved twice in all pairs, and not at all. */
	n = 0;
	fill(pairs, &n, 0, 9998);
	fill(pairs, &n, 4000000, 2);
	assert_true(mp_clocksource_step(pairs, n) == 4000000);
	n = 0;
	fill(pairs, &n, 0, 9000);
	assert_true(mp_clocksource_step(pairs, n) == 0);
}

static void test_speed_level(void **state)
{
	uint32_t times[10000];
	size_t n = 0;

	(void)state;
	/* Five lucky reads below; full speed is 899 and 909 in turns of a clock of 10; the slow rest. */
	for (unsigned i = 0; i < 5; i++)
		times[n++] = 700;
	for (unsigned i = 0; i < 1000; i++)
		times[n++] = 899;
	for (unsigned i = 0; i < 1000; i++)
		times[n++] = 909;
	while (n < 10000)
		times[n++] = 1300;
	assert_true(fabs(mp_speed_level(times, n, 10) - 904) < 0.5);
	assert_true(mp_speed_level(times, 1, 10) == 700);
}

static void test_speed_live(void **state)
{
	struct mp_affinity before, after;
	struct mp_clocksource s;
	struct mp_jitter jitter;
	struct mp_speed speed;
	double mul = 0, add, calm;
	int cpu = sched_getcpu();

	(void)state;
	assert_int_equal(mp_clocksource_choose(NULL, &s, NULL), 0);
	assert_int_equal(mp_affinity_get(&before), 0);
	assert_int_equal(mp_speed_measure(&s, cpu, 0.3, &speed), 0);
	assert_true(speed.pairs > 100);
	assert_true(speed.mul_ns > 50 && speed.mul_ns < 20000);
	assert_true(speed.add_ns > 50 && speed.add_ns < 20000);
	assert_true(speed.calm_share > 0 && speed.calm_share <= 1);
	assert_true(speed.calm_share == 1 || speed.rest_slowness > 1);
	assert_int_equal(mp_speed_reference(&s, cpu, 0.1, &mul, &add, &calm), 0);
	assert_true(mul > 50);
	assert_int_equal(mp_jitter_measure(&s, cpu, 0.2, &jitter), 0);
	assert_true(jitter.seconds >= 0.199);
	assert_true(jitter.lost_share >= 0 && jitter.lost_share <= 1);
	assert_true(jitter.longest_ns <= jitter.seconds * 1e9);
	/* The mask is as it was, also after a CPU that does not exist. */
	mul = 7;
	assert_int_equal(mp_speed_reference(&s, 100000, 0.1, &mul, &add, &calm), -EINVAL);
	assert_int_equal(mp_speed_reference(&s, -1, 0.1, &mul, &add, &calm), -EINVAL);
	assert_int_equal(mp_speed_reference(&s, cpu, 0, &mul, &add, &calm), -EINVAL);
	assert_true(mul == 7);
	assert_int_equal(mp_affinity_get(&after), 0);
	assert_true(CPU_EQUAL_S(before.size, before.set, after.set));
	mp_affinity_done(&before);
	mp_affinity_done(&after);
}

#if defined(__x86_64__)
static int compare(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

	return a < b ? -1 : a > b;
}

/* The probe at another place relative to a line of code. */
#define PROBE_AT(bytes)                                                                            \
	__attribute__((noinline, aligned(64))) static uint64_t probe_at_##bytes(void)              \
	{                                                                                          \
		__asm__ volatile(".skip " #bytes ", 0x90");                                        \
		return mp_probe_add(MP_CLOCK_COUNTER);                                             \
	}

PROBE_AT(1)
PROBE_AT(8)
PROBE_AT(16)
PROBE_AT(24)
PROBE_AT(32)
PROBE_AT(40)
PROBE_AT(48)
PROBE_AT(56)

/* The probe takes as long wherever the compiler put it: the fast ones of many, in turns, on one CPU. */
static void test_probe_is_placeless(void **state)
{
	static uint64_t (*const probes[])(void) = { probe_at_1,	 probe_at_8,  probe_at_16,
						    probe_at_24, probe_at_32, probe_at_40,
						    probe_at_48, probe_at_56 };
	enum { PLACES = sizeof(probes) / sizeof(probes[0]), TIMES = 10000 };
	static uint64_t ticks[PLACES][TIMES];
	struct mp_affinity before;
	uint64_t least = UINT64_MAX, most = 0;

	(void)state;
	assert_int_equal(mp_affinity_pin(sched_getcpu(), &before), 0);
	for (size_t i = 0; i < TIMES; i++) {
		for (size_t p = 0; p < PLACES; p++)
			ticks[p][i] = probes[p]();
	}
	mp_affinity_restore(&before);
	for (size_t p = 0; p < PLACES; p++) {
		uint64_t fast;

		qsort(ticks[p], TIMES, sizeof(ticks[p][0]), compare);
		fast = ticks[p][TIMES / 200];
		least = fast < least ? fast : least;
		most = fast > most ? fast : most;
	}
	if ((double)most > 1.05 * (double)least)
		fail_msg("%llu ticks at one place, %llu at another", (unsigned long long)least,
			 (unsigned long long)most);
}
#else
/* Instructions of one length leave four places, and nothing was seen to depend on them. */
static void test_probe_is_placeless(void **state)
{
	(void)state;
	skip();
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_choose_twice), cmocka_unit_test(test_factor),
		cmocka_unit_test(test_force),	     cmocka_unit_test(test_untrusted),
		cmocka_unit_test(test_step),	     cmocka_unit_test(test_speed_level),
		cmocka_unit_test(test_speed_live),   cmocka_unit_test(test_probe_is_placeless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

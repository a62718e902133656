/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a run's budget goes: to the widest interval, with a window that the scatter makes worth it. */
#include "runner/exec/purpose.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#define N_CASES 4
#define MS	1000000u

static struct mp_planned planned[N_CASES];
static struct mp_plan plan;
static struct mp_run_case cases[N_CASES];
static struct mp_run run;

static double tight[] = { 100, 100.1, 99.9, 100, 100.1, 99.9, 100, 100.1 };
static double wide[] = { 100, 103, 97, 100, 104, 96, 100, 101 };
static double wider[] = { 100, 104, 96, 100, 105, 95, 100, 101 };
static double widest[] = { 100, 130, 70, 100, 140, 60, 100, 105 }; /* out of reach */

static void set_values(struct mp_run_case *c, double *values, size_t n)
{
	for (int p = 0; p < 2; p++) {
		c->values[p].at = values;
		c->values[p].n = n;
	}
	c->done = (uint32_t)n;
}

static int set_up(void **state)
{
	(void)state;
	memset(planned, 0, sizeof(planned));
	memset(cases, 0, sizeof(cases));
	plan = (struct mp_plan){ .cases = planned,
				 .n_cases = N_CASES,
				 .invocations = 8,
				 .measure_ns = 100 * MS,
				 .to_budget = true,
				 .target = 0.02 };
	for (size_t i = 0; i < N_CASES; i++)
		cases[i].planned = &planned[i];
	run = (struct mp_run){ .plan = &plan, .cases = cases };
	set_values(&cases[0], tight, 8);
	set_values(&cases[1], wide, 8);
	set_values(&cases[2], wider, 8);
	set_values(&cases[3], tight, 8);
	return 0;
}

static void test_widest(void **state)
{
	(void)state;
	assert_int_equal(mp_purpose_widest(&run), 2);
	cases[2].why_stopped = "failing";
	assert_int_equal(mp_purpose_widest(&run), 1);
	cases[1].done = MP_PLAN_CAP;
	assert_int_equal(mp_purpose_widest(&run), -1);
	/* No value in three invocations: first, but not for ever. */
	set_values(&cases[3], tight, 2);
	cases[3].done = 8;
	assert_int_equal(mp_purpose_widest(&run), 3);
	cases[3].done = 16;
	assert_int_equal(mp_purpose_widest(&run), -1);
	cases[3].done = 8;
	planned[3].skip_reason = (char *)"no swap";
	assert_int_equal(mp_purpose_widest(&run), -1);
}

static void test_within_reach(void **state)
{
	(void)state;
	/* What can reach the target comes first, then what is widest. */
	set_values(&cases[0], widest, 8);
	assert_int_equal(mp_purpose_widest(&run), 2);
	cases[2].why_stopped = cases[1].why_stopped = "target";
	assert_int_equal(mp_purpose_widest(&run), 0);
	set_values(&cases[3], wide, 8);
	assert_int_equal(mp_purpose_widest(&run), 3);
	/* Two without a value: the one that was tried less. */
	set_values(&cases[0], widest, 2);
	set_values(&cases[3], wide, 2);
	cases[0].done = 8;
	cases[3].done = 9;
	assert_int_equal(mp_purpose_widest(&run), 0);
}

/* Calm values stand for a case from three on, all before; what is stored of it is chosen so, too. */
static void test_population(void **state)
{
	(void)state;
	cases[1].why_stopped = cases[2].why_stopped = "target";
	cases[3].values[MP_POPULATION_ALL].at = wide;
	assert_int_equal(mp_purpose_widest(&run), -1);
	cases[3].values[MP_POPULATION_CALM].n = 2;
	assert_int_equal(mp_purpose_widest(&run), 3);
	assert_string_equal(mp_purpose_why(&run, &cases[3]), "budget");
}

static void test_why(void **state)
{
	(void)state;
	assert_string_equal(mp_purpose_why(&run, &cases[0]), "target");
	assert_string_equal(mp_purpose_why(&run, &cases[1]), "budget");
	cases[1].done = MP_PLAN_CAP;
	assert_string_equal(mp_purpose_why(&run, &cases[1]), "cap");
	/* Nobody gave a budget: it did not end. */
	plan.to_budget = false;
	cases[1].done = 8;
	assert_string_equal(mp_purpose_why(&run, &cases[1]), "planned");
	plan.to_budget = true;
	set_values(&cases[2], wide, 2);
	set_values(&cases[2], wide, 0);
	assert_string_equal(mp_purpose_why(&run, &cases[2]), "planned");
}

/* Three invocations of 100 blocks; a block costs 1 ms and a start 100 ms. */
static uint64_t window(double within, double between)
{
	double spread = sqrt(between + within / 100);
	static struct mp_moments m[3];

	for (int i = 0; i < 3; i++)
		m[i] = (struct mp_moments){ 100, 5 + (i - 1) * spread, within };
	cases[1].moments = m;
	cases[1].n_moments = 3;
	cases[1].block_ns = 3.0 * MS;
	cases[1].start_ns = 300.0 * MS;
	return mp_purpose_extra(&run, &cases[1]).measure_ns;
}

static void test_window(void **state)
{
	(void)state;
	/* Nothing known: the plan's. */
	assert_int_equal(mp_purpose_extra(&run, &cases[1]).measure_ns, 100 * MS);
	/* S1 / T2 = 25: sqrt(100 * 25) = 50 blocks of 1 ms. */
	assert_int_equal(window(25e-4, 1e-4) / MS, 50);
	/* 144: 120 blocks. */
	assert_int_equal(window(144e-4, 1e-4) / MS, 120);
	/* Invocations differ and blocks do not: as short as may be. The other way round: as long. */
	assert_int_equal(window(1e-6, 1e-2), 25 * MS);
	assert_int_equal(window(1e-2, 1e-9), 400 * MS);
	assert_int_equal(window(1e-2, -0.9e-4), 400 * MS);
	assert_int_equal(mp_purpose_extra(&run, &cases[1]).extend_ns, 0);
}

static void test_base(void **state)
{
	struct mp_window w;

	(void)state;
	run.total = 40;
	run.finished = 20;
	run.pool_ns = 100 * MS;
	w = mp_purpose_base(&run);
	assert_int_equal(w.measure_ns, 100 * MS);
	assert_int_equal(w.extend_ns, 10 * MS);
	run.pool_ns = 100000ULL * MS;
	assert_int_equal(mp_purpose_base(&run).extend_ns, 100 * MS);
	run.finished = 40;
	run.pool_ns = 0;
	assert_int_equal(mp_purpose_base(&run).extend_ns, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_widest, set_up),
		cmocka_unit_test_setup(test_within_reach, set_up),
		cmocka_unit_test_setup(test_population, set_up),
		cmocka_unit_test_setup(test_why, set_up),
		cmocka_unit_test_setup(test_window, set_up),
		cmocka_unit_test_setup(test_base, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

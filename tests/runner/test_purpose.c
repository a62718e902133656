/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a run's budget goes: to what is nearest to its target, with a window that the scatter makes worth it. */
#include "runner/exec/purpose.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#define N_CASES 4
#define MS	1000000u
#define BATCH	1 /* mp_mode_index(MP_MODE_BATCH) */

static const struct mp_clocksource machine_clock = { .step_ns = 10, .pair_p50_ns = 20 };
static struct mp_planned planned[N_CASES];
static struct mp_plan plan;
static struct mp_run_case cases[N_CASES];
static struct mp_run run;

static double tight[] = { 100, 100.1, 99.9, 100, 100.1, 99.9, 100, 100.1 };
static double wide[] = { 100, 103, 97, 100, 104, 96, 100, 101 };
static double wider[] = { 100, 104, 96, 100, 105, 95, 100, 101 };
static double widest[] = { 100, 130, 70, 100, 140, 60, 100, 105 }; /* out of reach */

static struct mp_said said[N_CASES][8];

/* Medians of batches, calm ones and all; nothing of single calls. */
static void set_values(struct mp_run_case *c, const double *values, size_t n)
{
	c->said = said[c - cases];
	c->n_said = n;
	c->done = (uint32_t)n;
	for (size_t i = 0; i < n; i++) {
		for (int m = 0; m < MP_MODE_COUNT; m++)
			c->said[i].ns[m][0] = c->said[i].ns[m][1] = NAN;
		c->said[i].ns[BATCH][0] = c->said[i].ns[BATCH][1] = values[i];
	}
}

static int set_up(void **state)
{
	(void)state;
	memset(planned, 0, sizeof(planned));
	memset(cases, 0, sizeof(cases));
	plan = (struct mp_plan){ .cases = planned,
				 .n_cases = N_CASES,
				 .n_runnable = N_CASES,
				 .invocations = 8,
				 .measure_ns = 100 * MS,
				 .to_budget = true,
				 .target = 0.02 };
	for (size_t i = 0; i < N_CASES; i++)
		cases[i].planned = &planned[i];
	run = (struct mp_run){ .plan = &plan, .cases = cases, .clock = &machine_clock };
	set_values(&cases[0], tight, 8);
	set_values(&cases[1], wide, 8);
	set_values(&cases[2], wider, 8);
	set_values(&cases[3], tight, 8);
	return 0;
}

static void test_next(void **state)
{
	(void)state;
	assert_int_equal(mp_purpose_next(&run), 2);
	cases[2].why_stopped = "failing";
	assert_int_equal(mp_purpose_next(&run), 1);
	cases[1].done = MP_PLAN_CAP;
	assert_int_equal(mp_purpose_next(&run), -1);
	/* Short of values: first, but not for ever. */
	set_values(&cases[3], tight, 2);
	cases[3].done = 8;
	assert_int_equal(mp_purpose_next(&run), 3);
	cases[3].done = 16;
	assert_int_equal(mp_purpose_next(&run), -1);
	cases[3].done = 8;
	planned[3].skip_reason = (char *)"no swap";
	assert_int_equal(mp_purpose_next(&run), -1);
}

static void test_within_reach(void **state)
{
	(void)state;
	/* What can reach the target comes first, then what is widest. */
	set_values(&cases[0], widest, 8);
	assert_int_equal(mp_purpose_next(&run), 2);
	cases[2].why_stopped = cases[1].why_stopped = "target";
	assert_int_equal(mp_purpose_next(&run), 0);
	set_values(&cases[3], wide, 8);
	assert_int_equal(mp_purpose_next(&run), 3);
	/* Two short of values by as much: the one that was tried less. */
	set_values(&cases[0], widest, 2);
	set_values(&cases[3], wide, 2);
	cases[0].done = 8;
	cases[3].done = 9;
	assert_int_equal(mp_purpose_next(&run), 0);
}

/* What lacks less time to the target comes first, the wider one too. */
static void test_cheapest(void **state)
{
	(void)state;
	cases[1].spent_ns = 800 * MS; /* 5.2 % wide, 4.6 s short of the target */
	cases[2].spent_ns = 80000ULL * MS; /* 6.5 % wide, 760 s short */
	assert_int_equal(mp_purpose_next(&run), 1);
	cases[2].spent_ns = 80 * MS;
	assert_int_equal(mp_purpose_next(&run), 2);
	/* What cannot be reached comes last, however cheap. */
	set_values(&cases[0], widest, 8);
	cases[0].spent_ns = 1;
	assert_int_equal(mp_purpose_next(&run), 2);
}

/* What it takes that one change alone is called, which rank tests of n and n values at 0.05 / cases need: R's
 * wilcox.test(1:n, n + 1:n)$p.value is 0.0286, 0.0079, 0.0022, 0.00058, 0.000155, 4.1e-5 for n from 4 on. */
static void test_needed(void **state)
{
	static const struct {
		size_t cases;
		unsigned planned, needed;
	} of[] = { { 1, 10, 4 },     { 2, 10, 5 },   { 6, 10, 5 },  { 7, 10, 6 },   { 23, 10, 6 },
		   { 24, 10, 7 },    { 85, 10, 7 },  { 86, 10, 8 }, { 321, 10, 8 }, { 322, 10, 9 },
		   { 9999, 10, 10 }, { 9999, 5, 5 }, { 1, 3, 3 },   { 0, 10, 0 } };

	(void)state;
	for (size_t i = 0; i < sizeof(of) / sizeof(of[0]); i++) {
		plan.n_runnable = of[i].cases;
		plan.invocations = of[i].planned;
		assert_int_equal(mp_purpose_needed(&plan), of[i].needed);
	}
}

/* An interval of few values is no reason to stop, however narrow; the values that are cheapest to get come first. */
static void test_short(void **state)
{
	struct mp_window window;

	(void)state;
	plan.n_runnable = 26; /* 7 values */
	for (int i = 0; i < 2; i++)
		said[0][i].ns[BATCH][MP_POPULATION_CALM] = NAN;
	for (int i = 0; i < 4; i++)
		said[3][i].ns[BATCH][MP_POPULATION_CALM] = NAN;
	cases[0].spent_ns = cases[3].spent_ns = 1000ULL * MS; /* lack 1 of 7 and 3 of 7 */
	assert_int_equal(mp_purpose_next(&run), 0);
	assert_string_equal(mp_purpose_why(&run, &cases[0]), "budget");
	window = mp_purpose_extra(&run, &cases[0]);
	assert_int_equal(window.measure_ns, plan.measure_ns);
	assert_int_equal(window.extend_ns, plan.measure_ns);
	cases[3].spent_ns = 200 * MS;
	assert_int_equal(mp_purpose_next(&run), 3);
	cases[0].done = cases[3].done = 2 * plan.invocations;
	assert_int_equal(mp_purpose_next(&run), 2);
	assert_string_equal(mp_purpose_why(&run, &cases[0]), "target");
}

/* Calm values stand for a case from three on, all before; what is stored of it is chosen so, too. */
static void test_population(void **state)
{
	(void)state;
	cases[1].why_stopped = cases[2].why_stopped = "target";
	for (int i = 0; i < 8; i++)
		said[3][i].ns[BATCH][MP_POPULATION_ALL] = wide[i];
	assert_int_equal(mp_purpose_next(&run), -1);
	for (int i = 0; i < 6; i++)
		said[3][i].ns[BATCH][MP_POPULATION_CALM] = NAN;
	assert_int_equal(mp_purpose_next(&run), 3);
	assert_string_equal(mp_purpose_why(&run, &cases[3]), "budget");
}

/* The mode is the case's, not an invocation's: one whose single calls alone are short of the clock is judged as the
 * others are. */
static void test_mode(void **state)
{
	(void)state;
	cases[1].why_stopped = cases[2].why_stopped = "target";
	for (int i = 0; i < 8; i++)
		said[3][i].ns[0][0] = said[3][i].ns[0][1] = i ? 220 + i % 3 : 80;
	assert_int_equal(mp_purpose_next(&run), 3);
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
		cmocka_unit_test_setup(test_next, set_up),
		cmocka_unit_test_setup(test_within_reach, set_up),
		cmocka_unit_test_setup(test_cheapest, set_up),
		cmocka_unit_test_setup(test_needed, set_up),
		cmocka_unit_test_setup(test_short, set_up),
		cmocka_unit_test_setup(test_population, set_up),
		cmocka_unit_test_setup(test_mode, set_up),
		cmocka_unit_test_setup(test_why, set_up),
		cmocka_unit_test_setup(test_window, set_up),
		cmocka_unit_test_setup(test_base, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

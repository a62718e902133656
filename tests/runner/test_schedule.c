/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a budget is spent: the schedule's promises over a grid, by numbers, and in words. */
#include "runner/plan/plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct mp_bench plain = { .name = "floor.loop" };

/* `count` cases of a benchmark without bytes. */
static void fill(struct mp_plan *plan, size_t count)
{
	*plan = (struct mp_plan){ .n_cases = count, .n_runnable = count };
	plan->cases = calloc(count ? count : 1, sizeof(*plan->cases));
	assert_non_null(plan->cases);
	for (size_t i = 0; i < count; i++)
		plan->cases[i].bench = &plain;
}

static double slow(void *user, const struct mp_planned *c)
{
	(void)c;
	return *(const double *)user;
}

/* What every schedule promises. */
static void check_schedule(const struct mp_plan *p, size_t n, unsigned asked, double overhead_s,
			   bool given)
{
	double measure = (double)p->measure_ns / 1e9, warmup = (double)p->warmup_ns / 1e9;
	double pool = (double)p->pool_ns / 1e9, budget = (double)p->budget_ns / 1e9;
	double base = p->invocations * (double)n * (overhead_s + measure + warmup);
	double more = p->invocations < 80 ? 80 - p->invocations : 0;
	double worst;

	assert_true(p->measure_ns >= 40000000 && p->measure_ns <= 400000000);
	assert_true(p->warmup_ns == 20000000 || p->warmup_ns == 100000000);
	/* the long warm-up is for windows of 0.3 s and more */
	assert_true(p->warmup_ns == 20000000 || p->measure_ns >= 300000000);
	assert_int_equal(p->invocations_asked, asked);
	assert_true(p->invocations <= asked);
	assert_true(p->invocations >= (asked < 5 ? asked : 5));
	assert_true(fabs(p->base_s - base) <= 1e-6 * base + 1e-9);
	assert_int_equal(p->to_budget, given && p->invocations >= 5);
	assert_true(fabs(p->estimate_s - (base + pool / 2)) <= 1e-6 * base + 1e-9);
	if (p->to_budget) {
		/* All that is left, unless every case would have its most invocations before. */
		double most = more * (double)n * (overhead_s + warmup + 4 * measure);

		assert_true(fabs(pool - fmax(fmin(budget - base, most), 0)) <=
			    1e-6 * budget + 1e-6);
	} else {
		assert_true(pool <= 0.30 * base + 1e-6);
		assert_true(pool <= 0.15 * budget + 1e-6);
		/* no use of the pool and full use of it are both within 25 % of the estimate, with room
		 * for overheads that are off */
		worst = fmax(fabs(base / p->estimate_s - 1),
			     fabs((base + pool) / p->estimate_s - 1));
		assert_true(!n || worst <= 0.14);
	}
	assert_true(p->fits == (base <= budget * (1 + 1e-12)) || fabs(base - budget) < 1e-6);
	if (p->fits) {
		assert_true(base + pool <= budget * (1 + 1e-9));
		/* the budget is used unless the window is at its longest */
		assert_true(!n || p->measure_ns == 400000000 || p->measure_ns == 40000000 ||
			    base >= (p->to_budget ? 0.61 : 0.84) * budget);
	} else {
		/* nothing more could be given up */
		assert_int_equal(p->measure_ns, 40000000);
		assert_int_equal(p->warmup_ns, 20000000);
		assert_int_equal(p->invocations, asked < 5 ? asked : 5);
		assert_int_equal(p->pool_ns, 0);
	}
	/* invocations are given up only when the shortest window does not do */
	if (p->invocations < asked)
		assert_true((p->invocations + 1) * (double)n * (overhead_s + 0.06) > 0.85 * budget);
}

static void test_grid(void **state)
{
	static const size_t counts[] = { 1, 2, 9, 38, 100, 164, 400, 1500, 20000 };
	static const unsigned invocations[] = { 1, 2, 5, 6, 10, 20, 100, 1000 };
	static const double budgets[] = { 0, 0.001, 1, 10, 60, 75, 600, 900, 3600, 86400, 2592000 };
	static double overheads[] = { 0, 0.0005, 0.012, 0.1, 2 };
	unsigned fits = 0, total = 0;

	(void)state;
	for (size_t c = 0; c < MP_COUNT(counts); c++) {
		struct mp_plan plan;

		fill(&plan, counts[c]);
		for (size_t i = 0; i < MP_COUNT(invocations); i++)
			for (size_t b = 0; b < MP_COUNT(budgets); b++)
				for (size_t o = 0; o < MP_COUNT(overheads); o++) {
					const struct mp_plan_options options = {
						.overhead = slow, .overhead_user = &overheads[o]
					};

					mp_plan_schedule(&plan, invocations[i],
							 (uint64_t)(budgets[b] * 1e9), &options);
					check_schedule(&plan, counts[c], invocations[i],
						       overheads[o], budgets[b] > 0);
					fits += plan.fits;
					total++;
				}
		mp_plan_done(&plan);
	}
	assert_in_range(fits, total / 4, total - total / 10);
}

/* More budget never measures less; more cases never finish sooner. */
static void test_monotone(void **state)
{
	uint64_t measure = 0, warmup = 0;
	unsigned invocations = 0;
	double estimate = 0;
	struct mp_plan plan;

	(void)state;
	fill(&plan, 200);
	for (uint64_t s = 1; s < 3000; s += 7) {
		mp_plan_schedule(&plan, 10, s * 1000000000, NULL);
		/* more invocations, or the long warm-up, may take from the window */
		assert_true(plan.measure_ns >= measure || plan.invocations > invocations ||
			    plan.warmup_ns > warmup);
		assert_true(plan.invocations >= invocations);
		measure = plan.measure_ns;
		warmup = plan.warmup_ns;
		invocations = plan.invocations;
		assert_true(plan.estimate_s >= estimate * 0.999);
		estimate = plan.estimate_s;
	}
	assert_int_equal(measure, 400000000);
	assert_int_equal(invocations, 10);
	mp_plan_done(&plan);
}

static void test_numbers(void **state)
{
	struct mp_plan plan;

	(void)state;
	/* the quick suite: 38 cases, 5 invocations, 75 s */
	fill(&plan, 38);
	mp_plan_schedule(&plan, 5, 75000000000, NULL);
	assert_int_equal(plan.invocations, 5);
	assert_int_equal(plan.warmup_ns, 20000000);
	assert_in_range(plan.measure_ns, 212600000,
			212800000); /* 0.62 x 75 / 5 / 38 - 0.012 - 0.02 */
	assert_in_range(plan.pool_ns, 28500000000, 28500001000);
	assert_true(plan.fits);
	/* skipped cases cost nothing */
	plan.cases[0].skip_reason = strdup("x");
	plan.n_runnable--;
	mp_plan_schedule(&plan, 5, 75000000000, NULL);
	assert_in_range(plan.measure_ns, 219300000, 219400000);
	mp_plan_done(&plan);
	/* nothing to run */
	fill(&plan, 0);
	mp_plan_schedule(&plan, 5, 75000000000, NULL);
	assert_true(plan.fits);
	assert_true(plan.estimate_s == 0);
	mp_plan_done(&plan);
}

/* One case with one size-like axis, and the base rounds that it is planned for: 10 invocations of 0.5 s. */
static double base_of(const struct mp_bench *bench, const char *axis, uint64_t bytes,
		      const char *touch)
{
	struct mp_plan plan;
	struct mp_param *p;
	double base;

	fill(&plan, 1);
	plan.cases[0].bench = bench;
	p = &plan.cases[0].params.items[plan.cases[0].params.count++];
	snprintf(p->axis, sizeof(p->axis), "%s", axis);
	p->number = bytes;
	if (touch) {
		p = &plan.cases[0].params.items[plan.cases[0].params.count++];
		snprintf(p->axis, sizeof(p->axis), "touch");
		snprintf(p->word, sizeof(p->word), "%s", touch);
	}
	mp_plan_schedule(&plan, 10, 3600000000000, NULL);
	base = plan.base_s;
	mp_plan_done(&plan);
	return base / 10 - 0.5;
}

/* What a case is known or presumed to cost beside its windows. */
static void test_overhead(void **state)
{
	static const struct mp_bench sized = { .name = "a.b", .bytes_axis = "size" };
	double known = 0.25, unknown = NAN, odd = -1, huge = INFINITY;
	double *const no_help[] = { &unknown, &odd, &huge };
	struct mp_plan_options o = { .overhead = slow, .overhead_user = &known };
	struct mp_plan plan;

	(void)state;
	fill(&plan, 10);
	mp_plan_schedule(&plan, 10, 3600000000000, &o);
	assert_true(fabs(plan.base_s - 100 * (0.25 + 0.1 + 0.4)) < 1e-6);
	for (size_t i = 0; i < MP_COUNT(no_help); i++) {
		o.overhead_user = no_help[i];
		mp_plan_schedule(&plan, 10, 3600000000000, &o);
		assert_true(fabs(plan.base_s - 100 * (0.012 + 0.1 + 0.4)) < 1e-6);
	}
	mp_plan_done(&plan);
	/* touching 64 MiB once: 2 ns a byte */
	assert_true(fabs(base_of(&sized, "size", 64 << 20, NULL) - 0.012 - 0.134217728) < 1e-6);
	assert_true(fabs(base_of(&sized, "size", 64 << 20, "write") - 0.012 - 0.134217728) < 1e-6);
	assert_true(fabs(base_of(&sized, "size", 64 << 20, "none") - 0.012) < 1e-6);
	assert_true(fabs(base_of(&plain, "size", 64 << 20, NULL) - 0.012) < 1e-6);
	/* a range is prepared whatever an operation handles */
	assert_true(fabs(base_of(&plain, "range", 64 << 20, NULL) - 0.012 - 0.134217728) < 1e-6);
}

static void check_words(size_t n, unsigned invocations, uint64_t budget_s, const char *want)
{
	struct mp_plan plan;
	char *got;

	fill(&plan, n);
	plan.target = 0.02;
	mp_plan_schedule(&plan, invocations, budget_s * 1000000000, NULL);
	got = mp_plan_words(&plan);
	assert_string_equal(got, want);
	free(got);
	mp_plan_done(&plan);
}

static void test_words(void **state)
{
	(void)state;
	check_words(38, 5, 75,
		    "38 cases, 5 invocations each: 20 ms of warm-up, 213 ms of measuring\n"
		    "about 1 min 01 s: 46 s, and up to 29 s more for cases that need it");
	check_words(1, 1, 900,
		    "1 case, 1 invocation each: 100 ms of warm-up, 400 ms of measuring\n"
		    "about 1 s: 1 s, and up to 0 s more for cases that need it");
	/* nobody gave a budget: none is used up */
	check_words(10, 10, 0,
		    "10 cases, 10 invocations each: 100 ms of warm-up, 400 ms of measuring\n"
		    "about 59 s: 51 s, and up to 15 s more for cases that need it");
	/* with one, the run goes on to it, or to the most invocations */
	check_words(10, 10, 300,
		    "10 cases, 10 invocations each: 100 ms of warm-up, 400 ms of measuring\n"
		    "between 51 s and 5 min 00 s: rounds go on for cases that miss the target of "
		    "2 %");
	check_words(
		1, 10, 3600,
		"1 case, 10 invocations each: 100 ms of warm-up, 400 ms of measuring\n"
		"between 5 s and 2 min 05 s: rounds go on for cases that miss the target of 2 %");
	check_words(100, 10, 60,
		    "100 cases, 7 invocations each: 20 ms of warm-up, 40 ms of measuring\n"
		    "about 55 s: 50 s, and up to 10 s more for cases that need it\n"
		    "7 invocations, not 10: the budget of 1 min 00 s holds no more");
	check_words(1000, 10, 60,
		    "1000 cases, 5 invocations each: 20 ms of warm-up, 40 ms of measuring\n"
		    "about 6 min 00 s: 6 min 00 s, and up to 0 s more for cases that need it\n"
		    "5 invocations, not 10: the budget of 1 min 00 s holds no more\n"
		    "longer than the budget of 1 min 00 s: give --budget 424s or select less");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_grid),	cmocka_unit_test(test_monotone),
		cmocka_unit_test(test_numbers), cmocka_unit_test(test_overhead),
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

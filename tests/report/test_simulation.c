/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Comparisons of simulated sides with a fixed seed: nothing changed must give next to no verdict of change, and a real
 * change must be found.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>

#include "report/compare/compare.h"
#include "results/stats.h"
#include "tests/report/side_made.h"

/* `cases` cases, n invocations a side, 2 % noise; every `changed`th is slower by `factor`. Adds the verdicts up; stores what
 * each case could have found in `detectable`, which may be NULL. */
static void simulate(uint64_t seed, size_t cases, size_t n, size_t changed, double factor,
		     size_t counts[MP_VERDICT_COUNT], size_t *ret_found, double *detectable)
{
	struct mp_random r = { seed };
	struct mp_comparison c;
	struct mp_err err;
	struct made a, b;
	char(*names)[32] = calloc(cases, sizeof(*names));

	made_init(&a, (char *)"A", cases);
	made_init(&b, (char *)"B", cases);
	for (size_t i = 0; i < cases; i++) {
		double x[MADE_MAX], y[MADE_MAX];

		snprintf(names[i], sizeof(names[i]), "x.y/n=%05zu", i);
		made_case(&a, i, names[i]);
		made_case(&b, i, names[i]);
		made_draw(&r, 1000, 0.02, x, n);
		made_draw(&r, changed && i % changed == 0 ? 1000 * factor : 1000, 0.02, y, n);
		made_set(&a, i, MP_MODE_CALL, MP_POPULATION_ALL, x, n);
		made_set(&b, i, MP_MODE_CALL, MP_POPULATION_ALL, y, n);
	}
	assert_int_equal(mp_compare(&a.side, &b.side, &mp_compare_defaults, &c, &err), 0);
	for (size_t i = 0; i < cases; i++) {
		counts[c.pairs[i].verdict]++;
		if (detectable)
			detectable[i] = c.pairs[i].location.detectable;
		if (changed && i % changed == 0 && ret_found)
			*ret_found += c.pairs[i].verdict == MP_VERDICT_SLOWER;
	}
	mp_comparison_done(&c);
	made_done(&a);
	made_done(&b);
	free(names);
}

/* A against A: below 1 % of the pairs may be called changed (the threshold and the false discovery rate leave far
 * fewer), and the interval of most must show that they are the same. */
static void test_nothing_changed(void **state)
{
	size_t counts[MP_VERDICT_COUNT] = { 0 };

	(void)state;
	for (uint64_t seed = 1; seed <= 20; seed++)
		simulate(seed, 300, 10, 0, 1, counts, NULL, NULL);
	print_message("A/A: %zu faster, %zu slower, %zu same, %zu unsure of 6000\n",
		      counts[MP_VERDICT_FASTER], counts[MP_VERDICT_SLOWER], counts[MP_VERDICT_SAME],
		      counts[MP_VERDICT_UNSURE]);
	assert_true(counts[MP_VERDICT_FASTER] + counts[MP_VERDICT_SLOWER] < 60);
	assert_int_equal(counts[MP_VERDICT_SAME] + counts[MP_VERDICT_UNSURE] +
				 counts[MP_VERDICT_FASTER] + counts[MP_VERDICT_SLOWER],
			 6000);
}

/* One case in ten is 12 % slower: found nearly always with ten invocations a side although the floor has to be assumed,
 * and little else is called. */
static void test_power(void **state)
{
	size_t counts[MP_VERDICT_COUNT] = { 0 }, found = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= 10; seed++)
		simulate(seed, 300, 10, 10, 1.12, counts, &found, NULL);
	print_message("power: %zu of 300 found, %zu slower, %zu faster in all\n", found,
		      counts[MP_VERDICT_SLOWER], counts[MP_VERDICT_FASTER]);
	assert_true(found >= 285);
	assert_true(counts[MP_VERDICT_SLOWER] + counts[MP_VERDICT_FASTER] - found <= 15);
}

/* The same without enough invocations finds nothing: five a side cannot carry 300 tests, and says so. */
static void test_too_few(void **state)
{
	size_t counts[MP_VERDICT_COUNT] = { 0 }, found = 0;

	(void)state;
	simulate(1, 300, 5, 300, 1.5, counts, &found, NULL);
	assert_int_equal(found, 0);
	assert_int_equal(counts[MP_VERDICT_SLOWER] + counts[MP_VERDICT_FASTER], 0);
}

/* What comparisons say that they would have called four times in five, planted, is called four times in five. */
static void test_promise(void **state)
{
	enum { CASES = 20, SEEN = 20, TRIALS = 600 };
	size_t counts[MP_VERDICT_COUNT] = { 0 }, found = 0;
	double detectable[SEEN * CASES], promise;

	(void)state;
	for (uint64_t i = 0; i < SEEN; i++)
		simulate(1000 + i, CASES, 10, 0, 1, counts, NULL, detectable + i * CASES);
	promise = mp_median(detectable, SEEN * CASES);
	for (uint64_t seed = 1; seed <= TRIALS; seed++)
		simulate(seed, CASES, 10, CASES, 1 + promise, counts, &found, NULL);
	print_message("promise: %.2f %% found in %zu of %d\n", promise * 100, found, TRIALS);
	assert_true(found > 0.75 * TRIALS && found < 0.87 * TRIALS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_changed),
		cmocka_unit_test(test_power),
		cmocka_unit_test(test_too_few),
		cmocka_unit_test(test_promise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Good or bad, by simulation with a fixed seed: right, soon, and undecided where nothing can be said. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <math.h>

#include "common/random.h"
#include "report/statistics/sequential.h"
#include "report/statistics/special.h"

#define MOST   40
#define TRIALS 500

static double draw(struct mp_random *r, double centre)
{
	double u = ((double)(mp_random_next(r) >> 11) + 0.5) * 0x1p-53;

	return centre * exp(0.02 * mp_special_normal_quantile(u));
}

/* How values around `truth` are called when good is 100 and bad is `bad`: counts by verdict; the mean number of values. */
static double decide(double bad, double truth, unsigned counts[3])
{
	struct mp_random r = { (uint64_t)truth };
	struct mp_rank rank = { 0 };
	double looks = 0;

	counts[0] = counts[1] = counts[2] = 0;
	for (unsigned t = 0; t < TRIALS; t++) {
		double x[10], y[10], seen[MOST];
		struct mp_sequential s = { x, y, 10, 10 };
		struct mp_sequential_step step = { .verdict = MP_SEQUENTIAL_OPEN };
		size_t n = 0;

		for (int i = 0; i < 10; i++) {
			x[i] = draw(&r, 100);
			y[i] = draw(&r, bad);
		}
		while (n < MOST && step.verdict == MP_SEQUENTIAL_OPEN) {
			seen[n++] = draw(&r, truth);
			assert_int_equal(mp_sequential_look(&rank, &s, seen, n, n == MOST, &step),
					 0);
		}
		counts[step.verdict]++;
		looks += (double)n / TRIALS;
	}
	mp_rank_done(&rank);
	return looks;
}

static void test_slower(void **state)
{
	unsigned counts[3];

	(void)state;
	assert_true(decide(110, 100, counts) < 8);
	assert_int_equal(counts[MP_SEQUENTIAL_BAD], 0);
	assert_true(counts[MP_SEQUENTIAL_GOOD] >= 0.98 * TRIALS);
	assert_true(decide(110, 110, counts) < 8);
	assert_int_equal(counts[MP_SEQUENTIAL_GOOD], 0);
	assert_true(counts[MP_SEQUENTIAL_BAD] >= 0.98 * TRIALS);
}

/* What is to be found may be an improvement. */
static void test_faster(void **state)
{
	unsigned counts[3];

	(void)state;
	decide(90, 100, counts);
	assert_int_equal(counts[MP_SEQUENTIAL_BAD], 0);
	assert_true(counts[MP_SEQUENTIAL_GOOD] >= 0.98 * TRIALS);
	decide(90, 90, counts);
	assert_int_equal(counts[MP_SEQUENTIAL_GOOD], 0);
	assert_true(counts[MP_SEQUENTIAL_BAD] >= 0.98 * TRIALS);
}

/* Neither, and on neither side's far end. */
static void test_undecided(void **state)
{
	unsigned counts[3];

	(void)state;
	decide(110, 105, counts);
	assert_true(counts[MP_SEQUENTIAL_OPEN] >= 0.8 * TRIALS);
	decide(110, 130, counts);
	assert_true(counts[MP_SEQUENTIAL_OPEN] >= 0.99 * TRIALS);
	decide(110, 80, counts);
	assert_true(counts[MP_SEQUENTIAL_OPEN] >= 0.99 * TRIALS);
}

/* A drift of a fifth of the way is good all the same, at the latest at the last look. */
static void test_drift(void **state)
{
	unsigned counts[3];

	(void)state;
	decide(120, 103, counts);
	assert_int_equal(counts[MP_SEQUENTIAL_BAD], 0);
	assert_true(counts[MP_SEQUENTIAL_GOOD] >= 0.95 * TRIALS);
	decide(120, 116, counts);
	assert_int_equal(counts[MP_SEQUENTIAL_GOOD], 0);
	assert_true(counts[MP_SEQUENTIAL_BAD] >= 0.95 * TRIALS);
}

/* How near the last look wants it is asked of the interval that heeds drift, as everywhere. */
static void test_interval(void **state)
{
	struct mp_random r = { 5 };
	struct mp_rank rank = { 0 };
	unsigned between = 0;

	(void)state;
	for (unsigned t = 0; t < TRIALS; t++) {
		double x[10], y[10], seen[MOST], way;
		struct mp_sequential s = { x, y, 10, 10 };
		struct mp_rank_ratio whole, exact, wide;
		struct mp_sequential_step step;

		for (int i = 0; i < 10; i++) {
			x[i] = draw(&r, 100);
			y[i] = draw(&r, 120);
		}
		for (int i = 0; i < MOST; i++)
			seen[i] = draw(&r, 104.5);
		assert_int_equal(mp_sequential_look(&rank, &s, seen, MOST, true, &step), 0);
		assert_int_equal(mp_rank_ratio(&rank, x, 10, y, 10, 0.05, &whole), 0);
		assert_int_equal(mp_rank_ratio(&rank, x, 10, seen, MOST, 0.05, &exact), 0);
		assert_int_equal(mp_rank_ratio_invocations(&rank, x, 10, seen, MOST, 0.05, &wide),
				 0);
		way = log(whole.ratio) / 3;
		if (step.p_good <= 0.1 && log(exact.high) < way && log(wide.high) >= way) {
			assert_int_equal(step.verdict, MP_SEQUENTIAL_OPEN);
			between++;
		}
	}
	assert_true(between > 0);
	mp_rank_done(&rank);
}

static void test_apart(void **state)
{
	const double x[] = { 1, 2, 3 }, y[] = { 4, 5, 6 }, zero[] = { 0 };
	struct mp_sequential s = { x, y, 3, 3 };
	struct mp_sequential_step step;
	struct mp_rank rank = { 0 };
	double delta;

	(void)state;
	assert_int_equal(mp_sequential_apart(&rank, &s, &delta), 0);
	assert_true(delta == 1);
	s = (struct mp_sequential){ y, x, 3, 3 };
	assert_int_equal(mp_sequential_apart(&rank, &s, &delta), 0);
	assert_true(delta == -1);
	assert_int_equal(mp_sequential_look(&rank, &s, zero, 1, false, &step), -EINVAL);
	assert_int_equal(mp_sequential_look(&rank, &s, zero, 0, false, &step), -EINVAL);
	mp_rank_done(&rank);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_slower),	  cmocka_unit_test(test_faster),
		cmocka_unit_test(test_undecided), cmocka_unit_test(test_drift),
		cmocka_unit_test(test_interval),  cmocka_unit_test(test_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

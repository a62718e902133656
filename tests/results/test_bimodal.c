/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Two modes or one: modes come back where they are, and what has one mode is seldom said to have two.
 *
 * MEMPERF_TRIALS=20000 results_test_bimodal prints the table of bimodal.h.
 */
#include "results/bimodal.h"

#include <errno.h>

#include "tests/results/support.h"

static double uniform(struct mp_random *r)
{
	return ((double)(mp_random_next(r) >> 11) + 0.5) * 0x1p-53;
}

static double normal(struct mp_random *r)
{
	return sqrt(-2 * log(uniform(r))) * cos(2 * M_PI * uniform(r));
}

/* Student's t with three degrees of freedom: heavy tails on both sides. */
static double t3(struct mp_random *r)
{
	double a = normal(r), b = normal(r), c = normal(r);

	return normal(r) / sqrt((a * a + b * b + c * c) / 3);
}

static double exponential(struct mp_random *r)
{
	return -log(uniform(r));
}

/* One in twenty is an outlier of any size. */
static double spikes(struct mp_random *r)
{
	return normal(r) + (uniform(r) < 0.05 ? 20 * exponential(r) : 0);
}

/* A narrow mode, and a long tail that holds a third of all. */
static double tail(struct mp_random *r)
{
	return uniform(r) < 0.7 ? normal(r) : 30 * uniform(r);
}

static double wide(struct mp_random *r)
{
	return exp(normal(r));
}

static double two_apart(struct mp_random *r)
{
	return normal(r) + (uniform(r) < 0.3 ? 10 : 0);
}

/* What is in between leaves a valley, but no gap. */
static double two_bridged(struct mp_random *r)
{
	return uniform(r) < 0.05 ? 10 * uniform(r) : two_apart(r);
}

static double two_close(struct mp_random *r)
{
	return normal(r) + (uniform(r) < 0.5 ? 8 : 0);
}

/* Most samples of ten, twenty and 2000 that may be called bimodal, as a share; below 0: the most that may be missed. */
static const struct shape {
	const char *name;
	double (*draw)(struct mp_random *);
	double at_10, at_20, at_2000;
} shapes[] = {
	{ "normal", normal, 0.01, 0.01, 0.01 },
	{ "Student t, 3 df", t3, 0.01, 0.01, 0.01 },
	{ "uniform", uniform, 0.02, 0.02, 0.01 },
	{ "exponential", exponential, 0.02, 0.02, 0.01 },
	{ "normal, 5 % outliers", spikes, 0.02, 0.01, 0.01 },
	{ "log-normal, wide", wide, 0.03, 0.02, 0.01 },
	{ "two modes 70/30, 10 sd apart", two_apart, -0.35, -0.15, -0.01 },
	{ "two modes 50/50, 8 sd apart", two_close, -0.55, -0.1, -0.01 },
	{ "the first, 5 % in between", two_bridged, 1, 1, -0.01 },
	{ "70 % normal, 30 % long tail", tail, 1, 1, 0.01 },
};

static double share_of_two(const struct shape *s, size_t n, unsigned trials)
{
	struct mp_random r = { n };
	double *values = calloc(n, sizeof(*values));
	unsigned two = 0;

	for (unsigned t = 0; t < trials; t++) {
		struct mp_bimodal m;

		/* The draws are logs, in units of 2 %. */
		for (size_t i = 0; i < n; i++)
			values[i] = 1000 * exp(0.02 * s->draw(&r));
		assert_int_equal(mp_bimodal_values(values, n, 0, &m), 0);
		two += m.two;
	}
	free(values);
	return (double)two / trials;
}

static void expect(const struct shape *s, double share, double bound)
{
	if (bound < 0 ? share < 1 + bound : share > bound)
		fail_msg("%s: %.4f of the samples", s->name, share);
}

static void test_rates(void **state)
{
	(void)state;
	for (size_t k = 0; k < sizeof(shapes) / sizeof(shapes[0]); k++) {
		const struct shape *s = &shapes[k];

		expect(s, share_of_two(s, 10, 4000), s->at_10);
		expect(s, share_of_two(s, 20, 4000), s->at_20);
		expect(s, share_of_two(s, 2000, 200), s->at_2000);
	}
}

static void print_table(unsigned trials)
{
	static const size_t sizes[] = { 6, 8, 10, 12, 20, 40, 99, 100, 200, 2000 };

	for (size_t k = 0; k < sizeof(shapes) / sizeof(shapes[0]); k++) {
		printf("%-30s", shapes[k].name);
		for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
			printf(" %.4f", share_of_two(&shapes[k], sizes[i],
						     sizes[i] > 1000 ? trials / 20 : trials));
		printf("\n");
	}
}

static void test_where(void **state)
{
	const double values[] = { 100, 121, 101, 99, 120, 102, 100, 119, 98, 100 };
	struct mp_bimodal m;

	(void)state;
	assert_int_equal(mp_bimodal_values(values, 10, 0, &m), 0);
	assert_true(m.known && m.two);
	assert_near(m.low.value, 100, 1e-9);
	assert_near(m.high.value, 120, 1e-9);
	assert_near(m.low.share, 0.7, 1e-12);
	assert_near(m.high.share, 0.3, 1e-12);
	/* Four lie on their median; the middle of ten is between what 121 and 119 are away from theirs. */
	assert_near(m.separation, log(1.2) / (1.4826 * log(121.0 / 119) / 2), 1e-9);
}

static void test_few_and_odd(void **state)
{
	const double five[] = { 1, 1, 1, 9, 9 }, same[] = { 4, 4, 4, 4, 4, 4 };
	const double six[] = { 1, NAN, 1, 1, 9, 9, 9 }, zero[] = { 0, 1, 1, 1, 9, 9, 9 };
	const double one[] = { 5, 5, 5, 5, 5, 5, 5, 5, 5, 50 };
	struct mp_bimodal m;

	(void)state;
	assert_int_equal(mp_bimodal_values(five, 5, 0, &m), 0);
	assert_true(!m.known && !m.two && isnan(m.low.value) && isnan(m.separation));
	assert_int_equal(mp_bimodal_values(NULL, 0, 0, &m), 0);
	assert_false(m.known);
	/* No scatter at all: one mode, and with two values of three each, two. */
	assert_int_equal(mp_bimodal_values(same, 6, 0, &m), 0);
	assert_true(m.known && !m.two && isnan(m.low.value));
	assert_int_equal(mp_bimodal_values(six, 7, 0, &m), 0);
	assert_true(m.two && m.low.value == 1 && isinf(m.separation));
	/* One in ten is an outlier, not a mode. */
	assert_int_equal(mp_bimodal_values(one, 10, 0, &m), 0);
	assert_true(m.known && !m.two);
	assert_int_equal(mp_bimodal_values(zero, 7, 0, &m), -EINVAL);
	assert_int_equal(mp_bimodal_values(zero, 7, 0.1, &m), 0);
}

/* A clock of 10 ns shows one duration of 135 ns as 130 and 140: one mode. 130 and 160 are two. */
static void test_grain(void **state)
{
	double values[20];
	struct mp_bimodal m;

	(void)state;
	for (int i = 0; i < 20; i++)
		values[i] = 130 + 10 * (i % 2);
	assert_int_equal(mp_bimodal_values(values, 20, 10, &m), 0);
	assert_false(m.two);
	assert_int_equal(mp_bimodal_values(values, 20, 0, &m), 0);
	assert_true(m.two);
	for (int i = 0; i < 20; i++)
		values[i] = 130 + 30 * (i % 2);
	assert_int_equal(mp_bimodal_values(values, 20, 10, &m), 0);
	assert_true(m.two);
}

/* A fast and a slow path of calls, with a tail, in a histogram of 100,000 calls. */
static void test_histogram(void **state)
{
	struct mp_histogram h = { 0 };
	struct mp_random r = { 3 };
	struct mp_bimodal m;

	(void)state;
	for (int i = 0; i < 100000; i++) {
		double ns = 250 * exp(0.03 * normal(&r));

		if (i % 100 == 0)
			ns *= 1 + 10 * uniform(&r);
		assert_int_equal(mp_histogram_add(&h, (uint64_t)ns, 1), 0);
	}
	assert_int_equal(mp_bimodal_histogram(&h, 10, &m), 0);
	assert_true(m.known && !m.two);
	for (int i = 0; i < 50000; i++)
		assert_int_equal(mp_histogram_add(&h, (uint64_t)(700 * exp(0.05 * normal(&r))), 1),
				 0);
	assert_int_equal(mp_bimodal_histogram(&h, 10, &m), 0);
	assert_true(m.two);
	assert_near(m.low.value, 250, 3);
	assert_near(m.high.value, 700, 8);
	assert_near(m.high.share, 1.0 / 3, 0.01);
	mp_histogram_done(&h);
	assert_int_equal(mp_bimodal_histogram(&h, 10, &m), 0);
	assert_false(m.known);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_where), cmocka_unit_test(test_few_and_odd),
		cmocka_unit_test(test_grain), cmocka_unit_test(test_histogram),
		cmocka_unit_test(test_rates),
	};
	const char *trials = getenv("MEMPERF_TRIALS");

	if (trials)
		print_table((unsigned)atoi(trials));
	return cmocka_run_group_tests(tests, NULL, NULL);
}

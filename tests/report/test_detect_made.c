/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The change-point detector on made series: its minimum is the minimum over all segmentations, its promise holds on
 * simulated nights, and what breaks naive ones does not break it.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/random.h"
#include "report/history/detect.h"
#include "results/potts.h"

#define ROOM 64

static void near(const char *quantity, double got, double want)
{
	if (!(fabs(got - want) <= 1e-9 * fabs(want) + 1e-12))
		fail_msg("%s %.17g, expected %.17g", quantity, got, want);
}

static double cost_of(const double *z, size_t first, size_t end)
{
	double sorted[ROOM], median, sum = 0;
	size_t n = end - first;

	memcpy(sorted, z + first, n * sizeof(*sorted));
	for (size_t i = 1; i < n; i++)
		for (size_t k = i; k > 0 && sorted[k] < sorted[k - 1]; k--) {
			double swap = sorted[k];

			sorted[k] = sorted[k - 1];
			sorted[k - 1] = swap;
		}
	median = (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
	for (size_t i = 0; i < n; i++)
		sum += fabs(sorted[i] - median);
	return sum;
}

/* The minimum over all segmentations, every cost computed from nothing. */
static double slow_minimum(const double *z, size_t n, size_t min_segment, double gamma)
{
	double best[64] = { 0 };

	for (size_t end = 1; end <= n; end++) {
		best[end] = INFINITY;
		for (size_t start = 0; start + min_segment <= end; start++) {
			double value = (start ? best[start] + gamma : 0) + cost_of(z, start, end);

			best[end] = fmin(best[end], value);
		}
	}
	return best[n];
}

/* Short random series, half of them full of ties. */
static void test_potts_is_exact(void **state)
{
	struct mp_random r = { 20260101 };

	(void)state;
	for (int trial = 0; trial < 2000; trial++) {
		size_t n = 3 + mp_random_below(&r, 40), least = 1 + mp_random_below(&r, 3);
		double gamma = (double)mp_random_below(&r, 60) / 4, objective, sum = 0, z[64];
		size_t *starts, count, first = 0;

		for (size_t i = 0; i < n; i++)
			z[i] = trial % 2 ? (double)mp_random_below(&r, 5)
					 : (double)mp_random_below(&r, 1000000) / 1e5;
		assert_int_equal(mp_potts(z, n, least, gamma, &starts, &count, &objective), 0);
		near("objective", objective, slow_minimum(z, n, least, gamma));
		for (size_t k = 0; k <= count; k++) {
			size_t end = k < count ? starts[k] : n;

			assert_true(end - first >= least);
			sum += cost_of(z, first, end) + (k ? gamma : 0);
			first = end;
		}
		near("cost of the segments", sum, objective);
		free(starts);
	}
}

static double normal(struct mp_random *r)
{
	double u = ((double)mp_random_below(r, 1u << 30) + 0.5) / (1u << 30);
	double v = (double)mp_random_below(r, 1u << 30) / (1u << 30);

	return sqrt(-2 * log(u)) * cos(2 * M_PI * v);
}

enum noise { IID, SPIKES, AR };

/* 100 nights of 2 % noise with a step at `at` (100: none). */
static void simulate(struct mp_random *r, enum noise noise, size_t at, double step, double *z)
{
	double wander = 0;

	for (size_t i = 0; i < 100; i++) {
		double e = normal(r);

		wander = noise == AR ? 0.5 * wander + sqrt(0.75) * e : e;
		z[i] = 7 + 0.02 * wander + (i >= at ? step : 0);
		if (noise == SPIKES && mp_random_below(r, 100) < 5)
			z[i] += 0.3;
	}
}

/* Of `series`, how many have a change point (wanted: one within 2 of `at`). */
static unsigned alarms(enum noise noise, size_t at, double step, unsigned series)
{
	struct mp_random r = { 7 + (unsigned)noise };
	unsigned hits = 0;

	for (unsigned s = 0; s < series; s++) {
		struct mp_detection d;
		bool hit = false;
		double z[100];

		simulate(&r, noise, at, step, z);
		assert_int_equal(mp_detect(z, 100, &mp_detect_defaults, &d), 0);
		for (size_t i = 0; i < d.n_points; i++)
			hit |= at == 100 || (d.points[i].at + 2 >= at && d.points[i].at <= at + 2);
		hits += hit;
		mp_detection_done(&d);
	}
	return hits;
}

static void test_promise(void **state)
{
	unsigned null = alarms(IID, 100, 0, 1000), spikes = alarms(SPIKES, 100, 0, 1000),
		 correlated = alarms(AR, 100, 0, 1000);
	unsigned steps = alarms(IID, 80, 0.05, 1000), through = alarms(SPIKES, 80, 0.05, 1000);

	(void)state;
	print_message(
		"of 1000: false alarms %u, with 5 %% spikes %u, correlated 0.5 %u; step of 2.5 "
		"sigma found %u, with spikes %u\n",
		null, spikes, correlated, steps, through);
	assert_true(null <= 5 && spikes <= 5 && correlated <= 60);
	assert_true(steps >= 950 && through >= 850);
}

/* ---- what breaks naive ones ---- */

static void test_edges(void **state)
{
	static const double flat[40] = { 0 }, nan[] = { 1, 2, NAN, 4, 5, 6, 7 };
	double z[40];
	struct mp_detection d;

	(void)state;
	for (size_t n = 0; n < 40; n++) {
		assert_int_equal(mp_detect(flat, n, &mp_detect_defaults, &d), 0);
		assert_true(d.n_points == 0 && d.n_candidates == 0);
		mp_detection_done(&d);
	}
	assert_int_equal(mp_detect(nan, 7, &mp_detect_defaults, &d), -EINVAL);
	/* A step without any noise. */
	for (size_t i = 0; i < 40; i++)
		z[i] = i < 25 ? 1 : 2;
	assert_int_equal(mp_detect(z, 40, &mp_detect_defaults, &d), 0);
	assert_int_equal(d.n_points, 1);
	assert_int_equal(d.points[0].at, 25);
	mp_detection_done(&d);
	/* One outlier is none. */
	for (size_t i = 0; i < 40; i++)
		z[i] = i == 20 ? 5 : 1 + 0.001 * (double)(i % 3);
	assert_int_equal(mp_detect(z, 40, &mp_detect_defaults, &d), 0);
	assert_int_equal(d.n_points, 0);
	mp_detection_done(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_potts_is_exact),
		cmocka_unit_test(test_promise),
		cmocka_unit_test(test_edges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

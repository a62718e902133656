/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Statistics: the interval against its promised coverage in simulation, the median on clocks that advance in steps,
 * and what counts as unknown.
 */
#include "results/stats.h"

#include "tests/results/support.h"

static void test_few(void **state)
{
	const double values[] = { 5, 3, 4, 9, 1 };
	struct mp_estimate e;

	(void)state;
	e = mp_estimate_median(values, 0);
	assert_int_equal(e.n, 0);
	assert_true(isnan(e.value) && isnan(e.low) && isnan(e.high) && isnan(e.level) &&
		    isnan(e.cv));
	assert_true(isinf(mp_estimate_half_width(&e)));
	e = mp_estimate_median(values, 1);
	assert_near(e.value, 5, 0);
	assert_true(isinf(e.low) && e.low < 0 && isinf(e.high) && isnan(e.level) && isnan(e.cv));
	assert_true(isinf(mp_estimate_half_width(&e)));
	e = mp_estimate_median(values, 2);
	assert_near(e.value, 4, 0);
	assert_near(e.level, 0.5, 0);
	e = mp_estimate_median(values, 5);
	assert_near(e.value, 4, 0);
	assert_near(e.low, 1, 0);
	assert_near(e.high, 9, 0);
	assert_near(e.level, 0.9375, 0);
	assert_near(mp_estimate_half_width(&e), 1, 0);
	/* A NaN does not count. */
	/* Six: from the first to the second of each side, by (5 I) / (1 + 4 I), I = (31/32 - 0.95) / (12/64). */
	e = mp_estimate_median((const double[]){ 10, 20, 30, 40, 50, 60 }, 6);
	assert_near(e.low, 10 + 10 * 0.5 / 1.4, 1e-9);
	assert_near(e.high, 60 - 10 * 0.5 / 1.4, 1e-9);
	assert_near(e.level, 0.95, 0);
	e = mp_estimate_median((const double[]){ NAN, 3, 1, NAN, 2 }, 5);
	assert_int_equal(e.n, 3);
	assert_near(e.value, 2, 0);
	assert_near(e.cv, 0.5, 1e-15);
	e = mp_estimate_median((const double[]){ NAN, NAN }, 2);
	assert_int_equal(e.n, 0);
}

/* Of invocations, which drift: the ends are as much further out, and no time is below 0. */
static void test_drift(void **state)
{
	struct mp_estimate e = mp_estimate_invocations((const double[]){ 5, 3, 4, 9, 1 }, 5);

	(void)state;
	assert_near(e.value, 4, 0);
	assert_near(e.low, 4 - 3 * MP_DRIFT_WIDTH, 1e-12);
	assert_near(e.high, 4 + 5 * MP_DRIFT_WIDTH, 1e-12);
	assert_near(e.level, 0.9375, 0);
	e = mp_estimate_invocations((const double[]){ 0.1, 10, 11 }, 3);
	assert_near(e.low, 0, 0);
	e = mp_estimate_invocations((const double[]){ 5 }, 1);
	assert_true(isinf(e.low) && isinf(e.high));
}

/* Approximately normal: the sum of twelve uniforms, less six. */
static double normal(struct mp_random *r)
{
	double sum = -6;

	for (int i = 0; i < 12; i++)
		sum += (double)(mp_random_next(r) >> 11) * 0x1p-53;
	return sum;
}

/* The interval holds the true median as often as it says, whatever the shape; fixed seed. */
static void test_coverage(void **state)
{
	static const size_t sizes[] = { 3, 5, 8, 10, 20, 40 };
	enum { TRIALS = 4000 };
	struct mp_random r = { 7 };

	(void)state;
	for (size_t k = 0; k < sizeof(sizes) / sizeof(sizes[0]); k++) {
		double values[40], level = 0;
		unsigned hits = 0;

		for (int trial = 0; trial < TRIALS; trial++) {
			struct mp_estimate e;

			for (size_t i = 0; i < sizes[k]; i++)
				values[i] = exp(0.3 * normal(&r));
			e = mp_estimate_median(values, sizes[k]);
			hits += e.low <= 1 && 1 <= e.high;
			level = e.level;
		}
		/* Three standard deviations of a share, and what interpolation leaves to the shape. */
		assert_near((double)hits / TRIALS, level,
			    3 * sqrt(level * (1 - level) / TRIALS) + 0.005);
	}
}

/* ---- one invocation ---- */

/* Call samples of one measured block, in ticks; nothing is owned by heap. */
static struct mp_dist dist_of(uint32_t *samples, size_t n, double ns_per_tick, double step_ns)
{
	struct mp_block block = { .ops = (uint32_t)n,
				  .mode = MP_MODE_CALL,
				  .phase = MP_PHASE_MEASURE };
	struct mp_invocation inv = { .blocks = &block,
				     .n_blocks = 1,
				     .samples = samples,
				     .n_samples = n,
				     .clock_ns_per_tick = ns_per_tick };
	struct mp_dist d;

	for (size_t i = 0; i < n; i++)
		block.ticks += samples[i];
	assert_int_equal(mp_invocation_dist(&inv, MP_MODE_CALL, MP_POPULATION_ALL, step_ns, &d), 0);
	return d;
}

static void test_grouped_simple(void **state)
{
	uint32_t one[] = { 130 }, same[] = { 130, 130, 130, 130 }, two[] = { 140, 130 };
	uint32_t half[] = { 130, 140, 130, 140, 140, 130 }, apart[] = { 100, 200 };
	uint32_t odd[] = { 130, 140, 130, 130, 140 }, zero[] = { 0, 0, 10 };

	(void)state;
	assert_near(dist_of(one, 1, 1, 10).p50, 130, 1e-9);
	assert_near(dist_of(same, 4, 1, 10).p50, 130, 1e-9);
	assert_near(dist_of(two, 2, 1, 10).p50, 135, 1e-9);
	assert_near(dist_of(half, 6, 1, 10).p50, 135, 1e-9);
	/* Two values that are not neighbours on the clock: the ordinary median. */
	assert_near(dist_of(apart, 2, 1, 10).p50, 150, 1e-9);
	/* 125 + (2.5 / 3) * 10: the median lies in the upper part of the step that holds 3 of 5. */
	assert_near(dist_of(odd, 5, 1, 10).p50, 125 + 25.0 / 3, 1e-9);
	assert_true(dist_of(zero, 3, 1, 10).p50 >= 0);
	/* A clock without steps, and one whose step is not known. */
	assert_near(dist_of(odd, 5, 1, 0).p50, 130, 1e-9);
	assert_near(dist_of(two, 2, 1, 0).p50, 135, 1e-9);
	assert_near(dist_of(odd, 5, 1, NAN).p50, 130, 1e-9);
	/* Ticks that are not nanoseconds. */
	assert_near(dist_of(half, 6, 0.5, 5).p50, 67.5, 1e-9);
}

/* Every true duration between two steps comes out within a tenth of a step. */
static void test_grouped_recovers(void **state)
{
	static uint32_t samples[4000];
	struct mp_random r = { 11 };

	(void)state;
	for (double truth = 130; truth <= 140; truth += 1) {
		double p50, mean;

		for (size_t i = 0; i < 4000; i++)
			samples[i] = draw_ticks(&r, truth);
		mean = dist_of(samples, 4000, NS_PER_TICK, STEP_NS).mean;
		p50 = dist_of(samples, 4000, NS_PER_TICK, STEP_NS).p50;
		assert_near(mean, truth, 0.5);
		assert_near(p50, truth, 1.2);
		/* The plain median would be off by up to half a step. */
	}
	for (size_t i = 0; i < 4000; i++)
		samples[i] = draw_ticks(&r, 135);
	assert_near(dist_of(samples, 4000, NS_PER_TICK, STEP_NS).p50, 135, 0.5);
	/* A long tail moves the mean and not the median. */
	for (size_t i = 0; i < 400; i++)
		samples[i * 10] = 100000;
	assert_near(dist_of(samples, 4000, NS_PER_TICK, STEP_NS).p50, 135.5, 1);
}

static void test_order_statistics(void **state)
{
	static uint32_t samples[5000];
	const size_t sizes[] = { 1, 35, 36, 367, 368, 3687, 3688, 5000 };

	(void)state;
	/* 1 .. n in random order. */
	for (size_t k = 0; k < sizeof(sizes) / sizeof(sizes[0]); k++) {
		size_t n = sizes[k];
		struct mp_random r = { k };
		struct mp_dist d;

		for (size_t i = 0; i < n; i++)
			samples[i] = (uint32_t)i * 1000 + 1000;
		for (size_t i = n; i > 1; i--) {
			size_t other = mp_random_below(&r, i);
			uint32_t swap = samples[i - 1];

			samples[i - 1] = samples[other];
			samples[other] = swap;
		}
		d = dist_of(samples, n, 0.001, 0);
		assert_int_equal(d.n, n);
		assert_near(d.min, 1, 1e-9);
		assert_near(d.max, n, 1e-6);
		assert_near(d.mean, (double)(n + 1) / 2, 1e-6);
		assert_near(d.p50, (double)(n + 1) / 2, 1e-6);
		assert_true(n < 36 ? isnan(d.p90) : fabs(d.p90 - ceil(0.9 * (double)n)) < 1e-6);
		assert_true(n < 368 ? isnan(d.p99) : fabs(d.p99 - ceil(0.99 * (double)n)) < 1e-6);
		assert_true(n < 3688 ? isnan(d.p999)
				     : fabs(d.p999 - ceil(0.999 * (double)n)) < 1e-6);
	}
}

/* Three call blocks (one calm, one slow, one with a failed operation), warm-up, and two batch blocks. */
static struct mp_block mixed_blocks[] = {
	{ .start = 5,
	  .ticks = 900,
	  .ops = 1,
	  .first_sample = 0,
	  .mode = MP_MODE_CALL,
	  .phase = MP_PHASE_FIRST },
	{ .start = 6,
	  .ticks = 800,
	  .ops = 1,
	  .first_sample = 1,
	  .mode = MP_MODE_CALL,
	  .phase = MP_PHASE_WARMUP,
	  .probe_mul = { 1000, 1000 },
	  .probe_add = { 500, 500 } },
	{ .ticks = 300,
	  .ops = 3,
	  .first_sample = 2,
	  .mode = MP_MODE_CALL,
	  .phase = MP_PHASE_MEASURE,
	  .probe_mul = { 1000, 1049 },
	  .probe_add = { 500, 520 } },
	{ .ticks = 400,
	  .ops = 2,
	  .first_sample = 5,
	  .mode = MP_MODE_CALL,
	  .phase = MP_PHASE_MEASURE,
	  .probe_mul = { 1000, 1000 },
	  .probe_add = { 500, 700 },
	  .flags = MP_BLOCK_PREEMPTED },
	{ .ticks = 5000,
	  .ops = 1,
	  .errors = 1,
	  .first_sample = 7,
	  .mode = MP_MODE_CALL,
	  .phase = MP_PHASE_MEASURE,
	  .probe_mul = { 1000, 1000 },
	  .probe_add = { 500, 500 } },
	{ .ticks = 1000,
	  .ops = 10,
	  .mode = MP_MODE_BATCH,
	  .phase = MP_PHASE_MEASURE,
	  .probe_mul = { 1000, 1000 },
	  .probe_add = { 500, 500 } },
	{ .ticks = 6000,
	  .ops = 30,
	  .mode = MP_MODE_BATCH,
	  .phase = MP_PHASE_MEASURE,
	  .probe_mul = { 2000, 1000 },
	  .probe_add = { 500, 500 } },
	{ .ticks = 100, .ops = 50, .mode = MP_MODE_RATE, .phase = MP_PHASE_MEASURE, .worker = 0 },
	{ .ticks = 200, .ops = 50, .mode = MP_MODE_RATE, .phase = MP_PHASE_MEASURE, .worker = 1 },
};
static uint32_t mixed_samples[] = { 900, 800, 100, 90, 110, 190, 210, 5000 };

static struct mp_invocation mixed(void)
{
	return (struct mp_invocation){ .blocks = mixed_blocks,
				       .n_blocks = 9,
				       .samples = mixed_samples,
				       .n_samples = 8,
				       .clock_ns_per_tick = 0.5,
				       .mul_reference = 1000,
				       .add_reference = 500 };
}

static void test_populations(void **state)
{
	struct mp_invocation inv = mixed();
	struct mp_dist d;

	(void)state;
	assert_int_equal(mp_invocation_dist(&inv, MP_MODE_CALL, MP_POPULATION_ALL, 0, &d), 0);
	assert_int_equal(d.n, 5);
	assert_int_equal(d.blocks, 2);
	assert_near(d.mean, 70, 1e-9);
	assert_near(d.p50, 55, 1e-9);
	assert_int_equal(mp_invocation_dist(&inv, MP_MODE_CALL, MP_POPULATION_CALM, 0, &d), 0);
	assert_int_equal(d.n, 3);
	assert_near(d.p50, 50, 1e-9);
	assert_near(d.max, 55, 1e-9);
	assert_int_equal(mp_invocation_dist(&inv, MP_MODE_BATCH, MP_POPULATION_ALL, 0, &d), 0);
	assert_int_equal(d.n, 2);
	/* Total time over total operations, not the mean of means; the median is of block means. */
	assert_near(d.mean, 87.5, 1e-9);
	assert_near(d.p50, 75, 1e-9);
	assert_int_equal(mp_invocation_dist(&inv, MP_MODE_BATCH, MP_POPULATION_CALM, 0, &d), 0);
	assert_int_equal(d.n, 1);
	assert_near(d.mean, 50, 1e-9);
	assert_near(mp_invocation_calm_share(&inv, MP_MODE_CALL), 0.6, 1e-9);
	assert_near(mp_invocation_calm_share(&inv, MP_MODE_BATCH), 0.5, 1e-9);
	/* Without probes: not calm, and that is known. */
	assert_near(mp_invocation_calm_share(&inv, MP_MODE_RATE), 0, 0);
	assert_near(mp_invocation_first_ns(&inv), 450, 1e-9);
}

/* Of what was recorded of a block at full speed, this leaves it calm and that does not. */
static void test_calm(void **state)
{
	static const unsigned disturbs = MP_BLOCK_PREEMPTED | MP_BLOCK_MIGRATED | MP_BLOCK_STRAY;
	struct mp_block block = mixed_blocks[5];
	struct mp_invocation inv = mixed();

	(void)state;
	for (unsigned bit = 1; bit <= MP_BLOCK_STRAY; bit <<= 1) {
		block.flags = (uint16_t)bit;
		assert_int_equal(mp_invocation_calm(&inv, &block), !(bit & disturbs));
	}
}

static void test_rate(void **state)
{
	struct mp_invocation inv = mixed();
	struct mp_dist d;
	double rate;

	(void)state;
	assert_int_equal(mp_invocation_rate(&inv, &rate), 0);
	/* 50 in 50 ns and 50 in 100 ns. */
	assert_near(rate, 1.5e9, 1);
	assert_int_equal(mp_invocation_dist(&inv, MP_MODE_RATE, MP_POPULATION_ALL, 0, &d), 0);
	assert_near(d.mean, 1.5, 1e-9);
	inv.n_blocks = 7;
	assert_int_equal(mp_invocation_rate(&inv, &rate), 0);
	assert_true(isnan(rate));
}

static void test_unknown(void **state)
{
	struct mp_invocation inv = mixed(), none = { 0 };
	struct mp_dist d;
	double rate;

	(void)state;
	inv.mul_reference = NAN;
	assert_true(isnan(mp_invocation_calm_share(&inv, MP_MODE_CALL)));
	assert_int_equal(mp_invocation_dist(&inv, MP_MODE_CALL, MP_POPULATION_CALM, 0, &d), 0);
	assert_int_equal(d.n, 0);
	assert_true(isnan(d.mean) && isnan(d.p50) && isnan(d.min) && isnan(d.max));
	inv.clock_ns_per_tick = 0;
	assert_int_equal(mp_invocation_dist(&inv, MP_MODE_CALL, MP_POPULATION_ALL, 0, &d), 0);
	assert_int_equal(d.n, 0);
	assert_true(isnan(mp_invocation_first_ns(&inv)));
	assert_true(isnan(mp_invocation_first_ns(&none)));
	assert_true(isnan(mp_invocation_calm_share(&none, MP_MODE_CALL)));
	assert_int_equal(mp_invocation_rate(&none, &rate), 0);
	assert_true(isnan(rate));
	assert_true(isnan(mp_median(NULL, 0)));
}

static void test_histogram_of_invocation(void **state)
{
	struct mp_invocation inv = mixed();
	struct mp_histogram h = { 0 };

	(void)state;
	assert_int_equal(mp_invocation_histogram(&inv, MP_POPULATION_ALL, &h), 0);
	assert_int_equal(h.n, 5);
	assert_int_equal(h.min, 45);
	assert_int_equal(h.max, 105);
	assert_near(h.sum, 45 + 50 + 55 + 95 + 105, 0);
	assert_int_equal(mp_invocation_histogram(&inv, MP_POPULATION_CALM, &h), 0);
	assert_int_equal(h.n, 8);
	mp_histogram_done(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_few),
		cmocka_unit_test(test_drift),
		cmocka_unit_test(test_coverage),
		cmocka_unit_test(test_grouped_simple),
		cmocka_unit_test(test_grouped_recovers),
		cmocka_unit_test(test_order_statistics),
		cmocka_unit_test(test_populations),
		cmocka_unit_test(test_calm),
		cmocka_unit_test(test_rate),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_histogram_of_invocation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

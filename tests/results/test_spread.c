/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The scatter of a case: what is stored is what the invocations say, two modes are told, and an old file gets it too. */
#include "results/spread.h"

#include <math.h>

#include "results/store.h"
#include "results/store_internal.h"
#include "tests/results/support.h"

static struct scratch scratch;

static int set_up(void **state)
{
	(void)state;
	scratch_make_fast(&scratch);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	scratch_remove(&scratch);
	return 0;
}

static void add(struct mp_store *s, int64_t run_case, unsigned ordinal, double ns)
{
	struct recipe recipe = { .ordinal = ordinal,
				 .ns = ns,
				 .call_blocks = 12,
				 .call_ops = 32,
				 .batch_blocks = 6,
				 .batch_ops = 100,
				 .calm_of_10 = 10,
				 .seed = 5 };

	add_invocation(s, run_case, &recipe);
}

static struct mp_spread spread_of(struct mp_store *s, int64_t run_case)
{
	struct mp_spread spread;
	struct mp_err err;

	assert_int_equal(mp_store_case_spread(s, run_case, &spread, &err), 0);
	return spread;
}

/* Twelve invocations around two levels, 20 % apart: a variance that is all between, and two modes. */
static void two_levels(void **state)
{
	struct mp_store *s = must_open(scratch.file, MP_STORE_WRITE);
	int64_t run_case = add_case(s, begin_run(s, NULL, NULL, 1), "4K", 4096, 12);
	struct mp_spread spread;

	(void)state;
	for (unsigned i = 0; i < 12; i++)
		add(s, run_case, i, (i % 3 ? 2000 : 2400) + 2 * i);
	finish_case(s, run_case, "planned");
	spread = spread_of(s, run_case);
	assert_int_equal(spread.variance.n, 12);
	assert_near(spread.variance.blocks, 12, 1e-9);
	/* 8 and 4 of 12 at two levels: p (1 - p) ln(1.2)^2 n / (n - 1) */
	assert_near(sqrt(spread.variance.between), sqrt(8. / 12 * 4 / 12 * 12 / 11) * log(1.2),
		    0.003);
	assert_true(spread.variance.icc > 0.98);
	assert_true(spread.invocations.known && spread.invocations.two);
	assert_near(spread.invocations.low.share, 8. / 12, 1e-9);
	assert_near(spread.invocations.low.value, 2011, 6);
	assert_near(spread.invocations.high.value, 2409, 6);
	/* The calls come from the same two levels. */
	assert_true(spread.calls.known && spread.calls.two);
	/* 36 blocks of 100000 ticks apart, of which all but two are measured */
	assert_true(spread.cost.block_ns > 0 && spread.cost.start_ns > 0);
	assert_near(spread.cost.block_ns * 12 + spread.cost.start_ns, 250e6, 1);
	assert_int_equal(count_problems(s, true), 0);
	mp_store_close(s);
}

static void one_level(void **state)
{
	struct mp_store *s = must_open(scratch.file, MP_STORE_WRITE);
	int64_t run = begin_run(s, NULL, NULL, 1), few, one;
	struct mp_spread spread;

	(void)state;
	few = add_case(s, run, "4K", 4096, 8);
	for (unsigned i = 0; i < 8; i++)
		add(s, few, i, 2000 + 3 * i);
	finish_case(s, few, "planned");
	spread = spread_of(s, few);
	assert_true(spread.invocations.known && !spread.invocations.two && !spread.calls.two);
	one = add_case(s, run, "8K", 8192, 1);
	add(s, one, 0, 2000);
	finish_case(s, one, "planned");
	spread = spread_of(s, one);
	assert_int_equal(spread.variance.n, 0);
	assert_true(isnan(spread.variance.between) && isnan(spread.cost.start_ns));
	assert_false(spread.invocations.known);
	mp_store_close(s);
}

static int64_t count(struct mp_store *s, const char *sql)
{
	struct mp_query q;
	struct mp_err err;
	int64_t value = -1;

	assert_int_equal(mp_query_open(s, &q, sql, &err), 0);
	assert_int_equal(mp_query_int(&q, "count", -1, &value, &err), 0);
	return value;
}

/* A file of version 1 gets it by migration. */
static void migrated(void **state)
{
	char command[1024];
	struct mp_store *s;

	(void)state;
	snprintf(command, sizeof(command), "cp '%s/data/results/v1.db' '%s'", MEMPERF_TESTS,
		 scratch.file);
	assert_int_equal(system(command), 0);
	s = must_open(scratch.file, MP_STORE_WRITE);
	assert_int_equal(count(s, "SELECT count(*) FROM variance"),
			 count(s, "SELECT count(*) FROM run_case WHERE n > 1"));
	assert_true(count(s, "SELECT count(*) FROM variance WHERE s2_means > 0") > 0);
	assert_int_equal(count(s, "SELECT count(*) FROM run WHERE clock_drift_ppm IS NOT NULL"), 0);
	mp_store_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(two_levels, set_up, tear_down),
		cmocka_unit_test_setup_teardown(one_level, set_up, tear_down),
		cmocka_unit_test_setup_teardown(migrated, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

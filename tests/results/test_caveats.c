/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a run stores against the values of its cases: each caveat where it was planted, and nowhere else. */
#include "results/caveats.h"

#include "tests/report/files_made.h"
#include "tests/results/support.h"

static int set_up(void **state)
{
	(void)state;
	files_begin();
	files_make("counted.db", "counted 12 1");
	files_make("counted.db", "calls 3 2");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	files_end();
	return 0;
}

static int note(void *user, int64_t run_case, enum mp_caveat caveat)
{
	unsigned *seen = user;

	assert_in_range(run_case, 1, 15);
	seen[run_case] |= 1u << caveat;
	return 0;
}

/* The fixture plants one in each of five cases; see make_db. */
static void each_where_it_was_planted(void **state)
{
	static const unsigned wanted[16] = { [2] = 1u << MP_CAVEAT_DRIFT,
					     [3] = 1u << MP_CAVEAT_MODES,
					     [4] = 1u << MP_CAVEAT_MULTIPLEXED,
					     [5] = 1u << MP_CAVEAT_COST,
					     [6] = 1u << MP_CAVEAT_FIRST };
	unsigned seen[16] = { 0 }, other[16] = { 0 };
	struct mp_store *s = must_open("counted.db", MP_STORE_READ);
	struct mp_err err;

	(void)state;
	assert_int_equal(mp_store_caveats(s, 1, note, seen, &err), 0);
	assert_memory_equal(seen, wanted, sizeof(wanted));
	/* Those of another run are not told. */
	assert_int_equal(mp_store_caveats(s, 2, note, other, &err), 0);
	for (int i = 0; i < 13; i++)
		assert_int_equal(other[i], 0);
	mp_store_close(s);
}

static int stop(void *user, int64_t run_case, enum mp_caveat caveat)
{
	(void)run_case;
	(void)caveat;
	return ++*(int *)user == 2 ? 7 : 0;
}

static void stops_when_it_is_told(void **state)
{
	struct mp_store *s = must_open("counted.db", MP_STORE_READ);
	struct mp_err err;
	int calls = 0;

	(void)state;
	assert_int_equal(mp_store_caveats(s, 1, stop, &calls, &err), 7);
	assert_int_equal(calls, 2);
	mp_store_close(s);
}

static void drift_goes_one_way_and_far_enough(void **state)
{
	double up[12], flat[12], small[12], once[12];

	(void)state;
	for (int i = 0; i < 12; i++) {
		up[i] = 100 + i;
		flat[i] = 100 + (i % 2 ? 5 : -5);
		small[i] = 100 + 0.1 * i; /* as sure, and not worth a word */
		once[i] = i == 11 ? 200 : 100; /* one odd value */
	}
	assert_true(mp_drifts(up, 12));
	assert_true(mp_drifts(up, MP_DRIFT_LEAST));
	assert_false(mp_drifts(up, MP_DRIFT_LEAST - 1));
	for (int i = 0; i < 12; i++)
		up[i] = 112 - i;
	assert_true(mp_drifts(up, 12));
	assert_false(mp_drifts(flat, 12));
	assert_false(mp_drifts(small, 12));
	assert_false(mp_drifts(once, 12));
	assert_false(mp_drifts(up, 0));
}

/* Of values without a trend one in a thousand is called one: here of 20,000 sets, and never twice that. As seldom the first
 * stands apart. */
static void chance_is_seldom_a_caveat(void **state)
{
	struct mp_random random = { .state = 7 };
	unsigned called = 0, first = 0;

	(void)state;
	for (int set = 0; set < 20000; set++) {
		double values[10];

		for (int i = 0; i < 10; i++)
			values[i] = 100 + (double)(mp_random_next(&random) % 1000) / 50;
		called += mp_drifts(values, 10);
		first += mp_first_differs(values, MP_FIRST_LEAST);
	}
	assert_in_range(called, 1, 40);
	assert_in_range(first, 0, 40);
}

static void the_first_stands_apart_from_all(void **state)
{
	double values[12], small[12], two[12];

	(void)state;
	for (int i = 0; i < 12; i++) {
		values[i] = i ? 100 + i % 3 : 107;
		small[i] = i ? 1000 + i % 3 : 1020; /* as far, and not worth a word */
		two[i] = i % 6 ? 100 + i % 3 : 107; /* it is not the only one */
	}
	assert_true(mp_first_differs(values, 12));
	assert_true(mp_first_differs(values, MP_FIRST_LEAST));
	assert_false(mp_first_differs(values, MP_FIRST_LEAST - 1));
	assert_false(mp_first_differs(values, 0));
	assert_false(mp_first_differs(small, 12));
	assert_false(mp_first_differs(two, 12));
	values[0] = 106;
	assert_false(mp_first_differs(values, 12));
	values[0] = 95;
	assert_true(mp_first_differs(values, 12));
	values[0] = 101;
	assert_false(mp_first_differs(values, 12));
	/* A drift is none. */
	for (int i = 0; i < 12; i++)
		values[i] = 100 + i * i;
	assert_false(mp_first_differs(values, 12));
}

/* By either of the two, and by nothing that is a rounding of the clock. */
static void a_tenth_of_a_call_is_a_cost(void **state)
{
	(void)state;
	assert_true(mp_timing_costs(299, NAN, 30));
	assert_false(mp_timing_costs(301, NAN, 30));
	assert_true(mp_timing_costs(1000, 101, 30));
	assert_true(mp_timing_costs(1000, -101, 30));
	assert_false(mp_timing_costs(1000, 99, 30));
	assert_false(mp_timing_costs(1000, 101, 51));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_where_it_was_planted),
		cmocka_unit_test(stops_when_it_is_told),
		cmocka_unit_test(drift_goes_one_way_and_far_enough),
		cmocka_unit_test(chance_is_seldom_a_caveat),
		cmocka_unit_test(the_first_stands_apart_from_all),
		cmocka_unit_test(a_tenth_of_a_call_is_a_cost),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}

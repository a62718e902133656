/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is judged beside the location: tail and shape, in either order. */
#include "tests/report/compare_made.h"

/* One call in a hundred takes ten times as long: the median stays, the tail does not. */
static void test_tail(void **state)
{
	static const double planted[MP_PROFILE_COUNT] = { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 3, 5, 3.3 };
	static const double shorter[MP_PROFILE_COUNT] = { 1, 1, 1, 1,	1,   1,	 1,
							  1, 1, 1, 0.5, 0.5, 0.5 };
	struct mp_comparison c;
	struct made a, b;
	char *why;

	(void)state;
	one(&a, &b);
	made_set(&a, 0, MP_MODE_CALL, MP_POPULATION_ALL, base, 10);
	made_set(&b, 0, MP_MODE_CALL, MP_POPULATION_ALL, base, 10);
	made_profile(&a, 0, MP_POPULATION_ALL, NULL);
	made_profile(&b, 0, MP_POPULATION_ALL, planted);
	c = compared(&a, &b, &mp_compare_defaults);
	assert_int_equal(c.pairs[0].verdict, MP_VERDICT_SAME);
	assert_int_equal(c.pairs[0].tail.verdict, MP_ASIDE_SLOWER);
	assert_int_equal(c.pairs[0].shape.verdict, MP_ASIDE_SAME);
	assert_true(c.pairs[0].tail.changes[1].low > 4);
	assert_int_equal(c.tests[MP_ASPECT_TAIL].tested, 3);
	assert_int_equal(c.tests[MP_ASPECT_SHAPE].tested, 8);
	assert_int_equal(mp_compare_gate(&c, &why), MP_GATE_REGRESSION);
	assert_non_null(strstr(why, "1 with a slower tail"));
	free(why);
	mp_comparison_done(&c);

	made_profile(&b, 0, MP_POPULATION_ALL, shorter);
	c = compared(&a, &b, &mp_compare_defaults);
	assert_int_equal(c.pairs[0].tail.verdict, MP_ASIDE_FASTER);
	assert_int_equal(mp_compare_gate(&c, &why), MP_GATE_NONE);
	free(why);
	mp_comparison_done(&c);

	made_profile(&b, 0, MP_POPULATION_ALL, NULL);
	c = compared(&a, &b, &mp_compare_defaults);
	assert_int_equal(c.pairs[0].tail.verdict, MP_ASIDE_SAME);
	assert_int_equal(c.pairs[0].shape.verdict, MP_ASIDE_SAME);
	mp_comparison_done(&c);

	/* Below the clock's resolution single calls say nothing. */
	b.rows[0].resolution = MP_RESOLUTION_BATCH_ONLY;
	made_set(&a, 0, MP_MODE_BATCH, MP_POPULATION_ALL, base, 10);
	made_set(&b, 0, MP_MODE_BATCH, MP_POPULATION_ALL, base, 10);
	c = compared(&a, &b, &mp_compare_defaults);
	assert_int_equal(c.pairs[0].tail.verdict, MP_ASIDE_NONE);
	assert_non_null(strstr(c.pairs[0].tail.reason, "resolution"));
	mp_comparison_done(&c);
	done(&a, &b);
}

/* The location alone, and the rest later: together what one call says, and a gate does not pass in between. */
static void test_location_first(void **state)
{
	static const double planted[MP_PROFILE_COUNT] = { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 3, 5, 3.3 };
	struct mp_compare_options options = mp_compare_defaults;
	struct mp_comparison c, whole;
	struct mp_pair *pair;
	struct made a, b;
	struct mp_err err;
	char *why;

	(void)state;
	one(&a, &b);
	made_set(&a, 0, MP_MODE_CALL, MP_POPULATION_ALL, base, 10);
	made_set(&b, 0, MP_MODE_CALL, MP_POPULATION_ALL, base, 10);
	made_profile(&a, 0, MP_POPULATION_ALL, NULL);
	made_profile(&b, 0, MP_POPULATION_ALL, planted);
	whole = compared(&a, &b, &options);
	options.location_only = true;
	c = compared(&a, &b, &options);
	pair = &c.pairs[0];
	assert_false(c.asides);
	assert_int_equal(pair->verdict, MP_VERDICT_SAME);
	assert_int_equal(pair->tail.verdict, MP_ASIDE_NONE);
	assert_string_equal(pair->tail.reason, "not judged yet");
	assert_int_equal(c.tails[MP_ASIDE_NONE], 0);
	assert_int_equal(mp_compare_gate(&c, &why), MP_GATE_UNJUDGED);
	assert_non_null(strstr(why, "not judged yet"));
	free(why);
	for (int again = 0; again < 2; again++) {
		assert_int_equal(mp_compare_asides(&c, 1, &err), 0);
		assert_true(c.asides && pair == &c.pairs[0]);
		assert_int_equal(pair->tail.verdict, MP_ASIDE_SLOWER);
		assert_int_equal(pair->shape.verdict, MP_ASIDE_SAME);
		assert_int_equal(c.tails[MP_ASIDE_SLOWER], 1);
	}
	assert_memory_equal(c.tests, whole.tests, sizeof(c.tests));
	for (size_t i = 0; i < pair->tail.n_changes; i++) {
		assert_true(pair->tail.changes[i].adjusted ==
			    whole.pairs[0].tail.changes[i].adjusted);
		assert_true(pair->tail.changes[i].low == whole.pairs[0].tail.changes[i].low);
	}
	assert_int_equal(mp_compare_gate(&c, &why), MP_GATE_REGRESSION);
	free(why);
	mp_comparison_done(&c);
	mp_comparison_done(&whole);
	done(&a, &b);
}

/* The upper half is stretched, the median stays. */
static void test_shape(void **state)
{
	static const double wider[MP_PROFILE_COUNT] = { 1,   1,	   1,	1,   1,	  1.04, 1.08,
							1.1, 1.15, 1.1, 1.1, 1.1, 1.1 };
	struct mp_comparison c;
	struct made a, b;
	char *why;

	(void)state;
	one(&a, &b);
	made_set(&a, 0, MP_MODE_CALL, MP_POPULATION_ALL, base, 10);
	made_set(&b, 0, MP_MODE_CALL, MP_POPULATION_ALL, base, 10);
	made_profile(&a, 0, MP_POPULATION_ALL, NULL);
	made_profile(&b, 0, MP_POPULATION_ALL, wider);
	c = compared(&a, &b, &mp_compare_defaults);
	assert_int_equal(c.pairs[0].verdict, MP_VERDICT_SAME);
	assert_int_equal(c.pairs[0].shape.verdict, MP_ASIDE_CHANGED);
	assert_int_equal(c.pairs[0].tail.verdict, MP_ASIDE_SAME);
	assert_int_equal(mp_compare_gate(&c, &why), MP_GATE_NONE);
	free(why);
	mp_comparison_done(&c);
	done(&a, &b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tail),
		cmocka_unit_test(test_location_first),
		cmocka_unit_test(test_shape),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

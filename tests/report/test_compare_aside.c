/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is judged beside the location: tail and shape, in either order. */
#include "common/str.h"
#include "report/format/show.h"
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

/* Ten invocations of both modes: batch means, call medians and what calls have beyond them on average. */
struct modes {
	double batch, p50, beyond;
	const double *profile;
};

static void set_modes(struct made *made, struct modes m, double mean[10])
{
	double batch[10], p50[10];

	scaled(m.batch, batch);
	scaled(m.p50, p50);
	for (int i = 0; i < 10; i++)
		mean[i] = p50[i] + m.beyond;
	made->rows[0].has_value = false;
	made_set(made, 0, MP_MODE_BATCH, MP_POPULATION_ALL, batch, 10);
	made_set(made, 0, MP_MODE_CALL, MP_POPULATION_ALL, p50, 10);
	made_profile(made, 0, MP_POPULATION_ALL, m.profile);
	made->rows[0].points[0][MP_POPULATION_ALL].mean = mean;
	made->rows[0].resolution = MP_RESOLUTION_QUANTISED;
}

/* Where the value is a mean, the slowest calls move it: as real runs with a tail of 1 % x10 and a spin of 5 % look, whose
 * timer adds a fifth to every call. */
static void test_tail_of_means(void **state)
{
	static const double planted[MP_PROFILE_COUNT] = { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 3, 5, 3.3 };
	static const struct {
		struct modes b;
		enum mp_resolution resolution;
		enum mp_verdict verdict;
	} cases[] = {
		{ { 1.09, 1.2, 110, planted }, MP_RESOLUTION_QUANTISED, MP_VERDICT_SAME },
		/* the others moved by about the threshold: one cannot say; or by more: they did */
		{ { 1.14, 1.25, 110, planted }, MP_RESOLUTION_QUANTISED, MP_VERDICT_UNSURE },
		{ { 1.16, 1.27, 110, planted }, MP_RESOLUTION_QUANTISED, MP_VERDICT_SLOWER },
		/* no tail: the mean of calls moved with their deciles, or no quantile shows where it did */
		{ { 1.09, 1.29, 20, NULL }, MP_RESOLUTION_QUANTISED, MP_VERDICT_SLOWER },
		{ { 1.09, 1.2, 110, NULL }, MP_RESOLUTION_QUANTISED, MP_VERDICT_SLOWER },
		/* no call is resolved: no tail would be judged */
		{ { 1.09, 1.2, 110, planted }, MP_RESOLUTION_BATCH_ONLY, MP_VERDICT_SLOWER },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct mp_str why = MP_STR_INIT;
		const char *reason;
		double means[2][10];
		struct mp_comparison c;
		struct made a, b;

		one(&a, &b);
		set_modes(&a, (struct modes){ 1, 1.2, 20, NULL }, means[0]);
		set_modes(&b, cases[i].b, means[1]);
		b.rows[0].resolution = cases[i].resolution;
		c = compared(&a, &b, &mp_compare_defaults);
		reason = c.pairs[0].reason;
		if (c.pairs[0].verdict != cases[i].verdict)
			fail_msg("case %zu is %s: %s", i, mp_verdict_name(c.pairs[0].verdict),
				 reason ? reason : "");
		assert_int_equal(cases[i].verdict != MP_VERDICT_SLOWER,
				 reason && strstr(reason, "by its slowest calls"));
		/* The explanation gives that reason, and not the interval of the mean, which lies beyond. */
		mp_show_why(c.policy, &c.pairs[0], &why);
		assert_int_equal(cases[i].verdict != MP_VERDICT_SLOWER,
				 !strstr(why.text, "the interval (") &&
					 !strstr(why.text, "the whole interval ("));
		mp_str_done(&why);
		if (cases[i].verdict == MP_VERDICT_SAME)
			assert_int_equal(c.pairs[0].tail.verdict, MP_ASIDE_SLOWER);
		mp_comparison_done(&c);
		done(&a, &b);
	}
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
		cmocka_unit_test(test_tail_of_means),
		cmocka_unit_test(test_shape),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

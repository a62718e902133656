/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Verdicts of a pair: each one and each reason at least once; populations, modes, and inputs that hold next to nothing. */
#include "tests/report/compare_made.h"

/* Compares, expects one pair with that verdict and a reason that holds `reason` (NULL: none), and no value that is
 * marked as known but is not a number. */
static struct mp_pair judged(struct made *a, struct made *b, enum mp_verdict verdict,
			     const char *reason)
{
	struct mp_comparison c;
	struct mp_err err;
	struct mp_pair pair;

	assert_int_equal(mp_compare(&a->side, &b->side, &mp_compare_defaults, &c, &err), 0);
	assert_int_equal(c.n_pairs, 1);
	pair = c.pairs[0];
	if (pair.verdict != verdict)
		fail_msg("%s (%s), expected %s", mp_verdict_name(pair.verdict),
			 pair.reason ? pair.reason : "", mp_verdict_name(verdict));
	if (reason && !(pair.reason && strstr(pair.reason, reason)))
		fail_msg("reason '%s', expected '%s'", pair.reason ? pair.reason : "", reason);
	if (!reason)
		assert_null(pair.reason);
	assert_int_equal(c.counts[verdict], 1);
	if (pair.measured)
		assert_true(isfinite(pair.location.ratio) && isfinite(pair.location.a) &&
			    isfinite(pair.location.b));
	if (pair.location.tested)
		assert_true(isfinite(pair.location.low) && isfinite(pair.location.high) &&
			    isfinite(pair.location.level) && isfinite(pair.location.p) &&
			    isfinite(pair.location.adjusted) && isfinite(pair.location.delta) &&
			    !isnan(pair.location.detectable));
	mp_comparison_done(&c);
	pair.reason = NULL;
	return pair;
}

static void test_tested(void **state)
{
	static const struct {
		double factor;
		enum mp_verdict verdict;
		const char *reason;
	} vectors[] = {
		{ 1.1, MP_VERDICT_SLOWER, NULL },
		{ 0.9, MP_VERDICT_FASTER, NULL },
		{ 1, MP_VERDICT_SAME, NULL },
		{ 1.01, MP_VERDICT_SAME, NULL }, /* significant, yet too small to matter */
		{ 1.05, MP_VERDICT_UNSURE, "perhaps by less" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		struct made a, b;
		double y[10];
		struct mp_pair pair;

		one(&a, &b);
		scaled(vectors[i].factor, y);
		both(&a, &b, base, 10, y, 10);
		pair = judged(&a, &b, vectors[i].verdict, vectors[i].reason);
		assert_true(fabs(pair.location.ratio - vectors[i].factor) < 1e-3);
		assert_true(pair.location.tested && pair.location.level >= 0.95);
		done(&a, &b);
	}
}

static void test_unsure(void **state)
{
	static const double noisy_x[] = { 1000, 1500, 800, 1200, 2000, 700 };
	static const double noisy_y[] = { 900, 1600, 1100, 1300, 750, 1900 };
	static const double four_x[] = { 1000, 1001, 1002, 1003 }, three[] = { 1500, 1501, 1502 };
	struct made a, b;
	struct mp_pair pair;

	(void)state;
	one(&a, &b);
	both(&a, &b, noisy_x, 6, noisy_y, 6);
	pair = judged(&a, &b, MP_VERDICT_UNSURE, "too noisy");
	assert_true(pair.location.detectable > 0.3 && isfinite(pair.location.detectable));
	assert_int_equal(pair.needed, 0); /* over 1000 */
	done(&a, &b);

	one(&a, &b);
	both(&a, &b, four_x, 4, three, 3);
	pair = judged(&a, &b, MP_VERDICT_UNSURE,
		      "cannot be tested: 4 and 3 invocations, 4 a side needed");
	assert_false(pair.location.tested);
	assert_true(pair.location.ratio > 1.49 && pair.location.ratio < 1.51);
	done(&a, &b);
}

/* Beyond the threshold as a whole, but lost among many other tests. */
static void test_multiplicity(void **state)
{
	static const double low[] = { 1000, 1001, 1002, 1003, 1004 };
	static const double high[] = { 1100, 1101, 1102, 1103, 1104 };
	struct mp_comparison c;
	struct mp_err err;
	struct made a, b;
	char names[300][32];

	(void)state;
	made_init(&a, (char *)"A", 300);
	made_init(&b, (char *)"B", 300);
	for (size_t i = 0; i < 300; i++) {
		snprintf(names[i], sizeof(names[i]), "x.y/n=%03zu", i);
		made_case(&a, i, names[i]);
		made_case(&b, i, names[i]);
		made_set(&a, i, MP_MODE_BATCH, MP_POPULATION_ALL, low, 5);
		made_set(&b, i, MP_MODE_BATCH, MP_POPULATION_ALL, i ? low : high, 5);
	}
	assert_int_equal(mp_compare(&a.side, &b.side, &mp_compare_defaults, &c, &err), 0);
	assert_int_equal(c.tests[MP_ASPECT_LOCATION].tested, 300);
	assert_int_equal(c.pairs[0].verdict, MP_VERDICT_UNSURE);
	assert_non_null(strstr(c.pairs[0].reason, "not significant among 300 tested"));
	assert_true(isinf(c.pairs[0].location.detectable)); /* five a side cannot reach it */
	assert_true(c.pairs[0].needed == 8); /* 0.05 / 300 needs eight */
	assert_int_equal(c.counts[MP_VERDICT_SAME], 299);
	mp_comparison_done(&c);
	done(&a, &b);
}

static void test_presence(void **state)
{
	struct made a, b;

	(void)state;
	one(&a, &b);
	made_set(&a, 0, MP_MODE_BATCH, MP_POPULATION_ALL, base, 10);
	b.run.points.n_cases = 0;
	judged(&a, &b, MP_VERDICT_ONLY_A, NULL);
	b.run.points.n_cases = 1;
	a.run.points.n_cases = 0;
	judged(&a, &b, MP_VERDICT_ONLY_B, NULL);
	done(&a, &b);
}

static void test_failed(void **state)
{
	static const enum mp_outcome outcomes[] = { MP_OUTCOME_PENDING, MP_OUTCOME_INVALID,
						    MP_OUTCOME_FAILED, MP_OUTCOME_SKIPPED,
						    MP_OUTCOME_TIMED_OUT };
	static const char *const words[] = { "B pending", "B invalid: why", "B failed: why",
					     "B skipped: why", "B timed out: why" };

	(void)state;
	for (size_t i = 0; i < 5; i++) {
		struct made a, b;

		one(&a, &b);
		both(&a, &b, base, 10, base, 10);
		b.rows[0].outcome = outcomes[i];
		b.rows[0].reason = (char *)(i ? "why" : "");
		judged(&a, &b, MP_VERDICT_FAILED, words[i]);
		a.rows[0].outcome = outcomes[i];
		a.rows[0].reason = b.rows[0].reason;
		judged(&a, &b, MP_VERDICT_FAILED, "both ");
		done(&a, &b);
	}
}

static void test_incomparable(void **state)
{
	static const double zero[] = { 0, 1, 2, 3 };
	struct made a, b;

	(void)state;
	one(&a, &b);
	both(&a, &b, base, 10, base, 10);
	b.rows[0].version = 2;
	judged(&a, &b, MP_VERDICT_INCOMPARABLE, "definition version 1 in A, 2 in B");
	b.rows[0].version = 1;
	b.rows[0].unit = (char *)"page";
	judged(&a, &b, MP_VERDICT_INCOMPARABLE, "unit 'call' in A, 'page' in B");
	b.rows[0].unit = (char *)"call";
	b.page_size.value = (char *)"16384";
	judged(&a, &b, MP_VERDICT_INCOMPARABLE, "base page size 4096 in A, 16384 in B");
	b.page_size.value = (char *)"4096";
	b.run.sabotage = (char *)"touch";
	judged(&a, &b, MP_VERDICT_INCOMPARABLE, "B was run with a planted fault (touch)");
	b.run.sabotage = NULL;
	judged(&a, &b, MP_VERDICT_SAME, NULL);
	done(&a, &b);

	one(&a, &b);
	made_set(&a, 0, MP_MODE_BATCH, MP_POPULATION_ALL, base, 10);
	made_set(&b, 0, MP_MODE_RATE, MP_POPULATION_ALL, base, 10);
	judged(&a, &b, MP_VERDICT_INCOMPARABLE, "no mode that both");
	done(&a, &b);

	one(&a, &b);
	both(&a, &b, zero, 4, base, 10);
	judged(&a, &b, MP_VERDICT_INCOMPARABLE, "a side has times of zero or below");
	done(&a, &b);

	one(&a, &b);
	both(&a, &b, base, 10, (const double[]){ NAN, NAN, INFINITY }, 3);
	judged(&a, &b, MP_VERDICT_INCOMPARABLE, "no invocation of B has a value");
	done(&a, &b);
}

/* The same population and mode on both sides, always. */
static void test_population(void **state)
{
	struct mp_pair pair;
	struct made a, b;
	double y[10];

	(void)state;
	scaled(1.3, y);
	one(&a, &b);
	both(&a, &b, base, 10, base, 10);
	made_set(&a, 0, MP_MODE_BATCH, MP_POPULATION_CALM, base, 10);
	made_set(&b, 0, MP_MODE_BATCH, MP_POPULATION_CALM, y, 10);
	pair = judged(&a, &b, MP_VERDICT_SLOWER, NULL);
	assert_int_equal(pair.population, MP_POPULATION_CALM);
	/* Three calm invocations cannot be tested; four can, and what disturbed the others says nothing of the case. */
	made_set(&b, 0, MP_MODE_BATCH, MP_POPULATION_CALM, y, 3);
	pair = judged(&a, &b, MP_VERDICT_SAME, NULL);
	assert_int_equal(pair.population, MP_POPULATION_ALL);
	made_set(&b, 0, MP_MODE_BATCH, MP_POPULATION_CALM, y, 4);
	judged(&a, &b, MP_VERDICT_SLOWER, NULL);
	/* Only one side has it. */
	made_set(&b, 0, MP_MODE_BATCH, MP_POPULATION_CALM, y, 0);
	judged(&a, &b, MP_VERDICT_SAME, NULL);
	done(&a, &b);
}

static void test_mode(void **state)
{
	struct mp_pair pair;
	struct made a, b;
	double y[10];

	(void)state;
	scaled(1.3, y);
	one(&a, &b);
	made_set(&a, 0, MP_MODE_CALL, MP_POPULATION_ALL, base, 10);
	made_set(&a, 0, MP_MODE_BATCH, MP_POPULATION_ALL, base, 10);
	made_set(&b, 0, MP_MODE_BATCH, MP_POPULATION_ALL, base, 10);
	made_set(&b, 0, MP_MODE_CALL, MP_POPULATION_ALL, y, 10);
	/* Headlines differ: A's mode is used when B has it. */
	pair = judged(&a, &b, MP_VERDICT_SLOWER, NULL);
	assert_int_equal(pair.mode, MP_MODE_CALL);
	/* Single calls below the clock's resolution are no ground. */
	b.rows[0].resolution = MP_RESOLUTION_BATCH_ONLY;
	pair = judged(&a, &b, MP_VERDICT_SAME, NULL);
	assert_int_equal(pair.mode, MP_MODE_BATCH);
	done(&a, &b);
}

static void test_degenerate(void **state)
{
	static const double same[8] = { 7, 7, 7, 7, 7, 7, 7, 7 };
	static const double other[8] = { 8, 8, 8, 8, 8, 8, 8, 8 };
	static const double holes[] = { 1000, NAN, 1001, 1002, NAN, 1003 };
	struct mp_pair pair;
	struct made a, b;

	(void)state;
	one(&a, &b);
	both(&a, &b, same, 8, same, 8);
	pair = judged(&a, &b, MP_VERDICT_SAME, NULL);
	assert_true(pair.location.ratio == 1 && pair.location.p == 1);
	both(&a, &b, same, 8, other, 8);
	judged(&a, &b, MP_VERDICT_SLOWER, NULL);
	both(&a, &b, same, 1, same, 1);
	judged(&a, &b, MP_VERDICT_UNSURE, "cannot be tested: 1 and 1 invocations");
	both(&a, &b, holes, 6, holes, 6);
	pair = judged(&a, &b, MP_VERDICT_SAME, NULL);
	assert_int_equal(pair.location.n_a, 4);
	done(&a, &b);
}

static void test_empty_sides(void **state)
{
	struct mp_comparison c;
	struct mp_err err;
	struct made a, b;
	char *why;

	(void)state;
	made_init(&a, (char *)"A", 0);
	made_init(&b, (char *)"B", 0);
	assert_int_equal(mp_compare(&a.side, &b.side, &mp_compare_defaults, &c, &err), 0);
	assert_int_equal(c.n_pairs, 0);
	assert_true(isnan(c.ratio));
	assert_int_equal(mp_compare_gate(&c, &why), MP_GATE_UNJUDGED);
	free(why);
	mp_comparison_done(&c);
	done(&a, &b);
}

static void test_policy(void **state)
{
	struct mp_policy_rule rule = { .bench = (char *)"x.*", .at = { 0.2, NAN, NAN } };
	struct mp_policy policy = mp_policy_default;
	struct mp_compare_options options = { .policy = &policy };
	struct mp_comparison c;
	struct made a, b;
	double y[10];

	(void)state;
	scaled(1.1, y);
	one(&a, &b);
	both(&a, &b, base, 10, y, 10);
	policy.rules = &rule;
	policy.n_rules = 1;
	c = compared(&a, &b, &options);
	assert_int_equal(c.pairs[0].verdict, MP_VERDICT_SAME);
	assert_true(c.pairs[0].location.threshold == 0.2 && c.pairs[0].location.wanted == 0.2);
	mp_comparison_done(&c);
	rule.bench = (char *)"y.*";
	c = compared(&a, &b, &options);
	assert_int_equal(c.pairs[0].verdict, MP_VERDICT_SLOWER);
	mp_comparison_done(&c);
	policy.least = 11;
	c = compared(&a, &b, &options);
	assert_int_equal(c.pairs[0].verdict, MP_VERDICT_UNSURE);
	assert_non_null(strstr(c.pairs[0].reason, "11 a side needed"));
	mp_comparison_done(&c);
	done(&a, &b);
}

static void test_slowed(void **state)
{
	struct mp_comparison c;
	struct made a, b;
	double y[10];

	(void)state;
	scaled(1.1, y);
	one(&a, &b);
	both(&a, &b, base, 10, y, 10);
	b.run.sabotage = (char *)"spin=10%";
	b.run.slowed = true;
	c = compared(&a, &b, &mp_compare_defaults);
	assert_int_equal(c.pairs[0].verdict, MP_VERDICT_SLOWER);
	assert_true(c.n_notes && strstr(c.notes[0], "slowed down on purpose (spin=10%)"));
	mp_comparison_done(&c);
	done(&a, &b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tested),	     cmocka_unit_test(test_unsure),
		cmocka_unit_test(test_multiplicity), cmocka_unit_test(test_presence),
		cmocka_unit_test(test_failed),	     cmocka_unit_test(test_incomparable),
		cmocka_unit_test(test_population),   cmocka_unit_test(test_mode),
		cmocka_unit_test(test_degenerate),   cmocka_unit_test(test_empty_sides),
		cmocka_unit_test(test_policy),	     cmocka_unit_test(test_slowed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

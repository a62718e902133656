/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Verdicts: each one and each reason at least once, on sides made by hand; populations and modes, pooled runs,
 * families, environment, gate, and inputs that hold next to nothing.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>

#include "report/compare/compare.h"
#include "tests/report/side_made.h"

static const double base[10] = { 1000, 1002, 998, 1001, 999, 1003, 997, 1000.5, 999.5, 1001.5 };

static void scaled(double factor, double *out)
{
	for (int i = 0; i < 10; i++)
		out[i] = base[i] * factor;
}

static void one(struct made *a, struct made *b)
{
	made_init(a, (char *)"A", 1);
	made_init(b, (char *)"B", 1);
	made_case(a, 0, (char *)"x.y/size=4K");
	made_case(b, 0, (char *)"x.y/size=4K");
}

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

static void both(struct made *a, struct made *b, const double *x, size_t n, const double *y,
		 size_t m)
{
	made_set(a, 0, MP_MODE_BATCH, MP_POPULATION_ALL, x, n);
	made_set(b, 0, MP_MODE_BATCH, MP_POPULATION_ALL, y, m);
}

static void done(struct made *a, struct made *b)
{
	made_done(a);
	made_done(b);
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

/* Compares one pair and hands out the comparison. */
static struct mp_comparison compared(struct made *a, struct made *b,
				     const struct mp_compare_options *options)
{
	struct mp_comparison c;
	struct mp_err err;

	assert_int_equal(mp_compare(&a->side, &b->side, options, &c, &err), 0);
	return c;
}

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

/* A machine that is half as fast in everything is as fast in null system calls. */
static void test_units(void **state)
{
	struct mp_compare_options options = mp_compare_defaults;
	struct mp_comparison c;
	struct made a, b;
	double y[10], null_a[10], null_b[10];

	(void)state;
	made_init(&a, (char *)"A", 2);
	made_init(&b, (char *)"B", 2);
	scaled(2, y);
	scaled(0.1, null_a);
	scaled(0.2, null_b);
	for (int side = 0; side < 2; side++) {
		made_case(side ? &b : &a, 0, (char *)"floor.getppid");
		made_case(side ? &b : &a, 1, (char *)"x.y/size=4K");
	}
	made_set(&a, 0, MP_MODE_BATCH, MP_POPULATION_ALL, null_a, 10);
	made_set(&b, 0, MP_MODE_BATCH, MP_POPULATION_ALL, null_b, 10);
	made_set(&a, 1, MP_MODE_BATCH, MP_POPULATION_ALL, base, 10);
	made_set(&b, 1, MP_MODE_BATCH, MP_POPULATION_ALL, y, 10);
	c = compared(&a, &b, &options);
	assert_int_equal(c.pairs[1].verdict, MP_VERDICT_SLOWER);
	mp_comparison_done(&c);
	options.unit = MP_UNIT_NULL;
	c = compared(&a, &b, &options);
	assert_int_equal(c.pairs[1].verdict, MP_VERDICT_SAME);
	assert_true(fabs(mp_compare_shown(&c, &c.pairs[1], false) - 10) < 0.1);
	assert_true(fabs(mp_compare_shown(&c, &c.pairs[1], true) - 10) < 0.1);
	mp_comparison_done(&c);
	b.rows[0].outcome = MP_OUTCOME_FAILED;
	c = compared(&a, &b, &options);
	assert_int_equal(c.pairs[1].verdict, MP_VERDICT_INCOMPARABLE);
	assert_non_null(strstr(c.pairs[1].reason, "has no ok result of floor.getppid"));
	mp_comparison_done(&c);

	/* Bytes are shown as throughput. */
	a.rows[1].bytes = b.rows[1].bytes = 4096;
	options.unit = MP_UNIT_BYTES;
	c = compared(&a, &b, &options);
	assert_int_equal(c.pairs[1].verdict, MP_VERDICT_SLOWER);
	assert_true(fabs(mp_compare_shown(&c, &c.pairs[1], false) - 4.096) < 0.01);
	mp_comparison_done(&c);

	/* A clock that does not count at the core's pace, and no fact: unknown, with the reason. */
	a.run.row.clock = b.run.row.clock = (char *)"monotonic_raw";
	options.unit = MP_UNIT_CYCLES;
	c = compared(&a, &b, &options);
	assert_int_equal(c.pairs[1].verdict, MP_VERDICT_INCOMPARABLE);
	assert_non_null(strstr(c.pairs[1].reason, "frequency is unknown"));
	mp_comparison_done(&c);
	done(&a, &b);
}

/* Looking at two B at once must not find more by chance: one family of tests. */
static void test_several(void **state)
{
	struct mp_comparison c[2];
	struct mp_side sides[2];
	struct mp_err err;
	struct made a, b, d;
	double y[10];
	char *why;

	(void)state;
	scaled(1.1, y);
	one(&a, &b);
	made_init(&d, (char *)"D", 1);
	made_case(&d, 0, (char *)"x.y/size=4K");
	both(&a, &b, base, 10, base, 10);
	made_set(&d, 0, MP_MODE_BATCH, MP_POPULATION_ALL, y, 10);
	sides[0] = b.side;
	sides[1] = d.side;
	assert_int_equal(mp_compare_several(&a.side, sides, 2, &mp_compare_defaults, c, &err), 0);
	assert_int_equal(c[0].tests[MP_ASPECT_LOCATION].tested, 2);
	assert_int_equal(c[1].tests[MP_ASPECT_LOCATION].selected, 1);
	assert_int_equal(c[0].pairs[0].verdict, MP_VERDICT_SAME);
	assert_int_equal(c[1].pairs[0].verdict, MP_VERDICT_SLOWER);
	assert_true(c[1].pairs[0].location.adjusted > c[1].pairs[0].location.p);
	assert_int_equal(mp_compare_gate_several(c, 2, &why), MP_GATE_REGRESSION);
	assert_non_null(strstr(why, "B2: 1 slower"));
	free(why);
	mp_comparison_done(&c[0]);
	mp_comparison_done(&c[1]);
	done(&a, &b);
	made_done(&d);
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

/* A setting that lasts goes before one that may change, and what changes by itself goes last, whatever its weight. */
static void test_environment_order(void **state)
{
	static const struct {
		const char *group, *key, *volatility;
		int weight;
	} facts[] = {
		{ "scheduling", "load", "now", 2 },	{ "memory", "swappiness", "now", 1 },
		{ "scheduling", "governor", "now", 2 }, { "cpu", "microcode", "boot", 2 },
		{ "memory", "thp_enabled", "now", 3 },
	};
	static const char *const wanted[] = { "thp_enabled", "microcode", "governor", "swappiness",
					      "load" };
	struct mp_side_fact facts_a[5], facts_b[5];
	struct mp_comparison c;
	struct mp_err err;
	struct made a, b;

	(void)state;
	one(&a, &b);
	for (size_t i = 0; i < 5; i++) {
		facts_a[i] = a.page_size;
		facts_a[i].group = (char *)facts[i].group;
		facts_a[i].key = (char *)facts[i].key;
		facts_a[i].volatility = (char *)facts[i].volatility;
		facts_a[i].weight = facts[i].weight;
		facts_b[i] = facts_a[i];
		facts_b[i].value = (char *)"other";
	}
	a.run.facts = facts_a;
	b.run.facts = facts_b;
	a.run.n_facts = b.run.n_facts = 5;
	assert_int_equal(mp_compare(&a.side, &b.side, &mp_compare_defaults, &c, &err), 0);
	assert_int_equal(c.n_differences, 5);
	for (size_t i = 0; i < 5; i++)
		assert_string_equal(c.differences[i].key, wanted[i]);
	assert_true(c.differences[4].moves);
	mp_comparison_done(&c);
	done(&a, &b);
}

static bool noted(const struct mp_comparison *c, const char *text)
{
	for (size_t i = 0; i < c->n_notes; i++) {
		if (strstr(c->notes[i], text))
			return true;
	}
	return false;
}

static void test_environment(void **state)
{
	struct mp_side_fact facts_a[3], facts_b[3];
	struct mp_comparison c;
	struct mp_err err;
	struct made a, b;

	(void)state;
	one(&a, &b);
	facts_a[0] = facts_b[0] = facts_a[1] = facts_b[1] = facts_a[2] = facts_b[2] = a.page_size;
	facts_a[0].key = facts_b[0].key = (char *)"load";
	facts_b[0].value = (char *)"9";
	facts_a[0].weight = facts_b[0].weight = 0;
	facts_a[1].key = facts_b[1].key = (char *)"thp";
	facts_b[1].value = NULL;
	facts_a[2].key = (char *)"only_a";
	facts_b[2].key = (char *)"only_b";
	a.run.facts = facts_a;
	b.run.facts = facts_b;
	a.run.n_facts = b.run.n_facts = 3;
	b.run.row.machine = (char *)"m2";
	b.run.row.status = (char *)"interrupted";
	b.run.row.clock = (char *)"monotonic_raw";
	assert_int_equal(mp_compare(&a.side, &b.side, &mp_compare_defaults, &c, &err), 0);
	assert_int_equal(c.n_differences, 5);
	assert_string_equal(c.differences[0].key, "thp");
	assert_null(c.differences[0].b);
	assert_string_equal(c.differences[1].key, "only_a");
	assert_string_equal(c.differences[2].key, "only_b");
	assert_null(c.differences[2].a);
	assert_string_equal(c.differences[3].key, "clock");
	assert_string_equal(c.differences[4].key, "load");
	assert_true(noted(&c, "different machines"));
	assert_true(noted(&c, "run #1 of B is interrupted"));
	assert_true(noted(&c, "base page size of A and B is not recorded"));
	mp_comparison_done(&c);
	done(&a, &b);
}

/* Several runs on a side: values are pooled, what may not be pooled is counted and said. */
static void test_pooled_runs(void **state)
{
	struct mp_side_run runs[3];
	struct mp_points_case rows[3];
	struct mp_comparison c;
	struct mp_err err;
	struct made a, b;

	(void)state;
	one(&a, &b);
	both(&a, &b, base, 10, base, 10);
	for (int i = 0; i < 3; i++) {
		runs[i] = b.run;
		rows[i] = b.rows[0];
		runs[i].points.cases = &rows[i];
		runs[i].row.id = 3 - i;
	}
	rows[2].version = 7;
	b.side.runs = runs;
	b.side.n_runs = 3;
	assert_int_equal(mp_compare(&a.side, &b.side, &mp_compare_defaults, &c, &err), 0);
	assert_int_equal(c.n_pairs, 1);
	assert_int_equal(c.pairs[0].location.n_b, 20);
	assert_true(noted(&c, "B pools the invocations of 3 runs"));
	assert_true(noted(&c, "0 results of older runs of A and 1 of B are not pooled"));
	mp_comparison_done(&c);
	done(&a, &b);
}

static void test_families(void **state)
{
	static const double x[4] = { 100, 100, 100, 100 }, y2[4] = { 200, 200, 200, 200 },
			    y4[4] = { 400, 400, 400, 400 };
	static const struct {
		const char *text, *bench, *family;
		const double *y;
	} cases[] = {
		{ "f.a/n=1", "f.a", "f", y2 }, { "f.a/n=2", "f.a", "f", y2 },
		{ "f.a/n=3", "f.a", "f", y2 }, { "f.b/n=1", "f.b", "f", x },
		{ "g.a/n=1", "g.a", "g", y4 }, { "g.a/n=2", "g.a", "g", NULL },
	};
	struct mp_comparison c;
	struct mp_err err;
	struct made a, b;

	(void)state;
	made_init(&a, (char *)"A", 6);
	made_init(&b, (char *)"B", 6);
	for (size_t i = 0; i < 6; i++) {
		for (int side = 0; side < 2; side++) {
			struct mp_points_case *row =
				made_case(side ? &b : &a, i, (char *)cases[i].text);

			row->bench = (char *)cases[i].bench;
			row->family = (char *)cases[i].family;
		}
		made_set(&a, i, MP_MODE_BATCH, MP_POPULATION_ALL, x, 4);
		if (cases[i].y)
			made_set(&b, i, MP_MODE_BATCH, MP_POPULATION_ALL, cases[i].y, 4);
		else
			b.rows[i].outcome = MP_OUTCOME_FAILED;
	}
	assert_int_equal(mp_compare(&a.side, &b.side, &mp_compare_defaults, &c, &err), 0);
	assert_int_equal(c.n_families, 2);
	/* f: three cases of f.a weigh as one benchmark beside f.b. */
	assert_true(fabs(c.families[0].ratio - sqrt(2)) < 1e-12);
	assert_int_equal(c.families[0].covered, 4);
	assert_true(fabs(c.families[1].ratio - 4) < 1e-12);
	assert_int_equal(c.families[1].pairs, 2);
	assert_int_equal(c.families[1].covered, 1);
	assert_int_equal(c.families[1].counts[MP_VERDICT_FAILED], 1);
	assert_true(fabs(c.ratio - sqrt(4 * sqrt(2))) < 1e-12);
	mp_comparison_done(&c);
	done(&a, &b);
}

static enum mp_gate gate(const enum mp_verdict *verdicts, size_t n)
{
	struct mp_points_case ok = { .outcome = MP_OUTCOME_OK };
	struct mp_comparison c = { .policy = &mp_policy_default,
				   .same_machine = true,
				   .asides = true };
	struct mp_pair pairs[8];
	enum mp_gate result;
	char *why;

	for (size_t i = 0; i < n; i++) {
		pairs[i] = (struct mp_pair){ .verdict = verdicts[i],
					     .a = verdicts[i] == MP_VERDICT_ONLY_B ? NULL : &ok };
		c.counts[verdicts[i]]++;
	}
	c.pairs = pairs;
	c.n_pairs = n;
	result = mp_compare_gate(&c, &why);
	assert_non_null(why);
	free(why);
	return result;
}
#define GATE(...)                                                                                  \
	gate((const enum mp_verdict[]){ __VA_ARGS__ },                                             \
	     sizeof((const enum mp_verdict[]){ __VA_ARGS__ }) / sizeof(enum mp_verdict))

static void test_gate(void **state)
{
	(void)state;
	assert_int_equal(GATE(MP_VERDICT_SAME, MP_VERDICT_FASTER), MP_GATE_NONE);
	assert_int_equal(GATE(MP_VERDICT_SAME, MP_VERDICT_UNSURE), MP_GATE_NONE);
	assert_int_equal(GATE(MP_VERDICT_SAME, MP_VERDICT_ONLY_B), MP_GATE_NONE);
	assert_int_equal(GATE(MP_VERDICT_SAME, MP_VERDICT_SLOWER), MP_GATE_REGRESSION);
	assert_int_equal(GATE(MP_VERDICT_SLOWER, MP_VERDICT_ONLY_A), MP_GATE_REGRESSION);
	assert_int_equal(GATE(MP_VERDICT_UNSURE), MP_GATE_UNJUDGED);
	assert_int_equal(GATE(MP_VERDICT_SAME, MP_VERDICT_UNSURE, MP_VERDICT_UNSURE),
			 MP_GATE_UNJUDGED);
	assert_int_equal(GATE(MP_VERDICT_SAME, MP_VERDICT_ONLY_A), MP_GATE_UNJUDGED);
	assert_int_equal(GATE(MP_VERDICT_SAME, MP_VERDICT_FAILED), MP_GATE_UNJUDGED);
	assert_int_equal(GATE(MP_VERDICT_SAME, MP_VERDICT_INCOMPARABLE), MP_GATE_UNJUDGED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tested),	     cmocka_unit_test(test_unsure),
		cmocka_unit_test(test_multiplicity), cmocka_unit_test(test_presence),
		cmocka_unit_test(test_failed),	     cmocka_unit_test(test_incomparable),
		cmocka_unit_test(test_population),   cmocka_unit_test(test_mode),
		cmocka_unit_test(test_degenerate),   cmocka_unit_test(test_empty_sides),
		cmocka_unit_test(test_environment),  cmocka_unit_test(test_pooled_runs),
		cmocka_unit_test(test_families),     cmocka_unit_test(test_gate),
		cmocka_unit_test(test_tail),	     cmocka_unit_test(test_location_first),
		cmocka_unit_test(test_shape),	     cmocka_unit_test(test_policy),
		cmocka_unit_test(test_units),	     cmocka_unit_test(test_environment_order),
		cmocka_unit_test(test_several),	     cmocka_unit_test(test_slowed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whole sides: pooled runs, several B, environment, families, and what a gate may conclude. */
#include "tests/report/compare_made.h"

#include "report/compare/internal.h"

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
	char *why;

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
	runs[1].row.machine = (char *)"m2";
	b.side.runs = runs;
	b.side.n_runs = 3;
	assert_int_equal(mp_compare(&a.side, &b.side, &mp_compare_defaults, &c, &err), 0);
	assert_int_equal(c.n_pairs, 1);
	assert_int_equal(c.pairs[0].location.n_b, 20);
	assert_true(noted(&c, "B pools the invocations of 3 runs"));
	assert_true(noted(&c, "0 results of older runs of A and 1 of B are not pooled"));
	/* What another machine measured is no regression of this one. */
	assert_true(noted(&c, "run #2 of B is from another machine than run #3"));
	assert_int_equal(mp_compare_gate(&c, &why), MP_GATE_UNJUDGED);
	assert_non_null(strstr(why, "two machines"));
	free(why);
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
	struct mp_tally tally = { 0 };
	enum mp_gate result;
	char *why;

	for (size_t i = 0; i < n; i++) {
		const struct mp_pair pair = { .bench = "x.y",
					      .family = "x",
					      .verdict = verdicts[i],
					      .a = verdicts[i] == MP_VERDICT_ONLY_B ? NULL : &ok };

		assert_int_equal(mp_tally_add(&tally, &c, &pair), 0);
	}
	mp_tally_end(&tally, &c);
	c.n_pairs = n;
	result = mp_compare_gate(&c, &why);
	assert_non_null(why);
	free(why);
	c.n_pairs = 0;
	mp_comparison_done(&c);
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
		cmocka_unit_test(test_environment_order), cmocka_unit_test(test_environment),
		cmocka_unit_test(test_pooled_runs),	  cmocka_unit_test(test_several),
		cmocka_unit_test(test_families),	  cmocka_unit_test(test_gate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

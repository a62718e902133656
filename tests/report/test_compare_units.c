/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Units that make two machines comparable: null calls, cycles, bytes. */
#include "tests/report/compare_made.h"

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

	/* Bytes per cycle: 2 GHz in A, 4 GHz in B, which needs twice the time and so four times the cycles. */
	a.run.row.clock_ns_per_tick = 0.5;
	b.run.row.clock_ns_per_tick = 0.25;
	options.unit = MP_UNIT_PER_CYCLE;
	c = compared(&a, &b, &options);
	assert_true(fabs(mp_compare_shown(&c, &c.pairs[1], false) - 2.048) < 0.005);
	assert_true(fabs(mp_compare_shown(&c, &c.pairs[1], true) - 0.512) < 0.005);
	assert_true(fabs(c.pairs[1].location.ratio - 4) < 0.05);
	/* A null system call moves none. */
	assert_true(isnan(mp_compare_shown(&c, &c.pairs[0], false)));
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

/* Where cores are of several kinds: each case by the null call of its own kind, or of its own placement. */
static void test_placed_nulls(void **state)
{
	static const struct {
		const char *text, *kind;
		double ns, want; /* null calls; NaN: none of that kind */
	} cases[] = {
		{ "floor.getppid", "p", 100, 1 },
		{ "floor.getppid/place=e-cores", "e", 200, 1 },
		{ "floor.getppid/place=smt", "p", 125, 1 },
		{ "x.y/mem=local", "p", 1000, 10 },
		{ "x.y/place=cpus:12", "e", 1000, 5 },
		{ "x.y/place=e-cores/size=4K", "e", 1000, 5 },
		{ "x.y/place=lp-cores", "lp", 1000, NAN },
		{ "x.y/place=smt", "p", 1000, 8 },
	};
	enum { N = sizeof(cases) / sizeof(cases[0]) };
	struct mp_compare_options options = mp_compare_defaults;
	struct mp_comparison c;
	struct made a, b;

	(void)state;
	made_init(&a, (char *)"A", N);
	made_init(&b, (char *)"B", N);
	for (size_t i = 0; i < N; i++)
		for (int side = 0; side < 2; side++) {
			struct made *made = side ? &b : &a;
			struct mp_points_case *row = made_case(made, i, (char *)cases[i].text);
			double values[10];

			row->kind = cases[i].kind;
			if (i < 3)
				row->bench = "floor.getppid";
			scaled(cases[i].ns / 1000, values);
			made_set(made, i, MP_MODE_BATCH, MP_POPULATION_ALL, values, 10);
		}
	options.unit = MP_UNIT_NULL;
	c = compared(&a, &b, &options);
	assert_int_equal(c.n_pairs, N);
	for (size_t i = 0; i < N; i++) {
		double shown = mp_compare_shown(&c, &c.pairs[i], true);

		if (isnan(cases[i].want) ? !isnan(shown) : !(fabs(shown - cases[i].want) < 0.05))
			fail_msg("%s: %g, not %g", cases[i].text, shown, cases[i].want);
	}
	assert_int_equal(c.pairs[6].verdict, MP_VERDICT_INCOMPARABLE);
	assert_string_equal(c.pairs[6].reason,
			    "in null: run #1 of A has no ok result of floor.getppid on lp cores, "
			    "where this case ran, but floor.getppid on p cores; run it in the same "
			    "run, at the same --place");
	assert_string_equal(
		c.scale_a.note,
		"a null system call (floor.getppid) takes 100 ns on p cores, "
		"floor.getppid/place=e-cores 200 ns on e cores, "
		"floor.getppid/place=smt 125 ns on p cores; each case by the one of its "
		"placement, or else of its kind of core");
	mp_comparison_done(&c);
	/* All cores alike, and no null call at the default placement: any of them will do. */
	for (size_t i = 0; i < N; i++)
		a.rows[i].kind = b.rows[i].kind = "";
	a.rows[0].outcome = b.rows[0].outcome = MP_OUTCOME_FAILED;
	a.rows[1].outcome = b.rows[1].outcome = MP_OUTCOME_FAILED;
	c = compared(&a, &b, &options);
	assert_true(fabs(mp_compare_shown(&c, &c.pairs[3], false) - 8) < 0.05);
	assert_true(fabs(mp_compare_shown(&c, &c.pairs[6], false) - 8) < 0.05);
	assert_string_equal(c.scale_a.note,
			    "a null system call (floor.getppid/place=smt) takes 125 ns");
	mp_comparison_done(&c);
	done(&a, &b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_units),
		cmocka_unit_test(test_placed_nulls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The machine's own core and memory as controls: what may be its doing is unsure, what cannot be is called, and two machines, a
 * missing control or a steady one change nothing.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>

#include "common/filter.h"
#include "report/compare/compare.h"
#include "tests/report/side_made.h"

#define N 10

struct sides {
	struct made a, b;
	struct mp_comparison c;
	struct mp_random random;
};

enum { SMALL, ACCESS, LOOP, FOLLOWS, STEADY, CASES }; /* in name order */

static void set(struct made *made, struct mp_random *r, size_t i, double centre, double sd)
{
	double values[N];

	made_draw(r, centre, sd, values, N);
	made_set(made, i, MP_MODE_BATCH, MP_POPULATION_CALM, values, N);
	made_set(made, i, MP_MODE_BATCH, MP_POPULATION_ALL, values, N);
}

/* Core and memory of B slower by a factor; a case that scatters as memory does and one that does not change by factors. */
static void make_with(struct sides *s, double core, double memory, double follows, double steady)
{
	static const char *const names[CASES] = { "floor.access/size=16K", "floor.access/size=64M",
						  "floor.loop", "x.follows/size=64M",
						  "x.steady/size=4K" };

	s->random.state = 7;
	for (int side = 0; side < 2; side++) {
		struct made *made = side ? &s->b : &s->a;

		made_init(made, (char *)(side ? "B" : "A"), CASES);
		for (size_t i = 0; i < CASES; i++)
			made_case(made, i, (char *)names[i]);
		set(made, &s->random, SMALL, 1.08, 0.001);
		set(made, &s->random, ACCESS, side ? 100 * memory : 100, 0.02);
		set(made, &s->random, LOOP, side ? 2 * core : 2, 0.001);
		set(made, &s->random, FOLLOWS, side ? 1000 * follows : 1000, 0.03);
		set(made, &s->random, STEADY, side ? 1000 * steady : 1000, 0.002);
	}
}

static void make(struct sides *s, double memory, double follows, double steady)
{
	make_with(s, 1, memory, follows, steady);
}

static void compare(struct sides *s, const struct mp_filter *filter)
{
	struct mp_compare_options options = mp_compare_defaults;
	struct mp_err err;

	options.filter = filter;
	assert_int_equal(mp_compare(&s->a.side, &s->b.side, &options, &s->c, &err), 0);
}

static void done(struct sides *s)
{
	mp_comparison_done(&s->c);
	made_done(&s->a);
	made_done(&s->b);
}

static const struct mp_pair *pair_of(const struct sides *s, const char *text)
{
	for (size_t i = 0; i < s->c.n_pairs; i++)
		if (!strcmp(s->c.pairs[i].text, text))
			return &s->c.pairs[i];
	fail_msg("no pair %s", text);
	return NULL;
}

static void assert_verdict(const struct sides *s, const char *text, enum mp_verdict verdict)
{
	const struct mp_pair *pair = pair_of(s, text);

	if (pair->verdict != verdict)
		fail_msg("%s is %s, not %s", text, mp_verdict_name(pair->verdict),
			 mp_verdict_name(verdict));
}

static bool noted(const struct sides *s, const char *words)
{
	for (size_t i = 0; i < s->c.n_notes; i++)
		if (strstr(s->c.notes[i], words))
			return true;
	return false;
}

/* Memory 10 % slower: what scatters with it may have moved by that, what never scatters has not. */
static void test_moved(void **state)
{
	struct sides s;

	(void)state;
	make(&s, 1.1, 1.15, 1.05);
	compare(&s, NULL);
	assert_string_equal(s.c.controls[MP_CONTROL_MEMORY].text, "floor.access/size=64M");
	assert_verdict(&s, "x.follows/size=64M", MP_VERDICT_UNSURE);
	assert_non_null(strstr(pair_of(&s, "x.follows/size=64M")->reason, "machine itself moved"));
	/* Twice the threshold is less than the memory's part: no number of invocations would find it. */
	assert_int_equal(pair_of(&s, "x.follows/size=64M")->needed, 0);
	assert_verdict(&s, "x.steady/size=4K", MP_VERDICT_SLOWER);
	/* The control itself is no regression of anybody's. */
	assert_verdict(&s, "floor.access/size=64M", MP_VERDICT_UNSURE);
	assert_verdict(&s, "floor.access/size=16K", MP_VERDICT_SAME);
	assert_true(noted(&s, "memory was"));
	assert_true(noted(&s, "slower in B"));
	done(&s);

	/* Far more than memory can explain. */
	make(&s, 1.1, 2, 1);
	compare(&s, NULL);
	assert_verdict(&s, "x.follows/size=64M", MP_VERDICT_SLOWER);
	assert_verdict(&s, "x.steady/size=4K", MP_VERDICT_SAME);
	done(&s);

	/* The other way round. */
	make(&s, 1 / 1.1, 1 / 1.15, 1 / 1.05);
	compare(&s, NULL);
	assert_verdict(&s, "x.follows/size=64M", MP_VERDICT_UNSURE);
	assert_verdict(&s, "x.steady/size=4K", MP_VERDICT_FASTER);
	assert_true(noted(&s, "faster in B"));
	done(&s);
}

/* A slower core takes from every case, so that neither they nor the loop are called; more than that is, and so is the other direction. */
static void test_core(void **state)
{
	struct sides s;

	(void)state;
	make_with(&s, 1.05, 1, 1, 1.06);
	compare(&s, NULL);
	assert_verdict(&s, "floor.loop", MP_VERDICT_UNSURE);
	assert_verdict(&s, "x.steady/size=4K", MP_VERDICT_UNSURE);
	assert_non_null(strstr(pair_of(&s, "x.steady/size=4K")->reason, "machine itself moved"));
	assert_true(noted(&s, "core was"));
	done(&s);

	make_with(&s, 1.05, 1, 1, 1.2);
	compare(&s, NULL);
	assert_verdict(&s, "x.steady/size=4K", MP_VERDICT_SLOWER);
	done(&s);

	make_with(&s, 1.05, 1, 1, 1 / 1.06);
	compare(&s, NULL);
	assert_verdict(&s, "x.steady/size=4K", MP_VERDICT_FASTER);
	done(&s);

	make_with(&s, 1, 1, 1, 1.06);
	compare(&s, NULL);
	assert_verdict(&s, "x.steady/size=4K", MP_VERDICT_SLOWER);
	assert_false(noted(&s, "core was"));
	done(&s);
}

static void test_steady(void **state)
{
	struct sides s;

	(void)state;
	make(&s, 1, 1.2, 1.05);
	compare(&s, NULL);
	assert_verdict(&s, "x.follows/size=64M", MP_VERDICT_SLOWER);
	assert_verdict(&s, "x.steady/size=4K", MP_VERDICT_SLOWER);
	assert_false(noted(&s, "memory was"));
	done(&s);
}

static void test_filtered(void **state)
{
	struct mp_filter *filter = NULL;
	struct mp_err err;
	struct sides s;

	(void)state;
	assert_int_equal(mp_filter_parse("bench = x.follows", &filter, &err), 0);
	make(&s, 1.1, 1.15, 1);
	/* made_case() names the bench like the case */
	for (int side = 0; side < 2; side++)
		(side ? &s.b : &s.a)->rows[FOLLOWS].bench = (char *)"x.follows";
	compare(&s, filter);
	assert_int_equal(s.c.n_pairs, 1);
	assert_verdict(&s, "x.follows/size=64M", MP_VERDICT_UNSURE);
	done(&s);
	mp_filter_free(filter);
}

static void test_no_control(void **state)
{
	struct sides s;

	(void)state;
	make(&s, 1.1, 1.15, 1.05);
	s.b.run.row.machine = (char *)"m2";
	compare(&s, NULL);
	assert_true(isnan(s.c.controls[MP_CONTROL_MEMORY].low));
	assert_verdict(&s, "x.follows/size=64M", MP_VERDICT_SLOWER);
	assert_verdict(&s, "floor.access/size=64M", MP_VERDICT_SLOWER);
	done(&s);

	make(&s, 1.1, 1.15, 1.05);
	s.b.rows[ACCESS].outcome = MP_OUTCOME_INVALID;
	compare(&s, NULL);
	assert_true(isnan(s.c.controls[MP_CONTROL_MEMORY].low));
	assert_verdict(&s, "x.follows/size=64M", MP_VERDICT_SLOWER);
	done(&s);
}

/* What was planted in the control itself is no memory that moved; planted elsewhere, the control stands. */
static void test_planted(void **state)
{
	static const struct {
		const char *sabotage;
		enum mp_verdict follows;
	} cases[] = {
		{ "spin=10%", MP_VERDICT_SLOWER },
		{ "spin=10%@floor.*", MP_VERDICT_SLOWER },
		{ "spin=10%@x.*", MP_VERDICT_UNSURE },
	};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct sides s;

		make(&s, 1.1, 1.15, 1.05);
		s.b.run.sabotage = (char *)cases[i].sabotage;
		s.b.run.slowed = true;
		compare(&s, NULL);
		assert_verdict(&s, "x.follows/size=64M", cases[i].follows);
		done(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_moved),	   cmocka_unit_test(test_core),
		cmocka_unit_test(test_steady),	   cmocka_unit_test(test_filtered),
		cmocka_unit_test(test_no_control), cmocka_unit_test(test_planted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

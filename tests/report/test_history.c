/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * History on simulated nights: a planted step is found within two nights (of 15 % always, of 10 % nearly always), drift,
 * outliers and what the machine does are told apart. In process, fixed seeds.
 */
#include <errno.h>

#include "tests/report/nights_made.h"

/* ---- planted ---- */

/* 120 nights of 10 cases, one of which goes up at night 80: where do they place it? */
static bool placed(struct mp_random *r, double factor)
{
	struct mp_history h;
	bool there;

	add_nights(&h, 120);
	for (int c = 0; c < 10; c++)
		add_series(&h, r, c < 5 ? "mmap" : "brk", 120, 1000);
	raise_from(&h.series[3], 80, factor);
	judge(&h);
	there = h.n_alerts == 1 && h.alerts[0].kind == MP_STEP_SLOWER && h.alerts[0].open &&
		h.changes[0].series == 3 && h.changes[0].night >= 78 && h.changes[0].night <= 82 &&
		fabs(h.changes[0].ratio - factor) < 0.02 && h.changes[0].low < factor &&
		h.changes[0].high > h.changes[0].ratio;
	mp_history_done(&h);
	return there;
}

/* The same seen on its first and its second night: is the case called slower on one of them? */
static bool seen_at_once(struct mp_random *r, double factor, struct tally *t)
{
	double now[10];
	bool seen = false;

	for (size_t nights = 81; nights <= 82 && !seen; nights++) {
		struct mp_history h;

		add_nights(&h, nights);
		for (int c = 0; c < 10; c++) {
			add_series(&h, r, "mmap", nights, 1000);
			now[c] = c == 3 ? 1000 * factor : 1000;
		}
		raise_from(&h.series[3], 80, factor);
		seen = night_says(&h, r, now, 3, t);
		mp_history_done(&h);
	}
	return seen;
}

static void test_step(void **state)
{
	static const struct {
		double factor;
		unsigned placed, seen; /* of 100, at least */
	} steps[] = { { 1.10, 97, 90 }, { 1.12, 97, 97 }, { 1.15, 97, 100 }, { 1.20, 97, 100 } };
	struct mp_random r = { 11 };

	(void)state;
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		unsigned there = 0, seen = 0;
		struct tally t = { 0 };

		for (int trial = 0; trial < 100; trial++) {
			there += placed(&r, steps[i].factor);
			seen += seen_at_once(&r, steps[i].factor, &t);
		}
		print_message("%+.0f %% of 2 %% noise: slower on the first or second night %u of "
			      "100; placed within two nights later on %u\n",
			      100 * (steps[i].factor - 1), seen, there);
		assert_true(there >= steps[i].placed && seen >= steps[i].seen);
	}
}

static void test_outlier_night(void **state)
{
	struct mp_random r = { 12 };
	struct mp_confirm confirm;
	struct mp_tonight *list;
	double *reference;
	struct mp_history h;
	size_t count, n;

	(void)state;
	/* One bad night of every case, and of one case alone: neither is a change. */
	add_nights(&h, 120);
	for (int c = 0; c < 20; c++) {
		struct mp_series *s = add_series(&h, &r, "mmap", 120, 1000);

		s->points[60].value *= 1.5;
	}
	h.series[7].points[100].value *= 3;
	judge(&h);
	assert_int_equal(h.n_changes, 0);
	assert_int_equal(h.n_alerts, 0);
	/* On that night it was a suspect, and a confirm run that sees nothing clears it. */
	assert_int_equal(mp_tonight(&h, 60, &list, &count), 0);
	assert_int_equal(list[4].state, MP_TONIGHT_SUSPECT);
	measure_again(&h, &list[4], 60, &r, 1000, &confirm);
	assert_int_equal(confirm.state, MP_CLEARED);
	/* Nor is one where they see what chance shows once in a thousand. */
	assert_int_equal(list[4].n_reference, 60);
	assert_true(mp_tonight_level(&list[4], 10) < 2e-5);
	measure_again(&h, &list[4], 60, &r, 1045, &confirm);
	assert_true(confirm.p < 0.001 && confirm.ratio > 1.03);
	assert_int_equal(confirm.state, MP_CLEARED);
	assert_int_equal(mp_tonight_reference(&h, &list[4], 60, &reference, &n), 0);
	assert_int_equal(
		mp_tonight_confirm(reference, n, reference, 10, 0.001, 1.5, true, &confirm), 0);
	assert_int_equal(confirm.state, MP_UNCONFIRMABLE);
	assert_int_equal(
		mp_tonight_confirm(reference, n, reference, 0, 0.001, 1.5, false, &confirm), 0);
	assert_int_equal(confirm.state, MP_UNCONFIRMABLE);
	free(reference);
	free(list);
	mp_history_done(&h);
}

static void test_drift(void **state)
{
	struct mp_random r = { 13 };
	struct mp_history h;

	(void)state;
	/* 10 % in 120 nights, against a baseline of the first nights; its neighbours stay. */
	add_nights(&h, 120);
	for (int c = 0; c < 10; c++)
		add_series(&h, &r, "mmap", 120, 1000);
	for (size_t i = 0; i < 120; i++)
		h.series[2].points[i].value *= 1 + 0.10 * (double)i / 120;
	pin(&h, 5);
	judge(&h);
	for (size_t i = 0; i < 10; i++) {
		assert_string_equal(h.series[i].drift_baseline, "golden");
		assert_true(h.series[i].drift_stands_out == (i == 2));
	}
	assert_true(h.series[2].drift > 1.06 && h.series[2].drift < 1.13);
	mp_history_done(&h);
}

static void test_machine(void **state)
{
	struct mp_random r = { 14 };
	struct mp_history h;

	(void)state;
	/* Everything but two cases moves at night 70: one alert. */
	for (int event = 0; event < 2; event++) {
		add_nights(&h, 120);
		for (int c = 0; c < 40; c++) {
			struct mp_series *s = add_series(&h, &r, c % 2 ? "mmap" : "brk", 120, 1000);

			if (c > 1)
				raise_from(s, 70, 1.08);
		}
		if (event) {
			h.nights[70].environment = strdup("kernel release 6.1 -> 6.2");
			h.nights[70].event = true;
		}
		judge(&h);
		assert_int_equal(h.n_changes, 38);
		assert_int_equal(h.n_alerts, 1);
		assert_int_equal(h.alerts[0].kind, event ? MP_STEP_ENVIRONMENT : MP_STEP_MACHINE);
		assert_int_equal(h.alerts[0].n_series, 38);
		assert_true(fabs(h.alerts[0].ratio - 1.08) < 0.01);
		assert_true(h.alerts[0].open == !event);
		assert_true(h.series[5].reference_first >= 69 && h.series[5].reference_first <= 71);
		assert_int_equal(h.series[0].reference_first, 0);
		mp_history_done(&h);
	}
}

static void test_alerts(void **state)
{
	struct mp_random r = { 15 };
	struct mp_history h;

	(void)state;
	/* Two families at one time, one of them again later: three alerts; an improvement is a fourth. */
	add_nights(&h, 120);
	for (int c = 0; c < 60; c++) {
		struct mp_series *s = add_series(&h, &r, c % 2 ? "mmap" : "brk", 120, 1000);

		if (c < 10)
			raise_from(s, 60, 1.10);
		if (c == 20 || c == 22)
			raise_from(s, 90, 1.10);
		if (c == 31)
			raise_from(s, 90, 0.90);
	}
	judge(&h);
	assert_int_equal(h.n_changes, 13);
	assert_int_equal(h.n_alerts, 4);
	assert_string_equal(h.alerts[0].family, "brk");
	assert_int_equal(h.alerts[0].n_series, 2);
	assert_int_equal(h.alerts[1].n_series, 5);
	assert_int_equal(h.alerts[2].n_series, 5);
	assert_int_equal(h.alerts[3].kind, MP_STEP_FASTER);
	assert_int_equal(mp_history_open(&h), 3);
	for (size_t i = 0; i < h.n_changes; i++)
		assert_true(h.changes[h.alerts[h.changes[i].alert].worst].alert ==
			    h.changes[i].alert);
	mp_history_done(&h);
}

static void test_accepted(void **state)
{
	static const struct {
		const char *state;
		bool starts;
	} states[] = { { "accepted", true },
		       { "wontfix", true },
		       { "environment", true },
		       { "fixed", false },
		       { "invalid", false } };
	struct mp_random r = { 16 };

	(void)state;
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		struct mp_tonight *list;
		struct mp_history h;
		size_t count;

		add_nights(&h, 86);
		for (int c = 0; c < 10; c++)
			add_series(&h, &r, "mmap", 86, 1000);
		raise_from(&h.series[3], 80, 1.15);
		must_accept(&h, &h.series[3], 81, states[i].state);
		judge(&h);
		assert_int_equal(h.n_changes, 1);
		assert_int_equal(h.changes[0].kind, MP_STEP_ACCEPTED);
		assert_string_equal(h.changes[0].state, states[i].state);
		assert_int_equal(mp_history_open(&h), 0);
		assert_int_equal(mp_tonight(&h, 85, &list, &count), 0);
		assert_int_equal(list[3].state, MP_TONIGHT_SHORT);
		assert_true((h.series[3].reference_first >= 80) == states[i].starts);
		free(list);
		mp_history_done(&h);
	}
}

/* A change that nobody judged yet is one open alert, and raises no suspicion again every night. */
static void test_open(void **state)
{
	struct mp_random r = { 17 };
	struct mp_tonight *list;
	struct mp_history h;
	size_t count;

	(void)state;
	add_nights(&h, 86);
	for (int c = 0; c < 10; c++)
		add_series(&h, &r, "mmap", 86, 1000);
	raise_from(&h.series[3], 80, 1.25);
	judge(&h);
	assert_int_equal(mp_history_open(&h), 1);
	assert_int_equal(mp_tonight(&h, 85, &list, &count), 0);
	assert_int_equal(list[3].state, MP_TONIGHT_OPEN);
	assert_int_equal(list[3].change, 0);
	free(list);
	mp_history_done(&h);
}

/* ---- what breaks naive ones ---- */

static void test_edges(void **state)
{
	struct mp_random r = { 20 };
	struct mp_tonight *list;
	struct mp_history h;
	size_t count;

	(void)state;
	add_nights(&h, 0);
	judge(&h);
	assert_int_equal(mp_tonight(&h, 0, &list, &count), -EINVAL);
	mp_history_done(&h);
	/* One night; all equal; gaps only. */
	add_nights(&h, 40);
	add_series(&h, &r, "mmap", 1, 1000);
	add_series(&h, &r, "mmap", 0, 1000);
	for (size_t i = 0; i < 40; i++)
		mp_series_point_add(&h.series[1], i, 7);
	add_series(&h, &r, "mmap", 0, 1000);
	for (size_t i = 0; i < 40; i++) {
		struct mp_point *p = mp_series_point_add(&h.series[2], i, NAN);

		p->outcome = MP_OUTCOME_FAILED;
		p->reason = strdup("it failed");
	}
	add_series(&h, &r, "mmap", 39, 1000);
	judge(&h);
	assert_int_equal(h.n_changes, 0);
	assert_int_equal(h.counts.gaps, 40);
	assert_int_equal(h.counts.short_series, 2);
	assert_int_equal(mp_tonight(&h, 39, &list, &count), 0);
	assert_int_equal(count, 3);
	assert_int_equal(list[0].state, MP_TONIGHT_NORMAL);
	assert_true(list[0].deviations < 1e-9 && fabs(list[0].ratio - 1) < 1e-12);
	assert_int_equal(list[1].state, MP_TONIGHT_NO_VALUE);
	assert_string_equal(list[1].reason, "it failed");
	assert_int_equal(list[2].state, MP_TONIGHT_MISSING);
	free(list);
	mp_history_done(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_step),   cmocka_unit_test(test_outlier_night),
		cmocka_unit_test(test_drift),  cmocka_unit_test(test_machine),
		cmocka_unit_test(test_alerts), cmocka_unit_test(test_accepted),
		cmocka_unit_test(test_open),   cmocka_unit_test(test_edges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * History on simulated nights: a planted step is found within two nights (of 15 % always, of 10 % nearly always), drift,
 * outliers and what the machine does are told apart, and quiet machines raise no alarm. In process, fixed seeds.
 *
 * MEMPERF_HISTORIES=N[:SEED]: so many step-free histories of 300 cases, judged on every one of 120 nights, instead of 1.
 * CTest: COST 2
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/random.h"
#include "common/vec.h"
#include "report/history/internal.h"
#include "report/history/tonight.h"

#define DAY 86400000000000ll

static double normal(struct mp_random *r)
{
	double u = ((double)mp_random_below(r, 1u << 30) + 0.5) / (1u << 30);
	double v = (double)mp_random_below(r, 1u << 30) / (1u << 30);

	return sqrt(-2 * log(u)) * cos(2 * M_PI * v);
}

static void add_nights(struct mp_history *h, size_t count)
{
	*h = (struct mp_history){ .notes = MP_STR_INIT };
	for (size_t i = 0; i < count; i++) {
		struct mp_night *n =
			mp_vec_push((void **)&h->nights, &h->n_nights, &h->cap_nights, sizeof(*n));
		char uuid[37];

		snprintf(uuid, sizeof(uuid), "00000000-0000-4000-8000-%012u", (unsigned)i + 1);
		n->uuid = strdup(uuid);
		n->machine = strdup("m");
		n->host = strdup("host");
		n->file = strdup("f.db");
		n->version = strdup("1");
		n->id = (int64_t)i + 1;
		n->started_ns = (int64_t)i * DAY;
	}
}

/* A series of `nights` values around `level`, 2 % noise. */
static struct mp_series *add_series(struct mp_history *h, struct mp_random *r, const char *family,
				    size_t nights, double level)
{
	char text[64], bench[64];
	struct mp_series *s;

	snprintf(bench, sizeof(bench), "%s.bench", family);
	snprintf(text, sizeof(text), "%s.bench/n=%zu", family, h->n_series);
	s = mp_history_series_add(h, "m",
				  &(struct mp_series_case){ .text = text,
							    .bench = bench,
							    .family = family,
							    .unit = "call",
							    .version = 1 },
				  MP_MODE_CALL, MP_METRIC_IS_VALUE);
	for (size_t i = 0; i < nights; i++)
		mp_series_point_add(s, i, level * exp(0.02 * normal(r)));
	return s;
}

static void raise_from(struct mp_series *s, size_t night, double factor)
{
	for (size_t i = night; i < s->n_points; i++)
		s->points[i].value *= factor;
}

static void judge(struct mp_history *h)
{
	assert_int_equal(mp_history_judge(h, &mp_history_defaults), 0);
}

static void must_accept(struct mp_history *h, const struct mp_series *s, size_t night,
			const char *state)
{
	struct mp_judged *j =
		mp_vec_push((void **)&h->judged, &h->n_judged, &h->cap_judged, sizeof(*j));

	j->machine = strdup("m");
	j->case_text = strdup(s->case_text);
	j->run_uuid = strdup(h->nights[night].uuid);
	j->state = strdup(state);
	j->reason = strdup("meant");
	j->version = 1;
	j->started_ns = h->nights[night].started_ns;
}

/* What nights said. */
struct tally {
	unsigned suspects, unstable, slower, faster; /* the last two confirmed */
	unsigned open; /* slower since an earlier night */
	double expected; /* of slower and faster, by chance */
};

/* Ten fresh processes of a case that costs `now`, scattering by 3 %. */
static void measure_again(const struct mp_history *h, const struct mp_tonight *t, size_t night,
			  struct mp_random *r, double now, struct mp_confirm *ret_confirm)
{
	double fresh[10], *reference;
	size_t n;

	for (size_t i = 0; i < 10; i++)
		fresh[i] = now * exp(0.03 * normal(r));
	assert_int_equal(mp_tonight_reference(h, t, night, &reference, &n), 0);
	assert_int_equal(mp_tonight_confirm(reference, n, fresh, 10, mp_tonight_level(t, 10),
					    t->ratio, false, ret_confirm),
			 0);
	free(reference);
}

/*
 * Judges the newest night as `memperf nightly` does: what stands out is measured again, and what the history shows is open
 * until somebody accepts it. now: what the cases cost, by series. Is case `wanted`, or any (wanted past the end), called
 * slower?
 */
static bool night_says(struct mp_history *h, struct mp_random *r, const double *now, size_t wanted,
		       struct tally *t)
{
	size_t night = h->n_nights - 1, count;
	struct mp_tonight *list;
	bool slower = false;

	judge(h);
	assert_int_equal(mp_tonight(h, night, &list, &count), 0);
	t->expected += mp_tonight_false_alarms(list, count, 10, 1);
	for (size_t k = 0; k < count; k++) {
		const struct mp_series *s = &h->series[list[k].series];
		double level = isfinite(list[k].reference) ? list[k].reference : list[k].value;
		bool unstable = list[k].state == MP_TONIGHT_UNSTABLE;
		bool red = !unstable && mp_history_still(h, s, level) < h->n_changes;

		t->open += red;
		t->unstable += unstable;
		if (list[k].state == MP_TONIGHT_SUSPECT) {
			struct mp_confirm confirm;

			measure_again(h, &list[k], night, r, now[list[k].series], &confirm);
			t->suspects++;
			t->slower += confirm.state == MP_CONFIRMED && list[k].ratio > 1;
			t->faster += confirm.state == MP_CONFIRMED && list[k].ratio < 1;
			red |= confirm.state == MP_CONFIRMED && list[k].ratio > 1;
		}
		slower |= red && (list[k].series == wanted || wanted >= h->n_series);
	}
	free(list);
	return slower;
}

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

/* A baseline of the first `runs` nights. */
static void pin(struct mp_history *h, size_t runs)
{
	for (size_t run = 0; run < runs; run++) {
		struct mp_judged *j =
			mp_vec_push((void **)&h->judged, &h->n_judged, &h->cap_judged, sizeof(*j));

		j->baseline = true;
		j->machine = strdup("m");
		j->name = strdup("golden");
		j->run_uuid = strdup(h->nights[run].uuid);
		j->reason = strdup("release");
		j->made_ns = 5;
	}
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

/* ---- nothing planted ---- */

#define QUIET_CASES  300
#define QUIET_NIGHTS 120

static double values[QUIET_CASES][QUIET_NIGHTS];

static void draw_quiet(struct mp_random *r)
{
	for (size_t c = 0; c < QUIET_CASES; c++)
		for (size_t i = 0; i < QUIET_NIGHTS; i++)
			values[c][i] = 1000 * exp(0.02 * normal(r));
}

/* The first so many nights of what was drawn. */
static void add_quiet(struct mp_history *h, struct mp_random *r, size_t nights)
{
	add_nights(h, nights);
	for (size_t c = 0; c < QUIET_CASES; c++) {
		struct mp_series *s = add_series(h, r, c % 3 ? "mmap" : "brk", 0, 0);

		for (size_t i = 0; i < nights; i++)
			mp_series_point_add(s, i, values[c][i]);
	}
}

/* A hundred histories without a step, read once, at their end: no alert. */
static void test_no_alert(void **state)
{
	struct mp_random r = { 21 };
	size_t alerts = 0;

	(void)state;
	for (int i = 0; i < 100; i++) {
		struct mp_history h;

		draw_quiet(&r);
		add_quiet(&h, &r, QUIET_NIGHTS);
		judge(&h);
		alerts += h.n_alerts;
		mp_history_done(&h);
	}
	print_message("100 step-free histories of %d cases, at their end: %zu alerts\n",
		      QUIET_CASES, alerts);
	assert_int_equal(alerts, 0);
}

/* One history without a step, judged on every night as if that were the newest. How many nights are red? */
static unsigned quiet_history(struct mp_random *r, struct tally *t)
{
	static double now[QUIET_CASES];
	unsigned red = 0;

	for (size_t c = 0; c < QUIET_CASES; c++)
		now[c] = 1000;
	draw_quiet(r);
	for (size_t nights = 1; nights <= QUIET_NIGHTS; nights++) {
		struct mp_history h;

		add_quiet(&h, r, nights);
		red += night_says(&h, r, now, QUIET_CASES, t);
		mp_history_done(&h);
	}
	return red;
}

/*
 * The promise (tonight.h) is one false alarm in 100,000,000 values; a reference of 10 to 14 nights gives a little more, as it
 * cannot show more. In 100 histories, 33 years of nights, 0.04 red nights are expected then, and none is seen with seeds 18,
 * 19 and 20; at 0.001, and with what the history shows at 0.01, there were 9.
 */
static void test_no_false_alarm(void **state)
{
	const char *wanted = getenv("MEMPERF_HISTORIES");
	char *seed = NULL;
	unsigned histories = wanted ? (unsigned)strtoul(wanted, &seed, 10) : 1, red = 0;
	struct mp_random r = { seed && *seed == ':' ? strtoul(seed + 1, NULL, 10) : 18 };
	struct tally t = { 0 };

	(void)state;
	for (unsigned i = 0; i < histories; i++)
		red += quiet_history(&r, &t);
	print_message("%u step-free histories of %d cases, judged on every one of %d nights: %u "
		      "nights are red; %u suspects (%.2f %% of the values), %u slower and %u "
		      "faster confirmed (%.4f expected), %u open, %u unstable\n",
		      histories, QUIET_CASES, QUIET_NIGHTS, red, t.suspects,
		      100.0 * t.suspects / histories / QUIET_CASES / QUIET_NIGHTS, t.slower,
		      t.faster, t.expected, t.open, t.unstable);
	assert_int_equal(red, 0);
	assert_true(t.expected <= 0.001 * histories);
	assert_true(t.suspects <= 0.005 * QUIET_CASES * QUIET_NIGHTS * histories);
}

/*
 * With a baseline of five runs no case drifts by chance either; the first nights, of which little is known, are where one would.
 * In 10 histories, every night to the last, none does.
 */
static void test_no_drift(void **state)
{
	struct mp_random r = { 22 };
	size_t drifts = 0;

	(void)state;
	draw_quiet(&r);
	for (size_t nights = 6; nights <= 40; nights++) {
		struct mp_history h;

		add_quiet(&h, &r, nights);
		pin(&h, 5);
		judge(&h);
		for (size_t c = 0; c < QUIET_CASES; c++)
			drifts += h.series[c].drift_stands_out;
		mp_history_done(&h);
	}
	assert_int_equal(drifts, 0);
}

/* Jumping between two levels: no alert, and nothing is said of tonight. */
static void test_bimodal(void **state)
{
	struct mp_random r = { 19 };
	struct mp_tonight *list;
	struct mp_history h;
	size_t count;
	unsigned suspects = 0, unstable = 0;

	(void)state;
	add_nights(&h, 120);
	for (int c = 0; c < 100; c++) {
		struct mp_series *s = add_series(&h, &r, "mmap", 120, 1000);

		for (size_t i = 0; i < 120; i++)
			if (mp_random_below(&r, 10) < 3)
				s->points[i].value *= 1.3;
	}
	judge(&h);
	assert_int_equal(mp_tonight(&h, 119, &list, &count), 0);
	for (size_t k = 0; k < count; k++) {
		suspects += list[k].state == MP_TONIGHT_SUSPECT;
		unstable += list[k].state == MP_TONIGHT_UNSTABLE;
	}
	print_message("100 bimodal cases: %zu alerts, %u unstable, %u suspects\n", h.n_alerts,
		      unstable, suspects);
	assert_true(h.n_alerts <= 2 && suspects == 0 && unstable >= 95);
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
		cmocka_unit_test(test_step),	 cmocka_unit_test(test_outlier_night),
		cmocka_unit_test(test_drift),	 cmocka_unit_test(test_machine),
		cmocka_unit_test(test_alerts),	 cmocka_unit_test(test_accepted),
		cmocka_unit_test(test_open),	 cmocka_unit_test(test_no_false_alarm),
		cmocka_unit_test(test_no_alert), cmocka_unit_test(test_no_drift),
		cmocka_unit_test(test_bimodal),	 cmocka_unit_test(test_edges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

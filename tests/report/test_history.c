/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * History on simulated nights: a planted step is found within two nights, drift, outliers and what the machine does
 * are told apart, and quiet machines raise no alarm. In process, fixed seeds.
 *
 * MEMPERF_HISTORIES=N: so many step-free histories of 300 cases and 120 nights instead of 3.
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

/* ---- planted ---- */

static void test_step(void **state)
{
	struct mp_random r = { 11 };
	unsigned found = 0, suspected = 0, confirmed = 0;

	(void)state;
	/* 120 nights of 10 cases; one goes 10 % up at night 80. */
	for (int trial = 0; trial < 100; trial++) {
		struct mp_tonight *list;
		struct mp_history h;
		size_t count;

		add_nights(&h, 120);
		for (int c = 0; c < 10; c++)
			add_series(&h, &r, c < 5 ? "mmap" : "brk", 120, 1000);
		raise_from(&h.series[3], 80, 1.10);
		judge(&h);
		if (h.n_alerts == 1 && h.alerts[0].kind == MP_STEP_SLOWER && h.alerts[0].open &&
		    h.changes[0].series == 3 && h.changes[0].night >= 78 &&
		    h.changes[0].night <= 82 && fabs(h.changes[0].ratio - 1.10) < 0.02 &&
		    h.changes[0].low < 1.10 && h.changes[0].high > h.changes[0].ratio)
			found++;
		mp_history_done(&h);

		/* The same seen on night 80 and 81 themselves: 5 deviations. */
		for (size_t nights = 81; nights <= 82; nights++) {
			struct mp_confirm confirm;
			double fresh[10], *reference;
			bool hit;

			add_nights(&h, nights);
			for (int c = 0; c < 10; c++)
				add_series(&h, &r, "mmap", nights, 1000);
			raise_from(&h.series[3], 80, 1.10);
			judge(&h);
			assert_int_equal(mp_tonight(&h, nights - 1, &list, &count), 0);
			assert_int_equal(count, 10);
			hit = list[3].state == MP_TONIGHT_SUSPECT;
			if (hit) {
				for (int i = 0; i < 10; i++)
					fresh[i] = 1100 * exp(0.03 * normal(&r));
				assert_int_equal(mp_tonight_reference(&h, &list[3], nights - 1,
								      &reference, &count),
						 0);
				assert_int_equal(count, 60);
				assert_int_equal(mp_tonight_confirm(reference, count, fresh, 10,
								    list[3].ratio, false, &confirm),
						 0);
				confirmed += confirm.state == MP_CONFIRMED;
				free(reference);
			}
			free(list);
			mp_history_done(&h);
			if (hit) {
				suspected++;
				break;
			}
		}
	}
	print_message("+10 %% of 2 %% noise: placed within two nights %u of 100; suspected within "
		      "two nights %u, confirmed %u\n",
		      found, suspected, confirmed);
	assert_true(found >= 97);
	assert_true(suspected >= 90 && confirmed == suspected);
}

static void test_outlier_night(void **state)
{
	struct mp_random r = { 12 };
	struct mp_tonight *list;
	struct mp_history h;
	size_t count;

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
	{
		struct mp_confirm confirm;
		double fresh[10], *reference;
		size_t n;

		for (int i = 0; i < 10; i++)
			fresh[i] = 1000 * exp(0.03 * normal(&r));
		assert_int_equal(mp_tonight_reference(&h, &list[4], 60, &reference, &n), 0);
		assert_int_equal(mp_tonight_confirm(reference, n, fresh, 10, 1.5, false, &confirm),
				 0);
		assert_int_equal(confirm.state, MP_CLEARED);
		assert_int_equal(mp_tonight_confirm(reference, n, fresh, 10, 1.5, true, &confirm),
				 0);
		assert_int_equal(confirm.state, MP_UNCONFIRMABLE);
		assert_int_equal(mp_tonight_confirm(reference, n, fresh, 0, 1.5, false, &confirm),
				 0);
		assert_int_equal(confirm.state, MP_UNCONFIRMABLE);
		free(reference);
	}
	free(list);
	mp_history_done(&h);
}

static void test_drift(void **state)
{
	struct mp_random r = { 13 };
	struct mp_history h;

	(void)state;
	/* 10 % in 120 nights, against a baseline of the first night; its neighbours stay. */
	add_nights(&h, 120);
	for (int c = 0; c < 10; c++)
		add_series(&h, &r, "mmap", 120, 1000);
	for (size_t i = 0; i < 120; i++)
		h.series[2].points[i].value *= 1 + 0.10 * (double)i / 120;
	for (int run = 0; run < 3; run++) {
		struct mp_judged *j =
			mp_vec_push((void **)&h.judged, &h.n_judged, &h.cap_judged, sizeof(*j));

		j->baseline = true;
		j->machine = strdup("m");
		j->name = strdup("golden");
		j->run_uuid = strdup(h.nights[run].uuid);
		j->reason = strdup("release");
		j->made_ns = 5;
	}
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

static void test_no_false_alarm(void **state)
{
	const char *wanted = getenv("MEMPERF_HISTORIES");
	unsigned histories = wanted ? (unsigned)atoi(wanted) : 3, alerts = 0, suspects = 0,
		 confirmed = 0, unstable = 0;
	struct mp_random r = { 18 };
	double expected = 0;

	(void)state;
	for (unsigned i = 0; i < histories; i++) {
		struct mp_tonight *list;
		struct mp_history h;
		size_t count;

		add_nights(&h, 120);
		for (int c = 0; c < 300; c++)
			add_series(&h, &r, c % 3 ? "mmap" : "brk", 120, 1000);
		judge(&h);
		alerts += (unsigned)h.n_alerts;
		assert_int_equal(mp_tonight(&h, 119, &list, &count), 0);
		expected += mp_tonight_false_alarms(list, count, 1);
		for (size_t k = 0; k < count; k++) {
			struct mp_confirm confirm;
			double fresh[10], *reference;
			size_t n;

			unstable += list[k].state == MP_TONIGHT_UNSTABLE;
			if (list[k].state != MP_TONIGHT_SUSPECT)
				continue;
			suspects++;
			for (int f = 0; f < 10; f++)
				fresh[f] = 1000 * exp(0.03 * normal(&r));
			assert_int_equal(mp_tonight_reference(&h, &list[k], 119, &reference, &n),
					 0);
			assert_int_equal(mp_tonight_confirm(reference, n, fresh, 10, list[k].ratio,
							    false, &confirm),
					 0);
			confirmed += confirm.state == MP_CONFIRMED;
			free(reference);
		}
		free(list);
		mp_history_done(&h);
	}
	print_message(
		"%u step-free histories of 300 cases: %u alerts; on the last night %u "
		"suspects (%.2f %% of the cases), %u unstable, %u confirmed (expected %.3f)\n",
		histories, alerts, suspects, 100.0 * suspects / histories / 300, unstable,
		confirmed, expected);
	assert_int_equal(alerts, 0);
	assert_int_equal(confirmed, 0);
	assert_true(suspects <= 3 * histories);
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
		cmocka_unit_test(test_step),	cmocka_unit_test(test_outlier_night),
		cmocka_unit_test(test_drift),	cmocka_unit_test(test_machine),
		cmocka_unit_test(test_alerts),	cmocka_unit_test(test_accepted),
		cmocka_unit_test(test_open),	cmocka_unit_test(test_no_false_alarm),
		cmocka_unit_test(test_bimodal), cmocka_unit_test(test_edges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

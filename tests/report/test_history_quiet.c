/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Quiet machines raise no alarm: simulated nights without a planted change. In process, fixed seeds.
 *
 * MEMPERF_HISTORIES=N[:SEED]: so many step-free histories of 300 cases, judged on every one of 120 nights, instead of 1.
 * CTest: COST 2
 */
#include "tests/report/nights_made.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_alert),
		cmocka_unit_test(test_no_false_alarm),
		cmocka_unit_test(test_no_drift),
		cmocka_unit_test(test_bimodal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The kinds of charts on files that make_db writes: every call is in the histogram or named as outside, curves end where
 * all calls are, quantiles and ratios are those that report/compare works with, a line of cases holds all of them.
 * CTest: TIMEOUT 60
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "report/chart/kind.h"
#include "report/format/table_impl.h"
#include "results/detail.h"
#include "tests/report/files_made.h"

#define SLOWER "mmap.anon/populate=yes/size=2M/threads=1" /* 10 % slower in B */

static struct mp_side sides[2];
static struct mp_comparison comparison;

static int setup(void **state)
{
	static const char *const texts[] = { "a.db", "b.db" };
	struct mp_err err;

	(void)state;
	files_begin();
	files_make("a.db", "base");
	files_make("b.db", "change");
	assert_int_equal(mp_side_open_all(texts, 2, MP_SIDE_COMPARE, sides, &err), 0);
	assert_int_equal(mp_compare(&sides[0], &sides[1], &mp_compare_defaults, &comparison, &err),
			 0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	mp_comparison_done(&comparison);
	mp_side_done(&sides[0]);
	mp_side_done(&sides[1]);
	files_end();
	return 0;
}

/* The subject of that case; `ids` live with the caller. */
static struct mp_chart_subject subject_of(const char *text, int64_t ids[2], size_t n_sides)
{
	struct mp_chart_subject subject = { .case_text = text, .n_sides = n_sides };
	struct mp_err err;

	for (size_t i = 0; i < comparison.n_pairs; i++) {
		const struct mp_pair *pair = &comparison.pairs[i];

		if (strcmp(pair->text, text))
			continue;
		subject.pair = n_sides == 2 ? pair : NULL;
		for (size_t s = 0; s < n_sides; s++) {
			size_t run, n = mp_pair_run_cases(pair, s, &ids[s], 1, &run);

			subject.sides[s] =
				(struct mp_chart_side){ .store = n ? sides[s].store : NULL,
							.run_cases = &ids[s],
							.n_run_cases = n,
							.run = &sides[s].runs[0],
							.name = s ? "b.db" : "a.db" };
		}
	}
	assert_int_equal(mp_chart_subject_fill(&subject, &err), 0);
	return subject;
}

static struct mp_chart chart_of(const struct mp_chart_kind *kind,
				const struct mp_chart_subject *subject,
				const struct mp_chart_options *options)
{
	struct mp_chart chart = { 0 };
	struct mp_err err;

	assert_int_equal(mp_chart_make(kind, subject, options, &chart, &err), 0);
	return chart;
}

/* Shares of a side of a histogram, and what the notes say lies outside. */
static void histogram_holds_every_call(void **state)
{
	static const unsigned bins[] = { 1, 7, 40, 90, 1000 };
	int64_t ids[2];
	struct mp_chart_subject subject = subject_of(SLOWER, ids, 2);

	(void)state;
	for (size_t k = 0; k < sizeof(bins) / sizeof(bins[0]); k++) {
		struct mp_chart chart = chart_of(&mp_chart_kind_histogram, &subject,
						 &(struct mp_chart_options){ .bins = bins[k] });

		assert_null(chart.empty);
		assert_int_equal(chart.n_series, 2);
		for (size_t s = 0; s < 2; s++) {
			const struct mp_chart_series *series = &chart.series[s];
			double sum = 0, outside = 0, share;

			for (size_t i = 0; i < series->n_points; i++) {
				sum += fabs(series->points[i].y);
				assert_true(series->points[i].x < series->points[i].x_end);
				if (i)
					assert_float_equal(series->points[i].x,
							   series->points[i - 1].x_end, 0);
			}
			for (size_t i = 0; i < chart.n_notes; i++) {
				char side;
				int end = 0;

				if (sscanf(chart.notes[i], "%c: %lf %% of the calls%n", &side,
					   &share, &end) == 2 &&
				    end && side == (s ? 'B' : 'A'))
					outside += share / 100;
			}
			/* The notes round to two digits. */
			assert_float_equal(sum + outside, 1, 0.0005);
			assert_true(sum > 0.99);
		}
		mp_chart_done(&chart);
	}
}

/* The clock of the fixture steps by 10 ns: no bin is narrower, and none ends on a step. */
static void bins_are_whole_steps(void **state)
{
	int64_t ids[2];
	struct mp_chart_subject subject = subject_of("floor.null_syscall", ids, 1);
	struct mp_chart chart = chart_of(&mp_chart_kind_histogram, &subject,
					 &(struct mp_chart_options){ .bins = 90 });

	(void)state;
	assert_null(chart.empty);
	for (size_t i = 0; i < chart.series[0].n_points; i++) {
		const struct mp_chart_point *p = &chart.series[0].points[i];

		assert_true(p->x_end - p->x >= 8);
		assert_int_not_equal((long)p->x % 10, 0);
	}
	mp_chart_done(&chart);
}

static void curves_rise_to_all_calls(void **state)
{
	int64_t ids[2];
	struct mp_chart_subject subject = subject_of(SLOWER, ids, 2);

	(void)state;
	for (int tail = 0; tail < 2; tail++) {
		struct mp_chart chart = chart_of(&mp_chart_kind_cdf, &subject,
						 &(struct mp_chart_options){ .tail = tail });

		for (size_t s = 0; s < 2; s++) {
			const struct mp_chart_series *series = &chart.series[s];

			assert_true(series->n_points > 5);
			for (size_t i = 1; i < series->n_points; i++) {
				assert_true(series->points[i].x >= series->points[i - 1].x);
				assert_true(series->points[i].y >= series->points[i - 1].y);
			}
			assert_true(series->points[series->n_points - 1].y > 0.998);
		}
		mp_chart_done(&chart);
	}
}

/* Of a chart's table: the number in that row and column. */
static double cell(const struct mp_chart *chart, size_t row, const char *key)
{
	int column = mp_table_find(chart->table, key);

	assert_true(column >= 0);
	return mp_table_cell(chart->table, row, (size_t)column)->number;
}

/* The median of single calls is the location that compare judged, and the ratio at p50 its ratio. */
static void quantiles_are_those_of_compare(void **state)
{
	int64_t ids[2];
	struct mp_chart_subject subject = subject_of(SLOWER, ids, 2);
	struct mp_chart percentiles = chart_of(&mp_chart_kind_percentiles, &subject, NULL);
	struct mp_chart shift = chart_of(&mp_chart_kind_deciles, &subject, NULL);
	const struct mp_change *at = &subject.pair->location;

	(void)state;
	assert_float_equal(cell(&percentiles, MP_PROFILE_MEDIAN, "a_ns") / at->a, 1, 0.001);
	assert_float_equal(cell(&percentiles, MP_PROFILE_MEDIAN, "b_ns") / at->b, 1, 0.001);
	assert_float_equal(cell(&percentiles, MP_PROFILE_MEDIAN, "change"), at->ratio - 1, 1e-6);
	assert_true(cell(&percentiles, 0, "a_ns") < cell(&percentiles, 8, "a_ns"));
	/* Everything was made 10 % slower: a shift, on every decile. */
	for (size_t k = 0; k < 9; k++) {
		assert_float_equal(cell(&shift, k, "change"), at->ratio - 1, 0.01);
		assert_true(cell(&shift, k, "low") < cell(&shift, k, "change"));
	}
	mp_chart_done(&percentiles);
	mp_chart_done(&shift);
}

static void every_invocation_is_shown(void **state)
{
	int64_t ids[2];
	struct mp_chart_subject subject = subject_of(SLOWER, ids, 2);
	struct mp_chart chart = chart_of(&mp_chart_kind_invocations, &subject, NULL);
	double *values;
	size_t count;
	struct mp_err err;

	(void)state;
	assert_int_equal(chart.series[0].n_points, 10);
	assert_int_equal(mp_store_case_values(sides[0].store, ids[0], subject.mode,
					      subject.population, &values, &count, &err),
			 0);
	assert_int_equal(count, 10);
	for (size_t i = 0; i < count; i++)
		assert_float_equal(chart.series[0].points[i].y, values[i], 0);
	free(values);
	mp_chart_done(&chart);

	/* Invalid: shown, and marked as such. */
	subject = subject_of("fault.thp/size=2M/threads=1", ids, 1);
	chart = chart_of(&mp_chart_kind_invocations, &subject, NULL);
	assert_int_equal(chart.series[0].n_points, 10);
	assert_int_equal(chart.series[0].points[0].sign, '!');
	mp_chart_done(&chart);
}

static void a_line_of_cases(void **state)
{
	int64_t ids[2];
	struct mp_chart_subject subject =
		subject_of("mmap.anon/populate=no/size=2M/threads=1", ids, 2);
	struct mp_chart chart = chart_of(&mp_chart_kind_scaling, &subject, NULL);
	struct mp_str axes = MP_STR_INIT;
	struct mp_err err;

	(void)state;
	/* 4K, 2M, 1G on both sides, and 64K in B alone; populate=yes is another line. */
	assert_int_equal(chart.series[0].n_points, 3);
	assert_int_equal(chart.series[1].n_points, 4);
	assert_float_equal(chart.series[1].points[0].x, 4096, 0);
	assert_float_equal(chart.series[1].points[3].x, 1073741824, 0);
	assert_true(chart.x.scale == MP_CHART_LOG2 && chart.x.unit == MP_CHART_SIZE);
	assert_int_equal(chart.x.n_marks, 1);
	assert_string_equal(chart.x.marks[0].text, "page 4K");
	mp_chart_done(&chart);

	assert_int_equal(mp_chart_scaling_axes(&subject, &axes, &err), 0);
	assert_string_equal(axes.text, "size\n");
	mp_str_done(&axes);

	subject = subject_of(SLOWER, ids, 2);
	chart = chart_of(&mp_chart_kind_scaling, &subject,
			 &(struct mp_chart_options){ .quantity = MP_CHART_RATIO });
	assert_int_equal(chart.series[0].n_points, 2);
	assert_float_equal(chart.series[0].points[1].y, subject.pair->location.ratio, 1e-6);
	mp_chart_done(&chart);

	chart = chart_of(&mp_chart_kind_scaling, &subject,
			 &(struct mp_chart_options){ .axis = "threads" });
	assert_non_null(strstr(chart.empty, "only one value of 'threads'"));
	mp_chart_done(&chart);
	chart = chart_of(&mp_chart_kind_scaling, &subject,
			 &(struct mp_chart_options){ .quantity = MP_CHART_PER_BYTE });
	assert_non_null(strstr(chart.empty, "no size in bytes"));
	mp_chart_done(&chart);
}

/* What has nothing to show says why. */
static void empty_charts_say_why(void **state)
{
	static const struct {
		const char *text;
		const struct mp_chart_kind *kind;
		const char *words;
	} empty[] = {
		{ "floor.clock", &mp_chart_kind_histogram, "batch mode" },
		{ "fault.anon/size=2M/thp=never/threads=4", &mp_chart_kind_percentiles,
		  "rate mode" },
		{ "kmod.kmalloc/size=4K", &mp_chart_kind_invocations, "no invocation is stored" },
		{ "munmap.anon/size=4K/threads=1", &mp_chart_kind_deciles, "two sides" },
		{ "floor.clock", &mp_chart_kind_scaling, "no numeric axis" },
		{ "floor.clock", &mp_chart_kind_history, "no run" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(empty) / sizeof(empty[0]); i++) {
		int64_t ids[2];
		struct mp_chart_subject subject = subject_of(empty[i].text, ids, 2);
		struct mp_chart chart = chart_of(empty[i].kind, &subject, NULL);

		assert_non_null(chart.empty);
		if (!strstr(chart.empty, empty[i].words))
			fail_msg("%s: %s", empty[i].text, chart.empty);
		mp_chart_done(&chart);
	}
}

struct expected {
	const char *words[4]; /* of the axis, in order */
	size_t seen;
};

static int expect_sibling(void *user, const struct mp_sibling *s)
{
	struct expected *e = user;

	assert_non_null(e->words[e->seen]);
	assert_string_equal(s->word, e->words[e->seen++]);
	return 0;
}

/* Cases along the axis, and nothing that is not on the line. */
static void expect_line(const char *text, const char *axis, int64_t run_case,
			struct expected expected)
{
	struct mp_err err;

	assert_int_equal(mp_store_case_siblings(sides[0].store, run_case, text, axis,
						expect_sibling, &expected, &err),
			 0);
	assert_null(expected.words[expected.seen]);
}

static int count_checks(void *user, const struct mp_check_total *check)
{
	++*(size_t *)user;
	assert_string_equal(check->name, "result");
	assert_int_equal(check->failed, 10 * 12);
	return 0;
}

static void the_store_reads_one_case(void **state)
{
	static const char rate[] = "fault.anon/size=2M/thp=never/threads=4";
	int64_t ids[2];
	struct mp_chart_subject subject = subject_of(SLOWER, ids, 1);
	struct mp_params params;
	struct mp_case_row *row;
	size_t count = 0;
	struct mp_err err;

	(void)state;
	expect_line(SLOWER, "size", ids[0], (struct expected){ { "4K", "2M" }, 0 });
	/* The line need not go through the case. */
	expect_line("mmap.anon/populate=no/size=64K/threads=1", "size", ids[0],
		    (struct expected){ { "4K", "2M", "1G" }, 0 });
	expect_line(SLOWER, "siz", ids[0], (struct expected){ { NULL }, 0 });
	subject = subject_of(rate, ids, 1);
	expect_line(rate, "size", ids[0], (struct expected){ { "2M" }, 0 });
	expect_line(rate, "threads", ids[0], (struct expected){ { "1", "4" }, 0 });
	subject = subject_of(SLOWER, ids, 1);
	assert_int_equal(mp_store_case_params(sides[0].store, ids[0], &params, &err), 0);
	assert_int_equal(params.count, 3);
	assert_string_equal(params.items[1].axis, "size");
	assert_string_equal(params.items[1].word, "2M");
	assert_true(params.items[1].kind == MP_AXIS_SIZE && params.items[1].number == 2 << 20);
	assert_int_equal(mp_store_case(sides[0].store, ids[0], &row, &err), 0);
	assert_string_equal(row->text, SLOWER);
	assert_true(row->call_p50[0].n == 10 && row->batch_mean[1].n == 10);
	mp_case_rows_free(row, 1);
	assert_int_equal(mp_store_case(sides[0].store, 123456, &row, &err), -ENOENT);
	subject = subject_of("fault.thp/size=2M/threads=1", ids, 1);
	count = 0;
	assert_int_equal(
		mp_store_case_checks(subject.sides[0].store, ids[0], count_checks, &count, &err),
		0);
	assert_int_equal(count, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(histogram_holds_every_call),
		cmocka_unit_test(bins_are_whole_steps),
		cmocka_unit_test(curves_rise_to_all_calls),
		cmocka_unit_test(quantiles_are_those_of_compare),
		cmocka_unit_test(every_invocation_is_shown),
		cmocka_unit_test(a_line_of_cases),
		cmocka_unit_test(empty_charts_say_why),
		cmocka_unit_test(the_store_reads_one_case),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}

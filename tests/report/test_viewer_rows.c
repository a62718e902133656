/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The rows of the viewer without a terminal: judged in two steps, each once in the tree, marked as their cases are, with one
 * unit a column; filtered and sorted by what was counted.
 * CTest: TIMEOUT 300
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "report/viewer/results_table.h"
#include "report/viewer/tree.h"
#include "tests/report/viewer_made.h"

/* ---- judging ---- */

/* Many pairs with single calls: their verdicts are there first, then tail and shape; everything else is the same. */
static void verdicts_come_before_the_single_calls(void **state)
{
	struct mp_rows_summary first = { .asides = true };
	struct puppet p;
	struct mp_view *view;
	const char *sides[] = { "many_a.db", "many_b.db" };
	const struct mp_viewer_options options = { .sides = sides,
						   .n_sides = 2,
						   .compare = mp_compare_defaults };
	struct mp_err err;

	(void)state;
	files_make("many_a.db", "calls 300 1");
	files_make("many_b.db", "calls 300 2");
	puppet_init(&p, 24, 80);
	if (mp_view_new(&options, &view, &err) || mp_view_attach(view, &p.backend, &err))
		fail_msg("%s", err.text);
	while (!mp_view_settled(view)) {
		mp_view_work(view);
		if (view->model.rows && first.asides)
			first = *mp_rows_summary(view->model.rows);
	}
	assert_false(first.asides);
	assert_true(mp_rows_summary(view->model.rows)->asides);
	assert_int_equal(first.tails[MP_ASIDE_NONE], 0);
	assert_int_equal(first.n_rows, mp_rows_summary(view->model.rows)->n_rows);
	assert_memory_equal(first.counts, mp_rows_summary(view->model.rows)->counts,
			    sizeof(first.counts));
	mp_view_free(view);
}

static unsigned warnings_of(const struct mp_view *view, const char *text)
{
	size_t at = mp_rows_find(view->model.rows, text);
	struct mp_row row;

	assert_true(at != SIZE_MAX);
	assert_int_equal(mp_rows_get(view->model.rows, at, &row), 0);
	return row.warnings;
}

/* Of the pairs that are compared, where the sides differ in what usually moves results. */
static void another_environment_warns(void **state)
{
	static const char both[] = "mmap.anon/populate=no/size=4K/threads=1";
	struct puppet p;
	struct mp_view *view;

	(void)state;
	puppet_init(&p, 24, 80);
	view = view_of(&p, FILE_A, FILE_B);
	assert_true(warnings_of(view, both) & 1u << MP_WARN_ENVIRONMENT);
	assert_false(warnings_of(view, "brk.grow/size=4K/threads=1") & 1u << MP_WARN_ENVIRONMENT);
	mp_view_free(view);
	view = view_of(&p, FILE_A, FILE_A);
	assert_false(warnings_of(view, both) & 1u << MP_WARN_ENVIRONMENT);
	mp_view_free(view);
}

/* What one of the pooled runs says against its values holds for the row, be it not the newest of them. */
static void every_pooled_run_may_warn(void **state)
{
	static const char drifting[] = "mmap.many1/n=1/size=4K/threads=1";
	struct puppet p;
	struct mp_view *view;

	(void)state;
	files_make("pooled.db", "counted 12 1");
	files_make("pooled.db", "calls 12 5");
	puppet_init(&p, 24, 80);
	view = view_of(&p, "pooled.db:#2", FILE_CALLS_B);
	assert_false(warnings_of(view, drifting) & 1u << MP_WARN_DRIFT);
	mp_view_free(view);
	view = view_of(&p, "pooled.db:#1,#2", FILE_CALLS_B);
	assert_true(warnings_of(view, drifting) & 1u << MP_WARN_DRIFT);
	mp_view_free(view);
}

/* ---- the tree ---- */

static void check_lines(const struct mp_tree *tree, size_t wanted)
{
	assert_int_equal(tree->n_lines, wanted);
	for (size_t line = 0; line < tree->n_lines; line++) {
		size_t row;
		struct mp_tree_branch *branch = mp_tree_at(tree, line, &row);

		if (row == SIZE_MAX) {
			assert_int_equal(mp_tree_line_of_branch(tree, branch), line);
			continue;
		}
		assert_true(branch->bench && row >= branch->first && row < branch->end);
		assert_int_equal(mp_tree_line_of(tree, row), line);
		assert_int_equal(tree->rows[mp_tree_place(tree, line)], row);
	}
}

/* Every listed row once, in the order of the list within its benchmark; counts are those of the rows. */
static void check_tree(struct mp_tree *tree, const struct mp_index *x, uint64_t *seen)
{
	size_t families = 0, branches = 0, cases = 0, slower = 0, listed = 0;

	assert_int_equal(mp_tree_update(tree, x), 0);
	assert_int_equal(tree->n_rows, x->n_listed);
	for (size_t i = 0; i < tree->n_rows; i++) {
		uint64_t bit = 1ull << (tree->rows[i] % 64);

		assert_false(seen[tree->rows[i] / 64] & bit);
		seen[tree->rows[i] / 64] |= bit;
	}
	for (size_t k = 0; k < tree->n_branches; k++) {
		const struct mp_tree_branch *b = &tree->branches[k];

		families += !b->bench && b->listed;
		branches += b->listed > 0;
		cases += b->bench ? b->cases : 0;
		slower += b->bench ? b->counts[MP_VERDICT_SLOWER] : 0;
		listed += b->bench ? b->listed : 0;
		for (size_t i = 1; b->bench && i < b->listed; i++)
			assert_true(mp_index_position(x, tree->rows[b->at + i - 1]) <
				    mp_index_position(x, tree->rows[b->at + i]));
	}
	assert_int_equal(listed, x->n_listed);
	if (!x->filter) {
		assert_int_equal(cases, mp_rows_summary(x->rows)->n_rows);
		assert_int_equal(slower, mp_rows_summary(x->rows)->counts[MP_VERDICT_SLOWER]);
	}
	mp_tree_open_all(tree, true);
	check_lines(tree, branches + x->n_listed);
	mp_tree_open_all(tree, false);
	check_lines(tree, families);
	for (size_t i = 0; i < x->n_listed; i += 7) {
		size_t row;

		mp_tree_reveal(tree, x->listed[i]);
		mp_tree_at(tree, mp_tree_line_of(tree, x->listed[i]), &row);
		assert_int_equal(row, x->listed[i]);
	}
}

static void the_tree_has_every_listed_case_once(void **state)
{
	const char *const files[][2] = { { FILE_A, FILE_B }, { FILE_CALLS_A, FILE_CALLS_B } };
	static const char *const filters[] = { NULL, "size = 4K", "size = 3K" };

	(void)state;
	for (size_t f = 0; f < 2; f++) {
		struct puppet p;
		struct mp_view *view;
		struct mp_tree tree = { 0 };

		puppet_init(&p, 24, 80);
		view = view_of(&p, files[f][0], files[f][1]);
		for (int all = 0; all < 2; all++) {
			for (size_t k = 0; k < sizeof(filters) / sizeof(filters[0]); k++) {
				for (int sort = 0; sort < MP_SORT_COUNT; sort++) {
					uint64_t seen[8] = { 0 };
					struct mp_err err;

					mp_index_all(&view->model.index, all);
					assert_int_equal(mp_index_filter(&view->model.index,
									 filters[k], &err),
							 0);
					mp_index_sort(&view->model.index, (enum mp_sort)sort,
						      sort % 2);
					settle(view);
					check_tree(&tree, &view->model.index, seen);
				}
			}
		}
		mp_tree_done(&tree);
		mp_view_free(view);
	}
}

/* Marks go with their cases when the sides change places, and when their rows have other numbers. */
static void marks_stay_with_their_cases(void **state)
{
	static const char marked[] =
		"munmap.anon/size=4K/threads=1"; /* behind a case that only B has */
	const char *const alone[] = { FILE_A };
	struct puppet p;
	struct mp_view *view;
	const struct mp_index *x;
	struct mp_row row;
	struct mp_err err;

	(void)state;
	puppet_init(&p, 24, 80);
	view = view_of(&p, FILE_A, FILE_B);
	x = &view->model.index;
	mark(view, marked);
	assert_int_equal(mp_model_swap(&view->model, &err), 0);
	settle(view);
	assert_int_equal(mp_model_sides(&view->model, alone, 1, &err), 0);
	settle(view);
	assert_int_equal(x->n_marks, 1);
	assert_int_equal(mp_rows_get(x->rows, mp_index_next_mark(x, 0), &row), 0);
	assert_string_equal(row.text, marked);
	mp_index_only_marked(&view->model.index, true);
	settle(view);
	assert_int_equal(x->n_listed, 1);
	mp_index_unmark(&view->model.index);
	settle(view);
	assert_true(x->n_listed > 1);
	mp_view_free(view);
}

/* ---- numbers of a column ---- */

static void a_column_has_one_unit(void **state)
{
	static const struct {
		double least, most, value;
		const char *name, *text;
	} wanted[] = {
		{ 1288, 263200, 31380, "us", "31.38" }, { 24, 263200, 24, "us", "0.02400" },
		{ 24, 980, 171.8, "ns", "171.8" },	{ 1e6, 1e10, 1.25e10, "ms", "12500" },
		{ 1e9, 3e9, 2.5e9, "s", "2.500" },	{ NAN, NAN, NAN, "ns", "-" },
		{ 2000, 2000, 0, "us", "0" },		{ 9.9996e3, 1e4, 9.9996e3, "us", "10.00" },
	};
	struct puppet p;
	struct mp_view *view;

	(void)state;
	puppet_init(&p, 24, 80);
	view = view_of(&p, FILE_A, NULL);
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		struct mp_view_scale scale = mp_view_scale(view, wanted[i].least, wanted[i].most);
		char buf[MP_VIEW_NUMBER_LEN];

		assert_string_equal(scale.name, wanted[i].name);
		assert_string_equal(mp_view_scaled(&scale, wanted[i].value, buf), wanted[i].text);
	}
	mp_view_free(view);
}

/* ---- what was counted ---- */

static void expect_listed(struct mp_view *view, const char *filter, size_t wanted)
{
	struct mp_err err;

	if (mp_index_filter(&view->model.index, filter, &err))
		fail_msg("%s", err.text);
	settle(view);
	if (view->model.index.n_listed != wanted)
		fail_msg("'%s' lists %zu", filter, view->model.index.n_listed);
}

/* The number of the fixture's case in that line of the list. */
static unsigned nth_of(struct mp_view *view, size_t line)
{
	struct mp_row row;
	unsigned nth;

	assert_int_equal(mp_rows_get(view->model.rows, view->model.index.listed[line], &row), 0);
	assert_int_equal(sscanf(row.text, "mmap.many%u/", &nth), 1);
	return nth;
}

/* Case n has 10 n faults and 1000 - 10 n cycles an operation; B twice the faults of A where n is odd. */
static void filters_ask_for_counters(void **state)
{
	struct puppet p;
	struct mp_view *view;
	struct mp_err err;

	(void)state;
	puppet_init(&p, 24, 80);
	view = view_of(&p, FILE_COUNTED_A, FILE_COUNTED_B);
	mp_index_all(&view->model.index, true);
	expect_listed(view, "minor_faults > 100", 3);
	expect_listed(view, "minor_faults_a > 100", 1);
	expect_listed(view, "minor_faults_b <= 10", 1);
	expect_listed(view, "minor_faults = 0", 1);
	expect_listed(view, "minor_faults_change > 50%", 6);
	expect_listed(view, "minor_faults_change = 0", 6);
	expect_listed(view, "\"cycles (cpu_core)\" < 900 or case ~ '*/n=0/*'", 2);
	expect_listed(view, "minor_faults > 100 and \"cycles (cpu_core)\" > 900", 2);
	assert_int_equal(mp_index_filter(&view->model.index, "minor_fautls > 1", &err), -EINVAL);
	assert_non_null(strstr(err.text, "did you mean 'minor_faults'"));
	/* Swapped, and over again: numbers are those of the rows that there are. */
	assert_int_equal(mp_model_swap(&view->model, &err), 0);
	settle(view);
	expect_listed(view, "minor_faults_a > 100", 3);
	expect_listed(view, NULL, 12);
	mp_view_free(view);
}

static void rows_are_sorted_by_a_counter(void **state)
{
	struct puppet p;
	struct mp_view *view;
	struct mp_index *x;
	struct mp_err err;

	(void)state;
	puppet_init(&p, 24, 80);
	view = view_of(&p, FILE_COUNTED_A, FILE_COUNTED_B);
	x = &view->model.index;
	mp_index_all(x, true);
	settle(view);
	assert_int_equal(mp_index_sort_counter(x, "minor_faults", false, &err), 0);
	settle(view);
	/* Changes first, in either direction. */
	for (size_t i = 0; i < 12; i++)
		assert_int_equal(nth_of(view, i) % 2, i < 6);
	assert_string_equal(mp_index_sorted(x), "minor_faults");
	assert_int_equal(mp_index_sort_counter(x, "no_such_thing", false, &err), -ENOENT);
	assert_string_equal(mp_index_sorted(x), "minor_faults");
	mp_view_free(view);
	/* Of one side the numbers; what has none is last, and first when reversed. */
	view = view_of(&p, FILE_COUNTED_A, NULL);
	x = &view->model.index;
	assert_int_equal(mp_index_sort_counter(x, "cycles (cpu_core)", false, &err), 0);
	settle(view);
	for (size_t i = 0; i < 12; i++)
		assert_int_equal(nth_of(view, i), i);
	mp_index_sort(x, x->sort, true);
	settle(view);
	for (size_t i = 0; i < 12; i++)
		assert_int_equal(nth_of(view, i), 11 - i);
	mp_view_free(view);
}

/* Allocators of sanitizers end the program where there is no memory. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define OWN_ALLOCATOR
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define OWN_ALLOCATOR
#endif
#endif

/* A table that no memory holds: a sentence, and everything is as it was. */
static void counters_without_memory_are_said(void **state)
{
#ifdef OWN_ALLOCATOR
	(void)state;
	skip();
#else
	static const char cycles[] = "cycles (cpu_core)";
	struct puppet p;
	struct mp_view *view;
	struct mp_rows_summary *summary;
	struct mp_err err;
	size_t n;

	(void)state;
	puppet_init(&p, 24, 80);
	view = view_of(&p, FILE_COUNTED_A, FILE_COUNTED_B);
	mp_index_all(&view->model.index, true);
	expect_listed(view, "minor_faults > 100", 3);
	summary = (struct mp_rows_summary *)(uintptr_t)mp_rows_summary(view->model.rows);
	n = summary->n_rows;
	summary->n_rows = SIZE_MAX / 64;
	assert_int_equal(mp_index_sort_counter(&view->model.index, cycles, false, &err), -ENOMEM);
	assert_non_null(strstr(err.text, "out of memory: what was counted"));
	assert_string_equal(mp_index_sorted(&view->model.index), "evidence");
	assert_int_equal(mp_index_filter(&view->model.index, "\"cycles (cpu_core)\" > 1", &err),
			 -ENOMEM);
	assert_string_equal(view->model.index.filter_text, "minor_faults > 100");
	assert_true(mp_counter_numbers_settled(&view->numbers) && view->numbers.n_rows == n);
	assert_int_equal(mp_counter_numbers_renew(&view->numbers, &err), -ENOMEM);
	summary->n_rows = n;
	assert_int_equal(mp_counter_numbers_renew(&view->numbers, &err), 0);
	expect_listed(view, "minor_faults > 100", 3);
	mp_view_free(view);
#endif
}

/* Every column of the headings: an order, of shown counters theirs, and none twice in two places. */
static void headings_sort_by_what_they_are(void **state)
{
	struct puppet p;
	struct mp_view *view;
	size_t last = SIZE_MAX, seen = 0;

	(void)state;
	puppet_init(&p, 24, 140);
	view = view_of(&p, FILE_COUNTED_A, FILE_COUNTED_B);
	mp_view_toggle_counter(view, "minor_faults");
	mp_view_toggle_counter(view, "cycles (cpu_core)");
	for (int column = 0; column < 140; column++) {
		size_t order;

		if (!mp_results_sort_at(view, 140, column, &order) || order == last)
			continue;
		last = order;
		if (order >= MP_SORT_COUNTER)
			assert_int_equal(order, MP_SORT_COUNTER + seen++);
	}
	assert_int_equal(seen, 2);
	mp_view_free(view);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(verdicts_come_before_the_single_calls),
		cmocka_unit_test(another_environment_warns),
		cmocka_unit_test(every_pooled_run_may_warn),
		cmocka_unit_test(the_tree_has_every_listed_case_once),
		cmocka_unit_test(marks_stay_with_their_cases),
		cmocka_unit_test(a_column_has_one_unit),
		cmocka_unit_test(filters_ask_for_counters),
		cmocka_unit_test(rows_are_sorted_by_a_counter),
		cmocka_unit_test(counters_without_memory_are_said),
		cmocka_unit_test(headings_sort_by_what_they_are),
	};

	return cmocka_run_group_tests(tests, viewer_set_up, viewer_tear_down);
}

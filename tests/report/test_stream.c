/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A comparison as a stream says of every pair, and of all of them together, exactly what one that holds its pairs says:
 * one run and several a side, known floors, a control, another unit, a filter, enough pairs for several threads.
 * CTest: TIMEOUT 300
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <math.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "report/compare/stream.h"
#include "tests/report/files_made.h"

#define POOLED_MAX 16

static void change(const char *file, const char *sql)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(file, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

/* Two floors of the fixture become the null call and the load from memory. */
#define NAME_FLOORS                                                                                \
	"UPDATE bench SET name = 'floor.getppid' WHERE name = 'floor.null_syscall';"               \
	"UPDATE kase SET text = 'floor.getppid' WHERE text = 'floor.null_syscall';"                \
	"UPDATE bench SET name = 'floor.access' WHERE name = 'floor.clock';"                       \
	"UPDATE kase SET text = 'floor.access/size=64M' WHERE text = 'floor.clock'"
/* Names that begin like others, end where others go on, and hold bytes above 127; with a size, too. */
#define NAME_ODDLY                                                                                 \
	"UPDATE kase SET bytes = 4096, text = 'mmap.' ||"                                          \
	" substr('xxxxxxxxxxxxxxxxxxxxxxxx', 1, case_id % 24) || CASE WHEN case_id < 24 THEN ''"   \
	" ELSE char(100 + case_id % 90) || case_id END;"
/* Each case thirty times: more than what is in memory before it is written. */
#define WIDEN                                                                                      \
	"CREATE TEMP TABLE by AS WITH RECURSIVE c (k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM c"  \
	" WHERE k < 29) SELECT 1000 * k AS k FROM c;"                                              \
	"INSERT INTO kase SELECT case_id + k, bench_id, text || '+' || k, bytes FROM kase, by;"    \
	"INSERT INTO run_case (run_case_id, run_id, case_id, planned, outcome, reason,"            \
	" why_stopped, mode, population, resolution, n, value_ns, low_ns, high_ns, level, cv,"     \
	" calm_share) SELECT run_case_id + k, run_id, case_id + k, planned, outcome, reason,"      \
	" why_stopped, mode, population, resolution, n, value_ns, low_ns, high_ns, level, cv,"     \
	" calm_share FROM run_case, by;"                                                           \
	"INSERT INTO point SELECT run_case_id + k, mode, population, n, p50, mean, profile"        \
	" FROM point, by;"

static int set_up(void **state)
{
	(void)state;
	files_begin();
	files_make("base.db", "base");
	files_make("again.db", "again");
	files_make("change.db", "change");
	files_make("many_a.db", "many 520 1");
	files_make("many_b.db", "many 510 2");
	files_make("calls_a.db", "calls 40 1");
	files_make("calls_b.db", "calls 40 2");
	/* Older runs: of other definitions, not pooled; of the same, pooled; enough of them to know floors. */
	files_make("runs.db", "change");
	files_make("runs.db", "base");
	files_make("runs.db", "again");
	files_make("runs.db", "base");
	files_make("runs.db", "again");
	change("base.db", NAME_FLOORS);
	change("again.db", NAME_FLOORS);
	assert_int_equal(system("cp many_a.db odd_a.db && cp many_b.db odd_b.db"), 0);
	change("odd_a.db", NAME_ODDLY WIDEN);
	change("odd_b.db", NAME_ODDLY WIDEN);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	files_end();
	return 0;
}

/* ---- the same in every bit; unknown is unknown ---- */

static void same(double a, double b)
{
	assert_true(isnan(a) ? isnan(b) : a == b);
}

static void same_text(const char *a, const char *b)
{
	assert_true(!a == !b);
	if (a)
		assert_string_equal(a, b);
}

static void same_change(const struct mp_change *a, const struct mp_change *b)
{
	assert_string_equal(a->metric, b->metric);
	assert_int_equal(a->quantile, b->quantile);
	assert_int_equal(a->relative, b->relative);
	assert_int_equal(a->n_a, b->n_a);
	assert_int_equal(a->n_b, b->n_b);
	same(a->a, b->a);
	same(a->b, b->b);
	same(a->ratio, b->ratio);
	assert_int_equal(a->tested, b->tested);
	same(a->low, b->low);
	same(a->high, b->high);
	same(a->level, b->level);
	same(a->u, b->u);
	same(a->p, b->p);
	assert_int_equal(a->exact, b->exact);
	same(a->adjusted, b->adjusted);
	same(a->delta, b->delta);
	same(a->wanted, b->wanted);
	same(a->floor.value, b->floor.value);
	assert_int_equal(a->floor.runs, b->floor.runs);
	same(a->threshold, b->threshold);
	same(a->moved, b->moved);
	same(a->scatter, b->scatter);
	same(a->deviation, b->deviation);
	same(a->detectable, b->detectable);
	assert_int_equal(a->verdict, b->verdict);
}

static void same_beside(const struct mp_beside *a, const struct mp_beside *b)
{
	assert_int_equal(a->verdict, b->verdict);
	same_text(a->reason, b->reason);
	assert_int_equal(a->n_changes, b->n_changes);
	for (size_t i = 0; i < a->n_changes; i++)
		same_change(&a->changes[i], &b->changes[i]);
}

static void same_rows(const struct mp_pair *a, const struct mp_pair *b, bool side)
{
	int64_t of_a[POOLED_MAX], of_b[POOLED_MAX];
	size_t run_a = 0, run_b = 0, n = mp_pair_run_cases(a, side, of_a, POOLED_MAX, &run_a);

	assert_int_equal(n, mp_pair_run_cases(b, side, of_b, POOLED_MAX, &run_b));
	assert_int_equal(run_a, run_b);
	assert_true(n <= POOLED_MAX);
	if (n)
		assert_memory_equal(of_a, of_b, n * sizeof(of_a[0]));
}

static void same_pair(const struct mp_pair *a, const struct mp_pair *b, bool asides)
{
	assert_string_equal(a->text, b->text);
	assert_string_equal(a->bench, b->bench);
	assert_string_equal(a->family, b->family);
	assert_int_equal(!a->a, !b->a);
	assert_int_equal(!a->b, !b->b);
	if (a->a)
		assert_int_equal(a->a->outcome, b->a->outcome);
	if (a->b)
		assert_int_equal(a->b->outcome, b->b->outcome);
	assert_int_equal(a->verdict, b->verdict);
	same_text(a->reason, b->reason);
	same(a->factor_a, b->factor_a);
	same(a->factor_b, b->factor_b);
	assert_int_equal(a->measured, b->measured);
	assert_int_equal(a->mode, b->mode);
	assert_int_equal(a->population, b->population);
	assert_int_equal(a->needed, b->needed);
	same_change(&a->location, &b->location);
	same_rows(a, b, false);
	same_rows(a, b, true);
	if (asides) {
		same_beside(&a->tail, &b->tail);
		same_beside(&a->shape, &b->shape);
	}
}

static void same_together(const struct mp_comparison *a, const struct mp_comparison *b)
{
	char *why_a, *why_b;

	assert_memory_equal(a->counts, b->counts, sizeof(a->counts));
	assert_memory_equal(a->tails, b->tails, sizeof(a->tails));
	assert_memory_equal(a->shapes, b->shapes, sizeof(a->shapes));
	assert_memory_equal(a->tests, b->tests, sizeof(a->tests));
	assert_int_equal(a->floors, b->floors);
	assert_int_equal(a->left_out, b->left_out);
	for (int i = 0; i < MP_CONTROL_COUNT; i++) {
		same_text(a->controls[i].text, b->controls[i].text);
		same(a->controls[i].low, b->controls[i].low);
		same(a->controls[i].high, b->controls[i].high);
	}
	assert_int_equal(a->n_notes, b->n_notes);
	for (size_t i = 0; i < a->n_notes; i++)
		assert_string_equal(a->notes[i], b->notes[i]);
	assert_int_equal(a->n_families, b->n_families);
	for (size_t i = 0; i < a->n_families; i++) {
		assert_string_equal(a->families[i].family, b->families[i].family);
		assert_int_equal(a->families[i].pairs, b->families[i].pairs);
		assert_int_equal(a->families[i].covered, b->families[i].covered);
		same(a->families[i].ratio, b->families[i].ratio);
		assert_memory_equal(a->families[i].counts, b->families[i].counts,
				    sizeof(a->families[i].counts));
	}
	same(a->ratio, b->ratio);
	assert_int_equal(a->ratio_families, b->ratio_families);
	assert_int_equal(mp_compare_gate(a, &why_a), mp_compare_gate(b, &why_b));
	assert_string_equal(why_a, why_b);
	free(why_a);
	free(why_b);
}

/* ---- both ways ---- */

struct reading {
	const struct mp_comparison *whole;
	const struct mp_stream *stream;
	size_t next;
	atomic_size_t some;
	bool asides;
};

static int read_pair(void *user, size_t index, const struct mp_pair *pair)
{
	struct reading *r = user;
	const struct mp_comparison *c = mp_stream_comparison(r->stream);
	const struct mp_pair *other = &r->whole->pairs[index];

	assert_int_equal(index, r->next++);
	assert_true(index < r->whole->n_pairs);
	same_pair(other, pair, r->asides);
	same(mp_compare_shown(r->whole, other, false), mp_compare_shown(c, pair, false));
	same(mp_compare_shown(r->whole, other, true), mp_compare_shown(c, pair, true));
	return 0;
}

/* They live until here, in any order. */
static int read_some(void *user, size_t first, const struct mp_pair *const *pairs, size_t n)
{
	struct reading *r = user;

	for (size_t i = 0; i < n; i++)
		same_pair(&r->whole->pairs[first + i], pairs[i], r->asides);
	r->some += n;
	return 0;
}

/* Compares them both ways; the caller ends the comparison that holds its pairs, and its sides. */
static struct mp_comparison both_ways(const char *a, const char *b,
				      const struct mp_compare_options *options,
				      struct mp_side sides[2])
{
	const char *texts[2] = { a, b };
	struct mp_stream *stream = NULL;
	struct mp_comparison whole = { 0 };
	struct mp_err err;
	struct reading reading = { .whole = &whole };

	if (mp_side_open_all(texts, 2, MP_SIDE_COMPARE, sides, &err) ||
	    mp_compare(&sides[0], &sides[1], options, &whole, &err) ||
	    mp_stream_open(texts, options, &stream, &err))
		fail_msg("%s", err.text);
	reading.stream = stream;
	assert_int_equal(mp_stream_comparison(stream)->n_pairs, whole.n_pairs);
	/* The location alone, then tail and shape, which may be asked for again. */
	for (int round = 0; round < 3; round++) {
		if (round && mp_stream_asides(stream, &err))
			fail_msg("%s", err.text);
		reading.asides = round > 0;
		reading.next = 0;
		reading.some = 0;
		assert_int_equal(mp_stream_judge(stream, read_pair, read_some, &reading, &err), 0);
		assert_int_equal(reading.next, whole.n_pairs);
		assert_int_equal(reading.some, whole.n_pairs);
		assert_memory_equal(mp_stream_comparison(stream)->counts, whole.counts,
				    sizeof(whole.counts));
	}
	same_together(&whole, mp_stream_comparison(stream));
	mp_stream_free(stream);
	return whole;
}

static void done(struct mp_comparison *c, struct mp_side sides[2])
{
	mp_comparison_done(c);
	mp_side_done(&sides[0]);
	mp_side_done(&sides[1]);
}

static void test_outcomes(void **state)
{
	struct mp_side sides[2];
	struct mp_comparison c = both_ways("base.db", "change.db", &mp_compare_defaults, sides);

	(void)state;
	assert_true(c.counts[MP_VERDICT_SLOWER] && c.counts[MP_VERDICT_ONLY_A] &&
		    c.counts[MP_VERDICT_FAILED] && c.counts[MP_VERDICT_INCOMPARABLE] && c.lost);
	done(&c, sides);
}

static void test_control_and_null_calls(void **state)
{
	struct mp_compare_options options = mp_compare_defaults;
	struct mp_side sides[2];
	struct mp_comparison c = both_ways("base.db", "again.db", &options, sides);
	bool moved = false;

	(void)state;
	assert_true(isfinite(c.controls[MP_CONTROL_MEMORY].low));
	for (size_t i = 0; i < c.n_pairs; i++)
		moved = moved || c.pairs[i].location.moved > 0;
	assert_true(moved);
	done(&c, sides);
	options.unit = MP_UNIT_NULL;
	c = both_ways("base.db", "again.db", &options, sides);
	assert_true(c.tests[MP_ASPECT_LOCATION].tested > 0);
	done(&c, sides);
}

static void test_several_runs(void **state)
{
	struct mp_side sides[2];
	struct mp_comparison c =
		both_ways("runs.db:last:5", "base.db", &mp_compare_defaults, sides);
	size_t pooled = 0;

	(void)state;
	for (size_t i = 0; i < c.n_pairs; i++) {
		int64_t ids[POOLED_MAX];
		size_t run, n = mp_pair_run_cases(&c.pairs[i], false, ids, POOLED_MAX, &run);

		pooled = n > pooled ? n : pooled;
	}
	assert_true(pooled >= 4 && c.n_notes);
	done(&c, sides);
	c = both_ways("runs.db", "calls_b.db", &mp_compare_defaults, sides);
	done(&c, sides);
	c = both_ways("runs.db", "change.db", &mp_compare_defaults, sides);
	assert_true(c.floors > 0);
	done(&c, sides);
}

static int ignore(void *user, size_t index, const struct mp_pair *pair)
{
	(void)user;
	(void)index;
	(void)pair;
	return 0;
}

/* The location alone, and the rest later: a gate does not pass in between. */
static void test_single_calls(void **state)
{
	const char *texts[2] = { "calls_a.db", "calls_b.db" };
	struct mp_side sides[2];
	struct mp_comparison c = both_ways(texts[0], texts[1], &mp_compare_defaults, sides);
	struct mp_stream *stream;
	struct mp_err err;
	char *why;

	(void)state;
	assert_true(c.tests[MP_ASPECT_TAIL].tested >= 40 && c.tests[MP_ASPECT_SHAPE].tested > 50);
	assert_int_equal(mp_compare_gate(&c, &why), MP_GATE_NONE);
	free(why);
	done(&c, sides);
	assert_int_equal(mp_stream_open(texts, &mp_compare_defaults, &stream, &err), 0);
	assert_int_equal(mp_stream_calls(stream), 40);
	assert_int_equal(mp_stream_judge(stream, ignore, NULL, NULL, &err), 0);
	assert_int_equal(mp_compare_gate(mp_stream_comparison(stream), &why), MP_GATE_UNJUDGED);
	assert_non_null(strstr(why, "not judged yet"));
	free(why);
	mp_stream_free(stream);
}

static void test_many_and_a_filter(void **state)
{
	struct mp_compare_options options = mp_compare_defaults;
	struct mp_filter *filter = NULL;
	struct mp_side sides[2];
	struct mp_comparison c = both_ways("many_a.db", "many_b.db", &options, sides);
	struct mp_err err;

	(void)state;
	assert_int_equal(c.n_pairs, 520);
	assert_int_equal(c.counts[MP_VERDICT_ONLY_A], 10);
	done(&c, sides);
	assert_int_equal(mp_filter_parse("bench ~ mmap.many3", &filter, &err), 0);
	options.filter = filter;
	c = both_ways("many_a.db", "many_b.db", &options, sides);
	assert_int_equal(c.n_pairs, 26);
	assert_int_equal(c.left_out, 494);
	done(&c, sides);
	mp_filter_free(filter);
}

static void test_odd_names_and_many_more(void **state)
{
	struct mp_compare_options options = mp_compare_defaults;
	struct mp_side sides[2];
	struct mp_comparison c;

	(void)state;
	options.unit = MP_UNIT_BYTES;
	c = both_ways("odd_a.db", "odd_b.db", &options, sides);
	assert_int_equal(c.n_pairs, 30 * 520);
	assert_true(c.counts[MP_VERDICT_UNSURE] + c.counts[MP_VERDICT_SAME] > 12000);
	assert_true(isfinite(mp_compare_shown(&c, &c.pairs[0], false)));
	done(&c, sides);
}

static int stop(void *user, size_t index, const struct mp_pair *pair)
{
	size_t *seen = user;

	(void)pair;
	(*seen)++;
	return index == 300 ? -ENOSPC : 0;
}

static int stop_some(void *user, size_t first, const struct mp_pair *const *pairs, size_t n)
{
	(void)user;
	(void)pairs;
	(void)n;
	return first >= 256 ? -ENOSPC : 0;
}

/* Whoever takes the pairs may stop: no thread waits for a turn that never comes. */
static void test_stopped(void **state)
{
	const char *texts[2] = { "many_a.db", "many_b.db" };
	struct mp_stream *stream;
	struct mp_err err;
	size_t seen = 0;

	(void)state;
	assert_int_equal(mp_stream_open(texts, &mp_compare_defaults, &stream, &err), 0);
	assert_int_equal(mp_stream_judge(stream, stop, NULL, &seen, &err), -ENOSPC);
	assert_int_equal(seen, 301);
	assert_non_null(strstr(err.text, "TMPDIR"));
	assert_int_equal(mp_stream_judge(stream, ignore, stop_some, NULL, &err), -ENOSPC);
	assert_non_null(strstr(err.text, "TMPDIR"));
	mp_stream_free(stream);
	texts[1] = "no-such-file.db";
	assert_true(mp_stream_open(texts, &mp_compare_defaults, &stream, &err) < 0);
	assert_non_null(strstr(err.text, "no-such-file.db"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_outcomes),
		cmocka_unit_test(test_control_and_null_calls),
		cmocka_unit_test(test_several_runs),
		cmocka_unit_test(test_single_calls),
		cmocka_unit_test(test_many_and_a_filter),
		cmocka_unit_test(test_odd_names_and_many_more),
		cmocka_unit_test(test_stopped),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}

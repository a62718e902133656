/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counters in the results file: what may not be stored, medians over invocations, merging, checking, pruning. */
#include "results/counts.h"

#include <errno.h>
#include <sqlite3.h>

#include "tests/results/counts_made.h"
#include "tests/results/support.h"

static struct scratch scratch;

static int set_up(void **state)
{
	(void)state;
	scratch_make_fast(&scratch);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	scratch_remove(&scratch);
	return 0;
}

static int64_t one_case(struct mp_store *s)
{
	return add_case(s, begin_run(s, NULL, NULL, 1700000000000000000), "4K", 4096, 2);
}

static int add(struct mp_store *s, int64_t run_case, uint32_t ordinal, struct mp_count count)
{
	struct mp_err err;

	return mp_store_counters_add(s, run_case, "explain", ordinal, &count, 1, &err);
}

/* A row that says something impossible. */
static void refuses(struct mp_store *s, int64_t run_case, struct mp_count count)
{
	assert_true(add(s, run_case, 99, count) < 0);
}

static void impossible_rows(void **state)
{
	struct mp_store *s = must_open(scratch.file, MP_STORE_WRITE);
	int64_t c = one_case(s);
	struct mp_counted own;
	struct mp_count count;

	(void)state;
	assert_int_equal(add(s, c, 0, made_measured(64, 64)), 0);
	/* twice */
	assert_true(add(s, c, 0, made_measured(64, 64)) < 0);
	/* unavailable with a number, a number that is unavailable, no reason */
	count = made_unavailable(10);
	count.value = 0;
	refuses(s, c, count);
	count = made_measured(64, 64);
	count.value = NAN;
	refuses(s, c, count);
	count = made_unavailable(10);
	count.reason[0] = '\0';
	refuses(s, c, count);
	/* a zero that nothing proves */
	count = made_measured(0, 64);
	count.proven = false;
	refuses(s, c, count);
	count.proven = true;
	assert_int_equal(add(s, c, 1, count), 0);
	/* scaled by nothing; measured for a part of the time */
	count = made_measured(64, 64);
	count.status = "scaled";
	refuses(s, c, count);
	count = made_measured(64, 64);
	count.ratio = 0.5;
	refuses(s, c, count);
	/* a part that is whole, a whole that is a part */
	count = made_measured(64, 64);
	count.status = "partial";
	strcpy(count.reason, "1 of 2");
	refuses(s, c, count);
	count = made_measured(64, 64);
	count.expected = 2;
	refuses(s, c, count);
	count.status = "partial";
	strcpy(count.reason, "1 of 2");
	assert_int_equal(add(s, c, 2, count), 0);
	/* events that are no list, and a list without a source */
	own = made_faults;
	count = made_measured(64, 64);
	count.what = &own;
	own.events = "software";
	refuses(s, c, count);
	own.events = "{}";
	refuses(s, c, count);
	own = made_misses;
	own.events = MADE_EVENTS;
	count = made_unavailable(10);
	count.what = &own;
	refuses(s, c, count);
	/* a region without its length */
	count = made_measured(64, 64);
	count.covers = "region";
	refuses(s, c, count);
	assert_int_equal(count_problems(s, true), 0);
	mp_store_close(s);
}

static const struct mp_count_row *row_of(const struct mp_count_row *rows, size_t n,
					 const char *metric, const char *pass)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(rows[i].what.metric, metric) && !strcmp(rows[i].pass, pass))
			return &rows[i];
	fail_msg("no %s in pass %s", metric, pass);
	return NULL;
}

/* Three timed invocations (one that could not count), a region, and what cannot be counted. */
static void fill(struct mp_store *s, int64_t c)
{
	const struct recipe recipe = {
		.ns = 500, .call_blocks = 4, .call_ops = 8, .calm_of_10 = 10
	};
	struct mp_count region = made_region(6400, 100), lost = made_measured(0, 50);
	struct mp_err err;

	for (uint32_t i = 0; i < 3; i++) {
		struct recipe own = recipe;
		struct mp_invocation inv;

		own.ordinal = i;
		make_invocation(&own, &inv);
		inv.counts = calloc(2, sizeof(*inv.counts));
		inv.counts[inv.n_counts++] = made_measured(100 + 50 * i, 100);
		if (i == 0)
			inv.counts[inv.n_counts++] = made_unavailable(10);
		if (mp_store_invocation_add(s, c, &inv, STEP_NS, &err))
			fail_msg("%s", err.text);
		mp_invocation_done(&inv);
	}
	assert_int_equal(add(s, c, 0, made_measured(400, 100)), 0);
	lost.status = "unavailable";
	lost.value = NAN;
	strcpy(lost.reason, "lost its PMU");
	assert_int_equal(add(s, c, 1, lost), 0);
	if (mp_store_counters_add(s, c, "bandwidth", 0, &region, 1, &err))
		fail_msg("%s", err.text);
}

static void assert_filled(struct mp_store *s, int64_t c)
{
	const struct mp_count_row *row;
	struct mp_count_row *rows = NULL;
	struct mp_err err;
	size_t n = 0;

	if (mp_store_counters(s, c, &rows, &n, &err))
		fail_msg("%s", err.text);
	assert_int_equal(n, 4);
	row = row_of(rows, n, "minor_faults", "timing");
	assert_int_equal(row->with_number, 3);
	assert_near(row->per_op, 1.5, 0);
	assert_near(row->least, 1, 0);
	assert_near(row->most, 2, 0);
	assert_int_equal(row->operations, 300);
	assert_string_equal(row->what.events, MADE_EVENTS);
	assert_string_equal(row->status, "measured");
	row = row_of(rows, n, "minor_faults", "explain");
	assert_int_equal(row->invocations, 2);
	assert_int_equal(row->with_number, 1);
	assert_near(row->per_op, 4, 0);
	assert_string_equal(row->reason, "lost its PMU");
	row = row_of(rows, n, "l3_misses", "timing");
	assert_int_equal(row->with_number, 0);
	assert_true(isnan(row->per_op) && isnan(row->value));
	assert_string_equal(row->status, "unavailable");
	assert_string_equal(row->reason, "this machine has no PMU");
	assert_string_equal(row->what.events, "[]");
	row = row_of(rows, n, "dram_read_bytes", "bandwidth");
	assert_near(row->per_op, 64, 0);
	assert_near(row->ratio, 0.5, 0);
	assert_near(row->idle, 20, 0);
	assert_near(row->region_ns, 6e7, 0);
	assert_string_equal(row->what.events, MADE_CONTROLLERS);
	mp_count_rows_free(rows, n);
}

static void comes_back(void **state)
{
	struct mp_store *s = must_open(scratch.file, MP_STORE_WRITE);
	int64_t c = one_case(s);
	uint32_t done = 77;
	struct mp_err err;

	(void)state;
	fill(s, c);
	assert_filled(s, c);
	assert_int_equal(mp_store_counters_done(s, c, "explain", &done, &err), 0);
	assert_int_equal(done, 2);
	finish_case(s, c, "planned");
	assert_int_equal(count_problems(s, true), 0);
	mp_store_close(s);
}

static void merges(void **state)
{
	struct mp_store *s = must_open(scratch.file, MP_STORE_WRITE), *into;
	struct mp_case_row *cases = NULL;
	unsigned added, present;
	char other[160];
	struct mp_err err;
	int64_t c = one_case(s), *runs = NULL;
	size_t n = 0;

	(void)state;
	snprintf(other, sizeof(other), "%s/other.db", scratch.folder);
	fill(s, c);
	finish_case(s, c, "planned");
	into = must_open(other, MP_STORE_WRITE);
	/* A counter of another number there. */
	c = one_case(into);
	assert_int_equal(add(into, c, 0, made_unavailable(10)), 0);
	if (mp_store_merge(into, s, &added, &present, &err))
		fail_msg("%s", err.text);
	assert_int_equal(added, 1);
	assert_int_equal(mp_store_select(into, "#2", &runs, &n, &err), 0);
	assert_int_equal(mp_store_cases(into, runs[0], &cases, &n, &err), 0);
	assert_filled(into, cases[0].run_case);
	assert_int_equal(count_problems(into, true), 0);
	mp_case_rows_free(cases, n);
	free(runs);
	mp_store_close(s);
	mp_store_close(into);
}

static void sql(const char *text)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(scratch.file, &db), SQLITE_OK);
	if (sqlite3_exec(db, text, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sqlite3_errmsg(db), text);
	sqlite3_close(db);
}

/* What db check must notice, and nothing before. */
static void damage(const char *text)
{
	struct mp_store *s = must_open(scratch.file, MP_STORE_READ);

	assert_int_equal(count_problems(s, true), 0);
	mp_store_close(s);
	sql(text);
	s = must_open(scratch.file, MP_STORE_READ);
	assert_int_equal(count_problems(s, false), 1);
	mp_store_close(s);
}

static void checks(void **state)
{
	struct mp_store *s = must_open(scratch.file, MP_STORE_WRITE);
	int64_t c = one_case(s);

	(void)state;
	fill(s, c);
	finish_case(s, c, "planned");
	mp_store_close(s);
	damage("UPDATE counter_value SET ordinal = 9 WHERE pass = 'timing' AND ordinal = 2");
	sql("UPDATE counter_value SET ordinal = 2 WHERE ordinal = 9");
	damage("UPDATE counter SET metric = 'minor_faults' WHERE metric = 'l3_misses'");
	sql("UPDATE counter SET metric = 'l3_misses' WHERE source = ''");
	damage("UPDATE counter SET events = '[software]' WHERE metric = 'minor_faults'");
	sql("UPDATE counter SET events = '[]' WHERE metric = 'minor_faults'");
	damage("UPDATE counter_value SET value = 5, status = 'measured' WHERE counter_id IN"
	       " (SELECT counter_id FROM counter WHERE source = '')");
}

/* Two values of a metric in one invocation, each of its kind of core; but not two of one kind. */
static void kinds_stand_apart(void **state)
{
	struct mp_store *s = must_open(scratch.file, MP_STORE_WRITE);
	const struct mp_count counts[] = { made_on(0, 400, 100), made_on(1, 900, 100) };
	struct mp_count_row *rows = NULL;
	int64_t c = one_case(s);
	struct mp_err err;
	size_t n = 0;

	(void)state;
	if (mp_store_counters_add(s, c, "explain", 0, counts, 2, &err) ||
	    mp_store_counters(s, c, &rows, &n, &err))
		fail_msg("%s", err.text);
	assert_int_equal(n, 2);
	assert_string_equal(rows[0].what.kind, "cpu_atom");
	assert_near(rows[0].per_op, 9, 0);
	assert_string_equal(rows[1].what.kind, "cpu_core");
	assert_near(rows[1].per_op, 4, 0);
	mp_count_rows_free(rows, n);
	finish_case(s, c, "planned");
	mp_store_close(s);
	damage("UPDATE counter SET kind = 'cpu_core'");
}

static void prunes(void **state)
{
	const struct mp_prune options = { .keep_runs = 1 };
	struct mp_store *s = must_open(scratch.file, MP_STORE_WRITE);
	int64_t c = one_case(s);
	struct mp_pruned pruned;
	struct mp_err err;

	(void)state;
	fill(s, c);
	begin_run(s, NULL, NULL, 1700000000000000000 + 10 * 86400000000000);
	if (mp_store_prune(s, &options, &pruned, &err))
		fail_msg("%s", err.text);
	assert_int_equal(pruned.runs, 1);
	mp_store_close(s);
	/* Neither values nor descriptions are left. */
	sql("CREATE TEMP TABLE one (n INTEGER CHECK (n = 0));"
	    "INSERT INTO one SELECT count(*) FROM counter; INSERT INTO one SELECT count(*) FROM"
	    " counter_value");
}

static void says_why_not_compared(void **state)
{
	struct mp_count_row a = { .what = made_faults,
				  .pass = "timing",
				  .status = "measured",
				  .covers = "operations",
				  .with_number = 1 };
	struct mp_count_row b = a;

	(void)state;
	assert_null(mp_count_incomparable(&a, &b));
	strcpy(b.status, "scaled");
	b.what.source = "libpfm";
	assert_null(mp_count_incomparable(&a, &b));
	strcpy(b.status, "estimated");
	assert_non_null(mp_count_incomparable(&a, &b));
	strcpy(b.status, "partial");
	assert_non_null(mp_count_incomparable(&a, &b));
	b = a;
	b.what.scope = "package";
	assert_non_null(mp_count_incomparable(&a, &b));
	b = a;
	b.what.side = "user";
	assert_non_null(mp_count_incomparable(&a, &b));
	b = a;
	strcpy(b.covers, "blocks");
	assert_non_null(mp_count_incomparable(&a, &b));
	b = a;
	b.with_number = 0;
	assert_non_null(mp_count_incomparable(&a, &b));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(impossible_rows, set_up, tear_down),
		cmocka_unit_test_setup_teardown(comes_back, set_up, tear_down),
		cmocka_unit_test_setup_teardown(kinds_stand_apart, set_up, tear_down),
		cmocka_unit_test_setup_teardown(merges, set_up, tear_down),
		cmocka_unit_test_setup_teardown(checks, set_up, tear_down),
		cmocka_unit_test_setup_teardown(prunes, set_up, tear_down),
		cmocka_unit_test(says_why_not_compared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

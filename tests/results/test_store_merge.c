/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * db merge: everything of a run arrives, nothing twice, unfinished runs are brought up to date, damage stays behind.
 */
#include "results/store.h"

#include <errno.h>
#include <sqlite3.h>

#include "tests/results/support.h"

static struct scratch scratch;
static char other[160];

static int set_up(void **state)
{
	(void)state;
	scratch_make_fast(&scratch);
	snprintf(other, sizeof(other), "%s/other.db", scratch.folder);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	scratch_remove(&scratch);
	return 0;
}

static void assert_merge(int want, unsigned want_added, unsigned want_present)
{
	struct mp_store *into = must_open(other, MP_STORE_WRITE);
	struct mp_store *from = must_open(scratch.file, MP_STORE_READ);
	struct mp_err err = { 0 };
	unsigned added = 77, present = 77;
	int rc = mp_store_merge(into, from, &added, &present, &err);

	if (rc != want)
		fail_msg("%d instead of %d: %s", rc, want, err.text);
	assert_int_equal(added, want_added);
	assert_int_equal(present, want_present);
	assert_int_equal(count_problems(into, true), 0);
	mp_store_close(from);
	mp_store_close(into);
}

static void sql(const char *path, const char *text)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	if (sqlite3_exec(db, text, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sqlite3_errmsg(db), text);
	sqlite3_close(db);
}

/* Every row of every table, in an order that does not depend on ids, as one text. */
static const char *const queries[] = {
	"SELECT key FROM machine ORDER BY 1",
	"SELECT key, uuid, host, label, suite, suite_text, plan_json, options_json, "
	"status, version,"
	" source_commit, seed, started_ns, ended_ns, budget_s, estimate_s, clock, "
	"clock_why,"
	" clock_ns_per_tick, clock_step_ns, clock_pair_ns, clock_drift_ppm FROM run JOIN machine "
	"USING (machine_id)"
	" ORDER BY uuid",
	"SELECT uuid, t.key, t.value FROM run_tag t JOIN run USING (run_id) ORDER BY uuid, "
	"t.key",
	"SELECT uuid, position, fact_group, key, value, origin, volatility, weight, why "
	"FROM fact"
	" JOIN run USING (run_id) ORDER BY uuid, position",
	"SELECT name, version, family, summary, timed, unit, bytes_axis FROM bench ORDER "
	"BY 1, 2",
	"SELECT name, text, bytes, axis, kind, word, number FROM kase JOIN bench USING "
	"(bench_id)"
	" LEFT JOIN case_param USING (case_id) ORDER BY text, axis",
	"SELECT uuid, text, planned, outcome, reason, why_stopped, mode, population, "
	"resolution, n,"
	" value_ns, low_ns, high_ns, level, cv, calm_share, observer_effect_ns, blocks,"
	" flagged_blocks, checks_passed, checks_failed FROM run_case JOIN run USING "
	"(run_id)"
	" JOIN kase USING (case_id) ORDER BY uuid, text",
	"SELECT uuid, text, s.mode, s.population, metric, s.n, value, low, high, s.level, "
	"s.cv FROM"
	" summary s JOIN run_case USING (run_case_id) JOIN run USING (run_id) JOIN kase "
	"USING (case_id)"
	" ORDER BY 1, 2, 3, 4, 5",
	"SELECT uuid, text, ordinal, i.outcome, i.reason, i.seed, i.started_ns, "
	"duration_ns, layout,"
	" cpus, nodes, vma_count, batch_ops, i.clock_ns_per_tick, mul_reference, "
	"add_reference,"
	" steal_ns, steady, first_ns, ops_per_s, i.blocks, i.flagged_blocks,"
	" hex(w.blob), w.codec, w.blocks, samples FROM invocation i JOIN run_case USING "
	"(run_case_id)"
	" JOIN run USING (run_id) JOIN kase USING (case_id) JOIN raw w USING "
	"(invocation_id)"
	" ORDER BY 1, 2, 3",
	"SELECT uuid, text, ordinal, s.mode, s.population, s.n, s.blocks, mean, p50, p90, "
	"p99, p999, min,"
	" max FROM invocation_stat s JOIN invocation USING "
	"(invocation_id)"
	" JOIN run_case USING (run_case_id) JOIN run USING (run_id) JOIN kase USING "
	"(case_id)"
	" WHERE s.invocation_id IS NOT NULL ORDER BY uuid, text, ordinal, s.mode, "
	"s.population",
	"SELECT uuid, text, ordinal, h.population, hex(h.blob) FROM histogram h JOIN "
	"invocation"
	" USING (invocation_id) JOIN run_case USING (run_case_id) JOIN run USING (run_id) "
	"JOIN kase"
	" USING (case_id) ORDER BY 1, 2, 3, 4",
	"SELECT uuid, text, ordinal, position, name, passed, failed, detail FROM "
	"check_result JOIN"
	" invocation USING (invocation_id) JOIN run_case USING (run_case_id) JOIN run "
	"USING (run_id)"
	" JOIN kase USING (case_id) ORDER BY 1, 2, 3, 4",
	"SELECT key, case_text, bench_version, ops FROM batch_pin JOIN machine USING "
	"(machine_id)"
	" ORDER BY 1, 2, 3",
	"SELECT key, kind, mul_ns, add_ns FROM probe_reference JOIN machine USING (machine_id) "
	"ORDER BY 1",
};

static char *contents(const char *path)
{
	sqlite3_str *all;
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	all = sqlite3_str_new(db);
	for (size_t i = 0; i < sizeof(queries) / sizeof(queries[0]); i++) {
		sqlite3_stmt *stmt = NULL;

		if (sqlite3_prepare_v2(db, queries[i], -1, &stmt, NULL) != SQLITE_OK)
			fail_msg("%s", sqlite3_errmsg(db));
		sqlite3_str_appendf(all, "-- %d\n", (int)i);
		while (sqlite3_step(stmt) == SQLITE_ROW) {
			for (int c = 0; c < sqlite3_column_count(stmt); c++)
				sqlite3_str_appendf(all, "%s|",
						    (const char *)sqlite3_column_text(stmt, c));
			sqlite3_str_appendchar(all, 1, '\n');
		}
		sqlite3_finalize(stmt);
	}
	sqlite3_close(db);
	return sqlite3_str_finish(all);
}

static void assert_same_contents(void)
{
	char *a = contents(scratch.file), *b = contents(other);

	assert_true(strlen(a) > 1000);
	assert_string_equal(a, b);
	sqlite3_free(a);
	sqlite3_free(b);
}

static void add_memories(void)
{
	struct mp_store *s = must_open(scratch.file, MP_STORE_WRITE);
	const struct mp_fact fact = {
		"kernel", "release", "6.1", "uname", "boot", 3, "other kernel"
	};
	const struct mp_fact unknown = { "cpu", "governor", NULL,	"no such file",
					 "now", 2,	    "frequency" };
	struct mp_err err = { 0 };

	assert_int_equal(mp_store_run_tag(s, 1, "kernel", "6.1", &err), 0);
	assert_int_equal(mp_store_run_drift(s, 1, 0.25, &err), 0);
	assert_int_equal(mp_store_run_fact(s, 1, &fact, &err), 0);
	assert_int_equal(mp_store_run_fact(s, 1, &unknown, &err), 0);
	assert_int_equal(mp_store_pin_set(s, "m-0123", "mmap.anon/size=4K", 3, 400, &err), 0);
	assert_int_equal(mp_store_probe_set(s, "m-0123", "p", 300, 150, &err), 0);
	mp_store_close(s);
}

static void test_everything_arrives(void **state)
{
	(void)state;
	make_file(scratch.file, 3, 2, 3);
	add_memories();
	assert_merge(0, 3, 0);
	assert_same_contents();
	assert_merge(0, 0, 3);
	assert_same_contents();
}

/* Ids differ, the machine and the benchmarks are known already, and what `into` remembers itself stays. */
static void test_into_another(void **state)
{
	struct mp_store *s;
	struct mp_err err = { 0 };
	struct mp_store_info info;
	uint64_t ops;
	double mul, add;

	(void)state;
	make_file(scratch.file, 2, 2, 2);
	add_memories();
	make_file(other, 1, 3, 2);
	s = must_open(other, MP_STORE_WRITE);
	assert_int_equal(mp_store_pin_set(s, "m-0123", "mmap.anon/size=4K", 3, 999, &err), 0);
	mp_store_close(s);
	assert_merge(0, 2, 0);
	assert_merge(0, 0, 2);
	s = must_open(other, MP_STORE_READ);
	assert_int_equal(mp_store_info(s, &info, &err), 0);
	assert_int_equal(info.runs, 3);
	assert_int_equal(info.machines, 1);
	assert_int_equal(info.cases, 7);
	assert_int_equal(mp_store_pin_get(s, "m-0123", "mmap.anon/size=4K", 3, &ops, &err), 0);
	assert_int_equal(ops, 999);
	assert_int_equal(mp_store_probe_get(s, "m-0123", "p", &mul, &add, &err), 0);
	assert_near(mul, 300, 0);
	mp_store_close(s);
}

static void test_resumed_run(void **state)
{
	struct recipe recipe = { .ns = 1000, .call_blocks = 2, .call_ops = 40 };
	struct mp_store *s = must_open(scratch.file, MP_STORE_WRITE);
	int64_t run = begin_run(s, NULL, NULL, 5), run_case = add_case(s, run, "4K", 4096, 2);
	struct mp_err err = { 0 };

	(void)state;
	add_invocation(s, run_case, &recipe);
	/* The writer is still there: it was not even interrupted. */
	assert_merge(0, 1, 0);
	assert_merge(0, 0, 1);
	recipe.ordinal = 1;
	add_invocation(s, run_case, &recipe);
	assert_merge(0, 1, 0);
	finish_case(s, run_case, "planned");
	assert_int_equal(mp_store_run_end(s, run, "complete", 9, &err), 0);
	mp_store_close(s);
	assert_merge(0, 1, 0);
	assert_merge(0, 0, 1);
	assert_same_contents();
}

static void test_damage_stays_behind(void **state)
{
	struct mp_store *s;
	struct mp_run_row row;
	struct mp_err err = { 0 };

	(void)state;
	make_file(scratch.file, 3, 1, 2);
	sql(scratch.file, "UPDATE raw SET blob = zeroblob(50) WHERE invocation_id = 3");
	assert_merge(-EBADMSG, 2, 0);
	assert_merge(-EBADMSG, 0, 2);
	s = must_open(other, MP_STORE_READ);
	assert_int_equal(mp_store_run_get(s, 2, &row, &err), 0);
	assert_int_equal(row.invocations, 2);
	assert_true(row.started_ns == 1002);
	mp_run_row_done(&row);
	mp_store_close(s);
	sql(scratch.file,
	    "PRAGMA ignore_check_constraints = ON; UPDATE run_case SET outcome = 'great'");
	assert_int_equal(unlink(other), 0);
	assert_merge(-EBADMSG, 0, 0);
}

static void test_refusals(void **state)
{
	struct mp_store *a, *b;
	struct mp_err err = { 0 };
	unsigned added = 7, present = 7;

	(void)state;
	make_file(scratch.file, 1, 1, 1);
	a = must_open(scratch.file, MP_STORE_WRITE);
	assert_int_equal(mp_store_merge(a, a, &added, &present, &err), -EINVAL);
	b = must_open(scratch.file, MP_STORE_READ);
	assert_true(mp_store_merge(b, a, &added, &present, &err) < 0);
	assert_int_equal(added, 7);
	/* The same file by two doors: nothing to do. */
	assert_int_equal(mp_store_merge(a, b, &added, &present, &err), 0);
	assert_int_equal(added, 0);
	assert_int_equal(present, 1);
	mp_store_close(b);
	mp_store_close(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_everything_arrives, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_into_another, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_resumed_run, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_damage_stays_behind, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_refusals, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Impossible rows are impossible: whoever writes plain SQL into a results file is stopped by its constraints, and
 * what a constraint cannot state is found by db check. Each rule is broken once.
 */
#include "results/store.h"

#include <errno.h>
#include <sqlite3.h>

#include "results/schema.h"
#include "results/store_internal.h"
#include "tests/results/support.h"

static struct scratch scratch;

static int set_up(void **state)
{
	(void)state;
	scratch_make_fast(&scratch);
	make_file(scratch.file, 1, 2, 3);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	scratch_remove(&scratch);
	return 0;
}

static sqlite3 *raw_open(void)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(scratch.file, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "PRAGMA foreign_keys = ON", NULL, NULL, NULL), SQLITE_OK);
	return db;
}

/* The statement must be legal SQL, touch a row, and be refused by a constraint. */
static void assert_refused(sqlite3 *db, const char *sql)
{
	char *text = NULL;
	int code = sqlite3_exec(db, sql, NULL, NULL, &text);

	if (code != SQLITE_CONSTRAINT)
		fail_msg("not refused (%d, %s): %s", code, text ? text : "no error", sql);
	sqlite3_free(text);
}

static const char *const impossible[] = {
	/* run_case: a headline is whole or absent, and fits the outcome */
	"UPDATE run_case SET value_ns = NULL",
	"UPDATE run_case SET mode = NULL",
	"UPDATE run_case SET population = NULL",
	"UPDATE run_case SET n = NULL",
	"UPDATE run_case SET low_ns = NULL",
	"UPDATE run_case SET n = 1",
	"UPDATE run_case SET low_ns = value_ns + 1",
	"UPDATE run_case SET high_ns = value_ns - 1",
	"UPDATE run_case SET outcome = 'great'",
	"UPDATE run_case SET reason = 'but'",
	"UPDATE run_case SET outcome = 'failed'",
	"UPDATE run_case SET outcome = 'skipped', reason = 'x'",
	"UPDATE run_case SET why_stopped = NULL",
	"UPDATE run_case SET why_stopped = 'tired'",
	"UPDATE run_case SET mode = 'guess'",
	"UPDATE run_case SET calm_share = 1.5",
	"UPDATE run_case SET flagged_blocks = blocks + 1",
	"UPDATE run_case SET level = 2",
	"UPDATE run_case SET value_ns = 'fast'",
	"UPDATE run_case SET run_id = 99",
	"UPDATE run_case SET case_id = 1",
	/* run */
	"UPDATE run SET status = 'running'",
	"UPDATE run SET ended_ns = NULL",
	"UPDATE run SET status = 'done'",
	"UPDATE run SET uuid = 'x'",
	"UPDATE run SET plan_json = 'no'",
	"UPDATE run SET clock_ns_per_tick = 0",
	"INSERT INTO run SELECT 9, uuid, machine_id, host, label, suite, suite_text, "
	"plan_json,"
	" options_json, status, version, source_commit, seed, started_ns, ended_ns, "
	"budget_s,"
	" estimate_s, clock, clock_why, clock_ns_per_tick, clock_step_ns, clock_pair_ns, "
	"clock_drift_ppm "
	"FROM run",
	"DELETE FROM machine",
	"INSERT INTO run_tag VALUES (1, '', 'x')",
	"INSERT INTO fact VALUES (1, 0, 'g', 'k', NULL, '', 'now', 1, 'w')",
	"INSERT INTO fact VALUES (1, 0, 'g', 'k', 'v', 'o', 'sometimes', 1, 'w')",
	"INSERT INTO fact VALUES (1, 0, 'g', 'k', 'v', 'o', 'now', 4, 'w')",
	/* cases */
	"UPDATE kase SET text = ''",
	"UPDATE kase SET bytes = 0",
	"UPDATE kase SET bench_id = 99",
	"UPDATE case_param SET kind = 'flag', number = 2",
	"UPDATE case_param SET kind = 'mood'",
	"UPDATE bench SET name = ''",
	"DELETE FROM bench",
	/* invocation */
	"UPDATE invocation SET outcome = 'pending'",
	"UPDATE invocation SET outcome = 'failed'",
	"UPDATE invocation SET reason = 'x'",
	"UPDATE invocation SET ordinal = 0 WHERE ordinal = 1",
	"UPDATE invocation SET mul_reference = NULL",
	"UPDATE invocation SET clock_ns_per_tick = -1.0",
	"UPDATE invocation SET flagged_blocks = blocks + 1",
	"UPDATE invocation SET batch_ops = 0",
	"UPDATE invocation SET steady = 'none'",
	"UPDATE check_result SET name = ''",
	"UPDATE check_result SET failed = -1",
	/* statistics: unknown exactly when there are too few */
	"UPDATE invocation_stat SET p99 = NULL WHERE mode = 'call'",
	"UPDATE invocation_stat SET p999 = 5.0",
	"UPDATE invocation_stat SET p90 = 5.0 WHERE n < 36",
	"UPDATE invocation_stat SET n = 0",
	"UPDATE invocation_stat SET blocks = n + 1",
	"UPDATE invocation_stat SET max = min - 1",
	"UPDATE invocation_stat SET mean = NULL",
	"UPDATE invocation_stat SET population = 'some'",
	"UPDATE summary SET n = 0",
	"UPDATE summary SET low = NULL",
	"UPDATE summary SET metric = 'mood'",
	"UPDATE summary SET value = NULL",
	/* blobs */
	"UPDATE raw SET codec = 2",
	"UPDATE raw SET blob = x''",
	"UPDATE raw SET blob = 'text'",
	"UPDATE histogram SET blob = NULL",
	"INSERT INTO raw VALUES (999, 1, 0, 0, x'0102')",
	"INSERT INTO batch_pin VALUES (1, 'x', 1, 0)",
	"INSERT INTO probe_reference VALUES (1, 'p', 0.0, 1.0)",
};

static void test_constraints(void **state)
{
	sqlite3 *db = raw_open();

	(void)state;
	/* p99 exists only with 368 samples: give one row as many. */
	assert_int_equal(
		sqlite3_exec(db,
			     "UPDATE invocation_stat SET n = 400, p99 = 1.0 WHERE mode = 'call'"
			     " AND population = 'all'",
			     NULL, NULL, NULL),
		SQLITE_OK);
	for (size_t i = 0; i < sizeof(impossible) / sizeof(impossible[0]); i++)
		assert_refused(db, impossible[i]);
	sqlite3_close(db);
}

/* Breaks one rule without breaking a constraint, and expects a finding that says so. */
struct listener {
	const char *want;
	bool heard;
};

static void listen(void *user, const char *text)
{
	struct listener *l = user;

	if (strstr(text, l->want))
		l->heard = true;
}

static void assert_found(const char *sql, const char *want)
{
	struct listener l = { .want = want };
	sqlite3 *db = raw_open();
	struct mp_store *s;
	struct mp_err err = { 0 };
	unsigned problems = 0;

	if (sqlite3_exec(db, "PRAGMA foreign_keys = OFF; PRAGMA writable_schema = ON", NULL, NULL,
			 NULL) ||
	    sqlite3_exec(db, sql, NULL, NULL, NULL))
		fail_msg("%s: %s", sqlite3_errmsg(db), sql);
	sqlite3_close(db);
	s = must_open(scratch.file, MP_STORE_READ);
	assert_int_equal(mp_store_check(s, listen, &l, &problems, &err), 0);
	if (!l.heard || !problems)
		fail_msg("%u problems, but not '%s' after: %s", problems, want, sql);
	mp_store_close(s);
	assert_int_equal(unlink(scratch.file), 0);
	make_file(scratch.file, 1, 2, 3);
}

static void test_findings(void **state)
{
	(void)state;
	assert_found("UPDATE run SET plan_json = '{\"a\":'", "not JSON");
	assert_found("UPDATE run_case SET outcome = 'pending', why_stopped = NULL", "unfinished");
	assert_found("UPDATE invocation SET outcome = 'failed', reason = 'x'",
		     "ok without an invocation");
	assert_found("UPDATE invocation SET outcome = 'failed', reason = 'x' WHERE ordinal = 0",
		     "although an invocation is failed");
	assert_found("UPDATE run_case SET value_ns = value_ns + 0.001, high_ns = high_ns + 1",
		     "headline is not among its summaries");
	assert_found("DELETE FROM summary", "headline is not among its summaries");
	assert_found("UPDATE check_result SET failed = 1", "ok although check faults failed");
	assert_found("DELETE FROM raw WHERE invocation_id = 1", "no raw data");
	assert_found("UPDATE kase SET text = text || '/x=1'", "its parameters or its benchmark");
	assert_found("DELETE FROM case_param WHERE axis = 'size'",
		     "its parameters or its benchmark");
	assert_found("DELETE FROM run", "refers to a row of 'run'");
	assert_found("UPDATE raw SET blob = zeroblob(100)", "cannot be decoded");
	assert_found("UPDATE raw SET blob = (SELECT blob FROM raw WHERE invocation_id = 2)",
		     "are not those of its raw data");
	assert_found("UPDATE raw SET samples = samples + 1", "not what its row says");
	assert_found("UPDATE histogram SET blob = x'010203'",
		     "histogram of all samples cannot be decoded");
	assert_found("UPDATE histogram SET blob = x'0100'", "is not that of its raw data");
	assert_found("DELETE FROM histogram", "no histogram of all samples");
	assert_found("UPDATE invocation_stat SET mean = mean * 1.001",
		     "call statistics of all samples");
	assert_found("DELETE FROM invocation_stat WHERE population = 'calm'",
		     "no call statistics of calm samples");
	assert_found("UPDATE invocation SET flagged_blocks = 1", "its raw data has 12 and 0");
	assert_found("CREATE TABLE extra (x)", "table 'extra' is not memperf's");
	assert_found("DROP VIEW v_run", "view 'v_run' is missing");
	assert_found("DROP INDEX run_started", "index 'run_started' is missing");
	assert_found("UPDATE sqlite_schema SET sql = replace(sql, 'CHECK (ordinal >= 0)', '') "
		     "WHERE name ="
		     " 'invocation'",
		     "table 'invocation' is missing or not as memperf makes it");
}

/* What SQLite itself finds: an index that does not hold what it says. */
static void test_structure(void **state)
{
	(void)state;
	assert_found("UPDATE sqlite_schema SET sql = replace(sql, 'started_ns, run_id', 'ended_ns, "
		     "run_id')"
		     " WHERE name = 'run_started'",
		     "structure: ");
}

/* A schema.sql with other comments makes the same tables. */
static void test_comments(void **state)
{
	struct mp_store *s;
	sqlite3 *db = raw_open();

	(void)state;
	assert_int_equal(
		sqlite3_exec(
			db,
			"PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace("
			"replace(sql, 'PRIMARY KEY', 'PRIMARY  KEY -- the key\n'), 'identity', '')",
			NULL, NULL, NULL),
		SQLITE_OK);
	assert_true(sqlite3_changes(db) > 10);
	sqlite3_close(db);
	s = must_open(scratch.file, MP_STORE_READ);
	assert_int_equal(count_problems(s, true), 0);
	mp_store_close(s);
}

/* ---- migrations ---- */

static int note_twice(struct mp_store *s, struct mp_err *err)
{
	return mp_sql_exec(s, "UPDATE machine SET note = note || note", "write", err);
}

static const struct mp_schema_version two_steps[] = {
	{ MP_SCHEMA_VERSION, "", "", "ALTER TABLE machine ADD COLUMN note TEXT NOT NULL DEFAULT ''",
	  NULL },
	{ MP_SCHEMA_VERSION + 1, "", "", "UPDATE machine SET note = 'migrated'", note_twice },
	{ 0 },
};

static int text_of(const char *sql, char *ret_text, size_t size)
{
	sqlite3 *db = raw_open();
	sqlite3_stmt *stmt;
	int code = sqlite3_prepare_v2(db, sql, -1, &stmt, NULL);

	if (code == SQLITE_OK && sqlite3_step(stmt) == SQLITE_ROW)
		snprintf(ret_text, size, "%s", (const char *)sqlite3_column_text(stmt, 0));
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	return code;
}

static void test_migration(void **state)
{
	static const struct mp_schema_version broken[] = {
		{ MP_SCHEMA_VERSION, "", "",
		  "ALTER TABLE machine ADD COLUMN note TEXT; DELETE FROM nothing", NULL },
		{ 0 },
	};
	struct mp_store *s = must_open(scratch.file, MP_STORE_WRITE);
	struct mp_err err = { 0 };
	char text[64] = "";

	(void)state;
	/* All or none. */
	assert_true(mp_store_migrate(s, broken, MP_SCHEMA_VERSION + 1, &err) < 0);
	assert_int_equal(mp_store_migrate(s, two_steps, MP_SCHEMA_VERSION + 3, &err),
			 -EPROTONOSUPPORT);
	mp_store_close(s);
	assert_int_equal(text_of("SELECT note FROM machine", text, sizeof(text)), SQLITE_ERROR);
	text_of("PRAGMA user_version", text, sizeof(text));
	assert_int_equal(atoi(text), MP_SCHEMA_VERSION);
	s = must_open(scratch.file, MP_STORE_WRITE);
	assert_int_equal(mp_store_migrate(s, two_steps, MP_SCHEMA_VERSION + 2, &err), 0);
	/* Another writer was first. */
	assert_int_equal(mp_store_migrate(s, two_steps, MP_SCHEMA_VERSION + 2, &err), 0);
	mp_store_close(s);
	text_of("SELECT note FROM machine", text, sizeof(text));
	assert_string_equal(text, "migratedmigrated");
	text_of("PRAGMA user_version", text, sizeof(text));
	assert_int_equal(atoi(text), MP_SCHEMA_VERSION + 2);
}

static void test_versions(void **state)
{
	struct mp_store *s = NULL;
	struct mp_err err = { 0 };
	char text[64] = "";
	sqlite3 *db;

	(void)state;
	text_of("PRAGMA application_id", text, sizeof(text));
	assert_int_equal(atoi(text), MP_SCHEMA_APPLICATION_ID);
	text_of("PRAGMA user_version", text, sizeof(text));
	assert_int_equal(atoi(text), MP_SCHEMA_VERSION);
	for (int version = 0; version <= MP_SCHEMA_VERSION + 1; version += MP_SCHEMA_VERSION + 1) {
		char sql[64], named[32];

		db = raw_open();
		snprintf(sql, sizeof(sql), "PRAGMA user_version = %d", version);
		snprintf(named, sizeof(named), "version %d", version);
		assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
		sqlite3_close(db);
		for (int how = MP_STORE_READ; how <= MP_STORE_WRITE; how++) {
			assert_int_equal(
				mp_store_open(scratch.file, (enum mp_store_open)how, &s, &err),
				-EPROTONOSUPPORT);
			assert_non_null(strstr(err.text, named));
			assert_null(s);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_constraints, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_findings, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_structure, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_comments, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_migration, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_versions, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

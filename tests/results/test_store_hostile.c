/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Files that are not results files, or not any more: each gets one sentence or a clean answer, never a crash, an
 * endless loop or a changed byte. Reads go through every reading function.
 *
 * CTest: TIMEOUT 600
 */
#include "results/store.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "results/schema.h"
#include "tests/results/support.h"

static struct scratch scratch;

static int set_up(void **state)
{
	(void)state;
	scratch_make(&scratch);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	assert_int_equal(chdir("/"), 0);
	scratch_remove(&scratch);
	return 0;
}

struct bytes {
	unsigned char *data;
	size_t size;
};

static struct bytes load(const char *path)
{
	FILE *f = fopen(path, "rb");
	struct bytes b;
	struct stat st;

	assert_non_null(f);
	assert_int_equal(fstat(fileno(f), &st), 0);
	b.size = (size_t)st.st_size;
	b.data = malloc(b.size + 1);
	assert_non_null(b.data);
	assert_int_equal(fread(b.data, 1, b.size, f), b.size);
	fclose(f);
	return b;
}

static off_t load_size(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_size;
}

static void save(const char *path, const void *data, size_t size)
{
	FILE *f = fopen(path, "wb");

	assert_non_null(f);
	assert_int_equal(fwrite(data, 1, size, f), size);
	assert_int_equal(fclose(f), 0);
}

static bool beside(const char *suffix)
{
	char path[256];

	snprintf(path, sizeof(path), "%s%s", scratch.file, suffix);
	return access(path, F_OK) == 0;
}

/* One line, and about this file. */
static void assert_sentence(const struct mp_err *err)
{
	assert_true(*err->text && !strchr(err->text, '\n'));
	assert_non_null(strstr(err->text, scratch.folder));
	assert_true(err->text[strlen(err->text) - 1] != '.');
}

/* Opening must fail like that, in both ways, and leave the file and its folder alone. */
static void assert_refused(const void *data, size_t size, int want)
{
	for (int how = MP_STORE_READ; how <= MP_STORE_WRITE; how++) {
		struct mp_store *s = NULL;
		struct mp_err err = { 0 };
		struct bytes after;

		save(scratch.file, data, size);
		assert_int_equal(mp_store_open(scratch.file, (enum mp_store_open)how, &s, &err),
				 want);
		assert_null(s);
		assert_int_equal(err.kind, MP_ERR_ENVIRONMENT);
		assert_sentence(&err);
		after = load(scratch.file);
		assert_int_equal(after.size, size);
		assert_memory_equal(after.data, data, size);
		free(after.data);
		assert_false(beside("-wal") || beside("-shm") || beside("-journal"));
	}
}

static void test_other_files(void **state)
{
	static const char text[] =
		"Dear diary,\nthis is a text file that is longer than an SQLite header of one "
		"hundred bytes, so that every test of it is reached.\n";
	struct bytes b;
	sqlite3 *db;

	(void)state;
	assert_refused(text, sizeof(text), -EBADMSG);
	assert_refused("short", 5, -EBADMSG);
	assert_int_equal(unlink(scratch.file), 0);
	/* Another program's database, in WAL mode and with an application id. */
	assert_int_equal(sqlite3_open(scratch.file, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "PRAGMA journal_mode = WAL; CREATE TABLE bookmarks (url)",
				      NULL, NULL, NULL),
			 SQLITE_OK);
	sqlite3_close(db);
	b = load(scratch.file);
	assert_refused(b.data, b.size, -EBADMSG);
	free(b.data);
}

static void test_not_files(void **state)
{
	struct mp_store *s = NULL;
	struct mp_err err = { 0 };
	char path[128];

	(void)state;
	assert_int_equal(mp_store_open(scratch.file, MP_STORE_READ, &s, &err), -ENOENT);
	assert_sentence(&err);
	assert_int_equal(mkfifo(scratch.file, 0600), 0);
	for (int how = MP_STORE_READ; how <= MP_STORE_WRITE; how++) {
		assert_int_equal(mp_store_open(scratch.folder, (enum mp_store_open)how, &s, &err),
				 -EISDIR);
		assert_sentence(&err);
		assert_int_equal(mp_store_open(scratch.file, (enum mp_store_open)how, &s, &err),
				 -EINVAL);
		assert_sentence(&err);
		snprintf(path, sizeof(path), "%s/none/results.db", scratch.folder);
		assert_int_equal(mp_store_open(path, (enum mp_store_open)how, &s, &err), -ENOENT);
		assert_sentence(&err);
	}
	assert_null(s);
}

/* What an interrupted creation leaves: nothing to lose, so the next writer takes it; a reader says so. */
static void test_empty_file(void **state)
{
	struct mp_store *s = NULL;
	struct mp_err err = { 0 };

	(void)state;
	save(scratch.file, "", 0);
	assert_int_equal(mp_store_open(scratch.file, MP_STORE_READ, &s, &err), -ENODATA);
	assert_sentence(&err);
	mp_store_close(must_open(scratch.file, MP_STORE_WRITE));
	s = must_open(scratch.file, MP_STORE_READ);
	assert_int_equal(count_problems(s, true), 0);
	mp_store_close(s);
}

static void test_newer(void **state)
{
	struct bytes b;

	(void)state;
	make_file(scratch.file, 1, 1, 1);
	b = load(scratch.file);
	b.data[63] = 200;
	assert_refused(b.data, b.size, -EPROTONOSUPPORT);
	free(b.data);
}

/* ---- every reading function on whatever this is ---- */

static int count_each(void *user, struct mp_invocation *inv)
{
	(void)inv;
	++*(unsigned *)user;
	return 0;
}

static int count_fact(void *user, const struct mp_fact *fact)
{
	*(unsigned *)user += (unsigned)strlen(fact->key);
	return 0;
}

static void read_run(struct mp_store *s, int64_t run)
{
	struct mp_case_row *rows;
	struct mp_run_row row;
	struct mp_err err = { 0 };
	unsigned seen = 0;
	size_t count;

	if (!mp_store_run_get(s, run, &row, &err))
		mp_run_row_done(&row);
	mp_store_facts(s, run, count_fact, &seen, &err);
	if (mp_store_cases(s, run, &rows, &count, &err))
		return;
	for (size_t i = 0; i < count; i++) {
		double *values, cost;
		size_t n;

		mp_store_invocations(s, rows[i].run_case, true, count_each, &seen, &err);
		if (!mp_store_case_values(s, rows[i].run_case, MP_MODE_CALL, MP_POPULATION_CALM,
					  &values, &n, &err))
			free(values);
		mp_store_case_cost(s, "m-0123", rows[i].text, &cost, &err);
	}
	mp_case_rows_free(rows, count);
}

/* Opens, reads all of it, checks it and merges it; true when the check found nothing. */
static bool read_all(void)
{
	struct mp_store *s, *into;
	struct mp_store_info info;
	struct mp_err err = { 0 };
	unsigned problems = 1, added, present;
	int64_t *runs;
	size_t count;
	double mul, add;
	uint64_t ops;

	if (mp_store_open(scratch.file, MP_STORE_READ, &s, &err)) {
		assert_sentence(&err);
		return false;
	}
	if (!mp_store_select(s, "last:100", &runs, &count, &err)) {
		for (size_t i = 0; i < count; i++)
			read_run(s, runs[i]);
		free(runs);
	}
	mp_store_info(s, &info, &err);
	mp_store_pin_get(s, "m-0123", "x", 1, &ops, &err);
	mp_store_probe_get(s, "m-0123", &mul, &add, &err);
	assert_int_equal(mp_store_check(s, NULL, NULL, &problems, &err), 0);
	into = must_open(":memory-is-a-file.db", MP_STORE_WRITE);
	mp_store_merge(into, s, &added, &present, &err);
	mp_store_close(into);
	assert_int_equal(unlink(":memory-is-a-file.db"), 0);
	mp_store_close(s);
	return !problems;
}

static void test_truncated(void **state)
{
	struct bytes b;

	(void)state;
	assert_int_equal(chdir(scratch.folder), 0);
	make_file(scratch.file, 1, 3, 2);
	assert_true(read_all());
	b = load(scratch.file);
	for (size_t size = 1; size < b.size; size += size < 200 ? 13 : 1777) {
		save(scratch.file, b.data, size);
		assert_false(read_all());
	}
	free(b.data);
}

static void test_corrupted(void **state)
{
	struct mp_random r = { 5 };
	unsigned whole = 0;
	struct bytes b, work;

	(void)state;
	assert_int_equal(chdir(scratch.folder), 0);
	make_file(scratch.file, 1, 3, 2);
	b = load(scratch.file);
	work = b;
	work.data = malloc(b.size);
	assert_non_null(work.data);
	for (int i = 0; i < 300; i++) {
		size_t page = mp_random_below(&r, b.size / 4096) * 4096;

		memcpy(work.data, b.data, b.size);
		/* A few bytes at the head of a page, where its tree is; a run of noise; or another page's content. */
		if (i % 3 == 0)
			for (int k = 0; k < 4; k++)
				work.data[page + (page ? 0 : 100) + mp_random_below(&r, 64)] =
					(unsigned char)mp_random_next(&r);
		else if (i % 3 == 1)
			for (int k = 0; k < 200; k++)
				work.data[page + mp_random_below(&r, 4096)] =
					(unsigned char)mp_random_next(&r);
		else
			memcpy(work.data + page, b.data + mp_random_below(&r, b.size / 4096) * 4096,
			       4096);
		save(scratch.file, work.data, work.size);
		whole += read_all();
	}
	/* Hits in unused space, or a page over itself. */
	assert_in_range(whole, 0, 60);
	free(work.data);
	free(b.data);
}

/* ---- schemas with intentions ---- */

static void test_hostile_schema(void **state)
{
	static const char *const attacks[] = {
		"CREATE TRIGGER t AFTER INSERT ON run BEGIN DELETE FROM run; END",
		"CREATE VIRTUAL TABLE v USING fts5(x)",
		"DROP TABLE fact; CREATE VIEW fact AS WITH RECURSIVE c(run_id) AS (SELECT 1 UNION "
		"ALL SELECT 1 FROM c)"
		" SELECT run_id, 1 AS position, 'g' AS fact_group, 'k' AS key, 'v' AS value, 'o' "
		"AS origin,"
		" 'now' AS volatility, 1 AS weight, 'w' AS why FROM c",
		"DROP TABLE summary; CREATE TABLE summary (run_case_id, mode, population, metric, "
		"n, value, low,"
		" high, level, cv AS (hex(randomblob(500000000))))",
		"DROP TABLE raw; CREATE TABLE raw (invocation_id, codec, blocks, samples, blob);"
		"INSERT INTO raw SELECT invocation_id, 1, 1, 1, zeroblob(90000000) FROM invocation",
		"DROP TABLE raw; CREATE TABLE raw (x)",
		"DROP TABLE machine; DROP TABLE run",
		"UPDATE raw SET blob = CAST(x'01ffffffffffffffffff01' || zeroblob(64) AS BLOB)",
		"UPDATE run SET suite_text = CAST(zeroblob(40000000) AS TEXT)",
		"PRAGMA ignore_check_constraints = ON; UPDATE invocation SET blocks = -1, "
		"clock_ns_per_tick ="
		" 9e999, reason = CAST(zeroblob(5000000) AS TEXT), layout = 7",
		"PRAGMA ignore_check_constraints = ON; UPDATE run_case SET outcome = 'x', mode = "
		"'call', n = -5,"
		" population = 'x'",
		"PRAGMA ignore_check_constraints = ON; UPDATE kase SET text = "
		"CAST(zeroblob(3000000) AS TEXT) || case_id",
	};
	struct bytes b;

	(void)state;
	assert_int_equal(chdir(scratch.folder), 0);
	make_file(scratch.file, 1, 2, 2);
	b = load(scratch.file);
	for (size_t i = 0; i < sizeof(attacks) / sizeof(attacks[0]); i++) {
		sqlite3 *db;

		save(scratch.file, b.data, b.size);
		assert_int_equal(sqlite3_open(scratch.file, &db), SQLITE_OK);
		sqlite3_exec(db, attacks[i], NULL, NULL, NULL);
		sqlite3_close(db);
		if (read_all())
			fail_msg("nothing was found after: %s", attacks[i]);
	}
	free(b.data);
}

static void test_locked(void **state)
{
	struct mp_store *s = must_open(scratch.file, MP_STORE_WRITE);
	struct mp_err err = { 0 };
	sqlite3 *db;

	(void)state;
	assert_int_equal(sqlite3_open(scratch.file, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(mp_store_pin_set(s, "m", "x", 1, 1, &err), -EBUSY);
	assert_sentence(&err);
	sqlite3_close(db);
	assert_int_equal(mp_store_pin_set(s, "m", "x", 1, 1, &err), 0);
	mp_store_close(s);
}

/* ---- permissions and media ---- */

/* Leaves what a killed writer leaves: rows in a -wal that were never moved into the file. */
static void leave_wal(void)
{
	pid_t child = fork();
	int status;

	assert_true(child >= 0);
	if (!child) {
		struct mp_store *s;
		struct recipe recipe = { .ns = 1000, .call_blocks = 2, .call_ops = 40 };
		int64_t run_case;

		make_file(scratch.file, 1, 1, 1);
		s = must_open(scratch.file, MP_STORE_WRITE);
		run_case = add_case(s, begin_run(s, NULL, "in the wal", 5000), "4K", 4096, 1);
		add_invocation(s, run_case, &recipe);
		kill(getpid(), SIGKILL);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	assert_true(beside("-wal"));
}

static void assert_wal_is_read(const char *what)
{
	struct mp_store *s = NULL;
	struct mp_err err = { 0 };
	int64_t *runs;
	size_t count;

	if (mp_store_open(scratch.file, MP_STORE_READ, &s, &err))
		fail_msg("%s: %s", what, err.text);
	if (mp_store_select(s, "label:in the wal", &runs, &count, &err))
		fail_msg("%s: %s", what, err.text);
	free(runs);
	assert_int_equal(count_problems(s, true), 0);
	mp_store_close(s);
}

static void test_after_a_kill(void **state)
{
	char index[160];

	(void)state;
	leave_wal();
	assert_wal_is_read("as it was left");
	snprintf(index, sizeof(index), "%s-shm", scratch.file);
	unlink(index);
	assert_wal_is_read("without its index");
	mp_store_close(must_open(scratch.file, MP_STORE_WRITE));
	assert_false(beside("-wal") || beside("-shm"));
	assert_wal_is_read("after the next writer");
}

/* A creation killed before its commit: the file is there, and so is the journal that takes it back. */
static void killed_creation(bool reader_first)
{
	char journal[160];
	struct mp_store *s = NULL;
	struct mp_err err = { 0 };
	pid_t child;
	int status;

	child = fork();
	assert_true(child >= 0);
	if (!child) {
		sqlite3 *db;

		/* A cache of one page, so that the file is written long before the commit. */
		if (sqlite3_open(scratch.file, &db) ||
		    sqlite3_exec(db, "PRAGMA cache_size = 1; BEGIN IMMEDIATE", NULL, NULL, NULL) ||
		    sqlite3_exec(db, mp_schema_sql, NULL, NULL, NULL) ||
		    sqlite3_exec(db,
				 "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
				 "WHERE i < 500)"
				 " INSERT INTO machine (key) SELECT hex(randomblob(100)) FROM n",
				 NULL, NULL, NULL))
			_exit(1);
		kill(getpid(), SIGKILL);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	snprintf(journal, sizeof(journal), "%s-journal", scratch.file);
	assert_int_equal(access(journal, F_OK), 0);
	assert_true(load_size(scratch.file) > 0);
	if (reader_first) {
		assert_int_equal(mp_store_open(scratch.file, MP_STORE_READ, &s, &err), -ENODATA);
		assert_sentence(&err);
		assert_int_equal(load_size(scratch.file), 0);
	}
	mp_store_close(must_open(scratch.file, MP_STORE_WRITE));
	s = must_open(scratch.file, MP_STORE_READ);
	assert_int_equal(count_problems(s, true), 0);
	mp_store_close(s);
}

static void test_killed_creation(void **state)
{
	(void)state;
	killed_creation(true);
	assert_int_equal(unlink(scratch.file), 0);
	killed_creation(false);
}

/* Runs `body` as nobody: root may do anything. Returns false when not root. */
static bool as_nobody(void (*body)(void))
{
	pid_t child;
	int status = 0;

	if (geteuid())
		return false;
	child = fork();
	assert_true(child >= 0);
	if (!child) {
		if (setgid(65534) || setuid(65534))
			_exit(3);
		body();
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	return true;
}

static void expect_no_write(void)
{
	struct mp_store *s = NULL;
	struct mp_err err = { 0 };
	char path[160];

	if (mp_store_open(scratch.file, MP_STORE_WRITE, &s, &err) != -EACCES)
		_exit(4);
	snprintf(path, sizeof(path), "%s/new.db", scratch.folder);
	if (mp_store_open(path, MP_STORE_WRITE, &s, &err) != -EACCES || !strstr(err.text, path)) {
		fprintf(stderr, "%s\n", err.text);
		_exit(5);
	}
	if (mp_store_open(scratch.file, MP_STORE_READ, &s, &err))
		_exit(6);
	mp_store_close(s);
}

static void expect_no_read(void)
{
	struct mp_store *s = NULL;
	struct mp_err err = { 0 };

	if (mp_store_open(scratch.file, MP_STORE_READ, &s, &err) != -EACCES)
		_exit(4);
}

static void read_wal_or_die(void)
{
	struct mp_store *s = NULL;
	struct mp_err err = { 0 };
	int64_t *runs;
	size_t count;

	if (mp_store_open(scratch.file, MP_STORE_READ, &s, &err) ||
	    mp_store_select(s, "label:in the wal", &runs, &count, &err)) {
		fprintf(stderr, "%s\n", err.text);
		_exit(4);
	}
	free(runs);
	mp_store_close(s);
}

static void test_permissions(void **state)
{
	(void)state;
	if (geteuid())
		skip();
	make_file(scratch.file, 1, 1, 1);
	assert_int_equal(chmod(scratch.folder, 0555), 0);
	assert_int_equal(chmod(scratch.file, 0444), 0);
	assert_true(as_nobody(expect_no_write));
	assert_int_equal(chmod(scratch.file, 0400), 0);
	assert_true(as_nobody(expect_no_read));
	assert_int_equal(unlink(scratch.file), 0);
	leave_wal();
	assert_int_equal(chmod(scratch.file, 0444), 0);
	/* With the index of the killed writer, and without. */
	assert_true(as_nobody(read_wal_or_die));
	{
		char index[160];

		snprintf(index, sizeof(index), "%s-shm", scratch.file);
		assert_int_equal(unlink(index), 0);
	}
	assert_true(as_nobody(read_wal_or_die));
	assert_false(beside("-shm"));
}

static void on_read_only_medium(bool keep_index, bool keep_wal)
{
	char index[160], wal[160];

	assert_int_equal(mount("none", scratch.folder, "tmpfs", 0, "size=16m"), 0);
	leave_wal();
	snprintf(index, sizeof(index), "%s-shm", scratch.file);
	snprintf(wal, sizeof(wal), "%s-wal", scratch.file);
	if (!keep_index)
		assert_int_equal(unlink(index), 0);
	if (!keep_wal)
		assert_int_equal(unlink(wal), 0);
	assert_int_equal(mount("none", scratch.folder, NULL, MS_REMOUNT | MS_RDONLY, NULL), 0);
	if (keep_wal) {
		assert_wal_is_read("read-only medium");
	} else {
		struct mp_store *s = must_open(scratch.file, MP_STORE_READ);

		assert_int_equal(count_problems(s, true), 0);
		mp_store_close(s);
	}
	{
		struct mp_store *s = NULL;
		struct mp_err err = { 0 };

		assert_true(mp_store_open(scratch.file, MP_STORE_WRITE, &s, &err) < 0);
		assert_sentence(&err);
	}
	assert_int_equal(umount(scratch.folder), 0);
}

static void test_read_only_medium(void **state)
{
	(void)state;
	if (geteuid() || mount("none", scratch.folder, "tmpfs", 0, "size=16m"))
		skip();
	assert_int_equal(umount(scratch.folder), 0);
	on_read_only_medium(true, true);
	on_read_only_medium(false, true);
	on_read_only_medium(false, false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_other_files, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_not_files, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_empty_file, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_newer, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_truncated, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_corrupted, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_hostile_schema, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_locked, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_after_a_kill, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_killed_creation, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_permissions, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_read_only_medium, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

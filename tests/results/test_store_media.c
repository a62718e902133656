/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Honest files in bad places: left by a killed writer, locked by another one, without permission, on a medium that
 * cannot be written. What was stored is read wherever reading is possible.
 *
 * CTest: TIMEOUT 600
 */
#include "results/store.h"

#include <errno.h>
#include <signal.h>
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
	/* Mounted still when a test failed. */
	umount(scratch.folder);
	scratch_remove(&scratch);
	return 0;
}

static off_t load_size(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_size;
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
		cmocka_unit_test_setup_teardown(test_after_a_kill, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_killed_creation, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_permissions, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_read_only_medium, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_locked, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

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
#include <sys/stat.h>

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

static void save(const char *path, const void *data, size_t size)
{
	FILE *f = fopen(path, "wb");

	assert_non_null(f);
	assert_int_equal(fwrite(data, 1, size, f), size);
	assert_int_equal(fclose(f), 0);
}

static void put_big(unsigned char *at, uint32_t number)
{
	for (int i = 0; i < 4; i++)
		at[i] = (unsigned char)(number >> (24 - 8 * i));
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
		double *values;
		size_t n;

		mp_store_invocations(s, rows[i].run_case, true, count_each, &seen, &err);
		if (!mp_store_case_values(s, rows[i].run_case, MP_MODE_CALL, MP_POPULATION_CALM,
					  &values, &n, &err))
			free(values);
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
	mp_store_probe_get(s, "m-0123", "p", &mul, &add, &err);
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
	/* The last page is an empty index: without its end nothing is missing. */
	for (size_t size = 1; size < b.size - 4096; size += size < 200 ? 13 : 1777) {
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
	/* Hits in unused space, as all of the page of an empty table is, or a page over itself. */
	assert_in_range(whole, 0, 120);
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

/* What would run is not even opened. */
static void test_active_schema(void **state)
{
	static const char *const attacks[] = {
		"CREATE TRIGGER t AFTER INSERT ON run BEGIN DELETE FROM run; END",
		"CREATE VIRTUAL TABLE v USING fts5(x)",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(attacks) / sizeof(attacks[0]); i++) {
		struct mp_store *s = NULL;
		struct mp_err err = { 0 };
		sqlite3 *db;

		make_file(scratch.file, 1, 1, 1);
		assert_int_equal(sqlite3_open(scratch.file, &db), SQLITE_OK);
		assert_int_equal(sqlite3_exec(db, attacks[i], NULL, NULL, NULL), SQLITE_OK);
		sqlite3_close(db);
		for (int how = MP_STORE_READ; how <= MP_STORE_WRITE; how++) {
			assert_int_equal(
				mp_store_open(scratch.file, (enum mp_store_open)how, &s, &err),
				-EBADMSG);
			assert_sentence(&err);
		}
		assert_int_equal(unlink(scratch.file), 0);
	}
}

/* A journal without a page, which enlarges the file; with a super-journal's name SQLite would delete that file (pager.c). */
static void save_journal(const char *path, const char *super)
{
	static const unsigned char magic[] = { 0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7 };
	enum { SECTOR = 512, PAGE = 4096, PENDING = 0x40000000 };
	unsigned char journal[SECTOR + 256] = { 0 };
	size_t len = super ? strlen(super) : 0, end = SECTOR;
	uint32_t sum = 0;

	memcpy(journal, magic, sizeof(magic));
	put_big(journal + 12, 1);
	put_big(journal + 16, 10000);
	put_big(journal + 20, SECTOR);
	put_big(journal + 24, PAGE);
	if (super) {
		put_big(journal + end, PENDING / PAGE + 1);
		memcpy(journal + end + 4, super, len);
		for (size_t i = 0; i < len; i++)
			sum += (unsigned char)super[i];
		put_big(journal + end + 4 + len, (uint32_t)len);
		put_big(journal + end + 8 + len, sum);
		memcpy(journal + end + 12 + len, magic, sizeof(magic));
		end += 20 + len;
	}
	save(path, journal, end);
}

/* A journal beside the file that would have root delete another file, or that somebody else may still change. */
static void test_foreign_journal(void **state)
{
	char journal[256], victim[256];
	struct bytes before, after;

	(void)state;
	snprintf(journal, sizeof(journal), "%s-journal", scratch.file);
	snprintf(victim, sizeof(victim), "%s/victim", scratch.folder);
	make_file(scratch.file, 1, 1, 1);
	before = load(scratch.file);
	for (int kind = 0; kind < 3; kind++) {
		const int want[] = { -EBADMSG, -EACCES, -ELOOP };

		if (kind == 1 && geteuid())
			continue;
		for (int how = MP_STORE_READ; how <= MP_STORE_WRITE; how++) {
			struct mp_store *s;
			struct mp_err err = { 0 };

			save(victim, "kept", 4);
			save_journal(kind == 2 ? victim : journal, kind ? NULL : victim);
			if (kind == 1)
				assert_int_equal(chown(journal, 65534, 65534), 0);
			if (kind == 2)
				assert_int_equal(symlink(victim, journal), 0);
			assert_int_equal(
				mp_store_open(scratch.file, (enum mp_store_open)how, &s, &err),
				want[kind]);
			assert_sentence(&err);
			assert_int_equal(access(victim, F_OK), 0);
			assert_int_equal(unlink(journal), 0);
			after = load(scratch.file);
			assert_int_equal(after.size, before.size);
			assert_memory_equal(after.data, before.data, before.size);
			free(after.data);
		}
	}
	/* One of the same user, as a killed writer leaves it. */
	for (int how = MP_STORE_READ; how <= MP_STORE_WRITE; how++) {
		save_journal(journal, NULL);
		mp_store_close(must_open(scratch.file, (enum mp_store_open)how));
		assert_false(beside("-journal"));
	}
	free(before.data);
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
		cmocka_unit_test_setup_teardown(test_active_schema, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_foreign_journal, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

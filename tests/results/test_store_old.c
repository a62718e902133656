/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Files of every schema version that was ever released: a reader reads them and leaves them as they are, a writer
 * turns them into exactly the current version, merging takes their runs; and a kill in between changes nothing.
 * tests/data/results/v<version>.db is a file as that version wrote it.
 */
#include "results/store.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

#include "results/judgement.h"
#include "results/store_internal.h"
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

/* *ret_size bytes; the caller frees. */
static char *slurp(const char *path, size_t *ret_size)
{
	FILE *f = fopen(path, "rb");
	char *data = malloc(1 << 20);

	if (!f || !data)
		fail_msg("cannot read %s", path);
	*ret_size = fread(data, 1, 1 << 20, f);
	fclose(f);
	return data;
}

/* A fresh copy of the file of that version under scratch.file. */
static void old_file(int version)
{
	char path[512];
	size_t size;
	char *data;
	FILE *f;

	snprintf(path, sizeof(path), MEMPERF_TESTS "/data/results/v%d.db", version);
	data = slurp(path, &size);
	f = fopen(scratch.file, "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(data, 1, size, f), size);
	fclose(f);
	free(data);
}

/* What the readers say about the file, as text. */
static int print_invocation(void *user, struct mp_invocation *inv)
{
	sqlite3_str_appendf(user, "%u %d %lld %lld|", inv->ordinal, (int)inv->outcome,
			    (long long)inv->n_blocks, (long long)inv->n_samples);
	return 0;
}

static int print_fact(void *user, const struct mp_fact *fact)
{
	sqlite3_str_appendf(user, "%s %s %s|", fact->group, fact->key,
			    fact->value ? fact->value : "?");
	return 0;
}

static char *story(struct mp_store *s)
{
	sqlite3_str *out = sqlite3_str_new(s->db);
	struct mp_err err = { 0 };
	int64_t *runs;
	size_t count;

	assert_int_equal(mp_store_select(s, "last:100", &runs, &count, &err), 0);
	for (size_t i = 0; i < count; i++) {
		struct mp_case_row *cases;
		struct mp_run_row run;
		size_t n;

		assert_int_equal(mp_store_run_get(s, runs[i], &run, &err), 0);
		sqlite3_str_appendf(out, "%s %s %s %u/%u: ", run.uuid, run.machine, run.status,
				    run.ok, run.cases);
		mp_run_row_done(&run);
		assert_int_equal(mp_store_facts(s, runs[i], print_fact, out, &err), 0);
		assert_int_equal(mp_store_cases(s, runs[i], &cases, &n, &err), 0);
		for (size_t c = 0; c < n; c++) {
			sqlite3_str_appendf(out, "\n%s v%u %s %.17g ", cases[c].text,
					    cases[c].version, mp_outcome_name(cases[c].outcome),
					    cases[c].has_value ? cases[c].value.value : -1.0);
			assert_int_equal(mp_store_invocations(s, cases[c].run_case, true,
							      print_invocation, out, &err),
					 0);
		}
		mp_case_rows_free(cases, n);
		sqlite3_str_appendchar(out, 1, '\n');
	}
	free(runs);
	return sqlite3_str_finish(out);
}

/* Every table and column that the current queries may name is there for a reader. */
static void assert_same_columns(struct mp_store *old)
{
	sqlite3_stmt *tables, *stmt;
	sqlite3 *fresh;

	assert_int_equal(sqlite3_open(":memory:", &fresh), SQLITE_OK);
	assert_int_equal(sqlite3_exec(fresh, mp_schema_sql, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(fresh,
					    "SELECT t.name, c.name FROM sqlite_schema t,"
					    " pragma_table_info(t.name) c WHERE t.type = 'table'",
					    -1, &tables, NULL),
			 SQLITE_OK);
	while (sqlite3_step(tables) == SQLITE_ROW) {
		char sql[256];

		snprintf(sql, sizeof(sql), "SELECT %s.%s FROM %s", sqlite3_column_text(tables, 0),
			 sqlite3_column_text(tables, 1), sqlite3_column_text(tables, 0));
		if (sqlite3_prepare_v2(old->db, sql, -1, &stmt, NULL) != SQLITE_OK)
			fail_msg("%s", sqlite3_errmsg(old->db));
		sqlite3_finalize(stmt);
	}
	sqlite3_finalize(tables);
	sqlite3_close(fresh);
}

static void test_every_version_opens(void **state)
{
	(void)state;
	for (const struct mp_schema_version *v = mp_schema_versions; v->version; v++) {
		size_t size_before, size_after;
		char *before, *after, *old, *new;
		struct mp_store_info info;
		struct mp_err err = { 0 };
		struct mp_store *s;

		old_file(v->version);
		before = slurp(scratch.file, &size_before);
		s = must_open(scratch.file, MP_STORE_READ);
		assert_int_equal(mp_store_info(s, &info, &err), 0);
		assert_int_equal(info.schema_version, v->version);
		assert_int_equal(count_problems(s, true), 0);
		assert_same_columns(s);
		old = story(s);
		mp_store_close(s);
		after = slurp(scratch.file, &size_after);
		assert_int_equal(size_before, size_after);
		assert_memory_equal(before, after, size_before);

		s = must_open(scratch.file, MP_STORE_WRITE);
		assert_int_equal(mp_store_info(s, &info, &err), 0);
		assert_int_equal(info.schema_version, MP_SCHEMA_VERSION);
		assert_int_equal(count_problems(s, true), 0);
		mp_store_close(s);
		s = must_open(scratch.file, MP_STORE_READ);
		new = story(s);
		assert_non_null(strstr(old, "mmap.anon/populate=no/size=4K v3 ok 15"));
		assert_string_equal(old, new);
		mp_store_close(s);
		sqlite3_free(old);
		sqlite3_free(new);
		free(before);
		free(after);
	}
}

static int count_baseline(void *user, const struct mp_baseline *b)
{
	assert_null(b->author);
	*(unsigned *)user += 1;
	return 0;
}

static int count_accepted(void *user, const struct mp_accepted *a)
{
	assert_null(a->author);
	*(unsigned *)user += 10;
	return 0;
}

/* Version 2 stored the user's login name without having been asked: it is told nobody, and does not survive. */
static void test_login_names_go(void **state)
{
	(void)state;
	old_file(2);
	for (int how = MP_STORE_READ; how <= MP_STORE_WRITE; how++) {
		struct mp_store *s = must_open(scratch.file, (enum mp_store_open)how);
		unsigned count = 0;
		struct mp_err err;

		assert_int_equal(mp_store_baselines(s, count_baseline, &count, &err), 0);
		assert_int_equal(mp_store_accepted(s, count_accepted, &count, &err), 0);
		assert_int_equal(count, 12);
		mp_store_close(s);
	}
}

static void test_merge_takes_old_files(void **state)
{
	char other[160];

	(void)state;
	snprintf(other, sizeof(other), "%s/other.db", scratch.folder);
	for (const struct mp_schema_version *v = mp_schema_versions; v->version; v++) {
		struct mp_err err = { 0 };
		struct mp_store *from, *into;
		unsigned added, present;
		char *theirs, *ours;

		unlink(other);
		old_file(v->version);
		from = must_open(scratch.file, MP_STORE_READ);
		into = must_open(other, MP_STORE_WRITE);
		if (mp_store_merge(into, from, &added, &present, &err))
			fail_msg("%s", err.text);
		assert_int_equal(added, 2);
		assert_int_equal(count_problems(into, true), 0);
		theirs = story(from);
		ours = story(into);
		assert_string_equal(theirs, ours);
		sqlite3_free(theirs);
		sqlite3_free(ours);
		mp_store_close(from);
		mp_store_close(into);
	}
}

/* ---- killed in the middle ---- */

static int die(struct mp_store *s, struct mp_err *err)
{
	(void)s;
	(void)err;
	return raise(SIGKILL);
}

static const struct mp_schema_version deadly[] = {
	{ MP_SCHEMA_VERSION, "", "",
	  "ALTER TABLE machine ADD COLUMN note TEXT; UPDATE run SET host = 'none';"
	  "PRAGMA cache_spill = 1; DELETE FROM raw",
	  die },
	{ 0 },
};

static void test_kill_leaves_the_old_version(void **state)
{
	struct mp_store *s;
	char *before, *after;
	int status;
	pid_t child;

	(void)state;
	old_file(1);
	mp_store_close(must_open(scratch.file, MP_STORE_WRITE));
	s = must_open(scratch.file, MP_STORE_READ);
	before = story(s);
	mp_store_close(s);
	child = fork();
	assert_true(child >= 0);
	if (!child) {
		struct mp_err err;

		s = must_open(scratch.file, MP_STORE_WRITE);
		mp_store_migrate(s, deadly, MP_SCHEMA_VERSION + 1, &err);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	for (int how = MP_STORE_READ; how <= MP_STORE_WRITE; how++) {
		s = must_open(scratch.file, (enum mp_store_open)how);
		assert_int_equal(count_problems(s, true), 0);
		after = story(s);
		assert_string_equal(before, after);
		sqlite3_free(after);
		mp_store_close(s);
	}
	sqlite3_free(before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_every_version_opens, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_login_names_go, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_merge_takes_old_files, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_kill_leaves_the_old_version, set_up,
						tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

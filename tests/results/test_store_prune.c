/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pruning: what is old goes, what somebody named stays whole, and the file is sound and smaller. */
#include "results/store.h"

#include <sys/stat.h>

#include "results/store_internal.h"
#include "tests/results/support.h"

#define NIGHT_NS INT64_C(86400000000000)
#define NIGHTS	 12

static struct scratch scratch;

static void uuid_of(unsigned night, char uuid[37])
{
	snprintf(uuid, 37, "00000000-0000-4000-8000-%012u", night);
}

static void add_night(struct mp_store *s, unsigned night)
{
	struct recipe recipe = { .ns = 1500, .call_blocks = 20, .call_ops = 400, .calm_of_10 = 8 };
	struct mp_err err = { 0 };
	int64_t run, run_case;
	char uuid[37];

	uuid_of(night, uuid);
	run = begin_run(s, uuid, NULL, night * NIGHT_NS + 1);
	/* The first two nights measured a case that is not measured any more. */
	run_case = add_case(s, run, night < 2 ? "8K" : "4K", night < 2 ? 8192 : 4096, 2);
	for (recipe.ordinal = 0; recipe.ordinal < 2; recipe.ordinal++)
		add_invocation(s, run_case, &recipe);
	finish_case(s, run_case, "planned");
	assert_int_equal(mp_store_run_end(s, run, night == 8 ? "interrupted" : "complete",
					  night * NIGHT_NS + 2, &err),
			 0);
}

static int set_up(void **state)
{
	struct mp_store *s;

	(void)state;
	scratch_make_fast(&scratch);
	s = must_open(scratch.file, MP_STORE_WRITE);
	for (unsigned night = 0; night < NIGHTS; night++)
		add_night(s, night);
	mp_store_close(s);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	scratch_remove(&scratch);
	return 0;
}

/* Names one night in a baseline, another in an accepted change. */
static void name_nights(struct mp_store *s, unsigned baseline, unsigned accepted)
{
	char uuid[37], sql[512];
	struct mp_err err;

	uuid_of(baseline, uuid);
	snprintf(sql, sizeof(sql),
		 "INSERT INTO baseline (machine_id, name, run_uuid, made_ns, author, reason)"
		 " SELECT machine_id, 'default', '%s', 1, 'a', 'b' FROM machine",
		 uuid);
	assert_int_equal(mp_sql_exec(s, sql, "test", &err), 0);
	uuid_of(accepted, uuid);
	snprintf(sql, sizeof(sql),
		 "INSERT INTO accepted (machine_id, case_text, bench_version, metric, run_uuid,"
		 " run_started_ns, state, made_ns, author, reason)"
		 " SELECT machine_id, 'c', 1, 'value', '%s', 1, 'accepted', 1, 'a', 'b' FROM "
		 "machine",
		 uuid);
	assert_int_equal(mp_sql_exec(s, sql, "test", &err), 0);
}

static struct mp_pruned prune(struct mp_store *s, unsigned raw, unsigned runs, bool dry)
{
	const struct mp_prune options = { .keep_raw = raw, .keep_runs = runs, .dry_run = dry };
	struct mp_pruned pruned;
	struct mp_err err = { 0 };

	if (mp_store_prune(s, &options, &pruned, &err))
		fail_msg("%s", err.text);
	return pruned;
}

static int64_t number(struct mp_store *s, const char *sql)
{
	struct mp_query q;
	struct mp_err err;
	int64_t value = -1;

	assert_int_equal(mp_query_open(s, &q, sql, &err), 0);
	assert_int_equal(mp_query_int(&q, "test", -1, &value, &err), 0);
	return value;
}

static void test_prune(void **state)
{
	struct mp_store *s = must_open(scratch.file, MP_STORE_WRITE);
	struct mp_pruned pruned;

	(void)state;
	name_nights(s, 0, 4);
	mp_store_close(s);

	/* Nights 0 .. 7 are older than three; 0 and 4 are named, 8 is exactly three. */
	s = must_open(scratch.file, MP_STORE_READ);
	pruned = prune(s, 3, 6, true);
	assert_int_equal(pruned.raw, 6);
	assert_int_equal(pruned.runs, 3);
	assert_int_equal(number(s, "SELECT count(*) FROM run"), NIGHTS);
	mp_store_close(s);

	s = must_open(scratch.file, MP_STORE_WRITE);
	pruned = prune(s, 3, 6, false);
	assert_int_equal(pruned.raw, 6);
	assert_int_equal(pruned.runs, 3);
	assert_int_equal(number(s, "SELECT count(*) FROM run"), NIGHTS - 3);
	assert_int_equal(number(s, "SELECT count(*) FROM raw"), 2 * (NIGHTS - 6));
	assert_int_equal(number(s, "SELECT count(*) FROM histogram h JOIN invocation i USING"
				   " (invocation_id) JOIN run_case c USING (run_case_id) JOIN run r"
				   " USING (run_id) WHERE substr(r.uuid, -1) IN ('5', '6', '7')"),
			 0);
	assert_int_equal(number(s, "SELECT count(*) FROM raw w JOIN invocation i USING"
				   " (invocation_id) JOIN run_case c USING (run_case_id) JOIN run r"
				   " USING (run_id) WHERE substr(r.uuid, -1) IN ('4', '8')"),
			 4);
	/* Values stay, and the case that only the baseline measured. */
	assert_int_equal(number(s, "SELECT count(*) FROM run_case WHERE value_ns > 0"), NIGHTS - 3);
	assert_int_equal(number(s, "SELECT count(*) FROM kase"), 2);
	assert_int_equal(count_problems(s, true), 0);

	/* A second time there is nothing left to do. */
	pruned = prune(s, 3, 6, false);
	assert_int_equal(pruned.raw, 0);
	assert_int_equal(pruned.runs, 0);
	mp_store_close(s);
}

/* Without names, everything old goes, with the cases that nobody measured since, and its space. */
static void test_orphans(void **state)
{
	struct mp_store *s = must_open(scratch.file, MP_STORE_WRITE);
	struct stat before, after;
	struct mp_err err;

	(void)state;
	assert_int_equal(
		mp_sql_exec(s, "UPDATE raw SET blob = zeroblob(50000) WHERE invocation_id < 10",
			    "test", &err),
		0);
	mp_store_close(s);
	s = must_open(scratch.file, MP_STORE_WRITE);
	assert_int_equal(stat(scratch.file, &before), 0);
	assert_int_equal(prune(s, 0, 1, false).runs, NIGHTS - 2);
	assert_int_equal(number(s, "SELECT count(*) FROM kase"), 1);
	assert_int_equal(count_problems(s, true), 0);
	mp_store_close(s);
	assert_int_equal(stat(scratch.file, &after), 0);
	assert_true(after.st_size < before.st_size / 2);
}

/* A run may go on: what it has measured is judged again when it ends. */
static void test_unfinished(void **state)
{
	struct mp_store *s = must_open(scratch.file, MP_STORE_WRITE);

	(void)state;
	assert_int_equal(prune(s, 1, 0, false).raw, NIGHTS - 2 - 1);
	assert_int_equal(number(s, "SELECT count(*) FROM raw"), 2 * 3);
	mp_store_close(s);
}

/* Raw data that is missing without the mark is still damage. */
static void test_mark(void **state)
{
	struct mp_store *s = must_open(scratch.file, MP_STORE_WRITE);
	struct mp_err err;

	(void)state;
	prune(s, 3, 0, false);
	assert_int_equal(mp_sql_exec(s, "DELETE FROM run_tag", "test", &err), 0);
	assert_int_equal(count_problems(s, false), 2 * 8);
	mp_store_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_prune, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_orphans, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_unfinished, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_mark, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

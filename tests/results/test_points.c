/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Values per invocation: the stored rows say what the invocations say, with and without the table; quantiles of a
 * histogram inside their bucket or clock step; db check finds a row that was changed.
 */
#include "tests/results/support.h"

#include <sqlite3.h>

#include "results/points.h"

static void test_profile(void **state)
{
	struct mp_histogram h = { 0 };
	float profile[MP_PROFILE_COUNT];

	(void)state;
	/* 1000 values, one of each: a quantile is where its rank says, give or take half a bucket. */
	for (uint64_t i = 1; i <= 1000; i++)
		assert_int_equal(mp_histogram_add(&h, i, 1), 0);
	mp_profile_of(&h, 0, profile);
	for (int q = 0; q < MP_PROFILE_COUNT; q++) {
		if (mp_profile[q].fewest > 1000)
			assert_true(isnan(profile[q]));
		else
			assert_near((double)profile[q], 1000 * mp_profile[q].p, 4);
	}
	mp_histogram_done(&h);

	/* Half the calls at 100 ns, half at 110, on a clock of 10 ns steps: the median lies between the two. */
	assert_int_equal(mp_histogram_add(&h, 100, 500), 0);
	assert_int_equal(mp_histogram_add(&h, 110, 500), 0);
	mp_profile_of(&h, 10, profile);
	assert_near((double)profile[MP_PROFILE_MEDIAN], 105, 0.01);
	assert_near((double)profile[0], 97, 0.01);
	for (int q = 1; q < MP_PROFILE_COUNT; q++)
		assert_true(isnan(profile[q]) || profile[q] >= profile[q - 1]);
	mp_histogram_done(&h);

	mp_profile_of(&h, 10, profile);
	for (int q = 0; q < MP_PROFILE_COUNT; q++)
		assert_true(isnan(profile[q]));
}

static void sql(const char *file, const char *text)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(file, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void read_points(const char *file, struct mp_points_run *run)
{
	struct mp_store *s;
	struct mp_err err;

	assert_int_equal(mp_store_open(file, MP_STORE_READ, &s, &err), 0);
	assert_int_equal(mp_store_points(s, 1, run, &err), 0);
	mp_store_close(s);
}

static void assert_same(const struct mp_points *a, const struct mp_points *b)
{
	assert_int_equal(a->n, b->n);
	assert_int_equal(!a->profile, !b->profile);
	if (!a->n)
		return;
	/* Of a mode one of the two is kept. */
	/* Of single calls both are kept. */
	assert_true(!a->p50 != !a->mean || (a->profile && a->p50));
	assert_true(!a->p50 == !b->p50 && !a->mean == !b->mean);
	if (a->profile)
		assert_memory_equal(a->mean, b->mean, a->n * sizeof(double));
	assert_memory_equal(a->p50 ? a->p50 : a->mean, b->p50 ? b->p50 : b->mean,
			    a->n * sizeof(double));
	if (a->profile)
		assert_memory_equal(a->profile, b->profile,
				    a->n * MP_PROFILE_COUNT * sizeof(float));
}

/* What the statistics of the invocations say, asked for one by one. */
static void assert_values(struct mp_store *s, const struct mp_points_case *c, enum mp_mode mode,
			  enum mp_population population)
{
	const struct mp_points *points = &c->points[mp_mode_index(mode)][population];
	double *values = NULL;
	size_t count = 0, n = 0;
	struct mp_err err;

	assert_int_equal(
		mp_store_case_values(s, c->run_case, mode, population, &values, &count, &err), 0);
	for (size_t i = 0; i < count; i++) {
		if (!isnan(values[i]))
			assert_true(values[i] == mp_points_values(points, mode)[n++]);
	}
	assert_int_equal(n, points->n);
	free(values);
}

/* A copy of the file of an older version: read as it is, and after a writer has migrated it. */
static void test_both_ways(void **state)
{
	struct mp_points_run old = { 0 }, new = { 0 };
	struct scratch scratch;
	struct mp_store *s;
	struct mp_err err;
	char command[512];
	size_t with = 0, profiles = 0;

	(void)state;
	scratch_make_fast(&scratch);
	snprintf(command, sizeof(command), "cp '%s/data/results/v1.db' '%s'", MEMPERF_TESTS,
		 scratch.file);
	assert_int_equal(system(command), 0);
	read_points(scratch.file, &old);
	assert_int_equal(mp_store_open(scratch.file, MP_STORE_WRITE, &s, &err), 0);
	read_points(scratch.file, &new);
	for (size_t i = 0; i < new.n_cases; i++) {
		for (int p = 0; p < 2; p++) {
			assert_values(s, &new.cases[i], MP_MODE_CALL, (enum mp_population)p);
			assert_values(s, &new.cases[i], MP_MODE_BATCH, (enum mp_population)p);
			assert_values(s, &new.cases[i], MP_MODE_RATE, (enum mp_population)p);
		}
	}
	mp_store_close(s);
	assert_int_equal(old.n_cases, new.n_cases);
	for (size_t i = 0; i < old.n_cases; i++) {
		assert_string_equal(old.cases[i].text, new.cases[i].text);
		assert_true(i == 0 || strcmp(new.cases[i - 1].text, new.cases[i].text) <= 0);
		for (int m = 0; m < MP_MODE_COUNT; m++) {
			for (int p = 0; p < 2; p++) {
				const struct mp_points *points = &new.cases[i].points[m][p];

				assert_same(&old.cases[i].points[m][p], points);
				with += points->n > 0;
				profiles += points->profile != NULL;
			}
		}
	}
	assert_true(with > 3 && profiles > 1);
	mp_points_run_done(&old);
	mp_points_run_done(&new);
	scratch_remove(&scratch);
}

static unsigned problems(const char *file)
{
	struct mp_store *s;
	struct mp_err err;
	unsigned count = 0;

	assert_int_equal(mp_store_open(file, MP_STORE_READ, &s, &err), 0);
	assert_int_equal(mp_store_check(s, NULL, NULL, &count, &err), 0);
	mp_store_close(s);
	return count;
}

static void test_check(void **state)
{
	struct scratch scratch;
	struct mp_store *s;
	struct mp_err err;
	char command[512];

	(void)state;
	scratch_make_fast(&scratch);
	snprintf(command, sizeof(command), "cp '%s/data/results/v1.db' '%s'", MEMPERF_TESTS,
		 scratch.file);
	assert_int_equal(system(command), 0);
	assert_int_equal(mp_store_open(scratch.file, MP_STORE_WRITE, &s, &err), 0);
	mp_store_close(s);
	assert_int_equal(problems(scratch.file), 0);
	/* Values of another kind, then a row too few. */
	sql(scratch.file, "UPDATE point SET mean = p50, p50 = mean WHERE mode = 'batch'");
	assert_true(problems(scratch.file) > 0);
	sql(scratch.file, "UPDATE point SET mean = p50, p50 = mean WHERE mode = 'batch'");
	assert_int_equal(problems(scratch.file), 0);
	sql(scratch.file, "DELETE FROM point WHERE mode = 'rate'");
	assert_true(problems(scratch.file) > 0);
	scratch_remove(&scratch);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_profile),
		cmocka_unit_test(test_both_ways),
		cmocka_unit_test(test_check),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

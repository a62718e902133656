/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A case gets the outcome and the headline that its invocations deserve.
 */
#include "results/store.h"

#include <errno.h>
#include <sqlite3.h>

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

static void get_case(struct mp_store *s, int64_t run, struct mp_case_row **ret_rows, size_t want)
{
	struct mp_err err = { 0 };
	size_t count;

	if (mp_store_cases(s, run, ret_rows, &count, &err))
		fail_msg("%s", err.text);
	assert_int_equal(count, want);
}

static void test_headline(void **state)
{
	struct mp_store *s = must_open(scratch.file, MP_STORE_WRITE);
	int64_t run = begin_run(s, NULL, NULL, 5), run_case = add_case(s, run, "2M", 2 << 20, 10);
	struct mp_case_row *rows;
	struct mp_err err = { 0 };
	double *values;
	size_t count;

	(void)state;
	for (unsigned i = 0; i < 10; i++) {
		struct recipe recipe = { .ordinal = i,
					 .ns = 4300 + i,
					 .call_blocks = 20,
					 .call_ops = 50,
					 .batch_blocks = 20,
					 .batch_ops = 100,
					 .calm_of_10 = 5 };

		add_invocation(s, run_case, &recipe);
	}
	finish_case(s, run_case, "target");
	get_case(s, run, &rows, 1);
	assert_string_equal(rows->text, "mmap.anon/populate=no/size=2M");
	assert_string_equal(rows->bench, "mmap.anon");
	assert_string_equal(rows->unit, "call");
	assert_true(rows->bytes == 2 << 20 && rows->version == 3);
	assert_int_equal(rows->outcome, MP_OUTCOME_OK);
	assert_string_equal(rows->reason, "");
	assert_string_equal(rows->why_stopped, "target");
	assert_true(rows->has_value && rows->mode == MP_MODE_CALL);
	assert_int_equal(rows->population, MP_POPULATION_CALM);
	assert_int_equal(rows->resolution, MP_RESOLUTION_PER_CALL);
	/* Calm blocks take 4300 .. 4309 ns, the others a fifth more. */
	assert_near(rows->value.value, 4304.5, 2);
	assert_int_equal(rows->value.n, 10);
	assert_true(rows->value.low >= 4299 && rows->value.high <= 4311);
	assert_near(rows->value.level, 0.95, 1e-9);
	assert_near(rows->value.cv, 0.0007, 0.0003);
	assert_near(rows->call_p50[MP_POPULATION_CALM].value, rows->value.value, 0);
	assert_true(rows->call_mean[MP_POPULATION_ALL].value > 4500);
	assert_int_equal(rows->call_p99[MP_POPULATION_ALL].n, 10);
	assert_near(rows->batch_p50[MP_POPULATION_CALM].value, 4304.5, 2);
	assert_int_equal(rows->rate_mean[0].n, 0);
	assert_near(rows->calm_share, 0.5, 0.2);
	assert_near(rows->observer_effect, 0, 3);
	assert_int_equal(rows->blocks, 400);
	assert_int_equal(rows->checks_passed, 400);
	assert_int_equal(rows->invocations, 10);
	assert_int_equal(rows->first.n, 10);
	assert_int_equal(mp_store_case_values(s, run_case, MP_MODE_CALL, MP_POPULATION_CALM,
					      &values, &count, &err),
			 0);
	assert_int_equal(count, 10);
	assert_near(values[9], 4309, 3);
	free(values);
	mp_case_rows_free(rows, 1);
	assert_int_equal(count_problems(s, true), 0);
	mp_store_close(s);
}

/* One case per recipe, five invocations each; `pair` and steps as in support.h. */
static void headline_of(struct recipe recipe, double mul, double add, struct mp_case_row **ret_rows)
{
	struct mp_store *s = must_open(scratch.file, MP_STORE_WRITE);
	int64_t run = begin_run(s, NULL, NULL, 5), run_case = add_case(s, run, "4K", 4096, 5);
	struct mp_full_speeds references = full_speed;
	struct mp_err err = { 0 };

	for (recipe.ordinal = 0; recipe.ordinal < 5; recipe.ordinal++)
		add_invocation(s, run_case, &recipe);
	references.of[0].mul = mul;
	references.of[0].add = add;
	assert_int_equal(
		mp_store_case_finish(s, run_case, &references, STEP_NS, PAIR_NS, "planned", &err),
		0);
	get_case(s, run, ret_rows, 1);
	assert_int_equal(count_problems(s, true), 0);
	mp_store_close(s);
}

static const struct {
	struct recipe recipe;
	double mul;
	enum mp_mode mode;
	enum mp_population population;
	enum mp_resolution resolution;
	double value, slack;
} wants[] = {
	/* Too close to the clock for single calls: the batch's. */
	{ { .ns = 135,
	    .call_blocks = 9,
	    .call_ops = 60,
	    .batch_blocks = 9,
	    .batch_ops = 400,
	    .calm_of_10 = 10 },
	  MUL_REF,
	  MP_MODE_BATCH,
	  MP_POPULATION_CALM,
	  MP_RESOLUTION_QUANTISED,
	  135,
	  0.1 },
	{ { .ns = 5,
	    .call_blocks = 9,
	    .call_ops = 60,
	    .batch_blocks = 9,
	    .batch_ops = 10000,
	    .calm_of_10 = 10 },
	  MUL_REF,
	  MP_MODE_BATCH,
	  MP_POPULATION_CALM,
	  MP_RESOLUTION_BATCH_ONLY,
	  5,
	  0.01 },
	/* Above 20 steps of the clock, but a pair of readings is more than a tenth of it. */
	{ { .ns = 250,
	    .call_blocks = 9,
	    .call_ops = 60,
	    .batch_blocks = 9,
	    .batch_ops = 400,
	    .calm_of_10 = 10 },
	  MUL_REF,
	  MP_MODE_BATCH,
	  MP_POPULATION_CALM,
	  MP_RESOLUTION_QUANTISED,
	  250,
	  0.1 },
	/* Far above the clock; dear calls that are rare add a fourth, and then half, to what an operation costs. */
	{ { .ns = 1000,
	    .call_blocks = 9,
	    .call_ops = 60,
	    .batch_blocks = 9,
	    .batch_ops = 400,
	    .batch_more = 250,
	    .calm_of_10 = 10 },
	  MUL_REF,
	  MP_MODE_CALL,
	  MP_POPULATION_CALM,
	  MP_RESOLUTION_PER_CALL,
	  1000,
	  2.5 },
	{ { .ns = 1000,
	    .call_blocks = 9,
	    .call_ops = 60,
	    .batch_blocks = 9,
	    .batch_ops = 400,
	    .batch_more = 500,
	    .calm_of_10 = 10 },
	  MUL_REF,
	  MP_MODE_BATCH,
	  MP_POPULATION_CALM,
	  MP_RESOLUTION_PER_CALL,
	  1500,
	  0.1 },
	/* No batch to fall back on. */
	{ { .ns = 135, .call_blocks = 9, .call_ops = 60, .calm_of_10 = 10 },
	  MUL_REF,
	  MP_MODE_CALL,
	  MP_POPULATION_CALM,
	  MP_RESOLUTION_QUANTISED,
	  135,
	  2.5 },
	/* Never calm: 1.2 times as long, and said to be of all samples. */
	{ { .ns = 1000, .call_blocks = 9, .call_ops = 60, .calm_of_10 = 0 },
	  MUL_REF,
	  MP_MODE_CALL,
	  MP_POPULATION_ALL,
	  MP_RESOLUTION_PER_CALL,
	  1200,
	  2.5 },
	/* A single calm block of 20 samples in five is no calm value. */
	{ { .ns = 1000, .call_blocks = 1, .call_ops = 20, .calm_of_10 = 10 },
	  MUL_REF,
	  MP_MODE_CALL,
	  MP_POPULATION_ALL,
	  MP_RESOLUTION_PER_CALL,
	  1000,
	  2.5 },
	/* What full speed is turned out otherwise: nothing was calm. */
	{ { .ns = 1000, .call_blocks = 9, .call_ops = 60, .calm_of_10 = 10 },
	  MUL_REF * 0.9,
	  MP_MODE_CALL,
	  MP_POPULATION_ALL,
	  MP_RESOLUTION_PER_CALL,
	  1000,
	  2.5 },
	{ { .ns = 1000, .call_blocks = 9, .call_ops = 60, .calm_of_10 = 10 },
	  NAN,
	  MP_MODE_CALL,
	  MP_POPULATION_ALL,
	  MP_RESOLUTION_PER_CALL,
	  1000,
	  2.5 },
	{ { .ns = 200, .rate_blocks = 6, .workers = 4, .batch_ops = 1000, .calm_of_10 = 10 },
	  MUL_REF,
	  MP_MODE_RATE,
	  MP_POPULATION_ALL,
	  MP_RESOLUTION_BATCH_ONLY,
	  200,
	  0.1 },
};

static void test_headline_choice(void **state)
{

	(void)state;
	for (size_t i = 0; i < sizeof(wants) / sizeof(wants[0]); i++) {
		struct mp_case_row *row;

		headline_of(wants[i].recipe, wants[i].mul, ADD_REF, &row);
		assert_true(row->has_value);
		assert_int_equal(row->mode, wants[i].mode);
		assert_int_equal(row->population, wants[i].population);
		assert_int_equal(row->resolution, wants[i].resolution);
		assert_near(row->value.value, wants[i].value, wants[i].slack);
		assert_true(isnan(wants[i].mul) ? isnan(row->calm_share) : row->calm_share >= 0);
		if (wants[i].mode == MP_MODE_RATE)
			assert_near(row->rate_ops.value, 4 / 200e-9, 1e5);
		mp_case_rows_free(row, 1);
		assert_int_equal(unlink(scratch.file), 0);
	}
}

/* NaN for NULL. */
static double number_in_file(const char *sql)
{
	sqlite3_stmt *stmt;
	sqlite3 *db;
	double value;

	assert_int_equal(sqlite3_open(scratch.file, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	value = sqlite3_column_type(stmt, 0) == SQLITE_NULL ? NAN : sqlite3_column_double(stmt, 0);
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	return value;
}

/* Calm share of a case whose second worker sits on an efficiency core, by those references; and what calm was judged by
 * there. */
static double share_of(const struct mp_full_speeds *references, double *ret_e)
{
	struct mp_store *s = must_open(scratch.file, MP_STORE_WRITE);
	int64_t run = begin_run(s, NULL, NULL, 5), run_case = add_case(s, run, "4K", 4096, 5);
	struct recipe recipe = {
		.ns = 200, .rate_blocks = 20, .batch_ops = 100, .workers = 2, .calm_of_10 = 10
	};
	struct mp_err err = { 0 };
	struct mp_case_row *row;
	double share;

	for (recipe.ordinal = 0; recipe.ordinal < 5; recipe.ordinal++)
		add_invocation(s, run_case, &recipe);
	assert_int_equal(
		mp_store_case_finish(s, run_case, references, STEP_NS, PAIR_NS, "planned", &err),
		0);
	get_case(s, run, &row, 1);
	share = row->calm_share;
	mp_case_rows_free(row, 1);
	assert_int_equal(count_problems(s, true), 0);
	mp_store_close(s);
	*ret_e = number_in_file("SELECT mul_reference FROM seat WHERE worker = 1");
	assert_true(number_in_file("SELECT count(*) FROM seat WHERE worker = 0 AND kind = 'p'"
				   " AND mul_reference IS NULL") == 5);
	assert_int_equal(unlink(scratch.file), 0);
	return share;
}

/* Its probes take twice as long, and three times: calm is judged by its own full speed, also when that is known better by
 * the end, and nothing is calm where that is unknown. */
static void test_two_kinds(void **state)
{
	struct mp_full_speeds references = full_speed;
	double e;

	(void)state;
	assert_near(share_of(&references, &e), 1, 0);
	assert_near(e, 2 * MUL_REF, 0);
	references.of[1].mul *= 0.9;
	assert_near(share_of(&references, &e), 0.5, 0);
	assert_near(e, 1.8 * MUL_REF, 1e-9);
	/* One reference for everybody: the slower kind is never calm. */
	references.of[1] = (struct mp_full_speed){ "e", MUL_REF, ADD_REF };
	assert_near(share_of(&references, &e), 0.5, 0);
	references.n = 1;
	assert_near(share_of(&references, &e), 0.5, 0);
	assert_true(isnan(e));
	/* Nobody knows anything of the first worker's kind. */
	references.of[0] = full_speed.of[1];
	assert_true(isnan(share_of(&references, &e)));
	assert_near(e, 2 * MUL_REF, 0);
}

/* Of `total` invocations, `calm` have nothing but calm blocks and the others none. */
static enum mp_population population_of(unsigned total, unsigned calm)
{
	struct mp_store *s = must_open(scratch.file, MP_STORE_WRITE);
	int64_t run = begin_run(s, NULL, NULL, 5), run_case = add_case(s, run, "4K", 4096, total);
	enum mp_population population;
	struct mp_case_row *row;

	for (unsigned i = 0; i < total; i++) {
		struct recipe recipe = { .ordinal = i,
					 .ns = 1000,
					 .call_blocks = 9,
					 .call_ops = 60,
					 .calm_of_10 = i < calm ? 10 : 0 };

		add_invocation(s, run_case, &recipe);
	}
	finish_case(s, run_case, "planned");
	get_case(s, run, &row, 1);
	population = row->population;
	/* The headline is over those that have a value of that kind. */
	assert_int_equal(row->value.n, population == MP_POPULATION_CALM ? calm : total);
	if (population == MP_POPULATION_CALM)
		assert_near(row->value.value, 1000, 3);
	mp_case_rows_free(row, 1);
	mp_store_close(s);
	assert_int_equal(unlink(scratch.file), 0);
	return population;
}

static void test_enough_calm(void **state)
{
	(void)state;
	assert_int_equal(population_of(10, 10), MP_POPULATION_CALM);
	assert_int_equal(population_of(10, 5), MP_POPULATION_CALM);
	assert_int_equal(population_of(10, 3), MP_POPULATION_CALM);
	assert_int_equal(population_of(10, 2), MP_POPULATION_ALL);
	assert_int_equal(population_of(10, 0), MP_POPULATION_ALL);
	assert_int_equal(population_of(3, 2), MP_POPULATION_ALL);
	assert_int_equal(population_of(3, 3), MP_POPULATION_CALM);
	/* Fewer than three: all of them. */
	assert_int_equal(population_of(2, 2), MP_POPULATION_CALM);
	assert_int_equal(population_of(2, 1), MP_POPULATION_ALL);
}

/* Outcomes of three invocations and of the case that follows. */
static void outcome_of(const enum mp_outcome outcomes[3], const char *why, enum mp_outcome want,
		       const char *reason)
{
	struct mp_store *s = must_open(scratch.file, MP_STORE_WRITE);
	int64_t run = begin_run(s, NULL, NULL, 5), run_case = add_case(s, run, "4K", 4096, 5);
	struct mp_case_row *row;
	struct mp_err err = { 0 };

	for (unsigned i = 0; i < 3; i++) {
		struct recipe recipe = {
			.ordinal = i, .ns = 1000, .call_blocks = 2, .call_ops = 40
		};
		struct mp_invocation inv;

		if (outcomes[i] == MP_OUTCOME_PENDING)
			continue;
		make_invocation(&recipe, &inv);
		inv.outcome = outcomes[i];
		if (inv.outcome != MP_OUTCOME_OK)
			snprintf(inv.reason, sizeof(inv.reason), "reason of %u", i);
		if (inv.outcome == MP_OUTCOME_INVALID)
			inv.checks[1].failed = 1;
		assert_int_equal(mp_store_invocation_add(s, run_case, &inv, STEP_NS, &err), 0);
		mp_invocation_done(&inv);
	}
	finish_case(s, run_case, why);
	get_case(s, run, &row, 1);
	assert_int_equal(row->outcome, want);
	assert_string_equal(row->reason, reason);
	/* What was measured is shown, whatever it is worth. */
	if (want == MP_OUTCOME_INVALID)
		assert_true(row->has_value && row->value.n == 3);
	mp_case_rows_free(row, 1);
	assert_int_equal(count_problems(s, true), 0);
	mp_store_close(s);
	assert_int_equal(unlink(scratch.file), 0);
}

static void test_outcomes(void **state)
{
	const enum mp_outcome P = MP_OUTCOME_PENDING, O = MP_OUTCOME_OK, I = MP_OUTCOME_INVALID;
	const enum mp_outcome F = MP_OUTCOME_FAILED, T = MP_OUTCOME_TIMED_OUT;

	(void)state;
	outcome_of((const enum mp_outcome[]){ O, O, O }, "budget", MP_OUTCOME_OK, "");
	outcome_of((const enum mp_outcome[]){ O, O, O }, NULL, MP_OUTCOME_PENDING, "");
	outcome_of((const enum mp_outcome[]){ O, I, I }, "budget", MP_OUTCOME_INVALID,
		   "reason of 1 (2 of 3 invocations)");
	outcome_of((const enum mp_outcome[]){ O, I, T }, "cap", MP_OUTCOME_TIMED_OUT,
		   "reason of 2 (1 of 3 invocations)");
	outcome_of((const enum mp_outcome[]){ F, I, T }, "cap", MP_OUTCOME_FAILED,
		   "reason of 0 (1 of 3 invocations)");
	outcome_of((const enum mp_outcome[]){ P, P, P }, NULL, MP_OUTCOME_PENDING, "");
	outcome_of((const enum mp_outcome[]){ P, P, P }, "budget", MP_OUTCOME_PENDING,
		   "the run ended before its first invocation");
}

static void test_all_blocks_failed(void **state)
{
	struct mp_store *s = must_open(scratch.file, MP_STORE_WRITE);
	int64_t run = begin_run(s, NULL, NULL, 5), run_case = add_case(s, run, "4K", 4096, 1);
	struct recipe recipe = { .ns = 1000, .call_blocks = 3, .call_ops = 5 };
	struct mp_case_row *row;
	struct mp_invocation inv;
	struct mp_err err = { 0 };

	(void)state;
	make_invocation(&recipe, &inv);
	for (size_t i = 0; i < inv.n_blocks; i++)
		inv.blocks[i].errors = 1;
	assert_int_equal(mp_store_invocation_add(s, run_case, &inv, STEP_NS, &err), 0);
	mp_invocation_done(&inv);
	finish_case(s, run_case, NULL);
	get_case(s, run, &row, 1);
	/* All that were planned are there: finished, and nothing to show for it. */
	assert_int_equal(row->outcome, MP_OUTCOME_FAILED);
	assert_string_equal(row->why_stopped, "planned");
	assert_false(row->has_value);
	assert_int_equal(row->flagged_blocks, 3);
	mp_case_rows_free(row, 1);
	mp_store_close(s);
}

static void test_skipped(void **state)
{
	const struct mp_bench_info bench = { .name = "kmod.kmalloc",
					     .family = "kmod",
					     .unit = "call" };
	struct mp_store *s = must_open(scratch.file, MP_STORE_WRITE);
	int64_t run = begin_run(s, NULL, NULL, 5), run_case = 0;
	struct mp_params none = { 0 };
	struct mp_case_row *row;
	struct mp_err err = { 0 };

	(void)state;
	assert_true(mp_store_case_add(s, run, &bench, "kmod.kmalloc", &none, 5, MP_OUTCOME_SKIPPED,
				      NULL, &run_case, &err) < 0);
	assert_int_equal(run_case, 0);
	assert_int_equal(mp_store_case_add(s, run, &bench, "kmod.kmalloc", &none, 5, MP_OUTCOME_OK,
					   NULL, &run_case, &err),
			 -EINVAL);
	assert_int_equal(mp_store_case_add(s, run, &bench, "kmod.kmalloc", &none, 5,
					   MP_OUTCOME_SKIPPED, "the module is not loaded",
					   &run_case, &err),
			 0);
	assert_true(mp_store_case_add(s, run, &bench, "kmod.kmalloc", &none, 5, MP_OUTCOME_PENDING,
				      NULL, &run_case, &err) < 0);
	assert_true(mp_store_case_finish(s, run_case, &full_speed, 1, 1, "planned", &err) < 0);
	get_case(s, run, &row, 1);
	assert_int_equal(row->outcome, MP_OUTCOME_SKIPPED);
	assert_string_equal(row->reason, "the module is not loaded");
	assert_true(row->bytes == 0 && !row->has_value);
	mp_case_rows_free(row, 1);
	mp_store_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_headline, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_headline_choice, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_two_kinds, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_enough_calm, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_outcomes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_all_blocks_failed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_skipped, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

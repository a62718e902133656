/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The store: everything that is written comes back, selectors find runs, a machine is remembered, and nothing is left
 * beside the file.
 */
#include "results/schema.h"
#include "results/store.h"

#include <errno.h>
#include <sys/stat.h>

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
	scratch_remove(&scratch);
	return 0;
}

static bool beside(const char *suffix)
{
	char path[256];

	snprintf(path, sizeof(path), "%s%s", scratch.file, suffix);
	return access(path, F_OK) == 0;
}

/* ---- what goes in comes out ---- */

static int take(void *user, struct mp_invocation *inv)
{
	struct mp_invocation *into = user;

	into[inv->ordinal] = *inv;
	/* Everything that it owns is ours now. */
	*inv = (struct mp_invocation){ 0 };
	return 0;
}

static void assert_invocation(const struct mp_invocation *a, const struct mp_invocation *b)
{
	assert_int_equal(a->ordinal, b->ordinal);
	assert_true(a->seed == b->seed && a->started_ns == b->started_ns);
	assert_true(a->duration_ns == b->duration_ns && a->steal_ns == b->steal_ns);
	assert_int_equal(a->outcome, b->outcome);
	assert_string_equal(a->reason, b->reason);
	assert_string_equal(a->layout, b->layout);
	assert_string_equal(a->cpus, b->cpus);
	assert_string_equal(a->nodes, b->nodes);
	assert_int_equal(a->vma_count, b->vma_count);
	assert_true(a->batch_ops == b->batch_ops && a->steady == b->steady);
	assert_near(a->clock_ns_per_tick, b->clock_ns_per_tick, 0);
	assert_near(a->mul_reference, b->mul_reference, 0);
	assert_near(a->add_reference, b->add_reference, 0);
	assert_int_equal(a->n_checks, b->n_checks);
	assert_int_equal(a->n_blocks, b->n_blocks);
	assert_int_equal(a->n_samples, b->n_samples);
	assert_int_equal(a->n_seats, b->n_seats);
	for (size_t i = 0; i < a->n_seats; i++)
		assert_memory_equal(&a->seats[i].speed, &b->seats[i].speed,
				    sizeof(a->seats[i].speed));
	if (a->n_checks)
		assert_memory_equal(a->checks, b->checks, a->n_checks * sizeof(*a->checks));
	if (a->n_blocks)
		assert_memory_equal(a->blocks, b->blocks, a->n_blocks * sizeof(*a->blocks));
	if (a->n_samples)
		assert_memory_equal(a->samples, b->samples, a->n_samples * sizeof(*a->samples));
}

static void test_invocations(void **state)
{
	struct mp_store *s = must_open(scratch.file, MP_STORE_WRITE);
	int64_t run = begin_run(s, NULL, NULL, 5), run_case = add_case(s, run, "4K", 4096, 2);
	struct recipe recipe = { .ns = 4300,
				 .call_blocks = 4,
				 .call_ops = 50,
				 .batch_blocks = 3,
				 .batch_ops = 77,
				 .calm_of_10 = 5 };
	struct mp_invocation in[2], out[2] = { { 0 } };
	struct mp_err err = { 0 };

	(void)state;
	make_invocation(&recipe, &in[0]);
	/* One that died before it measured anything. */
	in[1] = (struct mp_invocation){ .ordinal = 1,
					.outcome = MP_OUTCOME_TIMED_OUT,
					.reason = "no answer for 5 s",
					.nodes = "0-1",
					.steal_ns = 7,
					.steady = MP_STEADY_WARMUP };
	for (int i = 0; i < 2; i++)
		assert_int_equal(mp_store_invocation_add(s, run_case, &in[i], STEP_NS, &err), 0);
	assert_int_equal(mp_store_invocation_add(s, run_case, &in[1], STEP_NS, &err), -EEXIST);
	mp_store_close(s);
	s = must_open(scratch.file, MP_STORE_READ);
	assert_int_equal(mp_store_invocations(s, run_case, true, take, out, &err), 0);
	for (int i = 0; i < 2; i++) {
		assert_invocation(&in[i], &out[i]);
		mp_invocation_done(&in[i]);
		mp_invocation_done(&out[i]);
	}
	assert_int_equal(mp_store_invocations(s, run_case, false, take, out, &err), 0);
	assert_int_equal(out[0].n_blocks, 0);
	assert_int_equal(out[0].n_checks, 2);
	mp_invocation_done(&out[0]);
	mp_store_close(s);
}

static int stop(void *user, struct mp_invocation *inv)
{
	(void)inv;
	++*(int *)user;
	return -ECANCELED;
}

static void test_each_stops(void **state)
{
	struct mp_err err = { 0 };
	struct mp_store *s;
	int calls = 0;

	(void)state;
	make_file(scratch.file, 1, 1, 3);
	s = must_open(scratch.file, MP_STORE_READ);
	assert_int_equal(mp_store_invocations(s, 1, true, stop, &calls, &err), -ECANCELED);
	assert_int_equal(calls, 1);
	mp_store_close(s);
}

static int compare_fact(void *user, const struct mp_fact *fact)
{
	unsigned *seen = user;
	static const struct mp_fact want[] = {
		{ "cpu", "model", "EPYC", "/proc/cpuinfo", "hardware", 3,
		  "another CPU is another machine" },
		{ "kernel", "thp", NULL, "/sys/kernel/mm/transparent_hugepage: no such file",
		  "boot", 2, "x" },
	};

	assert_in_range(*seen, 0, 1);
	assert_string_equal(fact->group, want[*seen].group);
	assert_string_equal(fact->key, want[*seen].key);
	if (want[*seen].value)
		assert_string_equal(fact->value, want[*seen].value);
	else
		assert_null(fact->value);
	assert_string_equal(fact->origin, want[*seen].origin);
	assert_string_equal(fact->volatility, want[*seen].volatility);
	assert_int_equal(fact->weight, want[*seen].weight);
	assert_string_equal(fact->why, want[*seen].why);
	++*seen;
	return 0;
}

static void test_run(void **state)
{
	const struct mp_fact facts[] = {
		{ "cpu", "model", "EPYC", "/proc/cpuinfo", "hardware", 3,
		  "another CPU is another machine" },
		{ "kernel", "thp", NULL, "/sys/kernel/mm/transparent_hugepage: no such file",
		  "boot", 2, "x" },
	};
	const char *uuid = "01234567-89ab-4cde-8f01-23456789abcd";
	struct mp_store *s = must_open(scratch.file, MP_STORE_WRITE);
	int64_t run = begin_run(s, uuid, "before", 1234);
	struct mp_run_row row;
	struct mp_err err = { 0 };
	unsigned seen = 0;

	(void)state;
	for (int i = 0; i < 2; i++)
		assert_int_equal(mp_store_run_fact(s, run, &facts[i], &err), 0);
	assert_true(mp_store_run_fact(s, run, &facts[0], &err) < 0);
	add_case(s, run, "4K", 4096, 2);
	assert_int_equal(mp_store_run_end(s, run, "interrupted", 9999, &err), 0);
	assert_int_equal(mp_store_run_end(s, 77, "complete", 9999, &err), -ENOENT);
	assert_int_equal(mp_store_run_get(s, run, &row, &err), 0);
	assert_string_equal(row.uuid, uuid);
	assert_string_equal(row.machine, "m-0123");
	assert_string_equal(row.label, "before");
	assert_string_equal(row.status, "interrupted");
	assert_string_equal(row.options_json, "{\"invocations\": 10}");
	assert_string_equal(row.suite_text, "suite = \"quick\";");
	assert_true(row.seed == 0xfedcba9876543210);
	assert_true(row.started_ns == 1234 && row.ended_ns == 9999);
	assert_near(row.budget_s, 90, 0);
	assert_true(isnan(row.estimate_s));
	assert_near(row.clock_step_ns, STEP_NS, 0);
	assert_int_equal(row.cases, 1);
	assert_int_equal(row.pending, 1);
	mp_run_row_done(&row);
	assert_int_equal(mp_store_run_get(s, 99, &row, &err), -ENOENT);
	assert_int_equal(mp_store_facts(s, run, compare_fact, &seen, &err), 0);
	assert_int_equal(seen, 2);
	mp_store_close(s);
}

/* ---- selectors ---- */

static void assert_select(struct mp_store *s, const char *selector, int want, const char *ids)
{
	char got[128] = "";
	int64_t *runs = NULL;
	size_t count = 0;
	struct mp_err err = { 0 };

	assert_int_equal(mp_store_select(s, selector, &runs, &count, &err), want);
	if (want)
		assert_true(*err.text && !runs);
	for (size_t i = 0; i < count; i++)
		snprintf(got + strlen(got), sizeof(got) - strlen(got), "%lld ", (long long)runs[i]);
	assert_string_equal(got, ids);
	free(runs);
}

static void test_select(void **state)
{
	struct mp_store *s = must_open(scratch.file, MP_STORE_WRITE);
	struct mp_err err = { 0 };

	(void)state;
	assert_select(s, NULL, -ENOENT, "");
	begin_run(s, NULL, "x", 30);
	begin_run(s, NULL, "x", 10);
	begin_run(s, NULL, NULL, 20);
	assert_int_equal(mp_store_run_tag(s, 1, "kernel", "6.1", &err), 0);
	assert_int_equal(mp_store_run_tag(s, 1, "kernel", "6.2", &err), 0);
	assert_int_equal(mp_store_run_tag(s, 3, "kernel", "6.2", &err), 0);
	assert_int_equal(mp_store_run_tag(s, 3, "a", "b=c", &err), 0);
	assert_select(s, NULL, 0, "1 ");
	assert_select(s, "latest", 0, "1 ");
	assert_select(s, "#2", 0, "2 ");
	assert_select(s, "#2,#1", 0, "1 2 ");
	assert_select(s, "#2,#4", -ENOENT, "");
	assert_select(s, "#2,1", -EINVAL, "");
	assert_select(s, "#2,", -EINVAL, "");
	assert_select(s, "label:x", 0, "1 2 ");
	assert_select(s, "last:2", 0, "1 3 ");
	assert_select(s, "last:50", 0, "1 3 2 ");
	assert_select(s, "tag:kernel=6.2", 0, "1 3 ");
	assert_select(s, "tag:a=b=c", 0, "3 ");
	assert_select(s, "tag:kernel=6.1", -ENOENT, "");
	assert_select(s, "label:y", -ENOENT, "");
	assert_select(s, "#4", -ENOENT, "");
	assert_select(s, "tag:kernel", -EINVAL, "");
	assert_select(s, "last:0", -EINVAL, "");
	assert_select(s, "last:-1", -EINVAL, "");
	assert_select(s, "#99999999999999999999", -EINVAL, "");
	assert_select(s, "newest", -EINVAL, "");
	assert_select(s, "", -EINVAL, "");
	mp_store_close(s);
}

/* ---- what a machine remembers ---- */

static void test_memory(void **state)
{
	struct mp_store *s = must_open(scratch.file, MP_STORE_WRITE);
	struct mp_err err = { 0 };
	double mul, add;
	uint64_t ops = 5;

	(void)state;
	assert_int_equal(mp_store_pin_get(s, "m", "a/b=1", 1, &ops, &err), 0);
	assert_int_equal(ops, 0);
	assert_int_equal(mp_store_pin_set(s, "m", "a/b=1", 1, 400, &err), 0);
	assert_int_equal(mp_store_pin_set(s, "m", "a/b=1", 1, 500, &err), 0);
	assert_int_equal(mp_store_pin_set(s, "m", "a/b=1", 2, 600, &err), 0);
	assert_int_equal(mp_store_pin_get(s, "m", "a/b=1", 1, &ops, &err), 0);
	assert_int_equal(ops, 500);
	assert_true(mp_store_pin_set(s, "m", "a/b=1", 1, 0, &err) < 0);
	assert_int_equal(mp_store_probe_get(s, "m", "p", &mul, &add, &err), 0);
	assert_true(isnan(mul) && isnan(add));
	assert_int_equal(mp_store_probe_set(s, "m", "p", 300, 150, &err), 0);
	assert_int_equal(mp_store_probe_set(s, "m", "p", 310, 140, &err), 0);
	assert_int_equal(mp_store_probe_set(s, "m", "e", 500, 450, &err), 0);
	assert_int_equal(mp_store_probe_get(s, "m", "p", &mul, &add, &err), 0);
	assert_near(mul, 300, 0);
	assert_near(add, 140, 0);
	assert_int_equal(mp_store_probe_get(s, "m", "e", &mul, &add, &err), 0);
	assert_near(mul, 500, 0);
	assert_near(add, 450, 0);
	assert_int_equal(mp_store_probe_get(s, "m", "", &mul, &add, &err), 0);
	assert_true(isnan(mul) && isnan(add));
	assert_true(mp_store_probe_set(s, "m", "p", NAN, 140, &err) < 0);
	mp_store_close(s);
}

/* ---- the file ---- */

static void test_leaves_nothing(void **state)
{
	struct mp_store_info info;
	struct mp_err err = { 0 };
	struct mp_store *s;
	struct stat st;

	(void)state;
	make_file(scratch.file, 2, 3, 3);
	assert_false(beside("-wal") || beside("-shm") || beside("-journal"));
	s = must_open(scratch.file, MP_STORE_READ);
	assert_int_equal(mp_store_info(s, &info, &err), 0);
	assert_int_equal(info.schema_version, MP_SCHEMA_VERSION);
	assert_int_equal(info.runs, 2);
	assert_int_equal(info.machines, 1);
	assert_int_equal(info.cases, 6);
	assert_int_equal(info.invocations, 18);
	assert_int_equal(stat(scratch.file, &st), 0);
	assert_true(info.file_bytes == (uint64_t)st.st_size);
	assert_true(info.samples == 18 * (6 * 64 + 64 + 1));
	assert_int_equal(count_problems(s, true), 0);
	mp_store_close(s);
	assert_false(beside("-wal") || beside("-shm"));
}

/* A viewer looks on while a run is stored: it sees each invocation as soon as it is there. */
static void test_reader_beside_writer(void **state)
{
	struct mp_store *s = must_open(scratch.file, MP_STORE_WRITE), *reader;
	int64_t run = begin_run(s, NULL, NULL, 5), run_case = add_case(s, run, "4K", 4096, 5);
	struct mp_err err = { 0 };

	(void)state;
	reader = must_open(scratch.file, MP_STORE_READ);
	for (unsigned i = 0; i < 5; i++) {
		struct recipe recipe = {
			.ordinal = i, .ns = 1000, .call_blocks = 2, .call_ops = 40
		};
		double *values;
		size_t count;

		add_invocation(s, run_case, &recipe);
		assert_int_equal(mp_store_case_values(reader, run_case, MP_MODE_CALL,
						      MP_POPULATION_ALL, &values, &count, &err),
				 0);
		assert_int_equal(count, i + 1);
		free(values);
	}
	assert_true(mp_store_run_end(reader, run, "complete", 1, &err) < 0);
	assert_int_equal(err.kind, MP_ERR_INTERNAL);
	mp_store_close(s);
	mp_store_close(reader);
	/* Whoever writes next tidies up behind a reader that outlived the writer. */
	mp_store_close(must_open(scratch.file, MP_STORE_WRITE));
	assert_false(beside("-wal") || beside("-shm"));
	mp_store_close(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_invocations, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_each_stops, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_run, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_select, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_memory, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_leaves_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_reader_beside_writer, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

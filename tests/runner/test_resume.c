/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A run that goes on knows what it knew: what every kind of case had taught it, its failures, its speeds, what is left of its
 * pool. */
#include "runner/exec/record.h"

#include "results/points.h"
#include "runner/exec/purpose.h"
#include "tests/results/support.h"

#define N_CASES	    4
#define INVOCATIONS 5 /* of which one is an extra one */
#define S	    1000000000ull

/* The headline is a call's, a batch's because the clock does not resolve calls, a rate's; and one that fails. */
static const char *const names[N_CASES] = { "fault.throughput", "floor.getppid", "floor.loop",
					    "mmap.pair" };
static const struct recipe recipes[N_CASES] = {
	{ .rate_blocks = 6, .workers = 2, .ns = 900 },
	{ .call_blocks = 6, .call_ops = 64, .batch_blocks = 6, .ns = 1500 },
	{ .call_blocks = 6, .call_ops = 64, .batch_blocks = 6, .ns = 4 },
	{ .workers = 1 },
};

static struct mp_planned planned[N_CASES];
static struct mp_plan plan;
static struct mp_clocksource source;

static void make_run(struct mp_run *run, const struct mp_machine *machine)
{
	for (size_t i = 0; i < N_CASES; i++) {
		planned[i].bench = mp_bench_find(names[i]);
		assert_non_null(planned[i].bench);
		strcpy(planned[i].text, names[i]);
	}
	plan = (struct mp_plan){ .cases = planned,
				 .n_cases = N_CASES,
				 .n_runnable = N_CASES,
				 .invocations = INVOCATIONS - 1,
				 .pool_ns = 20 * S,
				 .measure_ns = 100000000,
				 .target = 0.02 };
	source = (struct mp_clocksource){ .name = "monotonic_raw",
					  .ns_per_tick = NS_PER_TICK,
					  .step_ns = STEP_NS,
					  .pair_p50_ns = PAIR_NS,
					  .clock = MP_CLOCK_RAW };
	assert_int_equal(mp_run_init(run, &plan, machine, &source, 1), 0);
	run->speeds.now = full_speed;
}

/* Invocations as they happen: learned, and stored. */
static void live(struct mp_store *s, struct mp_run *run, int64_t id)
{
	for (size_t i = 0; i < N_CASES; i++) {
		const struct mp_bench_info info = { .name = names[i],
						    .family = "f",
						    .summary = "s",
						    .timed = "t",
						    .unit = "call",
						    .version = planned[i].bench->version };
		const struct mp_params none = { 0 };
		int64_t run_case;

		assert_int_equal(mp_store_case_add(s, id, &info, names[i], &none, 8,
						   MP_OUTCOME_PENDING, NULL, &run_case, NULL),
				 0);
		for (unsigned n = 0; n < INVOCATIONS; n++) {
			struct recipe recipe = recipes[i];
			struct mp_invocation inv;
			struct mp_err err = { 0 };

			recipe.ordinal = n;
			recipe.seed = i;
			recipe.calm_of_10 = 10;
			recipe.batch_ops = 1000;
			recipe.ns += n;
			make_invocation(&recipe, &inv);
			if (i == 1 && n == 2)
				strcat(inv.layout, MP_LAYOUT_EXTENDED "30000000ns");
			if (i == 3) {
				inv.outcome = MP_OUTCOME_FAILED;
				strcpy(inv.reason, "spoilt");
			}
			assert_int_equal(mp_run_speeds_learn(&run->speeds, &inv), 0);
			assert_int_equal(mp_purpose_learn(run, &run->cases[i], &inv), 0);
			run->cases[i].done++;
			if (mp_store_invocation_add(s, run_case, &inv, STEP_NS, &err))
				fail_msg("%s", err.text);
			mp_invocation_done(&inv);
		}
	}
}

static void same(const struct mp_run_case *a, const struct mp_run_case *b)
{
	assert_int_equal(a->done, b->done);
	assert_int_equal(a->failures, b->failures);
	assert_int_equal(a->batch_ops, b->batch_ops);
	assert_int_equal(a->n_said, b->n_said);
	if (a->n_said)
		assert_memory_equal(a->said, b->said, a->n_said * sizeof(*a->said));
	assert_int_equal(a->spent_ns, b->spent_ns);
	assert_int_equal(a->n_moments, b->n_moments);
	for (size_t i = 0; i < a->n_moments; i++)
		assert_near(a->moments[i].mean, b->moments[i].mean, 0);
	assert_near(a->block_ns, b->block_ns, 0);
	assert_near(a->start_ns, b->start_ns, 0);
}

static void test_resumed_knows(void **state)
{
	struct scratch scratch;
	struct mp_machine *machine = NULL;
	struct mp_run before, after;
	struct mp_recorder rec;
	struct mp_err err = { 0 };
	struct mp_store *s;
	int64_t id;

	(void)state;
	scratch_make_fast(&scratch);
	s = must_open(scratch.file, MP_STORE_WRITE);
	assert_int_equal(mp_machine_open(&machine, &err), 0);
	make_run(&before, machine);
	make_run(&after, machine);
	id = begin_run(s, NULL, NULL, 1000);
	live(s, &before, id);
	if (mp_recorder_resume(&rec, s, id, &after, &err))
		fail_msg("%s", err.text);
	for (size_t i = 0; i < N_CASES; i++)
		same(&before.cases[i], &after.cases[i]);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(after.cases[i].n_said, INVOCATIONS);
	/* What failed has no value, whatever it measured before. */
	assert_int_equal(after.cases[3].n_said, 0);
	/* Four extra invocations of a quarter of a second, and what one of the others was extended by. */
	assert_int_equal(before.pool_ns, 20 * S - S - S / 100 * 3);
	assert_int_equal(after.pool_ns, before.pool_ns);
	assert_int_equal(after.before_ns, N_CASES * INVOCATIONS * S / 4);
	assert_near(after.cases[2].said[0].ns[mp_mode_index(MP_MODE_BATCH)][MP_POPULATION_ALL], 4,
		    0.01);
	assert_near(after.speeds.now.of[0].mul, before.speeds.now.of[0].mul, 0);
	assert_int_equal(after.cases[3].failures, INVOCATIONS);
	assert_string_equal(after.cases[3].why_stopped, "failing");
	mp_recorder_done(&rec);
	mp_run_done(&before);
	mp_run_done(&after);
	mp_machine_close(machine);
	mp_store_close(s);
	scratch_remove(&scratch);
}

/* Invocations of it that have a calm value, of any mode. */
static size_t calm(const struct mp_run_case *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n_said; i++)
		for (int m = 0; m < MP_MODE_COUNT; m++)
			if (!isnan(c->said[i].ns[m][MP_POPULATION_CALM])) {
				n++;
				break;
			}
	return n;
}

struct again {
	struct mp_run *run;
	struct mp_run_case *of;
};

static int learn_again(void *user, struct mp_invocation *inv)
{
	struct again *a = user;

	assert_true(mp_invocation_refer(inv, &a->run->speeds.now, NAN));
	return mp_purpose_learn_again(a->run, a->of, inv);
}

/* By a full speed that turns out to be a tenth faster, nothing was calm; what counts for the pool counted once. */
static void test_learned_again(void **state)
{
	struct scratch scratch;
	struct mp_machine *machine = NULL;
	struct mp_run run;
	struct mp_recorder rec;
	struct mp_sink sink;
	struct mp_err err = { 0 };
	struct mp_store *s;
	uint64_t pool;

	(void)state;
	scratch_make_fast(&scratch);
	s = must_open(scratch.file, MP_STORE_WRITE);
	assert_int_equal(mp_machine_open(&machine, &err), 0);
	make_run(&run, machine);
	live(s, &run, begin_run(s, NULL, NULL, 1000));
	mp_run_done(&run);
	make_run(&run, machine);
	if (mp_recorder_resume(&rec, s, 1, &run, &err))
		fail_msg("%s", err.text);
	sink = mp_recorder_sink(&rec);
	pool = run.pool_ns;
	assert_int_equal(calm(&run.cases[1]), INVOCATIONS);
	for (size_t i = 0; i < run.speeds.now.n; i++) {
		run.speeds.now.of[i].mul *= 0.9;
		run.speeds.now.of[i].add *= 0.9;
	}
	for (size_t i = 0; i < N_CASES; i++) {
		struct again again = { .run = &run, .of = &run.cases[i] };

		mp_purpose_forget(again.of);
		assert_int_equal(sink.recall(sink.user, &run, i, learn_again, &again, &err), 0);
		assert_int_equal(calm(again.of), 0);
		assert_int_equal(again.of->n_said, i < 3 ? INVOCATIONS : 0);
	}
	assert_int_equal(run.pool_ns, pool);
	assert_int_equal(run.cases[3].failures, INVOCATIONS);
	mp_recorder_done(&rec);
	mp_run_done(&run);
	mp_machine_close(machine);
	mp_store_close(s);
	scratch_remove(&scratch);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_resumed_knows),
		cmocka_unit_test(test_learned_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

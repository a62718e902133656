/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the tests of results/ share: invocations as a worker would leave them. Everything random
 * is drawn from fixed seeds.
 */
#ifndef TESTS_RESULTS_SUPPORT_H
#define TESTS_RESULTS_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/random.h"
#include "results/store.h"
#include "tests/results/scratch.h"

#define UNUSED __attribute__((unused))

/* cmocka's own compares as float. */
#define assert_near(a, b, slack)                                                                   \
	do {                                                                                       \
		double near_a = (a), near_b = (b);                                                 \
		if (!(fabs(near_a - near_b) <= (slack)))                                           \
			fail_msg(#a " is %.17g, not %.17g", near_a, near_b);                       \
	} while (0)

/* A clock like the one of an AMD guest: 10 ns steps, ticks of 1/2.445 ns. */
#define NS_PER_TICK 0.409
#define STEP_NS	    10.0
#define PAIR_NS	    30.0
#define MUL_REF	    1000.0
#define ADD_REF	    500.0

/* The second worker of an invocation sits on an efficiency core. */
static UNUSED const struct mp_full_speeds full_speed = {
	.of = { { "p", MUL_REF, ADD_REF }, { "e", 2 * MUL_REF, 3 * ADD_REF } }, .n = 2
};

/* How an invocation is to look. */
struct recipe {
	unsigned ordinal;
	double ns; /* true duration of the operation */
	unsigned call_blocks, call_ops, batch_blocks, batch_ops, rate_blocks, workers;
	unsigned calm_of_10; /* how many of ten blocks are calm */
	double batch_more; /* what rare calls add to an operation of a batch, ns */
	uint64_t seed;
};

static UNUSED uint32_t draw_ticks(struct mp_random *r, double ns)
{
	/* A clock that advances in steps: both ends are rounded down to one. */
	double start = (double)mp_random_below(r, 1000000) / 1000000 * STEP_NS;
	double steps = floor((start + ns) / STEP_NS);

	return (uint32_t)lrint(steps * STEP_NS / NS_PER_TICK);
}

static UNUSED void add_block(struct mp_invocation *inv, struct mp_random *r,
			     const struct recipe *recipe, enum mp_mode mode, enum mp_phase phase,
			     unsigned ops, unsigned worker)
{
	struct mp_block *b = &inv->blocks[inv->n_blocks++];
	bool calm = mp_random_below(r, 10) < recipe->calm_of_10;
	const struct mp_full_speed *speed = &full_speed.of[worker == 1];

	*b = (struct mp_block){ .start = inv->n_blocks * 100000,
				.ops = ops,
				.worker = (uint16_t)worker,
				.cpu = 1,
				.mode = (uint8_t)mode,
				.phase = (uint8_t)phase };
	for (int i = 0; i < 2; i++) {
		b->probe_mul[i] = (uint32_t)(speed->mul * (calm ? 1.01 : 1.3));
		b->probe_add[i] = (uint32_t)(speed->add * (calm ? 1.02 : 1.5));
	}
	if (mode != MP_MODE_CALL) {
		b->ticks = (uint64_t)llrint(
			ops * (recipe->ns * (calm ? 1 : 1.2) + recipe->batch_more) / NS_PER_TICK);
		return;
	}
	b->first_sample = (uint32_t)inv->n_samples;
	for (unsigned i = 0; i < ops; i++) {
		uint32_t ticks = draw_ticks(r, recipe->ns * (calm ? 1 : 1.2));

		inv->samples[inv->n_samples++] = ticks;
		b->ticks += ticks;
	}
}

static UNUSED void make_invocation(const struct recipe *recipe, struct mp_invocation *inv)
{
	struct mp_random r = { recipe->seed + recipe->ordinal * 77 };
	unsigned blocks = recipe->call_blocks + recipe->batch_blocks +
			  recipe->rate_blocks * recipe->workers + 4;

	*inv = (struct mp_invocation){ .ordinal = recipe->ordinal,
				       .seed = UINT64_MAX - recipe->ordinal,
				       .started_ns = 1700000000000000000 + recipe->ordinal,
				       .duration_ns = 250000000,
				       .outcome = MP_OUTCOME_OK,
				       .layout = "env=1234 stack=560",
				       .cpus = "1",
				       .vma_count = 21,
				       .batch_ops = recipe->batch_ops,
				       .clock_ns_per_tick = NS_PER_TICK,
				       .mul_reference = MUL_REF,
				       .add_reference = ADD_REF };
	inv->blocks = calloc(blocks, sizeof(*inv->blocks));
	inv->samples = calloc((size_t)(recipe->call_blocks + 4) * (recipe->call_ops + 1),
			      sizeof(*inv->samples));
	inv->checks = calloc(2, sizeof(*inv->checks));
	assert_true(inv->blocks && inv->samples && inv->checks);
	inv->seats = calloc(2, sizeof(*inv->seats));
	assert_non_null(inv->seats);
	inv->n_seats = 2;
	inv->seats[0] = (struct mp_seating){ .cpu = 1,
					     .cpu_end = 1,
					     .speed = { .kind = "p" },
					     .memory = "interleave",
					     .nodes = "0-1",
					     .looked = true,
					     .pages = 1023,
					     .page_nodes = "0=512 1=511" };
	inv->seats[1] = (struct mp_seating){
		.cpu = 3, .cpu_end = -1, .speed = full_speed.of[1], .memory = "default"
	};
	inv->n_checks = 2;
	strcpy(inv->checks[0].name, "faults");
	strcpy(inv->checks[0].detail, "want 64, got 64");
	strcpy(inv->checks[1].name, "vma_count");
	inv->checks[0].passed = inv->checks[1].passed = recipe->call_blocks;
	add_block(inv, &r, recipe, MP_MODE_CALL, MP_PHASE_FIRST, 1, 0);
	if (recipe->call_ops)
		add_block(inv, &r, recipe, MP_MODE_CALL, MP_PHASE_WARMUP, recipe->call_ops, 0);
	for (unsigned i = 0; i < recipe->call_blocks || i < recipe->batch_blocks; i++) {
		if (i < recipe->call_blocks)
			add_block(inv, &r, recipe, MP_MODE_CALL, MP_PHASE_MEASURE, recipe->call_ops,
				  0);
		if (i < recipe->batch_blocks)
			add_block(inv, &r, recipe, MP_MODE_BATCH, MP_PHASE_MEASURE,
				  recipe->batch_ops, 0);
	}
	for (unsigned i = 0; i < recipe->rate_blocks * recipe->workers; i++)
		add_block(inv, &r, recipe, MP_MODE_RATE, MP_PHASE_MEASURE, recipe->batch_ops,
			  i % recipe->workers);
}

/* ---- a run with one case ---- */

static UNUSED int64_t begin_run(struct mp_store *s, const char *uuid, const char *label,
				int64_t started)
{
	struct mp_run_info info = { .machine = "m-0123",
				    .host = "host",
				    .label = label,
				    .suite = "quick",
				    .suite_text = "suite = \"quick\";",
				    .plan_json = "{\"cases\": []}",
				    .options_json = "{\"invocations\": 10}",
				    .version = "0.1.0",
				    .commit = "abc",
				    .seed = 0xfedcba9876543210,
				    .started_ns = started,
				    .budget_s = 90,
				    .estimate_s = NAN,
				    .clock = "tsc",
				    .clock_why = "constant and nonstop",
				    .clock_ns_per_tick = NS_PER_TICK,
				    .clock_step_ns = STEP_NS,
				    .clock_pair_ns = PAIR_NS };
	struct mp_err err = { 0 };
	int64_t run = 0;

	if (uuid)
		strcpy(info.uuid, uuid);
	if (mp_store_run_begin(s, &info, &run, &err))
		fail_msg("%s", err.text);
	assert_int_equal(strlen(info.uuid), 36);
	return run;
}

static UNUSED int64_t add_case(struct mp_store *s, int64_t run, const char *size, uint64_t bytes,
			       unsigned planned)
{
	const struct mp_bench_info bench = { .name = "mmap.anon",
					     .family = "mmap",
					     .summary = "map anonymous memory",
					     .timed = "the mmap call; munmap is outside",
					     .unit = "call",
					     .bytes_axis = "size",
					     .version = 3 };
	struct mp_params params = { .count = 2 };
	struct mp_err err = { 0 };
	char text[MP_CASE_TEXT_MAX];
	int64_t run_case = 0;

	strcpy(params.items[0].axis, "populate");
	strcpy(params.items[0].word, "no");
	params.items[0].kind = MP_AXIS_FLAG;
	strcpy(params.items[1].axis, "size");
	strcpy(params.items[1].word, size);
	params.items[1].kind = MP_AXIS_SIZE;
	params.items[1].number = bytes;
	assert_int_equal(mp_case_text("mmap.anon", &params, text), 0);
	if (mp_store_case_add(s, run, &bench, text, &params, planned, MP_OUTCOME_PENDING, NULL,
			      &run_case, &err))
		fail_msg("%s", err.text);
	return run_case;
}

static UNUSED void add_invocation(struct mp_store *s, int64_t run_case, const struct recipe *recipe)
{
	struct mp_invocation inv;
	struct mp_err err = { 0 };

	make_invocation(recipe, &inv);
	if (mp_store_invocation_add(s, run_case, &inv, STEP_NS, &err))
		fail_msg("%s", err.text);
	mp_invocation_done(&inv);
}

static UNUSED void finish_case(struct mp_store *s, int64_t run_case, const char *why)
{
	struct mp_err err = { 0 };

	if (mp_store_case_finish(s, run_case, &full_speed, STEP_NS, PAIR_NS, why, &err))
		fail_msg("%s", err.text);
}

static UNUSED struct mp_store *must_open(const char *path, enum mp_store_open how)
{
	struct mp_store *s = NULL;
	struct mp_err err = { 0 };

	if (mp_store_open(path, how, &s, &err))
		fail_msg("%s", err.text);
	return s;
}

static UNUSED void print_problem(void *user, const char *text)
{
	(void)user;
	fprintf(stderr, "problem: %s\n", text);
}

static UNUSED unsigned count_problems(struct mp_store *s, bool loud)
{
	struct mp_err err = { 0 };
	unsigned problems = 0;

	if (mp_store_check(s, loud ? print_problem : NULL, NULL, &problems, &err))
		fail_msg("%s", err.text);
	return problems;
}

/* A whole file with `runs` runs of `cases` cases. */
static UNUSED void make_file(const char *path, unsigned runs, unsigned cases, unsigned invocations)
{
	struct mp_store *s = must_open(path, MP_STORE_WRITE);
	struct mp_err err = { 0 };

	for (unsigned i = 0; i < runs; i++) {
		int64_t run = begin_run(s, NULL, NULL, 1000 + i);

		for (unsigned c = 0; c < cases; c++) {
			char size[16];
			int64_t run_case;

			snprintf(size, sizeof(size), "%uK", 4 * (c + 1));
			run_case = add_case(s, run, size, 4096ull * (c + 1), invocations);
			for (unsigned n = 0; n < invocations; n++) {
				struct recipe recipe = { .ordinal = n,
							 .ns = 1500 + 10 * c + n,
							 .call_blocks = 6,
							 .call_ops = 64,
							 .batch_blocks = 6,
							 .batch_ops = 100,
							 .calm_of_10 = 8,
							 .seed = i * 1000 + c };

				add_invocation(s, run_case, &recipe);
			}
			finish_case(s, run_case, "planned");
		}
		assert_int_equal(mp_store_run_end(s, run, "complete", 2000 + i, &err), 0);
	}
	mp_store_close(s);
}

#endif

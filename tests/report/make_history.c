/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A results file with a history: make_history FILE NIGHTS CASES [STEP_NIGHT [SEED]].
 *
 * Only what a history reads is made: runs, facts, cases and their headlines, with 2 % noise. From STEP_NIGHT on the
 * first case is 10 % slower. On the night in the middle there is another kernel, and nothing else.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/random.h"
#include "results/store_internal.h"

#define DAY 86400000000000ll

static void must(int rc, const struct mp_err *err)
{
	if (rc) {
		fprintf(stderr, "%s\n", err->text);
		exit(1);
	}
}

static double normal(struct mp_random *r)
{
	double u = ((double)mp_random_below(r, 1u << 30) + 0.5) / (1u << 30);
	double v = (double)mp_random_below(r, 1u << 30) / (1u << 30);

	return sqrt(-2 * log(u)) * cos(2 * M_PI * v);
}

static int64_t begin(struct mp_store *s, long night, long nights)
{
	const struct mp_fact kernel = { "kernel",
					"release",
					night < nights / 2 ? "6.1" : "6.2",
					"uname(2)",
					"boot",
					3,
					"the code under test" };
	struct mp_run_info info = { .machine = "m-made",
				    .host = "made",
				    .suite = "nightly",
				    .suite_text = "suite = \"nightly\";",
				    .version = "1.0",
				    .commit = "",
				    .started_ns = 1700000000000000000 + night * DAY,
				    .budget_s = NAN,
				    .estimate_s = NAN,
				    .clock = "tsc",
				    .clock_why = "made",
				    .clock_ns_per_tick = 0.5,
				    .clock_step_ns = 1,
				    .clock_pair_ns = 20 };
	struct mp_err err;
	int64_t run;

	snprintf(info.uuid, sizeof(info.uuid), "00000000-0000-4000-8000-%012lu",
		 (unsigned long)(night + 1) % 1000000000000UL);
	must(mp_store_run_begin(s, &info, &run, &err), &err);
	must(mp_store_run_fact(s, run, &kernel, &err), &err);
	return run;
}

static int64_t make_case(struct mp_store *s, long index)
{
	static const char *const families[] = { "mmap", "brk", "fault", "munmap" };
	struct mp_params params = { .count = 1 };
	char name[64], text[MP_CASE_TEXT_MAX];
	struct mp_bench_info bench = { .name = name,
				       .family = families[index % 4],
				       .summary = "made",
				       .timed = "nothing",
				       .unit = "call",
				       .bytes_axis = "",
				       .version = 1 };
	struct mp_err err;
	int64_t id;

	snprintf(name, sizeof(name), "%s.made", bench.family);
	snprintf(params.items[0].axis, sizeof(params.items[0].axis), "n");
	snprintf(params.items[0].word, sizeof(params.items[0].word), "%ld", index);
	params.items[0].kind = MP_AXIS_COUNT;
	params.items[0].number = (uint64_t)index;
	if (mp_case_text(name, &params, text))
		exit(1);
	must(mp_store_kase(s, &bench, text, &params, &id, &err), &err);
	return id;
}

static void add_value(struct mp_store *s, int64_t run, int64_t kase, double value)
{
	struct mp_err err;
	struct mp_query q;

	must(mp_query_open(s, &q,
			   "INSERT INTO run_case (run_id, case_id, planned, outcome, reason, "
			   "why_stopped, mode, population, n, value_ns, low_ns, high_ns, level, cv)"
			   " VALUES (:run, :kase, 10, 'ok', '', 'planned', 'call', 'calm', 10, "
			   ":value,"
			   " :value * 0.99, :value * 1.01, 0.95, 0.02)",
			   &err),
	     &err);
	mp_bind_int(&q, ":run", run);
	mp_bind_int(&q, ":kase", kase);
	mp_bind_real(&q, ":value", value);
	must(mp_query_run(&q, "make", &err), &err);
}

int main(int argc, char **argv)
{
	long nights = argc > 2 ? atol(argv[2]) : 0, cases = argc > 3 ? atol(argv[3]) : 0;
	long step = argc > 4 ? atol(argv[4]) : nights;
	struct mp_random r = { argc > 5 ? (uint64_t)atol(argv[5]) : 1 };
	int64_t *ids = calloc((size_t)cases + 1, sizeof(*ids));
	struct mp_store *s;
	struct mp_err err;

	if (nights < 1 || cases < 1 || !ids) {
		fprintf(stderr, "usage: make_history FILE NIGHTS CASES [STEP_NIGHT [SEED]]\n");
		return 2;
	}
	must(mp_store_open(argv[1], MP_STORE_WRITE, &s, &err), &err);
	for (long c = 0; c < cases; c++)
		ids[c] = make_case(s, c);
	for (long n = 0; n < nights; n++) {
		int64_t run = begin(s, n, nights);

		must(mp_tx_begin(s, MP_TX_SOON, &err), &err);
		for (long c = 0; c < cases; c++)
			add_value(s, run, ids[c],
				  100.0 * (double)(c + 1) * exp(0.02 * normal(&r)) *
					  (c == 0 && n >= step ? 1.10 : 1));
		must(mp_tx_end(s, 0, "make", &err), &err);
		must(mp_store_run_end(s, run, "complete",
				      1700000000000000000 + n * DAY + 600000000000, &err),
		     &err);
	}
	mp_store_close(s);
	free(ids);
	return 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Makes results files for the tests of the commands, through the store's own interface, the same bytes of meaning
 * every time: make_db FILE base|change|again|planted|few|empty|levels|whole, or make_db FILE many|calls|counted CASES SEED
 * [INVOCATIONS [FACTOR]]. A second call adds a run. FACTOR: of the times of the first case.
 *
 * base: every outcome at least once. change: the same suite on another kernel, with one case slower, one faster,
 * one too noisy, one missing, one new, one of another definition. again: base with other noise. planted: a run with
 * a planted fault. few: two invocations. empty: a run without cases. levels: one case with two modes,
 * a third of its invocations never settling,
 * with one counter that has a number and one that has none, of a group with prose that was not asked for as a whole. whole: every
 * outcome in two invocations, and a row in every table. many: batches alone; calls: single calls, too;
 * counted: counters, too, where case n has 10 n faults an operation (of an even SEED twice as many where n is odd), and the
 * second one drifts, the third has two modes, the counters of the fourth took turns, the fifth costs much to time, and the first
 * invocation of the sixth stands apart; an even SEED has another topology, suite text and commit.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/random.h"
#include "common/units.h"
#include "report/statistics/special.h"
#include "results/judgement.h"
#include "results/store.h"
#include "tests/results/counts_made.h"

#define STEP  10.0 /* ns; the clock of the fixture advances in these */
#define PAIR  30.0
#define SPEED 1000 /* probe ticks at full speed */

static const struct mp_full_speeds full_speed = { .of = { { "", SPEED, SPEED } }, .n = 1 };

struct fixture {
	const char *text; /* benchmark/axis=value/... */
	double ns;
	enum mp_outcome outcome;
	const char *reason;
	unsigned modes;
};

#define CALL_BATCH (MP_MODE_CALL | MP_MODE_BATCH)
#define NO_MODULE  "the memperf module is not loaded; load it with 'insmod build/kmod/memperf.ko'"

static const struct fixture cases[] = {
	{ "brk.grow/size=4K/threads=1", 0, MP_OUTCOME_FAILED, "brk: Cannot allocate memory", 0 },
	{ "fault.anon/size=2M/thp=never/threads=1", 520, MP_OUTCOME_OK, "", CALL_BATCH },
	{ "fault.anon/size=2M/thp=never/threads=4", 1900, MP_OUTCOME_OK, "", MP_MODE_RATE },
	{ "fault.thp/size=2M/threads=1", 61000, MP_OUTCOME_INVALID,
	  "check 'huge' failed: 4096 kB in small pages", CALL_BATCH },
	{ "floor.clock", 24, MP_OUTCOME_OK, "", MP_MODE_BATCH },
	{ "floor.null_syscall", 172, MP_OUTCOME_OK, "", CALL_BATCH },
	{ "kmod.kmalloc/size=32", 0, MP_OUTCOME_SKIPPED, NO_MODULE, 0 },
	{ "kmod.kmalloc/size=4K", 0, MP_OUTCOME_SKIPPED, NO_MODULE, 0 },
	{ "kmod.kmalloc/size=512", 0, MP_OUTCOME_SKIPPED, NO_MODULE, 0 },
	{ "kmod.vmalloc/size=2M", 0, MP_OUTCOME_SKIPPED, NO_MODULE, 0 },
	{ "mmap.anon/populate=no/size=1G/threads=1", 1260, MP_OUTCOME_OK, "", CALL_BATCH },
	{ "mmap.anon/populate=no/size=2M/threads=1", 1240, MP_OUTCOME_OK, "", CALL_BATCH },
	{ "mmap.anon/populate=no/size=4K/threads=1", 1180, MP_OUTCOME_OK, "", CALL_BATCH },
	{ "mmap.anon/populate=yes/size=2M/threads=1", 262000, MP_OUTCOME_OK, "", CALL_BATCH },
	{ "mmap.anon/populate=yes/size=4K/threads=1", 1810, MP_OUTCOME_OK, "", CALL_BATCH },
	{ "mremap.move/size=2M/threads=1", 0, MP_OUTCOME_TIMED_OUT, "no end after 30 s", 0 },
	{ "munmap.anon/size=2M/threads=1", 31400, MP_OUTCOME_OK, "", CALL_BATCH },
	{ "munmap.anon/size=4K/threads=1", 980, MP_OUTCOME_OK, "", CALL_BATCH },
	{ "shm.attach/size=2M/threads=1", 0, MP_OUTCOME_PENDING, "", 0 },
};

struct change {
	const char *text;
	double factor, noise;
	bool gone;
	unsigned version;
};

static const struct change changes[] = {
	{ "brk.grow/size=4K/threads=1", 1, 0.005, false, 1 },
	{ "fault.anon/size=2M/thp=never/threads=1", 1, 0.005, false, 2 },
	{ "mmap.anon/populate=no/size=1G/threads=1", 1, 0.3, false, 1 },
	{ "mmap.anon/populate=yes/size=2M/threads=1", 1.1, 0.005, false, 1 },
	{ "munmap.anon/size=2M/threads=1", 0.8, 0.005, false, 1 },
	{ "munmap.anon/size=4K/threads=1", 1, 0.005, true, 1 },
};

struct maker {
	struct mp_store *store;
	const char *kind;
	int64_t run;
	unsigned invocations;
	bool levels; /* every third invocation is at another level and did not settle */
	bool counted, twice;
	bool whole; /* a row in every table */
	unsigned nth; /* case of "counted" */
	char uuid[37];
	struct mp_random random;
	struct mp_err err;
};

static void die(const struct maker *m)
{
	fprintf(stderr, "make_db: %s\n", m->err.text);
	exit(1);
}

static double noise(struct maker *m, double sd)
{
	double u = ((double)(mp_random_next(&m->random) >> 11) + 0.5) * 0x1p-53;

	return exp(sd * mp_special_normal_quantile(u));
}

static void params_of(const char *text, struct mp_params *params)
{
	memset(params, 0, sizeof(*params));
	for (const char *at = strchr(text, '/'); at; at = strchr(at, '/')) {
		struct mp_param *p = &params->items[params->count++];
		const char *equals = strchr(++at, '=');

		memcpy(p->axis, at, (size_t)(equals - at));
		memcpy(p->word, equals + 1, strcspn(equals + 1, "/"));
		p->kind = !strcmp(p->axis, "size")	? MP_AXIS_SIZE
			  : !strcmp(p->axis, "threads") ? MP_AXIS_COUNT
			  : !strcmp(p->axis, "n")	? MP_AXIS_COUNT
			  : !strcmp(p->axis, "thp")	? MP_AXIS_CHOICE
							: MP_AXIS_FLAG;
		if (p->kind == MP_AXIS_FLAG)
			p->number = !strcmp(p->word, "yes");
		else if (p->kind != MP_AXIS_CHOICE)
			mp_size_parse(p->word, &p->number);
	}
}

static void add_block(struct mp_invocation *inv, enum mp_mode mode, double ns, bool calm,
		      struct maker *m)
{
	struct mp_block *b = &inv->blocks[inv->n_blocks++];
	uint32_t probe = calm ? SPEED : SPEED * 14 / 10;

	*b = (struct mp_block){ .mode = (uint8_t)mode,
				.phase = MP_PHASE_MEASURE,
				.ops = mode == MP_MODE_CALL ? 200 : 500,
				.probe_mul = { SPEED, SPEED },
				.probe_add = { probe, probe },
				.start = inv->n_blocks * 1000000 };
	if (!calm)
		ns *= 1.35;
	if (mode != MP_MODE_CALL) {
		b->ticks = (uint64_t)(ns * b->ops);
		return;
	}
	b->first_sample = (uint32_t)inv->n_samples;
	for (uint32_t i = 0; i < b->ops; i++) {
		double one = (i % 60 == 59 ? 2.5 * ns : ns * noise(m, 0.01)) + PAIR;
		uint32_t ticks = (uint32_t)(floor(one / STEP + 0.5) * STEP);

		inv->samples[inv->n_samples++] = ticks;
		b->ticks += ticks;
	}
}

static void add_invocation(struct maker *m, const struct fixture *f, int64_t run_case,
			   unsigned ordinal, double ns)
{
	static const enum mp_mode modes[] = { MP_MODE_CALL, MP_MODE_BATCH, MP_MODE_RATE };
	struct mp_check_result check = { .name = "result", .passed = 12, .detail = "as wanted" };
	struct mp_seating seat = { .cpu = 1,
				   .cpu_end = 1,
				   .memory = "interleave",
				   .nodes = "0-1",
				   .looked = true,
				   .pages = 1023,
				   .page_nodes = "0=512 1=511" };
	struct mp_invocation inv = {
		.ordinal = ordinal,
		.seed = mp_random_next(&m->random),
		.started_ns = 1767225600000000000 + (int64_t)ordinal * 1000000000,
		.duration_ns = 50000000,
		.outcome = f->outcome,
		.layout = "env=16 stack=32",
		.cpus = "1",
		.vma_count = 20,
		.batch_ops = 500,
		.clock_ns_per_tick = 1,
		.mul_reference = SPEED,
		.add_reference = SPEED,
		.checks = &check,
		.n_checks = 1,
		.seats = m->whole ? &seat : NULL,
		.n_seats = m->whole,
	};

	snprintf(inv.reason, sizeof(inv.reason), "%s", f->reason);
	if (m->levels)
		inv.steady = ordinal % 3 ? MP_STEADY_FLAT : MP_STEADY_UNSTEADY;
	if (f->outcome == MP_OUTCOME_INVALID) {
		check.passed = 0;
		check.failed = 12;
	}
	inv.blocks = calloc(12, sizeof(*inv.blocks));
	inv.samples = calloc(12 * 200, sizeof(*inv.samples));
	for (size_t k = 0; k < 3; k++) {
		for (int i = 0; i < 4 && f->modes & modes[k]; i++)
			add_block(&inv, modes[k], ns, i != 3, m);
	}
	if (mp_store_invocation_add(m->store, run_case, &inv, STEP, &m->err))
		die(m);
	free(inv.blocks);
	free(inv.samples);
}

/* A fault an operation, counted half of the time; cycles by kind of core; nothing to count misses by; and two memory
 * controllers, summed. */
static void add_counters(struct maker *m, int64_t run_case)
{
	struct mp_count counts[] = { made_scaled(500, 500), made_on(0, 2000, 250),
				     made_on(1, 4500, 250), made_unavailable(500) };
	const struct mp_count region = made_region(32000, 500);
	struct mp_counted what = *counts[0].what;

	what.note = "those of the kernel included";
	counts[0].what = &what;
	if (mp_store_counters_add(m->store, run_case, "explain", 0, counts, 4, &m->err) ||
	    mp_store_counters_add(m->store, run_case, "bandwidth", 0, &region, 1, &m->err))
		die(m);
}

static void add_counted(struct maker *m, int64_t run_case)
{
	double faults = 500 * 10.0 * m->nth * (m->twice && m->nth % 2 ? 2 : 1);
	const struct mp_count counts[] = {
		m->nth == 3 ? made_scaled(faults, 500) : made_measured(faults, 500),
		made_on(0, 500 * fmax(0, 1000 - 10.0 * m->nth), 500),
	};

	if (mp_store_counters_add(m->store, run_case, "explain", 0, counts, 2, &m->err))
		die(m);
}

/* Of an invocation's time, beside noise. */
static double course(const struct maker *m, unsigned invocation)
{
	if (m->levels || (m->counted && m->nth == 2))
		return invocation % 3 == 0 ? 1.3 : 1;
	if (m->counted && m->nth == 5)
		return invocation ? 1 : 1.2;
	return m->counted && m->nth == 1 ? 1 + 0.01 * invocation : 1;
}

static void add_case(struct maker *m, const struct fixture *f, double factor, double sd,
		     unsigned version)
{
	char bench[64], family[64], summary[128];
	struct mp_bench_info info = {
		.name = bench,
		.family = family,
		.summary = summary,
		.timed = "the call alone; setting up and taking down are outside",
		.unit = "call",
		.bytes_axis = "",
		.version = version
	};
	struct mp_params params;
	enum mp_outcome first =
		f->outcome == MP_OUTCOME_SKIPPED ? MP_OUTCOME_SKIPPED : MP_OUTCOME_PENDING;
	int64_t run_case;

	snprintf(bench, sizeof(bench), "%.*s", (int)strcspn(f->text, "/"), f->text);
	snprintf(family, sizeof(family), "%.*s", (int)strcspn(f->text, "."), f->text);
	snprintf(summary, sizeof(summary), "a fixture that stands for %s", bench);
	params_of(f->text, &params);
	if (mp_store_case_add(m->store, m->run, &info, f->text, &params, m->invocations, first,
			      first == MP_OUTCOME_SKIPPED ? f->reason : NULL, &run_case, &m->err))
		die(m);
	if (f->outcome == MP_OUTCOME_SKIPPED || f->outcome == MP_OUTCOME_PENDING)
		return;
	for (unsigned i = 0; i < m->invocations; i++)
		add_invocation(m, f, run_case, i, f->ns * factor * noise(m, sd) * course(m, i));
	if (m->levels || m->whole)
		add_counters(m, run_case);
	if (m->counted)
		add_counted(m, run_case);
	if (mp_store_case_finish(m->store, run_case, &full_speed, STEP, PAIR, "target", &m->err))
		die(m);
}

static void add_fact(struct maker *m, const char *group, const char *key, const char *value,
		     int weight, const char *why)
{
	struct mp_fact fact = { .group = group,
				.key = key,
				.value = value,
				.origin = value ? "fixture" : "fixture: no such file",
				.volatility = weight ? "boot" : "now",
				.weight = weight,
				.why = why };

	if (mp_store_run_fact(m->store, m->run, &fact, &m->err))
		die(m);
}

static void add_facts(struct maker *m, bool changed)
{
	add_fact(m, "kernel", "release", changed ? "6.19.0" : "6.18.0", 3,
		 "another kernel is another implementation");
	add_fact(m, "kernel", "page_size", "4096", 3, "the unit of all memory management");
	add_fact(m, "cpu", "model", "A Fixture 9000 CPU @ 2.40GHz", 3, "another core");
	add_fact(m, "clock", "hypervisor", "none", 3, "a guest walks two page tables");
	add_fact(m, "memory", "thp_enabled", changed ? NULL : "madvise", 3,
		 "whether faults get huge pages");
	add_fact(m, "scheduling", "load", changed ? "0.61" : "0.07", 0, "what else ran");
	if (!m->counted)
		return;
	add_fact(m, "cpu", "packages", "1", 2, "shootdowns between packages cost more");
	add_fact(m, "cpu", "cores", "4", 2, "how many threads run without sharing a core");
	add_fact(m, "cpu", "online", m->twice ? "0-3" : "0-7", 2, "more CPUs, longer shootdowns");
	add_fact(m, "numa", "online", "0", 2, "more nodes, more ways to be remote");
}

static void add_cases(struct maker *m)
{
	static const struct fixture extra = { "mmap.anon/populate=no/size=64K/threads=1", 1200,
					      MP_OUTCOME_OK, "", CALL_BATCH };
	bool changed = !strcmp(m->kind, "change");

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		static const struct change none = { "", 1, 0.005, false, 1 };
		struct fixture f = cases[i];
		const struct change *c = &none;

		for (size_t k = 0; changed && k < sizeof(changes) / sizeof(changes[0]); k++) {
			if (!strcmp(changes[k].text, f.text))
				c = &changes[k];
		}
		if (changed && f.outcome == MP_OUTCOME_FAILED) {
			f = (struct fixture){ f.text, 700, MP_OUTCOME_OK, "", CALL_BATCH };
			c = &none;
		}
		if (!c->gone)
			add_case(m, &f, c->factor, c->noise, c->version);
	}
	if (changed)
		add_case(m, &extra, 1, 0.005, 1);
}

/* One case of every outcome, one of them of several workers. */
static void add_outcomes(struct maker *m)
{
	static const unsigned some[] = { 0, 2, 3, 6, 11, 15, 18 };

	for (size_t i = 0; i < sizeof(some) / sizeof(some[0]); i++)
		add_case(m, &cases[some[i]], 1, 0.005, 1);
}

/* What is kept of a machine beside its runs, and what a run has seldom. */
static void add_rest(struct maker *m)
{
	static const char machine[] = "fixture-machine", text[] = "floor.null_syscall";
	const char *const runs[] = { m->uuid };
	const struct mp_baseline baseline = { .machine = machine,
					      .name = "default",
					      .made_ns = 1767225700000000000,
					      .author = "somebody",
					      .reason = "the release" };
	const struct mp_accepted accepted = { .machine = machine,
					      .case_text = text,
					      .metric = MP_METRIC_VALUE,
					      .bench_version = 1,
					      .run_uuid = m->uuid,
					      .run_started_ns = 1767225600000000000,
					      .made_ns = 1767225700000000000,
					      .state = "accepted",
					      .author = "somebody",
					      .reason = "a fix that costs this",
					      .link = "https://example.org/1" };
	const struct mp_suspect suspect = { .machine = machine,
					    .run_uuid = m->uuid,
					    .run_started_ns = 1767225600000000000,
					    .made_ns = 1767225700000000000,
					    .case_text = text,
					    .metric = MP_METRIC_VALUE,
					    .bench_version = 1,
					    .mode = MP_MODE_CALL,
					    .state = "confirmed",
					    .reason = "the confirm run says so",
					    .value = 190,
					    .reference = 172,
					    .reference_mad = 0.004,
					    .reference_runs = 9,
					    .deviations = 16,
					    .confirm_uuid = m->uuid,
					    .confirm_n = 12,
					    .confirm_value = 189,
					    .confirm_ratio = 1.1,
					    .confirm_p = 0.001 };

	if (mp_store_run_tag(m->store, m->run, "branch", "main", &m->err) ||
	    mp_store_run_topology(m->store, m->run, "<topology version=\"2.0\"/>", &m->err) ||
	    mp_store_run_drift(m->store, m->run, 1.5, &m->err) ||
	    mp_store_pin_set(m->store, machine, text, 1, 500, &m->err) ||
	    mp_store_probe_set(m->store, machine, "", SPEED, SPEED, &m->err) ||
	    mp_store_baseline_set(m->store, &baseline, runs, 1, &m->err) ||
	    mp_store_accept(m->store, &accepted, &m->err) ||
	    mp_store_suspect_set(m->store, &suspect, &m->err))
		die(m);
}

static void add_many(struct maker *m, unsigned count, double first)
{
	for (unsigned i = 0; i < count; i++) {
		char text[64];
		struct fixture f = { text, m->counted && i == 4 ? 150 : 1000 + i, MP_OUTCOME_OK, "",
				     !strcmp(m->kind, "many") ? MP_MODE_BATCH : CALL_BATCH };

		m->nth = i;
		snprintf(text, sizeof(text), "mmap.many%u/n=%u/size=4K/threads=1", i % 20, i);
		add_case(m, &f, i ? 1 : first, m->counted ? 0.002 : 0.01, 1);
	}
}

int main(int argc, char **argv)
{
	static const char *const kinds[] = { "base", "change", "again",	 "planted", "few",  "empty",
					     "many", "calls",  "levels", "counted", "whole" };
	struct maker m = { .invocations = 10 };
	struct mp_run_info info = {
		.machine = "fixture-machine",
		.host = "testhost",
		.suite = "quick",
		.suite_text = "suite text",
		.plan_json = "{}",
		.options_json = "{\"sabotage\": null}",
		.version = "0.1.0",
		.commit = "0123456789ab",
		.seed = 12345678901234567890ull,
		.budget_s = 600,
		.estimate_s = 90,
		.clock = "tsc",
		.clock_why = "all checks passed",
		.clock_ns_per_tick = 1,
		.clock_step_ns = STEP,
		.clock_pair_ns = PAIR,
	};
	size_t kind = 0;
	bool many;

	if (argc < 3)
		return 2;
	m.kind = argv[2];
	while (kind < 11 && strcmp(kinds[kind], m.kind))
		kind++;
	many = kind == 6 || kind == 7 || kind == 9;
	if (kind == 11 || (many && argc < 5))
		return 2;
	m.levels = kind == 8;
	m.counted = kind == 9;
	m.whole = kind == 10;
	m.random.state = many ? strtoull(argv[4], NULL, 10) : kind + 1;
	m.twice = m.counted && !(m.random.state % 2);
	if (m.twice) {
		info.suite_text = "another suite text";
		info.commit = "fedcba987654";
	}
	info.label = m.kind;
	info.started_ns = 1767225600000000000 + (int64_t)kind * 86400000000000;
	if (many) /* each its own night */
		info.started_ns += (int64_t)(m.random.state % 1000) * 86400000000000;
	if (!strcmp(m.kind, "planted"))
		info.options_json = "{\"sabotage\": \"touch\"}";
	if (m.levels)
		info.options_json =
			"{\"sabotage\": null, \"counters\": {\"group\": \"made\", \"title\": \"a "
			"pair\","
			" \"about\": \"Faults tell what was touched.\", \"not_asked\": ["
			"{\"metric\": \"page_allocs\", \"pass\": \"explain\"},"
			" {\"metric\": \"tlb_flushes\", \"pass\": \"explain\"},"
			" {\"metric\": \"dram_read_bytes\", \"pass\": \"bandwidth\"}]}}";
	if (m.whole || !strcmp(m.kind, "few"))
		m.invocations = 2;
	if (many && argc > 5)
		m.invocations = (unsigned)strtoul(argv[5], NULL, 10);
	if (mp_store_open(argv[1], MP_STORE_WRITE, &m.store, &m.err) ||
	    mp_store_run_begin(m.store, &info, &m.run, &m.err))
		die(&m);
	strcpy(m.uuid, info.uuid);
	add_facts(&m, !strcmp(m.kind, "change"));
	if (many)
		add_many(&m, (unsigned)strtoul(argv[3], NULL, 10),
			 argc > 6 ? strtod(argv[6], NULL) : 1);
	else if (m.levels)
		add_case(&m, &cases[12], 1, 0.002, 1);
	else if (m.whole)
		add_outcomes(&m);
	else if (strcmp(m.kind, "empty"))
		add_cases(&m);
	if (m.whole)
		add_rest(&m);
	if (mp_store_run_end(m.store, m.run, many ? "complete" : "interrupted",
			     info.started_ns + 83000000000, &m.err))
		die(&m);
	mp_store_close(m.store);
	return 0;
}

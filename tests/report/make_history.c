/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A results file with a history: make_history FILE NIGHTS CASES [PLANT]...
 *
 * Only what a history and a night read is made: runs, facts, cases and their headlines, with 2 % noise. Case i is of the
 * family mmap, brk, fault or munmap in turn. Every night has the tag nightly=night, and all but the last have a verdict,
 * good. Nights and cases count from 0. A plant is one word:
 *
 *	seed=N			of the noise
 *	noise=SHARE		in place of 0.02
 *	kernel=NIGHT		another kernel from that night on; default: none
 *	version=NIGHT		another memperf from that night on
 *	calm=SHARE		of the last night; all others have 0.7
 *	step=CASES@NIGHT*F	F times as much from that night on
 *	drift=CASES@NIGHT*F	the same, little by little until the last night
 *	outlier=CASES@NIGHT*F	on that night alone
 *	tail=CASES@NIGHT*F	p99 alone, from that night on
 *	spread=CASES@NIGHT*F	scatter between invocations alone, from that night on
 *	gone=CASES@NIGHT	not planned from that night on
 *	failed=CASES@NIGHT	planned, and failed, from that night on
 *	confirm=CASES*F		a confirm run of the last night, of ten invocations: those cases F times their level
 *	unread=CASES		in it, those cases failed
 *
 * CASES: 0, 0-9, or 0-38/2 (every second).
 */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/random.h"
#include "results/store_internal.h"

#define DAY   86400000000000ll
#define FIRST 1700000000000000000ll
#define FRESH 10 /* invocations of the confirm run */

struct plant {
	char kind[16];
	long first, last, each, night;
	double factor;
};

struct maker {
	struct mp_store *s;
	long nights, cases;
	struct mp_random random;
	double noise, calm;
	long kernel, version; /* nights; past the end: never */
	struct plant plants[32];
	size_t n_plants;
	int64_t *ids;
};

static void must(int rc, const struct mp_err *err)
{
	if (rc) {
		fprintf(stderr, "make_history: %s\n", err->text);
		exit(1);
	}
}

static double normal(struct mp_random *r)
{
	double u = ((double)mp_random_below(r, 1u << 30) + 0.5) / (1u << 30);
	double v = (double)mp_random_below(r, 1u << 30) / (1u << 30);

	return sqrt(-2 * log(u)) * cos(2 * M_PI * v);
}

/* ---- plants ---- */

static bool is(const struct plant *p, const char *kind, long index)
{
	return !strcmp(p->kind, kind) && index >= p->first && index <= p->last &&
	       (index - p->first) % p->each == 0;
}

/* Of the kind, on that case, from that night on? */
static bool holds(const struct maker *m, const char *kind, long index, long night)
{
	for (size_t i = 0; i < m->n_plants; i++)
		if (is(&m->plants[i], kind, index) && night >= m->plants[i].night)
			return true;
	return false;
}

static double factor(const struct maker *m, const char *kind, long index, long night)
{
	double product = 1;

	for (size_t i = 0; i < m->n_plants; i++)
		if (is(&m->plants[i], kind, index) && night >= m->plants[i].night)
			product *= m->plants[i].factor;
	return product;
}

/* What is planted on the value itself. */
static double value_factor(const struct maker *m, long index, long night)
{
	double product = factor(m, "step", index, night);

	for (size_t i = 0; i < m->n_plants; i++) {
		const struct plant *p = &m->plants[i];
		double way = (double)(night - p->night) / (double)(m->nights - 1 - p->night);

		if (is(p, "outlier", index) && night == p->night)
			product *= p->factor;
		if (is(p, "drift", index) && night > p->night)
			product *= pow(p->factor, way);
	}
	return product;
}

static void usage(const char *word)
{
	fprintf(stderr, "make_history: '%s'; FILE NIGHTS CASES [PLANT]..., see its source\n", word);
	exit(2);
}

/* CASES[@NIGHT][*F] */
static void read_plant(struct plant *p, const char *text, const char *word)
{
	char *end;

	p->first = p->last = strtol(text, &end, 10);
	if (*end == '-')
		p->last = strtol(end + 1, &end, 10);
	p->each = 1;
	if (*end == '/')
		p->each = strtol(end + 1, &end, 10);
	if (*end == '@')
		p->night = strtol(end + 1, &end, 10);
	p->factor = 1;
	if (*end == '*')
		p->factor = strtod(end + 1, &end);
	if (*end || p->each < 1)
		usage(word);
}

static void read_word(struct maker *m, const char *word)
{
	static const char *const kinds[] = { "step", "drift",  "outlier", "tail",  "spread",
					     "gone", "failed", "confirm", "unread" };
	const char *equals = strchr(word, '=');
	struct plant *p = &m->plants[m->n_plants];

	if (!equals || equals - word > 15 || m->n_plants == 32)
		usage(word);
	memcpy(p->kind, word, (size_t)(equals - word));
	if (!strcmp(p->kind, "seed"))
		m->random.state = strtoull(equals + 1, NULL, 10);
	else if (!strcmp(p->kind, "noise"))
		m->noise = strtod(equals + 1, NULL);
	else if (!strcmp(p->kind, "calm"))
		m->calm = strtod(equals + 1, NULL);
	else if (!strcmp(p->kind, "kernel"))
		m->kernel = strtol(equals + 1, NULL, 10);
	else if (!strcmp(p->kind, "version"))
		m->version = strtol(equals + 1, NULL, 10);
	else
		for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
			if (!strcmp(p->kind, kinds[i])) {
				read_plant(p, equals + 1, word);
				m->n_plants++;
				return;
			}
	if (strcmp(p->kind, "seed") && strcmp(p->kind, "noise") && strcmp(p->kind, "calm") &&
	    strcmp(p->kind, "kernel") && strcmp(p->kind, "version"))
		usage(word);
	*p = (struct plant){ 0 };
}

/* ---- rows ---- */

/* Night `night`, or its confirm run. */
static int64_t begin(struct maker *m, long night, bool confirms)
{
	const struct mp_fact kernel = { "kernel",
					"release",
					night < m->kernel ? "6.1" : "6.2",
					"uname(2)",
					"boot",
					3,
					"the code under test" };
	struct mp_run_info info = { .machine = "m-made",
				    .host = "made",
				    .suite = "nightly",
				    .suite_text = "suite = \"nightly\";",
				    .version = night < m->version ? "1.0" : "1.1",
				    .commit = "",
				    .started_ns = FIRST + night * DAY + (confirms ? DAY / 24 : 0),
				    .budget_s = NAN,
				    .estimate_s = NAN,
				    .clock = "tsc",
				    .clock_why = "made",
				    .clock_ns_per_tick = 0.5,
				    .clock_step_ns = 1,
				    .clock_pair_ns = 20 };
	char of[37];
	struct mp_err err;
	int64_t run;

	snprintf(info.uuid, sizeof(info.uuid), "00000000-0000-4000-%c000-%012lu",
		 confirms ? '9' : '8', (unsigned long)(night + 1) % 1000000000000UL);
	memcpy(of, info.uuid, sizeof(of));
	of[19] = '8';
	must(mp_store_run_begin(m->s, &info, &run, &err), &err);
	must(mp_store_run_fact(m->s, run, &kernel, &err), &err);
	must(mp_store_run_tag(m->s, run, confirms ? "confirms" : "nightly", confirms ? of : "night",
			      &err),
	     &err);
	if (!confirms && night + 1 < m->nights)
		must(mp_store_run_tag(m->s, run, "verdict", "good", &err), &err);
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

static int64_t add_failed(struct maker *m, int64_t run, long index)
{
	struct mp_err err;
	struct mp_query q;

	must(mp_query_open(m->s, &q,
			   "INSERT INTO run_case (run_id, case_id, planned, outcome, reason, "
			   "why_stopped) VALUES (:run, :kase, 10, 'failed', 'it broke', 'failing')",
			   &err),
	     &err);
	mp_bind_int(&q, ":run", run);
	mp_bind_int(&q, ":kase", m->ids[index]);
	must(mp_query_run(&q, "make", &err), &err);
	return sqlite3_last_insert_rowid(m->s->db);
}

/* p99: NaN for none */
static int64_t add_value(struct maker *m, int64_t run, long index, double value, double calm,
			 double cv, double p99)
{
	struct mp_err err;
	struct mp_query q;
	int64_t id;

	must(mp_query_open(
		     m->s, &q,
		     "INSERT INTO run_case (run_id, case_id, planned, outcome, reason, "
		     "why_stopped, mode, population, n, value_ns, low_ns, high_ns, level, cv, "
		     "calm_share) VALUES (:run, :kase, 10, 'ok', '', 'planned', 'call', "
		     "'calm', 10, :value, :value * 0.99, :value * 1.01, 0.95, :cv, :calm)",
		     &err),
	     &err);
	mp_bind_int(&q, ":run", run);
	mp_bind_int(&q, ":kase", m->ids[index]);
	mp_bind_real(&q, ":value", value);
	mp_bind_real(&q, ":cv", cv);
	mp_bind_real(&q, ":calm", calm);
	must(mp_query_run(&q, "make", &err), &err);
	id = sqlite3_last_insert_rowid(m->s->db);
	must(mp_query_open(m->s, &q,
			   "INSERT INTO summary (run_case_id, mode, population, metric, n, value, "
			   "low, high, level) VALUES (:id, 'call', 'calm', 'p99', 10, :p99, "
			   ":p99 * 0.9, :p99 * 1.1, 0.95)",
			   &err),
	     &err);
	mp_bind_int(&q, ":id", id);
	mp_bind_real(&q, ":p99", p99);
	must(mp_query_run(&q, "make", &err), &err);
	return id;
}

static void add_invocation(struct maker *m, int64_t run_case, int ordinal, double value)
{
	struct mp_err err;
	struct mp_query q;

	must(mp_query_open(m->s, &q,
			   "INSERT INTO invocation (run_case_id, ordinal, outcome, reason, seed, "
			   "started_ns, duration_ns, layout, cpus, nodes, vma_count, calm_limit, "
			   "steal_ns, blocks, flagged_blocks) VALUES (:id, :ordinal, 'ok', '', 1, "
			   "0, 0, '', '', '', 20, 1.1, 0, 10, 0)",
			   &err),
	     &err);
	mp_bind_int(&q, ":id", run_case);
	mp_bind_int(&q, ":ordinal", ordinal);
	must(mp_query_run(&q, "make", &err), &err);
	must(mp_query_open(
		     m->s, &q,
		     "INSERT INTO invocation_stat (invocation_id, mode, population, n, blocks,"
		     " mean, p50, p90, p99, min, max) VALUES (:id, 'call', 'calm', 2000, 10, "
		     ":value, :value, :value, :value, :value, :value)",
		     &err),
	     &err);
	mp_bind_int(&q, ":id", sqlite3_last_insert_rowid(m->s->db));
	mp_bind_real(&q, ":value", value);
	must(mp_query_run(&q, "make", &err), &err);
}

static double level(long index)
{
	return 100.0 * (double)(index + 1);
}

static void add_night(struct maker *m, long night)
{
	struct mp_err err;
	int64_t run = begin(m, night, false);
	double calm = night + 1 == m->nights ? m->calm : 0.7;

	must(mp_tx_begin(m->s, MP_TX_SOON, &err), &err);
	for (long c = 0; c < m->cases; c++) {
		/* Every case draws, so that a plant changes no other value. */
		double noise = normal(&m->random), value;
		double tail =
			1.5 * exp(m->noise * normal(&m->random)) * factor(m, "tail", c, night);
		double cv = 0.02 * exp(0.2 * normal(&m->random)) * factor(m, "spread", c, night);

		value = level(c) * exp(m->noise * noise) * value_factor(m, c, night);
		if (holds(m, "failed", c, night))
			add_failed(m, run, c);
		else if (!holds(m, "gone", c, night))
			add_value(m, run, c, value, calm, cv, value * tail);
	}
	must(mp_tx_end(m->s, 0, "make", &err), &err);
	must(mp_store_run_end(m->s, run, "complete", FIRST + night * DAY + 600000000000, &err),
	     &err);
}

static void add_confirm(struct maker *m)
{
	struct mp_err err;
	int64_t run = begin(m, m->nights - 1, true);

	must(mp_tx_begin(m->s, MP_TX_SOON, &err), &err);
	for (long c = 0; c < m->cases; c++) {
		double now = level(c) * factor(m, "confirm", c, 0);
		int64_t id;

		if (holds(m, "unread", c, 0)) {
			add_failed(m, run, c);
			continue;
		}
		id = add_value(m, run, c, now, 0.7, 0.02, 1.5 * now);
		for (int i = 0; i < FRESH; i++)
			add_invocation(m, id, i, now * exp(m->noise * normal(&m->random)));
	}
	must(mp_tx_end(m->s, 0, "make", &err), &err);
	must(mp_store_run_end(m->s, run, "complete", FIRST + m->nights * DAY, &err), &err);
}

int main(int argc, char **argv)
{
	struct maker m = { .nights = argc > 3 ? atol(argv[2]) : 0,
			   .cases = argc > 3 ? atol(argv[3]) : 0,
			   .random = { 1 },
			   .noise = 0.02,
			   .calm = 0.7 };
	struct mp_err err;
	bool confirms = false;

	m.ids = calloc((size_t)(m.cases > 0 ? m.cases : 0) + 1, sizeof(*m.ids));
	if (m.nights < 1 || m.cases < 1 || !m.ids)
		usage(argc > 1 ? argv[1] : "");
	m.kernel = m.version = m.nights;
	for (int i = 4; i < argc; i++)
		read_word(&m, argv[i]);
	must(mp_store_open(argv[1], MP_STORE_WRITE, &m.s, &err), &err);
	for (long c = 0; c < m.cases; c++)
		m.ids[c] = make_case(m.s, c);
	for (long n = 0; n < m.nights; n++)
		add_night(&m, n);
	for (size_t i = 0; i < m.n_plants; i++)
		confirms |= !strcmp(m.plants[i].kind, "confirm");
	if (confirms)
		add_confirm(&m);
	mp_store_close(m.s);
	free(m.ids);
	return 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads, checks, merges and writes results files of foreign rows: hostile_read() and its neighbours in hostile.h. */
#include "tests/fuzz/hostile.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "results/caveats.h"
#include "results/counts.h"
#include "results/detail.h"
#include "results/judgement.h"
#include "results/points.h"
#include "results/series.h"
#include "results/spread.h"
#include "results/store_internal.h"

/* Texts that are handed out are texts. */
static void look(const char *text)
{
	fuzz_must(!text || strlen(text) < 1u << 30);
}

/* What is being read. */
struct reading {
	struct mp_store *store;
	struct mp_err err;
	bool whole; /* nothing of it may be refused */
};

/* Whether the function answered. */
static bool judge(struct reading *r, int rc)
{
	if (rc)
		fuzz_sentence(&r->err);
	fuzz_must(!rc || rc == -ENOENT || !r->whole); /* there is nothing of the kind */
	r->err.text[0] = '\0';
	return !rc;
}

static int each_invocation(void *user, struct mp_invocation *inv)
{
	(void)user;
	look(inv->reason);
	for (size_t i = 0; i < inv->n_blocks; i++)
		fuzz_must(mp_block_valid(&inv->blocks[i], inv->n_samples));
	return 0;
}

static int each_fact(void *user, const struct mp_fact *fact)
{
	(void)user;
	look(fact->key);
	look(fact->value);
	return 0;
}

static int each_caveat(void *user, int64_t run_case, enum mp_caveat caveat)
{
	(void)user;
	(void)run_case;
	fuzz_must(caveat < MP_CAVEAT_COUNT);
	return 0;
}

static int each_baseline(void *user, const struct mp_baseline *b)
{
	(void)user;
	look(b->reason);
	return 0;
}

static int each_accepted(void *user, const struct mp_accepted *a)
{
	(void)user;
	look(a->link);
	return 0;
}

static int each_suspect(void *user, const struct mp_suspect *s)
{
	(void)user;
	look(s->reason);
	return 0;
}

static int each_counted(void *user, const struct mp_counted *c)
{
	(void)user;
	look(c->metric);
	return 0;
}

static int each_value(void *user, const struct mp_invocation_value *value)
{
	(void)user;
	look(value->reason);
	look(value->cpus);
	return 0;
}

static int each_check_total(void *user, const struct mp_check_total *check)
{
	(void)user;
	look(check->name);
	look(check->detail);
	return 0;
}

static int each_sibling(void *user, const struct mp_sibling *sibling)
{
	(void)user;
	look(sibling->word);
	return 0;
}

static int each_series_run(void *user, const struct mp_series_run *run)
{
	(void)user;
	look(run->uuid);
	look(run->label);
	return 0;
}

static int each_series_fact(void *user, int64_t run, const struct mp_fact *fact)
{
	(void)run;
	return each_fact(user, fact);
}

static int each_series_case(void *user, const struct mp_series_case *c)
{
	(void)user;
	look(c->text);
	return 0;
}

static int each_series_value(void *user, const struct mp_series_value *v)
{
	(void)user;
	look(v->reason);
	return 0;
}

/* What a close look at a case reads. */
static void read_detail(struct reading *r, const struct mp_case_row *row)
{
	struct mp_histogram h = { 0 };
	struct mp_params params;
	unsigned invocations;
	float *profiles;
	size_t n;

	judge(r, mp_store_case_histogram(r->store, row->run_case, MP_POPULATION_ALL, &h,
					 &invocations, &r->err));
	mp_histogram_done(&h);
	if (judge(r, mp_store_case_profiles(r->store, row->run_case, MP_POPULATION_CALM, &profiles,
					    &n, &r->err)))
		free(profiles);
	judge(r, mp_store_case_each_value(r->store, row->run_case, MP_MODE_CALL, each_value, NULL,
					  &r->err));
	judge(r, mp_store_case_checks(r->store, row->run_case, each_check_total, NULL, &r->err));
	if (judge(r, mp_store_case_params(r->store, row->run_case, &params, &r->err)) &&
	    params.count)
		judge(r, mp_store_case_siblings(r->store, row->run_case, row->text,
						params.items[0].axis, each_sibling, NULL, &r->err));
}

static void read_case(struct reading *r, const struct mp_case_row *row)
{
	struct mp_store *s = r->store;
	const int64_t id = row->run_case;
	struct mp_count_row *counts;
	struct mp_spread spread;
	double *values, value;
	size_t n;

	judge(r, mp_store_invocations(s, id, true, each_invocation, NULL, &r->err));
	for (int mode = MP_MODE_CALL; mode <= MP_MODE_RATE; mode *= 2) {
		if (judge(r, mp_store_case_values(s, id, (enum mp_mode)mode, MP_POPULATION_CALM,
						  &values, &n, &r->err)))
			free(values);
		judge(r, mp_store_summary_value(s, id, (enum mp_mode)mode, MP_POPULATION_ALL, "p99",
						&value, &r->err));
	}
	if (judge(r, mp_store_counters(s, id, &counts, &n, &r->err)))
		mp_count_rows_free(counts, n);
	judge(r, mp_store_case_spread(s, id, &spread, &r->err));
	judge(r, mp_store_case_overhead(s, "fixture-machine", row->text, row->version, &value,
					&r->err));
	read_detail(r, row);
}

static void read_run(struct reading *r, int64_t run)
{
	struct mp_store *s = r->store;
	struct mp_points_run points;
	struct mp_case_row *rows;
	struct mp_run_row row;
	char *text;
	size_t count;

	if (judge(r, mp_store_run_get(s, run, &row, &r->err))) {
		look(row.suite_text);
		mp_run_row_done(&row);
	}
	judge(r, mp_store_facts(s, run, each_fact, NULL, &r->err));
	if (judge(r, mp_store_plan(s, run, &text, &r->err)))
		free(text);
	if (judge(r, mp_store_topology(s, run, &text, &r->err)))
		free(text);
	if (judge(r, mp_store_tag_get(s, run, "branch", &text, &r->err)))
		free(text);
	judge(r, mp_store_caveats(s, run, each_caveat, NULL, &r->err));
	if (judge(r, mp_store_points(s, run, &points, &r->err)))
		mp_points_run_done(&points);
	if (!judge(r, mp_store_cases(s, run, &rows, &count, &r->err)))
		return;
	for (size_t i = 0; i < count; i++)
		read_case(r, &rows[i]);
	mp_case_rows_free(rows, count);
}

/* What stands beside the runs, and all of them at once. */
static void read_rest(struct reading *r)
{
	struct mp_store *s = r->store;
	struct mp_store_info info;
	int64_t *runs;
	double mul, add;
	uint64_t ops;
	size_t n;

	judge(r, mp_store_info(s, &info, &r->err));
	judge(r, mp_store_baselines(s, each_baseline, NULL, &r->err));
	judge(r, mp_store_accepted(s, each_accepted, NULL, &r->err));
	judge(r, mp_store_suspects(s, NULL, each_suspect, NULL, &r->err));
	judge(r, mp_store_counter_each(s, each_counted, NULL, &r->err));
	judge(r, mp_store_series_runs(s, each_series_run, NULL, &r->err));
	judge(r, mp_store_series_facts(s, each_series_fact, NULL, &r->err));
	judge(r, mp_store_series_cases(s, each_series_case, NULL, &r->err));
	judge(r, mp_store_series_values(s, each_series_value, NULL, &r->err));
	judge(r, mp_store_pin_get(s, "fixture-machine", "floor.null_syscall", 1, &ops, &r->err));
	judge(r, mp_store_probe_get(s, "fixture-machine", "", &mul, &add, &r->err));
	if (judge(r, mp_store_machine_runs(s, "fixture-machine", &runs, &n, &r->err)))
		free(runs);
}

void hostile_read(struct mp_store *s, bool whole)
{
	struct reading r = { .store = s, .whole = whole };
	int64_t *runs;
	size_t count;

	if (judge(&r, mp_store_runs(s, &runs, &count, &r.err))) {
		for (size_t i = 0; i < count; i++)
			read_run(&r, runs[i]);
		free(runs);
	}
	read_rest(&r);
}

static void problem(void *user, const char *text)
{
	(void)user;
	fuzz_must(*text);
}

void hostile_check(struct mp_store *s)
{
	struct mp_err err = { 0 };
	unsigned problems;

	fuzz_must(!mp_store_check(s, problem, NULL, &problems, &err));
}

/* What compiles its statements once, and is emptied instead of made anew: one database, and a store for each thing that is done. */
static struct {
	struct mp_store *write, *check, *read;
} into;

static void empty_store(void)
{
	struct mp_err err = { 0 };

	if (!into.write) {
		fuzz_must(!mp_store_open_memory("/into", "into.db", &into.write, &err));
		fuzz_must(!mp_store_open_memory("/into", "into.db", &into.check, &err));
		fuzz_must(!mp_store_open_memory("/into", "into.db", &into.read, &err));
	}
	fuzz_must(
		sqlite3_exec(into.write->db,
			     "PRAGMA foreign_keys = OFF;"
			     "DELETE FROM raw; DELETE FROM histogram; DELETE FROM invocation_stat;"
			     "DELETE FROM check_result; DELETE FROM seat; DELETE FROM invocation;"
			     "DELETE FROM modes; DELETE FROM variance; DELETE FROM point;"
			     "DELETE FROM summary; DELETE FROM counter_value; DELETE FROM counter;"
			     "DELETE FROM run_case; DELETE FROM case_param; DELETE FROM kase;"
			     "DELETE FROM bench; DELETE FROM run_topology; DELETE FROM topology;"
			     "DELETE FROM fact; DELETE FROM run_tag; DELETE FROM run;"
			     "DELETE FROM batch_pin; DELETE FROM probe_reference;"
			     "DELETE FROM baseline; DELETE FROM accepted; DELETE FROM suspect;"
			     "DELETE FROM machine; PRAGMA foreign_keys = ON",
			     NULL, NULL, NULL) == SQLITE_OK);
}

/* A merge does not compute anew what follows from the raw data: `db check` may find that it does not. But the file itself is
 * sound. */
static void structure(void *user, const char *text)
{
	(void)user;
	fuzz_must(strncmp(text, "structure: ", 11) && strncmp(text, "row ", 4));
}

void hostile_merge(struct mp_store *from)
{
	struct mp_err err = { 0 };
	unsigned added, present;

	empty_store();
	if (mp_store_merge(into.write, from, &added, &present, &err))
		fuzz_sentence(&err);
	fuzz_must(!mp_store_check(into.check, structure, NULL, &present, &err));
	hostile_read(into.read, true);
}

void hostile_write(const char *path)
{
	const struct mp_prune prune = { .keep_raw = 1, .keep_runs = 1000 };
	char own[256];
	struct mp_pruned pruned;
	struct mp_store *s;
	struct mp_err err = { 0 };

	strcpy(own, path);
	if (mp_store_open(own, MP_STORE_WRITE, &s, &err)) {
		fuzz_sentence(&err);
		return;
	}
	if (mp_store_prune(s, &prune, &pruned, &err))
		fuzz_sentence(&err);
	mp_store_close(s);
}

void hostile_all(const char *path)
{
	char own[256];
	struct mp_store *s;
	struct mp_err err = { 0 };

	strcpy(own, path);
	if (mp_store_open(own, MP_STORE_READ, &s, &err)) {
		fuzz_sentence(&err);
	} else {
		hostile_read(s, false);
		hostile_check(s);
		hostile_merge(s);
		mp_store_close(s);
	}
	hostile_write(own);
}

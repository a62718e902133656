/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads all that a results file holds: hostile_read() in hostile.h. */
#include "tests/fuzz/hostile.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "results/caveats.h"
#include "results/counts.h"
#include "results/judgement.h"
#include "results/points.h"
#include "results/series.h"
#include "results/spread.h"
#include "results/store.h"

/* Texts that are handed out are texts. */
static void look(const char *text)
{
	fuzz_must(!text || strlen(text) < 1u << 30);
}

static void judge(int rc, struct mp_err *err)
{
	if (rc)
		fuzz_sentence(err);
	err->text[0] = '\0';
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

static void read_case(struct mp_store *s, int64_t run_case, struct mp_err *err)
{
	struct mp_count_row *counts;
	struct mp_spread spread;
	double *values, value;
	size_t n;

	judge(mp_store_invocations(s, run_case, true, each_invocation, NULL, err), err);
	for (int mode = MP_MODE_CALL; mode <= MP_MODE_RATE; mode *= 2) {
		if (!mp_store_case_values(s, run_case, (enum mp_mode)mode, MP_POPULATION_CALM,
					  &values, &n, err))
			free(values);
		judge(mp_store_summary_value(s, run_case, (enum mp_mode)mode, MP_POPULATION_ALL,
					     "p99", &value, err),
		      err);
	}
	if (!mp_store_counters(s, run_case, &counts, &n, err))
		mp_count_rows_free(counts, n);
	judge(mp_store_case_spread(s, run_case, &spread, err), err);
}

static void read_run(struct mp_store *s, int64_t run, struct mp_err *err)
{
	struct mp_points_run points;
	struct mp_case_row *rows;
	struct mp_run_row row;
	char *text;
	size_t count;
	int rc = mp_store_run_get(s, run, &row, err);

	judge(rc, err);
	if (!rc) {
		look(row.suite_text);
		mp_run_row_done(&row);
	}
	judge(mp_store_facts(s, run, each_fact, NULL, err), err);
	if (!mp_store_plan(s, run, &text, err))
		free(text);
	if (!mp_store_topology(s, run, &text, err))
		free(text);
	if (!mp_store_tag_get(s, run, "k", &text, err))
		free(text);
	judge(mp_store_caveats(s, run, each_caveat, NULL, err), err);
	if (!mp_store_points(s, run, &points, err))
		mp_points_run_done(&points);
	rc = mp_store_cases(s, run, &rows, &count, err);
	judge(rc, err);
	if (rc)
		return;
	for (size_t i = 0; i < count; i++)
		read_case(s, rows[i].run_case, err);
	mp_case_rows_free(rows, count);
}

static void problem(void *user, const char *text)
{
	(void)user;
	fuzz_must(*text);
}

static void merge(struct mp_store *from, struct mp_err *err)
{
	struct mp_store *into;
	const char *path = fuzz_path("into.db");
	unsigned added, present;

	unlink(path);
	fuzz_must(!mp_store_open(path, MP_STORE_WRITE, &into, err));
	judge(mp_store_merge(into, from, &added, &present, err), err);
	/* What was taken over is sound. */
	fuzz_must(!mp_store_check(into, problem, NULL, &present, err));
	mp_store_close(into);
}

void hostile_read(const char *path)
{
	char own[256];
	struct mp_store *s;
	struct mp_store_info info;
	struct mp_err err = { 0 };
	int64_t *runs;
	unsigned problems;
	size_t count;

	strcpy(own, path);
	if (mp_store_open(own, MP_STORE_READ, &s, &err)) {
		fuzz_sentence(&err);
		return;
	}
	if (!mp_store_runs(s, &runs, &count, &err)) {
		for (size_t i = 0; i < count; i++)
			read_run(s, runs[i], &err);
		free(runs);
	}
	judge(mp_store_info(s, &info, &err), &err);
	judge(mp_store_baselines(s, each_baseline, NULL, &err), &err);
	judge(mp_store_accepted(s, each_accepted, NULL, &err), &err);
	judge(mp_store_suspects(s, NULL, each_suspect, NULL, &err), &err);
	judge(mp_store_counter_each(s, each_counted, NULL, &err), &err);
	fuzz_must(!mp_store_check(s, problem, NULL, &problems, &err));
	merge(s, &err);
	mp_store_close(s);
	/* A writer, which migrates. */
	if (mp_store_open(own, MP_STORE_WRITE, &s, &err))
		fuzz_sentence(&err);
	else
		mp_store_close(s);
}

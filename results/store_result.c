/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Storing what was measured: one finished invocation, with everything computed from it, in one transaction.
 *
 * What is stored of an invocation is computed from its raw data alone (mp_invocation_numbers), so that db check
 * can compute it again and compare.
 */
#include "results/store_internal.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "results/store_counts.h"

const enum mp_mode mp_store_modes[MP_MODE_COUNT] = { MP_MODE_CALL, MP_MODE_BATCH, MP_MODE_RATE };

/* Flags that say a block was disturbed. An unchecked block was not. */
#define DISTURBED                                                                                  \
	(MP_BLOCK_PREEMPTED | MP_BLOCK_SLEPT | MP_BLOCK_MIGRATED | MP_BLOCK_MAJFAULT |             \
	 MP_BLOCK_STEAL | MP_BLOCK_ERRORS)

int mp_invocation_numbers(const struct mp_invocation *inv, double step_ns,
			  struct mp_invocation_numbers *ret_numbers)
{
	struct mp_invocation_numbers n = { .first_ns = mp_invocation_first_ns(inv) };
	int rc = mp_invocation_rate(inv, &n.ops_per_s);

	for (int p = 0; !rc && p < 2; p++) {
		for (int m = 0; !rc && m < MP_MODE_COUNT; m++)
			rc = mp_invocation_dist(inv, mp_store_modes[m], (enum mp_population)p,
						step_ns, &n.dist[m][p]);
		if (!rc)
			rc = mp_invocation_histogram(inv, (enum mp_population)p, &n.histogram[p]);
	}
	if (rc) {
		mp_invocation_numbers_done(&n);
		return rc;
	}
	for (size_t i = 0; i < inv->n_blocks; i++) {
		const struct mp_block *b = &inv->blocks[i];

		if (b->phase != MP_PHASE_MEASURE)
			continue;
		n.blocks++;
		n.flagged += b->flags & DISTURBED || b->errors;
	}
	*ret_numbers = n;
	return 0;
}

void mp_invocation_numbers_done(struct mp_invocation_numbers *numbers)
{
	mp_histogram_done(&numbers->histogram[0]);
	mp_histogram_done(&numbers->histogram[1]);
}

static int insert_invocation(struct mp_store *s, int64_t run_case, const struct mp_invocation *inv,
			     const struct mp_invocation_numbers *n, int64_t *ret_id,
			     struct mp_err *err)
{
	const struct mp_full_speed judged = { .mul = inv->mul_reference,
					      .add = inv->add_reference };
	struct mp_query q;
	int rc = mp_query_open(
		s, &q,
		"INSERT INTO invocation (run_case_id, ordinal, outcome, reason, seed, started_ns,"
		" duration_ns, layout, cpus, nodes, vma_count, batch_ops, clock_ns_per_tick, "
		"mul_reference,"
		" add_reference, calm_limit, steal_ns, steady, first_ns, ops_per_s, "
		"blocks, "
		"flagged_blocks)"
		" VALUES (:run_case, :ordinal, :outcome, :reason, :seed, :started, :duration, "
		":layout, :cpus,"
		" :nodes, :vmas, nullif(:batch_ops, 0), :tick, :mul, :add, :limit, :steal, "
		":steady, "
		":first, :rate,"
		" :blocks, :flagged)",
		err);

	if (rc)
		return rc;
	mp_bind_int(&q, ":run_case", run_case);
	mp_bind_int(&q, ":ordinal", inv->ordinal);
	mp_bind_text(&q, ":outcome", mp_outcome_name(inv->outcome));
	mp_bind_text(&q, ":reason", inv->reason);
	mp_bind_int(&q, ":seed", (int64_t)inv->seed);
	mp_bind_int(&q, ":started", inv->started_ns);
	mp_bind_int(&q, ":duration", (int64_t)inv->duration_ns);
	mp_bind_text(&q, ":layout", inv->layout);
	mp_bind_text(&q, ":cpus", inv->cpus);
	mp_bind_text(&q, ":nodes", inv->nodes);
	mp_bind_int(&q, ":vmas", inv->vma_count);
	mp_bind_int(&q, ":batch_ops", (int64_t)inv->batch_ops);
	mp_bind_real(&q, ":tick", inv->clock_ns_per_tick > 0 ? inv->clock_ns_per_tick : NAN);
	mp_bind_reference(&q, &judged);
	mp_bind_real(&q, ":limit", inv->calm_limit > 0 ? inv->calm_limit : MP_CALM_COARSE);
	mp_bind_int(&q, ":steal", (int64_t)inv->steal_ns);
	mp_bind_text(&q, ":steady", mp_steady_name(inv->steady));
	mp_bind_real(&q, ":first", n->first_ns);
	mp_bind_real(&q, ":rate", n->ops_per_s);
	mp_bind_int(&q, ":blocks", n->blocks);
	mp_bind_int(&q, ":flagged", n->flagged);
	rc = mp_query_step(&q, "store an invocation", err);
	if (rc < 0 && sqlite3_extended_errcode(s->db) == SQLITE_CONSTRAINT_UNIQUE)
		rc = mp_err_internal(err, -EEXIST, "invocation %u of this case is stored already",
				     inv->ordinal);
	mp_query_close(&q);
	*ret_id = sqlite3_last_insert_rowid(s->db);
	return rc < 0 ? rc : 0;
}

static int insert_checks(struct mp_store *s, int64_t id, const struct mp_invocation *inv,
			 struct mp_err *err)
{
	for (size_t i = 0; i < inv->n_checks; i++) {
		const struct mp_check_result *c = &inv->checks[i];
		struct mp_query q;
		int rc = mp_query_open(
			s, &q,
			"INSERT INTO check_result (invocation_id, position, name, passed,"
			" failed, detail) VALUES (:id, :position, :name, :passed, :failed,"
			" :detail)",
			err);

		if (rc)
			return rc;
		mp_bind_int(&q, ":id", id);
		mp_bind_int(&q, ":position", (int64_t)i);
		mp_bind_text(&q, ":name", c->name);
		mp_bind_int(&q, ":passed", c->passed);
		mp_bind_int(&q, ":failed", c->failed);
		mp_bind_text(&q, ":detail", c->detail);
		rc = mp_query_run(&q, "store a check", err);
		if (rc)
			return rc;
	}
	return 0;
}

static int put_dist(struct mp_store *s, int64_t id, enum mp_mode mode,
		    enum mp_population population, const struct mp_dist *d, struct mp_err *err)
{
	struct mp_query q;
	int rc;

	if (!d->n)
		return 0;
	rc = mp_query_open(
		s, &q,
		"INSERT INTO invocation_stat (invocation_id, mode, population, n, blocks,"
		" mean, p50, p90, p99, p999, min, max) VALUES (:id, :mode, :population, :n,"
		" :blocks, :mean, :p50, :p90, :p99, :p999, :min, :max)",
		err);
	if (rc)
		return rc;
	mp_bind_int(&q, ":id", id);
	mp_bind_text(&q, ":mode", mp_mode_name(mode));
	mp_bind_text(&q, ":population", mp_population_name(population));
	mp_bind_int(&q, ":n", (int64_t)d->n);
	mp_bind_int(&q, ":blocks", (int64_t)d->blocks);
	mp_bind_real(&q, ":mean", d->mean);
	mp_bind_real(&q, ":p50", d->p50);
	mp_bind_real(&q, ":p90", d->p90);
	mp_bind_real(&q, ":p99", d->p99);
	mp_bind_real(&q, ":p999", d->p999);
	mp_bind_real(&q, ":min", d->min);
	mp_bind_real(&q, ":max", d->max);
	return mp_query_run(&q, "store statistics", err);
}

static int put_histogram(struct mp_store *s, int64_t id, enum mp_population population,
			 const struct mp_histogram *h, struct mp_err *err)
{
	MP_CLEANUP(mp_free_ptr) void *blob = NULL;
	struct mp_query q;
	size_t size = 0;
	int rc;

	if (!h->n)
		return 0;
	if (mp_histogram_encode(h, &blob, &size))
		return mp_store_no_memory(s, err);
	rc = mp_query_open(s, &q,
			   "INSERT INTO histogram (invocation_id, population, blob)"
			   " VALUES (:id, :population, :blob)",
			   err);
	if (rc)
		return rc;
	mp_bind_int(&q, ":id", id);
	mp_bind_text(&q, ":population", mp_population_name(population));
	mp_bind_blob(&q, ":blob", blob, size);
	return mp_query_run(&q, "store a histogram", err);
}

/* Rows of one population. */
int mp_store_numbers_put(struct mp_store *s, int64_t id, enum mp_population p,
			 const struct mp_invocation_numbers *n, struct mp_err *err)
{
	int rc = 0;

	for (int m = 0; !rc && m < MP_MODE_COUNT; m++)
		rc = put_dist(s, id, mp_store_modes[m], p, &n->dist[m][p], err);
	return rc ? rc : put_histogram(s, id, p, &n->histogram[p], err);
}

static int put_raw(struct mp_store *s, int64_t id, const struct mp_invocation *inv,
		   const void *blob, size_t size, struct mp_err *err)
{
	struct mp_query q;
	int rc = mp_query_open(s, &q,
			       "INSERT INTO raw (invocation_id, codec, blocks, samples, blob)"
			       " VALUES (:id, :codec, :blocks, :samples, :blob)",
			       err);

	if (rc)
		return rc;
	mp_bind_int(&q, ":id", id);
	mp_bind_int(&q, ":codec", *(const unsigned char *)blob);
	mp_bind_int(&q, ":blocks", (int64_t)inv->n_blocks);
	mp_bind_int(&q, ":samples", (int64_t)inv->n_samples);
	mp_bind_blob(&q, ":blob", blob, size);
	return mp_query_run(&q, "store raw data", err);
}

int mp_store_invocation_add(struct mp_store *s, int64_t run_case, const struct mp_invocation *inv,
			    double step_ns, struct mp_err *err)
{
	MP_CLEANUP(mp_invocation_numbers_done) struct mp_invocation_numbers numbers = { 0 };
	MP_CLEANUP(mp_free_ptr) void *blob = NULL;
	size_t size = 0;
	int64_t id = 0;
	/* First, because it proves that the blocks stay within the samples. */
	int rc = mp_raw_encode(inv, &blob, &size);

	if (rc == -ENOMEM)
		return mp_store_no_memory(s, err);
	if (rc)
		return mp_err_internal(
			err, rc, "invocation %u has %s; it is not stored", inv->ordinal,
			rc == -E2BIG ? "more blocks or samples than a result may have"
				     : "a block that contradicts itself");
	if (mp_invocation_numbers(inv, step_ns, &numbers))
		return mp_store_no_memory(s, err);
	rc = mp_tx_begin(s, MP_TX_DURABLE, err);
	if (rc)
		return rc;
	rc = insert_invocation(s, run_case, inv, &numbers, &id, err);
	if (!rc)
		rc = insert_checks(s, id, inv, err);
	if (!rc)
		rc = mp_store_seats_put(s, id, inv, err);
	if (!rc)
		rc = mp_store_numbers_put(s, id, MP_POPULATION_ALL, &numbers, err);
	if (!rc)
		rc = mp_store_numbers_put(s, id, MP_POPULATION_CALM, &numbers, err);
	if (!rc)
		rc = put_raw(s, id, inv, blob, size, err);
	if (!rc)
		rc = mp_store_counters_put(s, run_case, "timing", inv->ordinal, inv->counts,
					   inv->n_counts, err);
	return mp_tx_end(s, rc, "store an invocation", err);
}

int mp_store_raw(struct mp_store *s, struct mp_query *q, int column, struct mp_invocation *inv,
		 struct mp_err *err)
{
	const void *blob = sqlite3_column_blob(q->stmt, column);
	int size = sqlite3_column_bytes(q->stmt, column);
	int rc = mp_raw_decode(blob, (size_t)size, inv);

	if (rc == -ENOMEM)
		return mp_store_no_memory(s, err);
	return rc ? mp_store_damaged(s, "read the raw data of an invocation", err) : 0;
}

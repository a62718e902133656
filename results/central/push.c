/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Runs travel from a results file to the central database, by the rules of db merge (store_merge.c): a run is copied whole, in
 * one transaction, or not at all, and what is there already stays.
 */
#include "results/central.h"

#include <errno.h>
#include <stdlib.h>

#include "results/central/postgres.h"
#include "results/central/send.h"

struct mp_central {
	struct mp_pg *pg;
	struct mp_shape *shape;
};

struct pushing {
	struct mp_push push;
	unsigned runs, missing, done; /* of the file; of those to copy; copied */
	unsigned added, present, damaged;
	struct mp_err first; /* sentence of the first damaged run */
	void (*each)(void *user, unsigned done, unsigned runs);
	void *user;
};

int mp_central_open(const char *url, struct mp_central **ret_central, struct mp_err *err)
{
	struct mp_central *c = calloc(1, sizeof(*c));
	int rc = c ? mp_shape_read(&c->shape, err) : mp_err_env(err, -ENOMEM, "not enough memory");

	if (!rc)
		rc = mp_pg_open(url, true, &c->pg, err);
	if (rc) {
		mp_central_close(c);
		return rc;
	}
	*ret_central = c;
	return 0;
}

void mp_central_close(struct mp_central *central)
{
	if (!central)
		return;
	mp_pg_close(central->pg);
	free(central->shape);
	free(central);
}

/* ---- runs ---- */

static int take_progress(void *user, const struct mp_pg_row *row, struct mp_err *err)
{
	(void)err;
	*(struct mp_run_progress *)user =
		(struct mp_run_progress){ .run = mp_pg_int(row, 0),
					  .complete = mp_pg_int(row, 1) != 0,
					  .invocations = mp_pg_int(row, 2) };
	return 0;
}

/* Does the server have the run as far as the file has it? *ret_there: what it has. */
static int look_up(struct mp_push *p, const char *uuid, struct mp_run_progress *ret_there,
		   bool *ret_present, struct mp_err *err)
{
	struct mp_run_progress here;
	int rc = mp_store_run_progress(p->from, uuid, &here, err);

	*ret_there = (struct mp_run_progress){ 0 };
	if (!rc)
		rc = mp_pg_query(
			p->pg,
			"SELECT run_id, (status = 'complete')::int::bigint, (SELECT count(*) FROM"
			" run_case c JOIN invocation USING (run_case_id) WHERE c.run_id ="
			" r.run_id) FROM run r WHERE uuid = $1",
			uuid, take_progress, ret_there, "look up a run", err);
	if (!rc)
		*ret_present = mp_run_progress_covers(ret_there, &here);
	return rc;
}

static int delete_run(struct mp_push *p, int64_t run, struct mp_err *err)
{
	char sql[64];

	snprintf(sql, sizeof(sql), "DELETE FROM run WHERE run_id = %lld", (long long)run);
	return mp_pg_exec(p->pg, sql, "replace a run", err);
}

/* COMMIT, or ROLLBACK when `code` is not 0. */
static int end(struct mp_push *p, int code, struct mp_err *err)
{
	if (!code)
		code = mp_pg_exec(p->pg, "COMMIT", "copy the runs", err);
	if (code)
		mp_pg_try(p->pg, "ROLLBACK");
	return code;
}

/* Of two that push the same run at once, the second waits and then finds it. */
static int push_run(struct mp_push *p, int64_t run, const char *uuid, bool *ret_present,
		    struct mp_err *err)
{
	struct mp_run_progress there = { 0 };
	int rc = mp_pg_exec(p->pg, "BEGIN", "copy the runs", err);

	if (!rc)
		rc = mp_pg_query(p->pg,
				 "SELECT 1 FROM pg_advisory_xact_lock(hashtextextended($1, 0))",
				 uuid, NULL, NULL, "copy the runs", err);
	if (!rc)
		rc = look_up(p, uuid, &there, ret_present, err);
	if (!rc && !*ret_present && there.run)
		rc = delete_run(p, there.run, err);
	if (!rc && !*ret_present)
		rc = mp_push_run(p, run, err);
	return end(p, rc, err);
}

static int count_run(struct pushing *p, int64_t run, const char *uuid, struct mp_err *err)
{
	struct mp_run_progress there = { 0 };
	bool present = false;
	int rc = look_up(&p->push, uuid, &there, &present, err);

	(void)run;
	p->runs++;
	p->missing += !present;
	return rc;
}

/* A damaged run is left out; its neighbours may be whole. */
static int take_run(struct pushing *p, int64_t run, const char *uuid, struct mp_err *err)
{
	struct mp_err own = { 0 };
	bool present = false;
	int rc = push_run(&p->push, run, uuid, &present, &own);

	if (rc == -EBADMSG) {
		if (!p->damaged++)
			p->first = own;
	} else if (rc) {
		if (err)
			*err = own;
		return rc;
	} else if (present) {
		p->present++;
	} else {
		p->added++;
	}
	if (p->each)
		p->each(p->user, ++p->done, p->runs);
	return 0;
}

static int each_run(struct pushing *p,
		    int (*each)(struct pushing *p, int64_t run, const char *uuid,
				struct mp_err *err),
		    struct mp_err *err)
{
	struct mp_query row;
	int rc = mp_query_open(p->push.from, &row,
			       "SELECT run_id, uuid FROM run ORDER BY started_ns, run_id", err);

	if (rc)
		return rc;
	while ((rc = mp_query_step(&row, "read the runs", err)) > 0) {
		rc = each(p, mp_column_int(&row, 0), mp_column_text(&row, 1), err);
		if (rc)
			break;
	}
	mp_query_close(&row);
	return rc;
}

/* What runs share goes first, in a transaction of its own: of many who push at once, none waits for the runs of another. */
static int push_all(struct pushing *p, struct mp_err *err)
{
	int rc = each_run(p, count_run, err);

	if (!rc)
		rc = mp_pg_exec(p->push.pg, "BEGIN", "copy the runs", err);
	if (!rc)
		rc = end(&p->push, mp_push_shared(&p->push, p->missing > 0, err), err);
	if (!rc && !p->missing)
		p->present = p->runs;
	return rc || !p->missing ? rc : each_run(p, take_run, err);
}

/* A file of an older schema goes by way of a current one: only merging knows how to compute what it lacks. */
static int modernise(struct mp_store *from, struct mp_store **ret_current, struct mp_err *err)
{
	unsigned added, present;
	const char *schema;
	char name[32];
	int rc = mp_store_schema_of(from, &schema, err);

	if (rc || schema == mp_schema_sql)
		return rc;
	snprintf(name, sizeof(name), "/memperf-%p", (void *)from);
	rc = mp_store_open_memory(name, from->path, ret_current, err);
	return rc ? rc : mp_store_merge(*ret_current, from, &added, &present, err);
}

int mp_central_push(struct mp_central *into, struct mp_store *from,
		    void (*each)(void *user, unsigned done, unsigned runs), void *user,
		    unsigned *ret_added, unsigned *ret_present, struct mp_err *err)
{
	struct mp_store *current = NULL;
	struct pushing p = { .push = { .pg = into->pg, .shape = into->shape },
			     .each = each,
			     .user = user };
	int rc = modernise(from, &current, err);

	p.push.from = current ? current : from;
	/* One view of the source, also while a run is being written there. */
	if (!rc)
		rc = mp_sql_exec(p.push.from, "BEGIN", "read the runs", err);
	if (!rc) {
		rc = push_all(&p, err);
		sqlite3_exec(p.push.from->db, "COMMIT", NULL, NULL, NULL);
	}
	mp_store_close(current);
	if (rc)
		return rc;
	*ret_added = p.added;
	*ret_present = p.present;
	if (p.damaged)
		return mp_err_env(
			err, -EBADMSG,
			"%u of the runs in '%s' are damaged and were left out (%u were copied): %s",
			p.damaged, from->path, p.added, p.first.text);
	return 0;
}

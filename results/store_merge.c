/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * db merge: runs travel from one file to another.
 *
 * A run is copied whole, in one transaction, or not at all (store_copy.c).
 */
#include "results/store_internal.h"

#include <errno.h>
#include <string.h>

struct merge {
	struct mp_store *into, *from;
	unsigned added, present, damaged;
	struct mp_err first; /* sentence of the first damaged run */
};

int mp_store_run_progress(struct mp_store *s, const char *uuid,
			  struct mp_run_progress *ret_progress, struct mp_err *err)
{
	struct mp_query q;
	int rc = mp_query_open(
		s, &q,
		"SELECT run_id, status = 'complete', (SELECT count(*) FROM run_case c JOIN"
		" invocation USING (run_case_id) WHERE c.run_id = r.run_id) FROM run r"
		" WHERE uuid = :uuid",
		err);

	if (rc)
		return rc;
	mp_bind_text(&q, ":uuid", uuid);
	rc = mp_query_step(&q, "look up a run", err);
	*ret_progress = (struct mp_run_progress){ 0 };
	if (rc > 0)
		*ret_progress = (struct mp_run_progress){ .run = mp_column_int(&q, 0),
							  .complete = mp_column_int(&q, 1) != 0,
							  .invocations = mp_column_int(&q, 2) };
	mp_query_close(&q);
	return rc < 0 ? rc : 0;
}

bool mp_run_progress_covers(const struct mp_run_progress *there, const struct mp_run_progress *here)
{
	return there->run &&
	       (there->complete || (here->invocations <= there->invocations && !here->complete));
}

static int delete_run(struct mp_store *s, int64_t run, struct mp_err *err)
{
	struct mp_query q;
	int rc = mp_query_open(s, &q, "DELETE FROM run WHERE run_id = :run", err);

	if (rc)
		return rc;
	mp_bind_int(&q, ":run", run);
	return mp_query_run(&q, "replace a run", err);
}

static int merge_run(struct merge *m, int64_t run, const char *uuid, struct mp_err *err)
{
	struct mp_run_progress theirs, ours;
	int rc = mp_store_run_progress(m->from, uuid, &theirs, err);

	if (!rc)
		rc = mp_store_run_progress(m->into, uuid, &ours, err);
	if (rc)
		return rc;
	/* Merged once before it was resumed: what is there now contains what was there then. */
	if (mp_run_progress_covers(&ours, &theirs)) {
		m->present++;
		return 0;
	}
	rc = mp_tx_begin(m->into, MP_TX_DURABLE, err);
	if (rc)
		return rc;
	if (ours.run)
		rc = delete_run(m->into, ours.run, err);
	if (!rc)
		rc = mp_store_run_copy(m->into, m->from, run, err);
	rc = mp_tx_end(m->into, rc, "copy a run", err);
	if (!rc)
		m->added++;
	return rc;
}

static int merge_runs(struct merge *m, struct mp_err *err)
{
	struct mp_query row;
	int rc = mp_query_open(m->from, &row,
			       "SELECT run_id, uuid FROM run ORDER BY started_ns, run_id", err);

	if (rc)
		return rc;
	while ((rc = mp_query_step(&row, "read the runs", err)) > 0) {
		struct mp_err own = { 0 };

		rc = merge_run(m, mp_column_int(&row, 0), mp_column_text(&row, 1), &own);
		/* A damaged run is left out; its neighbours may be whole. */
		if (rc == -EBADMSG) {
			if (!m->damaged++)
				m->first = own;
			continue;
		}
		if (rc) {
			if (err)
				*err = own;
			break;
		}
	}
	mp_query_close(&row);
	return rc;
}

static int merge_all(struct merge *m, struct mp_err *err)
{
	int rc = merge_runs(m, err);

	if (rc)
		return rc;
	rc = mp_tx_begin(m->into, MP_TX_DURABLE, err);
	if (rc)
		return rc;
	return mp_tx_end(m->into, mp_store_machines_copy(m->into, m->from, err),
			 "copy the machines", err);
}

int mp_store_merge(struct mp_store *into, struct mp_store *from, unsigned *ret_added,
		   unsigned *ret_present, struct mp_err *err)
{
	struct merge m = { .into = into, .from = from };
	int rc = mp_store_must_write(into, err);

	if (rc)
		return rc;
	if (into == from)
		return mp_err_usage(err, -EINVAL, "'%s' cannot be merged into itself", into->path);
	/* One view of the source, also while a run is being written there. */
	rc = mp_sql_exec(from, "BEGIN", "read the runs", err);
	if (rc)
		return rc;
	rc = merge_all(&m, err);
	sqlite3_exec(from->db, "COMMIT", NULL, NULL, NULL);
	if (rc)
		return rc;
	*ret_added = m.added;
	*ret_present = m.present;
	if (m.damaged)
		return mp_err_env(
			err, -EBADMSG,
			"%u of the runs in '%s' are damaged and were left out (%u were copied): %s",
			m.damaged, from->path, m.added, m.first.text);
	return 0;
}

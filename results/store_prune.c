/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Retention: what old runs weigh is their raw data; what a history needs is one row per case.
 *
 * Ages count back from the newest run of each machine, so that a machine that was off for a month loses nothing. A
 * run that a baseline or an accepted change names keeps everything. What was taken from a run stands in its
 * tags (pruned=raw), where people, db check and merge find it.
 */
#include "results/store_internal.h"

#include <errno.h>

/* Runs older than :nights, but for those that somebody named. */
#define OLD                                                                                        \
	"r.started_ns < (SELECT max(n.started_ns) FROM run n WHERE n.machine_id = r.machine_id)"   \
	" - :nights * 86400000000000"                                                              \
	" AND r.uuid NOT IN (SELECT run_uuid FROM baseline)"                                       \
	" AND r.uuid NOT IN (SELECT run_uuid FROM accepted)"

/* The same that have raw data and will not be resumed. */
#define OLD_WITH_RAW                                                                               \
	OLD " AND r.status = 'complete' AND NOT EXISTS (SELECT 1 FROM run_tag t WHERE"             \
	    " t.run_id = r.run_id AND t.key = 'pruned')"

static int count(struct mp_store *s, const char *sql, unsigned nights, unsigned *ret_count,
		 struct mp_err *err)
{
	struct mp_query q;
	int64_t n = 0;
	int rc = mp_query_open(s, &q, sql, err);

	if (rc)
		return rc;
	mp_bind_int(&q, ":nights", nights);
	rc = mp_query_int(&q, "count old runs", 0, &n, err);
	if (!rc)
		*ret_count = (unsigned)n;
	return rc;
}

static int change(struct mp_store *s, const char *sql, unsigned nights, struct mp_err *err)
{
	struct mp_query q;
	int rc = mp_query_open(s, &q, sql, err);

	if (rc)
		return rc;
	mp_bind_int(&q, ":nights", nights);
	return mp_query_run(&q, "prune old runs", err);
}

static int prune_runs(struct mp_store *s, unsigned nights, struct mp_err *err)
{
	static const char *const orphans[] = {
		"DELETE FROM kase WHERE case_id NOT IN (SELECT case_id FROM run_case)",
		"DELETE FROM bench WHERE bench_id NOT IN (SELECT bench_id FROM kase)",
		"DELETE FROM topology WHERE topology_id NOT IN (SELECT topology_id FROM "
		"run_topology)",
	};
	int rc = change(s, "DELETE FROM run AS r WHERE " OLD, nights, err);

	for (size_t i = 0; !rc && i < sizeof(orphans) / sizeof(orphans[0]); i++)
		rc = mp_sql_exec(s, orphans[i], "prune old runs", err);
	return rc;
}

static int prune_raw(struct mp_store *s, unsigned nights, struct mp_err *err)
{
	/* The marks come last: they decide which runs the others find. */
	static const char *const parts[] = {
		"DELETE FROM histogram WHERE invocation_id IN (SELECT i.invocation_id FROM run r"
		" JOIN run_case c USING (run_id) JOIN invocation i USING (run_case_id)"
		" WHERE " OLD_WITH_RAW ")",
		"DELETE FROM raw WHERE invocation_id IN (SELECT i.invocation_id FROM run r"
		" JOIN run_case c USING (run_id) JOIN invocation i USING (run_case_id)"
		" WHERE " OLD_WITH_RAW ")",
		"INSERT INTO run_tag (run_id, key, value) SELECT r.run_id, 'pruned', 'raw' FROM "
		"run r"
		" WHERE " OLD_WITH_RAW,
	};
	int rc = 0;

	for (size_t i = 0; !rc && i < sizeof(parts) / sizeof(parts[0]); i++)
		rc = change(s, parts[i], nights, err);
	return rc;
}

static int pragma(struct mp_store *s, const char *sql, int64_t *ret_value, struct mp_err *err)
{
	struct mp_query q;
	int rc = mp_query_open(s, &q, sql, err);

	return rc ? rc : mp_query_int(&q, "read the file's size", 0, ret_value, err);
}

/* Gives free pages back when they are a quarter of the file: rewriting it costs its size in time and space. */
static int shrink(struct mp_store *s, struct mp_err *err)
{
	int64_t pages = 0, unused = 0;
	int rc = pragma(s, "PRAGMA page_count", &pages, err);

	if (!rc)
		rc = pragma(s, "PRAGMA freelist_count", &unused, err);
	if (rc || unused * 4 < pages)
		return rc;
	/* VACUUM works in a temporary database that it attaches; nothing else may. */
	sqlite3_limit(s->db, SQLITE_LIMIT_ATTACHED, 1);
	rc = mp_sql_exec(s, "VACUUM", "shrink the file", err);
	sqlite3_limit(s->db, SQLITE_LIMIT_ATTACHED, 0);
	return rc;
}

int mp_store_prune(struct mp_store *s, const struct mp_prune *options, struct mp_pruned *ret_pruned,
		   struct mp_err *err)
{
	struct mp_pruned pruned = { 0 };
	int rc = 0;

	if (options->keep_runs)
		rc = count(s, "SELECT count(*) FROM run r WHERE " OLD, options->keep_runs,
			   &pruned.runs, err);
	if (!rc && options->keep_raw)
		rc = count(s, "SELECT count(*) FROM run r WHERE " OLD_WITH_RAW, options->keep_raw,
			   &pruned.raw, err);
	if (!rc && !options->dry_run && (pruned.runs || pruned.raw)) {
		rc = mp_store_must_write(s, err);
		if (!rc)
			rc = mp_tx_begin(s, MP_TX_DURABLE, err);
		if (rc)
			return rc;
		if (pruned.runs)
			rc = prune_runs(s, options->keep_runs, err);
		if (!rc && pruned.raw)
			rc = prune_raw(s, options->keep_raw, err);
		rc = mp_tx_end(s, rc, "prune old runs", err);
		if (!rc)
			rc = shrink(s, err);
	}
	if (!rc)
		*ret_pruned = pruned;
	return rc;
}

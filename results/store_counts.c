/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counters in the results file: see counts.h. A counter is described once, its values refer to it. */
#include "results/store_counts.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"

static void bind_counted(struct mp_query *q, const struct mp_counted *c)
{
	mp_bind_text(q, ":metric", c->metric);
	mp_bind_text(q, ":unit", c->unit);
	mp_bind_text(q, ":means", c->means);
	mp_bind_text(q, ":kind", c->kind);
	mp_bind_text(q, ":source", c->source);
	mp_bind_text(q, ":encoder", c->encoder);
	mp_bind_text(q, ":event", c->event);
	mp_bind_text(q, ":events", c->events);
	mp_bind_text(q, ":scope", c->scope);
	mp_bind_text(q, ":side", c->side);
	mp_bind_text(q, ":note", c->note);
}

/* The row of that counter; made when missing. In a transaction. */
static int counter_id(struct mp_store *s, const struct mp_counted *c, int64_t *ret_id,
		      struct mp_err *err)
{
	struct mp_query q;
	int rc = mp_query_open(
		s, &q,
		"SELECT counter_id FROM counter WHERE metric = :metric AND unit = :unit AND means ="
		" :means AND kind = :kind AND source = :source AND encoder = :encoder AND event = "
		":event AND events"
		" = :events AND scope = :scope AND side = :side AND note = :note",
		err);

	if (rc)
		return rc;
	bind_counted(&q, c);
	rc = mp_query_int(&q, "look up a counter", 0, ret_id, err);
	if (rc || *ret_id)
		return rc;
	rc = mp_query_open(
		s, &q,
		"INSERT INTO counter (metric, unit, means, kind, source, encoder, event, events,"
		" scope, side, note) VALUES (:metric, :unit, :means, :kind, :source, :encoder,"
		" :event, :events, :scope, :side, :note)",
		err);
	if (rc)
		return rc;
	bind_counted(&q, c);
	rc = mp_query_run(&q, "store a counter", err);
	*ret_id = sqlite3_last_insert_rowid(s->db);
	return rc;
}

static int put(struct mp_store *s, int64_t run_case, const char *pass, uint32_t ordinal,
	       const struct mp_count *c, struct mp_err *err)
{
	struct mp_query q;
	int64_t id = 0;
	int rc = counter_id(s, c->what, &id, err);

	if (!rc)
		rc = mp_query_open(
			s, &q,
			"INSERT INTO counter_value (run_case_id, pass, ordinal, counter_id, status,"
			" value, operations, covers, raw, enabled_ns, running_ns, ratio, instances,"
			" expected, proven, region_ns, idle_before, idle_after, reason) VALUES"
			" (:run_case, :pass, :ordinal, :counter, :status, :value, :operations,"
			" :covers, :raw, :enabled, :running, :ratio, :instances, :expected, "
			":proven,"
			" nullif(:region, 0), :before, :after, :reason)",
			err);
	if (rc)
		return rc;
	mp_bind_int(&q, ":run_case", run_case);
	mp_bind_text(&q, ":pass", pass);
	mp_bind_int(&q, ":ordinal", ordinal);
	mp_bind_int(&q, ":counter", id);
	mp_bind_text(&q, ":status", c->status);
	mp_bind_real(&q, ":value", c->value);
	mp_bind_int(&q, ":operations", (int64_t)c->operations);
	mp_bind_text(&q, ":covers", c->covers);
	if (c->read)
		mp_bind_int(&q, ":raw", (int64_t)c->raw);
	if (c->enabled_ns) {
		mp_bind_int(&q, ":enabled", (int64_t)c->enabled_ns);
		mp_bind_int(&q, ":running", (int64_t)c->running_ns);
	}
	mp_bind_real(&q, ":ratio", c->ratio);
	mp_bind_int(&q, ":instances", c->instances);
	mp_bind_int(&q, ":expected", c->expected);
	mp_bind_int(&q, ":proven", c->proven);
	mp_bind_int(&q, ":region", (int64_t)c->region_ns);
	mp_bind_real(&q, ":before", c->idle_before);
	mp_bind_real(&q, ":after", c->idle_after);
	mp_bind_text(&q, ":reason", c->reason);
	return mp_query_run(&q, "store a counter's value", err);
}

int mp_store_counters_put(struct mp_store *s, int64_t run_case, const char *pass, uint32_t ordinal,
			  const struct mp_count *counts, size_t n, struct mp_err *err)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < n; i++)
		rc = put(s, run_case, pass, ordinal, &counts[i], err);
	return rc;
}

int mp_store_counters_add(struct mp_store *s, int64_t run_case, const char *pass, uint32_t ordinal,
			  const struct mp_count *counts, size_t n, struct mp_err *err)
{
	int rc = mp_store_must_write(s, err);

	if (!rc)
		rc = mp_tx_begin(s, MP_TX_DURABLE, err);
	if (rc)
		return rc;
	rc = mp_store_counters_put(s, run_case, pass, ordinal, counts, n, err);
	return mp_tx_end(s, rc, "store the counters of a case", err);
}

int mp_store_counters_done(struct mp_store *s, int64_t run_case, const char *pass,
			   uint32_t *ret_invocations, struct mp_err *err)
{
	struct mp_query q;
	int64_t n = 0;
	int rc = mp_query_open(s, &q,
			       "SELECT count(DISTINCT ordinal) FROM counter_value WHERE run_case_id"
			       " = :run_case AND pass = :pass",
			       err);

	if (rc)
		return rc;
	mp_bind_int(&q, ":run_case", run_case);
	mp_bind_text(&q, ":pass", pass);
	rc = mp_query_int(&q, "count the counted invocations", 0, &n, err);
	if (!rc)
		*ret_invocations = (uint32_t)n;
	return rc;
}

/* ---- merging ---- */

/* Reads what bind_counted() binds, from column `at` on; texts live until the next step. */
static struct mp_counted read_counted(struct mp_query *q, int at)
{
	return (struct mp_counted){
		.metric = mp_column_text(q, at),
		.unit = mp_column_text(q, at + 1),
		.means = mp_column_text(q, at + 2),
		.kind = mp_column_text(q, at + 3),
		.source = mp_column_text(q, at + 4),
		.encoder = mp_column_text(q, at + 5),
		.event = mp_column_text(q, at + 6),
		.events = mp_column_text(q, at + 7),
		.scope = mp_column_text(q, at + 8),
		.side = mp_column_text(q, at + 9),
		.note = mp_column_text(q, at + 10),
	};
}
#define COUNTED                                                                                    \
	"d.metric, d.unit, d.means, d.kind, d.source, d.encoder, d.event, d.events, d.scope, "     \
	"d.side,"                                                                                  \
	" d.note"
#define N_COUNTED 11

static int copy_value(struct mp_store *into, struct mp_query *row, int64_t run_case,
		      struct mp_err *err)
{
	const struct mp_counted what = read_counted(row, 0);
	struct mp_query q;
	int64_t id = 0;
	int rc = counter_id(into, &what, &id, err);

	if (!rc)
		rc = mp_query_open(
			into, &q,
			"INSERT INTO counter_value (run_case_id, counter_id, pass, ordinal, status,"
			" value, operations, covers, raw, enabled_ns, running_ns, ratio, instances,"
			" expected, proven, region_ns, idle_before, idle_after, reason) VALUES"
			" (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16,"
			" ?17, ?18, ?19)",
			err);
	if (rc)
		return rc;
	sqlite3_bind_int64(q.stmt, 1, run_case);
	sqlite3_bind_int64(q.stmt, 2, id);
	for (int i = 0; i < 17; i++)
		if (sqlite3_bind_value(q.stmt, 3 + i,
				       sqlite3_column_value(row->stmt, N_COUNTED + i)) != SQLITE_OK)
			q.rc = SQLITE_NOMEM;
	return mp_query_run(&q, "copy a run", err);
}

int mp_store_counters_copy(struct mp_store *into, struct mp_store *from, int64_t old_case,
			   int64_t new_case, struct mp_err *err)
{
	struct mp_query row;
	int rc = mp_query_open(
		from, &row,
		"SELECT " COUNTED ", v.pass, v.ordinal, v.status, v.value, v.operations, v.covers,"
		" v.raw, v.enabled_ns, v.running_ns, v.ratio, v.instances, v.expected, v.proven,"
		" v.region_ns, v.idle_before, v.idle_after, v.reason FROM counter_value v JOIN"
		" counter d USING (counter_id) WHERE v.run_case_id = :id",
		err);

	if (rc)
		return rc;
	mp_bind_int(&row, ":id", old_case);
	while ((rc = mp_query_step(&row, "read a run", err)) > 0) {
		rc = copy_value(into, &row, new_case, err);
		if (rc)
			break;
	}
	mp_query_close(&row);
	if (rc < 0 && (sqlite3_extended_errcode(into->db) & 0xff) == SQLITE_CONSTRAINT)
		rc = mp_err_env(err, -EBADMSG, "a counter's value in '%s' is refused: %s",
				from->path, sqlite3_errmsg(into->db));
	return rc;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * db check: everything about a file that can be verified.
 *
 * Structure (SQLite's own checks), schema (every definition is that of schema.sql), rules between rows
 * that a constraint cannot state, and every blob: decoded, and every number that was computed from it computed
 * again. Damage is a finding, not a failure of the check.
 */
#include "results/store_internal.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/str.h"
#include "results/store_points.h"

struct check {
	struct mp_store *store;
	void (*problem)(void *user, const char *text);
	void *user;
	unsigned count;
};

static void found(struct check *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void found(struct check *c, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	c->count++;
	if (c->problem)
		c->problem(c->user, text);
}

/* Memory running out ends the check; any other error is what it looks for. */
static int finding(struct check *c, int rc, const struct mp_err *err)
{
	if (rc && rc != -ENOMEM) {
		found(c, "%s", err->text);
		return 0;
	}
	return rc;
}

/* ---- structure ---- */

static int check_integrity(struct check *c, struct mp_err *err)
{
	struct mp_query q;
	int rc = mp_query_open(c->store, &q, "PRAGMA integrity_check(100)", err);

	if (rc)
		return finding(c, rc, err);
	while ((rc = mp_query_step(&q, "check the file", err)) > 0)
		if (strcmp(mp_column_text(&q, 0), "ok"))
			found(c, "structure: %s", mp_column_text(&q, 0));
	mp_query_close(&q);
	return finding(c, rc, err);
}

static int check_references(struct check *c, struct mp_err *err)
{
	struct mp_query q;
	int rc = mp_query_open(c->store, &q, "PRAGMA foreign_key_check", err);

	if (rc)
		return finding(c, rc, err);
	while ((rc = mp_query_step(&q, "check the references", err)) > 0)
		found(c, "row %lld of table '%s' refers to a row of '%s' that does not exist",
		      (long long)mp_column_int(&q, 1), mp_column_text(&q, 0),
		      mp_column_text(&q, 2));
	mp_query_close(&q);
	return finding(c, rc, err);
}

/* ---- schema ---- */

/* The next character that means something: comments and layout of schema.sql may change without a new version. */
static const char *skip_layout(const char *sql)
{
	for (;;) {
		if (*sql == ' ' || *sql == '\t' || *sql == '\n')
			sql++;
		else if (sql[0] == '-' && sql[1] == '-')
			sql += strcspn(sql, "\n");
		else
			return sql;
	}
}

static bool same_sql(const char *a, const char *b)
{
	for (;; a++, b++) {
		a = skip_layout(a);
		b = skip_layout(b);
		if (*a != *b)
			return false;
		if (!*a)
			return true;
	}
}

/* Is the object of that type, name and definition in the file? */
static int check_object(struct check *c, const char *type, const char *name, const char *sql,
			struct mp_err *err)
{
	struct mp_query q;
	int rc = mp_query_open(
		c->store, &q,
		"SELECT sql FROM main.sqlite_schema WHERE type = :type AND name = :name", err);

	if (rc)
		return finding(c, rc, err);
	mp_bind_text(&q, ":type", type);
	mp_bind_text(&q, ":name", name);
	rc = mp_query_step(&q, "read the schema", err);
	if (!rc || (rc > 0 && !same_sql(mp_column_text(&q, 0), sql)))
		found(c, "%s '%s' is missing or not as memperf makes it", type, name);
	mp_query_close(&q);
	return finding(c, rc < 0 ? rc : 0, err);
}

static int check_foreign_objects(struct check *c, sqlite3_stmt *known, struct mp_err *err)
{
	struct mp_query q;
	int rc = mp_query_open(c->store, &q, "SELECT type, name FROM main.sqlite_schema", err);

	if (rc)
		return finding(c, rc, err);
	while ((rc = mp_query_step(&q, "read the schema", err)) > 0) {
		bool ours = false;
		int code = SQLITE_DONE;

		/* ANALYZE's statistics are harmless. */
		if (!strncmp(mp_column_text(&q, 1), "sqlite_stat", 11))
			continue;
		sqlite3_reset(known);
		while (!ours && (code = sqlite3_step(known)) == SQLITE_ROW)
			ours = !strcmp((const char *)sqlite3_column_text(known, 1),
				       mp_column_text(&q, 1));
		/* It is in memory: there is no other way for it to fail. */
		if (!ours && code != SQLITE_DONE) {
			rc = mp_store_no_memory(c->store, err);
			break;
		}
		if (!ours)
			found(c, "%s '%s' is not memperf's", mp_column_text(&q, 0),
			      mp_column_text(&q, 1));
	}
	mp_query_close(&q);
	return finding(c, rc, err);
}

/* Against a database in memory, made from the schema of the file's version. */
static int check_schema(struct check *c, struct mp_err *err)
{
	sqlite3 *fresh = NULL;
	sqlite3_stmt *known = NULL;
	const char *schema;
	int code = SQLITE_DONE;
	int rc = mp_store_schema_of(c->store, &schema, err);

	if (rc)
		return finding(c, rc, err);
	if (sqlite3_open(":memory:", &fresh) != SQLITE_OK ||
	    sqlite3_exec(fresh, schema, NULL, NULL, NULL) != SQLITE_OK ||
	    sqlite3_prepare_v2(fresh, "SELECT type, name, ifnull(sql, '') FROM sqlite_schema", -1,
			       &known, NULL) != SQLITE_OK)
		rc = mp_store_no_memory(c->store, err);
	while (!rc && (code = sqlite3_step(known)) == SQLITE_ROW)
		rc = check_object(c, (const char *)sqlite3_column_text(known, 0),
				  (const char *)sqlite3_column_text(known, 1),
				  (const char *)sqlite3_column_text(known, 2), err);
	if (!rc && code != SQLITE_DONE)
		rc = mp_store_no_memory(c->store, err);
	if (!rc)
		rc = check_foreign_objects(c, known, err);
	sqlite3_finalize(known);
	sqlite3_close(fresh);
	return rc;
}

/* ---- rules between rows ---- */

/* Each yields one sentence per violation. */
static const char *const rules[] = {
	"SELECT 'run #' || run_id || ': its plan or options are not JSON' FROM run"
	" WHERE NOT json_valid(ifnull(plan_json, '{}')) OR NOT json_valid(ifnull(options_json, "
	"'{}'))",

	/* MP_STORE_TEXT_MAX */
	"SELECT 'run #' || run_id || ': a text of it is longer than 32 MiB' FROM run WHERE"
	" max(length(CAST(suite_text AS BLOB)), length(CAST(ifnull(plan_json, '') AS BLOB)),"
	" length(CAST(ifnull(options_json, '') AS BLOB))) > 33554432",

	"SELECT 'run #' || run_id || ': complete, but ' || count(*) || ' of its cases are "
	"unfinished'"
	" FROM run JOIN run_case USING (run_id) WHERE status = 'complete' AND outcome = 'pending'"
	" AND why_stopped IS NULL GROUP BY run_id",

	"SELECT 'run #' || c.run_id || ', ' || k.text || ': ok without an invocation that is' FROM "
	"run_case c"
	" JOIN kase k USING (case_id) WHERE c.outcome = 'ok' AND NOT EXISTS (SELECT 1 FROM "
	"invocation i"
	" WHERE i.run_case_id = c.run_case_id AND i.outcome = 'ok')",

	"SELECT 'run #' || c.run_id || ', ' || k.text || ': ' || c.outcome || ' although an "
	"invocation is ' ||"
	" i.outcome FROM run_case c JOIN kase k USING (case_id) JOIN invocation i USING "
	"(run_case_id)"
	" WHERE c.outcome IN ('ok', 'skipped') AND i.outcome <> 'ok'",

	"SELECT 'run #' || c.run_id || ', ' || k.text || ': the headline is not among its "
	"summaries'"
	" FROM run_case c JOIN kase k USING (case_id) WHERE c.value_ns IS NOT NULL AND NOT EXISTS"
	" (SELECT 1 FROM summary s WHERE s.run_case_id = c.run_case_id AND s.mode = c.mode AND"
	" s.population = c.population AND s.metric = iif(c.mode = 'rate', 'mean', 'p50') AND"
	" s.value = c.value_ns AND s.n = c.n)",

	"SELECT 'run #' || c.run_id || ', ' || k.text || ', invocation ' || i.ordinal || ': ok "
	"although check ' ||"
	" r.name || ' failed' FROM check_result r JOIN invocation i USING (invocation_id)"
	" JOIN run_case c USING (run_case_id) JOIN kase k USING (case_id)"
	" WHERE r.failed > 0 AND i.outcome = 'ok'",

	"SELECT 'run #' || c.run_id || ', ' || k.text || ', invocation ' || i.ordinal || ': no raw "
	"data'"
	" FROM invocation i JOIN run_case c USING (run_case_id) JOIN kase k USING (case_id)"
	" WHERE NOT EXISTS (SELECT 1 FROM raw w WHERE w.invocation_id = i.invocation_id)"
	" AND NOT EXISTS (SELECT 1 FROM run_tag t WHERE t.run_id = c.run_id AND t.key = 'pruned')",

	"SELECT 'run #' || c.run_id || ', ' || k.text || ': counters of timed invocation ' || "
	"v.ordinal ||"
	" ', which is not there' FROM counter_value v JOIN run_case c USING (run_case_id) JOIN "
	"kase k"
	" USING (case_id) WHERE v.pass = 'timing' AND NOT EXISTS (SELECT 1 FROM invocation i WHERE"
	" i.run_case_id = v.run_case_id AND i.ordinal = v.ordinal) GROUP BY v.run_case_id, "
	"v.ordinal",

	"SELECT 'run #' || c.run_id || ', ' || k.text || ', ' || v.pass || ' ' || v.ordinal ||"
	" ': two values of ' || d.metric FROM counter_value v JOIN counter d USING (counter_id) "
	"JOIN"
	" run_case c USING (run_case_id) JOIN kase k USING (case_id) GROUP BY v.run_case_id, "
	"v.pass,"
	" v.ordinal, d.metric, d.kind HAVING count(*) > 1",

	"SELECT 'run #' || c.run_id || ', ' || k.text || ', ' || v.pass || ' ' || v.ordinal || ': "
	"' ||"
	" d.metric || ' has a value without a source' FROM counter_value v JOIN counter d USING"
	" (counter_id) JOIN run_case c USING (run_case_id) JOIN kase k USING (case_id)"
	" WHERE v.value IS NOT NULL AND d.source = ''",

	"SELECT 'counter ' || d.metric || ', ' || d.source || ': its events are no JSON' FROM"
	" counter d WHERE NOT json_valid(d.events)",

	"SELECT 'case ' || k.text || ': its parameters or its benchmark say ' || b.name ||"
	" ifnull((SELECT group_concat('/' || p.axis || '=' || p.word, '') FROM (SELECT axis, word "
	"FROM"
	" case_param WHERE case_id = k.case_id ORDER BY axis) p), '') FROM kase k JOIN bench b"
	" USING (bench_id) WHERE k.text <> b.name || ifnull((SELECT group_concat('/' || p.axis || "
	"'=' ||"
	" p.word, '') FROM (SELECT axis, word FROM case_param WHERE case_id = k.case_id ORDER BY "
	"axis) p), '')",
};

static int check_rules(struct check *c, struct mp_err *err)
{
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		struct mp_query q;
		int rc = mp_query_open(c->store, &q, rules[i], err);

		if (!rc) {
			while ((rc = mp_query_step(&q, "check the rows", err)) > 0) {
				const char *text = mp_column_text(&q, 0);

				/* What a sentence is made of may be missing, too. */
				found(c, "%s", *text ? text : "a row lacks what names it");
			}
			mp_query_close(&q);
		}
		rc = finding(c, rc, err);
		if (rc)
			return rc;
	}
	return 0;
}

/* ---- blobs and what was computed from them ---- */

/* The invocation that is being looked at. */
struct subject {
	char name[MP_CASE_TEXT_MAX + 64];
	int64_t id;
	double step_ns;
};

static bool near(double a, double b, double slack)
{
	if (isnan(a) || isnan(b))
		return isnan(a) && isnan(b);
	return fabs(a - b) <= slack + 1e-9 * fabs(a);
}

static int check_stat(struct check *c, const struct subject *at, enum mp_mode mode,
		      enum mp_population population, const struct mp_dist *d, struct mp_err *err)
{
	const char *mode_name = mp_mode_name(mode), *name = mp_population_name(population);
	struct mp_query q;
	int rc = mp_query_open(
		c->store, &q,
		"SELECT n, blocks, mean, min, max, p50, p90, p99, p999 FROM invocation_stat"
		" WHERE invocation_id = :id AND mode = :mode AND population = :population",
		err);

	if (rc)
		return finding(c, rc, err);
	mp_bind_int(&q, ":id", at->id);
	mp_bind_text(&q, ":mode", mode_name);
	mp_bind_text(&q, ":population", name);
	rc = mp_query_step(&q, "read statistics", err);
	if (rc == 1) {
		/* Numbers of one clock step: a resumed run has measured its step anew. */
		bool same = (uint64_t)mp_column_int(&q, 0) == d->n &&
			    (uint64_t)mp_column_int(&q, 1) == d->blocks &&
			    near(mp_column_real(&q, 2), d->mean, 0) &&
			    near(mp_column_real(&q, 3), d->min, 0) &&
			    near(mp_column_real(&q, 4), d->max, 0) &&
			    near(mp_column_real(&q, 5), d->p50, at->step_ns) &&
			    near(mp_column_real(&q, 6), d->p90, 0) &&
			    near(mp_column_real(&q, 7), d->p99, 0) &&
			    near(mp_column_real(&q, 8), d->p999, 0);

		if (!same)
			found(c,
			      "%s: the %s statistics of %s samples are not those of its raw data",
			      at->name, mode_name, name);
	} else if (!rc && d->n) {
		found(c, "%s: no %s statistics of %s samples", at->name, mode_name, name);
	}
	mp_query_close(&q);
	return finding(c, rc < 0 ? rc : 0, err);
}

static int check_histogram(struct check *c, const struct subject *at, enum mp_population population,
			   const struct mp_histogram *want, struct mp_err *err)
{
	MP_CLEANUP(mp_histogram_done) struct mp_histogram got = { 0 };
	const char *name = mp_population_name(population);
	struct mp_query q;
	int rc = mp_query_open(c->store, &q,
			       "SELECT blob FROM histogram WHERE invocation_id = :id AND"
			       " population = :population",
			       err);

	if (rc)
		return finding(c, rc, err);
	mp_bind_int(&q, ":id", at->id);
	mp_bind_text(&q, ":population", name);
	rc = mp_query_step(&q, "read a histogram", err);
	if (rc == 1) {
		const void *blob = sqlite3_column_blob(q.stmt, 0);

		rc = mp_histogram_decode(blob, (size_t)sqlite3_column_bytes(q.stmt, 0), &got);
		if (rc == -EBADMSG) {
			found(c, "%s: the histogram of %s samples cannot be decoded", at->name,
			      name);
			rc = 0;
		} else if (!rc &&
			   (got.n != want->n || got.min != want->min || got.max != want->max)) {
			found(c, "%s: the histogram of %s samples is not that of its raw data",
			      at->name, name);
		}
	} else if (!rc && want->n) {
		found(c, "%s: no histogram of %s samples", at->name, name);
	}
	mp_query_close(&q);
	return rc == -ENOMEM ? mp_store_no_memory(c->store, err) : finding(c, rc, err);
}

static int check_numbers(struct check *c, const struct subject *at, const struct mp_invocation *inv,
			 int64_t blocks, int64_t flagged, struct mp_err *err)
{
	MP_CLEANUP(mp_invocation_numbers_done) struct mp_invocation_numbers n = { 0 };
	int rc = 0;

	if (mp_invocation_numbers(inv, at->step_ns, &n))
		return mp_store_no_memory(c->store, err);
	if (n.blocks != blocks || n.flagged != flagged)
		found(c, "%s: %lld blocks, %lld flagged; its raw data has %u and %u", at->name,
		      (long long)blocks, (long long)flagged, n.blocks, n.flagged);
	for (int p = 0; !rc && p < 2; p++) {
		for (int m = 0; !rc && m < MP_MODE_COUNT; m++)
			rc = check_stat(c, at, mp_store_modes[m], (enum mp_population)p,
					&n.dist[m][p], err);
		if (!rc)
			rc = check_histogram(c, at, (enum mp_population)p, &n.histogram[p], err);
	}
	return rc;
}

static int check_blob(struct check *c, struct mp_query *q, struct mp_err *err)
{
	MP_CLEANUP(mp_invocation_done) struct mp_invocation inv = { 0 };
	struct subject at = { .id = mp_column_int(q, 0), .step_ns = mp_column_real(q, 4) };
	const void *blob = sqlite3_column_blob(q->stmt, 12);
	int rc;

	snprintf(at.name, sizeof(at.name), "run #%lld, %s, invocation %lld",
		 (long long)mp_column_int(q, 1), mp_column_text(q, 2),
		 (long long)mp_column_int(q, 3));
	inv.clock_ns_per_tick = mp_column_real(q, 5);
	inv.mul_reference = mp_column_real(q, 6);
	inv.add_reference = mp_column_real(q, 7);
	inv.calm_limit = mp_column_real(q, 13);
	rc = mp_store_seats_get(c->store, at.id, &inv, err);
	if (rc)
		return rc;
	rc = mp_raw_decode(blob, (size_t)sqlite3_column_bytes(q->stmt, 12), &inv);
	if (rc == -ENOMEM)
		return mp_store_no_memory(c->store, err);
	if (rc) {
		found(c, "%s: its raw data cannot be decoded", at.name);
		return 0;
	}
	if ((int64_t)inv.n_blocks != mp_column_int(q, 10) ||
	    (int64_t)inv.n_samples != mp_column_int(q, 11))
		found(c, "%s: its raw data has %zu blocks and %zu samples, not what its row says",
		      at.name, inv.n_blocks, inv.n_samples);
	return check_numbers(c, &at, &inv, mp_column_int(q, 8), mp_column_int(q, 9), err);
}

static int check_topologies(struct check *c, struct mp_err *err)
{
	struct mp_query q;
	int rc = mp_query_open(c->store, &q, "SELECT hash, bytes, blob FROM topology", err);

	if (rc)
		return finding(c, rc, err);
	while ((rc = mp_query_step(&q, "read the topologies", err)) > 0) {
		MP_CLEANUP(mp_free_ptr) char *text = NULL;

		rc = mp_topology_decode(
			sqlite3_column_blob(q.stmt, 2), (size_t)sqlite3_column_bytes(q.stmt, 2),
			(uint64_t)mp_column_int(&q, 1), mp_column_text(&q, 0), &text);
		if (rc == -ENOMEM)
			break;
		if (rc)
			found(c,
			      "topology %.12s: it cannot be decoded, or is not the text of that "
			      "hash",
			      mp_column_text(&q, 0));
	}
	mp_query_close(&q);
	return rc == -ENOMEM ? mp_store_no_memory(c->store, err) : finding(c, rc < 0 ? rc : 0, err);
}

static int check_blobs(struct check *c, struct mp_err *err)
{
	struct mp_query q;
	int rc = mp_query_open(
		c->store, &q,
		"SELECT i.invocation_id, c.run_id, k.text, i.ordinal, r.clock_step_ns,"
		" i.clock_ns_per_tick, i.mul_reference, i.add_reference, i.blocks, "
		"i.flagged_blocks,"
		" w.blocks, w.samples, w.blob, i.calm_limit FROM raw w JOIN invocation i USING "
		"(invocation_id)"
		" JOIN run_case c USING (run_case_id) JOIN kase k USING (case_id) JOIN run r USING "
		"(run_id)",
		err);

	if (rc)
		return finding(c, rc, err);
	while ((rc = mp_query_step(&q, "read raw data", err)) > 0) {
		rc = check_blob(c, &q, err);
		if (rc)
			break;
	}
	mp_query_close(&q);
	return finding(c, rc, err);
}

static void found_point(void *user, int64_t run_case, const char *what)
{
	struct check *c = user;

	found(c, "case %lld of a run: its %s are not those of its invocations", (long long)run_case,
	      what);
}

static int check_points(struct check *c, struct mp_err *err)
{
	int64_t strays = 0;
	int rc = mp_store_points_verify(c->store, found_point, c, &strays, err);

	if (!rc && strays)
		found(c, "%lld rows of table 'point' belong to no invocation", (long long)strays);
	return finding(c, rc, err);
}

int mp_store_check(struct mp_store *s, void (*problem)(void *user, const char *text), void *user,
		   unsigned *ret_problems, struct mp_err *err)
{
	static int (*const parts[])(struct check *, struct mp_err *) = {
		check_integrity,  check_references, check_schema, check_rules,
		check_topologies, check_blobs,	    check_points,
	};
	struct check c = { .store = s, .problem = problem, .user = user };
	struct mp_err own = { 0 }; /* findings quote it, so there must be one */

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		int rc = parts[i](&c, &own);

		if (rc) {
			if (err)
				*err = own;
			return rc;
		}
	}
	*ret_problems = c.count;
	return 0;
}

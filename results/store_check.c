/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * db check: everything about a file that can be verified.
 *
 * Structure (SQLite's own checks), schema (every definition is that of schema.sql), rules between rows
 * that a constraint cannot state, and every blob (store_check_blobs.c). Damage is a finding, not a failure of the check.
 */
#include "results/store_check.h"

#include <errno.h>
#include <string.h>

void mp_store_found(struct mp_store_checking *c, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	if (mp_store_short_of_memory(c->store))
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	c->count++;
	if (c->problem)
		c->problem(c->user, text);
}

int mp_store_finding(struct mp_store_checking *c, int rc, const struct mp_err *err)
{
	if (rc && rc != -ENOMEM) {
		mp_store_found(c, "%s", err->text);
		return 0;
	}
	return rc;
}

/* ---- structure ---- */

static int check_integrity(struct mp_store_checking *c, struct mp_err *err)
{
	struct mp_query q;
	int rc = mp_query_open(c->store, &q, "PRAGMA integrity_check(100)", err);

	if (rc)
		return mp_store_finding(c, rc, err);
	while ((rc = mp_query_step(&q, "check the file", err)) > 0)
		if (strcmp(mp_column_text(&q, 0), "ok"))
			mp_store_found(c, "structure: %s", mp_column_text(&q, 0));
	mp_query_close(&q);
	return mp_store_finding(c, rc, err);
}

static int check_references(struct mp_store_checking *c, struct mp_err *err)
{
	struct mp_query q;
	int rc = mp_query_open(c->store, &q, "PRAGMA foreign_key_check", err);

	if (rc)
		return mp_store_finding(c, rc, err);
	while ((rc = mp_query_step(&q, "check the references", err)) > 0)
		mp_store_found(c,
			       "row %lld of table '%s' refers to a row of '%s' that does not exist",
			       (long long)mp_column_int(&q, 1), mp_column_text(&q, 0),
			       mp_column_text(&q, 2));
	mp_query_close(&q);
	return mp_store_finding(c, rc, err);
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
static int check_object(struct mp_store_checking *c, const char *type, const char *name,
			const char *sql, struct mp_err *err)
{
	struct mp_query q;
	int rc = mp_query_open(
		c->store, &q,
		"SELECT sql FROM main.sqlite_schema WHERE type = :type AND name = :name", err);

	if (rc)
		return mp_store_finding(c, rc, err);
	mp_bind_text(&q, ":type", type);
	mp_bind_text(&q, ":name", name);
	rc = mp_query_step(&q, "read the schema", err);
	if (!rc || (rc > 0 && !same_sql(mp_column_text(&q, 0), sql)))
		mp_store_found(c, "%s '%s' is missing or not as memperf makes it", type, name);
	mp_query_close(&q);
	return mp_store_finding(c, rc < 0 ? rc : 0, err);
}

static int check_foreign_objects(struct mp_store_checking *c, sqlite3_stmt *known,
				 struct mp_err *err)
{
	struct mp_query q;
	int rc = mp_query_open(c->store, &q, "SELECT type, name FROM main.sqlite_schema", err);

	if (rc)
		return mp_store_finding(c, rc, err);
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
			mp_store_found(c, "%s '%s' is not memperf's", mp_column_text(&q, 0),
				       mp_column_text(&q, 1));
	}
	mp_query_close(&q);
	return mp_store_finding(c, rc, err);
}

/* Against a database in memory, made from the schema of the file's version. */
static int check_schema(struct mp_store_checking *c, struct mp_err *err)
{
	sqlite3 *fresh = NULL;
	sqlite3_stmt *known = NULL;
	const char *schema;
	int code = SQLITE_DONE;
	int rc = mp_store_schema_of(c->store, &schema, err);

	if (rc)
		return mp_store_finding(c, rc, err);
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

static int check_rules(struct mp_store_checking *c, struct mp_err *err)
{
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		struct mp_query q;
		int rc = mp_query_open(c->store, &q, rules[i], err);

		if (!rc) {
			while ((rc = mp_query_step(&q, "check the rows", err)) > 0) {
				const char *text = mp_column_text(&q, 0);

				/* What a sentence is made of may be missing, too. */
				mp_store_found(c, "%s", *text ? text : "a row lacks what names it");
			}
			mp_query_close(&q);
		}
		rc = mp_store_finding(c, rc, err);
		if (rc)
			return rc;
	}
	return 0;
}

int mp_store_check(struct mp_store *s, void (*problem)(void *user, const char *text), void *user,
		   unsigned *ret_problems, struct mp_err *err)
{
	static int (*const parts[])(struct mp_store_checking *, struct mp_err *) = {
		check_integrity,	   check_references,	 check_schema,		check_rules,
		mp_store_check_topologies, mp_store_check_blobs, mp_store_check_points,
	};
	struct mp_store_checking c = { .store = s, .problem = problem, .user = user };
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
	return mp_store_short_of_memory(s) ? mp_store_no_memory(s, err) : 0;
}

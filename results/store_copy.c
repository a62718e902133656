/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The rows of a run, and of machines, into another file.
 *
 * Ids are local to a file, so every row is bound to the id that its parent received; machines, benchmarks and cases are
 * found by their natural keys. Every row passes the constraints of the receiving file and every blob is decoded once: damage
 * does not spread.
 */
#include "results/store_internal.h"

#include <errno.h>
#include <string.h>

#include "common/cleanup.h"
#include "results/store_counts.h"
#include "results/store_points.h"

struct copy {
	struct mp_store *into, *from;
};

/* Any trouble with a row of `from` that is not about memory or about writing `into`. */
static int row_refused(struct copy *c, const char *table, struct mp_err *err)
{
	return mp_err_env(err, -EBADMSG, "a row of table '%s' in '%s' is refused: %s", table,
			  c->from->path, sqlite3_errmsg(c->into->db));
}

/* One table whose rows hang on one parent id. In `select` the parent's old id is :id; in `insert` ?1 is its new
 * id and ?2 ... are the selected columns. */
struct table {
	const char *name, *select, *insert;
};

int mp_store_blob_verify(const char *table, const void *blob, size_t size)
{
	MP_CLEANUP(mp_invocation_done) struct mp_invocation inv = { 0 };
	MP_CLEANUP(mp_histogram_done) struct mp_histogram h = { 0 };

	if (!strcmp(table, "raw"))
		return mp_raw_decode(blob, size, &inv);
	if (!strcmp(table, "histogram"))
		return mp_histogram_decode(blob, size, &h);
	return 0;
}

/* The column of the blob, the last one of its tables. */
static int verify_blob(const char *table, struct mp_query *row)
{
	const int column = sqlite3_column_count(row->stmt) - 1;
	const void *blob;

	/* Asking for anything else as a blob would change it. */
	if (sqlite3_column_type(row->stmt, column) != SQLITE_BLOB)
		return 0;
	blob = sqlite3_column_blob(row->stmt, column);
	return mp_store_blob_verify(table, blob, (size_t)sqlite3_column_bytes(row->stmt, column));
}

static const struct table of_run[] = {
	{ "run_tag", "SELECT key, value FROM run_tag WHERE run_id = :id",
	  "INSERT INTO run_tag (run_id, key, value) VALUES (?1, ?2, ?3)" },
	{ "fact",
	  "SELECT position, fact_group, key, value, origin, volatility, weight, why FROM fact"
	  " WHERE run_id = :id",
	  "INSERT INTO fact (run_id, position, fact_group, key, value, origin, volatility, weight, "
	  "why)"
	  " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)" },
};

static const struct table of_run_case[] = {
	{ "summary",
	  "SELECT mode, population, metric, n, value, low, high, level, cv FROM summary"
	  " WHERE run_case_id = :id",
	  "INSERT INTO summary (run_case_id, mode, population, metric, n, value, low, high, level, "
	  "cv)"
	  " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)" },
	{ "point",
	  "SELECT mode, population, n, p50, mean, profile FROM point WHERE run_case_id = :id",
	  "INSERT INTO point (run_case_id, mode, population, n, p50, mean, profile)"
	  " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)" },
	{ "variance",
	  "SELECT n, blocks, s1_within, s2_means, t2_between, icc, block_ns, start_ns FROM variance"
	  " WHERE run_case_id = :id",
	  "INSERT INTO variance (run_case_id, n, blocks, s1_within, s2_means, t2_between, icc, "
	  "block_ns,"
	  " start_ns) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)" },
	{ "modes",
	  "SELECT what, two, low, low_share, high, high_share, separation FROM modes"
	  " WHERE run_case_id = :id",
	  "INSERT INTO modes (run_case_id, what, two, low, low_share, high, high_share,"
	  " separation) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)" },
};

static const struct table of_invocation[] = {
	{ "check_result",
	  "SELECT position, name, passed, failed, detail FROM check_result WHERE invocation_id = "
	  ":id",
	  "INSERT INTO check_result (invocation_id, position, name, passed, failed, detail)"
	  " VALUES (?1, ?2, ?3, ?4, ?5, ?6)" },
	{ "seat",
	  "SELECT worker, cpu, cpu_end, migrated, memory, per_mapping, nodes, pages, astray,"
	  " page_nodes, kind, mul_reference, add_reference FROM seat WHERE invocation_id = :id",
	  "INSERT INTO seat (invocation_id, worker, cpu, cpu_end, migrated, memory, per_mapping,"
	  " nodes, pages, astray, page_nodes, kind, mul_reference, add_reference)"
	  " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)" },
	{ "invocation_stat",
	  "SELECT mode, population, n, blocks, mean, p50, p90, p99, p999, min, max FROM "
	  "invocation_stat"
	  " WHERE invocation_id = :id",
	  "INSERT INTO invocation_stat (invocation_id, mode, population, n, blocks, mean, p50, "
	  "p90, p99,"
	  " p999, min, max) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)" },
	{ "histogram", "SELECT population, blob FROM histogram WHERE invocation_id = :id",
	  "INSERT INTO histogram (invocation_id, population, blob) VALUES (?1, ?2, ?3)" },
	{ "raw", "SELECT codec, blocks, samples, blob FROM raw WHERE invocation_id = :id",
	  "INSERT INTO raw (invocation_id, codec, blocks, samples, blob) VALUES (?1, ?2, ?3, ?4, "
	  "?5)" },
};

/* The ids that a row hangs on, in `into`; they are the first parameters of its insert. */
struct parents {
	int64_t id[2];
	int count;
};

#define ONE(parent) ((struct parents){ .id = { parent }, .count = 1 })

/* Inserts columns `first` ... of the source row, after its parents. */
static int insert_row(struct copy *c, const char *table, const char *insert, struct parents parents,
		      struct mp_query *row, int first, struct mp_err *err)
{
	struct mp_query q;
	int rc = mp_query_open(c->into, &q, insert, err);
	int columns = sqlite3_column_count(row->stmt);

	if (rc)
		return rc;
	for (int i = 0; i < parents.count; i++)
		sqlite3_bind_int64(q.stmt, 1 + i, parents.id[i]);
	for (int i = first; i < columns; i++)
		if (sqlite3_bind_value(q.stmt, 1 + parents.count + i - first,
				       sqlite3_column_value(row->stmt, i)) != SQLITE_OK)
			q.rc = SQLITE_NOMEM;
	rc = mp_query_step(&q, "copy a run", err);
	if (rc < 0 && (sqlite3_extended_errcode(c->into->db) & 0xff) == SQLITE_CONSTRAINT)
		rc = row_refused(c, table, err);
	mp_query_close(&q);
	return rc < 0 ? rc : 0;
}

static int copy_table(struct copy *c, const struct table *t, int64_t old, int64_t new,
		      struct mp_err *err)
{
	struct mp_query row;
	int rc = mp_query_open(c->from, &row, t->select, err);

	if (rc)
		return rc;
	mp_bind_int(&row, ":id", old);
	while ((rc = mp_query_step(&row, "read a run", err)) > 0) {
		rc = verify_blob(t->name, &row);
		if (rc == -EBADMSG)
			rc = mp_err_env(err, rc, "a blob of table '%s' in '%s' is damaged", t->name,
					c->from->path);
		else if (rc)
			rc = mp_store_no_memory(c->from, err);
		else
			rc = insert_row(c, t->name, t->insert, ONE(new), &row, 0, err);
		if (rc)
			break;
	}
	mp_query_close(&row);
	return rc;
}

static int copy_tables(struct copy *c, const struct table *tables, size_t count, int64_t old,
		       int64_t new, struct mp_err *err)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < count; i++)
		rc = copy_table(c, &tables[i], old, new, err);
	return rc;
}

#define COPY(c, tables, old, new, err)                                                             \
	copy_tables(c, tables, sizeof(tables) / sizeof((tables)[0]), old, new, err)

static int copy_invocations(struct copy *c, int64_t old_case, int64_t new_case, struct mp_err *err)
{
	struct mp_query row;
	int rc = mp_query_open(c->from, &row,
			       "SELECT invocation_id, ordinal, outcome, reason, seed, started_ns, "
			       "duration_ns, layout,"
			       " cpus, nodes, vma_count, batch_ops, clock_ns_per_tick, "
			       "mul_reference, add_reference,"
			       " steal_ns, steady, first_ns, ops_per_s, blocks, "
			       "flagged_blocks, calm_limit FROM invocation"
			       " WHERE run_case_id = :id ORDER BY ordinal",
			       err);

	if (rc)
		return rc;
	mp_bind_int(&row, ":id", old_case);
	while ((rc = mp_query_step(&row, "read a run", err)) > 0) {
		rc = insert_row(c, "invocation",
				"INSERT INTO invocation (run_case_id, ordinal, outcome, reason, "
				"seed, started_ns,"
				" duration_ns, layout, cpus, nodes, vma_count, batch_ops, "
				"clock_ns_per_tick,"
				" mul_reference, add_reference, steal_ns, steady, "
				"first_ns, ops_per_s,"
				" blocks, flagged_blocks, calm_limit) VALUES (?1, ?2, ?3, ?4, ?5, "
				"?6, ?7, ?8, "
				"?9, ?10, ?11,"
				" ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22)",
				ONE(new_case), &row, 1, err);
		if (!rc)
			rc = COPY(c, of_invocation, mp_column_int(&row, 0),
				  sqlite3_last_insert_rowid(c->into->db), err);
		if (rc)
			break;
	}
	mp_query_close(&row);
	return rc;
}

/* ---- cases ---- */

static int parse_kind(const char *name, enum mp_axis_kind *ret_kind)
{
	for (int k = MP_AXIS_SIZE; k <= MP_AXIS_CHOICE; k++) {
		if (!strcmp(mp_axis_kind_name((enum mp_axis_kind)k), name)) {
			*ret_kind = (enum mp_axis_kind)k;
			return 0;
		}
	}
	return -EBADMSG;
}

static int read_params(struct copy *c, int64_t id, struct mp_params *params, struct mp_err *err)
{
	struct mp_query q;
	int rc = mp_query_open(c->from, &q,
			       "SELECT axis, kind, word, number FROM case_param WHERE case_id = :id"
			       " ORDER BY axis",
			       err);

	if (rc)
		return rc;
	mp_bind_int(&q, ":id", id);
	params->count = 0;
	while ((rc = mp_query_step(&q, "read a case", err)) > 0) {
		struct mp_param *p = &params->items[params->count];

		if (params->count == MP_PARAMS_MAX || parse_kind(mp_column_text(&q, 1), &p->kind)) {
			rc = mp_store_damaged(c->from, "read the parameters of a case", err);
			break;
		}
		mp_column_buffer(&q, 0, p->axis, sizeof(p->axis));
		mp_column_buffer(&q, 2, p->word, sizeof(p->word));
		p->number = (uint64_t)mp_column_int(&q, 3);
		params->count++;
	}
	mp_query_close(&q);
	return rc;
}

/* The case and what became of it; `row` as selected in copy_cases(). */
static int copy_case(struct copy *c, struct mp_query *row, int64_t new_run, struct mp_err *err)
{
	const struct mp_bench_info bench = {
		.name = mp_column_text(row, 2),
		.version = (unsigned)mp_column_int(row, 3),
		.family = mp_column_text(row, 4),
		.summary = mp_column_text(row, 5),
		.timed = mp_column_text(row, 6),
		.unit = mp_column_text(row, 7),
		.bytes_axis = mp_column_text(row, 8),
	};
	struct mp_params params;
	int64_t id = 0, old = mp_column_int(row, 0), new;
	bool has = true;
	int rc = read_params(c, mp_column_int(row, 1), &params, err);

	if (rc)
		return rc;
	rc = mp_store_kase(c->into, &bench, mp_column_text(row, 9), &params, &id, err);
	if (rc)
		return (sqlite3_extended_errcode(c->into->db) & 0xff) == SQLITE_CONSTRAINT
			       ? row_refused(c, "kase", err)
			       : rc;
	rc = insert_row(
		c, "run_case",
		"INSERT INTO run_case (run_id, case_id, planned, outcome, reason, why_stopped, "
		"mode,"
		" population, resolution, n, value_ns, low_ns, high_ns, level, cv, calm_share,"
		" observer_effect_ns, blocks, flagged_blocks, checks_passed, checks_failed)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, "
		"?17, ?18,"
		" ?19, ?20, ?21)",
		(struct parents){ .id = { new_run, id }, .count = 2 }, row, 10, err);
	if (rc)
		return rc;
	new = sqlite3_last_insert_rowid(c->into->db);
	rc = COPY(c, of_run_case, old, new, err);
	if (!rc)
		rc = copy_invocations(c, old, new, err);
	if (!rc)
		rc = mp_store_counters_copy(c->into, c->from, old, new, err);
	/* A file of schema 1 has none. */
	if (!rc)
		rc = mp_store_has_points(c->from, &has, err);
	return rc || has ? rc : mp_store_points_put(c->into, new, err);
}

static int copy_cases(struct copy *c, int64_t old_run, int64_t new_run, struct mp_err *err)
{
	struct mp_query row;
	int rc = mp_query_open(
		c->from, &row,
		"SELECT c.run_case_id, c.case_id, b.name, b.version, b.family, b.summary, b.timed, "
		"b.unit,"
		" b.bytes_axis, k.text, c.planned, c.outcome, c.reason, c.why_stopped, c.mode,"
		" c.population, c.resolution, c.n, c.value_ns, c.low_ns, c.high_ns, c.level, c.cv,"
		" c.calm_share, c.observer_effect_ns, c.blocks, c.flagged_blocks, c.checks_passed,"
		" c.checks_failed FROM run_case c JOIN kase k USING (case_id) JOIN bench b USING "
		"(bench_id)"
		" WHERE c.run_id = :id ORDER BY c.run_case_id",
		err);

	if (rc)
		return rc;
	mp_bind_int(&row, ":id", old_run);
	while ((rc = mp_query_step(&row, "read a run", err)) > 0) {
		rc = copy_case(c, &row, new_run, err);
		if (rc)
			break;
	}
	mp_query_close(&row);
	return rc;
}

/* ---- runs ---- */

int mp_store_run_copy(struct mp_store *into, struct mp_store *from, int64_t old, struct mp_err *err)
{
	struct copy c = { .into = into, .from = from };
	struct mp_query row;
	int64_t machine = 0, new;
	int rc = mp_query_open(
		from, &row,
		"SELECT m.key, uuid, host, label, suite, suite_text, plan_json, options_json, "
		"status,"
		" version, source_commit, seed, started_ns, ended_ns, budget_s, estimate_s, clock,"
		" clock_why, clock_ns_per_tick, clock_step_ns, clock_pair_ns, clock_drift_ppm"
		" FROM run"
		" JOIN machine m USING (machine_id) WHERE run_id = :id",
		err);

	if (rc)
		return rc;
	mp_bind_int(&row, ":id", old);
	rc = mp_query_step(&row, "read a run", err);
	if (rc > 0)
		rc = mp_store_machine(into, mp_column_text(&row, 0), &machine, err);
	else if (!rc)
		rc = mp_store_damaged(from, "read a run", err);
	if (!rc)
		rc = insert_row(
			&c, "run",
			"INSERT INTO run (machine_id, uuid, host, label, suite, suite_text, "
			"plan_json,"
			" options_json, status, version, source_commit, seed, started_ns, ended_ns,"
			" budget_s, estimate_s, clock, clock_why, clock_ns_per_tick, clock_step_ns,"
			" clock_pair_ns, clock_drift_ppm) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, "
			"?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22)",
			ONE(machine), &row, 1, err);
	mp_query_close(&row);
	if (rc)
		return rc;
	new = sqlite3_last_insert_rowid(into->db);
	rc = COPY(&c, of_run, old, new, err);
	if (!rc)
		rc = mp_store_topology_copy(into, new, from, old, err);
	return rc ? rc : copy_cases(&c, old, new, err);
}

/* Tables that hang on a machine's key, the first column. What `into` remembers itself stays, but for a newer judgement. */
static const struct {
	const char *table, *select, *insert;
} of_machine[] = {
	{ "batch_pin",
	  "SELECT key, case_text, bench_version, ops FROM batch_pin JOIN machine USING "
	  "(machine_id)",
	  "INSERT INTO batch_pin (machine_id, case_text, bench_version, ops)"
	  " VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING" },
	{ "probe_reference",
	  "SELECT key, kind, mul_ns, add_ns FROM probe_reference JOIN machine USING (machine_id)",
	  "INSERT INTO probe_reference (machine_id, kind, mul_ns, add_ns) VALUES (?1, ?2, ?3, ?4)"
	  " ON CONFLICT DO NOTHING" },
	/* The runs of one name belong together. */
	{ "baseline",
	  "SELECT key, name, run_uuid, made_ns, author, reason FROM baseline JOIN machine"
	  " USING (machine_id)",
	  "INSERT INTO baseline (machine_id, name, run_uuid, made_ns, author, reason)"
	  " SELECT ?1, ?2, ?3, ?4, ?5, ?6 WHERE NOT EXISTS (SELECT 1 FROM baseline WHERE"
	  " machine_id = ?1 AND name = ?2 AND made_ns <> ?4) ON CONFLICT DO NOTHING" },
	/* Of two judgements of one thing the newer holds. */
	{ "accepted",
	  "SELECT key, case_text, bench_version, metric, run_uuid, run_started_ns, state,"
	  " made_ns, author, reason, link FROM accepted JOIN machine USING (machine_id)",
	  "INSERT OR REPLACE INTO accepted (machine_id, case_text, bench_version, metric,"
	  " run_uuid, run_started_ns, state, made_ns, author, reason, link)"
	  " SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11 WHERE NOT EXISTS (SELECT 1"
	  " FROM accepted WHERE machine_id = ?1 AND case_text = ?2 AND bench_version = ?3"
	  " AND metric = ?4 AND run_uuid = ?5 AND made_ns >= ?8)" },
	{ "suspect",
	  "SELECT key, run_uuid, run_started_ns, case_text, bench_version, mode, metric,"
	  " state, reason, value, reference, reference_mad, reference_runs, deviations,"
	  " confirm_uuid, confirm_n, confirm_value, confirm_ratio, confirm_p, made_ns"
	  " FROM suspect JOIN machine USING (machine_id)",
	  "INSERT OR REPLACE INTO suspect (machine_id, run_uuid, run_started_ns, case_text,"
	  " bench_version, mode, metric, state, reason, value, reference, reference_mad,"
	  " reference_runs, deviations, confirm_uuid, confirm_n, confirm_value,"
	  " confirm_ratio, confirm_p, made_ns) SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9,"
	  " ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20 WHERE NOT EXISTS (SELECT"
	  " 1 FROM suspect WHERE machine_id = ?1 AND run_uuid = ?2 AND case_text = ?4"
	  " AND bench_version = ?5 AND mode = ?6 AND metric = ?7 AND made_ns >= ?20)" },
};

int mp_store_machines_copy(struct mp_store *into, struct mp_store *from, struct mp_err *err)
{
	struct copy c = { .into = into, .from = from };

	for (size_t i = 0; i < sizeof(of_machine) / sizeof(of_machine[0]); i++) {
		struct mp_query row;
		int rc = mp_query_open(from, &row, of_machine[i].select, err);

		if (rc)
			return rc;
		while ((rc = mp_query_step(&row, "read the machines", err)) > 0) {
			int64_t machine = 0;

			rc = mp_store_machine(into, mp_column_text(&row, 0), &machine, err);
			if (!rc)
				rc = insert_row(&c, of_machine[i].table, of_machine[i].insert,
						ONE(machine), &row, 1, err);
			if (rc)
				break;
		}
		mp_query_close(&row);
		if (rc)
			return rc;
	}
	return 0;
}

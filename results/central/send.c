/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Rows of a results file on their way to the central database.
 *
 * Ids are local to a database. For each table with ids of its own a temporary table of the reader's connection, id_<table>,
 * says which id a row has there, and every row is read joined with those, ready to be sent. What runs share (machines,
 * benchmarks, cases, counters, topologies) goes by way of a temporary table on the server and is found by what is unique of
 * it; the rows of a run take new ids from the server's sequences and are copied straight into their tables.
 */
#include "results/central/send.h"

#include <errno.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/str.h"
#include "results/central/postgres.h"

/* ---- sending rows ---- */

/* A statement that was put together; `sql` is used up. */
static int prepare(struct mp_push *p, struct mp_str *sql, struct mp_query *ret_query,
		   struct mp_err *err)
{
	int rc = 0;

	*ret_query = (struct mp_query){ .store = p->from };
	if (sql->failed)
		rc = mp_store_no_memory(p->from, err);
	else if (sqlite3_prepare_v2(p->from->db, sql->text, -1, &ret_query->stmt, NULL) !=
		 SQLITE_OK)
		rc = mp_store_failed(p->from, "read the tables", err);
	mp_str_done(sql);
	*sql = (struct mp_str)MP_STR_INIT;
	return rc;
}

/* The same of the server, which answers nothing. */
static int ask(struct mp_push *p, struct mp_str *sql, struct mp_err *err)
{
	int rc = sql->failed ? mp_store_no_memory(p->from, err)
			     : mp_pg_exec(p->pg, sql->text, "copy the runs", err);

	mp_str_done(sql);
	*sql = (struct mp_str)MP_STR_INIT;
	return rc;
}

/* A blob is decoded once: damage does not spread. */
static int put_column(struct mp_push *p, const struct mp_shape_table *t, size_t c,
		      struct mp_query *row, struct mp_err *err)
{
	const int column = (int)c;
	const void *bytes;

	if (sqlite3_column_type(row->stmt, column) == SQLITE_NULL) {
		mp_pg_put_null(p->pg);
		return 0;
	}
	switch (t->columns[c].type) {
	case 'I':
		mp_pg_put_int(p->pg, mp_column_int(row, column));
		return 0;
	case 'R':
		mp_pg_put_real(p->pg, mp_column_real(row, column));
		return 0;
	default:
		bytes = t->columns[c].type == 'T'
				? (const void *)sqlite3_column_text(row->stmt, column)
				: sqlite3_column_blob(row->stmt, column);
	}
	if (!bytes && sqlite3_column_bytes(row->stmt, column))
		return mp_store_no_memory(p->from, err);
	if (!strcmp(t->columns[c].name, "blob")) {
		int rc = mp_store_blob_verify(t->name, bytes,
					      (size_t)sqlite3_column_bytes(row->stmt, column));

		if (rc)
			return rc == -ENOMEM ? mp_store_no_memory(p->from, err)
					     : mp_err_env(err, rc,
							  "a blob of table '%s' in '%s' is damaged",
							  t->name, p->from->path);
	}
	mp_pg_put_bytes(p->pg, bytes, (size_t)sqlite3_column_bytes(row->stmt, column));
	return 0;
}

/* The statement's first row: 1, 0 for none, or negative errno; closes it but for 1. Uses `sql` up. */
static int first_row(struct mp_push *p, struct mp_str *sql, struct mp_query *ret_row,
		     struct mp_err *err)
{
	int rc = prepare(p, sql, ret_row, err);

	if (!rc)
		rc = mp_query_step(ret_row, "read a run", err);
	if (rc <= 0)
		mp_query_close(ret_row);
	return rc;
}

/* Copies the statement's rows, from the one it stands on, into `target`, which has the columns of `t`; closes the statement. */
static int send_rows(struct mp_push *p, const struct mp_shape_table *t, const char *target,
		     struct mp_query *row, struct mp_err *err)
{
	MP_CLEANUP(mp_str_done) struct mp_str sql = MP_STR_INIT;
	char doing[128];
	int rc;

	mp_str_printf(&sql, "COPY %s (", target);
	mp_shape_columns(t, "", -1, &sql);
	mp_str_add(&sql, ") FROM STDIN (FORMAT binary)");
	rc = sql.failed ? mp_store_no_memory(p->from, err) : mp_pg_copy(p->pg, sql.text, err);
	if (rc) {
		mp_query_close(row);
		return rc;
	}
	do {
		mp_pg_put_row(p->pg, t->n_columns);
		rc = 0;
		for (size_t c = 0; !rc && c < t->n_columns; c++)
			rc = put_column(p, t, c, row, err);
		if (!rc)
			rc = mp_query_step(row, "read a run", err);
	} while (rc > 0);
	mp_query_close(row);
	snprintf(doing, sizeof(doing), "store a row of table '%s'", t->name);
	return mp_pg_copy_end(p->pg, rc, doing, err);
}

/* "SELECT" all columns of `t` with the server's ids, from what `t` is joined with: rows of a run by the row that they go with. */
static void select_mapped(const struct mp_push *p, const struct mp_shape_table *t,
			  struct mp_str *sql)
{
	const struct mp_shape_table *tables = p->shape->tables;
	const bool from_owner = t->of_run && t->owner >= 0;

	mp_str_add(sql, "SELECT ");
	for (size_t c = 0; c < t->n_columns; c++) {
		if (c)
			mp_str_add(sql, ", ");
		if (t->columns[c].parent >= 0)
			mp_str_printf(sql, "m%zu.new", c);
		else if ((int)c == t->id && t->of_run)
			mp_str_add(sql, "own.new");
		else
			mp_str_printf(sql, "t.\"%s\"", t->columns[c].name);
	}
	mp_str_add(sql, " FROM ");
	if (from_owner)
		mp_str_printf(sql, "temp.id_%s m%d CROSS JOIN ",
			      tables[t->columns[t->owner].parent].name, t->owner);
	mp_str_printf(sql, "\"%s\" t", t->name);
	for (size_t c = 0; c < t->n_columns; c++)
		if (t->columns[c].parent >= 0 && !(from_owner && (int)c == t->owner))
			mp_str_printf(sql, " CROSS JOIN temp.id_%s m%zu",
				      tables[t->columns[c].parent].name, c);
	if (t->of_run && t->id >= 0)
		mp_str_printf(sql, " CROSS JOIN temp.id_%s own", t->name);
	mp_str_add(sql, " WHERE 1");
	for (size_t c = 0; c < t->n_columns; c++)
		if (t->columns[c].parent >= 0)
			mp_str_printf(sql, " AND t.\"%s\" = m%zu.old", t->columns[c].name, c);
	if (t->of_run && t->id >= 0)
		mp_str_printf(sql, " AND t.\"%s\" = own.old", t->columns[t->id].name);
}

/* ---- ids ---- */

/* Fills id_<table> row by row: with what the server says alone (old, new), or with the next of `olds` (new). */
struct filling {
	struct mp_push *p;
	struct mp_query *olds, insert;
};

static int fill(void *user, const struct mp_pg_row *row, struct mp_err *err)
{
	struct filling *f = user;
	int rc = f->olds ? mp_query_step(f->olds, "read a run", err) : 1;

	if (rc <= 0)
		return rc;
	sqlite3_bind_int64(f->insert.stmt, 1,
			   f->olds ? mp_column_int(f->olds, 0) : mp_pg_int(row, 0));
	sqlite3_bind_int64(f->insert.stmt, 2, mp_pg_int(row, f->olds ? 0 : 1));
	rc = mp_query_step(&f->insert, "note an id", err);
	sqlite3_reset(f->insert.stmt);
	return rc;
}

static int fill_all(struct mp_push *p, const struct mp_shape_table *t, struct mp_str *asked,
		    struct mp_query *olds, struct mp_err *err)
{
	MP_CLEANUP(mp_str_done) struct mp_str sql = MP_STR_INIT;
	struct filling f = { .p = p, .olds = olds };
	int rc;

	mp_str_printf(&sql, "INSERT INTO temp.id_%s VALUES (?1, ?2)", t->name);
	rc = prepare(p, &sql, &f.insert, err);
	if (!rc)
		rc = asked->failed ? mp_store_no_memory(p->from, err)
				   : mp_pg_query(p->pg, asked->text, NULL, fill, &f,
						 "copy the runs", err);
	mp_query_close(&f.insert);
	return rc;
}

/* The ids here of the rows of a run, in order. */
static void select_olds(const struct mp_push *p, const struct mp_shape_table *t, int64_t run,
			struct mp_str *sql)
{
	const struct mp_shape_column *owner = &t->columns[t->owner < 0 ? 0 : t->owner];

	if (t->owner < 0)
		mp_str_printf(sql, "SELECT %lld", (long long)run);
	else
		mp_str_printf(sql,
			      "SELECT t.\"%s\" FROM temp.id_%s o CROSS JOIN \"%s\" t WHERE"
			      " t.\"%s\" = o.old ORDER BY 1",
			      t->columns[t->id].name, p->shape->tables[owner->parent].name, t->name,
			      owner->name);
}

/* New ids for them. */
static int number_rows(struct mp_push *p, const struct mp_shape_table *t, int64_t run,
		       struct mp_err *err)
{
	MP_CLEANUP(mp_str_done) struct mp_str sql = MP_STR_INIT, next = MP_STR_INIT;
	struct mp_query olds, count;
	int64_t n = 0;
	int rc;

	mp_str_add(&sql, "SELECT count(*) FROM (");
	select_olds(p, t, run, &sql);
	mp_str_addc(&sql, ')');
	rc = prepare(p, &sql, &count, err);
	if (!rc)
		rc = mp_query_int(&count, "read a run", 0, &n, err);
	if (rc || !n)
		return rc;
	select_olds(p, t, run, &sql);
	rc = prepare(p, &sql, &olds, err);
	if (rc)
		return rc;
	mp_str_printf(&next,
		      "SELECT nextval(pg_get_serial_sequence('memperf.%s', '%s'))"
		      " FROM generate_series(1, %lld)",
		      t->name, t->columns[t->id].name, (long long)n);
	rc = fill_all(p, t, &next, &olds, err);
	mp_query_close(&olds);
	return rc;
}

/* id_<table>, empty. */
static int empty_ids(struct mp_push *p, const struct mp_shape_table *t, struct mp_err *err)
{
	char sql[256];

	snprintf(sql, sizeof(sql),
		 "CREATE TEMP TABLE IF NOT EXISTS id_%s (old INTEGER PRIMARY KEY, new INTEGER);"
		 "DELETE FROM temp.id_%s",
		 t->name, t->name);
	return mp_sql_exec(p->from, sql, "read the runs", err);
}

/* ---- what runs share ---- */

/* What the server remembers stays, but for a newer judgement; the runs of one baseline belong together. */
static void insert_shared(const struct mp_shape_table *t, struct mp_str *sql)
{
	bool dated = false;
	const char *comma = "";

	mp_str_printf(sql, "INSERT INTO \"%s\" AS t (", t->name);
	mp_shape_columns(t, "", t->id, sql);
	mp_str_add(sql, ") SELECT ");
	mp_shape_columns(t, "n.", t->id, sql);
	mp_str_printf(sql, " FROM new_%s n", t->name);
	if (!strcmp(t->name, "baseline"))
		mp_str_add(sql, " WHERE NOT EXISTS (SELECT 1 FROM baseline b WHERE b.machine_id ="
				" n.machine_id AND b.name = n.name AND b.made_ns <> n.made_ns)");
	/* The same order in every push, or two could wait for each other. */
	mp_str_add(sql, " ORDER BY ");
	mp_shape_columns(t, "n.", t->id, sql);
	for (size_t c = 0; c < t->n_columns; c++)
		dated = dated || !strcmp(t->columns[c].name, "made_ns");
	mp_str_add(sql, " ON CONFLICT");
	if (!dated) {
		mp_str_add(sql, " DO NOTHING");
		return;
	}
	mp_str_add(sql, " (");
	for (size_t c = 0; c < t->n_columns; c++) {
		if (!t->columns[c].key)
			continue;
		mp_str_printf(sql, "%s\"%s\"", comma, t->columns[c].name);
		comma = ", ";
	}
	mp_str_add(sql, ") DO UPDATE SET (");
	mp_shape_columns(t, "", -1, sql);
	mp_str_add(sql, ") = ROW (");
	mp_shape_columns(t, "excluded.", -1, sql);
	mp_str_add(sql, ") WHERE excluded.made_ns > t.made_ns");
}

/* Which ids the rows have there. */
static int match_shared(struct mp_push *p, const struct mp_shape_table *t, struct mp_err *err)
{
	MP_CLEANUP(mp_str_done) struct mp_str sql = MP_STR_INIT;
	const char *id = t->columns[t->id].name, *comma = "";

	mp_str_printf(&sql, "SELECT n.\"%s\", t.\"%s\" FROM new_%s n JOIN memperf.\"%s\" t USING (",
		      id, id, t->name, t->name);
	for (size_t c = 0; c < t->n_columns; c++) {
		if (!t->columns[c].natural)
			continue;
		mp_str_printf(&sql, "%s\"%s\"", comma, t->columns[c].name);
		comma = ", ";
	}
	mp_str_addc(&sql, ')');
	return fill_all(p, t, &sql, NULL, err);
}

static int share_table(struct mp_push *p, const struct mp_shape_table *t, struct mp_err *err)
{
	MP_CLEANUP(mp_str_done) struct mp_str sql = MP_STR_INIT;
	char target[64];
	struct mp_query row;
	int rc;

	select_mapped(p, t, &sql);
	rc = first_row(p, &sql, &row, err);
	if (rc <= 0)
		return rc;
	mp_str_printf(&sql,
		      "CREATE TEMP TABLE IF NOT EXISTS new_%s (LIKE \"%s\") ON COMMIT DELETE ROWS",
		      t->name, t->name);
	rc = ask(p, &sql, err);
	if (rc) {
		mp_query_close(&row);
		return rc;
	}
	snprintf(target, sizeof(target), "pg_temp.new_%s", t->name);
	rc = send_rows(p, t, target, &row, err);
	if (rc)
		return rc;
	insert_shared(t, &sql);
	rc = ask(p, &sql, err);
	return rc || t->id < 0 ? rc : match_shared(p, t, err);
}

int mp_push_shared(struct mp_push *p, bool all, struct mp_err *err)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < p->shape->n_tables; i++) {
		const struct mp_shape_table *t = &p->shape->tables[i];

		if (t->of_run || !(all || t->of_machine))
			continue;
		rc = t->id < 0 ? 0 : empty_ids(p, t, err);
		if (!rc)
			rc = share_table(p, t, err);
	}
	return rc;
}

/* ---- the rows of a run ---- */

static int copy_table(struct mp_push *p, const struct mp_shape_table *t, int64_t run,
		      struct mp_err *err)
{
	MP_CLEANUP(mp_str_done) struct mp_str sql = MP_STR_INIT;
	char target[MP_SHAPE_NAME + 2];
	struct mp_query row;
	int rc = t->id < 0 ? 0 : empty_ids(p, t, err);

	if (!rc && t->id >= 0)
		rc = number_rows(p, t, run, err);
	if (rc)
		return rc;
	snprintf(target, sizeof(target), "\"%s\"", t->name);
	select_mapped(p, t, &sql);
	rc = first_row(p, &sql, &row, err);
	return rc <= 0 ? rc : send_rows(p, t, target, &row, err);
}

int mp_push_run(struct mp_push *p, int64_t run, struct mp_err *err)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < p->shape->n_tables; i++)
		if (p->shape->tables[i].of_run)
			rc = copy_table(p, &p->shape->tables[i], run, err);
	return rc;
}

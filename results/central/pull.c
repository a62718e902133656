/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading the central database: see pull.h. */
#include "results/central/pull.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/str.h"
#include "common/vec.h"
#include "results/central/postgres.h"
#include "results/central/shape.h"
#include "results/store_internal.h"

struct mp_pulled {
	char *url;
	char name[32]; /* of the database in memory */
	struct mp_store *keeper; /* it goes with its last connection */
	int64_t *runs; /* whose invocations are there */
	size_t n_runs, cap_runs;
	struct mp_pulled *next;
};

static struct mp_pulled *all;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static int no_memory(struct mp_err *err)
{
	return mp_err_env(err, -ENOMEM, "not enough memory to read from the server");
}

/* ---- rows ---- */

struct taking {
	struct mp_store *into;
	struct mp_pg *pg;
	const struct mp_shape_table *table;
	struct mp_query insert;
};

static int refused(const struct taking *t, const char *why, struct mp_err *err)
{
	return mp_err_env(err, -EBADMSG, "a row of table '%s' in '%s' is refused: %s",
			  t->table->name, mp_pg_url(t->pg), why);
}

static int take_row(void *user, const struct mp_pg_row *row, struct mp_err *err)
{
	struct taking *t = user;
	int rc;

	for (int c = 0; c < (int)t->table->n_columns; c++) {
		const char type = t->table->columns[c].type;
		size_t len = 0;
		const void *bytes;

		if (!mp_pg_is(row, c, type))
			return refused(t, "a column has another type", err);
		bytes = mp_pg_bytes(row, c, &len);
		if (mp_pg_null(row, c))
			sqlite3_bind_null(t->insert.stmt, c + 1);
		else if (type == 'I')
			sqlite3_bind_int64(t->insert.stmt, c + 1, mp_pg_int(row, c));
		else if (type == 'R')
			sqlite3_bind_double(t->insert.stmt, c + 1, mp_pg_real(row, c));
		else if (type == 'B')
			sqlite3_bind_blob64(t->insert.stmt, c + 1, bytes, len, SQLITE_STATIC);
		else
			sqlite3_bind_text64(t->insert.stmt, c + 1, bytes, len, SQLITE_STATIC,
					    SQLITE_UTF8);
	}
	rc = mp_query_step(&t->insert, "keep a run", err);
	if (rc < 0 && (sqlite3_extended_errcode(t->into->db) & 0xff) == SQLITE_CONSTRAINT)
		rc = refused(t, sqlite3_errmsg(t->into->db), err);
	sqlite3_reset(t->insert.stmt);
	return rc;
}

/* "... IN (...)": the rows of table `t` that go with the runs of $1. */
static void of_runs(const struct mp_shape *shape, const struct mp_shape_table *t,
		    struct mp_str *sql)
{
	const struct mp_shape_table *owner;

	if (t->owner < 0) {
		mp_str_printf(sql, "\"%s\" = ANY ($1::bigint[])", t->columns[t->id].name);
		return;
	}
	owner = &shape->tables[t->columns[t->owner].parent];
	mp_str_printf(sql, "\"%s\" IN (SELECT \"%s\" FROM \"%s\" WHERE ", t->columns[t->owner].name,
		      owner->columns[owner->id].name, owner->name);
	of_runs(shape, owner, sql);
	mp_str_addc(sql, ')');
}

/* Copies a table; `runs`: their ids as "{1,2}", NULL: all rows. */
static int take_table(struct mp_store *into, struct mp_pg *pg, const struct mp_shape *shape,
		      const struct mp_shape_table *table, const char *runs, struct mp_err *err)
{
	MP_CLEANUP(mp_str_done) struct mp_str ask = MP_STR_INIT, insert = MP_STR_INIT;
	struct taking t = { .into = into, .pg = pg, .table = table, .insert = { .store = into } };
	int rc;

	mp_str_add(&ask, "SELECT ");
	mp_shape_columns(table, "", -1, &ask);
	mp_str_printf(&ask, " FROM \"%s\"", table->name);
	if (runs) {
		mp_str_add(&ask, " WHERE ");
		of_runs(shape, table, &ask);
	}
	mp_str_printf(&insert, "INSERT INTO main.\"%s\" (", table->name);
	mp_shape_columns(table, "", -1, &insert);
	mp_str_add(&insert, ") VALUES (?");
	for (size_t c = 1; c < table->n_columns; c++)
		mp_str_add(&insert, ", ?");
	mp_str_addc(&insert, ')');
	if (ask.failed || insert.failed)
		return no_memory(err);
	if (sqlite3_prepare_v2(into->db, insert.text, -1, &t.insert.stmt, NULL) != SQLITE_OK)
		return mp_store_failed(into, "keep a run", err);
	rc = mp_pg_query(pg, ask.text, runs, take_row, &t, "read the runs", err);
	mp_query_close(&t.insert);
	return rc;
}

static int take_count(void *user, const struct mp_pg_row *row, struct mp_err *err)
{
	(void)err;
	*(int64_t *)user = mp_pg_int(row, 0);
	return 0;
}

/* A run that went on elsewhere and was pushed again has another number. */
static int still_there(struct mp_pg *pg, const char *runs, size_t n_runs, struct mp_err *err)
{
	int64_t count = 0;
	int rc = mp_pg_query(pg, "SELECT count(*) FROM run WHERE run_id = ANY ($1::bigint[])", runs,
			     take_count, &count, "read the runs", err);

	if (rc || (size_t)count == n_runs)
		return rc;
	return mp_err_env(err, -ESTALE, "a run in '%s' was replaced while it was read; do it again",
			  mp_pg_url(pg));
}

/* One view of the server: all tables of the kind, of all runs or of some. */
static int take_tables(struct mp_store *into, const char *url, bool details, const char *runs,
		       size_t n_runs, struct mp_err *err)
{
	MP_CLEANUP(mp_free_ptr) struct mp_shape *shape = NULL;
	struct mp_pg *pg = NULL;
	int rc = mp_shape_read(&shape, err);

	if (!rc)
		rc = mp_pg_open(url, false, &pg, err);
	if (!rc)
		rc = mp_pg_exec(pg, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
				"read the runs", err);
	if (!rc)
		rc = mp_tx_begin(into, MP_TX_SOON, err);
	if (rc) {
		mp_pg_close(pg);
		return rc;
	}
	if (runs)
		rc = still_there(pg, runs, n_runs, err);
	for (size_t i = 0; !rc && i < shape->n_tables; i++)
		if (shape->tables[i].detail == details)
			rc = take_table(into, pg, shape, &shape->tables[i], runs, err);
	rc = mp_tx_end(into, rc, "keep the runs", err);
	mp_pg_close(pg);
	return rc;
}

/* ---- one copy for everybody ---- */

static struct mp_pulled *find(const char *url)
{
	struct mp_pulled *p = all;

	while (p && strcmp(p->url, url) != 0)
		p = p->next;
	return p;
}

static int pull(const char *url, struct mp_pulled **ret_pulled, struct mp_err *err)
{
	struct mp_pulled *p = calloc(1, sizeof(*p));
	int rc;

	if (p)
		p->url = strdup(url);
	if (!p || !p->url) {
		free(p);
		return no_memory(err);
	}
	snprintf(p->name, sizeof(p->name), "/memperf-%p", (void *)p);
	rc = mp_store_open_memory(p->name, url, &p->keeper, err);
	if (!rc)
		rc = take_tables(p->keeper, url, false, NULL, 0, err);
	if (rc) {
		mp_store_close(p->keeper);
		free(p->url);
		free(p);
		return rc;
	}
	p->next = all;
	all = p;
	*ret_pulled = p;
	return 0;
}

int mp_central_read(const char *url, struct mp_store **ret_store, struct mp_err *err)
{
	struct mp_pulled *p;
	struct mp_store *s = NULL;
	int rc = 0;

	pthread_mutex_lock(&lock);
	p = find(url);
	if (!p)
		rc = pull(url, &p, err);
	if (!rc)
		rc = mp_store_open_memory(p->name, url, &s, err);
	pthread_mutex_unlock(&lock);
	if (rc)
		return rc;
	s->writer = false;
	s->pulled = p;
	*ret_store = s;
	return 0;
}

static bool has(const struct mp_pulled *p, int64_t run)
{
	for (size_t i = 0; i < p->n_runs; i++)
		if (p->runs[i] == run)
			return true;
	return false;
}

static int bring(struct mp_pulled *p, const int64_t *runs, size_t n, struct mp_err *err)
{
	MP_CLEANUP(mp_str_done) struct mp_str list = MP_STR_INIT;
	const size_t before = p->n_runs;
	int rc = 0;

	for (size_t i = 0; !rc && i < n; i++) {
		int64_t *slot;

		if (has(p, runs[i]))
			continue;
		slot = mp_vec_push((void **)&p->runs, &p->n_runs, &p->cap_runs, sizeof(*slot));
		if (!slot)
			rc = no_memory(err);
		else
			*slot = runs[i];
		mp_str_printf(&list, "%c%lld", list.len ? ',' : '{', (long long)runs[i]);
	}
	mp_str_addc(&list, '}');
	if (!rc && list.failed)
		rc = no_memory(err);
	if (!rc && p->n_runs > before)
		rc = take_tables(p->keeper, p->url, true, list.text, p->n_runs - before, err);
	if (rc)
		p->n_runs = before;
	return rc;
}

int mp_central_details(struct mp_store *s, const int64_t *runs, size_t n, struct mp_err *err)
{
	int rc;

	pthread_mutex_lock(&lock);
	rc = bring(s->pulled, runs, n, err);
	pthread_mutex_unlock(&lock);
	return rc;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A connection to a PostgreSQL server: see postgres.h. Formats: postgresql.org/docs/current/sql-copy.html (binary format) and
 * libpq's chapter "Command Execution Functions".
 */
#include "results/central/postgres.h"

#include <endian.h>
#include <errno.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/str.h"
#include "results/central.h"
#include "results/schema.h"

/* Types by their fixed numbers in pg_type. */
#define OID_BYTEA  17
#define OID_BIGINT 20
#define OID_TEXT   25
#define OID_DOUBLE 701

#define SEND_AT 65536 /* bytes that are collected before they are sent */

struct mp_pg {
	PGconn *conn;
	char *url;
	struct mp_str out; /* of the COPY that is going on */
};

struct mp_pg_row {
	PGresult *result;
};

const char *mp_pg_url(const struct mp_pg *pg)
{
	return pg->url;
}

static int no_memory(struct mp_err *err)
{
	return mp_err_env(err, -ENOMEM, "not enough memory to talk to the server");
}

/* libpq's messages are lines, some of them indented; ours is one sentence. */
static void one_line(const char *text, struct mp_str *line)
{
	for (; text && *text; text++) {
		if (*text == '\n' || *text == '\t') {
			if (text[strspn(text, "\n\t ")] && line->len &&
			    line->text[line->len - 1] != ' ')
				mp_str_addc(line, ' ');
		} else {
			mp_str_addc(line, *text);
		}
	}
}

/* Class 22: a value that cannot be; 23: a constraint. */
static int code_of(const PGresult *result)
{
	const char *state = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;

	return state && (!strncmp(state, "22", 2) || !strncmp(state, "23", 2)) ? -EBADMSG : -EIO;
}

static int failed(struct mp_pg *pg, const PGresult *result, const char *doing, struct mp_err *err)
{
	MP_CLEANUP(mp_str_done) struct mp_str line = MP_STR_INIT;
	const char *primary = result ? PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY) : NULL;
	const bool lost = PQstatus(pg->conn) == CONNECTION_BAD;

	one_line(primary ? primary : PQerrorMessage(pg->conn), &line);
	return mp_err_env(err, code_of(result), "cannot %s in '%s': %s%s", doing, pg->url,
			  line.text,
			  lost ? "; the connection is lost, the same command goes on" : "");
}

/* ---- statements ---- */

int mp_pg_exec(struct mp_pg *pg, const char *sql, const char *doing, struct mp_err *err)
{
	PGresult *result = PQexec(pg->conn, sql);
	ExecStatusType status = PQresultStatus(result);
	int rc = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK
			 ? 0
			 : failed(pg, result, doing, err);

	PQclear(result);
	return rc;
}

void mp_pg_try(struct mp_pg *pg, const char *sql)
{
	PQclear(PQexec(pg->conn, sql));
}

bool mp_pg_null(const struct mp_pg_row *row, int column)
{
	return PQgetisnull(row->result, 0, column);
}

int64_t mp_pg_int(const struct mp_pg_row *row, int column)
{
	uint64_t bits = 0;

	if (PQgetlength(row->result, 0, column) == sizeof(bits))
		memcpy(&bits, PQgetvalue(row->result, 0, column), sizeof(bits));
	return (int64_t)be64toh(bits);
}

double mp_pg_real(const struct mp_pg_row *row, int column)
{
	const int64_t bits = mp_pg_int(row, column);
	double value;

	memcpy(&value, &bits, sizeof(value));
	return value;
}

const void *mp_pg_bytes(const struct mp_pg_row *row, int column, size_t *ret_len)
{
	*ret_len = (size_t)PQgetlength(row->result, 0, column);
	return PQgetvalue(row->result, 0, column);
}

bool mp_pg_is(const struct mp_pg_row *row, int column, char type)
{
	const Oid want = type == 'I'   ? OID_BIGINT
			 : type == 'R' ? OID_DOUBLE
			 : type == 'B' ? OID_BYTEA
				       : OID_TEXT;

	return PQftype(row->result, column) == want;
}

int mp_pg_query(struct mp_pg *pg, const char *sql, const char *text,
		int (*each)(void *user, const struct mp_pg_row *row, struct mp_err *err),
		void *user, const char *doing, struct mp_err *err)
{
	struct mp_pg_row row;
	int rc = 0;

	if (!PQsendQueryParams(pg->conn, sql, text ? 1 : 0, NULL, text ? &text : NULL, NULL, NULL,
			       1) ||
	    !PQsetSingleRowMode(pg->conn))
		return failed(pg, NULL, doing, err);
	/* All of the answer is taken, or the connection could not be used again. */
	while ((row.result = PQgetResult(pg->conn))) {
		ExecStatusType status = PQresultStatus(row.result);

		if (!rc && status == PGRES_SINGLE_TUPLE)
			rc = each ? each(user, &row, err) : 0;
		else if (!rc && status != PGRES_TUPLES_OK && status != PGRES_SINGLE_TUPLE)
			rc = failed(pg, row.result, doing, err);
		PQclear(row.result);
	}
	return rc;
}

/* ---- COPY ---- */

static void send_out(struct mp_pg *pg, size_t at_least)
{
	if (pg->out.len < at_least)
		return;
	/* A failure is told by the end. */
	PQputCopyData(pg->conn, pg->out.text, (int)pg->out.len);
	mp_str_clear(&pg->out);
}

static void put16(struct mp_pg *pg, uint16_t value)
{
	value = htobe16(value);
	mp_str_add_len(&pg->out, (const char *)&value, sizeof(value));
}

static void put32(struct mp_pg *pg, uint32_t value)
{
	value = htobe32(value);
	mp_str_add_len(&pg->out, (const char *)&value, sizeof(value));
}

int mp_pg_copy(struct mp_pg *pg, const char *sql, struct mp_err *err)
{
	static const char signature[] = "PGCOPY\n\377\r\n"; /* its end is part of it */
	PGresult *result = PQexec(pg->conn, sql);
	int rc = PQresultStatus(result) == PGRES_COPY_IN ? 0 : failed(pg, result, "write", err);

	PQclear(result);
	mp_str_clear(&pg->out);
	mp_str_add_len(&pg->out, signature, sizeof(signature));
	put32(pg, 0); /* flags */
	put32(pg, 0); /* length of what is to come in the header */
	return rc;
}

void mp_pg_put_row(struct mp_pg *pg, size_t columns)
{
	send_out(pg, SEND_AT);
	put16(pg, (uint16_t)columns);
}

void mp_pg_put_null(struct mp_pg *pg)
{
	put32(pg, UINT32_MAX);
}

void mp_pg_put_bytes(struct mp_pg *pg, const void *bytes, size_t len)
{
	put32(pg, (uint32_t)len);
	mp_str_add_len(&pg->out, bytes, len);
}

void mp_pg_put_int(struct mp_pg *pg, int64_t value)
{
	const uint64_t bits = htobe64((uint64_t)value);

	mp_pg_put_bytes(pg, &bits, sizeof(bits));
}

void mp_pg_put_real(struct mp_pg *pg, double value)
{
	int64_t bits;

	memcpy(&bits, &value, sizeof(bits));
	mp_pg_put_int(pg, bits);
}

int mp_pg_copy_end(struct mp_pg *pg, int code, const char *doing, struct mp_err *err)
{
	PGresult *result;
	int rc = 0;

	if (!code && pg->out.failed)
		code = no_memory(err);
	put16(pg, UINT16_MAX);
	if (!code)
		send_out(pg, 1);
	mp_str_done(&pg->out);
	pg->out = (struct mp_str)MP_STR_INIT;
	if (PQputCopyEnd(pg->conn, code ? "given up" : NULL) < 0 && !code)
		rc = failed(pg, NULL, doing, err);
	while ((result = PQgetResult(pg->conn))) {
		if (!rc && !code && PQresultStatus(result) != PGRES_COMMAND_OK)
			rc = failed(pg, result, doing, err);
		PQclear(result);
	}
	return code ? code : rc;
}

/* ---- opening ---- */

static void silent(void *user, const char *message)
{
	(void)user;
	(void)message;
}

/* A password must not come as far as a process list, a report or a message; neither must what libpq says of a URL that it
 * cannot read, which quotes it. */
static int refuse_password(const char *url, struct mp_err *err)
{
	PQconninfoOption *options = PQconninfoParse(url, NULL);
	bool password = false;

	if (!options)
		return mp_err_usage(
			err, -EINVAL,
			"the URL of the server cannot be read; write "
			"postgres://USER@HOST:PORT/DATABASE, special characters as %%XX");
	for (const PQconninfoOption *o = options; o->keyword; o++)
		password = password || (o->val && (!strcmp(o->keyword, "password") ||
						   !strcmp(o->keyword, "sslpassword")));
	PQconninfoFree(options);
	if (password)
		return mp_err_usage(
			err, -EINVAL,
			"the URL of the server holds a password, which process lists and "
			"reports would show; put it into ~/.pgpass or PGPASSWORD and "
			"leave it out of the URL");
	return 0;
}

static int reach(struct mp_pg *pg, struct mp_err *err)
{
	MP_CLEANUP(mp_str_done) struct mp_str line = MP_STR_INIT;
	/* What stands behind the URL goes before it. */
	const char *timeout = getenv("PGCONNECT_TIMEOUT");
	const char *keywords[] = { "fallback_application_name", "connect_timeout", "dbname",
				   "client_encoding", NULL };
	const char *values[] = { "memperf", timeout ? timeout : "10", pg->url, "UTF8", NULL };

	pg->conn = PQconnectdbParams(keywords, values, 1);
	if (!pg->conn)
		return no_memory(err);
	PQsetNoticeProcessor(pg->conn, silent, NULL);
	if (PQstatus(pg->conn) == CONNECTION_OK)
		return 0;
	one_line(PQerrorMessage(pg->conn), &line);
	return mp_err_env(
		err, -EIO, "cannot reach '%s': %s%s", pg->url, line.text,
		PQconnectionNeedsPassword(pg->conn) ? "; give it in ~/.pgpass or PGPASSWORD" : "");
}

static int take_comment(void *user, const struct mp_pg_row *row, struct mp_err *err)
{
	char **text = user;
	size_t len;
	const char *bytes = mp_pg_bytes(row, 0, &len);

	*text = strndup(bytes, len);
	return *text ? 0 : no_memory(err);
}

/* The version is the comment of the schema, so that the tables are those of schema.sql and no more. */
#define COMMENT "memperf results, schema version "

static int make_tables(struct mp_pg *pg, struct mp_err *err)
{
	MP_CLEANUP(mp_str_done) struct mp_str sql = MP_STR_INIT;

	mp_str_add(&sql, "CREATE SCHEMA IF NOT EXISTS memperf;\n");
	mp_central_schema(&sql);
	mp_str_printf(&sql, "COMMENT ON SCHEMA memperf IS '" COMMENT "%d'", MP_SCHEMA_VERSION);
	return sql.failed ? no_memory(err) : mp_pg_exec(pg, sql.text, "make the tables", err);
}

static int check_version(struct mp_pg *pg, bool create, struct mp_err *err)
{
	MP_CLEANUP(mp_free_ptr) char *comment = NULL;
	int rc = mp_pg_query(pg,
			     "SELECT obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE"
			     " nspname = 'memperf' AND"
			     " obj_description(oid, 'pg_namespace') LIKE '" COMMENT "%'",
			     NULL, take_comment, &comment, "read the tables", err);
	int version;

	if (rc)
		return rc;
	if (!comment && create)
		return make_tables(pg, err);
	if (!comment)
		return mp_err_env(
			err, -ENOENT,
			"'%s' holds no runs yet; 'memperf db push %s FILE.db' puts some there",
			pg->url, pg->url);
	version = atoi(comment + strlen(COMMENT));
	if (version == MP_SCHEMA_VERSION)
		return 0;
	return mp_err_env(err, -EPROTONOSUPPORT,
			  "'%s' has schema version %d, this memperf knows %d; use the memperf that "
			  "made it, or a new database",
			  pg->url, version, MP_SCHEMA_VERSION);
}

/* The tables are made by one of several that begin at once: the lock lasts until the end of the transaction. */
static int set_up(struct mp_pg *pg, bool create, struct mp_err *err)
{
	int rc = mp_pg_exec(pg,
			    create ? "SET search_path = memperf; BEGIN;"
				     " SELECT pg_advisory_xact_lock(hashtextextended('memperf', 0))"
				   : "SET search_path = memperf",
			    "open it", err);

	if (!rc)
		rc = check_version(pg, create, err);
	if (!rc && create)
		rc = mp_pg_exec(pg, "COMMIT", "make the tables", err);
	return rc;
}

int mp_pg_open(const char *url, bool create, struct mp_pg **ret_pg, struct mp_err *err)
{
	struct mp_pg *pg;
	int rc = refuse_password(url, err);

	if (rc)
		return rc;
	pg = calloc(1, sizeof(*pg));
	if (!pg)
		return no_memory(err);
	pg->out = (struct mp_str)MP_STR_INIT;
	pg->url = strdup(url);
	rc = pg->url ? reach(pg, err) : no_memory(err);
	if (!rc)
		rc = set_up(pg, create, err);
	if (rc) {
		mp_pg_close(pg);
		return rc;
	}
	*ret_pg = pg;
	return 0;
}

void mp_pg_close(struct mp_pg *pg)
{
	if (!pg)
		return;
	PQfinish(pg->conn);
	mp_str_done(&pg->out);
	free(pg->url);
	free(pg);
}

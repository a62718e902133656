/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Statements, transactions, and the sentences for SQLite's errors: see store_internal.h. */
#include "results/store_internal.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What went wrong in an input or output call, by the system's error number. */
static int failed_io(struct mp_store *s, const char *doing, int code, struct mp_err *err)
{
	int number = sqlite3_system_errno(s->db);

	if (number == ENOSPC || number == EDQUOT)
		return mp_err_env(
			err, -ENOSPC,
			"cannot %s in '%s': the disk is full; free some space and try again", doing,
			s->path);
	if (number == EACCES || number == EPERM || number == EROFS)
		return mp_err_env(
			err, -number,
			"cannot %s in '%s': %s; check the permissions of the file and its folder",
			doing, s->path, strerror(number));
	return mp_err_env(err, number ? -number : -EIO, "cannot %s in '%s': %s (%s)", doing,
			  s->path, number ? strerror(number) : "input/output error",
			  sqlite3_errstr(code));
}

int mp_store_failed(struct mp_store *s, const char *doing, struct mp_err *err)
{
	int code = sqlite3_extended_errcode(s->db);

	if (code == SQLITE_READONLY_ROLLBACK)
		return mp_err_env(err, -ENODATA,
				  "'%s' was left in the middle of a change that only its owner can "
				  "take back; let "
				  "them run 'memperf db info %s'",
				  s->path, s->path);
	switch (code & 0xff) {
	case SQLITE_FULL:
		return mp_err_env(
			err, -ENOSPC,
			"cannot %s in '%s': the disk is full; free some space and try again", doing,
			s->path);
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return mp_err_env(
			err, -EBUSY,
			"cannot %s in '%s': another program is writing it; wait until it ends",
			doing, s->path);
	case SQLITE_READONLY:
	case SQLITE_PERM:
	case SQLITE_AUTH:
		return mp_err_env(
			err, -EACCES,
			"cannot %s in '%s': no permission to write; check the permissions of "
			"the file and its folder",
			doing, s->path);
	case SQLITE_NOTADB:
		if (mp_store_short_of_memory(s))
			return mp_store_no_memory(s, err);
		return mp_err_env(err, -EBADMSG, "'%s' is not a results file of memperf", s->path);
	case SQLITE_CORRUPT:
	case SQLITE_INTERRUPT: /* our own brake, see brake() */
		return mp_store_damaged(s, doing, err);
	case SQLITE_NOMEM:
		return mp_store_no_memory(s, err);
	case SQLITE_TOOBIG:
		return mp_err_env(err, -E2BIG, "cannot %s in '%s': a value is too large", doing,
				  s->path);
	case SQLITE_IOERR:
	case SQLITE_CANTOPEN:
		return failed_io(s, doing, code, err);
	default:
		if (mp_store_short_of_memory(s))
			return mp_store_no_memory(s, err);
		/* Constraints and misuse: rows that memperf never makes. In a file of unknown origin a query that
		 * does not fit its tables ends here too. */
		return mp_err_internal(err, -EINVAL, "cannot %s in '%s': %s", doing, s->path,
				       sqlite3_errmsg(s->db));
	}
}

int mp_store_damaged(struct mp_store *s, const char *what, struct mp_err *err)
{
	if (mp_store_short_of_memory(s))
		return mp_store_no_memory(s, err);
	if (s->opening)
		return mp_err_env(err, -EBADMSG,
				  "'%s' is damaged and cannot be opened; take a copy of it from "
				  "before, or save "
				  "its rows with 'sqlite3 %s .recover'",
				  s->path, s->path);
	return mp_err_env(
		err, -EBADMSG,
		"'%s' is damaged: cannot %s; 'memperf db check' lists what is wrong, and 'memperf "
		"db merge' copies its intact runs into a new file",
		s->path, what);
}

int mp_store_no_memory(struct mp_store *s, struct mp_err *err)
{
	mp_store_watch_memory(s); /* it is told: what comes after is judged anew */
	return mp_err_env(err, -ENOMEM, "not enough memory to work on '%s'", s->path);
}

int mp_store_must_write(struct mp_store *s, struct mp_err *err)
{
	if (s->writer)
		return 0;
	return mp_err_internal(err, -EBADF, "'%s' was opened for reading", s->path);
}

int mp_query_open(struct mp_store *s, struct mp_query *q, const char *sql, struct mp_err *err)
{
	const size_t room = sizeof(s->cache) / sizeof(s->cache[0]);
	sqlite3_stmt *stmt = NULL;

	s->work = 0;
	for (size_t i = 0; i < s->n_cached; i++) {
		/* A callback may ask the same question again while the first is being answered. */
		if (s->cache[i].sql != sql || sqlite3_stmt_busy(s->cache[i].stmt))
			continue;
		*q = (struct mp_query){ .store = s, .stmt = s->cache[i].stmt, .cached = true };
		return 0;
	}
	if (sqlite3_prepare_v3(s->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &stmt, NULL) !=
	    SQLITE_OK) {
		int code = sqlite3_extended_errcode(s->db);

		*q = (struct mp_query){ 0 };
		/* "No such column": the file says it is ours and is not. */
		if ((code & 0xff) == SQLITE_ERROR && !mp_store_short_of_memory(s))
			return mp_err_env(
				err, -EBADMSG,
				"'%s' is damaged: its tables are not those of a results file (%s)",
				s->path, sqlite3_errmsg(s->db));
		return mp_store_failed(s, "read the tables", err);
	}
	*q = (struct mp_query){ .store = s, .stmt = stmt, .cached = s->n_cached < room };
	if (q->cached) {
		s->cache[s->n_cached].sql = sql;
		s->cache[s->n_cached++].stmt = stmt;
	}
	return 0;
}

void mp_query_close(struct mp_query *q)
{
	if (!q->stmt)
		return;
	if (q->cached) {
		sqlite3_reset(q->stmt);
		sqlite3_clear_bindings(q->stmt);
	} else {
		sqlite3_finalize(q->stmt);
	}
	q->stmt = NULL;
}

static int parameter(struct mp_query *q, const char *name)
{
	int index = sqlite3_bind_parameter_index(q->stmt, name);

	assert(index > 0);
	return index;
}

static void note(struct mp_query *q, int rc)
{
	if (q->rc == SQLITE_OK)
		q->rc = rc;
}

void mp_bind_int(struct mp_query *q, const char *name, int64_t value)
{
	note(q, sqlite3_bind_int64(q->stmt, parameter(q, name), value));
}

void mp_bind_real(struct mp_query *q, const char *name, double value)
{
	int index = parameter(q, name);

	note(q, isfinite(value) ? sqlite3_bind_double(q->stmt, index, value)
				: sqlite3_bind_null(q->stmt, index));
}

void mp_bind_reference(struct mp_query *q, const struct mp_full_speed *reference)
{
	const bool known = mp_full_speed_known(reference);

	mp_bind_real(q, ":mul", known ? reference->mul : NAN);
	mp_bind_real(q, ":add", known ? reference->add : NAN);
}

void mp_bind_text(struct mp_query *q, const char *name, const char *value)
{
	note(q, sqlite3_bind_text(q->stmt, parameter(q, name), value, -1, SQLITE_STATIC));
}

void mp_bind_blob(struct mp_query *q, const char *name, const void *data, size_t size)
{
	note(q, sqlite3_bind_blob64(q->stmt, parameter(q, name), data, size, SQLITE_STATIC));
}

int mp_query_step(struct mp_query *q, const char *doing, struct mp_err *err)
{
	int rc = q->rc;

	if (rc == SQLITE_OK)
		rc = sqlite3_step(q->stmt);
	if (rc == SQLITE_ROW)
		return 1;
	if (rc == SQLITE_DONE)
		return 0;
	if (q->rc == SQLITE_TOOBIG)
		return mp_err_env(err, -E2BIG, "cannot %s in '%s': a value is too large", doing,
				  q->store->path);
	return mp_store_failed(q->store, doing, err);
}

int mp_query_run(struct mp_query *q, const char *doing, struct mp_err *err)
{
	int rc = mp_query_step(q, doing, err);

	mp_query_close(q);
	return rc < 0 ? rc : 0;
}

int mp_query_int(struct mp_query *q, const char *doing, int64_t otherwise, int64_t *ret_value,
		 struct mp_err *err)
{
	int rc = mp_query_step(q, doing, err);

	if (rc >= 0)
		*ret_value = rc ? mp_column_int(q, 0) : otherwise;
	mp_query_close(q);
	return rc < 0 ? rc : 0;
}

int64_t mp_column_int(struct mp_query *q, int column)
{
	return sqlite3_column_int64(q->stmt, column);
}

double mp_column_real(struct mp_query *q, int column)
{
	if (sqlite3_column_type(q->stmt, column) == SQLITE_NULL)
		return NAN;
	return sqlite3_column_double(q->stmt, column);
}

const char *mp_column_text(struct mp_query *q, int column)
{
	const char *text = (const char *)sqlite3_column_text(q->stmt, column);

	return text ? text : "";
}

int mp_column_copy(struct mp_query *q, int column, char **ret_text)
{
	const char *text;
	char *copy;

	if (sqlite3_column_type(q->stmt, column) == SQLITE_NULL) {
		*ret_text = NULL;
		return 0;
	}
	text = (const char *)sqlite3_column_text(q->stmt, column);
	if (!text)
		return -ENOMEM;
	if (sqlite3_column_bytes(q->stmt, column) > MP_STORE_TEXT_MAX)
		return -EBADMSG;
	copy = strdup(text);
	if (!copy)
		return -ENOMEM;
	*ret_text = copy;
	return 0;
}

int mp_column_copy_set(struct mp_query *q, int column, char **ret_text)
{
	int rc = mp_column_copy(q, column, ret_text);

	return !rc && !*ret_text ? -EBADMSG : rc;
}

void mp_column_buffer(struct mp_query *q, int column, char *buffer, size_t size)
{
	const char *text = mp_column_text(q, column);
	size_t len = strnlen(text, size - 1);

	memcpy(buffer, text, len);
	buffer[len] = '\0';
}

int mp_sql_exec(struct mp_store *s, const char *sql, const char *doing, struct mp_err *err)
{
	s->work = 0;
	if (sqlite3_exec(s->db, sql, NULL, NULL, NULL) != SQLITE_OK)
		return mp_store_failed(s, doing, err);
	return 0;
}

int mp_tx_begin(struct mp_store *s, enum mp_tx how, struct mp_err *err)
{
	int rc = mp_store_must_write(s, err);

	if (rc)
		return rc;
	if (s->together) {
		s->together++;
		return 0;
	}
	/* Without WAL a commit that is not synced could tear the file: see mp_store_open. */
	if (s->wal) {
		rc = mp_sql_exec(s,
				 how == MP_TX_SOON ? "PRAGMA synchronous = NORMAL"
						   : "PRAGMA synchronous = FULL",
				 "set up the transaction", err);
		if (rc)
			return rc;
	}
	return mp_sql_exec(s, "BEGIN IMMEDIATE", "write", err);
}

int mp_tx_end(struct mp_store *s, int code, const char *doing, struct mp_err *err)
{
	if (s->together > 1) {
		s->together--;
		return code;
	}
	if (!code)
		code = mp_sql_exec(s, "COMMIT", doing, err);
	/* Some errors have rolled back already. */
	if (code && !sqlite3_get_autocommit(s->db))
		sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
	return code;
}

int mp_store_together(struct mp_store *s, struct mp_err *err)
{
	int rc = mp_tx_begin(s, MP_TX_SOON, err);

	if (!rc)
		s->together = 1;
	return rc;
}

int mp_store_together_end(struct mp_store *s, int code, struct mp_err *err)
{
	s->together = 0;
	return mp_tx_end(s, code, "store the plan", err);
}

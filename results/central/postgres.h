/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A connection to a PostgreSQL server: the door of libpq. Everything travels in binary form, numbers exactly. Internal to
 * results/central.
 *
 * `doing` completes the sentence "cannot <doing> in 'postgres://...': why". -EBADMSG: the server refused a row for what is in
 * it; any other error is about the server or the way to it.
 */
#ifndef RESULTS_CENTRAL_POSTGRES_H
#define RESULTS_CENTRAL_POSTGRES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/err.h"

struct mp_pg; /* an open connection */

/* `create`: makes schema and tables where there are none; else that is an error. Refuses other schema versions. */
int mp_pg_open(const char *url, bool create, struct mp_pg **ret_pg, struct mp_err *err);
void mp_pg_close(struct mp_pg *pg); /* accepts NULL */
const char *mp_pg_url(const struct mp_pg *pg); /* as given: it has no password */

/* Statements without rows that matter. */
int mp_pg_exec(struct mp_pg *pg, const char *sql, const char *doing, struct mp_err *err);
/* The same, whose failure would say nothing new: ROLLBACK. */
void mp_pg_try(struct mp_pg *pg, const char *sql);

/* A row of an answer, valid during the call that hands it out. */
struct mp_pg_row;
bool mp_pg_null(const struct mp_pg_row *row, int column);
int64_t mp_pg_int(const struct mp_pg_row *row, int column); /* of a BIGINT */
double mp_pg_real(const struct mp_pg_row *row, int column); /* of a DOUBLE PRECISION */
const void *mp_pg_bytes(const struct mp_pg_row *row, int column, size_t *ret_len);
/* The column's type is the one that `type` (a letter as in shape.h) becomes. */
bool mp_pg_is(const struct mp_pg_row *row, int column, char type);

/* Row by row, so that an answer of any size takes no memory. `text`: parameter $1, or NULL. `each` returns 0 or a negative errno,
 * which ends it and is returned; `each` may be NULL. */
int mp_pg_query(struct mp_pg *pg, const char *sql, const char *text,
		int (*each)(void *user, const struct mp_pg_row *row, struct mp_err *err),
		void *user, const char *doing, struct mp_err *err);

/* COPY ... FROM STDIN (FORMAT binary): `sql` begins it, then rows, then the end with 0 or with why it is given up. Failures in
 * between come out at the end. */
int mp_pg_copy(struct mp_pg *pg, const char *sql, struct mp_err *err);
void mp_pg_put_row(struct mp_pg *pg, size_t columns);
void mp_pg_put_null(struct mp_pg *pg);
void mp_pg_put_int(struct mp_pg *pg, int64_t value);
void mp_pg_put_real(struct mp_pg *pg, double value);
void mp_pg_put_bytes(struct mp_pg *pg, const void *bytes, size_t len);
int mp_pg_copy_end(struct mp_pg *pg, int code, const char *doing, struct mp_err *err);

#endif

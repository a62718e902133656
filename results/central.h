/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The central database: a PostgreSQL server that holds the runs of many machines, in schema `memperf`, whose tables are
 * those of schema.sql, translated (mp_central_schema()).
 *
 * Runs get there by mp_central_push(). They are read through the store's own interface: mp_store_open() takes the URL where
 * it takes a file, see results/central/pull.c. A URL says postgres:// or postgresql:// and never a password, which libpq
 * takes from ~/.pgpass, PGPASSWORD or a service file: a URL is seen in process lists and reports. Built without libpq, all of
 * it is refused with one sentence. Errors carry a sentence. Layer: results.
 */
#ifndef RESULTS_CENTRAL_H
#define RESULTS_CENTRAL_H

#include "results/store.h"

struct mp_central; /* a connection, used by one thread at a time */
struct mp_str;

/* Is it the URL of a server, not the path of a file? */
bool mp_central_named(const char *path);

/* For writing: makes schema and tables where there are none. 0 or negative errno. */
int mp_central_open(const char *url, struct mp_central **ret_central, struct mp_err *err);
void mp_central_close(struct mp_central *central); /* accepts NULL */

/* As mp_store_merge(), into the server: each run in one transaction, whole or not at all, so that a push that was killed goes
 * on with the first run that is missing. `each` (may be NULL) hears how many of the file's runs are done. */
int mp_central_push(struct mp_central *into, struct mp_store *from,
		    void (*each)(void *user, unsigned done, unsigned runs), void *user,
		    unsigned *ret_added, unsigned *ret_present, struct mp_err *err);

/* Appends the tables as PostgreSQL makes them. */
void mp_central_schema(struct mp_str *sql);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reading the central database: its rows are copied into a database in memory with the same tables, which the store then reads
 * as it does a file. Internal to results/.
 *
 * What is small, the values of every run, comes when the URL is opened; the rows of single invocations, nearly all of the
 * bytes, only of the runs that are selected. One copy serves everybody in this process who opens the same URL.
 */
#ifndef RESULTS_CENTRAL_PULL_H
#define RESULTS_CENTRAL_PULL_H

#include "results/store.h"

struct mp_pulled; /* what came of one URL; lives as long as the process */

/* A reader of the runs at `url`. 0 or negative errno. */
int mp_central_read(const char *url, struct mp_store **ret_store, struct mp_err *err);

/* Brings the rows of the invocations of these runs, which come with whole runs of a file, unless they are there. */
int mp_central_details(struct mp_store *s, const int64_t *runs, size_t n, struct mp_err *err);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is looked at before SQLite may touch a results file. SQLite would roll back the journal of another program's database, leave a
 * -wal beside one of a newer schema, and delete any file that a foreign journal names as its super-journal.
 */
#ifndef RESULTS_PREFLIGHT_H
#define RESULTS_PREFLIGHT_H

#include "common/err.h"

#include <stdbool.h>
#include <stdint.h>

/* Is there a file that SQLite may open? *ret_exists: false for a file to be made. 0 or negative errno. */
int mp_preflight(const char *path, bool writer, bool *ret_exists, struct mp_err *err);

/* Is there a companion of the file, by its suffix, with something in it? */
bool mp_preflight_beside(const char *path, const char *suffix);

/* May SQLite roll the file back from `journal`? 1: yes; 0: there is none; -EACCES: it belongs to neither root nor this user, who could
 * still change it; -EBADMSG: it is no journal of memperf's. */
int mp_preflight_journal(const char *path, const char *journal, struct mp_err *err);

/* A sentence about a schema that this memperf does not know. Returns -EPROTONOSUPPORT. */
int mp_preflight_newer(const char *path, int64_t version, struct mp_err *err);

#endif

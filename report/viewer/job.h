/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Work in a process of its own, so that the viewer answers every key at once, stays small, and survives whatever is in a
 * file: reading and judging 100,000 cases takes about a second and tens of megabytes.
 *
 * The work writes its result into an unnamed temporary file; when it has ended, the file is the viewer's. What can be shown
 * already may be handed over before. The child is a
 * fork: it may use everything that the caller had, and the file may hold structs as they are in memory and pointers to
 * constants of the program. No results file may be open when a job starts (SQLite connections do not survive a fork):
 * the viewer opens one for each use. Layer: report.
 */
#ifndef REPORT_VIEWER_JOB_H
#define REPORT_VIEWER_JOB_H

#include "common/err.h"

#include <stdbool.h>
#include <stdio.h>

struct mp_job; /* heap */

/* Starts `work`. It writes to `out`, which is flushed and checked afterwards, and returns 0 or a negative errno with the
 * sentence. 0 or negative errno. */
int mp_job_start(int (*work)(void *user, FILE *out, struct mp_err *err), void *user,
		 struct mp_job **ret_job, struct mp_err *err);

/* For the work, once: what it has written is a result of its own, and the viewer's from now on; what it writes to `out`
 * from here on is the next one. 0 or negative errno with a sentence. */
int mp_job_hand_over(FILE *out, struct mp_err *err);

/* Becomes readable when there is a result, or the job has ended. */
int mp_job_fd(const struct mp_job *job);
/* Is there a result, or its end? Never waits. */
bool mp_job_ready(const struct mp_job *job);

/* Waits for the next result. *ret_file: its descriptor, the caller's. Of the last one frees the job and sets *job to NULL.
 * 0, or what the work returned with its sentence; a job that was killed says so. */
int mp_job_take(struct mp_job **job, int *ret_file, struct mp_err *err);

/* Ends it at once and frees it; accepts NULL. */
void mp_job_stop(struct mp_job *job);

#endif

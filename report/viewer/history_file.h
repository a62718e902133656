/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A history through a file, so that a job (job.h) can read it: nights, series, changes. Layer: report. */
#ifndef REPORT_VIEWER_HISTORY_FILE_H
#define REPORT_VIEWER_HISTORY_FILE_H

#include "report/history/history.h"

#include <stdio.h>

/* In the job. Alerts, judgements and counts are left out. 0 or negative errno. */
int mp_history_file_write(const struct mp_history *history, FILE *out, struct mp_err *err);

/* From the beginning of `file`, which stays the caller's. The caller ends with mp_history_done(). 0 or negative errno with
 * a sentence. */
int mp_history_file_read(int file, struct mp_history *ret_history, struct mp_err *err);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ":export FORMAT FILE": what `memperf compare` or `memperf report` writes of the same sides, unit and policy, made by a job.
 * Layer: report. */
#ifndef REPORT_VIEWER_EXPORT_H
#define REPORT_VIEWER_EXPORT_H

#include "common/err.h"
#include "report/format/format.h"

#include <stdio.h>

struct mp_view;

/* `arguments`: "html out.html". Starts; what became of it is in the message line later. A file that is there is not written
 * over. 0 or negative errno with a sentence. */
int mp_view_export(struct mp_view *view, const char *arguments, struct mp_err *err);

/* ":export-rows FORMAT FILE": the marked rows of Results, or without a mark those that are listed, as a table: numbers in the unit
 * of the comparison, and the counters that have a column. 0 or negative errno with a sentence. */
int mp_view_export_rows(struct mp_view *view, const char *arguments, struct mp_err *err);

/* ---- for the two ---- */

/* Splits "FORMAT FILE"; the file, or NULL: it is not that. */
const char *mp_export_format(const char *arguments, const struct mp_format **ret_format);
/* A new file, which a job writes: it says when it is there. 0 or negative errno with a sentence. */
int mp_export_new(struct mp_view *view, const char *path,
		  int (*work)(void *user, FILE *out, struct mp_err *err), void *user,
		  struct mp_err *err);

#endif

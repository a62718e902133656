/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ":export FORMAT FILE": what `memperf compare` or `memperf report` writes of the same sides, unit and policy, made by a job.
 * Layer: report. */
#ifndef REPORT_VIEWER_EXPORT_H
#define REPORT_VIEWER_EXPORT_H

#include "common/err.h"

struct mp_view;

/* `arguments`: "html out.html". Starts; what became of it is in the message line later. A file that is there is not written
 * over. 0 or negative errno with a sentence. */
int mp_view_export(struct mp_view *view, const char *arguments, struct mp_err *err);

#endif

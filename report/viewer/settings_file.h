/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the viewer remembers from one time to the next, of Results: lines "results.columns = NAME NAME ...",
 * "results.counters = NAME; NAME ..." and "results.units = column" or "own". Layer: report.
 */
#ifndef REPORT_VIEWER_SETTINGS_FILE_H
#define REPORT_VIEWER_SETTINGS_FILE_H

#include "report/viewer/view.h"

/* A file that is not there says nothing, and lines of another version are passed over. 0 or negative errno with a
 * sentence. */
int mp_settings_load(const char *path, struct mp_view *view, struct mp_err *err);
/* Makes the file's folder, too. 0 or negative errno with a sentence. */
int mp_settings_save(const char *path, const struct mp_view *view, struct mp_err *err);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The list in which the columns of Results are ticked. Layer: report. */
#ifndef REPORT_VIEWER_COLUMNS_CHOOSE_H
#define REPORT_VIEWER_COLUMNS_CHOOSE_H

#include "report/viewer/view.h"

/* Opens it: the columns, and the counters of that row (SIZE_MAX: of none). */
void mp_columns_choose(struct mp_view *view, size_t row);

#endif

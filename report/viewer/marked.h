/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What can be done with the marked cases. Layer: report. */
#ifndef REPORT_VIEWER_MARKED_H
#define REPORT_VIEWER_MARKED_H

#include "report/viewer/view.h"

/* Opens the list of it; there is at least one. */
void mp_marked_choose(struct mp_view *view);

#endif

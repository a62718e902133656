/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The sentences that Overview begins with: are the sides comparable, how many cases have which verdict, what that rests on;
 * with one side what kind of run it is. Layer: report.
 */
#ifndef REPORT_VIEWER_OVERVIEW_HEAD_H
#define REPORT_VIEWER_OVERVIEW_HEAD_H

#include "report/viewer/view.h"

/* Returns the lines it took, whether they were inside or not. */
int mp_overview_head_draw(const struct mp_view *view, const struct mp_grid *body);
/* Differences of the environment that usually matter. */
size_t mp_overview_heavy(const struct mp_comparison *c);

#endif

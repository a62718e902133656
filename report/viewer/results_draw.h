/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Results on the screen: what is listed and why not all, the table or the tree, or, where there is no room, one row. Layer: report. */
#ifndef REPORT_VIEWER_RESULTS_DRAW_H
#define REPORT_VIEWER_RESULTS_DRAW_H

#include "report/viewer/results_list.h"

/* Brings the list up to date, too. */
void mp_results_draw(struct mp_view *view, struct mp_results *results, const struct mp_grid *body);

#endif

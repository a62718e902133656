/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the rows of Overview show: the largest changes, and the families with their counts. Each draws line `at` of the
 * grid; what there is no room for is left out by its weight. Layer: report. */
#ifndef REPORT_VIEWER_OVERVIEW_ROWS_H
#define REPORT_VIEWER_OVERVIEW_ROWS_H

#include "report/viewer/view.h"

/* Above the changes, of which so many are shown. */
void mp_overview_change_head(const struct mp_view *view, size_t shown, const struct mp_grid *body,
			     int at);
/* Row `index` of the model's rows. */
void mp_overview_change(const struct mp_view *view, size_t index, const struct mp_grid *body,
			int at);
/* How many rows have that warning, and what it means. */
void mp_overview_warning(const struct mp_view *view, enum mp_warning warning,
			 const struct mp_grid *body, int at);
/* A family; NULL: the head above them. */
void mp_overview_family(const struct mp_view *view, const struct mp_rows_family *f,
			const struct mp_grid *body, int at);

#endif

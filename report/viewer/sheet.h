/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A text of many lines of which a window is seen: tables under charts, explanations. The text is plain, as the text
 * format of the reports writes it; headings (a line followed by nothing but its own section) need no markup. Layer: report.
 */
#ifndef REPORT_VIEWER_SHEET_H
#define REPORT_VIEWER_SHEET_H

#include "common/str.h"
#include "report/viewer/grid.h"
#include "report/viewer/list.h"

struct mp_sheet {
	struct mp_str text; /* owned */
	size_t *lines; /* where each begins; owned */
	size_t n_lines, cap_lines;
	struct mp_list list; /* what scrolls */
};

void mp_sheet_done(struct mp_sheet *sheet); /* accepts zeroed */
/* Takes the text over, which is empty afterwards; scrolled to the top. */
void mp_sheet_set(struct mp_sheet *sheet, struct mp_str *text);
/* From row `first` of the grid to its end. */
void mp_sheet_draw(struct mp_sheet *sheet, const struct mp_grid *grid, int first);
/* Scrolls to the next (1) or previous (-1) line that holds the text (mp_view_holds()), as mp_list_find(). */
bool mp_sheet_find(struct mp_sheet *sheet, const char *text, int by, struct mp_match *ret_match);

#endif

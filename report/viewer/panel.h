/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What Case, Versus, Scaling and History show of the subject: a chart with the numbers it is drawn from, or a text. Built when it is
 * drawn and its subject, its width or what it is about changed; "T" shows the numbers in place of the picture.
 * Layer: report.
 */
#ifndef REPORT_VIEWER_PANEL_H
#define REPORT_VIEWER_PANEL_H

#include "report/chart/cells.h"
#include "report/format/doc.h"
#include "report/viewer/look.h"
#include "report/viewer/sheet.h"

struct mp_panel {
	bool built;
	char subject[MP_CASE_TEXT_MAX]; /* that it is about */
	int columns; /* that texts were wrapped for */
	struct mp_chart chart; /* zeroed: a text */
	struct mp_sheet sheet; /* the text, or the chart's numbers and notes */
};

/* It is about something else now: built anew when it is drawn. */
void mp_panel_forget(struct mp_panel *panel);
void mp_panel_done(struct mp_panel *panel); /* accepts zeroed */

/* Builds it unless it is there. `build` makes panel->chart, or writes to `doc`, or both; what it cannot read becomes its
 * sentence in place of the text. false: it could not. */
bool mp_panel_ensure(struct mp_view *view, struct mp_panel *panel, int columns,
		     int (*build)(struct mp_view *view, void *state, const struct mp_doc *doc,
				  struct mp_err *err),
		     void *state);

/* The picture where there is one and no table is wanted, else the text. `options` as of mp_chart_cells(). */
void mp_panel_draw(struct mp_view *view, struct mp_panel *panel,
		   const struct mp_chart_cells *options, const struct mp_grid *grid);
/* Is the text drawn? */
bool mp_panel_is_text(const struct mp_view *view, const struct mp_panel *panel);
/* What scrolls: the text; NULL: a picture is drawn. */
struct mp_list *mp_panel_list(const struct mp_view *view, struct mp_panel *panel);
/* As mp_sheet_find(), of the text; a picture holds none. */
bool mp_panel_find(const struct mp_view *view, struct mp_panel *panel, const char *text, int by,
		   struct mp_match *ret_match);

/* "Distribution  Percentiles ...": the key of each part is its capital; the current one stands in brackets. Where there is no
 * room for all, those around the current one. `title` names part 0 .. n - 1. */
void mp_panel_parts(const struct mp_grid *grid, int row, const char *(*title)(int part), int n,
		    int current);

/* For screens about the subject: their crumb, and the keys that make the next (with = 1) or previous (-1) case of Results
 * the subject. */
void mp_panel_crumb(const struct mp_view *view, const void *state, struct mp_str *out);
int mp_panel_other_case(struct mp_view *view, void *state, int with);
#define MP_PANEL_ACTIONS                                                                           \
	{ "next-case", "]", "next", "the next case of Results", 1, mp_panel_other_case, NULL },    \
	{                                                                                          \
		"previous-case", "[", NULL, "the case before in Results", -1, mp_panel_other_case, \
			NULL                                                                       \
	}

#endif

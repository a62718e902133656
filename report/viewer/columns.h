/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The columns of tables of rows, as data: heading, width, what a row shows there. Layer: report.
 */
#ifndef REPORT_VIEWER_COLUMNS_H
#define REPORT_VIEWER_COLUMNS_H

#include "report/viewer/view.h"

struct mp_view_column {
	const char *name; /* in the chooser and in settings */
	const char *title;
	const char *help;
	int width;
	int priority; /* 0 stays longest when there is no room */
	bool usual; /* shown unless others were chosen */
	bool two_sides; /* needs both */
	enum mp_align align;
	/* The row's text, appended; its role. */
	enum mp_role (*show)(const struct mp_view *view, const struct mp_row *row,
			     struct mp_str *out);
	/* Its number in the unit of the comparison, NaN: unknown: columns of such numbers have one unit together. NULL: it is
	 * no such number. */
	double (*value)(const struct mp_row *row);
};
#define MP_COLUMN_PICTURE "picture" /* the column that is drawn, not written */
#define MP_COLUMN_VERDICT "verdict" /* has a mark in front of the word where there are two sides */
extern const struct mp_view_column mp_columns[]; /* from left to right unless moved; at most 32 */
extern const size_t mp_n_columns;

/* The columns that are shown unless others were chosen, in their usual order; those of names with blanks between them, in that order (names
 * of no column are passed over, and where none is left everything stays); and the names of those that are shown, appended. */
void mp_columns_usual(struct mp_view_show *show);
void mp_columns_read(const char *names, struct mp_view_show *show);
void mp_columns_names(const struct mp_view_show *show, struct mp_str *out);

/* "slower", "ok", "only A": with one side the outcome. */
const char *mp_row_word(const struct mp_view *view, const struct mp_row *row,
			enum mp_role *ret_role);
/* Its letter; with one side '.' for ok, '!' for failed, '-' for skipped, 'i' for invalid. */
char mp_row_letter(const struct mp_view *view, const struct mp_row *row);
/* Everything about a row, one fact a line, for screens without room for columns: appended. */
void mp_row_facts(const struct mp_view *view, const struct mp_row *row, struct mp_str *out);
/* Draws those lines. */
void mp_row_draw_facts(const struct mp_view *view, const struct mp_row *row,
		       const struct mp_grid *body);

#endif

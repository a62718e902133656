/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Listed rows as many as a page shows, and the parameters that all of them share: said once above the table instead of in
 * every row, where texts are too wide. Layer: report. */
#ifndef REPORT_VIEWER_PAGE_H
#define REPORT_VIEWER_PAGE_H

#include "report/viewer/rows.h"

#define MP_PAGE_ROWS 1024 /* at most: also of a table that is copied */

struct mp_page {
	struct mp_row rows[MP_PAGE_ROWS];
	size_t n;
	struct mp_str common; /* "/threads=1/touched=yes" */
};

/* The rows of these numbers, up to one that cannot be read; texts wider than `width` columns are shortened by what they
 * share. Ended with mp_page_done(). */
void mp_page_load(const struct mp_rows *rows, const uint32_t *numbers, size_t count, int width,
		  struct mp_page *page);
void mp_page_done(struct mp_page *page);
/* The text without the common parts, appended. */
void mp_page_text(const struct mp_page *page, const char *text, struct mp_str *out);

#endif

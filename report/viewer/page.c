/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rows of a page and what they have in common: see page.h. */
#include "report/viewer/page.h"

#include <string.h>

#include "report/format/width.h"

/* Does the text have this part, "/threads=1", as a whole? */
static bool has_part(const char *text, const char *part, size_t len)
{
	for (const char *at = strchr(text, '/'); at; at = strchr(at + 1, '/')) {
		if (!strncmp(at, part, len) && (at[len] == '/' || !at[len]))
			return true;
	}
	return false;
}

/* Parameters that all rows share: said once above the table instead of in every row. */
static void find_common(struct mp_page *page)
{
	const char *at = page->n > 1 ? strchr(page->rows[0].text, '/') : NULL;

	while (at) {
		size_t len = 1 + strcspn(at + 1, "/");
		bool all = true;

		for (size_t i = 1; all && i < page->n; i++)
			all = has_part(page->rows[i].text, at, len);
		if (all)
			mp_str_add_len(&page->common, at, len);
		at = at[len] ? at + len : NULL;
	}
}

/* The text without the common parts. */
void mp_page_text(const struct mp_page *page, const char *text, struct mp_str *out)
{
	size_t len = strcspn(text, "/");

	mp_str_add_len(out, text, len);
	for (const char *at = text + len; *at;) {
		len = 1 + strcspn(at + 1, "/");
		if (!has_part(page->common.text, at, len))
			mp_str_add_len(out, at, len);
		at += len;
	}
}

/* Is the longest text of the page wider than its column? */
static bool too_wide(const struct mp_page *page, int width)
{
	for (size_t i = 0; i < page->n; i++) {
		if ((int)mp_text_width(page->rows[i].text) > width)
			return true;
	}
	return false;
}

void mp_page_load(const struct mp_rows *rows, const uint32_t *numbers, size_t count, int width,
		  struct mp_page *page)
{
	page->common = (struct mp_str)MP_STR_INIT;
	page->n = 0;
	while (page->n < MP_PAGE_ROWS && page->n < count &&
	       !mp_rows_get(rows, numbers[page->n], &page->rows[page->n]))
		page->n++;
	if (too_wide(page, width))
		find_common(page);
}

void mp_page_done(struct mp_page *page)
{
	mp_str_done(&page->common);
}

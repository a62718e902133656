/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A text of many lines of which a window is seen: see sheet.h. */
#include "report/viewer/sheet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/vec.h"
#include "report/viewer/view.h"

void mp_sheet_done(struct mp_sheet *sheet)
{
	if (sheet->text.text)
		mp_str_done(&sheet->text);
	free(sheet->lines);
	*sheet = (struct mp_sheet){ 0 };
}

void mp_sheet_set(struct mp_sheet *sheet, struct mp_str *text)
{
	mp_sheet_done(sheet);
	sheet->list.text = true;
	sheet->text = *text;
	*text = (struct mp_str)MP_STR_INIT;
	for (size_t at = 0; at < sheet->text.len;) {
		size_t *line = mp_vec_push((void **)&sheet->lines, &sheet->n_lines,
					   &sheet->cap_lines, sizeof(*line));
		size_t len = strcspn(sheet->text.text + at, "\n");

		if (!line)
			return;
		*line = at;
		/* Each line is a text of its own from here on. */
		sheet->text.text[at + len] = '\0';
		at += len + 1;
	}
}

void mp_sheet_draw(struct mp_sheet *sheet, const struct mp_grid *grid, int first)
{
	mp_list_show(&sheet->list, grid, first, sheet->n_lines);
	for (int row = first; row < grid->rows; row++) {
		size_t line = sheet->list.top + (size_t)(row - first);

		if (line < sheet->n_lines)
			mp_grid_text(grid, row, 0, MP_ROLE_TEXT,
				     sheet->text.text + sheet->lines[line]);
	}
	mp_grid_cursor(grid, first, 0);
}

static bool holds(void *user, size_t line, const char *text)
{
	const struct mp_sheet *sheet = user;

	return mp_view_holds(sheet->text.text + sheet->lines[line], text);
}

bool mp_sheet_find(struct mp_sheet *sheet, const char *text, int by, struct mp_match *ret_match)
{
	return mp_list_find(&sheet->list, sheet->n_lines, text, by, holds, sheet, ret_match);
}

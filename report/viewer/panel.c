/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A chart or a text about the subject: see panel.h. */
#include "report/viewer/panel.h"

#include <stdio.h>
#include <string.h>

void mp_panel_forget(struct mp_panel *panel)
{
	mp_chart_done(&panel->chart);
	panel->built = false;
}

void mp_panel_done(struct mp_panel *panel)
{
	mp_panel_forget(panel);
	mp_sheet_done(&panel->sheet);
}

/* The chart's numbers and notes, for those who cannot use the picture. */
static void write_chart(const struct mp_chart *chart, const struct mp_doc *doc)
{
	if (chart->empty)
		mp_doc_line(doc, "%s", chart->empty);
	else if (chart->about)
		mp_doc_line(doc, "%s", chart->about);
	for (size_t i = 0; i < chart->n_notes; i++)
		mp_doc_line(doc, "%s", chart->notes[i]);
	if (chart->table && mp_table_rows(chart->table))
		mp_doc_table(doc, chart->table);
}

bool mp_panel_ensure(struct mp_view *view, struct mp_panel *panel, int columns,
		     int (*build)(struct mp_view *view, void *state, const struct mp_doc *doc,
				  struct mp_err *err),
		     void *state)
{
	struct mp_str text = MP_STR_INIT;
	const struct mp_doc doc = { .format = &mp_format_text,
				    .wide = (unsigned)(columns > 0 ? columns : 1),
				    .out = &text };
	struct mp_err err;
	int rc;

	if (panel->built && panel->columns == columns &&
	    !strcmp(panel->subject, mp_view_subject(view)))
		return true;
	mp_panel_forget(panel);
	panel->columns = columns;
	snprintf(panel->subject, sizeof(panel->subject), "%s", mp_view_subject(view));
	rc = build(view, state, &doc, &err);
	if (rc) {
		mp_chart_done(&panel->chart);
		mp_str_clear(&text);
		mp_str_printf(&text, "%s\n", err.text);
	}
	write_chart(&panel->chart, &doc);
	mp_sheet_set(&panel->sheet, &text);
	mp_str_done(&text);
	panel->built = true;
	return !rc;
}

bool mp_panel_is_text(const struct mp_view *view, const struct mp_panel *panel)
{
	return mp_view_show(view)->table || (!panel->chart.x.title && !panel->chart.empty);
}

void mp_panel_draw(struct mp_view *view, struct mp_panel *panel,
		   const struct mp_chart_cells *options, const struct mp_grid *grid)
{
	if (mp_panel_is_text(view, panel)) {
		mp_sheet_draw(&panel->sheet, grid, 0);
		return;
	}
	mp_grid_cursor(grid, 0, 0);
	if (panel->chart.empty)
		mp_grid_wrap(grid, 0, 0, MP_ROLE_TEXT, panel->chart.empty);
	else
		mp_chart_cells(&panel->chart, options, grid);
}

struct mp_list *mp_panel_list(const struct mp_view *view, struct mp_panel *panel)
{
	return mp_panel_is_text(view, panel) ? &panel->sheet.list : NULL;
}

bool mp_panel_find(const struct mp_view *view, struct mp_panel *panel, const char *text, int by,
		   struct mp_match *ret_match)
{
	return mp_panel_is_text(view, panel) && mp_sheet_find(&panel->sheet, text, by, ret_match);
}

void mp_panel_parts(const struct mp_grid *grid, int row, const char *(*title)(int part), int n,
		    int current)
{
	int column = 0, first = 0, used;

	for (;;) {
		used = 0;
		for (int i = first; i <= current; i++)
			used += (int)strlen(title(i)) + 3;
		if (used <= grid->columns || first == current)
			break;
		first++;
	}
	for (int i = first; i < n && column < grid->columns; i++)
		column += mp_grid_printf(grid, row, column,
					 i == current ? MP_ROLE_TITLE | MP_BOLD : MP_ROLE_MUTED,
					 i == current ? "[%s] " : " %s  ", title(i));
}

void mp_panel_crumb(const struct mp_view *view, const void *state, struct mp_str *out)
{
	(void)state;
	mp_str_add(out, mp_view_subject(view));
}

int mp_panel_other_case(struct mp_view *view, void *state, int with)
{
	(void)state;
	if (!mp_view_subject_move(view, with))
		mp_view_say(view, "there is no case %s it in the list",
			    with > 0 ? "behind" : "before");
	return 0;
}

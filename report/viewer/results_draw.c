/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The screen Results as it is drawn: see results_draw.h. */
#include "report/viewer/results_draw.h"

#include <string.h>

#include "common/cleanup.h"
#include "report/format/width.h"
#include "report/viewer/results_table.h"
#include "report/viewer/view_internal.h"

#define NARROW 40 /* less than this: the facts of one row, one a line */

static void draw_head(const struct mp_view *view, const struct mp_page *page, bool legend,
		      const struct mp_grid *body)
{
	const struct mp_index *x = &mp_view_model(view)->index;
	struct mp_str left = MP_STR_INIT, right = MP_STR_INIT;
	int width;

	if (x->n_marks)
		mp_str_printf(&left, "%zu marked%s   ", x->n_marks,
			      x->only_marked ? ", and no others" : "");
	if (x->filter_text)
		mp_str_printf(&left, "filter %s   ", x->filter_text);
	else if (!x->all && x->n_same && !x->only_marked)
		mp_str_add(&left, "without those that are the same   ");
	if (legend)
		mp_str_add(&left, "S slower, F faster, ? unsure   ");
	if (page->common.len) {
		mp_str_add(&left, "all");
		for (const char *at = page->common.text; *at; at++)
			mp_str_addc(&left, *at == '/' ? ' ' : *at);
	}
	if (x->rows)
		mp_str_printf(&right, "%zu of %zu shown", x->n_listed,
			      mp_rows_summary(x->rows)->n_rows);
	width = (int)mp_text_width(right.text);
	mp_grid_field(body, 0, 1, body->columns - width - 3, MP_ROLE_MUTED, MP_ALIGN_LEFT,
		      MP_CUT_END, left.text);
	mp_grid_text(body, 0, body->columns - width - 1, MP_ROLE_MUTED, right.text);
	mp_str_done(&left);
	mp_str_done(&right);
}

static void draw_nothing(const struct mp_view *view, const struct mp_grid *body)
{
	const struct mp_index *x = &mp_view_model(view)->index;
	char key[MP_KEY_NAME_LEN];

	if (!x->rows || x->looked_at < mp_rows_summary(x->rows)->n_rows)
		return;
	if (x->n_filtered)
		mp_grid_printf(body, 3, 2, MP_ROLE_TEXT,
			       "no case matches the filter; %s takes it away",
			       mp_view_key(view, "results", "no-filter", key));
	else if (x->n_same)
		mp_grid_printf(body, 3, 2, MP_ROLE_TEXT,
			       "every case is the same on both sides: %zu; %s lists them",
			       x->n_same, mp_view_key(view, "results", "all", key));
	else
		mp_grid_text(body, 3, 2, MP_ROLE_TEXT, "there is no case");
}

/* Lines of a page that are cases, by their rows. */
static size_t page_rows(const struct mp_results *r, const struct mp_index *x, uint32_t *numbers)
{
	size_t n = 0;

	for (size_t i = r->list.top;
	     n < MP_PAGE_ROWS && i < r->list.top + r->list.page && i < r->list.count; i++) {
		struct mp_tree_branch *branch;
		size_t row = mp_results_row_at(r, x, i, &branch);

		if (row != SIZE_MAX)
			numbers[n++] = (uint32_t)row;
	}
	return n;
}

static void draw_lines(struct mp_view *view, const struct mp_results *r, const struct mp_page *page,
		       const uint32_t *numbers, const struct mp_results_table *table,
		       const struct mp_grid *body)
{
	const struct mp_index *x = &mp_view_model(view)->index;
	size_t at = 0;

	for (size_t i = 0; i < r->list.page && r->list.top + i < r->list.count; i++) {
		MP_CLEANUP(mp_str_done) struct mp_str text = MP_STR_INIT;
		struct mp_tree_branch *branch;
		size_t row = mp_results_row_at(r, x, r->list.top + i, &branch);
		int line = 2 + (int)i;

		if (row == SIZE_MAX) {
			mp_results_branch(view, table, branch, body, line);
		} else if (at < page->n && numbers[at] == row) {
			const struct mp_row *of = &page->rows[at++];
			size_t bench = r->as_tree ? strcspn(of->text, "/") : 0;

			/* In the tree the benchmark stands above. */
			mp_page_text(page, of->text + bench, &text);
			mp_results_row(view, table, of, row,
				       text.len ? text.text + (bench > 0) : of->text,
				       r->as_tree ? 4 : 0, body, line);
		}
		if (r->list.top + i == r->list.selected) {
			mp_grid_glyph(body, line, 0, MP_ROLE_TITLE, MP_GLYPH_SELECTED);
			mp_grid_attribute(body, line, 0, 1, body->columns, MP_REVERSE);
			mp_grid_cursor(body, line, 0);
		}
	}
}

/* No room for a table: the selected line alone. */
static void draw_narrow(struct mp_view *view, struct mp_results *r, const struct mp_grid *body)
{
	const struct mp_index *x = &mp_view_model(view)->index;
	MP_CLEANUP(mp_str_done) struct mp_str text = MP_STR_INIT;
	struct mp_tree_branch *branch;
	struct mp_row row;
	size_t number;

	r->list.row = -1;
	r->list.page = 1;
	mp_list_select(&r->list, r->list.selected);
	number = mp_results_selected(r, x, &branch);
	if (number == SIZE_MAX) {
		mp_results_branch_text(view, branch, &text);
		mp_grid_wrap(body, 0, 0, MP_ROLE_TEXT, text.text);
		mp_grid_cursor(body, 0, 0);
	} else if (!mp_rows_get(x->rows, number, &row)) {
		mp_row_draw_facts(view, &row, body);
	}
}

void mp_results_draw(struct mp_view *view, struct mp_results *r, const struct mp_grid *body)
{
	static struct mp_page page; /* large, and drawn by one thread */
	static uint32_t numbers[MP_PAGE_ROWS];
	const struct mp_index *x = &mp_view_model(view)->index;
	bool narrow = body->columns < NARROW || body->rows < 4;
	struct mp_results_table table = mp_results_fit(view, body->columns);

	mp_results_follow(view, r);
	mp_list_show(&r->list, body, narrow ? 0 : 2, mp_results_lines(r, x));
	mp_list_select(&r->list, r->list.selected);
	if (!r->list.count) {
		draw_nothing(view, body);
		return;
	}
	if (narrow) {
		draw_narrow(view, r, body);
		return;
	}
	mp_page_load(x->rows, numbers, page_rows(r, x, numbers), table.case_width, &page);
	mp_results_scale(view, page.rows, page.n, &table);
	/* No room for the verdict in words: what the letters mean. */
	draw_head(view, &page, mp_view_model(view)->n_sides == 2 && !table.words, body);
	mp_results_titles(view, &table, body, 1);
	draw_lines(view, r, &page, numbers, &table, body);
	mp_results_remember(r, x);
	mp_page_done(&page);
}

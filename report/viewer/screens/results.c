/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Results: every case as a row, sorted, filtered, in the columns that fit and that are wanted. */
#include <errno.h>
#include <string.h>

#include "report/format/width.h"
#include "report/viewer/columns.h"
#include "report/viewer/page.h"
#include "report/viewer/view_internal.h"

#define CASE_LEAST 25 /* columns that the case gets at least */
#define NARROW	   40 /* less than this: the facts of one row, one a line */

struct results {
	struct mp_list list;
	char selected[MP_CASE_TEXT_MAX]; /* case; kept when rows are sorted or judged anew */
	unsigned version; /* of the index that `list` is about */
};

/* Columns that fit, by priority; the case gets what is left. */
static unsigned fitting(unsigned wanted, bool two, int room, int *ret_case)
{
	unsigned shown = 0;

	room -= 4 + (room > 100 ? room / 3 : CASE_LEAST);
	for (int priority = 0; priority < 16; priority++) {
		for (size_t i = 0; i < mp_n_columns; i++) {
			const struct mp_view_column *c = &mp_columns[i];

			if (c->priority != priority || !(wanted & 1u << i) ||
			    (c->two_sides && !two) || c->width + 1 > room)
				continue;
			shown |= 1u << i;
			room -= c->width + 1;
		}
	}
	*ret_case = room;
	return shown;
}

static size_t verdict_column(void)
{
	size_t i = 0;

	while (strcmp(mp_columns[i].name, "verdict"))
		i++;
	return i;
}

/* Keeps the selection on its case when the list is another one; remembers it otherwise. */
static void follow_selection(struct mp_view *view, struct results *r)
{
	const struct mp_index *x = &mp_view_model(view)->index;
	struct mp_row row;

	if (r->version != x->version && r->selected[0] && x->rows) {
		size_t number = mp_rows_find(x->rows, r->selected);
		size_t at = number == SIZE_MAX ? SIZE_MAX : mp_index_position(x, number);

		r->list.count = x->n_listed;
		if (at != SIZE_MAX)
			mp_list_select(&r->list, at);
	}
	if (r->version == x->version && r->list.selected < x->n_listed &&
	    !mp_rows_get(x->rows, x->listed[r->list.selected], &row))
		memcpy(r->selected, row.text, sizeof(r->selected));
	r->version = x->version;
}

/* ---- drawing ---- */

static void draw_head(const struct mp_view *view, const struct mp_page *page, bool legend,
		      const struct mp_grid *body)
{
	const struct mp_index *x = &mp_view_model(view)->index;
	struct mp_str left = MP_STR_INIT, right = MP_STR_INIT;
	int width;

	if (x->filter_text)
		mp_str_printf(&left, "filter %s   ", x->filter_text);
	else if (!x->all && x->n_same)
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

static void draw_titles(unsigned shown, int case_width, const struct mp_grid *body)
{
	int at = 4 + case_width + 1;

	mp_grid_field(body, 1, 4, case_width, MP_ROLE_TITLE, MP_ALIGN_LEFT, MP_CUT_END, "case");
	for (size_t i = 0; i < mp_n_columns; i++) {
		const struct mp_view_column *c = &mp_columns[i];

		if (!(shown & 1u << i))
			continue;
		mp_grid_field(body, 1, at, c->width, MP_ROLE_TITLE, c->align, MP_CUT_END, c->title);
		at += c->width + 1;
	}
}

static void draw_row(const struct mp_view *view, const struct mp_row *row, const char *text,
		     unsigned shown, int case_width, const struct mp_grid *body, int line)
{
	int at = 4 + case_width + 1;
	enum mp_role role;

	mp_row_word(view, row, &role);
	mp_grid_printf(body, line, 2, role, "%c", mp_row_letter(view, row));
	mp_grid_field(body, line, 4, case_width, MP_ROLE_TEXT, MP_ALIGN_LEFT, MP_CUT_MIDDLE, text);
	for (size_t i = 0; i < mp_n_columns; i++) {
		const struct mp_view_column *c = &mp_columns[i];
		struct mp_str cell = MP_STR_INIT;
		enum mp_role own;

		if (!(shown & 1u << i))
			continue;
		own = c->show(view, row, &cell);
		mp_grid_field(body, line, at, c->width, own, c->align, MP_CUT_END, cell.text);
		at += c->width + 1;
		mp_str_done(&cell);
	}
}

static void draw_nothing(const struct mp_view *view, const struct mp_grid *body)
{
	const struct mp_index *x = &mp_view_model(view)->index;

	if (!x->rows || x->looked_at < mp_rows_summary(x->rows)->n_rows)
		return;
	if (x->n_filtered)
		mp_grid_wrap(body, 3, 2, MP_ROLE_TEXT,
			     "no case matches the filter; F takes it away, f changes it");
	else if (x->n_same)
		mp_grid_printf(body, 3, 2, MP_ROLE_TEXT,
			       "every case is the same on both sides: %zu; a lists them",
			       x->n_same);
	else
		mp_grid_text(body, 3, 2, MP_ROLE_TEXT, "there is no case");
}

static void results_draw(struct mp_view *view, void *state, const struct mp_grid *body)
{
	static struct mp_page page; /* large, and drawn by one thread */
	struct results *r = state;
	const struct mp_index *x = &mp_view_model(view)->index;
	bool narrow = body->columns < NARROW || body->rows < 4;
	bool two = mp_view_model(view)->n_sides == 2;
	int case_width;
	unsigned shown = fitting(mp_view_show(view)->columns, two, body->columns, &case_width);

	follow_selection(view, r);
	case_width = body->columns - 4;
	for (size_t i = 0; i < mp_n_columns; i++)
		case_width -= shown & 1u << i ? mp_columns[i].width + 1 : 0;
	mp_list_show(&r->list, body, narrow ? 0 : 2, x->n_listed);
	if (narrow)
		r->list.page = 1;
	mp_list_select(&r->list, r->list.selected);
	if (!x->n_listed) {
		draw_nothing(view, body);
		return;
	}
	if (narrow) {
		struct mp_row row;

		r->list.row = -1;
		if (!mp_rows_get(x->rows, x->listed[r->list.selected], &row))
			mp_row_draw_facts(view, &row, body);
		return;
	}
	mp_page_load(x, r->list.top, r->list.page, case_width, &page);
	/* No room for the verdict in words: what the letters mean. */
	draw_head(view, &page, two && !(shown & 1u << verdict_column()), body);
	draw_titles(shown, case_width, body);
	for (size_t i = 0; i < page.n; i++) {
		struct mp_str text = MP_STR_INIT;
		int line = 2 + (int)i;

		mp_page_text(&page, page.rows[i].text, &text);
		draw_row(view, &page.rows[i], text.text, shown, case_width, body, line);
		if (r->list.top + i == r->list.selected) {
			mp_grid_glyph(body, line, 0, MP_ROLE_TITLE, MP_GLYPH_SELECTED);
			mp_grid_attribute(body, line, 0, 1, body->columns, MP_REVERSE);
			mp_grid_cursor(body, line, 0);
			memcpy(r->selected, page.rows[i].text, sizeof(r->selected));
		}
		mp_str_done(&text);
	}
	mp_page_done(&page);
}

/* ---- actions ---- */

static bool some(const struct mp_view *view, const void *state, const char **ret_why)
{
	(void)state;
	*ret_why = "no case is listed";
	return mp_view_model(view)->index.n_listed > 0;
}

static int enter(struct mp_view *view, void *state, int with)
{
	const struct mp_index *x = &mp_view_model(view)->index;
	const struct results *r = state;
	struct mp_row row;

	(void)with;
	if (mp_rows_get(x->rows, x->listed[r->list.selected], &row))
		return -EIO;
	mp_view_set_subject(view, row.text);
	return mp_view_open(view, "detail");
}

static int filter_done(struct mp_view *view, const char *text)
{
	struct mp_err err = { 0 };
	int rc = mp_index_filter(&mp_view_model(view)->index, text, &err);

	return rc ? mp_view_fail(view, rc, &err) : 0;
}

static int filter(struct mp_view *view, void *state, int with)
{
	const struct mp_index *x = &mp_view_model(view)->index;

	(void)state;
	if (with) {
		filter_done(view, NULL);
		mp_view_say(view, "no filter");
		return 0;
	}
	mp_view_prompt(view, "filter", x->filter_text,
		       "verdict = slower and size >= 2M; or words of the case", filter_done);
	return 0;
}

static int show_all(struct mp_view *view, void *state, int with)
{
	struct mp_index *x = &mp_view_model(view)->index;

	(void)state;
	(void)with;
	mp_index_all(x, !x->all);
	mp_view_say(view, x->all ? "all cases, also those that are the same"
				 : "without those that are the same");
	return 0;
}

static int sort_by(struct mp_view *view, enum mp_sort sort, bool reverse)
{
	int rc = mp_index_sort(&mp_view_model(view)->index, sort, reverse);

	if (rc)
		return rc;
	mp_view_say(view, "sorted by %s%s: %s", mp_sort_name(sort), reverse ? ", reversed" : "",
		    mp_sort_help(sort));
	return 0;
}

static int sort_next(struct mp_view *view, void *state, int with)
{
	const struct mp_index *x = &mp_view_model(view)->index;

	(void)state;
	return with ? sort_by(view, x->sort, !x->reverse)
		    : sort_by(view, (enum mp_sort)((x->sort + 1) % MP_SORT_COUNT), false);
}

static void sort_item(const struct mp_view *view, size_t index, struct mp_str *out)
{
	(void)view;
	mp_str_printf(out, "%-9s %s", mp_sort_name((enum mp_sort)index),
		      mp_sort_help((enum mp_sort)index));
}

static void sort_chosen(struct mp_view *view, size_t index)
{
	sort_by(view, (enum mp_sort)index, false);
}

static int sort_choose(struct mp_view *view, void *state, int with)
{
	const struct mp_choice choice = { .title = " sort by",
					  .count = MP_SORT_COUNT,
					  .selected = mp_view_model(view)->index.sort,
					  .item = sort_item,
					  .chosen = sort_chosen };

	(void)state;
	(void)with;
	mp_view_choose(view, &choice);
	return 0;
}

static void column_item(const struct mp_view *view, size_t index, struct mp_str *out)
{
	(void)view;
	mp_str_printf(out, "%-11s %s", mp_columns[index].name, mp_columns[index].help);
}

static bool column_ticked(const struct mp_view *view, size_t index)
{
	return mp_view_show(view)->columns & 1u << index;
}

static void column_chosen(struct mp_view *view, size_t index)
{
	mp_view_set_columns(view, mp_view_show(view)->columns ^ 1u << index);
}

static int columns_choose(struct mp_view *view, void *state, int with)
{
	const struct mp_choice choice = { .title = " columns; what does not fit is left out",
					  .count = mp_n_columns,
					  .item = column_item,
					  .ticked = column_ticked,
					  .chosen = column_chosen };

	(void)state;
	(void)with;
	mp_view_choose(view, &choice);
	return 0;
}

static bool two_sides(const struct mp_view *view, const void *state, const char **ret_why)
{
	if (!some(view, state, ret_why))
		return false;
	*ret_why = "there is one side: nothing is slower";
	return mp_view_model(view)->n_sides == 2;
}

static int next_slower(struct mp_view *view, void *state, int with)
{
	struct results *r = state;
	size_t at = mp_index_next(&mp_view_model(view)->index, MP_VERDICT_SLOWER, r->list.selected,
				  with);

	if (at == SIZE_MAX)
		mp_view_say(view, "no slower case %s", with > 0 ? "below" : "above");
	else
		mp_list_select(&r->list, at);
	return 0;
}

static const struct mp_action actions[] = {
	{ "open", "Enter", "open", "everything about the selected case", 0, enter, some },
	{ "filter", "f F4", "filter", "list only cases that match", 0, filter, NULL },
	{ "no-filter", "F", NULL, "take the filter away", 1, filter, NULL },
	{ "all", "a", "all", "list or hide cases that are the same on both sides", 0, show_all,
	  NULL },
	{ "sort", "s", "sort", "the next order", 0, sort_next, NULL },
	{ "sort-by", "S", NULL, "choose an order", 0, sort_choose, NULL },
	{ "reverse", "r", NULL, "the order reversed", 1, sort_next, NULL },
	{ "columns", "c", "columns", "choose the columns", 0, columns_choose, NULL },
	{ "next-slower", ".", NULL, "the next slower case", 1, next_slower, two_sides },
	{ "previous-slower", ",", NULL, "the slower case before", -1, next_slower, two_sides },
};

static struct mp_list *results_list(struct mp_view *view, void *state)
{
	(void)view;
	return &((struct results *)state)->list;
}

static bool results_find(struct mp_view *view, void *state, const char *text, int by)
{
	struct results *r = state;
	const struct mp_index *x = &mp_view_model(view)->index;
	size_t nth = 0, total = 0, at;

	at = x->n_listed ? mp_index_search(x, text, r->list.selected, by, &nth, &total) : SIZE_MAX;
	if (at == SIZE_MAX)
		return false;
	mp_list_select(&r->list, at);
	mp_view_say(view, "match %zu of %zu", nth, total);
	return true;
}

static void results_status(const struct mp_view *view, const void *state, struct mp_str *out)
{
	const struct results *r = state;
	const struct mp_index *x = &mp_view_model(view)->index;

	if (x->n_listed)
		mp_str_printf(out, "row %zu of %zu", r->list.selected + 1, x->n_listed);
	mp_str_printf(out, "%sby %s%s", out->len ? ", " : "", mp_sort_name(x->sort),
		      x->reverse ? " reversed" : "");
	if (x->n_same)
		mp_str_printf(out, "; %zu same hidden: a lists them", x->n_same);
	if (x->n_filtered)
		mp_str_printf(out, "; %zu filtered out: F lists them", x->n_filtered);
}

static void results_copy(const struct mp_view *view, const void *state, struct mp_str *out)
{
	const struct results *r = state;
	const struct mp_index *x = &mp_view_model(view)->index;
	struct mp_row row;

	if (x->n_listed && !mp_rows_get(x->rows, x->listed[r->list.selected], &row))
		mp_row_facts(view, &row, out);
}

/* A click on a column's head sorts by it. */
static bool results_click(struct mp_view *view, void *state, int row, int column)
{
	static const struct {
		const char *column;
		enum mp_sort sort;
	} sorts[] = { { "a", MP_SORT_A },
		      { "b", MP_SORT_B },
		      { "change", MP_SORT_CHANGE },
		      { "interval", MP_SORT_EVIDENCE },
		      { "p", MP_SORT_EVIDENCE },
		      { "noise", MP_SORT_NOISE },
		      { "warnings", MP_SORT_WARNINGS } };
	int case_width, at;
	int columns = ((struct results *)state)->list.columns;
	unsigned shown = fitting(mp_view_show(view)->columns, mp_view_model(view)->n_sides == 2,
				 columns, &case_width);

	if (row != 1)
		return false;
	case_width = columns - 4;
	for (size_t i = 0; i < mp_n_columns; i++)
		case_width -= shown & 1u << i ? mp_columns[i].width + 1 : 0;
	at = 4 + case_width;
	if (column < at)
		return !sort_by(view, MP_SORT_CASE, false);
	for (size_t i = 0; i < mp_n_columns; i++) {
		if (!(shown & 1u << i))
			continue;
		at += mp_columns[i].width + 1;
		for (size_t k = 0; column <= at && k < sizeof(sorts) / sizeof(sorts[0]); k++) {
			if (!strcmp(sorts[k].column, mp_columns[i].name))
				return !sort_by(view, sorts[k].sort, false);
		}
		if (column <= at)
			return false;
	}
	return false;
}

const struct mp_screen mp_screen_results = {
	.name = "results",
	.title = "Results",
	.summary = "every case: what changed, by how much, how certain",
	.about = "Cases whose verdict is \"same\" are hidden until a is pressed; the status line "
		 "counts "
		 "them. The order is that of evidence (adjusted p, then size of the change); s "
		 "changes "
		 "it. Parameters that all rows on the page share stand above the table. A click on "
		 "a "
		 "column's head sorts by it.",
	.tab = 2,
	.needs_rows = true,
	.actions = MP_ACTIONS(actions),
	.state_size = sizeof(struct results),
	.draw = results_draw,
	.list = results_list,
	.status = results_status,
	.copy = results_copy,
	.click = results_click,
	.find = results_find,
};

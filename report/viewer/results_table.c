/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How the lines of Results look: see results_table.h. */
#include "report/viewer/results_table.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define CASE_AT	      4 /* behind selection, mark and letter */
#define CASE_LEAST    25 /* columns that the case gets at least */
#define COUNTER_WIDTH 13
#define REACH_LEAST   0.01 /* of the picture: 1 % */
#define BRANCH_WORDS  46 /* columns that verdicts in words need; with less they are letters */

static bool two(const struct mp_view *view)
{
	return mp_view_model(view)->n_sides == 2;
}

struct mp_results_table mp_results_fit(const struct mp_view *view, int columns)
{
	const struct mp_view_show *show = mp_view_show(view);
	struct mp_results_table t = { .shown = 0 };
	int room = columns - CASE_AT - (columns > 100 ? columns / 3 : CASE_LEAST);

	t.case_width = columns - CASE_AT;
	for (int priority = 0; priority < 16; priority++) {
		for (size_t i = 0; i < mp_n_columns; i++) {
			const struct mp_view_column *c = &mp_columns[i];

			if (c->priority != priority || !(show->columns & 1u << i) ||
			    (c->two_sides && !two(view)) || c->width + 1 > room)
				continue;
			t.shown |= 1u << i;
			t.words = t.words || !strcmp(c->name, MP_COLUMN_VERDICT);
			room -= c->width + 1;
			t.case_width -= c->width + 1;
		}
		/* Counters were asked for: behind the change and the values, before everything else. */
		for (; priority == 2 && t.counters < mp_view_counters(view)->n &&
		       COUNTER_WIDTH + 1 <= room;
		     t.counters++) {
			room -= COUNTER_WIDTH + 1;
			t.case_width -= COUNTER_WIDTH + 1;
		}
	}
	return t;
}

/* Log of a ratio; 0 where it is unknown. */
static double log_of(double ratio)
{
	return isfinite(ratio) && ratio > 0 ? log(ratio) : 0;
}

void mp_results_scale(const struct mp_view *view, const struct mp_row *rows, size_t n,
		      struct mp_results_table *table)
{
	double least = NAN, most = NAN;

	table->one_unit = !mp_view_show(view)->own_units;
	table->reach = REACH_LEAST;
	for (size_t i = 0; i < n; i++) {
		/* The interval of a change that is called reaches farthest; that of a noisy one is cut. */
		table->reach = fmax(table->reach, 1.2 * fabs(log_of(rows[i].ratio)));
		for (size_t k = 0; k < mp_n_columns; k++) {
			double value = mp_columns[k].value ? mp_columns[k].value(&rows[i]) : NAN;

			/* NaN is neither. */
			least = value > 0 ? fmin(least, value) : least;
			most = value > 0 ? fmax(most, value) : most;
		}
	}
	table->one_unit = table->one_unit && isfinite(least);
	table->scale = mp_view_scale(view, least, most);
}

/* ---- the picture ---- */

static bool is_picture(const struct mp_view_column *column)
{
	return !strcmp(column->name, MP_COLUMN_PICTURE);
}

/* What the ends stand for, in the heading. */
static void picture_title(const struct mp_view *view, const struct mp_results_table *table,
			  const struct mp_grid *field)
{
	char text[MP_VIEW_NUMBER_LEN];

	mp_grid_text(field, 0, 0, MP_ROLE_TITLE, mp_view_change(view, exp(-table->reach), text));
	mp_view_change(view, exp(table->reach), text);
	mp_grid_text(field, 0, field->columns - (int)strlen(text), MP_ROLE_TITLE, text);
}

/* Column of a ratio, which may be beyond either end. */
static int place_in(const struct mp_results_table *table, const struct mp_grid *field, double ratio)
{
	int half = field->columns / 2;

	return half + (int)lround(fmax(-2, fmin(2, log_of(ratio) / table->reach)) * half);
}

/* "   |  --o--  ": no change, the change, its interval; '<' and '>' where that goes on. */
static void draw_picture(const struct mp_results_table *table, const struct mp_row *row,
			 const struct mp_grid *field)
{
	enum mp_role role = mp_verdict_role(row->verdict);
	int low = place_in(table, field, row->low), high = place_in(table, field, row->high);
	int last = field->columns - 1;

	if (!isfinite(row->ratio))
		return;
	if (isfinite(row->low) && isfinite(row->high)) {
		mp_grid_glyphs_right(field, 0, low, high - low + 1, role, MP_GLYPH_HORIZONTAL);
		if (low < 0)
			mp_grid_text(field, 0, 0, role, "<");
		if (high > last)
			mp_grid_text(field, 0, last, role, ">");
	}
	mp_grid_glyph(field, 0, field->columns / 2, MP_ROLE_MUTED, MP_GLYPH_VERTICAL);
	mp_grid_glyph(field, 0, place_in(table, field, row->ratio), role, MP_GLYPH_POINT);
}

/* ---- headings ---- */

void mp_results_titles(const struct mp_view *view, const struct mp_results_table *table,
		       const struct mp_grid *body, int line)
{
	const struct mp_counter_cells *counters = mp_view_counters(view);
	int at = CASE_AT + table->case_width + 1;

	mp_grid_field(body, line, CASE_AT, table->case_width, MP_ROLE_TITLE, MP_ALIGN_LEFT,
		      MP_CUT_END, "case");
	for (size_t k = 0; k < mp_n_columns; k++) {
		size_t i = mp_view_show(view)->order[k];
		const struct mp_view_column *c = &mp_columns[i];
		char title[32];

		if (!(table->shown & 1u << i))
			continue;
		snprintf(title, sizeof(title), "%s%s%s", c->title,
			 c->value && table->one_unit ? " " : "",
			 c->value && table->one_unit ? table->scale.name : "");
		mp_grid_field(body, line, at, c->width, MP_ROLE_TITLE, c->align, MP_CUT_END, title);
		if (is_picture(c)) {
			struct mp_grid field = mp_grid_part(body, line, at, 1, c->width);

			picture_title(view, table, &field);
		}
		at += c->width + 1;
	}
	for (size_t i = 0; i < table->counters; i++) {
		mp_grid_field(body, line, at, COUNTER_WIDTH, MP_ROLE_TITLE, MP_ALIGN_RIGHT,
			      MP_CUT_MIDDLE, counters->names[i]);
		at += COUNTER_WIDTH + 1;
	}
}

bool mp_results_sort_at(const struct mp_view *view, int columns, int column, size_t *ret_order)
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
	const struct mp_results_table table = mp_results_fit(view, columns);
	int at = CASE_AT + table.case_width;

	*ret_order = MP_SORT_CASE;
	if (column < at)
		return true;
	for (size_t place = 0; place < mp_n_columns; place++) {
		size_t i = mp_view_show(view)->order[place];

		if (!(table.shown & 1u << i))
			continue;
		at += mp_columns[i].width + 1;
		for (size_t k = 0; column <= at && k < sizeof(sorts) / sizeof(sorts[0]); k++) {
			*ret_order = sorts[k].sort;
			if (!strcmp(sorts[k].column, mp_columns[i].name))
				return true;
		}
		if (column <= at)
			return false;
	}
	*ret_order = MP_SORT_COUNTER + (size_t)(column - at - 1) / (COUNTER_WIDTH + 1);
	return *ret_order < MP_SORT_COUNTER + table.counters;
}

/* ---- lines ---- */

/* "+96.0 %", of one side the count; where a side counted none, both counts. */
static void counter_text(const struct mp_view *view, const struct mp_counter_cell *cell,
			 struct mp_str *out)
{
	char buf[MP_VIEW_NUMBER_LEN];

	if (!two(view) && isfinite(cell->a))
		mp_str_printf(out, "%.4g", cell->a);
	else if (isfinite(cell->ratio))
		mp_str_add(out, mp_view_change(view, cell->ratio, buf));
	else if (cell->a == 0 && cell->b == 0)
		mp_str_add(out, "0");
	else if (isfinite(cell->a) && isfinite(cell->b) && (cell->a == 0 || cell->b == 0))
		mp_str_printf(out, "%.3g to %.3g", cell->a, cell->b);
	else
		mp_str_add(out, "-");
}

static void draw_counters(struct mp_view *view, const struct mp_results_table *table, size_t number,
			  const struct mp_grid *body, int line, int at)
{
	const struct mp_counter_cell *cells =
		table->counters ? mp_counter_cells_get(mp_view_counters(view), number) : NULL;

	for (size_t i = 0; i < table->counters; i++) {
		struct mp_str text = MP_STR_INIT;

		if (cells)
			counter_text(view, &cells[i], &text);
		mp_grid_field(body, line, at, COUNTER_WIDTH, cells ? MP_ROLE_TEXT : MP_ROLE_MUTED,
			      MP_ALIGN_RIGHT, MP_CUT_END, cells ? text.text : "...");
		mp_str_done(&text);
		at += COUNTER_WIDTH + 1;
	}
}

void mp_results_row(struct mp_view *view, const struct mp_results_table *table,
		    const struct mp_row *row, size_t number, const char *text, int indent,
		    const struct mp_grid *body, int line)
{
	int at = CASE_AT + table->case_width + 1;
	enum mp_role role;

	mp_row_word(view, row, &role);
	if (mp_index_marked(&mp_view_model(view)->index, number))
		mp_grid_text(body, line, 1, MP_ROLE_TITLE, "*");
	mp_grid_printf(body, line, 2, role, "%c", mp_row_letter(view, row));
	mp_grid_field(body, line, CASE_AT + indent, table->case_width - indent, MP_ROLE_TEXT,
		      MP_ALIGN_LEFT, MP_CUT_MIDDLE, text);
	for (size_t k = 0; k < mp_n_columns; k++) {
		size_t i = mp_view_show(view)->order[k];
		const struct mp_view_column *c = &mp_columns[i];
		struct mp_str cell = MP_STR_INIT;
		char buf[MP_VIEW_NUMBER_LEN];
		enum mp_role own;
		int mark;

		if (!(table->shown & 1u << i))
			continue;
		own = c->show(view, row, &cell);
		if (c->value && table->one_unit && isfinite(c->value(row))) {
			mp_str_clear(&cell);
			mp_str_add(&cell, mp_view_scaled(&table->scale, c->value(row), buf));
		}
		mark = two(view) && !strcmp(c->name, MP_COLUMN_VERDICT) ? 2 : 0;
		if (mark)
			mp_grid_text(body, line, at, own,
				     mp_verdict_mark(mp_grid_glyphs(body), row->verdict));
		mp_grid_field(body, line, at + mark, c->width - mark, own, c->align, MP_CUT_END,
			      cell.text);
		if (is_picture(c)) {
			struct mp_grid field = mp_grid_part(body, line, at, 1, c->width);

			draw_picture(table, row, &field);
		}
		at += c->width + 1;
		mp_str_done(&cell);
	}
	draw_counters(view, table, number, body, line, at);
}

/* ---- branches ---- */

static const enum mp_verdict order[MP_VERDICT_COUNT] = {
	MP_VERDICT_SLOWER, MP_VERDICT_FASTER, MP_VERDICT_SAME,	 MP_VERDICT_UNSURE,
	MP_VERDICT_ONLY_A, MP_VERDICT_ONLY_B, MP_VERDICT_FAILED, MP_VERDICT_INCOMPARABLE,
};

static const char *word_of(enum mp_verdict verdict)
{
	return verdict == MP_VERDICT_INCOMPARABLE ? "n/a" : mp_verdict_name(verdict);
}

void mp_results_branch_text(const struct mp_view *view, const struct mp_tree_branch *branch,
			    struct mp_str *out)
{
	const char *separator = ": ";

	mp_str_printf(out, "%s, %zu case%s", branch->name, branch->cases,
		      branch->cases == 1 ? "" : "s");
	for (int i = 0; two(view) && i < MP_VERDICT_COUNT; i++) {
		if (!branch->counts[order[i]])
			continue;
		mp_str_printf(out, "%s%zu %s", separator, branch->counts[order[i]],
			      word_of(order[i]));
		separator = ", ";
	}
}

void mp_results_branch(const struct mp_view *view, const struct mp_results_table *table,
		       const struct mp_tree_branch *branch, const struct mp_grid *body, int line)
{
	int indent = branch->bench ? 2 : 0, at = CASE_AT + table->case_width + 1;
	unsigned style = branch->bench ? MP_ROLE_TEXT : MP_ROLE_TEXT | MP_BOLD;
	bool words = !two(view) || body->columns - at >= BRANCH_WORDS;

	mp_grid_text(body, line, 2 + indent, MP_ROLE_TITLE, branch->open ? "-" : "+");
	mp_grid_field(body, line, CASE_AT + indent, table->case_width - indent, style,
		      MP_ALIGN_LEFT, MP_CUT_MIDDLE, branch->name);
	at += mp_grid_printf(body, line, at, MP_ROLE_MUTED, "%zu%s", branch->cases,
			     !words		  ? ""
			     : branch->cases == 1 ? " case"
						  : " cases");
	mp_grid_text(body, line, at, MP_ROLE_MUTED, two(view) ? ":" : "");
	at += 2;
	for (int i = 0; two(view) && i < MP_VERDICT_COUNT; i++) {
		size_t n = branch->counts[order[i]];
		unsigned role = mp_verdict_role(order[i]);

		if (!n)
			continue;
		at += words ? mp_grid_printf(body, line, at, role, "%zu %s", n, word_of(order[i]))
			    : mp_grid_printf(body, line, at, role, "%zu%c", n,
					     mp_verdict_letter(order[i]));
		at++;
	}
}

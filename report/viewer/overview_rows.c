/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rows of Overview, changes and families: see overview_rows.h. */
#include "report/viewer/overview_rows.h"

#include <stdio.h>

void mp_overview_change_head(const struct mp_view *view, size_t shown, const struct mp_grid *body,
			     int at)
{
	const struct mp_rows_summary *s = mp_rows_summary(mp_view_model(view)->rows);
	size_t all = s->counts[MP_VERDICT_SLOWER] + s->counts[MP_VERDICT_FASTER];

	if (!all)
		mp_grid_text(body, at, 1, MP_ROLE_TITLE,
			     "no credible change: no case is called slower or faster");
	else
		mp_grid_printf(body, at, 1, MP_ROLE_TITLE, "largest changes: %zu of %zu", shown,
			       all);
	if (body->columns >= 76 && all) {
		int right = body->columns - 1;

		mp_grid_field(body, at, right - 46, 9, MP_ROLE_MUTED, MP_ALIGN_RIGHT, MP_CUT_END,
			      "A");
		mp_grid_field(body, at, right - 36, 9, MP_ROLE_MUTED, MP_ALIGN_RIGHT, MP_CUT_END,
			      "B");
		mp_grid_field(body, at, right - 26, 8, MP_ROLE_MUTED, MP_ALIGN_RIGHT, MP_CUT_END,
			      "change");
		mp_grid_field(body, at, right - 17, 17, MP_ROLE_MUTED, MP_ALIGN_RIGHT, MP_CUT_END,
			      "interval");
	}
}

void mp_overview_change(const struct mp_view *view, size_t index, const struct mp_grid *body,
			int at)
{
	struct mp_row row;
	char text[2 * MP_VIEW_NUMBER_LEN];
	enum mp_role role;
	int right = body->columns - 1, case_end;
	bool wide = body->columns >= 76;

	if (mp_rows_get(mp_view_model(view)->rows, index, &row))
		return;
	role = mp_verdict_role(row.verdict);
	if (mp_index_marked(&mp_view_model(view)->index, index))
		mp_grid_text(body, at, 1, MP_ROLE_TITLE, "*");
	mp_grid_printf(body, at, 2, role, "%c", mp_verdict_letter(row.verdict));
	case_end = wide ? right - 47 : right - 10;
	mp_grid_field(body, at, 4, case_end - 4, MP_ROLE_TEXT, MP_ALIGN_LEFT, MP_CUT_MIDDLE,
		      row.text);
	mp_view_change(view, row.ratio, text);
	if (!wide) {
		mp_grid_field(body, at, right - 9, 9, role, MP_ALIGN_RIGHT, MP_CUT_END, text);
		return;
	}
	mp_grid_field(body, at, right - 26, 8, role, MP_ALIGN_RIGHT, MP_CUT_END, text);
	mp_grid_field(body, at, right - 46, 9, MP_ROLE_TEXT, MP_ALIGN_RIGHT, MP_CUT_END,
		      mp_view_value(view, row.a, text));
	mp_grid_field(body, at, right - 36, 9, MP_ROLE_TEXT, MP_ALIGN_RIGHT, MP_CUT_END,
		      mp_view_value(view, row.b, text));
	mp_grid_field(body, at, right - 17, 17, MP_ROLE_TEXT, MP_ALIGN_RIGHT, MP_CUT_END,
		      mp_view_interval(view, row.low, row.high, text));
}

void mp_overview_warning(const struct mp_view *view, enum mp_warning warning,
			 const struct mp_grid *body, int at)
{
	size_t n = mp_rows_summary(mp_view_model(view)->rows)->warned[warning];
	struct mp_str text = MP_STR_INIT;

	mp_grid_printf(body, at, 2, MP_ROLE_WARNING, "%c", mp_warning_texts[warning].letter);
	mp_str_printf(&text, "%zu case%s: %s", n, n == 1 ? "" : "s",
		      mp_warning_texts[warning].sentence);
	mp_grid_field(body, at, 4, body->columns - 5, MP_ROLE_WARNING, MP_ALIGN_LEFT, MP_CUT_END,
		      text.text);
	mp_str_done(&text);
}

struct family_column {
	const char *title;
	int width, priority;
};

/* From left to right, behind the name. */
enum {
	F_CASES,
	F_SLOWER,
	F_FASTER,
	F_SAME,
	F_UNSURE,
	F_OTHER,
	F_TYPICAL,
	F_BINS,
	F_WORST,
	F_COUNT
};
static const struct family_column two_columns[F_COUNT] = {
	{ "cases", 7, 3 },   { "slower", 7, 0 }, { "faster", 7, 1 },
	{ "same", 7, 5 },    { "unsure", 7, 4 }, { "other", 6, 7 },
	{ "typical", 9, 2 }, { "< 1 >", 11, 8 }, { "worst", 9, 6 },
};

static unsigned family_columns(int room)
{
	unsigned shown = 0;

	for (int priority = 0; priority < F_COUNT; priority++) {
		for (int i = 0; i < F_COUNT; i++) {
			if (two_columns[i].priority == priority &&
			    two_columns[i].width + 1 <= room) {
				shown |= 1u << i;
				room -= two_columns[i].width + 1;
			}
		}
	}
	return shown;
}

static void number_text(char *buf, size_t len, size_t n)
{
	snprintf(buf, len, n ? "%zu" : "-", n);
}

/* The small histogram of a family's changes: the higher, the more cases; the middle is no change. */
static void draw_bins(const struct mp_rows_family *f, const struct mp_grid *body, int at,
		      int column)
{
	size_t most = 1;

	for (int i = 0; i < MP_ROWS_BINS; i++)
		most = f->bins[i] > most ? f->bins[i] : most;
	mp_grid_glyph(body, at, column, MP_ROLE_MUTED, MP_GLYPH_VERTICAL);
	for (int i = 0; i < MP_ROWS_BINS; i++) {
		/* Something is never drawn as nothing. */
		size_t eighths = f->bins[i] ? 1 + f->bins[i] * 7 / most : 0;

		if (eighths)
			mp_grid_glyph(body, at, column + 1 + i,
				      i < 4   ? MP_ROLE_BETTER
				      : i > 4 ? MP_ROLE_WORSE
					      : MP_ROLE_TEXT,
				      (enum mp_glyph)(MP_GLYPH_LOWER_1 + eighths - 1));
	}
	mp_grid_glyph(body, at, column + 1 + MP_ROWS_BINS, MP_ROLE_MUTED, MP_GLYPH_VERTICAL);
}

static void draw_family(const struct mp_view *view, const struct mp_rows_family *f,
			const struct mp_grid *body, int at)
{
	int name = body->columns > 60 ? 12 : 9, column = 2 + name;
	unsigned shown = family_columns(body->columns - column - 1);
	size_t values[F_COUNT] = { 0 };

	if (f) {
		mp_grid_field(body, at, 2, name, MP_ROLE_TEXT, MP_ALIGN_LEFT, MP_CUT_END, f->name);
		values[F_CASES] = f->rows;
		values[F_SLOWER] = f->counts[MP_VERDICT_SLOWER];
		values[F_FASTER] = f->counts[MP_VERDICT_FASTER];
		values[F_SAME] = f->counts[MP_VERDICT_SAME];
		values[F_UNSURE] = f->counts[MP_VERDICT_UNSURE];
		values[F_OTHER] = f->rows - values[F_SLOWER] - values[F_FASTER] - values[F_SAME] -
				  values[F_UNSURE];
	} else {
		mp_grid_field(body, at, 1, name, MP_ROLE_TITLE, MP_ALIGN_LEFT, MP_CUT_END,
			      "family");
	}
	for (int i = 0; i < F_COUNT; i++) {
		char text[MP_VIEW_NUMBER_LEN] = "";
		unsigned style = f ? MP_ROLE_TEXT : MP_ROLE_TITLE;

		if (!(shown & 1u << i))
			continue;
		if (!f)
			snprintf(text, sizeof(text), "%s", two_columns[i].title);
		else if (i == F_TYPICAL || i == F_WORST)
			mp_view_change(view, i == F_TYPICAL ? f->ratio : f->worst_ratio, text);
		else
			number_text(text, sizeof(text), values[i]);
		if (f && i == F_SLOWER && values[i])
			style = MP_ROLE_WORSE;
		if (f && i == F_FASTER && values[i])
			style = MP_ROLE_BETTER;
		if (f && i == F_BINS)
			draw_bins(f, body, at, column + 1);
		else
			mp_grid_field(body, at, column + 1, two_columns[i].width, style,
				      MP_ALIGN_RIGHT, MP_CUT_END, text);
		column += two_columns[i].width + 1;
	}
}

static void draw_family_alone(const struct mp_rows_family *f, const struct mp_grid *body, int at)
{
	static const enum mp_outcome order[] = { MP_OUTCOME_OK,	     MP_OUTCOME_INVALID,
						 MP_OUTCOME_FAILED,  MP_OUTCOME_TIMED_OUT,
						 MP_OUTCOME_SKIPPED, MP_OUTCOME_PENDING };
	int column = 14;

	mp_grid_field(body, at, f ? 2 : 1, 12, f ? MP_ROLE_TEXT : MP_ROLE_TITLE, MP_ALIGN_LEFT,
		      MP_CUT_END, f ? f->name : "family");
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]) && column + 9 < body->columns;
	     i++) {
		char text[MP_VIEW_NUMBER_LEN];

		if (f)
			number_text(text, sizeof(text), f->outcomes[order[i]]);
		else
			snprintf(text, sizeof(text), "%s",
				 order[i] == MP_OUTCOME_TIMED_OUT ? "timed out"
								  : mp_outcome_name(order[i]));
		mp_grid_field(body, at, column, 9,
			      !f					    ? MP_ROLE_TITLE
			      : order[i] == MP_OUTCOME_OK || text[0] == '-' ? MP_ROLE_TEXT
									    : MP_ROLE_FAILED,
			      MP_ALIGN_RIGHT, MP_CUT_END, text);
		column += 10;
	}
}

void mp_overview_family(const struct mp_view *view, const struct mp_rows_family *f,
			const struct mp_grid *body, int at)
{
	if (mp_view_model(view)->n_sides == 2)
		draw_family(view, f, body, at);
	else
		draw_family_alone(f, body, at);
}

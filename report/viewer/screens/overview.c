/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Overview: are the sides comparable, what got slower and faster and is it real, what is not known. The first screen
 * answers without a key: sentences, then the largest credible changes, then the families, as one list.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "report/viewer/columns.h"
#include "report/viewer/view_internal.h"

#define NARROW 40

enum line_kind { LINE_HEAD_CHANGES, LINE_CHANGE, LINE_GAP, LINE_HEAD_FAMILIES, LINE_FAMILY };

struct overview {
	struct mp_list list;
	size_t n_slower, n_faster; /* changes that are listed */
	bool placed; /* the selection was put on the first row once */
	unsigned generation;
};

/* ---- the sentences ---- */

static size_t heavy_differences(const struct mp_comparison *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n_differences; i++)
		n += c->differences[i].weight >= 3 && !c->differences[i].moves;
	return n;
}

static size_t light_differences(const struct mp_comparison *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n_differences; i++)
		n += c->differences[i].weight < 3 && !c->differences[i].moves;
	return n;
}

/* "kernel release 6.1 -> 6.2, memory thp_enabled madvise -> unknown" */
static void name_differences(const struct mp_comparison *c, struct mp_str *out)
{
	size_t named = 0;

	for (size_t i = 0; i < c->n_differences; i++) {
		const struct mp_difference *d = &c->differences[i];

		if (d->weight < 3 || d->moves)
			continue;
		mp_str_printf(out, "%s%s %s %s -> %s", named++ ? "; " : "", d->group, d->key,
			      d->a ? d->a : "unknown", d->b ? d->b : "unknown");
	}
}

/* The first line: comparable or not. Returns the lines it took. */
static int draw_comparable(const struct mp_view *view, const struct mp_grid *body)
{
	const struct mp_model *m = mp_view_model(view);
	const struct mp_comparison *c = &m->environment;
	size_t heavy = heavy_differences(c), light = light_differences(c);
	struct mp_str text = MP_STR_INIT;
	unsigned style = MP_ROLE_TITLE;
	int lines;

	if (c->shared_run) {
		style = MP_ROLE_WARNING;
		mp_str_add(&text,
			   "!! the same run stands on both sides: there is nothing to compare");
	} else if (!c->same_machine || heavy) {
		style = MP_ROLE_WARNING;
		mp_str_add(&text, !c->same_machine ? "!! different machines" : "!! same machine");
		if (heavy) {
			mp_str_printf(&text,
				      ", but %zu difference%s that usually matter%s: ", heavy,
				      heavy == 1 ? "" : "s", heavy == 1 ? "s" : "");
			name_differences(c, &text);
		}
	} else {
		mp_str_add(&text,
			   "Comparable: same machine, and nothing differs that usually matters");
	}
	if (light)
		mp_str_printf(&text, " (%zu lesser difference%s: 5)", light, light == 1 ? "" : "s");
	lines = mp_grid_wrap(body, 0, 1, style, text.text);
	mp_str_done(&text);
	if (lines > 3 && body->rows < 30) {
		/* Many long values: the first three lines, and where the rest is. */
		struct mp_grid rest = mp_grid_part(body, 3, 0, lines - 3, body->columns);

		mp_grid_fill(&rest, 0, 0, rest.rows, rest.columns, MP_ROLE_TEXT);
		mp_grid_field(body, 2, body->columns - 12, 12, style, MP_ALIGN_LEFT, MP_CUT_END,
			      " ... more: 5");
		lines = 3;
	}
	return lines;
}

static void count(struct mp_str *out, size_t n, const char *word)
{
	if (n)
		mp_str_printf(out, "%s%zu %s", out->len ? "   " : "", n, word);
}

/* What the verdicts are, and what they rest on. Returns the lines it took. */
static int draw_counts(const struct mp_view *view, const struct mp_grid *body)
{
	const struct mp_model *m = mp_view_model(view);
	const struct mp_rows_summary *s = mp_rows_summary(m->rows);
	struct mp_str text = MP_STR_INIT;
	char change[MP_VIEW_NUMBER_LEN];
	int at = 1, lines = 0;

	for (int v = 0; v < MP_VERDICT_COUNT; v++) {
		static const enum mp_verdict order[MP_VERDICT_COUNT] = {
			MP_VERDICT_SLOWER, MP_VERDICT_FASTER,	    MP_VERDICT_SAME,
			MP_VERDICT_UNSURE, MP_VERDICT_ONLY_A,	    MP_VERDICT_ONLY_B,
			MP_VERDICT_FAILED, MP_VERDICT_INCOMPARABLE,
		};
		enum mp_verdict verdict = order[v];

		if (v >= 4 && !s->counts[verdict])
			continue;
		if (at + 10 > body->columns) {
			lines++;
			at = 1;
		}
		at += mp_grid_printf(
			      body, lines, at,
			      s->counts[verdict] ? (unsigned)mp_verdict_role(verdict) | MP_BOLD
						 : MP_ROLE_MUTED,
			      "%zu %s", s->counts[verdict],
			      verdict == MP_VERDICT_INCOMPARABLE ? "n/a"
								 : mp_verdict_name(verdict)) +
		      3;
	}
	lines++;
	if (isfinite(s->ratio)) {
		mp_str_printf(&text, "typical %s over %zu famil%s   ",
			      mp_view_change(view, s->ratio, change), s->ratio_families,
			      s->ratio_families == 1 ? "y" : "ies");
	}
	mp_str_printf(&text, "policy %s: %.3g %% or the noise floor, q %.2g of %zu tests",
		      m->options.policy->name, 100 * m->options.policy->at.location,
		      m->options.policy->q, s->tested[MP_ASPECT_LOCATION]);
	lines += mp_grid_wrap(body, lines, 1, MP_ROLE_MUTED, text.text);
	mp_str_clear(&text);
	count(&text, s->tails[MP_ASIDE_SLOWER], "slower tails");
	count(&text, s->tails[MP_ASIDE_FASTER], "faster tails");
	count(&text, s->shapes[MP_ASIDE_CHANGED], "changed shapes");
	if (text.len) {
		mp_grid_printf(body, lines++, 1, MP_ROLE_TEXT, "single calls: %s", text.text);
	}
	mp_str_done(&text);
	return lines;
}

/* One side: what kind of run this is. */
static int draw_run(const struct mp_view *view, const struct mp_grid *body)
{
	const struct mp_model *m = mp_view_model(view);
	const struct mp_side_run *run = &m->sides[0].side.runs[0];
	const struct mp_side_fact *cpu = mp_side_fact(run, "cpu", "model");
	int lines = 0;

	lines += mp_grid_printf(body, lines, 1, MP_ROLE_TITLE, "Run #%lld of %s, %s",
				(long long)run->row.id, run->row.host,
				run->row.ended_ns ? run->row.status : "still running") > 0;
	mp_grid_printf(body, lines++, 1, MP_ROLE_MUTED, "suite %s   memperf %s   %s",
		       run->row.suite ? run->row.suite : "?", run->row.version,
		       cpu && cpu->value ? cpu->value : "cpu unknown");
	mp_grid_printf(
		body, lines++, 1, MP_ROLE_TEXT,
		"%u cases: %u ok   %u invalid   %u failed   %u timed out   %u skipped   %u pending",
		run->row.cases, run->row.ok, run->row.invalid, run->row.failed, run->row.timed_out,
		run->row.skipped, run->row.pending);
	if (run->sabotage)
		lines += mp_grid_wrap(body, lines, 1, MP_ROLE_WARNING,
				      "!! run with a planted fault");
	return lines;
}

static int draw_judging(const struct mp_view *view, const struct mp_grid *body)
{
	const struct mp_model *m = mp_view_model(view);

	if (m->n_sides == 2)
		mp_grid_printf(body, 0, 1, MP_ROLE_TEXT,
			       "%u cases in A, %u in B: judging; every key works meanwhile",
			       m->sides[0].side.runs[0].row.cases,
			       m->sides[1].side.runs[0].row.cases);
	else
		mp_grid_text(body, 0, 1, MP_ROLE_TEXT, "reading the cases");
	return 1;
}

/* ---- the list ---- */

static size_t n_families(const struct mp_view *view)
{
	const struct mp_rows *rows = mp_view_model(view)->rows;

	return rows ? mp_rows_summary(rows)->n_families : 0;
}

static size_t n_changes(const struct overview *o)
{
	return o->n_slower + o->n_faster;
}

/* With two sides: head, changes, gap, head, families. With one: head, families. */
static enum line_kind line_at(const struct mp_view *view, const struct overview *o, size_t line,
			      size_t *ret_index)
{
	*ret_index = 0;
	if (mp_view_model(view)->n_sides == 2) {
		if (line == 0)
			return LINE_HEAD_CHANGES;
		if (line <= n_changes(o)) {
			*ret_index = line - 1;
			return LINE_CHANGE;
		}
		line -= 1 + n_changes(o);
		if (line == 0)
			return LINE_GAP;
		line--;
	}
	if (line == 0)
		return LINE_HEAD_FAMILIES;
	*ret_index = line - 1;
	return LINE_FAMILY;
}

/* Room for changes: what families leave, half of the list at least. */
static void choose_changes(const struct mp_view *view, struct overview *o, int rows)
{
	const struct mp_rows_summary *s = mp_rows_summary(mp_view_model(view)->rows);
	size_t half = rows > 8 ? (size_t)(rows - 3) / 2 : 3, families = s->n_families;
	size_t room =
		rows > 3 && families + 3 + half < (size_t)rows ? (size_t)rows - 3 - families : half;

	o->n_slower = s->n_slower < room ? s->n_slower : room;
	o->n_faster = s->n_faster < room ? s->n_faster : room;
	/* What got slower comes first and leaves a third to what got faster. */
	if (o->n_slower + o->n_faster > room) {
		size_t third = room / 3;

		if (o->n_faster > third)
			o->n_faster = o->n_slower + third < room ? room - o->n_slower : third;
		o->n_slower = room - o->n_faster;
	}
}

static size_t row_of_change(const struct mp_view *view, const struct overview *o, size_t index)
{
	const struct mp_rows_summary *s = mp_rows_summary(mp_view_model(view)->rows);

	return index < o->n_slower ? s->slower[index] : s->faster[index - o->n_slower];
}

static void draw_change_head(const struct mp_view *view, const struct overview *o,
			     const struct mp_grid *body, int at)
{
	const struct mp_rows_summary *s = mp_rows_summary(mp_view_model(view)->rows);
	size_t all = s->counts[MP_VERDICT_SLOWER] + s->counts[MP_VERDICT_FASTER];

	if (!all)
		mp_grid_text(body, at, 1, MP_ROLE_TITLE,
			     "no credible change: no case is called slower or faster");
	else
		mp_grid_printf(body, at, 1, MP_ROLE_TITLE, "largest changes: %zu of %zu",
			       n_changes(o), all);
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

static void draw_change(const struct mp_view *view, const struct overview *o, size_t index,
			const struct mp_grid *body, int at)
{
	struct mp_row row;
	char text[2 * MP_VIEW_NUMBER_LEN];
	enum mp_role role;
	int right = body->columns - 1, case_end;
	bool wide = body->columns >= 76;

	if (mp_rows_get(mp_view_model(view)->rows, row_of_change(view, o, index), &row))
		return;
	role = mp_verdict_role(row.verdict);
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

static void draw_line(const struct mp_view *view, const struct overview *o, size_t line,
		      const struct mp_grid *body, int at)
{
	const struct mp_model *m = mp_view_model(view);
	size_t index;

	switch (line_at(view, o, line, &index)) {
	case LINE_HEAD_CHANGES:
		draw_change_head(view, o, body, at);
		break;
	case LINE_CHANGE:
		draw_change(view, o, index, body, at);
		break;
	case LINE_GAP:
		break;
	case LINE_HEAD_FAMILIES:
		if (m->n_sides == 2)
			draw_family(view, NULL, body, at);
		else
			draw_family_alone(NULL, body, at);
		break;
	case LINE_FAMILY:
		if (m->n_sides == 2)
			draw_family(view, &mp_rows_families(m->rows)[index], body, at);
		else
			draw_family_alone(&mp_rows_families(m->rows)[index], body, at);
		break;
	}
}

static void draw_list(struct mp_view *view, struct overview *o, const struct mp_grid *body,
		      int first)
{
	const struct mp_model *m = mp_view_model(view);
	size_t lines;

	if (m->n_sides == 2)
		choose_changes(view, o, body->rows - first);
	lines = n_families(view) + (m->n_sides == 2 ? n_changes(o) + 3 : 1);
	mp_list_show(&o->list, body, first, lines);
	if (!o->placed && lines > 1) {
		mp_list_select(&o->list, m->n_sides == 2 && !n_changes(o) ? 3 : 1);
		o->placed = true;
	}
	mp_list_select(&o->list, o->list.selected);
	for (size_t i = 0; i < o->list.page && o->list.top + i < lines; i++) {
		size_t line = o->list.top + i;
		int at = first + (int)i;

		draw_line(view, o, line, body, at);
		if (line == o->list.selected) {
			mp_grid_glyph(body, at, 0, MP_ROLE_TITLE, MP_GLYPH_SELECTED);
			mp_grid_attribute(body, at, 0, 1, body->columns, MP_REVERSE);
			mp_grid_cursor(body, at, 0);
		}
	}
}

/* No room for tables: verdict counts, then the worst change, a fact a line. */
static void draw_narrow(struct mp_view *view, struct overview *o, const struct mp_grid *body)
{
	const struct mp_model *m = mp_view_model(view);
	const struct mp_rows_summary *s = mp_rows_summary(m->rows);
	struct mp_grid rest;
	struct mp_row row;

	if (m->n_sides == 2)
		mp_grid_printf(body, 0, 0,
			       s->counts[MP_VERDICT_SLOWER] ? MP_ROLE_WORSE : MP_ROLE_TEXT,
			       "%zu slower %zu faster", s->counts[MP_VERDICT_SLOWER],
			       s->counts[MP_VERDICT_FASTER]);
	else
		mp_grid_printf(body, 0, 0, MP_ROLE_TEXT, "%u ok of %u",
			       m->sides[0].side.runs[0].row.ok, m->sides[0].side.runs[0].row.cases);
	o->list.row = -1;
	rest = mp_grid_part(body, 1, 0, body->rows - 1, body->columns);
	if (m->n_sides == 2 && (s->n_slower || s->n_faster) &&
	    !mp_rows_get(m->rows, s->n_slower ? s->slower[0] : s->faster[0], &row))
		mp_row_draw_facts(view, &row, &rest);
	else if (heavy_differences(&m->environment))
		mp_grid_printf(&rest, 0, 0, MP_ROLE_WARNING, "!! %zu differences: 5",
			       heavy_differences(&m->environment));
}

static void overview_draw(struct mp_view *view, void *state, const struct mp_grid *body)
{
	struct overview *o = state;
	const struct mp_model *m = mp_view_model(view);
	struct mp_grid rest;
	int at;

	if (m->rows && (body->columns < NARROW || body->rows < 8)) {
		draw_narrow(view, o, body);
		return;
	}
	at = m->n_sides == 2 ? draw_comparable(view, body) : draw_run(view, body);
	rest = mp_grid_part(body, at, 0, body->rows - at, body->columns);
	if (!m->rows) {
		o->list = (struct mp_list){ .row = -1 };
		if (m->state == MP_MODEL_JUDGING)
			draw_judging(view, &rest);
		else
			mp_grid_wrap(&rest, 1, 1, MP_ROLE_WARNING, m->why.text);
		return;
	}
	if (m->n_sides == 2)
		at += draw_counts(view, &rest);
	if (body->rows > 16)
		at++;
	draw_list(view, o, body, at);
}

/* ---- actions ---- */

static bool some(const struct mp_view *view, const void *state, const char **ret_why)
{
	(void)state;
	*ret_why = "nothing is judged yet";
	return mp_view_model(view)->rows != NULL;
}

static int filter_family(struct mp_view *view, const char *name)
{
	char text[MP_NAME_MAX + 16];
	struct mp_err err = { 0 };
	int rc;

	snprintf(text, sizeof(text), "family = \"%s\"", name);
	rc = mp_index_filter(&mp_view_model(view)->index, text, &err);
	return rc ? mp_view_fail(view, rc, &err) : mp_view_open(view, "results");
}

static int open_line(struct mp_view *view, void *state, int with)
{
	const struct overview *o = state;
	const struct mp_rows *rows = mp_view_model(view)->rows;
	size_t index;
	struct mp_row row;

	(void)with;
	switch (line_at(view, o, o->list.selected, &index)) {
	case LINE_CHANGE:
		if (mp_rows_get(rows, row_of_change(view, o, index), &row))
			return 0;
		mp_view_set_subject(view, row.text);
		return mp_view_open(view, "detail");
	case LINE_FAMILY:
		if (index < n_families(view))
			return filter_family(view, mp_rows_families(rows)[index].name);
		return 0;
	case LINE_HEAD_CHANGES:
	case LINE_HEAD_FAMILIES:
	case LINE_GAP:
		break;
	}
	return mp_view_open(view, "results");
}

static int find_slower(struct mp_view *view, void *state, int with)
{
	struct overview *o = state;

	(void)with;
	if (!o->n_slower) {
		mp_view_say(view, "no case is slower");
		return 0;
	}
	/* Around the slower ones, which stand first. */
	mp_list_select(&o->list, o->list.selected >= 1 && o->list.selected < o->n_slower
					 ? o->list.selected + 1
					 : 1);
	return 0;
}

static const struct mp_action actions[] = {
	{ "open", "Enter", "open", "a change: the case; a family: its results", 0, open_line,
	  some },
	{ "next-slower", ".", NULL, "the next of the slower cases", 0, find_slower, some },
};

static struct mp_list *overview_list(struct mp_view *view, void *state)
{
	(void)view;
	return &((struct overview *)state)->list;
}

static void overview_status(const struct mp_view *view, const void *state, struct mp_str *out)
{
	const struct mp_model *m = mp_view_model(view);
	const char *note = m->rows ? mp_rows_note(m->rows, 0) : NULL;

	(void)state;
	if (m->n_sides == 2 && note)
		mp_str_printf(out, "note: %s (all of them: 5)", note);
	else if (m->n_sides == 2 && m->rows)
		mp_str_add(out, "S slower, F faster: the whole interval lies beyond the threshold; "
				"? explains");
}

static bool overview_find(struct mp_view *view, void *state, const char *text, int by)
{
	struct overview *o = state;
	size_t n = o->list.count;

	for (size_t i = 1; i <= n; i++) {
		size_t line = (o->list.selected + (by > 0 ? i : n - i % n)) % n, index;
		enum line_kind kind = line_at(view, o, line, &index);
		struct mp_row row;

		if (kind == LINE_FAMILY &&
		    strstr(mp_rows_families(mp_view_model(view)->rows)[index].name, text)) {
			mp_list_select(&o->list, line);
			return true;
		}
		if (kind == LINE_CHANGE &&
		    !mp_rows_get(mp_view_model(view)->rows, row_of_change(view, o, index), &row) &&
		    strstr(row.text, text)) {
			mp_list_select(&o->list, line);
			return true;
		}
	}
	return false;
}

const struct mp_screen mp_screen_overview = {
	.name = "overview",
	.title = "Overview",
	.summary = "are the sides comparable, what got slower or faster, what is not known",
	.about = "The first lines say what else differs between the sides. Changes are called "
		 "slower or "
		 "faster only when the whole interval lies beyond the threshold (the policy's, or "
		 "the "
		 "machine's noise floor if that is larger) after correction for the number of "
		 "tests. "
		 "\"typical\" is the geometric mean of B / A; the small histogram has its cases by "
		 "change, "
		 "from less than half on the left to more than twice on the right.",
	.tab = 1,
	.actions = MP_ACTIONS(actions),
	.state_size = sizeof(struct overview),
	.draw = overview_draw,
	.list = overview_list,
	.status = overview_status,
	.find = overview_find,
};

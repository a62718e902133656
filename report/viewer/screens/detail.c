/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Case detail: one case of both sides, part by part: its distribution, its invocations, its checks, and why it has its verdict. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/viewer/detail_text.h"
#include "report/viewer/panel.h"

/* A part is a chart, or a text. */
struct part {
	const char *name, *title;
	const struct mp_chart_kind *kind; /* NULL: a text */
	int (*write)(struct mp_view *view, const struct mp_look *look, const struct mp_doc *doc,
		     struct mp_err *err);
};

static const struct part parts[] = {
	{ "distribution", "Distribution", &mp_chart_kind_histogram, NULL },
	{ "percentiles", "Percentiles", &mp_chart_kind_percentiles, NULL },
	{ "cdf", "CDF", &mp_chart_kind_cdf, NULL },
	{ "shift", "Shift", &mp_chart_kind_deciles, NULL },
	{ "invocations", "Invocations", &mp_chart_kind_invocations, NULL },
	{ "checks", "Validity", NULL, mp_detail_checks },
	{ "counters", "cOunters", NULL, mp_detail_counters },
	{ "environment", "Environment", NULL, mp_detail_environment },
	{ "why", "Why", NULL, mp_detail_why },
};
#define PARTS ((int)(sizeof(parts) / sizeof(parts[0])))

struct state {
	int part;
	bool other_scale;
	struct mp_panel panel;
	struct mp_detail_head head;
};

static void renew(struct mp_view *view, void *state)
{
	(void)view;
	mp_panel_forget(&((struct state *)state)->panel);
}

static void close_screen(struct mp_view *view, void *state)
{
	struct state *s = state;

	(void)view;
	mp_panel_done(&s->panel);
	mp_detail_head_done(&s->head);
}

static int open_screen(struct mp_view *view, void *state, struct mp_err *err)
{
	renew(view, state);
	return mp_look_choose(view, err);
}

/* ---- what is shown ---- */

static int build(struct mp_view *view, void *state, const struct mp_doc *doc, struct mp_err *err)
{
	struct state *s = state;
	const struct part *part = &parts[s->part];
	const struct mp_chart_options options = { .bins = doc->wide > 20 ? doc->wide / 2 : 10,
						  .tail = s->other_scale,
						  .other_scale = s->other_scale };
	struct mp_look look;
	int rc;

	mp_detail_head_done(&s->head);
	rc = mp_look_open(view, &look, err);
	if (rc)
		return rc;
	rc = mp_detail_head_read(view, &look, &s->head, err);
	if (!rc)
		rc = part->kind ? mp_chart_make(part->kind, &look.subject, &options,
						&s->panel.chart, err)
				: part->write(view, &look, doc, err);
	mp_look_close(&look);
	return rc;
}

/* ---- drawing ---- */

static const char *title(int part)
{
	return parts[part].title;
}

static void draw(struct mp_view *view, void *state, const struct mp_grid *body)
{
	struct state *s = state;
	struct mp_grid rest;
	int row;

	mp_panel_ensure(view, &s->panel, body->columns, build, s);
	row = mp_detail_head_draw(view, &s->head, body);
	if (body->rows - row >= 4)
		mp_panel_parts(body, row++, title, PARTS, s->part);
	rest = mp_grid_part(body, row, 0, body->rows - row, body->columns);
	mp_panel_draw(view, &s->panel, NULL, &rest);
}

static struct mp_list *list(struct mp_view *view, void *state)
{
	return mp_panel_list(view, &((struct state *)state)->panel);
}

static void status(const struct mp_view *view, const void *state, struct mp_str *out)
{
	const struct state *s = state;
	const struct mp_sheet *sheet = &s->panel.sheet;

	mp_str_printf(out, "%s (%d of %d)", parts[s->part].title, s->part + 1, PARTS);
	if (mp_panel_is_text(view, &s->panel) && sheet->n_lines)
		mp_str_printf(out, ", lines %zu to %zu of %zu", sheet->list.top + 1,
			      sheet->list.top + sheet->list.page < sheet->n_lines
				      ? sheet->list.top + sheet->list.page
				      : sheet->n_lines,
			      sheet->n_lines);
	else if (s->panel.chart.about)
		mp_str_printf(out, ": %s", s->panel.chart.about);
}

static bool find(struct mp_view *view, void *state, const char *text, int by,
		 struct mp_match *ret_match)
{
	return mp_panel_find(view, &((struct state *)state)->panel, text, by, ret_match);
}

/* ---- keys ---- */

static int show_part(struct mp_view *view, void *state, int with)
{
	struct state *s = state;

	(void)view;
	s->part = with;
	mp_panel_forget(&s->panel);
	return 0;
}

static int beside(struct mp_view *view, void *state, int with)
{
	struct state *s = state;

	return show_part(view, state, (s->part + with + PARTS) % PARTS);
}

static bool has_scale(const struct mp_view *view, const void *state, const char **ret_why)
{
	const struct state *s = state;

	(void)view;
	*ret_why = "the CDF and the invocations have another scale";
	return parts[s->part].kind == &mp_chart_kind_cdf ||
	       parts[s->part].kind == &mp_chart_kind_invocations;
}

static int scale(struct mp_view *view, void *state, int with)
{
	struct state *s = state;

	(void)view;
	(void)with;
	s->other_scale = !s->other_scale;
	mp_panel_forget(&s->panel);
	return 0;
}

static bool on_row(const struct mp_view *view, const void *state, const char **ret_why)
{
	(void)state;
	*ret_why = "the case is on neither side";
	return mp_view_subject_row(view) != SIZE_MAX;
}

static int mark(struct mp_view *view, void *state, int with)
{
	(void)state;
	(void)with;
	mp_view_mark(view, mp_view_subject_row(view));
	return 0;
}

static const struct mp_action actions[] = {
	{ "next-part", "Right l", NULL, "the next part", 1, beside, NULL },
	{ "previous-part", "Left h", NULL, "the part before", -1, beside, NULL },
	MP_PANEL_ACTIONS,
	{ "distribution", "d D", NULL, "histogram of the calls of both sides", 0, show_part, NULL },
	{ "percentiles", "p P", NULL, "quantiles of the calls with their intervals", 1, show_part,
	  NULL },
	{ "cdf", "c C", NULL, "which share of the calls takes at most so long", 2, show_part,
	  NULL },
	{ "shift", "s S", NULL, "where in the distribution the change lies", 3, show_part, NULL },
	{ "invocations", "i I", NULL, "the invocations in the order they ran", 4, show_part, NULL },
	{ "checks", "v V", NULL, "checks, blocks, what was timed and how", 5, show_part, NULL },
	{ "counters", "o O", NULL, "counters of both sides", 6, show_part, NULL },
	{ "environment", "e E", NULL, "environment of both runs", 7, show_part, NULL },
	{ "why", "w W", "why", "the verdict explained, and how to get it again", 8, show_part,
	  NULL },
	{ "mark", "Space", NULL, "mark the case, or take the mark away", 0, mark, on_row },
	{ "scale", "L", NULL, "CDF towards the tail; invocations on a logarithmic axis", 0, scale,
	  has_scale },
};

const struct mp_screen mp_screen_detail = {
	.name = "detail",
	.title = "Case",
	.summary = "one case: its distribution, its invocations, and why it has its verdict",
	.about = "Charts have A in one letter and colour and B in the other; {table} shows any of "
		 "them "
		 "as a table of the "
		 "same numbers. In the histogram A points up and B down, over one logarithmic "
		 "axis. A hollow dot "
		 "(small letter) is a value of disturbed samples.",
	.actions = MP_ACTIONS(actions),
	.state_size = sizeof(struct state),
	.open = open_screen,
	.draw = draw,
	.renew = renew,
	.list = list,
	.status = status,
	.crumb = mp_panel_crumb,
	.copy = mp_panel_crumb,
	.find = find,
	.close = close_screen,
};

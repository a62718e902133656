/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Scaling: the subject's benchmark along any of its numeric axes, the others held at the case's values. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "report/viewer/panel.h"

#define AXES_MAX 16

struct state {
	size_t axis; /* index in axes */
	enum mp_chart_quantity quantity;
	bool other_scale;
	char axes[AXES_MAX][MP_WORD_MAX];
	size_t n_axes;
	struct mp_panel panel;
};

static void renew(struct mp_view *view, void *state)
{
	(void)view;
	mp_panel_forget(&((struct state *)state)->panel);
}

static void close_screen(struct mp_view *view, void *state)
{
	(void)view;
	mp_panel_done(&((struct state *)state)->panel);
}

static int open_screen(struct mp_view *view, void *state, struct mp_err *err)
{
	renew(view, state);
	return mp_look_choose(view, err);
}

/* ---- what is shown ---- */

/* Keeps the chosen axis by its name from case to case. */
static int read_axes(struct state *s, const struct mp_chart_subject *subject, struct mp_err *err)
{
	MP_CLEANUP(mp_str_done) struct mp_str names = MP_STR_INIT;
	char chosen[MP_WORD_MAX] = "";
	int rc = mp_chart_scaling_axes(subject, &names, err);

	if (rc)
		return rc;
	if (s->axis < s->n_axes)
		memcpy(chosen, s->axes[s->axis], sizeof(chosen));
	s->n_axes = s->axis = 0;
	for (const char *at = names.text; *at && s->n_axes < AXES_MAX;) {
		size_t len = strcspn(at, "\n");

		snprintf(s->axes[s->n_axes], MP_WORD_MAX, "%.*s", (int)len, at);
		if (!strcmp(s->axes[s->n_axes], chosen))
			s->axis = s->n_axes;
		s->n_axes++;
		at += len + (at[len] == '\n');
	}
	return 0;
}

static int build(struct mp_view *view, void *state, const struct mp_doc *doc, struct mp_err *err)
{
	struct state *s = state;
	struct mp_look look;
	int rc = mp_look_open(view, &look, err);

	(void)doc;
	if (rc)
		return rc;
	rc = read_axes(s, &look.subject, err);
	if (!rc) {
		const struct mp_chart_options options = { .axis = s->n_axes ? s->axes[s->axis]
									    : NULL,
							  .quantity = s->quantity,
							  .other_scale = s->other_scale };

		rc = mp_chart_make(&mp_chart_kind_scaling, &look.subject, &options, &s->panel.chart,
				   err);
	}
	mp_look_close(&look);
	return rc;
}

/* ---- drawing ---- */

/* "size [threads]   per operation", with what is held. */
static void head(const struct state *s, const struct mp_grid *grid)
{
	int column = mp_grid_printf(grid, 0, 0, MP_ROLE_TEXT, "%.*s",
				    (int)strcspn(s->panel.subject, "/"), s->panel.subject);

	column += mp_grid_printf(grid, 0, column, MP_ROLE_MUTED, "  x: ");
	for (size_t i = 0; i < s->n_axes; i++)
		column += mp_grid_printf(grid, 0, column,
					 i == s->axis ? MP_ROLE_TITLE | MP_BOLD : MP_ROLE_MUTED,
					 i == s->axis ? "[%s] " : " %s  ", s->axes[i]);
	mp_grid_printf(grid, 0, column, MP_ROLE_MUTED, "  y: %s",
		       mp_chart_quantity_name(s->quantity));
}

static void draw(struct mp_view *view, void *state, const struct mp_grid *body)
{
	struct state *s = state;
	struct mp_sheet *sheet = &s->panel.sheet;
	struct mp_grid rest;
	int row = 0, picture;

	mp_panel_ensure(view, &s->panel, body->columns, build, s);
	if (body->rows >= 8 && s->n_axes) {
		head(s, body);
		row = 1;
	}
	rest = mp_grid_part(body, row, 0, body->rows - row, body->columns);
	picture = rest.rows - (int)sheet->n_lines - 1;
	/* The numbers stand below the picture where there is room for both. */
	if (!mp_panel_is_text(view, &s->panel) && picture >= 19) {
		mp_sheet_draw(sheet, &rest, picture + 1);
		rest = mp_grid_part(&rest, 0, 0, picture, rest.columns);
	}
	mp_panel_draw(view, &s->panel, NULL, &rest);
}

static struct mp_list *list(struct mp_view *view, void *state)
{
	return mp_panel_list(view, &((struct state *)state)->panel);
}

static void status(const struct mp_view *view, const void *state, struct mp_str *out)
{
	const struct state *s = state;

	(void)view;
	if (s->n_axes)
		mp_str_printf(out, "axis %s (%zu of %zu), %s", s->axes[s->axis], s->axis + 1,
			      s->n_axes, mp_chart_quantity_name(s->quantity));
	for (size_t i = 0; i < s->panel.chart.n_notes && i < 1; i++)
		mp_str_printf(out, "; %s", s->panel.chart.notes[i]);
}

static bool find(struct mp_view *view, void *state, const char *text, int by,
		 struct mp_match *ret_match)
{
	return mp_panel_find(view, &((struct state *)state)->panel, text, by, ret_match);
}

/* ---- keys ---- */

static bool has_axes(const struct mp_view *view, const void *state, const char **ret_why)
{
	const struct state *s = state;

	(void)view;
	*ret_why = "the benchmark has no other axis that was measured at several values";
	return s->n_axes > 1;
}

static int other_axis(struct mp_view *view, void *state, int with)
{
	struct state *s = state;

	(void)view;
	s->axis = (s->axis + s->n_axes + (size_t)with) % s->n_axes;
	mp_panel_forget(&s->panel);
	return 0;
}

static int other_line(struct mp_view *view, void *state, int with)
{
	struct state *s = state;

	if (!mp_look_beside(view, s->axis < s->n_axes ? s->axes[s->axis] : "", with))
		mp_view_say(view, "the benchmark has no other values %s these",
			    with > 0 ? "behind" : "before");
	return 0;
}

/* B over A needs a B. */
static int other_quantity(struct mp_view *view, void *state, int with)
{
	struct state *s = state;
	int count = mp_view_model(view)->n_sides == 2 ? MP_CHART_QUANTITY_COUNT : MP_CHART_RATIO;

	s->quantity = (enum mp_chart_quantity)(((int)s->quantity + with) % count);
	mp_panel_forget(&s->panel);
	return 0;
}

static int scale(struct mp_view *view, void *state, int with)
{
	struct state *s = state;

	(void)with;
	s->other_scale = !s->other_scale;
	mp_panel_forget(&s->panel);
	mp_view_say(view, "y is %s", s->other_scale ? "linear" : "logarithmic");
	return 0;
}

static int open_case(struct mp_view *view, void *state, int with)
{
	(void)state;
	(void)with;
	return mp_view_open(view, "detail");
}

static const struct mp_action actions[] = {
	{ "open", "Enter", "case", "the case in detail", 0, open_case, NULL },
	{ "next-axis", "Right l", NULL, "the next axis on x", 1, other_axis, has_axes },
	{ "previous-axis", "Left h", NULL, "the axis before", -1, other_axis, has_axes },
	{ "next-held", "}", "next values", "the next values of the axes that are held", 1,
	  other_line, NULL },
	{ "previous-held", "{", NULL, "the values before", -1, other_line, NULL },
	{ "quantity", "v", "y", "per operation, per byte, rate, or B over A", 1, other_quantity,
	  NULL },
	{ "scale", "L", NULL, "y logarithmic or linear", 0, scale, NULL },
	MP_PANEL_ACTIONS,
};

const struct mp_screen mp_screen_scaling = {
	.name = "scaling",
	.title = "Scaling",
	.summary = "does it depend on size or threads: a benchmark along one of its axes",
	.about = "Points are the values of the cases with their intervals, A and B by letter, '*' "
		 "where both share "
		 "a cell. They are not joined: nothing was measured between them. Sizes of pages "
		 "and caches stand "
		 "below the axis; where the machines differ the text says which one has it.",
	.tab = 3,
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

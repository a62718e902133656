/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Versus: the two marked cases of one side against each other, as the Case screen shows one case of two sides: what does an
 * option, a size, another way to the same end cost?
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "report/format/show_counters.h"
#include "report/viewer/panel.h"

struct part {
	const char *title;
	const struct mp_chart_kind *kind; /* NULL: the counters, a text */
};

static const struct part parts[] = {
	{ "Shift", &mp_chart_kind_deciles },
	{ "Percentiles", &mp_chart_kind_percentiles },
	{ "Distribution", &mp_chart_kind_histogram },
	{ "CDF", &mp_chart_kind_cdf },
	{ "cOunters", NULL },
};
#define PARTS ((int)(sizeof(parts) / sizeof(parts[0])))

struct state {
	char texts[2][MP_CASE_TEXT_MAX]; /* the cases, in name order */
	size_t side;
	int part;
	struct mp_panel panel;
};

static void renew(struct mp_view *view, void *state)
{
	struct state *s = state;

	if (mp_view_model(view)->n_sides < 2)
		s->side = 0;
	mp_panel_forget(&s->panel);
}

static void close_screen(struct mp_view *view, void *state)
{
	(void)view;
	mp_panel_done(&((struct state *)state)->panel);
}

/* Coming back from elsewhere finds the same two, also when the marks are others by then. */
static int open_screen(struct mp_view *view, void *state, struct mp_err *err)
{
	struct state *s = state;
	const struct mp_index *x = &mp_view_model(view)->index;
	char key[MP_KEY_NAME_LEN];
	size_t at = 0;
	struct mp_row row;

	if (x->n_marks != 2 && s->texts[0][0]) {
		mp_view_say(view, "the two of before: now %zu cases are marked, not two",
			    x->n_marks);
		return 0;
	}
	if (x->n_marks != 2)
		return mp_err_usage(err, -EINVAL,
				    "two cases are to be marked on Results, with %s; %zu are",
				    mp_view_key(view, "results", "mark", key), x->n_marks);
	for (int i = 0; i < 2; i++) {
		at = mp_index_next_mark(x, at);
		if (mp_rows_get(x->rows, at++, &row))
			return mp_err_env(err, -EIO,
					  "the temporary file with the cases cannot be read");
		memcpy(s->texts[i], row.text, sizeof(row.text));
	}
	renew(view, s);
	return 0;
}

/* ---- what is shown ---- */

static int counters(const struct mp_look *look, const struct mp_doc *doc, struct mp_err *err)
{
	struct mp_count_row *rows[2] = { NULL, NULL };
	size_t n[2] = { 0, 0 };
	int rc = 0;

	for (size_t s = 0; !rc && s < 2; s++)
		rc = mp_store_counters(look->stores[0], look->one[s], &rows[s], &n[s], err);
	if (!rc && !n[0] && !n[1])
		mp_doc_line(doc, "no counters are stored with these cases");
	else if (!rc && !mp_show_counters_beside(doc, rows[0], n[0], rows[1], n[1]))
		rc = mp_err_env(err, -ENOMEM, "out of memory");
	mp_count_rows_free(rows[0], n[0]);
	mp_count_rows_free(rows[1], n[1]);
	return rc;
}

static int build(struct mp_view *view, void *state, const struct mp_doc *doc, struct mp_err *err)
{
	struct state *s = state;
	const struct part *part = &parts[s->part];
	const struct mp_chart_options options = { .bins = doc->wide > 20 ? doc->wide / 2 : 10 };
	const char *const texts[] = { s->texts[0], s->texts[1] };
	struct mp_look look;
	int rc = mp_look_versus(view, texts, s->side, &look, err);

	if (rc)
		return rc;
	rc = part->kind ? mp_chart_make(part->kind, &look.subject, &options, &s->panel.chart, err)
			: counters(&look, doc, err);
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
	int row = 0;

	mp_panel_ensure(view, &s->panel, body->columns, build, s);
	for (int i = 0; body->rows >= 8 && i < 2; i++) {
		mp_grid_printf(body, row, 0, i ? MP_ROLE_B | MP_BOLD : MP_ROLE_A | MP_BOLD, "%c",
			       i ? 'B' : 'A');
		mp_grid_field(body, row++, 2, body->columns - 2, MP_ROLE_TEXT, MP_ALIGN_LEFT,
			      MP_CUT_MIDDLE, s->texts[i]);
	}
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

	mp_str_printf(out, "%s (%d of %d), two cases%s%s: nothing is judged", parts[s->part].title,
		      s->part + 1, PARTS, mp_view_model(view)->n_sides == 2 ? " of side " : "",
		      mp_view_model(view)->n_sides < 2 ? ""
		      : s->side			       ? "B"
						       : "A");
	if (s->panel.chart.about)
		mp_str_printf(out, "; %s", s->panel.chart.about);
}

static void crumb(const struct mp_view *view, const void *state, struct mp_str *out)
{
	const struct state *s = state;

	(void)view;
	mp_str_printf(out, "%s against %s", s->texts[1], s->texts[0]);
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

	s->part = with;
	renew(view, s);
	return 0;
}

static int beside(struct mp_view *view, void *state, int with)
{
	const struct state *s = state;

	return show_part(view, state, (s->part + with + PARTS) % PARTS);
}

static bool two_sides(const struct mp_view *view, const void *state, const char **ret_why)
{
	(void)state;
	*ret_why = "there is one side";
	return mp_view_model(view)->n_sides == 2;
}

static int other_side(struct mp_view *view, void *state, int with)
{
	struct state *s = state;

	(void)with;
	s->side = !s->side;
	renew(view, s);
	mp_view_say(view, "both cases of side %c", s->side ? 'B' : 'A');
	return 0;
}

static int change_places(struct mp_view *view, void *state, int with)
{
	struct state *s = state;
	char first[MP_CASE_TEXT_MAX];

	(void)with;
	memcpy(first, s->texts[0], sizeof(first));
	memcpy(s->texts[0], s->texts[1], sizeof(first));
	memcpy(s->texts[1], first, sizeof(first));
	renew(view, s);
	return 0;
}

static const struct mp_action actions[] = {
	{ "next-part", "Right l", "next", "the next part", 1, beside, NULL },
	{ "previous-part", "Left h", NULL, "the part before", -1, beside, NULL },
	{ "shift", "s S", NULL, "where in the distribution they differ, with intervals", 0,
	  show_part, NULL },
	{ "percentiles", "p P", NULL, "quantiles of the calls with their intervals", 1, show_part,
	  NULL },
	{ "distribution", "d D", NULL, "histogram of the calls of both cases", 2, show_part, NULL },
	{ "cdf", "c C", NULL, "which share of the calls takes at most so long", 3, show_part,
	  NULL },
	{ "counters", "o O", NULL, "counters of both cases beside each other", 4, show_part, NULL },
	{ "side", "v", "side", "the cases of the other side", 0, other_side, two_sides },
	{ "turn", "=", "turn", "the other case first", 0, change_places, NULL },
};

const struct mp_screen mp_screen_versus = {
	.name = "versus",
	.title = "Versus",
	.summary = "the two marked cases of one side against each other",
	.about =
		"A and B are two cases here, not two sides: the first marked one in name order and "
		"the second. Ratios are the second over the first, with intervals, but without a "
		"verdict: no policy says how much two different cases may differ. Times are in ns.",
	.needs_rows = true,
	.actions = MP_ACTIONS(actions),
	.state_size = sizeof(struct state),
	.open = open_screen,
	.draw = draw,
	.renew = renew,
	.list = list,
	.status = status,
	.crumb = crumb,
	.copy = crumb,
	.find = find,
	.close = close_screen,
};

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Environment: what differs between the sides, heaviest first, each with the sentence why it matters; then what a reader
 * must know of the runs. With one side, or on request, every fact.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/vec.h"
#include "report/viewer/view_internal.h"

struct item {
	const char *group, *key, *a, *b, *why, *origin; /* borrowed from the model; NULL: unknown */
	const char *note; /* instead of all that */
	bool plain; /* the note is nothing to worry about */
	int weight;
	bool moves, equal;
};

/* What the runs are, a line each; behind them that nothing differs. */
#define OWN_LINES 4

struct environment {
	struct mp_list list;
	struct item *items;
	size_t n_items, cap_items;
	struct mp_str own[OWN_LINES]; /* notes of this screen's own */
	bool equal; /* equal facts, too */
	bool whole; /* the selected one alone, in full */
	size_t n_equal;
};

static void add(struct environment *e, struct item item)
{
	struct item *slot =
		mp_vec_push((void **)&e->items, &e->n_items, &e->cap_items, sizeof(item));

	if (slot)
		*slot = item;
}

static const char *origin_of(const struct mp_model *m, const char *group, const char *key)
{
	const struct mp_side_fact *f = mp_side_fact(&m->sides[0].side.runs[0], group, key);

	if (!f && m->n_sides == 2)
		f = mp_side_fact(&m->sides[1].side.runs[0], group, key);
	return f ? f->origin : NULL;
}

/* ---- what the runs are, a line each ---- */

static const char unknown[] = "unknown";

/* What is not stored is left out. */
static void topology_of(const struct mp_side_run *run, struct mp_str *out)
{
	static const struct {
		const char *group, *key, *word;
	} facts[] = { { "cpu", "packages", "packages" },
		      { "cpu", "cores", "cores" },
		      { "cpu", "online", "CPUs" },
		      { "numa", "online", "nodes" } };
	const char *before = "";

	for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
		const struct mp_side_fact *f = mp_side_fact(run, facts[i].group, facts[i].key);

		if (!f || !f->value)
			continue;
		mp_str_printf(out, "%s%s %s", before, facts[i].word, f->value);
		before = ", ";
	}
	if (!*before)
		mp_str_add(out, unknown);
}

static void suite_of(const struct mp_side_run *run, struct mp_str *out)
{
	mp_str_add(out, run->row.suite ? run->row.suite : unknown);
}

static void tool_of(const struct mp_side_run *run, struct mp_str *out)
{
	mp_str_add(out, run->row.version);
	if (run->row.commit && *run->row.commit)
		mp_str_printf(out, " (%.12s)", run->row.commit);
}

/* "suite: quick, same text", "suite: A quick, B full": `same` and `other` where both say the same, but are it or not. */
static void add_runs(const struct mp_model *m, const char *title,
		     void (*write)(const struct mp_side_run *run, struct mp_str *out), bool alike,
		     const char *same, const char *other, struct mp_str *out)
{
	struct mp_str a = MP_STR_INIT, b = MP_STR_INIT;

	write(&m->sides[0].side.runs[0], &a);
	if (m->n_sides == 2)
		write(&m->sides[1].side.runs[0], &b);
	if (m->n_sides < 2 || (!strcmp(a.text, unknown) && !strcmp(b.text, unknown)))
		mp_str_printf(out, "%s: %s", title, a.text);
	else if (strcmp(a.text, b.text) != 0)
		mp_str_printf(out, "%s: A %s, B %s", title, a.text, b.text);
	else
		mp_str_printf(out, "%s: %s, %s", title, a.text, alike ? same : other);
	mp_str_done(&a);
	mp_str_done(&b);
}

static struct mp_str *own_line(struct environment *e, int line)
{
	if (!e->own[line].cap)
		e->own[line] = (struct mp_str)MP_STR_INIT;
	mp_str_clear(&e->own[line]);
	return &e->own[line];
}

static void add_summary(const struct mp_model *m, struct environment *e)
{
	const char *texts[2] = { m->sides[0].side.runs[0].row.suite_text,
				 m->n_sides == 2 ? m->sides[1].side.runs[0].row.suite_text : NULL };
	bool alike = texts[0] && texts[1] && !strcmp(texts[0], texts[1]);

	add_runs(m, "topology", topology_of, true, "same", "", own_line(e, 0));
	add_runs(m, "suite", suite_of, alike, "same text", "but not the same text", own_line(e, 1));
	add_runs(m, "tool", tool_of, true, "same", "", own_line(e, 2));
	for (int i = 0; i < 3; i++)
		add(e, (struct item){ .note = e->own[i].text, .plain = true });
}

/* ---- everything that is listed ---- */

static void add_differences(const struct mp_model *m, struct environment *e)
{
	const struct mp_comparison *c = &m->environment;

	for (size_t i = 0; i < c->n_differences; i++) {
		const struct mp_difference *d = &c->differences[i];

		add(e, (struct item){ .group = d->group,
				      .key = d->key,
				      .a = d->a,
				      .b = d->b,
				      .why = d->why,
				      .origin = origin_of(m, d->group, d->key),
				      .weight = d->weight,
				      .moves = d->moves });
	}
	if (m->n_sides == 2 && !c->n_differences) {
		mp_str_add(own_line(e, 3), "nothing differs");
		add(e, (struct item){ .note = e->own[3].text, .plain = true });
	}
}

/* With one side every fact; else those that are equal, which are counted, where they are wanted. */
static void add_facts(const struct mp_model *m, struct environment *e)
{
	const struct mp_side_run *a = &m->sides[0].side.runs[0];

	for (size_t i = 0; i < a->n_facts; i++) {
		const struct mp_side_fact *f = &a->facts[i];
		const struct mp_side_fact *other =
			m->n_sides == 2 ? mp_side_fact(&m->sides[1].side.runs[0], f->group, f->key)
					: NULL;
		bool equal = m->n_sides == 2 && other &&
			     (f->value && other->value ? !strcmp(f->value, other->value)
						       : f->value == other->value);

		if (m->n_sides == 2 && !equal)
			continue;
		e->n_equal += equal;
		if (m->n_sides == 1 || e->equal)
			add(e, (struct item){ .group = f->group,
					      .key = f->key,
					      .a = f->value,
					      .b = equal ? f->value : NULL,
					      .why = f->why,
					      .origin = f->origin,
					      .weight = f->weight,
					      .equal = equal });
	}
}

/* Before each use: texts of the items belong to the model, which may have other ones by now. */
static void collect(const struct mp_view *view, struct environment *e)
{
	const struct mp_model *m = mp_view_model(view);

	e->n_items = e->n_equal = 0;
	add_differences(m, e);
	for (size_t i = 0; m->rows && mp_rows_note(m->rows, i); i++)
		add(e, (struct item){ .note = mp_rows_note(m->rows, i) });
	add_summary(m, e);
	add_facts(m, e);
}

static const char *value(const char *text)
{
	return text ? text : "unknown";
}

static const char *importance(const struct item *i)
{
	if (i->equal || i->moves)
		return "  ";
	return i->weight >= 3 ? "!!" : i->weight == 2 ? "! " : i->weight == 1 ? ". " : "  ";
}

static enum mp_role role_of(const struct item *i)
{
	return i->equal || i->moves || i->weight < 2 ? MP_ROLE_MUTED
	       : i->weight >= 3			     ? MP_ROLE_WARNING
						     : MP_ROLE_TEXT;
}

static void draw_item(const struct mp_view *view, const struct item *i, const struct mp_grid *body,
		      int at)
{
	bool two = mp_view_model(view)->n_sides == 2;
	int name = body->columns >= 60 ? 26 : body->columns / 2 - 4, rest, half;
	char key[128];

	if (i->note) {
		mp_grid_field(body, at, 1, body->columns - 1,
			      i->plain ? MP_ROLE_TEXT : MP_ROLE_WARNING, MP_ALIGN_LEFT, MP_CUT_END,
			      i->note);
		return;
	}
	snprintf(key, sizeof(key), "%s %s", i->group, i->key);
	mp_grid_text(body, at, 1, two ? role_of(i) : MP_ROLE_MUTED, importance(i));
	mp_grid_field(body, at, 4, name, two ? role_of(i) : MP_ROLE_TEXT, MP_ALIGN_LEFT,
		      MP_CUT_MIDDLE, key);
	rest = body->columns - name - 6;
	half = two ? rest / 2 : rest;
	mp_grid_field(body, at, 5 + name, half - 1, i->a ? MP_ROLE_TEXT : MP_ROLE_MUTED,
		      MP_ALIGN_LEFT, MP_CUT_END, value(i->a));
	if (two)
		mp_grid_field(body, at, 5 + name + half, half, i->b ? MP_ROLE_TEXT : MP_ROLE_MUTED,
			      MP_ALIGN_LEFT, MP_CUT_END, i->equal ? "=" : value(i->b));
}

/* Everything about one item; the lines it takes, whether there is room for them or not. */
static int wrap_whole(const struct mp_view *view, const struct item *i, const struct mp_grid *body)
{
	bool two = mp_view_model(view)->n_sides == 2;
	struct mp_str line = MP_STR_INIT;
	int at = 0;

	if (i->note)
		return mp_grid_wrap(body, 0, 1, i->plain ? MP_ROLE_TEXT : MP_ROLE_WARNING, i->note);
	mp_str_printf(&line, "%s %s", i->group, i->key);
	if (i->why && i->why[0])
		mp_str_printf(&line, ": %s", i->why);
	if (two && i->moves)
		mp_str_add(&line, " (it differs between any two runs)");
	at += mp_grid_wrap(body, at, 1, MP_ROLE_TITLE, line.text);
	mp_str_clear(&line);
	mp_str_printf(&line, two ? "A  %s" : "%s", value(i->a));
	at += mp_grid_wrap(body, at, 1, MP_ROLE_TEXT, line.text);
	if (two) {
		mp_str_clear(&line);
		mp_str_printf(&line, "B  %s", value(i->b));
		at += mp_grid_wrap(body, at, 1, MP_ROLE_TEXT, line.text);
	}
	if (i->origin && i->origin[0]) {
		mp_str_clear(&line);
		mp_str_printf(&line, "from %s", i->origin);
		at += mp_grid_wrap(body, at, 1, MP_ROLE_MUTED, line.text);
	}
	mp_str_done(&line);
	return at;
}

/* `where`: what a person does to see all of it. */
static void draw_whole(const struct mp_view *view, const struct item *i, const char *where,
		       const struct mp_grid *body)
{
	char more[64];
	int width;

	if (wrap_whole(view, i, body) <= body->rows)
		return;
	width = snprintf(more, sizeof(more), " ... more: %s", where);
	width = width < body->columns ? width : body->columns;
	mp_grid_field(body, body->rows - 1, body->columns - width, width, MP_ROLE_MUTED,
		      MP_ALIGN_LEFT, MP_CUT_END, more);
}

/* What is not listed, and what the marks say; the lines it takes. */
static int draw_head(const struct mp_view *view, const struct environment *e,
		     const struct mp_grid *body)
{
	MP_CLEANUP(mp_str_done) struct mp_str text = MP_STR_INIT;
	char key[MP_KEY_NAME_LEN];

	if (mp_view_model(view)->n_sides == 2)
		mp_str_printf(&text,
			      "%zu equal facts %s (%s %s them)   !! usually matters  ! may matter",
			      e->n_equal, e->equal ? "shown" : "hidden",
			      mp_view_key(view, "environment", "equal", key),
			      e->equal ? "hides" : "lists");
	else
		mp_str_add(&text, "!! usually moves results   ! may   . hardly");
	return mp_grid_wrap(body, 0, 1, MP_ROLE_MUTED, text.text);
}

static void draw_panel(const struct mp_view *view, const struct item *i, const struct mp_grid *body,
		       int rows)
{
	const struct mp_grid below =
		mp_grid_part(body, body->rows - rows + 1, 0, rows - 1, body->columns);
	char key[MP_KEY_NAME_LEN];

	mp_grid_glyphs_right(body, body->rows - rows, 0, body->columns, MP_ROLE_MUTED,
			     MP_GLYPH_HORIZONTAL);
	draw_whole(view, i, mp_view_key(view, "environment", "open", key), &below);
}

static void environment_draw(struct mp_view *view, void *state, const struct mp_grid *body)
{
	struct environment *e = state;
	int panel = body->rows >= 12 && body->columns >= 40 ? 5 : 0, head = 0;
	struct mp_grid table;

	collect(view, e);
	if (!e->n_items) {
		mp_list_show(&e->list, body, 0, 0);
		mp_grid_text(body, 0, 1, MP_ROLE_WARNING, "out of memory");
		return;
	}
	mp_list_select(&e->list, e->list.selected < e->n_items ? e->list.selected : e->n_items - 1);
	if (e->whole || body->columns < 40 || body->rows < 4) {
		size_t kept = e->list.selected < e->n_items ? e->list.selected : e->n_items - 1;

		mp_list_show(&e->list, body, 0, e->n_items);
		e->list.selected = kept;
		e->list.row = -1;
		draw_whole(view, &e->items[kept], "a larger window", body);
		return;
	}
	if (body->rows >= 6)
		head = draw_head(view, e, body);
	table = mp_grid_part(body, 0, 0, body->rows - panel, body->columns);
	mp_list_show(&e->list, &table, head, e->n_items);
	for (size_t i = 0; i < e->list.page && e->list.top + i < e->n_items; i++) {
		int at = head + (int)i;

		draw_item(view, &e->items[e->list.top + i], &table, at);
		if (e->list.top + i == e->list.selected) {
			mp_grid_glyph(&table, at, 0, MP_ROLE_TITLE, MP_GLYPH_SELECTED);
			mp_grid_attribute(&table, at, 0, 1, table.columns, MP_REVERSE);
			mp_grid_cursor(&table, at, 0);
		}
	}
	if (panel)
		draw_panel(view, &e->items[e->list.selected], body, panel);
}

static bool some(const struct mp_view *view, const void *state, const char **ret_why)
{
	(void)view;
	*ret_why = "there is nothing to open";
	return ((const struct environment *)state)->n_items > 0;
}

static int whole(struct mp_view *view, void *state, int with)
{
	struct environment *e = state;

	(void)view;
	(void)with;
	e->whole = !e->whole;
	return 0;
}

static bool two_sides(const struct mp_view *view, const void *state, const char **ret_why)
{
	(void)state;
	*ret_why = "there is one side: all its facts are listed";
	return mp_view_model(view)->n_sides == 2;
}

static int equal(struct mp_view *view, void *state, int with)
{
	struct environment *e = state;

	(void)with;
	e->equal = !e->equal;
	mp_view_say(view, e->equal ? "all facts" : "differences only");
	return 0;
}

static const struct mp_action actions[] = {
	{ "open", "Enter Space", "open", "the selected fact in full, and back to the list", 0,
	  whole, some },
	{ "equal", "=", "equal", "list or hide the facts that are equal", 0, equal, two_sides },
};

static struct mp_list *environment_list(struct mp_view *view, void *state)
{
	(void)view;
	return &((struct environment *)state)->list;
}

static bool holds(void *user, size_t item, const char *text)
{
	const struct item *i = &((struct environment *)user)->items[item];
	const char *texts[] = { i->group, i->key, i->a, i->b, i->note };

	for (size_t k = 0; k < sizeof(texts) / sizeof(texts[0]); k++) {
		if (texts[k] && mp_view_holds(texts[k], text))
			return true;
	}
	return false;
}

static bool environment_find(struct mp_view *view, void *state, const char *text, int by,
			     struct mp_match *ret_match)
{
	struct environment *e = state;

	collect(view, e);
	return mp_list_find(&e->list, e->n_items, text, by, holds, e, ret_match);
}

static void environment_close(struct mp_view *view, void *state)
{
	struct environment *e = state;

	(void)view;
	free(e->items);
	for (int i = 0; i < OWN_LINES; i++) {
		if (e->own[i].cap)
			mp_str_done(&e->own[i]);
	}
}

const struct mp_screen mp_screen_environment = {
	.name = "environment",
	.title = "Environment",
	.summary = "what differs between the machines and runs, and why it matters",
	.about =
		"Differences stand in order of how much they usually move results; below the table "
		"stands "
		"the sentence why, and where the value was read. What differs between any two runs "
		"(load, free memory) comes last of them. Then stand what a reader must know of the "
		"runs, what the machines are made of, the suite and its text, and which memperf "
		"measured.",
	.tab = 5,
	.actions = MP_ACTIONS(actions),
	.state_size = sizeof(struct environment),
	.draw = environment_draw,
	.list = environment_list,
	.find = environment_find,
	.close = environment_close,
};

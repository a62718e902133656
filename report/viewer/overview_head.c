/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sentences of Overview: see overview_head.h. */
#include "report/viewer/overview_head.h"

#include <math.h>
#include <stdio.h>

#define SMALL 12 /* rows: less, and what the verdicts rest on is left to the help */

size_t mp_overview_heavy(const struct mp_comparison *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n_differences; i++)
		n += mp_difference_matters(&c->differences[i]);
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

		if (!mp_difference_matters(d))
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
	size_t heavy = mp_overview_heavy(c), light = light_differences(c);
	struct mp_str text = MP_STR_INIT;
	unsigned style = MP_ROLE_TITLE;
	char key[MP_KEY_NAME_LEN];
	int lines, most = body->rows < SMALL ? 2 : body->rows < 30 ? 3 : body->rows;

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
		mp_str_printf(&text, " (%zu lesser difference%s: %s)", light, light == 1 ? "" : "s",
			      mp_view_key(view, MP_SCOPE_ALL, "tab-5", key));
	lines = mp_grid_wrap(body, 0, 1, style, text.text);
	mp_str_done(&text);
	if (lines > most) {
		/* Many long values: the first lines, and where the rest is. */
		struct mp_grid rest = mp_grid_part(body, most, 0, lines - most, body->columns);
		char where[MP_KEY_NAME_LEN + 16];
		int width = snprintf(where, sizeof(where), " ... more: %s",
				     mp_view_key(view, MP_SCOPE_ALL, "tab-5", key));

		mp_grid_fill(&rest, 0, 0, rest.rows, rest.columns, MP_ROLE_TEXT);
		mp_grid_field(body, most - 1, body->columns - width, width, style, MP_ALIGN_LEFT,
			      MP_CUT_END, where);
		lines = most;
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
		if (at + 12 > body->columns) {
			lines++;
			at = 1;
		}
		if (verdict == MP_VERDICT_SLOWER || verdict == MP_VERDICT_FASTER)
			at += 1 + mp_grid_text(body, lines, at, mp_verdict_role(verdict),
					       mp_verdict_mark(mp_grid_glyphs(body), verdict));
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
	/* What regressed most is on the first screen, however small. */
	if (body->rows < SMALL) {
		mp_str_done(&text);
		return lines;
	}
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

int mp_overview_head_draw(const struct mp_view *view, const struct mp_grid *body)
{
	const struct mp_model *m = mp_view_model(view);
	int lines = m->n_sides == 2 ? draw_comparable(view, body) : draw_run(view, body);
	struct mp_grid rest = mp_grid_part(body, lines, 0, body->rows - lines, body->columns);

	if (!m->rows && m->state == MP_MODEL_JUDGING)
		return lines + draw_judging(view, &rest);
	if (!m->rows)
		return lines + 1 + mp_grid_wrap(&rest, 1, 1, MP_ROLE_WARNING, m->why.text);
	return lines + (m->n_sides == 2 ? draw_counts(view, &rest) : 0);
}

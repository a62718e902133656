/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The texts of the Case screen: see detail_text.h. */
#include "report/viewer/detail_text.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "report/format/counter_words.h"
#include "report/format/show_counters.h"
#include "results/counts.h"
#include "results/detail.h"

/* ---- head ---- */

void mp_detail_head_done(struct mp_detail_head *head)
{
	free(head->timed);
	if (head->why.text)
		mp_str_done(&head->why);
	*head = (struct mp_detail_head){ 0 };
}

/* The row of the case on a side; NULL: it does not have it. Ends with mp_case_rows_free(row, 1). */
static int row_of(const struct mp_look *look, size_t s, struct mp_case_row **ret_row,
		  struct mp_err *err)
{
	const struct mp_chart_side *side = &look->subject.sides[s];

	*ret_row = NULL;
	return side->store ? mp_store_case(side->store, side->run_cases[0], ret_row, err) : 0;
}

int mp_detail_head_read(struct mp_view *view, const struct mp_look *look,
			struct mp_detail_head *head, struct mp_err *err)
{
	const struct mp_model *model = mp_view_model(view);
	struct mp_detail_head made = { .known = true, .row = look->row, .why = MP_STR_INIT };
	struct mp_case_row *row = NULL;
	int rc = row_of(look, !look->subject.sides[0].store, &row, err);

	if (rc)
		return rc;
	if (look->subject.pair) {
		/* The reason is no part of the copy, and is a text of its own. */
		struct mp_pair pair = *look->subject.pair;

		MP_CLEANUP(mp_str_done) struct mp_str reason = MP_STR_INIT;

		mp_rows_reason(model->rows, mp_view_subject_row(view), &reason);
		pair.reason = reason.text;
		mp_show_why(model->options.policy, &pair, &made.why);
	} else if (row) {
		mp_str_printf(&made.why, "%s%s%s", mp_outcome_name(row->outcome),
			      *row->reason ? ": " : "", row->reason);
	}
	if (row) {
		made.timed = strdup(row->timed);
		mp_case_rows_free(row, 1);
	}
	mp_detail_head_done(head);
	*head = made;
	return 0;
}

/* "S slower +10.2 % [+9.1 .. +11.3 %]  A 1.92 us n=30  B 4.03 us n=30" */
static void numbers(struct mp_view *view, const struct mp_row *row, const struct mp_grid *body,
		    int at)
{
	char a[MP_VIEW_NUMBER_LEN], b[MP_VIEW_NUMBER_LEN], change[MP_VIEW_NUMBER_LEN];
	char interval[2 * MP_VIEW_NUMBER_LEN];
	const char *mark = mp_verdict_mark(mp_grid_glyphs(body), row->verdict);
	bool two = mp_view_model(view)->n_sides == 2;
	int column = 0;

	if (two) {
		unsigned style = mp_verdict_role(row->verdict) | MP_BOLD;

		/* Where it is more than the letter. */
		if (mark[0] != mp_verdict_letter(row->verdict))
			column = mp_grid_printf(body, at, 0, style, "%s ", mark);
		column += mp_grid_printf(body, at, column, style, "%c %s ",
					 mp_verdict_letter(row->verdict),
					 mp_verdict_name(row->verdict));
		if (isfinite(row->ratio))
			column += mp_grid_printf(body, at, column, style, "%s ",
						 mp_view_change(view, row->ratio, change));
		if (isfinite(row->low))
			column += mp_grid_printf(
				body, at, column, MP_ROLE_TEXT, "%s ",
				mp_view_interval(view, row->low, row->high, interval));
		column++;
	} else {
		column = mp_grid_printf(body, at, 0, MP_ROLE_TEXT, "%s  ",
					mp_outcome_name(row->outcome_a));
	}
	if (row->on_a)
		column += mp_grid_printf(body, at, column, two ? MP_ROLE_A : MP_ROLE_TEXT,
					 "%s%s n=%u  ", two ? "A " : "",
					 mp_view_value(view, row->a, a), row->n_a);
	if (row->on_b)
		column += mp_grid_printf(body, at, column, MP_ROLE_B, "B %s n=%u  ",
					 mp_view_value(view, row->b, b), row->n_b);
	/* Whole or not at all. */
	if ((isfinite(row->a) || isfinite(row->b)) && column + 22 <= body->columns)
		mp_grid_printf(body, at, column, MP_ROLE_MUTED, "%s of %s samples",
			       mp_mode_name(row->mode), mp_population_name(row->population));
}

/* What the results files say against the values, a line each as far as there is room; all of them stand in the part "why". The
 * rows it took. */
static int caveats(const struct mp_view *view, const struct mp_row *row, const struct mp_grid *body,
		   int at)
{
	int most = body->rows >= 24 ? MP_WARN_COUNT : body->rows >= 14 ? 2 : 0, n = 0, drawn = 0;
	char key[MP_KEY_NAME_LEN];

	for (int i = MP_WARN_FIRST_COUNTED; i < MP_WARN_COUNT; i++)
		n += row->warnings >> i & 1;
	for (int i = MP_WARN_FIRST_COUNTED; i < MP_WARN_COUNT && drawn < most; i++) {
		if (!(row->warnings >> i & 1))
			continue;
		if (++drawn == most && n > most)
			mp_grid_printf(body, at++, 0, MP_ROLE_WARNING, "! %d more warnings (%s)",
				       n - most + 1, mp_view_key(view, "detail", "why", key));
		else
			mp_grid_printf(body, at++, 0, MP_ROLE_WARNING, "! %s",
				       mp_warning_texts[i].sentence);
	}
	return drawn;
}

int mp_detail_head_draw(struct mp_view *view, const struct mp_detail_head *head,
			const struct mp_grid *body)
{
	int row = 0;

	if (!head->known || body->rows < 6)
		return 0;
	numbers(view, &head->row, body, row++);
	if (body->rows >= 14 && head->why.len) {
		struct mp_grid part =
			mp_grid_part(body, row, 0, body->rows >= 30 ? 3 : 2, body->columns);
		int used = mp_grid_wrap(&part, 0, 0, MP_ROLE_TEXT, head->why.text);

		/* The whole sentence stands in the part "why". */
		if (used > part.rows) {
			char key[MP_KEY_NAME_LEN], where[MP_KEY_NAME_LEN + 8];
			int width = snprintf(where, sizeof(where), " ... (%s)",
					     mp_view_key(view, "detail", "why", key));

			mp_grid_text(&part, part.rows - 1, part.columns - width, MP_ROLE_MUTED,
				     where);
		}
		row += used < part.rows ? used : part.rows;
	}
	row += caveats(view, &head->row, body, row);
	if (body->rows >= 24 && head->timed)
		mp_grid_field(body, row++, 0, body->columns, MP_ROLE_MUTED, MP_ALIGN_LEFT,
			      MP_CUT_END, head->timed);
	return row;
}

/* ---- checks ---- */

struct check_rows {
	struct mp_table *table;
	const char *side;
};

static int add_check(void *user, const struct mp_check_total *check)
{
	struct check_rows *r = user;

	mp_table_text(r->table, check->name);
	mp_table_text(r->table, r->side);
	mp_table_integer(r->table, (int64_t)check->passed);
	mp_table_integer(r->table, (int64_t)check->failed);
	mp_table_text(r->table, check->detail);
	return 0;
}

static void about_side(const struct mp_doc *doc, const struct mp_case_row *row, char letter)
{
	char period[MP_UNITS_LEN];

	mp_doc_heading(doc, "%c: %s%s%s", letter, mp_outcome_name(row->outcome),
		       *row->reason ? ": " : "", row->reason);
	mp_doc_field(doc, "invocations", "%u of %u planned%s%s", row->invocations, row->planned,
		     row->why_stopped ? "; ended by " : "",
		     row->why_stopped ? row->why_stopped : "");
	mp_doc_field(doc, "blocks", "%u, of them %u disturbed", row->blocks, row->flagged_blocks);
	if (isfinite(row->calm_share))
		mp_doc_field(doc, "calm", "%.0f %% of the samples", 100 * row->calm_share);
	if (row->has_value)
		mp_doc_field(doc, "headline", "%s, %s samples, %s",
			     mp_duration_format(row->value.value, period),
			     mp_population_name(row->population), mp_mode_name(row->mode));
	if (row->call_p50[MP_POPULATION_ALL].n)
		mp_doc_field(doc, "calls", "%s", mp_resolution_name(row->resolution));
	if (isfinite(row->observer_effect))
		mp_doc_field(doc, "observer", "timing single calls costs %s each",
			     mp_duration_format(row->observer_effect, period));
	if (row->first.n)
		mp_doc_field(doc, "first call", "%s", mp_duration_format(row->first.value, period));
	mp_doc_field(doc, "checks", "%llu passed, %llu failed",
		     (unsigned long long)row->checks_passed,
		     (unsigned long long)row->checks_failed);
}

int mp_detail_checks(struct mp_view *view, const struct mp_look *look, const struct mp_doc *doc,
		     struct mp_err *err)
{
	static const struct mp_column columns[] = {
		{ .title = "check" },
		{ .title = "side" },
		{ .title = "passed", .kind = MP_COLUMN_INTEGER },
		{ .title = "failed", .kind = MP_COLUMN_INTEGER },
		{ .title = "in words" },
	};
	struct check_rows rows = { mp_table_new(columns, 5), NULL };
	int rc = 0;

	(void)view;
	for (size_t s = 0; s < look->subject.n_sides && !rc; s++) {
		struct mp_case_row *row = NULL;

		rc = row_of(look, s, &row, err);
		if (rc || !row)
			continue;
		if (!s || !look->subject.sides[0].store) {
			mp_doc_field(doc, "measures", "%s", row->summary);
			mp_doc_field(doc, "timed", "%s", row->timed);
		}
		about_side(doc, row, mp_chart_side_letter(s));
		mp_case_rows_free(row, 1);
		rows.side = s ? "B" : "A";
		rc = mp_store_case_checks(look->subject.sides[s].store,
					  look->subject.sides[s].run_cases[0], add_check, &rows,
					  err);
	}
	if (!rc && mp_table_rows(rows.table)) {
		mp_doc_heading(doc, "Checks, by blocks of all invocations");
		mp_doc_table(doc, rows.table);
	}
	mp_table_free(rows.table);
	return rc;
}

/* ---- counters ---- */

/* A number with where it comes from, or the reason why there is none. */
static void add_counter(struct mp_table *table, const struct mp_count_row *row, char side)
{
	const char letter[] = { side, '\0' };
	char name[MP_COUNTER_NAME_TEXT];
	struct mp_str words = MP_STR_INIT;

	mp_table_text(table, mp_counter_name(&row->what, name));
	mp_table_text(table, letter);
	mp_table_number(table, row->per_op);
	if (isfinite(row->ratio) && row->ratio < 1)
		mp_str_printf(&words, "%s, counted %.0f %% of the time", row->status,
			      100 * row->ratio);
	else
		mp_str_add(&words, row->status);
	mp_table_str(table, &words);
	mp_table_text(table, row->pass);
	mp_table_text(table, *row->what.source ? row->what.source : NULL);
	mp_table_text(table, *row->reason ? row->reason : NULL);
	mp_str_done(&words);
}

/* What each side's run was asked to count; once where it is the same. */
static void add_groups(const struct mp_chart_subject *subject, const struct mp_doc *doc)
{
	const struct mp_side_run *a = subject->sides[0].run, *b = subject->sides[1].run;
	const bool same = subject->n_sides == 2 && a && b &&
			  mp_counter_group_same(a->row.options_json, b->row.options_json);

	for (size_t s = 0; s < subject->n_sides - same; s++) {
		const char whose[] = { mp_chart_side_letter(s), ':', ' ', '\0' };
		const struct mp_side_run *run = subject->sides[s].run;

		if (run)
			mp_show_counter_group(doc, same ? "" : whose, run->row.options_json);
	}
}

int mp_detail_counters(struct mp_view *view, const struct mp_look *look, const struct mp_doc *doc,
		       struct mp_err *err)
{
	static const struct mp_column columns[] = {
		{ .title = "counter" },
		{ .title = "side" },
		{ .title = "per operation", .kind = MP_COLUMN_NUMBER },
		{ .title = "status" },
		{ .title = "pass" },
		{ .title = "source" },
		{ .title = "why" },
	};
	struct mp_table *table = mp_table_new(columns, 7);
	struct mp_count_row *rows[2] = { NULL, NULL };
	struct mp_counters_made made = { 0 };
	struct mp_said meanings = { 0 };
	size_t n[2] = { 0, 0 };
	int rc = 0;

	(void)view;
	for (size_t s = 0; s < look->subject.n_sides && !rc; s++) {
		const struct mp_chart_side *side = &look->subject.sides[s];

		if (side->store)
			rc = mp_store_counters(side->store, side->run_cases[0], &rows[s], &n[s],
					       err);
		if (!rc && !n[s])
			mp_doc_line(doc, "%c: no counters are stored with this case",
				    mp_chart_side_letter(s));
		for (size_t i = 0; i < n[s]; i++) {
			add_counter(table, &rows[s][i], mp_chart_side_letter(s));
			doc->out->failed |= !mp_counters_made_note(&made, &rows[s][i]) ||
					    !mp_said_add_meaning(&meanings, &rows[s][i]);
		}
	}
	/* What changed comes first. */
	if (!rc && n[0] && n[1])
		doc->out->failed |= !mp_show_counters_beside(doc, rows[0], n[0], rows[1], n[1]);
	mp_count_rows_free(rows[0], n[0]);
	mp_count_rows_free(rows[1], n[1]);
	if (!rc && mp_table_rows(table)) {
		mp_doc_heading(doc, "Counted, medians over the invocations");
		mp_doc_table(doc, table);
		mp_counters_made_show(&made, doc);
		add_groups(&look->subject, doc);
		mp_said_show_meanings(&meanings, doc);
	}
	mp_counters_made_done(&made);
	mp_said_done(&meanings);
	mp_table_free(table);
	return rc;
}

/* ---- environment ---- */

static void differences(const struct mp_view *view, const struct mp_doc *doc,
			const struct mp_comparison *c)
{
	static const struct mp_column columns[] = {
		{ .title = "fact" },
		{ .title = "A" },
		{ .title = "B" },
		{ .title = "weight", .kind = MP_COLUMN_INTEGER },
		{ .title = "why it matters" },
	};
	struct mp_table *t = mp_table_new(columns, 5);
	char key[MP_KEY_NAME_LEN];
	size_t moving = 0;

	for (size_t i = 0; i < c->n_differences; i++) {
		const struct mp_difference *d = &c->differences[i];
		MP_CLEANUP(mp_str_done) struct mp_str name = MP_STR_INIT;

		if (d->moves) {
			moving++;
			continue;
		}
		mp_str_printf(&name, "%s.%s", d->group, d->key);
		mp_table_str(t, &name);
		mp_table_text(t, d->a ? d->a : "unknown");
		mp_table_text(t, d->b ? d->b : "unknown");
		mp_table_integer(t, d->weight);
		mp_table_text(t, d->why);
	}
	mp_doc_heading(doc, "Environment: %zu differences", mp_table_rows(t));
	if (mp_table_rows(t))
		mp_doc_table(doc, t);
	mp_table_free(t);
	if (moving)
		mp_doc_line(doc,
			    "%zu more that differ between any two runs (load, free memory): "
			    "Environment (%s) has them",
			    moving, mp_view_key(view, MP_SCOPE_ALL, "tab-5", key));
	for (size_t i = 0; i < c->n_notes; i++)
		mp_doc_field(doc, "note", "%s", c->notes[i]);
}

/* What moves results most, of both runs side by side. */
static void facts(const struct mp_doc *doc, const struct mp_look *look)
{
	static const struct mp_column columns[] = { { .title = "fact" },
						    { .title = "A" },
						    { .title = "B" } };
	const struct mp_side_run *a = look->subject.sides[0].run, *b = look->subject.sides[1].run;
	struct mp_table *t = mp_table_new(columns, look->subject.n_sides == 2 ? 3 : 2);

	for (size_t i = 0; a && i < a->n_facts; i++) {
		const struct mp_side_fact *f = &a->facts[i];
		const struct mp_side_fact *g = b ? mp_side_fact(b, f->group, f->key) : NULL;
		MP_CLEANUP(mp_str_done) struct mp_str name = MP_STR_INIT;

		if (f->weight < 3)
			continue;
		mp_str_printf(&name, "%s.%s", f->group, f->key);
		mp_table_str(t, &name);
		mp_table_text(t, f->value ? f->value : "unknown");
		if (look->subject.n_sides == 2)
			mp_table_text(t, g && g->value ? g->value : "unknown");
	}
	mp_doc_heading(doc, "Facts that move results most");
	if (mp_table_rows(t))
		mp_doc_table(doc, t);
	else
		mp_doc_line(doc, "none is stored");
	mp_table_free(t);
}

int mp_detail_environment(struct mp_view *view, const struct mp_look *look,
			  const struct mp_doc *doc, struct mp_err *err)
{
	const struct mp_model *model = mp_view_model(view);

	(void)err;
	if (model->n_sides == 2)
		differences(view, doc, &model->environment);
	facts(doc, look);
	return 0;
}

/* ---- why ---- */

static void commands(struct mp_view *view, const struct mp_look *look, const struct mp_doc *doc)
{
	const struct mp_model *model = mp_view_model(view);
	MP_CLEANUP(mp_str_done) struct mp_str command = MP_STR_INIT;
	const char *text = look->row.text;

	mp_doc_heading(doc, "Again");
	if (model->n_sides == 2) {
		mp_show_compare_command(&model->options, model->sides[0].name, model->sides[1].name,
					text, &command);
		mp_doc_line(doc, "%s", command.text);
		doc->out->failed = doc->out->failed || command.failed;
	}
	mp_doc_line(doc, "memperf run --bench %s", text);
	for (size_t s = 0; s < look->subject.n_sides; s++) {
		const struct mp_side_run *run = look->subject.sides[s].run;

		if (look->subject.sides[s].store && run)
			mp_doc_line(doc, "%c: run #%lld, seed %llu, memperf %s",
				    mp_chart_side_letter(s), (long long)run->row.id,
				    (unsigned long long)run->row.seed, run->row.version);
	}
}

/* What the letters of column w stand for, in full. */
static void warnings(const struct mp_view *view, const struct mp_row *row, const struct mp_doc *doc)
{
	if (row->warnings & ~(1u << MP_WARN_REASON))
		mp_doc_heading(doc, "Warnings");
	for (int i = 0; i < MP_WARN_COUNT; i++) {
		MP_CLEANUP(mp_str_done) struct mp_str text = MP_STR_INIT;

		/* The reason itself stands in the first sentence. */
		if (!(row->warnings & 1u << i) || i == MP_WARN_REASON)
			continue;
		mp_view_warning(view, (enum mp_warning)i, &text);
		mp_doc_field(doc, mp_warning_texts[i].name, "%s", text.text);
	}
}

int mp_detail_why(struct mp_view *view, const struct mp_look *look, const struct mp_doc *doc,
		  struct mp_err *err)
{
	const struct mp_model *model = mp_view_model(view);
	const struct mp_rows_summary *summary = mp_rows_summary(model->rows);
	const struct mp_pair *pair = look->subject.pair;
	struct mp_detail_head head = { 0 };
	int rc = mp_detail_head_read(view, look, &head, err);

	if (rc)
		return rc;
	mp_doc_line(doc, "%s", head.why.text);
	mp_detail_head_done(&head);
	warnings(view, &look->row, doc);
	if (pair && pair->measured) {
		mp_doc_heading(doc, "Location: %s of %s mode, %s samples, one value per invocation",
			       pair->location.metric, mp_mode_name(pair->mode),
			       mp_population_name(pair->population));
		mp_show_control(doc, summary->controls, pair);
		mp_show_tests(doc, model->options.policy, pair, summary->tested[MP_ASPECT_LOCATION],
			      mp_chart_step(&look->subject));
	}
	if (mp_show_levels(doc, look->stores, look->one))
		return mp_err_env(err, -ENOMEM, "out of memory");
	commands(view, look, doc);
	return 0;
}

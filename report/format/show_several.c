/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Several B against one A for people: who they are, what they say in numbers, and the cases side by side. */
#include "report/format/show.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/format/show_charts.h"
#include "report/format/show_internal.h"

#define DIFFERENCES_NAMED 4 /* facts that differ, by name */

struct several {
	const struct mp_comparison *c;
	size_t n;
	const struct mp_show *show;
	struct mp_doc doc;
	bool failed;
};

static void show_side(struct several *s, const char *name, const struct mp_side *side)
{
	const struct mp_run_row *row = &side->runs[0].row;
	struct mp_str outcomes = MP_STR_INIT;
	char when[64];

	mp_show_when(row->started_ns, when);
	mp_show_outcomes(row, &outcomes);
	mp_doc_field(&s->doc, name, "%s: run #%lld on %s, %s, %s", side->name, (long long)row->id,
		     mp_show_text(row->host), when, outcomes.text);
	s->failed = s->failed || outcomes.failed;
	mp_str_done(&outcomes);
}

/* The heaviest facts by name, the others as a count. */
static void show_differences(struct several *s, size_t i)
{
	const struct mp_comparison *c = &s->c[i];
	struct mp_str text = MP_STR_INIT;
	size_t named = 0;

	for (; named < c->n_differences && named < DIFFERENCES_NAMED; named++) {
		const struct mp_difference *d = &c->differences[named];

		if (!d->weight || d->moves)
			break;
		mp_str_printf(&text, "%s%s.%s (%s, %s)", named ? ", " : "", d->group, d->key,
			      d->a ? d->a : "unknown", d->b ? d->b : "unknown");
	}
	if (c->n_differences > named)
		mp_str_printf(&text, "%s%zu of less weight", named ? ", " : "",
			      c->n_differences - named);
	mp_doc_line(&s->doc, "B%zu differs from A in %s", i + 1, text.len ? text.text : "no fact");
	s->failed = s->failed || text.failed;
	mp_str_done(&text);
}

static void show_counts(struct several *s)
{
	static const struct mp_column columns[] = {
		{ .key = "side", .title = "" },
		{ .key = "overall", .title = "overall", .right = true },
		{ .key = "faster", .title = "faster", .kind = MP_COLUMN_INTEGER },
		{ .key = "slower", .title = "slower", .kind = MP_COLUMN_INTEGER },
		{ .key = "same", .title = "same", .kind = MP_COLUMN_INTEGER },
		{ .key = "unsure", .title = "unsure", .kind = MP_COLUMN_INTEGER },
		{ .key = "other", .title = "not compared", .kind = MP_COLUMN_INTEGER },
		{ .key = "tails", .title = "slower tail", .kind = MP_COLUMN_INTEGER },
	};
	struct mp_table *table = mp_table_new(columns, sizeof(columns) / sizeof(columns[0]));

	for (size_t i = 0; i < s->n; i++) {
		const struct mp_comparison *c = &s->c[i];
		char name[32], change[MP_UNITS_LEN];
		size_t compared = 0;

		snprintf(name, sizeof(name), "B%zu", i + 1);
		mp_show_change(c->ratio, change);
		mp_table_text(table, name);
		mp_table_text(table, change);
		for (int v = MP_VERDICT_FASTER; v <= MP_VERDICT_UNSURE; v++) {
			mp_table_integer(table, (int64_t)c->counts[v]);
			compared += c->counts[v];
		}
		mp_table_integer(table, (int64_t)(c->n_pairs - compared));
		mp_table_integer(table, (int64_t)c->tails[MP_ASIDE_SLOWER]);
	}
	mp_doc_heading(&s->doc, "Verdicts");
	mp_doc_table(&s->doc, table);
	mp_doc_line(&s->doc,
		    "policy %s (%s); one family of %zu tests over all B, at a false discovery rate "
		    "of %g %%",
		    s->c->policy->name, s->c->policy->title, s->c->tests[MP_ASPECT_LOCATION].tested,
		    s->c->policy->q * 100);
	s->failed = s->failed || mp_table_failed(table);
	mp_table_free(table);
}

static const struct mp_pair *find(const struct mp_comparison *c, const char *text)
{
	size_t low = 0, high = c->n_pairs;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(c->pairs[middle].text, text);

		if (!order)
			return &c->pairs[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* Same everywhere is what the table may leave out. */
static bool same_everywhere(const struct several *s, const char *text)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct mp_pair *pair = find(&s->c[i], text);

		if (!pair || pair->verdict != MP_VERDICT_SAME ||
		    pair->tail.verdict == MP_ASIDE_SLOWER)
			return false;
	}
	return true;
}

/* "+9.5 % slower", "failed" */
static void add_verdict(struct several *s, struct mp_table *table, const struct mp_pair *pair)
{
	struct mp_str text = MP_STR_INIT;
	char change[MP_UNITS_LEN];

	if (pair && pair->measured) {
		mp_show_change(pair->location.ratio, change);
		mp_str_printf(&text, "%s ", change);
	}
	mp_str_add(&text, pair ? mp_verdict_name(pair->verdict) : "missing");
	if (pair && pair->tail.verdict == MP_ASIDE_SLOWER)
		mp_str_add(&text, ", tail slower");
	mp_table_str(table, &text);
	s->failed = s->failed || text.failed;
	mp_str_done(&text);
}

/* Rows are the cases of A against B1, then those that only another B has. */
static size_t add_rows(struct several *s, struct mp_table *table, const struct mp_pair **pairs)
{
	bool all = s->show->all || mp_doc_is_page(&s->doc);
	size_t hidden = 0;

	for (size_t i = 0; i < s->n; i++) {
		for (size_t k = 0; k < s->c[i].n_pairs; k++) {
			const struct mp_pair *pair = &s->c[i].pairs[k];
			char value[2 * MP_UNITS_LEN];

			if (i && (pair->a || find(&s->c[0], pair->text)))
				continue;
			if (!all && same_everywhere(s, pair->text)) {
				hidden++;
				continue;
			}
			mp_show_value(s->c->unit,
				      pair->measured ? mp_compare_shown(s->c, pair, false) : NAN,
				      value);
			mp_table_text(table, pair->text);
			mp_table_text(table, value);
			for (size_t b = 0; b < s->n; b++) {
				pairs[b] = find(&s->c[b], pair->text);
				add_verdict(s, table, pairs[b]);
			}
			mp_show_judge_several(table, s->c, s->n, pairs);
		}
	}
	return hidden;
}

static void show_cases(struct several *s)
{
	struct mp_column *columns = calloc(2 + s->n, sizeof(*columns) + 32);
	const struct mp_pair **pairs = calloc(s->n, sizeof(struct mp_pair *));
	char *names;
	struct mp_table *table;
	size_t hidden;

	if (!columns || !pairs) {
		s->failed = true;
		free(columns);
		free(pairs);
		return;
	}
	names = (char *)(columns + 2 + s->n);
	columns[0] = (struct mp_column){ .key = "case", .title = "case" };
	columns[1] = (struct mp_column){ .key = "a", .title = "A", .right = true };
	for (size_t i = 0; i < s->n; i++) {
		snprintf(names + 32 * i, 32, "B%zu", i + 1);
		columns[2 + i] =
			(struct mp_column){ .key = names + 32 * i, .title = names + 32 * i };
	}
	table = mp_table_new(columns, 2 + s->n);
	hidden = add_rows(s, table, pairs);
	if (mp_table_rows(table)) {
		mp_doc_heading(&s->doc, "Cases: %zu", mp_table_rows(table));
		mp_doc_table(&s->doc, table);
	}
	if (hidden)
		mp_doc_line(&s->doc, "%zu cases are the same in every B; --all lists them", hidden);
	s->failed = s->failed || mp_table_failed(table);
	mp_table_free(table);
	free(columns);
	free(pairs);
}

static void show_uncompared(struct several *s)
{
	char heading[64];

	for (size_t i = 0; i < s->n; i++) {
		snprintf(heading, sizeof(heading), "Not compared in B%zu", i + 1);
		mp_show_uncompared(&s->doc, &s->c[i], heading, s->show->all);
	}
}

/* Pages alone: each B by itself, as a page of it alone would draw it. */
static void show_pictures(struct several *s)
{
	char heading[64];

	for (size_t i = 0; i < s->n; i++) {
		mp_doc_heading(&s->doc, "B%zu against A: %s", i + 1, s->c[i].b->name);
		mp_show_overview(&s->doc, &s->c[i]);
	}
	for (size_t i = 0; i < s->n; i++) {
		snprintf(heading, sizeof(heading), "What changed in B%zu, in pictures", i + 1);
		mp_show_changed_charts(&s->doc, &s->c[i], heading);
	}
}

static void show_gate(struct several *s)
{
	char *why;

	if (!s->show->gate)
		return;
	mp_compare_gate_several(s->c, s->n, &why);
	mp_doc_gap(&s->doc);
	if (why)
		mp_doc_line(&s->doc, "gate: %s", why);
	else
		s->failed = true;
	free(why);
}

int mp_show_comparisons(const struct mp_comparison *c, size_t n, const struct mp_show *show,
			struct mp_str *out)
{
	struct several s = { .c = c,
			     .n = n,
			     .show = show,
			     .doc = { .format = show->format, .wide = show->wide, .out = out } };

	if (n == 1)
		return mp_show_comparison(c, show, out);
	if (!show->format->prose)
		return mp_show_comparison_data(c, n, show, out);
	mp_doc_title(&s.doc, "%zu candidates against A: +10 %% means 10 %% longer than A", n);
	show_side(&s, "A", c->a);
	for (size_t i = 0; i < n; i++) {
		char name[32];

		snprintf(name, sizeof(name), "B%zu", i + 1);
		show_side(&s, name, c[i].b);
	}
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < c[i].n_notes; k++)
			mp_doc_field(&s.doc, "note", "B%zu: %s", i + 1, c[i].notes[k]);
	}
	mp_doc_heading(&s.doc, "Environment");
	for (size_t i = 0; i < n; i++)
		show_differences(&s, i);
	show_counts(&s);
	show_cases(&s);
	show_uncompared(&s);
	if (mp_doc_is_page(&s.doc))
		show_pictures(&s);
	show_gate(&s);
	if (mp_doc_is_page(&s.doc))
		mp_show_reading(&s.doc, c, n);
	mp_doc_end(&s.doc);
	return s.failed || out->failed ? -ENOMEM : 0;
}

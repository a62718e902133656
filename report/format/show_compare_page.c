/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A comparison as a page: what changed and whether it can be believed first, then the pictures, then everything. */
#include "report/format/show.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "report/format/show_charts.h"
#include "report/format/show_compare_internal.h"

/* What the verdicts rest on. */
static void show_evidence(struct mp_compared *r)
{
	const struct mp_comparison *c = r->c;
	size_t tested = c->tests[MP_ASPECT_LOCATION].tested, least = SIZE_MAX, most = 0;
	struct mp_str said = MP_STR_INIT;
	char change[MP_UNITS_LEN];

	for (size_t i = 0; i < c->n_pairs; i++) {
		const struct mp_change *at = &c->pairs[i].location;

		if (!at->tested)
			continue;
		least = at->n_a < least ? at->n_a : least;
		least = at->n_b < least ? at->n_b : least;
		most = at->n_a > most ? at->n_a : most;
		most = at->n_b > most ? at->n_b : most;
	}
	if (!tested) {
		mp_doc_field(&r->doc, "evidence", "none: no case could be tested");
		return;
	}
	mp_str_printf(&said, "%zu cases tested, with one value of each of %zu", tested, least);
	if (most > least)
		mp_str_printf(&said, " .. %zu", most);
	mp_str_printf(&said, " processes a side; of what is called changed, %g %% may be chance",
		      c->policy->q * 100);
	for (int i = 0; i < MP_CONTROL_COUNT; i++) {
		const struct mp_control *control = &c->controls[i];

		if (!control->text || !isfinite(control->low))
			continue;
		mp_show_change(control->ratio, change);
		mp_str_printf(&said, "; %s itself (%s) moved by %s",
			      i == MP_CONTROL_CORE ? "the core" : "memory", control->text, change);
	}
	mp_doc_field(&r->doc, "evidence", "%s", said.text);
	r->failed = r->failed || said.failed;
	mp_str_done(&said);
}

/* Can they be compared at all? */
static void show_machines(struct mp_compared *r)
{
	const struct mp_comparison *c = r->c;
	struct mp_str said = MP_STR_INIT;

	for (size_t i = 0; i < c->n_differences; i++) {
		const struct mp_difference *d = &c->differences[i];

		if (mp_difference_matters(d))
			mp_str_printf(&said, "%s%s.%s %s -> %s", said.len ? "; " : "", d->group,
				      d->key, d->a ? d->a : "unknown", d->b ? d->b : "unknown");
	}
	mp_doc_field(&r->doc, "machine", "%s; what usually moves results: %s",
		     c->same_machine ? "the same one" : "two different ones",
		     said.len ? said.text : "no difference");
	r->failed = r->failed || said.failed;
	mp_str_done(&said);
}

/* The largest change, and whether the sides can be compared at all: what a reader wants to know within seconds. */
static void show_answer(struct mp_compared *r)
{
	static const enum mp_verdict changed[] = { MP_VERDICT_SLOWER, MP_VERDICT_FASTER };
	const struct mp_comparison *c = r->c;

	mp_doc_title(&r->doc, "%zu slower, %zu faster of %zu cases: %s against %s",
		     c->counts[MP_VERDICT_SLOWER], c->counts[MP_VERDICT_FASTER], c->n_pairs,
		     c->b->name, c->a->name);
	mp_doc_line(&r->doc,
		    "B against A: +10 %% means that B takes 10 %% longer. %zu cases are "
		    "the same within their threshold, %zu are unsure, %zu could not be "
		    "compared.",
		    c->counts[MP_VERDICT_SAME], c->counts[MP_VERDICT_UNSURE],
		    c->n_pairs - c->counts[MP_VERDICT_SLOWER] - c->counts[MP_VERDICT_FASTER] -
			    c->counts[MP_VERDICT_SAME] - c->counts[MP_VERDICT_UNSURE]);
	for (size_t v = 0; v < 2; v++) {
		size_t count = 0;
		const struct mp_pair **pairs = mp_comparison_pick(c, changed[v], &count);
		char change[MP_UNITS_LEN], interval[2 * MP_UNITS_LEN];

		r->failed = r->failed || !pairs;
		if (count) {
			mp_show_change(pairs[0]->location.ratio, change);
			mp_show_interval(&pairs[0]->location, interval);
			mp_doc_field(&r->doc, mp_verdict_name(changed[v]),
				     "strongest evidence: %s, %s (%s)", pairs[0]->text, change,
				     interval);
		}
		free(pairs);
	}
	show_evidence(r);
	show_machines(r);
	mp_compared_gate(r);
}

static void show_every_case(struct mp_compared *r)
{
	struct mp_column columns[9];
	struct mp_table *table;
	bool wide = r->wide;
	size_t n;

	r->wide = false;
	n = mp_compared_columns(r, columns);
	columns[n++] = (struct mp_column){ .key = "verdict", .title = "verdict" };
	columns[n++] = (struct mp_column){ .key = "p", .title = "p adj", .right = true };
	columns[n++] = (struct mp_column){ .key = "reason", .title = "reason" };
	table = mp_table_new(columns, n);
	for (size_t i = 0; i < r->c->n_pairs; i++) {
		const struct mp_pair *pair = &r->c->pairs[i];
		char p[MP_UNITS_LEN];

		mp_compared_add(r, table, pair);
		snprintf(p, sizeof(p), "%.2g", mp_change_p(&pair->location));
		mp_table_text(table, mp_verdict_name(pair->verdict));
		mp_table_text(table, pair->location.tested ? p : NULL);
		mp_table_text(table, pair->reason ? pair->reason : "");
		mp_compared_judge(r, table, pair);
	}
	r->wide = wide;
	mp_doc_heading(&r->doc, "Every case");
	mp_doc_fold(&r->doc, NULL, false, "%zu cases", r->c->n_pairs);
	mp_doc_table(&r->doc, table);
	mp_doc_unfold(&r->doc);
	r->failed = r->failed || mp_table_failed(table);
	mp_table_free(table);
}

/* How it can be made again, with the files that it was made of. */
static void show_command(const struct mp_doc *doc, const struct mp_comparison *c, size_t n)
{
	struct mp_str command = MP_STR_INIT;

	mp_str_add(&command, "memperf compare ");
	mp_str_add_word(&command, c->a->name);
	for (size_t i = 0; i < n; i++) {
		mp_str_addc(&command, ' ');
		mp_str_add_word(&command, c[i].b->name);
	}
	mp_show_compare_options(&(struct mp_compare_options){ c->policy, c->filter, c->unit },
				&command);
	mp_str_add(&command, " --format html");
	mp_doc_heading(doc, "How it was made");
	mp_doc_line(doc, "%s", command.text);
	doc->out->failed = doc->out->failed || command.failed;
	mp_str_done(&command);
}

void mp_show_reading(const struct mp_doc *doc, const struct mp_comparison *c, size_t n)
{
	static const enum mp_verdict always[] = { MP_VERDICT_SLOWER, MP_VERDICT_FASTER,
						  MP_VERDICT_SAME, MP_VERDICT_UNSURE };

	mp_doc_heading(doc, "How to read it");
	mp_doc_field(doc, "value",
		     "one per invocation (a process of its own), never one per call; A and B show "
		     "the median of them");
	mp_doc_field(doc, "interval", "where the true change lies, at %g %% confidence", 95.0);
	for (size_t v = 0; v < sizeof(always) / sizeof(always[0]); v++)
		mp_doc_field(doc, mp_verdict_name(always[v]), "%s", mp_verdict_meaning(always[v]));
	mp_doc_field(doc, "p adj",
		     "how often chance alone shows as much, corrected for the number of cases "
		     "(Benjamini and Hochberg)");
	show_command(doc, c, n);
}

void mp_compared_page(struct mp_compared *r)
{
	show_answer(r);
	mp_compared_sides(r);
	mp_show_overview(&r->doc, r->c);
	mp_compared_verdict(r, MP_VERDICT_SLOWER, "Slower");
	mp_compared_verdict(r, MP_VERDICT_FASTER, "Faster");
	r->failed = !mp_show_asides(&r->doc, r->c) || r->failed;
	mp_show_changed_charts(&r->doc, r->c, "What changed, in pictures");
	mp_compared_families(r);
	mp_compared_counts(r);
	mp_compared_environment(r);
	mp_compared_unsure(r);
	mp_show_uncompared(&r->doc, r->c, "Not compared", r->show->all);
	show_every_case(r);
	mp_show_scaling_of_pairs(&r->doc, r->c);
	mp_show_reading(&r->doc, r->c, 1);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A comparison for people: what else differs first, then the counts, the changes by strength of evidence, what is
 * unsure and what could have been found, the same as a count, everything that was not compared, families, gate.
 */
#include "report/format/show.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/units.h"
#include "report/format/show_compare_internal.h"

static void show_side(struct mp_compared *r, const char *which, const struct mp_side *side)
{
	const struct mp_run_row *row = &side->runs[0].row;
	struct mp_str outcomes = MP_STR_INIT;
	char when[64];

	mp_show_when(row->started_ns, when);
	mp_show_outcomes(row, &outcomes);
	mp_doc_field(&r->doc, which, "%s: run #%lld on %s, %s, suite %s, memperf %s, %s",
		     side->name, (long long)row->id, mp_show_text(row->host), when,
		     mp_show_text(row->suite), mp_show_text(row->version), outcomes.text);
	r->failed = r->failed || outcomes.failed;
	mp_str_done(&outcomes);
}

void mp_compared_environment(struct mp_compared *r)
{
	static const struct mp_column columns[] = {
		{ .key = "weight", .title = "weight", .kind = MP_COLUMN_INTEGER },
		{ .key = "fact", .title = "fact" },
		{ .key = "a", .title = "A" },
		{ .key = "b", .title = "B" },
		{ .key = "why", .title = "what it does" },
	};
	bool wide = !r->doc.wide || r->doc.wide >= MP_SHOW_WIDE;
	const struct mp_comparison *c = r->c;
	struct mp_column shown[5];
	struct mp_table *table;
	size_t left_out = 0;

	mp_doc_heading(&r->doc, "Environment: %zu differences", c->n_differences);
	memcpy(shown, columns, sizeof(columns));
	shown[4].machines_only = !wide;
	table = mp_table_new(shown, 5);
	for (size_t i = 0; i < c->n_differences; i++) {
		const struct mp_difference *d = &c->differences[i];
		struct mp_str fact = MP_STR_INIT;

		if (!d->weight && !r->show->all && !mp_doc_is_page(&r->doc)) {
			left_out++;
			continue;
		}
		mp_str_printf(&fact, "%s.%s", d->group, d->key);
		mp_table_integer(table, d->weight);
		mp_table_str(table, &fact);
		mp_table_text(table, d->a);
		mp_table_text(table, d->b);
		mp_table_text(table, d->why);
		r->failed = r->failed || fact.failed;
		mp_str_done(&fact);
	}
	if (mp_table_rows(table))
		mp_doc_table(&r->doc, table);
	else if (!left_out)
		mp_doc_line(&r->doc, "every recorded fact is equal");
	if (left_out)
		mp_doc_line(&r->doc, "%zu of no weight are not shown; --all shows them", left_out);
	if (!wide && mp_table_rows(table))
		mp_doc_line(&r->doc,
			    "left out at this width: what each fact does to results; %d columns "
			    "(COLUMNS=%d) or --format json show it",
			    MP_SHOW_WIDE, MP_SHOW_WIDE);
	r->failed = r->failed || mp_table_failed(table);
	mp_table_free(table);
}

/* What the thresholds rest on. */
static void show_floors(struct mp_compared *r)
{
	const struct mp_comparison *c = r->c;
	size_t tested = 0;

	for (size_t i = 0; i < c->n_pairs; i++)
		tested += c->pairs[i].location.tested;
	if (!tested)
		return;
	if (!c->floors)
		mp_doc_line(&r->doc,
			    "noise floor unknown: fewer than %d runs of the same machine and "
			    "environment to learn from, so %g %% is assumed (%g %% without calm "
			    "samples)",
			    MP_FLOOR_LEAST, MP_FLOOR_ASSUMED_CALM * 100, MP_FLOOR_ASSUMED * 100);
	else if (c->floors < tested)
		mp_doc_line(&r->doc,
			    "noise floor of %zu cases learned from other runs; %g %% is assumed "
			    "for the other %zu (%g %% without calm samples)",
			    c->floors, MP_FLOOR_ASSUMED_CALM * 100, tested - c->floors,
			    MP_FLOOR_ASSUMED * 100);
	else
		mp_doc_line(&r->doc, "noise floor of every tested case learned from other runs");
}

/* Tail and shape, as far as single calls can be judged. */
static void show_asides(struct mp_compared *r)
{
	static const enum mp_aside tails[] = { MP_ASIDE_SLOWER, MP_ASIDE_FASTER, MP_ASIDE_SAME,
					       MP_ASIDE_UNSURE, MP_ASIDE_NONE };
	static const enum mp_aside shapes[] = { MP_ASIDE_CHANGED, MP_ASIDE_SAME, MP_ASIDE_UNSURE,
						MP_ASIDE_NONE };
	struct mp_str text = MP_STR_INIT;

	mp_str_add(&text, "tail (p99 to p99.9 of single calls):");
	for (size_t i = 0; i < sizeof(tails) / sizeof(tails[0]); i++)
		mp_str_printf(&text, "%s %zu %s", i ? "," : "", r->c->tails[tails[i]],
			      mp_aside_name(tails[i]));
	mp_str_add(&text, "; shape (deciles):");
	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++)
		mp_str_printf(&text, "%s %zu %s", i ? "," : "", r->c->shapes[shapes[i]],
			      mp_aside_name(shapes[i]));
	mp_doc_line(&r->doc, "%s", text.text);
	r->failed = r->failed || text.failed;
	mp_str_done(&text);
}

void mp_compared_counts(struct mp_compared *r)
{
	const struct mp_comparison *c = r->c;
	struct mp_str counts = MP_STR_INIT;
	char change[MP_UNITS_LEN];

	for (int v = 0; v < MP_VERDICT_COUNT; v++)
		mp_str_printf(&counts, "%s%zu %s", v ? ", " : "", c->counts[v],
			      mp_verdict_name((enum mp_verdict)v));
	mp_doc_heading(&r->doc, "Verdicts: %zu cases", c->n_pairs);
	mp_doc_line(&r->doc, "%s", counts.text);
	mp_doc_line(&r->doc,
		    "policy %s (%s): a change is beyond %g %% (tail %g %%, shape %g %%) and beyond "
		    "the noise floor, at a false discovery rate of %g %%; %zu cases tested",
		    c->policy->name, c->policy->title, c->policy->at.location * 100,
		    c->policy->at.tail * 100, c->policy->at.shape * 100, c->policy->q * 100,
		    c->tests[MP_ASPECT_LOCATION].tested);
	show_floors(r);
	show_asides(r);
	if (c->left_out)
		mp_doc_line(&r->doc, "%zu cases are left out by --filter", c->left_out);
	mp_show_change(c->ratio, change);
	if (c->ratio_families)
		mp_doc_line(&r->doc, "overall %s (geometric mean of %zu families; no verdict)",
			    change, c->ratio_families);
	r->failed = r->failed || counts.failed;
	mp_str_done(&counts);
}

void mp_compared_add(struct mp_compared *r, struct mp_table *table, const struct mp_pair *pair)
{
	char change[MP_UNITS_LEN], interval[2 * MP_UNITS_LEN];
	struct mp_str how = MP_STR_INIT;

	mp_show_change(pair->location.ratio, change);
	mp_show_interval(&pair->location, interval);
	mp_table_text(table, pair->text);
	mp_table_text(table, change);
	mp_table_text(table, interval);
	mp_table_number(table, mp_compare_shown(r->c, pair, false));
	mp_table_number(table, mp_compare_shown(r->c, pair, true));
	if (r->wide) {
		mp_str_printf(&how, "%zu/%zu %s %s, ", pair->location.n_a, pair->location.n_b,
			      mp_mode_name(pair->mode), mp_population_name(pair->population));
		mp_show_threshold(&pair->location, &how);
		mp_table_str(table, &how);
	}
	r->failed = r->failed || how.failed;
	mp_str_done(&how);
}

/* Of the row that is full now. */
void mp_compared_judge(struct mp_compared *r, struct mp_table *table, const struct mp_pair *pair)
{
	mp_table_interval(table, pair->location.low, pair->location.ratio, pair->location.high);
	mp_show_judge(table, r->c, pair);
}

/* case, change, interval, A, B, and in wide tables how it was measured; returns how many columns. */
size_t mp_compared_columns(const struct mp_compared *r, struct mp_column columns[6])
{
	static const struct mp_column all[] = {
		{ .key = "case", .title = "case" },
		{ .key = "change", .title = "change", .right = true },
		{ .key = "interval", .title = "interval", .right = true },
		{ .key = "a", .title = "A", .kind = MP_COLUMN_DURATION },
		{ .key = "b", .title = "B", .kind = MP_COLUMN_DURATION },
		{ .key = "how", .title = "invocations, mode, limit" },
	};

	static const char *const titles[MP_UNIT_COUNT][2] = {
		{ "A", "B" },
		{ "A, cycles", "B, cycles" },
		{ "A, null calls", "B, null calls" },
		{ "A, GB/s", "B, GB/s" },
		{ "A, bytes/cycle", "B, bytes/cycle" },
	};

	memcpy(columns, all, sizeof(all));
	for (int side = 0; side < 2; side++) {
		columns[3 + side].title = titles[r->c->unit][side];
		if (r->c->unit != MP_UNIT_NS)
			columns[3 + side].kind = MP_COLUMN_NUMBER;
	}
	return r->wide ? 6 : 5;
}

/* Slower, faster, and with --all the same: sorted by evidence. */
void mp_compared_verdict(struct mp_compared *r, enum mp_verdict verdict, const char *title)
{
	size_t count = 0, n;
	const struct mp_pair **pairs = mp_comparison_pick(r->c, verdict, &count);
	struct mp_column columns[7];
	struct mp_table *table;

	if (!pairs) {
		r->failed = true;
		return;
	}
	n = mp_compared_columns(r, columns);
	columns[n++] = (struct mp_column){ .key = "p", .title = "p adj", .right = true };
	table = mp_table_new(columns, n);
	for (size_t i = 0; i < count; i++) {
		char p[MP_UNITS_LEN];

		mp_compared_add(r, table, pairs[i]);
		snprintf(p, sizeof(p), "%.2g", mp_change_p(&pairs[i]->location));
		mp_table_text(table, p);
		mp_compared_judge(r, table, pairs[i]);
	}
	if (count) {
		mp_doc_heading(&r->doc, "%s: %zu", title, count);
		mp_doc_table(&r->doc, table);
	}
	r->failed = r->failed || mp_table_failed(table);
	mp_table_free(table);
	free(pairs);
}

static void add_unsure(struct mp_compared *r, struct mp_table *table, const struct mp_pair *pair)
{
	char detectable[MP_UNITS_LEN], needed[MP_UNITS_LEN];

	if (!isfinite(pair->location.detectable))
		strcpy(detectable, "none");
	else
		mp_show_change(1 + pair->location.detectable, detectable);
	snprintf(needed, sizeof(needed), pair->needed ? "%zu" : "> 1000", pair->needed);
	mp_compared_add(r, table, pair);
	mp_table_text(table, pair->location.tested ? detectable : NULL);
	mp_table_text(table, pair->location.tested ? needed : NULL);
	mp_table_text(table, pair->reason);
	mp_compared_judge(r, table, pair);
}

/* Most often one reason holds for all: then it is said once. */
static bool same_reason(const struct mp_pair **pairs, size_t count)
{
	for (size_t i = 1; i < count; i++)
		if (strcmp(pairs[0]->reason, pairs[i]->reason))
			return false;
	return true;
}

void mp_compared_unsure(struct mp_compared *r)
{
	size_t count = 0, n;
	const struct mp_pair **pairs = mp_comparison_pick(r->c, MP_VERDICT_UNSURE, &count);
	struct mp_column columns[9];
	struct mp_table *table;

	if (!pairs) {
		r->failed = true;
		return;
	}
	n = mp_compared_columns(r, columns);
	columns[n++] = (struct mp_column){ .key = "detectable", .title = "finds", .right = true };
	columns[n++] = (struct mp_column){ .key = "needed", .title = "needs", .right = true };
	columns[n++] = (struct mp_column){ .key = "reason",
					   .title = "reason",
					   .machines_only = same_reason(pairs, count) };
	for (size_t i = 0; i < n; i++) {
		if (!strcmp(columns[i].key, "a") || !strcmp(columns[i].key, "b"))
			columns[i].machines_only = !r->wide;
	}
	table = mp_table_new(columns, n);
	for (size_t i = 0; i < count; i++)
		add_unsure(r, table, pairs[i]);
	if (count) {
		mp_doc_heading(&r->doc, "Unsure: %zu, no evidence of a change nor of none", count);
		mp_doc_table(&r->doc, table);
		if (same_reason(pairs, count))
			mp_doc_line(&r->doc, "reason of each: %s", pairs[0]->reason);
		mp_doc_line(
			&r->doc,
			"finds: smallest change that would have been called four times in five "
			"(none: too few "
			"invocations for any); needs: invocations a side to find one of twice the "
			"threshold");
		if (!r->wide)
			mp_doc_line(&r->doc,
				    "left out at this width: the times of A and B; %d columns "
				    "(COLUMNS=%d) or "
				    "--format csv show them",
				    MP_COMPARE_WIDE, MP_COMPARE_WIDE);
	}
	r->failed = r->failed || mp_table_failed(table);
	mp_table_free(table);
	free(pairs);
}

static void show_same(struct mp_compared *r)
{
	size_t count = r->c->counts[MP_VERDICT_SAME];

	if (r->show->all) {
		mp_compared_verdict(r, MP_VERDICT_SAME, "Same");
	} else if (count) {
		mp_doc_heading(&r->doc, "Same: %zu", count);
		mp_doc_line(&r->doc,
			    "the interval of each lies inside its threshold; --all lists them");
	}
}

/* Everything that has no ratio, or none that counts. */
void mp_show_uncompared(const struct mp_doc *doc, const struct mp_comparison *c,
			const char *heading, bool all)
{
	static const enum mp_verdict verdicts[] = { MP_VERDICT_INCOMPARABLE, MP_VERDICT_FAILED,
						    MP_VERDICT_ONLY_A, MP_VERDICT_ONLY_B };
	struct mp_reason *reasons = calloc(c->n_pairs + 1, sizeof(*reasons));
	size_t n = 0, hidden;

	for (size_t v = 0; reasons && v < sizeof(verdicts) / sizeof(verdicts[0]); v++) {
		for (size_t i = 0; i < c->n_pairs; i++) {
			const struct mp_pair *pair = &c->pairs[i];

			if (pair->verdict == verdicts[v])
				reasons[n++] = (struct mp_reason){
					.word = mp_verdict_name(pair->verdict),
					.text = pair->text,
					.reason = pair->reason,
					.value = NAN,
				};
		}
	}
	if (n) {
		mp_doc_heading(doc, "%s: %zu", heading, n);
		if (!mp_show_reasons(doc, reasons, n, all, &hidden))
			doc->out->failed = true;
		if (hidden)
			mp_doc_line(doc,
				    "%zu cases with the same reason are counted, not named; --all "
				    "names them",
				    hidden);
	}
	doc->out->failed = doc->out->failed || !reasons;
	free(reasons);
}

void mp_compared_families(struct mp_compared *r)
{
	static const struct mp_column columns[] = {
		{ .key = "family", .title = "family" },
		{ .key = "change", .title = "mean change", .right = true },
		{ .key = "covered", .title = "covers", .right = true },
		{ .key = "faster", .title = "faster", .kind = MP_COLUMN_INTEGER },
		{ .key = "slower", .title = "slower", .kind = MP_COLUMN_INTEGER },
		{ .key = "same", .title = "same", .kind = MP_COLUMN_INTEGER },
		{ .key = "unsure", .title = "unsure", .kind = MP_COLUMN_INTEGER },
		{ .key = "other", .title = "not compared", .kind = MP_COLUMN_INTEGER },
	};
	struct mp_table *table = mp_table_new(columns, 8);

	for (size_t i = 0; i < r->c->n_families; i++) {
		const struct mp_family_change *f = &r->c->families[i];
		char change[MP_UNITS_LEN], covers[2 * MP_UNITS_LEN];
		size_t compared = 0;

		mp_show_change(f->ratio, change);
		snprintf(covers, sizeof(covers), "%zu of %zu", f->covered, f->pairs);
		mp_table_text(table, f->family);
		mp_table_text(table, change);
		mp_table_text(table, covers);
		for (int v = MP_VERDICT_FASTER; v <= MP_VERDICT_UNSURE; v++) {
			mp_table_integer(table, (int64_t)f->counts[v]);
			compared += f->counts[v];
		}
		mp_table_integer(table, (int64_t)(f->pairs - compared));
	}
	if (mp_table_rows(table)) {
		mp_doc_heading(&r->doc, "Families");
		mp_doc_table(&r->doc, table);
	}
	r->failed = r->failed || mp_table_failed(table);
	mp_table_free(table);
}

void mp_compared_gate(struct mp_compared *r)
{
	char *why;

	if (!r->show->gate)
		return;
	mp_compare_gate(r->c, &why);
	if (why) {
		mp_doc_gap(&r->doc);
		mp_doc_line(&r->doc, "gate: %s", why);
	} else {
		r->failed = true;
	}
	free(why);
}

void mp_compared_sides(struct mp_compared *r)
{
	show_side(r, "A", r->c->a);
	show_side(r, "B", r->c->b);
	for (size_t i = 0; i < r->c->n_notes; i++)
		mp_doc_field(&r->doc, "note", "%s", r->c->notes[i]);
}

static void text(struct mp_compared *r)
{
	mp_doc_title(&r->doc, "B against A: +10 %% means that B takes 10 %% longer");
	mp_compared_sides(r);
	mp_compared_environment(r);
	mp_compared_counts(r);
	mp_compared_verdict(r, MP_VERDICT_SLOWER, "Slower");
	mp_compared_verdict(r, MP_VERDICT_FASTER, "Faster");
	r->failed = !mp_show_asides(&r->doc, r->c) || r->failed;
	mp_compared_unsure(r);
	show_same(r);
	mp_show_uncompared(&r->doc, r->c, "Not compared", r->show->all);
	mp_compared_families(r);
	mp_compared_gate(r);
}

int mp_show_comparison(const struct mp_comparison *c, const struct mp_show *show,
		       struct mp_str *out)
{
	struct mp_compared r = {
		.c = c,
		.show = show,
		.doc = { .format = show->format, .wide = show->wide, .out = out },
	};

	if (!show->format->prose)
		return mp_show_comparison_data(c, 1, show, out);
	if (show->format != &mp_format_text)
		r.doc.wide = 0;
	r.wide = !r.doc.wide || r.doc.wide >= MP_COMPARE_WIDE;
	if (mp_doc_is_page(&r.doc))
		mp_compared_page(&r);
	else
		text(&r);
	mp_doc_end(&r.doc);
	return r.failed || out->failed ? -ENOMEM : 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One run for people: what was measured where, the floors, every family, everything that is not ok, totals. */
#include "report/format/show.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/units.h"
#include "report/format/show_charts.h"
#include "report/format/show_internal.h"
#include "results/caveats.h"

#define DRIFT_PPM 50 /* of the clock over a run, worth a note */

/* Letters of the column "flags", and what they say. Only those that occur are explained. */
enum flag {
	FLAG_ALL,
	FLAG_BUDGET,
	FLAG_CAP,
	FLAG_DISTURBED,
	FLAG_FEW,
	FLAG_KINDS,
	FLAG_MODES,
	FLAG_OBSERVER,
	FLAG_PLANNED,
	FLAG_SENSITIVE,
	FLAG_UNSTEADY,
	FLAG_COUNT,
};

static const struct {
	char letter;
	const char *meaning;
} flags[FLAG_COUNT] = {
	[FLAG_ALL] = { 'a', "value of all samples: too few were calm" },
	[FLAG_BUDGET] = { 'b', "the budget ended before the interval was as narrow as asked" },
	[FLAG_CAP] = { 'c', "the cap of invocations ended it before the interval was as narrow as "
			    "asked" },
	[FLAG_DISTURBED] = { 'd', "more than 5 % of the blocks were disturbed (preempted, asleep, "
				  "migrated, "
				  "major fault, stolen time)" },
	[FLAG_FEW] = { 'f', "fewer invocations than planned have a value" },
	[FLAG_KINDS] = { 'k', "calls of several kinds: the value is a batch's, with the rare dear "
			      "ones in it; p99 is of single calls" },
	[FLAG_MODES] = { 'm', "two modes, see 'More than one level': the value stands for neither "
			      "alone" },
	[FLAG_OBSERVER] = { 'o', "timing each call costs more than 10 % of it: the batch mean is "
				 "the truer mean" },
	[FLAG_PLANNED] = { 'p',
			   "the planned rounds ended before the interval was as narrow as asked; "
			   "with --budget they go on" },
	[FLAG_SENSITIVE] = { 'n', "noise-sensitive: all samples give more than 2 % another value "
				  "than the calm ones" },
	[FLAG_UNSTEADY] = { 's', "no steady state: more than a fifth of its invocations were not "
				 "level in time" },
};

struct report {
	const struct mp_side_run *run;
	const struct mp_show *show;
	struct mp_doc doc;
	const struct mp_case_row **rows; /* after the filter, in name order */
	size_t n_rows;
	bool used[FLAG_COUNT], quantised, batch_only, few_invocations;
	bool failed; /* memory ran out */
};

static const struct mp_estimate *p50_of(const struct mp_case_row *row, enum mp_population p)
{
	switch (row->mode) {
	case MP_MODE_CALL:
		return &row->call_p50[p];
	case MP_MODE_BATCH:
		return &row->batch_p50[p];
	case MP_MODE_RATE:
		return &row->rate_mean[p];
	}
	return &row->value;
}

static double known(const struct mp_estimate *e)
{
	return e->n ? e->value : NAN;
}

static bool calls_shown(const struct mp_case_row *row)
{
	return row->resolution != MP_RESOLUTION_BATCH_ONLY &&
	       (row->call_p50[0].n || row->call_p50[1].n);
}

static void row_flags(const struct report *r, const struct mp_case_row *row, bool set[FLAG_COUNT])
{
	double all = known(p50_of(row, MP_POPULATION_ALL));
	double calm = known(p50_of(row, MP_POPULATION_CALM));
	const struct mp_spread *spread = &r->run->spreads[row - r->run->cases];

	memset(set, 0, FLAG_COUNT * sizeof(set[0]));
	if (!row->has_value)
		return;
	/* Of rate it always is. */
	set[FLAG_ALL] = row->population == MP_POPULATION_ALL && isfinite(row->calm_share) &&
			row->mode != MP_MODE_RATE;
	set[FLAG_BUDGET] = row->why_stopped && !strcmp(row->why_stopped, "budget");
	set[FLAG_CAP] = row->why_stopped && !strcmp(row->why_stopped, "cap");
	set[FLAG_PLANNED] = row->why_stopped && !strcmp(row->why_stopped, "planned");
	set[FLAG_DISTURBED] = row->flagged_blocks > 0.05 * row->blocks;
	set[FLAG_FEW] = row->value.n < row->planned && !set[FLAG_BUDGET] &&
			!(row->why_stopped && !strcmp(row->why_stopped, "target"));
	set[FLAG_OBSERVER] =
		(row->mode == MP_MODE_CALL || row->resolution != MP_RESOLUTION_BATCH_ONLY) &&
		mp_timing_costs(row->value.value, row->observer_effect, r->run->row.clock_pair_ns);
	set[FLAG_KINDS] = row->mode == MP_MODE_BATCH && row->resolution == MP_RESOLUTION_PER_CALL;
	set[FLAG_MODES] = mp_spread_two_modes(spread);
	set[FLAG_UNSTEADY] = mp_steady_missing(&spread->steady);
	set[FLAG_SENSITIVE] = isfinite(all) && isfinite(calm) && fabs(all / calm - 1) > 0.02;
}

static void add_row(struct report *r, struct mp_table *table, const struct mp_case_row *row,
		    const char *common, bool wide)
{
	bool calls = calls_shown(row), set[FLAG_COUNT];
	struct mp_str text = MP_STR_INIT, mode = MP_STR_INIT;
	char letters[FLAG_COUNT + 1], calm[MP_UNITS_LEN];
	size_t n = 0;

	mp_show_own_axes(row, common, &text);
	if (row->has_value) {
		bool quantised = calls && row->resolution == MP_RESOLUTION_QUANTISED;

		mp_str_printf(&mode, "%s%s", mp_mode_name(row->mode), quantised ? " ~" : "");
		r->quantised = r->quantised || quantised;
		r->batch_only = r->batch_only || (!calls && row->mode == MP_MODE_BATCH);
		r->few_invocations = r->few_invocations || row->value.n < 6;
	}
	row_flags(r, row, set);
	for (size_t i = 0; i < FLAG_COUNT; i++) {
		if (set[i])
			letters[n++] = flags[i].letter;
		r->used[i] = r->used[i] || set[i];
	}
	letters[n] = '\0';
	mp_table_str(table, &text);
	mp_table_number(table, row->has_value ? row->value.value : NAN);
	mp_table_number(table, row->has_value ? mp_estimate_half_width(&row->value) : NAN);
	mp_table_integer(table, row->has_value ? (int64_t)row->value.n : 0);
	mp_table_text(table, row->has_value ? mode.text : NULL);
	snprintf(calm, sizeof(calm), "%.0f %%", row->calm_share * 100);
	mp_table_text(table, isfinite(row->calm_share) ? calm : NULL);
	if (wide)
		mp_table_number(table,
				row->has_value ? known(p50_of(row, MP_POPULATION_ALL)) : NAN);
	mp_table_number(table, calls ? known(&row->call_p99[row->population]) : NAN);
	mp_table_number(table, known(&row->batch_mean[row->population]));
	mp_table_text(table, letters);
	r->failed = r->failed || text.failed || mode.failed;
	mp_str_done(&text);
	mp_str_done(&mode);
}

/* "mmap.anon/threads=1: maps anonymous memory; per call" */
static void add_bench(struct report *r, struct mp_table *table,
		      const struct mp_case_row *const *rows, size_t count, const char *common)
{
	struct mp_str text = MP_STR_INIT;
	const struct mp_case_row *row = rows[0];

	mp_str_printf(&text, "%s%s%s", row->bench, *common ? "/" : "", common);
	if (row->summary && *row->summary)
		mp_str_printf(&text, ": %s", row->summary);
	if (row->unit && *row->unit)
		mp_str_printf(&text, "; per %s", row->unit);
	if (r->show->all && row->timed && *row->timed)
		mp_str_printf(&text, "; timed: %s", row->timed);
	if (count && table)
		mp_table_section(table, text.text);
	r->failed = r->failed || text.failed;
	mp_str_done(&text);
}

static void show_family(struct report *r, const struct mp_case_row *const *rows, size_t count)
{
	static const struct mp_column columns[] = {
		{ .key = "case", .title = "case" },
		{ .key = "value", .title = "value", .kind = MP_COLUMN_DURATION },
		{ .key = "half_width", .title = "+-", .kind = MP_COLUMN_PERCENT },
		{ .key = "n", .title = "n", .kind = MP_COLUMN_INTEGER },
		{ .key = "mode", .title = "mode" },
		{ .key = "calm", .title = "calm", .right = true },
		{ .key = "all", .title = "all", .kind = MP_COLUMN_DURATION },
		{ .key = "p99", .title = "p99", .kind = MP_COLUMN_DURATION },
		{ .key = "mean", .title = "batch mean", .kind = MP_COLUMN_DURATION },
		{ .key = "flags", .title = "flags" },
	};
	bool wide = !r->doc.wide || r->doc.wide >= MP_SHOW_WIDE;
	struct mp_column shown[10];
	struct mp_table *table;
	size_t n = 0, end;

	for (size_t i = 0; i < 10; i++) {
		if (wide || strcmp(columns[i].key, "all"))
			shown[n++] = columns[i];
	}
	table = mp_table_new(shown, n);
	for (size_t i = 0; i < count; i = end) {
		struct mp_str common = MP_STR_INIT;

		for (end = i + 1; end < count && !strcmp(rows[end]->bench, rows[i]->bench); end++)
			;
		mp_show_common_axes(rows + i, end - i, &common);
		add_bench(r, table, rows + i, end - i, common.text);
		for (size_t k = i; k < end; k++)
			add_row(r, table, rows[k], common.text, wide);
		r->failed = r->failed || common.failed;
		mp_str_done(&common);
	}
	mp_doc_heading(&r->doc, "%s", rows[0]->family);
	mp_doc_table(&r->doc, table);
	r->failed = r->failed || mp_table_failed(table);
	mp_table_free(table);
}

/* The ok cases of every family, the floors before all others. */
static void show_families(struct report *r)
{
	const struct mp_case_row **rows = calloc(r->n_rows + 1, sizeof(struct mp_case_row *));
	bool floors = true;

	if (!rows) {
		r->failed = true;
		return;
	}
	for (int pass = 0; pass < 2; pass++, floors = false) {
		for (size_t i = 0, end; i < r->n_rows; i = end) {
			const char *family = r->rows[i]->family;
			size_t n = 0;

			for (end = i; end < r->n_rows && !strcmp(r->rows[end]->family, family);
			     end++) {
				if (r->rows[end]->outcome == MP_OUTCOME_OK)
					rows[n++] = r->rows[end];
			}
			if (n && !strcmp(family, "floor") == floors)
				show_family(r, rows, n);
		}
	}
	free(rows);
}

static void show_legend(struct report *r)
{
	bool wide = !r->doc.wide || r->doc.wide >= MP_SHOW_WIDE;
	char step[MP_UNITS_LEN];

	mp_doc_heading(&r->doc, "How to read it");
	mp_doc_field(&r->doc, "value",
		     "time of one operation: median over invocations of each one's median, of calm "
		     "samples (core at full speed) where there are enough");
	mp_doc_field(&r->doc, "+-", "half of the value's 95 %% interval%s, over n invocations",
		     r->few_invocations ? " (below 6 invocations their range, widened for drift: "
					  "94 % at 5, 88 % at 4, 75 % at 3, 50 % at 2)"
					: "");
	mp_doc_field(&r->doc, "calm", "share of calm samples");
	if (wide)
		mp_doc_field(&r->doc, "all", "the value over all samples, calm or not");
	mp_doc_field(&r->doc, "p99", "of single calls, by a clock that advances in steps of %s",
		     mp_duration_format(r->run->row.clock_step_ns, step));
	mp_doc_field(&r->doc, "batch mean", "many calls between two clock reads: unbiased");
	if (r->batch_only)
		mp_doc_field(
			&r->doc, "batch",
			"single calls are too short for this clock: the value is the median of "
			"batch means, and quantiles are not shown");
	if (r->quantised)
		mp_doc_field(&r->doc, "~", "quantised: p99 is known to +- one of them (%s)", step);
	for (size_t i = 0; i < FLAG_COUNT; i++) {
		char letter[] = { flags[i].letter, '\0' };

		if (r->used[i])
			mp_doc_field(&r->doc, letter, "%s", flags[i].meaning);
	}
	if (!wide)
		mp_doc_line(&r->doc,
			    "left out at this width: the column 'all'; %d columns (COLUMNS=%d) or "
			    "--format csv show it",
			    MP_SHOW_WIDE, MP_SHOW_WIDE);
}

static void show_machine(struct report *r)
{
	const struct mp_side_fact *release = mp_side_fact(r->run, "kernel", "release");
	const struct mp_side_fact *model = mp_side_fact(r->run, "cpu", "model");
	const struct mp_side_fact *guest = mp_side_fact(r->run, "clock", "hypervisor");
	const struct mp_side_fact *noisy = mp_side_fact(r->run, "doctor", "noisy");
	const char *page = mp_side_page_size(r->run);

	mp_doc_field(&r->doc, "kernel", "%s, base page %s",
		     release && release->value ? release->value : "unknown",
		     page ? page : "unknown");
	mp_doc_field(&r->doc, "cpu", "%s; hypervisor: %s",
		     model && model->value ? model->value : "unknown",
		     guest && guest->value ? guest->value : "unknown");
	if (noisy)
		mp_doc_field(&r->doc, "noisy", "%s",
			     mp_side_noisy(r->run) ? mp_side_noisy(r->run)
			     : noisy->value	   ? noisy->value
						   : "unknown");
}

static void show_header(struct report *r, const char *name)
{
	const struct mp_run_row *row = &r->run->row;
	char when[64], took[MP_UNITS_LEN], step[MP_UNITS_LEN], pair[MP_UNITS_LEN];
	struct mp_str outcomes = MP_STR_INIT;

	mp_show_when(row->started_ns, when);
	mp_doc_title(&r->doc, "run #%lld on %s, %s", (long long)row->id, mp_show_text(row->host),
		     mp_show_text(row->status));
	mp_doc_field(&r->doc, "file", "%s", name);
	if (r->show->matches > 1)
		mp_doc_field(&r->doc, "note", "%zu runs match; this is the newest",
			     r->show->matches);
	if (r->run->sabotage)
		mp_doc_field(&r->doc, "note", "made with a planted fault (%s): not a measurement",
			     r->run->sabotage);
	if (row->ended_ns)
		mp_doc_field(&r->doc, "when", "%s, took %s", when,
			     mp_period_format(mp_run_row_took_ns(row) / 1e9, took));
	else
		mp_doc_field(&r->doc, "when", "%s, did not end", when);
	show_machine(r);
	mp_doc_field(&r->doc, "clock", "%s; step %s, empty pair %s", mp_show_text(row->clock),
		     mp_duration_format(row->clock_step_ns, step),
		     mp_duration_format(row->clock_pair_ns, pair));
	if (fabs(row->clock_drift_ppm) > DRIFT_PPM)
		mp_doc_field(&r->doc, "note",
			     "the clock drifted by %.0f ppm while it ran: times of its end are "
			     "wrong by that",
			     row->clock_drift_ppm);
	mp_doc_field(&r->doc, "suite", "%s%s%s; seed %llu", mp_show_text(row->suite),
		     row->label ? "; label " : "", row->label ? row->label : "",
		     (unsigned long long)row->seed);
	mp_doc_field(&r->doc, "memperf", "%s%s%s", mp_show_text(row->version),
		     row->commit && *row->commit ? ", commit " : "",
		     row->commit ? row->commit : "");
	mp_show_outcomes(row, &outcomes);
	mp_doc_field(&r->doc, "cases", "%s; %u invocations", outcomes.text, row->invocations);
	r->failed = !mp_show_calm(&r->doc, r->rows, r->n_rows) || r->failed || outcomes.failed;
	mp_str_done(&outcomes);
}

static void show_not_ok(struct report *r)
{
	struct mp_reason *reasons = calloc(r->n_rows + 1, sizeof(*reasons));
	size_t n = 0, hidden;

	if (!reasons) {
		r->failed = true;
		return;
	}
	for (size_t i = 0; i < r->n_rows; i++) {
		const struct mp_case_row *row = r->rows[i];

		if (row->outcome == MP_OUTCOME_OK)
			continue;
		reasons[n++] = (struct mp_reason){
			.word = row->outcome == MP_OUTCOME_TIMED_OUT
					? "timed out"
					: mp_outcome_name(row->outcome),
			.text = row->text,
			.reason = row->reason,
			.value = row->has_value ? row->value.value : NAN,
			.alone = row->has_value,
		};
	}
	if (n) {
		mp_doc_heading(&r->doc, "Not ok: %zu", n);
		r->failed =
			!mp_show_reasons(&r->doc, reasons, n, r->show->all, &hidden) || r->failed;
		if (hidden)
			mp_doc_line(&r->doc,
				    "%zu cases with the same reason are counted, not named; --all "
				    "names them",
				    hidden);
	}
	free(reasons);
}

static void show_facts(struct report *r)
{
	static const struct mp_column columns[] = {
		{ .key = "group", .title = "group" },
		{ .key = "key", .title = "fact" },
		{ .key = "value", .title = "value" },
		{ .key = "origin", .title = "read from" },
	};
	struct mp_table *table;

	mp_doc_heading(&r->doc, "Machine");
	if (!r->show->all && !mp_doc_is_page(&r->doc)) {
		mp_doc_line(&r->doc,
			    "%zu facts of the machine are stored with the run; --all shows them",
			    r->run->n_facts);
		return;
	}
	table = mp_table_new(columns, 4);
	for (size_t i = 0; i < r->run->n_facts; i++) {
		const struct mp_side_fact *fact = &r->run->facts[i];

		mp_table_text(table, fact->group);
		mp_table_text(table, fact->key);
		mp_table_text(table, fact->value);
		mp_table_text(table, fact->origin);
	}
	if (mp_doc_is_page(&r->doc))
		mp_doc_fold(&r->doc, NULL, false, "%zu facts", r->run->n_facts);
	mp_doc_table(&r->doc, table);
	if (mp_doc_is_page(&r->doc))
		mp_doc_unfold(&r->doc);
	r->failed = r->failed || mp_table_failed(table);
	mp_table_free(table);
}

static void show_totals(struct report *r)
{
	size_t ok = 0, total = r->run->n_cases;

	for (size_t i = 0; i < r->n_rows; i++)
		ok += r->rows[i]->outcome == MP_OUTCOME_OK;
	mp_doc_gap(&r->doc);
	if (r->n_rows < total)
		mp_doc_line(&r->doc, "%zu of %zu cases are left out by --filter", total - r->n_rows,
			    total);
	mp_doc_line(&r->doc, "%zu of %zu cases shown are ok", ok, r->n_rows);
}

int mp_show_run(const struct mp_side *side, const struct mp_show *show, struct mp_str *out)
{
	struct report r = {
		.run = &side->runs[0],
		.show = show,
		.doc = { .format = show->format, .wide = show->wide, .out = out },
	};

	if (!show->format->prose)
		return mp_show_run_data(side, show, out);
	if (show->format != &mp_format_text)
		r.doc.wide = 0;
	r.rows = calloc(r.run->n_cases + 1, sizeof(struct mp_case_row *));
	if (!r.rows)
		return -ENOMEM;
	for (size_t i = 0; i < r.run->n_cases; i++) {
		if (!show->filter || mp_filter_match(show->filter, r.run->cases[i].text))
			r.rows[r.n_rows++] = &r.run->cases[i];
	}
	show_header(&r, side->name);
	show_families(&r);
	r.failed = !mp_show_beside(&r.doc, r.rows, r.n_rows) || r.failed;
	r.failed = !mp_show_spread(&r.doc, r.run, r.rows, r.n_rows, show->all) || r.failed;
	show_not_ok(&r);
	if (mp_doc_is_page(&r.doc))
		mp_show_run_charts(&r.doc, side, r.rows, r.n_rows);
	show_facts(&r);
	show_legend(&r);
	show_totals(&r);
	mp_doc_end(&r.doc);
	free(r.rows);
	return r.failed || out->failed ? -ENOMEM : 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How the cases of a run scatter: two modes, no steady state, and how much comes from blocks and from invocations. */
#include "report/format/show_internal.h"

#include <math.h>

static void modes_line(const struct mp_bimodal *b, const char *of, struct mp_str *out)
{
	char low[MP_UNITS_LEN], high[MP_UNITS_LEN];

	if (!b->two)
		return;
	mp_str_printf(out, "%stwo modes of %s: %.0f %% near %s, %.0f %% near %s",
		      out->len ? "; " : "", of, 100 * b->low.share,
		      mp_duration_format(b->low.value, low), 100 * b->high.share,
		      mp_duration_format(b->high.value, high));
}

static void steady_line(const struct mp_steady_counts *counts, struct mp_str *out)
{
	char words[160];

	if (!mp_steady_missing(counts))
		return;
	mp_steady_words(counts, words, sizeof(words));
	mp_str_printf(out, "%sno steady state: %s", out->len ? "; " : "", words);
}

void mp_spread_words(const struct mp_spread *s, struct mp_str *out)
{
	modes_line(&s->invocations, "invocations", out);
	modes_line(&s->calls, "single calls", out);
	steady_line(&s->steady, out);
}

bool mp_spread_two_modes(const struct mp_spread *s)
{
	return s->invocations.two || s->calls.two;
}

static bool show_levels(const struct mp_doc *doc, const struct mp_side_run *run,
			const struct mp_case_row *const *rows, size_t n)
{
	static const struct mp_column columns[] = {
		{ .key = "case", .title = "case" },
		{ .key = "what", .title = "what" },
	};
	struct mp_table *table = mp_table_new(columns, 2);
	bool fine;

	for (size_t i = 0; i < n; i++) {
		const struct mp_spread *s = &run->spreads[rows[i] - run->cases];
		struct mp_str what = MP_STR_INIT;

		mp_spread_words(s, &what);
		if (what.len) {
			mp_table_text(table, rows[i]->text);
			mp_table_str(table, &what);
		}
		mp_str_done(&what);
	}
	if (mp_table_rows(table)) {
		mp_doc_heading(doc, "More than one level: %zu", mp_table_rows(table));
		mp_doc_table(doc, table);
	}
	fine = !mp_table_failed(table);
	mp_table_free(table);
	return fine;
}

void mp_show_worth(struct mp_table *table, const struct mp_spread *s)
{
	double worth = mp_spread_worth(s);

	if (isfinite(worth))
		mp_table_integer(table, (int64_t)worth);
	else
		mp_table_unknown(table);
}

static bool show_sources(const struct mp_doc *doc, const struct mp_side_run *run,
			 const struct mp_case_row *const *rows, size_t n)
{
	static const struct mp_column columns[] = {
		{ .key = "case", .title = "case" },
		{ .key = "within", .title = "within", .kind = MP_COLUMN_PERCENT },
		{ .key = "between", .title = "between", .kind = MP_COLUMN_PERCENT },
		{ .key = "icc", .title = "icc", .kind = MP_COLUMN_NUMBER },
		{ .key = "blocks", .title = "blocks", .kind = MP_COLUMN_NUMBER },
		{ .key = "worth", .title = "worth", .kind = MP_COLUMN_INTEGER },
	};
	struct mp_table *table = mp_table_new(columns, 6);
	bool fine;

	for (size_t i = 0; i < n; i++) {
		const struct mp_spread *s = &run->spreads[rows[i] - run->cases];

		if (!s->variance.n)
			continue;
		mp_table_text(table, rows[i]->text);
		mp_table_number(table, sqrt(s->variance.within));
		mp_table_number(table, sqrt(s->variance.between));
		mp_table_number(table, s->variance.icc);
		mp_table_number(table, s->variance.blocks);
		mp_show_worth(table, s);
	}
	if (mp_table_rows(table)) {
		mp_doc_heading(doc, "Where the scatter comes from");
		mp_doc_table(doc, table);
		mp_doc_line(doc,
			    "within: standard deviation of the blocks of an invocation; between: "
			    "what invocations differ by beyond that; icc: share of it between; "
			    "worth: blocks that an invocation should have for the shortest run "
			    "(Kalibera and Jones 2013), '-' where invocations do not differ");
	}
	fine = !mp_table_failed(table);
	mp_table_free(table);
	return fine;
}

bool mp_show_spread(const struct mp_doc *doc, const struct mp_side_run *run,
		    const struct mp_case_row *const *rows, size_t n, bool all)
{
	bool fine = show_levels(doc, run, rows, n);

	return (!all || show_sources(doc, run, rows, n)) && fine;
}

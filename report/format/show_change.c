/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a change is spelt for people, and the tables of tails and shapes that changed. */
#include "report/format/show.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/format/show_internal.h"

void mp_show_change(double ratio, char buf[MP_UNITS_LEN])
{
	double percent = (ratio - 1) * 100;

	if (!isfinite(ratio))
		strcpy(buf, "-");
	else if (ratio >= 10)
		snprintf(buf, MP_UNITS_LEN, "x%.4g", ratio);
	else
		snprintf(buf, MP_UNITS_LEN, "%+.*f %%", fabs(percent) < 0.995 ? 2 : 1,
			 mp_shown(percent, 2));
}

void mp_show_interval(const struct mp_change *change, char buf[2 * MP_UNITS_LEN])
{
	double low = (change->low - 1) * 100, high = (change->high - 1) * 100;
	int decimals = fabs(low) < 0.995 && fabs(high) < 0.995 ? 2 : 1;

	if (!change->tested)
		strcpy(buf, "-");
	else if (change->high >= 10)
		snprintf(buf, 2 * MP_UNITS_LEN, "x%.3g .. x%.3g", change->low, change->high);
	else
		snprintf(buf, 2 * MP_UNITS_LEN, "%+.*f .. %+.*f %%", decimals,
			 mp_shown(low, decimals), decimals, mp_shown(high, decimals));
}

void mp_show_threshold(const struct mp_change *change, struct mp_str *out)
{
	bool known = isfinite(change->floor.value);

	if (!change->tested)
		mp_str_add(out, "-");
	else if (change->threshold > change->wanted && known)
		mp_str_printf(out, "%.2g %% (floor of %zu runs)", change->threshold * 100,
			      change->floor.runs);
	else if (change->threshold > change->wanted)
		mp_str_printf(out, "%.2g %% (assumed floor)", change->threshold * 100);
	else
		mp_str_printf(out, "%.2g %% (policy)", change->threshold * 100);
}

void mp_show_value(enum mp_unit unit, double value, char buf[2 * MP_UNITS_LEN])
{
	char number[MP_UNITS_LEN];

	mp_column_format(unit == MP_UNIT_NS ? MP_COLUMN_DURATION : MP_COLUMN_NUMBER, value, number);
	snprintf(buf, 2 * (size_t)MP_UNITS_LEN, "%s%s", number,
		 !isfinite(value) || unit == MP_UNIT_NS ? ""
		 : unit == MP_UNIT_CYCLES		? " cycles"
		 : unit == MP_UNIT_NULL			? " null calls"
		 : unit == MP_UNIT_BYTES		? " GB/s"
							: " bytes/cycle");
}

const struct mp_change *mp_show_strongest(const struct mp_beside *beside)
{
	const struct mp_change *best = NULL;

	for (size_t i = 0; i < beside->n_changes; i++) {
		const struct mp_change *change = &beside->changes[i];

		if (change->tested && (!best || change->adjusted < best->adjusted))
			best = change;
	}
	return best;
}

static void add_aside(struct mp_table *table, const struct mp_pair *pair,
		      const struct mp_change *change, const char *word)
{
	char change_text[MP_UNITS_LEN], interval[2 * MP_UNITS_LEN], p[MP_UNITS_LEN];

	mp_show_change(change->ratio, change_text);
	mp_show_interval(change, interval);
	snprintf(p, sizeof(p), "%.2g", change->adjusted);
	mp_table_text(table, pair->text);
	mp_table_text(table, word);
	mp_table_text(table, change->metric);
	mp_table_text(table, change_text);
	mp_table_text(table, interval);
	mp_table_text(table, mp_verdict_name(pair->verdict));
	mp_table_text(table, p);
}

/* Is the aspect one that a reader must see? */
static bool changed(const struct mp_beside *beside)
{
	return beside->verdict == MP_ASIDE_SLOWER || beside->verdict == MP_ASIDE_FASTER ||
	       beside->verdict == MP_ASIDE_CHANGED;
}

bool mp_show_asides(const struct mp_doc *doc, const struct mp_comparison *c)
{
	static const struct mp_column columns[] = {
		{ .key = "case", .title = "case" },
		{ .key = "what", .title = "what" },
		{ .key = "metric", .title = "at" },
		{ .key = "change", .title = "change", .right = true },
		{ .key = "interval", .title = "interval", .right = true },
		{ .key = "location", .title = "location" },
		{ .key = "p", .title = "p adj", .right = true },
	};
	struct mp_table *table = mp_table_new(columns, sizeof(columns) / sizeof(columns[0]));
	bool fine;

	for (size_t i = 0; i < c->n_pairs; i++) {
		const struct mp_pair *pair = &c->pairs[i];
		char word[32];

		snprintf(word, sizeof(word), "tail %s", mp_aside_name(pair->tail.verdict));
		if (changed(&pair->tail))
			add_aside(table, pair, mp_show_strongest(&pair->tail), word);
		if (changed(&pair->shape))
			add_aside(table, pair, mp_show_strongest(&pair->shape), "shape");
	}
	if (mp_table_rows(table)) {
		mp_doc_heading(doc, "Tails and shapes of single calls that changed");
		mp_doc_table(doc, table);
	}
	fine = !mp_table_failed(table);
	mp_table_free(table);
	return fine;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How calm a run was: over all of its cases, and by kind of core where they ran on several. */
#include "report/format/show_internal.h"

#include <math.h>
#include <string.h>

#include "common/cleanup.h"

static bool counts(const struct mp_case_row *row)
{
	return row->has_value && isfinite(row->calm_share);
}

/* Of the cases on that kind of core; NULL: of all. */
static double mean_share(const struct mp_case_row *const *rows, size_t n, const char *kind,
			 size_t *ret_n)
{
	double sum = 0;

	*ret_n = 0;
	for (size_t i = 0; i < n; i++)
		if (counts(rows[i]) && (!kind || !strcmp(rows[i]->kind, kind))) {
			sum += rows[i]->calm_share;
			++*ret_n;
		}
	return sum / (double)*ret_n;
}

static bool first_of_kind(const struct mp_case_row *const *rows, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (counts(rows[i]) && !strcmp(rows[i]->kind, rows[at]->kind))
			return false;
	return counts(rows[at]) && *rows[at]->kind;
}

/* "e 48 % of 3 cases, p 70 % of 12 cases" */
static void by_kind(const struct mp_case_row *const *rows, size_t n, struct mp_str *out)
{
	for (size_t i = 0; i < n; i++) {
		double share;
		size_t cases;

		if (!first_of_kind(rows, i))
			continue;
		share = mean_share(rows, n, rows[i]->kind, &cases);
		mp_str_printf(out, "%s%s %.0f %% of %zu case%s", out->len ? ", " : "",
			      rows[i]->kind, share * 100, cases, cases == 1 ? "" : "s");
	}
}

bool mp_show_calm(const struct mp_doc *doc, const struct mp_case_row *const *rows, size_t n)
{
	MP_CLEANUP(mp_str_done) struct mp_str kinds = MP_STR_INIT;
	const struct mp_case_row *least = NULL;
	double share;
	size_t cases;

	for (size_t i = 0; i < n; i++)
		if (counts(rows[i]) && (!least || rows[i]->calm_share < least->calm_share))
			least = rows[i];
	share = mean_share(rows, n, NULL, &cases);
	if (least)
		mp_doc_field(doc, "calm",
			     "%.0f %% of the samples, mean of %zu cases; least %.0f %% in %s",
			     share * 100, cases, least->calm_share * 100, least->text);
	else
		mp_doc_field(doc, "calm", "unknown: no case has calm samples");
	by_kind(rows, n, &kinds);
	if (kinds.len)
		mp_doc_field(doc, "cores", "calm by kind of core: %s; each by its own full speed",
			     kinds.text);
	return !kinds.failed;
}

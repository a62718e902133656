/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The last words of a run: see run_summary.h. */
#include "cli/run_summary.h"

#include "cli/cmd.h"
#include "common/cleanup.h"
#include "common/str.h"
#include "common/units.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

static void add_not_ok(struct mp_str *out, const struct mp_case_row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (rows[i].outcome != MP_OUTCOME_OK)
			mp_str_printf(out, "  %s: %s%s%s\n", rows[i].text,
				      mp_outcome_name(rows[i].outcome),
				      rows[i].reason && *rows[i].reason ? ": " : "",
				      rows[i].reason ? rows[i].reason : "");
}

/* How many cases reached the interval that was asked for, and how calm the machine was. */
static void add_quality(struct mp_str *out, const struct mp_case_row *rows, size_t count)
{
	size_t measured = 0, narrow = 0, calm = 0;
	double share = 0;

	for (size_t i = 0; i < count; i++) {
		if (!rows[i].has_value)
			continue;
		measured++;
		narrow += mp_estimate_half_width(&rows[i].value) <= 0.03;
		if (!isnan(rows[i].calm_share)) {
			share += rows[i].calm_share;
			calm++;
		}
	}
	if (measured)
		mp_str_printf(out, "%zu of %zu values are known to 3 %% or better", narrow,
			      measured);
	if (calm)
		mp_str_printf(out, "; the core ran at full speed for %.0f %% of the samples",
			      share / (double)calm * 100);
	if (measured || calm)
		mp_str_add(out, "\n");
}

int mp_run_summary(struct mp_store *store, int64_t run, const char *db, struct mp_err *err)
{
	MP_CLEANUP(mp_str_done) struct mp_str out = MP_STR_INIT;
	struct mp_case_row *rows = NULL;
	struct mp_run_row row;
	char took[MP_UNITS_LEN];
	size_t count = 0;
	int ret = mp_store_run_get(store, run, &row, err);

	if (ret)
		return ret;
	ret = mp_store_cases(store, run, &rows, &count, err);
	if (ret) {
		mp_run_row_done(&row);
		return ret;
	}
	mp_period_format(mp_run_row_took_ns(&row) / 1e9, took);
	mp_str_printf(&out, "run #%lld %s after %s: %u cases, %u ok", (long long)row.id, row.status,
		      took, row.cases, row.ok);
	if (row.invalid)
		mp_str_printf(&out, ", %u invalid", row.invalid);
	if (row.failed)
		mp_str_printf(&out, ", %u failed", row.failed);
	if (row.timed_out)
		mp_str_printf(&out, ", %u timed out", row.timed_out);
	if (row.skipped)
		mp_str_printf(&out, ", %u skipped", row.skipped);
	mp_str_add(&out, "\n");
	add_not_ok(&out, rows, count);
	add_quality(&out, rows, count);
	mp_str_printf(&out, "next: memperf report %s\n", db);
	mp_case_rows_free(rows, count);
	mp_run_row_done(&row);
	if (out.failed)
		return mp_err_env(err, -ENOMEM, "out of memory");
	return mp_print(out.text) ? mp_err_env(err, -EIO, "cannot write to standard output") : 0;
}

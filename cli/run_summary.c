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
#include <string.h>

/* What the cases come to: how many reached the interval that was asked for, and how calm the machine was. */
struct cases {
	struct mp_str not_ok;
	struct mp_str why; /* outcome and reason of the last of them */
	size_t alike; /* more in a row that have no value for the same reason */
	size_t measured, narrow, calm;
	double share;
};

static void end_alike(struct cases *c)
{
	if (c->alike)
		mp_str_printf(&c->not_ok,
			      "  and %zu more for the same reason, which 'report --all' names\n",
			      c->alike);
	c->alike = 0;
}

static void add_not_ok(struct cases *c, const struct mp_case_row *row)
{
	MP_CLEANUP(mp_str_done) struct mp_str why = MP_STR_INIT;

	mp_str_printf(&why, "%s%s%s", mp_outcome_name(row->outcome), *row->reason ? ": " : "",
		      row->reason);
	c->not_ok.failed = c->not_ok.failed || why.failed;
	if (why.failed)
		return;
	if (!row->has_value && c->why.len && !strcmp(c->why.text, why.text)) {
		c->alike++;
		return;
	}
	end_alike(c);
	mp_str_printf(&c->not_ok, "  %s: %s\n", row->text, why.text);
	mp_str_clear(&c->why);
	mp_str_add(&c->why, why.text);
}

static int add_case(void *user, struct mp_case_row *row)
{
	struct cases *c = user;

	if (row->outcome != MP_OUTCOME_OK)
		add_not_ok(c, row);
	if (!row->has_value)
		return 0;
	c->measured++;
	c->narrow += mp_estimate_half_width(&row->value) <= 0.03;
	if (!isnan(row->calm_share)) {
		c->share += row->calm_share;
		c->calm++;
	}
	return 0;
}

static void add_quality(struct mp_str *out, const struct cases *c)
{
	if (c->measured)
		mp_str_printf(out, "%zu of %zu values are known to 3 %% or better", c->narrow,
			      c->measured);
	if (c->calm)
		mp_str_printf(out, "; the core ran at full speed for %.0f %% of the samples",
			      c->share / (double)c->calm * 100);
	if (c->measured || c->calm)
		mp_str_add(out, "\n");
}

int mp_run_summary(struct mp_store *store, int64_t run, const char *db, struct mp_err *err)
{
	MP_CLEANUP(mp_str_done) struct mp_str out = MP_STR_INIT;
	struct cases cases = { .not_ok = MP_STR_INIT, .why = MP_STR_INIT };
	struct mp_run_row row;
	char took[MP_UNITS_LEN];
	int ret = mp_store_run_get(store, run, &row, err);

	if (ret)
		return ret;
	ret = mp_store_each_case(store, run, add_case, &cases, err);
	end_alike(&cases);
	mp_str_done(&cases.why);
	if (ret) {
		mp_str_done(&cases.not_ok);
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
	if (cases.not_ok.len)
		mp_str_add(&out, cases.not_ok.text);
	add_quality(&out, &cases);
	mp_str_printf(&out, "next: memperf report %s\n", db);
	mp_run_row_done(&row);
	out.failed = out.failed || cases.not_ok.failed;
	mp_str_done(&cases.not_ok);
	if (out.failed)
		return mp_err_env(err, -ENOMEM, "out of memory");
	return mp_print_str(&out) ? mp_err_env(err, -EIO, "cannot write to standard output") : 0;
}

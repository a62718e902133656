/* SPDX-License-Identifier: GPL-3.0-or-later */
/* memperf counters --calibrate: known traffic beside what was counted. */
#include "cli/counters.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <unistd.h>

#include "report/format/table.h"
#include "runner/counters/calibrate.h"
#include "runner/counters/identity.h"

static const struct mp_column columns[] = {
	{ .key = "load", .title = "load" },
	{ .key = "moved_bytes", .title = "moved", .kind = MP_COLUMN_NUMBER },
	{ .key = "seconds", .title = "seconds", .kind = MP_COLUMN_NUMBER },
	{ .key = "metric", .title = "metric" },
	{ .key = "source", .title = "source" },
	{ .key = "expected_bytes", .title = "expected", .kind = MP_COLUMN_NUMBER },
	{ .key = "counted_bytes", .title = "counted", .kind = MP_COLUMN_NUMBER },
	{ .key = "idle_bytes", .title = "idle", .kind = MP_COLUMN_NUMBER },
	{ .key = "ratio", .title = "counted/expected", .kind = MP_COLUMN_NUMBER },
	{ .key = "remark", .title = "remark" },
};

static void add(void *user, const struct mp_calibration *c)
{
	struct mp_table *table = user;

	for (size_t i = 0; i < c->n; i++) {
		const struct mp_counter_value *value = &c->metrics[i].value;
		const struct mp_counter_value *idle = &c->metrics[i].idle;
		const double want = c->metrics[i].expected;

		mp_table_text(table, c->load);
		mp_table_number(table, c->bytes);
		mp_table_number(table, c->seconds);
		mp_table_text(table, c->metrics[i].metric->id);
		mp_table_text(table, c->metrics[i].source->name);
		mp_table_number(table, want);
		mp_table_number(table, value->value);
		mp_table_number(table, idle->value);
		/* What is there without the load is not the load's. */
		mp_table_number(table, want > 0 ? (value->value - idle->value) / want : NAN);
		mp_table_text(table, *value->reason ? value->reason : NULL);
	}
}

/* Everything but the printing. */
static int fill(int cpu, struct mp_table *table, struct mp_err *err)
{
	static const char *const ids[] = { "dram_read_bytes", "dram_write_bytes", "dram_bytes" };
	const struct mp_counter_query query = { .metrics = ids,
						.n_metrics = sizeof(ids) / sizeof(ids[0]),
						.cpus = &cpu,
						.n_cpus = 1,
						.ops = &mp_perf_kernel };
	struct mp_cpu_cache cache;
	struct mp_counters counters;
	int rc = mp_counters_resolve(&query, &counters, err);

	if (rc)
		return rc;
	mp_cpu_last_cache("/sys/devices/system/cpu", cpu, &cache);
	rc = mp_calibrate(&counters, &mp_perf_kernel, cpu, cache.size, add, table, err);
	mp_counters_done(&counters);
	return rc;
}

int mp_counters_calibrate(int cpu, bool json)
{
	struct mp_table *table = mp_table_new(columns, sizeof(columns) / sizeof(columns[0]));
	struct mp_str out = MP_STR_INIT;
	struct mp_err err;
	int rc, code;

	if (!table) {
		mp_err_internal(&err, -ENOMEM, "no memory for the table of loads");
		return mp_fail(&err);
	}
	if (isatty(STDERR_FILENO))
		fputs("streaming known bytes for a few seconds\n", stderr);
	rc = fill(cpu, table, &err);
	if (!rc)
		mp_table_render(table, json ? &mp_format_json : &mp_format_text,
				mp_terminal_width(), &out);
	if (!rc && (out.failed || mp_table_failed(table)))
		rc = mp_err_internal(&err, -ENOMEM, "no memory for the table of loads");
	code = rc ? mp_fail(&err) : mp_print_str(&out);
	mp_str_done(&out);
	mp_table_free(table);
	return code;
}

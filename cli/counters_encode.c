/* SPDX-License-Identifier: GPL-3.0-or-later */
/* memperf counters --encode: one event in perf_event_attr, by whoever understands its name. */
#include "cli/counters.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "report/format/table.h"
#include "runner/counters/encode.h"

static const struct mp_column columns[] = {
	{ .key = "event", .title = "event" },
	{ .key = "encoder", .title = "encoder" },
	{ .key = "pmu", .title = "PMU" },
	{ .key = "type", .title = "type", .kind = MP_COLUMN_INTEGER },
	{ .key = "config", .title = "config" },
	{ .key = "config1", .title = "config1" },
	{ .key = "config2", .title = "config2" },
	{ .key = "scale", .title = "scale", .kind = MP_COLUMN_NUMBER },
	{ .key = "unit", .title = "unit" },
};

static void hex(struct mp_table *table, uint64_t value)
{
	char text[32];

	snprintf(text, sizeof(text), "0x%llx", (unsigned long long)value);
	mp_table_text(table, text);
}

static void row(void *user, const char *event, const struct mp_encoded *e)
{
	struct mp_table *table = user;

	mp_table_text(table, event);
	mp_table_text(table, mp_counter_encoder_name(e->encoder));
	mp_table_text(table, e->event.pmu);
	mp_table_integer(table, e->event.type);
	hex(table, e->event.config);
	hex(table, e->event.config1);
	hex(table, e->event.config2);
	mp_table_number(table, e->scale);
	mp_table_text(table, *e->unit ? e->unit : NULL);
}

int mp_counters_encode(const struct mp_args *args, const char *event_source)
{
	struct mp_table *table = mp_table_new(columns, sizeof(columns) / sizeof(columns[0]));
	struct mp_str out = MP_STR_INIT;
	struct mp_err err;
	const char *event;
	int rc = 0, code;

	for (size_t i = 0; table && !rc && (event = mp_args_nth(args, "encode", i)); i++)
		rc = mp_encode_event(event, event_source, row, table, &err);
	if (!rc && table)
		mp_table_render(table,
				mp_args_has(args, "json") ? &mp_format_json : &mp_format_text,
				mp_terminal_width(), &out);
	if (!rc && (!table || out.failed || mp_table_failed(table)))
		rc = mp_err_internal(&err, -ENOMEM, "no memory for the table of events");
	code = rc ? mp_fail(&err) : mp_print_str(&out);
	mp_str_done(&out);
	mp_table_free(table);
	return code;
}

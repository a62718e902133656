/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON lines (jsonlines.org): a row per case as in CSV, each an object on a line of its own; unknown is null. */
#include "report/format/format.h"

#include <errno.h>
#include <jansson.h>

#include "report/format/table.h"

static void render(const struct mp_table *table, unsigned wide, struct mp_str *out)
{
	json_t *rows = mp_table_json(table), *row;
	size_t i;

	(void)wide;
	json_array_foreach(rows, i, row)
	{
		if (json_dump_callback(row, mp_str_sink, out,
				       JSON_COMPACT | JSON_REAL_PRECISION(17)))
			out->failed = true;
		mp_str_addc(out, '\n');
	}
	out->failed = out->failed || !rows;
	json_decref(rows);
}

static int data(const struct mp_data *data, struct mp_str *out)
{
	render(data->table, 0, out);
	return out->failed ? -ENOMEM : 0;
}

const struct mp_format mp_format_jsonl = {
	.name = "jsonl",
	.suffix = "jsonl",
	.table = render,
	.data = data,
};

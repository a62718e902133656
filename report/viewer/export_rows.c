/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of Results as a table in a file: see export.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "report/format/table.h"
#include "report/viewer/export.h"
#include "report/viewer/page.h"
#include "report/viewer/view_internal.h"

/* Before the counters, of which each has three. */
static const struct mp_column fixed[] = {
	{ .key = "case", .title = "case", .kind = MP_COLUMN_TEXT },
	{ .key = "verdict", .title = "verdict", .kind = MP_COLUMN_TEXT },
	{ .key = "unit", .title = "unit", .kind = MP_COLUMN_TEXT },
	{ .key = "a", .title = "A", .kind = MP_COLUMN_NUMBER },
	{ .key = "b", .title = "B", .kind = MP_COLUMN_NUMBER },
	{ .key = "ratio", .title = "B / A", .kind = MP_COLUMN_NUMBER },
	{ .key = "low", .title = "low", .kind = MP_COLUMN_NUMBER },
	{ .key = "high", .title = "high", .kind = MP_COLUMN_NUMBER },
	{ .key = "p", .title = "p", .kind = MP_COLUMN_NUMBER },
	{ .key = "threshold", .title = "threshold", .kind = MP_COLUMN_PERCENT },
	{ .key = "scatter", .title = "noise", .kind = MP_COLUMN_PERCENT },
	{ .key = "n_a", .title = "n of A", .kind = MP_COLUMN_INTEGER },
	{ .key = "n_b", .title = "n of B", .kind = MP_COLUMN_INTEGER },
	{ .key = "warnings", .title = "warnings", .kind = MP_COLUMN_TEXT },
};
#define FIXED (sizeof(fixed) / sizeof(fixed[0]))

struct wanted {
	struct mp_view *view;
	const struct mp_format *format;
	struct mp_table *table;
};

static void add_warnings(struct mp_table *table, const struct mp_row *row)
{
	MP_CLEANUP(mp_str_done) struct mp_str text = MP_STR_INIT;

	for (int i = 0; i < MP_WARN_COUNT; i++) {
		if (row->warnings & 1u << i)
			mp_str_printf(&text, "%s%s", text.len ? " " : "", mp_warning_texts[i].name);
	}
	mp_table_str(table, &text);
}

static int add_row(const struct wanted *w, size_t number)
{
	struct mp_model *m = mp_view_model(w->view);
	struct mp_counter_cells *counters = mp_view_counters(w->view);
	const struct mp_counter_cell *cells;
	struct mp_row row;
	int rc = mp_rows_get(m->rows, number, &row);

	if (rc)
		return rc;
	mp_table_text(w->table, row.text);
	mp_table_text(w->table, m->n_sides == 2 ? mp_verdict_name(row.verdict)
						: mp_outcome_name(row.outcome_a));
	mp_table_text(w->table, mp_unit_name(mp_rows_summary(m->rows)->unit));
	mp_table_number(w->table, row.a);
	mp_table_number(w->table, row.b);
	mp_table_number(w->table, row.ratio);
	mp_table_number(w->table, row.low);
	mp_table_number(w->table, row.high);
	mp_table_number(w->table, row.p);
	mp_table_number(w->table, row.threshold);
	mp_table_number(w->table, row.scatter);
	mp_table_integer(w->table, row.n_a);
	mp_table_integer(w->table, row.n_b);
	add_warnings(w->table, &row);
	cells = counters->n ? mp_counter_cells_get(counters, number) : NULL;
	for (size_t i = 0; cells && i < counters->n; i++) {
		mp_table_number(w->table, cells[i].a);
		mp_table_number(w->table, cells[i].b);
		mp_table_number(w->table, cells[i].ratio);
	}
	return counters->n && !cells ? -ENOMEM : 0;
}

/* What was counted of many rows is read together. */
static int add_rows(const struct wanted *w, const uint32_t *numbers, size_t n)
{
	struct mp_counter_cells *counters = mp_view_counters(w->view);
	int rc = 0;

	mp_counter_cells_forget(counters);
	for (size_t i = 0; counters->n && i < n; i++)
		mp_counter_cells_get(counters, numbers[i]);
	mp_counter_cells_step(counters, mp_view_model(w->view), UINT64_MAX);
	for (size_t i = 0; !rc && i < n; i++)
		rc = add_row(w, numbers[i]);
	return rc;
}

static int add_all(const struct wanted *w)
{
	const struct mp_index *x = &mp_view_model(w->view)->index;
	size_t n = x->n_marks ? 0 : x->n_listed;
	uint32_t *marked = calloc(x->n_marks + 1, sizeof(*marked));
	const uint32_t *numbers = x->n_marks ? marked : x->listed;
	int rc = marked ? 0 : -ENOMEM;

	for (size_t at = mp_index_next_mark(x, 0); marked && at != SIZE_MAX;
	     at = mp_index_next_mark(x, at + 1))
		marked[n++] = (uint32_t)at;
	for (size_t i = 0; !rc && i < n; i += MP_PAGE_ROWS)
		rc = add_rows(w, numbers + i, n - i < MP_PAGE_ROWS ? n - i : MP_PAGE_ROWS);
	free(marked);
	return rc;
}

/* "cycles (cpu_atom)" as a part of a key: "cycles_cpu_atom". */
static void key_of(const char *name, const char *which, char *buf, size_t len)
{
	size_t at = 0;

	for (; *name && at + 8 < len; name++) {
		bool word = (*name >= 'a' && *name <= 'z') || (*name >= '0' && *name <= '9');

		if (word)
			buf[at++] = *name;
		else if (at && buf[at - 1] != '_')
			buf[at++] = '_';
	}
	at -= at && buf[at - 1] == '_';
	snprintf(buf + at, len - at, "_%s", which);
}

/* In a job: nothing is freed, the process ends with this. */
static int write_rows(void *user, FILE *out, struct mp_err *err)
{
	static const char *const which[] = { "a", "b", "ratio" };
	static char keys[3 * MP_COUNTER_CELLS][MP_COUNTER_NAME_TEXT];
	struct mp_column columns[FIXED + 3 * MP_COUNTER_CELLS];
	struct wanted *w = user;
	const struct mp_counter_cells *counters = mp_view_counters(w->view);
	struct mp_str text = MP_STR_INIT;
	int rc;

	memcpy(columns, fixed, sizeof(fixed));
	for (size_t i = 0; i < 3 * counters->n; i++) {
		key_of(counters->names[i / 3], which[i % 3], keys[i], sizeof(keys[i]));
		columns[FIXED + i] = (struct mp_column){ .key = keys[i],
							 .title = keys[i],
							 .kind = MP_COLUMN_NUMBER };
	}
	w->table = mp_table_new(columns, FIXED + 3 * counters->n);
	rc = w->table ? add_all(w) : -ENOMEM;
	if (!rc)
		mp_table_render(w->table, w->format, 0, &text);
	if (!rc && text.failed)
		rc = -ENOMEM;
	if (rc)
		return mp_err_env(err, rc, "the rows cannot be written: %s", strerror(-rc));
	fwrite(text.text, 1, text.len, out);
	return 0;
}

int mp_view_export_rows(struct mp_view *view, const char *arguments, struct mp_err *err)
{
	struct wanted w = { .view = view };
	const char *path = mp_export_format(arguments, &w.format);

	if (!path || !w.format->table)
		return mp_err_usage(err, -EINVAL,
				    "export-rows wants FORMAT FILE, with one of csv, json, "
				    "markdown, text");
	if (!view->model.rows)
		return mp_err_env(err, -EAGAIN, "there are no rows yet");
	return mp_export_new(view, path, write_rows, &w, err);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The counters of one run: see show_counters.h. */
#include "report/format/show_counters.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "report/format/counter_words.h"
#include "report/format/show_internal.h"

static const struct mp_column columns[] = {
	{ .key = "run", .title = "run", .kind = MP_COLUMN_INTEGER },
	{ .key = "run_uuid", .title = "uuid", .kind = MP_COLUMN_TEXT },
	{ .key = "case", .title = "case", .kind = MP_COLUMN_TEXT },
	{ .key = "pass", .title = "pass", .kind = MP_COLUMN_TEXT },
	{ .key = "metric", .title = "metric", .kind = MP_COLUMN_TEXT },
	{ .key = "kind", .title = "kind of core", .kind = MP_COLUMN_TEXT },
	{ .key = "unit", .title = "unit", .kind = MP_COLUMN_TEXT },
	{ .key = "status", .title = "status", .kind = MP_COLUMN_TEXT },
	{ .key = "per_operation", .title = "per op", .kind = MP_COLUMN_NUMBER },
	{ .key = "least", .title = "least", .kind = MP_COLUMN_NUMBER },
	{ .key = "most", .title = "most", .kind = MP_COLUMN_NUMBER },
	{ .key = "value", .title = "value", .kind = MP_COLUMN_NUMBER },
	{ .key = "operations", .title = "operations", .kind = MP_COLUMN_INTEGER },
	{ .key = "covers", .title = "covers", .kind = MP_COLUMN_TEXT },
	{ .key = "invocations", .title = "invocations", .kind = MP_COLUMN_INTEGER },
	{ .key = "with_number", .title = "with number", .kind = MP_COLUMN_INTEGER },
	{ .key = "ratio", .title = "ratio", .kind = MP_COLUMN_NUMBER },
	{ .key = "instances", .title = "instances", .kind = MP_COLUMN_INTEGER },
	{ .key = "expected", .title = "expected", .kind = MP_COLUMN_INTEGER },
	{ .key = "region_ns", .title = "region", .kind = MP_COLUMN_DURATION },
	{ .key = "idle", .title = "idle", .kind = MP_COLUMN_NUMBER },
	{ .key = "source", .title = "source", .kind = MP_COLUMN_TEXT },
	{ .key = "encoder", .title = "encoder", .kind = MP_COLUMN_TEXT },
	{ .key = "event", .title = "event", .kind = MP_COLUMN_TEXT },
	{ .key = "events", .title = "events", .kind = MP_COLUMN_JSON },
	{ .key = "scope", .title = "scope", .kind = MP_COLUMN_TEXT },
	{ .key = "side", .title = "side", .kind = MP_COLUMN_TEXT },
	{ .key = "reason", .title = "reason", .kind = MP_COLUMN_TEXT },
	{ .key = "note", .title = "note", .kind = MP_COLUMN_TEXT },
	{ .key = "means", .title = "means", .kind = MP_COLUMN_TEXT },
};

struct mp_table *mp_counters_table(void)
{
	return mp_table_new(columns, sizeof(columns) / sizeof(columns[0]));
}

static void text(struct mp_table *t, const char *value)
{
	mp_table_text(t, *value ? value : NULL);
}

static void add_row(struct mp_table *t, const struct mp_run_row *run, const char *case_text,
		    const struct mp_count_row *row)
{
	const struct mp_counted *what = &row->what;

	mp_table_integer(t, run->id);
	mp_table_text(t, run->uuid);
	mp_table_text(t, case_text);
	mp_table_text(t, row->pass);
	mp_table_text(t, what->metric);
	text(t, what->kind);
	mp_table_text(t, what->unit);
	mp_table_text(t, row->status);
	mp_table_number(t, row->per_op);
	mp_table_number(t, row->least);
	mp_table_number(t, row->most);
	mp_table_number(t, row->value);
	mp_table_integer(t, (int64_t)row->operations);
	mp_table_text(t, row->covers);
	mp_table_integer(t, row->invocations);
	mp_table_integer(t, row->with_number);
	mp_table_number(t, row->ratio);
	mp_table_integer(t, row->instances);
	mp_table_integer(t, row->expected);
	mp_table_number(t, row->region_ns);
	mp_table_number(t, row->idle);
	text(t, what->source);
	text(t, what->encoder);
	text(t, what->event);
	mp_table_text(t, what->events);
	text(t, what->scope);
	text(t, what->side);
	text(t, row->reason);
	text(t, what->note);
	mp_table_text(t, what->means);
}

void mp_counters_table_add(struct mp_table *table, const struct mp_run_row *run,
			   const char *case_text, const struct mp_count_row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		add_row(table, run, case_text, &rows[i]);
}

/* ---- a run ---- */

struct visit {
	int (*each)(void *user, const struct mp_case_row *c, const struct mp_count_row *rows,
		    size_t n);
	void *user;
};

/* Every case of the run that the filter lets through and that has counters. */
static int visit_cases(const struct mp_side *side, const struct mp_show *show,
		       const struct visit *visit, struct mp_err *err)
{
	const struct mp_side_run *run = &side->runs[0];
	int rc = 0;

	for (size_t i = 0; i < run->n_cases && !rc && side->store; i++) {
		struct mp_count_row *rows = NULL;
		size_t n = 0;

		if (show->filter && !mp_filter_match(show->filter, run->cases[i].text))
			continue;
		rc = mp_store_counters(side->store, run->cases[i].run_case, &rows, &n, err);
		if (!rc && n)
			rc = visit->each(visit->user, &run->cases[i], rows, n);
		mp_count_rows_free(rows, n);
	}
	return rc;
}

struct machine {
	struct mp_table *table;
	const struct mp_run_row *run;
};

static int add_case(void *user, const struct mp_case_row *c, const struct mp_count_row *rows,
		    size_t n)
{
	struct machine *m = user;

	mp_counters_table_add(m->table, m->run, c->text, rows, n);
	return 0;
}

json_t *mp_show_counters_json(const struct mp_side *side, const struct mp_show *show)
{
	struct machine m = { .table = mp_counters_table(), .run = &side->runs[0].row };
	const struct visit visit = { .each = add_case, .user = &m };
	json_t *array = NULL;

	if (m.table && !visit_cases(side, show, &visit, NULL) && !mp_table_failed(m.table))
		array = mp_table_json(m.table);
	mp_table_free(m.table);
	return array;
}

static int data(const struct mp_side *side, const struct mp_show *show, struct mp_str *out,
		struct mp_err *err)
{
	struct machine m = { .table = mp_counters_table(), .run = &side->runs[0].row };
	const struct visit visit = { .each = add_case, .user = &m };
	struct mp_data d = { .kind = "counters", .name = side->name, .table = m.table };
	int rc = m.table ? visit_cases(side, show, &visit, err) : -ENOMEM;

	if (!rc && show->format == &mp_format_json)
		d.document = mp_table_json(m.table);
	if (!rc)
		rc = mp_table_failed(m.table) ? -ENOMEM : show->format->data(&d, out);
	mp_table_free(m.table);
	return rc;
}

/* ---- for people ---- */

static const struct mp_column people_columns[] = {
	{ .key = "metric", .title = "metric", .kind = MP_COLUMN_TEXT },
	{ .key = "per_operation", .title = "per op", .kind = MP_COLUMN_TEXT, .right = true },
	{ .key = "least", .title = "least", .kind = MP_COLUMN_TEXT, .right = true },
	{ .key = "most", .title = "most", .kind = MP_COLUMN_TEXT, .right = true },
	{ .key = "status", .title = "status", .kind = MP_COLUMN_TEXT },
	{ .key = "pass", .title = "pass", .kind = MP_COLUMN_TEXT },
	{ .key = "remark", .title = "from", .kind = MP_COLUMN_TEXT },
};

/* Source, and what a reader must know beside the number. */
static void remark(const struct mp_count_row *row, struct mp_str *out)
{
	mp_str_clear(out);
	mp_str_printf(out, "%s", *row->what.source ? row->what.source : "");
	if (!strcmp(row->what.side, "user"))
		mp_str_add(out, ", user side only");
	if (isfinite(row->ratio) && row->ratio < 1)
		mp_str_printf(out, ", on the PMU for %.0f %%", row->ratio * 100);
	if (!strcmp(row->covers, "blocks"))
		mp_str_add(out, ", with what lies between operations");
	if (strcmp(row->what.scope, "thread"))
		mp_str_printf(out, ", of the %s", row->what.scope);
	if (isfinite(row->idle) && row->operations)
		mp_str_printf(out, ", idle %.3g %% of it", 100 * row->idle / row->value);
	if (row->instances < row->expected)
		mp_str_printf(out, ", %u of %u instances: no total", row->instances, row->expected);
	if (*row->reason)
		mp_str_printf(out, "; %s", row->reason);
}

struct people {
	struct mp_doc doc;
	size_t cases;
	/* The cases of a run mostly share why a metric has no number. */
	struct mp_said absent, meanings;
	struct mp_counters_made made;
	bool failed;
};

static void show_absences(const struct people *p)
{
	if (p->absent.n)
		mp_doc_heading(&p->doc, "Without a number");
	for (size_t i = 0; i < p->absent.n; i++) {
		const struct mp_said_of *a = &p->absent.items[i];

		mp_doc_field(&p->doc, a->metric, "%zu case%s: %s", a->times,
			     a->times == 1 ? "" : "s", a->text);
	}
}

/* Counts per operation go over many orders of magnitude, and a small one is not 0. */
static void number(struct mp_table *t, double value)
{
	char buf[32];

	snprintf(buf, sizeof(buf), "%.4g", value);
	mp_table_text(t, isnan(value) ? NULL : buf);
}

static int show_case(void *user, const struct mp_case_row *c, const struct mp_count_row *rows,
		     size_t n)
{
	struct people *p = user;
	struct mp_table *t =
		mp_table_new(people_columns, sizeof(people_columns) / sizeof(people_columns[0]));
	struct mp_str text_of = MP_STR_INIT;
	int rc;

	if (!t)
		return -ENOMEM;
	p->cases++;
	for (size_t i = 0; i < n; i++) {
		bool total = strcmp(rows[i].status, "partial") != 0;
		char name[MP_COUNTER_NAME_TEXT];

		p->failed |= !mp_said_add_meaning(&p->meanings, &rows[i]);
		if (!rows[i].with_number) {
			p->failed |= !mp_said_add(&p->absent, mp_counter_name(&rows[i].what, name),
						  rows[i].reason);
			continue;
		}
		p->failed |= !mp_counters_made_note(&p->made, &rows[i]);
		remark(&rows[i], &text_of);
		mp_table_text(t, mp_counter_name(&rows[i].what, name));
		number(t, total ? rows[i].per_op : NAN);
		number(t, total ? rows[i].least : NAN);
		number(t, total ? rows[i].most : NAN);
		mp_table_text(t, rows[i].status);
		mp_table_text(t, rows[i].pass);
		mp_table_str(t, &text_of);
	}
	rc = mp_table_failed(t) || text_of.failed || p->failed ? -ENOMEM : 0;
	if (!rc && mp_table_rows(t)) {
		mp_doc_heading(&p->doc, "%s; per %s", c->text, c->unit);
		mp_doc_table(&p->doc, t);
	}
	mp_str_done(&text_of);
	mp_table_free(t);
	return rc;
}

int mp_show_counters(const struct mp_side *side, const struct mp_show *show, struct mp_str *out,
		     struct mp_err *err)
{
	struct people p = { .doc = { .format = show->format, .wide = show->wide, .out = out } };
	const struct visit visit = { .each = show_case, .user = &p };
	int rc;

	if (!show->format->prose)
		return show->format->table ? data(side, show, out, err) : -EINVAL;
	mp_doc_title(&p.doc, "counters of run #%lld on %s", (long long)side->runs[0].row.id,
		     mp_show_text(side->runs[0].row.host));
	mp_show_counter_group(&p.doc, "", side->runs[0].row.options_json);
	rc = visit_cases(side, show, &visit, err);
	if (!rc) {
		show_absences(&p);
		mp_counters_made_show(&p.made, &p.doc);
		mp_said_show_meanings(&p.meanings, &p.doc);
	}
	mp_counters_made_done(&p.made);
	mp_said_done(&p.absent);
	mp_said_done(&p.meanings);
	if (!rc && !p.cases)
		mp_doc_line(&p.doc,
			    "Nothing was counted: a run counts with --counters GROUP, see memperf "
			    "counters.");
	mp_doc_end(&p.doc);
	return rc ? rc : out->failed ? -ENOMEM : 0;
}

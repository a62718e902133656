/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * JUnit XML, as Jenkins and GitLab read it: a test suite per family, of a history per machine, a test case per case. A
 * regression is a failure, a case without a valid value an error, one that could not be judged is skipped; everything
 * that is known of the case is its output. The form is that of the xunit plugin's junit-10.xsd; a time that is unknown is left out.
 */
#include "report/format/format.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "report/compare/side.h"
#include "report/format/markup.h"
#include "report/format/table_impl.h"

struct counts {
	size_t tests, failures, errors, skipped;
};

static enum mp_judgement judged(const struct mp_table *table, size_t row)
{
	const struct mp_row_judgement *j = mp_table_judgement(table, row);

	return j ? j->judgement : MP_JUDGED_NONE;
}

static const char *text_of(const struct mp_table *table, size_t row, int column)
{
	const struct mp_cell *cell = column < 0 ? NULL : mp_table_cell(table, row, (size_t)column);

	return cell && cell->kind == MP_CELL_TEXT ? cell->text : "";
}

static void count(struct counts *c, enum mp_judgement judgement)
{
	c->tests++;
	c->failures += judgement == MP_JUDGED_BAD;
	c->errors += judgement == MP_JUDGED_BROKEN;
	c->skipped += judgement == MP_JUDGED_OPEN;
}

static void attribute(struct mp_str *out, const char *name, const char *value)
{
	mp_str_printf(out, " %s=\"", name);
	mp_markup_add(out, value);
	mp_str_addc(out, '"');
}

/* Every number with all its digits, as in CSV. */
static void add_output(const struct mp_table *table, size_t row, struct mp_str *out)
{
	char buf[MP_UNITS_LEN];

	mp_str_add(out, "      <system-out>");
	for (size_t c = 0; c < table->n_columns; c++) {
		const struct mp_cell *cell = mp_table_cell(table, row, c);

		if (cell->kind == MP_CELL_UNKNOWN || table->columns[c].people_only)
			continue;
		mp_str_printf(out, "%s: ", table->columns[c].key);
		if (cell->kind == MP_CELL_TEXT)
			mp_markup_add(out, cell->text);
		else if (cell->kind == MP_CELL_INTEGER)
			mp_str_printf(out, "%lld", (long long)cell->integer);
		else
			mp_str_add(out, mp_exact_format(cell->number, buf));
		mp_str_addc(out, '\n');
	}
	mp_str_add(out, "</system-out>\n");
}

static void add_case(const struct mp_data *data, size_t row, const char *suite, struct mp_str *out)
{
	static const char *const elements[] = { [MP_JUDGED_BAD] = "failure",
						[MP_JUDGED_BROKEN] = "error",
						[MP_JUDGED_OPEN] = "skipped" };
	const struct mp_row_judgement *j = mp_table_judgement(data->table, row);
	const char *element = j ? elements[j->judgement] : NULL;

	mp_str_add(out, "    <testcase");
	attribute(out, "name", text_of(data->table, row, mp_table_find(data->table, "case")));
	mp_str_printf(out, " classname=\"memperf.%s.", data->kind);
	mp_markup_add(out, suite);
	mp_str_add(out, "\">\n");
	if (element) {
		mp_str_printf(out, "      <%s", element);
		attribute(out, "message", j->message ? j->message : j->word);
		if (strcmp(element, "skipped"))
			attribute(out, "type", j->word);
		mp_str_add(out, "/>\n");
	}
	add_output(data->table, row, out);
	mp_str_add(out, "    </testcase>\n");
}

static void add_attributes(const struct mp_data *data, struct mp_str *out)
{
	time_t started = data->run ? (time_t)(data->run->row.started_ns / 1000000000) : 0;
	char when[32];
	struct tm tm;

	if (started && gmtime_r(&started, &tm) && strftime(when, sizeof(when), "%FT%TZ", &tm))
		attribute(out, "timestamp", when);
	if (data->run && data->run->row.host)
		attribute(out, "hostname", data->run->row.host);
}

static void add_properties(const struct mp_data *data, struct mp_str *out)
{
	struct mp_property properties[MP_PROPERTIES_MAX];
	size_t n = mp_data_properties(data, properties);

	if (!n)
		return;
	mp_str_add(out, "    <properties>\n");
	for (size_t i = 0; i < n; i++) {
		mp_str_add(out, "      <property");
		attribute(out, "name", properties[i].name);
		attribute(out, "value", properties[i].value);
		mp_str_add(out, "/>\n");
	}
	mp_str_add(out, "    </properties>\n");
}

/* What the suite is about: of several machines each has a run of its own. */
static struct mp_data data_of(const struct mp_data *data, const char *suite)
{
	struct mp_data of = *data;

	for (size_t i = 0; i < data->n_runs; i++)
		if (!strcmp(data->runs[i].row.machine, suite))
			of.run = &data->runs[i];
	return of;
}

/* The suite of the row, with all rows that have the same text in the column; they are marked in `done`. */
static void add_suite(const struct mp_data *data, size_t row, int column, bool *done,
		      struct mp_str *out)
{
	const char *suite = text_of(data->table, row, column);
	const struct mp_data of = data_of(data, suite);
	size_t rows = mp_table_rows(data->table);
	struct counts c = { 0 };

	for (size_t i = row; i < rows; i++)
		if (!strcmp(suite, text_of(data->table, i, column)))
			count(&c, judged(data->table, i));
	mp_str_add(out, "  <testsuite");
	attribute(out, "name", suite);
	mp_str_printf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\"",
		      c.tests, c.failures, c.errors, c.skipped);
	add_attributes(&of, out);
	mp_str_add(out, ">\n");
	add_properties(&of, out);
	for (size_t i = row; i < rows; i++) {
		if (strcmp(suite, text_of(data->table, i, column)))
			continue;
		add_case(data, i, suite, out);
		done[i] = true;
	}
	mp_str_add(out, "  </testsuite>\n");
}

static int put_data(const struct mp_data *data, struct mp_str *out)
{
	size_t rows = mp_table_rows(data->table);
	int column = mp_table_find(data->table, "family");
	bool *done = calloc(rows + 1, sizeof(*done));
	struct counts all = { 0 };

	if (!done)
		return -ENOMEM;
	if (column < 0)
		column = mp_table_find(data->table, "machine");
	for (size_t i = 0; i < rows; i++)
		count(&all, judged(data->table, i));
	mp_str_add(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites");
	attribute(out, "name", data->name);
	mp_str_printf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\">\n", all.tests,
		      all.failures, all.errors);
	for (size_t i = 0; i < rows; i++)
		if (!done[i])
			add_suite(data, i, column, done, out);
	mp_str_add(out, "</testsuites>\n");
	free(done);
	return out->failed ? -ENOMEM : 0;
}

const struct mp_format mp_format_junit = {
	.name = "junit",
	.suffix = "xml",
	.data = put_data,
};

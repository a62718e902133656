/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * OpenMetrics text, for the textfile collector of node_exporter and for Prometheus: the columns that are metrics, one
 * sample per case; the verdict of each case as a label, how many cases have each verdict, the run as labels, and when
 * it began (its age is time() minus that).
 *
 * Every family is a gauge: node_exporter reads the older text format, which has neither info nor stateset and takes
 * everything else of this for comments. For the same reason no sample has a timestamp. Source of the form:
 * OpenMetrics 1.0, "Text format"; base units as there: seconds, bytes, ratios.
 */
#include "report/format/format.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "report/compare/side.h"
#include "report/format/table_impl.h"
#include "report/format/width.h"

/* A label's value: backslash, quote and line end are escaped. */
static void label(struct mp_str *out, const char *name, const char *value)
{
	struct mp_str clean = MP_STR_INIT;

	mp_text_clean(&clean, value, false);
	mp_str_printf(out, "%s=\"", name);
	for (const char *c = clean.text; *c; c++) {
		if (*c == '\\' || *c == '"')
			mp_str_addc(out, '\\');
		mp_str_addc(out, *c);
	}
	mp_str_addc(out, '"');
	if (clean.failed)
		out->failed = true;
	mp_str_done(&clean);
}

static void family(struct mp_str *out, const char *name, const char *unit, const char *help)
{
	mp_str_printf(out, "# TYPE %s gauge\n", name);
	if (unit)
		mp_str_printf(out, "# UNIT %s %s\n", name, unit);
	mp_str_printf(out, "# HELP %s %s\n", name, help);
}

/* "value_ns" of nanoseconds is "memperf_report_value_seconds". */
struct metric {
	struct mp_str name, help;
	const char *unit; /* NULL: a number without */
	double divisor;
};

static void metric_init(struct metric *m, const char *kind, const struct mp_column *column)
{
	size_t len = strlen(column->key);

	*m = (struct metric){ .name = MP_STR_INIT, .help = MP_STR_INIT, .divisor = 1 };
	if (column->kind == MP_COLUMN_DURATION) {
		m->unit = "seconds";
		m->divisor = 1e9;
		len -= len > 3 && !strcmp(column->key + len - 3, "_ns") ? 3 : 0;
	} else if (column->kind == MP_COLUMN_SIZE) {
		m->unit = "bytes";
	} else if (column->kind == MP_COLUMN_PERCENT) {
		m->unit = "ratio";
	}
	mp_str_printf(&m->name, "memperf_%s_%.*s%s%s", kind, (int)len, column->key,
		      m->unit ? "_" : "", m->unit ? m->unit : "");
	mp_str_printf(&m->help, "%.*s of a case in memperf %s", (int)len, column->key, kind);
	for (char *c = m->help.text; *c; c++)
		*c = *c == '_' ? ' ' : *c;
}

static void metric_done(struct metric *m)
{
	mp_str_done(&m->name);
	mp_str_done(&m->help);
}

/* case="...", and whatever else tells the rows of one case apart. */
static void add_labels(const struct mp_table *table, size_t row, struct mp_str *out)
{
	struct mp_str value = MP_STR_INIT;
	const char *comma = "";

	for (size_t c = 0; c < table->n_columns; c++) {
		const struct mp_column *column = &table->columns[c];

		if (!column->label && strcmp(column->key, "case"))
			continue;
		mp_str_clear(&value);
		if (mp_table_cell(table, row, c)->kind != MP_CELL_UNKNOWN)
			mp_table_people(table, row, c, &value);
		mp_str_add(out, comma);
		label(out, column->key, value.text);
		comma = ",";
	}
	out->failed = out->failed || value.failed;
	mp_str_done(&value);
}

static void add_metric(const struct mp_data *data, size_t column, struct mp_str *out)
{
	const struct mp_table *table = data->table;
	size_t rows = mp_table_rows(table);
	bool begun = false;
	struct metric m;

	metric_init(&m, data->kind, &table->columns[column]);
	for (size_t r = 0; r < rows; r++) {
		const struct mp_cell *cell = mp_table_cell(table, r, column);
		char buf[MP_UNITS_LEN];
		double value;

		if (cell->kind != MP_CELL_NUMBER && cell->kind != MP_CELL_INTEGER)
			continue;
		if (!begun)
			family(out, m.name.text, m.unit, m.help.text);
		begun = true;
		value = cell->kind == MP_CELL_NUMBER ? cell->number : (double)cell->integer;
		mp_str_printf(out, "%s{", m.name.text);
		add_labels(table, r, out);
		mp_str_printf(out, "} %s\n", mp_exact_format(value / m.divisor, buf));
	}
	out->failed = out->failed || m.name.failed || m.help.failed;
	metric_done(&m);
}

static void add_verdicts(const struct mp_data *data, const char *name, struct mp_str *out)
{
	const struct mp_table *table = data->table;

	if (!table->n_judgements)
		return;
	family(out, name, NULL, "1 for the verdict that the case has");
	for (size_t i = 0; i < table->n_judgements; i++) {
		mp_str_printf(out, "%s{", name);
		add_labels(table, table->judgements[i].row, out);
		mp_str_addc(out, ',');
		label(out, "verdict", table->judgements[i].word);
		mp_str_add(out, "} 1\n");
	}
}

static void add_counts(const struct mp_data *data, const char *name, struct mp_str *out)
{
	const struct mp_table *table = data->table;

	family(out, name, NULL, "cases with that verdict");
	for (size_t i = 0; i < table->n_judgements; i++) {
		const char *word = table->judgements[i].word;
		size_t count = 0, first = 0;

		while (strcmp(table->judgements[first].word, word))
			first++;
		for (size_t k = i; first == i && k < table->n_judgements; k++)
			count += !strcmp(table->judgements[k].word, word);
		if (!count)
			continue;
		mp_str_printf(out, "%s{", name);
		label(out, "verdict", word);
		mp_str_printf(out, "} %zu\n", count);
	}
}

static void add_run(const struct mp_data *data, const char *prefix, struct mp_str *out)
{
	struct mp_property properties[MP_PROPERTIES_MAX];
	size_t n = mp_data_properties(data, properties);
	struct mp_str name = MP_STR_INIT;

	mp_str_printf(&name, "%s_run", prefix);
	family(out, name.text, NULL, "always 1: the run that the other metrics are of");
	mp_str_printf(out, "%s{", name.text);
	for (size_t i = 0; i < n; i++) {
		mp_str_add(out, i ? "," : "");
		label(out, properties[i].name, properties[i].value);
	}
	mp_str_add(out, "} 1\n");
	mp_str_add(&name, "_started_timestamp_seconds");
	family(out, name.text, "seconds",
	       "when the run began, since the epoch; time() minus this is its age");
	mp_str_printf(out, "%s %lld\n", name.text,
		      (long long)(data->run->row.started_ns / 1000000000));
	out->failed = out->failed || name.failed;
	mp_str_done(&name);
}

static int put_data(const struct mp_data *data, struct mp_str *out)
{
	struct mp_str prefix = MP_STR_INIT, name = MP_STR_INIT;

	mp_str_printf(&prefix, "memperf_%s", data->kind);
	if (data->run)
		add_run(data, prefix.text, out);
	for (size_t c = 0; c < data->table->n_columns; c++) {
		if (data->table->columns[c].metric)
			add_metric(data, c, out);
	}
	mp_str_printf(&name, "%s_verdict", prefix.text);
	add_verdicts(data, name.text, out);
	mp_str_clear(&name);
	mp_str_printf(&name, "%s_cases", prefix.text);
	add_counts(data, name.text, out);
	mp_str_add(out, "# EOF\n");
	out->failed = out->failed || prefix.failed || name.failed;
	mp_str_done(&prefix);
	mp_str_done(&name);
	return out->failed ? -ENOMEM : 0;
}

const struct mp_format mp_format_openmetrics = {
	.name = "openmetrics",
	.suffix = "prom",
	.data = put_data,
};

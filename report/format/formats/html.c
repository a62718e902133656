/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * HTML: one file that needs nothing else, no network and no script. Light and dark as the reader's system is, plain on
 * paper; tables with headers for rows and columns, so that a screen reader can say where it is. Rows that were
 * judged have a class and an edge; an interval that was given is drawn beside its row.
 */
#include "report/format/format.h"

#include <math.h>

#include "report/format/doc.h"
#include "report/format/markup.h"
#include "report/format/table_impl.h"

static const char head[] =
	"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
	"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
	"<meta name=\"color-scheme\" content=\"light dark\"/>\n<title>";

static const char style[] =
	"</title>\n<style>\n"
	":root { --ink: #1b1f24; --paper: #fff; --dim: #57606a; --rule: #d0d7de; --stripe: "
	"#f6f8fa;\n"
	"  --bad: #b42318; --better: #1a6e3a; --broken: #8a4b00; --open: #57606a; }\n"
	"@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --paper: #0d1117; --dim: "
	"#9aa4af;\n"
	"  --rule: #30363d; --stripe: #161b22; --bad: #ff8a80; --better: #7ee2a0; --broken: "
	"#f0b072;\n"
	"  --open: #9aa4af; } }\n"
	"body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: "
	"var(--paper);\n"
	"  margin: 2em auto; padding: 0 1em; max-width: 80em; }\n"
	"h1 { font-size: 1.5em; } h2 { font-size: 1.2em; margin-top: 1.8em; }\n"
	"dl { display: grid; grid-template-columns: 8em 1fr; margin: 0.2em 0; }\n"
	"dt { color: var(--dim); } dd { margin: 0; }\n"
	".table { overflow-x: auto; margin: 0.8em 0; }\n"
	"table { border-collapse: collapse; font-variant-numeric: tabular-nums; }\n"
	"th, td { padding: 0.2em 0.8em; text-align: left; vertical-align: top; font-weight: "
	"normal;\n"
	"  border-bottom: 1px solid var(--rule); }\n"
	"thead th { color: var(--dim); border-bottom: 2px solid var(--rule); vertical-align: "
	"bottom; }\n"
	"tbody tr:hover { background: var(--stripe); }\n"
	"th.section { padding-top: 1em; color: var(--dim); }\n"
	".n { text-align: right; white-space: nowrap; }\n"
	"tbody th { overflow-wrap: anywhere; }\n"
	"tr.bad > :first-child { border-left: 4px solid var(--bad); }\n"
	"tr.better > :first-child { border-left: 4px solid var(--better); }\n"
	"tr.broken > :first-child { border-left: 4px solid var(--broken); }\n"
	"tr.open > :first-child { border-left: 4px solid var(--open); }\n"
	"svg { display: block; } svg line { stroke: var(--rule); } svg rect { fill: var(--dim); }\n"
	"svg circle { fill: var(--ink); }\n"
	"tr.bad svg rect { fill: var(--bad); } tr.better svg rect { fill: var(--better); }\n"
	"@media print { body { margin: 0; max-width: none; font-size: 10pt; color: #000; "
	"background: #fff; }\n"
	"  .table { overflow: visible; } tr { break-inside: avoid; } h2 { break-after: avoid; } }\n"
	"</style>\n</head>\n<body>\n<main>\n";

static void element(const struct mp_doc *doc, const char *name, const char *text)
{
	mp_str_printf(doc->out, "<%s>", name);
	mp_markup_add(doc->out, text);
	mp_str_printf(doc->out, "</%s>\n", name);
}

static void title(const struct mp_doc *doc, const char *text)
{
	mp_str_add(doc->out, head);
	mp_markup_add(doc->out, text);
	mp_str_add(doc->out, style);
	element(doc, "h1", text);
}

static void heading(const struct mp_doc *doc, const char *text)
{
	element(doc, "h2", text);
}

static void line(const struct mp_doc *doc, const char *text)
{
	element(doc, "p", text);
}

static void field(const struct mp_doc *doc, const char *name, const char *value)
{
	mp_str_add(doc->out, "<dl><dt>");
	mp_markup_add(doc->out, name);
	mp_str_add(doc->out, "</dt><dd>");
	mp_markup_add(doc->out, value);
	mp_str_add(doc->out, "</dd></dl>\n");
}

static void gap(const struct mp_doc *doc)
{
	(void)doc;
}

static void end(const struct mp_doc *doc)
{
	mp_str_add(doc->out, "</main>\n</body>\n</html>\n");
}

static bool is_number(const struct mp_column *column)
{
	return column->kind != MP_COLUMN_TEXT || column->right;
}

static size_t shown_columns(const struct mp_table *table)
{
	size_t n = 0;

	for (size_t c = 0; c < table->n_columns; c++)
		n += !table->columns[c].machines_only;
	return n + (table->n_intervals > 0);
}

/* The widest reach of the intervals around 1 on the scale of logarithms, so that twice and half are as far. */
static double reach_of(const struct mp_table *table)
{
	double reach = 0.02;

	for (size_t i = 0; i < table->n_intervals; i++) {
		const struct mp_row_interval *v = &table->intervals[i];

		reach = fmax(reach, fmax(fabs(log(v->low)), fabs(log(v->high))));
	}
	return fmin(reach, log(4));
}

static void add_interval(const struct mp_row_interval *v, double reach, struct mp_str *out)
{
	double at[3] = { v->low, v->value, v->high };

	for (int i = 0; i < 3; i++)
		at[i] = 80 + 76 * fmax(-1, fmin(1, log(at[i]) / reach));
	mp_str_printf(out,
		      "<td><svg width=\"160\" height=\"16\" viewBox=\"0 0 160 16\" role=\"img\">"
		      "<title>%.4g (%.4g to %.4g)</title>"
		      "<line x1=\"80\" y1=\"0\" x2=\"80\" y2=\"16\"/>"
		      "<rect x=\"%.1f\" y=\"6\" width=\"%.1f\" height=\"4\"/>"
		      "<circle cx=\"%.1f\" cy=\"8\" r=\"4\"/></svg></td>",
		      v->value, v->low, v->high, at[0], fmax(at[2] - at[0], 1), at[1]);
}

static void add_row(const struct mp_table *table, size_t row, double reach, struct mp_str *out)
{
	static const char *const classes[] = { [MP_JUDGED_BAD] = "bad",
					       [MP_JUDGED_BETTER] = "better",
					       [MP_JUDGED_BROKEN] = "broken",
					       [MP_JUDGED_OPEN] = "open" };
	const struct mp_row_judgement *j = mp_table_judgement(table, row);
	const struct mp_row_interval *v = mp_table_interval_of(table, row);
	bool first = true;

	mp_str_add(out, "<tr");
	if (j && (size_t)j->judgement < sizeof(classes) / sizeof(classes[0]) &&
	    classes[j->judgement])
		mp_str_printf(out, " class=\"%s\"", classes[j->judgement]);
	mp_str_addc(out, '>');
	for (size_t c = 0; c < table->n_columns; c++) {
		const struct mp_column *column = &table->columns[c];
		struct mp_str cell = MP_STR_INIT;

		if (column->machines_only)
			continue;
		mp_table_people(table, row, c, &cell);
		mp_str_printf(out, "<%s%s>", first ? "th scope=\"row\"" : "td",
			      is_number(column) ? " class=\"n\"" : "");
		mp_markup_add(out, cell.text);
		mp_str_add(out, first ? "</th>" : "</td>");
		out->failed = out->failed || cell.failed;
		mp_str_done(&cell);
		first = false;
	}
	if (table->n_intervals && v)
		add_interval(v, reach, out);
	else if (table->n_intervals)
		mp_str_add(out, "<td></td>");
	mp_str_add(out, "</tr>\n");
}

static void add_header(const struct mp_table *table, struct mp_str *out)
{
	mp_str_add(out, "<thead><tr>");
	for (size_t c = 0; c < table->n_columns; c++) {
		const struct mp_column *column = &table->columns[c];

		if (column->machines_only)
			continue;
		mp_str_printf(out, "<th scope=\"col\"%s>", is_number(column) ? " class=\"n\"" : "");
		mp_markup_add(out, column->title ? column->title : column->key);
		mp_str_add(out, "</th>");
	}
	if (table->n_intervals)
		mp_str_add(out, "<th scope=\"col\">B over A</th>");
	mp_str_add(out, "</tr></thead>\n<tbody>\n");
}

static void render(const struct mp_table *table, unsigned wide, struct mp_str *out)
{
	size_t rows = mp_table_rows(table), section = 0;
	double reach = reach_of(table);

	(void)wide;
	mp_str_add(out, "<table>\n");
	add_header(table, out);
	for (size_t r = 0; r <= rows; r++) {
		for (; section < table->n_sections && table->sections[section].row <= r;
		     section++) {
			mp_str_printf(out,
				      "</tbody>\n<tbody>\n<tr><th class=\"section\" "
				      "scope=\"rowgroup\" colspan=\"%zu\">",
				      shown_columns(table));
			mp_markup_add(out, table->sections[section].text);
			mp_str_add(out, "</th></tr>\n");
		}
		if (r < rows)
			add_row(table, r, reach, out);
	}
	mp_str_add(out, "</tbody>\n</table>\n");
}

static void doc_table(const struct mp_doc *doc, const struct mp_table *table)
{
	mp_str_add(doc->out,
		   "<div class=\"table\" role=\"region\" tabindex=\"0\" aria-label=\"table\">\n");
	render(table, 0, doc->out);
	mp_str_add(doc->out, "</div>\n");
}

static const struct mp_prose prose = {
	.title = title,
	.heading = heading,
	.line = line,
	.field = field,
	.gap = gap,
	.table = doc_table,
	.end = end,
};

const struct mp_format mp_format_html = {
	.name = "html",
	.suffix = "html",
	.table = render,
	.prose = &prose,
};

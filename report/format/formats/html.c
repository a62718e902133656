/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * HTML: one file that needs nothing else and no network. Light and dark as the reader's system is, plain on paper; tables
 * with headers for rows and columns, so that a screen reader can say where it is. Rows that were judged have a class and
 * an edge, an interval that was given is drawn beside its row, and every chart has its numbers below it. The script
 * (page.js) filters and sorts; everything can be read without it.
 */
#include "report/format/format.h"

#include <math.h>
#include <string.h>

#include "report/chart/chart.h"
#include "report/chart/svg.h"
#include "report/format/doc.h"
#include "report/format/markup.h"
#include "report/format/page.h"
#include "report/format/table_impl.h"

/* Nothing may be loaded, whatever a results file says. */
static const char head[] =
	"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
	"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
	"'unsafe-inline'; script-src 'unsafe-inline'\"/>\n"
	"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
	"<meta name=\"color-scheme\" content=\"light dark\"/>\n<title>";

/* A text of more bytes than this has several words, and its column the width for some of them on a line. */
#define SENTENCE 24

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
	mp_str_printf(doc->out, "</title>\n<style>\n%s%s</style>\n</head>\n<body>\n<main>\n",
		      mp_page_css, mp_chart_svg_style);
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
	mp_str_printf(doc->out,
		      "</main>\n<script>\n/*<![CDATA[*/\n%s/*]]>*/\n</script>\n</body>\n</html>\n",
		      mp_page_js);
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
		      "<td><svg class=\"i\" viewBox=\"0 0 160 16\" role=\"img\">"
		      "<title>%.4g (%.4g to %.4g)</title><path d=\"M80 0V16\"/>"
		      "<rect x=\"%.1f\" y=\"6\" width=\"%.1f\" height=\"4\"/>"
		      "<circle cx=\"%.1f\" cy=\"8\" r=\"4\"/></svg></td>",
		      v->value, v->low, v->high, at[0], fmax(at[2] - at[0], 1), at[1]);
}

/* A case's text may be broken after its slashes. */
static void add_breakable(const char *text, struct mp_str *out)
{
	struct mp_str part = MP_STR_INIT;

	for (const char *c = text; *c; c++) {
		mp_str_addc(&part, *c);
		if (*c != '/' && c[1])
			continue;
		mp_markup_add(out, part.text);
		if (c[1])
			mp_str_add(out, "<wbr/>");
		mp_str_clear(&part);
	}
	out->failed = out->failed || part.failed;
	mp_str_done(&part);
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
	if (j) {
		mp_str_add(out, " data-v=\"");
		mp_markup_add(out, j->word);
		mp_str_addc(out, '"');
	}
	mp_str_addc(out, '>');
	for (size_t c = 0; c < table->n_columns; c++) {
		const struct mp_column *column = &table->columns[c];
		struct mp_str cell = MP_STR_INIT;

		if (column->machines_only)
			continue;
		mp_table_people(table, row, c, &cell);
		mp_str_printf(out, "<%s%s>", first ? "th scope=\"row\"" : "td",
			      is_number(column)	    ? " class=\"n\""
			      : cell.len > SENTENCE ? " class=\"w\""
						    : "");
		if (first)
			add_breakable(cell.text, out);
		else
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

static void add_header(const struct mp_table *table, double reach, struct mp_str *out)
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
		mp_str_printf(out, "<th scope=\"col\">%.0f .. +%.0f %%</th>", expm1(-reach) * 100,
			      expm1(reach) * 100);
	mp_str_add(out, "</tr></thead>\n");
}

static void render(const struct mp_table *table, unsigned wide, struct mp_str *out)
{
	size_t rows = mp_table_rows(table), section = 0;
	double reach = reach_of(table);
	bool open = false; /* a <tbody> */

	(void)wide;
	/* Rows about cases are what the script filters. */
	mp_str_printf(out, "<table%s>\n",
		      mp_table_find(table, "case") < 0 ? "" : " class=\"cases\"");
	add_header(table, reach, out);
	for (size_t r = 0; r <= rows; r++) {
		for (; section < table->n_sections && table->sections[section].row <= r;
		     section++) {
			mp_str_printf(out,
				      "%s<tbody>\n<tr><th class=\"section\" "
				      "scope=\"rowgroup\" colspan=\"%zu\">",
				      open ? "</tbody>\n" : "", shown_columns(table));
			open = true;
			mp_markup_add(out, table->sections[section].text);
			mp_str_add(out, "</th></tr>\n");
		}
		if (r < rows && !open)
			mp_str_add(out, "<tbody>\n");
		open = open || r < rows;
		if (r < rows)
			add_row(table, r, reach, out);
	}
	mp_str_printf(out, "%s</table>\n", open ? "</tbody>\n" : "");
}

/* A table that is too wide scrolls in itself, by keyboard, too; which one it is, its columns say. */
static void doc_table(const struct mp_doc *doc, const struct mp_table *table)
{
	mp_str_printf(doc->out,
		      "<div class=\"table\" role=\"region\" tabindex=\"0\" "
		      "aria-label=\"table, %zu rows:",
		      mp_table_rows(table));
	for (size_t c = 0; c < table->n_columns; c++) {
		if (table->columns[c].machines_only)
			continue;
		mp_str_addc(doc->out, ' ');
		mp_markup_add(doc->out, table->columns[c].title);
	}
	mp_str_add(doc->out, "\">\n");
	render(table, 0, doc->out);
	mp_str_add(doc->out, "</div>\n");
}

static void chart(const struct mp_doc *doc, const struct mp_chart *chart, bool wide)
{
	const struct mp_chart_svg options = { .width = wide ? 1240 : 610,
					      .height = 240,
					      .in_page = true };

	mp_str_printf(doc->out, "<figure%s>\n", wide ? " class=\"wide\"" : "");
	mp_chart_svg(chart, &options, false, doc->out, NULL);
	if (chart->table) {
		mp_str_add(doc->out, "<details><summary>the numbers</summary>\n");
		doc_table(doc, chart->table);
		mp_str_add(doc->out, "</details>\n");
	}
	mp_str_add(doc->out, "</figure>\n");
}

static void fold(const struct mp_doc *doc, const char *word, bool open, const char *text)
{
	mp_str_add(doc->out, "<details class=\"fold\"");
	if (word) {
		mp_str_add(doc->out, " data-v=\"");
		mp_markup_add(doc->out, word);
		mp_str_addc(doc->out, '"');
	}
	mp_str_printf(doc->out, "%s>\n", open ? " open=\"open\"" : "");
	element(doc, "summary", text);
}

static void unfold(const struct mp_doc *doc)
{
	mp_str_add(doc->out, "</details>\n");
}

static const struct mp_prose prose = {
	.title = title,
	.heading = heading,
	.line = line,
	.field = field,
	.gap = gap,
	.table = doc_table,
	.end = end,
	.chart = chart,
	.fold = fold,
	.unfold = unfold,
};

const struct mp_format mp_format_html = {
	.name = "html",
	.suffix = "html",
	.table = render,
	.prose = &prose,
};

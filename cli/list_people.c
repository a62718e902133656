/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The benchmarks for people: one table by family, or one benchmark in full. */
#include "cli/list.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "common/units.h"
#include "report/format/table.h"
#include "runner/machine/machine.h"

#define WIDTH_MAX 100 /* of running text, however wide the terminal is */

void mp_list_needs(unsigned needs, const char *separator, struct mp_str *out)
{
	const char *before = "";

	for (unsigned bit = 0; bit < 32; bit++) {
		if (!(needs & 1u << bit))
			continue;
		mp_str_printf(out, "%s%s", before, mp_machine_need_name((enum mp_need)(1u << bit)));
		before = separator;
	}
}

void mp_list_modes(unsigned modes, const char *separator, struct mp_str *out)
{
	const char *before = "";

	for (unsigned bit = 0; bit < MP_MODE_COUNT; bit++) {
		if (!(modes & 1u << bit))
			continue;
		mp_str_printf(out, "%s%s", before, mp_mode_name((enum mp_mode)(1u << bit)));
		before = separator;
	}
}

/* ---- the table ---- */

static const struct mp_column columns[] = {
	{ .key = "bench", .title = "benchmark", .kind = MP_COLUMN_TEXT },
	{ .key = "version", .title = "v", .kind = MP_COLUMN_INTEGER },
	{ .key = "unit", .title = "unit", .kind = MP_COLUMN_TEXT },
	{ .key = "modes", .title = "modes", .kind = MP_COLUMN_TEXT },
	{ .key = "available", .title = "here", .kind = MP_COLUMN_TEXT },
	{ .key = "axes", .title = "axes", .kind = MP_COLUMN_TEXT },
	{ .key = "summary", .title = "summary", .kind = MP_COLUMN_TEXT },
};

static void add_row(struct mp_table *table, const struct mp_listed *listed)
{
	const struct mp_bench *bench = listed->bench;
	struct mp_str modes = MP_STR_INIT, axes = MP_STR_INIT;

	mp_list_modes(bench->modes, ",", &modes);
	for (size_t i = 0; i < bench->n_axes; i++)
		mp_str_printf(&axes, "%s%s=%s", i ? " " : "", bench->axes[i].name,
			      bench->axes[i].values);
	mp_table_text(table, bench->name);
	mp_table_integer(table, bench->version);
	mp_table_text(table, bench->unit);
	mp_table_str(table, &modes);
	mp_table_text(table, listed->why_not ? "no" : "yes");
	mp_table_str(table, &axes);
	mp_table_text(table, bench->summary);
	mp_str_done(&modes);
	mp_str_done(&axes);
}

/* What cannot run here, one paragraph per reason: many benchmarks share a few. */
static void add_reasons(const struct mp_listing *l, struct mp_str *out)
{
	for (size_t i = 0; i < l->count; i++) {
		const char *why = l->items[i].why_not;
		bool told = false;

		for (size_t k = 0; why && k < i; k++)
			told |= l->items[k].why_not && !strcmp(l->items[k].why_not, why);
		if (!why || told)
			continue;
		mp_str_printf(out, "\nnot here: %s\n", why);
		for (size_t k = i; k < l->count; k++)
			if (l->items[k].why_not && !strcmp(l->items[k].why_not, why))
				mp_str_printf(out, "  %s\n", l->items[k].bench->name);
	}
}

void mp_list_table(const struct mp_listing *listing, unsigned width, struct mp_str *out)
{
	struct mp_table *table = mp_table_new(columns, MP_COUNT(columns));
	const struct mp_family *family = NULL;
	size_t available = 0;

	for (size_t i = 0; table && i < listing->count; i++) {
		const struct mp_listed *listed = &listing->items[i];

		if (listed->family != family) {
			struct mp_str title = MP_STR_INIT;

			family = listed->family;
			mp_str_printf(&title, "%s: %s", family->name, family->summary);
			mp_table_section(table, title.text);
			out->failed |= title.failed;
			mp_str_done(&title);
		}
		add_row(table, listed);
		available += !listed->why_not;
	}
	if (!table || mp_table_failed(table))
		out->failed = true;
	else
		mp_table_render(table, &mp_format_text, width, out);
	mp_table_free(table);
	add_reasons(listing, out);
	mp_str_printf(
		out,
		"\n%zu benchmarks, %zu available here; 'memperf list NAME' shows one in full\n",
		listing->count, available);
}

/* ---- one benchmark ---- */

/* The length of the next piece: up to a blank, or of a set of values that fills more than a line up to the last comma that
 * fits. */
static size_t piece(const char *text, size_t room)
{
	size_t len = strcspn(text, " "), fits = len;

	while (fits > room || (fits < len && fits && text[fits - 1] != ','))
		fits--;
	return fits ? fits : len;
}

/* Running text, continuation lines indented by `indent`; the first line starts at column `indent` already. */
static void add_wrapped(struct mp_str *out, const char *text, size_t indent, size_t width)
{
	size_t column = indent;

	while (*text) {
		size_t len = piece(text, width > indent ? width - indent : 1);

		if (column > indent && column + 1 + len > width) {
			mp_str_addc(out, '\n');
			mp_str_pad(out, ' ', indent);
			column = indent;
		} else if (column > indent) {
			mp_str_addc(out, ' ');
			column++;
		}
		mp_str_add_len(out, text, len);
		column += len;
		text += len + (text[len] == ' ');
	}
	mp_str_addc(out, '\n');
}

#define LABEL 12 /* columns of the names on the left */

static void add_line(struct mp_str *out, const char *label, const char *text, size_t width)
{
	size_t len = strlen(label);

	mp_str_add(out, label);
	mp_str_pad(out, ' ', len < LABEL ? LABEL - len : 1);
	add_wrapped(out, text, len < LABEL ? LABEL : len + 1, width);
}

static void add_bounds(struct mp_str *s, const struct mp_axis *axis)
{
	char low[MP_UNITS_LEN], high[MP_UNITS_LEN];

	if (axis->kind != MP_AXIS_SIZE && axis->kind != MP_AXIS_COUNT)
		return;
	mp_str_printf(s, "; %s from %s", axis->kind == MP_AXIS_SIZE ? "a size" : "a number",
		      mp_size_format(axis->min, low));
	if (axis->max)
		mp_str_printf(s, " to %s", mp_size_format(axis->max, high));
	if (axis->whole_pages)
		mp_str_add(s, " in whole pages");
}

static void add_axis(struct mp_str *out, const struct mp_axis *axis, size_t width)
{
	struct mp_str text = MP_STR_INIT;

	mp_str_printf(&text, "%s", axis->help ? axis->help : "");
	if (axis->choices) {
		mp_str_add(&text, "; one of");
		for (size_t i = 0; axis->choices[i]; i++)
			mp_str_printf(&text, "%s %s", i ? "," : "", axis->choices[i]);
	}
	add_bounds(&text, axis);
	mp_str_printf(out, "\naxis %s\n", axis->name);
	add_line(out, "", text.text, width);
	add_line(out, "  values", axis->values, width);
	if (axis->matrix && strcmp(axis->matrix, axis->values))
		add_line(out, "  matrix", axis->matrix, width);
	if (text.failed)
		out->failed = true;
	mp_str_done(&text);
}

void mp_list_description(const struct mp_listed *listed, unsigned width, struct mp_str *out)
{
	const struct mp_bench *bench = listed->bench;
	struct mp_str text = MP_STR_INIT;
	size_t columns_wide = width && width < WIDTH_MAX ? width : WIDTH_MAX;

	mp_str_printf(out, "%s: %s\n\n", bench->name, bench->summary);
	add_line(out, "timed", bench->timed, columns_wide);
	add_line(out, "unit", bench->unit, columns_wide);
	mp_list_modes(bench->modes, ", ", &text);
	add_line(out, "modes", text.text, columns_wide);
	mp_str_clear(&text);
	mp_str_printf(&text, "%u", bench->version);
	add_line(out, "version", text.text, columns_wide);
	if (bench->bytes_axis) {
		mp_str_clear(&text);
		mp_str_printf(&text, "one operation handles '%s' bytes", bench->bytes_axis);
		add_line(out, "bytes", text.text, columns_wide);
	}
	mp_str_clear(&text);
	for (unsigned need = 1; need; need <<= 1) {
		const char *words =
			bench->needs & need ? mp_machine_need_words((enum mp_need)need) : NULL;

		if (words)
			mp_str_printf(&text, "%s%s", text.len ? "; " : "", words);
	}
	add_line(out, "needs", text.len ? text.text : "nothing beyond Linux", columns_wide);
	mp_str_clear(&text);
	mp_str_printf(&text, "%s%s", listed->why_not ? "no: " : "yes",
		      listed->why_not ? listed->why_not : "");
	add_line(out, "available", text.text, columns_wide);
	for (size_t i = 0; i < bench->n_axes; i++)
		add_axis(out, &bench->axes[i], columns_wide);
	if (text.failed)
		out->failed = true;
	mp_str_done(&text);
}

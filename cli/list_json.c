/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The benchmarks for machines: everything that their descriptors say, and whether this machine can run them. */
#include "cli/list.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static const char *const kinds[] = {
	[MP_AXIS_SIZE] = "size",
	[MP_AXIS_COUNT] = "count",
	[MP_AXIS_FLAG] = "flag",
	[MP_AXIS_CHOICE] = "choice",
};

static const char *const scales[] = {
	[MP_SCALE_CATEGORICAL] = "categorical",
	[MP_SCALE_LINEAR] = "linear",
	[MP_SCALE_LOG2] = "log2",
};

/* "a,b" as an array of texts. */
static json_t *split(const char *text)
{
	json_t *list = json_array();

	while (list && *text) {
		size_t len = strcspn(text, ",");

		if (json_array_append_new(list, json_stringn(text, len))) {
			json_decref(list);
			return NULL;
		}
		text += len + (text[len] == ',');
	}
	return list;
}

static json_t *words(void (*fill)(unsigned, const char *, struct mp_str *), unsigned bits)
{
	struct mp_str text = MP_STR_INIT;
	json_t *list;

	fill(bits, ",", &text);
	list = text.failed ? NULL : split(text.text);
	mp_str_done(&text);
	return list;
}

static json_t *choices_json(const struct mp_axis *axis)
{
	static const char *const flags[] = { "no", "yes", NULL };
	const char *const *word = axis->kind == MP_AXIS_FLAG ? flags : axis->choices;
	json_t *list;

	if (!word)
		return json_null();
	list = json_array();
	for (; list && *word; word++) {
		if (json_array_append_new(list, json_string(*word))) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

/* Numbers have bounds; a bound that the axis does not have is null. */
static json_t *bound(const struct mp_axis *axis, uint64_t value, bool exists)
{
	if (!exists || (axis->kind != MP_AXIS_SIZE && axis->kind != MP_AXIS_COUNT))
		return json_null();
	return json_integer((json_int_t)value);
}

static json_t *axes_json(const struct mp_bench *bench)
{
	json_t *list = json_array();

	for (size_t i = 0; list && i < bench->n_axes; i++) {
		const struct mp_axis *a = &bench->axes[i];
		json_t *one = json_pack(
			"{s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:b, s:s, s:s?}", "name", a->name,
			"kind", kinds[a->kind], "values", a->values, "matrix",
			a->matrix ? a->matrix : a->values, "choices", choices_json(a), "min",
			bound(a, a->min, true), "max", bound(a, a->max, a->max != 0), "whole_pages",
			(int)a->whole_pages, "scale", scales[a->scale], "help", a->help);

		if (json_array_append_new(list, one)) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

static json_t *bench_json(const struct mp_listed *listed)
{
	const struct mp_bench *b = listed->bench;

	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:i, s:o, s:o, s:s?, s:o, s:b, s:s?}", "name",
			 b->name, "family", listed->family->name, "summary", b->summary, "timed",
			 b->timed, "unit", b->unit, "version", (int)b->version, "modes",
			 words(mp_list_modes, b->modes), "needs", words(mp_list_needs, b->needs),
			 "bytes_axis", b->bytes_axis, "axes", axes_json(b), "available",
			 !listed->why_not, "why_not", listed->why_not);
}

void mp_list_json(const struct mp_listing *listing, struct mp_str *out)
{
	json_t *list = json_array();

	for (size_t i = 0; list && i < listing->count; i++) {
		if (json_array_append_new(list, bench_json(&listing->items[i]))) {
			json_decref(list);
			list = NULL;
		}
	}
	if (json_dump_callback(list, mp_str_sink, out, JSON_INDENT(1)))
		out->failed = true;
	mp_str_addc(out, '\n');
	json_decref(list);
}

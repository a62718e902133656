/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What counters are made of, for people: see show_counters.h. */
#include "report/format/show_counters.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "common/vec.h"
#include "report/format/show_internal.h"

const char *mp_counter_name(const struct mp_counted *what, char buf[MP_COUNTER_NAME_TEXT])
{
	if (*what->kind)
		snprintf(buf, MP_COUNTER_NAME_TEXT, "%s (%s)", what->metric, what->kind);
	else
		snprintf(buf, MP_COUNTER_NAME_TEXT, "%s", what->metric);
	return buf;
}

static void add_term(struct mp_str *out, const char *name, const char *value, const char *unless)
{
	if (value && strcmp(value, unless) != 0)
		mp_str_printf(out, " %s %s", name, value);
}

static const char *text_of(const json_t *event, const char *key)
{
	return json_string_value(json_object_get(event, key));
}

/* "uncore_imc_0/cas_count_read/ type 30 config 0x304 on CPU 0" */
static void add_event(struct mp_str *out, const json_t *event)
{
	const json_t *cpu = json_object_get(event, "cpu");

	mp_str_printf(out, "%s%s/%s/ type %lld", out->len ? " + " : "",
		      mp_show_text(text_of(event, "pmu")), mp_show_text(text_of(event, "event")),
		      (long long)json_integer_value(json_object_get(event, "type")));
	add_term(out, "config", text_of(event, "config"), "");
	add_term(out, "config1", text_of(event, "config1"), "0x0");
	add_term(out, "config2", text_of(event, "config2"), "0x0");
	add_term(out, "filter", text_of(event, "filter"), "");
	if (json_is_integer(cpu))
		mp_str_printf(out, " on CPU %lld", (long long)json_integer_value(cpu));
}

/* Its events; of what is read otherwise, who reads and what. */
static void describe(const struct mp_counted *what, struct mp_str *out)
{
	json_t *events = json_loads(what->events, 0, NULL);
	size_t n = json_array_size(events);

	for (size_t i = 0; i < n; i++)
		add_event(out, json_array_get(events, i));
	if (!n)
		mp_str_printf(out, "%s: %s", what->encoder, what->event);
	json_decref(events);
}

bool mp_counters_made_note(struct mp_counters_made *made, const struct mp_count_row *row)
{
	struct mp_str text = MP_STR_INIT;
	struct mp_counter_made *item;
	char name[MP_COUNTER_NAME_TEXT];

	mp_counter_name(&row->what, name);
	if (!row->with_number)
		return true;
	describe(&row->what, &text);
	for (size_t i = 0; i < made->n && !text.failed; i++)
		if (!strcmp(made->items[i].name, name) && !strcmp(made->items[i].text, text.text)) {
			mp_str_done(&text);
			return true;
		}
	item = text.failed
		       ? NULL
		       : mp_vec_push((void **)&made->items, &made->n, &made->cap, sizeof(*item));
	if (item) {
		snprintf(item->name, sizeof(item->name), "%s", name);
		item->text = mp_str_take(&text);
	}
	mp_str_done(&text);
	return item && item->text;
}

void mp_counters_made_show(const struct mp_counters_made *made, const struct mp_doc *doc)
{
	if (made->n)
		mp_doc_heading(doc, "Counted by");
	for (size_t i = 0; i < made->n; i++)
		mp_doc_field(doc, made->items[i].name, "%s", made->items[i].text);
}

void mp_counters_made_done(struct mp_counters_made *made)
{
	for (size_t i = 0; i < made->n; i++)
		free(made->items[i].text);
	free(made->items);
	*made = (struct mp_counters_made){ 0 };
}

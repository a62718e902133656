/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was counted, in prose: see counter_words.h. */
#include "report/format/counter_words.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "common/vec.h"

json_t *mp_counter_group_json(const char *options_json)
{
	json_t *options = options_json ? json_loads(options_json, 0, NULL) : NULL;
	json_t *group = json_incref(json_object_get(options, "counters"));

	json_decref(options);
	if (json_is_object(group))
		return group;
	json_decref(group);
	return json_null();
}

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

/* "page_allocs, page_frees (explain pass), dram_read_bytes (bandwidth pass)" */
static void add_left(const json_t *left, struct mp_str *out)
{
	const size_t n = json_array_size(left);

	for (size_t i = 0; i < n; i++) {
		const json_t *at = json_array_get(left, i);
		const char *pass = text_of(at, "pass");

		mp_str_printf(out, "%s%s", i ? ", " : "", text_of(at, "metric"));
		if (strcmp(pass, text_of(json_array_get(left, i + 1), "pass")))
			mp_str_printf(out, " (%s pass)", pass);
	}
}

void mp_show_counter_group(const struct mp_doc *doc, const char *whose, const char *options_json)
{
	json_t *group = mp_counter_group_json(options_json);
	const json_t *left = json_object_get(group, "not_asked");
	struct mp_str words = MP_STR_INIT;

	if (*text_of(group, "group")) {
		mp_doc_heading(doc, "%sgroup %s: %s", whose, text_of(group, "group"),
			       text_of(group, "title"));
		mp_doc_line(doc, "%s", text_of(group, "about"));
	}
	if (json_array_size(left)) {
		add_left(left, &words);
		mp_doc_line(doc,
			    "Not asked for: %s; 'memperf run --counters %s' counts them too, in "
			    "invocations of their own.",
			    words.text, text_of(group, "group"));
	}
	doc->out->failed |= words.failed || !group;
	mp_str_done(&words);
	json_decref(group);
}

bool mp_counter_group_same(const char *options_json, const char *other_json)
{
	json_t *a = mp_counter_group_json(options_json), *b = mp_counter_group_json(other_json);
	bool same = json_equal(a, b);

	json_decref(a);
	json_decref(b);
	return same;
}

bool mp_said_add(struct mp_said *said, const char *metric, const char *text)
{
	struct mp_said_of *of;

	for (size_t i = 0; i < said->n; i++) {
		of = &said->items[i];
		if (!strcmp(of->metric, metric) && !strcmp(of->text, text)) {
			of->times++;
			return true;
		}
	}
	of = mp_vec_push((void **)&said->items, &said->n, &said->cap, sizeof(*of));
	if (!of)
		return false;
	*of = (struct mp_said_of){ .metric = strdup(metric), .text = strdup(text), .times = 1 };
	if (of->metric && of->text)
		return true;
	/* What others read is whole. */
	free(of->metric);
	free(of->text);
	said->n--;
	return false;
}

bool mp_said_add_meaning(struct mp_said *said, const struct mp_count_row *row)
{
	struct mp_str text = MP_STR_INIT;
	bool fine;

	mp_str_printf(&text, "%s%s%s", row->what.means, *row->what.note ? "; " : "",
		      row->what.note);
	fine = !text.failed && mp_said_add(said, row->what.metric, text.text);
	mp_str_done(&text);
	return fine;
}

void mp_said_show_meanings(const struct mp_said *said, const struct mp_doc *doc)
{
	static const struct mp_column columns[] = { { .title = "metric" }, { .title = "meaning" } };
	struct mp_table *table = mp_table_new(columns, 2);

	for (size_t i = 0; i < said->n; i++) {
		mp_table_text(table, said->items[i].metric);
		mp_table_text(table, said->items[i].text);
	}
	if (said->n) {
		mp_doc_heading(doc, "What the metrics mean");
		mp_doc_table(doc, table);
	}
	mp_table_free(table);
}

void mp_said_done(struct mp_said *said)
{
	for (size_t i = 0; i < said->n; i++) {
		free(said->items[i].metric);
		free(said->items[i].text);
	}
	free(said->items);
	*said = (struct mp_said){ 0 };
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The plan as JSON: what `memperf plan --json` prints and what a run stores. */
#include "runner/plan/plan.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <string.h>

#include "common/str.h"
#include "common/utf8.h"

/* jansson refuses what is not UTF-8, and has no memory with the same answer. */
static bool is_utf8(const char *s)
{
	uint32_t code;

	for (size_t len = 1; *s && len; s += len)
		len = mp_utf8_decode(s, &code);
	return !*s;
}

/* A text that may be missing; of what is not UTF-8 unknown is better than nothing. NULL when memory ran out. */
static json_t *text(const char *s)
{
	json_t *j = s ? json_string(s) : json_null();

	return j || (s && is_utf8(s)) ? j : json_null();
}

static json_t *params_json(const struct mp_params *params)
{
	json_t *group = json_object();

	for (size_t i = 0; group && i < params->count; i++) {
		const struct mp_param *p = &params->items[i];
		json_t *value = p->kind == MP_AXIS_SIZE || p->kind == MP_AXIS_COUNT
					? json_integer((json_int_t)p->number)
					: json_string(p->word);

		if (json_object_set_new(group, p->axis, value)) {
			json_decref(group);
			return NULL;
		}
	}
	return group;
}

static json_t *case_json(const struct mp_planned *c)
{
	return json_pack("{s:s, s:s, s:i, s:s, s:o, s:o}", "case", c->text, "bench", c->bench->name,
			 "version", (int)c->bench->version, "unit", c->bench->unit, "values",
			 params_json(&c->params), "skipped", text(c->skip_reason));
}

static json_t *dropped_json(const struct mp_dropped *dropped)
{
	return json_pack("{s:o, s:o}", "case", text(dropped->text), "reason",
			 text(dropped->reason));
}

static json_t *schedule_json(const struct mp_plan *plan)
{
	return json_pack("{s:I, s:I, s:i, s:i, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:b, s:b, s:b}",
			 "runnable", (json_int_t)plan->n_runnable, "skipped",
			 (json_int_t)(plan->n_cases - plan->n_runnable), "invocations",
			 (int)plan->invocations, "invocations_asked", (int)plan->invocations_asked,
			 "warmup_s", (double)plan->warmup_ns / 1e9, "measure_s",
			 (double)plan->measure_ns / 1e9, "budget_s", (double)plan->budget_ns / 1e9,
			 "pool_s", (double)plan->pool_ns / 1e9, "base_s", plan->base_s,
			 "estimate_s", plan->estimate_s, "target", plan->target, "fits",
			 (int)plan->fits, "to_budget", (int)plan->to_budget, "setup",
			 (int)plan->setup);
}

/* Lines of a value that stands inside others. */
struct nest {
	struct mp_str *out;
	unsigned depth;
};

static int nest_sink(const char *text, size_t len, void *user)
{
	const struct nest *nest = user;

	while (len) {
		const char *end = memchr(text, '\n', len);
		size_t part = end ? (size_t)(end - text) + 1 : len;

		if (mp_str_sink(text, part, nest->out))
			return -1;
		if (end)
			mp_str_pad(nest->out, ' ', nest->depth);
		text += part;
		len -= part;
	}
	return 0;
}

/* Takes the value over; NULL: memory ran out. */
static void add(struct mp_str *out, json_t *value, unsigned depth)
{
	struct nest nest = { out, depth };

	if (json_dump_callback(value, nest_sink, &nest, JSON_INDENT(1) | JSON_ENCODE_ANY))
		out->failed = true;
	json_decref(value);
}

static void add_case(struct mp_str *out, const struct mp_planned *c, const struct mp_plan_beside *b)
{
	json_t *one = case_json(c);

	if (one && b && b->add(b->user, c, one))
		out->failed = true;
	add(out, one, 2);
}

static void add_beside(struct mp_str *out, const struct mp_plan_beside *b)
{
	json_t *all = json_object(), *value;
	const char *name;

	if (!all || b->add(b->user, NULL, all))
		out->failed = true;
	json_object_foreach(all, name, value)
	{
		mp_str_printf(out, ",\n \"%s\": ", name);
		add(out, json_incref(value), 1);
	}
	json_decref(all);
}

/* As one tree of jansson's a plan of ten thousand cases would take some 30 MB. */
int mp_plan_write(const struct mp_plan *plan, const struct mp_plan_beside *beside,
		  struct mp_str *out)
{
	mp_str_add(out, "{\n \"schedule\": ");
	add(out, schedule_json(plan), 1);
	mp_str_add(out, ",\n \"cases\": [");
	for (size_t i = 0; i < plan->n_cases && !out->failed; i++) {
		mp_str_add(out, i ? ",\n  " : "\n  ");
		add_case(out, &plan->cases[i], beside);
	}
	mp_str_add(out, plan->n_cases ? "\n ],\n \"dropped\": [" : "],\n \"dropped\": [");
	for (size_t i = 0; i < plan->n_dropped && !out->failed; i++) {
		mp_str_add(out, i ? ",\n  " : "\n  ");
		add(out, dropped_json(&plan->dropped[i]), 2);
	}
	mp_str_add(out, plan->n_dropped ? "\n ]" : "]");
	if (beside)
		add_beside(out, beside);
	mp_str_add(out, "\n}");
	return out->failed ? -ENOMEM : 0;
}

char *mp_plan_json(const struct mp_plan *plan)
{
	struct mp_str out = MP_STR_INIT;

	mp_plan_write(plan, NULL, &out);
	return mp_str_take(&out);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The plan as JSON: what `memperf plan --json` prints and what a run stores. */
#include "runner/plan/plan.h"

#include <jansson.h>
#include <math.h>

#include "common/str.h"

/* A text that may be missing; jansson refuses what is not UTF-8, and unknown is better than nothing. */
static json_t *text(const char *s)
{
	json_t *j = s ? json_string(s) : json_null();

	return j ? j : json_null();
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

static json_t *cases_json(const struct mp_plan *plan)
{
	json_t *list = json_array();

	for (size_t i = 0; list && i < plan->n_cases; i++) {
		const struct mp_planned *c = &plan->cases[i];
		json_t *one = json_pack("{s:s, s:s, s:i, s:s, s:o, s:o}", "case", c->text, "bench",
					c->bench->name, "version", (int)c->bench->version, "unit",
					c->bench->unit, "values", params_json(&c->params),
					"skipped", text(c->skip_reason));

		if (json_array_append_new(list, one)) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

static json_t *dropped_json(const struct mp_plan *plan)
{
	json_t *list = json_array();

	for (size_t i = 0; list && i < plan->n_dropped; i++) {
		json_t *one = json_pack("{s:o, s:o}", "case", text(plan->dropped[i].text), "reason",
					text(plan->dropped[i].reason));

		if (json_array_append_new(list, one)) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
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

char *mp_plan_json(const struct mp_plan *plan)
{
	/* json_pack takes the three parts over, also when it fails. */
	json_t *all = json_pack("{s:o, s:o, s:o}", "schedule", schedule_json(plan), "cases",
				cases_json(plan), "dropped", dropped_json(plan));
	struct mp_str out = MP_STR_INIT;

	if (json_dump_callback(all, mp_str_sink, &out, JSON_INDENT(1)))
		out.failed = true;
	json_decref(all);
	return mp_str_take(&out);
}

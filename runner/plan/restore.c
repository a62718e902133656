/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The plan that a run stored, as a plan again: what mp_plan_json() wrote. */
#include "runner/plan/plan.h"

#include <errno.h>
#include <jansson.h>
#include <malloc.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/vec.h"
#include "runner/plan/where.h"

#define INVOCATIONS_MAX 1000
#define SECONDS_MAX	((double)MP_BUDGET_MAX_NS / 1e9)

static int damaged(struct mp_err *err)
{
	return mp_err_env(err, -EBADMSG,
			  "the stored plan of the run cannot be read; start a new run");
}

/* Seconds to whole nanoseconds; -EBADMSG for what no plan holds. */
static int to_ns(double seconds, uint64_t *ret_ns)
{
	if (!(seconds >= 0 && seconds <= SECONDS_MAX))
		return -EBADMSG;
	*ret_ns = (uint64_t)llround(seconds * 1e9);
	return 0;
}

static int restore_schedule(json_t *root, struct mp_plan *plan)
{
	double warmup, measure, budget, pool;
	int invocations, asked, fits, to_budget = 0, setup = 0;

	if (json_unpack(root, "{s:{s:i, s:i, s:F, s:F, s:F, s:F, s:F, s:F, s:F, s:b, s?b, s?b}}",
			"schedule", "invocations", &invocations, "invocations_asked", &asked,
			"warmup_s", &warmup, "measure_s", &measure, "budget_s", &budget, "pool_s",
			&pool, "base_s", &plan->base_s, "estimate_s", &plan->estimate_s, "target",
			&plan->target, "fits", &fits, "to_budget", &to_budget, "setup", &setup))
		return -EBADMSG;
	if (invocations < 1 || invocations > INVOCATIONS_MAX || asked < invocations ||
	    !(plan->target > 0) || to_ns(warmup, &plan->warmup_ns) ||
	    to_ns(measure, &plan->measure_ns) || to_ns(budget, &plan->budget_ns) ||
	    to_ns(pool, &plan->pool_ns) || !plan->measure_ns)
		return -EBADMSG;
	plan->invocations = (unsigned)invocations;
	plan->invocations_asked = (unsigned)asked;
	plan->fits = fits;
	plan->to_budget = to_budget;
	plan->setup = setup;
	return 0;
}

/* One value, as the grammar of value sets reads it. -EINVAL: not a value of this build's benchmark. */
static int restore_param(const struct mp_bench *bench, const char *name, const json_t *value,
			 const struct mp_host *host, struct mp_params *params)
{
	const struct mp_axis *axis = mp_where_axis(bench, name);
	const char *item = json_string_value(value);
	struct mp_param *found = NULL;
	char number[24];
	size_t count = 0;
	int rc;

	if (json_is_integer(value)) {
		snprintf(number, sizeof(number), "%lld", (long long)json_integer_value(value));
		item = number;
	}
	if (!axis || !item || params->count == MP_PARAMS_MAX)
		return -EINVAL;
	rc = mp_where_expand(item, axis, host, NULL, NULL, &found, &count, NULL);
	if (!rc && count == 1)
		params->items[params->count++] = *found;
	free(found);
	return rc || count == 1 ? rc : -EINVAL;
}

static int restore_case(json_t *one, const struct mp_host *host, struct mp_plan *plan,
			struct mp_err *err)
{
	const char *text, *bench, *skipped = NULL, *axis;
	char made[MP_CASE_TEXT_MAX];
	struct mp_planned *c;
	json_t *values, *value = NULL;
	int rc = 0;

	if (json_unpack(one, "{s:s, s:s, s:o, s?o}", "case", &text, "bench", &bench, "values",
			&values, "skipped", &value) ||
	    !json_is_object(values))
		return damaged(err);
	skipped = json_string_value(value);
	c = mp_vec_push((void **)&plan->cases, &plan->n_cases, &plan->cap_cases, sizeof(*c));
	if (!c)
		return mp_plan_no_memory(err);
	c->bench = mp_bench_find(bench);
	json_object_foreach(values, axis, value)
	{
		rc = c->bench ? restore_param(c->bench, axis, value, host, &c->params) : -EINVAL;
		if (rc)
			break;
	}
	if (rc == -ENOMEM)
		return mp_plan_no_memory(err);
	if (rc || !c->bench || mp_case_text(bench, &c->params, made) || strcmp(made, text))
		return mp_err_usage(
			err, -EINVAL,
			"case '%s' of the stored plan is none of this build's on this machine; "
			"start a new run",
			text);
	strcpy(c->text, made);
	plan->n_runnable += !skipped;
	c->skip_reason = skipped ? strdup(skipped) : NULL;
	return skipped && !c->skip_reason ? mp_plan_no_memory(err) : 0;
}

int mp_plan_restore(const char *json, const struct mp_host *host, struct mp_plan *ret_plan,
		    struct mp_err *err)
{
	json_t *root = json ? json_loads(json, 0, NULL) : NULL, *one;
	const json_t *list = json_object_get(root, "cases");
	struct mp_plan plan = { 0 };
	size_t i;
	int rc = 0;

	if (!json_is_array(list) || restore_schedule(root, &plan))
		rc = damaged(err);
	json_array_foreach(list, i, one)
	{
		if (!rc)
			rc = restore_case(one, host, &plan, err);
	}
	json_decref(root);
	/* Of ten thousand cases that was 20 MiB, in pieces that nothing else comes to fill. */
	malloc_trim(0);
	if (!rc && !plan.n_runnable)
		rc = damaged(err);
	if (rc)
		mp_plan_done(&plan);
	else
		*ret_plan = plan;
	return rc;
}

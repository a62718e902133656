/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The plan that a run stored, as a plan again: what mp_plan_json() wrote. */
#include "runner/plan/plan.h"

#include <errno.h>
#include <jansson.h>
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

static int restore_schedule(json_t *schedule, struct mp_plan *plan)
{
	double warmup, measure, budget, pool;
	int invocations, asked, fits, to_budget = 0, setup = 0;

	if (json_unpack(schedule, "{s:i, s:i, s:F, s:F, s:F, s:F, s:F, s:F, s:F, s:b, s?b, s?b}",
			"invocations", &invocations, "invocations_asked", &asked, "warmup_s",
			&warmup, "measure_s", &measure, "budget_s", &budget, "pool_s", &pool,
			"base_s", &plan->base_s, "estimate_s", &plan->estimate_s, "target",
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

/* ---- the text, value by value: as one tree of jansson's ten thousand cases would take some 30 MB ---- */

struct reader {
	const char *at; /* what comes next */
	const struct mp_host *host;
	struct mp_plan plan;
	bool scheduled, listed; /* what was found */
	struct mp_err *err;
};

/* Is that the next character that means something? Then it is behind us. */
static bool took(struct reader *r, char c)
{
	r->at += strspn(r->at, " \t\r\n");
	if (*r->at != c)
		return false;
	r->at++;
	return true;
}

/* The caller's; NULL: what comes is no value. */
static json_t *take_value(struct reader *r)
{
	json_error_t error;
	json_t *value = json_loads(r->at, JSON_DISABLE_EOF_CHECK | JSON_DECODE_ANY, &error);

	if (value)
		r->at += error.position;
	return value;
}

static int take_cases(struct reader *r)
{
	int rc = 0;

	r->listed = true;
	if (!took(r, '['))
		return damaged(r->err);
	if (took(r, ']'))
		return 0;
	do {
		json_t *one = take_value(r);

		rc = one ? restore_case(one, r->host, &r->plan, r->err) : damaged(r->err);
		json_decref(one);
	} while (!rc && took(r, ','));
	return rc || took(r, ']') ? rc : damaged(r->err);
}

static int take_member(struct reader *r)
{
	json_t *name = take_value(r), *value = NULL;
	const char *text = json_string_value(name);
	bool cases = text && !strcmp(text, "cases"), schedule = text && !strcmp(text, "schedule");
	int rc = text && took(r, ':') ? 0 : damaged(r->err);

	json_decref(name);
	if (rc)
		return rc;
	if (cases)
		return take_cases(r);
	value = take_value(r);
	if (!value || (schedule && restore_schedule(value, &r->plan)))
		rc = damaged(r->err);
	r->scheduled |= schedule;
	json_decref(value);
	return rc;
}

static int take_plan(struct reader *r)
{
	int rc = 0;

	if (!took(r, '{'))
		return damaged(r->err);
	do
		rc = take_member(r);
	while (!rc && took(r, ','));
	if (rc)
		return rc;
	return took(r, '}') && took(r, '\0') && r->scheduled && r->listed && r->plan.n_runnable
		       ? 0
		       : damaged(r->err);
}

int mp_plan_restore(const char *json, const struct mp_host *host, struct mp_plan *ret_plan,
		    struct mp_err *err)
{
	struct reader r = { .at = json ? json : "", .host = host, .err = err };
	int rc = take_plan(&r);

	if (rc)
		mp_plan_done(&r.plan);
	else
		*ret_plan = r.plan;
	return rc;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From one benchmark and a value set per axis to cases: the product of the sets, less what filters leave out
 * (silently: the user asked for it) and what machine or benchmark cannot do (with the reason).
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/str.h"
#include "common/vec.h"
#include "runner/plan/where.h"

/* More cases than any machine can run in a week at the shortest schedule; a slip, not a plan. */
#define CASES_MAX 50000

struct axis_values {
	const struct mp_axis *axis;
	struct mp_param *items; /* owned */
	size_t count, cap;
};

struct expansion {
	struct mp_plan_maker *m;
	const struct mp_bench *bench;
	const struct mp_filter *filter; /* of the entry; NULL: none */
	bool selected; /* by the user, so that the filters hold */
	struct axis_values axes[MP_PARAMS_MAX]; /* sorted by name */
	size_t n_axes;
	struct axis_values *current; /* being filled */
	int drop_rc;
};

static struct mp_axis_source find_source(const struct mp_plan_maker *m,
					 const struct mp_suite_entry *entry,
					 const struct mp_axis *axis)
{
	for (size_t i = 0; entry && i < m->suite->n_sets; i++)
		if (!strcmp(m->suite->sets[i].axis, axis->name))
			return (struct mp_axis_source){ m->suite->sets[i].values,
							m->suite->sets[i].where };
	for (size_t i = 0; entry && i < entry->n_axes; i++)
		if (!strcmp(entry->axes[i].axis, axis->name))
			return (struct mp_axis_source){ entry->axes[i].values,
							entry->axes[i].where };
	if (entry && entry->matrix && axis->matrix)
		return (struct mp_axis_source){ axis->matrix, NULL };
	/* The machine's charge for doing nothing is asked for wherever something is done. */
	if (!entry && !strcmp(axis->name, mp_where_axes[1].name) && m->places.len)
		return (struct mp_axis_source){ m->places.text, "floor" };
	return (struct mp_axis_source){ axis->values, NULL };
}

/* Records "bench axis=value" as dropped. */
static void drop_value(void *user, const char *value, const char *reason)
{
	struct expansion *x = user;
	char text[MP_NAME_MAX + MP_WORD_MAX + 160];

	snprintf(text, sizeof(text), "%s %s=%s", x->bench->name, x->current->axis->name, value);
	if (!x->drop_rc)
		x->drop_rc = mp_plan_drop(x->m, text, reason);
}

static int add_values(struct expansion *x, const struct mp_param *items, size_t count)
{
	struct axis_values *v = x->current;

	for (size_t i = 0; i < count; i++) {
		struct mp_param *slot;
		size_t k = 0;

		while (k < v->count && (v->items[k].number != items[i].number ||
					(items[i].kind == MP_AXIS_CHOICE &&
					 strcmp(v->items[k].word, items[i].word))))
			k++;
		if (k < v->count)
			continue;
		slot = mp_vec_push((void **)&v->items, &v->count, &v->cap, sizeof(*slot));
		if (!slot)
			return mp_plan_no_memory(x->m->err);
		*slot = items[i];
	}
	return 0;
}

/* One item of a set that was said for several benchmarks: mp_plan_check_* made sure that one of them
 * accepts it; where this one does not, it is dropped with the sentence. */
static int add_item(void *user, const char *item)
{
	struct expansion *x = user;
	struct mp_param *items;
	struct mp_err why;
	size_t count;
	int rc = mp_where_expand(item, x->current->axis, x->m->host, drop_value, x, &items, &count,
				 &why);

	if (rc == -EINVAL) {
		drop_value(x, item, why.text);
		return x->drop_rc;
	}
	if (rc)
		return mp_plan_no_memory(x->m->err);
	rc = add_values(x, items, count);
	free(items);
	return rc ? rc : x->drop_rc;
}

/* Fills x->current from its source. */
static int fill_axis(struct expansion *x, const struct mp_suite_entry *entry)
{
	struct mp_axis_source source = find_source(x->m, entry, x->current->axis);
	struct mp_err why;
	int rc;

	if (source.where) {
		MP_CLEANUP(mp_free_ptr) char *set = mp_where_set(x->current->axis, source.values);

		rc = set ? mp_plan_each_item(set, add_item, x) : -ENOMEM;
		return rc == -ENOMEM ? mp_plan_no_memory(x->m->err) : rc;
	}
	rc = mp_where_expand(source.values, x->current->axis, x->m->host, drop_value, x,
			     &x->current->items, &x->current->count, &why);
	if (rc == -EINVAL)
		return mp_err_internal(x->m->err, rc, "the descriptor of '%s': %s", x->bench->name,
				       why.text);
	if (rc)
		return mp_plan_no_memory(x->m->err);
	return x->drop_rc;
}

static int by_axis_name(const void *left, const void *right)
{
	const struct axis_values *a = left, *b = right;

	return strcmp(a->axis->name, b->axis->name);
}

static int fill_axes(struct expansion *x, const struct mp_suite_entry *entry)
{
	int rc = 0;

	if (x->bench->n_axes > MP_PARAMS_MAX - MP_WHERE_AXES)
		return mp_err_internal(x->m->err, -EINVAL, "benchmark '%s' has more than %d axes",
				       x->bench->name, MP_PARAMS_MAX - MP_WHERE_AXES);
	for (size_t i = 0; i < x->bench->n_axes; i++)
		x->axes[i].axis = &x->bench->axes[i];
	for (size_t i = 0; i < MP_WHERE_AXES; i++)
		x->axes[x->bench->n_axes + i].axis = &mp_where_axes[i];
	x->n_axes = x->bench->n_axes + MP_WHERE_AXES;
	qsort(x->axes, x->n_axes, sizeof(x->axes[0]), by_axis_name);
	for (size_t i = 0; !rc && i < x->n_axes; i++) {
		x->current = &x->axes[i];
		rc = fill_axis(x, entry);
	}
	return rc;
}

/* ---- one case ---- */

/* May the combination exist here? 0; 1: no, it was recorded as dropped; negative: error. */
static int check_legal(const struct expansion *x, const struct mp_params *params, const char *text)
{
	unsigned workers = mp_params_workers(params);
	struct mp_err why = { .text = "not legal" };
	char reason[128];
	int rc;

	/* A placement has its own say (mp_plan_unmet). */
	if (workers > 1 && workers > x->m->host->cpus &&
	    !mp_params_find(params, mp_where_axes[1].name)) {
		snprintf(reason, sizeof(reason), "%u threads want as many CPUs; there are %u",
			 workers, x->m->host->cpus);
		rc = mp_plan_drop(x->m, text, reason);
		return rc ? rc : 1;
	}
	if (!x->bench->legal || !x->bench->legal(params, x->m->host, &why))
		return 0;
	rc = mp_plan_drop(x->m, text, why.text);
	return rc ? rc : 1;
}

/* Why a need is not met, asked once; NULL: it is. The answer is the maker's. -ENOMEM in *rc, else as it was. */
static const char *need_unmet(struct mp_plan_maker *m, const struct mp_needed *needed, int *rc)
{
	const struct mp_plan_options *o = m->options;
	const char *word = needed->word ? needed->word : "";
	struct mp_need_answer *answer;

	for (size_t i = 0; i < m->n_answers; i++)
		if (m->answers[i].need == needed->need && !strcmp(m->answers[i].word, word))
			return m->answers[i].why;
	answer = mp_vec_push((void **)&m->answers, &m->n_answers, &m->cap_answers, sizeof(*answer));
	if (!answer) {
		*rc = -ENOMEM;
		return NULL;
	}
	answer->need = needed->need;
	snprintf(answer->word, sizeof(answer->word), "%s", word);
	answer->why = o->need_unmet(o->need_user, needed->need, needed->word);
	return answer->why;
}

int mp_plan_unmet(struct mp_plan_maker *m, const struct mp_bench *bench,
		  const struct mp_params *params, struct mp_str *ret)
{
	struct mp_needed needed[MP_NEEDED_MAX];
	size_t n = mp_bench_needed(bench, params, needed);
	int rc = 0;

	if (bench->unavailable)
		mp_str_add(ret, bench->unavailable);
	mp_where_unmet(m, bench, params, ret);
	/* What cannot run here for another reason needs nothing: nothing is set up for it. */
	if (ret->len)
		n = 0;
	for (size_t i = 0; i < n && m->options && m->options->need_unmet; i++) {
		const char *why = need_unmet(m, &needed[i], &rc);

		if (why)
			mp_str_printf(ret, "%s%s", ret->len ? "; " : "", why);
	}
	return rc || ret->failed ? -ENOMEM : 0;
}

static int push_case(struct expansion *x, const struct mp_params *params, const char *text)
{
	struct mp_plan *plan = &x->m->plan;
	struct mp_str skip = MP_STR_INIT;
	struct mp_planned *c;

	if (plan->n_cases == CASES_MAX)
		return mp_err_usage(
			x->m->err, -E2BIG,
			"the selection makes more than %d cases; select fewer values or "
			"benchmarks",
			CASES_MAX);
	c = mp_vec_push((void **)&plan->cases, &plan->n_cases, &plan->cap_cases, sizeof(*c));
	if (!c)
		return mp_plan_no_memory(x->m->err);
	c->bench = x->bench;
	c->params = *params;
	snprintf(c->text, sizeof(c->text), "%s", text);
	if (mp_plan_unmet(x->m, x->bench, params, &skip)) {
		mp_str_done(&skip);
		return mp_plan_no_memory(x->m->err);
	}
	if (!skip.len)
		return x->selected && mp_where_note(x->m, params) ? mp_plan_no_memory(x->m->err)
								  : 0;
	c->skip_reason = mp_str_take(&skip);
	return c->skip_reason ? 0 : mp_plan_no_memory(x->m->err);
}

static int add_case(struct expansion *x, const struct mp_params *params)
{
	char text[MP_CASE_TEXT_MAX];
	int rc;

	if (mp_case_text(x->bench->name, params, text))
		return mp_err_internal(x->m->err, -ENAMETOOLONG,
				       "a case of '%s' has too long a name", x->bench->name);
	if (x->filter && !mp_filter_match(x->filter, text))
		return 0;
	x->m->n_matching++;
	if (x->selected && x->m->filter && !mp_filter_match(x->m->filter, text))
		return 0;
	rc = check_legal(x, params, text);
	if (rc)
		return rc < 0 ? rc : 0;
	return push_case(x, params, text);
}

/* Every combination, the last axis running fastest. */
static int add_product(struct expansion *x)
{
	size_t at[MP_PARAMS_MAX] = { 0 };
	uint64_t total = 1;
	int rc = 0;

	for (size_t i = 0; i < x->n_axes; i++)
		if (__builtin_mul_overflow(total, (uint64_t)x->axes[i].count, &total) ||
		    total > 10 * CASES_MAX)
			return mp_err_usage(
				x->m->err, -E2BIG,
				"'%s' makes more than %d combinations; select fewer values",
				x->bench->name, 10 * CASES_MAX);
	for (uint64_t n = 0; !rc && n < total; n++) {
		struct mp_params params = { 0 };

		/* Place and mem are no part of a case that has their defaults. */
		for (size_t i = 0; i < x->n_axes; i++)
			if (*x->axes[i].items[at[i]].word)
				params.items[params.count++] = x->axes[i].items[at[i]];
		rc = add_case(x, &params);
		for (size_t i = x->n_axes; i > 0 && ++at[i - 1] == x->axes[i - 1].count; i--)
			at[i - 1] = 0;
	}
	return rc;
}

int mp_plan_expand(struct mp_plan_maker *m, const struct mp_suite_entry *entry,
		   const struct mp_filter *filter, const struct mp_bench *bench)
{
	struct expansion x = { .m = m, .bench = bench, .filter = filter, .selected = entry };
	int rc = fill_axes(&x, entry);

	if (!rc)
		rc = add_product(&x);
	for (size_t i = 0; i < x.n_axes; i++)
		free(x.axes[i].items);
	return rc;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Makes the plan of a run from suite, machine and options: which cases, in which order, and what was left out
 * and why. check.c judges what the user wrote, expand.c makes the cases, schedule.c lays out the time.
 */
#include "runner/plan/plan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/str.h"
#include "common/vec.h"
#include "runner/plan/internal.h"
#include "runner/plan/where.h"

#define DEFAULT_INVOCATIONS 10
#define DEFAULT_TARGET	    0.02

int mp_plan_no_memory(struct mp_err *err)
{
	return mp_err_env(err, -ENOMEM, "out of memory while making the plan");
}

int mp_plan_drop(struct mp_plan_maker *m, const char *text, const char *reason)
{
	struct mp_plan *plan = &m->plan;
	struct mp_dropped *d = mp_vec_push((void **)&plan->dropped, &plan->n_dropped,
					   &plan->cap_dropped, sizeof(*d));

	if (!d)
		return mp_plan_no_memory(m->err);
	d->text = strdup(text);
	d->reason = strdup(reason);
	return d->text && d->reason ? 0 : mp_plan_no_memory(m->err);
}

static void planned_done(struct mp_planned *c)
{
	free(c->skip_reason);
}

static void dropped_done(struct mp_dropped *d)
{
	free(d->text);
	free(d->reason);
}

void mp_plan_done(struct mp_plan *plan)
{
	for (size_t i = 0; i < plan->n_cases; i++)
		planned_done(&plan->cases[i]);
	for (size_t i = 0; i < plan->n_dropped; i++)
		dropped_done(&plan->dropped[i]);
	free(plan->cases);
	free(plan->dropped);
	*plan = (struct mp_plan){ 0 };
}

/* Benchmarks by name; the cases of one benchmark by their values, sizes as numbers. */
static int by_name(const void *left, const void *right)
{
	const struct mp_planned *a = left, *b = right;
	int order = strcmp(a->bench->name, b->bench->name);

	/* Cases in their default place and with default memory first: these two axes are left out there. */
	if (!order && a->params.count != b->params.count)
		return a->params.count < b->params.count ? -1 : 1;
	for (size_t i = 0; !order && i < a->params.count; i++) {
		const struct mp_param *x = &a->params.items[i], *y = &b->params.items[i];

		order = strcmp(x->axis, y->axis);
		if (!order)
			order = (x->number > y->number) - (x->number < y->number);
		if (!order && x->kind == MP_AXIS_CHOICE)
			order = strcmp(x->word, y->word);
	}
	return order;
}

static int by_text(const void *left, const void *right)
{
	const struct mp_dropped *a = left, *b = right;
	int order = strcmp(a->text, b->text);

	return order ? order : strcmp(a->reason, b->reason);
}

static void sort_cases(struct mp_plan *plan)
{
	size_t kept = 0;

	if (!plan->n_cases)
		return;
	qsort(plan->cases, plan->n_cases, sizeof(*plan->cases), by_name);
	for (size_t i = 1; i < plan->n_cases; i++) {
		if (by_name(&plan->cases[kept], &plan->cases[i]))
			plan->cases[++kept] = plan->cases[i];
		else
			planned_done(&plan->cases[i]);
	}
	plan->n_cases = kept + 1;
	for (size_t i = 0; i < plan->n_cases; i++)
		plan->n_runnable += !plan->cases[i].skip_reason;
}

static void sort_dropped(struct mp_plan *plan)
{
	size_t kept = 0;

	if (!plan->n_dropped)
		return;
	qsort(plan->dropped, plan->n_dropped, sizeof(*plan->dropped), by_text);
	for (size_t i = 1; i < plan->n_dropped; i++) {
		if (by_text(&plan->dropped[kept], &plan->dropped[i]))
			plan->dropped[++kept] = plan->dropped[i];
		else
			dropped_done(&plan->dropped[i]);
	}
	plan->n_dropped = kept + 1;
}

/* One entry of the suite: its cases are added to the plan. A pattern of the command line that matches none is a slip. */
static int add_entry(struct mp_plan_maker *m, const struct mp_suite_entry *entry,
		     const struct mp_bench_list *list)
{
	struct mp_filter *filter = NULL;
	int rc = mp_plan_check_entry(m, entry, list);

	if (!rc && entry->filter) {
		rc = mp_filter_parse(entry->filter, &filter, m->err);
		if (!rc)
			rc = mp_plan_check_filter(filter, entry->where, m->err);
	}
	m->n_matching = 0;
	for (size_t i = 0; !rc && i < list->count; i++)
		rc = mp_plan_expand(m, entry, filter, list->items[i]);
	if (!rc && filter && !m->n_matching && !strcmp(entry->where, "--bench"))
		rc = mp_err_usage(m->err, -ENOENT,
				  "--bench: no case matches filter '%s'; 'memperf plan --bench %s' "
				  "shows its cases",
				  entry->filter, entry->bench);
	mp_filter_free(filter);
	return rc;
}

static int push_all(struct mp_bench_list *to, const struct mp_bench_list *from, struct mp_err *err)
{
	for (size_t i = 0; i < from->count; i++) {
		const struct mp_bench **slot =
			mp_vec_push((void **)&to->items, &to->count, &to->cap, sizeof(*slot));

		if (!slot)
			return mp_plan_no_memory(err);
		*slot = from->items[i];
	}
	return 0;
}

/* All entries of the suite; --set is judged against everything they select. */
static int add_entries(struct mp_plan_maker *m)
{
	struct mp_bench_list selected = { 0 };
	int rc = 0;

	for (size_t i = 0; !rc && i < m->suite->n_entries; i++) {
		struct mp_bench_list list = { 0 };

		rc = mp_plan_match(&m->suite->entries[i], &list, m->err);
		if (!rc)
			rc = push_all(&selected, &list, m->err);
		free(list.items);
	}
	for (size_t i = 0; !rc && i < m->suite->n_sets; i++)
		rc = mp_plan_check_set(m, &m->suite->sets[i], &selected);
	free(selected.items);
	for (size_t i = 0; !rc && i < m->suite->n_entries; i++) {
		struct mp_bench_list list = { 0 };

		rc = mp_plan_match(&m->suite->entries[i], &list, m->err);
		if (!rc)
			rc = add_entry(m, &m->suite->entries[i], &list);
		free(list.items);
	}
	return rc;
}

/* The machine's charge for doing nothing is measured in every run. */
static int add_floor(struct mp_plan_maker *m)
{
	const struct mp_family *family;
	int rc = 0;

	for (size_t f = 0; (family = mp_family_at(f)); f++) {
		if (strcmp(family->name, "floor"))
			continue;
		for (size_t i = 0; !rc && i < family->n_benches; i++)
			rc = mp_plan_expand(m, NULL, NULL, &family->benches[i]);
	}
	return rc;
}

/* A plan that would measure nothing of what was asked for is refused, with the likeliest reason. */
static int check_result(const struct mp_plan_maker *m, size_t n_selected)
{
	const struct mp_plan *plan = &m->plan;
	const struct mp_planned *first = plan->cases;

	/* Where no selected case can have the place or memory that was asked for, the floor elsewhere is no answer. */
	while (n_selected && !m->places.len && first < plan->cases + plan->n_cases &&
	       (!first->skip_reason || !mp_where_said(&first->params)))
		first++;
	if (n_selected && plan->n_runnable &&
	    (m->places.len || first == plan->cases + plan->n_cases))
		return 0;
	if (n_selected && first == plan->cases + plan->n_cases)
		first = plan->cases;
	if (n_selected)
		return mp_err_env(m->err, -ENOENT, "no case can run here; '%s' is skipped: %s",
				  first->text, first->skip_reason);
	if (m->filter && !plan->n_dropped)
		return mp_err_usage(m->err, -ENOENT, "no case matches filter '%.300s'",
				    m->options->filter);
	if (plan->n_dropped)
		return mp_err_usage(m->err, -ENOENT,
				    "no case is left%s; %zu dropped, the first: '%s': %s",
				    m->filter ? " that matches the filter" : "", plan->n_dropped,
				    plan->dropped[0].text, plan->dropped[0].reason);
	return mp_err_usage(m->err, -ENOENT, "nothing is selected; name a suite or a benchmark");
}

static int make(struct mp_plan_maker *m)
{
	const struct mp_plan_options *o = m->options;
	size_t n_selected;
	int rc = 0;

	if (o && o->filter) {
		rc = mp_filter_parse(o->filter, &m->filter, m->err);
		if (!rc)
			rc = mp_plan_check_filter(m->filter, "--filter", m->err);
	}
	if (!rc)
		rc = add_entries(m);
	n_selected = m->plan.n_cases;
	if (!rc)
		rc = add_floor(m);
	if (rc)
		return rc;
	sort_cases(&m->plan);
	sort_dropped(&m->plan);
	return check_result(m, n_selected);
}

static void forget_answers(struct mp_plan_maker *m)
{
	for (size_t i = 0; i < m->n_answers; i++)
		free(m->answers[i].why);
	free(m->answers);
}

int mp_plan_make(const struct mp_suite *suite, const struct mp_host *host,
		 const struct mp_plan_options *options, struct mp_plan *ret_plan,
		 struct mp_err *err)
{
	struct mp_plan_maker m = {
		.suite = suite, .host = host, .options = options, .err = err, .places = MP_STR_INIT
	};
	unsigned invocations = options ? options->invocations : 0;
	uint64_t budget = options ? options->budget_ns : 0;
	int rc = make(&m);

	mp_filter_free(m.filter);
	mp_str_done(&m.places);
	forget_answers(&m);
	if (rc) {
		mp_plan_done(&m.plan);
		return rc;
	}
	if (!invocations)
		invocations = suite->invocations ? suite->invocations : DEFAULT_INVOCATIONS;
	if (!budget)
		budget = suite->budget_ns;
	m.plan.target = suite->target > 0 ? suite->target : DEFAULT_TARGET;
	mp_plan_schedule(&m.plan, invocations, budget, options);
	*ret_plan = m.plan;
	return 0;
}

int mp_plan_recheck(const struct mp_plan *plan, const struct mp_plan_options *options,
		    struct mp_err *err)
{
	struct mp_plan_maker m = { .options = options, .err = err };
	struct mp_str why = MP_STR_INIT;
	int rc = 0;

	for (size_t i = 0; i < plan->n_cases && !rc; i++) {
		const struct mp_planned *c = &plan->cases[i];

		if (c->skip_reason)
			continue;
		if (mp_plan_unmet(&m, c->bench, &c->params, &why))
			rc = mp_plan_no_memory(err);
		else if (why.len)
			rc = mp_err_env(err, -ENOENT, "'%s' can no longer run here: %s", c->text,
					why.text);
	}
	mp_str_done(&why);
	forget_answers(&m);
	return rc;
}

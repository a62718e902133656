/* SPDX-License-Identifier: GPL-3.0-or-later */
/* memperf plan: what `run` with the same options would measure, how long it takes, what it leaves out and why. */
#include "cli/select.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/plan_where.h"
#include "cli/stored.h"
#include "common/cleanup.h"
#include "common/str.h"
#include "report/compare/floor.h"
#include "results/policy.h"
#include "runner/machine/tune.h"

#define GOAL 0.05 /* the change that the totals speak of */

static const struct mp_option options[] = {
	MP_SELECT_OPTIONS,
	{ .name = "db",
	  .value = "FILE",
	  .help = "results file that knows what cases cost and how they scatter here; default: "
		  "HOSTNAME.db here" },
	MP_TOPOLOGY_OPTION,
	{ .name = "json", .help = "the whole plan as JSON" },
};

/* One thing left out, skipped or dropped alike. */
struct omission {
	const char *text, *reason;
};

static int by_reason(const void *left, const void *right)
{
	const struct omission *a = left, *b = right;
	int order = strcmp(a->reason, b->reason);

	return order ? order : strcmp(a->text, b->text);
}

/* The list under one heading per reason: many cases share few reasons. */
static void add_omissions(struct mp_str *out, const char *heading, struct omission *list,
			  size_t count)
{
	const char *reason = NULL;

	if (!count)
		return;
	qsort(list, count, sizeof(*list), by_reason);
	for (size_t i = 0; i < count; i++) {
		if (!reason || strcmp(reason, list[i].reason))
			mp_str_printf(out, "\n%s: %s\n", heading, list[i].reason);
		reason = list[i].reason;
		mp_str_printf(out, "  %s\n", list[i].text);
	}
}

static int add_left_out(struct mp_str *out, const struct mp_plan *plan)
{
	size_t room = plan->n_cases > plan->n_dropped ? plan->n_cases : plan->n_dropped;
	MP_CLEANUP(mp_free_ptr) struct omission *list = calloc(room + 1, sizeof(*list));
	size_t count = 0;

	if (!list)
		return -ENOMEM;
	for (size_t i = 0; i < plan->n_cases; i++)
		if (plan->cases[i].skip_reason)
			list[count++] = (struct omission){ plan->cases[i].text,
							   plan->cases[i].skip_reason };
	add_omissions(out, "skipped", list, count);
	for (count = 0; count < plan->n_dropped; count++)
		list[count] =
			(struct omission){ plan->dropped[count].text, plan->dropped[count].reason };
	add_omissions(out, "dropped", list, count);
	return 0;
}

/* What a comparison of two such runs would find, one change among all their cases; NaN: never measured here. */
static double detectable(const struct mp_floors *floors, const struct mp_plan *plan,
			 const struct mp_planned *c)
{
	double threshold = mp_policy_thresholds(&mp_policy_default, c->bench->name).location;

	return mp_floor_detectable(floors, c->text, c->bench->version, threshold,
				   mp_policy_default.q / (double)plan->n_runnable,
				   plan->invocations, plan->measure_ns, NULL);
}

static void add_case(struct mp_str *out, const struct mp_floors *floors, const struct mp_plan *plan,
		     const struct mp_planned *c)
{
	double change = detectable(floors, plan, c);

	if (isnan(change))
		mp_str_printf(out, "%6s  %s\n", "-", c->text);
	else if (isinf(change))
		mp_str_printf(out, "%6s  %s\n", "none", c->text);
	else
		mp_str_printf(out, "%4.1f %%  %s\n", change * 100, c->text);
}

/* How much of the suite will show a change of GOAL. */
static void add_totals(struct mp_str *out, const struct mp_floors *floors,
		       const struct mp_plan *plan)
{
	size_t found = 0, unknown = 0;

	if (!floors) {
		mp_str_add(out, "which changes will show is unknown: no run of this machine is in "
				"the results file; run it once\n");
		return;
	}
	for (size_t i = 0; i < plan->n_cases; i++) {
		double change;

		if (plan->cases[i].skip_reason)
			continue;
		change = detectable(floors, plan, &plan->cases[i]);
		found += change <= GOAL;
		unknown += isnan(change);
	}
	mp_str_printf(out, "a change of %.0f %% will show in %zu of %zu cases", GOAL * 100, found,
		      plan->n_runnable);
	if (unknown)
		mp_str_printf(out, "; %zu were never measured here (-): run them once", unknown);
	mp_str_add(out, "\n");
}

static int add_people(struct mp_str *out, const struct mp_machine *machine,
		      const struct mp_suite *suite, const struct mp_plan *plan,
		      const struct mp_floors *floors)
{
	MP_CLEANUP(mp_free_ptr) char *words = mp_plan_words(plan);

	if (!words)
		return -ENOMEM;
	mp_str_printf(out, "suite %s%s%s\n%s\n\n", suite->name, suite->title ? ": " : "",
		      suite->title ? suite->title : "", words);
	if (floors)
		mp_str_add(out, "the smallest change that two such runs will show, and the case\n");
	for (size_t i = 0; i < plan->n_cases; i++)
		if (!plan->cases[i].skip_reason && floors)
			add_case(out, floors, plan, &plan->cases[i]);
		else if (!plan->cases[i].skip_reason)
			mp_str_printf(out, "%s\n", plan->cases[i].text);
	if (mp_plan_where_people(out, machine, plan) || add_left_out(out, plan))
		return -ENOMEM;
	mp_str_printf(out, "\n%zu cases to run, %zu skipped, %zu dropped\n", plan->n_runnable,
		      plan->n_cases - plan->n_runnable, plan->n_dropped);
	add_totals(out, floors, plan);
	return out->failed ? -ENOMEM : 0;
}

/* What JSON says beside the plan. */
struct beside {
	const struct mp_machine *machine;
	const struct mp_plan *plan;
	const struct mp_floors *floors;
};

/* "detectable" of a case, a share, or null and why; and where its workers would sit. */
static int add_beside(void *user, const struct mp_planned *c, json_t *one)
{
	const struct beside *b = user;
	double change = c && !c->skip_reason ? detectable(b->floors, b->plan, c) : NAN;
	int bad = 0;

	if (c) {
		const char *why = c->skip_reason  ? "skipped"
				  : isinf(change) ? "too few invocations for any change to show"
						  : "never measured on this machine: run it once";

		bad |= json_object_set_new(one, "detectable",
					   isfinite(change) ? json_real(change) : json_null());
		bad |= json_object_set_new(one, "detectable_unknown",
					   isfinite(change) ? json_null() : json_string(why));
	}
	return bad | mp_plan_where_json(one, b->machine, c);
}

static int add_json(struct mp_str *out, const struct mp_machine *machine,
		    const struct mp_plan *plan, const struct mp_floors *floors)
{
	struct beside own = { machine, plan, floors };
	const struct mp_plan_beside beside = { .add = add_beside, .user = &own };
	int rc = mp_plan_write(plan, &beside, out);

	mp_str_addc(out, '\n');
	return rc;
}

static int print(const struct mp_args *args, const struct mp_machine *machine,
		 const struct mp_suite *suite, const struct mp_plan *plan,
		 const struct mp_floors *floors)
{
	MP_CLEANUP(mp_str_done) struct mp_str out = MP_STR_INIT;
	struct mp_err err;
	int rc = mp_args_has(args, "json") ? add_json(&out, machine, plan, floors)
					   : add_people(&out, machine, suite, plan, floors);

	if (!rc && !out.failed)
		return mp_print_str(&out);
	mp_err_env(&err, -ENOMEM, "out of memory while printing the plan");
	return mp_fail(&err);
}

static int plan_and_print(const struct mp_args *args, const struct mp_machine *machine,
			  struct mp_stored *stored)
{
	struct mp_floors *floors = NULL;
	struct mp_setup *setup = NULL;
	struct mp_suite suite;
	struct mp_plan plan;
	struct mp_err err;
	int code;

	if (stored->store && mp_floors_load_newest(stored->store, stored->machine, &floors, &err))
		return mp_fail(&err);
	if (mp_setup_open(machine, MP_TUNE_STATE, MP_SETUP_LOOK, &setup, &err) ||
	    mp_select_plan(args, machine, setup, "all", mp_stored_overhead, stored, &suite, &plan,
			   &err)) {
		code = mp_fail(&err);
	} else {
		code = print(args, machine, &suite, &plan, floors);
		mp_plan_done(&plan);
		mp_suite_done(&suite);
	}
	mp_setup_close(setup, NULL);
	mp_floors_free(floors);
	return code;
}

static int run(const struct mp_args *args)
{
	struct mp_machine *machine;
	struct mp_stored stored = { 0 };
	struct mp_err err;
	int code;

	if (mp_select_machine(args, &machine, &err))
		return mp_fail(&err);
	/* What is stored here is not about another machine. */
	if (mp_machine_is_live(machine) && mp_stored_open(args, &stored, &err)) {
		code = mp_fail(&err);
	} else {
		code = plan_and_print(args, machine, &stored);
		mp_stored_close(&stored);
	}
	mp_machine_close(machine);
	return code;
}

const struct mp_cmd mp_cmd_plan = {
	.name = "plan",
	.summary = "what a run would measure, how long it takes, what it leaves out and why",
	.synopsis = "[--suite NAME|FILE]... [--bench GLOB]... [--filter EXPR]... "
		    "[--set AXIS=VALUES]... [--budget TIME] [--invocations N] [--setup] "
		    "[--place POLICY] [--mem POLICY] [--topology FILE] [--db FILE] [--json]",
	.about =
		"Takes the selection options of 'run' and measures nothing. Without --suite and "
		"--bench it plans the\nsuite 'all'. A value set is a list such as 4K,2M or a range "
		"such as 4K..1G:x4 or 1..cores:x2; page,\nhugepage, hugetlb, llc, cores, cpus and "
		"nodes stand for this machine's. The floor benchmarks belong\nto every "
		"run." MP_SELECT_ABOUT,
	.options = options,
	.n_options = sizeof(options) / sizeof(options[0]),
	.order = 2,
	.run = run,
};

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* memperf plan: what `run` with the same options would measure, how long it takes, what it leaves out and why. */
#include "cli/select.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/str.h"

static const struct mp_option options[] = {
	MP_SELECT_OPTIONS,
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

static int add_people(struct mp_str *out, const struct mp_suite *suite, const struct mp_plan *plan)
{
	MP_CLEANUP(mp_free_ptr) char *words = mp_plan_words(plan);

	if (!words)
		return -ENOMEM;
	mp_str_printf(out, "suite %s%s%s\n%s\n\n", suite->name, suite->title ? ": " : "",
		      suite->title ? suite->title : "", words);
	for (size_t i = 0; i < plan->n_cases; i++)
		if (!plan->cases[i].skip_reason)
			mp_str_printf(out, "%s\n", plan->cases[i].text);
	if (add_left_out(out, plan))
		return -ENOMEM;
	mp_str_printf(out, "\n%zu cases to run, %zu skipped, %zu dropped\n", plan->n_runnable,
		      plan->n_cases - plan->n_runnable, plan->n_dropped);
	return out->failed ? -ENOMEM : 0;
}

static int print(const struct mp_args *args, const struct mp_suite *suite,
		 const struct mp_plan *plan)
{
	MP_CLEANUP(mp_str_done) struct mp_str out = MP_STR_INIT;
	struct mp_err err;
	int rc;

	if (mp_args_has(args, "json")) {
		MP_CLEANUP(mp_free_ptr) char *json = mp_plan_json(plan);

		rc = json ? 0 : -ENOMEM;
		if (json)
			mp_str_printf(&out, "%s\n", json);
	} else {
		rc = add_people(&out, suite, plan);
	}
	if (!rc && !out.failed)
		return mp_print(out.text);
	mp_err_env(&err, -ENOMEM, "out of memory while printing the plan");
	return mp_fail(&err);
}

static int run(const struct mp_args *args)
{
	struct mp_machine *machine;
	struct mp_suite suite;
	struct mp_plan plan;
	struct mp_err err;
	int code;

	if (mp_machine_open(&machine, &err))
		return mp_fail(&err);
	if (mp_select_plan(args, machine, "all", NULL, NULL, &suite, &plan, &err)) {
		code = mp_fail(&err);
	} else {
		code = print(args, &suite, &plan);
		mp_plan_done(&plan);
		mp_suite_done(&suite);
	}
	mp_machine_close(machine);
	return code;
}

const struct mp_cmd mp_cmd_plan = {
	.name = "plan",
	.summary = "what a run would measure, how long it takes, what it leaves out and why",
	.synopsis = "[--suite NAME|FILE]... [--bench GLOB]... [--filter EXPR]... "
		    "[--set AXIS=VALUES]... [--budget TIME] [--invocations N] [--json]",
	.about =
		"Takes the selection options of 'run' and measures nothing. Without --suite and "
		"--bench it plans the\nsuite 'all'. A value set is a list such as 4K,2M or a range "
		"such as 4K..1G:x4 or 1..cores:x2; page,\nhugepage, hugetlb, llc, cores, cpus and "
		"nodes stand for this machine's. The floor benchmarks belong\nto every run.",
	.options = options,
	.n_options = sizeof(options) / sizeof(options[0]),
	.order = 2,
	.run = run,
};

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the selection options to suite and plan: see select.h. */
#include "cli/select.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/filter.h"
#include "common/str.h"
#include "common/units.h"
#include "runner/machine/sysfile.h"

#define INVOCATIONS_MAX 1000

static int no_memory(struct mp_err *err)
{
	return mp_err_env(err, -ENOMEM, "out of memory while reading the selection");
}

int mp_select_filter(const struct mp_args *args, char **ret_filter, struct mp_err *err)
{
	MP_CLEANUP(mp_str_done) struct mp_str joined = MP_STR_INIT;
	const char *text;
	char *whole;

	for (size_t i = 0; (text = mp_args_nth(args, "filter", i)); i++) {
		struct mp_filter *filter;
		int rc = mp_filter_parse(text, &filter, err);

		if (rc)
			return rc;
		mp_filter_free(filter);
		mp_str_printf(&joined, "%s(%s)", i ? " and " : "", text);
	}
	if (!joined.len && !joined.failed) {
		*ret_filter = NULL;
		return 0;
	}
	/* Alone, without the parentheses: errors show what was written. */
	whole = mp_args_nth(args, "filter", 1) ? mp_str_take(&joined)
					       : strdup(mp_args_nth(args, "filter", 0));
	if (!whole)
		return no_memory(err);
	*ret_filter = whole;
	return 0;
}

static int add_suites(const struct mp_args *args, const char *default_suite, struct mp_suite *suite,
		      struct mp_err *err)
{
	static const char *const where[][2] = { { "place", "--place" }, { "mem", "--mem" } };
	const char *value;
	int rc = 0;

	for (size_t i = 0; !rc && (value = mp_args_nth(args, "suite", i)); i++)
		rc = mp_suite_load(suite, value, err);
	for (size_t i = 0; !rc && (value = mp_args_nth(args, "bench", i)); i++)
		rc = mp_suite_add_bench(suite, value, err);
	if (!rc && !mp_args_has(args, "suite") && !mp_args_has(args, "bench"))
		rc = mp_suite_load(suite, default_suite, err);
	for (size_t i = 0; !rc && (value = mp_args_nth(args, "set", i)); i++)
		rc = mp_suite_set(suite, value, err);
	for (size_t i = 0; !rc && i < sizeof(where) / sizeof(where[0]); i++)
		if ((value = mp_args_get(args, where[i][0])))
			rc = mp_suite_set_axis(suite, where[i][0], value, where[i][1], err);
	if (rc || suite->name)
		return rc;
	suite->name = strdup("custom");
	return suite->name ? 0 : no_memory(err);
}

static int take_budget(const struct mp_args *args, uint64_t *ret_ns, struct mp_err *err)
{
	const char *text = mp_args_get(args, "budget");
	uint64_t ns = 0;

	if (!text)
		return 0;
	if (mp_duration_parse(text, &ns) || !ns || ns > MP_BUDGET_MAX_NS)
		return mp_err_usage(err, -EINVAL,
				    "--budget '%s' is not a time up to 720h; write 90s, 10m or 1h",
				    text);
	*ret_ns = ns;
	return 0;
}

static int take_invocations(const struct mp_args *args, unsigned *ret_count, struct mp_err *err)
{
	const char *text = mp_args_get(args, "invocations");
	size_t len = text ? strlen(text) : 0;
	unsigned long count;

	if (!text)
		return 0;
	count = len && len < 6 && strspn(text, "0123456789") == len ? strtoul(text, NULL, 10) : 0;
	if (!count || count > INVOCATIONS_MAX)
		return mp_err_usage(err, -EINVAL,
				    "--invocations '%s' is not a whole number from 1 to %d", text,
				    INVOCATIONS_MAX);
	*ret_count = (unsigned)count;
	return 0;
}

static char *need_unmet(void *user, enum mp_need need, const char *word)
{
	return mp_setup_unmet(user, need, word);
}

static char *seats_unmet(void *user, const struct mp_params *params)
{
	unsigned count = mp_params_workers(params);
	struct mp_seat *seats = calloc(count + 1, sizeof(*seats));
	struct mp_err err;
	char *why = NULL;

	if (!seats || mp_machine_seats(user, params, count, seats, &err)) {
		why = seats ? strdup(err.text) : NULL;
		if (!why)
			mp_sysfile_want(-ENOMEM);
	}
	free(seats);
	return why;
}

int mp_select_machine(const struct mp_args *args, struct mp_machine **ret_machine,
		      struct mp_err *err)
{
	const char *file = mp_args_get(args, "topology");

	return file ? mp_machine_open_topology(file, ret_machine, err)
		    : mp_machine_open(ret_machine, err);
}

/* What a plan asks of this machine. */
static struct mp_plan_options ask(const struct mp_machine *machine, struct mp_setup *setup)
{
	return (struct mp_plan_options){
		.need_unmet = need_unmet,
		.need_user = setup,
		.seats_unmet = seats_unmet,
		.seats_user = (void *)machine,
	};
}

int mp_select_stored(const char *plan_json, const struct mp_machine *machine,
		     struct mp_setup *setup, struct mp_plan *ret_plan, struct mp_err *err)
{
	const struct mp_plan_options options = ask(machine, setup);
	unsigned wants = mp_sysfile_wants();
	struct mp_plan plan;
	int rc = mp_plan_restore(plan_json, mp_machine_host(machine), &plan, err);

	if (rc)
		return rc;
	if (plan.setup)
		mp_setup_allow(setup);
	rc = mp_plan_recheck(&plan, &options, err);
	if (!rc)
		rc = mp_sysfile_whole(wants, err);
	if (rc)
		mp_plan_done(&plan);
	else
		*ret_plan = plan;
	return rc;
}

int mp_select_plan(const struct mp_args *args, const struct mp_machine *machine,
		   struct mp_setup *setup, const char *default_suite,
		   double (*overhead)(void *user, const struct mp_planned *c), void *user,
		   struct mp_suite *ret_suite, struct mp_plan *ret_plan, struct mp_err *err)
{
	MP_CLEANUP(mp_free_ptr) char *filter = NULL;
	struct mp_plan_options options = ask(machine, setup);
	unsigned wants = mp_sysfile_wants();
	struct mp_suite suite = { 0 };
	bool consent;
	int rc = take_budget(args, &options.budget_ns, err);

	if (!rc)
		rc = take_invocations(args, &options.invocations, err);
	if (!rc)
		rc = mp_select_filter(args, &filter, err);
	if (!rc)
		rc = add_suites(args, default_suite, &suite, err);
	options.filter = filter;
	options.overhead = overhead;
	options.overhead_user = user;
	consent = mp_args_has(args, "setup") || suite.setup > 0;
	if (!rc && consent)
		mp_setup_allow(setup);
	if (!rc)
		rc = mp_plan_make(&suite, mp_machine_host(machine), &options, ret_plan, err);
	if (!rc && (rc = mp_sysfile_whole(wants, err)))
		mp_plan_done(ret_plan);
	if (rc) {
		mp_suite_done(&suite);
		return rc;
	}
	ret_plan->setup = consent;
	*ret_suite = suite;
	return 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The selection options that run and plan share: which suites, benchmarks, values and filters, how long. One
 * table and one function, so that `plan` shows exactly what `run` would do.
 */
#ifndef CLI_SELECT_H
#define CLI_SELECT_H

#include "cli/cmd.h"
#include "runner/machine/machine.h"
#include "runner/plan/plan.h"

/* Entries of a subcommand's option table. */
#define MP_SELECT_OPTIONS                                                                          \
	{ .name = "suite",                                                                         \
	  .value = "NAME|FILE",                                                                    \
	  .help = "a suite by name, or a suite file; the default is 'all'",                        \
	  .repeats = true },                                                                       \
		{ .name = "bench",                                                                 \
		  .value = "GLOB",                                                                 \
		  .help = "add benchmarks by name or pattern, such as 'mmap.*'",                   \
		  .repeats = true },                                                               \
		{ .name = "filter",                                                                \
		  .value = "EXPR",                                                                 \
		  .help = "keep the cases that match, such as 'size >= 2M and threads = 1'",       \
		  .repeats = true },                                                               \
		{ .name = "set",                                                                   \
		  .value = "AXIS=VALUES",                                                          \
		  .help = "other values for an axis, such as size=4K..1G:x4",                      \
		  .repeats = true },                                                               \
		{ .name = "budget",                                                                \
		  .value = "TIME",                                                                 \
		  .help = "how long it may take, such as 90s or 10m; default: the suite's, or "    \
			  "15m" },                                                                 \
	{                                                                                          \
		.name = "invocations", .value = "N", .help = "fresh processes per case, 1 to 1000" \
	}

/* Builds suite and plan from the command line. `default_suite` is taken when neither --suite nor --bench is
 * given. `overhead` and its user as in struct mp_plan_options; may be NULL. The suite's name is "custom" when
 * only benchmarks are named. Several --filter hold together. The caller ends both results with
 * mp_suite_done() and mp_plan_done(). 0 or negative errno with the sentence. */
int mp_select_plan(const struct mp_args *args, const struct mp_machine *machine,
		   const char *default_suite,
		   double (*overhead)(void *user, const struct mp_planned *c), void *user,
		   struct mp_suite *ret_suite, struct mp_plan *ret_plan, struct mp_err *err);

/* All --filter of the command line as one expression, each judged alone first so that errors name its own
 * columns: heap text in *ret_filter, NULL when there is none. */
int mp_select_filter(const struct mp_args *args, char **ret_filter, struct mp_err *err);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The selection options that run and plan share: which suites, benchmarks, values and filters, how long. One
 * table and one function, so that `plan` shows exactly what `run` would do.
 */
#ifndef CLI_SELECT_H
#define CLI_SELECT_H

#include "cli/cmd.h"
#include "runner/machine/machine.h"
#include "runner/machine/setup.h"
#include "runner/plan/plan.h"

/* Entries of a subcommand's option table. */
#define MP_SELECT_OPTIONS                                                                          \
	{ .name = "suite",                                                                         \
	  .value = "NAME|FILE",                                                                    \
	  .help = "a suite by name, or a suite file; the default is 'all'",                        \
	  .repeats = true },                                                                       \
		{ .name = "bench",                                                                 \
		  .value = "GLOB",                                                                 \
		  .help = "add benchmarks, or cases, by name or pattern, such as 'mmap.*' or "     \
			  "'mmap.anon/*size=4K*'",                                                 \
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
		{ .name = "invocations",                                                           \
		  .value = "N",                                                                    \
		  .help = "fresh processes per case, 1 to 1000" },                                 \
		{ .name = "setup",                                                                 \
		  .help = "as root: set up what benchmarks need (hugetlb pools, swap, a RAM disk " \
			  "...), and put it back" },                                               \
		{ .name = "place", .value = "POLICY", .help = "CPUs of the workers, see above" },  \
	{                                                                                          \
		.name = "mem", .value = "POLICY",                                                  \
		.help = "where their memory comes from, see above"                                 \
	}

/* The end of their descriptions: what the last two options take. */
#define MP_SELECT_ABOUT                                                                            \
	"\n\nPlacement of workers: auto (one per core, fast cores first, away from CPU 0), "       \
	"compact, "                                                                                \
	"spread,\nspread:core, spread:l3, spread:package, spread:node, smt (pairs of siblings), "  \
	"p-cores, e-cores,\nlp-cores, or cpus:LIST such as cpus:0,4-7. Memory: default (the "      \
	"workers' "                                                                                \
	"own node), local, remote,\ninterleave[:LIST], bind:LIST, preferred-many:LIST; with @map " \
	"behind it, of the benchmark's mappings\ninstead of the worker. Several, parted by "       \
	"commas, "                                                                                 \
	"are measured one by one. Suite files say\nplace = \"spread:l3\" and mem = \"local, "      \
	"remote\". What this machine cannot do is skipped with the reason."

/* The machine to plan for: this one, or the one of --topology. */
int mp_select_machine(const struct mp_args *args, struct mp_machine **ret_machine,
		      struct mp_err *err);

#define MP_TOPOLOGY_OPTION                                                                         \
	{                                                                                          \
		.name = "topology", .value = "FILE",                                               \
		.help = "another machine's CPUs, caches and nodes, from 'lstopo FILE.xml' there"   \
	}

/* Builds suite and plan from the command line. `setup` says which needs are met; --setup or the suite is consent to set
 * some up. `default_suite` is taken when neither --suite nor --bench is
 * given. `overhead` and its user as in struct mp_plan_options; may be NULL. The suite's name is "custom" when
 * only benchmarks are named. Several --filter hold together. The caller ends both results with
 * mp_suite_done() and mp_plan_done(). 0 or negative errno with the sentence. */
int mp_select_plan(const struct mp_args *args, const struct mp_machine *machine,
		   struct mp_setup *setup, const char *default_suite,
		   double (*overhead)(void *user, const struct mp_planned *c), void *user,
		   struct mp_suite *ret_suite, struct mp_plan *ret_plan, struct mp_err *err);

/* The plan that a run stored (mp_plan_restore), asked again whether it can be had here; consent to set-up that it had holds.
 * 0 or negative errno with the sentence. */
int mp_select_stored(const char *plan_json, const struct mp_machine *machine,
		     struct mp_setup *setup, struct mp_plan *ret_plan, struct mp_err *err);

/* All --filter of the command line as one expression, each judged alone first so that errors name its own
 * columns: heap text in *ret_filter, NULL when there is none. */
int mp_select_filter(const struct mp_args *args, char **ret_filter, struct mp_err *err);

#endif

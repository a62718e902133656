/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * memperf list: the benchmarks of this build, what they time, their axes, and whether this machine can run
 * them. A table for people, everything for machines, the whole description of one benchmark.
 */
#include "cli/list.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/select.h"
#include "common/filter.h"
#include "common/vec.h"
#include "runner/machine/sysfile.h"

static const struct mp_option options[] = {
	{ .name = "bench",
	  .value = "GLOB",
	  .help = "benchmarks by name or pattern, such as 'mmap.*'",
	  .repeats = true },
	{ .name = "filter",
	  .value = "EXPR",
	  .help = "benchmarks with a case that matches, such as 'size >= 1G'",
	  .repeats = true },
	MP_TOPOLOGY_OPTION,
	{ .name = "json", .help = "everything about them as JSON" },
};

static void listing_done(struct mp_listing *l)
{
	for (size_t i = 0; i < l->count; i++)
		free(l->items[i].why_not);
	free(l->items);
}

static int no_memory(struct mp_err *err)
{
	return mp_err_env(err, -ENOMEM, "out of memory while listing benchmarks");
}

/* Why the benchmark cannot run here, all reasons in one text; nothing when it can. */
static void add_why_not(const struct mp_machine *machine, const struct mp_bench *bench,
			struct mp_str *out)
{
	if (bench->unavailable)
		mp_str_add(out, bench->unavailable);
	for (unsigned need = 1; need; need <<= 1) {
		char *why;

		if (!(bench->needs & need))
			continue;
		why = mp_machine_need_unmet(machine, (enum mp_need)need, NULL);
		if (why)
			mp_str_printf(out, "%s%s", out->len ? "; " : "", why);
		free(why);
	}
}

static int add_bench(struct mp_listing *l, const struct mp_machine *machine,
		     const struct mp_family *family, const struct mp_bench *bench,
		     struct mp_err *err)
{
	struct mp_str why = MP_STR_INIT;
	struct mp_listed *item = mp_vec_push((void **)&l->items, &l->count, &l->cap, sizeof(*item));

	if (!item)
		return no_memory(err);
	item->family = family;
	item->bench = bench;
	add_why_not(machine, bench, &why);
	if (!why.len && !why.failed)
		return 0;
	item->why_not = mp_str_take(&why);
	return item->why_not ? 0 : no_memory(err);
}

/* Does the pattern name the benchmark, or cases of it (behind a slash)? */
static bool names(const char *glob, const struct mp_bench *bench)
{
	char pattern[MP_NAME_MAX];

	snprintf(pattern, sizeof(pattern), "%.*s", (int)strcspn(glob, "/"), glob);
	return mp_str_glob(pattern, bench->name);
}

/* Is the benchmark one of --bench, or the operand (a benchmark, a family or a pattern)? */
static bool wanted(const struct mp_args *args, const struct mp_family *family,
		   const struct mp_bench *bench)
{
	const char *glob;

	if (!args->n_words && !mp_args_has(args, "bench"))
		return true;
	if (args->n_words &&
	    (names(args->words[0], bench) || !strcmp(args->words[0], family->name)))
		return true;
	for (size_t i = 0; (glob = mp_args_nth(args, "bench", i)); i++)
		if (names(glob, bench))
			return true;
	return false;
}

/* Does the benchmark have a case, at its representative values, that passes the filter? */
static bool has_case(const struct mp_plan *plan, const struct mp_filter *filter,
		     const struct mp_bench *bench)
{
	for (size_t i = 0; i < plan->n_cases; i++)
		if (plan->cases[i].bench == bench && mp_filter_match(filter, plan->cases[i].text))
			return true;
	return false;
}

/* The plan of these patterns (all benchmarks when there is none): it judges their names and the filter's. */
static int make_plan(const struct mp_args *args, const struct mp_machine *machine,
		     const char *filter, struct mp_plan *ret_plan, struct mp_err *err)
{
	const struct mp_plan_options o = { .filter = filter };
	struct mp_suite suite = { 0 };
	const char *glob;
	int rc = 0;

	for (size_t i = 0; !rc && (glob = mp_args_nth(args, "bench", i)); i++)
		rc = mp_suite_add_bench(&suite, glob, err);
	if (!rc && args->n_words && !mp_str_glob("*[*?]*", args->words[0]))
		rc = mp_suite_add_bench(&suite, args->words[0], err);
	if (!rc && !suite.n_entries)
		rc = mp_suite_add_bench(&suite, "*", err);
	if (!rc)
		rc = mp_plan_make(&suite, mp_machine_host(machine), &o, ret_plan, err);
	mp_suite_done(&suite);
	return rc;
}

/* Fills the listing with what is wanted and, with a filter, has a case in the plan. */
static int choose(const struct mp_args *args, const struct mp_machine *machine,
		  const struct mp_plan *plan, const struct mp_filter *filter, struct mp_listing *l,
		  struct mp_err *err)
{
	unsigned wants = mp_sysfile_wants();
	const struct mp_family *family;
	int rc = 0;

	for (size_t f = 0; !rc && (family = mp_family_at(f)); f++) {
		for (size_t i = 0; !rc && i < family->n_benches; i++) {
			const struct mp_bench *bench = &family->benches[i];

			if (wanted(args, family, bench) &&
			    (!filter || has_case(plan, filter, bench)))
				rc = add_bench(l, machine, family, bench, err);
		}
	}
	return rc ? rc : mp_sysfile_whole(wants, err);
}

/* The listing; nothing to list is an error that says which word is wrong. */
static int make_listing(const struct mp_args *args, const struct mp_machine *machine,
			struct mp_listing *l, struct mp_err *err)
{
	struct mp_filter *filter = NULL;
	struct mp_plan plan = { 0 };
	char *text = NULL;
	int rc = mp_select_filter(args, &text, err);

	if (!rc && text)
		rc = mp_filter_parse(text, &filter, err);
	/* A plain list needs no cases and stays quick. */
	if (!rc && filter)
		rc = make_plan(args, machine, text, &plan, err);
	if (!rc)
		rc = choose(args, machine, &plan, filter, l, err);
	if (!rc && !l->count && !filter)
		rc = make_plan(args, machine, NULL, &plan, err);
	if (!rc && !l->count)
		rc = mp_err_usage(err, -ENOENT, "no benchmark has such a case");
	mp_filter_free(filter);
	mp_plan_done(&plan);
	free(text);
	return rc;
}

static int print(const struct mp_args *args, const struct mp_listing *l)
{
	struct mp_str out = MP_STR_INIT;
	struct mp_err err;
	int code;

	if (mp_args_has(args, "json"))
		mp_list_json(l, &out);
	else if (args->n_words && l->count == 1)
		mp_list_description(&l->items[0], mp_terminal_width(), &out);
	else
		mp_list_table(l, mp_terminal_width(), &out);
	if (out.failed) {
		no_memory(&err);
		code = mp_fail(&err);
	} else {
		code = mp_print_str(&out);
	}
	mp_str_done(&out);
	return code;
}

static int run(const struct mp_args *args)
{
	struct mp_listing listing = { 0 };
	struct mp_machine *machine;
	struct mp_err err;
	int code;

	if (mp_select_machine(args, &machine, &err))
		return mp_fail(&err);
	if (make_listing(args, machine, &listing, &err))
		code = mp_fail(&err);
	else
		code = print(args, &listing);
	listing_done(&listing);
	mp_machine_close(machine);
	return code;
}

const struct mp_cmd mp_cmd_list = {
	.name = "list",
	.summary = "the benchmarks: what they time, their axes, available here or why not",
	.synopsis = "[NAME] [--bench GLOB]... [--filter EXPR]... [--topology FILE] [--json]",
	.about =
		"NAME shows one benchmark in full: the sentence that says what is timed, every "
		"axis with its values,\nand what it needs. NAME may also be a family or a pattern.",
	.options = options,
	.n_options = sizeof(options) / sizeof(options[0]),
	.max_words = 1,
	.order = 3,
	.run = run,
};

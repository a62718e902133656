/* SPDX-License-Identifier: GPL-3.0-or-later */
/* memperf compare: two sides, case by case, and a gate. */
#include "cli/cmd.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/str.h"
#include "cli/chart.h"
#include "cli/show_options.h"
#include "runner/config/policy.h"

/* What the command works on. */
struct work {
	struct mp_side *sides; /* A, then every B */
	struct mp_comparison *comparisons; /* of each B */
	size_t n; /* B */
	struct mp_filter *filter;
	struct mp_policy policy; /* loaded by name; zeroed: the default one */
};

static void work_done(struct work *w)
{
	for (size_t i = 0; w->comparisons && i < w->n; i++)
		mp_comparison_done(&w->comparisons[i]);
	for (size_t i = 0; w->sides && i < 1 + w->n; i++)
		mp_side_done(&w->sides[i]);
	free(w->comparisons);
	free(w->sides);
	mp_filter_free(w->filter);
	mp_policy_done(&w->policy);
}

static int gate_code(const struct work *w)
{
	char *why;
	enum mp_gate gate = mp_compare_gate_several(w->comparisons, w->n, &why);

	free(why);
	switch (gate) {
	case MP_GATE_NONE:
		return MP_EXIT_DONE;
	case MP_GATE_REGRESSION:
		return MP_EXIT_REGRESSION;
	case MP_GATE_UNJUDGED:
		break;
	}
	return MP_EXIT_UNJUDGED;
}

static int options_of(const struct mp_args *args, struct work *w,
		      struct mp_compare_options *options, struct mp_err *err)
{
	const char *policy = mp_args_get(args, "policy"), *unit = mp_args_get(args, "unit");

	if (unit && mp_unit_parse(unit, &options->unit))
		return mp_err_usage(err, -EINVAL,
				    "--unit '%s' is none of ns, cycles, null, bytes, "
				    "bytes/cycle",
				    unit);
	if (policy) {
		int rc = mp_policy_load(policy, &w->policy, err);

		if (rc)
			return rc;
		options->policy = &w->policy;
	}
	options->filter = w->filter;
	return 0;
}

static int compare(const struct mp_args *args, struct work *w, struct mp_err *err)
{
	struct mp_compare_options options = mp_compare_defaults;
	int rc = options_of(args, w, &options, err);

	if (rc)
		return rc;
	w->n = args->n_words - 1;
	w->sides = calloc(args->n_words, sizeof(*w->sides));
	w->comparisons = calloc(w->n, sizeof(*w->comparisons));
	if (!w->sides || !w->comparisons)
		return mp_err_env(err, -ENOMEM, "out of memory");
	rc = mp_side_open_all(args->words, args->n_words, MP_SIDE_COMPARE, w->sides, err);
	return rc ? rc
		  : mp_compare_several(&w->sides[0], &w->sides[1], w->n, &options, w->comparisons,
				       err);
}

/* The pair of that name, or the only one that holds the text. 0 or -ENOENT with a sentence. */
static int find_pair(const struct mp_comparison *c, const char *text,
		     const struct mp_pair **ret_pair, struct mp_err *err)
{
	size_t holding = 0;

	for (size_t i = 0; i < c->n_pairs; i++) {
		const struct mp_pair *pair = &c->pairs[i];
		bool whole = !strcmp(pair->text, text);

		if (whole || strstr(pair->text, text)) {
			holding = whole ? 1 : holding + 1;
			*ret_pair = pair;
		}
		if (whole)
			break;
	}
	if (holding == 1)
		return 0;
	if (holding)
		return mp_err_usage(err, -ENOENT,
				    "%zu cases hold '%s', such as '%s'; give the whole text of one",
				    holding, text, (*ret_pair)->text);
	return mp_err_usage(err, -ENOENT,
			    "no case of '%s' or '%s' holds '%s'; --format csv lists all of them",
			    c->a->name, c->b->name, text);
}

static int explain(const struct work *w, const char *text, const struct mp_show *show,
		   struct mp_str *out, struct mp_err *err)
{
	const struct mp_pair *pair = NULL;
	int rc = 0;

	if (w->n > 1)
		return mp_err_usage(err, -EINVAL, "--explain wants one B, not %zu", w->n);
	rc = find_pair(&w->comparisons[0], text, &pair, err);
	if (rc)
		return rc;
	rc = mp_show_explanation(&w->comparisons[0], pair, show, out);
	return rc == -EINVAL ? mp_err_usage(err, rc,
					    "--explain is shown as text, markdown, html or json, "
					    "not as %s",
					    show->format->name)
	       : rc	     ? mp_err_env(err, rc, "out of memory")
			     : 0;
}

static int chart(const struct mp_args *args, const struct work *w, struct mp_str *out,
		 struct mp_err *err)
{
	const struct mp_pair *pair = NULL;
	int rc;

	if (w->n > 1)
		return mp_err_usage(err, -EINVAL, "--chart wants one B, not %zu", w->n);
	rc = find_pair(&w->comparisons[0], mp_args_get(args, "chart"), &pair, err);
	return rc ? rc : mp_chart_of_pair(args, &w->comparisons[0], pair, out, err);
}

static int run(const struct mp_args *args)
{
	MP_CLEANUP(mp_str_done) struct mp_str out = MP_STR_INIT;
	MP_CLEANUP(work_done) struct work work = { 0 };
	const char *explained = mp_args_get(args, "explain");
	struct mp_show show;
	struct mp_err err;
	int rc = mp_show_options(args, &show, &work.filter, &err);

	if (!rc)
		rc = compare(args, &work, &err);
	if (!rc && mp_args_has(args, "chart"))
		rc = chart(args, &work, &out, &err);
	else if (!rc && explained)
		rc = explain(&work, explained, &show, &out, &err);
	else if (!rc && mp_show_comparisons(work.comparisons, work.n, &show, &out))
		rc = mp_err_env(&err, -ENOMEM, "out of memory");
	if (rc)
		return mp_fail(&err);
	rc = mp_args_has(args, "chart") ? mp_chart_write(args, &out)
					: mp_print_to(mp_args_get(args, "o"), out.text);
	return rc || !show.gate ? rc : gate_code(&work);
}

static const struct mp_option options_table[] = {
	{ .name = "format",
	  .value = "FORMAT",
	  .help = "text (default), markdown, html, csv, json, jsonl, junit or openmetrics" },
	{ .name = "json", .help = "same as --format json" },
	{ .name = "o", .value = "FILE", .help = "write to FILE, whole or not at all" },
	{ .name = "filter",
	  .value = "EXPR",
	  .help = "only cases that match; the others are not tested either" },
	{ .name = "all",
	  .help = "shorten nothing: every same case, every fact, every case by name" },
	{ .name = "policy",
	  .value = "NAME|FILE",
	  .help = "what counts as a change: default, strict, nightly, or a policy file" },
	{ .name = "unit",
	  .value = "UNIT",
	  .help = "ns (default), cycles, null (multiples of a null system call), bytes (GB/s), "
		  "bytes/cycle" },
	{ .name = "explain",
	  .value = "CASE",
	  .help = "everything about one case: data, test, interval, threshold, reason" },
	MP_CHART_CLI_OPTIONS,
	{ .name = "gate", .help = "exit 1 when a case is slower, 5 when that could not be judged" },
};

const struct mp_cmd mp_cmd_compare = {
	.name = "compare",
	.summary = "sides case by case: faster, slower, same, unsure, and why not",
	.synopsis =
		"A.db[:SEL] B.db[:SEL]... [--format FORMAT] [-o FILE] [--filter EXPR] [--policy "
		"NAME|FILE] [--unit UNIT] [--explain CASE] [--chart CASE [--kind KIND] [--axis "
		"AXIS]] "
		"[--all] [--gate]",
	.about = "A is the baseline, B the candidate. SEL chooses the runs: latest (default), #12, "
		 "#12,#15, label:NAME,\n"
		 "tag:KEY=VALUE, last:N; the invocations of several runs are pooled. Both sides "
		 "may be the same file.\n"
		 "A file whose name holds a colon is taken whole when it exists; otherwise the "
		 "name ends at the first\n"
		 "colon behind which a selector stands.\n\n"
		 "Several B are judged together, each against A. Beside the case's value, the tail "
		 "of its single calls\n"
		 "(p99 to p99.9) and their shape (deciles) are judged on their own.\n\n"
		 "The gate fails (1) when any case is slower, or has a slower tail. It could not "
		 "judge (5) when no case\n"
		 "has a verdict, when more are unsure than the policy allows, when a case that A "
		 "measured is missing, not\n"
		 "ok or incomparable in B, or when A and B are different machines.",
	.options = options_table,
	.n_options = sizeof(options_table) / sizeof(options_table[0]),
	.min_words = 2,
	.max_words = 32,
	.order = 6,
	.run = run,
};

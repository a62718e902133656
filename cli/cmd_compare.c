/* SPDX-License-Identifier: GPL-3.0-or-later */
/* memperf compare: two sides, case by case, and a gate. */
#include "cli/cmd.h"

#include <errno.h>
#include <stdlib.h>

#include "common/cleanup.h"
#include "common/str.h"
#include "cli/show_options.h"

static int gate_code(const struct mp_comparison *c)
{
	char *why;
	enum mp_gate gate = mp_compare_gate(c, &why);

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

static int run(const struct mp_args *args)
{
	MP_CLEANUP(mp_str_done) struct mp_str out = MP_STR_INIT;
	MP_CLEANUP(mp_show_filter_free) struct mp_filter *filter = NULL;
	MP_CLEANUP(mp_side_done) struct mp_side a = { 0 };
	MP_CLEANUP(mp_side_done) struct mp_side b = { 0 };
	MP_CLEANUP(mp_comparison_done) struct mp_comparison comparison = { 0 };
	struct mp_compare_options options = mp_compare_defaults;
	struct mp_show show;
	struct mp_err err;
	int rc = mp_show_options(args, &show, &filter, &err);

	if (!rc)
		rc = mp_side_open(args->words[0], false, &a, NULL, &err);
	if (!rc)
		rc = mp_side_open(args->words[1], false, &b, NULL, &err);
	options.filter = filter;
	if (!rc)
		rc = mp_compare(&a, &b, &options, &comparison, &err);
	if (rc)
		return mp_fail(&err);
	if (mp_show_comparison(&comparison, &show, &out)) {
		mp_err_env(&err, -ENOMEM, "out of memory");
		return mp_fail(&err);
	}
	rc = mp_print_to(mp_args_get(args, "o"), out.text);
	return rc || !show.gate ? rc : gate_code(&comparison);
}

static const struct mp_option options_table[] = {
	{ .name = "format",
	  .value = "FORMAT",
	  .help = "text (default), markdown, html, csv, json, junit or openmetrics" },
	{ .name = "json", .help = "same as --format json" },
	{ .name = "o", .value = "FILE", .help = "write to FILE, whole or not at all" },
	{ .name = "filter",
	  .value = "EXPR",
	  .help = "only cases that match; the others are not tested either" },
	{ .name = "all",
	  .help = "shorten nothing: every same case, every fact, every case by name" },
	{ .name = "gate", .help = "exit 1 when a case is slower, 5 when that could not be judged" },
};

const struct mp_cmd mp_cmd_compare = {
	.name = "compare",
	.summary = "two sides case by case: faster, slower, same, unsure, and why not",
	.synopsis = "A.db[:SEL] B.db[:SEL] [--format "
		    "text|markdown|html|csv|json|junit|openmetrics] [-o FILE] [--filter "
		    "EXPR] [--all] "
		    "[--gate]",
	.about = "A is the baseline, B the candidate. SEL chooses the runs: latest (default), #12, "
		 "label:NAME,\n"
		 "tag:KEY=VALUE, last:N; the invocations of several runs are pooled. Both sides "
		 "may be the same file.\n"
		 "A file whose name holds a colon is taken whole when it exists; otherwise the "
		 "name ends at the first\n"
		 "colon behind which a selector stands.\n\n"
		 "The gate fails (1) when any case is slower. It could not judge (5) when no case "
		 "has a verdict, when\n"
		 "more are unsure than judged, or when a case that A measured is missing, not ok "
		 "or incomparable in B.",
	.options = options_table,
	.n_options = sizeof(options_table) / sizeof(options_table[0]),
	.min_words = 2,
	.max_words = 2,
	.order = 6,
	.run = run,
};

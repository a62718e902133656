/* SPDX-License-Identifier: GPL-3.0-or-later */
/* memperf report: one run, read from its results file. */
#include "cli/cmd.h"

#include <errno.h>

#include "common/cleanup.h"
#include "common/str.h"
#include "cli/chart.h"
#include "cli/show_options.h"
#include "report/format/show_counters.h"

static int counters(const struct mp_side *side, const struct mp_show *show, struct mp_str *out,
		    struct mp_err *err)
{
	int rc = mp_show_counters(side, show, out, err);

	if (rc == -EINVAL)
		return mp_err_usage(err, rc,
				    "--counters goes with --format text, markdown, html, csv, "
				    "json or jsonl, not with %s",
				    show->format->name);
	return rc == -ENOMEM ? mp_err_env(err, rc, "out of memory") : rc;
}

static int run(const struct mp_args *args)
{
	MP_CLEANUP(mp_str_done) struct mp_str out = MP_STR_INIT;
	MP_CLEANUP(mp_show_filter_free) struct mp_filter *filter = NULL;
	MP_CLEANUP(mp_side_done) struct mp_side side = { 0 };
	struct mp_show show;
	struct mp_err err;
	int rc;

	if (mp_args_has(args, "chart")) {
		rc = mp_chart_of_run(args, &out, &err);
		return rc ? mp_fail(&err) : mp_chart_write(args, &out);
	}
	rc = mp_show_options(args, &show, &filter, &err);
	if (!rc)
		rc = mp_side_open(args->words[0], MP_SIDE_REPORT, &side, &show.matches, &err);
	if (!rc) {
		if (mp_args_has(args, "counters")) {
			rc = counters(&side, &show, &out, &err);
		} else {
			rc = mp_show_run(&side, &show, &out);
			if (rc)
				mp_err_env(&err, rc, "out of memory");
		}
	}
	return rc ? mp_fail(&err) : mp_print_to(mp_args_get(args, "o"), out.text);
}

static const struct mp_option options[] = {
	{ .name = "format",
	  .value = "FORMAT",
	  .help = "text (default), markdown, html, csv, json, jsonl, junit or openmetrics" },
	{ .name = "json", .help = "same as --format json" },
	{ .name = "o", .value = "FILE", .help = "write to FILE, whole or not at all" },
	{ .name = "filter",
	  .value = "EXPR",
	  .help = "only cases that match, 'size >= 2M and bench ~ mmap.*'" },
	{ .name = "counters",
	  .help = "what was counted while the cases ran, instead of their times" },
	MP_CHART_CLI_OPTIONS,
	{ .name = "all", .help = "shorten nothing: every fact, every skipped case by name" },
};

const struct mp_cmd mp_cmd_report = {
	.name = "report",
	.summary = "one run: its values with their uncertainty, and everything that is not ok",
	.synopsis =
		"FILE.db[:SEL] [--format text|markdown|html|csv|json|jsonl|junit|openmetrics] [-o "
		"FILE] [--filter EXPR] [--chart CASE [--kind KIND] [--axis AXIS]] "
		"[--counters] [--all]",
	.about = "SEL chooses the run: latest (default), #12, label:NAME, tag:KEY=VALUE, last:N; "
		 "of several, the "
		 "newest is shown.\n"
		 "A file whose name holds a colon is taken whole when it exists; otherwise the "
		 "name ends at the first\n"
		 "colon behind which a selector stands.",
	.options = options,
	.n_options = sizeof(options) / sizeof(options[0]),
	.min_words = 1,
	.max_words = 1,
	.order = 5,
	.run = run,
};

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* memperf history: the runs of one or many files as series, and what changed in them when. */
#include "cli/cmd.h"

#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "cli/show_options.h"
#include "common/cleanup.h"
#include "common/str.h"
#include "report/history/history.h"

/* Does the terminal's locale have block characters? */
static bool is_ascii(void)
{
	setlocale(LC_CTYPE, "");
	return strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
}

static int read_options(const struct mp_args *args, struct mp_history_options *options,
			struct mp_err *err)
{
	const char *last = mp_args_get(args, "last");
	char *end;

	options->case_glob = mp_args_get(args, "case");
	options->tail = options->spread = mp_args_has(args, "metrics");
	if (!last)
		return 0;
	options->last = strtoul(last, &end, 10);
	if (*end || *last < '0' || *last > '9' || options->last > 100000)
		return mp_err_usage(err, -EINVAL,
				    "--last '%s' is no number of nights from 0 (all) to 100000",
				    last);
	return 0;
}

static int run(const struct mp_args *args)
{
	MP_CLEANUP(mp_str_done) struct mp_str out = MP_STR_INIT;
	MP_CLEANUP(mp_show_filter_free) struct mp_filter *filter = NULL;
	MP_CLEANUP(mp_history_done) struct mp_history history = { 0 };
	struct mp_history_options options = mp_history_defaults;
	struct mp_show show;
	struct mp_err err;
	int rc = mp_show_options(args, &show, &filter, &err);

	if (!rc)
		rc = read_options(args, &options, &err);
	options.filter = filter;
	if (!rc)
		rc = mp_history_read(args->words, args->n_words, &options, &history, &err);
	if (rc)
		return mp_fail(&err);
	show.ascii = is_ascii();
	if (mp_show_history(&history, &show, &out)) {
		mp_err_env(&err, -ENOMEM, "out of memory");
		return mp_fail(&err);
	}
	return mp_print_to(mp_args_get(args, "o"), out.text);
}

static const struct mp_option options_table[] = {
	{ .name = "case",
	  .value = "GLOB",
	  .help = "only cases whose text matches, such as 'mmap.*'" },
	{ .name = "filter", .value = "EXPR", .help = "only cases that match" },
	{ .name = "metrics",
	  .help = "also the tail (p99 / p50) and the spread between invocations as series" },
	{ .name = "last", .value = "N", .help = "nights per machine, default 400; 0: all" },
	{ .name = "format",
	  .value = "FORMAT",
	  .help = "text (default), markdown, html, csv, json, jsonl, junit or openmetrics" },
	{ .name = "json", .help = "same as --format json" },
	{ .name = "o", .value = "FILE", .help = "write to FILE, whole or not at all" },
	{ .name = "all", .help = "shorten nothing: every series, every case of an alert" },
};

const struct mp_cmd mp_cmd_history = {
	.name = "history",
	.summary = "runs of one or many files as series, and when their level changed",
	.synopsis = "FILE.db... [--case GLOB] [--filter EXPR] [--format FORMAT] [-o FILE] [--all]",
	.about =
		"A series is one case of one machine, in one definition version and mode, with one "
		"value per run. A run\n"
		"that is in several files counts once. Left out: runs with planted faults, and "
		"runs that confirm others.\n\n"
		"A change is where the level of a series changed for good: at least 2 %, at least "
		"3 "
		"runs on each side, and\n"
		"more than chance over all series together. Changes of one cause are one alert; "
		"what came with another\n"
		"kernel, microcode or configuration is labelled so. 'memperf db accept' judges a "
		"change, 'memperf db\n"
		"baseline' pins the runs that slow drift is measured against.",
	.options = options_table,
	.n_options = sizeof(options_table) / sizeof(options_table[0]),
	.min_words = 1,
	.max_words = 1000,
	.order = 7,
	.run = run,
};

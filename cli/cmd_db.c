/* SPDX-License-Identifier: GPL-3.0-or-later */
/* memperf db: what a results file holds, whether it is sound, merging, exporting. */
#include "cli/args.h"
#include "cli/cmd.h"
#include "cli/db_copy.h"
#include "cli/db_judge.h"
#include "cli/db_prune.h"
#include "cli/db_topology.h"
#include "common/cleanup.h"
#include "common/str.h"
#include "common/units.h"
#include "report/format/show_counters.h"
#include "report/format/table.h"
#include "report/format/width.h"
#include "results/central.h"
#include "results/store.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int open_reader(const char *path, struct mp_store **ret_store)
{
	struct mp_err err;

	if (mp_store_open(path, MP_STORE_READ, ret_store, &err))
		return mp_fail(&err);
	return MP_EXIT_DONE;
}

static int print_table(struct mp_table *table, const struct mp_args *args,
		       const struct mp_format *fallback)
{
	MP_CLEANUP(mp_str_done) struct mp_str out = MP_STR_INIT;
	const char *format = mp_args_get(args, "format");
	const struct mp_format *f = mp_args_has(args, "json") ? &mp_format_json
				    : format		      ? mp_format_find(format)
							      : fallback;
	struct mp_err err;

	if (format && (!f || f->prose || !f->table)) {
		mp_err_usage(&err, -EINVAL, "--format '%s' is none of csv, json, jsonl", format);
		mp_table_free(table);
		return mp_fail(&err);
	}
	if (!mp_table_failed(table))
		mp_table_render(table, f, mp_terminal_width(), &out);
	if (mp_table_failed(table) || out.failed) {
		mp_err_env(&err, -ENOMEM, "out of memory");
		mp_table_free(table);
		return mp_fail(&err);
	}
	mp_table_free(table);
	return mp_print_to(mp_args_get(args, "o"), out.text);
}

static int info(const struct mp_args *args)
{
	static const struct mp_column columns[] = {
		{ .key = "schema_version", .title = "schema", .kind = MP_COLUMN_INTEGER },
		{ .key = "machines", .title = "machines", .kind = MP_COLUMN_INTEGER },
		{ .key = "runs", .title = "runs", .kind = MP_COLUMN_INTEGER },
		{ .key = "cases", .title = "cases", .kind = MP_COLUMN_INTEGER },
		{ .key = "invocations", .title = "invocations", .kind = MP_COLUMN_INTEGER },
		{ .key = "samples", .title = "samples", .kind = MP_COLUMN_INTEGER },
		{ .key = "file_bytes", .title = "file bytes", .kind = MP_COLUMN_INTEGER },
		{ .key = "raw_bytes", .title = "raw bytes", .kind = MP_COLUMN_INTEGER },
	};
	struct mp_store *store;
	struct mp_store_info i;
	struct mp_table *table;
	struct mp_err err;
	int code = open_reader(args->words[1], &store);

	if (code)
		return code;
	if (mp_store_info(store, &i, &err)) {
		mp_store_close(store);
		return mp_fail(&err);
	}
	mp_store_close(store);
	table = mp_table_new(columns, MP_COUNT_OF(columns));
	mp_table_integer(table, i.schema_version);
	mp_table_integer(table, i.machines);
	mp_table_integer(table, i.runs);
	mp_table_integer(table, i.cases);
	mp_table_integer(table, i.invocations);
	mp_table_integer(table, (int64_t)i.samples);
	mp_table_integer(table, (int64_t)i.file_bytes);
	mp_table_integer(table, (int64_t)i.raw_bytes);
	return print_table(table, args, &mp_format_text);
}

static void when(int64_t ns, char buf[32])
{
	time_t seconds = (time_t)(ns / 1000000000);
	struct tm tm;

	strftime(buf, 32, "%Y-%m-%d %H:%M:%S", localtime_r(&seconds, &tm));
}

static void add_run(struct mp_table *table, const struct mp_run_row *r)
{
	char started[32];

	when(r->started_ns, started);
	mp_table_integer(table, r->id);
	mp_table_text(table, started);
	mp_table_number(table, mp_run_row_took_ns(r));
	mp_table_text(table, r->host);
	mp_table_text(table, r->suite);
	mp_table_text(table, r->label);
	mp_table_text(table, r->status);
	mp_table_integer(table, r->cases);
	mp_table_integer(table, r->ok);
	mp_table_integer(table, r->cases - r->ok - r->skipped);
	mp_table_integer(table, r->skipped);
	mp_table_text(table, r->version);
	mp_table_text(table, r->uuid);
}

static int runs(const struct mp_args *args)
{
	static const struct mp_column columns[] = {
		{ .key = "run", .title = "run", .kind = MP_COLUMN_INTEGER },
		{ .key = "started", .title = "started", .kind = MP_COLUMN_TEXT },
		{ .key = "duration_ns", .title = "took", .kind = MP_COLUMN_DURATION },
		{ .key = "host", .title = "host", .kind = MP_COLUMN_TEXT },
		{ .key = "suite", .title = "suite", .kind = MP_COLUMN_TEXT },
		{ .key = "label", .title = "label", .kind = MP_COLUMN_TEXT },
		{ .key = "status", .title = "status", .kind = MP_COLUMN_TEXT },
		{ .key = "cases", .title = "cases", .kind = MP_COLUMN_INTEGER },
		{ .key = "ok", .title = "ok", .kind = MP_COLUMN_INTEGER },
		{ .key = "not_ok", .title = "not ok", .kind = MP_COLUMN_INTEGER },
		{ .key = "skipped", .title = "skipped", .kind = MP_COLUMN_INTEGER },
		{ .key = "version", .title = "version", .kind = MP_COLUMN_TEXT },
		{ .key = "uuid", .title = "uuid", .kind = MP_COLUMN_TEXT, .machines_only = true },
	};
	struct mp_table *table = mp_table_new(columns, MP_COUNT_OF(columns));
	struct mp_store *store;
	struct mp_err err;
	int64_t *ids = NULL;
	size_t count = 0;
	int ret, code = open_reader(args->words[1], &store);

	if (code) {
		mp_table_free(table);
		return code;
	}
	ret = mp_store_runs(store, &ids, &count, &err);
	for (size_t i = 0; i < count && !ret; i++) {
		struct mp_run_row row;

		ret = mp_store_run_get(store, ids[i], &row, &err);
		if (ret)
			break;
		add_run(table, &row);
		mp_run_row_done(&row);
	}
	free(ids);
	mp_store_close(store);
	if (!ret)
		return print_table(table, args, &mp_format_text);
	mp_table_free(table);
	return mp_fail(&err);
}

static void add_problem(void *user, const char *text)
{
	mp_text_clean(user, text, false);
	mp_str_addc(user, '\n');
}

static int check(const struct mp_args *args)
{
	MP_CLEANUP(mp_str_done) struct mp_str out = MP_STR_INIT;
	struct mp_store *store;
	struct mp_err err;
	unsigned problems;
	int ret, code = open_reader(args->words[1], &store);

	if (code)
		return code;
	ret = mp_store_check(store, add_problem, &out, &problems, &err);
	mp_store_close(store);
	if (ret)
		return mp_fail(&err);
	mp_str_printf(&out, "%s: %s\n", args->words[1],
		      problems ? "damaged, see above; what can be read is in 'memperf db export'"
			       : "sound");
	code = mp_print_str(&out);
	return code ? code : problems ? MP_EXIT_ENVIRONMENT : MP_EXIT_DONE;
}

static const struct mp_column export_columns[] = {
	{ .key = "run", .title = "run", .kind = MP_COLUMN_INTEGER },
	{ .key = "run_uuid", .title = "uuid", .kind = MP_COLUMN_TEXT },
	{ .key = "host", .title = "host", .kind = MP_COLUMN_TEXT },
	{ .key = "started_ns", .title = "started", .kind = MP_COLUMN_INTEGER },
	{ .key = "case", .title = "case", .kind = MP_COLUMN_TEXT },
	{ .key = "version", .title = "version", .kind = MP_COLUMN_INTEGER },
	{ .key = "unit", .title = "unit", .kind = MP_COLUMN_TEXT },
	{ .key = "outcome", .title = "outcome", .kind = MP_COLUMN_TEXT },
	{ .key = "reason", .title = "reason", .kind = MP_COLUMN_TEXT },
	{ .key = "mode", .title = "mode", .kind = MP_COLUMN_TEXT },
	{ .key = "population", .title = "population", .kind = MP_COLUMN_TEXT },
	{ .key = "resolution", .title = "resolution", .kind = MP_COLUMN_TEXT },
	{ .key = "invocations", .title = "invocations", .kind = MP_COLUMN_INTEGER },
	{ .key = "value_ns", .title = "value", .kind = MP_COLUMN_DURATION },
	{ .key = "low_ns", .title = "low", .kind = MP_COLUMN_DURATION },
	{ .key = "high_ns", .title = "high", .kind = MP_COLUMN_DURATION },
	{ .key = "level", .title = "level", .kind = MP_COLUMN_NUMBER },
	{ .key = "cv", .title = "cv", .kind = MP_COLUMN_NUMBER },
	{ .key = "call_p50_all_ns", .title = "call p50", .kind = MP_COLUMN_DURATION },
	{ .key = "call_p50_calm_ns", .title = "calm", .kind = MP_COLUMN_DURATION },
	{ .key = "call_p99_all_ns", .title = "call p99", .kind = MP_COLUMN_DURATION },
	{ .key = "call_p99_calm_ns", .title = "calm", .kind = MP_COLUMN_DURATION },
	{ .key = "call_mean_all_ns", .title = "call mean", .kind = MP_COLUMN_DURATION },
	{ .key = "batch_mean_all_ns", .title = "batch mean", .kind = MP_COLUMN_DURATION },
	{ .key = "batch_mean_calm_ns", .title = "calm", .kind = MP_COLUMN_DURATION },
	{ .key = "batch_p50_calm_ns", .title = "batch p50", .kind = MP_COLUMN_DURATION },
	{ .key = "rate_ops_per_s", .title = "rate", .kind = MP_COLUMN_NUMBER },
	{ .key = "first_ns", .title = "first", .kind = MP_COLUMN_DURATION },
	{ .key = "calm_share", .title = "calm share", .kind = MP_COLUMN_NUMBER },
	{ .key = "observer_effect_ns", .title = "observer", .kind = MP_COLUMN_DURATION },
	{ .key = "flagged_blocks", .title = "flagged", .kind = MP_COLUMN_INTEGER },
	{ .key = "blocks", .title = "blocks", .kind = MP_COLUMN_INTEGER },
	{ .key = "checks_passed", .title = "checks passed", .kind = MP_COLUMN_INTEGER },
	{ .key = "checks_failed", .title = "checks failed", .kind = MP_COLUMN_INTEGER },
};

static double known(const struct mp_estimate *e)
{
	return e->n ? e->value : NAN;
}

static void export_case(struct mp_table *t, const struct mp_run_row *run,
			const struct mp_case_row *c)
{
	bool has = c->has_value;
	bool call = c->call_p50[MP_POPULATION_ALL].n;

	mp_table_integer(t, run->id);
	mp_table_text(t, run->uuid);
	mp_table_text(t, run->host);
	mp_table_integer(t, run->started_ns);
	mp_table_text(t, c->text);
	mp_table_integer(t, c->version);
	mp_table_text(t, c->unit);
	mp_table_text(t, mp_outcome_name(c->outcome));
	mp_table_text(t, c->reason && *c->reason ? c->reason : NULL);
	mp_table_text(t, has ? mp_mode_name(c->mode) : NULL);
	mp_table_text(t, has ? mp_population_name(c->population) : NULL);
	mp_table_text(t, call ? mp_resolution_name(c->resolution) : NULL);
	mp_table_integer(t, c->invocations);
	mp_table_number(t, has ? c->value.value : NAN);
	mp_table_number(t, has ? c->value.low : NAN);
	mp_table_number(t, has ? c->value.high : NAN);
	mp_table_number(t, has ? c->value.level : NAN);
	mp_table_number(t, has ? c->value.cv : NAN);
	mp_table_number(t, known(&c->call_p50[MP_POPULATION_ALL]));
	mp_table_number(t, known(&c->call_p50[MP_POPULATION_CALM]));
	mp_table_number(t, known(&c->call_p99[MP_POPULATION_ALL]));
	mp_table_number(t, known(&c->call_p99[MP_POPULATION_CALM]));
	mp_table_number(t, known(&c->call_mean[MP_POPULATION_ALL]));
	mp_table_number(t, known(&c->batch_mean[MP_POPULATION_ALL]));
	mp_table_number(t, known(&c->batch_mean[MP_POPULATION_CALM]));
	mp_table_number(t, known(&c->batch_p50[MP_POPULATION_CALM]));
	mp_table_number(t, known(&c->rate_ops));
	mp_table_number(t, known(&c->first));
	mp_table_number(t, c->calm_share);
	mp_table_number(t, c->observer_effect);
	mp_table_integer(t, c->flagged_blocks);
	mp_table_integer(t, c->blocks);
	mp_table_integer(t, (int64_t)c->checks_passed);
	mp_table_integer(t, (int64_t)c->checks_failed);
}

static int export_counters(struct mp_table *table, struct mp_store *store,
			   const struct mp_run_row *run, const struct mp_case_row *c,
			   struct mp_err *err)
{
	struct mp_count_row *rows = NULL;
	size_t n = 0;
	int ret = mp_store_counters(store, c->run_case, &rows, &n, err);

	if (!ret)
		mp_counters_table_add(table, run, c->text, rows, n);
	mp_count_rows_free(rows, n);
	return ret;
}

static int export_run(struct mp_table *table, struct mp_store *store, int64_t id, bool counters,
		      struct mp_err *err)
{
	struct mp_case_row *rows = NULL;
	struct mp_run_row run;
	size_t count = 0;
	int ret = mp_store_run_get(store, id, &run, err);

	if (ret)
		return ret;
	ret = mp_store_cases(store, id, &rows, &count, err);
	for (size_t i = 0; i < count && !ret; i++) {
		if (counters)
			ret = export_counters(table, store, &run, &rows[i], err);
		else
			export_case(table, &run, &rows[i]);
	}
	mp_case_rows_free(rows, count);
	mp_run_row_done(&run);
	return ret;
}

static int export(const struct mp_args *args)
{
	bool counters = mp_args_has(args, "counters");
	struct mp_table *table =
		counters ? mp_counters_table()
			 : mp_table_new(export_columns, MP_COUNT_OF(export_columns));
	const char *selector = args->n_words > 2 ? args->words[2] : "last:1000000";
	struct mp_store *store;
	struct mp_err err;
	int64_t *ids = NULL;
	size_t count = 0;
	int ret, code = open_reader(args->words[1], &store);

	if (code) {
		mp_table_free(table);
		return code;
	}
	ret = mp_store_select(store, selector, &ids, &count, &err);
	for (size_t i = 0; i < count && !ret; i++)
		ret = export_run(table, store, ids[i], counters, &err);
	free(ids);
	mp_store_close(store);
	if (!ret)
		return print_table(table, args, &mp_format_csv);
	mp_table_free(table);
	return mp_fail(&err);
}

static int judged(const struct mp_args *args,
		  int (*action)(const struct mp_args *args, struct mp_table **ret_table))
{
	struct mp_table *table;
	int code = action(args, &table);

	return table ? print_table(table, args, &mp_format_text) : code;
}

static int baseline(const struct mp_args *args)
{
	return judged(args, mp_db_baseline);
}

static int accept(const struct mp_args *args)
{
	return judged(args, mp_db_accept);
}

static const struct {
	const char *name;
	int (*run)(const struct mp_args *args);
	size_t max_words;
	const char *options; /* names of those that it takes, each between blanks */
	bool server; /* takes the URL of one, too */
} actions[] = {
	{ "info", info, 2, " json o ", false },
	{ "runs", runs, 2, " json o ", true },
	{ "check", check, 2, " ", false },
	{ "merge", mp_db_merge, SIZE_MAX, " ", false },
	{ "push", mp_db_push, SIZE_MAX, " ", true },
	{ "export", export, 3, " json format o counters ", true },
	{ "topology", mp_db_topology, 3, " o ", true },
	{ "prune", mp_db_prune, 2, " keep-raw keep-runs dry-run ", false },
	{ "baseline", baseline, 3, " json o name author reason remove ", false },
	{ "accept", accept, 3, " json o at all author reason state metric link remove ", false },
};

/* The first option given that the action does not take, or NULL. */
static const char *foreign_option(const struct mp_args *args, const char *taken)
{
	for (size_t i = 0; i < args->n_given; i++) {
		char name[64];

		snprintf(name, sizeof(name), " %s ", args->given[i].name);
		if (!strstr(taken, name))
			return args->given[i].name;
	}
	return NULL;
}

static bool names_server(const struct mp_args *args)
{
	for (size_t i = 1; i < args->n_words; i++)
		if (mp_central_named(args->words[i]))
			return true;
	return false;
}

static int run(const struct mp_args *args)
{
	const char *names[MP_COUNT_OF(actions)];
	const char *near, *foreign;
	struct mp_err err;

	for (size_t i = 0; i < MP_COUNT_OF(actions); i++) {
		names[i] = actions[i].name;
		if (strcmp(actions[i].name, args->words[0]))
			continue;
		if (!actions[i].server && names_server(args)) {
			mp_err_usage(&err, -EINVAL,
				     "'db %s' works on results files; of a server there are runs, "
				     "export, topology and push",
				     actions[i].name);
			return mp_fail(&err);
		}
		foreign = foreign_option(args, actions[i].options);
		if (!foreign && args->n_words <= actions[i].max_words)
			return actions[i].run(args);
		mp_err_usage(&err, -EINVAL, "'db %s' does not take '%s%s'; see 'memperf help db'",
			     actions[i].name, foreign ? "--" : "",
			     foreign ? foreign : args->words[actions[i].max_words]);
		return mp_fail(&err);
	}
	near = mp_str_nearest(args->words[0], names, MP_COUNT_OF(actions));
	mp_err_usage(&err, -EINVAL, "there is no 'db %s'; %s%s%s", args->words[0],
		     near ? "did you mean '" : "see 'memperf help db", near ? near : "",
		     near ? "'?" : "'");
	return mp_fail(&err);
}

static void operands(struct mp_str *out)
{
	for (size_t i = 0; i < MP_COUNT_OF(actions); i++)
		mp_str_printf(out, "%s\n", actions[i].name);
}

static const struct mp_option options[] = {
	{ .name = "json", .help = "the table as JSON" },
	{ .name = "format", .value = "csv|json|jsonl", .help = "of export; default csv" },
	{ .name = "counters", .help = "of export: what was counted, one row per case and counter" },
	{ .name = "o", .value = "FILE", .help = "write to a file, whole or not at all" },
	{ .name = "keep-raw", .value = "NIGHTS", .help = "prune: raw data of older runs goes" },
	{ .name = "keep-runs", .value = "NIGHTS", .help = "prune: older runs go" },
	{ .name = "dry-run", .help = "prune: count, change nothing" },
	{ .name = "name", .value = "NAME", .help = "baseline: its name, 'default' when not given" },
	{ .name = "at", .value = "RUN", .help = "accept: first run of the new level, #N or UUID" },
	{ .name = "all", .help = "accept: cases without a change or a suspect there, too" },
	{ .name = "author",
	  .value = "NAME",
	  .help = "baseline, accept: who; nobody when not given" },
	{ .name = "reason", .value = "TEXT", .help = "baseline, accept: why" },
	{ .name = "state",
	  .value = "STATE",
	  .help = "accept: accepted (default), wontfix, environment, fixed or invalid" },
	{ .name = "metric", .value = "METRIC", .help = "accept: value (default), tail or spread" },
	{ .name = "link", .value = "URL", .help = "accept: an issue or a commit" },
	{ .name = "remove", .help = "baseline, accept: take it back" },
};

const struct mp_cmd mp_cmd_db = {
	.name = "db",
	.summary = "what a results file holds; check, merge, export, prune and judge it",
	.synopsis = "info|runs|check|export|topology|prune|baseline|accept FILE.db, or merge "
		    "INTO.db FROM.db..., or push URL FILE.db...",
	.about =
		"info    counts and sizes\n"
		"runs    every run, newest first\n"
		"check   verifies everything that can be verified; exit 3 when something is "
		"damaged\n"
		"merge   copies the runs that INTO does not have; doing it twice changes nothing\n"
		"push    the same into a PostgreSQL server, postgres://USER@HOST/DATABASE, whose "
		"URL "
		"then stands for a\n"
		"        file in compare, view, report, history and db runs. The password comes "
		"from "
		"~/.pgpass or PGPASSWORD\n"
		"export  one row per case and run, CSV or JSON: export FILE.db [SELECTOR]\n"
		"topology  the machine of a run as hwloc's XML, for 'memperf plan --topology' and "
		"lstopo: topology FILE.db [SELECTOR]\n"
		"prune   old raw data and runs go: prune FILE.db --keep-raw 30 --keep-runs 400. "
		"Nights "
		"count back from\n"
		"        the newest run; what a baseline or an accepted change names stays\n"
		"baseline  pins runs that slow drift is measured against: baseline FILE.db "
		"SELECTOR; without one: lists\n"
		"accept  judges a change that 'memperf history' shows, or a suspect of a night, so "
		"that it is no alert\n"
		"        again: accept FILE.db CASE|GLOB --at RUN --reason TEXT; cases that match "
		"and have none there are\n"
		"        left out and counted; without a case: lists",
	.options = options,
	.n_options = MP_COUNT_OF(options),
	.min_words = 2,
	.max_words = SIZE_MAX,
	.operands = operands,
	.order = 8,
	.run = run,
};

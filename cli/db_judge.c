/* SPDX-License-Identifier: GPL-3.0-or-later */
/* db baseline and db accept: see db_judge.h. */
#include "cli/db_judge.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/args.h"
#include "common/cleanup.h"
#include "common/str.h"
#include "report/history/tonight.h"
#include "results/judgement.h"

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * 1000000000ll + now.tv_nsec;
}

/* Who decides, as they call themselves; NULL: not said. Nobody's login name is looked up: the file may be shown to others. */
static const char *author(const struct mp_args *args)
{
	const char *given = mp_args_get(args, "author");

	return given && *given ? given : NULL;
}

/* The file must be there: judging makes no file. */
static int open_writer(const char *path, struct mp_store **ret_store)
{
	struct mp_store *reader;
	struct mp_err err;

	if (mp_store_open(path, MP_STORE_READ, &reader, &err))
		return mp_fail(&err);
	mp_store_close(reader);
	if (mp_store_open(path, MP_STORE_WRITE, ret_store, &err))
		return mp_fail(&err);
	return MP_EXIT_DONE;
}

static int open_reader(const char *path, struct mp_store **ret_store)
{
	struct mp_err err;

	if (mp_store_open(path, MP_STORE_READ, ret_store, &err))
		return mp_fail(&err);
	return MP_EXIT_DONE;
}

static int finish(struct mp_store *store, int rc, const struct mp_err *err, const char *line)
{
	mp_store_close(store);
	return rc ? mp_fail(err) : mp_print(line);
}

static void add_time(struct mp_table *t, int64_t ns)
{
	time_t seconds = (time_t)(ns / 1000000000);
	char text[32];
	struct tm tm;

	if (localtime_r(&seconds, &tm) && strftime(text, sizeof(text), "%Y-%m-%d %H:%M", &tm))
		mp_table_text(t, text);
	else
		mp_table_unknown(t);
}

/* ---- baseline ---- */

static const struct mp_column baseline_columns[] = {
	{ .key = "name", .title = "name" },	{ .key = "machine", .title = "machine" },
	{ .key = "run_uuid", .title = "run" },	{ .key = "made", .title = "made" },
	{ .key = "author", .title = "author" }, { .key = "reason", .title = "reason" },
};

static int list_baseline(void *user, const struct mp_baseline *b)
{
	mp_table_text(user, b->name);
	mp_table_text(user, b->machine);
	mp_table_text(user, b->run_uuid);
	add_time(user, b->made_ns);
	mp_table_text(user, b->author);
	mp_table_text(user, b->reason);
	return 0;
}

/* The runs that a selector names, of one machine. The texts of `runs` are owned; the caller frees all. */
static int pinned_runs(struct mp_store *s, const char *selector, struct mp_run_row **ret_runs,
		       size_t *ret_count, struct mp_err *err)
{
	struct mp_run_row *runs;
	int64_t *ids = NULL;
	size_t count = 0, read = 0;
	int rc = mp_store_select(s, selector, &ids, &count, err);

	if (rc)
		return rc;
	runs = calloc(count + 1, sizeof(*runs));
	rc = runs ? 0 : mp_err_env(err, -ENOMEM, "out of memory");
	while (!rc && read < count) {
		rc = mp_store_run_get(s, ids[read], &runs[read], err);
		read += !rc;
		if (!rc && strcmp(runs[read - 1].machine, runs[0].machine))
			rc = mp_err_usage(
				err, -EINVAL,
				"'%s' names runs of several machines; a baseline is of one",
				selector);
	}
	free(ids);
	*ret_runs = runs;
	*ret_count = read;
	return rc;
}

static int set_baseline(struct mp_store *s, const struct mp_args *args, const char *name,
			struct mp_str *line, struct mp_err *err)
{
	const char *reason = mp_args_get(args, "reason"), **uuids;
	struct mp_run_row *runs = NULL;
	size_t count = 0;
	int rc = pinned_runs(s, args->words[2], &runs, &count, err);
	const struct mp_baseline b = { .machine = count ? runs[0].machine : "",
				       .name = name,
				       .made_ns = now_ns(),
				       .author = author(args),
				       .reason = reason ? reason : "" };

	uuids = calloc(count + 1, sizeof(*uuids));
	if (!rc && !uuids)
		rc = mp_err_env(err, -ENOMEM, "out of memory");
	for (size_t i = 0; !rc && i < count; i++)
		uuids[i] = runs[i].uuid;
	if (!rc)
		rc = mp_store_baseline_set(s, &b, uuids, count, err);
	mp_str_printf(line, "baseline '%s' of this machine is now run%s", name,
		      count == 1 ? "" : "s");
	for (size_t i = 0; i < count; i++) {
		mp_str_printf(line, " #%lld", (long long)runs[i].id);
		mp_run_row_done(&runs[i]);
	}
	mp_str_addc(line, '\n');
	free(runs);
	free(uuids);
	return rc;
}

static int list(struct mp_store *s, struct mp_table *table, int rc, struct mp_err *err,
		struct mp_table **ret_table)
{
	mp_store_close(s);
	if (rc) {
		mp_table_free(table);
		return mp_fail(err);
	}
	*ret_table = table;
	return MP_EXIT_DONE;
}

int mp_db_baseline(const struct mp_args *args, struct mp_table **ret_table)
{
	MP_CLEANUP(mp_str_done) struct mp_str line = MP_STR_INIT;
	const char *name = mp_args_get(args, "name");
	bool remove = mp_args_has(args, "remove");
	struct mp_store *s;
	struct mp_err err;
	unsigned removed;
	int rc, code;

	*ret_table = NULL;
	if (!name)
		name = MP_BASELINE_DEFAULT;
	if (!*name || strlen(name) > 63) {
		mp_err_usage(&err, -EINVAL, "--name '%s' is not 1 to 63 characters long", name);
		return mp_fail(&err);
	}
	if (args->n_words < 3 && !remove) {
		struct mp_table *table =
			mp_table_new(baseline_columns, MP_COUNT_OF(baseline_columns));

		code = open_reader(args->words[1], &s);
		if (code) {
			mp_table_free(table);
			return code;
		}
		rc = mp_store_baselines(s, list_baseline, table, &err);
		return list(s, table, rc, &err, ret_table);
	}
	code = open_writer(args->words[1], &s);
	if (code)
		return code;
	if (!remove) {
		rc = set_baseline(s, args, name, &line, &err);
		return finish(s, rc, &err, line.text);
	}
	rc = mp_store_baseline_remove(s, NULL, name, &removed, &err);
	if (!rc && !removed)
		rc = mp_err_usage(&err, -ENOENT,
				  "there is no baseline '%s'; see 'memperf db "
				  "baseline %s'",
				  name, args->words[1]);
	mp_str_printf(&line, "baseline '%s' is gone\n", name);
	return finish(s, rc, &err, line.text);
}

/* ---- accept ---- */

static const struct mp_column accepted_columns[] = {
	{ .key = "case", .title = "case" },
	{ .key = "version", .title = "v", .kind = MP_COLUMN_INTEGER },
	{ .key = "metric", .title = "metric" },
	{ .key = "state", .title = "state" },
	{ .key = "run_uuid", .title = "from run" },
	{ .key = "machine", .title = "machine" },
	{ .key = "made", .title = "made" },
	{ .key = "author", .title = "author" },
	{ .key = "reason", .title = "reason" },
	{ .key = "link", .title = "link" },
};

static int list_accepted(void *user, const struct mp_accepted *a)
{
	mp_table_text(user, a->case_text);
	mp_table_integer(user, a->bench_version);
	mp_table_text(user, a->metric);
	mp_table_text(user, a->state);
	mp_table_text(user, a->run_uuid);
	mp_table_text(user, a->machine);
	add_time(user, a->made_ns);
	mp_table_text(user, a->author);
	mp_table_text(user, a->reason);
	mp_table_text(user, a->link);
	return 0;
}

/* "#12", "12", a UUID, or any selector of one run: the newest that it names. */
static int run_at(struct mp_store *s, const char *at, struct mp_run_row *ret_run,
		  struct mp_err *err)
{
	int64_t *ids = NULL, id = 0;
	size_t count = 0;
	int rc;

	if (strlen(at) == 36 && !strchr(at, ':')) {
		rc = mp_store_select(s, "last:1000000", &ids, &count, err);
		for (size_t i = 0; !rc && i < count; i++) {
			rc = mp_store_run_get(s, ids[i], ret_run, err);
			if (!rc && !strcmp(ret_run->uuid, at)) {
				free(ids);
				return 0;
			}
			if (!rc)
				mp_run_row_done(ret_run);
		}
		free(ids);
		return rc ? rc
			  : mp_err_usage(err, -ENOENT, "no run '%s'; see 'memperf db runs'", at);
	}
	rc = mp_store_select(s, at, &ids, &count, err);
	if (!rc)
		id = ids[0];
	free(ids);
	return rc ? rc : mp_store_run_get(s, id, ret_run, err);
}

/* What the history knows of the run to which cases are accepted; history.nights NULL: not asked (--all). */
struct known {
	struct mp_history history;
	bool *noticed; /* by series */
	enum mp_metric metric;
};

static int read_known(const char *path, const struct mp_run_row *run, const char *metric,
		      struct known *k, struct mp_err *err)
{
	struct mp_history_options options = mp_history_defaults;
	size_t night = 0;
	int rc;

	mp_metric_parse(metric, &k->metric);
	options.last = 0;
	options.tail = k->metric == MP_METRIC_IS_TAIL;
	options.spread = k->metric == MP_METRIC_IS_SPREAD;
	rc = mp_history_read(&path, 1, &options, &k->history, err);
	if (rc)
		return rc;
	while (night < k->history.n_nights && strcmp(k->history.nights[night].uuid, run->uuid))
		night++;
	if (night == k->history.n_nights)
		return mp_err_usage(err, -ENOENT,
				    "run #%lld is no night of the history (a planted fault, a "
				    "confirm run, a step of a bisection)",
				    (long long)run->id);
	rc = mp_tonight_noticed(&k->history, night, &k->noticed);
	return rc ? mp_err_env(err, rc, "out of memory") : 0;
}

/* Is there anything to judge of the case? */
static bool is_noticed(const struct known *k, const struct mp_accepted *a)
{
	for (size_t i = 0; i < k->history.n_series; i++) {
		const struct mp_series *s = &k->history.series[i];

		if (k->noticed[i] && s->metric == k->metric && s->version == a->bench_version &&
		    !strcmp(s->case_text, a->case_text) && !strcmp(s->machine, a->machine))
			return true;
	}
	return false;
}

/* One judgement for every case of the run that matches and has something to judge. *ret_left: those that match and have
 * nothing. */
static int accept_cases(struct mp_store *s, const struct mp_run_row *run, const char *glob,
			const struct known *known, struct mp_accepted *a, unsigned *ret_count,
			unsigned *ret_left, struct mp_err *err)
{
	struct mp_case_row *cases = NULL;
	unsigned accepted = 0, left = 0;
	size_t count = 0;
	int rc = mp_store_cases(s, run->id, &cases, &count, err);

	for (size_t i = 0; !rc && i < count; i++) {
		if (!mp_str_glob(glob, cases[i].text))
			continue;
		a->case_text = cases[i].text;
		a->bench_version = cases[i].version;
		if (known->noticed && !is_noticed(known, a)) {
			left++;
			continue;
		}
		rc = mp_store_accept(s, a, err);
		accepted += !rc;
	}
	mp_case_rows_free(cases, count);
	if (!rc && !accepted && left)
		rc = mp_err_usage(
			err, -ENOENT,
			"nothing to accept at run #%lld: %u case%s match%s '%s', without a "
			"change or a suspect there; see 'memperf history', or add --all",
			(long long)run->id, left, left == 1 ? "" : "s", left == 1 ? "es" : "",
			glob);
	else if (!rc && !accepted)
		rc = mp_err_usage(err, -ENOENT,
				  "no case of run #%lld matches '%s'; see 'memperf report'",
				  (long long)run->id, glob);
	*ret_count = accepted;
	*ret_left = left;
	return rc;
}

static int accept_options(const struct mp_args *args, struct mp_accepted *a, struct mp_err *err)
{
	static const char *const states[] = { "accepted", "wontfix", "environment", "fixed",
					      "invalid" };
	const char *metric = mp_args_get(args, "metric"), *state = mp_args_get(args, "state");
	enum mp_metric known;

	a->state = state ? state : states[0];
	a->metric = metric ? metric : MP_METRIC_VALUE;
	a->reason = mp_args_get(args, "reason");
	a->link = mp_args_get(args, "link");
	if (a->link && !*a->link)
		a->link = NULL;
	if (!mp_args_has(args, "at"))
		return mp_err_usage(
			err, -EINVAL,
			"from which run on? --at #N, or --at UUID, as 'memperf history' "
			"says");
	if (!a->reason || !*a->reason)
		return mp_err_usage(err, -EINVAL, "why? --reason TEXT: the next reader will ask");
	if (mp_metric_parse(a->metric, &known))
		return mp_err_usage(err, -EINVAL, "--metric '%s' is none of value, tail, spread",
				    a->metric);
	for (size_t i = 0; i < MP_COUNT_OF(states); i++)
		if (!strcmp(states[i], a->state))
			return 0;
	return mp_err_usage(err, -EINVAL,
			    "--state '%s' is none of accepted, wontfix, environment, fixed, "
			    "invalid",
			    a->state);
}

static int accept(const struct mp_args *args, const struct mp_accepted *options)
{
	MP_CLEANUP(mp_str_done) struct mp_str line = MP_STR_INIT;
	struct mp_accepted a = *options;
	struct mp_run_row run = { 0 };
	struct known known = { 0 };
	unsigned count = 0, left = 0;
	struct mp_store *s;
	struct mp_err err;
	int rc, code = open_writer(args->words[1], &s);

	if (code)
		return code;
	rc = run_at(s, mp_args_get(args, "at"), &run, &err);
	if (!rc && !mp_args_has(args, "all"))
		rc = read_known(args->words[1], &run, a.metric, &known, &err);
	if (!rc) {
		a.machine = run.machine;
		a.run_uuid = run.uuid;
		a.run_started_ns = run.started_ns;
		a.made_ns = now_ns();
		a.author = author(args);
		rc = accept_cases(s, &run, args->words[2], &known, &a, &count, &left, &err);
	}
	mp_str_printf(&line, "%u case%s: '%s' from run #%lld on\n", count, count == 1 ? "" : "s",
		      a.state, (long long)run.id);
	if (left)
		mp_str_printf(&line,
			      "left out: %u that match%s and %s no change or suspect there; --all "
			      "takes them, too\n",
			      left, left == 1 ? "es" : "", left == 1 ? "has" : "have");
	free(known.noticed);
	mp_history_done(&known.history);
	if (run.uuid)
		mp_run_row_done(&run);
	return finish(s, rc, &err, line.text);
}

static int take_back(const struct mp_args *args)
{
	MP_CLEANUP(mp_str_done) struct mp_str line = MP_STR_INIT;
	const char *at = mp_args_get(args, "at");
	struct mp_run_row run = { 0 };
	unsigned removed = 0;
	struct mp_store *s;
	struct mp_err err;
	int rc = 0, code = open_writer(args->words[1], &s);

	if (code)
		return code;
	if (at)
		rc = run_at(s, at, &run, &err);
	if (!rc)
		rc = mp_store_accepted_remove(s, args->words[2], run.uuid, &removed, &err);
	if (!rc && !removed)
		rc = mp_err_usage(&err, -ENOENT,
				  "nothing was accepted of '%s'; see 'memperf db accept %s'",
				  args->words[2], args->words[1]);
	mp_str_printf(&line, "%u judgement%s taken back\n", removed, removed == 1 ? "" : "s");
	if (run.uuid)
		mp_run_row_done(&run);
	return finish(s, rc, &err, line.text);
}

int mp_db_accept(const struct mp_args *args, struct mp_table **ret_table)
{
	struct mp_accepted a = { 0 };
	struct mp_err err;

	*ret_table = NULL;
	if (args->n_words < 3) {
		struct mp_table *table =
			mp_table_new(accepted_columns, MP_COUNT_OF(accepted_columns));
		struct mp_store *s;
		int rc = open_reader(args->words[1], &s);

		if (rc) {
			mp_table_free(table);
			return rc;
		}
		rc = mp_store_accepted(s, list_accepted, table, &err);
		return list(s, table, rc, &err, ret_table);
	}
	if (mp_args_has(args, "remove"))
		return take_back(args);
	if (accept_options(args, &a, &err))
		return mp_fail(&err);
	return accept(args, &a);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* memperf nightly: look at the machine, measure, judge, measure suspects again, report, tidy up, exit with the verdict. */
#include "cli/cmd.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/lock.h"
#include "cli/nightly.h"
#include "common/cleanup.h"
#include "common/clock.h"
#include "common/str.h"
#include "report/format/show_nightly.h"
#include "results/store.h"

struct night {
	const struct mp_args *args;
	struct mp_nightly config;
	struct mp_night_state state;
	struct mp_side tonight, confirm;
	struct mp_nightly_judgement judgement;
	struct mp_str message;
	bool judge_only, go_on; /* --judge, --continue */
	int lock;
};

/* Everything that may be wrong with the settings, before anything is measured. */
static int configure(struct night *n, struct mp_err *err)
{
	const char *db = mp_args_get(n->args, "db"), *reports = mp_args_get(n->args, "reports");
	const char *file = n->args->n_words ? n->args->words[0] : "nightly";
	int rc = mp_nightly_load(file, &n->config, err);

	if (rc)
		return rc;
	if (db || !n->config.database) {
		free(n->config.database);
		n->config.database = strdup(db ? db : "nightly.db");
	}
	if (reports) {
		free(n->config.folder);
		n->config.folder = strdup(reports);
	}
	if (!n->config.database || (reports && !n->config.folder))
		return mp_err_env(err, -ENOMEM, "out of memory");
	for (size_t i = 0; i < n->config.formats.count; i++) {
		MP_CLEANUP(mp_str_done) struct mp_str names = MP_STR_INIT;

		if (mp_format_find(n->config.formats.items[i]))
			continue;
		mp_format_names(&names);
		return mp_err_usage(err, -EINVAL, "%s: the report format '%s' is none of %s", file,
				    n->config.formats.items[i], names.text);
	}
	return 0;
}

/* ---- judging ---- */

static int read_state(struct night *n, struct mp_err *err)
{
	int rc = mp_night_state_read(n->config.database, n->config.name, mp_clock_real_ns(),
				     n->judge_only, &n->state, err);

	if (!rc && n->judge_only && !n->state.run)
		rc = mp_err_usage(err, -ENOENT, "'%s' holds no night of '%s' to judge",
				  n->config.database, n->config.name);
	if (!rc && n->judge_only && !n->state.complete)
		rc = mp_err_usage(err, -ENOENT,
				  "the newest night of '%s' is not complete; 'memperf nightly' "
				  "goes on with it",
				  n->config.name);
	return rc;
}

static int open_run(const struct night *n, int64_t run, struct mp_side *ret_side,
		    struct mp_err *err)
{
	MP_CLEANUP(mp_str_done) struct mp_str text = MP_STR_INIT;

	mp_str_printf(&text, "%s:#%lld", n->config.database, (long long)run);
	return mp_side_open(text.text, MP_SIDE_REPORT, ret_side, NULL, err);
}

static int judge(struct night *n, struct mp_err *err)
{
	const struct mp_nightly_limits limits = {
		.least_nights = n->config.least_nights,
		.baseline = n->config.baseline,
		.least_calm = n->config.least_calm,
		.most_together = n->config.most_together,
		.confirm_invocations = n->config.confirm_invocations,
		.most_confirm = n->config.confirm_most,
		.controls = n->config.confirm_controls,
	};
	int rc = 0;

	mp_nightly_judgement_done(&n->judgement);
	mp_side_done(&n->tonight);
	mp_side_done(&n->confirm);
	rc = open_run(n, n->state.run, &n->tonight, err);
	if (!rc && n->state.confirm_complete)
		rc = open_run(n, n->state.confirm, &n->confirm, err);
	if (rc)
		return rc;
	return mp_nightly_judge(
		n->config.database, &n->tonight, n->state.good_uuid[0] ? n->state.good_uuid : NULL,
		n->state.confirm_complete ? &n->confirm : NULL, &limits, &n->judgement, err);
}

/* Suspects on a machine that was itself, and still is, are measured again. */
static bool wants_confirm(const struct night *n)
{
	return !n->judge_only && !n->state.confirm_complete && !n->state.other_kernel &&
	       n->judgement.n_suspects && !n->judgement.machine_moved;
}

/* A night that ended in the middle, of a full disk, say: whoever waits for its verdict is told. Who interrupted it knows,
 * and a mistake in the configuration is one line, as all of them are. */
static int unfinished(struct night *n, int code)
{
	bool known, measured;
	struct mp_err err;

	if (code == MP_EXIT_INTERRUPTED || code == MP_EXIT_USAGE)
		return code;
	known = !read_state(n, &err);
	measured = known && n->state.complete && (!n->state.confirm || n->state.confirm_complete);
	mp_str_printf(&n->message, "memperf %s: could not judge\nit was %s: %s\n", n->config.name,
		      measured ? "measured, and then failed" : "not measured to its end",
		      mp_failure());
	if (known && (n->state.resumable || n->state.confirm_resumable))
		mp_str_add(
			&n->message,
			"what was measured is kept; started again before noon, 'memperf nightly' "
			"goes on with it\n");
	return code;
}

/* Measured, judged, suspects measured again, judged: an exit code, and in n->judgement what it means. */
static int measure_and_judge(struct night *n)
{
	struct mp_err err;
	int code, rc = read_state(n, &err);

	if (rc)
		return mp_fail(&err);
	if (!n->judge_only && (!n->state.complete || n->state.judged)) {
		code = mp_night_look(&n->config, &n->message);
		if (code)
			return code;
		code = mp_night_measure(&n->config, n->args, &n->state);
		if (code)
			return unfinished(n, code);
		rc = read_state(n, &err);
	}
	if (!rc)
		rc = judge(n, &err);
	if (!rc && wants_confirm(n)) {
		code = mp_night_confirm(&n->config, n->args, &n->state, &n->judgement);
		if (code)
			return unfinished(n, code);
		rc = read_state(n, &err);
		if (!rc)
			rc = judge(n, &err);
	}
	return rc ? mp_fail(&err) : MP_EXIT_DONE;
}

/* ---- what is left behind ---- */

static int write_report(const struct night *n, const struct mp_show_nightly *show,
			const struct mp_format *format)
{
	MP_CLEANUP(mp_str_done) struct mp_str out = MP_STR_INIT;
	MP_CLEANUP(mp_str_done) struct mp_str path = MP_STR_INIT;
	const struct mp_show options = { .format = format };
	struct mp_err err;

	mp_str_printf(&path, "%s/%s.%s", n->config.folder, n->config.name, format->suffix);
	if (mp_show_nightly(show, &options, &out) || path.failed) {
		mp_err_env(&err, -ENOMEM, "out of memory");
		return mp_fail(&err);
	}
	return mp_print_to(path.text, out.text);
}

/* The first failure ends it: the others would fail as well, and one line says why. */
static int write_reports(const struct night *n, const struct mp_show_nightly *show)
{
	struct mp_err err;
	int code = MP_EXIT_DONE;

	if (!n->config.folder)
		return code;
	if (mkdir(n->config.folder, 0755) && errno != EEXIST) {
		mp_err_env(&err, -errno, "cannot make the folder '%s' for the reports: %s",
			   n->config.folder, strerror(errno));
		return mp_fail(&err);
	}
	for (size_t i = 0; !code && i < n->config.formats.count; i++)
		code = write_report(n, show, mp_format_find(n->config.formats.items[i]));
	return code;
}

static int prune(const struct night *n)
{
	const struct mp_prune options = { .keep_raw = n->config.keep_raw,
					  .keep_runs = n->config.keep_runs };
	struct mp_pruned pruned;
	struct mp_store *store;
	struct mp_err err;
	int rc;

	if (!options.keep_raw && !options.keep_runs)
		return MP_EXIT_DONE;
	rc = mp_store_open(n->config.database, MP_STORE_WRITE, &store, &err);
	if (!rc) {
		rc = mp_store_prune(store, &options, &pruned, &err);
		mp_store_close(store);
	}
	return rc ? mp_fail(&err) : MP_EXIT_DONE;
}

static int record(const struct night *n)
{
	const char *uuid = n->confirm.n_runs ? n->confirm.runs[0].row.uuid : NULL;
	struct mp_err err;

	if (mp_night_record(n->config.database, &n->state, &n->judgement, uuid, &err))
		return mp_fail(&err);
	return MP_EXIT_DONE;
}

/* The verdict is recorded first: a full disk costs reports, not the night. */
static int finish(struct night *n)
{
	static const int codes[] = { [MP_NIGHTLY_GOOD] = MP_EXIT_DONE,
				     [MP_NIGHTLY_REGRESSION] = MP_EXIT_REGRESSION,
				     [MP_NIGHTLY_UNJUDGED] = MP_EXIT_UNJUDGED };
	const struct mp_show_nightly show = { .judgement = &n->judgement,
					      .tonight = &n->tonight,
					      .path = n->config.database,
					      .name = n->config.name };
	int failed = record(n), code = codes[n->judgement.result];

	mp_show_nightly_message(&show, &n->message);
	if (n->state.misdated)
		mp_str_printf(&n->message,
			      "dates       nights that were stored before run #%lld have later "
			      "dates: the "
			      "clock was set back; nights count in the order of their dates\n",
			      (long long)n->state.run);
	if (!failed)
		failed = write_reports(n, &show);
	mp_side_done(&n->tonight);
	mp_side_done(&n->confirm);
	if (!failed && !n->judge_only)
		failed = prune(n);
	/* Whoever asks for the verdict gets a regression before anything else. */
	return code == MP_EXIT_REGRESSION || !failed ? code : failed;
}

static void done(struct night *n)
{
	mp_nightly_judgement_done(&n->judgement);
	mp_side_done(&n->tonight);
	mp_side_done(&n->confirm);
	mp_nightly_done(&n->config);
	mp_str_done(&n->message);
	mp_close_fd(&n->lock);
}

/* With --continue *ret_nothing says why there is no night to go on with, and is NULL when there is one. */
static int begin(struct night *n, const char **ret_nothing, struct mp_err *err)
{
	int rc = configure(n, err);

	*ret_nothing = NULL;
	if (!rc && n->go_on && n->judge_only)
		rc = mp_err_usage(err, -EINVAL,
				  "--judge measures nothing, --continue does: give one of them");
	if (rc || n->judge_only)
		return rc;
	rc = mp_lock_take("memperf-nightly",
			  "another 'memperf nightly' is at work on this machine; it will say how "
			  "the night was",
			  &n->lock, err);
	if (!n->go_on)
		return rc;
	if (rc == -EBUSY) {
		*ret_nothing = err->text;
		return 0;
	}
	if (!rc)
		rc = read_state(n, err);
	if (!n->state.run || n->state.judged || !(n->state.complete || n->state.resumable))
		*ret_nothing =
			"since noon no night was begun on this kernel and left without a verdict";
	return rc;
}

/* No failure: a machine is rebooted by day as well. */
static int say_nothing(const struct night *n, const char *why)
{
	MP_CLEANUP(mp_str_done) struct mp_str line = MP_STR_INIT;

	if (mp_args_has(n->args, "quiet"))
		return MP_EXIT_DONE;
	mp_str_printf(&line, "memperf %s: nothing to go on with: %s\n", n->config.name, why);
	return mp_print_str(&line);
}

static int run(const struct mp_args *args)
{
	struct night n = { .args = args,
			   .message = MP_STR_INIT,
			   .judge_only = mp_args_has(args, "judge"),
			   .go_on = mp_args_has(args, "continue"),
			   .lock = -1 };
	const char *nothing;
	struct mp_err err;
	int code, rc = begin(&n, &nothing, &err);

	if (rc || nothing) {
		code = rc ? mp_fail(&err) : say_nothing(&n, nothing);
		done(&n);
		return code;
	}
	code = measure_and_judge(&n);
	if (!code)
		code = finish(&n);
	if (n.message.len)
		rc = mp_print_str(&n.message);
	if (n.message.len && code && n.config.notify.count &&
	    mp_night_notify(&n.config.notify, n.message.text, &err))
		mp_fail(&err);
	done(&n);
	return code ? code : rc;
}

static const struct mp_option options[] = {
	{ .name = "db", .value = "FILE", .help = "another results file than the configuration's" },
	{ .name = "reports", .value = "FOLDER", .help = "another folder for the reports" },
	{ .name = "continue",
	  .help = "go on with a night that ended without a verdict; without one do nothing" },
	{ .name = "judge", .help = "measure nothing: judge the newest night again" },
	{ .name = "quiet", .help = "no progress" },
	{ .name = "sabotage",
	  .value = "HOW",
	  .help = "as in 'memperf run', for tests",
	  .hidden = true },
};

const struct mp_cmd mp_cmd_nightly = {
	.name = "nightly",
	.summary = "one night: measure, judge against the history, report; the exit code is the "
		   "verdict",
	.synopsis = "[CONFIG] [--db FILE] [--reports FOLDER] [--continue | --judge]",
	.about =
		"CONFIG is a name or a file; the default is 'nightly', see configs/nightly.cfg for "
		"every setting.\n"
		"Looks at the machine, measures, judges every case against the nights before, "
		"measures suspects\n"
		"again in fresh processes, writes the reports, prunes old data. A night that was "
		"interrupted (also by\n"
		"a reboot) goes on when it is started again before noon; --continue, at boot, "
		"begins no new one.\n"
		"Alarms that chance raises are promised to be one in 900 years of nights of 300 "
		"cases; reports say how\n"
		"many are to be expected.\n\n"
		"Exit codes: 0 no regression, 1 regression, 5 could not judge (a noisy machine, "
		"too "
		"few nights, cases\n"
		"without a value), 2 configuration, 3 environment (also: another night is at "
		"work), "
		"130 interrupted.",
	.options = options,
	.n_options = sizeof(options) / sizeof(options[0]),
	.max_words = 1,
	.order = 9,
	.run = run,
};

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* memperf doctor --fix and --undo: shows what would change, changes it, puts it back. */
#include "cli/doctor_fix.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/lock.h"
#include "common/cleanup.h"
#include "report/format/table.h"
#include "runner/machine/tune.h"

static const struct mp_column columns[] = {
	{ .key = "setting", .title = "Setting" }, { .key = "file", .title = "File" },
	{ .key = "now", .title = "Now" },	  { .key = "then", .title = "Then" },
	{ .key = "outcome", .title = "Outcome" }, { .key = "why", .title = "Why" },
};

struct shown {
	struct mp_table *table;
	size_t rows, failed;
	bool undo;
};

static void add_row(struct shown *shown, const struct mp_change *change, const char *outcome)
{
	shown->rows++;
	mp_table_text(shown->table, change->name);
	mp_table_text(shown->table, change->path);
	mp_table_text(shown->table, shown->undo ? change->after : change->before);
	mp_table_text(shown->table, shown->undo ? change->before : change->after);
	mp_table_text(shown->table, outcome);
	mp_table_text(shown->table, change->why);
}

static void add_done(void *user, const struct mp_change *change, enum mp_tune_outcome outcome,
		     int err)
{
	struct shown *shown = user;
	char text[128];

	shown->failed += outcome == MP_TUNE_FAILED;
	snprintf(text, sizeof(text), "%s%s%s", mp_tune_outcome_name(outcome),
		 outcome == MP_TUNE_FAILED ? ": " : "",
		 outcome == MP_TUNE_FAILED ? strerror(-err) : "");
	add_row(shown, change, text);
}

/* What there is to say behind the table. */
static const char *last_line(const struct shown *shown, bool applied)
{
	if (shown->undo)
		return shown->failed ? "what failed is still in the record: try again\n"
				     : "undone; the record is removed\n";
	if (!shown->rows)
		return "nothing to change\n";
	if (!applied)
		return "nothing was changed: 'memperf doctor --fix --apply' does it, 'memperf "
		       "doctor --undo' puts it back\n";
	return shown->failed
		       ? "some could not be changed; 'memperf doctor --undo' puts the others "
			 "back\n"
		       : "changed until the next boot; 'memperf doctor --undo' puts it back\n";
}

static int print(const struct shown *shown, bool applied, bool json)
{
	struct mp_str out = MP_STR_INIT;
	struct mp_err err;
	int code;

	if (json || shown->rows)
		mp_table_render(shown->table, json ? &mp_format_json : &mp_format_text,
				mp_terminal_width(), &out);
	if (!json)
		mp_str_printf(&out, "%s%s", shown->rows ? "\n" : "", last_line(shown, applied));
	if (out.failed || mp_table_failed(shown->table)) {
		mp_err_internal(&err, -ENOMEM, "no memory for the table of changes");
		code = mp_fail(&err);
	} else {
		code = mp_print_str(&out);
	}
	mp_str_done(&out);
	return code == MP_EXIT_DONE && shown->failed ? MP_EXIT_ENVIRONMENT : code;
}

/* What a killed run left, and below that what --fix did: last in, first out. */
static int undo(const char *state, struct shown *shown, struct mp_err *err)
{
	static const enum mp_tune_owner owners[] = { MP_TUNE_CASE, MP_TUNE_RUN, MP_TUNE_DOCTOR };
	bool any = false;
	int ret = 0;

	for (size_t i = 0; i < sizeof(owners) / sizeof(owners[0]) && (!ret || ret == -ENOENT);
	     i++) {
		ret = mp_tune_undo("", state, owners[i], add_done, shown, err);
		any |= !ret;
	}
	return ret == -ENOENT && any ? 0 : ret;
}

static void ignore(void *user, const struct mp_change *change, enum mp_tune_outcome outcome,
		   int err)
{
	size_t *failed = user;

	(void)change;
	(void)err;
	*failed += outcome == MP_TUNE_FAILED;
}

/* What a killed run left goes first: it is no state to come back to. */
static int clear_leftovers(const char *state, struct mp_err *err)
{
	size_t failed = 0;

	for (int owner = MP_TUNE_CASE; owner > MP_TUNE_DOCTOR; owner--) {
		int ret = mp_tune_undo("", state, (enum mp_tune_owner)owner, ignore, &failed, err);

		if (ret && ret != -ENOENT)
			return ret;
	}
	return failed ? mp_err_env(err, -EIO,
				   "what a killed run left cannot be put back: 'memperf doctor "
				   "--undo' says what")
		      : 0;
}

static int change(const struct mp_args *args, struct shown *shown, struct mp_err *err)
{
	const char *state = mp_args_get(args, "state");
	bool apply = mp_args_has(args, "apply");
	MP_CLEANUP(mp_close_fd) int lock = -1;
	struct mp_change *changes = NULL;
	size_t n = 0;
	int ret = 0;

	if (!state)
		state = MP_TUNE_STATE;
	if ((shown->undo || apply) && geteuid())
		return mp_err_env(err, -EPERM,
				  "changing settings needs root: sudo memperf doctor %s",
				  shown->undo ? "--undo" : "--fix --apply");
	if (shown->undo || apply)
		ret = mp_lock_take(MP_LOCK_RUN,
				   "'memperf run' is measuring on this machine: change its "
				   "settings when that has ended",
				   &lock, err);
	if (!ret && shown->undo)
		return undo(state, shown, err);
	if (!ret && apply)
		ret = clear_leftovers(state, err);
	if (!ret)
		ret = mp_tune_plan("", mp_args_get(args, "thp"), &changes, &n, err);
	if (ret)
		return ret;
	if (apply)
		ret = mp_tune_apply("", state, MP_TUNE_DOCTOR, changes, n, add_done, shown, err);
	for (size_t i = 0; !apply && i < n; i++)
		add_row(shown, &changes[i], "would change");
	free(changes);
	return ret;
}

/* Options that mean nothing beside each other. */
static int check(const struct mp_args *args, struct mp_err *err)
{
	bool fix = mp_args_has(args, "fix"), undo = mp_args_has(args, "undo");

	if (fix && undo)
		return mp_err_usage(err, -EINVAL,
				    "--fix and --undo are opposites: give one of them");
	if (!fix && (mp_args_has(args, "apply") || mp_args_has(args, "thp")))
		return mp_err_usage(err, -EINVAL, "--apply and --thp belong to --fix: add it");
	return 0;
}

int mp_doctor_fix(const struct mp_args *args)
{
	struct shown shown = { .table = mp_table_new(columns, sizeof(columns) / sizeof(columns[0])),
			       .undo = mp_args_has(args, "undo") };
	struct mp_err err;
	int code;

	if (!shown.table) {
		mp_err_internal(&err, -ENOMEM, "no memory for the table of changes");
		return mp_fail(&err);
	}
	if (check(args, &err) || change(args, &shown, &err))
		code = mp_fail(&err);
	else
		code = print(&shown, mp_args_has(args, "apply"), mp_args_has(args, "json"));
	mp_table_free(shown.table);
	return code;
}

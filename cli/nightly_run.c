/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The runs of a night, through `memperf run` itself, and the command that tells somebody: see nightly.h. */
#include "cli/nightly.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/spawn.h"
#include "common/str.h"
#include "common/temporary.h"
#include "common/vec.h"

/* A command line of `memperf run` that is put together. */
struct line {
	struct mp_args args;
	bool failed;
};

static void add(struct line *line, const char *name, const char *value)
{
	struct mp_given *given = mp_vec_push((void **)&line->args.given, &line->args.n_given,
					     &line->args.cap_given, sizeof(*given));

	if (given)
		*given = (struct mp_given){ name, value };
	else
		line->failed = true;
}

static void begin(struct line *line, const struct mp_nightly *config, const struct mp_args *args)
{
	*line = (struct line){ .args = { .options = mp_cmd_run.options,
					 .n_options = mp_cmd_run.n_options } };
	add(line, "db", config->database);
	/* Nobody reads the log of a night that says what the message says. */
	if (mp_args_has(args, "quiet") || !isatty(STDERR_FILENO))
		add(line, "quiet", NULL);
	if (mp_args_has(args, "sabotage"))
		add(line, "sabotage", mp_args_get(args, "sabotage"));
}

static int go(struct line *line)
{
	struct mp_err err;
	int code;

	if (line->failed) {
		mp_err_env(&err, -ENOMEM, "out of memory");
		code = mp_fail(&err);
	} else {
		code = mp_cmd_run.run(&line->args);
	}
	free(line->args.given);
	return code;
}

static void add_what(struct line *line, const struct mp_nightly *config)
{
	for (size_t i = 0; i < config->suites.count; i++)
		add(line, "suite", config->suites.items[i]);
	if (config->filter)
		add(line, "filter", config->filter);
	if (config->counters)
		add(line, "counters", config->counters);
}

int mp_night_measure(const struct mp_nightly *config, const struct mp_args *args,
		     const struct mp_night_state *state)
{
	MP_CLEANUP(mp_str_done) struct mp_str tag = MP_STR_INIT;
	char number[16];
	struct line line;

	begin(&line, config, args);
	if (state->resumable) {
		add(&line, "resume", NULL);
		return go(&line);
	}
	add_what(&line, config);
	if (config->budget)
		add(&line, "budget", config->budget);
	snprintf(number, sizeof(number), "%u", config->invocations);
	if (config->invocations)
		add(&line, "invocations", number);
	mp_str_printf(&tag, "nightly=%s", config->name);
	add(&line, "tag", tag.text);
	line.failed = line.failed || tag.failed;
	return go(&line);
}

int mp_night_confirm(const struct mp_nightly *config, const struct mp_args *args,
		     const struct mp_night_state *state, const struct mp_nightly_judgement *j)
{
	MP_CLEANUP(mp_str_done) struct mp_str tag = MP_STR_INIT;
	MP_CLEANUP(mp_str_done) struct mp_str filter = MP_STR_INIT;
	char number[16];
	struct line line;

	begin(&line, config, args);
	if (state->confirm_resumable) {
		add(&line, "resume", NULL);
		return go(&line);
	}
	add_what(&line, config);
	for (size_t i = 0; i < j->n_suspects + j->n_controls; i++)
		mp_str_printf(&filter, "%scase = \"%s\"", i ? " or " : "",
			      j->cases[j->again[i]].series->case_text);
	add(&line, "filter", filter.text);
	add(&line, "budget", config->confirm_budget);
	snprintf(number, sizeof(number), "%u", config->confirm_invocations);
	add(&line, "invocations", number);
	mp_str_printf(&tag, "confirms=%s", state->uuid);
	add(&line, "tag", tag.text);
	line.failed = line.failed || tag.failed || filter.failed;
	return go(&line);
}

int mp_night_notify(const struct mp_texts *command, const char *text, struct mp_err *err)
{
	MP_CLEANUP(mp_close_fd) int fd = mp_temporary_file();
	const char *const *argv = (const char *const *)command->items;
	char said[MP_SPAWN_SAID];
	int rc = fd < 0 ? fd : mp_temporary_write(fd, text, strlen(text), 0);

	if (rc)
		return mp_err_env(err, rc, "cannot hand the message over: %s", strerror(-rc));
	rc = mp_spawn(&(struct mp_spawn){
		.argv = argv, .in = fd, .out = STDOUT_FILENO, .err = STDERR_FILENO });
	if (rc < 0)
		return mp_err_env(err, rc, "cannot start '%s' to notify: %s", argv[0],
				  mp_spawn_said(rc, said));
	if (rc)
		return mp_err_env(err, -ECANCELED, "'%s' failed to notify: %s", argv[0],
				  mp_spawn_said(rc, said));
	return 0;
}

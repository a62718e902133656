/* SPDX-License-Identifier: GPL-3.0-or-later */
/* memperf: finds the subcommand and hands over. */
#include "cli/args.h"
#include "cli/help.h"
#include "common/cleanup.h"
#include "common/str.h"
#include "kmod/memperf_uapi.h"
#include "results/schema.h"
#include "runner/machine/facts.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

static const struct mp_cmd *find(const char *name)
{
	for (size_t i = 0; i < mp_n_cmds; i++)
		if (!strcmp(mp_cmds[i]->name, name))
			return mp_cmds[i];
	return NULL;
}

static int unknown_command(const char *name)
{
	const char *names[64];
	const char *near;
	struct mp_err err;
	size_t count = 0;

	for (size_t i = 0; i < mp_n_cmds && count < MP_COUNT_OF(names); i++)
		names[count++] = mp_cmds[i]->name;
	near = mp_str_nearest(name, names, count);
	if (near)
		mp_err_usage(&err, -EINVAL, "there is no command '%s'; did you mean '%s'?", name,
			     near);
	else
		mp_err_usage(&err, -EINVAL, "there is no command '%s'; see 'memperf help'", name);
	return mp_fail(&err);
}

/* Is the option among the command's own? */
static bool has(int argc, char **argv, const char *option)
{
	for (int i = 0; i < argc && strcmp(argv[i], "--"); i++)
		if (!strcmp(argv[i], option))
			return true;
	return false;
}

/* The exit code of every failure; 0: each has its own. */
static int failure_of(const struct mp_cmd *cmd, int argc, char **argv)
{
	char option[64];

	if (!cmd->failure_option)
		return cmd->failure;
	snprintf(option, sizeof(option), "--%s", cmd->failure_option);
	return has(argc, argv, option) ? cmd->failure : 0;
}

static int run_command(const struct mp_cmd *cmd, int argc, char **argv)
{
	struct mp_args args;
	struct mp_err err;
	int code, failure = failure_of(cmd, argc, argv);

	if (has(argc, argv, "--help") || has(argc, argv, "-h"))
		return mp_help_command(cmd);
	if (mp_args_parse(cmd, argc, argv, &args, &err)) {
		code = mp_fail(&err);
	} else {
		code = cmd->run(&args);
		mp_args_done(&args);
	}
	return failure && code >= MP_EXIT_USAGE && code <= MP_EXIT_INTERNAL ? failure : code;
}

/* "compiler: gcc 12.2.0"; the commit is in the first line. */
static void add_fact(void *user, const struct mp_fact *fact)
{
	struct mp_str *out = user;

	if (strcmp(fact->key, "commit") != 0)
		mp_str_printf(out, "%s: %s\n", fact->key, fact->value ? fact->value : fact->origin);
}

/* What it is, what it was built from and by, and the versions of what it shares with others. */
static int print_version(void)
{
	MP_CLEANUP(mp_str_done) struct mp_str text = MP_STR_INIT;
	const struct mp_fact_sink sink = { add_fact, &text };

	mp_str_add(&text, "memperf " MEMPERF_VERSION " (" MEMPERF_COMMIT ")\n");
	for (size_t i = 0; i < mp_n_fact_collectors; i++)
		if (!strcmp(mp_fact_collectors[i]->name, "build"))
			mp_fact_collectors[i]->collect("", &sink);
	mp_str_printf(&text, "results schema: %d\nkernel module interface: %d\n", MP_SCHEMA_VERSION,
		      MPK_ABI);
	return mp_print_str(&text);
}

int main(int argc, char **argv)
{
	const struct mp_cmd *cmd;

	/* A reader that goes away ("memperf list | head") is an error of write(), not a death. */
	signal(SIGPIPE, SIG_IGN);
	/* So is a file that may not grow (RLIMIT_FSIZE): EFBIG. */
	signal(SIGXFSZ, SIG_IGN);
	if (argc < 2) {
		mp_help_overview(stderr);
		return MP_EXIT_USAGE;
	}
	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V"))
		return print_version();
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))
		return mp_help_overview(stdout);
	cmd = find(argv[1]);
	if (!cmd)
		return unknown_command(argv[1]);
	return run_command(cmd, argc - 2, argv + 2);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* memperf help [COMMAND]: for people, as a manual page, or for the completion of a shell. */
#include "cli/help.h"

#include "cli/complete.h"
#include "cli/manual.h"
#include "common/cleanup.h"
#include "common/str.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define COMMANDS_MAX 64

static int by_order(const void *a, const void *b)
{
	const struct mp_cmd *x = *(const struct mp_cmd *const *)a;
	const struct mp_cmd *y = *(const struct mp_cmd *const *)b;

	return x->order != y->order ? x->order - y->order : strcmp(x->name, y->name);
}

/* As they are listed; how many. */
static size_t sort_commands(const struct mp_cmd *ret_sorted[COMMANDS_MAX])
{
	size_t count = mp_n_cmds < COMMANDS_MAX ? mp_n_cmds : COMMANDS_MAX;

	memcpy(ret_sorted, mp_cmds, count * sizeof(ret_sorted[0]));
	qsort(ret_sorted, count, sizeof(ret_sorted[0]), by_order);
	return count;
}

int mp_help_overview(FILE *out)
{
	const struct mp_cmd *sorted[COMMANDS_MAX];
	size_t count = sort_commands(sorted);

	fputs("usage: memperf COMMAND [OPTIONS]\n\n" MP_HELP_SUMMARY "\n\n", out);
	for (size_t i = 0; i < count; i++)
		fprintf(out, "  %-10s %s\n", sorted[i]->name, sorted[i]->summary);
	fputs("\n'memperf help COMMAND' shows options. First steps: memperf doctor; "
	      "memperf run --suite quick\n",
	      out);
	return ferror(out) ? MP_EXIT_ENVIRONMENT : MP_EXIT_DONE;
}

static void add_options(const struct mp_cmd *cmd, struct mp_str *out)
{
	size_t widest = 0;

	for (size_t i = 0; i < cmd->n_options; i++) {
		const struct mp_option *o = &cmd->options[i];
		size_t width = strlen(o->name) + (o->value ? strlen(o->value) + 1 : 0);

		if (!o->hidden && width > widest)
			widest = width;
	}
	for (size_t i = 0; i < cmd->n_options; i++) {
		const struct mp_option *o = &cmd->options[i];
		const char *dashes = o->name[1] ? "--" : "-";
		size_t start = out->len;

		if (o->hidden)
			continue;
		mp_str_printf(out, "  %s%s%s%s", dashes, o->name, o->value ? " " : "",
			      o->value ? o->value : "");
		mp_str_pad(out, ' ', widest + 6 - (out->len - start));
		mp_str_printf(out, "%s%s\n", o->help, o->repeats ? " (repeatable)" : "");
	}
}

int mp_help_command(const struct mp_cmd *cmd)
{
	MP_CLEANUP(mp_str_done) struct mp_str text = MP_STR_INIT;

	mp_str_printf(&text, "usage: memperf %s %s\n\n%s\n", cmd->name, cmd->synopsis,
		      cmd->summary);
	if (cmd->about)
		mp_str_printf(&text, "\n%s\n", cmd->about);
	if (cmd->n_options) {
		mp_str_add(&text, "\n");
		add_options(cmd, &text);
	}
	return mp_print_str(&text);
}

static int print_manual(const struct mp_cmd *cmd, const char *path)
{
	MP_CLEANUP(mp_str_done) struct mp_str text = MP_STR_INIT;
	const struct mp_cmd *sorted[COMMANDS_MAX];
	struct mp_err err;

	if (cmd)
		mp_manual_command(&text, cmd);
	else
		mp_manual_overview(&text, sorted, sort_commands(sorted));
	if (!text.failed)
		return mp_print_to(path, text.text);
	mp_err_env(&err, -ENOMEM, "no memory for a manual page");
	return mp_fail(&err);
}

static int complete(const struct mp_args *args)
{
	MP_CLEANUP(mp_str_done) struct mp_str text = MP_STR_INIT;
	const char **words = malloc(args->n_given * sizeof(*words));
	size_t n = 0;

	if (!words)
		return MP_EXIT_ENVIRONMENT;
	while ((words[n] = mp_args_nth(args, "complete", n)) != NULL && n + 1 < args->n_given)
		n++;
	mp_complete(words, n + (words[n] != NULL), &text);
	free(words);
	return mp_print_str(&text);
}

static int run(const struct mp_args *args)
{
	const struct mp_cmd *cmd = NULL;
	struct mp_err err;

	if (mp_args_has(args, "complete"))
		return complete(args);
	for (size_t i = 0; args->n_words && i < mp_n_cmds; i++)
		if (!strcmp(mp_cmds[i]->name, args->words[0]))
			cmd = mp_cmds[i];
	if (args->n_words && !cmd) {
		mp_err_usage(&err, -EINVAL, "there is no command '%s'; see 'memperf help'",
			     args->words[0]);
		return mp_fail(&err);
	}
	if (mp_args_has(args, "man"))
		return print_manual(cmd, mp_args_get(args, "o"));
	if (mp_args_has(args, "o")) {
		mp_err_usage(&err, -EINVAL, "-o belongs to --man: add it");
		return mp_fail(&err);
	}
	return cmd ? mp_help_command(cmd) : mp_help_overview(stdout);
}

static const struct mp_option options[] = {
	{ .name = "man", .help = "as a manual page, for man(1) to show" },
	{ .name = "o", .value = "FILE", .help = "with --man: write to FILE, whole or not at all" },
	{ .name = "complete",
	  .value = "WORD",
	  .help = "what may stand in place of the last of these words behind 'memperf'",
	  .repeats = true,
	  .hidden = true },
};

const struct mp_cmd mp_cmd_help = {
	.name = "help",
	.summary = "what the commands do, and their options",
	.synopsis = "[COMMAND] [--man [-o FILE]]",
	.options = options,
	.n_options = sizeof(options) / sizeof(options[0]),
	.max_words = 1,
	.operands = mp_complete_commands,
	.order = 100,
	.run = run,
};

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* memperf help [COMMAND] */
#include "cli/help.h"

#include "common/cleanup.h"
#include "common/str.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int by_order(const void *a, const void *b)
{
	const struct mp_cmd *x = *(const struct mp_cmd *const *)a;
	const struct mp_cmd *y = *(const struct mp_cmd *const *)b;

	return x->order != y->order ? x->order - y->order : strcmp(x->name, y->name);
}

int mp_help_overview(FILE *out)
{
	const struct mp_cmd *sorted[64];
	size_t count = mp_n_cmds < 64 ? mp_n_cmds : 64;

	memcpy(sorted, mp_cmds, count * sizeof(sorted[0]));
	qsort(sorted, count, sizeof(sorted[0]), by_order);
	fputs("usage: memperf COMMAND [OPTIONS]\n\n"
	      "Times Linux memory management, call by call, and shows why the number is right.\n\n",
	      out);
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
	return mp_print(text.text);
}

static int run(const struct mp_args *args)
{
	struct mp_err err;

	if (!args->n_words)
		return mp_help_overview(stdout);
	for (size_t i = 0; i < mp_n_cmds; i++)
		if (!strcmp(mp_cmds[i]->name, args->words[0]))
			return mp_help_command(mp_cmds[i]);
	mp_err_usage(&err, -EINVAL, "there is no command '%s'; see 'memperf help'", args->words[0]);
	return mp_fail(&err);
}

const struct mp_cmd mp_cmd_help = {
	.name = "help",
	.summary = "what the commands do, and their options",
	.synopsis = "[COMMAND]",
	.max_words = 1,
	.order = 100,
	.run = run,
};

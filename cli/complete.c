/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What may stand next on a command line: see complete.h. */
#include "cli/complete.h"

#include <stdlib.h>
#include <string.h>

#include "benchmarks/bench.h"
#include "cli/args.h"
#include "report/chart/kind.h"
#include "report/format/format.h"
#include "runner/config/suite.h"

#define FILES	":files\n"
#define FOLDERS ":folders\n"

/* "WORD<tab>summary" */
static void add(struct mp_str *out, const char *word, const char *summary)
{
	mp_str_printf(out, "%s\t%s\n", word, summary);
}

void mp_complete_commands(struct mp_str *out)
{
	for (size_t i = 0; i < mp_n_cmds; i++)
		add(out, mp_cmds[i]->name, mp_cmds[i]->summary);
}

/* NAME of every NAME.cfg in that folder of the configuration; none when it cannot be read. */
static void add_configs(struct mp_str *out, const char *below)
{
	char **names;
	size_t count;

	if (mp_config_names(below, &names, &count, NULL))
		return;
	for (size_t i = 0; i < count; i++) {
		mp_str_printf(out, "%s\n", names[i]);
		free(names[i]);
	}
	free(names);
}

static void add_suites(struct mp_str *out)
{
	add_configs(out, "suites");
	mp_str_add(out, FILES);
}

static void add_policies(struct mp_str *out)
{
	add_configs(out, "policies");
	mp_str_add(out, FILES);
}

static void add_groups(struct mp_str *out)
{
	mp_str_add(out, "none\n");
	add_configs(out, "counters");
}

static void add_formats(struct mp_str *out)
{
	for (size_t i = 0; i < mp_n_formats; i++)
		mp_str_printf(out, "%s\n", mp_formats[i]->name);
}

static void add_kinds(struct mp_str *out)
{
	for (size_t i = 0; i < mp_n_chart_kinds; i++)
		add(out, mp_chart_kinds[i]->name, mp_chart_kinds[i]->summary);
}

static void add_benches(struct mp_str *out)
{
	const struct mp_family *family;

	for (size_t i = 0; (family = mp_family_at(i)); i++)
		for (size_t b = 0; b < family->n_benches; b++)
			add(out, family->benches[b].name, family->benches[b].summary);
}

/* Values that have names, by the option that takes them. */
static const struct {
	const char *option;
	void (*add)(struct mp_str *out);
} values[] = {
	{ "bench", add_benches }, { "counters", add_groups }, { "format", add_formats },
	{ "kind", add_kinds },	  { "policy", add_policies }, { "suite", add_suites },
};

/* "csv|json" names its values itself; in capitals they are a placeholder. */
static bool lists_words(const struct mp_option *o)
{
	return *o->value >= 'a' && *o->value <= 'z';
}

static void add_values(const struct mp_option *o, struct mp_str *out)
{
	for (size_t i = 0; i < MP_COUNT_OF(values); i++) {
		if (!strcmp(values[i].option, o->name) && !lists_words(o)) {
			values[i].add(out);
			return;
		}
	}
	if (strstr(o->value, "FILE"))
		mp_str_add(out, FILES);
	else if (!strcmp(o->value, "FOLDER") || !strcmp(o->value, "DIR"))
		mp_str_add(out, FOLDERS);
	else if (lists_words(o))
		for (const char *at = o->value; *at; at += strcspn(at, "|"), at += *at == '|')
			mp_str_printf(out, "%.*s\n", (int)strcspn(at, "|"), at);
}

/* The option that `word` spells, NULL: none. */
static const struct mp_option *find_option(const struct mp_cmd *cmd, const char *word)
{
	if (*word++ != '-')
		return NULL;
	word += *word == '-';
	for (size_t i = 0; i < cmd->n_options; i++)
		if (!strcmp(cmd->options[i].name, word))
			return &cmd->options[i];
	return NULL;
}

/* Those that may still be given. */
static void add_options(const struct mp_cmd *cmd, const char *const *words, size_t n,
			struct mp_str *out)
{
	for (size_t i = 0; i < cmd->n_options; i++) {
		const struct mp_option *o = &cmd->options[i];
		bool given = false;

		for (size_t w = 0; w + 1 < n; w++)
			given |= find_option(cmd, words[w]) == o;
		if (!o->hidden && (!given || o->repeats))
			mp_str_printf(out, "%s%s\t%s\n", o->name[1] ? "--" : "-", o->name, o->help);
	}
	add(out, "--help", "this command and its options");
}

/* Words between the command and the one being typed that are operands. */
static size_t count_operands(const struct mp_cmd *cmd, const char *const *words, size_t n)
{
	size_t count = 0;

	for (size_t w = 0; w + 1 < n; w++) {
		const struct mp_option *o = find_option(cmd, words[w]);

		if (o && o->value)
			w++;
		else if (words[w][0] != '-' || !words[w][1])
			count++;
	}
	return count;
}

/* The words behind the command. */
static void complete_command(const struct mp_cmd *cmd, const char *const *words, size_t n,
			     struct mp_str *out)
{
	const char *last = words[n - 1];
	const struct mp_option *before = n > 1 ? find_option(cmd, words[n - 2]) : NULL;
	size_t operands;

	if (before && before->value) {
		add_values(before, out);
		return;
	}
	if (*last == '-') {
		add_options(cmd, words, n, out);
		return;
	}
	operands = count_operands(cmd, words, n);
	if (operands >= cmd->max_words)
		return;
	if (cmd->operands && !operands)
		cmd->operands(out);
	else
		mp_str_add(out, FILES);
}

void mp_complete(const char *const *words, size_t n, struct mp_str *out)
{
	if (n == 1) {
		mp_complete_commands(out);
		add(out, "--help", "the commands");
		add(out, "--version", "which memperf this is, and how it was built");
		return;
	}
	for (size_t i = 0; n > 1 && i < mp_n_cmds; i++)
		if (!strcmp(mp_cmds[i]->name, words[0]))
			complete_command(mp_cmds[i], words + 1, n - 1, out);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Options of subcommands: parsed against the table in the command's descriptor, nothing else. */
#include "cli/args.h"

#include "common/str.h"
#include "common/vec.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct mp_option *find(const struct mp_cmd *cmd, const char *name, size_t len)
{
	for (size_t i = 0; i < cmd->n_options; i++)
		if (strlen(cmd->options[i].name) == len &&
		    !strncmp(cmd->options[i].name, name, len))
			return &cmd->options[i];
	return NULL;
}

static int unknown_option(const struct mp_cmd *cmd, const char *name, size_t len,
			  struct mp_err *err)
{
	const char *names[64];
	const char *near;
	char word[64];
	size_t count = 0;

	for (size_t i = 0; i < cmd->n_options && count < MP_COUNT_OF(names); i++)
		if (!cmd->options[i].hidden)
			names[count++] = cmd->options[i].name;
	if (len >= sizeof(word))
		len = sizeof(word) - 1;
	memcpy(word, name, len);
	word[len] = '\0';
	near = mp_str_nearest(word, names, count);
	if (near)
		return mp_err_usage(err, -EINVAL, "'%s' has no option '--%s'; did you mean '--%s'?",
				    cmd->name, word, near);
	return mp_err_usage(err, -EINVAL, "'%s' has no option '--%s'; see 'memperf help %s'",
			    cmd->name, word, cmd->name);
}

/* As it is written: -o has one letter, all others are words. */
static const char *dashes(const struct mp_option *o)
{
	return o->name[1] ? "--" : "-";
}

static int add_option(struct mp_args *args, const struct mp_cmd *cmd, const struct mp_option *o,
		      const char *value, struct mp_err *err)
{
	struct mp_given *given;

	if (!o->repeats && mp_args_has(args, o->name))
		return mp_err_usage(err, -EINVAL, "'%s%s' is given twice; '%s' takes it once",
				    dashes(o), o->name, cmd->name);
	given = mp_vec_push((void **)&args->given, &args->n_given, &args->cap_given,
			    sizeof(*given));
	if (!given)
		return mp_err_env(err, -ENOMEM, "out of memory while reading the command line");
	given->name = o->name;
	given->value = value;
	return 0;
}

static int add_word(struct mp_args *args, const char *word, struct mp_err *err)
{
	const char **slot =
		mp_vec_push((void **)&args->words, &args->n_words, &args->cap_words, sizeof(*slot));

	if (!slot)
		return mp_err_env(err, -ENOMEM, "out of memory while reading the command line");
	*slot = word;
	return 0;
}

/* One "--name", "--name=value" or "--name value" or "-o value"; *i moves past what was used. */
static int take_option(struct mp_args *args, const struct mp_cmd *cmd, int argc, char **argv,
		       int *i, struct mp_err *err)
{
	const char *name = argv[*i][1] == '-' ? argv[*i] + 2 : argv[*i] + 1;
	size_t len = strcspn(name, "=");
	const struct mp_option *o = find(cmd, name, len);

	if (!o)
		return unknown_option(cmd, name, len, err);
	if (!o->value) {
		if (name[len])
			return mp_err_usage(err, -EINVAL, "'--%s' takes no value", o->name);
		return add_option(args, cmd, o, NULL, err);
	}
	if (name[len])
		return add_option(args, cmd, o, name + len + 1, err);
	if (*i + 1 >= argc)
		return mp_err_usage(err, -EINVAL, "'%s%s' needs a value: %s%s %s", dashes(o),
				    o->name, dashes(o), o->name, o->value);
	return add_option(args, cmd, o, argv[++*i], err);
}

int mp_args_parse(const struct mp_cmd *cmd, int argc, char **argv, struct mp_args *ret_args,
		  struct mp_err *err)
{
	struct mp_args args = { .options = cmd->options, .n_options = cmd->n_options };
	bool words_only = false;
	int ret = 0;

	for (int i = 0; i < argc && !ret; i++) {
		if (!words_only && !strcmp(argv[i], "--"))
			words_only = true;
		else if (!words_only && argv[i][0] == '-' && argv[i][1])
			ret = take_option(&args, cmd, argc, argv, &i, err);
		else
			ret = add_word(&args, argv[i], err);
	}
	if (!ret && args.n_words < cmd->min_words)
		ret = mp_err_usage(err, -EINVAL, "'%s' needs more operands: memperf %s %s",
				   cmd->name, cmd->name, cmd->synopsis);
	if (!ret && args.n_words > cmd->max_words)
		ret = mp_err_usage(err, -EINVAL, "'%s' does not take '%s': memperf %s %s",
				   cmd->name, args.words[cmd->max_words], cmd->name, cmd->synopsis);
	if (ret) {
		mp_args_done(&args);
		return ret;
	}
	*ret_args = args;
	return 0;
}

void mp_args_done(struct mp_args *args)
{
	free(args->given);
	free(args->words);
	*args = (struct mp_args){ 0 };
}

const char *mp_args_get(const struct mp_args *args, const char *name)
{
	for (size_t i = args->n_given; i-- > 0;)
		if (!strcmp(args->given[i].name, name))
			return args->given[i].value;
	return NULL;
}

bool mp_args_has(const struct mp_args *args, const char *name)
{
	for (size_t i = 0; i < args->n_given; i++)
		if (!strcmp(args->given[i].name, name))
			return true;
	return false;
}

const char *mp_args_nth(const struct mp_args *args, const char *name, size_t index)
{
	for (size_t i = 0; i < args->n_given; i++)
		if (!strcmp(args->given[i].name, name) && index-- == 0)
			return args->given[i].value;
	return NULL;
}

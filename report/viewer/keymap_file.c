/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads a keymap file: see keymap_file.h. */
#include "report/viewer/keymap_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/input.h"
#include "report/viewer/view_internal.h"

/* The actions of a scope and its name as a constant; NULL: there is none. */
static const struct mp_actions *actions_of(const char *scope, const char **ret_scope)
{
	static const struct {
		const char *scope;
		const struct mp_actions *actions;
	} general[] = { { MP_SCOPE_ALL, &mp_actions_all },
			{ MP_SCOPE_PROMPT, &mp_actions_prompt },
			{ MP_SCOPE_CHOICE, &mp_actions_choice } };

	for (size_t i = 0; i < sizeof(general) / sizeof(general[0]); i++) {
		if (!strcmp(general[i].scope, scope)) {
			*ret_scope = general[i].scope;
			return general[i].actions;
		}
	}
	for (size_t i = 0; i < mp_n_screens; i++) {
		if (!strcmp(mp_screens[i]->name, scope)) {
			*ret_scope = mp_screens[i]->name;
			return &mp_screens[i]->actions;
		}
	}
	return NULL;
}

/* Without blanks at either end, in place. */
static char *trim(char *text)
{
	size_t len;

	text += strspn(text, " \t\r\n");
	len = strlen(text);
	while (len && strchr(" \t\r\n", text[len - 1]))
		text[--len] = '\0';
	return text;
}

/* A word that is "#" begins a comment, unless it is the last one or another such word follows: a key may be "#". */
static void cut_comment(char *keys)
{
	for (char *at = keys; (at = strchr(at, '#')); at++) {
		bool word = (at == keys || strchr(" \t", at[-1])) && at[1] && strchr(" \t", at[1]);

		const char *next = at + 1 + strspn(at + 1, " \t");

		if (word && next[0] == '#' && strchr(" \t", next[1]))
			continue;
		if (word && at[strspn(at, "# \t")]) {
			*at = '\0';
			return;
		}
	}
}

static int unknown_action(const struct mp_actions *actions, const char *scope, const char *name,
			  struct mp_err *err)
{
	const char *names[64], *near;
	size_t n = 0;

	for (; n < actions->count && n < 64; n++)
		names[n] = actions->items[n].name;
	near = mp_str_nearest(name, names, n);
	return mp_err_usage(
		err, -EINVAL, "no action '%s' in '%s'%s%s%s; 'memperf view --keys' lists them",
		name, scope, near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

static int load_line(struct mp_keymap *map, char *line, struct mp_err *err)
{
	char *equals = strchr(line, '='), *dot, *name;
	const struct mp_actions *actions;
	const char *scope;

	if (!equals)
		return mp_err_usage(err, -EINVAL, "a line is SCOPE.ACTION = KEY [KEY]...");
	*equals = '\0';
	name = trim(line);
	dot = strchr(name, '.');
	if (!dot)
		return mp_err_usage(
			err, -EINVAL,
			"'%s' names no action; 'memperf view --keys' lists them, such as "
			"all.quit",
			name);
	*dot = '\0';
	actions = actions_of(name, &scope);
	if (!actions)
		return mp_err_usage(err, -EINVAL,
				    "action '%s': no scope '%s'; 'memperf view --keys' lists them",
				    dot + 1, name);
	cut_comment(equals + 1);
	for (size_t i = 0; i < actions->count; i++) {
		if (!strcmp(actions->items[i].name, dot + 1))
			return mp_keymap_set(map, scope, &actions->items[i], trim(equals + 1), err);
	}
	return unknown_action(actions, scope, dot + 1, err);
}

/* Nobody shuts themselves in. */
static int check_quit(const struct mp_keymap *map, const char *path, struct mp_err *err)
{
	for (size_t i = 0; i < map->n_bindings; i++) {
		if (!strcmp(map->bindings[i].scope, MP_SCOPE_ALL) &&
		    !strcmp(map->bindings[i].action->name, "quit"))
			return 0;
	}
	return mp_err_usage(err, -EINVAL, "keymap '%s' leaves no key for all.quit", path);
}

int mp_keymap_load(struct mp_keymap *map, const char *path, struct mp_err *err)
{
	FILE *file = mp_input_open(path);
	unsigned number = 0;
	char *line = NULL;
	size_t cap = 0;
	int rc = 0;

	if (!file)
		return mp_err_usage(err, -errno, "cannot read keymap '%s': %s", path,
				    strerror(errno));
	while (!rc && getline(&line, &cap, file) >= 0) {
		char *text;

		number++;
		text = trim(line);
		if (*text == '#' || !*text)
			continue;
		rc = load_line(map, text, err);
		if (rc)
			mp_err_prefix(err, rc, "%s:%u", path, number);
	}
	free(line);
	fclose(file);
	return rc ? rc : check_quit(map, path, err);
}

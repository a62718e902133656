/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Key names, and which key does what where: see key.h. */
#include "report/viewer/key.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/vec.h"

static const struct {
	mp_key key;
	const char *name;
} names[] = {
	{ MP_KEY_TAB, "Tab" },
	{ MP_KEY_ENTER, "Enter" },
	{ MP_KEY_ESCAPE, "Esc" },
	{ MP_KEY_SPACE, "Space" },
	{ MP_KEY_BACKSPACE, "Backspace" },
	{ MP_KEY_UP, "Up" },
	{ MP_KEY_DOWN, "Down" },
	{ MP_KEY_LEFT, "Left" },
	{ MP_KEY_RIGHT, "Right" },
	{ MP_KEY_HOME, "Home" },
	{ MP_KEY_END, "End" },
	{ MP_KEY_PAGE_UP, "PgUp" },
	{ MP_KEY_PAGE_DOWN, "PgDn" },
	{ MP_KEY_INSERT, "Ins" },
	{ MP_KEY_DELETE, "Del" },
	{ MP_KEY_BACKTAB, "S-Tab" },
};
#define N_NAMES (sizeof(names) / sizeof(names[0]))

static size_t encode(mp_key key, char *out)
{
	if (key < 0x80) {
		out[0] = (char)key;
		return 1;
	}
	if (key < 0x800) {
		out[0] = (char)(0xc0 | key >> 6);
		out[1] = (char)(0x80 | (key & 0x3f));
		return 2;
	}
	if (key < 0x10000) {
		out[0] = (char)(0xe0 | key >> 12);
		out[1] = (char)(0x80 | (key >> 6 & 0x3f));
		out[2] = (char)(0x80 | (key & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | key >> 18);
	out[1] = (char)(0x80 | (key >> 12 & 0x3f));
	out[2] = (char)(0x80 | (key >> 6 & 0x3f));
	out[3] = (char)(0x80 | (key & 0x3f));
	return 4;
}

char *mp_key_name(mp_key key, char buf[MP_KEY_NAME_LEN])
{
	for (size_t i = 0; i < N_NAMES; i++) {
		if (names[i].key == key) {
			snprintf(buf, MP_KEY_NAME_LEN, "%s", names[i].name);
			return buf;
		}
	}
	if (key >= MP_KEY_F1 && key <= MP_KEY_F12)
		snprintf(buf, MP_KEY_NAME_LEN, "F%u", key - MP_KEY_F1 + 1);
	else if (key < 0x20)
		snprintf(buf, MP_KEY_NAME_LEN, "^%c", (char)(key + '@'));
	else
		buf[encode(key, buf)] = '\0';
	return buf;
}

/* The one character that `name` is, as a code point. */
static int one_character(const char *name, mp_key *ret_key)
{
	const unsigned char *s = (const unsigned char *)name;
	size_t len = s[0] < 0x80 ? 1 : s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
	char again[5] = "";
	mp_key key;

	if (strlen(name) != len || s[0] < 0x21)
		return -EINVAL;
	key = len == 1 ? s[0] : s[0] & (0x7fu >> len);
	for (size_t i = 1; i < len; i++)
		key = key << 6 | (s[i] & 0x3f);
	/* Written again it must be the same bytes: else it was no valid UTF-8. */
	if (key > 0x10ffff || encode(key, again) != len || memcmp(again, name, len) != 0)
		return -EINVAL;
	*ret_key = key;
	return 0;
}

int mp_key_parse(const char *name, mp_key *ret_key)
{
	char *end;
	long number;

	for (size_t i = 0; i < N_NAMES; i++) {
		if (!strcasecmp(names[i].name, name)) {
			*ret_key = names[i].key;
			return 0;
		}
	}
	if (name[0] == '^' && name[1] >= '@' && toupper((unsigned char)name[1]) <= '_' &&
	    !name[2]) {
		*ret_key = MP_KEY_CONTROL(name[1]);
		return *ret_key ? 0 : -EINVAL;
	}
	if ((name[0] == 'F' || name[0] == 'f') && isdigit((unsigned char)name[1])) {
		number = strtol(name + 1, &end, 10);
		if (*end || number < 1 || number > 12)
			return -EINVAL;
		*ret_key = MP_KEY_F1 + (mp_key)number - 1;
		return 0;
	}
	return one_character(name, ret_key);
}

void mp_keymap_done(struct mp_keymap *map)
{
	free(map->bindings);
	*map = (struct mp_keymap){ 0 };
}

static struct mp_binding *find(const struct mp_keymap *map, const char *scope, mp_key key)
{
	for (size_t i = 0; i < map->n_bindings; i++) {
		if (map->bindings[i].key == key && !strcmp(map->bindings[i].scope, scope))
			return &map->bindings[i];
	}
	return NULL;
}

static int bind(struct mp_keymap *map, const char *scope, mp_key key,
		const struct mp_action *action)
{
	struct mp_binding *binding = mp_vec_push((void **)&map->bindings, &map->n_bindings,
						 &map->cap_bindings, sizeof(*binding));

	if (!binding)
		return -ENOMEM;
	*binding = (struct mp_binding){ key, scope, action };
	return 0;
}

static void drop(struct mp_keymap *map, size_t index)
{
	memmove(&map->bindings[index], &map->bindings[index + 1],
		(map->n_bindings - index - 1) * sizeof(map->bindings[0]));
	map->n_bindings--;
}

/* Calls for every key name in "Down j"; the name in a buffer. */
static int each_key(const char *keys, struct mp_err *err,
		    int (*each)(void *user, mp_key key, const char *name), void *user)
{
	while (*keys) {
		size_t len = strcspn(keys, " \t");
		char name[MP_KEY_NAME_LEN];
		mp_key key;
		int rc;

		if (len) {
			snprintf(name, sizeof(name), "%.*s", (int)len, keys);
			if (len >= sizeof(name) || mp_key_parse(name, &key))
				return mp_err_usage(
					err, -EINVAL,
					"'%.*s' is no key; keys are written like j, ^S, "
					"F3, Enter, Space, PgDn, S-Tab",
					(int)len, keys);
			rc = each(user, key, name);
			if (rc)
				return rc;
		}
		keys += len + (keys[len] != '\0');
	}
	return 0;
}

struct adding {
	struct mp_keymap *map;
	const char *scope;
	const struct mp_action *action;
	bool steal;
	struct mp_err *err;
};

static int add_key(void *user, mp_key key, const char *name)
{
	struct adding *a = user;
	struct mp_binding *taken = find(a->map, a->scope, key);

	if (taken && !a->steal)
		return mp_err_internal(a->err, -EEXIST, "key %s is bound twice in '%s': %s and %s",
				       name, a->scope, taken->action->name, a->action->name);
	if (taken)
		drop(a->map, (size_t)(taken - a->map->bindings));
	return bind(a->map, a->scope, key, a->action);
}

int mp_keymap_add(struct mp_keymap *map, const char *scope, const struct mp_actions *actions,
		  struct mp_err *err)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < actions->count; i++) {
		struct adding adding = { map, scope, &actions->items[i], false, err };

		rc = each_key(actions->items[i].keys, err, add_key, &adding);
	}
	return rc;
}

int mp_keymap_set(struct mp_keymap *map, const char *scope, const struct mp_action *action,
		  const char *keys, struct mp_err *err)
{
	struct adding adding = { map, scope, action, true, err };

	for (size_t i = map->n_bindings; i-- > 0;) {
		if (map->bindings[i].action == action && !strcmp(map->bindings[i].scope, scope))
			drop(map, i);
	}
	return each_key(keys, err, add_key, &adding);
}

const struct mp_action *mp_keymap_find(const struct mp_keymap *map, const char *scope, mp_key key,
				       bool *ret_global)
{
	const struct mp_binding *own = find(map, scope, key);
	const struct mp_binding *all = own ? NULL : find(map, MP_SCOPE_ALL, key);

	*ret_global = all != NULL;
	return own ? own->action : all ? all->action : NULL;
}

mp_key mp_keymap_key(const struct mp_keymap *map, const char *scope, const char *action)
{
	for (size_t i = 0; i < map->n_bindings; i++) {
		const struct mp_binding *b = &map->bindings[i];

		if (!strcmp(b->scope, scope) && !strcmp(b->action->name, action))
			return b->key;
	}
	return 0;
}

void mp_keymap_keys(const struct mp_keymap *map, const char *scope, const struct mp_action *action,
		    struct mp_str *out)
{
	bool first = true;

	for (size_t i = 0; i < map->n_bindings; i++) {
		const struct mp_binding *b = &map->bindings[i];
		char name[MP_KEY_NAME_LEN];

		if (b->action != action || strcmp(b->scope, scope) != 0)
			continue;
		mp_str_printf(out, "%s%s", first ? "" : " ", mp_key_name(b->key, name));
		first = false;
	}
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Keys and what they do. A table of actions is data: pressing a key looks the action up in it, and the help, the key line
 * and `memperf view --keys` are written from it. A keymap file may bind any action to other keys. Layer: report.
 *
 * A key is its Unicode character, or one of enum mp_special; a control key is its control character. Key names are
 * those of scripts, keymap files and help: "j", "Enter", "^S", "PgDn", "F3", "Space", "S-Tab".
 */
#ifndef REPORT_VIEWER_KEY_H
#define REPORT_VIEWER_KEY_H

#include "common/err.h"
#include "common/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint32_t mp_key; /* 0: none */

enum mp_special {
	MP_KEY_TAB = 9,
	MP_KEY_ENTER = 13,
	MP_KEY_ESCAPE = 27,
	MP_KEY_SPACE = 32,
	MP_KEY_BACKSPACE = 127,
	MP_KEY_UP = 0x110000, /* beyond Unicode from here on */
	MP_KEY_DOWN,
	MP_KEY_LEFT,
	MP_KEY_RIGHT,
	MP_KEY_HOME,
	MP_KEY_END,
	MP_KEY_PAGE_UP,
	MP_KEY_PAGE_DOWN,
	MP_KEY_INSERT,
	MP_KEY_DELETE,
	MP_KEY_BACKTAB,
	MP_KEY_F1,
	MP_KEY_F12 = MP_KEY_F1 + 11,
	MP_KEY_LAST = MP_KEY_F12,
};
#define MP_KEY_CONTROL(letter) ((mp_key)((letter)&0x1f))

#define MP_KEY_NAME_LEN 16
/* "Enter", "^S", "j". Returns `buf`. */
char *mp_key_name(mp_key key, char buf[MP_KEY_NAME_LEN]);
/* 0 or -EINVAL. */
int mp_key_parse(const char *name, mp_key *ret_key);

struct mp_view; /* view.h */

/*
 * One thing that a person can do. `run` gets the view and the state of the screen that the action belongs to (NULL for
 * actions of the whole viewer), and `with`, the number of the action below, so that one function can serve several.
 * It returns 0, or a negative errno with the sentence in the view's message (mp_view_say): shown, never fatal.
 */
struct mp_action {
	const char *
		name; /* "next-slower": names the action in keymap files, once per screen; lower case */
	const char *keys; /* by default: key names with blanks between, "Down j" */
	const char *hint; /* a word for the key line, "open"; NULL: not shown there */
	const char *help; /* one line */
	int with;
	int (*run)(struct mp_view *view, void *state, int with);
	/* May it be done now? If not, *ret_why is a static sentence with the reason, shown when it is tried; keys in it are
	 * written as mp_view_keyed() wants them. NULL: always. */
	bool (*allowed)(const struct mp_view *view, const void *state, const char **ret_why);
};

struct mp_actions {
	const struct mp_action *items;
	size_t count;
};
#define MP_ACTIONS(array)                                                                          \
	{                                                                                          \
		(array), sizeof(array) / sizeof((array)[0])                                        \
	}

/* The scope of the actions that all screens have. A screen may bind a key again: its own action comes first. */
#define MP_SCOPE_ALL "all"

/* Which keys are bound to which actions, after the keymap file. */
struct mp_binding {
	mp_key key;
	const char *scope; /* name of a screen, or "all"; borrowed */
	const struct mp_action *action;
};
struct mp_keymap {
	struct mp_binding *bindings; /* owned */
	size_t n_bindings, cap_bindings;
};

/* Binds the actions of a scope to their default keys. 0, -ENOMEM, or -EEXIST with a sentence when a key is bound in the
 * scope already (a defect of a table; a test looks at all). */
int mp_keymap_add(struct mp_keymap *map, const char *scope, const struct mp_actions *actions,
		  struct mp_err *err);
/* Gives an action of the scope other keys, by names ("" none); a key that another action of the scope has is taken away
 * from that. 0, -ENOMEM, or -EINVAL with a sentence. `scope` is borrowed. */
int mp_keymap_set(struct mp_keymap *map, const char *scope, const struct mp_action *action,
		  const char *keys, struct mp_err *err);
void mp_keymap_done(struct mp_keymap *map); /* accepts zeroed */

/* The action of that key in the scope, or else in MP_SCOPE_ALL; NULL: none. *ret_global: it came from there. */
const struct mp_action *mp_keymap_find(const struct mp_keymap *map, const char *scope, mp_key key,
				       bool *ret_global);
/* The first effective key of the action of that name; 0: it has none. */
mp_key mp_keymap_key(const struct mp_keymap *map, const char *scope, const char *action);
/* Appends the effective keys of an action, "Down j"; nothing when it has none. */
void mp_keymap_keys(const struct mp_keymap *map, const char *scope, const struct mp_action *action,
		    struct mp_str *out);

#endif

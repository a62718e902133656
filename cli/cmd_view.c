/* SPDX-License-Identifier: GPL-3.0-or-later */
/* memperf view: the viewer in the terminal, or driven by a script. */
#include "cli/cmd.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/str.h"
#include "report/viewer/viewer.h"
#include "runner/config/policy.h"

struct work {
	struct mp_viewer_options options;
	struct mp_policy policy; /* loaded by name; zeroed: the default one */
	char *keymap, *settings; /* the person's own, found by their place; NULL */
};

static void work_done(struct work *w)
{
	mp_policy_done(&w->policy);
	free(w->keymap);
	free(w->settings);
}

/* NO_COLOR, set and not empty: no colours (https://no-color.org). --color decides against it. */
static int colours_of(const struct mp_args *args, enum mp_colours *ret_colours, struct mp_err *err)
{
	const char *no_color = getenv("NO_COLOR"), *given = mp_args_get(args, "color");
	static const struct {
		const char *name;
		enum mp_colours colours;
	} names[] = { { "auto", MP_COLOURS_256 },
		      { "256", MP_COLOURS_256 },
		      { "8", MP_COLOURS_8 },
		      { "never", MP_COLOURS_NONE } };

	*ret_colours = no_color && *no_color ? MP_COLOURS_NONE : MP_COLOURS_256;
	for (size_t i = 0; given && i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(names[i].name, given))
			continue;
		if (i)
			*ret_colours = names[i].colours;
		return 0;
	}
	return given ? mp_err_usage(err, -EINVAL, "--color '%s' is none of auto, 256, 8, never",
				    given)
		     : 0;
}

static int looks_of(const struct mp_args *args, struct mp_viewer_options *o, struct mp_err *err)
{
	const char *theme = mp_args_get(args, "theme"), *glyphs = mp_args_get(args, "glyphs");
	enum mp_glyphs set = MP_GLYPHS_BLOCK;

	if (theme && mp_theme_parse(theme, &o->theme))
		return mp_err_usage(err, -EINVAL, "--theme '%s' is none of dark, light, contrast",
				    theme);
	if (glyphs && mp_glyphs_parse(glyphs, &set))
		return mp_err_usage(err, -EINVAL, "--glyphs '%s' is none of ascii, block, braille",
				    glyphs);
	o->ascii = set == MP_GLYPHS_ASCII;
	o->braille = set == MP_GLYPHS_BRAILLE;
	o->mouse = !mp_args_has(args, "no-mouse");
	return colours_of(args, &o->colours, err);
}

/* $XDG_CONFIG_HOME/memperf/NAME, or ~/.config/memperf/NAME; heap. NULL: there is no such place. */
static char *own_file(const char *name)
{
	const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
	struct mp_str path = MP_STR_INIT;

	if (config && *config)
		mp_str_printf(&path, "%s/memperf/%s", config, name);
	else if (home && *home)
		mp_str_printf(&path, "%s/.config/memperf/%s", home, name);
	if (path.len)
		return mp_str_take(&path);
	mp_str_done(&path);
	return NULL;
}

static int options_of(const struct mp_args *args, struct work *w, struct mp_err *err)
{
	struct mp_viewer_options *o = &w->options;
	const char *policy = mp_args_get(args, "policy"), *unit = mp_args_get(args, "unit");
	int rc = looks_of(args, o, err);

	o->sides = args->words;
	o->n_sides = args->n_words;
	o->compare = mp_compare_defaults;
	o->filter = mp_args_get(args, "filter");
	o->screen = mp_args_get(args, "screen");
	o->record = mp_args_get(args, "record");
	o->keymap = mp_args_get(args, "keymap");
	o->settings = mp_args_get(args, "settings");
	if (!mp_args_has(args, "script")) {
		w->keymap = own_file("keys");
		w->settings = own_file("view");
		if (!o->keymap && w->keymap && !access(w->keymap, R_OK))
			o->keymap = w->keymap;
		if (!o->settings && w->settings && (!access(w->settings, R_OK) || errno == ENOENT))
			o->settings = w->settings;
	}
	if (!rc && unit && mp_unit_parse(unit, &o->compare.unit))
		rc = mp_err_usage(err, -EINVAL,
				  "--unit '%s' is none of ns, cycles, null, bytes, "
				  "bytes/cycle",
				  unit);
	if (!rc && policy) {
		rc = mp_policy_load(policy, &w->policy, err);
		o->compare.policy = &w->policy;
	}
	return rc;
}

static int size_of(const struct mp_args *args, struct mp_script *script, struct mp_err *err)
{
	const char *size = mp_args_get(args, "size");
	char rest;

	script->columns = 80;
	script->rows = 24;
	if (size && (sscanf(size, "%dx%d%c", &script->columns, &script->rows, &rest) != 2 ||
		     script->columns < 0 || script->columns > 1000 || script->rows < 0 ||
		     script->rows > 1000))
		return mp_err_usage(
			err, -EINVAL,
			"--size '%s' is not COLUMNSxROWS, such as 80x24, of at most 1000 "
			"each",
			size);
	return 0;
}

static void print_now(const char *text)
{
	fputs(text, stdout);
	fflush(stdout);
}

static int run_script(const struct mp_args *args, const struct work *w, struct mp_err *err)
{
	MP_CLEANUP(mp_str_done) struct mp_str out = MP_STR_INIT;
	const char *path = mp_args_get(args, "script");
	struct mp_script script = { .name = path ? path : "stdin", .lines = stdin };
	int rc = size_of(args, &script, err);

	if (rc)
		return mp_fail(err);
	if (path && strcmp(path, "-") != 0) {
		script.lines = fopen(path, "re");
		if (!script.lines) {
			mp_err_usage(err, -errno, "cannot read script '%s': %s", path,
				     strerror(errno));
			return mp_fail(err);
		}
	}
	script.linear = !path;
	if (script.linear)
		script.print = print_now;
	rc = mp_viewer_script(&w->options, &script, &out, err);
	if (script.lines != stdin)
		fclose(script.lines);
	if (mp_print_str(&out))
		return MP_EXIT_ENVIRONMENT;
	return rc == -EPROTO ? (mp_fail(err), MP_EXIT_REGRESSION)
	       : rc	     ? mp_fail(err)
			     : MP_EXIT_DONE;
}

static int print_keys(const struct work *w, struct mp_err *err)
{
	MP_CLEANUP(mp_str_done) struct mp_str out = MP_STR_INIT;

	if (mp_viewer_keys(w->options.keymap, &out, err))
		return mp_fail(err);
	return mp_print_str(&out);
}

static int run(const struct mp_args *args)
{
	MP_CLEANUP(work_done) struct work work = { 0 };
	struct mp_err err;

	if (options_of(args, &work, &err))
		return mp_fail(&err);
	if (mp_args_has(args, "keys"))
		return print_keys(&work, &err);
	if (!args->n_words) {
		mp_err_usage(&err, -EINVAL, "which results? 'memperf view A.db B.db', or one file");
		return mp_fail(&err);
	}
	if (mp_args_has(args, "script") || mp_args_has(args, "linear"))
		return run_script(args, &work, &err);
	return mp_viewer_run(&work.options, &err) ? mp_fail(&err) : MP_EXIT_DONE;
}

static const struct mp_option options_table[] = {
	{ .name = "filter",
	  .value = "EXPR",
	  .help = "list only cases that match; all are tested all the same" },
	{ .name = "policy",
	  .value = "NAME|FILE",
	  .help = "what counts as a change: default, strict, nightly, or a policy file" },
	{ .name = "unit",
	  .value = "UNIT",
	  .help = "ns (default), cycles, null (multiples of a null system call), bytes (GB/s), "
		  "bytes/cycle" },
	{ .name = "screen", .value = "NAME", .help = "the screen to begin with" },
	{ .name = "theme", .value = "NAME", .help = "dark (default), light, contrast" },
	{ .name = "color",
	  .value = "WHEN",
	  .help = "auto (default: what the terminal has, unless NO_COLOR is set), 256, 8, never" },
	{ .name = "glyphs", .value = "SET", .help = "ascii, block (default in UTF-8), braille" },
	{ .name = "no-mouse", .help = "leave the mouse to the terminal" },
	{ .name = "keymap",
	  .value = "FILE",
	  .help = "own keys; default: memperf/keys in $XDG_CONFIG_HOME or ~/.config" },
	{ .name = "settings",
	  .value = "FILE",
	  .help = "remembers columns, counters and units; default: memperf/view beside the keys" },
	{ .name = "keys",
	  .help = "print every key with what it does, as a keymap file to change, and end" },
	{ .name = "script",
	  .value = "FILE",
	  .help = "keys and expectations from FILE ('-': stdin), without a terminal" },
	{ .name = "size", .value = "COLSxROWS", .help = "of the screens of a script: 80x24" },
	{ .name = "linear",
	  .help = "keys as lines from stdin, and every screen as plain text: for screen readers" },
	{ .name = "record", .value = "FILE", .help = "write every key to FILE, as a script" },
};

const struct mp_cmd mp_cmd_view = {
	.name = "view",
	.summary = "look at one side, or compare two, in the terminal",
	.synopsis = "A.db[:SEL] [B.db[:SEL]] [--filter EXPR] [--policy NAME|FILE] [--screen NAME] "
		    "[--script FILE]",
	.about =
		"A is the baseline, B the candidate. SEL chooses the runs: latest (default), #12, "
		"#12,#15, label:NAME,\n"
		"tag:KEY=VALUE, last:N. The first screen says whether the two can be compared, "
		"what "
		"got slower or\n"
		"faster, and what is not known; ? lists the keys of each screen. With one file the "
		"same screens\n"
		"show it alone, and a file that a run is writing is followed.\n\n"
		"A script holds key names (j, Enter, ^S), 'type TEXT', ':COMMAND', 'size 120x40', "
		"'expect TEXT',\n"
		"'refuse TEXT' and 'screen', which prints the screen; it ends with 1 when an "
		"expectation fails.",
	.options = options_table,
	.n_options = sizeof(options_table) / sizeof(options_table[0]),
	.min_words = 0,
	.max_words = 2,
	.order = 7,
	.run = run,
};

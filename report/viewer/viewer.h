/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * `memperf view` as a function: what cli/ calls. Nothing here prints or exits, except that the terminal is the viewer's
 * while it runs. Layer: report.
 */
#ifndef REPORT_VIEWER_VIEWER_H
#define REPORT_VIEWER_VIEWER_H

#include "report/compare/compare.h"
#include "report/viewer/backend.h"
#include "report/viewer/role.h"

struct mp_viewer_options {
	const char *const *sides; /* one or two "FILE[:SEL]" */
	size_t n_sides;
	struct mp_compare_options compare;
	const char *filter; /* to begin with; NULL: none */
	const char *screen; /* to begin with; NULL: overview */
	const char *keymap; /* file; NULL: none */
	const char *
		settings; /* file that remembers what was chosen; made when it is not there; NULL: none */
	const char *record; /* file that gets every key, as a script; NULL */
	enum mp_theme theme;
	enum mp_colours colours; /* at most */
	bool mouse, ascii, braille;
};

/* In the terminal, until the person quits. 0 or negative errno. */
int mp_viewer_run(const struct mp_viewer_options *options, struct mp_err *err);

/* Driven by a script, without a terminal: see script.c for the language. What it prints is appended to `out`; `linear`:
 * the screen is printed after every line. `lines` is read to its end. -EPROTO: an expectation failed, with a sentence that
 * names `name`, the line and what was missing. */
struct mp_script {
	const char *name; /* for messages */
	FILE *lines;
	int rows, columns;
	bool linear;
	/* Gets what is printed as soon as it is; NULL: it gathers in `out`. */
	void (*print)(const char *text);
};
int mp_viewer_script(const struct mp_viewer_options *options, const struct mp_script *script,
		     struct mp_str *out, struct mp_err *err);

/* Every key of every screen with its help (`memperf view --keys`), with the keymap file if any, as a keymap file. Appended. */
int mp_viewer_keys(const char *keymap, struct mp_str *out, struct mp_err *err);

#endif

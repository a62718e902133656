/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Commands behind ":", which are the words of scripts as well. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/viewer/export.h"
#include "report/viewer/view_internal.h"

static int run_filter(struct mp_view *view, const char *arguments, struct mp_err *err)
{
	int rc = mp_index_filter(&view->model.index, arguments, err);

	return rc ? rc : mp_view_open(view, "results");
}

static int run_sort(struct mp_view *view, const char *arguments, struct mp_err *err)
{
	struct mp_index *index = &view->model.index;
	bool reverse = arguments[0] == '-';
	const char *names[MP_SORT_COUNTER], *near;
	int rc;

	for (int i = 0; i < MP_SORT_COUNTER; i++) {
		names[i] = mp_sort_name((enum mp_sort)i);
		if (strcmp(names[i], arguments + reverse))
			continue;
		return mp_index_sort(index, (enum mp_sort)i, reverse)
			       ? mp_err_env(err, -ENOMEM, "out of memory")
			       : mp_view_open(view, "results");
	}
	rc = mp_index_sort_counter(index, arguments + reverse, reverse, err);
	if (rc != -ENOENT)
		return rc ? rc : mp_view_open(view, "results");
	near = mp_str_nearest(arguments + reverse, names, MP_SORT_COUNTER);
	return mp_err_usage(
		err, -EINVAL,
		"no order '%s'; there are evidence, change, a, b, noise, case, warnings, and "
		"each counter by its name ('-' before it reverses)%s%s",
		arguments, near ? "; did you mean " : "", near ? near : "");
}

/* Splits off one word, which may stand in quotes; NULL: none is left. Works on a copy of the line. */
static char *next_word(char **at)
{
	char *start = *at + strspn(*at, " \t"), *end;
	char quote = *start == '"' || *start == '\'' ? *start : '\0';

	if (!*start)
		return NULL;
	start += quote != '\0';
	end = quote ? strchrnul(start, quote) : start + strcspn(start, " \t");
	*at = *end ? end + 1 : end;
	*end = '\0';
	return start;
}

static int run_open(struct mp_view *view, const char *arguments, struct mp_err *err)
{
	char copy[MP_PROMPT_MAX], *at = copy;
	const char *texts[2];
	size_t n = 0;

	snprintf(copy, sizeof(copy), "%s", arguments);
	while (n < 2 && (texts[n] = next_word(&at)))
		n++;
	if (!n || next_word(&at))
		return mp_err_usage(err, -EINVAL, "open wants one or two of FILE[:SEL]");
	return mp_model_sides(&view->model, texts, n, err);
}

static int run_goto(struct mp_view *view, const char *arguments, struct mp_err *err)
{
	const struct mp_rows *rows = view->model.rows;
	struct mp_row row;

	if (!rows || mp_rows_find(rows, arguments) == SIZE_MAX) {
		size_t at = rows ? mp_rows_lower_bound(rows, arguments) : 0;

		if (rows && !mp_rows_get(rows, at, &row))
			return mp_err_usage(err, -ENOENT, "no case '%s'; the next one is '%s'",
					    arguments, row.text);
		return mp_err_usage(err, -ENOENT, "no case '%s'", arguments);
	}
	mp_view_set_subject(view, arguments);
	return mp_view_open(view, mp_screen_find("detail") ? "detail" : "results");
}

static int run_save(struct mp_view *view, const char *arguments, struct mp_err *err)
{
	int rc = mp_view_save(view, arguments, err);

	if (!rc)
		mp_view_say(view, "saved as %s", arguments);
	return rc;
}

static int run_set(struct mp_view *view, const char *arguments, struct mp_err *err)
{
	char name[32] = "", value[32] = "";

	sscanf(arguments, "%31s %31s", name, value);
	if (!strcmp(name, "theme") && !mp_theme_parse(value, &view->show.theme)) {
		view->backend->theme(view->backend, view->show.theme);
		return 0;
	}
	if (!strcmp(name, "change") && (!strcmp(value, "percent") || !strcmp(value, "factor"))) {
		view->show.factor = value[0] == 'f';
		return 0;
	}
	if (!strcmp(name, "mouse") && (!strcmp(value, "on") || !strcmp(value, "off"))) {
		view->show.mouse = value[1] == 'n';
		view->backend->mouse(view->backend, view->show.mouse);
		return 0;
	}
	if (!strcmp(name, "units") && (!strcmp(value, "column") || !strcmp(value, "own"))) {
		mp_view_set_own_units(view, value[0] == 'o');
		return 0;
	}
	if (!strcmp(name, "charts") && (!strcmp(value, "pictures") || !strcmp(value, "tables"))) {
		view->show.table = value[0] == 't';
		return 0;
	}
	if (!strcmp(name, "glyphs") && !mp_glyphs_parse(value, &view->canvas.glyphs)) {
		if (view->canvas.glyphs > view->backend->glyphs &&
		    view->backend->glyphs == MP_GLYPHS_ASCII)
			view->canvas.glyphs = MP_GLYPHS_ASCII;
		return 0;
	}
	if (!strcmp(name, "unit") && view->model.n_sides < 2)
		return mp_err_usage(err, -EINVAL, MP_VIEW_ONE_UNIT);
	if (!strcmp(name, "unit") && !mp_unit_parse(value, &view->model.options.unit)) {
		const char *texts[2] = { view->model.sides[0].name, view->model.sides[1].name };

		return mp_model_sides(&view->model, texts, view->model.n_sides, err);
	}
	return mp_err_usage(err, -EINVAL,
			    "set wants one of: theme dark|light|contrast, change percent|factor, "
			    "unit ns|cycles|null|bytes, units column|own, charts pictures|tables, "
			    "glyphs ascii|block|braille, mouse on|off");
}

static int run_info(struct mp_view *view, const char *arguments, struct mp_err *err)
{
	struct mp_str text = MP_STR_INIT;

	(void)arguments;
	(void)err;
	view->backend->describe(view->backend, &text);
	mp_view_say(view, "%s; glyphs %s, theme %s, policy %s", text.text,
		    mp_glyphs_name(view->canvas.glyphs), mp_theme_name(view->show.theme),
		    view->model.options.policy->name);
	mp_str_done(&text);
	return 0;
}

static int run_swap(struct mp_view *view, const char *arguments, struct mp_err *err)
{
	(void)arguments;
	return mp_model_swap(&view->model, err);
}

static int run_back(struct mp_view *view, const char *arguments, struct mp_err *err)
{
	(void)arguments;
	(void)err;
	mp_view_back(view);
	return 0;
}

static int run_quit(struct mp_view *view, const char *arguments, struct mp_err *err)
{
	(void)arguments;
	(void)err;
	mp_view_quit(view);
	return 0;
}

const struct mp_command mp_commands[] = {
	{ "filter", "[EXPR]", "list the cases that match; without EXPR all", run_filter },
	{ "sort", "[-]ORDER", "order of the results; '-' reverses it", run_sort },
	{ "open", "A.db[:SEL] [B.db[:SEL]]", "view other sides", run_open },
	{ "goto", "CASE", "open that case", run_goto },
	{ "save-screen", "FILE", "save the screen as FILE.txt, FILE.html or FILE.svg", run_save },
	{ "export", "FORMAT FILE",
	  "the whole report as a new file: text, html, markdown, csv, json ...", mp_view_export },
	{ "export-rows", "FORMAT FILE",
	  "the marked rows of Results, or all that are listed, as a table: csv, json, markdown, "
	  "text",
	  mp_view_export_rows },
	{ "set", "NAME VALUE", "theme, change, unit, units, charts, glyphs, mouse", run_set },
	{ "swap", "", "A and B change places", run_swap },
	{ "info", "", "terminal, colours, size, policy", run_info },
	{ "back", "", "to the screen before", run_back },
	{ "quit", "", "end the viewer", run_quit },
};
const size_t mp_n_commands = sizeof(mp_commands) / sizeof(mp_commands[0]);

static int unknown(const char *word, size_t len, struct mp_err *err)
{
	const char *names[64], *near;
	char copy[64];
	size_t n = 0;

	snprintf(copy, sizeof(copy), "%.*s", (int)len, word);
	for (size_t i = 0; i < mp_n_commands; i++)
		names[n++] = mp_commands[i].name;
	for (size_t i = 0; i < mp_n_screens; i++)
		names[n++] = mp_screens[i]->name;
	near = mp_str_nearest(copy, names, n);
	return mp_err_usage(err, -EINVAL, "no command '%s'%s%s; ':help' lists them", copy,
			    near ? "; did you mean " : "", near ? near : "");
}

int mp_view_command(struct mp_view *view, const char *line)
{
	const char *word = line + strspn(line, " \t:");
	size_t len = strcspn(word, " \t");
	const char *arguments = word + len + strspn(word + len, " \t");
	struct mp_err err;
	int rc = -ENOENT;

	view->message[0] = '\0';
	if (!len)
		return 0;
	for (size_t i = 0; rc == -ENOENT && i < mp_n_screens; i++) {
		if (strlen(mp_screens[i]->name) == len && !strncmp(mp_screens[i]->name, word, len))
			return mp_view_open(view, mp_screens[i]->name);
	}
	for (size_t i = 0; i < mp_n_commands; i++) {
		if (strlen(mp_commands[i].name) != len || strncmp(mp_commands[i].name, word, len))
			continue;
		rc = mp_commands[i].run(view, arguments, &err);
		/* A screen that refuses to open has said so itself. */
		return rc && !view->message[0] ? mp_view_fail(view, rc, &err) : rc;
	}
	return mp_view_fail(view, -EINVAL, (unknown(word, len, &err), &err));
}

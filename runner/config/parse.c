/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The settings of one suite file: the only code that knows libconfig. Everything that is not known is an
 * error with file:line, so that a misspelt setting never means "the default". Axes and values are checked
 * later, against the benchmarks (runner/plan); here they are texts with the place they came from.
 */
#include "runner/config/internal.h"

#include <errno.h>
#include <libconfig.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "benchmarks/bench.h"
#include "common/cleanup.h"
#include "common/filter.h"
#include "common/str.h"
#include "common/units.h"
#include "runner/config/countergroup.h"

#define INVOCATIONS_MAX 1000
#define WHERE_MAX	4352

struct parser {
	struct mp_suite *suite;
	const struct mp_config_file *file;
	struct mp_err *err;
};

static const char *const root_keys[] = { "suite" };
static const char *const suite_keys[] = { "title", "defaults", "cases", "include" };
static const char *const defaults_keys[] = { "invocations", "budget", "target", "setup",
					     "counters" };

/* The path of what libconfig calls `source`: NULL is the file itself, the rest came through @include. */
static const char *path_of(const struct mp_config_file *file, const char *source,
			   char buf[WHERE_MAX])
{
	if (!source)
		return file->path;
	snprintf(buf, WHERE_MAX, "%s%s%s", source[0] == '/' ? "" : file->folder,
		 source[0] == '/' ? "" : "/", source);
	return buf;
}

/* "file:line" of a setting. */
static const char *where(const struct parser *p, const config_setting_t *s, char buf[WHERE_MAX])
{
	char path[WHERE_MAX];

	snprintf(buf, WHERE_MAX, "%.*s:%u", WHERE_MAX - 16,
		 path_of(p->file, config_setting_source_file(s), path),
		 (unsigned)config_setting_source_line(s));
	return buf;
}

static int unknown_key(const struct parser *p, const config_setting_t *s, const char *in,
		       const char *const *keys, size_t count)
{
	const char *name = config_setting_name(s);
	const char *nearest = mp_str_nearest(name, keys, count);
	MP_CLEANUP(mp_str_done) struct mp_str list = MP_STR_INIT;
	char place[WHERE_MAX];

	if (nearest)
		return mp_err_usage(p->err, -EINVAL,
				    "%s: unknown setting '%s' in %s; did you mean '%s'?",
				    where(p, s, place), name, in, nearest);
	for (size_t i = 0; i < count; i++)
		mp_str_printf(&list, "%s%s", i ? ", " : "", keys[i]);
	return mp_err_usage(p->err, -EINVAL, "%s: unknown setting '%s' in %s; it may hold %s",
			    where(p, s, place), name, in, list.text);
}

/* Every member of the group must be one of the keys. */
static int check_keys(const struct parser *p, const config_setting_t *group, const char *in,
		      const char *const *keys, size_t count)
{
	for (int i = 0; i < config_setting_length(group); i++) {
		config_setting_t *s = config_setting_get_elem(group, (unsigned)i);
		size_t k = 0;

		while (k < count && strcmp(config_setting_name(s), keys[k]))
			k++;
		if (k == count)
			return unknown_key(p, s, in, keys, count);
	}
	return 0;
}

static int wrong_type(const struct parser *p, const config_setting_t *s, const char *name,
		      const char *want)
{
	char place[WHERE_MAX];

	return mp_err_usage(p->err, -EINVAL, "%s: '%s' wants %s", where(p, s, place), name, want);
}

/* A text setting into heap memory. `example` shows the form. */
static int take_text(const struct parser *p, const config_setting_t *s, const char *example,
		     char **ret_text)
{
	const char *text = config_setting_get_string(s);
	char want[96];
	char *copy;

	snprintf(want, sizeof(want), "a text in quotes, such as \"%s\"", example);
	if (!text)
		return wrong_type(p, s, config_setting_name(s), want);
	copy = strdup(text);
	if (!copy)
		return mp_config_no_memory(p->err);
	*ret_text = copy;
	return 0;
}

static int parse_invocations(const struct parser *p, const config_setting_t *s)
{
	int number = config_setting_get_int(s);

	if (config_setting_type(s) != CONFIG_TYPE_INT || number < 1 || number > INVOCATIONS_MAX)
		return wrong_type(p, s, "invocations", "a whole number from 1 to 1000");
	if (!p->suite->invocations)
		p->suite->invocations = (unsigned)number;
	return 0;
}

static int parse_budget(const struct parser *p, const config_setting_t *s)
{
	const char *text = config_setting_get_string(s);
	uint64_t ns;

	if (!text || mp_duration_parse(text, &ns) || !ns || ns > MP_BUDGET_MAX_NS)
		return wrong_type(p, s, "budget",
				  "a time from 1ns to 720h in quotes, such as \"10m\"");
	if (!p->suite->budget_ns)
		p->suite->budget_ns = ns;
	return 0;
}

static int parse_target(const struct parser *p, const config_setting_t *s)
{
	double target = config_setting_get_float(s);

	if (config_setting_type(s) != CONFIG_TYPE_FLOAT || !(target > 0 && target <= 0.5))
		return wrong_type(p, s, "target",
				  "a relative half-width above 0 and up to 0.5, such as 0.02");
	if (p->suite->target == 0)
		p->suite->target = target;
	return 0;
}

static int parse_setup(const struct parser *p, const config_setting_t *s)
{
	if (config_setting_type(s) != CONFIG_TYPE_BOOL)
		return wrong_type(p, s, "setup", "true or false");
	if (!p->suite->setup)
		p->suite->setup = config_setting_get_bool(s) ? 1 : -1;
	return 0;
}

/* A path is relative to the file that says it. */
static int parse_counters(const struct parser *p, const config_setting_t *s)
{
	MP_CLEANUP(mp_counter_group_done) struct mp_counter_group group = { 0 };
	MP_CLEANUP(mp_free_ptr) char *words = NULL;
	MP_CLEANUP(mp_str_done) struct mp_str path = MP_STR_INIT;
	char place[WHERE_MAX];
	int rc = take_text(p, s, "memory", &words);

	if (rc)
		return rc;
	if (mp_config_is_path(words) && words[0] != '/')
		mp_str_printf(&path, "%s/", p->file->folder);
	mp_str_add(&path, words);
	if (path.failed)
		return mp_config_no_memory(p->err);
	rc = mp_counter_group_choose(path.text, &group, p->err);
	if (rc)
		return mp_err_prefix(p->err, rc, "%s", where(p, s, place));
	if (!p->suite->counters)
		p->suite->counters = mp_str_take(&path);
	return 0;
}

static int parse_defaults(const struct parser *p, const config_setting_t *group)
{
	static int (*const parse[])(const struct parser *, const config_setting_t *) = {
		parse_invocations, parse_budget, parse_target, parse_setup,
		parse_counters /* in the order of defaults_keys */
	};
	int rc;

	if (!config_setting_is_group(group))
		return wrong_type(p, group, "defaults", "a group in braces");
	rc = check_keys(p, group, "defaults", defaults_keys, MP_COUNT(defaults_keys));
	for (size_t i = 0; !rc && i < MP_COUNT(defaults_keys); i++) {
		config_setting_t *s = config_setting_get_member(group, defaults_keys[i]);

		if (s)
			rc = parse[i](p, s);
	}
	return rc;
}

static int parse_values(const struct parser *p, const config_setting_t *s, struct mp_suite_entry *e)
{
	const char *text = config_setting_get_string(s);

	if (!text || (strcmp(text, "matrix") && strcmp(text, "representative")))
		return wrong_type(p, s, "values", "\"matrix\" or \"representative\"");
	e->matrix = !strcmp(text, "matrix");
	return 0;
}

static int parse_space(const struct parser *p, const config_setting_t *s, struct mp_suite_entry *e)
{
	const char *text = config_setting_get_string(s);

	if (text && !strcmp(text, "user"))
		e->space = MP_SPACE_USER;
	else if (text && !strcmp(text, "kernel"))
		e->space = MP_SPACE_KERNEL;
	else
		return wrong_type(p, s, "space", "\"user\" or \"kernel\"");
	return 0;
}

static int parse_filter(const struct parser *p, const config_setting_t *s, struct mp_suite_entry *e)
{
	struct mp_filter *filter;
	char place[WHERE_MAX];
	int rc = take_text(p, s, "size >= 2M", &e->filter);

	if (rc)
		return rc;
	rc = mp_filter_parse(e->filter, &filter, p->err);
	if (rc)
		return mp_err_prefix(p->err, rc, "%s", where(p, s, place));
	mp_filter_free(filter);
	return 0;
}

static int parse_axis(const struct parser *p, const config_setting_t *s, struct mp_suite_entry *e)
{
	MP_CLEANUP(mp_free_ptr) char *values = NULL;
	char place[WHERE_MAX];
	int rc = take_text(p, s, "4K, 2M", &values);

	if (rc)
		return rc;
	if (mp_suite_push_axis(&e->axes, &e->n_axes, &e->cap_axes, config_setting_name(s), values,
			       where(p, s, place)))
		return mp_config_no_memory(p->err);
	return 0;
}

static int parse_entry(const struct parser *p, const config_setting_t *group)
{
	struct mp_suite_entry *e;
	char place[WHERE_MAX];
	int rc = 0;

	if (!config_setting_is_group(group))
		return wrong_type(p, group, "cases", "groups, such as { bench = \"mmap.*\"; }");
	e = mp_suite_new_entry(p->suite);
	if (!e)
		return mp_config_no_memory(p->err);
	e->where = strdup(where(p, group, place));
	if (!e->where)
		return mp_config_no_memory(p->err);
	for (int i = 0; !rc && i < config_setting_length(group); i++) {
		config_setting_t *s = config_setting_get_elem(group, (unsigned)i);
		const char *key = config_setting_name(s);

		if (!strcmp(key, "bench"))
			rc = take_text(p, s, "mmap.*", &e->bench);
		else if (!strcmp(key, "values"))
			rc = parse_values(p, s, e);
		else if (!strcmp(key, "space"))
			rc = parse_space(p, s, e);
		else if (!strcmp(key, "filter"))
			rc = parse_filter(p, s, e);
		else
			rc = parse_axis(p, s, e);
	}
	if (!rc && !e->bench)
		rc = mp_err_usage(p->err, -EINVAL,
				  "%s: an entry of cases lacks 'bench', a name or a pattern",
				  e->where);
	return rc;
}

static int parse_cases(const struct parser *p, const config_setting_t *list)
{
	int rc = 0;

	if (!config_setting_is_list(list))
		return wrong_type(p, list, "cases", "a list in parentheses");
	for (int i = 0; !rc && i < config_setting_length(list); i++)
		rc = parse_entry(p, config_setting_get_elem(list, (unsigned)i));
	return rc;
}

static int parse_include(const struct parser *p, const config_setting_t *array)
{
	char place[WHERE_MAX];
	int rc = 0;

	if (!config_setting_is_array(array) && !config_setting_is_list(array))
		return wrong_type(p, array, "include", "names in brackets, such as [\"user\"]");
	for (int i = 0; !rc && i < config_setting_length(array); i++) {
		const char *name = config_setting_get_string_elem(array, i);

		if (!name || !*name)
			return wrong_type(p, array, "include",
					  "names in brackets, such as [\"user\"]");
		rc = mp_config_load(p->suite, name, p->file, p->err);
		if (rc)
			mp_err_prefix(p->err, rc, "%s", where(p, array, place));
	}
	return rc;
}

static int parse_suite(const struct parser *p, const config_setting_t *group)
{
	config_setting_t *title = config_setting_get_member(group, "title");
	config_setting_t *defaults = config_setting_get_member(group, "defaults");
	config_setting_t *cases = config_setting_get_member(group, "cases");
	config_setting_t *include = config_setting_get_member(group, "include");
	char *text = NULL, place[WHERE_MAX];
	int rc = check_keys(p, group, "suite", suite_keys, MP_COUNT(suite_keys));

	if (!rc && title)
		rc = take_text(p, title, "one-minute tour", &text);
	if (!rc && !p->suite->title) {
		p->suite->title = text;
		text = NULL;
	}
	free(text);
	/* Before the includes, so that the including file's defaults win. */
	if (!rc && defaults)
		rc = parse_defaults(p, defaults);
	if (!rc && !cases && !include)
		rc = mp_err_usage(p->err, -EINVAL,
				  "%s: the suite has neither 'cases' nor 'include'",
				  where(p, group, place));
	if (!rc && include)
		rc = parse_include(p, include);
	if (!rc && cases)
		rc = parse_cases(p, cases);
	return rc;
}

static int parse_root(const struct parser *p, config_t *config)
{
	config_setting_t *root = config_root_setting(config);
	config_setting_t *suite = config_setting_get_member(root, "suite");
	int rc = check_keys(p, root, "a suite file", root_keys, MP_COUNT(root_keys));

	if (rc)
		return rc;
	if (!suite)
		return mp_err_usage(p->err, -EINVAL,
				    "%s:1: no suite in this file; it starts with 'suite: {'",
				    p->file->path);
	if (!config_setting_is_group(suite))
		return wrong_type(p, suite, "suite", "a group in braces");
	return parse_suite(p, suite);
}

int mp_config_parse(struct mp_suite *suite, const struct mp_config_file *file, const char *text,
		    struct mp_err *err)
{
	const struct parser p = { .suite = suite, .file = file, .err = err };
	config_t config;
	int rc;

	config_init(&config);
	config_set_include_dir(&config, file->folder);
	if (config_read_string(&config, text)) {
		rc = parse_root(&p, &config);
	} else {
		char path[WHERE_MAX];

		rc = mp_err_usage(err, -EINVAL,
				  "%s:%d: %s; a setting is name = value; and texts stand in quotes",
				  path_of(file, config_error_file(&config), path),
				  config_error_line(&config), config_error_text(&config));
	}
	config_destroy(&config);
	return rc;
}

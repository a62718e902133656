/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads groups of counters: see countergroup.h. */
#include "runner/config/countergroup.h"

#include <errno.h>
#include <libconfig.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/vec.h"
#include "runner/config/internal.h"
#include "runner/counters/counters.h"

struct reader {
	const char *path;
	struct mp_counter_group *group;
	struct mp_err *err;
};

void mp_counter_group_done(struct mp_counter_group *group)
{
	for (size_t i = 0; i < group->n_metrics; i++)
		free(group->metrics[i]);
	free(group->metrics);
	free(group->name);
	free(group->title);
	free(group->about);
	*group = (struct mp_counter_group){ 0 };
}

int mp_counter_group_names(char ***ret_names, size_t *ret_count, struct mp_err *err)
{
	return mp_config_names("counters", ret_names, ret_count, err);
}

static int wrong(const struct reader *r, const config_setting_t *s, const char *want)
{
	return mp_err_usage(r->err, -EINVAL, "%s:%u: '%s' wants %s", r->path,
			    (unsigned)config_setting_source_line(s), config_setting_name(s), want);
}

static int take_text(const struct reader *r, const config_setting_t *s, char **text)
{
	const char *value = config_setting_get_string(s);

	if (!value || !*value)
		return wrong(r, s, "a text in quotes");
	free(*text);
	*text = strdup(value);
	return *text ? 0 : mp_config_no_memory(r->err);
}

static int add_metric(struct mp_counter_group *group, const char *id, struct mp_err *err)
{
	int rc = mp_counter_metric_check(id, err);
	char **slot;

	if (rc)
		return rc;
	slot = mp_vec_push((void **)&group->metrics, &group->n_metrics, &group->cap_metrics,
			   sizeof(*slot));
	if (slot)
		*slot = strdup(id);
	return slot && *slot ? 0 : mp_config_no_memory(err);
}

static int take_metrics(const struct reader *r, const config_setting_t *s)
{
	const int n = config_setting_length(s);
	int rc = 0;

	if ((!config_setting_is_array(s) && !config_setting_is_list(s)) || !n)
		return wrong(r, s, "metrics in brackets, such as [ \"minor_faults\" ]");
	for (int i = 0; !rc && i < n; i++) {
		const config_setting_t *at = config_setting_get_elem(s, (unsigned)i);
		const char *id = config_setting_get_string(at);

		if (!id || !*id)
			return wrong(r, s, "metrics in brackets, such as [ \"minor_faults\" ]");
		rc = add_metric(r->group, id, r->err);
		if (rc)
			mp_err_prefix(r->err, rc, "%s:%u", r->path,
				      (unsigned)config_setting_source_line(at));
	}
	return rc;
}

static int take(const struct reader *r, const config_setting_t *s)
{
	static const char *const keys[] = { "title", "about", "metrics" };
	const char *key = config_setting_name(s), *near;

	if (!strcmp(key, "title"))
		return take_text(r, s, &r->group->title);
	if (!strcmp(key, "about"))
		return take_text(r, s, &r->group->about);
	if (!strcmp(key, "metrics"))
		return take_metrics(r, s);
	near = mp_str_nearest(key, keys, sizeof(keys) / sizeof(keys[0]));
	return mp_err_usage(r->err, -EINVAL, "%s:%u: unknown setting '%s' in group; %s%s%s",
			    r->path, (unsigned)config_setting_source_line(s), key,
			    near ? "did you mean '" : "it may hold title, about, metrics",
			    near ? near : "", near ? "'?" : "");
}

static int parse(const struct reader *r, const char *text)
{
	const config_setting_t *group;
	config_t config;
	int rc = 0;

	config_init(&config);
	if (!config_read_string(&config, text)) {
		rc = mp_err_usage(r->err, -EINVAL, "%s:%d: %s", r->path, config_error_line(&config),
				  config_error_text(&config));
		goto out;
	}
	group = config_lookup(&config, "group");
	if (!group || !config_setting_is_group(group) ||
	    config_setting_length(config_root_setting(&config)) != 1)
		rc = mp_err_usage(r->err, -EINVAL,
				  "%s: a group of counters is one group, 'group: { ... };', and "
				  "nothing else",
				  r->path);
	for (int i = 0; !rc && i < config_setting_length(group); i++)
		rc = take(r, config_setting_get_elem(group, (unsigned)i));
	if (!rc && (!r->group->title || !r->group->about || !r->group->metrics))
		rc = mp_err_usage(r->err, -EINVAL,
				  "%s: a group of counters needs title, about and metrics",
				  r->path);
out:
	config_destroy(&config);
	return rc;
}

/* The file of a group's name. */
static int find(const char *name, char path[PATH_MAX], struct mp_err *err)
{
	char folder[PATH_MAX], given[PATH_MAX + 512], **names = NULL;
	MP_CLEANUP(mp_str_done) struct mp_str list = MP_STR_INIT;
	const char *near;
	size_t count = 0;
	int rc = mp_config_folder(folder, sizeof(folder));

	if (rc)
		return mp_err_env(err, rc, "the configuration folder cannot be found: %s",
				  strerror(-rc));
	snprintf(given, sizeof(given), "%s/counters/%.255s.cfg", folder, name);
	/* Resolved, so that errors show a path that a person can open. */
	if (realpath(given, path))
		return 0;
	rc = mp_counter_group_names(&names, &count, err);
	if (rc)
		return mp_err_prefix(err, rc, "group of counters '%s'", name);
	near = mp_str_nearest(name, (const char *const *)names, count);
	if (!near)
		near = mp_counter_metric_nearest(name);
	for (size_t i = 0; i < count; i++)
		mp_str_printf(&list, "%s%s", i ? ", " : "", names[i]);
	rc = mp_err_usage(err, -ENOENT, "no metric and no group '%s'; %s%s%s", name,
			  near ? "did you mean '" : "the groups are ", near ? near : list.text,
			  near ? "'?" : "");
	for (size_t i = 0; i < count; i++)
		free(names[i]);
	free(names);
	return rc;
}

/* "memory" of "counters/memory.cfg". */
static char *name_of(const char *path)
{
	const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
	size_t len = strlen(base);

	return strndup(base, len > 4 && !strcmp(base + len - 4, ".cfg") ? len - 4 : len);
}

static int load(const char *name_or_file, struct mp_counter_group *group, struct mp_err *err)
{
	MP_CLEANUP(mp_str_done) struct mp_str text = MP_STR_INIT;
	char path[PATH_MAX];
	const struct reader r = { .path = path, .group = group, .err = err };
	int rc = 0;

	if (mp_config_is_path(name_or_file))
		snprintf(path, sizeof(path), "%s", name_or_file);
	else
		rc = find(name_or_file, path, err);
	if (!rc)
		rc = mp_config_read(path, "group of counters", &text, NULL, err);
	if (rc)
		return rc;
	group->name = name_of(path);
	return group->name ? parse(&r, text.text) : mp_config_no_memory(err);
}

/* "a,b,c" */
static int list(const char *words, struct mp_counter_group *group, struct mp_err *err)
{
	MP_CLEANUP(mp_free_ptr) char *copy = strdup(words);
	int rc = 0;

	group->name = strdup(words);
	if (!copy || !group->name)
		return mp_config_no_memory(err);
	for (char *rest = NULL, *id = strtok_r(copy, ",", &rest); !rc && id;
	     id = strtok_r(NULL, ",", &rest))
		rc = add_metric(group, id, err);
	return rc;
}

int mp_counter_group_choose(const char *words, struct mp_counter_group *ret_group,
			    struct mp_err *err)
{
	MP_CLEANUP(mp_counter_group_done) struct mp_counter_group group = { 0 };
	int rc = 0;

	if (strchr(words, ',') || mp_counter_metric_find(words))
		rc = list(words, &group, err);
	else if (strcmp(words, "none"))
		rc = load(words, &group, err);
	if (rc)
		return rc;
	*ret_group = group;
	group = (struct mp_counter_group){ 0 };
	return 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The suite itself: what files and the command line add to it. Finding and reading files is in load.c, their
 * settings in parse.c; the expansion against benchmarks and machine is runner/plan's.
 */
#include "runner/config/suite.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/str.h"
#include "common/vec.h"
#include "runner/config/internal.h"

static void axes_free(struct mp_suite_axis *axes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(axes[i].axis);
		free(axes[i].values);
		free(axes[i].where);
	}
	free(axes);
}

void mp_suite_done(struct mp_suite *suite)
{
	for (size_t i = 0; i < suite->n_entries; i++) {
		struct mp_suite_entry *e = &suite->entries[i];

		free(e->bench);
		free(e->filter);
		free(e->where);
		axes_free(e->axes, e->n_axes);
	}
	for (size_t i = 0; i < suite->n_files; i++)
		free(suite->files[i]);
	axes_free(suite->sets, suite->n_sets);
	free(suite->files);
	free(suite->entries);
	free(suite->name);
	free(suite->title);
	free(suite->text);
	free(suite->counters);
	*suite = (struct mp_suite){ 0 };
}

int mp_config_no_memory(struct mp_err *err)
{
	return mp_err_env(err, -ENOMEM, "out of memory while reading a suite");
}

int mp_config_append(char **text, const char *separator, const char *more)
{
	size_t old = *text ? strlen(*text) : 0;
	size_t between = old ? strlen(separator) : 0;
	char *grown = realloc(*text, old + between + strlen(more) + 1);

	if (!grown)
		return -ENOMEM;
	memcpy(grown + old, separator, between);
	memcpy(grown + old + between, more, strlen(more) + 1);
	*text = grown;
	return 0;
}

struct mp_suite_entry *mp_suite_new_entry(struct mp_suite *suite)
{
	return mp_vec_push((void **)&suite->entries, &suite->n_entries, &suite->cap_entries,
			   sizeof(*suite->entries));
}

int mp_suite_push_axis(struct mp_suite_axis **axes, size_t *count, size_t *cap, const char *axis,
		       const char *values, const char *where)
{
	struct mp_suite_axis *a = mp_vec_push((void **)axes, count, cap, sizeof(*a));

	if (!a)
		return -ENOMEM;
	a->axis = strdup(axis);
	a->values = strdup(values);
	a->where = strdup(where);
	return a->axis && a->values && a->where ? 0 : -ENOMEM;
}

/* The stored text of a run says what the command line added, in its words. */
static int note(struct mp_suite *suite, const char *option, const char *value)
{
	struct mp_str line = MP_STR_INIT;
	int rc;

	mp_str_printf(&line, "%s %s\n", option, value);
	rc = line.failed ? -ENOMEM : mp_config_append(&suite->text, "", line.text);
	mp_str_done(&line);
	return rc;
}

/* "size=4K/threads=1" behind the name of a benchmark: the one value of each of these axes. */
static int choose_values(struct mp_suite_entry *e, const char *values, struct mp_err *err)
{
	MP_CLEANUP(mp_free_ptr) char *copy = strdup(values);
	char *save, *axis;

	if (!copy)
		return mp_config_no_memory(err);
	for (axis = strtok_r(copy, "/", &save); axis; axis = strtok_r(NULL, "/", &save)) {
		char *equals = strchr(axis, '=');

		if (!equals || equals == axis || !equals[1] || strchr(equals, ',') ||
		    strstr(equals, ".."))
			return mp_err_usage(err, -EINVAL,
					    "--bench: '%s' in the case '%s/%s' is not AXIS=VALUE; "
					    "'memperf plan --bench %s' shows its cases",
					    axis, e->bench, values, e->bench);
		*equals = '\0';
		if (mp_suite_push_axis(&e->axes, &e->n_axes, &e->cap_axes, axis, equals + 1,
				       e->where))
			return mp_config_no_memory(err);
	}
	return 0;
}

/* Of an entry's benchmarks only the cases whose text matches. */
static int choose_matching(struct mp_suite_entry *e, const char *glob, struct mp_err *err)
{
	struct mp_str filter = MP_STR_INIT;

	mp_str_printf(&filter, "case ~ \"%s\"", glob);
	e->filter = mp_str_take(&filter);
	return e->filter ? 0 : mp_config_no_memory(err);
}

int mp_suite_add_bench(struct mp_suite *suite, const char *glob, struct mp_err *err)
{
	const char *slash = strchr(glob, '/');
	struct mp_suite_entry *e;

	if (!*glob)
		return mp_err_usage(err, -EINVAL,
				    "--bench wants a name or a pattern such as 'mmap.*'");
	e = mp_suite_new_entry(suite);
	if (!e)
		return mp_config_no_memory(err);
	e->bench = strndup(glob, strcspn(glob, "/"));
	e->where = strdup("--bench");
	if (!e->bench || !e->where || note(suite, "--bench", glob))
		return mp_config_no_memory(err);
	if (!slash)
		return 0;
	if (!slash[1] || strchr(glob, '"'))
		return mp_err_usage(
			err, -EINVAL,
			"--bench: '%s' names no case; 'memperf plan --bench %s' shows them", glob,
			e->bench);
	return strpbrk(glob, "*?") ? choose_matching(e, glob, err)
				   : choose_values(e, slash + 1, err);
}

int mp_suite_set_axis(struct mp_suite *suite, const char *axis, const char *values,
		      const char *where, struct mp_err *err)
{
	for (size_t i = 0; i < suite->n_sets; i++)
		if (!strcmp(suite->sets[i].axis, axis))
			return mp_err_usage(
				err, -EINVAL,
				"%s names axis '%s' twice; give all its values at once, as in "
				"--set %s=%s,%s",
				where, axis, axis, suite->sets[i].values, values);
	if (mp_suite_push_axis(&suite->sets, &suite->n_sets, &suite->cap_sets, axis, values,
			       where) ||
	    (strcmp(where, "--set") && note(suite, where, values)))
		return mp_config_no_memory(err);
	return 0;
}

int mp_suite_set(struct mp_suite *suite, const char *assignment, struct mp_err *err)
{
	const char *equals = strchr(assignment, '=');
	char axis[64];
	size_t len;
	int rc;

	if (!equals || equals == assignment || !equals[1])
		return mp_err_usage(err, -EINVAL,
				    "--set '%s' is not AXIS=VALUES, such as size=4K,2M",
				    assignment);
	len = (size_t)(equals - assignment);
	if (len >= sizeof(axis))
		return mp_err_usage(err, -EINVAL, "--set: '%.40s...' is no axis", assignment);
	memcpy(axis, assignment, len);
	axis[len] = '\0';
	rc = mp_suite_set_axis(suite, axis, equals + 1, "--set", err);
	return rc || !note(suite, "--set", assignment) ? rc : mp_config_no_memory(err);
}

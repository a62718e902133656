/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where configuration files are, and which suites are there: see suite.h. */
#include "runner/config/suite.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/beside.h"
#include "common/vec.h"
#include "runner/config/internal.h"

int mp_config_folder(char *buf, size_t size)
{
	static const char *const place = "/../share/memperf";
	const char *given = getenv("MEMPERF_CONFIGS");
	char beside[PATH_MAX];
	int rc, used;

	if (!given || !*given) {
		/* That it is missing is said of the file that is looked for. */
		rc = mp_beside(&place, 1, R_OK, beside);
		if (rc && (rc != -ENOENT || !*beside))
			return rc;
		given = beside;
	}
	used = snprintf(buf, size, "%s", given);
	return used < 0 || (size_t)used >= size ? -ENAMETOOLONG : 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Adds "quick" for "quick.cfg"; leaves other files out. 0 or -ENOMEM. */
static int add_name(const char *file, char ***names, size_t *count, size_t *cap)
{
	size_t len = strlen(file);
	char **slot, *name;

	if (len <= 4 || strcmp(file + len - 4, ".cfg") || file[0] == '.')
		return 0;
	name = strndup(file, len - 4);
	if (!name)
		return -ENOMEM;
	slot = mp_vec_push((void **)names, count, cap, sizeof(*slot));
	if (!slot) {
		free(name);
		return -ENOMEM;
	}
	*slot = name;
	return 0;
}

int mp_config_names(const char *below, char ***ret_names, size_t *ret_count, struct mp_err *err)
{
	char folder[4096], path[4200], **names = NULL;
	size_t count = 0, cap = 0;
	struct dirent *entry;
	DIR *dir;
	int rc = mp_config_folder(folder, sizeof(folder));

	if (rc)
		return mp_err_env(err, rc, "the configuration folder cannot be found: %s",
				  strerror(-rc));
	snprintf(path, sizeof(path), "%s/%s", folder, below);
	dir = opendir(path);
	if (!dir)
		return mp_err_env(err, -errno,
				  "cannot read '%s': %s; MEMPERF_CONFIGS names the folder that "
				  "holds %s/",
				  path, strerror(errno), below);
	while (!rc && (entry = readdir(dir)))
		rc = add_name(entry->d_name, &names, &count, &cap);
	closedir(dir);
	if (rc) {
		for (size_t i = 0; i < count; i++)
			free(names[i]);
		free(names);
		return mp_err_env(err, rc, "out of memory while listing %s", below);
	}
	if (count)
		qsort(names, count, sizeof(*names), by_name);
	*ret_names = names;
	*ret_count = count;
	return 0;
}

int mp_suite_names(char ***ret_names, size_t *ret_count, struct mp_err *err)
{
	return mp_config_names("suites", ret_names, ret_count, err);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Limits of this process's control groups: see cgroup.h. */
#include "runner/machine/cgroup.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"

/* Version 1 writes "no limit" as the largest multiple of the page that fits a signed 64-bit number. */
#define V1_UNLIMITED (INT64_MAX - (1 << 20))

/* Does a comma-separated list hold this word? */
static bool list_has_word(const char *list, const char *word)
{
	size_t len = strlen(word);

	for (;; list++) {
		if (!strncmp(list, word, len) && (list[len] == ',' || !list[len]))
			return true;
		list = strchr(list, ',');
		if (!list)
			return false;
	}
}

/* The group's path in /proc/self/cgroup: lines "id:controllers:path", version 2 being "0::path". */
static int group_path(const char *root, enum mp_cgroup_version version, const char *controller,
		      char path[MP_SYSFILE_PATH])
{
	MP_CLEANUP(mp_str_done) struct mp_str text = MP_STR_INIT;
	char *rest, *line;
	int err = mp_sysfile_read(root, &text, "/proc/self/cgroup");

	if (err)
		return err;
	if (!text.len)
		return -ENOENT;
	rest = text.text;
	while ((line = strsep(&rest, "\n"))) {
		char *controllers = strchr(line, ':');
		char *where = controllers ? strchr(controllers + 1, ':') : NULL;

		if (!where)
			continue;
		*where++ = '\0';
		controllers++;
		if (version == MP_CGROUP_V2 ? *controllers != '\0'
					    : !list_has_word(controllers, controller))
			continue;
		if (strlen(where) >= MP_SYSFILE_PATH)
			return -ENAMETOOLONG;
		strcpy(path, where);
		return 0;
	}
	return -ENOENT;
}

/*
 * The mount of the hierarchy in /proc/self/mountinfo (Documentation/filesystems/proc.rst, 3.5):
 * "36 35 98:0 /mountroot /mountpoint options ... - type source superoptions". `top` receives the group that is
 * visible at the mount point, which is not "/" in some containers.
 */
static int find_mount(const char *root, enum mp_cgroup_version version, const char *controller,
		      char mount[MP_SYSFILE_PATH], char top[MP_SYSFILE_PATH])
{
	MP_CLEANUP(mp_str_done) struct mp_str text = MP_STR_INIT;
	char *rest, *line;
	int err = mp_sysfile_read(root, &text, "/proc/self/mountinfo");

	if (err)
		return err;
	if (!text.len)
		return -ENOENT;
	rest = text.text;
	while ((line = strsep(&rest, "\n"))) {
		char type[32], super[256];
		const char *tail = strstr(line, " - ");
		int got = tail ? sscanf(tail, " - %31s %*s %255s", type, super) : 0;

		if (got != 2 || strcmp(type, version == MP_CGROUP_V2 ? "cgroup2" : "cgroup"))
			continue;
		if (version == MP_CGROUP_V1 && !list_has_word(super, controller))
			continue;
		_Static_assert(MP_SYSFILE_PATH == 512, "the widths below");
		if (sscanf(line, "%*s %*s %*s %511s %511s", top, mount) == 2)
			return 0;
	}
	return -ENOENT;
}

int mp_cgroup_folder(const char *root, enum mp_cgroup_version version, const char *controller,
		     char folder[MP_SYSFILE_PATH], size_t *ret_mount_len)
{
	char mount[MP_SYSFILE_PATH], top[MP_SYSFILE_PATH], path[MP_SYSFILE_PATH];
	const char *below = path;
	int err = group_path(root, version, controller, path);

	if (!err)
		err = find_mount(root, version, controller, mount, top);
	if (err)
		return err;
	if (strcmp(top, "/")) {
		size_t len = strlen(top);

		below = !strncmp(path, top, len) && (path[len] == '/' || !path[len]) ? path + len
										     : "";
	}
	/* A group outside this namespace's root reads "/../x" and cannot be reached from here. */
	if (!strncmp(below, "/..", 3) || !strcmp(below, "/"))
		below = "";
	if (strlen(mount) + strlen(below) >= MP_SYSFILE_PATH)
		return -ENAMETOOLONG;
	*ret_mount_len = strlen(mount);
	memmove(folder, mount, strlen(mount) + 1);
	strcat(folder, below);
	return 0;
}

/* Calls `each` with every level's folder, from this process's group up to the mount. */
static int each_level(const char *root, enum mp_cgroup_version version, const char *controller,
		      void (*each)(const char *root, const char *folder, void *user), void *user)
{
	char folder[MP_SYSFILE_PATH];
	size_t mount_len;
	int err = mp_cgroup_folder(root, version, controller, folder, &mount_len);

	if (err)
		return err;
	for (;;) {
		char *slash;

		each(root, folder, user);
		slash = strrchr(folder + mount_len, '/');
		if (!slash)
			return 0;
		*slash = '\0';
	}
}

struct tightest {
	const char *file;
	bool exists;
	uint64_t limit; /* UINT64_MAX: none */
};

static void tighten(const char *root, const char *folder, void *user)
{
	struct tightest *t = user;
	uint64_t limit;
	int err = mp_sysfile_number(root, &limit, "%s/%s", folder, t->file);

	/* -EINVAL is the word "max". */
	t->exists |= !err || err == -EINVAL;
	if (!err && limit < V1_UNLIMITED && limit < t->limit)
		t->limit = limit;
}

int mp_cgroup_limit(const char *root, enum mp_cgroup_version version, const char *controller,
		    const char *file, uint64_t *ret_limit)
{
	struct tightest t = { .file = file, .limit = UINT64_MAX };
	int err = each_level(root, version, controller, tighten, &t);

	if (err)
		return err;
	if (t.limit == UINT64_MAX)
		return t.exists ? -ERANGE : -ENOENT;
	*ret_limit = t.limit;
	return 0;
}

int mp_cgroup_memory_limit(const char *root, uint64_t *ret_bytes)
{
	static const struct {
		enum mp_cgroup_version version;
		const char *file;
	} files[] = {
		{ MP_CGROUP_V2, "memory.max" },
		{ MP_CGROUP_V2, "memory.high" },
		{ MP_CGROUP_V1, "memory.limit_in_bytes" },
	};
	uint64_t least = UINT64_MAX;

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		uint64_t limit;

		if (!mp_cgroup_limit(root, files[i].version, "memory", files[i].file, &limit) &&
		    limit < least)
			least = limit;
	}
	if (least == UINT64_MAX)
		return -ERANGE;
	*ret_bytes = least;
	return 0;
}

static void tighten_cpu_v2(const char *root, const char *folder, void *user)
{
	double *cpus = user, quota, period;
	char line[64];

	if (!mp_sysfile_line(root, line, sizeof(line), "%s/cpu.max", folder) &&
	    sscanf(line, "%lf %lf", &quota, &period) == 2 && period > 0 && quota / period < *cpus)
		*cpus = quota / period;
}

static void tighten_cpu_v1(const char *root, const char *folder, void *user)
{
	uint64_t quota, period;
	double *cpus = user;

	/* A quota of -1 is none, and no number here. */
	if (!mp_sysfile_number(root, &quota, "%s/cpu.cfs_quota_us", folder) &&
	    !mp_sysfile_number(root, &period, "%s/cpu.cfs_period_us", folder) && period &&
	    (double)quota / (double)period < *cpus)
		*cpus = (double)quota / (double)period;
}

int mp_cgroup_cpu_limit(const char *root, double *ret_cpus)
{
	double cpus = 1e9;

	each_level(root, MP_CGROUP_V2, "cpu", tighten_cpu_v2, &cpus);
	each_level(root, MP_CGROUP_V1, "cpu", tighten_cpu_v1, &cpus);
	if (cpus >= 1e9)
		return -ERANGE;
	*ret_cpus = cpus;
	return 0;
}

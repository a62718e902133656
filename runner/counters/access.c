/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The permission rules of perf events: Documentation/admin-guide/perf-security.rst and sysctl/kernel.rst for the
 * levels; the level 3 of Debian and Ubuntu is a patch of theirs (sys_perf_event_open asks for CAP_SYS_ADMIN first).
 */
#include "runner/counters/access.h"

#include <errno.h>
#include <limits.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/str.h"

void mp_access_read(const char *proc, struct mp_access *ret_access)
{
	MP_CLEANUP(mp_str_done) struct mp_str level = MP_STR_INIT;
	MP_CLEANUP(mp_str_done) struct mp_str status = MP_STR_INIT;
	char path[512], *end;
	const char *caps;

	*ret_access = (struct mp_access){ .paranoid = INT_MIN };
	snprintf(path, sizeof(path), "%s/sys/kernel/perf_event_paranoid", proc);
	if (!mp_str_read_file(&level, path)) {
		long number = strtol(level.text, &end, 10);

		if (end != level.text && number >= -100 && number <= 100)
			ret_access->paranoid = (int)number;
	}
	snprintf(path, sizeof(path), "%s/self/status", proc);
	if (mp_str_read_file(&status, path))
		return;
	caps = strstr(status.text, "\nCapEff:");
	if (caps) {
		unsigned long long bits = strtoull(caps + strlen("\nCapEff:"), NULL, 16);

		ret_access->known = true;
		ret_access->perfmon = bits >> CAP_PERFMON & 1;
		ret_access->sys_admin = bits >> CAP_SYS_ADMIN & 1;
	}
}

bool mp_access_allows(const struct mp_access *access, enum mp_access_kind kind, bool strict)
{
	/* The highest level that still leaves it to everybody. */
	static const int open_at[] = {
		[MP_ACCESS_USER] = INT_MAX, [MP_ACCESS_KERNEL] = 1, [MP_ACCESS_CPU] = 0
	};

	if (access->sys_admin)
		return true;
	if (strict && access->paranoid > 2)
		return false;
	return access->perfmon || access->paranoid <= open_at[kind];
}

int mp_access_tracefs(const char *root, char *ret_path, size_t size)
{
	static const char *const places[] = { "/sys/kernel/tracing", "/sys/kernel/debug/tracing" };
	char path[512];
	int rc = -ENOENT;

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		snprintf(path, sizeof(path), "%s%s/events", root, places[i]);
		if (!access(path, R_OK | X_OK)) {
			snprintf(ret_path, size, "%s%s", root, places[i]);
			return 0;
		}
		/* What nobody may look into may still be there. */
		if (errno == EACCES)
			rc = -EACCES;
	}
	return rc;
}

const char *mp_access_tracefs_remedy(int error)
{
	return error == -EACCES ? "run memperf as root"
				: "as root: mount -t tracefs nodev /sys/kernel/tracing, or run "
				  "memperf as root";
}

void mp_access_remedy(const struct mp_access *access, enum mp_access_kind kind, char *buf,
		      size_t size)
{
	const int level = kind == MP_ACCESS_CPU ? 0 : kind == MP_ACCESS_KERNEL ? 1 : 2;

	if (access->sys_admin)
		snprintf(
			buf, size,
			"this process has CAP_SYS_ADMIN: look for a seccomp filter, a container or "
			"kernel lockdown");
	else if (access->paranoid > 2)
		snprintf(buf, size,
			 "sysctl kernel.perf_event_paranoid=%d, or be root (on Debian and Ubuntu "
			 "kernels CAP_PERFMON does not help at level %d)",
			 level, access->paranoid);
	else
		snprintf(buf, size,
			 "sysctl kernel.perf_event_paranoid=%d, or CAP_PERFMON, or be root", level);
}

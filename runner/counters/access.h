/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who may count what: perf_event_paranoid and the capabilities of this process. Used to say why an open was refused
 * and what helps, and by the doctor, never to decide that one would be: that is tried.
 */
#ifndef RUNNER_COUNTERS_ACCESS_H
#define RUNNER_COUNTERS_ACCESS_H

#include <stdbool.h>
#include <stddef.h>

struct mp_access {
	int paranoid; /* kernel.perf_event_paranoid; INT_MIN: unknown */
	bool known; /* the capabilities are */
	bool perfmon; /* CAP_PERFMON */
	bool sys_admin; /* CAP_SYS_ADMIN */
};

/* What is to be opened. */
enum mp_access_kind {
	MP_ACCESS_USER, /* the own thread, exclude_kernel */
	MP_ACCESS_KERNEL, /* the own thread, with its kernel side */
	MP_ACCESS_CPU, /* everything on a CPU or package: also every uncore PMU */
};

/* Reads sys/kernel/perf_event_paranoid and self/status below `proc`. */
void mp_access_read(const char *proc, struct mp_access *ret_access);

/*
 * Does the rule of perf_event_open(2) allow it? `strict`: the kernel has the patch of Debian and Ubuntu, by which level
 * 3 and above leaves CAP_SYS_ADMIN alone (CAP_PERFMON does not help); the mainline kernel treats 3 like 2.
 */
bool mp_access_allows(const struct mp_access *access, enum mp_access_kind kind, bool strict);

/*
 * The folder of a mounted tracefs below `root` ("": the live machine) in which tracepoints have their numbers. 0; -EACCES:
 * closed to this user; -ENOENT: mounted nowhere.
 */
int mp_access_tracefs(const char *root, char *ret_path, size_t size);
/* The command that helps against such an error. */
const char *mp_access_tracefs_remedy(int error);

/* The command that would allow it, as a clause without a full stop. */
void mp_access_remedy(const struct mp_access *access, enum mp_access_kind kind, char *buf,
		      size_t size);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What this process may do: lock memory, count, read the numbers of tracepoints. One finding each, with what it would buy.
 * Who may count is told by the rules in runner/counters/access.h; a run tries it.
 */
#include "runner/machine/doctor_internal.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "common/cleanup.h"
#include "runner/counters/access.h"
#include "runner/machine/internal.h"
#include "runner/machine/sysfile.h"

#define FIX ", or memperf doctor --fix" /* sets perf_event_paranoid to 0: enough for all of these */

static void check_locking(const struct mp_doctor *d)
{
	MP_CLEANUP(mp_free_ptr)
	char *why = mp_machine_need_unmet(d->machine, MP_NEED_MEMLOCK, NULL);

	if (why)
		mp_doctor_find(d, MP_SEVERITY_NOTE, "memory locking", why,
			       "limited: cases that lock memory are skipped");
	else
		mp_doctor_find(d, MP_SEVERITY_GOOD, "memory locking", NULL, "without limit");
}

static const struct {
	const char *subject;
	enum mp_access_kind kind;
	const char *buys;
} rights[] = {
	{ "counting", MP_ACCESS_USER, "events of the measured threads themselves" },
	{ "kernel counting", MP_ACCESS_KERNEL,
	  "what system calls and faults cost in cycles, instructions and misses" },
	{ "machine counting", MP_ACCESS_CPU,
	  "memory controllers and other units outside of the cores: bandwidth" },
};

/* May it be counted? Else `remedy` says what helps. An unknown level is that of a kernel without perf events. */
static bool may(const struct mp_access *access, enum mp_access_kind kind, char remedy[256])
{
	const bool level = access->paranoid != INT_MIN;

	remedy[0] = '\0';
	/* No kernel but one with the patch of Debian and Ubuntu knows a level above 2. */
	if (level && mp_access_allows(access, kind, true))
		return true;
	if (level) {
		mp_access_remedy(access, kind, remedy, 256);
		strncat(remedy, FIX, 255 - strlen(remedy));
	}
	return false;
}

static void check_counting(const struct mp_doctor *d, const struct mp_access *access)
{
	char remedy[256];

	for (size_t i = 0; i < sizeof(rights) / sizeof(rights[0]); i++) {
		if (may(access, rights[i].kind, remedy))
			mp_doctor_find(d, MP_SEVERITY_GOOD, rights[i].subject, NULL,
				       "allowed by %s: %s",
				       access->sys_admin ? "CAP_SYS_ADMIN"
				       : access->perfmon ? "CAP_PERFMON"
							 : "perf_event_paranoid",
				       rights[i].buys);
		else if (*remedy)
			mp_doctor_find(d, MP_SEVERITY_NOTE, rights[i].subject, remedy,
				       "perf_event_paranoid %d, and %s: cannot be counted: %s",
				       access->paranoid,
				       !access->known	 ? "unknown capabilities"
				       : access->perfmon ? "no CAP_SYS_ADMIN"
							 : "neither CAP_PERFMON nor CAP_SYS_ADMIN",
				       rights[i].buys);
		else
			mp_doctor_find(d, MP_SEVERITY_NOTE, rights[i].subject, NULL,
				       "unknown: /proc/sys/kernel/perf_event_paranoid cannot be "
				       "read (a kernel without perf events has none)");
	}
}

/* Does the kernel know that file system? */
static bool has_tracefs(const struct mp_doctor *d)
{
	MP_CLEANUP(mp_str_done) struct mp_str known = MP_STR_INIT;

	return !mp_sysfile_read(d->root, &known, "/proc/filesystems") &&
	       strstr(known.text, "\ttracefs\n");
}

static void check_tracepoints(const struct mp_doctor *d, const struct mp_access *access)
{
	static const char buys[] = "page allocations, reclaim and compaction of the kernel";
	char path[512], remedy[256];
	int rc = mp_access_tracefs(d->root, path, sizeof(path));

	/* Whoever may mount gets a mount of its own, attached nowhere. */
	if (rc && access->sys_admin && has_tracefs(d))
		rc = 0;
	if (rc)
		mp_doctor_find(d, MP_SEVERITY_NOTE, "tracepoints", mp_access_tracefs_remedy(rc),
			       "tracefs is %s: cannot be counted: %s",
			       rc == -EACCES ? "closed to this user" : "not mounted", buys);
	else if (!may(access, MP_ACCESS_KERNEL, remedy))
		mp_doctor_find(d, MP_SEVERITY_NOTE, "tracepoints", *remedy ? remedy : NULL,
			       "tracefs can be read, the kernel not counted: %s", buys);
	else
		mp_doctor_find(d, MP_SEVERITY_GOOD, "tracepoints", NULL, "can be counted: %s",
			       buys);
}

void mp_doctor_privileges(const struct mp_doctor *d)
{
	struct mp_access access;
	char proc[512];

	snprintf(proc, sizeof(proc), "%s/proc", d->root);
	mp_access_read(proc, &access);
	check_locking(d);
	check_counting(d, &access);
	check_tracepoints(d, &access);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What this process may do, one finding each, with what it buys and how to get it. Who may count is told by the rules in
 * runner/counters/access.h; a run tries it.
 */
#include "runner/machine/doctor_internal.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "common/cleanup.h"
#include "runner/counters/access.h"
#include "runner/machine/internal.h"
#include "runner/machine/needs.h"
#include "runner/machine/sysfile.h"

#define FIX ", or memperf doctor --fix" /* sets perf_event_paranoid to 0: enough for all of these */

enum {
	LOCKING,
	COUNTING,
	KERNEL_COUNTING,
	MACHINE_COUNTING,
	TRACEPOINTS,
	DEVICE,
	NAMESPACES,
	ADVISING,
	SETTING_UP,
};

const struct mp_privilege mp_privileges[] = {
	[LOCKING] = { "memory locking",
		      "cases that lock memory, or need it to stay: mlock, locked heaps",
		      "root; members of the group memperf, which memperf's Debian package lets "
		      "lock memory ('sudo adduser USER memperf', and log in again); or "
		      "'ulimit -l unlimited'" },
	[COUNTING] = { "counting", "events of the measured threads themselves",
		       "everybody where kernel.perf_event_paranoid is 2 or less; root, and but on "
		       "Debian's and Ubuntu's kernels CAP_PERFMON, where it is more" },
	[KERNEL_COUNTING] = { "kernel counting",
			      "what system calls and faults cost in cycles, instructions and "
			      "misses",
			      "everybody where kernel.perf_event_paranoid is 1 or less; root" },
	[MACHINE_COUNTING] = { "machine counting",
			       "memory controllers and other units outside of the cores: bandwidth",
			       "everybody where kernel.perf_event_paranoid is 0 or less; root" },
	[TRACEPOINTS] = { "tracepoints", "page allocations, reclaim and compaction of the kernel",
			  "root; others as for kernel counting, where they can read "
			  "/sys/kernel/tracing" },
	[DEVICE] = { "kernel module", "the kernel's own allocators: suite kernel",
		     "once it is loaded (modprobe memperf) root, and members of the group memperf "
		     "where memperf's rule for udev is installed. Who is in it can make the kernel "
		     "allocate memory and run with interrupts off, within the module's limits" },
	[NAMESPACES] = { "namespaces",
			 "shared memory: its segments live in namespaces of their own",
			 "root; everybody where user namespaces are allowed "
			 "(kernel.unprivileged_userns_clone=1)" },
	[ADVISING] = { "advising others", "process_madvise(2) of another process",
		       "root, who can give CAP_SYS_NICE to one run of another user: setpriv "
		       "--reuid "
		       "USER --regid USER --init-groups --inh-caps +sys_nice --ambient-caps "
		       "+sys_nice memperf run. With it and memory locking a user has every "
		       "benchmark of the user suite that root has" },
	[SETTING_UP] = { "setting up",
			 "cases that need huge page pools, swap, a mode of overcommitting or a "
			 "file "
			 "system in memory ('memperf run --setup'), and 'memperf doctor --fix'",
			 "root: nothing else may change the machine" },
};
const size_t mp_n_privileges = sizeof(mp_privileges) / sizeof(mp_privileges[0]);

/* One that is a need of benchmarks. */
static void check_need(const struct mp_doctor *d, enum mp_need need,
		       const struct mp_privilege *privilege)
{
	MP_CLEANUP(mp_free_ptr) char *why = mp_machine_need_unmet(d->machine, need, NULL);

	mp_doctor_find(d, why ? MP_SEVERITY_NOTE : MP_SEVERITY_GOOD, privilege->subject, why,
		       "%s: %s", why ? "not possible" : "possible", privilege->buys);
}

static void check_locking(const struct mp_doctor *d)
{
	const struct mp_privilege *locking = &mp_privileges[LOCKING];
	MP_CLEANUP(mp_free_ptr)
	char *why = mp_machine_need_unmet(d->machine, MP_NEED_MEMLOCK, NULL);

	if (why)
		mp_doctor_find(d, MP_SEVERITY_NOTE, locking->subject, why,
			       "limited, skipped are %s", locking->buys);
	else
		mp_doctor_find(d, MP_SEVERITY_GOOD, locking->subject, NULL, "without limit: %s",
			       locking->buys);
}

static void check_setting_up(const struct mp_doctor *d)
{
	const struct mp_privilege *setting_up = &mp_privileges[SETTING_UP];
	bool root = mp_need_root(d->machine);

	mp_doctor_find(d, root ? MP_SEVERITY_GOOD : MP_SEVERITY_NOTE, setting_up->subject,
		       root ? NULL : "sudo memperf run --setup", "%s: %s",
		       root ? "root may" : "for root alone", setting_up->buys);
}

static const struct {
	int privilege;
	enum mp_access_kind kind;
} rights[] = {
	{ COUNTING, MP_ACCESS_USER },
	{ KERNEL_COUNTING, MP_ACCESS_KERNEL },
	{ MACHINE_COUNTING, MP_ACCESS_CPU },
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
		const struct mp_privilege *right = &mp_privileges[rights[i].privilege];

		if (may(access, rights[i].kind, remedy))
			mp_doctor_find(d, MP_SEVERITY_GOOD, right->subject, NULL,
				       "allowed by %s: %s",
				       access->sys_admin ? "CAP_SYS_ADMIN"
				       : access->perfmon ? "CAP_PERFMON"
							 : "perf_event_paranoid",
				       right->buys);
		else if (*remedy)
			mp_doctor_find(d, MP_SEVERITY_NOTE, right->subject, remedy,
				       "perf_event_paranoid %d, and %s: cannot be counted: %s",
				       access->paranoid,
				       !access->known	 ? "unknown capabilities"
				       : access->perfmon ? "no CAP_SYS_ADMIN"
							 : "neither CAP_PERFMON nor CAP_SYS_ADMIN",
				       right->buys);
		else
			mp_doctor_find(d, MP_SEVERITY_NOTE, right->subject, NULL,
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
	const char *subject = mp_privileges[TRACEPOINTS].subject;
	const char *buys = mp_privileges[TRACEPOINTS].buys;
	char path[512], remedy[256];
	int rc = mp_access_tracefs(d->root, path, sizeof(path));

	/* Whoever may mount gets a mount of its own, attached nowhere. */
	if (rc && access->sys_admin && has_tracefs(d))
		rc = 0;
	if (rc)
		mp_doctor_find(d, MP_SEVERITY_NOTE, subject, mp_access_tracefs_remedy(rc),
			       "tracefs is %s: cannot be counted: %s",
			       rc == -EACCES ? "closed to this user" : "not mounted", buys);
	else if (!may(access, MP_ACCESS_KERNEL, remedy))
		mp_doctor_find(d, MP_SEVERITY_NOTE, subject, *remedy ? remedy : NULL,
			       "tracefs can be read, the kernel not counted: %s", buys);
	else
		mp_doctor_find(d, MP_SEVERITY_GOOD, subject, NULL, "can be counted: %s", buys);
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
	check_need(d, MP_NEED_MODULE, &mp_privileges[DEVICE]);
	check_need(d, MP_NEED_NAMESPACE, &mp_privileges[NAMESPACES]);
	check_need(d, MP_NEED_PROCESS_MADVISE, &mp_privileges[ADVISING]);
	check_setting_up(d);
}

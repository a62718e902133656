/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Why the kernel module is not there: every obstacle between here and /dev/memperf has its own command that helps. */
#include "runner/machine/module.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "benchmarks/support/kernel.h"
#include "common/beside.h"
#include "common/cleanup.h"
#include "runner/machine/internal.h"
#include "runner/machine/needs.h"
#include "runner/machine/sysfile.h"

#define LOAD "insmod build/kmod/memperf.ko"

#define LOG_READ_ALL 3 /* of syslog(2): its end, without taking it away; glibc has no name for it */
#define LOG_MAX	     (64 << 10) /* bytes */

#define SAID_MAX 160
#define UNKNOWN	 "Unknown symbol " /* as the kernel puts it */

void mp_module_ask(struct mp_host *host)
{
	struct mpk_info info;

	if (mp_kernel_info(&info))
		return;
	host->kernel_contexts = info.contexts;
	host->kernel_gfp = info.gfp;
	host->kernel_max_order = info.max_order;
	host->kernel_config = info.config;
}

/* What the kernel accepts no module for. */
static bool barred(const char *root, struct mp_str *why)
{
	MP_CLEANUP(mp_str_done) struct mp_str lockdown = MP_STR_INIT;
	uint64_t number;
	char one[8];

	if (!mp_sysfile_number(root, &number, "/proc/sys/kernel/modules_disabled") && number)
		mp_str_add(why, ", and this kernel loads none until it is booted again "
				"(kernel.modules_disabled=1): reboot, then " LOAD);
	else if (!mp_sysfile_read(root, &lockdown, "/sys/kernel/security/lockdown") &&
		 lockdown.len && !strstr(lockdown.text, "[none]"))
		mp_str_add(why,
			   ", and lockdown accepts signed modules only: sign it and enrol the key "
			   "with 'mokutil --import', or turn Secure Boot off, then " LOAD);
	else if (!mp_sysfile_line(root, one, sizeof(one),
				  "/sys/module/module/parameters/sig_enforce") &&
		 *one == 'Y')
		mp_str_add(why, ", and this kernel accepts signed modules only "
				"(module.sig_enforce): sign it and enrol the key with 'mokutil "
				"--import', or boot without that parameter, then " LOAD);
	else
		return false;
	return true;
}

/* The end of the kernel's log, where this process may read it; of a captured machine what stands in its /dev/kmsg. */
static void kernel_log(const char *root, struct mp_str *log)
{
	MP_CLEANUP(mp_free_ptr) char *text = NULL;
	int len;

	if (*root) {
		mp_sysfile_read(root, log, "/dev/kmsg");
		return;
	}
	text = malloc(LOG_MAX);
	len = text ? klogctl(LOG_READ_ALL, text, LOG_MAX) : -1;
	if (len > 0)
		mp_str_add_len(log, text, (size_t)len);
}

/* The last that the kernel said of a module of this name, or nothing. It may be about one that was tried before another was loaded and
 * unloaded, which leaves no line. */
static void last_words(const char *root, char ret_said[SAID_MAX])
{
	MP_CLEANUP(mp_str_done) struct mp_str log = MP_STR_INIT;
	const char *last = "", *at;

	kernel_log(root, &log);
	for (at = log.text; (at = strstr(at, "memperf: ")); last = at)
		at += strlen("memperf: ");
	snprintf(ret_said, SAID_MAX, "%.*s", (int)strcspn(last, "\n"), last);
}

/* Was it refused because the kernel was built without something that it uses? Then it is told, with the remedy. */
static bool lacking(const char *said, struct mp_str *why)
{
	const char *symbol;

	/* Its number is EINVAL where the symbol is there, but of another version. */
	if (strncmp(said, UNKNOWN, strlen(UNKNOWN)) || strstr(said, "(err -22)"))
		return false;
	symbol = said + strlen(UNKNOWN);
	mp_str_printf(why,
		      ", and this kernel lacks '%.*s', which it uses: boot a kernel that was built "
		      "with it, such as a distribution's own, then build the module there",
		      (int)strcspn(symbol, " "), symbol);
	return true;
}

/* Was one refused because it was built for another kernel? */
static bool foreign(const char *said)
{
	static const char *const parts[] = { UNKNOWN, "version magic", "about version of symbol",
					     "this_module section size" };

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (strstr(said, parts[i]))
			return true;
	return false;
}

/* Is there something to build modules of that kernel against? */
static bool buildable(const char *root, const char *release)
{
	char path[512];

	return snprintf(path, sizeof(path), "%s/lib/modules/%s/build/Makefile", root, release) <
		       (int)sizeof(path) &&
	       !access(path, F_OK);
}

/* Has dkms built it for that kernel? */
static bool installed(const char *root, const char *release)
{
	static const char *const suffixes[] = { "", ".xz", ".zst", ".gz" };
	char path[512];

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++)
		if (snprintf(path, sizeof(path), "%s/lib/modules/%s/updates/dkms/memperf.ko%s",
			     root, release, suffixes[i]) < (int)sizeof(path) &&
		    !access(path, F_OK))
			return true;
	return false;
}

/* Is this memperf an installed one, whose module's source is elsewhere? */
static bool packaged(void)
{
	static const char *const worker = MP_BESIDE_INSTALLED;
	char path[PATH_MAX];

	return !mp_beside(&worker, 1, X_OK, path);
}

/* How to build (`make`) and load it, as whoever this process is. */
static void remedy(const struct mp_machine *machine, const char *make, struct mp_str *why)
{
	const char *root = mp_machine_root(machine);
	bool able = mp_need_capability(machine, CAP_SYS_MODULE);
	char release[256] = "";
	struct utsname name;

	if (mp_sysfile_line(root, release, sizeof(release), "/proc/sys/kernel/osrelease") &&
	    !uname(&name))
		snprintf(release, sizeof(release), "%s", name.release);
	if (mp_need_root(machine) && !able)
		mp_str_printf(why,
			      ", and root may not load it here (no CAP_SYS_MODULE, as in a "
			      "container): outside, %s && " LOAD
			      ", and give this container " MPK_DEVICE,
			      make);
	else if (installed(root, release))
		mp_str_printf(why, ": %smodprobe memperf", able ? "" : "sudo ");
	else if (!*root && packaged())
		mp_str_printf(why,
			      ": install memperf-dkms and linux-headers-%s, then %smodprobe "
			      "memperf",
			      release, able ? "" : "sudo ");
	else if (!*root && !buildable(root, release))
		mp_str_printf(
			why,
			"; to build it: sudo apt-get install linux-headers-%s && %s && sudo " LOAD,
			release, make);
	else
		mp_str_printf(why, ": %s && %s" LOAD, make, able ? "" : "sudo ");
}

static void not_loaded(const struct mp_machine *machine, struct mp_str *why)
{
	const char *root = mp_machine_root(machine), *make = "make -C kmod";
	char said[SAID_MAX];

	mp_str_add(why, "memperf's kernel module is not loaded");
	if (barred(root, why))
		return;
	last_words(root, said);
	if (lacking(said, why))
		return;
	if (foreign(said)) {
		mp_str_printf(why, ", and the kernel's log tells of one for another kernel (%s)",
			      said);
		make = "make -C kmod clean modules";
	}
	remedy(machine, make, why);
}

/* It is in the kernel; does it answer us? */
static void silent(int error, struct mp_str *why)
{
	if (error == -EPERM || error == -EACCES)
		mp_str_add(why,
			   "memperf's kernel module answers root and the group of " MPK_DEVICE
			   " alone: run as root, or 'sudo adduser USER memperf' where memperf's "
			   "package is installed, and log in again");
	else if (error == -EPROTO)
		mp_str_printf(
			why,
			"the loaded kernel module is of another version than this memperf (it "
			"speaks version %d): rmmod memperf && make -C kmod && " LOAD,
			MPK_ABI);
	else if (error == -ENOENT)
		mp_str_add(why, "memperf's kernel module is loaded, but there is no " MPK_DEVICE
				": mknod " MPK_DEVICE " c 10 $(sed -n 's/ memperf//p' /proc/misc)");
	else
		mp_str_printf(
			why, "memperf's kernel module does not answer (%s): rmmod memperf && " LOAD,
			strerror(-error));
}

void mp_module_unmet(const struct mp_machine *machine, const char *bench, struct mp_str *why)
{
	const char *root = mp_machine_root(machine);
	MP_CLEANUP(mp_str_done) struct mp_str modules = MP_STR_INIT;
	uint32_t reason = MPK_REASON_OK;
	struct mpk_info info;
	char value[8];
	int err = mp_sysfile_read(root, &modules, "/proc/modules");

	if (err == -ENOENT) {
		mp_str_add(why, "this kernel loads no modules (CONFIG_MODULES is off): boot one "
				"that does, such as a distribution's own");
		return;
	}
	if (err || mp_sysfile_field(modules.text, "memperf", value, sizeof(value))) {
		not_loaded(machine, why);
		return;
	}
	err = *root ? 0 : bench ? mp_kernel_offers(bench, &reason) : mp_kernel_info(&info);
	if (err)
		silent(err, why);
	else if (reason != MPK_REASON_OK)
		mp_str_printf(why, "the kernel module does not offer it: %s",
			      mp_kernel_reason(reason));
}

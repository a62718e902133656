/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Why the kernel module is not there: every obstacle between here and /dev/memperf has its own command that helps. */
#include "runner/machine/module.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "benchmarks/support/kernel.h"
#include "common/cleanup.h"
#include "runner/machine/sysfile.h"

void mp_module_ask(struct mp_host *host)
{
	struct mpk_info info;

	if (mp_kernel_info(&info))
		return;
	host->kernel_contexts = info.contexts;
	host->kernel_max_order = info.max_order;
}

/* Is there something to build modules of that kernel against? */
static bool buildable(const char *root, const char *release)
{
	char path[512];

	return snprintf(path, sizeof(path), "%s/lib/modules/%s/build/Makefile", root, release) <
		       (int)sizeof(path) &&
	       !access(path, F_OK);
}

/* What keeps a module from being loaded, and then the load itself. */
static void not_loaded(const char *root, struct mp_str *why)
{
	MP_CLEANUP(mp_str_done) struct mp_str lockdown = MP_STR_INIT;
	char release[256] = "", one[8];
	struct utsname name;
	uint64_t number;

	if (mp_sysfile_line(root, release, sizeof(release), "/proc/sys/kernel/osrelease") &&
	    !uname(&name))
		snprintf(release, sizeof(release), "%s", name.release);
	mp_str_add(why, "memperf's kernel module is not loaded");
	if (!mp_sysfile_number(root, &number, "/proc/sys/kernel/modules_disabled") && number)
		mp_str_add(why, ", and this kernel loads none until it is booted again "
				"(kernel.modules_disabled=1): reboot, then insmod "
				"build/kmod/memperf.ko");
	else if (!mp_sysfile_read(root, &lockdown, "/sys/kernel/security/lockdown") &&
		 lockdown.len && !strstr(lockdown.text, "[none]"))
		mp_str_add(why,
			   ", and lockdown accepts signed modules only: sign it and enrol the key "
			   "with 'mokutil --import', or turn Secure Boot off, then insmod "
			   "build/kmod/memperf.ko");
	else if (!mp_sysfile_line(root, one, sizeof(one),
				  "/sys/module/module/parameters/sig_enforce") &&
		 *one == 'Y')
		mp_str_add(
			why,
			", and this kernel accepts signed modules only (module.sig_enforce): sign "
			"it, or boot without that parameter, then insmod "
			"build/kmod/memperf.ko");
	else if (!*root && !buildable(root, release))
		mp_str_printf(
			why,
			"; to build it: sudo apt-get install linux-headers-%s && make -C kmod && "
			"sudo insmod build/kmod/memperf.ko",
			release);
	else
		mp_str_add(why, ": make -C kmod && insmod build/kmod/memperf.ko");
}

/* It is in the kernel; does it answer us? */
static void silent(int error, struct mp_str *why)
{
	if (error == -EPERM || error == -EACCES)
		mp_str_add(why, "memperf's kernel module answers root alone: run as root");
	else if (error == -EPROTO)
		mp_str_printf(
			why,
			"the loaded kernel module is of another version than this memperf (it "
			"speaks version %d): rmmod memperf && make -C kmod && insmod "
			"build/kmod/memperf.ko",
			MPK_ABI);
	else if (error == -ENOENT)
		mp_str_add(why, "memperf's kernel module is loaded, but there is no " MPK_DEVICE
				": mknod " MPK_DEVICE " c 10 $(sed -n 's/ memperf//p' /proc/misc)");
	else
		mp_str_printf(
			why,
			"memperf's kernel module does not answer (%s): rmmod memperf && insmod "
			"build/kmod/memperf.ko",
			strerror(-error));
}

void mp_module_unmet(const char *root, const char *bench, struct mp_str *why)
{
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
		not_loaded(root, why);
		return;
	}
	err = *root ? 0 : bench ? mp_kernel_offers(bench, &reason) : mp_kernel_info(&info);
	if (err)
		silent(err, why);
	else if (reason != MPK_REASON_OK)
		mp_str_printf(why, "the kernel module does not offer it: %s",
			      mp_kernel_reason(reason));
}

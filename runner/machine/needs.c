/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a benchmark may need, how each need is probed, and the command that helps when it is not met. One line of
 * the table each; a skipped case shows the text to people, so it says what is missing and ends with the remedy.
 */
#include "runner/machine/machine.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "benchmarks/support/advice.h"
#include "common/cleanup.h"
#include "runner/machine/internal.h"
#include "runner/machine/sysfile.h"

#define THP "/sys/kernel/mm/transparent_hugepage"

/* Appends why the need is not met, nothing when it is. */
typedef void probe_fn(const struct mp_machine *machine, struct mp_str *why);

static void probe_thp(const struct mp_machine *machine, struct mp_str *why)
{
	const char *root = mp_machine_root(machine);
	unsigned kib = (unsigned)(mp_machine_host(machine)->hugepage_size / 1024);
	char global[32], sized[32];

	if (!kib || mp_sysfile_choice(root, global, sizeof(global), THP "/enabled")) {
		mp_str_add(why, "this kernel has no transparent huge pages: boot one with "
				"CONFIG_TRANSPARENT_HUGEPAGE=y");
		return;
	}
	/* Kernels since 6.8 have a switch per size; "inherit" follows the global one. */
	if (mp_sysfile_choice(root, sized, sizeof(sized), THP "/hugepages-%ukB/enabled", kib))
		strcpy(sized, "inherit");
	if (!strcmp(sized, "never"))
		mp_str_printf(why,
			      "transparent huge pages of %u KiB are off: echo inherit > " THP
			      "/hugepages-%ukB/enabled",
			      kib, kib);
	else if (!strcmp(sized, "inherit") && !strcmp(global, "never"))
		mp_str_add(why, "transparent huge pages are off: echo madvise > " THP "/enabled");
	else if (!*root && prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0) == 1)
		mp_str_add(why, "transparent huge pages are disabled for this process "
				"(PR_SET_THP_DISABLE): start memperf from another parent");
}

static bool has_capability(const struct mp_machine *machine, int capability)
{
	MP_CLEANUP(mp_str_done) struct mp_str status = MP_STR_INIT;
	char value[64];

	return !mp_sysfile_read(mp_machine_root(machine), &status, "/proc/self/status") &&
	       !mp_sysfile_field(status.text, "CapEff", value, sizeof(value)) &&
	       strtoull(value, NULL, 16) >> capability & 1;
}

static void probe_memlock(const struct mp_machine *machine, struct mp_str *why)
{
	MP_CLEANUP(mp_str_done) struct mp_str limits = MP_STR_INIT;
	const char *root = mp_machine_root(machine);
	char value[64];

	if (has_capability(machine, CAP_IPC_LOCK))
		return;
	if (mp_sysfile_read(root, &limits, "/proc/self/limits") ||
	    mp_sysfile_field(limits.text, "Max locked memory", value, sizeof(value))) {
		mp_str_add(why, "the limit on locked memory cannot be read from "
				"/proc/self/limits: run as root");
		return;
	}
	if (strncmp(value, "unlimited", 9))
		mp_str_printf(why,
			      "only %.*s bytes of memory may be locked: run as root, or "
			      "'ulimit -l unlimited'",
			      (int)strcspn(value, " "), value);
}

static void probe_hugetlb(const struct mp_machine *machine, struct mp_str *why)
{
	MP_CLEANUP(mp_str_done) struct mp_str meminfo = MP_STR_INIT;
	uint64_t free_pages, reserved = 0;

	if (mp_sysfile_read(mp_machine_root(machine), &meminfo, "/proc/meminfo") ||
	    mp_sysfile_field_number(meminfo.text, "HugePages_Free", &free_pages)) {
		mp_str_add(why, "this kernel has no hugetlb pages: boot one with "
				"CONFIG_HUGETLBFS=y");
		return;
	}
	mp_sysfile_field_number(meminfo.text, "HugePages_Rsvd", &reserved);
	if (free_pages <= reserved)
		mp_str_printf(why,
			      "the hugetlb pool has no free page (%llu free, %llu reserved): echo "
			      "64 > /proc/sys/vm/nr_hugepages",
			      (unsigned long long)free_pages, (unsigned long long)reserved);
}

static void probe_nodes(const struct mp_machine *machine, struct mp_str *why)
{
	if (mp_machine_host(machine)->nodes < 2)
		mp_str_add(why, "this process can use one NUMA node only: run on a machine with "
				"two, or boot with 'numa=fake=2' (CONFIG_NUMA_EMU)");
}

static void probe_module(const struct mp_machine *machine, struct mp_str *why)
{
	MP_CLEANUP(mp_str_done) struct mp_str modules = MP_STR_INIT;
	char value[8];
	int err = mp_sysfile_read(mp_machine_root(machine), &modules, "/proc/modules");

	if (err == -ENOENT)
		mp_str_add(why, "this kernel loads no modules (CONFIG_MODULES is off): boot one "
				"that does, or 'memperf vm --kernel IMAGE -- run'");
	else if (err || mp_sysfile_field(modules.text, "memperf", value, sizeof(value)))
		mp_str_add(why, "memperf's kernel module is not loaded: insmod "
				"build/kmod/memperf.ko");
}

/* System calls and advices are asked of the kernel this runs on; a captured machine cannot be asked. */

static void probe_process_madvise(const struct mp_machine *machine, struct mp_str *why)
{
	if (!mp_process_madvise_known())
		mp_str_add(why,
			   "this kernel has no process_madvise(2): boot Linux 5.10 or newer with "
			   "CONFIG_ADVISE_SYSCALLS=y");
	else if (!has_capability(machine, CAP_SYS_NICE))
		mp_str_add(why, "another process may be advised with CAP_SYS_NICE only: run as "
				"root");
}

static void probe_advice(const struct mp_advice_need *n, struct mp_str *why)
{
	if (!mp_advice_known(n->advice))
		mp_str_printf(why, "madvise(%s) is refused: %s", n->name, n->remedy);
}

static const struct {
	enum mp_need need;
	probe_fn *probe;
} needs[] = {
	{ MP_NEED_THP, probe_thp },	    { MP_NEED_MEMLOCK, probe_memlock },
	{ MP_NEED_HUGETLB, probe_hugetlb }, { MP_NEED_NODES, probe_nodes },
	{ MP_NEED_MODULE, probe_module },   { MP_NEED_PROCESS_MADVISE, probe_process_madvise },
};

/* Looks the need up in both tables; false: it is in none. */
static bool probe(const struct mp_machine *machine, enum mp_need need, struct mp_str *why)
{
	for (size_t i = 0; i < MP_COUNT(needs); i++)
		if (needs[i].need == need) {
			needs[i].probe(machine, why);
			return true;
		}
	for (size_t i = 0; i < mp_n_advice_needs; i++)
		if (mp_advice_needs[i].need == need) {
			probe_advice(&mp_advice_needs[i], why);
			return true;
		}
	return false;
}

char *mp_machine_need_unmet(const struct mp_machine *machine, enum mp_need need)
{
	struct mp_str why = MP_STR_INIT;

	if (!probe(machine, need, &why))
		mp_str_add(&why, "this build of memperf cannot probe that need: update memperf");
	if (!why.failed && !why.len) {
		mp_str_done(&why);
		return NULL;
	}
	return mp_str_take(&why);
}

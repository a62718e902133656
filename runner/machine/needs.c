/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a benchmark may need, how each need is probed, and the command that helps when it is not met. One line of
 * the table each; a skipped case shows the text to people, so it says what is missing and ends with the remedy.
 */
#include "runner/machine/machine.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#include "benchmarks/support/guard.h"
#include "common/cleanup.h"
#include "runner/machine/internal.h"
#include "runner/machine/module.h"
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

static void probe_memlock(const struct mp_machine *machine, struct mp_str *why)
{
	MP_CLEANUP(mp_str_done) struct mp_str status = MP_STR_INIT;
	MP_CLEANUP(mp_str_done) struct mp_str limits = MP_STR_INIT;
	const char *root = mp_machine_root(machine);
	char value[64];
	int cap_ipc_lock = 14; /* linux/capability.h */

	if (!mp_sysfile_read(root, &status, "/proc/self/status") &&
	    !mp_sysfile_field(status.text, "CapEff", value, sizeof(value)) &&
	    strtoull(value, NULL, 16) >> cap_ipc_lock & 1)
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
	mp_module_unmet(mp_machine_root(machine), why);
}

/* Asked of the kernel this runs on; a captured machine cannot be asked. */
static void probe_guard(const struct mp_machine *machine, struct mp_str *why)
{
	size_t size = mp_machine_host(machine)->page_size;
	void *page = mmap(NULL, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (page == MAP_FAILED || madvise(page, size, MP_MADV_GUARD_INSTALL))
		mp_str_add(why, "madvise(MADV_GUARD_INSTALL) is refused: boot Linux 6.13 or newer");
	if (page != MAP_FAILED)
		munmap(page, size);
}

static const struct {
	enum mp_need need;
	probe_fn *probe;
} needs[] = {
	{ MP_NEED_THP, probe_thp },	    { MP_NEED_MEMLOCK, probe_memlock },
	{ MP_NEED_HUGETLB, probe_hugetlb }, { MP_NEED_NODES, probe_nodes },
	{ MP_NEED_MODULE, probe_module },   { MP_NEED_GUARD, probe_guard },
};

char *mp_machine_need_unmet(const struct mp_machine *machine, enum mp_need need)
{
	for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++) {
		struct mp_str why = MP_STR_INIT;

		if (needs[i].need != need)
			continue;
		needs[i].probe(machine, &why);
		if (!why.failed && !why.len) {
			mp_str_done(&why);
			return NULL;
		}
		return mp_str_take(&why);
	}
	return strdup("this build of memperf cannot probe that need: update memperf");
}

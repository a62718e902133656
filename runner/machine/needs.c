/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a benchmark may need, how each need is probed, and the command that helps when it is not met. One line of
 * the table each; a skipped case shows the text to people, so it says what is missing and ends with the remedy. Those that
 * a run can set up are in needs_setup.c, those that are system calls in needs_kernel.c.
 */
#include "runner/machine/needs.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "common/cleanup.h"
#include "runner/machine/internal.h"
#include "runner/machine/module.h"
#include "runner/machine/setup_paths.h"
#include "runner/machine/sysfile.h"

#define THP MP_SETUP_THP

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

bool mp_need_capability(const struct mp_machine *machine, int capability)
{
	MP_CLEANUP(mp_str_done) struct mp_str status = MP_STR_INIT;
	char value[64];

	return !mp_sysfile_read(mp_machine_root(machine), &status, "/proc/self/status") &&
	       !mp_sysfile_field(status.text, "CapEff", value, sizeof(value)) &&
	       strtoull(value, NULL, 16) >> capability & 1;
}

bool mp_need_root(const struct mp_machine *machine)
{
	MP_CLEANUP(mp_str_done) struct mp_str status = MP_STR_INIT;
	char user[64];

	return !mp_sysfile_read(mp_machine_root(machine), &status, "/proc/self/status") &&
	       !mp_sysfile_field(status.text, "Uid", user, sizeof(user)) &&
	       !strtoul(user, NULL, 10);
}

static void probe_memlock(const struct mp_machine *machine, struct mp_str *why)
{
	MP_CLEANUP(mp_str_done) struct mp_str limits = MP_STR_INIT;
	const char *root = mp_machine_root(machine);
	char value[64];

	if (mp_need_capability(machine, CAP_IPC_LOCK))
		return;
	if (mp_sysfile_read(root, &limits, "/proc/self/limits") ||
	    mp_sysfile_field(limits.text, "Max locked memory", value, sizeof(value))) {
		mp_str_add(why, "the limit on locked memory cannot be read from "
				"/proc/self/limits: run as root");
		return;
	}
	if (strncmp(value, "unlimited", 9))
		mp_str_printf(why,
			      "only %.*s bytes of memory may be locked: run as root, "
			      "'ulimit -l unlimited', sudo memperf run --setup, or as a member of "
			      "the group memperf where its package is installed",
			      (int)strcspn(value, " "), value);
}

static void probe_nodes(const struct mp_machine *machine, struct mp_str *why)
{
	if (mp_machine_host(machine)->nodes < 2)
		mp_str_add(why, "this process can use one NUMA node only: run on a machine with "
				"two, or boot with 'numa=fake=2' (CONFIG_NUMA_EMU)");
}

static void probe_module(const struct mp_machine *machine, const char *bench, struct mp_str *why)
{
	mp_module_unmet(machine, bench, why);
}

/* Nothing of the machine changes: the limit is this process's, and its workers'. */
static void raise_memlock(void)
{
	const struct rlimit none = { RLIM_INFINITY, RLIM_INFINITY };

	setrlimit(RLIMIT_MEMLOCK, &none);
}

static const struct mp_need_row needs[] = {
	{ MP_NEED_THP, "thp", "transparent huge pages", .probe = probe_thp },
	{ MP_NEED_MEMLOCK, "memlock", "the right to lock memory", .probe = probe_memlock,
	  .prepare = raise_memlock },
	{ MP_NEED_NODES, "nodes", "two NUMA nodes with memory", .probe = probe_nodes },
	{ MP_NEED_MODULE, "module", "memperf's kernel module", .probe_word = probe_module },
};

const struct mp_need_row *mp_need_find(enum mp_need need)
{
	for (size_t i = 0; i < MP_COUNT(needs); i++)
		if (needs[i].need == need)
			return &needs[i];
	return mp_need_find_kernel(need) ? mp_need_find_kernel(need) : mp_need_find_setup(need);
}

char *mp_machine_need_unmet(const struct mp_machine *machine, enum mp_need need, const char *word)
{
	const struct mp_need_row *row = mp_need_find(need);
	struct mp_str why = MP_STR_INIT;

	if (!row)
		return strdup("this build of memperf cannot probe that need: update memperf");
	if (row->probe)
		row->probe(machine, &why);
	else
		row->probe_word(machine, word, &why);
	if (why.failed)
		mp_sysfile_want(-ENOMEM);
	if (!why.failed && !why.len) {
		mp_str_done(&why);
		return NULL;
	}
	return mp_str_take(&why);
}

const char *mp_machine_need_name(enum mp_need need)
{
	const struct mp_need_row *row = mp_need_find(need);

	return row ? row->name : "unknown";
}

const char *mp_machine_need_words(enum mp_need need)
{
	const struct mp_need_row *row = mp_need_find(need);

	return row ? row->words : "something that this build does not know";
}

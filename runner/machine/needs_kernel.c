/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Needs that are a system call of the kernel, or an advice of madvise(2). They are asked of the kernel this runs on; a
 * captured machine cannot be asked. One line of the table each.
 */
#include "runner/machine/needs.h"

#include <linux/capability.h>
#include <string.h>
#include <sys/mman.h>

#include "benchmarks/support/advice.h"
#include "benchmarks/support/mremap_row.h"
#include "benchmarks/support/namespace.h"
#include "benchmarks/support/pkey.h"

static void probe_process_madvise(const struct mp_machine *machine, struct mp_str *why)
{
	if (!mp_process_madvise_known())
		mp_str_add(why,
			   "this kernel has no process_madvise(2): boot Linux 5.10 or newer with "
			   "CONFIG_ADVISE_SYSCALLS=y");
	else if (!mp_need_capability(machine, CAP_SYS_NICE))
		mp_str_add(why, "another process may be advised with CAP_SYS_NICE only: run as "
				"root, or give one run that capability: sudo setpriv --reuid USER "
				"--regid USER --init-groups --inh-caps +sys_nice --ambient-caps "
				"+sys_nice memperf run");
}

/* Makes probe_<name> of an advice. */
#define ADVICE(name, advice, remedy)                                                               \
	static void probe_##name(const struct mp_machine *machine, struct mp_str *why)             \
	{                                                                                          \
		(void)machine;                                                                     \
		if (!mp_advice_known(advice))                                                      \
			mp_str_add(why, "madvise(" #advice ") is refused: " remedy);               \
	}

ADVICE(cold, MADV_PAGEOUT, "boot Linux 5.4 or newer")
ADVICE(populate, MADV_POPULATE_WRITE, "boot Linux 5.14 or newer")
ADVICE(dontneed_locked, MADV_DONTNEED_LOCKED, "boot Linux 5.18 or newer")
ADVICE(collapse, MADV_COLLAPSE, "boot Linux 6.1 or newer with CONFIG_TRANSPARENT_HUGEPAGE=y")
ADVICE(guard, MADV_GUARD_INSTALL, "boot Linux 6.13 or newer")
ADVICE(ksm, MADV_MERGEABLE, "boot a kernel with CONFIG_KSM=y")

static void probe_mremap_row(const struct mp_machine *machine, struct mp_str *why)
{
	(void)machine;
	if (!mp_mremap_row_possible())
		mp_str_add(why, "mremap(2) of several mappings at once is refused: boot Linux 6.17 "
				"or newer");
}

static void probe_pkey(const struct mp_machine *machine, struct mp_str *why)
{
	int key = mp_pkey_alloc();

	(void)machine;
	if (key >= 0)
		mp_pkey_free(key);
	else
		mp_str_add(why, "pkey_alloc(2) gives no protection key: run on a CPU that has them "
				"(flag 'ospke' in /proc/cpuinfo)");
}

/* Makes probe_<name> of a namespace. */
#define NAMESPACE(name)                                                                            \
	static void probe_##name(const struct mp_machine *machine, struct mp_str *why)             \
	{                                                                                          \
		struct mp_err err;                                                                 \
                                                                                                   \
		(void)machine;                                                                     \
		if (mp_namespace_try_##name(&err))                                                 \
			mp_str_add(why, err.text);                                                 \
	}

NAMESPACE(ipc)
NAMESPACE(dev_shm)

static const struct mp_need_row needs[] = {
	{ MP_NEED_GUARD, "guard", "guard pages, madvise(MADV_GUARD_INSTALL)",
	  .probe = probe_guard },
	{ MP_NEED_COLD, "cold", "madvise(MADV_COLD) and madvise(MADV_PAGEOUT)",
	  .probe = probe_cold },
	{ MP_NEED_POPULATE, "populate", "madvise(MADV_POPULATE_READ) and (MADV_POPULATE_WRITE)",
	  .probe = probe_populate },
	{ MP_NEED_DONTNEED_LOCKED, "dontneed-locked", "madvise(MADV_DONTNEED_LOCKED)",
	  .probe = probe_dontneed_locked },
	{ MP_NEED_COLLAPSE, "collapse", "madvise(MADV_COLLAPSE)", .probe = probe_collapse },
	{ MP_NEED_KSM, "ksm", "merging of equal pages, madvise(MADV_MERGEABLE)",
	  .probe = probe_ksm },
	{ MP_NEED_PROCESS_MADVISE, "process-madvise", "process_madvise(2) of another process",
	  .probe = probe_process_madvise },
	{ MP_NEED_MREMAP_ROW, "mremap-row", "one mremap(2) of several mappings",
	  .probe = probe_mremap_row },
	{ MP_NEED_PKEY, "pkey", "memory protection keys", .probe = probe_pkey },
	{ MP_NEED_NAMESPACE, "namespace", "an IPC namespace of its own", .probe = probe_ipc },
	{ MP_NEED_DEV_SHM, "dev-shm", "a tmpfs of its own at /dev/shm", .probe = probe_dev_shm },
};

const struct mp_need_row *mp_need_find_kernel(enum mp_need need)
{
	for (size_t i = 0; i < MP_COUNT(needs); i++)
		if (needs[i].need == need)
			return &needs[i];
	return NULL;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Needs that are a system call of the kernel, or an advice of madvise(2). They are asked of the kernel this runs on; a
 * captured machine cannot be asked. One line of the table each.
 */
#include "runner/machine/needs.h"

#include <linux/capability.h>
#include <sys/mman.h>

#include "benchmarks/support/advice.h"

static void probe_process_madvise(const struct mp_machine *machine, const char *word,
				  struct mp_str *why)
{
	(void)word;
	if (!mp_process_madvise_known())
		mp_str_add(why,
			   "this kernel has no process_madvise(2): boot Linux 5.10 or newer with "
			   "CONFIG_ADVISE_SYSCALLS=y");
	else if (!mp_need_capability(machine, CAP_SYS_NICE))
		mp_str_add(why, "another process may be advised with CAP_SYS_NICE only: run as "
				"root");
}

/* Makes probe_<name> of an advice. */
#define ADVICE(name, advice, remedy)                                                               \
	static void probe_##name(const struct mp_machine *machine, const char *word,               \
				 struct mp_str *why)                                               \
	{                                                                                          \
		(void)machine;                                                                     \
		(void)word;                                                                        \
		if (!mp_advice_known(advice))                                                      \
			mp_str_add(why, "madvise(" #advice ") is refused: " remedy);               \
	}

ADVICE(cold, MADV_PAGEOUT, "boot Linux 5.4 or newer")
ADVICE(populate, MADV_POPULATE_WRITE, "boot Linux 5.14 or newer")
ADVICE(dontneed_locked, MADV_DONTNEED_LOCKED, "boot Linux 5.18 or newer")
ADVICE(collapse, MADV_COLLAPSE, "boot Linux 6.1 or newer with CONFIG_TRANSPARENT_HUGEPAGE=y")
ADVICE(guard, MADV_GUARD_INSTALL, "boot Linux 6.13 or newer")
ADVICE(ksm, MADV_MERGEABLE, "boot a kernel with CONFIG_KSM=y")

static const struct mp_need_row needs[] = {
	{ .need = MP_NEED_PROCESS_MADVISE, .probe = probe_process_madvise },
	{ .need = MP_NEED_COLD, .probe = probe_cold },
	{ .need = MP_NEED_POPULATE, .probe = probe_populate },
	{ .need = MP_NEED_DONTNEED_LOCKED, .probe = probe_dontneed_locked },
	{ .need = MP_NEED_COLLAPSE, .probe = probe_collapse },
	{ .need = MP_NEED_GUARD, .probe = probe_guard },
	{ .need = MP_NEED_KSM, .probe = probe_ksm },
};

const struct mp_need_row *mp_need_find_kernel(enum mp_need need)
{
	for (size_t i = 0; i < MP_COUNT(needs); i++)
		if (needs[i].need == need)
			return &needs[i];
	return NULL;
}

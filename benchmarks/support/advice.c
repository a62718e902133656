/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which advices the kernel knows: see advice.h. */
#include "benchmarks/support/advice.h"

#include <errno.h>
#include <sys/mman.h>

#include "benchmarks/support/syscall.h"

const struct mp_advice_need mp_advice_needs[] = {
	{ MP_NEED_COLD, MP_MADV_PAGEOUT, "MADV_PAGEOUT", "boot Linux 5.4 or newer" },
	{ MP_NEED_POPULATE, MP_MADV_POPULATE_WRITE, "MADV_POPULATE_WRITE",
	  "boot Linux 5.14 or newer" },
	{ MP_NEED_DONTNEED_LOCKED, MP_MADV_DONTNEED_LOCKED, "MADV_DONTNEED_LOCKED",
	  "boot Linux 5.18 or newer" },
	{ MP_NEED_COLLAPSE, MP_MADV_COLLAPSE, "MADV_COLLAPSE",
	  "boot Linux 6.1 or newer with CONFIG_TRANSPARENT_HUGEPAGE=y" },
	{ MP_NEED_GUARD, MP_MADV_GUARD_INSTALL, "MADV_GUARD_INSTALL", "boot Linux 6.13 or newer" },
	{ MP_NEED_KSM, MADV_MERGEABLE, "MADV_MERGEABLE", "boot a kernel with CONFIG_KSM=y" },
};
const size_t mp_n_advice_needs = MP_COUNT(mp_advice_needs);

bool mp_advice_known(int advice)
{
	return mp_sys_madvise(NULL, 0, advice) == 0;
}

bool mp_process_madvise_known(void)
{
	return mp_sys_process_madvise(-1, NULL, 0, 0) != -ENOSYS;
}

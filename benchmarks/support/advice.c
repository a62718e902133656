/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which advices the kernel knows: see advice.h. */
#include "benchmarks/support/advice.h"

#include <errno.h>
#include <stddef.h>

#include "benchmarks/support/syscall.h"

bool mp_advice_known(int advice)
{
	return mp_sys_madvise(NULL, 0, advice) == 0;
}

bool mp_process_madvise_known(void)
{
	return mp_sys_process_madvise(-1, NULL, 0, 0) != -ENOSYS;
}

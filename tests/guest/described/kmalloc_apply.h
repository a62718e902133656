/* SPDX-License-Identifier: GPL-2.0-only */
/* Pattern apply of kmalloc, which memperf knows and has no benchmark for: included where kmalloc's loops are made. */
#include <linux/string.h>

static __always_inline bool kmalloc_apply(struct mpk_job *job, void **object)
{
	memset(*object, 0x5a, job->bytes);
	return true;
}
MPK_DEFINE_LOOPS(kmalloc)
MPK_APPLY_LOOP_(kmalloc)

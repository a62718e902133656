/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vmalloc: single pages, mapped side by side. vfree is lazy: the addresses are unmapped now, the TLB flush waits until
 * many are pending, and one caller pays for all.
 */
#include <linux/sizes.h>
#include <linux/vmalloc.h>

#include "loops.h"

static __always_inline void *vmalloc_allocate(struct mpk_job *job)
{
	return __vmalloc(job->bytes, job->gfp);
}

static __always_inline void vmalloc_release(struct mpk_job *job, void *object)
{
	vfree(object);
}
MPK_DEFINE_LOOPS(vmalloc)

const struct mpk_allocator mpk_allocator_vmalloc = {
	.name = "vmalloc",
	.call = "__vmalloc(size, gfp), vfree(object)",
	.kind = MPK_KIND_VMALLOC,
	.measure = MPK_MEASURE_BYTES,
	.min = 1,
	.max = SZ_1G,
	MPK_LOOPS(vmalloc),
};

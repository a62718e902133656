/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vfree, and vm_unmap_aliases at once: what vfree puts off, so that one caller pays for many, every caller pays here.
 */
#include <linux/sizes.h>
#include <linux/vmalloc.h>

#include "loops.h"

static __always_inline void *vmalloc_purge_allocate(struct mpk_job *job)
{
	return __vmalloc(job->bytes, job->gfp);
}

static __always_inline void vmalloc_purge_release(struct mpk_job *job, void *object)
{
	vfree(object);
	vm_unmap_aliases();
}
MPK_DEFINE_LOOPS_FREE(vmalloc_purge)

const struct mpk_allocator mpk_allocator_vmalloc_purge = {
	.name = "vmalloc_purge",
	.call = "vfree(object), vm_unmap_aliases()",
	.kind = MPK_KIND_VMALLOC,
	.measure = MPK_MEASURE_BYTES,
	.min = 1,
	.max = SZ_1G,
	MPK_LOOPS_FREE(vmalloc_purge),
};

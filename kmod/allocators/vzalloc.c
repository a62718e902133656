/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vzalloc: vmalloc that returns zeroed memory.
 */
#include <linux/sizes.h>
#include <linux/vmalloc.h>

#include "loops.h"

static __always_inline void *vzalloc_allocate(struct mpk_job *job)
{
	return __vmalloc(job->bytes, job->gfp | __GFP_ZERO);
}

static __always_inline void vzalloc_release(struct mpk_job *job, void *object)
{
	vfree(object);
}
MPK_DEFINE_LOOPS(vzalloc)

const struct mpk_allocator mpk_allocator_vzalloc = {
	.name = "vzalloc",
	.call = "__vmalloc(size, gfp | __GFP_ZERO), vfree(object)",
	.kind = MPK_KIND_VMALLOC,
	.measure = MPK_MEASURE_BYTES,
	.min = 1,
	.max = SZ_1G,
	MPK_LOOPS(vzalloc),
};

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * alloc_pages_exact: as many pages as the size needs; what is left of the power of two is given back.
 */
#include <linux/sizes.h>

#include "loops.h"

static __always_inline void *pages_exact_allocate(struct mpk_job *job)
{
	return alloc_pages_exact(job->bytes, job->gfp);
}

static __always_inline void pages_exact_release(struct mpk_job *job, void *object)
{
	free_pages_exact(object, job->bytes);
}
MPK_DEFINE_LOOPS(pages_exact)

const struct mpk_allocator mpk_allocator_pages_exact = {
	.name = "pages_exact",
	.call = "alloc_pages_exact(size, gfp), free_pages_exact(address, size)",
	.kind = MPK_KIND_EXACT,
	.measure = MPK_MEASURE_BYTES,
	.min = 1,
	.max = SZ_1M,
	MPK_LOOPS(pages_exact),
};

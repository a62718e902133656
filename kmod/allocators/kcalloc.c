/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kcalloc of one element: kzalloc with a check for overflow.
 */
#include "loops.h"

static __always_inline void *kcalloc_allocate(struct mpk_job *job)
{
	return kcalloc(1, job->bytes, job->gfp);
}

static __always_inline void kcalloc_release(struct mpk_job *job, void *object)
{
	kfree(object);
}
MPK_DEFINE_LOOPS(kcalloc)

const struct mpk_allocator mpk_allocator_kcalloc = {
	.name = "kcalloc",
	.call = "kcalloc(1, size, gfp), kfree(object)",
	.kind = MPK_KIND_SLAB,
	.measure = MPK_MEASURE_BYTES,
	.min = 8,
	.max = KMALLOC_MAX_SIZE,
	MPK_LOOPS(kcalloc),
};

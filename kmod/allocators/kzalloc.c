/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kzalloc: kmalloc that returns zeroed memory.
 */
#include "loops.h"

static __always_inline void *kzalloc_allocate(struct mpk_job *job)
{
	return kzalloc(job->bytes, job->gfp);
}

static __always_inline void kzalloc_release(struct mpk_job *job, void *object)
{
	kfree(object);
}
MPK_DEFINE_LOOPS(kzalloc)

const struct mpk_allocator mpk_allocator_kzalloc = {
	.name = "kzalloc",
	.call = "kzalloc(size, gfp), kfree(object)",
	.kind = MPK_KIND_SLAB,
	.measure = MPK_MEASURE_BYTES,
	.min = 1,
	.max = KMALLOC_MAX_SIZE,
	MPK_LOOPS(kzalloc),
};

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kmalloc of a size that the compiler does not know: the size class is looked up at run time. Above the largest class
 * the page allocator serves it.
 */
#include "loops.h"

static __always_inline void *kmalloc_allocate(struct mpk_job *job)
{
	return kmalloc(job->bytes, job->gfp);
}

static __always_inline void kmalloc_release(struct mpk_job *job, void *object)
{
	kfree(object);
}
MPK_DEFINE_LOOPS(kmalloc)

const struct mpk_allocator mpk_allocator_kmalloc = {
	.name = "kmalloc",
	.call = "kmalloc(size, gfp), kfree(object)",
	.kind = MPK_KIND_SLAB,
	.measure = MPK_MEASURE_BYTES,
	.min = 1,
	.max = KMALLOC_MAX_SIZE,
	MPK_LOOPS(kmalloc),
};

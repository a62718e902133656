/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kmalloc of 256 bytes, a size that the compiler knows: the size class is found at compile time, as in most callers.
 * Beside kmalloc of the same size it shows what the lookup costs.
 */
#include "loops.h"

#define SIZE 256

static __always_inline void *kmalloc_const_allocate(struct mpk_job *job)
{
	return kmalloc(SIZE, job->gfp);
}

static __always_inline void kmalloc_const_release(struct mpk_job *job, void *object)
{
	kfree(object);
}
MPK_DEFINE_LOOPS(kmalloc_const)

const struct mpk_allocator mpk_allocator_kmalloc_const = {
	.name = "kmalloc_const",
	.call = "kmalloc(256, gfp), kfree(object)",
	.kind = MPK_KIND_SLAB,
	.measure = MPK_MEASURE_BYTES,
	.min = SIZE,
	.max = SIZE,
	MPK_LOOPS(kmalloc_const),
};

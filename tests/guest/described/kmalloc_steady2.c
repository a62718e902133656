/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An operation that no memperf has of an allocator that all have: two objects are allocated for one that goes. It handles the objects of
 * the job as pattern steady does, and its record says so.
 */
#include "loops.h"

static __always_inline void *kmalloc_steady2_allocate(struct mpk_job *job)
{
	void *other = kmalloc(job->bytes, job->gfp), *object = kmalloc(job->bytes, job->gfp);

	kfree(other);
	return object;
}

static __always_inline void kmalloc_steady2_release(struct mpk_job *job, void *object)
{
	kfree(object);
}
MPK_STEADY_LOOP_(kmalloc_steady2)
MPK_DEFINE_UNTIMED_(kmalloc_steady2)

const struct mpk_allocator mpk_allocator_kmalloc_steady2 = {
	.name = "kmalloc.steady2",
	.call = "kfree(object), kmalloc(size, gfp) twice",
	.kind = MPK_KIND_SLAB,
	.measure = MPK_MEASURE_BYTES,
	.min = 1,
	.max = KMALLOC_MAX_SIZE,
	.loops = { [MPK_STEADY] = MPK_LOOPS_OF_(kmalloc_steady2, steady) },
	MPK_UNTIMED_(kmalloc_steady2),
};

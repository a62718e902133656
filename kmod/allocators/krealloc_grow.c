/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * krealloc of an object to twice its size, which the object's size class does not have: a new object, a copy, and the
 * old one freed.
 */
#include "loops.h"

static __always_inline void *krealloc_grow_allocate(struct mpk_job *job)
{
	void **object = kmalloc(job->bytes / 2, job->gfp);

	/* Its own address, which a copy of it still tells. */
	if (object)
		*object = object;
	return object;
}

static __always_inline void krealloc_grow_release(struct mpk_job *job, void *object)
{
	kfree(object);
}

static __always_inline bool krealloc_grow_apply(struct mpk_job *job, void **object)
{
	void *grown = krealloc(*object, job->bytes, job->gfp);

	if (unlikely(!grown))
		return false;
	*object = grown;
	return true;
}
MPK_DEFINE_LOOPS_APPLY(krealloc_grow)

static bool shows(struct mpk_job *job, void *object)
{
	return *(void **)object != object && ksize(object) >= job->bytes;
}

const struct mpk_allocator mpk_allocator_krealloc_grow = {
	.name = "krealloc_grow",
	.call = "krealloc(object of size / 2, size, gfp)",
	.kind = MPK_KIND_SLAB,
	.measure = MPK_MEASURE_BYTES,
	.min = 2 * KMALLOC_MIN_SIZE,
	.max = KMALLOC_MAX_SIZE,
	MPK_LOOPS_APPLY(krealloc_grow),
	.shows = shows,
};

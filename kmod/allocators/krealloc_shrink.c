/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * krealloc of an object to half its size: it stays where it is, and keeps its room.
 */
#include "loops.h"

static __always_inline void *krealloc_shrink_allocate(struct mpk_job *job)
{
	void **object = kmalloc(job->bytes, job->gfp);

	/* Its own address, which a copy of it would not tell. */
	if (object)
		*object = object;
	return object;
}

static __always_inline void krealloc_shrink_release(struct mpk_job *job, void *object)
{
	kfree(object);
}

static __always_inline bool krealloc_shrink_apply(struct mpk_job *job, void **object)
{
	void *same = krealloc(*object, job->bytes / 2, job->gfp);

	if (unlikely(!same))
		return false;
	*object = same;
	return true;
}
MPK_DEFINE_LOOPS_APPLY(krealloc_shrink)

static bool shows(struct mpk_job *job, void *object)
{
	return *(void **)object == object;
}

const struct mpk_allocator mpk_allocator_krealloc_shrink = {
	.name = "krealloc_shrink",
	.call = "krealloc(object of size, size / 2, gfp)",
	.kind = MPK_KIND_SLAB,
	.measure = MPK_MEASURE_BYTES,
	.min = 2 * sizeof(void *),
	.max = KMALLOC_MAX_SIZE,
	MPK_LOOPS_APPLY(krealloc_shrink),
	.shows = shows,
};

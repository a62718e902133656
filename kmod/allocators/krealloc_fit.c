/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * krealloc of an object to all the room that its size class gives it: it stays where it is, nothing is copied.
 */
#include "loops.h"

static __always_inline void *krealloc_fit_allocate(struct mpk_job *job)
{
	void **object = kmalloc(job->bytes, job->gfp);

	/* Its own address, which a copy of it would not tell. */
	if (object)
		*object = object;
	return object;
}

static __always_inline void krealloc_fit_release(struct mpk_job *job, void *object)
{
	kfree(object);
}

static __always_inline bool krealloc_fit_apply(struct mpk_job *job, void **object)
{
	void *same = krealloc(*object, job->room, job->gfp);

	if (unlikely(!same))
		return false;
	*object = same;
	return true;
}
MPK_DEFINE_LOOPS_APPLY(krealloc_fit)

/* How much room that is. */
static int prepare(struct mpk_job *job)
{
	void *object = kmalloc(job->bytes, job->gfp);

	if (!object)
		return -ENOMEM;
	job->room = ksize(object);
	kfree(object);
	return 0;
}

static bool shows(struct mpk_job *job, void *object)
{
	return *(void **)object == object;
}

const struct mpk_allocator mpk_allocator_krealloc_fit = {
	.name = "krealloc_fit",
	.call = "krealloc(object of size, ksize(object), gfp)",
	.kind = MPK_KIND_SLAB,
	.measure = MPK_MEASURE_BYTES,
	.min = sizeof(void *),
	.max = KMALLOC_MAX_SIZE,
	MPK_LOOPS_APPLY(krealloc_fit),
	.prepare = prepare,
	.shows = shows,
};

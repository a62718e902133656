/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kmem_cache_create and kmem_cache_destroy: the caches themselves, of a name of their own and merged with no other. What
 * a module pays once, and a file system or a container often.
 */
#include <linux/string.h>

#include "loops.h"

static __always_inline void *kmem_cache_create_allocate(struct mpk_job *job)
{
	return mpk_cache(job, NULL);
}

static __always_inline void kmem_cache_create_release(struct mpk_job *job, void *object)
{
	kmem_cache_destroy(object);
}
MPK_DEFINE_LOOPS(kmem_cache_create)

/* It is of that size, and has objects to give. */
static bool shows(struct mpk_job *job, void *cache)
{
	void *object;

	if (kmem_cache_size(cache) != job->bytes)
		return false;
	object = kmem_cache_alloc(cache, job->gfp);
	if (!object)
		return false;
	memset(object, 0xa5, job->bytes);
	kmem_cache_free(cache, object);
	return true;
}

const struct mpk_allocator mpk_allocator_kmem_cache_create = {
	.name = "kmem_cache_create",
	.call = "kmem_cache_create(name, size, 0, flags, NULL), kmem_cache_destroy(cache)",
	.kind = MPK_KIND_CACHES,
	.measure = MPK_MEASURE_BYTES,
	.min = 8,
	.max = KMALLOC_MAX_CACHE_SIZE,
	.shot_max = 8,
	MPK_LOOPS(kmem_cache_create),
	.shows = shows,
};

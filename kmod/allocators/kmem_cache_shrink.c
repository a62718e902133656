/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kmem_cache_shrink of a cache of which `batch` objects were used and are free again: gives their slabs back.
 */
#include "loops.h"

/* What stands in an object: its constructor's word, until it is used. */
#define FRESH 0u
#define USED  1u

static void construct(void *object)
{
	*(u32 *)object = FRESH;
}

static __always_inline void kmem_cache_shrink_release(struct mpk_job *job, void *object)
{
	kmem_cache_destroy(object);
}

static __always_inline void *kmem_cache_shrink_allocate(struct mpk_job *job)
{
	struct kmem_cache *cache = mpk_cache(job, construct);
	void **array = mpk_array_take(job);
	bool used = cache && kmem_cache_alloc_bulk(cache, job->gfp, job->batch, array);
	u32 i;

	if (used) {
		for (i = 0; i < job->batch; i++)
			*(u32 *)array[i] = USED;
		kmem_cache_free_bulk(cache, job->batch, array);
	}
	mpk_array_give(job, array);
	if (used)
		return cache;
	kmem_cache_destroy(cache);
	return NULL;
}

static __always_inline bool kmem_cache_shrink_apply(struct mpk_job *job, void **object)
{
	kmem_cache_shrink(*object);
	return true;
}
MPK_DEFINE_LOOPS_APPLY(kmem_cache_shrink)

/* The next object is of a new slab, as the old ones are gone. */
static bool shows(struct mpk_job *job, void *cache)
{
	u32 *object = kmem_cache_alloc(cache, job->gfp);
	bool fresh;

	if (!object)
		return false;
	fresh = *object == FRESH;
	kmem_cache_free(cache, object);
	return fresh;
}

const struct mpk_allocator mpk_allocator_kmem_cache_shrink = {
	.name = "kmem_cache_shrink",
	.call = "kmem_cache_shrink(cache of n free objects)",
	.kind = MPK_KIND_CACHES,
	.measure = MPK_MEASURE_BYTES,
	.min = 8,
	.max = KMALLOC_MAX_CACHE_SIZE,
	.batch_max = 512,
	.shot_max = 64,
	MPK_LOOPS_APPLY(kmem_cache_shrink),
	.shows = shows,
};

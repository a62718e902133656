/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A kmem_cache of the job's own, merged with no other: the same slab code as kmalloc without the lookup of a size
 * class, and without the rest of the kernel among its objects.
 */
#include "loops.h"

static __always_inline void *kmem_cache_allocate(struct mpk_job *job)
{
	return kmem_cache_alloc(job->own, job->gfp);
}

static __always_inline void kmem_cache_release(struct mpk_job *job, void *object)
{
	kmem_cache_free(job->own, object);
}
MPK_DEFINE_LOOPS(kmem_cache)

static bool shows(struct mpk_job *job, void *object)
{
	return IS_ALIGNED((unsigned long)object, max(job->align, 1u));
}

const struct mpk_allocator mpk_allocator_kmem_cache = {
	.name = "kmem_cache",
	.call = "kmem_cache_alloc(cache, gfp), kmem_cache_free(cache, object)",
	.kind = MPK_KIND_CACHE,
	.measure = MPK_MEASURE_BYTES,
	.min = 8,
	.max = KMALLOC_MAX_CACHE_SIZE,
	.align_max = PAGE_SIZE,
	MPK_LOOPS(kmem_cache),
	.prepare = mpk_own_cache,
	.unprepare = mpk_own_cache_done,
	.shows = shows,
};

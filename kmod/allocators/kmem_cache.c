/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A kmem_cache of the job's own, merged with no other: the same slab code as kmalloc without the lookup of a size
 * class, and without the rest of the kernel among its objects.
 */
#include <linux/atomic.h>

#include "loops.h"

/* Before 6.5, not being looked at by kmemleak is what keeps a cache from being merged. */
#ifdef SLAB_NO_MERGE
#define OWN SLAB_NO_MERGE
#else
#define OWN SLAB_NOLEAKTRACE
#endif

static atomic_t number = ATOMIC_INIT(0);

static __always_inline void *kmem_cache_allocate(struct mpk_job *job)
{
	return kmem_cache_alloc(job->cache, job->gfp);
}

static __always_inline void kmem_cache_release(struct mpk_job *job, void *object)
{
	kmem_cache_free(job->cache, object);
}
MPK_DEFINE_LOOPS(kmem_cache)

static int prepare(struct mpk_job *job)
{
	char name[MPK_NAME_MAX];

	snprintf(name, sizeof(name), "memperf-%d", atomic_inc_return(&number));
	job->cache = kmem_cache_create(name, job->bytes, 0, OWN, NULL);
	return job->cache ? 0 : -ENOMEM;
}

static void unprepare(struct mpk_job *job)
{
	kmem_cache_destroy(job->cache);
	job->cache = NULL;
}

const struct mpk_allocator mpk_allocator_kmem_cache = {
	.name = "kmem_cache",
	.call = "kmem_cache_alloc(cache, gfp), kmem_cache_free(cache, object)",
	.kind = MPK_KIND_CACHE,
	.measure = MPK_MEASURE_BYTES,
	.min = 8,
	.max = KMALLOC_MAX_CACHE_SIZE,
	MPK_LOOPS(kmem_cache),
	.prepare = prepare,
	.unprepare = unprepare,
};

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Many objects of a kmem_cache at once, all or none: the slab is locked and its lists are walked once for all of them.
 */
#include <linux/string.h>

#include "loops.h"

static __always_inline void *kmem_cache_bulk_allocate(struct mpk_job *job)
{
	void **array = mpk_array_take(job);

	/* A count in some kernels, a truth value in others. */
	if (likely(kmem_cache_alloc_bulk(job->own, job->gfp, job->batch, array)))
		return array;
	mpk_array_give(job, array);
	return NULL;
}

static __always_inline void kmem_cache_bulk_release(struct mpk_job *job, void *object)
{
	kmem_cache_free_bulk(job->own, job->batch, object);
	mpk_array_give(job, object);
}
MPK_DEFINE_LOOPS(kmem_cache_bulk)

/* Every one of them is there: what is written to it stays until all have been written to. */
static bool shows(struct mpk_job *job, void *object)
{
	void **array = object;
	u32 i, kept = 0;

	for (i = 0; i < job->batch; i++) {
		if (!array[i])
			return false;
		memcpy(array[i], &i, sizeof(i));
	}
	for (i = 0; i < job->batch; i++)
		kept += !memcmp(array[i], &i, sizeof(i));
	return kept == job->batch;
}

const struct mpk_allocator mpk_allocator_kmem_cache_bulk = {
	.name = "kmem_cache_bulk",
	.call = "kmem_cache_alloc_bulk(cache, gfp, n, objects), kmem_cache_free_bulk(cache, n, "
		"objects)",
	.kind = MPK_KIND_BULK,
	.measure = MPK_MEASURE_BYTES,
	.min = 8,
	.max = KMALLOC_MAX_CACHE_SIZE,
	.batch_max = 512,
	MPK_LOOPS(kmem_cache_bulk),
	.prepare = mpk_own_cache,
	.unprepare = mpk_own_cache_done,
	.shows = shows,
};

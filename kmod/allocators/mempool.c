/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A mempool on kmalloc, in good times: what the promise to have a reserve costs while it is not needed.
 */
#include <linux/mempool.h>

#include "loops.h"

#define RESERVE 4

static __always_inline void *mempool_allocate(struct mpk_job *job)
{
	return mempool_alloc(job->own, job->gfp);
}

static __always_inline void mempool_release(struct mpk_job *job, void *object)
{
	mempool_free(object, job->own);
}
MPK_DEFINE_LOOPS(mempool)

static int prepare(struct mpk_job *job)
{
	job->own = mempool_create_kmalloc_pool(RESERVE, job->bytes);
	return job->own ? 0 : -ENOMEM;
}

static bool shows(struct mpk_job *job, void *object)
{
	mempool_t *pool = job->own;

	return pool->curr_nr == pool->min_nr;
}

const struct mpk_allocator mpk_allocator_mempool = {
	.name = "mempool",
	.call = "mempool_alloc(pool, gfp), mempool_free(object, pool)",
	.kind = MPK_KIND_POOL,
	.measure = MPK_MEASURE_BYTES,
	.min = 8,
	.max = KMALLOC_MAX_CACHE_SIZE,
	MPK_LOOPS(mempool),
	.prepare = prepare,
	.unprepare = mpk_own_pool_done,
	.shows = shows,
};

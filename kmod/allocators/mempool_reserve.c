/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A mempool in bad times: the allocator below it has nothing, and every object comes from the reserve. The reserve has
 * one more than the job can hold, so that nobody ever waits for it.
 */
#include <linux/mempool.h>

#include "loops.h"

static __always_inline void *mempool_reserve_allocate(struct mpk_job *job)
{
	return mempool_alloc(job->own, job->gfp);
}

static __always_inline void mempool_reserve_release(struct mpk_job *job, void *object)
{
	mempool_free(object, job->own);
}
MPK_DEFINE_LOOPS(mempool_reserve)

/* The allocator below: it gives the reserve, before there is a pool, and nothing afterwards. */
static void *give(gfp_t gfp, void *data)
{
	struct mpk_job *job = data;

	return job->own ? NULL : kmalloc(job->bytes, gfp);
}

static void take(void *object, void *data)
{
	kfree(object);
}

static int prepare(struct mpk_job *job)
{
	job->own =
		mempool_create_node(job->request.depth + 1, give, take, job, MPK_GFP, NUMA_NO_NODE);
	return job->own ? 0 : -ENOMEM;
}

static bool shows(struct mpk_job *job, void *object)
{
	mempool_t *pool = job->own;

	return pool->curr_nr < pool->min_nr;
}

const struct mpk_allocator mpk_allocator_mempool_reserve = {
	.name = "mempool_reserve",
	.call = "mempool_alloc(empty pool, gfp), mempool_free(object, pool)",
	.kind = MPK_KIND_POOL,
	.measure = MPK_MEASURE_BYTES,
	.min = 8,
	.max = KMALLOC_MAX_CACHE_SIZE,
	MPK_LOOPS(mempool_reserve),
	.prepare = prepare,
	.unprepare = mpk_own_pool_done,
	.shows = shows,
};

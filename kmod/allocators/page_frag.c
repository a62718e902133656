/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Fragments of pages, cut off one after the other from a page of the cache's own; the page is free when all of its
 * fragments are. Network drivers' buffers.
 */
#include <linux/mm.h>
#ifdef MPK_HAS_page_frag_cache_init /* from 6.13 */
#include <linux/page_frag_cache.h>
#endif

#include "loops.h"

static __always_inline void *page_frag_allocate(struct mpk_job *job)
{
	return page_frag_alloc(job->own, job->bytes, job->gfp);
}

static __always_inline void page_frag_release(struct mpk_job *job, void *object)
{
	page_frag_free(object);
}
MPK_DEFINE_LOOPS(page_frag)

static int prepare(struct mpk_job *job)
{
	job->own = kzalloc(sizeof(struct page_frag_cache), MPK_GFP);
	return job->own ? 0 : -ENOMEM;
}

/* The page that the cache was cutting up. */
static void unprepare(struct mpk_job *job)
{
	struct page_frag_cache *cache = job->own;

	if (!cache)
		return;
#ifdef MPK_HAS_page_frag_cache_drain /* from 6.9 */
	page_frag_cache_drain(cache);
#else
	if (cache->va)
		__page_frag_cache_drain(virt_to_head_page(cache->va), cache->pagecnt_bias);
#endif
	kfree(cache);
	job->own = NULL;
}

const struct mpk_allocator mpk_allocator_page_frag = {
	.name = "page_frag",
	.call = "page_frag_alloc(cache, size, gfp), page_frag_free(address)",
	.kind = MPK_KIND_FRAG,
	.measure = MPK_MEASURE_BYTES,
	.min = 1,
	.max = PAGE_SIZE,
	MPK_LOOPS(page_frag),
	.prepare = prepare,
	.unprepare = unprepare,
};

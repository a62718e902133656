/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What several allocators make for a job before it is timed: a kmem_cache, a mempool, and pages that
 * mappings are made of.
 */
#include <linux/atomic.h>
#include <linux/mempool.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "mpk.h"

/* Before 6.5, not being looked at by kmemleak is what keeps a cache from being merged. */
#ifdef SLAB_NO_MERGE
#define OWN SLAB_NO_MERGE
#else
#define OWN SLAB_NOLEAKTRACE
#endif

static atomic_t number = ATOMIC_INIT(0);

struct kmem_cache *mpk_cache(const struct mpk_job *job, void (*construct)(void *object))
{
	char name[MPK_NAME_MAX];

	snprintf(name, sizeof(name), "memperf-%d", atomic_inc_return(&number));
	return kmem_cache_create(name, job->bytes, job->align, OWN, construct);
}

int mpk_own_cache(struct mpk_job *job)
{
	job->own = mpk_cache(job, NULL);
	return job->own ? 0 : -ENOMEM;
}

void mpk_own_cache_done(struct mpk_job *job)
{
	kmem_cache_destroy(job->own);
	job->own = NULL;
}

void mpk_own_pool_done(struct mpk_job *job)
{
	mempool_destroy(job->own);
	job->own = NULL;
}

static unsigned long own_pages(const struct mpk_job *job)
{
	return PAGE_ALIGN(job->bytes) >> PAGE_SHIFT;
}

int mpk_own_pages(struct mpk_job *job)
{
	unsigned long n = own_pages(job), i;
	struct page **pages = kvcalloc(n, sizeof(*pages), MPK_GFP);

	job->own = pages;
	if (!pages)
		return -ENOMEM;
	for (i = 0; i < n; i++) {
		pages[i] = alloc_page(MPK_GFP);
		if (!pages[i])
			return -ENOMEM;
	}
	return 0;
}

void mpk_own_pages_done(struct mpk_job *job)
{
	struct page **pages = job->own;
	unsigned long i;

	for (i = 0; pages && i < own_pages(job) && pages[i]; i++)
		__free_page(pages[i]);
	kvfree(pages);
	job->own = NULL;
}

bool mpk_shows_own_pages(struct mpk_job *job, void *object)
{
	struct page **pages = job->own;
	unsigned long i;

	for (i = 0; i < own_pages(job); i++)
		if (vmalloc_to_page(object + i * PAGE_SIZE) != pages[i])
			return false;
	return true;
}

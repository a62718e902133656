/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * alloc_pages: pages by their struct page. Small orders are served from lists of the CPU, larger ones by the zone under
 * its lock.
 */
#include "loops.h"

static __always_inline void *pages_allocate(struct mpk_job *job)
{
	return alloc_pages(job->gfp, job->order);
}

static __always_inline void pages_release(struct mpk_job *job, void *object)
{
	__free_pages(object, job->order);
}
MPK_DEFINE_LOOPS(pages)

const struct mpk_allocator mpk_allocator_pages = {
	.name = "pages",
	.call = "alloc_pages(gfp, order), __free_pages(page, order)",
	.kind = MPK_KIND_PAGES,
	.measure = MPK_MEASURE_ORDER,
	.min = 0,
	.max = 0,
	MPK_LOOPS(pages),
};

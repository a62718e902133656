/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Many single pages at once, taken from the CPU's list under one lock. A call may return fewer than asked for; callers
 * ask again until they have all, and so does the operation. They are freed one by one: the kernel has no other way.
 */
#include "loops.h"

#if defined(MPK_HAS_alloc_pages_bulk_array)
#define BULK alloc_pages_bulk_array
#elif defined(alloc_pages_bulk) /* from 6.14 */
#define BULK alloc_pages_bulk
#endif

#ifdef BULK

static __always_inline void pages_bulk_release(struct mpk_job *job, void *object)
{
	struct page **pages = object;
	u32 i;

	/* The call fills what is NULL. */
	for (i = 0; i < job->batch && pages[i]; i++) {
		__free_page(pages[i]);
		pages[i] = NULL;
	}
	mpk_array_give(job, object);
}

static __always_inline void *pages_bulk_allocate(struct mpk_job *job)
{
	struct page **pages = (struct page **)mpk_array_take(job);
	unsigned long got = 0, before;

	do {
		before = got;
		got = BULK(job->gfp, job->batch, pages);
	} while (unlikely(got < job->batch) && got > before);
	if (likely(got == job->batch))
		return pages;
	pages_bulk_release(job, pages);
	return NULL;
}
MPK_DEFINE_LOOPS(pages_bulk)

/* Every one of them is there. */
static bool shows(struct mpk_job *job, void *object)
{
	struct page **pages = object;
	u32 i;

	for (i = 0; i < job->batch; i++)
		if (!pages[i] || (i && pages[i] == pages[i - 1]))
			return false;
	return true;
}
#endif

const struct mpk_allocator mpk_allocator_pages_bulk = {
	.name = "pages_bulk",
	.call = "alloc_pages_bulk(gfp, n, pages), __free_page(page) of each",
	.kind = MPK_KIND_PAGES_BULK,
	.measure = MPK_MEASURE_NOTHING,
	.batch_max = 512,
#ifdef BULK
	MPK_LOOPS(pages_bulk),
	.shows = shows,
#else
	.absent = true,
#endif
};

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * copy_page: the kernel's fastest way to copy a page, and most of what a copy-on-write costs. The source is always the
 * same page.
 */
#include <linux/mm.h>
#include <linux/string.h>

#include "loops.h"

static __always_inline void *copy_page_allocate(struct mpk_job *job)
{
	void *page = (void *)__get_free_page(job->gfp);

	if (page)
		memset(page, 0, PAGE_SIZE);
	return page;
}

static __always_inline void copy_page_release(struct mpk_job *job, void *object)
{
	free_page((unsigned long)object);
}

static __always_inline bool copy_page_apply(struct mpk_job *job, void **object)
{
	copy_page(*object, job->own);
	barrier_data(*object);
	return true;
}
MPK_DEFINE_LOOPS_APPLY(copy_page)

static int prepare(struct mpk_job *job)
{
	job->own = (void *)__get_free_page(MPK_GFP);
	if (!job->own)
		return -ENOMEM;
	memset(job->own, 0xa5, PAGE_SIZE);
	return 0;
}

static void unprepare(struct mpk_job *job)
{
	free_page((unsigned long)job->own);
	job->own = NULL;
}

static bool shows(struct mpk_job *job, void *object)
{
	return !memcmp(object, job->own, PAGE_SIZE);
}

const struct mpk_allocator mpk_allocator_copy_page = {
	.name = "copy_page",
	.call = "copy_page(address, source)",
	.kind = MPK_KIND_EXACT,
	.measure = MPK_MEASURE_NOTHING,
	MPK_LOOPS_APPLY(copy_page),
	.prepare = prepare,
	.unprepare = unprepare,
	.shows = shows,
};

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * clear_page: the kernel's fastest way to zero a page, and most of what a zeroed page costs.
 */
#include <linux/mm.h>
#include <linux/string.h>

#include "loops.h"

static __always_inline void *clear_page_allocate(struct mpk_job *job)
{
	void *page = (void *)__get_free_page(job->gfp);

	if (page)
		memset(page, 0xa5, PAGE_SIZE);
	return page;
}

static __always_inline void clear_page_release(struct mpk_job *job, void *object)
{
	free_page((unsigned long)object);
}

static __always_inline bool clear_page_apply(struct mpk_job *job, void **object)
{
	clear_page(*object);
	barrier_data(*object);
	return true;
}
MPK_DEFINE_LOOPS_APPLY(clear_page)

static bool shows(struct mpk_job *job, void *object)
{
	return !memchr_inv(object, 0, PAGE_SIZE);
}

const struct mpk_allocator mpk_allocator_clear_page = {
	.name = "clear_page",
	.call = "clear_page(address)",
	.kind = MPK_KIND_EXACT,
	.measure = MPK_MEASURE_NOTHING,
	MPK_LOOPS_APPLY(clear_page),
	.shows = shows,
};

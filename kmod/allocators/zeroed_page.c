/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * get_zeroed_page: one zeroed page by its address.
 */
#include "loops.h"

static __always_inline void *zeroed_page_allocate(struct mpk_job *job)
{
	return (void *)get_zeroed_page(job->gfp);
}

static __always_inline void zeroed_page_release(struct mpk_job *job, void *object)
{
	free_page((unsigned long)object);
}
MPK_DEFINE_LOOPS(zeroed_page)

const struct mpk_allocator mpk_allocator_zeroed_page = {
	.name = "zeroed_page",
	.call = "get_zeroed_page(gfp), free_page(address)",
	.kind = MPK_KIND_EXACT,
	.measure = MPK_MEASURE_NOTHING,
	.min = 0,
	.max = 0,
	MPK_LOOPS(zeroed_page),
};

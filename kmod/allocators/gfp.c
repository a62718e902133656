/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * __get_free_pages: pages by their address in the linear mapping.
 */
#include "loops.h"

static __always_inline void *gfp_allocate(struct mpk_job *job)
{
	return (void *)__get_free_pages(job->gfp, job->order);
}

static __always_inline void gfp_release(struct mpk_job *job, void *object)
{
	free_pages((unsigned long)object, job->order);
}
MPK_DEFINE_LOOPS(gfp)

const struct mpk_allocator mpk_allocator_gfp = {
	.name = "gfp",
	.call = "__get_free_pages(gfp, order), free_pages(address, order)",
	.kind = MPK_KIND_LINEAR,
	.measure = MPK_MEASURE_ORDER,
	.min = 0,
	.max = 0,
	MPK_LOOPS(gfp),
};

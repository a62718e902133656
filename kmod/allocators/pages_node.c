/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * alloc_pages_node: alloc_pages from a given NUMA node first.
 */
#include "loops.h"

static __always_inline void *pages_node_allocate(struct mpk_job *job)
{
	return alloc_pages_node(job->node, job->gfp, job->order);
}

static __always_inline void pages_node_release(struct mpk_job *job, void *object)
{
	__free_pages(object, job->order);
}
MPK_DEFINE_LOOPS(pages_node)

static bool shows(struct mpk_job *job, void *object)
{
	return page_to_nid(object) == job->node;
}

const struct mpk_allocator mpk_allocator_pages_node = {
	.name = "pages_node",
	.call = "alloc_pages_node(node, gfp, order), __free_pages(page, order)",
	.kind = MPK_KIND_PAGES,
	.measure = MPK_MEASURE_ORDER,
	.min = 0,
	.max = 0,
	.nodes = true,
	MPK_LOOPS(pages_node),
	.shows = shows,
};

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kmalloc_node: kmalloc with memory of a given NUMA node.
 */
#include "loops.h"

static __always_inline void *kmalloc_node_allocate(struct mpk_job *job)
{
	return kmalloc_node(job->bytes, job->gfp, job->node);
}

static __always_inline void kmalloc_node_release(struct mpk_job *job, void *object)
{
	kfree(object);
}
MPK_DEFINE_LOOPS(kmalloc_node)

static bool shows(struct mpk_job *job, void *object)
{
	return page_to_nid(virt_to_page(object)) == job->node;
}

const struct mpk_allocator mpk_allocator_kmalloc_node = {
	.name = "kmalloc_node",
	.call = "kmalloc_node(size, gfp, node), kfree(object)",
	.kind = MPK_KIND_SLAB,
	.measure = MPK_MEASURE_BYTES,
	.min = 1,
	.max = KMALLOC_MAX_SIZE,
	.nodes = true,
	MPK_LOOPS(kmalloc_node),
	.shows = shows,
};

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kvmalloc: kmalloc where that is easy, else vmalloc.
 */
#include <linux/sizes.h>
#include <linux/vmalloc.h>

#include "loops.h"

static __always_inline void *kvmalloc_allocate(struct mpk_job *job)
{
	return kvmalloc(job->bytes, job->gfp);
}

static __always_inline void kvmalloc_release(struct mpk_job *job, void *object)
{
	kvfree(object);
}
MPK_DEFINE_LOOPS(kvmalloc)

const struct mpk_allocator mpk_allocator_kvmalloc = {
	.name = "kvmalloc",
	.call = "kvmalloc(size, gfp), kvfree(object)",
	.kind = MPK_KIND_KVMALLOC,
	.measure = MPK_MEASURE_BYTES,
	.min = 1,
	.max = SZ_1G,
	MPK_LOOPS(kvmalloc),
};

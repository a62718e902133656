/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kmalloc, in place of the module's own: it has pattern apply, too, which memperf knows and has no benchmark for.
 */
#include <linux/string.h>

#include "loops.h"

static __always_inline void *kmalloc_allocate(struct mpk_job *job)
{
	return kmalloc(job->bytes, job->gfp);
}

static __always_inline void kmalloc_release(struct mpk_job *job, void *object)
{
	kfree(object);
}

static __always_inline bool kmalloc_apply(struct mpk_job *job, void **object)
{
	memset(*object, 0x5a, job->bytes);
	return true;
}
MPK_DEFINE_LOOPS(kmalloc)
MPK_APPLY_LOOP_(kmalloc)

const struct mpk_allocator mpk_allocator_kmalloc = {
	.name = "kmalloc",
	.call = "kmalloc(size, gfp), kfree(object)",
	.kind = MPK_KIND_SLAB,
	.measure = MPK_MEASURE_BYTES,
	.min = 1,
	.max = KMALLOC_MAX_SIZE,
	MPK_LOOPS(kmalloc),
	.loops[MPK_APPLY] = MPK_LOOPS_OF_(kmalloc, apply),
};

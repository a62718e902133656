/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kmalloc_array, and its contents written anew: an allocator that no memperf has a family for. A test builds it into a module of its
 * own, which then is one that is newer than memperf.
 */
#include <linux/string.h>

#include "loops.h"

static __always_inline void *kmalloc_array_allocate(struct mpk_job *job)
{
	return kmalloc_array(job->bytes / 8, 8, job->gfp);
}

static __always_inline void kmalloc_array_release(struct mpk_job *job, void *object)
{
	kfree(object);
}

static __always_inline bool kmalloc_array_apply(struct mpk_job *job, void **object)
{
	memset(*object, 0x5a, job->bytes);
	return true;
}
MPK_DEFINE_LOOPS(kmalloc_array)
MPK_APPLY_LOOP_(kmalloc_array)

static bool shows(struct mpk_job *job, void *object)
{
	return ksize(object) >= job->bytes;
}

const struct mpk_allocator mpk_allocator_kmalloc_array = {
	.name = "kmalloc_array",
	.call = "kmalloc_array(size / 8, 8, gfp), kfree(object)",
	.kind = MPK_KIND_SLAB,
	.measure = MPK_MEASURE_BYTES,
	.min = 8,
	.max = KMALLOC_MAX_SIZE,
	.loops = { [MPK_ALLOC] = MPK_LOOPS_OF_(kmalloc_array, alloc),
		   [MPK_FREE] = MPK_LOOPS_OF_(kmalloc_array, free),
		   [MPK_PAIR] = MPK_LOOPS_OF_(kmalloc_array, pair),
		   [MPK_STEADY] = MPK_LOOPS_OF_(kmalloc_array, steady),
		   [MPK_APPLY] = MPK_LOOPS_OF_(kmalloc_array, apply) },
	MPK_UNTIMED_(kmalloc_array),
	.shows = shows,
};

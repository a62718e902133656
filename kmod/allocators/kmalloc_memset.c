/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kmalloc and a memset of the whole object: what kzalloc saves, and what touching all of it costs.
 */
#include <linux/string.h>

#include "loops.h"

static __always_inline void *kmalloc_memset_allocate(struct mpk_job *job)
{
	void *object = kmalloc(job->bytes, job->gfp);

	if (likely(object)) {
		memset(object, 0, job->bytes);
		/* It is freed unread, but must be written. */
		barrier_data(object);
	}
	return object;
}

static __always_inline void kmalloc_memset_release(struct mpk_job *job, void *object)
{
	kfree(object);
}
MPK_DEFINE_LOOPS(kmalloc_memset)

const struct mpk_allocator mpk_allocator_kmalloc_memset = {
	.name = "kmalloc_memset",
	.call = "kmalloc(size, gfp), memset(object, 0, size), kfree(object)",
	.kind = MPK_KIND_SLAB,
	.measure = MPK_MEASURE_BYTES,
	.min = 1,
	.max = KMALLOC_MAX_SIZE,
	MPK_LOOPS(kmalloc_memset),
};

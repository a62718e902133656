/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vfree of `batch` areas and then vm_unmap_aliases: what vfree puts off is paid by the batch that put it off, so that an
 * area costs its own vfree and its share of the flush. Left to itself the kernel flushes about every 32 MiB, at the cost of
 * whoever comes then or of a worker, which no caller's time contains.
 */
#include <linux/sizes.h>
#include <linux/vmalloc.h>

#include "loops.h"

/* What is not there is NULL afterwards. */
static __always_inline bool fill(struct mpk_job *job, void **array)
{
	bool all = true;
	u32 i;

	for (i = 0; i < job->batch; i++) {
		array[i] = all ? __vmalloc(job->bytes, job->gfp) : NULL;
		all = array[i];
	}
	return all;
}

static __always_inline void flush(struct mpk_job *job, void **array)
{
	u32 i;

	for (i = 0; i < job->batch; i++)
		vfree(array[i]);
	vm_unmap_aliases();
}

static __always_inline void vmalloc_amortised_release(struct mpk_job *job, void *object)
{
	flush(job, object);
	mpk_array_give(job, object);
}

static __always_inline void *vmalloc_amortised_allocate(struct mpk_job *job)
{
	void **array = mpk_array_take(job);

	if (likely(fill(job, array)))
		return array;
	vmalloc_amortised_release(job, array);
	return NULL;
}
MPK_DEFINE_LOOPS_FREE(vmalloc_amortised)

/* Addresses that were freed come again only once they are flushed. */
static bool come_again(struct mpk_job *job, void **array)
{
	void *before[16];
	u32 n = min_t(u32, job->batch, ARRAY_SIZE(before)), i, k, again = 0;

	for (k = 0; k < n; k++)
		before[k] = array[k];
	flush(job, array);
	fill(job, array);
	for (i = 0; i < job->batch; i++)
		for (k = 0; k < n; k++)
			again += array[i] && array[i] == before[k];
	return again;
}

/* Lower ones that others had freed before may come instead, flushed with ours: the next time they are taken. */
static bool shows(struct mpk_job *job, void *object)
{
	u32 round;

	for (round = 0; round < 4; round++)
		if (come_again(job, object))
			return true;
	return false;
}

const struct mpk_allocator mpk_allocator_vmalloc_amortised = {
	.name = "vmalloc_amortised",
	.call = "vfree(object) of n, vm_unmap_aliases()",
	.kind = MPK_KIND_VMALLOC,
	.measure = MPK_MEASURE_BYTES,
	.min = 1,
	.max = SZ_1G,
	.batch_max = 512,
	MPK_LOOPS_FREE(vmalloc_amortised),
	.shows = shows,
};

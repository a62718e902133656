/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vmap: addresses for pages that are there, one mapping after the other of the same pages. What vmalloc does without the
 * allocation of pages.
 */
#include <linux/sizes.h>
#include <linux/vmalloc.h>

#include "loops.h"

/* Not by the allocator's name, which is a macro in user-mode-linux. */
static __always_inline void *mapped_allocate(struct mpk_job *job)
{
	return vmap(job->own, PAGE_ALIGN(job->bytes) >> PAGE_SHIFT, VM_MAP, PAGE_KERNEL);
}

static __always_inline void mapped_release(struct mpk_job *job, void *object)
{
	vunmap(object);
}
MPK_DEFINE_LOOPS(mapped)

const struct mpk_allocator mpk_allocator_vmap = {
	.name = "vmap",
	.call = "vmap(pages, size / page, VM_MAP, PAGE_KERNEL), vunmap(address)",
	.kind = MPK_KIND_MAPPING,
	.measure = MPK_MEASURE_BYTES,
	.min = 1,
	.max = SZ_4M,
	MPK_LOOPS(mapped),
	.prepare = mpk_own_pages,
	.unprepare = mpk_own_pages_done,
	.shows = mpk_shows_own_pages,
};

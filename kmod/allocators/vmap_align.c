/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vmap at a multiple of the mapping's size, rounded up to a power of two: a hole among the kernel's addresses must fit and
 * be aligned. The flag of ioremap asks for it, as pstore's does: most kernels export no vmalloc that aligns.
 */
#include <linux/log2.h>
#include <linux/sizes.h>
#include <linux/vmalloc.h>

#include "loops.h"

static __always_inline void *vmap_align_allocate(struct mpk_job *job)
{
	return vmap(job->own, PAGE_ALIGN(job->bytes) >> PAGE_SHIFT, VM_MAP | VM_IOREMAP,
		    PAGE_KERNEL);
}

static __always_inline void vmap_align_release(struct mpk_job *job, void *object)
{
	vunmap(object);
}
MPK_DEFINE_LOOPS(vmap_align)

static bool shows(struct mpk_job *job, void *object)
{
	unsigned long align = min_t(unsigned long, roundup_pow_of_two(PAGE_ALIGN(job->bytes)),
				    1ul << IOREMAP_MAX_ORDER);

	return IS_ALIGNED((unsigned long)object, align) && mpk_shows_own_pages(job, object);
}

const struct mpk_allocator mpk_allocator_vmap_align = {
	.name = "vmap_align",
	.call = "vmap(pages, size / page, VM_MAP | VM_IOREMAP, PAGE_KERNEL), vunmap(address)",
	.kind = MPK_KIND_MAPPING,
	.measure = MPK_MEASURE_BYTES,
	.min = 2 * PAGE_SIZE, /* a single page is always aligned */
	.max = SZ_4M,
	MPK_LOOPS(vmap_align),
	.prepare = mpk_own_pages,
	.unprepare = mpk_own_pages_done,
	.shows = shows,
};

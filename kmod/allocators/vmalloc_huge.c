/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vmalloc_huge: vmalloc that maps huge pages where the processor can and such pages are free; else it is vmalloc.
 */
#include <linux/sizes.h>
#include <linux/vmalloc.h>

#include "loops.h"

#if defined(MPK_HAS_vmalloc_huge) && defined(CONFIG_HAVE_ARCH_HUGE_VMALLOC)
#define THERE

static __always_inline void *vmalloc_huge_allocate(struct mpk_job *job)
{
	return vmalloc_huge(job->bytes, job->gfp);
}

static __always_inline void vmalloc_huge_release(struct mpk_job *job, void *object)
{
	vfree(object);
}
MPK_DEFINE_LOOPS(vmalloc_huge)

/* Its first huge page: aligned, and its pages follow each other. */
static bool shows(struct mpk_job *job, void *object)
{
	unsigned long first = vmalloc_to_pfn(object), i;

	if (!IS_ALIGNED((unsigned long)object, PMD_SIZE) ||
	    !IS_ALIGNED(first, PMD_SIZE >> PAGE_SHIFT))
		return false;
	for (i = 1; i < PMD_SIZE >> PAGE_SHIFT; i++)
		if (vmalloc_to_pfn(object + i * PAGE_SIZE) != first + i)
			return false;
	return true;
}
#endif

const struct mpk_allocator mpk_allocator_vmalloc_huge = {
	.name = "vmalloc_huge",
	.call = "vmalloc_huge(size, gfp), vfree(object)",
	.kind = MPK_KIND_VMALLOC,
	.measure = MPK_MEASURE_BYTES,
	.max = SZ_1G,
#ifdef THERE
	.min = PMD_SIZE, /* of a huge page */
	MPK_LOOPS(vmalloc_huge),
	.shows = shows,
#else
	.absent = true,
#endif
};

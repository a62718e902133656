/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * vfree and its share of the flush that it puts off: one operation frees a batch and flushes once. Beside vmalloc.free,
 * which seldom pays, and vmalloc_purge.free, which always pays all, it tells what a vfree costs in the long run.
 */
#include "benchmarks/support/kernel.h"

static const struct mp_axis vmalloc_amortised_free[] = {
	MP_KERNEL_SIZE_VMALLOC("4K,64K"), MP_KERNEL_BATCH, MP_KERNEL_GFP("kernel"),
	MP_KERNEL_CONTEXT("process"),	  MP_KERNEL_LIVE,  MP_KERNEL_FREE_ORDER
};

static const struct mp_bench benches[] = {
	MP_KERNEL_FREE(vmalloc_amortised, "batch", VMALLOC, NULL,
		       "vfree of each and one vm_unmap_aliases"),
};

const struct mp_family mp_family_vmalloc_amortised = MP_FAMILY(
	"vmalloc_amortised", "virtually contiguous memory, flushed by the batch", benches);

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * vfree without its laziness: the addresses are flushed at once, so that every call pays for itself.
 */
#include "benchmarks/support/kernel.h"

static const struct mp_axis vmalloc_purge_free[] = { MP_KERNEL_SIZE_VMALLOC("4K,1M"),
						     MP_KERNEL_GFP("kernel"),
						     MP_KERNEL_CONTEXT("process"), MP_KERNEL_LIVE,
						     MP_KERNEL_FREE_ORDER };

static const struct mp_bench benches[] = {
	MP_KERNEL_FREE(vmalloc_purge, "object", VMALLOC, NULL, "vfree and vm_unmap_aliases"),
};

const struct mp_family mp_family_vmalloc_purge =
	MP_FAMILY("vmalloc_purge", "virtually contiguous memory, flushed at once", benches);

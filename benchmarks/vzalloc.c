/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * vzalloc: vmalloc that returns zeroed memory.
 */
#include "benchmarks/support/kernel.h"

static const struct mp_axis vzalloc_alloc[] = { MP_KERNEL_SIZE_VMALLOC("4K,64K,1M"),
						MP_KERNEL_GFP("kernel"),
						MP_KERNEL_CONTEXT("process"), MP_KERNEL_LIVE };
static const struct mp_axis vzalloc_free[] = { MP_KERNEL_SIZE_VMALLOC("4K,64K,1M"),
					       MP_KERNEL_GFP("kernel"),
					       MP_KERNEL_CONTEXT("process"), MP_KERNEL_LIVE,
					       MP_KERNEL_FREE_ORDER };
static const struct mp_axis vzalloc_pair[] = { MP_KERNEL_SIZE_VMALLOC("4K,64K,1M"),
					       MP_KERNEL_GFP("kernel"),
					       MP_KERNEL_CONTEXT("process") };
static const struct mp_axis vzalloc_steady[] = { MP_KERNEL_SIZE_VMALLOC("4K,64K,1M"),
						 MP_KERNEL_GFP("kernel"),
						 MP_KERNEL_CONTEXT("process"), MP_KERNEL_LIVE };

static const struct mp_bench benches[] = {
	MP_KERNEL_BENCHES(vzalloc, VMALLOC, "size", "vzalloc", "vfree"),
};

const struct mp_family mp_family_vzalloc =
	MP_FAMILY("vzalloc", "zeroed virtually contiguous memory", benches);

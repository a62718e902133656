/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * krealloc to half the size: nothing moves, no room is given back.
 */
#include "benchmarks/support/kernel.h"

static const struct mp_axis krealloc_shrink_apply[] = {
	MP_KERNEL_SIZE("256", "16,64,256,1K,4K,8K", 16, 4u << 20), MP_KERNEL_GFP_SLAB("kernel"),
	MP_KERNEL_CONTEXT("process"), MP_KERNEL_LIVE
};

static const struct mp_bench benches[] = {
	MP_KERNEL_APPLY(krealloc_shrink, "object", "objects", SLAB, NULL,
			"krealloc to half the size"),
};

const struct mp_family mp_family_krealloc_shrink =
	MP_FAMILY("krealloc_shrink", "kernel objects that become smaller", benches);

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * krealloc to twice the size: a larger object, a copy, and the old one freed.
 */
#include "benchmarks/support/kernel.h"

static const struct mp_axis krealloc_grow_apply[] = {
	MP_KERNEL_SIZE("64,256,4K", "16,64,256,1K,4K,8K", 16, 4u << 20),
	MP_KERNEL_GFP_SLAB("kernel"), MP_KERNEL_CONTEXT("process"), MP_KERNEL_LIVE
};

static const struct mp_bench benches[] = {
	MP_KERNEL_APPLY(krealloc_grow, "object", "objects", SLAB, NULL,
			"krealloc to twice the size"),
};

const struct mp_family mp_family_krealloc_grow =
	MP_FAMILY("krealloc_grow", "kernel objects that outgrow their size class", benches);

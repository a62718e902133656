/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * krealloc to all the room that the size class gives: nothing moves.
 */
#include "benchmarks/support/kernel.h"

static const struct mp_axis krealloc_fit_apply[] = {
	MP_KERNEL_SIZE("256", "16,64,256,1K,4K,8K", 16, 4u << 20), MP_KERNEL_GFP_SLAB("kernel"),
	MP_KERNEL_CONTEXT("process"), MP_KERNEL_LIVE
};

static const struct mp_bench benches[] = {
	MP_KERNEL_APPLY(krealloc_fit, "object", "objects", SLAB, NULL,
			"krealloc within the size class"),
};

const struct mp_family mp_family_krealloc_fit =
	MP_FAMILY("krealloc_fit", "kernel objects that grow within their size class", benches);

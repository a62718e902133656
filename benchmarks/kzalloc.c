/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * kzalloc: kmalloc that returns zeroed memory.
 */
#include "benchmarks/support/kernel.h"

static const struct mp_axis kzalloc_alloc[] = { MP_KERNEL_SIZE_SLAB("64,256,4K,64K"),
						MP_KERNEL_GFP("kernel"),
						MP_KERNEL_CONTEXT("process"), MP_KERNEL_LIVE };
static const struct mp_axis kzalloc_free[] = { MP_KERNEL_SIZE_SLAB("64,256,4K,64K"),
					       MP_KERNEL_GFP("kernel"),
					       MP_KERNEL_CONTEXT("process"), MP_KERNEL_LIVE,
					       MP_KERNEL_FREE_ORDER };
static const struct mp_axis kzalloc_pair[] = { MP_KERNEL_SIZE_CLASS("64,256,4K"),
					       MP_KERNEL_GFP("kernel"),
					       MP_KERNEL_CONTEXT("process") };
static const struct mp_axis kzalloc_steady[] = { MP_KERNEL_SIZE_SLAB("256,4K"),
						 MP_KERNEL_GFP("kernel"),
						 MP_KERNEL_CONTEXT("process"), MP_KERNEL_LIVE };

static const struct mp_bench benches[] = {
	MP_KERNEL_BENCHES(kzalloc, SLAB, "size", "kzalloc", "kfree"),
};

const struct mp_family mp_family_kzalloc =
	MP_FAMILY("kzalloc", "zeroed kernel objects by size", benches);

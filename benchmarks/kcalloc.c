/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * kcalloc: kzalloc of an array, with a check of its size.
 */
#include "benchmarks/support/kernel.h"

static const struct mp_axis kcalloc_alloc[] = { MP_KERNEL_SIZE_CLASS("256,4K"),
						MP_KERNEL_GFP("kernel"),
						MP_KERNEL_CONTEXT("process"), MP_KERNEL_LIVE };
static const struct mp_axis kcalloc_free[] = { MP_KERNEL_SIZE_CLASS("256,4K"),
					       MP_KERNEL_GFP("kernel"),
					       MP_KERNEL_CONTEXT("process"), MP_KERNEL_LIVE,
					       MP_KERNEL_FREE_ORDER };
static const struct mp_axis kcalloc_pair[] = { MP_KERNEL_SIZE_CLASS("256,4K"),
					       MP_KERNEL_GFP("kernel"),
					       MP_KERNEL_CONTEXT("process") };
static const struct mp_axis kcalloc_steady[] = { MP_KERNEL_SIZE_CLASS("256,4K"),
						 MP_KERNEL_GFP("kernel"),
						 MP_KERNEL_CONTEXT("process"), MP_KERNEL_LIVE };

static const struct mp_bench benches[] = {
	MP_KERNEL_BENCHES(kcalloc, SLAB, "size", "kcalloc", "kfree"),
};

const struct mp_family mp_family_kcalloc =
	MP_FAMILY("kcalloc", "zeroed arrays of kernel objects", benches);

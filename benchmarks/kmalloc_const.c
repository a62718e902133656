/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * kmalloc of 256 bytes, a size that the compiler knows, as most callers do: beside kmalloc/size=256 the price of
 * finding the size class.
 */
#include "benchmarks/support/kernel.h"

static const struct mp_axis kmalloc_const_alloc[] = { MP_KERNEL_SIZE("256", NULL, 256, 256),
						      MP_KERNEL_GFP("kernel"),
						      MP_KERNEL_CONTEXT("process"),
						      MP_KERNEL_LIVE };
static const struct mp_axis kmalloc_const_free[] = { MP_KERNEL_SIZE("256", NULL, 256, 256),
						     MP_KERNEL_GFP("kernel"),
						     MP_KERNEL_CONTEXT("process"), MP_KERNEL_LIVE,
						     MP_KERNEL_FREE_ORDER };
static const struct mp_axis kmalloc_const_pair[] = { MP_KERNEL_SIZE("256", NULL, 256, 256),
						     MP_KERNEL_GFP("kernel"),
						     MP_KERNEL_CONTEXT("process") };
static const struct mp_axis kmalloc_const_steady[] = { MP_KERNEL_SIZE("256", NULL, 256, 256),
						       MP_KERNEL_GFP("kernel"),
						       MP_KERNEL_CONTEXT("process"),
						       MP_KERNEL_LIVE };

static const struct mp_bench benches[] = {
	MP_KERNEL_BENCHES(kmalloc_const, SLAB, NULL, "kmalloc", "kfree"),
};

const struct mp_family mp_family_kmalloc_const =
	MP_FAMILY("kmalloc_const", "kernel objects of a constant size", benches);

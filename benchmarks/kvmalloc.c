/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * kvmalloc: kmalloc where that is easy, else vmalloc.
 */
#include "benchmarks/support/kernel.h"

static const struct mp_axis kvmalloc_alloc[] = { MP_KERNEL_SIZE_VMALLOC("4K,64K,1M"),
						 MP_KERNEL_GFP("kernel"),
						 MP_KERNEL_CONTEXT("process"), MP_KERNEL_LIVE };
static const struct mp_axis kvmalloc_free[] = { MP_KERNEL_SIZE_VMALLOC("4K,64K,1M"),
						MP_KERNEL_GFP("kernel"),
						MP_KERNEL_CONTEXT("process"), MP_KERNEL_LIVE,
						MP_KERNEL_FREE_ORDER };
static const struct mp_axis kvmalloc_pair[] = { MP_KERNEL_SIZE_VMALLOC("4K,64K,1M"),
						MP_KERNEL_GFP("kernel"),
						MP_KERNEL_CONTEXT("process") };
static const struct mp_axis kvmalloc_steady[] = { MP_KERNEL_SIZE_VMALLOC("4K,64K,1M"),
						  MP_KERNEL_GFP("kernel"),
						  MP_KERNEL_CONTEXT("process"), MP_KERNEL_LIVE };

static const struct mp_bench benches[] = {
	MP_KERNEL_BENCHES(kvmalloc, KVMALLOC, NULL, "kvmalloc", "kvfree"),
};

const struct mp_family mp_family_kvmalloc = MP_FAMILY("kvmalloc", "memory from either", benches);

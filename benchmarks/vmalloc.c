/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * vmalloc: single pages, mapped side by side. vfree is lazy: many frees are cheap and one pays for all.
 */
#include "benchmarks/support/kernel.h"

static const struct mp_axis vmalloc_alloc[] = { MP_KERNEL_SIZE_VMALLOC("4K,64K,1M"),
						MP_KERNEL_GFP_VMALLOC("kernel"),
						MP_KERNEL_CONTEXT("process"), MP_KERNEL_LIVE };
static const struct mp_axis vmalloc_free[] = { MP_KERNEL_SIZE_VMALLOC("4K,64K,1M"),
					       MP_KERNEL_GFP("kernel"),
					       MP_KERNEL_CONTEXT("process"),
					       MP_KERNEL_LIVE,
					       MP_KERNEL_FREE_ORDER,
					       MP_KERNEL_TOUCH("none") };
static const struct mp_axis vmalloc_pair[] = { MP_KERNEL_SIZE_VMALLOC("4K,64K,1M"),
					       MP_KERNEL_GFP("kernel"),
					       MP_KERNEL_CONTEXT("process") };
static const struct mp_axis vmalloc_steady[] = { MP_KERNEL_SIZE_VMALLOC("4K,64K,1M"),
						 MP_KERNEL_GFP("kernel"),
						 MP_KERNEL_CONTEXT("process"), MP_KERNEL_LIVE,
						 MP_KERNEL_TOUCH("none") };

static const struct mp_bench benches[] = {
	MP_KERNEL_BENCHES(vmalloc, VMALLOC, NULL, "vmalloc", "vfree"),
};

const struct mp_family mp_family_vmalloc =
	MP_FAMILY("vmalloc", "virtually contiguous memory", benches);

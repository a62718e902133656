/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * vmalloc where many areas are mapped already, and as many holes are between them: a machine that has run for long.
 */
#include "benchmarks/support/kernel.h"

static const struct mp_axis vmalloc_busy_alloc[] = { MP_KERNEL_SIZE_VMALLOC("4K"), MP_KERNEL_AREAS,
						     MP_KERNEL_GFP("kernel"),
						     MP_KERNEL_CONTEXT("process"), MP_KERNEL_LIVE };
static const struct mp_axis vmalloc_busy_free[] = {
	MP_KERNEL_SIZE_VMALLOC("4K"), MP_KERNEL_AREAS, MP_KERNEL_GFP("kernel"),
	MP_KERNEL_CONTEXT("process"), MP_KERNEL_LIVE,  MP_KERNEL_FREE_ORDER
};
static const struct mp_axis vmalloc_busy_pair[] = { MP_KERNEL_SIZE_VMALLOC("4K"), MP_KERNEL_AREAS,
						    MP_KERNEL_GFP("kernel"),
						    MP_KERNEL_CONTEXT("process") };
static const struct mp_axis vmalloc_busy_steady[] = { MP_KERNEL_SIZE_VMALLOC("4K"), MP_KERNEL_AREAS,
						      MP_KERNEL_GFP("kernel"),
						      MP_KERNEL_CONTEXT("process"),
						      MP_KERNEL_LIVE };

static const struct mp_bench benches[] = {
	MP_KERNEL_BENCHES(vmalloc_busy, VMALLOC, NULL, "vmalloc", "vfree"),
};

const struct mp_family mp_family_vmalloc_busy =
	MP_FAMILY("vmalloc_busy", "virtually contiguous memory among many other areas", benches);

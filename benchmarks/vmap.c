/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * vmap: addresses for pages that are there.
 */
#include "benchmarks/support/kernel.h"

static const struct mp_axis vmap_alloc[] = { MP_KERNEL_SIZE_MAPPING("4K,64K,1M"),
					     MP_KERNEL_CONTEXT("process"), MP_KERNEL_LIVE };
static const struct mp_axis vmap_free[] = { MP_KERNEL_SIZE_MAPPING("4K,64K,1M"),
					    MP_KERNEL_CONTEXT("process"), MP_KERNEL_LIVE,
					    MP_KERNEL_FREE_ORDER };
static const struct mp_axis vmap_pair[] = { MP_KERNEL_SIZE_MAPPING("64K"),
					    MP_KERNEL_CONTEXT("process") };
static const struct mp_axis vmap_steady[] = { MP_KERNEL_SIZE_MAPPING("64K"),
					      MP_KERNEL_CONTEXT("process"), MP_KERNEL_LIVE };

static const struct mp_bench benches[] = {
	MP_KERNEL_BENCHES(vmap, MAPPING, NULL, "vmap", "vunmap"),
};

const struct mp_family mp_family_vmap = MP_FAMILY("vmap", "mappings of given pages", benches);

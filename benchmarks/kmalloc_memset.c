/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * kmalloc and a memset of the whole object: what kzalloc replaces.
 */
#include "benchmarks/support/kernel.h"

static const struct mp_axis kmalloc_memset_alloc[] = { MP_KERNEL_SIZE_CLASS("256,4K"),
						       MP_KERNEL_GFP("kernel"),
						       MP_KERNEL_CONTEXT("process"),
						       MP_KERNEL_LIVE };
static const struct mp_axis kmalloc_memset_free[] = { MP_KERNEL_SIZE_CLASS("256,4K"),
						      MP_KERNEL_GFP("kernel"),
						      MP_KERNEL_CONTEXT("process"), MP_KERNEL_LIVE,
						      MP_KERNEL_FREE_ORDER };
static const struct mp_axis kmalloc_memset_pair[] = { MP_KERNEL_SIZE_CLASS("256,4K"),
						      MP_KERNEL_GFP("kernel"),
						      MP_KERNEL_CONTEXT("process") };
static const struct mp_axis kmalloc_memset_steady[] = { MP_KERNEL_SIZE_CLASS("256,4K"),
							MP_KERNEL_GFP("kernel"),
							MP_KERNEL_CONTEXT("process"),
							MP_KERNEL_LIVE };

static const struct mp_bench benches[] = {
	MP_KERNEL_BENCHES(kmalloc_memset, SLAB, "size", "kmalloc and memset", "kfree"),
};

const struct mp_family mp_family_kmalloc_memset =
	MP_FAMILY("kmalloc_memset", "kernel objects, cleared by their owner", benches);

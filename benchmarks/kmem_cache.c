/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * kmem_cache: a slab cache of its own, that no other kernel code allocates from.
 */
#include "benchmarks/support/kernel.h"

static const struct mp_axis kmem_cache_alloc[] = { MP_KERNEL_SIZE_CLASS("64,256,4K"),
						   MP_KERNEL_GFP("kernel"),
						   MP_KERNEL_ALIGN("8,64", "8,64,4K", 4096),
						   MP_KERNEL_CONTEXT("process"), MP_KERNEL_LIVE };
static const struct mp_axis kmem_cache_free[] = { MP_KERNEL_SIZE_CLASS("64,256,4K"),
						  MP_KERNEL_GFP("kernel"),
						  MP_KERNEL_ALIGN("8", "8,64,4K", 4096),
						  MP_KERNEL_CONTEXT("process,remote"),
						  MP_KERNEL_LIVE,
						  MP_KERNEL_FREE_ORDER };
static const struct mp_axis kmem_cache_pair[] = {
	MP_KERNEL_SIZE_CLASS("256"), MP_KERNEL_GFP("atomic"), MP_KERNEL_ALIGN("8", "8,64,4K", 4096),
	MP_KERNEL_CONTEXT_ANY("process,softirq,hardirq")
};
static const struct mp_axis kmem_cache_steady[] = { MP_KERNEL_SIZE_CLASS("64,256,4K"),
						    MP_KERNEL_GFP("kernel"),
						    MP_KERNEL_ALIGN("8", "8,64,4K", 4096),
						    MP_KERNEL_CONTEXT("process"), MP_KERNEL_LIVE };

static const struct mp_bench benches[] = {
	MP_KERNEL_BENCHES(kmem_cache, CACHE, NULL, "kmem_cache_alloc", "kmem_cache_free"),
};

const struct mp_family mp_family_kmem_cache =
	MP_FAMILY("kmem_cache", "kernel objects of one kind", benches);

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * kmem_cache_create and kmem_cache_destroy: slab caches themselves, each of a name of its own, which is made on the way.
 */
#include "benchmarks/support/kernel.h"

static const struct mp_axis kmem_cache_create_alloc[] = { MP_KERNEL_SIZE_CLASS("256"),
							  MP_KERNEL_CONTEXT("process"),
							  MP_KERNEL_LIVE_CACHES };
static const struct mp_axis kmem_cache_create_free[] = { MP_KERNEL_SIZE_CLASS("256"),
							 MP_KERNEL_CONTEXT("process"),
							 MP_KERNEL_LIVE_CACHES,
							 MP_KERNEL_FREE_ORDER };
static const struct mp_axis kmem_cache_create_pair[] = { MP_KERNEL_SIZE_CLASS("256"),
							 MP_KERNEL_CONTEXT("process") };
static const struct mp_axis kmem_cache_create_steady[] = { MP_KERNEL_SIZE_CLASS("256"),
							   MP_KERNEL_CONTEXT("process"),
							   MP_KERNEL_LIVE_CACHES };

static const struct mp_bench benches[] = {
	MP_KERNEL_BENCHES_OF(kmem_cache_create, "cache", "caches", CACHES, NULL,
			     "kmem_cache_create", "kmem_cache_destroy"),
};

const struct mp_family mp_family_kmem_cache_create =
	MP_FAMILY("kmem_cache_create", "slab caches themselves", benches);

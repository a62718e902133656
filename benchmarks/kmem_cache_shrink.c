/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * kmem_cache_shrink: a slab cache gives back the slabs that it does not use. That it did is checked.
 */
#include "benchmarks/support/kernel.h"

static const struct mp_axis kmem_cache_shrink_apply[] = {
	MP_KERNEL_SIZE_CLASS("256"),
	MP_KERNEL_BATCH_("objects of each cache that were allocated and freed before"),
	MP_KERNEL_CONTEXT("process"), MP_KERNEL_LIVE_CACHES
};

static const struct mp_bench benches[] = {
	MP_KERNEL_APPLY(kmem_cache_shrink, "cache", "caches", CACHES, NULL, "kmem_cache_shrink"),
};

const struct mp_family mp_family_kmem_cache_shrink =
	MP_FAMILY("kmem_cache_shrink", "slab caches that give back what they do not use", benches);

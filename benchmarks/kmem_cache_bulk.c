/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Many objects of a slab cache at once. One operation is one call, whatever the number of its objects.
 */
#include "benchmarks/support/kernel.h"

static const struct mp_axis kmem_cache_bulk_alloc[] = { MP_KERNEL_SIZE_CLASS("256"),
							MP_KERNEL_BATCH, MP_KERNEL_GFP("kernel"),
							MP_KERNEL_CONTEXT("process"),
							MP_KERNEL_LIVE };
static const struct mp_axis kmem_cache_bulk_free[] = {
	MP_KERNEL_SIZE_CLASS("256"),  MP_KERNEL_BATCH, MP_KERNEL_GFP("kernel"),
	MP_KERNEL_CONTEXT("process"), MP_KERNEL_LIVE,  MP_KERNEL_FREE_ORDER
};
static const struct mp_axis kmem_cache_bulk_pair[] = { MP_KERNEL_SIZE_CLASS("256"), MP_KERNEL_BATCH,
						       MP_KERNEL_GFP("atomic"),
						       MP_KERNEL_CONTEXT_ANY("process,softirq") };
static const struct mp_axis kmem_cache_bulk_steady[] = { MP_KERNEL_SIZE_CLASS("256"),
							 MP_KERNEL_BATCH, MP_KERNEL_GFP("kernel"),
							 MP_KERNEL_CONTEXT("process"),
							 MP_KERNEL_LIVE };

static const struct mp_bench benches[] = {
	MP_KERNEL_BENCHES_OF(kmem_cache_bulk, "batch", "batches", BULK, NULL,
			     "kmem_cache_alloc_bulk", "kmem_cache_free_bulk"),
};

const struct mp_family mp_family_kmem_cache_bulk =
	MP_FAMILY("kmem_cache_bulk", "kernel objects of one kind, many at once", benches);

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Many single pages at once, and freed one by one. One operation is one batch, whatever the number of its pages.
 */
#include "benchmarks/support/kernel.h"

static const struct mp_axis pages_bulk_alloc[] = { MP_KERNEL_BATCH, MP_KERNEL_GFP("kernel"),
						   MP_KERNEL_CONTEXT("process"), MP_KERNEL_LIVE };
static const struct mp_axis pages_bulk_free[] = { MP_KERNEL_BATCH, MP_KERNEL_GFP("kernel"),
						  MP_KERNEL_CONTEXT("process"), MP_KERNEL_LIVE,
						  MP_KERNEL_FREE_ORDER };
static const struct mp_axis pages_bulk_pair[] = { MP_KERNEL_BATCH, MP_KERNEL_GFP("atomic"),
						  MP_KERNEL_CONTEXT_ANY("process,softirq") };
static const struct mp_axis pages_bulk_steady[] = { MP_KERNEL_BATCH, MP_KERNEL_GFP("kernel"),
						    MP_KERNEL_CONTEXT("process"), MP_KERNEL_LIVE };

static const struct mp_bench benches[] = {
	MP_KERNEL_BENCHES_OF(pages_bulk, "batch", "batches", PAGES_BULK, NULL, "alloc_pages_bulk",
			     "__free_page of each"),
};

const struct mp_family mp_family_pages_bulk =
	MP_FAMILY("pages_bulk", "single pages, many at once", benches);

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * alloc_pages_exact: as many pages as the size needs; the rest of the power of two is given back.
 */
#include "benchmarks/support/kernel.h"

static const struct mp_axis pages_exact_alloc[] = {
	MP_KERNEL_SIZE("12K,68K", "4K,12K,20K,64K,68K,1M", 1, 1u << 20), MP_KERNEL_GFP("kernel"),
	MP_KERNEL_CONTEXT("process"), MP_KERNEL_LIVE
};
static const struct mp_axis pages_exact_free[] = {
	MP_KERNEL_SIZE("12K,68K", "4K,12K,20K,64K,68K,1M", 1, 1u << 20), MP_KERNEL_GFP("kernel"),
	MP_KERNEL_CONTEXT("process"), MP_KERNEL_LIVE, MP_KERNEL_FREE_ORDER
};
static const struct mp_axis pages_exact_pair[] = {
	MP_KERNEL_SIZE("12K,68K", "4K,12K,20K,64K,68K,1M", 1, 1u << 20), MP_KERNEL_GFP("kernel"),
	MP_KERNEL_CONTEXT("process")
};
static const struct mp_axis pages_exact_steady[] = {
	MP_KERNEL_SIZE("12K,68K", "4K,12K,20K,64K,68K,1M", 1, 1u << 20), MP_KERNEL_GFP("kernel"),
	MP_KERNEL_CONTEXT("process"), MP_KERNEL_LIVE
};

static const struct mp_bench benches[] = {
	MP_KERNEL_BENCHES(pages_exact, EXACT, NULL, "alloc_pages_exact", "free_pages_exact"),
};

const struct mp_family mp_family_pages_exact =
	MP_FAMILY("pages_exact", "as many pages as needed", benches);

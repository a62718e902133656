/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Fragments of pages: the memory of network buffers.
 */
#include "benchmarks/support/kernel.h"

static const struct mp_axis page_frag_alloc[] = {
	MP_KERNEL_SIZE("256,2K", "64,256,1K,2K,4K", 1, 4u << 10), MP_KERNEL_GFP("kernel"),
	MP_KERNEL_CONTEXT("process"), MP_KERNEL_LIVE
};
static const struct mp_axis page_frag_free[] = {
	MP_KERNEL_SIZE("256,2K", "64,256,1K,2K,4K", 1, 4u << 10), MP_KERNEL_GFP("kernel"),
	MP_KERNEL_CONTEXT("process"), MP_KERNEL_LIVE, MP_KERNEL_FREE_ORDER
};
static const struct mp_axis page_frag_pair[] = {
	MP_KERNEL_SIZE("256", "64,256,1K,2K,4K", 1, 4u << 10), MP_KERNEL_GFP("atomic"),
	MP_KERNEL_CONTEXT_ANY("process,softirq")
};
static const struct mp_axis page_frag_steady[] = {
	MP_KERNEL_SIZE("256", "64,256,1K,2K,4K", 1, 4u << 10), MP_KERNEL_GFP("kernel"),
	MP_KERNEL_CONTEXT("process"), MP_KERNEL_LIVE
};

static const struct mp_bench benches[] = {
	MP_KERNEL_BENCHES(page_frag, FRAG, NULL, "page_frag_alloc", "page_frag_free"),
};

const struct mp_family mp_family_page_frag = MP_FAMILY("page_frag", "fragments of pages", benches);

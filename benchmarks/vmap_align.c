/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * vmap at an address that is a multiple of the mapping's size: beside vmap it tells what alignment costs. That it is
 * aligned is checked.
 */
#include "benchmarks/support/kernel.h"

#include <errno.h>

#define SIZE(set) MP_KERNEL_SIZE(set, "8K,16K,64K,256K,1M,4M", 8u << 10, 4u << 20)

/* A single page is always aligned: where base pages have 64K, a mapping of 64K shows nothing. */
static int mp_kernel_legal_ALIGNED(const struct mp_params *params, const struct mp_host *host,
				   struct mp_err *err)
{
	if (mp_params_number(params, "size", 0) <= host->page_size)
		return mp_err_usage(err, -EINVAL, "not legal: a single page is always aligned");
	return mp_kernel_legal_MAPPING(params, host, err);
}

static const struct mp_axis vmap_align_alloc[] = { SIZE("64K,1M"), MP_KERNEL_CONTEXT("process"),
						   MP_KERNEL_LIVE };
static const struct mp_axis vmap_align_free[] = { SIZE("64K"), MP_KERNEL_CONTEXT("process"),
						  MP_KERNEL_LIVE, MP_KERNEL_FREE_ORDER };
static const struct mp_axis vmap_align_pair[] = { SIZE("64K"), MP_KERNEL_CONTEXT("process") };
static const struct mp_axis vmap_align_steady[] = { SIZE("64K"), MP_KERNEL_CONTEXT("process"),
						    MP_KERNEL_LIVE };

static const struct mp_bench benches[] = {
	MP_KERNEL_BENCHES(vmap_align, ALIGNED, NULL, "aligned vmap", "vunmap"),
};

const struct mp_family mp_family_vmap_align =
	MP_FAMILY("vmap_align", "mappings of given pages at aligned addresses", benches);

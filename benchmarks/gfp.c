/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * __get_free_pages: pages by their address.
 */
#include "benchmarks/support/kernel.h"

static const struct mp_axis gfp_alloc[] = { MP_KERNEL_ORDER("0,1,3,9"),
					    MP_KERNEL_GFP_LINEAR("kernel,atomic"),
					    MP_KERNEL_CONTEXT("process"), MP_KERNEL_LIVE };
static const struct mp_axis gfp_free[] = { MP_KERNEL_ORDER("0,1,3,9"),
					   MP_KERNEL_GFP_LINEAR("kernel,atomic"),
					   MP_KERNEL_CONTEXT("process"), MP_KERNEL_LIVE,
					   MP_KERNEL_FREE_ORDER };
static const struct mp_axis gfp_pair[] = { MP_KERNEL_ORDER("0"), MP_KERNEL_GFP_LINEAR("atomic"),
					   MP_KERNEL_CONTEXT_ANY("process,softirq,hardirq") };
static const struct mp_axis gfp_steady[] = { MP_KERNEL_ORDER("0,3"), MP_KERNEL_GFP_LINEAR("kernel"),
					     MP_KERNEL_CONTEXT("process"), MP_KERNEL_LIVE };

static const struct mp_bench benches[] = {
	MP_KERNEL_BENCHES(gfp, LINEAR, NULL, "__get_free_pages", "free_pages"),
};

const struct mp_family mp_family_gfp = MP_FAMILY("gfp", "pages by address", benches);

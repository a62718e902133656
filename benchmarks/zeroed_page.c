/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * get_zeroed_page: one zeroed page by its address.
 */
#include "benchmarks/support/kernel.h"

static const struct mp_axis zeroed_page_alloc[] = { MP_KERNEL_GFP("kernel,atomic"),
						    MP_KERNEL_CONTEXT("process"), MP_KERNEL_LIVE };
static const struct mp_axis zeroed_page_free[] = { MP_KERNEL_GFP("kernel,atomic"),
						   MP_KERNEL_CONTEXT("process"), MP_KERNEL_LIVE,
						   MP_KERNEL_FREE_ORDER };
static const struct mp_axis zeroed_page_pair[] = { MP_KERNEL_GFP("kernel,atomic"),
						   MP_KERNEL_CONTEXT("process") };
static const struct mp_axis zeroed_page_steady[] = { MP_KERNEL_GFP("kernel"),
						     MP_KERNEL_CONTEXT("process"), MP_KERNEL_LIVE };

static const struct mp_bench benches[] = {
	MP_KERNEL_BENCHES(zeroed_page, EXACT, NULL, "get_zeroed_page", "free_page"),
};

const struct mp_family mp_family_zeroed_page = MP_FAMILY("zeroed_page", "one zeroed page", benches);

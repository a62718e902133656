/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * clear_page: zeroing a page, most of what a zeroed one costs. `live` pages take turns: are they in the caches?
 */
#include "benchmarks/support/kernel.h"

static const struct mp_axis clear_page_apply[] = { MP_KERNEL_GFP("kernel"),
						   MP_KERNEL_CONTEXT("process"), MP_KERNEL_LIVE };

static const struct mp_bench benches[] = {
	MP_KERNEL_APPLY(clear_page, "page", "pages", EXACT, NULL, "clear_page"),
};

const struct mp_family mp_family_clear_page = MP_FAMILY("clear_page", "zeroing pages", benches);

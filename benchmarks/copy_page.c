/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * copy_page: copying a page, most of what a copy-on-write costs. `live` pages take turns as the target.
 */
#include "benchmarks/support/kernel.h"

static const struct mp_axis copy_page_apply[] = { MP_KERNEL_GFP("kernel"),
						  MP_KERNEL_CONTEXT("process"), MP_KERNEL_LIVE };

static const struct mp_bench benches[] = {
	MP_KERNEL_APPLY(copy_page, "page", "pages", EXACT, NULL, "copy_page"),
};

const struct mp_family mp_family_copy_page = MP_FAMILY("copy_page", "copying pages", benches);

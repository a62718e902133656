/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * folio_alloc: pages as the page cache takes them.
 */
#include "benchmarks/support/kernel.h"

static const struct mp_axis folio_alloc[] = { MP_KERNEL_ORDER("0,4,9"),
					      MP_KERNEL_GFP_PAGES("kernel"),
					      MP_KERNEL_CONTEXT("process"), MP_KERNEL_LIVE };
static const struct mp_axis folio_free[] = { MP_KERNEL_ORDER("0,4,9"), MP_KERNEL_GFP("kernel"),
					     MP_KERNEL_CONTEXT("process"), MP_KERNEL_LIVE,
					     MP_KERNEL_FREE_ORDER };
static const struct mp_axis folio_pair[] = { MP_KERNEL_ORDER("0"), MP_KERNEL_GFP("kernel"),
					     MP_KERNEL_CONTEXT("process") };
static const struct mp_axis folio_steady[] = { MP_KERNEL_ORDER("0"), MP_KERNEL_GFP("kernel"),
					       MP_KERNEL_CONTEXT("process"), MP_KERNEL_LIVE };

static const struct mp_bench benches[] = {
	MP_KERNEL_BENCHES(folio, PAGES, NULL, "folio_alloc", "folio_put"),
};

const struct mp_family mp_family_folio = MP_FAMILY("folio", "pages as folios", benches);

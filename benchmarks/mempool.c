/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A mempool that never needs its reserve.
 */
#include "benchmarks/support/kernel.h"

static const struct mp_axis mempool_alloc[] = { MP_KERNEL_SIZE_CLASS("256"),
						MP_KERNEL_GFP("kernel"),
						MP_KERNEL_CONTEXT("process"), MP_KERNEL_LIVE };
static const struct mp_axis mempool_free[] = { MP_KERNEL_SIZE_CLASS("256"), MP_KERNEL_GFP("kernel"),
					       MP_KERNEL_CONTEXT("process"), MP_KERNEL_LIVE,
					       MP_KERNEL_FREE_ORDER };
static const struct mp_axis mempool_pair[] = { MP_KERNEL_SIZE_CLASS("256"), MP_KERNEL_GFP("atomic"),
					       MP_KERNEL_CONTEXT_ANY("process,softirq,hardirq") };
static const struct mp_axis mempool_steady[] = { MP_KERNEL_SIZE_CLASS("256"),
						 MP_KERNEL_GFP("kernel"),
						 MP_KERNEL_CONTEXT("process"), MP_KERNEL_LIVE };

static const struct mp_bench benches[] = {
	MP_KERNEL_BENCHES(mempool, POOL, NULL, "mempool_alloc", "mempool_free"),
};

const struct mp_family mp_family_mempool =
	MP_FAMILY("mempool", "kernel objects with a reserve", benches);

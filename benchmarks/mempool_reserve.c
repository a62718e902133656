/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A mempool of which the allocator below has nothing: every object comes from the reserve.
 */
#include "benchmarks/support/kernel.h"

static const struct mp_axis mempool_reserve_alloc[] = { MP_KERNEL_SIZE_CLASS("256"),
							MP_KERNEL_GFP("kernel"),
							MP_KERNEL_CONTEXT("process"),
							MP_KERNEL_LIVE };
static const struct mp_axis mempool_reserve_free[] = { MP_KERNEL_SIZE_CLASS("256"),
						       MP_KERNEL_GFP("kernel"),
						       MP_KERNEL_CONTEXT("process"), MP_KERNEL_LIVE,
						       MP_KERNEL_FREE_ORDER };
static const struct mp_axis mempool_reserve_pair[] = {
	MP_KERNEL_SIZE_CLASS("256"), MP_KERNEL_GFP("atomic"),
	MP_KERNEL_CONTEXT_ANY("process,softirq,hardirq")
};
static const struct mp_axis mempool_reserve_steady[] = { MP_KERNEL_SIZE_CLASS("256"),
							 MP_KERNEL_GFP("kernel"),
							 MP_KERNEL_CONTEXT("process"),
							 MP_KERNEL_LIVE };

static const struct mp_bench benches[] = {
	MP_KERNEL_BENCHES(mempool_reserve, POOL, NULL, "mempool_alloc", "mempool_free"),
};

const struct mp_family mp_family_mempool_reserve =
	MP_FAMILY("mempool_reserve", "kernel objects out of a reserve", benches);

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * kfree_rcu: what it costs to have an object freed after a grace period, without what it then costs to free it.
 */
#include "benchmarks/support/kernel.h"

static const struct mp_axis kfree_rcu_free[] = {
	MP_KERNEL_SIZE("64,4K", "16,64,256,1K,4K,8K", 16, 8u << 10), MP_KERNEL_GFP("kernel"),
	MP_KERNEL_CONTEXT("process"), MP_KERNEL_LIVE, MP_KERNEL_FREE_ORDER
};

static const struct mp_bench benches[] = {
	MP_KERNEL_FREE(kfree_rcu, "object", SLAB, NULL, "kfree_rcu"),
};

const struct mp_family mp_family_kfree_rcu =
	MP_FAMILY("kfree_rcu", "kernel objects freed after a grace period", benches);

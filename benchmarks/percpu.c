/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * alloc_percpu: zeroed memory for every possible CPU.
 */
#include "benchmarks/support/kernel.h"

static const struct mp_axis percpu_alloc[] = {
	MP_KERNEL_SIZE("8,256", "8,64,256,1K,4K", 1, 16u << 10), MP_KERNEL_GFP("kernel"),
	MP_KERNEL_ALIGN("8,64", "8,64", 64), MP_KERNEL_CONTEXT("process"), MP_KERNEL_LIVE
};
static const struct mp_axis percpu_free[] = { MP_KERNEL_SIZE("8,256", "8,64,256,1K,4K", 1,
							     16u << 10),
					      MP_KERNEL_GFP("kernel"),
					      MP_KERNEL_ALIGN("8", "8,64", 64),
					      MP_KERNEL_CONTEXT("process"),
					      MP_KERNEL_LIVE,
					      MP_KERNEL_FREE_ORDER };
static const struct mp_axis percpu_pair[] = {
	MP_KERNEL_SIZE("8,256", "8,64,256,1K,4K", 1, 16u << 10), MP_KERNEL_GFP("kernel"),
	MP_KERNEL_ALIGN("8", "8,64", 64), MP_KERNEL_CONTEXT("process")
};
static const struct mp_axis percpu_steady[] = {
	MP_KERNEL_SIZE("8,256", "8,64,256,1K,4K", 1, 16u << 10), MP_KERNEL_GFP("kernel"),
	MP_KERNEL_ALIGN("8", "8,64", 64), MP_KERNEL_CONTEXT("process"), MP_KERNEL_LIVE
};

static const struct mp_bench benches[] = {
	MP_KERNEL_BENCHES(percpu, PERCPU, NULL, "__alloc_percpu_gfp", "free_percpu"),
};

const struct mp_family mp_family_percpu = MP_FAMILY("percpu", "memory of every CPU", benches);

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * kmalloc_node: kmalloc from a given NUMA node: the CPU's own, or another.
 */
#include "benchmarks/support/kernel.h"

static const struct mp_axis kmalloc_node_alloc[] = { MP_KERNEL_SIZE_CLASS("256,4K"),
						     MP_KERNEL_GFP("kernel"), MP_KERNEL_NODE,
						     MP_KERNEL_CONTEXT("process"), MP_KERNEL_LIVE };
static const struct mp_axis kmalloc_node_free[] = {
	MP_KERNEL_SIZE_CLASS("256,4K"), MP_KERNEL_GFP("kernel"), MP_KERNEL_NODE,
	MP_KERNEL_CONTEXT("process"),	MP_KERNEL_LIVE,		 MP_KERNEL_FREE_ORDER
};
static const struct mp_axis kmalloc_node_pair[] = { MP_KERNEL_SIZE_CLASS("256,4K"),
						    MP_KERNEL_GFP("kernel"), MP_KERNEL_NODE,
						    MP_KERNEL_CONTEXT("process") };
static const struct mp_axis kmalloc_node_steady[] = { MP_KERNEL_SIZE_CLASS("256,4K"),
						      MP_KERNEL_GFP("kernel"), MP_KERNEL_NODE,
						      MP_KERNEL_CONTEXT("process"),
						      MP_KERNEL_LIVE };

static const struct mp_bench benches[] = {
	MP_KERNEL_BENCHES(kmalloc_node, SLAB, NULL, "kmalloc_node", "kfree"),
};

const struct mp_family mp_family_kmalloc_node =
	MP_FAMILY("kmalloc_node", "kernel objects of a node", benches);

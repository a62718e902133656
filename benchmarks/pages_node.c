/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * alloc_pages_node: alloc_pages from a given NUMA node first: the CPU's own, or another.
 */
#include "benchmarks/support/kernel.h"

static const struct mp_axis pages_node_alloc[] = { MP_KERNEL_ORDER("0,9"), MP_KERNEL_GFP("kernel"),
						   MP_KERNEL_NODE, MP_KERNEL_CONTEXT("process"),
						   MP_KERNEL_LIVE };
static const struct mp_axis pages_node_free[] = {
	MP_KERNEL_ORDER("0,9"),	      MP_KERNEL_GFP("kernel"), MP_KERNEL_NODE,
	MP_KERNEL_CONTEXT("process"), MP_KERNEL_LIVE,	       MP_KERNEL_FREE_ORDER
};
static const struct mp_axis pages_node_pair[] = { MP_KERNEL_ORDER("0,9"), MP_KERNEL_GFP("kernel"),
						  MP_KERNEL_NODE, MP_KERNEL_CONTEXT("process") };
static const struct mp_axis pages_node_steady[] = { MP_KERNEL_ORDER("0,9"), MP_KERNEL_GFP("kernel"),
						    MP_KERNEL_NODE, MP_KERNEL_CONTEXT("process"),
						    MP_KERNEL_LIVE };

static const struct mp_bench benches[] = {
	MP_KERNEL_BENCHES(pages_node, PAGES, NULL, "alloc_pages_node", "__free_pages"),
};

const struct mp_family mp_family_pages_node = MP_FAMILY("pages_node", "pages of a node", benches);

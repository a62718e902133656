/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * kmalloc: the slab allocator by size class, and the page allocator beyond the largest one. The compiler does not know
 * the size.
 */
#include "benchmarks/support/kernel.h"

static const struct mp_axis kmalloc_alloc[] = { MP_KERNEL_SIZE_SLAB("64,256,4K,64K"),
						MP_KERNEL_GFP_SLAB("kernel,atomic,account"),
						MP_KERNEL_CONTEXT("process"), MP_KERNEL_LIVE };
static const struct mp_axis kmalloc_free[] = { MP_KERNEL_SIZE_SLAB("64,256,4K,64K"),
					       MP_KERNEL_GFP("kernel,atomic"),
					       MP_KERNEL_CONTEXT("process,remote"),
					       MP_KERNEL_LIVE,
					       MP_KERNEL_FREE_ORDER,
					       MP_KERNEL_TOUCH("none,all") };
static const struct mp_axis kmalloc_pair[] = {
	MP_KERNEL_SIZE_CLASS("256"), MP_KERNEL_GFP("atomic"),
	MP_KERNEL_CONTEXT_ANY("process,kthread,bhoff,irqsoff,softirq,hardirq")
};
static const struct mp_axis kmalloc_steady[] = { MP_KERNEL_SIZE_SLAB("64,256,4K"),
						 MP_KERNEL_GFP("kernel"),
						 MP_KERNEL_CONTEXT("process"), MP_KERNEL_LIVE,
						 MP_KERNEL_TOUCH("none") };

static const struct mp_bench benches[] = {
	MP_KERNEL_BENCHES(kmalloc, SLAB, NULL, "kmalloc", "kfree"),
};

const struct mp_family mp_family_kmalloc = MP_FAMILY("kmalloc", "kernel objects by size", benches);

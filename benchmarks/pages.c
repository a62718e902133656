/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * alloc_pages: pages by their struct page. Orders up to 3 (and that of a huge page) are served from lists of the CPU, the
 * others by the zone under its lock.
 */
#include "benchmarks/support/kernel.h"

static const struct mp_axis pages_alloc[] = {
	MP_KERNEL_ORDER("0,1,3,4,9"), MP_KERNEL_GFP_PAGES("kernel,atomic,account,transhuge"),
	MP_KERNEL_CONTEXT("process"), MP_KERNEL_LIVE
};
static const struct mp_axis pages_free[] = { MP_KERNEL_ORDER("0,1,3,4,9"),
					     MP_KERNEL_GFP("kernel,atomic"),
					     MP_KERNEL_CONTEXT("process,remote"),
					     MP_KERNEL_LIVE,
					     MP_KERNEL_FREE_ORDER,
					     MP_KERNEL_TOUCH("none") };
static const struct mp_axis pages_pair[] = {
	MP_KERNEL_ORDER("0"), MP_KERNEL_GFP("atomic"),
	MP_KERNEL_CONTEXT_ANY("process,kthread,bhoff,irqsoff,softirq,hardirq")
};
static const struct mp_axis pages_steady[] = { MP_KERNEL_ORDER("0,3"), MP_KERNEL_GFP("kernel"),
					       MP_KERNEL_CONTEXT("process"), MP_KERNEL_LIVE,
					       MP_KERNEL_TOUCH("none") };

static const struct mp_bench benches[] = {
	MP_KERNEL_BENCHES(pages, PAGES, NULL, "alloc_pages", "__free_pages"),
};

const struct mp_family mp_family_pages = MP_FAMILY("pages", "pages by struct page", benches);

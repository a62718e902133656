/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * kfloor: what the kernel side of memperf charges for doing nothing, in every context: the loop, its bookkeeping, and
 * in call mode one read of the clock.
 */
/* 2: the compiler cannot leave the loop out where nothing is released. */
#define MP_KERNEL_DEFINITION 2
#include "benchmarks/support/kernel.h"

static const struct mp_axis kfloor_alloc[] = { MP_KERNEL_CONTEXT("process"), MP_KERNEL_LIVE };
static const struct mp_axis kfloor_free[] = { MP_KERNEL_CONTEXT("process"), MP_KERNEL_LIVE,
					      MP_KERNEL_FREE_ORDER };
static const struct mp_axis kfloor_pair[] = { MP_KERNEL_CONTEXT_ANY(
	"process,kthread,bhoff,irqsoff,softirq,hardirq,remote") };
static const struct mp_axis kfloor_steady[] = { MP_KERNEL_CONTEXT("process"), MP_KERNEL_LIVE };

static const struct mp_bench benches[] = {
	MP_KERNEL_BENCHES(kfloor, NOTHING, NULL, "nothing", "nothing"),
};

const struct mp_family mp_family_kfloor =
	MP_FAMILY("kfloor", "the module's loops without an allocator", benches);

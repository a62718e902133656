/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * vm_map_ram: vmap for short-lived mappings.
 */
#include "benchmarks/support/kernel.h"

static const struct mp_axis vm_map_ram_alloc[] = { MP_KERNEL_SIZE_MAPPING("64K,1M"),
						   MP_KERNEL_CONTEXT("process"), MP_KERNEL_LIVE };
static const struct mp_axis vm_map_ram_free[] = { MP_KERNEL_SIZE_MAPPING("64K,1M"),
						  MP_KERNEL_CONTEXT("process"), MP_KERNEL_LIVE,
						  MP_KERNEL_FREE_ORDER };
static const struct mp_axis vm_map_ram_pair[] = { MP_KERNEL_SIZE_MAPPING("64K"),
						  MP_KERNEL_CONTEXT("process") };
static const struct mp_axis vm_map_ram_steady[] = { MP_KERNEL_SIZE_MAPPING("64K"),
						    MP_KERNEL_CONTEXT("process"), MP_KERNEL_LIVE };

static const struct mp_bench benches[] = {
	MP_KERNEL_BENCHES(vm_map_ram, MAPPING, NULL, "vm_map_ram", "vm_unmap_ram"),
};

const struct mp_family mp_family_vm_map_ram =
	MP_FAMILY("vm_map_ram", "short-lived mappings of given pages", benches);

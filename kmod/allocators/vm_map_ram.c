/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vm_map_ram: vmap for short-lived mappings. Up to some dozens of pages come from blocks of addresses that each CPU keeps.
 */
#include <linux/sizes.h>
#include <linux/vmalloc.h>

#include "loops.h"

static __always_inline void *vm_map_ram_allocate(struct mpk_job *job)
{
	return vm_map_ram(job->own, PAGE_ALIGN(job->bytes) >> PAGE_SHIFT, NUMA_NO_NODE);
}

static __always_inline void vm_map_ram_release(struct mpk_job *job, void *object)
{
	vm_unmap_ram(object, PAGE_ALIGN(job->bytes) >> PAGE_SHIFT);
}
MPK_DEFINE_LOOPS(vm_map_ram)

const struct mpk_allocator mpk_allocator_vm_map_ram = {
	.name = "vm_map_ram",
	.call = "vm_map_ram(pages, size / page, -1), vm_unmap_ram(address, size / page)",
	.kind = MPK_KIND_MAPPING,
	.measure = MPK_MEASURE_BYTES,
	.min = 1,
	.max = SZ_4M,
	MPK_LOOPS(vm_map_ram),
	.prepare = mpk_own_pages,
	.unprepare = mpk_own_pages_done,
	.shows = mpk_shows_own_pages,
};

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vmalloc among a crowd: that many areas of a page are mapped, with a hole of two pages behind each, so that the kernel's
 * trees of used and of free addresses are as deep as those of a machine that has run for long.
 */
#include <linux/overflow.h>
#include <linux/sizes.h>
#include <linux/vmalloc.h>

#include "loops.h"

/* A mapped page of user-mode-linux is a mapping of its host's, which has a limit (vm.max_map_count). */
#define MOST (IS_ENABLED(CONFIG_UML) ? 1u << 13 : 1u << 20)

#define STRETCH 64 /* areas between two looks at signals and memory */
#define LOOKS	16 /* areas that are looked at */

struct crowd {
	struct page *page; /* what all of them map */
	/* The even ones stay, the odd ones become the holes. */
	void *areas[];
};

static __always_inline void *vmalloc_busy_allocate(struct mpk_job *job)
{
	return __vmalloc(job->bytes, job->gfp);
}

static __always_inline void vmalloc_busy_release(struct mpk_job *job, void *object)
{
	vfree(object);
}
MPK_DEFINE_LOOPS(vmalloc_busy)

static int fill(struct mpk_job *job, struct crowd *crowd)
{
	u32 i;

	for (i = 0; i < 2 * job->request.crowd; i++) {
		crowd->areas[i] = vmap(&crowd->page, 1, VM_MAP, PAGE_KERNEL);
		if (!crowd->areas[i])
			return -ENOMEM;
		if (i % STRETCH)
			continue;
		cond_resched();
		if (mpk_job_cancelled(job))
			return -EINTR;
		if (mpk_memory_is_short())
			return -ENOMEM;
	}
	return 0;
}

/* Those from `first` on, each step-th. */
static void thin(struct mpk_job *job, struct crowd *crowd, u32 first, u32 step)
{
	u32 i;

	for (i = first; i < 2 * job->request.crowd; i += step) {
		vunmap(crowd->areas[i]);
		crowd->areas[i] = NULL;
		cond_resched();
	}
}

static int prepare(struct mpk_job *job)
{
	size_t n = 2 * (size_t)job->request.crowd;
	struct crowd *crowd = kvzalloc(struct_size(crowd, areas, n), MPK_GFP);
	int err;

	job->own = crowd;
	if (!crowd)
		return -ENOMEM;
	crowd->page = alloc_page(MPK_GFP);
	if (!crowd->page)
		return -ENOMEM;
	err = fill(job, crowd);
	if (err)
		return err;
	thin(job, crowd, 1, 2);
	/* Until then a hole is none. */
	vm_unmap_aliases();
	return 0;
}

static void unprepare(struct mpk_job *job)
{
	struct crowd *crowd = job->own;

	if (!crowd)
		return;
	thin(job, crowd, 0, 1);
	if (crowd->page)
		__free_page(crowd->page);
	kvfree(crowd);
	job->own = NULL;
}

/* The crowd is there, from the first to the last. */
static bool shows(struct mpk_job *job, void *object)
{
	const struct crowd *crowd = job->own;
	u32 n = job->request.crowd, i;

	for (i = 0; i < n; i += n / LOOKS + 1) {
		const void *area = crowd->areas[2 * i];

		if (!area || vmalloc_to_page(area) != crowd->page)
			return false;
	}
	return true;
}

const struct mpk_allocator mpk_allocator_vmalloc_busy = {
	.name = "vmalloc_busy",
	.call = "__vmalloc(size, gfp), vfree(object) among other areas",
	.kind = MPK_KIND_VMALLOC,
	.measure = MPK_MEASURE_BYTES,
	.min = 1,
	.max = SZ_1G,
	.crowd_max = MOST,
	MPK_LOOPS(vmalloc_busy),
	.prepare = prepare,
	.unprepare = unprepare,
	.shows = shows,
};

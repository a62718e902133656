/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is written to objects between their allocation and their end, outside the timed section: whoever allocates memory uses it, and
 * what is freed is in the caches then.
 */
#include <linux/mm.h>
#include <linux/string.h>

#include "mpk.h"

#define BYTE 0x6d

/* Is an object of it one piece of memory that is its owner's to write to? Where operations are done to objects, what they hold is
 * theirs. */
bool mpk_touchable(const struct mpk_allocator *a)
{
	switch (a->kind) {
	case MPK_KIND_SLAB:
	case MPK_KIND_CACHE:
	case MPK_KIND_VMALLOC:
	case MPK_KIND_KVMALLOC:
	case MPK_KIND_LINEAR:
	case MPK_KIND_EXACT:
	case MPK_KIND_PAGES:
	case MPK_KIND_POOL:
	case MPK_KIND_FRAG:
		return !a->batch_max && a->loops[MPK_FREE][MPK_CLOCK_RAW][0];
	default:
		return false;
	}
}

static size_t bytes_of(const struct mpk_job *job)
{
	if (job->allocator->measure == MPK_MEASURE_BYTES)
		return job->bytes;
	return PAGE_SIZE << job->order;
}

void mpk_touch(const struct mpk_job *job, void *object)
{
	void *memory = object;

	if (!object || job->request.touch == MPK_TOUCH_NONE)
		return;
	if (job->allocator->kind == MPK_KIND_PAGES)
		memory = page_address(object);
	/* High memory has no address, and no allocation of a 64-bit kernel is of it. */
	if (memory)
		memset(memory, BYTE, job->request.touch == MPK_TOUCH_ALL ? bytes_of(job) : 1);
}

void mpk_touch_shot(const struct mpk_job *job, u32 count)
{
	u32 i;

	if (job->request.touch == MPK_TOUCH_NONE)
		return;
	for (i = 0; i < count && job->live; i++) {
		if (job->request.pattern == MPK_ALLOC)
			mpk_touch(job, job->slots[job->live - 1 - i % job->live]);
		else if (job->request.pattern == MPK_STEADY)
			mpk_touch(
				job,
				job->slots[job->turns[(job->turn + job->live - 1 - i % job->live) %
						      job->live]]);
	}
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A heap at a known place: see heap.h. */
#include "benchmarks/support/heap.h"

#include "benchmarks/support/syscall.h"
#include "benchmarks/support/thp.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

/* Minor faults of the worker itself that pass for noise, as in MP_RANGE_SLACK; more, for there may be several
 * blocks between two checks. */
#define SLACK 16

int mp_heap_move(struct mp_heap *heap, uint64_t address, struct mp_err *err)
{
	uint64_t now = (uint64_t)mp_sys_brk(address);

	(void)heap;
	if (now == address)
		return 0;
	return mp_err_env(err, -ENOMEM,
			  "the break stays at %#llx instead of %#llx; see 'ulimit -d' and "
			  "vm.overcommit_memory",
			  (unsigned long long)now, (unsigned long long)address);
}

static int lay_foundation(struct mp_heap *heap, bool resident, struct mp_err *err)
{
	uint64_t span = mp_table_span(heap->page);
	uint64_t floor = (heap->original + span - 1) / span * span;
	char *foundation = (char *)floor;
	int ret = mp_heap_move(heap, floor + heap->page, err);

	if (ret)
		return ret;
	heap->base = floor + heap->page;
	heap->top = heap->base;
	/* The advice is a flag of the VMA that fresh heap lacks: the kernel does not merge the two. */
	if (heap->separate && madvise(foundation, heap->page, MADV_DONTDUMP))
		return mp_err_env(err, -errno, "cannot set the heap apart: %s", strerror(errno));
	if (resident)
		*(volatile char *)foundation = 1;
	return 0;
}

int mp_heap_open(struct mp_heap *heap, const struct mp_ctx *ctx, bool resident, bool separate,
		 struct mp_err *err)
{
	int ret = mp_pages_open(&heap->pages, ctx->host->page_size, err);

	if (!ret)
		ret = mp_vma_open(&heap->view, err);
	/* The heap grows into mappings that nobody can advise before they are there. */
	if (!ret)
		ret = mp_thp_forbid(err);
	if (ret)
		return ret;
	heap->page = ctx->host->page_size;
	heap->separate = separate;
	heap->original = (uint64_t)mp_sys_brk(0);
	heap->open = true;
	ret = lay_foundation(heap, resident, err);
	heap->vmas = mp_vma_count(&heap->view);
	return ret;
}

int mp_heap_block(struct mp_heap *heap, struct mp_err *err)
{
	void *at = mmap((void *)heap->base, heap->page, PROT_NONE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

	if (at != (void *)heap->base)
		return mp_err_env(err, -EEXIST, "cannot map a page above the heap: %s",
				  at == MAP_FAILED ? strerror(errno) : "it came elsewhere");
	heap->vmas = mp_vma_count(&heap->view);
	heap->blocked = true;
	return 0;
}

void mp_heap_done(struct mp_heap *heap)
{
	if (heap->blocked)
		munmap((void *)heap->base, heap->page);
	if (heap->open) {
		mp_sys_brk(heap->original);
		mp_thp_permit();
	}
	heap->open = false;
	mp_vma_close(&heap->view);
	mp_pages_done(&heap->pages);
}

void mp_heap_check(struct mp_ctx *ctx, const struct mp_heap *heap, uint64_t want, uint64_t vmas)
{
	struct mp_vma_entry vma = { 0 };
	uint64_t now = (uint64_t)mp_sys_brk(0);

	mp_expect_equal(ctx, "break", want, now);
	mp_expect_equal(ctx, "vmas", heap->vmas + vmas, mp_vma_count(&heap->view));
	/* what ends there is the heap, or what it was joined to */
	mp_vma_find(&heap->view, want - 1, &vma, NULL, NULL);
	mp_expect_equal(ctx, "heap_end", want, vma.end);
}

void mp_heap_check_faults(struct mp_ctx *ctx, struct mp_heap *heap)
{
	uint64_t faults = mp_faults_since(&heap->faults);
	uint64_t want = heap->touched ? heap->grown * (heap->size / heap->page) : 0;

	mp_expect_range(ctx, "faults", want, want + SLACK, faults);
	heap->grown = 0;
}

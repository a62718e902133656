/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The heap that brk(2) moves the end of, at a place that is the same in every run: the break is raised to the next
 * boundary of a page table, and one page more, the foundation, which is mapped and, where asked, resident. From
 * there on the heap grows; everything is put back at the end.
 *
 * libc's allocator owns the break: nothing may call malloc(3) between mp_heap_open and mp_heap_done. System
 * calls are raw, so libc does not notice. Addresses and sizes in bytes.
 */
#ifndef BENCHMARKS_SUPPORT_HEAP_H
#define BENCHMARKS_SUPPORT_HEAP_H

#include "benchmarks/bench.h"
#include "benchmarks/support/page.h"
#include "benchmarks/support/vma.h"

struct mp_heap {
	/* What operations read and write. */
	uint64_t base; /* the break before the first growth */
	uint64_t size; /* of one growth */
	uint64_t top; /* base + n * size, for shrinking */
	uint64_t last; /* what the kernel, or libc, answered last; 0: nothing since arm */

	uint64_t page;
	uint64_t original; /* the break that mp_heap_done restores */
	uint64_t vmas; /* of the process when the break is at base */
	bool separate; /* growth may not join the foundation's VMA */
	bool touched; /* growths are written to before they are timed */
	bool open;
	bool blocked; /* a page is mapped at base */

	/* Since the last check: so many growths were made by arm, each to take one fault per page. */
	uint64_t grown;
	struct mp_faults faults; /* before the first of them */

	struct mp_vma_view view;
	struct mp_pages pages;
};

/* Raises the break to the foundation. `resident`: the foundation is touched, so that the page table below the
 * base exists. 0, or a negative errno with a sentence. */
int mp_heap_open(struct mp_heap *heap, const struct mp_ctx *ctx, bool resident, bool separate,
		 struct mp_err *err);
void mp_heap_done(struct mp_heap *heap); /* accepts one that is not open */

/* Maps one page right above the break, so that it cannot be raised. It counts among `vmas`. 0, or a negative errno with a
 * sentence. */
int mp_heap_block(struct mp_heap *heap, struct mp_err *err);

/* Puts the break at `address`; -ENOMEM with a sentence when the kernel leaves it elsewhere. */
int mp_heap_move(struct mp_heap *heap, uint64_t address, struct mp_err *err);

/* Writes one byte to every page from base to top. Inline: see MP_DEFINE_RUN_APART. */
static inline void mp_heap_touch(struct mp_heap *heap)
{
	for (uint64_t at = heap->base; at < heap->top; at += heap->page)
		*(volatile char *)at = 1;
}

/* Checks "break": where the kernel has the break; "heap_end": where the heap's mapping ends, and "vmas": how many
 * mappings the process has more than at the base. */
void mp_heap_check(struct mp_ctx *ctx, const struct mp_heap *heap, uint64_t want, uint64_t vmas);

/* Checks "faults": every growth since the last check took one fault for each of its pages, or none took any. */
void mp_heap_check_faults(struct mp_ctx *ctx, struct mp_heap *heap);

/* Children that raise and lower the breaks of their own heaps, copies of one at its base, by one page without end. */
#define MP_HEAP_CROWD 63

struct mp_heap_crowd {
	struct mp_heap_turns *turns; /* shared with the children; NULL: none */
	unsigned count;
	int caller_cpu;
	int pids[MP_HEAP_CROWD];
};

/* Starts `count` of them, away from the caller's CPU. 0, or a negative errno with a sentence; the caller ends with _stop. */
int mp_heap_crowd_start(struct mp_heap_crowd *crowd, const struct mp_heap *heap, unsigned count,
			struct mp_err *err);
void mp_heap_crowd_stop(struct mp_heap_crowd *crowd); /* accepts one that was never started */

/* How many go on just now, and how many are on another CPU than the caller. */
unsigned mp_heap_crowd_working(const struct mp_heap_crowd *crowd);
unsigned mp_heap_crowd_elsewhere(const struct mp_heap_crowd *crowd);

#endif

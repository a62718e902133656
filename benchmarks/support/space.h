/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where mappings land: by design, not by luck.
 *
 * Most callers of mmap let the kernel choose the address, and what the call costs depends on what lies next
 * to it: a new mapping may merge with its neighbour, share its lowest page table, or lie alone. settle()
 * arranges the address space so that the kernel's own choice for a given size is known: always the same
 * place in the large free area, beside a guard that never merges or beside an anchor that always does.
 *
 * The arena serves the callers that name an address: slots in it are separate, with a piece of the
 * reservation between them.
 */
#ifndef BENCHMARKS_SUPPORT_SPACE_H
#define BENCHMARKS_SUPPORT_SPACE_H

#include "benchmarks/bench.h"
#include "benchmarks/support/page.h"
#include "benchmarks/support/vma.h"

struct mp_space {
	const struct mp_vma_view *view;
	const struct mp_host *host;
	bool down; /* the kernel fills the free area from its top */
	uint64_t edge; /* where the free area begins: the guard is beyond it */
	uint64_t spot; /* where the kernel puts the next mapping of the settled size */
};

/* Fills every hole that the kernel would prefer for `size` bytes, up to the large free area, and puts an
 * inaccessible guard at its edge. Small mappings then share their lowest page table with the guard alone, which
 * keeps the table once there is one; those of a huge page and more begin at a huge page boundary, beside the guard.
 * The fillings stay until the process ends. 0, or a negative errno with a sentence. */
int mp_space_settle(struct mp_space *space, const struct mp_vma_view *view,
		    const struct mp_host *host, uint64_t size, struct mp_err *err);

/* Bytes from the guard on that lie within that one page table. */
uint64_t mp_space_shared_table(const struct mp_host *host);

/* After settle for a small size: brings that page table into being, as any touched neighbour would. Without it
 * there is none, and unmapping what was never touched is done a level higher. */
int mp_space_warm(struct mp_space *space, const struct mp_pages *pages, struct mp_err *err);

/* After settle: keeps one anonymous mapping of `size` at the spot, private, writable and in use, with which the
 * next ones merge. -EOPNOTSUPP: this kernel leaves gaps between mappings of that size. */
int mp_space_anchor(struct mp_space *space, uint64_t size, struct mp_err *err);

/* After settle: a row of `count` holes of `size` bytes at the edge, with one inaccessible page between
 * them, and then one hole of `last` bytes (0: none), so that the kernel meets them in this order. *ret_first
 * and *ret_end (may be NULL) tell the range of the whole row. */
int mp_space_comb(struct mp_space *space, uint64_t count, uint64_t size, uint64_t last,
		  uint64_t *ret_last, uint64_t *ret_first, uint64_t *ret_end, struct mp_err *err);

/* Does this kernel align anonymous mappings of that size to huge pages when it chooses their address?
 * (Linux 6.7 and later, for multiples of a huge page.) After settle. */
bool mp_space_aligned(const struct mp_space *space, uint64_t size);

/* Slot i of the arena for objects of `size` bytes. A slot of a huge page or more begins at a huge page
 * boundary; smaller ones lie in the middle of a page table that the reservation around them shares. */
char *mp_space_slot(const struct mp_ctx *ctx, uint64_t size, uint64_t i);

/* Do n such slots fit into the lower half of the smallest arena? 0, or -EINVAL with the reason. */
int mp_space_slots_fit(const struct mp_host *host, uint64_t size, uint64_t n, struct mp_err *err);

#endif

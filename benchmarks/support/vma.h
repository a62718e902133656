/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The mappings of this process as the kernel lists them: what checks prove their post-conditions with; and
 * what setup does to the arena. For the pages inside the mappings see page.h.
 *
 * A view holds /proc/self/maps open; reading it allocates nothing, so that it does not change what it looks
 * at. A walk takes 20-50 us on a small process: between blocks, never between operations. Addresses and
 * sizes are in bytes.
 */
#ifndef BENCHMARKS_SUPPORT_VMA_H
#define BENCHMARKS_SUPPORT_VMA_H

#include "benchmarks/bench.h"

struct mp_vma_entry {
	uint64_t start, end;
	bool read, write, exec, shared;
	uint64_t inode; /* 0: no file (shared anonymous memory has one) */
};

/* All zero is a closed view. One view per thread. */
struct mp_vma_view {
	bool open;
	int maps; /* file descriptor */
};

/* 0, or a negative errno and a sentence (procfs not mounted). Of this process, or of a child. */
int mp_vma_open(struct mp_vma_view *view, struct mp_err *err);
int mp_vma_open_of(struct mp_vma_view *view, int pid, struct mp_err *err); /* 0: this one */
void mp_vma_close(struct mp_vma_view *view); /* also a closed one */

/* Number of mappings of the process; 0 when procfs cannot be read. */
uint64_t mp_vma_count(const struct mp_vma_view *view);

/* Calls `each` for every mapping in address order until it returns false. */
void mp_vma_walk(const struct mp_vma_view *view,
		 bool (*each)(void *user, const struct mp_vma_entry *vma), void *user);

/* The mapping that holds `address`, with the ends of its neighbours: *ret_below is the end of the mapping
 * before it (0: none), *ret_above the start of the one after (UINT64_MAX: none). When nothing is mapped at
 * the address, false, and the two tell the hole. Any pointer may be NULL. */
bool mp_vma_find(const struct mp_vma_view *view, uint64_t address, struct mp_vma_entry *ret_vma,
		 uint64_t *ret_below, uint64_t *ret_above);

/* How many of the n ranges [at[i], at[i] + size) are one whole mapping each, nothing more and nothing less;
 * readable and writable or only writable. */
uint64_t mp_vma_exact(const struct mp_vma_view *view, const uint64_t *at, uint64_t n,
		      uint64_t size);

/* Number of mappings that have a byte in [at, at + size). */
uint64_t mp_vma_overlaps(const struct mp_vma_view *view, uint64_t at, uint64_t size);

/*
 * Carving the arena: what a hook does in setup.
 */

/* Unmaps part of the arena. */
int mp_arena_hole(const struct mp_ctx *ctx, uint64_t offset, uint64_t size, struct mp_err *err);

/* Makes `count` mappings of one page that do not merge, in the upper half of the arena. -ENOMEM names
 * vm.max_map_count; -ERANGE: the arena is too small. */
int mp_arena_fill(const struct mp_ctx *ctx, uint64_t count, struct mp_err *err);

#endif

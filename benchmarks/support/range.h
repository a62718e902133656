/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A range of pages that is touched page by page, and brought back to its first state when all of it has been:
 * what the fault benchmarks share.
 *
 * A block of n operations takes the next n touches of the current pass. When fewer than n are left, `renew`
 * (untimed) prepares the whole range again and the next pass begins. So what the kernel sees is what a program
 * does that maps a range, touches it once, gives it back: how much memory is in use at once does not depend on
 * how long a block is, and a large range finds cold pages, a small one those it has just freed.
 *
 * A benchmark's state begins with a struct mp_range; its hooks are the functions named like hooks below.
 */
#ifndef BENCHMARKS_SUPPORT_RANGE_H
#define BENCHMARKS_SUPPORT_RANGE_H

#include "benchmarks/bench.h"
#include "benchmarks/support/page.h"

/* The most touches of one pass: 64 MiB of 4 KiB pages. */
#define MP_RANGE_TOUCHES 16384

/* Minor faults of the thread beside the counted ones that a check lets pass: the first run through code of the
 * worker itself. A touch that should fault and does not is never within it. */
#define MP_RANGE_SLACK 8

/* A byte beside the touched one, by which a page is known again. */
#define MP_RANGE_KEPT_AT 64
#define MP_RANGE_KEPT	 0x5a

enum mp_range_order { MP_RANGE_ASCENDING, MP_RANGE_DESCENDING, MP_RANGE_RANDOM };

struct mp_range {
	/* Chosen by the benchmark's setup before mp_range_map. */
	uint64_t bytes; /* of touched memory: the range, unless tables are cold */
	uint64_t step; /* from one touch to the next; 0: one page */
	int prot, flags,
		fd; /* as for mmap; MAP_FIXED is added; fd is closed by teardown; 0 or -1: none */
	bool huge; /* MADV_HUGEPAGE and one touch per huge page, else MADV_NOHUGEPAGE */
	bool cold; /* one touch per page-table page, which is freed between passes; else all kept */
	enum mp_range_order order;
	bool look_before; /* arm fills `before` */
	int (*renew)(struct mp_ctx *ctx, struct mp_err *err); /* prepares a pass; also the first */

	/* Set by mp_range_map. */
	struct mp_pages pages;
	char *base;
	uint64_t size; /* of the mapping, bytes */
	uint32_t count; /* touches of one pass */
	uint32_t per_touch; /* pages that one touch maps when nothing is mapped around it */

	/* Of the block. */
	char *const *at; /* address of every touch: at[0 .. n - 1] */
	char mark; /* the byte that this pass stores; another one in every pass */
	uint32_t next; /* first touch of the block within the pass */
	uint32_t blocks; /* armed so far */
	bool ready; /* a pass has begun */
	bool sampled; /* a block on which costly evidence is collected */
	bool ours; /* base is mapped by mp_range_map: unmapped by teardown */

	/* Evidence from the end of arm. */
	struct mp_faults faults;
	uint64_t tables; /* sampled blocks only */
	struct mp_residency before;

	char *touches[MP_RANGE_TOUCHES];
};

/* Opens the evidence and maps the range into the arena, at an address where page-table pages are shared with
 * no other mapping and all levels above the last one are there to stay. Sets ctx->depth. 0, or a negative
 * errno with a sentence. */
int mp_range_map(struct mp_ctx *ctx, struct mp_err *err);

/* The same over memory of `size` bytes that is mapped already and stays the caller's. */
int mp_range_use(struct mp_ctx *ctx, char *base, uint64_t size, struct mp_err *err);

/* A `renew`: no page of the range is mapped afterwards; anonymous pages are freed, those of files stay in the
 * cache. Page-table pages stay or go as `cold` says. */
int mp_range_drop(struct mp_ctx *ctx, struct mp_err *err);

/* Loads from, or stores to, every place that will be touched. */
void mp_range_load_all(struct mp_range *r);
void mp_range_store_all(struct mp_range *r);

/* Hooks. */
int mp_range_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err);
int mp_range_disarm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err);
void mp_range_teardown(struct mp_ctx *ctx);

/* Pagemap bits of the `per_touch` pages of every touch of the block. */
struct mp_residency mp_range_residency(const struct mp_range *r, uint64_t n);

/* How many touches of the block are in the page cache. Ascending order only. */
uint64_t mp_range_cached(const struct mp_range *r, uint64_t n);

/* Checks "faults" (of the thread since arm: low to high, plus MP_RANGE_SLACK). Call it first: reading the clock of faults
 * must precede faults of the check. */
void mp_range_check_faults(struct mp_ctx *ctx, uint64_t low, uint64_t high);

/* For stores that fault or not depending on the kernel, but all of them alike: "faults" is 0 or n. */
void mp_range_check_faults_none_or_all(struct mp_ctx *ctx, uint64_t n);

/* "stored": the mark is in memory at every touch. */
void mp_range_check_stored(struct mp_ctx *ctx, uint64_t n);

/* "page_tables", on sampled blocks: bytes of page tables have grown by `per_touch` bytes for each touch. */
void mp_range_check_tables(struct mp_ctx *ctx, uint64_t n, uint64_t per_touch);

/* "advice", on sampled blocks: the kernel still has the range marked as huge or not, as asked. */
void mp_range_check_advice(struct mp_ctx *ctx);

/* "kept": every touched page still has the byte that mp_range_store_all put beside the touch. */
void mp_range_check_kept(struct mp_ctx *ctx, uint64_t n);

#endif

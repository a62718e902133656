/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Faults on pages in swap: all of the range is swapped out before every pass. */
#include "benchmarks/support/fault.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT 21
#endif

/* A page that is just then held by somebody else stays: asked again, so often. */
#define TRIES 50

static uint64_t count_swapped(const struct mp_range *r)
{
	struct mp_residency now = { 0 };

	mp_pages_add(&r->pages, r->base, r->size / r->pages.page_size, &now);
	return now.swapped;
}

static int page_out(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_range *r = ctx->state;
	uint64_t pages = r->size / r->pages.page_size, swapped = 0;

	for (int i = 0; i < TRIES && swapped < pages; i++) {
		if (madvise(r->base, r->size, MADV_PAGEOUT))
			return mp_err_env(err, -errno, "madvise(MADV_PAGEOUT) failed: %s",
					  strerror(errno));
		swapped = count_swapped(r);
	}
	if (swapped == pages)
		return 0;
	return mp_err_env(err, -EAGAIN,
			  "only %llu of %llu pages can be swapped out: see whether the swap "
			  "device is full, /proc/swaps",
			  (unsigned long long)swapped, (unsigned long long)pages);
}

/* What compresses to about a half; a page of one repeated word would not be stored at all. */
static void fill(struct mp_ctx *ctx)
{
	struct mp_range *r = ctx->state;
	uint64_t page = r->pages.page_size;

	for (uint64_t at = 0; at < r->size; at += page)
		for (uint64_t b = 0; b < page / 2; b += sizeof(uint64_t))
			*(uint64_t *)(r->base + at + b) = mp_random_next(&ctx->random);
	for (uint32_t i = 0; i < r->count; i++)
		*(r->touches[i] + MP_RANGE_KEPT_AT) = MP_RANGE_KEPT;
}

int mp_fault_swapin_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_range *r = ctx->state;
	int ret;

	mp_fault_anon_range(ctx, page_out);
	r->look_before = true;
	ret = mp_range_map(ctx, err);
	if (!ret)
		fill(ctx);
	return ret;
}

void mp_fault_swapin_check(struct mp_ctx *ctx, uint64_t n)
{
	const struct mp_range *r = ctx->state;
	uint64_t faults = mp_faults_since(&r->faults);
	uint64_t major = mp_faults_now().major - r->faults.major;
	struct mp_residency after;

	/* Major faults, though nothing is waited for (do_swap_page in mm/memory.c). */
	mp_expect_range(ctx, "faults", n, n + MP_RANGE_SLACK, faults);
	mp_expect_range(ctx, "major_faults", n, n + MP_RANGE_SLACK, major);
	after = mp_range_residency(r, n);
	mp_expect_equal(ctx, "swapped_before", n, r->before.swapped);
	mp_expect_equal(ctx, "present", n, after.present);
	mp_expect_equal(ctx, "swapped", 0, after.swapped);
	mp_range_check_kept(ctx, n);
}

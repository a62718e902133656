/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A range of pages touched pass after pass: see range.h. */
#include "benchmarks/support/range.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Costly evidence is collected on the first block and on every one of these many. */
#define SAMPLED_EVERY 32

static uint64_t page_of(const struct mp_range *r)
{
	return r->pages.page_size;
}

static void order_touches(struct mp_ctx *ctx, struct mp_range *r)
{
	for (uint32_t i = 0; i < r->count; i++) {
		uint32_t place = r->order == MP_RANGE_DESCENDING ? r->count - 1 - i : i;

		r->touches[i] = r->base + place * r->step;
	}
	if (r->order != MP_RANGE_RANDOM)
		return;
	/* Fisher and Yates 1938, as in Durstenfeld 1964 */
	for (uint32_t i = r->count; i > 1; i--) {
		uint32_t j = (uint32_t)mp_random_below(&ctx->random, i);
		char *swap = r->touches[i - 1];

		r->touches[i - 1] = r->touches[j];
		r->touches[j] = swap;
	}
}

/* Where the range begins and how long it is. The first page table's worth of the arena (or its first huge page) stays reserved: a
 * neighbour there keeps the upper levels of the page tables alive. Cold touches need as many page tables as
 * touches, and one more for a touch of its own. */
static void place(const struct mp_ctx *ctx, struct mp_range *r)
{
	uint64_t span = mp_table_span(page_of(r));
	uint64_t most = ctx->arena_size / span < 512 ? ctx->arena_size / span : 512;

	r->base = ctx->arena + (r->step > span ? r->step : span);
	if (r->cold) {
		uint64_t touches = r->bytes / page_of(r);

		r->step = span;
		r->count = (uint32_t)(touches < most - 2 ? touches : most - 2);
		r->size = (r->count + 1) * span;
		return;
	}
	r->size = r->bytes;
	r->count = (uint32_t)(r->size / r->step);
}

static int map_at(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_range *r = ctx->state;
	/* Without a reservation a fault on hugetlb memory may find the pool empty, and kills. */
	int reserve = r->flags & MAP_HUGETLB ? 0 : MAP_NORESERVE;
	void *at = mmap(r->base, r->size, r->prot, r->flags | MAP_FIXED | reserve, r->fd, 0);

	if (at == MAP_FAILED)
		return mp_err_env(err, -errno, "cannot map %llu bytes to touch: %s",
				  (unsigned long long)r->size, strerror(errno));
	/* A kernel without huge pages refuses either advice; small pages are what it gives anyway. */
	if (madvise(r->base, r->size, r->huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE) &&
	    (r->huge || errno != EINVAL))
		return mp_err_env(err, -errno, "cannot advise on huge pages: %s", strerror(errno));
	return mp_ctx_bind(ctx, r->base, r->size, err);
}

/* One load or store in every page table's worth: makes the page tables that are to stay, and what the kernel
 * keeps per VMA from its first anonymous page on. */
static void settle(struct mp_range *r)
{
	uint64_t span = mp_table_span(page_of(r));

	for (uint64_t at = r->cold ? r->size - span : 0; at < r->size; at += span) {
		volatile char *page = r->base + at;

		if (r->prot & PROT_WRITE)
			*page = 0;
		else
			(void)*page;
	}
}

int mp_range_use(struct mp_ctx *ctx, char *base, uint64_t size, struct mp_err *err)
{
	struct mp_range *r = ctx->state;
	int ret = mp_pages_open(&r->pages, ctx->host->page_size, err);

	if (ret)
		return ret;
	if (!r->step)
		r->step = r->huge ? ctx->host->hugepage_size : page_of(r);
	if (base) {
		r->base = base;
		r->size = size;
		r->count = (uint32_t)(size / r->step);
	} else {
		place(ctx, r);
	}
	if (!r->count || r->count > MP_RANGE_TOUCHES)
		return mp_err_internal(err, -ERANGE, "'%s' has %u touches", ctx->bench->name,
				       r->count);
	if (!r->per_touch)
		r->per_touch = r->huge ? (uint32_t)(r->step / page_of(r)) : 1;
	r->mark = 1;
	order_touches(ctx, r);
	ctx->depth = r->count;
	return 0;
}

int mp_range_map(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_range *r = ctx->state;
	int ret = mp_range_use(ctx, NULL, 0, err);

	if (ret)
		return ret;
	ret = map_at(ctx, err);
	if (ret)
		return ret;
	r->ours = true;
	if (!r->cold)
		settle(r);
	return mp_range_drop(ctx, err);
}

int mp_range_drop(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_range *r = ctx->state;
	/* The kernel may free a page table of which every entry was dropped in one call
	 * (CONFIG_PT_RECLAIM), so no call spans one; and a huge page is not dropped by halves. */
	uint64_t span = mp_table_span(page_of(r));
	bool huge = (r->huge && r->step >= span) || r->flags & MAP_HUGETLB;
	uint64_t piece = huge ? r->size : span / 2;

	if (r->cold) {
		int ret = map_at(ctx, err);

		if (!ret)
			settle(r);
		return ret;
	}
	for (uint64_t at = 0; at < r->size; at += piece) {
		uint64_t left = r->size - at;

		if (madvise(r->base + at, left < piece ? left : piece, MADV_DONTNEED))
			return mp_err_env(err, -errno, "cannot drop touched pages: %s",
					  strerror(errno));
	}
	return 0;
}

void mp_range_load_all(struct mp_range *r)
{
	for (uint32_t i = 0; i < r->count; i++)
		(void)*(volatile char *)r->touches[i];
}

void mp_range_store_all(struct mp_range *r)
{
	for (uint32_t i = 0; i < r->count; i++) {
		*(volatile char *)r->touches[i] = 0;
		*(volatile char *)(r->touches[i] + MP_RANGE_KEPT_AT) = MP_RANGE_KEPT;
	}
}

int mp_range_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err)
{
	struct mp_range *r = ctx->state;

	if (!r->ready || r->next + n > r->count) {
		int ret = r->renew(ctx, err);

		if (ret)
			return ret;
		r->ready = true;
		r->next = 0;
		r->mark = (char)(r->mark == 127 ? 1 : r->mark + 1);
	}
	r->at = r->touches + r->next;
	r->sampled = r->blocks++ % SAMPLED_EVERY == 0;
	if (r->sampled)
		r->tables = mp_pages_tables(&r->pages);
	if (r->look_before)
		r->before = mp_range_residency(r, n);
	r->faults = mp_faults_now();
	return 0;
}

int mp_range_disarm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err)
{
	struct mp_range *r = ctx->state;

	(void)err;
	r->next += (uint32_t)n;
	return 0;
}

void mp_range_teardown(struct mp_ctx *ctx)
{
	struct mp_range *r = ctx->state;

	/* back to the reservation; if that fails, the process ends with the mapping instead */
	if (r->ours)
		(void)mmap(r->base, r->size, PROT_NONE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
	if (r->fd > 0)
		close(r->fd);
	mp_pages_done(&r->pages);
}

struct mp_residency mp_range_residency(const struct mp_range *r, uint64_t n)
{
	struct mp_residency sum = { 0 };

	if (r->step == r->per_touch * page_of(r) && r->order != MP_RANGE_RANDOM) {
		const char *lowest = r->at[r->order == MP_RANGE_DESCENDING ? n - 1 : 0];

		mp_pages_add(&r->pages, lowest, n * r->per_touch, &sum);
		return sum;
	}
	for (uint64_t i = 0; i < n; i++)
		mp_pages_add(&r->pages, r->at[i], r->per_touch, &sum);
	return sum;
}

uint64_t mp_range_cached(const struct mp_range *r, uint64_t n)
{
	uint64_t cached = 0;

	if (r->step == page_of(r))
		return mp_pages_cached(&r->pages, r->at[0], n);
	for (uint64_t i = 0; i < n; i++)
		cached += mp_pages_cached(&r->pages, r->at[i], 1);
	return cached;
}

void mp_range_check_faults(struct mp_ctx *ctx, uint64_t low, uint64_t high)
{
	const struct mp_range *r = ctx->state;

	mp_expect_range(ctx, "faults", low, high + MP_RANGE_SLACK, mp_faults_since(&r->faults));
}

void mp_range_check_faults_none_or_all(struct mp_ctx *ctx, uint64_t n)
{
	const struct mp_range *r = ctx->state;
	bool none = mp_faults_since(&r->faults) <= MP_RANGE_SLACK;

	mp_range_check_faults(ctx, none ? 0 : n, none ? 0 : n);
}

void mp_range_check_stored(struct mp_ctx *ctx, uint64_t n)
{
	const struct mp_range *r = ctx->state;
	uint64_t stored = 0;

	for (uint64_t i = 0; i < n; i++)
		stored += *(volatile char *)r->at[i] == r->mark;
	mp_expect_equal(ctx, "stored", n, stored);
}

void mp_range_check_tables(struct mp_ctx *ctx, uint64_t n, uint64_t per_touch)
{
	const struct mp_range *r = ctx->state;

	/* One table more: the rest of the process (a stack, a buffer) may have grown by one just then. */
	if (r->sampled && r->tables != UINT64_MAX)
		mp_expect_range(ctx, "page_tables", n * per_touch,
				n * per_touch + ctx->host->page_size,
				mp_pages_tables(&r->pages) - r->tables);
}

void mp_range_check_advice(struct mp_ctx *ctx)
{
	const struct mp_range *r = ctx->state;
	struct mp_vma vma = { 0 };

	if (!r->sampled || !ctx->host->hugepage_size)
		return;
	if (mp_vma_at(&r->pages, r->base, &vma))
		mp_expect_true(ctx, "advice", false, "the range is not mapped");
	else
		mp_expect_true(ctx, "advice", r->huge ? vma.huge : vma.no_huge,
			       r->huge ? "huge pages asked for" : "huge pages ruled out");
}

void mp_range_check_kept(struct mp_ctx *ctx, uint64_t n)
{
	const struct mp_range *r = ctx->state;
	uint64_t kept = 0;

	for (uint64_t i = 0; i < n; i++)
		kept += *(volatile char *)(r->at[i] + MP_RANGE_KEPT_AT) == MP_RANGE_KEPT;
	mp_expect_equal(ctx, "kept", n, kept);
}

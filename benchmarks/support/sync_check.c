/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What proves that a sync found what it should, and did it: see sync.h. */
#include "benchmarks/support/sync.h"
#include "benchmarks/support/map.h"

#include <errno.h>

#define SLACK 16 /* faults beside the counted ones: code that runs for the first time */

/* Dirty pages of the mapping at that address; UINT64_MAX: it is not there. */
static uint64_t dirty_at(const struct mp_sync *s, const char *at)
{
	struct mp_vma vma = { 0 };

	return mp_vma_at(&s->pages, at, &vma) ? UINT64_MAX : vma.dirty / s->pages.page_size;
}

/* "operations", "answer", "mappings" and "present": every call was answered like that, over the whole range. */
static void calls(struct mp_ctx *ctx, uint64_t n, int64_t answer)
{
	struct mp_sync *s = ctx->state;
	struct mp_residency now = { 0 };
	uint64_t pages = s->size / ctx->host->page_size;

	s->look = true;
	mp_pages_add(&s->pages, s->base, pages, &now);
	mp_expect_equal(ctx, "operations", n, ctx->succeeded);
	mp_expect_equal(ctx, "answer", (uint64_t)answer, (uint64_t)s->last);
	mp_expect_equal(ctx, "mappings", s->vmas,
			mp_vma_overlaps(&s->view, (uint64_t)s->base, s->size));
	mp_expect_equal(ctx, "present", pages, now.present);
}

/* "faults": on a file system that writes back, every store to a clean page took one, for all rounds since the last
 * check. */
static void store_faults(struct mp_ctx *ctx)
{
	struct mp_sync *s = ctx->state;
	uint64_t faults = mp_faults_since(&s->faults), want = s->rounds * s->dirty;

	s->counting = false;
	if (s->written_back)
		mp_expect_range(ctx, "faults", want, want + want / 16 + SLACK, faults);
}

void mp_sync_clean_check(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_sync *s = ctx->state;

	if (s->looked)
		mp_expect_equal(ctx, "dirty_before", 0, s->dirty_before);
	mp_expect_equal(ctx, "dirty", 0, dirty_at(s, s->base));
	calls(ctx, n, 0);
}

void mp_sync_async_check(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_sync *s = ctx->state;

	if (s->looked)
		mp_expect_equal(ctx, "dirty_before", s->dirty, s->dirty_before);
	/* since Linux 2.6.19 MS_ASYNC starts no writing: what was dirty is */
	mp_expect_equal(ctx, "dirty", s->dirty, dirty_at(s, s->base));
	calls(ctx, n, 0);
}

void mp_sync_dirty_check(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_sync *s = ctx->state;

	store_faults(ctx);
	if (s->looked)
		mp_expect_equal(ctx, "dirty_before", s->dirty, s->dirty_before);
	mp_expect_equal(ctx, "dirty", s->written_back ? 0 : s->dirty, dirty_at(s, s->base));
	if (s->beyond)
		mp_expect_equal(ctx, "dirty_beyond", s->dirty, dirty_at(s, s->beyond));
	calls(ctx, n, 0);
}

void mp_sync_locked_check(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_sync *s = ctx->state;
	uint64_t locked = mp_map_proc_field("/proc/self/status", "VmLck:");

	mp_expect_equal(ctx, "locked_kib", s->locked_before + s->size / 1024, locked);
	calls(ctx, n, -EBUSY);
}

/* Of so many mappings the first and the last are looked at. */
void mp_sync_multi_check(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_sync *s = ctx->state;

	mp_expect_equal(ctx, "dirty", 0,
			dirty_at(s, s->base) +
				dirty_at(s, s->base + s->size - ctx->host->page_size));
	calls(ctx, n, 0);
}

void mp_sync_peer_check(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_sync *s = ctx->state;

	if (s->looked)
		mp_expect_range(ctx, "dirty_before", 1, s->size / ctx->host->page_size,
				s->dirty_before);
	mp_expect_equal(ctx, "elsewhere", mp_ctx_number(ctx, "writers"),
			mp_sync_peers_elsewhere(s->peers));
	/* Each call came after stores of its own: of all blocks before and of this one. */
	mp_expect_range(ctx, "peer_stores", s->calls, UINT64_MAX - 1, s->stores);
	calls(ctx, n, 0);
}

void mp_sync_redirty_check(struct mp_ctx *ctx, uint64_t n)
{
	const struct mp_sync_range *s = ctx->state;
	const struct mp_range *r = &s->range;
	struct mp_residency now;
	struct mp_vma vma = { 0 };

	mp_range_check_faults(ctx, n, n);
	now = mp_range_residency(r, n);
	mp_expect_equal(ctx, "present_before", n, r->before.present);
	mp_expect_equal(ctx, "of_file", n, now.file);
	/* the blocks before this one in the same pass have dirtied theirs */
	if (r->sampled) {
		int ret = mp_vma_at(&r->pages, r->base, &vma);

		mp_expect_range(ctx, "dirty_before", 0, r->next, s->dirty_before);
		mp_expect_range(ctx, "dirty", n, r->next + n,
				ret ? UINT64_MAX : vma.dirty / ctx->host->page_size);
	}
	mp_range_check_stored(ctx, n);
}

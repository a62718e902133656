/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Making what the munmap family unmaps: see unmap.h. The proofs are in unmap_check.c. */
#include "benchmarks/support/unmap.h"
#include "benchmarks/support/backing.h"
#include "benchmarks/support/syscall.h"
#include "benchmarks/support/thp.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define LOOK_CLOSELY_EVERY 16 /* smaps costs a walk over all page tables of the process */

static enum mp_unmap_touch touch_of(const struct mp_params *params)
{
	return mp_params_is(params, "touch", "write")  ? MP_UNMAP_WRITTEN
	       : mp_params_is(params, "touch", "read") ? MP_UNMAP_READ
						       : MP_UNMAP_UNTOUCHED;
}

/* What every setup begins with: axes, depth, files of procfs, more mappings in the tree. */
static int begin(struct mp_ctx *ctx, uint64_t size, struct mp_err *err)
{
	struct mp_unmap_state *s = ctx->state;
	int ret;

	s->size = size;
	s->whole = size;
	s->mapped = size;
	s->flags = MAP_PRIVATE | MAP_ANONYMOUS;
	s->fd = -1;
	s->merge = mp_params_is(ctx->params, "neighbourhood", "merge");
	s->prot[0] = PROT_READ | PROT_WRITE;
	s->prot[1] = s->merge ? PROT_READ | PROT_WRITE : PROT_WRITE;
	s->touch = touch_of(ctx->params);
	s->step = ctx->host->page_size;
	s->look = true;
	ctx->depth = mp_params_number(ctx->params, "outstanding", 1);
	ret = mp_vma_open(&s->view, err);
	if (!ret)
		ret = mp_pages_open(&s->pages, ctx->host->page_size, err);
	if (!ret)
		ret = mp_arena_fill(ctx, mp_params_number(ctx->params, "extra_vmas", 0), err);
	return ret;
}

/* Huge pages by advice, in the arena, where they are aligned on every kernel; or none at all, by force. */
static int choose_huge(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_unmap_state *s = ctx->state;
	int ret = 0;

	s->faults_each = s->whole / ctx->host->page_size;
	if (!mp_params_is(ctx->params, "huge", "thp")) {
		ret = mp_thp_forbid(err);
		s->forbade = !ret;
		return ret;
	}
	s->advise = true;
	s->flags |= MAP_FIXED;
	s->faults_each = s->whole / ctx->host->hugepage_size;
	for (uint64_t i = 0; !ret && i < ctx->depth; i++) {
		char *slot = mp_space_slot(ctx, s->whole, i);

		s->want[i] = (uint64_t)slot;
		ret = mp_arena_hole(ctx, (uint64_t)(slot - ctx->arena), s->whole, err);
	}
	return ret ? ret : mp_thp_possible(ctx->host->hugepage_size, err);
}

static int settle(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_unmap_state *s = ctx->state;
	bool cold = mp_params_is(ctx->params, "page_tables", "cold");
	int ret = choose_huge(ctx, err);

	if (!ret && !s->advise)
		ret = mp_space_settle(&s->space, &s->view, ctx->host, s->whole, err);
	if (!ret && !s->advise && !cold && s->whole < mp_space_shared_table(ctx->host))
		ret = mp_space_warm(&s->space, &s->pages, err);
	if (!ret && s->merge)
		ret = mp_space_anchor(&s->space, s->whole, err);
	return ret;
}

int mp_unmap_anon_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_unmap_state *s = ctx->state;
	int ret = begin(ctx, mp_ctx_number(ctx, "size"), err);

	if (!ret)
		ret = settle(ctx, err);
	if (!ret && mp_params_find(ctx->params, "page_tables"))
		s->tables = mp_pages_tables(&s->pages);
	return ret;
}

/* One of the three equal parts of every object. */
static int part_setup(struct mp_ctx *ctx, unsigned part, struct mp_err *err)
{
	struct mp_unmap_state *s = ctx->state;
	int ret = begin(ctx, mp_ctx_number(ctx, "size"), err);

	s->whole = 3 * s->size;
	s->mapped = s->whole;
	s->offset = part * s->size;
	return ret ? ret : settle(ctx, err);
}

int mp_unmap_head_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	return part_setup(ctx, 0, err);
}

int mp_unmap_middle_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	return part_setup(ctx, 1, err);
}

int mp_unmap_tail_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	return part_setup(ctx, 2, err);
}

int mp_unmap_multi_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_unmap_state *s = ctx->state;
	int ret;

	s->rows = mp_ctx_number(ctx, "count");
	ret = begin(ctx, s->rows * ctx->host->page_size, err);
	return ret ? ret : settle(ctx, err);
}

/* One page out of as many as one page table maps. */
int mp_unmap_page_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_unmap_state *s = ctx->state;
	int ret = begin(ctx, ctx->host->page_size, err);

	s->whole = mp_table_span(ctx->host->page_size);
	s->mapped = s->whole;
	s->offset = s->whole / 2;
	return ret ? ret : settle(ctx, err);
}

int mp_unmap_gaps_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_unmap_state *s = ctx->state;
	uint64_t count = mp_ctx_number(ctx, "count"), page = ctx->host->page_size;
	int ret;

	s->gaps = 2 * count - 1;
	ret = begin(ctx, s->gaps * page, err);
	s->mapped = count * page;
	if (!ret)
		ret = settle(ctx, err);
	s->step = 2 * page;
	s->faults_each = count;
	return ret;
}

#ifndef MAP_HUGE_SHIFT
#define MAP_HUGE_SHIFT 26
#endif

/* In the arena, at a boundary of the largest page. */
int mp_unmap_hugetlb_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_unmap_state *s = ctx->state;
	uint64_t hugepage = mp_ctx_number(ctx, "hugepage");
	uint64_t offset = hugepage > 1ULL << 30 ? hugepage : 1ULL << 30;
	int ret = begin(ctx, mp_ctx_number(ctx, "size"), err);

	s->flags |= MAP_FIXED | MAP_HUGETLB | __builtin_ctzll(hugepage) << MAP_HUGE_SHIFT;
	s->want[0] = (uint64_t)ctx->arena + offset;
	s->step = hugepage;
	s->faults_each = s->whole / hugepage;
	return ret ? ret : mp_arena_hole(ctx, offset, s->whole, err);
}

int mp_unmap_large_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_unmap_state *s = ctx->state;
	unsigned others = mp_ctx_is(ctx, "touched_by", "all") ? ctx->host->cpus - 1 : 0;
	int ret = begin(ctx, mp_ctx_number(ctx, "size"), err);

	if (others > MP_UNMAP_HELPERS)
		others = MP_UNMAP_HELPERS;
	/* First, so that the stacks of the helpers are where they stay when the space is arranged. */
	if (!ret)
		ret = mp_unmap_helpers_start(others, true, &s->helpers, err);
	if (!ret)
		ret = settle(ctx, err);
	if (s->advise)
		s->step = ctx->host->hugepage_size;
	/* Other threads take most of the faults. */
	s->faults_each = UINT64_MAX;
	return ret;
}

int mp_unmap_hole_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_unmap_state *s = ctx->state;
	uint64_t size = mp_ctx_number(ctx, "size");
	char *slot = mp_space_slot(ctx, size, 0);
	int ret = begin(ctx, size, err);

	ctx->depth = 0;
	s->at[0] = (uint64_t)slot;
	return ret ? ret : mp_arena_hole(ctx, (uint64_t)(slot - ctx->arena), size, err);
}

/* Other mappings of the file, before the space is arranged around them; they stay until the process ends. */
static int map_sharers(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_unmap_state *s = ctx->state;

	for (uint64_t i = 0; i < mp_ctx_number(ctx, "sharers"); i++) {
		long at = mp_sys_mmap(NULL, s->size, PROT_READ, MAP_SHARED, s->fd, 0);

		if (mp_sys_failed(at))
			return mp_err_env(err, (int)at, "cannot map the file once more: %s",
					  strerror((int)-at));
		for (uint64_t b = 0; b < s->size; b += s->step)
			(void)*(volatile char *)(at + (long)b);
	}
	return 0;
}

int mp_unmap_file_shared_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_unmap_state *s = ctx->state;
	enum mp_backing backing = mp_backing_named(mp_params_find(ctx->params, "backing")->word);
	int ret = begin(ctx, mp_ctx_number(ctx, "size"), err);

	if (!ret)
		ret = mp_backing_open(backing, &s->fd, err);
	if (ret)
		return ret;
	s->owns_fd = true;
	s->flags = MAP_SHARED;
	s->touch = MP_UNMAP_READ;
	ret = mp_backing_write(s->fd, s->size, MP_FILL_PAGES, err);
	if (!ret)
		ret = map_sharers(ctx, err);
	if (!ret)
		ret = settle(ctx, err);
	s->faults_each = UINT64_MAX;
	return ret;
}

int mp_unmap_file_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_unmap_state *s = ctx->state;
	enum mp_backing backing = mp_backing_named(mp_params_find(ctx->params, "backing")->word);
	int ret = begin(ctx, mp_ctx_number(ctx, "size"), err);

	if (!ret)
		ret = settle(ctx, err);
	if (!ret)
		ret = mp_backing_open(backing, &s->fd, err);
	if (ret)
		return ret;
	s->owns_fd = true;
	s->flags = MAP_SHARED;
	s->touch = mp_ctx_is(ctx, "state", "dirty") ? MP_UNMAP_WRITTEN : MP_UNMAP_READ;
	/* One fault may map the pages around it as well, as many as the kernel likes. */
	s->faults_each = UINT64_MAX;
	return mp_backing_write(s->fd, s->size, MP_FILL_PAGES, err);
}

int mp_unmap_shootdown_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_unmap_state *s = ctx->state;
	int ret = begin(ctx, mp_ctx_number(ctx, "size"), err);

	s->touch = MP_UNMAP_WRITTEN;
	/* First, so that the stacks of the helpers are where they stay when the space is arranged. */
	if (!ret)
		ret = mp_unmap_helpers_start((unsigned)mp_ctx_number(ctx, "helpers"),
					     mp_ctx_is(ctx, "helper", "sleep"), &s->helpers, err);
	return ret ? ret : settle(ctx, err);
}

/* What the kernel has of the objects, before they are unmapped. */
static void look(struct mp_unmap_state *s, uint64_t n)
{
	s->seen = (struct mp_residency){ 0 };
	for (uint64_t i = 0; i < n; i++)
		mp_pages_add(&s->pages, (const void *)(s->at[i] - s->offset),
			     s->whole / s->pages.page_size, &s->seen);
	s->seen_vmas = mp_vma_overlaps(&s->view, s->at[0] - s->offset, s->whole);
	s->looked_closely =
		s->looks++ % LOOK_CLOSELY_EVERY == 0 &&
		!mp_vma_at(&s->pages, (const void *)(s->at[0] - s->offset), &s->seen_vma);
	s->looked = true;
	s->look = false;
}

int mp_unmap_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err)
{
	struct mp_unmap_state *s = ctx->state;

	for (uint64_t i = 0; i < n; i++) {
		long object = mp_unmap_make(s, i);

		if (mp_sys_failed(object))
			return mp_err_env(err, (int)object,
					  "cannot make a mapping of %llu bytes (%s): check "
					  "/proc/sys/vm/max_map_count",
					  (unsigned long long)s->whole, strerror((int)-object));
		s->at[n - 1 - i] = (uint64_t)object + s->offset;
		s->got[i] = MP_UNMAP_NO_ANSWER;
	}
	s->made += n;
	if (s->look)
		look(s, n);
	return 0;
}

int mp_unmap_hole_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err)
{
	struct mp_unmap_state *s = ctx->state;

	(void)err;
	for (uint64_t i = 0; i < n && i < MP_UNMAP_MAX; i++)
		s->got[i] = MP_UNMAP_NO_ANSWER;
	return 0;
}

int mp_unmap_shootdown_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err)
{
	struct mp_unmap_state *s = ctx->state;
	int ret = mp_unmap_arm(ctx, n, err);

	return ret ? ret : mp_unmap_helpers_touch(s->helpers, s->at, n, s->size, s->step, err);
}

int mp_unmap_large_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err)
{
	struct mp_unmap_state *s = ctx->state;
	bool look_after = s->look;
	int ret;

	/* Nothing is touched yet: what is there is looked at when it is. */
	s->look = false;
	ret = mp_unmap_arm(ctx, n, err);
	if (!ret)
		ret = mp_unmap_helpers_fill(s->helpers, s->at[0], s->size, s->step, err);
	if (!ret && look_after)
		look(s, n);
	return ret;
}

static int unmap(uint64_t at, uint64_t size, struct mp_err *err)
{
	long ret = mp_sys_munmap((void *)at, size);

	return ret ? mp_err_env(err, (int)ret, "cannot unmap %llu bytes: %s",
				(unsigned long long)size, strerror((int)-ret))
		   : 0;
}

int mp_unmap_disarm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err)
{
	struct mp_unmap_state *s = ctx->state;
	int ret = 0;

	for (uint64_t i = 0; !ret && i < n; i++)
		if (s->got[i])
			ret = unmap(s->at[i], s->size, err);
	return ret;
}

int mp_unmap_part_disarm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err)
{
	struct mp_unmap_state *s = ctx->state;
	int ret = 0;

	for (uint64_t i = 0; !ret && i < n; i++)
		ret = unmap(s->at[i] - s->offset, s->whole, err);
	return ret;
}

void mp_unmap_teardown(struct mp_ctx *ctx)
{
	struct mp_unmap_state *s = ctx->state;

	mp_unmap_helpers_stop(s->helpers);
	if (s->forbade)
		mp_thp_permit();
	if (s->owns_fd)
		close(s->fd);
	mp_vma_close(&s->view);
	mp_pages_done(&s->pages);
}

/* Which combinations make sense */

/* Are all pages there, whatever makes them so? */
static bool fills(const struct mp_params *params)
{
	return touch_of(params) != MP_UNMAP_UNTOUCHED || mp_params_find(params, "backing") ||
	       mp_params_find(params, "helper") || mp_params_find(params, "touched_by");
}

static int legal(const struct mp_params *params, const struct mp_host *host, uint64_t parts,
		 struct mp_err *err)
{
	uint64_t size = mp_params_number(params, "size", 0) * parts;
	uint64_t n = mp_params_number(params, "outstanding", 1);
	bool thp = mp_params_is(params, "huge", "thp");

	if (thp && (!host->hugepage_size || size % host->hugepage_size))
		return mp_err_usage(err, -EINVAL, "the size is no multiple of the huge page");
	if (thp && mp_params_is(params, "neighbourhood", "merge"))
		return mp_err_usage(err, -EINVAL,
				    "mappings with advice do not merge with the one beside them");
	if (size * n > (fills(params) ? host->memory_bytes / 4 : 64ULL << 30))
		return mp_err_usage(err, -EINVAL,
				    "the mappings together are too large for this machine");
	return thp ? mp_space_slots_fit(host, size, n, err) : 0;
}

int mp_unmap_legal(const struct mp_params *params, const struct mp_host *host, struct mp_err *err)
{
	return legal(params, host, 1, err);
}

int mp_unmap_untouched_legal(const struct mp_params *params, const struct mp_host *host,
			     struct mp_err *err)
{
	uint64_t bytes =
		mp_params_number(params, "size", 0) * mp_params_number(params, "outstanding", 1);

	if (mp_params_is(params, "page_tables", "warm") && bytes > mp_space_shared_table(host))
		return mp_err_usage(err, -EINVAL,
				    "the mappings together do not fit into one page table that a "
				    "neighbour keeps");
	return legal(params, host, 1, err);
}

int mp_unmap_part_legal(const struct mp_params *params, const struct mp_host *host,
			struct mp_err *err)
{
	return legal(params, host, 3, err);
}

int mp_unmap_slots_legal(const struct mp_params *params, const struct mp_host *host,
			 struct mp_err *err)
{
	return mp_space_slots_fit(host, mp_params_number(params, "size", 0), 1, err);
}

int mp_unmap_file_legal(const struct mp_params *params, const struct mp_host *host,
			struct mp_err *err)
{
	int ret = legal(params, host, 1, err);

	if (!ret && mp_params_is(params, "backing", "disk"))
		ret = mp_backing_possible(MP_BACKING_DISK, err);
	return ret;
}

int mp_unmap_hugetlb_legal(const struct mp_params *params, const struct mp_host *host,
			   struct mp_err *err)
{
	uint64_t hugepage = mp_params_number(params, "hugepage", 0),
		 size = mp_params_number(params, "size", 0);

	if (!(host->hugetlb_sizes & hugepage) || hugepage & (hugepage - 1))
		return mp_err_usage(err, -EINVAL, "this kernel has no hugetlb pages of that size");
	if (!size || size % hugepage)
		return mp_err_usage(err, -EINVAL, "the size is no multiple of the hugetlb page");
	if (size > (hugepage > MP_HUGETLB_POOL ? hugepage : MP_HUGETLB_POOL))
		return mp_err_usage(err, -EINVAL, "the mapping is more than the pool");
	return 0;
}

int mp_unmap_shootdown_legal(const struct mp_params *params, const struct mp_host *host,
			     struct mp_err *err)
{
	if (mp_params_number(params, "helpers", 1) >= host->cpus)
		return mp_err_usage(err, -EINVAL,
				    "every helper needs a CPU beside the one that measures");
	return legal(params, host, 1, err);
}

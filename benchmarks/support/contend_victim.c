/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The victims of the contend family: their memory, and the proofs that each operation happened: see contend.h. */
#include "benchmarks/support/contend.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "benchmarks/support/backing.h"
#include "benchmarks/support/thp.h"

/* Of a victim that faults: 512 base pages of 4 KiB. */
#define VICTIM_BYTES (2u << 20)

/* Page faults of the thread beside the counted ones, between two checks. */
#define FAULT_SLACK 16

struct mp_ground mp_ground = { .fd = -1 };

static uint64_t round_up(uint64_t bytes, uint64_t to)
{
	return (bytes + to - 1) / to * to;
}

/* The victim's slice first, then one for every aggressor, all with page tables of their own. */
static void measure_ground(const struct mp_ctx *ctx)
{
	uint64_t span = mp_table_span(ctx->host->page_size);

	mp_ground.first = round_up(VICTIM_BYTES, span);
	mp_ground.stride = round_up(MP_AGGRESSOR_BYTES, span);
}

static bool own_process(const struct mp_ctx *ctx)
{
	return mp_contend_shares(ctx->params) & (MP_SHARES_FILE | MP_SHARES_NOTHING);
}

/* Keeps the victim's memory from those that must not have it. */
static int keep_apart(const struct mp_ctx *ctx, void *base, uint64_t size, struct mp_err *err)
{
	bool forks = mp_contend_is(ctx->params, "fork") &&
		     mp_contend_shares(ctx->params) != MP_SHARES_VMA;

	if ((own_process(ctx) || forks) && madvise(base, size, MADV_DONTFORK))
		return mp_err_env(err, -errno, "cannot keep memory from children: %s",
				  strerror(errno));
	return 0;
}

/* One mapping of all slices, in the victim's arena. */
static int map_ground(const struct mp_ctx *ctx, int flags, int fd, struct mp_err *err)
{
	uint64_t size = mp_ground.first + (ctx->threads - 1) * mp_ground.stride;
	char *base = ctx->arena + mp_table_span(ctx->host->page_size);

	if (mmap(base, size, PROT_READ | PROT_WRITE, flags | MAP_FIXED | MAP_NORESERVE, fd, 0) ==
	    MAP_FAILED)
		return mp_err_env(err, -errno, "cannot map %llu bytes for all: %s",
				  (unsigned long long)size, strerror(errno));
	/* A kernel without huge pages refuses. */
	madvise(base, size, MADV_NOHUGEPAGE);
	mp_ground.base = base;
	return 0;
}

static int fault_setup(struct mp_ctx *ctx, int flags, int fd, struct mp_err *err)
{
	struct mp_contend *s = ctx->state;
	struct mp_range *r = &s->range;
	int ret;

	measure_ground(ctx);
	r->bytes = VICTIM_BYTES;
	r->prot = PROT_READ | PROT_WRITE;
	r->flags = flags;
	r->fd = fd;
	r->renew = mp_range_drop;
	mp_ground.fd = fd;
	if (mp_contend_shares(ctx->params) == MP_SHARES_VMA) {
		ret = map_ground(ctx, flags, fd, err);
		if (!ret)
			ret = mp_range_use(ctx, mp_ground.base, VICTIM_BYTES, err);
		if (!ret) /* page tables that stay */
			mp_range_store_all(r);
	} else {
		ret = mp_range_map(ctx, err);
	}
	if (!ret)
		ret = keep_apart(ctx, r->base, r->bytes, err);
	if (!ret)
		ret = mp_vma_open(&s->view, err);
	s->beside = (uint64_t)r->base;
	return ret ? ret : mp_range_drop(ctx, err);
}

int mp_contend_anon_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	return ctx->thread ? 0 : fault_setup(ctx, MAP_PRIVATE | MAP_ANONYMOUS, -1, err);
}

int mp_contend_file_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	int fd = -1, ret;

	if (ctx->thread)
		return 0;
	ret = mp_backing_open(MP_BACKING_MEMFD, &fd, err);
	if (!ret)
		ret = mp_backing_cache(MP_BACKING_MEMFD, fd, VICTIM_BYTES, MP_FILL_PAGES, err);
	if (ret)
		return ret;
	measure_ground(ctx);
	if (ftruncate(fd, (off_t)(mp_ground.first + (ctx->threads - 1) * mp_ground.stride)))
		return mp_err_env(err, -errno, "cannot lengthen the file: %s", strerror(errno));
	/* teardown closes it */
	return fault_setup(ctx, MAP_SHARED, fd, err);
}

/* After it, mp_contend_check_aggressors: to count faults comes before all else. */
static void fault_check(struct mp_ctx *ctx, uint64_t n)
{
	/* Every fork makes the pages that this process itself stores to fault once more. */
	bool forks = mp_contend_is(ctx->params, "fork");

	mp_range_check_faults(ctx, n, forks ? 2 * n + 4096 : n);
}

void mp_contend_anon_check(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_contend *s = ctx->state;
	struct mp_residency now;

	fault_check(ctx, n);
	now = mp_range_residency(&s->range, n);
	mp_expect_equal(ctx, "present", n, now.present);
	/* children of the fork aggressor may share them just now */
	if (!mp_contend_is(ctx->params, "fork"))
		mp_expect_equal(ctx, "allocated", n, now.exclusive);
	mp_range_check_stored(ctx, n);
	mp_contend_check_aggressors(ctx);
}

void mp_contend_file_check(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_contend *s = ctx->state;
	struct mp_residency now;

	fault_check(ctx, n);
	now = mp_range_residency(&s->range, n);
	mp_expect_equal(ctx, "present", n, now.present);
	mp_expect_equal(ctx, "file", n, now.file);
	mp_range_check_stored(ctx, n);
	mp_contend_check_aggressors(ctx);
}

/* contend.mmap, .munmap, .munmap_large: a hole in the arena, and in it one mapping, or none */

static int hole_setup(struct mp_ctx *ctx, uint64_t size, struct mp_err *err)
{
	struct mp_contend *s = ctx->state;
	uint64_t span = mp_table_span(ctx->host->page_size);
	int ret;

	ctx->depth = 1;
	if (ctx->thread)
		return 0;
	s->size = size;
	/* Its page tables are shared with nothing, and begin with it where it is large. */
	s->at = (uint64_t)ctx->arena + span + (size < span ? span / 2 : 0);
	ret = mp_arena_hole(ctx, span, round_up(size, span) + span, err);
	if (!ret)
		ret = mp_pages_open(&s->range.pages, ctx->host->page_size, err);
	return ret ? ret : mp_vma_open(&s->view, err);
}

int mp_contend_hole_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	return hole_setup(ctx, ctx->host->page_size, err);
}

int mp_contend_large_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_contend *s = ctx->state;

	s->touched = mp_ctx_number(ctx, "size") / ctx->host->page_size;
	/* The mappings come and go: the advice is the process's. */
	if (!ctx->thread) {
		int ret = mp_thp_forbid(err);

		if (ret)
			return ret;
		s->forbade = true;
	}
	return hole_setup(ctx, mp_ctx_number(ctx, "size"), err);
}

int mp_contend_map_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err)
{
	struct mp_contend *s = ctx->state;

	(void)n;
	(void)err;
	s->got = 0;
	return 0;
}

int mp_contend_hole_disarm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err)
{
	struct mp_contend *s = ctx->state;

	(void)n;
	(void)err;
	mp_sys_munmap((void *)s->at, s->size);
	return 0;
}

void mp_contend_map_check(struct mp_ctx *ctx, uint64_t n)
{
	const struct mp_contend *s = ctx->state;

	mp_expect_equal(ctx, "operations", n, ctx->succeeded);
	mp_expect_equal(ctx, "answer", s->at, (uint64_t)s->got);
	mp_expect_equal(ctx, "mapping", 1, mp_vma_exact(&s->view, &s->at, 1, s->size));
	mp_contend_check_aggressors(ctx);
}

int mp_contend_unmap_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err)
{
	struct mp_contend *s = ctx->state;
	uint64_t before = s->made;

	(void)n;
	s->got = -1;
	mp_contend_make(s);
	return s->made > before ? 0 : mp_err_env(err, -ENOMEM, "cannot map what is to be unmapped");
}

void mp_contend_unmap_check(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_contend *s = ctx->state;
	uint64_t faults = mp_faults_since(&s->faults);
	uint64_t pages = strcmp(ctx->bench->name, "contend.munmap_large")
				 ? 0
				 : mp_ctx_number(ctx, "size") / ctx->host->page_size;
	uint64_t want = s->made * pages;

	/* The first check only begins to count. */
	if (s->counting)
		mp_expect_range(ctx, "faults", want, want + FAULT_SLACK, faults);
	mp_expect_equal(ctx, "operations", n, ctx->succeeded);
	mp_expect_equal(ctx, "answer", 0, (uint64_t)s->got);
	mp_expect_equal(ctx, "left", 0, mp_vma_overlaps(&s->view, s->at, s->size));
	mp_contend_check_aggressors(ctx);
	s->made = 0;
	s->counting = true;
	s->faults = mp_faults_now();
}

/* contend.mprotect: the page amid the victim's slice */

int mp_contend_protect_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_contend *s = ctx->state;
	int ret;

	ctx->depth = 1;
	if (ctx->thread)
		return 0;
	measure_ground(ctx);
	ret = map_ground(ctx, MAP_PRIVATE | MAP_ANONYMOUS, -1, err);
	/* Where the aggressors have memory of their own, the rest of the mapping is nobody's. */
	if (!ret)
		ret = keep_apart(ctx, mp_ground.base,
				 mp_ground.first + (ctx->threads - 1) * mp_ground.stride, err);
	if (!ret)
		ret = mp_vma_open(&s->view, err);
	s->size = ctx->host->page_size;
	s->at = (uint64_t)mp_ground.base + VICTIM_BYTES / 2;
	s->beside = s->at + s->size;
	return ret;
}

int mp_contend_protect_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err)
{
	struct mp_contend *s = ctx->state;
	struct mp_vma_entry vma = { 0 };

	(void)n;
	(void)err;
	mp_contend_unprotect(s);
	s->got = -1;
	s->one_vma = mp_vma_find(&s->view, s->at, &vma, NULL, NULL) && vma.start < s->at &&
		     vma.end > s->at + s->size;
	return 0;
}

void mp_contend_protect_check(struct mp_ctx *ctx, uint64_t n)
{
	const struct mp_contend *s = ctx->state;
	struct mp_vma_entry vma = { 0 };
	bool split;

	mp_expect_equal(ctx, "operations", n, ctx->succeeded);
	mp_expect_equal(ctx, "answer", 0, (uint64_t)s->got);
	mp_expect_true(ctx, "one_vma", s->one_vma, "the page lay amid a VMA before");
	split = mp_vma_find(&s->view, s->at, &vma, NULL, NULL) && vma.start == s->at &&
		vma.end == s->at + s->size && vma.read && !vma.write;
	mp_expect_true(ctx, "split", split, "the page is a VMA of its own, read-only");
	mp_contend_check_aggressors(ctx);
}

/* contend.brk */

int mp_contend_brk_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_contend *s = ctx->state;

	ctx->depth = 1;
	if (ctx->thread)
		return 0;
	s->heap.size = ctx->host->page_size;
	return mp_heap_open(&s->heap, ctx, true, false, err);
}

int mp_contend_brk_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err)
{
	struct mp_contend *s = ctx->state;

	(void)n;
	s->heap.last = 0;
	return mp_heap_move(&s->heap, s->heap.base, err);
}

int mp_contend_brk_disarm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err)
{
	struct mp_contend *s = ctx->state;

	(void)n;
	return mp_heap_move(&s->heap, s->heap.base, err);
}

void mp_contend_brk_check(struct mp_ctx *ctx, uint64_t n)
{
	const struct mp_heap *h = &((struct mp_contend *)ctx->state)->heap;
	uint64_t want = h->base + h->size;
	struct mp_vma_entry vma = { 0 };

	mp_expect_equal(ctx, "operations", n, ctx->succeeded);
	mp_expect_equal(ctx, "answer", want, h->last);
	mp_expect_equal(ctx, "break", want, (uint64_t)mp_sys_brk(0));
	mp_vma_find(&h->view, want - 1, &vma, NULL, NULL);
	mp_expect_equal(ctx, "heap_end", want, vma.end);
	mp_contend_check_aggressors(ctx);
}

void mp_contend_teardown(struct mp_ctx *ctx)
{
	struct mp_contend *s = ctx->state;

	if (ctx->thread)
		return;
	if (s->forbade)
		mp_thp_permit();
	/* the memory goes with the process */
	if (s->range.ours)
		mp_range_teardown(ctx);
	else
		mp_pages_done(&s->range.pages);
	mp_vma_close(&s->view);
	mp_heap_done(&s->heap);
}

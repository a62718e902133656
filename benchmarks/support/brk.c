/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Untimed hooks of the brk family: see brk.h. */
#include "benchmarks/support/brk.h"

#include "benchmarks/support/syscall.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* brk.limit: the limit is in force from arm to disarm only. */

int mp_brk_limit_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_brk_limit *l = ctx->state;

	l->heap.size = ctx->host->page_size;
	if (getrlimit(RLIMIT_DATA, &l->before))
		return mp_err_env(err, -errno, "cannot read RLIMIT_DATA: %s", strerror(errno));
	return mp_heap_open(&l->heap, ctx, true, false, err);
}

int mp_brk_limit_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err)
{
	struct mp_brk_limit *l = ctx->state;
	struct rlimit tight = { .rlim_cur = ctx->host->page_size, .rlim_max = l->before.rlim_max };

	(void)n;
	l->heap.last = 0;
	if (setrlimit(RLIMIT_DATA, &tight))
		return mp_err_env(err, -errno, "cannot lower RLIMIT_DATA: %s", strerror(errno));
	return 0;
}

void mp_brk_limit_check(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_brk_limit *l = ctx->state;

	mp_expect_equal(ctx, "operations", n, ctx->succeeded);
	mp_expect_equal(ctx, "refused_at", l->heap.base, l->heap.last);
	mp_heap_check(ctx, &l->heap, l->heap.base, 0);
}

int mp_brk_limit_disarm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err)
{
	struct mp_brk_limit *l = ctx->state;

	(void)n;
	if (setrlimit(RLIMIT_DATA, &l->before))
		return mp_err_env(err, -errno, "cannot restore RLIMIT_DATA: %s", strerror(errno));
	return 0;
}

void mp_brk_limit_teardown(struct mp_ctx *ctx)
{
	struct mp_brk_limit *l = ctx->state;

	if (l->heap.open)
		setrlimit(RLIMIT_DATA, &l->before);
	mp_heap_done(&l->heap);
}

/* brk.blocked */

int mp_brk_blocked_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_heap *h = ctx->state;
	int ret;

	h->size = ctx->host->page_size;
	ret = mp_heap_open(h, ctx, true, false, err);
	return ret ? ret : mp_heap_block(h, err);
}

void mp_brk_blocked_check(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_heap *h = ctx->state;
	struct mp_vma_entry above = { 0 };

	mp_expect_equal(ctx, "operations", n, ctx->succeeded);
	mp_expect_equal(ctx, "refused_at", h->base, h->last);
	mp_vma_find(&h->view, h->base, &above, NULL, NULL);
	mp_expect_equal(ctx, "neighbour", h->base, above.start);
	mp_heap_check(ctx, h, h->base, 0);
}

/* brk.grow_libc: sbrk(3) asks nobody where the break is */

int mp_brk_grow_libc_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_heap *h = ctx->state;
	int ret;

	h->size = mp_ctx_number(ctx, "size");
	ctx->depth = mp_ctx_number(ctx, "outstanding");
	ret = mp_heap_open(h, ctx, true, false, err);
	/* libc has not noticed that the break moved. */
	if (!ret && brk((void *)h->base))
		return mp_err_env(err, -errno, "cannot set the break: %s", strerror(errno));
	return ret;
}

int mp_brk_grow_libc_disarm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err)
{
	const struct mp_heap *h = ctx->state;

	(void)n;
	return brk((void *)h->base)
		       ? mp_err_env(err, -errno, "cannot put the break back: %s", strerror(errno))
		       : 0;
}

void mp_brk_grow_libc_teardown(struct mp_ctx *ctx)
{
	struct mp_heap *h = ctx->state;

	if (h->open)
		brk((void *)h->original);
	mp_heap_done(h);
}

/* brk.grow_locked: under mlockall(MCL_FUTURE) growth makes all of its pages present */

int mp_brk_grow_locked_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_heap *h = ctx->state;

	h->size = mp_ctx_number(ctx, "size");
	ctx->depth = mp_ctx_number(ctx, "outstanding");
	/* First: the foundation must be locked, too, or growth would need a mapping of its own. */
	if (mlockall(MCL_FUTURE))
		return mp_err_env(err, -errno, "cannot lock what is to come: %s", strerror(errno));
	return mp_heap_open(h, ctx, true, false, err);
}

void mp_brk_grow_locked_check(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_heap *h = ctx->state;
	uint64_t pages = n * h->size / h->page;
	struct mp_residency now = { 0 };

	mp_expect_equal(ctx, "operations", n, ctx->succeeded);
	mp_heap_check(ctx, h, h->base + n * h->size, 0);
	mp_pages_add(&h->pages, (void *)h->base, pages, &now);
	mp_expect_equal(ctx, "present", pages, now.present);
}

void mp_brk_grow_locked_teardown(struct mp_ctx *ctx)
{
	mp_heap_done(ctx->state);
	munlockall();
}

/* brk.mt */

int mp_brk_crowd_legal(const struct mp_params *params, const struct mp_host *host,
		       struct mp_err *err)
{
	if (mp_params_find(params, "processes")->number <= host->cpus)
		return 0;
	return mp_err_usage(err, -EINVAL, "every process needs a CPU of its own");
}

void mp_brk_crowd_teardown(struct mp_ctx *ctx)
{
	struct mp_brk_crowd *c = ctx->state;

	mp_heap_crowd_stop(&c->others);
	mp_heap_done(&c->heap);
}

int mp_brk_pair_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_heap *h = ctx->state;

	h->size = ctx->host->page_size;
	return mp_heap_open(h, ctx, false, false, err);
}

int mp_brk_pair_resident_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_heap *h = ctx->state;

	h->size = ctx->host->page_size;
	return mp_heap_open(h, ctx, true, false, err);
}

static bool foundation_resident(const struct mp_heap *h)
{
	struct mp_residency now = { 0 };

	mp_pages_add(&h->pages, (void *)(h->base - h->page), 1, &now);
	return now.present == 1;
}

static void pair_any_check(struct mp_ctx *ctx, uint64_t n, bool resident)
{
	struct mp_heap *h = ctx->state;

	mp_expect_equal(ctx, "operations", n, ctx->succeeded);
	mp_expect_equal(ctx, "grown_to", h->base + h->size, h->last);
	mp_heap_check(ctx, h, h->base, 0);
	mp_expect_equal(ctx, "resident_below", resident, foundation_resident(h));
}

void mp_brk_pair_check(struct mp_ctx *ctx, uint64_t n)
{
	pair_any_check(ctx, n, false);
}

void mp_brk_pair_resident_check(struct mp_ctx *ctx, uint64_t n)
{
	pair_any_check(ctx, n, true);
}

int mp_brk_crowd_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_brk_crowd *c = ctx->state;
	int ret = mp_brk_pair_resident_setup(ctx, err);

	if (!ret)
		ret = mp_heap_crowd_start(&c->others, &c->heap,
					  (unsigned)mp_ctx_number(ctx, "processes") - 1, err);
	/* What is shared with the others is a mapping, too. */
	c->heap.vmas = mp_vma_count(&c->heap.view);
	return ret;
}

void mp_brk_crowd_check(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_brk_crowd *c = ctx->state;
	uint64_t others = mp_ctx_number(ctx, "processes") - 1;

	mp_brk_pair_resident_check(ctx, n);
	mp_expect_equal(ctx, "others_at_work", others, mp_heap_crowd_working(&c->others));
	mp_expect_equal(ctx, "others_elsewhere", others, mp_heap_crowd_elsewhere(&c->others));
}

int mp_brk_touch_legal(const struct mp_params *params, const struct mp_host *host,
		       struct mp_err *err)
{
	if (mp_params_find(params, "range")->number / host->page_size <= MP_RANGE_TOUCHES)
		return 0;
	return mp_err_usage(err, -EINVAL, "more than %u pages in a range", MP_RANGE_TOUCHES);
}

static int grow_afresh(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_brk_touch *t = ctx->state;
	int ret = mp_heap_move(&t->heap, t->heap.base, err);

	return ret ? ret : mp_heap_move(&t->heap, t->heap.base + t->range.size, err);
}

int mp_brk_touch_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_brk_touch *t = ctx->state;
	int ret = mp_heap_open(&t->heap, ctx, true, false, err);

	t->range.renew = grow_afresh;
	t->range.fd = -1;
	return ret ? ret
		   : mp_range_use(ctx, (char *)t->heap.base, mp_ctx_number(ctx, "range"), err);
}

void mp_brk_touch_check(struct mp_ctx *ctx, uint64_t n)
{
	const struct mp_brk_touch *t = ctx->state;
	struct mp_residency now;

	mp_range_check_faults(ctx, n, n);
	now = mp_range_residency(&t->range, n);
	mp_expect_equal(ctx, "present", n, now.present);
	mp_expect_equal(ctx, "allocated", n, now.exclusive);
	mp_range_check_stored(ctx, n);
	mp_heap_check(ctx, &t->heap, t->heap.base + t->range.size, 0);
}

void mp_brk_touch_teardown(struct mp_ctx *ctx)
{
	struct mp_brk_touch *t = ctx->state;

	mp_range_teardown(ctx);
	mp_heap_done(&t->heap);
}

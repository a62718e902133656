/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Locked on fault, locked in future, and limited: see lock.h. */
#include "benchmarks/support/lock.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "benchmarks/support/fault.h"
#include "benchmarks/support/vmstat.h"

#define LOCK_EVENT "unevictable_pgs_mlocked"

/* A `renew`: empty, and locked as it fills. Locked pages cannot be dropped. */
static int lock_empty(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_range *r = ctx->state;
	int ret;

	if (munlock(r->base, r->size))
		return mp_err_env(err, -errno, "cannot unlock memory: %s", strerror(errno));
	ret = mp_range_drop(ctx, err);
	if (!ret && mlock2(r->base, r->size, MLOCK_ONFAULT))
		ret = mp_err_env(err, -errno, "cannot lock memory as it is touched: %s",
				 strerror(errno));
	return ret;
}

int mp_lock_touch_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	mp_fault_anon_range(ctx, lock_empty);
	return mp_range_map(ctx, err);
}

int mp_lock_touch_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err)
{
	struct mp_lock_touch *t = ctx->state;
	int ret = mp_range_arm(ctx, n, err);

	if (!ret && t->range.sampled) {
		t->events = mp_vmstat(LOCK_EVENT);
		t->range.faults = mp_faults_now();
	}
	return ret;
}

void mp_lock_touch_check(struct mp_ctx *ctx, uint64_t n)
{
	const struct mp_lock_touch *t = ctx->state;
	const struct mp_range *r = &t->range;
	struct mp_vma vma = { 0 };

	mp_fault_anon_write_check(ctx, n);
	if (!r->sampled)
		return;
	mp_vma_at(&r->pages, r->base, &vma);
	mp_expect_true(ctx, "locks_on_fault", mp_vma_flag(&vma, "lo") && mp_vma_flag(&vma, "lf"),
		       "want 'lo' and 'lf' among the flags of the mapping");
	/* others may lock pages as well */
	mp_expect_range(ctx, LOCK_EVENT, n, UINT64_MAX, mp_vmstat(LOCK_EVENT) - t->events);
}

void mp_lock_future_check(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_subject *s = ctx->state;
	uint64_t before = mp_pages_locked(&s->pages), after;
	void *later =
		mmap(NULL, s->page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	after = mp_pages_locked(&s->pages);
	mp_expect_equal(ctx, "locked_later", s->page, after - before);
	if (later != MAP_FAILED)
		munmap(later, s->page);
	mp_subject_check(ctx, n);
}

/* mlock.limit */

int mp_lock_limit(struct mp_lock_limit *l, uint64_t locked, uint64_t page, struct mp_err *err)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_MEMLOCK, &l->before))
		return mp_err_env(err, -errno, "cannot ask for RLIMIT_MEMLOCK: %s",
				  strerror(errno));
	limit = l->before;
	limit.rlim_cur = locked ? locked : page;
	if (limit.rlim_cur > limit.rlim_max)
		limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_MEMLOCK, &limit))
		return mp_err_env(err, -errno, "cannot lower RLIMIT_MEMLOCK: %s", strerror(errno));
	l->lowered = true;
	return 0;
}

void mp_lock_limit_undo(struct mp_lock_limit *l)
{
	if (l->lowered)
		setrlimit(RLIMIT_MEMLOCK, &l->before);
}

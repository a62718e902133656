/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The brk family: clean as it stands; and spoilt, the check that is named notices. */
#include "tests/benchmarks/harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <cmocka.h>

#include "benchmarks/support/heap.h"
#include "benchmarks/support/range.h"
#include "benchmarks/support/syscall.h"

#define FOR_BOTH(mode) for (enum mp_mode mode = MP_MODE_CALL; mode <= MP_MODE_BATCH; mode <<= 1)

static void test_family_clean(void **state)
{
	(void)state;
	mp_harness_family_clean("brk");
}

static void test_family_skipped(void **state)
{
	(void)state;
	mp_harness_family_skipped("brk");
}

static void test_matrix_extremes(void **state)
{
	(void)state;
	mp_harness_clean("brk.grow/outstanding=1/size=page/vma=new", MP_MODE_CALL);
	mp_harness_clean("brk.grow/outstanding=1/size=256M/vma=new", MP_MODE_CALL);
	mp_harness_clean("brk.grow/outstanding=64/size=64K/vma=extend", MP_MODE_BATCH);
	mp_harness_clean("brk.shrink/outstanding=1/size=16M/touched=yes", MP_MODE_CALL);
	mp_harness_clean("brk.touch/range=64M", MP_MODE_BATCH);
}

static void test_legal(void **state)
{
	const struct mp_bench *bench;
	struct mp_params params;
	struct mp_err err;

	(void)state;
	assert_int_not_equal(
		mp_harness_case("brk.grow/outstanding=64/vma=new", &bench, &params, &err), 0);
	assert_int_not_equal(mp_harness_case("brk.shrink/outstanding=64/size=256M/touched=yes",
					     &bench, &params, &err),
			     0);
	assert_int_not_equal(mp_harness_case("brk.touch/range=1G", &bench, &params, &err), 0);
}

/* Somebody else moves the break after the operations. */
static void move_break(struct mp_ctx *ctx, uint64_t n)
{
	(void)n;
	mp_sys_brk((uint64_t)mp_sys_brk(0) + ctx->host->page_size);
}

static void test_break_moved(void **state)
{
	const struct mp_harness_tamper tamper = { .after_run = move_break };

	(void)state;
	FOR_BOTH(mode)
	{
		mp_harness_fails("brk.grow/outstanding=64", mode, &tamper, "break");
		mp_harness_fails("brk.shrink/outstanding=64", mode, &tamper, "break");
		mp_harness_fails("brk.pair1", mode, &tamper, "break");
		mp_harness_fails("brk.pair1_resident", mode, &tamper, "break");
		mp_harness_fails("brk.query", mode, &tamper, "answer");
		mp_harness_fails("brk.query_libc", mode, &tamper, "answer");
	}
}

/* Growth that does not join the mapping below, where that is claimed, and the other way round. */
static void set_apart(struct mp_ctx *ctx)
{
	const struct mp_heap *h = ctx->state;

	madvise((void *)(h->base - h->page), h->page, MADV_DONTDUMP);
}

static void join(struct mp_ctx *ctx)
{
	const struct mp_heap *h = ctx->state;

	madvise((void *)(h->base - h->page), h->page, MADV_DODUMP);
}

static void test_vmas(void **state)
{
	const struct mp_harness_tamper apart = { .after_setup = set_apart };
	const struct mp_harness_tamper joined = { .after_setup = join };

	(void)state;
	mp_harness_fails("brk.grow/outstanding=64/vma=extend", MP_MODE_BATCH, &apart, "vmas");
	mp_harness_fails("brk.grow/outstanding=1/vma=extend", MP_MODE_CALL, &apart, "vmas");
	mp_harness_fails("brk.grow/outstanding=1/vma=new", MP_MODE_CALL, &joined, "vmas");
}

/* A page of fresh heap is touched although the case says that none is. */
static void touch_first(struct mp_ctx *ctx, uint64_t n)
{
	const struct mp_heap *h = ctx->state;

	(void)n;
	*(volatile char *)h->base = 1;
}

static void touch_all(struct mp_ctx *ctx, uint64_t n)
{
	const struct mp_heap *h = ctx->state;

	for (uint64_t at = h->base; at < h->base + n * h->size; at += h->page)
		*(volatile char *)at = 1;
}

static void test_touched_where_untouched(void **state)
{
	const struct mp_harness_tamper after = { .after_run = touch_first };
	const struct mp_harness_tamper before = { .before_run = touch_all };

	(void)state;
	mp_harness_fails("brk.grow/outstanding=64/size=page", MP_MODE_BATCH, &after, "present");
	mp_harness_fails("brk.grow/outstanding=1/size=page", MP_MODE_CALL, &after, "present");
	mp_harness_fails("brk.shrink/outstanding=64/touched=no", MP_MODE_BATCH, &before, "faults");
	mp_harness_fails("brk.shrink/outstanding=1/touched=no", MP_MODE_CALL, &before, "faults");
}

/* The other way round: no fault was taken for the pages that count as touched. */
static void forget_touch(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_heap *h = ctx->state;

	(void)n;
	h->faults = mp_faults_now();
}

static void test_untouched_where_touched(void **state)
{
	const struct mp_harness_tamper tamper = { .before_run = forget_touch };

	(void)state;
	mp_harness_fails("brk.shrink/outstanding=64/touched=yes", MP_MODE_BATCH, &tamper, "faults");
	mp_harness_fails("brk.shrink/outstanding=1/touched=yes", MP_MODE_CALL, &tamper, "faults");
}

static void touch_foundation(struct mp_ctx *ctx)
{
	const struct mp_heap *h = ctx->state;

	*(volatile char *)(h->base - h->page) = 1;
}

static void drop_foundation(struct mp_ctx *ctx)
{
	const struct mp_heap *h = ctx->state;

	madvise((void *)(h->base - h->page), h->page, MADV_DONTNEED);
}

static void test_foundation(void **state)
{
	const struct mp_harness_tamper touched = { .after_setup = touch_foundation };
	const struct mp_harness_tamper dropped = { .after_setup = drop_foundation };

	(void)state;
	mp_harness_fails("brk.pair1", MP_MODE_CALL, &touched, "resident_below");
	mp_harness_fails("brk.pair1_resident", MP_MODE_CALL, &dropped, "resident_below");
}

/* One page of the block is there before its first touch, by another thread; or it is gone again. */
static void *store_zero(void *address)
{
	*(volatile char *)address = 0;
	return NULL;
}

static void touch_one(struct mp_ctx *ctx, uint64_t n)
{
	const struct mp_range *r = ctx->state;
	pthread_t thread;

	if (!pthread_create(&thread, NULL, store_zero, r->at[n / 2]))
		pthread_join(thread, NULL);
	/* what starting a thread costs in faults is not the benchmark's */
	((struct mp_range *)ctx->state)->faults = mp_faults_now();
}

static void drop_one(struct mp_ctx *ctx, uint64_t n)
{
	const struct mp_range *r = ctx->state;
	uint64_t page = (uint64_t)r->at[n / 2] & ~(ctx->host->page_size - 1);

	madvise((void *)page, ctx->host->page_size, MADV_DONTNEED);
}

static void test_touch(void **state)
{
	const struct mp_harness_tamper touched = { .before_run = touch_one };
	const struct mp_harness_tamper dropped = { .after_run = drop_one };

	(void)state;
	FOR_BOTH(mode)
	{
		mp_harness_fails("brk.touch", mode, &touched, "faults");
		mp_harness_fails("brk.touch", mode, &dropped, "present");
		mp_harness_fails("brk.touch", mode, &dropped, "stored");
	}
}

/* The growth that should be refused succeeds. */
static void no_limit(struct mp_ctx *ctx, uint64_t n)
{
	struct rlimit open = { .rlim_cur = RLIM_INFINITY, .rlim_max = RLIM_INFINITY };

	(void)ctx;
	(void)n;
	setrlimit(RLIMIT_DATA, &open);
}

static void test_limit(void **state)
{
	const struct mp_harness_tamper lifted = { .before_run = no_limit };

	(void)state;
	FOR_BOTH(mode)
	{
		mp_harness_fails("brk.limit", mode, &lifted, "operations");
		mp_harness_fails("brk.limit", mode, &lifted, "refused_at");
		mp_harness_fails("brk.limit", mode, &lifted, "break");
	}
}

/* Setup and teardown in this process: nothing may be different afterwards. */
static void test_everything_restored(void **state)
{
	static const char *const names[] = { "brk.grow", "brk.limit", "brk.pair1", "brk.touch" };
	struct rlimit before, after;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_DATA, &before), 0);
	for (size_t i = 0; i < MP_COUNT(names); i++) {
		static uint64_t memory[64 * 1024];
		struct mp_ctx ctx = { .host = mp_harness_host(), .state = memory };
		struct mp_params params;
		struct mp_err err;
		uint64_t was = (uint64_t)mp_sys_brk(0), is;
		int setup, arm = 0, disarm = 0;

		assert_int_equal(mp_harness_case(names[i], &ctx.bench, &params, &err), 0);
		ctx.params = &params;
		assert_true(ctx.bench->state_size <= sizeof(memory));
		memset(memory, 0, sizeof(memory));
		was = (uint64_t)mp_sys_brk(0);
		setup = ctx.bench->setup(&ctx, &err);
		if (!setup && ctx.bench->arm)
			arm = ctx.bench->arm(&ctx, 1, &err);
		if (!setup && ctx.bench->disarm)
			disarm = ctx.bench->disarm(&ctx, 1, &err);
		ctx.bench->teardown(&ctx);
		is = (uint64_t)mp_sys_brk(0);
		assert_int_equal(setup, 0);
		assert_int_equal(arm, 0);
		assert_int_equal(disarm, 0);
		assert_int_equal(was, is);
	}
	assert_int_equal(getrlimit(RLIMIT_DATA, &after), 0);
	assert_int_equal(before.rlim_cur, after.rlim_cur);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_family_clean),
		cmocka_unit_test(test_family_skipped),
		cmocka_unit_test(test_matrix_extremes),
		cmocka_unit_test(test_legal),
		cmocka_unit_test(test_break_moved),
		cmocka_unit_test(test_vmas),
		cmocka_unit_test(test_touched_where_untouched),
		cmocka_unit_test(test_untouched_where_touched),
		cmocka_unit_test(test_foundation),
		cmocka_unit_test(test_touch),
		cmocka_unit_test(test_limit),
		cmocka_unit_test(test_everything_restored),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

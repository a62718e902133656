/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The fault family: clean as it stands; and spoilt, the check that is named notices.
 *
 * Pages are touched by another thread where a test makes them present before their time: that is what they would
 * be by khugepaged, a sibling thread, a prefetching library; a fault of the thread itself would be counted.
 */
#include "tests/benchmarks/harness.h"

#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <cmocka.h>

#include "benchmarks/support/fault.h"
#include "benchmarks/support/guard.h"
#include "benchmarks/support/segv.h"

#define FOR_BOTH(mode) for (enum mp_mode mode = MP_MODE_CALL; mode <= MP_MODE_BATCH; mode <<= 1)

static void test_family_clean(void **state)
{
	(void)state;
	mp_harness_family_clean("fault");
}

static void test_family_skipped(void **state)
{
	(void)state;
	mp_harness_family_skipped("fault");
}

static void test_beyond_representative(void **state)
{
	static const char *const cases[] = {
		"fault.anon_write/order=random/range=2M",
		"fault.anon_write/order=random/range=64M",
		"fault.anon_write/order=descending/range=16M",
		"fault.anon_write/order=random/page_tables=cold/range=2M",
		"fault.anon_write/order=descending/page_tables=cold/range=2M",
		"fault.anon_read/range=2M",
		"fault.file_read/backing=disk/fill=stream/stride=page",
		"fault.file_read/backing=disk/fill=stream/stride=64K",
		"fault.file_read/backing=memfd/stride=16K",
		"fault.file_mkwrite/pte=present/range=1M",
		"fault.shmem_write/object=anon/page=hole",
		"fault.shmem_write/object=anon/page=present",
		"fault.cow_fork/range=2M/sharing=shared",
		"fault.lazyfree/range=2M",
	};

	(void)state;
	for (size_t i = 0; i < MP_COUNT(cases); i++)
		FOR_BOTH(mode)
	mp_harness_clean(cases[i], mode);
	if (mp_harness_host()->hugepage_size == 2u << 20) {
		mp_harness_clean("fault.anon_write/huge=thp/order=random/range=64M", MP_MODE_CALL);
		mp_harness_clean("fault.zero_upgrade/huge=thp/range=64M", MP_MODE_CALL);
	}
}

static void test_legal(void **state)
{
	static const char *const cases[] = {
		"fault.anon_write/huge=thp/page_tables=cold/range=2M",
		"fault.anon_write/huge=none/page_tables=cold/range=64M",
		"fault.anon_write/range=1G",
		"fault.file_read/backing=disk/range=64M/stride=12K",
		"fault.file_read/backing=memfd/fill=stream",
	};
	const struct mp_bench *bench;
	struct mp_params params;
	struct mp_err err;

	(void)state;
	for (size_t i = 0; i < MP_COUNT(cases); i++)
		assert_int_not_equal(mp_harness_case(cases[i], &bench, &params, &err), 0);
}

/* Present before their time: the middle touch of a block. */

struct foreign {
	const struct mp_range *range;
	uint64_t from, to; /* touches */
};

static void *foreign_stores(void *argument)
{
	const struct foreign *f = argument;

	for (uint64_t i = f->from; i < f->to; i++)
		*(volatile char *)f->range->at[i] = 0;
	return NULL;
}

static void store_elsewhere(struct mp_ctx *ctx, struct foreign *f)
{
	struct mp_range *r = ctx->state;
	pthread_t thread;

	f->range = r;
	if (!pthread_create(&thread, NULL, foreign_stores, f))
		pthread_join(thread, NULL);
	/* what starting a thread costs in faults is not the benchmark's */
	r->faults = mp_faults_now();
}

static void touch_one(struct mp_ctx *ctx, uint64_t n)
{
	struct foreign f = { .from = n / 2, .to = n / 2 + 1 };

	store_elsewhere(ctx, &f);
}

static void drop_one(struct mp_ctx *ctx, uint64_t n)
{
	const struct mp_range *r = ctx->state;

	madvise(r->at[n / 2], ctx->host->page_size, MADV_DONTNEED);
}

static void test_touched_before(void **state)
{
	const struct mp_harness_tamper tamper = { .before_run = touch_one };

	(void)state;
	FOR_BOTH(mode)
	{
		mp_harness_fails("fault.anon_write/range=64M", mode, &tamper, "faults");
		mp_harness_fails("fault.anon_write/order=random", mode, &tamper, "faults");
		mp_harness_fails("fault.anon_write/page_tables=cold", mode, &tamper, "faults");
		mp_harness_fails("fault.anon_read", mode, &tamper, "faults");
		mp_harness_fails("fault.anon_read", mode, &tamper, "allocated");
		mp_harness_fails("fault.zero_upgrade", mode, &tamper, "faults");
		mp_harness_fails("fault.file_cow/pte=absent", mode, &tamper, "faults");
		mp_harness_fails("fault.file_cow/pte=present", mode, &tamper, "faults");
		mp_harness_fails("fault.file_mkwrite/pte=absent", mode, &tamper, "faults");
		mp_harness_fails("fault.file_mkwrite/pte=present", mode, &tamper, "faults");
		mp_harness_fails("fault.shmem_write/page=hole", mode, &tamper, "faults");
		mp_harness_fails("fault.shmem_write/page=present", mode, &tamper, "faults");
		mp_harness_fails("fault.cow_fork/sharing=shared", mode, &tamper, "faults");
	}
	mp_harness_fails("fault.throughput", MP_MODE_RATE, &tamper, "faults");
}

static void test_gone_afterwards(void **state)
{
	const struct mp_harness_tamper tamper = { .after_run = drop_one };

	(void)state;
	FOR_BOTH(mode)
	{
		mp_harness_fails("fault.anon_write/range=2M", mode, &tamper, "present");
		mp_harness_fails("fault.anon_write/range=2M", mode, &tamper, "stored");
		mp_harness_fails("fault.anon_write/order=random", mode, &tamper, "present");
		mp_harness_fails("fault.anon_read", mode, &tamper, "present");
		mp_harness_fails("fault.zero_upgrade", mode, &tamper, "allocated");
		mp_harness_fails("fault.file_read/stride=page", mode, &tamper, "around");
		mp_harness_fails("fault.file_read/stride=2M", mode, &tamper, "present");
		mp_harness_fails("fault.file_cow", mode, &tamper, "allocated");
		mp_harness_fails("fault.file_mkwrite", mode, &tamper, "of_file");
		mp_harness_fails("fault.shmem_write", mode, &tamper, "of_file");
		mp_harness_fails("fault.cow_fork", mode, &tamper, "exclusive");
		mp_harness_fails("fault.prot_none_rw", mode, &tamper, "exclusive");
		mp_harness_fails("fault.prot_r_rw", mode, &tamper, "exclusive");
		mp_harness_fails("fault.lazyfree", mode, &tamper, "exclusive");
	}
	mp_harness_fails("fault.throughput", MP_MODE_RATE, &tamper, "present");
}

/* A page replaced by a fresh one before the store, which then is another kind of fault. */
static void test_not_the_same_page(void **state)
{
	const struct mp_harness_tamper tamper = { .before_run = drop_one };

	(void)state;
	FOR_BOTH(mode)
	{
		mp_harness_fails("fault.prot_none_rw", mode, &tamper, "kept");
		mp_harness_fails("fault.prot_r_rw", mode, &tamper, "kept");
		mp_harness_fails("fault.lazyfree", mode, &tamper, "kept");
		mp_harness_fails("fault.cow_fork/sharing=shared", mode, &tamper, "kept");
		mp_harness_fails("fault.cow_fork/sharing=exclusive", mode, &tamper, "kept");
	}
}

/* Huge pages where none should be, and none where they should be */

static void map_anew(struct mp_ctx *ctx, int advice)
{
	const struct mp_range *r = ctx->state;

	mmap(r->base, r->size, r->prot, r->flags | MAP_FIXED | MAP_NORESERVE, -1, 0);
	madvise(r->base, r->size, advice);
}

static int keep(struct mp_ctx *ctx, struct mp_err *err)
{
	(void)ctx;
	(void)err;
	return 0;
}

static void huge_pages(struct mp_ctx *ctx)
{
	struct mp_range *r = ctx->state;

	map_anew(ctx, MADV_HUGEPAGE);
	r->renew = keep;
}

static void small_pages(struct mp_ctx *ctx)
{
	map_anew(ctx, MADV_NOHUGEPAGE);
}

static void test_huge(void **state)
{
	const struct mp_harness_tamper huge = { .after_setup = huge_pages };
	const struct mp_harness_tamper small = { .after_setup = small_pages };

	(void)state;
	if (mp_harness_host()->hugepage_size != 2u << 20)
		skip();
	FOR_BOTH(mode)
	{
		mp_harness_fails("fault.anon_write/huge=none/range=64M", mode, &huge, "faults");
		mp_harness_fails("fault.anon_write/huge=none/range=64M", mode, &huge, "advice");
		mp_harness_fails("fault.anon_read/huge=none", mode, &huge, "faults");
		mp_harness_fails("fault.anon_write/huge=thp/range=64M", mode, &small, "present");
		mp_harness_fails("fault.anon_write/huge=thp/range=64M", mode, &small, "advice");
		mp_harness_fails("fault.anon_read/huge=thp", mode, &small, "present");
	}
	mp_harness_fails("fault.anon_write/huge=thp/range=2M", MP_MODE_CALL, &small, "present");
}

/* Page tables that are there when the case says cold, and gone when it says warm */

static void make_tables(struct mp_ctx *ctx)
{
	struct mp_range *r = ctx->state;

	for (uint32_t i = 0; i < r->count; i++)
		*(volatile char *)(r->touches[i] + ctx->host->page_size) = 0;
	r->renew = keep;
}

static void drop_tables(struct mp_ctx *ctx, uint64_t n)
{
	(void)n;
	map_anew(ctx, MADV_NOHUGEPAGE);
}

static void test_page_tables(void **state)
{
	const struct mp_harness_tamper warm = { .after_setup = make_tables };
	const struct mp_harness_tamper cold = { .before_run = drop_tables };

	(void)state;
	FOR_BOTH(mode)
	{
		mp_harness_fails("fault.anon_write/page_tables=cold/range=2M", mode, &warm,
				 "page_tables");
		mp_harness_fails("fault.anon_write/page_tables=warm/range=64M", mode, &cold,
				 "page_tables");
	}
}

/* What comes before the store is left out */

static void only_drop(struct mp_ctx *ctx)
{
	struct mp_range *r = ctx->state;

	r->renew = mp_range_drop;
}

static void remove_pages(struct mp_ctx *ctx)
{
	const struct mp_range *r = ctx->state;

	madvise(r->base, r->size, MADV_REMOVE);
}

static int only_store(struct mp_ctx *ctx, struct mp_err *err)
{
	(void)err;
	mp_range_store_all(ctx->state);
	return 0;
}

static void not_free(struct mp_ctx *ctx)
{
	struct mp_range *r = ctx->state;

	r->renew = only_store;
}

static void sync_file(struct mp_ctx *ctx, uint64_t n)
{
	const struct mp_range *r = ctx->state;

	(void)n;
	msync(r->base, r->size, MS_SYNC);
}

static void evict(struct mp_ctx *ctx)
{
	const struct mp_range *r = ctx->state;

	posix_fadvise(r->fd, 0, 0, POSIX_FADV_DONTNEED);
}

static void end_child(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_fault_fork *c = ctx->state;

	(void)n;
	mp_sleeper_stop(&c->child);
}

static void test_not_prepared(void **state)
{
	const struct mp_harness_tamper dropped = { .after_setup = only_drop };
	const struct mp_harness_tamper removed = { .after_setup = remove_pages };
	const struct mp_harness_tamper stored = { .after_setup = not_free };
	const struct mp_harness_tamper synced = { .after_run = sync_file };
	const struct mp_harness_tamper evicted = { .after_setup = evict };
	const struct mp_harness_tamper orphaned = { .before_run = end_child };

	(void)state;
	FOR_BOTH(mode)
	{
		mp_harness_fails("fault.zero_upgrade", mode, &dropped, "zero_before");
		mp_harness_fails("fault.file_cow/pte=present", mode, &dropped, "present_before");
		mp_harness_fails("fault.file_mkwrite/pte=present", mode, &dropped,
				 "present_before");
		mp_harness_fails("fault.shmem_write/page=hole", mode, &dropped, "cached_before");
		mp_harness_fails("fault.shmem_write/page=present", mode, &removed, "cached_before");
		mp_harness_fails("fault.cow_fork/sharing=shared", mode, &dropped, "child_alive");
		mp_harness_fails("fault.cow_fork/sharing=shared", mode, &orphaned, "child_alive");
		mp_harness_fails("fault.cow_fork/sharing=exclusive", mode, &dropped,
				 "exclusive_before");
		mp_harness_fails("fault.lazyfree", mode, &stored, "lazy_before");
		mp_harness_fails("fault.file_mkwrite", mode, &synced, "dirty_pages");
		mp_harness_fails("fault.file_read/backing=disk", mode, &evicted, "faults");
	}
}

/* fault.segv: a page that may be touched gives no signal */

static void allow_access(struct mp_ctx *ctx)
{
	const struct mp_segv *s = ctx->state;

	mprotect(s->page, ctx->host->page_size, PROT_READ | PROT_WRITE);
}

static void test_segv(void **state)
{
	const struct mp_harness_tamper allowed = { .after_setup = allow_access };

	(void)state;
	FOR_BOTH(mode)
	{
		mp_harness_fails("fault.segv", mode, &allowed, "signals");
		mp_harness_fails("fault.segv", mode, &allowed, "operations");
		mp_harness_fails("fault.segv_return", mode, &allowed, "signals");
	}
}

/* fault.guard: without its guard the page is like any other */

static void remove_guard(struct mp_ctx *ctx)
{
	const struct mp_segv *s = ctx->state;

	madvise(s->page, ctx->host->page_size, MADV_GUARD_REMOVE);
}

static void test_guard(void **state)
{
	const struct mp_harness_tamper removed = { .after_setup = remove_guard };

	(void)state;
	mp_harness_fails("fault.guard", MP_MODE_CALL, &removed, "signals");
}

/* A fault elsewhere is still a crash: the handler does not hide it. */
static void stray_store(struct mp_ctx *ctx, uint64_t n)
{
	(void)n;
	*(volatile char *)(ctx->arena + 16 * ctx->host->page_size) = 1;
}

static void test_segv_elsewhere(void **state)
{
	const struct mp_harness_tamper stray = { .before_run = stray_store };
	struct mp_harness_result r;

	(void)state;
	mp_harness_run("fault.segv", MP_MODE_CALL, &stray, &r);
	assert_false(r.finished);
	mp_harness_run("fault.segv_return", MP_MODE_CALL, &stray, &r);
	assert_false(r.finished);
}

/* fault.throughput */

static void split_vma(struct mp_ctx *ctx)
{
	const struct mp_range *r = ctx->state;

	madvise(r->base + r->size / 2, r->size / 2, MADV_DONTDUMP);
}

static void test_throughput(void **state)
{
	const struct mp_harness_tamper split = { .after_setup = split_vma };
	const struct mp_harness_tamper skipped = { .skip_run = true };

	(void)state;
	mp_harness_clean("fault.throughput/threads=1/vma=own", MP_MODE_RATE);
	mp_harness_clean("fault.throughput/threads=1/vma=same", MP_MODE_RATE);
	mp_harness_clean("fault.throughput/threads=2/vma=own", MP_MODE_RATE);
	mp_harness_clean("fault.throughput/threads=2/vma=same", MP_MODE_RATE);
	mp_harness_clean("fault.throughput/range=64M/threads=4/vma=same", MP_MODE_RATE);
	mp_harness_fails("fault.throughput/threads=2/vma=own", MP_MODE_RATE, &split, "vma_bytes");
	mp_harness_fails("fault.throughput/threads=2/vma=same", MP_MODE_RATE, &split, "vma_bytes");
	mp_harness_fails("fault.throughput/threads=2/vma=own", MP_MODE_RATE, &skipped, "faults");
	mp_harness_fails("fault.throughput/threads=2/vma=same", MP_MODE_RATE, &skipped, "present");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_family_clean),
		cmocka_unit_test(test_family_skipped),
		cmocka_unit_test(test_beyond_representative),
		cmocka_unit_test(test_legal),
		cmocka_unit_test(test_touched_before),
		cmocka_unit_test(test_gone_afterwards),
		cmocka_unit_test(test_not_the_same_page),
		cmocka_unit_test(test_huge),
		cmocka_unit_test(test_page_tables),
		cmocka_unit_test(test_not_prepared),
		cmocka_unit_test(test_segv),
		cmocka_unit_test(test_segv_elsewhere),
		cmocka_unit_test(test_guard),
		cmocka_unit_test(test_throughput),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

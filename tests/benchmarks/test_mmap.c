/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The mmap family: clean as it stands, in every mode; and spoilt in the ways that each check is there for, the
 * check of that name notices.
 * Everybody feels a mode of overcommitting.
 * CTest: RESOURCE_LOCK machine+presets
 */
#include "tests/benchmarks/harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <cmocka.h>

#include "benchmarks/support/map.h"
#include "benchmarks/support/thp.h"

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif

static void test_family_clean(void **state)
{
	(void)state;
	mp_harness_family_clean("mmap");
}

static void test_family_skipped(void **state)
{
	(void)state;
	mp_harness_family_skipped("mmap");
}

/* Beyond the representative values. */
static void test_more_values(void **state)
{
	static const char *const cases[] = {
		"mmap.anon/size=1G/outstanding=64",
		"mmap.anon/size=2044K/outstanding=64",
		"mmap.anon/size=2M/neighbourhood=merge/outstanding=64",
		"mmap.anon/extra_vmas=1000/neighbourhood=merge",
		"mmap.anon/outstanding=1024",
		"mmap.file/size=2M/outstanding=64",
		"mmap.fixed_hole/size=2M/outstanding=64",
		"mmap.fixed_over_touched/size=64K/outstanding=64",
		"mmap.fixed_over_touched/size=2M/huge=thp",
		"mmap.fixed_over_untouched/size=128M",
		"mmap.hint_free/size=64K/outstanding=64",
		"mmap.hint_free/size=2M",
		"mmap.hint_taken/extra_vmas=1000/outstanding=64",
		"mmap.noreplace/size=2M/outstanding=64",
		"mmap.noreplace_taken/extra_vmas=1000",
		"mmap.populate/size=64K/outstanding=64",
		"mmap.search_worst/holes=0",
		"mmap.search_worst/holes=10000",
		"mmap.shmem_anon/size=2M/outstanding=64",
	};

	(void)state;
	mp_harness_clean_all(cases, MP_COUNT(cases), MP_MODE_CALL);
}

static void test_threads(void **state)
{
	(void)state;
	mp_harness_clean("mmap.pair/size=4K/threads=1", MP_MODE_RATE);
	mp_harness_clean("mmap.pair/size=4K/threads=2", MP_MODE_RATE);
	mp_harness_clean("mmap.pair/size=2M/threads=2", MP_MODE_RATE);
	mp_harness_clean("mmap.pair/size=128M/threads=4", MP_MODE_RATE);
}

static void test_illegal(void **state)
{
	static const char *const cases[] = {
		"mmap.anon/size=1G/outstanding=1024",
		"mmap.fixed_hole/size=64M/outstanding=64",
		"mmap.populate/size=64K/huge=thp",
		"mmap.pair/neighbourhood=merge/threads=2",
		"mmap.hugetlb/size=4K",
	};

	(void)state;
	mp_harness_illegal(cases, MP_COUNT(cases));
}

/* The plants */

static struct mp_map_state *state_of(struct mp_ctx *ctx)
{
	return ctx->state;
}

static void touch_last(struct mp_ctx *ctx, uint64_t n)
{
	*(volatile char *)state_of(ctx)->got[n - 1] = 1;
}

static void touch_slot(struct mp_ctx *ctx, uint64_t n)
{
	(void)n;
	*(volatile char *)state_of(ctx)->want[0] = 1;
}

static void test_touched_is_seen(void **state)
{
	static const char *const cases[] = {
		"mmap.anon/neighbourhood=isolated",
		"mmap.anon/neighbourhood=merge/outstanding=64",
		"mmap.file/backing=memfd",
		"mmap.fixed_hole",
		"mmap.fixed_over_touched",
		"mmap.hint_free",
		"mmap.hint_taken",
		"mmap.noreplace",
		"mmap.search_worst",
		"mmap.shmem_anon",
	};
	const struct mp_harness_tamper tamper = { .after_run = touch_last };
	const struct mp_harness_tamper slot = { .after_run = touch_slot };

	(void)state;
	for (size_t i = 0; i < MP_COUNT(cases); i++)
		mp_harness_fails(cases[i], MP_MODE_CALL, &tamper, "present");
	mp_harness_fails("mmap.fixed_over_untouched", MP_MODE_BATCH, &slot, "present");
}

static void same_protection(struct mp_ctx *ctx)
{
	state_of(ctx)->prot[1] = state_of(ctx)->prot[0];
}

static void add_anchor(struct mp_ctx *ctx)
{
	struct mp_err err;

	mp_space_anchor(&state_of(ctx)->space, state_of(ctx)->size, &err);
}

static void test_merging_is_seen(void **state)
{
	const struct mp_harness_tamper same = { .after_setup = same_protection };
	const struct mp_harness_tamper anchor = { .after_setup = add_anchor };

	(void)state;
	mp_harness_fails("mmap.anon/neighbourhood=isolated/outstanding=64", MP_MODE_CALL, &same,
			 "vmas");
	mp_harness_fails("mmap.anon/neighbourhood=isolated/outstanding=1", MP_MODE_CALL, &anchor,
			 "vmas");
	mp_harness_fails("mmap.hint_taken", MP_MODE_CALL, &anchor, "vmas");
}

/* Something else where the kernel would put the next mapping. */
static void block_spot(struct mp_ctx *ctx)
{
	struct mp_map_state *s = state_of(ctx);

	mmap((void *)s->space.spot, s->size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
	     0);
}

static void test_not_merging_is_seen(void **state)
{
	const struct mp_harness_tamper tamper = { .after_setup = block_spot };

	(void)state;
	mp_harness_fails("mmap.anon/neighbourhood=merge/outstanding=1", MP_MODE_CALL, &tamper,
			 "merged");
	mp_harness_fails("mmap.anon/neighbourhood=merge/outstanding=64", MP_MODE_BATCH, &tamper,
			 "merged");
	mp_harness_fails("mmap.pair/neighbourhood=merge", MP_MODE_CALL, &tamper, "placed");
	mp_harness_fails("mmap.pair/neighbourhood=isolated", MP_MODE_BATCH, &tamper, "placed");
}

static void fill_slot(struct mp_ctx *ctx)
{
	mmap((void *)state_of(ctx)->want[0], state_of(ctx)->size, PROT_NONE,
	     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
}

static void empty_slot(struct mp_ctx *ctx)
{
	munmap((void *)state_of(ctx)->want[0], state_of(ctx)->size);
}

static void fill_target(struct mp_ctx *ctx)
{
	mmap((void *)state_of(ctx)->target, state_of(ctx)->size, PROT_NONE,
	     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
}

static void not_fixed(struct mp_ctx *ctx)
{
	fill_slot(ctx);
	state_of(ctx)->flags &= ~MAP_FIXED;
}

static void test_place_is_seen(void **state)
{
	const struct mp_harness_tamper fill = { .after_setup = fill_slot };
	const struct mp_harness_tamper empty = { .after_setup = empty_slot };
	const struct mp_harness_tamper target = { .after_setup = fill_target };
	const struct mp_harness_tamper loose = { .after_setup = not_fixed };

	(void)state;
	mp_harness_fails("mmap.hint_free", MP_MODE_CALL, &fill, "placed");
	mp_harness_fails("mmap.noreplace", MP_MODE_CALL, &fill, "operations");
	mp_harness_fails("mmap.hint_taken", MP_MODE_CALL, &empty, "at_hint");
	mp_harness_fails("mmap.noreplace_taken", MP_MODE_CALL, &empty, "operations");
	mp_harness_fails("mmap.noreplace_taken", MP_MODE_CALL, &empty, "kept");
	mp_harness_fails("mmap.search_worst", MP_MODE_CALL, &target, "placed");
	mp_harness_fails("mmap.fixed_hole", MP_MODE_CALL, &loose, "placed");
	mp_harness_fails("mmap.fixed_over_untouched", MP_MODE_BATCH, &loose, "placed");
}

static void drop_page(struct mp_ctx *ctx, uint64_t n)
{
	(void)n;
	madvise((void *)state_of(ctx)->got[0], ctx->host->page_size, MADV_DONTNEED);
}

static void collapse(struct mp_ctx *ctx, uint64_t n)
{
	(void)n;
	mp_thp_permit();
	madvise((void *)state_of(ctx)->got[0], state_of(ctx)->size, MADV_HUGEPAGE);
	madvise((void *)state_of(ctx)->got[0], state_of(ctx)->size, MADV_COLLAPSE);
}

static void unlock_page(struct mp_ctx *ctx, uint64_t n)
{
	/* the address sanitizer's munlock does nothing */
	syscall(SYS_munlock, state_of(ctx)->got[n - 1], ctx->host->page_size);
}

static void not_populated(struct mp_ctx *ctx)
{
	state_of(ctx)->flags &= ~(MAP_POPULATE | MAP_LOCKED);
}

static void test_absent_is_seen(void **state)
{
	const struct mp_harness_tamper drop = { .after_run = drop_page };
	const struct mp_harness_tamper lazy = { .after_setup = not_populated };
	const struct mp_harness_tamper unlock = { .after_run = unlock_page };

	(void)state;
	mp_harness_fails("mmap.populate/size=64K", MP_MODE_CALL, &drop, "present");
	mp_harness_fails("mmap.populate/size=4K", MP_MODE_CALL, &lazy, "present");
	if (mp_harness_unmet(mp_bench_find("mmap.locked")))
		return;
	mp_harness_fails("mmap.locked/size=4K", MP_MODE_CALL, &lazy, "present");
	mp_harness_fails("mmap.locked/size=64K", MP_MODE_CALL, &unlock, "locked_kib");
}

/* Is a huge page to be had by collapsing? (Linux 6.1 and later.) */
static bool can_collapse(void)
{
	size_t size = mp_harness_host()->hugepage_size;
	char *range = size ? mmap(NULL, 2 * size, PROT_READ | PROT_WRITE,
				  MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0)
			   : MAP_FAILED;
	bool can;

	if (range == MAP_FAILED)
		return false;
	can = !madvise((void *)(((uintptr_t)range + size - 1) / size * size), size, MADV_COLLAPSE);
	munmap(range, 2 * size);
	return can;
}

static void test_huge_is_seen(void **state)
{
	const struct mp_harness_tamper tamper = { .after_run = collapse };

	(void)state;
	if (!can_collapse())
		skip();
	mp_harness_fails("mmap.populate/size=2M/huge=none", MP_MODE_CALL, &tamper, "huge_bytes");
}

static void huge_anyway(struct mp_ctx *ctx)
{
	mp_thp_permit();
	state_of(ctx)->advise = true;
}

static void touch_half(struct mp_ctx *ctx)
{
	state_of(ctx)->step *= 2;
}

static void test_before_is_seen(void **state)
{
	const struct mp_harness_tamper huge = { .after_setup = huge_anyway };
	const struct mp_harness_tamper small = { .after_setup = mp_harness_forbid_huge };
	const struct mp_harness_tamper half = { .after_setup = touch_half };
	struct mp_err err;

	(void)state;
	mp_harness_fails("mmap.fixed_over_touched/size=64K", MP_MODE_CALL, &half, "present_before");
	if (mp_thp_possible(mp_harness_host()->hugepage_size, &err))
		skip();
	mp_harness_fails("mmap.fixed_over_touched/size=2M/huge=none", MP_MODE_CALL, &huge,
			 "huge_before");
	mp_harness_fails("mmap.fixed_over_touched/size=2M/huge=thp", MP_MODE_CALL, &small,
			 "huge_before");
}

static void leave_one(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_map_state *s = state_of(ctx);

	(void)n;
	mmap((void *)s->space.spot, s->size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
	     0);
}

static void test_leftover_is_seen(void **state)
{
	const struct mp_harness_tamper tamper = { .after_run = leave_one };

	(void)state;
	mp_harness_fails("mmap.pair/neighbourhood=isolated", MP_MODE_CALL, &tamper, "left");
}

static void close_file(struct mp_ctx *ctx)
{
	close(state_of(ctx)->fd);
	state_of(ctx)->owns_fd = false;
}

static void test_failing_call_is_seen(void **state)
{
	const struct mp_harness_tamper tamper = { .after_setup = close_file };

	(void)state;
	mp_harness_fails("mmap.file/backing=disk", MP_MODE_CALL, &tamper, "operations");
	mp_harness_fails("mmap.file/backing=disk", MP_MODE_CALL, &tamper, "addresses");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_family_clean),
		cmocka_unit_test(test_family_skipped),
		cmocka_unit_test(test_more_values),
		cmocka_unit_test(test_threads),
		cmocka_unit_test(test_illegal),
		cmocka_unit_test(test_touched_is_seen),
		cmocka_unit_test(test_merging_is_seen),
		cmocka_unit_test(test_not_merging_is_seen),
		cmocka_unit_test(test_place_is_seen),
		cmocka_unit_test(test_absent_is_seen),
		cmocka_unit_test(test_huge_is_seen),
		cmocka_unit_test(test_before_is_seen),
		cmocka_unit_test(test_leftover_is_seen),
		cmocka_unit_test(test_failing_call_is_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What needs pages in the hugetlb pool: the cases of several families run clean, and their checks notice.
 */
#include "tests/benchmarks/harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <sys/mman.h>

#include "benchmarks/support/map.h"
#include "benchmarks/support/range.h"
#include "benchmarks/support/remap.h"
#include "benchmarks/support/unmap.h"

static void test_clean(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		enum mp_mode mode = i ? MP_MODE_BATCH : MP_MODE_CALL;

		mp_harness_clean("mmap.hugetlb/size=hugetlb", mode);
		mp_harness_clean("fault.hugetlb/range=hugetlb", mode);
		mp_harness_clean("mmap.hugetlb/reserve=no", mode);
		mp_harness_clean("fault.hugetlb/range=16M", mode);
		mp_harness_clean("mremap.hugetlb/size=hugetlb", mode);
		mp_harness_clean("memfd.fallocate/huge=hugetlb/size=hugetlb", mode);
		mp_harness_clean("memfd.ftruncate_shrink/huge=hugetlb/size=hugetlb", mode);
		mp_harness_clean("memfd.punch/huge=hugetlb/size=hugetlb", mode);
		mp_harness_clean("munmap.hugetlb/size=64M", mode);
		mp_harness_clean("munmap.hugetlb/touch=none", mode);
	}
}

/* The whole range: the next block finds its pages mapped. */
static void touch_all(struct mp_ctx *ctx, uint64_t n)
{
	const struct mp_range *r = ctx->state;

	(void)n;
	for (uint32_t i = 0; i < r->count; i++)
		*(volatile char *)r->touches[i] = 99;
}

/* Small pages where huge ones of the pool were asked for. */
static void small_pages(struct mp_ctx *ctx, uint64_t n)
{
	const struct mp_range *r = ctx->state;

	(void)n;
	assert_true(mmap(r->base, r->size, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == r->base);
	madvise(r->base, r->size, MADV_NOHUGEPAGE);
}

static void reserve_anyway(struct mp_ctx *ctx)
{
	struct mp_map_state *s = ctx->state;

	s->flags &= ~MAP_NORESERVE;
}

static void not_hugetlb(struct mp_ctx *ctx)
{
	struct mp_unmap_state *s = ctx->state;

	s->flags &= ~MAP_HUGETLB;
}

/* Pages of the largest size that the pool can be given. */
static void test_gigantic(void **state)
{
	static const char *const cases[] = {
		"mmap.hugetlb/hugepage=1G/size=1G",
		"fault.hugetlb/hugepage=1G/range=1G",
		"munmap.hugetlb/hugepage=1G/size=1G",
	};

	(void)state;
	if (!(mp_harness_host()->hugetlb_sizes & 1ULL << 30) || mp_harness_lacks(cases[0]))
		skip();
	mp_harness_clean_all(cases, MP_COUNT(cases), MP_MODE_CALL);
}

/* Another mapping where the one that moves should be. */
static void no_pages(struct mp_ctx *ctx)
{
	const struct mp_remap_state *s = ctx->state;

	assert_true(mmap((void *)s->from, s->whole, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_HUGETLB, -1,
			 0) == (void *)s->from);
}

static void test_planted(void **state)
{
	const struct mp_harness_tamper skip = { .skip_run = true };
	const struct mp_harness_tamper touched = { .after_run = touch_all };
	const struct mp_harness_tamper small = { .before_run = small_pages };
	const struct mp_harness_tamper reserving = { .after_setup = reserve_anyway };
	const struct mp_harness_tamper plain = { .after_setup = not_hugetlb };
	const struct mp_harness_tamper empty = { .after_setup = no_pages };

	(void)state;
	mp_harness_fails("mmap.hugetlb/size=hugetlb", MP_MODE_CALL, &skip, NULL);
	mp_harness_fails("fault.hugetlb/range=16M", MP_MODE_CALL, &skip, "stored");
	mp_harness_fails("fault.hugetlb/range=16M", MP_MODE_CALL, &touched, "faults");
	mp_harness_fails("fault.hugetlb/range=16M", MP_MODE_CALL, &small, "present");
	mp_harness_fails("mmap.hugetlb/reserve=no", MP_MODE_CALL, &reserving, "reserved");
	mp_harness_fails("munmap.hugetlb/size=hugetlb", MP_MODE_CALL, &plain, "page_size_before");
	mp_harness_fails("mremap.hugetlb/size=hugetlb", MP_MODE_CALL, &skip, "answer");
	mp_harness_fails("mremap.hugetlb/size=hugetlb", MP_MODE_CALL, &empty, "present_before");
	mp_harness_fails("mremap.hugetlb/size=hugetlb", MP_MODE_CALL, &empty, "pattern");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_clean),
		cmocka_unit_test(test_gigantic),
		cmocka_unit_test(test_planted),
	};

	if (mp_harness_lacks("fault.hugetlb")) {
		printf("skip: %s\n", mp_harness_lacks("fault.hugetlb"));
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}

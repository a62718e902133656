/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What needs pages in the hugetlb pool: mmap.hugetlb and fault.hugetlb run clean, and their checks notice.
 */
#include "tests/benchmarks/harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <sys/mman.h>

#include "benchmarks/support/range.h"

static void test_clean(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		enum mp_mode mode = i ? MP_MODE_BATCH : MP_MODE_CALL;

		mp_harness_clean("mmap.hugetlb/size=hugetlb", mode);
		mp_harness_clean("fault.hugetlb/range=hugetlb", mode);
		mp_harness_clean("fault.hugetlb/range=16M", mode);
		mp_harness_clean("memfd.fallocate/huge=hugetlb/size=hugetlb", mode);
		mp_harness_clean("memfd.ftruncate_shrink/huge=hugetlb/size=hugetlb", mode);
		mp_harness_clean("memfd.punch/huge=hugetlb/size=hugetlb", mode);
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

static void test_planted(void **state)
{
	const struct mp_harness_tamper skip = { .skip_run = true };
	const struct mp_harness_tamper touched = { .after_run = touch_all };
	const struct mp_harness_tamper small = { .before_run = small_pages };

	(void)state;
	mp_harness_fails("mmap.hugetlb/size=hugetlb", MP_MODE_CALL, &skip, NULL);
	mp_harness_fails("fault.hugetlb/range=16M", MP_MODE_CALL, &skip, "stored");
	mp_harness_fails("fault.hugetlb/range=16M", MP_MODE_CALL, &touched, "faults");
	mp_harness_fails("fault.hugetlb/range=16M", MP_MODE_CALL, &small, "present");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_clean),
		cmocka_unit_test(test_planted),
	};

	if (mp_harness_unmet(mp_bench_find("fault.hugetlb"))) {
		printf("skip: %s\n", mp_harness_unmet(mp_bench_find("fault.hugetlb")));
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}

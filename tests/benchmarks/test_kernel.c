/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which cases of the kernel's allocators there are on a machine, said without the kernel module: those that could show nothing are
 * dropped with the reason. That they measure is seen in machines that have it (tests/guest).
 */
#include "benchmarks/bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#define K UINT64_C(1024)
#define M (K * K)

static void test_dropped_by_page_size(void **state)
{
	static const struct {
		const char *bench;
		uint64_t page, hugepage, size;
		const char *reason; /* NULL: it is a case */
		unsigned nodes;
	} cases[] = {
		{ "vmap_align.alloc", 4 * K, 2 * M, 8 * K, NULL, 1 },
		{ "vmap_align.pair", 64 * K, 512 * M, 64 * K, "a single page is always aligned",
		  1 },
		{ "vmap_align.free", 64 * K, 512 * M, 16 * K, "a single page is always aligned",
		  1 },
		{ "vmap_align.steady", 64 * K, 512 * M, 128 * K, NULL, 1 },
		{ "vmap.pair", 64 * K, 512 * M, 64 * K, NULL, 1 },
		{ "vmalloc_huge.pair", 4 * K, 2 * M, 2 * M, NULL, 1 },
		{ "vmalloc_huge.pair", 4 * K, 2 * M, 2 * M, "of each memory node", 2 },
		{ "vmalloc_huge.pair", 4 * K, 2 * M, 4 * M, NULL, 2 },
		{ "vmalloc_huge.pair", 16 * K, 32 * M, 8 * M, "less than a huge page", 1 },
		{ "vmalloc_huge.alloc", 16 * K, 32 * M, 32 * M, NULL, 1 },
		{ "vmalloc_huge.alloc", 4 * K, 0, 2 * M, NULL, 1 },
		{ "vmalloc.pair", 16 * K, 32 * M, 8 * M, NULL, 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct mp_host host = { .page_size = cases[i].page,
					      .hugepage_size = cases[i].hugepage,
					      .nodes = cases[i].nodes };
		const struct mp_params params = {
			.count = 1,
			.items = { { .axis = "size", .number = cases[i].size } },
		};
		const struct mp_bench *bench = mp_bench_find(cases[i].bench);
		struct mp_err err = { .text = "" };

		assert_non_null(bench);
		assert_int_equal(bench->legal(&params, &host, &err) != 0, cases[i].reason != NULL);
		if (cases[i].reason)
			assert_non_null(strstr(err.text, cases[i].reason));
	}
}

static void test_dropped_by_value(void **state)
{
	static const struct {
		const char *bench, *axis;
		uint64_t number;
		unsigned nodes;
		const char *reason; /* NULL: it is a case */
	} cases[] = {
		{ "pages_node.pair", "node", 0, 1, NULL },
		{ "pages_node.pair", "node", 1, 1, "no memory on that node" },
		{ "kmalloc_node.free", "node", 1, 2, NULL },
		{ "kmem_cache.alloc", "align", 64, 1, NULL },
		{ "kmem_cache.alloc", "align", 24, 1, "a power of two" },
		{ "percpu.alloc", "align", 63, 1, "a power of two" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct mp_host host = { .page_size = 4 * K, .nodes = cases[i].nodes };
		struct mp_params params = { .count = 1,
					    .items = { { .number = cases[i].number } } };
		const struct mp_bench *bench = mp_bench_find(cases[i].bench);
		struct mp_err err = { .text = "" };

		snprintf(params.items[0].axis, sizeof(params.items[0].axis), "%s", cases[i].axis);
		assert_non_null(mp_bench_axis(bench, cases[i].axis));
		assert_int_equal(bench->legal(&params, &host, &err) != 0, cases[i].reason != NULL);
		if (cases[i].reason)
			assert_non_null(strstr(err.text, cases[i].reason));
	}
}

/* Destroying them cannot be cancelled. */
static void test_caches_are_few(void **state)
{
	static const char *const benches[] = { "kmem_cache_create.alloc", "kmem_cache_create.free",
					       "kmem_cache_create.steady",
					       "kmem_cache_shrink.apply" };

	(void)state;
	for (size_t i = 0; i < sizeof(benches) / sizeof(benches[0]); i++)
		assert_int_equal(mp_bench_axis(mp_bench_find(benches[i]), "live")->max, 1024);
	assert_int_equal(mp_bench_axis(mp_bench_find("kmem_cache.alloc"), "live")->max, 65536);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dropped_by_page_size),
		cmocka_unit_test(test_dropped_by_value),
		cmocka_unit_test(test_caches_are_few),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

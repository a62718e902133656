/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From what a kernel module says of an allocator to benchmarks: names, hooks, and axes whose every value is one that the allocator
 * takes. That such benchmarks measure is seen in a machine that has the module (guest/kernel_uml).
 */
#include "benchmarks/support/kalloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runner/config/valueset.h"

#define KERNEL	(1u << MPK_GFP_KERNEL)
#define ATOMIC	(1u << MPK_GFP_ATOMIC)
#define ACCOUNT (1u << MPK_GFP_ACCOUNT)
#define EVERY	((1u << MPK_PATTERN_COUNT) - 1)

/* One that has everything. */
static const struct mpk_describe rich = {
	.kind = MPK_KIND_BULK,
	.measure = MPK_MEASURE_BYTES,
	.patterns = EVERY,
	.min = 16,
	.max = 8192,
	.gfp = { [MPK_PROCESS] = KERNEL | ATOMIC | ACCOUNT, [MPK_SOFTIRQ] = ATOMIC },
	.batch_max = 40,
	.crowd_max = 2000,
	.touches = 1u << MPK_TOUCH_NONE | 1u << MPK_TOUCH_FIRST | 1u << MPK_TOUCH_ALL,
	.nodes = 1,
	.align_max = 32,
	.name = "rich",
	.call = "rich_alloc(size, gfp), rich_free(object)",
};

static bool none(const char *bench)
{
	(void)bench;
	return false;
}

static bool all_but_apply(const char *bench)
{
	return strcmp(bench, "rich.apply") != 0;
}

static const struct mp_bench *bench_of(const struct mp_kalloc *k, const char *name)
{
	for (size_t i = 0; i < k->family.n_benches; i++)
		if (!strcmp(k->family.benches[i].name, name))
			return &k->family.benches[i];
	fail_msg("no %s", name);
	return NULL;
}

/* The values of a set as `run` would have them: "16,64". */
static void values_are(const struct mp_bench *bench, const char *name, bool matrix,
		       const char *want)
{
	const struct mp_host host = { .page_size = 4096, .nodes = 2, .cpus = 2, .cores = 2 };
	const struct mp_axis *axis = mp_bench_axis(bench, name);
	struct mp_param *items = NULL;
	struct mp_err err = { .text = "" };
	char got[512] = "";
	size_t count, len = 0;

	if (!axis)
		fail_msg("%s has no %s", bench->name, name);
	if (mp_valueset_expand(matrix && axis->matrix ? axis->matrix : axis->values, axis, &host,
			       NULL, NULL, &items, &count, &err))
		fail_msg("%s %s: %s", bench->name, name, err.text);
	for (size_t i = 0; i < count; i++)
		len += (size_t)snprintf(got + len, sizeof(got) - len, "%s%s", i ? "," : "",
					items[i].word);
	free(items);
	assert_string_equal(got, want);
}

static int legal(const struct mp_bench *bench, unsigned gfp, unsigned context)
{
	const struct mp_host host = { .page_size = 4096, .nodes = 1 };
	const struct mp_params params = { .count = 2,
					  .items = { { .axis = "context", .number = context },
						     { .axis = "gfp", .number = gfp } } };
	struct mp_err err = { .text = "" };

	return !bench->legal(&params, &host, &err);
}

static void has_what_it_says(void **state)
{
	const struct mp_bench *known = mp_bench_find("kmem_cache_bulk.steady"), *b;
	struct mp_kalloc k = { .record.index = 0 };

	(void)state;
	assert_true(mp_kalloc_make(&k, &rich, none));
	assert_string_equal(k.family.name, "rich");
	assert_string_equal(k.family.summary, rich.call);
	assert_int_equal(k.family.n_benches, MPK_PATTERN_COUNT);
	b = bench_of(&k, "rich.steady");
	assert_true(b->setup == known->setup && b->arm == known->arm && b->run == known->run &&
		    b->check == known->check && b->teardown == known->teardown &&
		    b->legal == known->legal);
	assert_int_equal(b->needs, known->needs);
	assert_int_equal(b->modes, known->modes);
	assert_int_equal(b->state_size, known->state_size);
	assert_string_equal(b->unit, "batch");
	assert_true(legal(b, MPK_GFP_KERNEL, MPK_PROCESS) && legal(b, MPK_GFP_ATOMIC, MPK_SOFTIRQ));
	assert_false(legal(b, MPK_GFP_KERNEL, MPK_SOFTIRQ));
	assert_false(legal(b, MPK_GFP_ATOMIC, MPK_HARDIRQ));
	values_are(b, "size", false, "64,4K");
	values_are(b, "size", true, "16,32,64,128,256,512,1K,2K,4K,8K");
	values_are(b, "batch", false, "16,40");
	values_are(b, "batch", true, "1,4,16,40");
	values_are(b, "align", false, "8,32");
	values_are(b, "areas", false, "1024,2000");
	values_are(b, "node", false, "local,remote");
	values_are(b, "gfp", false, "kernel,atomic");
	values_are(b, "gfp", true, "kernel,atomic,account");
	values_are(b, "context", false, "process");
	values_are(b, "touch", true, "none,first,all");
	values_are(b, "live", false, "512");
	assert_null(mp_bench_axis(b, "order"));
	b = bench_of(&k, "rich.pair");
	values_are(b, "context", false, "process,softirq");
	assert_true(!mp_bench_axis(b, "live") && !mp_bench_axis(b, "touch"));
	values_are(bench_of(&k, "rich.free"), "free_order", false, "random");
	assert_non_null(bench_of(&k, "rich.alloc"));
	assert_non_null(bench_of(&k, "rich.apply"));
}

static void has_no_more(void **state)
{
	struct mpk_describe d = { .kind = MPK_KIND_PAGES,
				  .measure = MPK_MEASURE_ORDER,
				  .patterns = 1u << MPK_PAIR | 1u << 20,
				  .max = 2,
				  .gfp = { [MPK_PROCESS] = ACCOUNT },
				  .batch_max = 1,
				  .name = "poor" };
	struct mp_kalloc k = { .record.index = 0 };

	(void)state;
	assert_true(mp_kalloc_make(&k, &d, none));
	assert_int_equal(k.family.n_benches, 1);
	assert_string_equal(k.benches[0].name, "poor.pair");
	assert_int_equal(k.benches[0].n_axes, 3);
	values_are(k.benches, "order", false, "0,2");
	values_are(k.benches, "order", true, "0,1,2");
	values_are(k.benches, "gfp", false, "account");
	values_are(k.benches, "context", false, "process");
	d.measure = MPK_MEASURE_BYTES;
	d.min = d.max = 24 << 20;
	k = (struct mp_kalloc){ .record.index = 0 };
	assert_true(mp_kalloc_make(&k, &d, none));
	values_are(k.benches, "size", false, "24M");
	values_are(k.benches, "size", true, "24M");
	d.measure = MPK_MEASURE_NOTHING;
	d.kind = MPK_KIND_NOTHING;
	k = (struct mp_kalloc){ .record.index = 0 };
	assert_true(mp_kalloc_make(&k, &d, none));
	assert_int_equal(k.benches[0].n_axes, 1);
}

/* Tens of thousands of slab caches could not be cancelled; memory of every CPU counts as often as there are CPUs. */
static void is_bounded_as_others(void **state)
{
	struct mpk_describe d = rich;
	struct mp_kalloc k = { .record.index = 0 };

	(void)state;
	d.kind = MPK_KIND_CACHES;
	assert_true(mp_kalloc_make(&k, &d, none));
	assert_int_equal(mp_bench_axis(bench_of(&k, "rich.alloc"), "live")->max, 1024);
	assert_string_equal(bench_of(&k, "rich.alloc")->unit, "cache");
	d.kind = MPK_KIND_PERCPU;
	k = (struct mp_kalloc){ .record.index = 0 };
	assert_true(mp_kalloc_make(&k, &d, none));
	assert_true(bench_of(&k, "rich.alloc")->legal == mp_bench_find("percpu.alloc")->legal);
}

/* A kind that only a newer module knows: in the caller's context alone, where its record is all that must be known. */
static void newer_kinds_stay_with_the_caller(void **state)
{
	struct mpk_describe d = rich;
	struct mp_kalloc k = { .record.index = 0 };

	(void)state;
	d.kind = MPK_KIND_COUNT;
	assert_true(mp_kalloc_make(&k, &d, none));
	assert_null(mp_bench_axis(bench_of(&k, "rich.pair"), "context"));
	assert_null(bench_of(&k, "rich.pair")->legal);
	values_are(bench_of(&k, "rich.pair"), "gfp", false, "kernel,atomic");
}

static void of_what_is_known_the_rest(void **state)
{
	struct mp_kalloc k = { .record.index = 0 };
	struct mpk_describe arm = rich;

	(void)state;
	assert_true(mp_kalloc_make(&k, &rich, all_but_apply));
	assert_int_equal(k.family.n_benches, 1);
	assert_string_equal(k.family.benches[0].name, "rich.apply");

	strcpy(arm.name, "rich.steady2");
	arm.patterns = 1u << MPK_STEADY;
	memset(&k, 0, sizeof(k));
	assert_true(mp_kalloc_make(&k, &arm, none));
	assert_string_equal(k.family.name, "rich");
	assert_int_equal(k.family.n_benches, 1);
	assert_string_equal(k.family.benches[0].name, "rich.steady2");
	assert_string_equal(k.family.benches[0].summary, arm.call);
	assert_non_null(mp_bench_axis(&k.family.benches[0], "live"));
	memset(&k, 0, sizeof(k));
	assert_false(mp_kalloc_make(&k, &arm, all_but_apply));
}

static void others_are_none(void **state)
{
	struct mpk_describe bad[11];
	struct mp_kalloc k = { .record.index = 0 };

	(void)state;
	for (size_t i = 0; i < 11; i++)
		bad[i] = rich;
	bad[0].reason = MPK_REASON_ABSENT;
	bad[1].measure = MPK_MEASURE_ORDER + 1;
	bad[2].gfp[MPK_PROCESS] = 0;
	bad[3].patterns = 1u << MPK_PATTERN_COUNT;
	bad[4].min = bad[4].max + 1;
	strcpy(bad[5].name, "rich.er");
	strcpy(bad[6].name, "rich/er");
	*bad[7].name = '\0';
	/* Of an arm: its word is that of a pattern, there is none, it has none. */
	for (size_t i = 8; i < 11; i++)
		bad[i].patterns = 1u << MPK_STEADY;
	strcpy(bad[8].name, "rich.steady");
	strcpy(bad[9].name, "rich.");
	strcpy(bad[10].name, "rich.more");
	bad[10].patterns = 1u << MPK_PATTERN_COUNT;
	for (size_t i = 0; i < 11; i++)
		assert_false(mp_kalloc_make(&k, &bad[i], none));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(has_what_it_says),
		cmocka_unit_test(has_no_more),
		cmocka_unit_test(is_bounded_as_others),
		cmocka_unit_test(newer_kinds_stay_with_the_caller),
		cmocka_unit_test(of_what_is_known_the_rest),
		cmocka_unit_test(others_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Faults that need something of the system: pages in swap, folios of one size, a file system in memory; and loads from shared
 * memory. They run clean where the need can be met; what each check is there for is planted and seen.
 */
#include "tests/benchmarks/harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <cmocka.h>

#include "benchmarks/support/fault.h"

static void clean_if_possible(const char *text)
{
	if (mp_harness_lacks(text)) {
		print_message("left out %s: %s\n", text, mp_harness_lacks(text));
		return;
	}
	mp_harness_clean(text, MP_MODE_CALL);
	mp_harness_clean(text, MP_MODE_BATCH);
}

static void load_all(struct mp_ctx *ctx, uint64_t n)
{
	(void)n;
	mp_range_load_all(ctx->state);
}

static void only_drop(struct mp_ctx *ctx)
{
	struct mp_range *r = ctx->state;

	r->renew = mp_range_drop;
}

static void test_swapin(void **state)
{
	const struct mp_harness_tamper loaded = { .before_run = load_all };
	const struct mp_harness_tamper dropped = { .after_setup = only_drop };
	const struct mp_harness_tamper skipped = { .skip_run = true };

	(void)state;
	clean_if_possible("fault.swapin/range=2M");
	if (mp_harness_lacks("fault.swapin"))
		skip();
	mp_harness_fails("fault.swapin/range=2M", MP_MODE_CALL, &loaded, "major_faults");
	mp_harness_fails("fault.swapin/range=2M", MP_MODE_CALL, &dropped, "swapped_before");
	mp_harness_fails("fault.swapin/range=2M", MP_MODE_CALL, &dropped, "kept");
	mp_harness_fails("fault.swapin/range=2M", MP_MODE_BATCH, &skipped, "swapped");
}

/* Every size that this kernel offers; the plants at one of them. */
static void test_folios(void **state)
{
	static const char *const sizes[] = { "16K", "32K", "64K", "128K", "256K", "512K", "1M" };
	const struct mp_harness_tamper small = { .after_setup = mp_harness_forbid_huge };
	char text[96];

	(void)state;
	for (size_t i = 0; i < MP_COUNT(sizes); i++) {
		const struct mp_bench *bench;
		struct mp_params params;
		struct mp_err err;

		snprintf(text, sizeof(text), "fault.anon_write/huge=%s/range=2M/page_tables=warm",
			 sizes[i]);
		if (mp_harness_case(text, &bench, &params, &err))
			continue;
		clean_if_possible(text);
		if (i == 2 && !mp_harness_lacks(text))
			mp_harness_fails(text, MP_MODE_CALL, &small, "present");
	}
}

static void test_shmem_read(void **state)
{
	const struct mp_harness_tamper dropped = { .after_setup = only_drop };
	const struct mp_harness_tamper skipped = { .skip_run = true };

	(void)state;
	mp_harness_clean("fault.shmem_read/page=hole/range=2M", MP_MODE_CALL);
	mp_harness_clean("fault.shmem_read/page=present/range=2M/object=anon", MP_MODE_BATCH);
	mp_harness_fails("fault.shmem_read/page=hole/range=2M", MP_MODE_BATCH, &skipped, "faults");
	mp_harness_fails("fault.shmem_read/page=hole/range=2M", MP_MODE_BATCH, &skipped, "cached");
	mp_harness_fails("fault.shmem_read/page=present/range=2M", MP_MODE_BATCH, &skipped,
			 "present");
	/* No holes are punched: from the second pass on the pages are there. */
	mp_harness_fails("fault.shmem_read/page=hole/range=64K", MP_MODE_CALL, &dropped,
			 "cached_before");
}

static void small_pages(struct mp_ctx *ctx, uint64_t n)
{
	const struct mp_range *r = ctx->state;

	(void)n;
	madvise(r->base, r->size, MADV_NOHUGEPAGE);
}

static void test_shmem_huge(void **state)
{
	const struct mp_harness_tamper small = { .before_run = small_pages };
	const struct mp_harness_tamper dropped = { .after_setup = only_drop };

	(void)state;
	clean_if_possible("fault.shmem_huge/page=hole/range=64M");
	clean_if_possible("fault.shmem_huge/page=present/object=anon/range=64M");
	if (mp_harness_lacks("fault.shmem_huge"))
		skip();
	mp_harness_fails("fault.shmem_huge/page=hole/range=64M", MP_MODE_CALL, &small, "present");
	mp_harness_fails("fault.shmem_huge/page=hole/range=64M", MP_MODE_CALL, &small,
			 "huge_bytes");
	mp_harness_fails("fault.shmem_huge/page=hole/range=2M", MP_MODE_CALL, &dropped,
			 "cached_before");
}

static void test_ramdisk(void **state)
{
	(void)state;
	clean_if_possible("fault.file_read/backing=ramdisk/stride=page");
	clean_if_possible("fault.file_cow/backing=ramdisk/range=2M");
	clean_if_possible("fault.file_mkwrite/backing=ramdisk/range=1M");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_swapin),	   cmocka_unit_test(test_folios),
		cmocka_unit_test(test_shmem_read), cmocka_unit_test(test_shmem_huge),
		cmocka_unit_test(test_ramdisk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The mincore family: clean as it stands, in every mode; and spoilt in the ways that each check is there for, the
 * check of that name notices.
 */
#include "tests/benchmarks/harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <cmocka.h>

#include "benchmarks/support/subject.h"

static void test_family_clean(void **state)
{
	(void)state;
	mp_harness_family_clean("mincore");
}

static void test_family_skipped(void **state)
{
	(void)state;
	mp_harness_family_skipped("mincore");
}

static void test_more_values(void **state)
{
	static const char *const cases[] = {
		"mincore.anon/size=2M/touch=none",
		"mincore.anon/size=2M/huge=thp",
		"mincore.file_absent/backing=disk",
		"mincore.file_cached/backing=disk",
	};

	(void)state;
	mp_harness_clean_all(cases, MP_COUNT(cases), MP_MODE_BATCH);
}

/* The plants */

static void touch_first(struct mp_ctx *ctx, uint64_t n)
{
	const struct mp_subject *s = ctx->state;

	(void)n;
	*(volatile char *)s->at[0] = 1;
}

static void drop_first(struct mp_ctx *ctx, uint64_t n)
{
	const struct mp_subject *s = ctx->state;

	(void)n;
	madvise((void *)s->at[0], ctx->host->page_size, s->fd < 0 ? MADV_DONTNEED : MADV_REMOVE);
}

static void bad_address(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_subject *s = ctx->state;

	(void)n;
	s->at[0]++;
}

static void test_other_residency_is_seen(void **state)
{
	const struct mp_harness_tamper more = { .before_run = touch_first };
	const struct mp_harness_tamper fewer = { .before_run = drop_first };

	(void)state;
	mp_harness_fails("mincore.anon/touch=none", MP_MODE_CALL, &more, "resident_pages");
	mp_harness_fails("mincore.anon/touch=none", MP_MODE_CALL, &more, "present_after");
	mp_harness_fails("mincore.anon/size=2M/touch=write", MP_MODE_CALL, &fewer,
			 "resident_pages");
	mp_harness_fails("mincore.file_absent", MP_MODE_CALL, &more, "resident_pages");
	mp_harness_fails("mincore.file_absent", MP_MODE_CALL, &more, "cached_after");
	mp_harness_fails("mincore.file_cached", MP_MODE_CALL, &more, "present_after");
	mp_harness_fails("mincore.file_cached", MP_MODE_CALL, &fewer, "resident_pages");
	mp_harness_fails("mincore.file_cached", MP_MODE_CALL, &fewer, "cached_after");
}

static void test_missing_calls_are_seen(void **state)
{
	const struct mp_harness_tamper skip = { .skip_run = true };
	const struct mp_harness_tamper bad = { .before_run = bad_address };

	(void)state;
	mp_harness_fails("mincore.anon", MP_MODE_CALL, &skip, "answered_pages");
	mp_harness_fails("mincore.file_cached", MP_MODE_BATCH, &skip, "answered_pages");
	mp_harness_fails("mincore.anon", MP_MODE_CALL, &bad, "operations");
	mp_harness_fails("mincore.anon", MP_MODE_CALL, &bad, "answers");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_family_clean),
		cmocka_unit_test(test_family_skipped),
		cmocka_unit_test(test_more_values),
		cmocka_unit_test(test_other_residency_is_seen),
		cmocka_unit_test(test_missing_calls_are_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The process_madvise family: clean as it stands, in every mode; and spoilt in the ways that each check is there for, the
 * check of that name notices.
 */
#include "tests/benchmarks/harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <cmocka.h>

#include "benchmarks/support/remote.h"

static void test_family_clean(void **state)
{
	(void)state;
	mp_harness_family_clean("process_madvise");
}

static void test_family_skipped(void **state)
{
	(void)state;
	mp_harness_family_skipped("process_madvise");
}

static void test_more_values(void **state)
{
	(void)state;
	mp_harness_clean("process_madvise.cold/size=64K/vectors=64", MP_MODE_CALL);
	mp_harness_clean("process_madvise.pageout/size=4K/vectors=64", MP_MODE_CALL);
	mp_harness_clean("process_madvise.collapse/vectors=4", MP_MODE_CALL);
}

/* The plants */

static void test_skipped_calls_are_seen(void **state)
{
	static const char *const rows[][2] = {
		{ "process_madvise.cold", "referenced_after" },
		{ "process_madvise.cold", "answers" },
		{ "process_madvise.collapse", "huge_after" },
		{ "process_madvise.pageout", "cached_after" },
		{ "process_madvise.pageout", "present_after" },
		{ "process_madvise.willneed", "cached_after" },
	};
	const struct mp_harness_tamper skip = { .skip_run = true };

	(void)state;
	for (size_t i = 0; i < MP_COUNT(rows); i++)
		mp_harness_fails(rows[i][0], MP_MODE_CALL, &skip, rows[i][1]);
}

/* The child acts once more between call and check. */
static void act_again(struct mp_ctx *ctx, uint64_t n)
{
	(void)n;
	mp_remote_prepare(ctx->state);
}

static void test_busy_child_is_seen(void **state)
{
	const struct mp_harness_tamper tamper = { .after_run = act_again };

	(void)state;
	mp_harness_fails("process_madvise.cold", MP_MODE_CALL, &tamper, "referenced_after");
	mp_harness_fails("process_madvise.collapse", MP_MODE_CALL, &tamper, "huge_after");
	mp_harness_fails("process_madvise.pageout", MP_MODE_CALL, &tamper, "present_after");
}

/* The memory that is looked at is not the memory that the child has prepared. */
static void look_elsewhere(struct mp_ctx *ctx)
{
	struct mp_subject *s = ctx->state;

	s->at[0] += s->size;
}

static void test_other_memory_is_seen(void **state)
{
	const struct mp_harness_tamper tamper = { .after_setup = look_elsewhere };

	(void)state;
	mp_harness_fails("process_madvise.cold", MP_MODE_CALL, &tamper, "allocated_before");
	mp_harness_fails("process_madvise.cold", MP_MODE_CALL, &tamper, "referenced_before");
	mp_harness_fails("process_madvise.pageout", MP_MODE_CALL, &tamper, "present_before");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_family_clean),
		cmocka_unit_test(test_family_skipped),
		cmocka_unit_test(test_more_values),
		cmocka_unit_test(test_skipped_calls_are_seen),
		cmocka_unit_test(test_busy_child_is_seen),
		cmocka_unit_test(test_other_memory_is_seen),
	};
	const struct mp_bench *collapse = mp_bench_find("process_madvise.collapse");

	if (mp_harness_unmet(collapse)) {
		print_message("skipped: %s\n", mp_harness_unmet(collapse));
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}

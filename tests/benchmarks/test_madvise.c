/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The madvise family: clean as it stands, in every mode; and spoilt in the ways that each check is there for, the
 * check of that name notices.
 */
#include "tests/benchmarks/harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <cmocka.h>

#include "benchmarks/support/advice.h"
#include "benchmarks/support/subject.h"

static void test_family_clean(void **state)
{
	(void)state;
	mp_harness_family_clean("madvise");
}

static void test_family_skipped(void **state)
{
	(void)state;
	mp_harness_family_skipped("madvise");
}

/* Why the case cannot be had here: no huge pages, an older kernel; NULL: it can. */
static const char *missing(const char *text)
{
	static struct mp_err err;
	const struct mp_bench *bench;
	struct mp_params params;

	return mp_harness_case(text, &bench, &params, &err) ? err.text : mp_harness_lacks(text);
}

/* Beyond the representative values. */
static void test_more_values(void **state)
{
	static const char *const cases[] = {
		"madvise.normal/vma=split/outstanding=64",
		"madvise.random/vma=merge",
		"madvise.sequential/touch=none/vma=split",
		"madvise.dontfork/vma=merge/outstanding=64",
		"madvise.wipeonfork/size=2M/vma=split",
		"madvise.hugepage/size=64M/touch=none",
		"madvise.nohugepage/vma=split",
		"madvise.mergeable/vma=merge",
		"madvise.unmergeable/size=2M/vma=split",
		"madvise.dontneed/size=64K/outstanding=64",
		"madvise.dontneed/size=2M/huge=thp/outstanding=64",
		"madvise.dontneed_multi/count=256",
		"madvise.dontneed_refault/size=2M/huge=thp",
		"madvise.free/size=64K/outstanding=64",
		"madvise.free_reuse/size=2M/huge=thp",
		"madvise.cold/size=2M/huge=thp",
		"madvise.collapse/size=16M",
		"madvise.populate_read/size=64K",
		"madvise.populate_write/size=64K/backing=memfd",
		"madvise.remove/backing=disk",
		"madvise.guard_install/size=2M/touch=write",
		"madvise.guard_remove/size=64K/outstanding=64",
	};
	(void)state;
	for (size_t i = 0; i < MP_COUNT(cases); i++)
		if (!missing(cases[i]))
			mp_harness_clean(cases[i], MP_MODE_CALL);
}

static void test_illegal(void **state)
{
	static const char *const cases[] = {
		"madvise.dontneed/size=4K/huge=thp",
		"madvise.dontneed/size=1G/outstanding=64",
		"madvise.populate_write/huge=thp/backing=memfd",
	};

	(void)state;
	mp_harness_illegal(cases, MP_COUNT(cases));
}

/* The plants */

static struct mp_subject *subject_of(struct mp_ctx *ctx)
{
	return ctx->state;
}

/* Notices, where the benchmark can run at all. */
static void notices(const char *text, enum mp_mode mode, const struct mp_harness_tamper *tamper,
		    const char *check)
{
	if (missing(text))
		print_message("left out %s: %s\n", text, missing(text));
	else
		mp_harness_fails(text, mode, tamper, check);
}

/* Each row: a case in which nothing is done, and the check that must say so. */
static void test_skipped_calls_are_seen(void **state)
{
	static const char *const rows[][2] = {
		{ "madvise.normal", "flag_after" },
		{ "madvise.random", "flag_after" },
		{ "madvise.random/vma=split", "vmas_after" },
		{ "madvise.sequential", "flag_after" },
		{ "madvise.dontfork", "flag_after" },
		{ "madvise.dofork", "flag_after" },
		{ "madvise.wipeonfork", "flag_after" },
		{ "madvise.keeponfork", "flag_after" },
		{ "madvise.dontdump", "flag_after" },
		{ "madvise.dodump", "flag_after" },
		{ "madvise.hugepage", "flag_after" },
		{ "madvise.nohugepage", "flag_after" },
		{ "madvise.mergeable", "flag_after" },
		{ "madvise.unmergeable", "flag_after" },
		{ "madvise.dontneed", "present_after" },
		{ "madvise.dontneed", "answers" },
		{ "madvise.dontneed_split", "huge_after" },
		{ "madvise.dontneed_multi", "present_after" },
		{ "madvise.dontneed_refault", "faults" },
		{ "madvise.dontneed_locked", "present_after" },
		{ "madvise.free", "lazy_after" },
		{ "madvise.free/size=2M/huge=thp", "lazy_after" },
		{ "madvise.willneed", "cached_after" },
		{ "madvise.willneed_resident", "cached_after" },
		{ "madvise.cold", "referenced_after" },
		{ "madvise.pageout_file", "cached_after" },
		{ "madvise.pageout_lazy", "present_after" },
		{ "madvise.pageout_swap", "swapped_after" },
		{ "madvise.willneed_swap", "cached_after" },
		{ "madvise.collapse", "huge_after" },
		{ "madvise.populate_read", "present_after" },
		{ "madvise.populate_write", "allocated_after" },
		{ "madvise.remove", "cached_after" },
		{ "madvise.guard_install/touch=none", "guarded_after" },
		{ "madvise.guard_install/touch=write", "present_after" },
		{ "madvise.guard_remove", "guarded_after" },
	};
	const struct mp_harness_tamper skip = { .skip_run = true };

	(void)state;
	for (size_t i = 0; i < MP_COUNT(rows); i++)
		notices(rows[i][0], MP_MODE_CALL, &skip, rows[i][1]);
}

static const struct mp_step nothing[] = { { MP_STEP_END, 0 } };

static void prepare_nothing(struct mp_ctx *ctx)
{
	subject_of(ctx)->steps = nothing;
}

/* Each row: a case whose memory is not brought into its state, and the check that must say so. */
static void test_missing_state_is_seen(void **state)
{
	static const char *const rows[][2] = {
		{ "madvise.normal", "flag_before" },
		{ "madvise.random", "flag_before" },
		{ "madvise.dofork", "flag_before" },
		{ "madvise.hugepage", "flag_before" },
		{ "madvise.unmergeable", "flag_before" },
		{ "madvise.random/vma=split", "vmas_before" },
		{ "madvise.random/vma=merge", "vmas_before" },
		{ "madvise.dontneed", "allocated_before" },
		{ "madvise.dontneed", "faults" },
		{ "madvise.dontneed_split", "huge_before" },
		{ "madvise.willneed", "cached_before" },
		{ "madvise.cold", "referenced_before" },
		{ "madvise.pageout_file", "present_before" },
		{ "madvise.pageout_lazy", "lazy_before" },
		{ "madvise.pageout_swap", "allocated_before" },
		{ "madvise.willneed_swap", "swapped_before" },
		{ "madvise.collapse", "allocated_before" },
		{ "madvise.populate_read", "present_before" },
		{ "madvise.populate_write", "present_before" },
		{ "madvise.remove", "cached_before" },
		{ "madvise.guard_remove", "guarded_before" },
	};
	const struct mp_harness_tamper tamper = { .after_setup = prepare_nothing };

	(void)state;
	for (size_t i = 0; i < MP_COUNT(rows); i++)
		notices(rows[i][0], MP_MODE_CALL, &tamper, rows[i][1]);
}

static void prepare_by_loads(struct mp_ctx *ctx)
{
	static const struct mp_step loads[] = { { MP_STEP_LOAD, 0 }, { MP_STEP_END, 0 } };

	subject_of(ctx)->steps = loads;
}

static void prepare_untouched(struct mp_ctx *ctx)
{
	static const struct mp_step steps[] = { { MP_STEP_ADVISE, MADV_GUARD_REMOVE },
						{ MP_STEP_END, 0 } };

	subject_of(ctx)->steps = steps;
	subject_of(ctx)->stored = 0;
}

static void prepare_half(struct mp_ctx *ctx)
{
	subject_of(ctx)->extent /= 2;
}

/* The zero page is nobody's; and half of the pages are not all. */
static void test_other_pages_are_seen(void **state)
{
	const struct mp_harness_tamper loads = { .after_setup = prepare_by_loads };
	const struct mp_harness_tamper half = { .after_setup = prepare_half };
	const struct mp_harness_tamper untouched = { .after_setup = prepare_untouched };

	(void)state;
	notices("madvise.guard_install/touch=write", MP_MODE_CALL, &untouched, "present_before");
	notices("madvise.dontneed/size=64K", MP_MODE_CALL, &loads, "allocated_before");
	notices("madvise.dontneed/size=64K", MP_MODE_CALL, &half, "allocated_before");
	notices("madvise.dontneed/size=64K", MP_MODE_CALL, &half, "faults");
	notices("madvise.remove/backing=memfd", MP_MODE_CALL, &half, "cached_before");
}

static void touch_again(struct mp_ctx *ctx, uint64_t n)
{
	(void)n;
	*(volatile char *)subject_of(ctx)->at[0] = 1;
}

/* Given up before they are to be given up. */
static void prepare_given_up(struct mp_ctx *ctx)
{
	static const struct mp_step steps[] = { { MP_STEP_STORE, 0 },
						{ MP_STEP_ADVISE, MADV_FREE },
						{ MP_STEP_END, 0 } };

	subject_of(ctx)->steps = steps;
}

static void give_up_again(struct mp_ctx *ctx, uint64_t n)
{
	(void)n;
	madvise((void *)subject_of(ctx)->at[0], subject_of(ctx)->size, MADV_FREE);
}

/* What was taken away comes back, or the other way round, between call and check. */
static void test_later_change_is_seen(void **state)
{
	const struct mp_harness_tamper touch = { .after_run = touch_again };
	const struct mp_harness_tamper free_it = { .after_run = give_up_again };
	const struct mp_harness_tamper free_first = { .after_setup = prepare_given_up };

	(void)state;
	notices("madvise.free/size=64K", MP_MODE_CALL, &free_first, "lazy_before");
	notices("madvise.dontneed", MP_MODE_CALL, &touch, "present_after");
	notices("madvise.dontneed_multi/count=2", MP_MODE_CALL, &touch, "present_after");
	notices("madvise.free/size=64K", MP_MODE_CALL, &touch, "lazy_after");
	notices("madvise.free_reuse/size=64K", MP_MODE_BATCH, &free_it, "lazy_after");
	notices("madvise.cold", MP_MODE_CALL, &touch, "referenced_after");
	notices("madvise.remove", MP_MODE_CALL, &touch, "cached_after");
}

static void drop_again(struct mp_ctx *ctx, uint64_t n)
{
	(void)n;
	madvise((void *)subject_of(ctx)->at[0], subject_of(ctx)->size, MADV_DONTNEED);
}

static void test_dropped_pages_are_seen(void **state)
{
	const struct mp_harness_tamper drop = { .after_run = drop_again };

	(void)state;
	notices("madvise.dontneed_refault", MP_MODE_BATCH, &drop, "allocated_after");
	notices("madvise.free", MP_MODE_CALL, &drop, "allocated_after");
	notices("madvise.populate_read", MP_MODE_CALL, &drop, "present_after");
	notices("madvise.collapse", MP_MODE_CALL, &drop, "huge_after");
}

static void advise_huge(struct mp_ctx *ctx)
{
	madvise((void *)subject_of(ctx)->at[0], subject_of(ctx)->size, MADV_HUGEPAGE);
}

static void test_page_size_is_seen(void **state)
{
	const struct mp_harness_tamper large = { .after_setup = advise_huge };
	const struct mp_harness_tamper small = { .after_setup = mp_harness_forbid_huge };
	struct mp_err err;

	(void)state;
	if (mp_thp_possible(mp_harness_host()->hugepage_size, &err))
		skip();
	notices("madvise.dontneed/size=2M/huge=none", MP_MODE_CALL, &large, "huge_before");
	notices("madvise.dontneed/size=2M/huge=none", MP_MODE_CALL, &large, "faults");
	notices("madvise.dontneed/size=2M/huge=thp", MP_MODE_CALL, &small, "huge_before");
	notices("madvise.dontneed/size=2M/huge=thp", MP_MODE_CALL, &small, "faults");
	notices("madvise.populate_write/huge=thp", MP_MODE_CALL, &small, "huge_after");
	notices("madvise.populate_write/huge=none", MP_MODE_CALL, &large, "huge_after");
}

static void cut_in_two(struct mp_ctx *ctx)
{
	mprotect((void *)subject_of(ctx)->at[0], ctx->host->page_size, PROT_READ);
}

static void move_to_the_edge(struct mp_ctx *ctx)
{
	subject_of(ctx)->at[0] -= subject_of(ctx)->size;
	subject_of(ctx)->offset = 0;
}

static void test_mappings_are_counted(void **state)
{
	const struct mp_harness_tamper cut = { .after_setup = cut_in_two };
	const struct mp_harness_tamper edge = { .after_setup = move_to_the_edge };

	(void)state;
	notices("madvise.random/size=64K", MP_MODE_CALL, &cut, "vmas_before");
	notices("madvise.random/size=64K", MP_MODE_CALL, &cut, "vmas_after");
	notices("madvise.guard_remove/size=64K", MP_MODE_CALL, &cut, "vmas_after");
	notices("madvise.random/vma=split", MP_MODE_CALL, &edge, "vmas_after");
}

static void unlock(struct mp_ctx *ctx)
{
	munlock((void *)subject_of(ctx)->at[0], subject_of(ctx)->size);
}

static void test_unlocked_is_seen(void **state)
{
	const struct mp_harness_tamper tamper = { .after_setup = unlock };

	(void)state;
	notices("madvise.dontneed_locked", MP_MODE_CALL, &tamper, "flag_before");
}

static void bad_address(struct mp_ctx *ctx, uint64_t n)
{
	(void)n;
	subject_of(ctx)->at[0]++;
}

static void test_failing_call_is_seen(void **state)
{
	const struct mp_harness_tamper tamper = { .before_run = bad_address };

	(void)state;
	notices("madvise.dontneed", MP_MODE_CALL, &tamper, "operations");
	notices("madvise.dontneed", MP_MODE_CALL, &tamper, "answers");
	notices("madvise.free_reuse", MP_MODE_BATCH, &tamper, "answers");
}

/* In the benchmark's own loop nobody sees a step fail: after the first 24 single calls the harness runs that loop. */
static void bad_steps_late(struct mp_ctx *ctx, uint64_t n)
{
	static const struct mp_step bad[] = { { MP_STEP_ADVISE, 12345 }, { MP_STEP_END, 0 } };
	static unsigned calls;

	(void)n;
	if (calls++ == 24)
		subject_of(ctx)->steps = bad;
}

static void test_failing_step_is_seen(void **state)
{
	const struct mp_harness_tamper tamper = { .before_run = bad_steps_late };

	(void)state;
	notices("madvise.random", MP_MODE_CALL, &tamper, "unprepared");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_family_clean),
		cmocka_unit_test(test_family_skipped),
		cmocka_unit_test(test_more_values),
		cmocka_unit_test(test_illegal),
		cmocka_unit_test(test_skipped_calls_are_seen),
		cmocka_unit_test(test_missing_state_is_seen),
		cmocka_unit_test(test_other_pages_are_seen),
		cmocka_unit_test(test_later_change_is_seen),
		cmocka_unit_test(test_dropped_pages_are_seen),
		cmocka_unit_test(test_page_size_is_seen),
		cmocka_unit_test(test_mappings_are_counted),
		cmocka_unit_test(test_unlocked_is_seen),
		cmocka_unit_test(test_failing_call_is_seen),
		cmocka_unit_test(test_failing_step_is_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

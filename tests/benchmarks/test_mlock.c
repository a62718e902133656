/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The mlock family: clean as it stands, in every mode; and spoilt in the ways that each check is there for, the
 * check of that name notices.
 */
#include "tests/benchmarks/harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <cmocka.h>

#include "benchmarks/support/lock.h"

static void test_family_clean(void **state)
{
	(void)state;
	mp_harness_family_clean("mlock");
}

static void test_family_skipped(void **state)
{
	(void)state;
	mp_harness_family_skipped("mlock");
}

/* Beyond the representative values. */
static void test_more_values(void **state)
{
	static const char *const cases[] = {
		"mlock.resident/size=2M/huge=thp",
		"mlock.resident/size=64K/backing=memfd/vma=split",
		"mlock.resident/size=4K/vma=merge/outstanding=64",
		"mlock.unlock/size=64K/vma=merge",
		"mlock.unlock/size=2M/huge=thp",
		"mlock.unlock/size=64K/vma=split/outstanding=64",
		"mlock.absent/size=2M/huge=thp",
		"mlock.absent/size=64K/outstanding=64",
		"mlock.part/position=head",
		"mlock.part/position=tail/size=64K",
		"mlock.all_current/size=2M/extra_vmas=1000",
		"mlock.unlock_all/size=2M/huge=thp",
	};

	(void)state;
	mp_harness_clean_all(cases, MP_COUNT(cases), MP_MODE_CALL);
}

/* The plants */

static struct mp_subject *subject_of(struct mp_ctx *ctx)
{
	return ctx->state;
}

/* Each row: a case in which nothing is done, and the check that must say so. */
static void test_skipped_calls_are_seen(void **state)
{
	static const char *const rows[][2] = {
		{ "mlock.resident", "flag_after" },
		{ "mlock.resident/size=2M", "unevictable_pgs_mlocked" },
		{ "mlock.part", "locked_after" },
		{ "mlock.part", "vmas_after" },
		{ "mlock.absent", "present_after" },
		{ "mlock.absent", "locked_after" },
		{ "mlock.absent", "faults" },
		{ "mlock.onfault", "flag_after" },
		{ "mlock.onfault", "locked_after" },
		{ "mlock.unlock", "flag_after" },
		{ "mlock.unlock/size=2M", "unevictable_pgs_munlocked" },
		{ "mlock.all_current/size=2M", "flag_after" },
		{ "mlock.all_onfault/size=2M", "flag_after" },
		{ "mlock.all_future", "locked_later" },
		{ "mlock.unlock_all/size=2M", "flag_after" },
		{ "mlock.limit", "answers" },
	};
	const struct mp_harness_tamper skip = { .skip_run = true };

	(void)state;
	for (size_t i = 0; i < MP_COUNT(rows); i++)
		mp_harness_fails(rows[i][0], MP_MODE_CALL, &skip, rows[i][1]);
}

static const struct mp_step nothing[] = { { MP_STEP_END, 0 } };

static void prepare_nothing(struct mp_ctx *ctx)
{
	static struct mp_subject_plan plan;
	struct mp_subject *s = subject_of(ctx);

	plan = *s->plan;
	plan.undo = nothing[0];
	s->plan = &plan;
	s->steps = nothing;
}

/* Each row: a case whose memory is not brought into its state, and the check that must say so. */
static void test_missing_state_is_seen(void **state)
{
	static const char *const rows[][2] = {
		{ "mlock.resident", "flag_before" }, { "mlock.part", "locked_before" },
		{ "mlock.part", "vmas_before" },     { "mlock.absent", "present_before" },
		{ "mlock.absent", "locked_before" }, { "mlock.onfault", "flag_before" },
		{ "mlock.unlock", "flag_before" },   { "mlock.unlock_all/size=2M", "flag_before" },
	};
	const struct mp_harness_tamper tamper = { .after_setup = prepare_nothing };

	(void)state;
	for (size_t i = 0; i < MP_COUNT(rows); i++)
		mp_harness_fails(rows[i][0], MP_MODE_CALL, &tamper, rows[i][1]);
}

static void drop(struct mp_ctx *ctx)
{
	madvise((void *)subject_of(ctx)->at[0], subject_of(ctx)->size, MADV_DONTNEED);
}

static void touch_again(struct mp_ctx *ctx, uint64_t n)
{
	(void)n;
	*(volatile char *)subject_of(ctx)->at[0] = 1;
}

static void test_residency_is_seen(void **state)
{
	const struct mp_harness_tamper absent = { .after_setup = drop };
	const struct mp_harness_tamper resident = { .after_run = touch_again };

	(void)state;
	mp_harness_fails("mlock.resident", MP_MODE_CALL, &absent, "present_before");
	mp_harness_fails("mlock.resident/size=2M", MP_MODE_CALL, &absent, "present_before");
	mp_harness_fails("mlock.all_current/size=2M", MP_MODE_CALL, &absent, "present_before");
	mp_harness_fails("mlock.onfault", MP_MODE_CALL, &resident, "present_after");
}

static void lock_before(struct mp_ctx *ctx, uint64_t n)
{
	(void)n;
	mlock((void *)subject_of(ctx)->at[0], subject_of(ctx)->size);
}

static void unlock_after(struct mp_ctx *ctx, uint64_t n)
{
	(void)n;
	munlock((void *)subject_of(ctx)->at[0], subject_of(ctx)->size);
}

static void test_other_lock_is_seen(void **state)
{
	const struct mp_harness_tamper locked = { .after_run = lock_before };
	const struct mp_harness_tamper unlocked = { .after_run = unlock_after };

	(void)state;
	mp_harness_fails("mlock.unlock", MP_MODE_CALL, &locked, "flag_after");
	mp_harness_fails("mlock.onfault", MP_MODE_CALL, &locked, "flag_after");
	mp_harness_fails("mlock.absent", MP_MODE_CALL, &unlocked, "locked_after");
	mp_harness_fails("mlock.all_current/size=2M", MP_MODE_CALL, &unlocked, "flag_after");
}

/* mlock.onfault_touch */

static void unlock_range(struct mp_ctx *ctx, uint64_t n)
{
	const struct mp_lock_touch *t = ctx->state;

	(void)n;
	munlock(t->range.base, t->range.size);
}

static void test_touch_without_lock_is_seen(void **state)
{
	const struct mp_harness_tamper tamper = { .before_run = unlock_range };

	(void)state;
	mp_harness_fails("mlock.onfault_touch", MP_MODE_BATCH, &tamper, "locks_on_fault");
	mp_harness_fails("mlock.onfault_touch", MP_MODE_BATCH, &tamper, "unevictable_pgs_mlocked");
}

/* mlock.limit: as root without the plant, the call is refused; with it, not. */
static void lift_limit(struct mp_ctx *ctx)
{
	mp_lock_limit_undo(ctx->state);
}

static void test_lifted_limit_is_seen(void **state)
{
	const struct mp_harness_tamper tamper = { .after_setup = lift_limit };

	(void)state;
	mp_harness_fails("mlock.limit", MP_MODE_BATCH, &tamper, "operations");
	mp_harness_fails("mlock.limit", MP_MODE_BATCH, &tamper, "locked_after");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_family_clean),
		cmocka_unit_test(test_family_skipped),
		cmocka_unit_test(test_more_values),
		cmocka_unit_test(test_skipped_calls_are_seen),
		cmocka_unit_test(test_missing_state_is_seen),
		cmocka_unit_test(test_residency_is_seen),
		cmocka_unit_test(test_other_lock_is_seen),
		cmocka_unit_test(test_touch_without_lock_is_seen),
		cmocka_unit_test(test_lifted_limit_is_seen),
	};
	const struct mp_bench *lock = mp_bench_find("mlock.resident");

	if (mp_harness_unmet(lock)) {
		print_message("skipped: %s\n", mp_harness_unmet(lock));
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}

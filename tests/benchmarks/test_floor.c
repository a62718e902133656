/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The floor family, and the harness itself: that it counts, that it spoils, that it notices. */
#include "tests/benchmarks/harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <cmocka.h>

static void test_family_clean(void **state)
{
	(void)state;
	mp_harness_family_clean("floor");
}

static void test_result(void **state)
{
	struct mp_harness_result r;

	(void)state;
	mp_harness_run("floor.getppid", MP_MODE_CALL, NULL, &r);
	assert_true(r.finished);
	assert_int_equal(r.error, 0);
	assert_int_equal(r.depth, 0);
	assert_true(r.asked > 0 && r.asked == r.succeeded);
	assert_true(r.checked > 0);
	assert_true(r.ticks > 0);
	assert_int_equal(r.n_checks, 1);
	assert_string_equal(r.checks[0].name, "operations");
}

static void test_skipped_clear(void **state)
{
	const struct mp_harness_tamper skip = { .skip_run = true };

	(void)state;
	mp_harness_fails("floor.clear/size=page", MP_MODE_CALL, &skip, "bytes_cleared");
	mp_harness_fails("floor.clear/size=page", MP_MODE_BATCH, &skip, "bytes_cleared");
}

static void test_skipped_floors(void **state)
{
	const struct mp_harness_tamper skip = { .skip_run = true };

	(void)state;
	mp_harness_fails("floor.clear_nt/size=page", MP_MODE_BATCH, &skip, "bytes_cleared");
	mp_harness_fails("floor.jitter", MP_MODE_CALL, &skip, "worked");
	mp_harness_fails("floor.barrier", MP_MODE_CALL, &skip, "meetings");
}

static void one_short(struct mp_ctx *ctx, uint64_t n)
{
	(void)n;
	ctx->succeeded--;
}

static void test_failed_operation(void **state)
{
	const struct mp_harness_tamper tamper = { .after_run = one_short };

	(void)state;
	mp_harness_fails("floor.getppid", MP_MODE_BATCH, &tamper, "operations");
}

static void unmap_arena(struct mp_ctx *ctx, uint64_t n)
{
	(void)n;
	munmap(ctx->arena, ctx->arena_size);
}

static void test_crash_is_seen(void **state)
{
	const struct mp_harness_tamper tamper = { .before_run = unmap_arena };
	struct mp_harness_result r;

	(void)state;
	mp_harness_run("floor.clear/size=page", MP_MODE_CALL, &tamper, &r);
	assert_false(r.finished);
}

static void test_bad_case(void **state)
{
	const struct mp_bench *bench;
	struct mp_params params;
	struct mp_err err;

	(void)state;
	assert_int_not_equal(mp_harness_case("floor.nothing", &bench, &params, &err), 0);
	assert_int_not_equal(mp_harness_case("floor.clear/depth=1", &bench, &params, &err), 0);
	assert_int_not_equal(mp_harness_case("floor.clear/size=big", &bench, &params, &err), 0);
	assert_int_equal(mp_harness_case("floor.clear/size=8K", &bench, &params, &err), 0);
	assert_int_equal(mp_params_find(&params, "size")->number, 8192);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_family_clean),   cmocka_unit_test(test_result),
		cmocka_unit_test(test_skipped_clear),  cmocka_unit_test(test_failed_operation),
		cmocka_unit_test(test_crash_is_seen),  cmocka_unit_test(test_bad_case),
		cmocka_unit_test(test_skipped_floors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* exit: runs clean at all sizes and threads, and its checks see a child with less than it should have, or that lives on. */
#include "tests/benchmarks/harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "benchmarks/support/dying.h"

static void test_clean(void **state)
{
	static const char *const cases[] = {
		"exit.mm/size=page",
		"exit.mm/size=64M",
		"exit.mm/size=2M/child_threads=8",
	};

	(void)state;
	mp_harness_family_clean("exit");
	mp_harness_clean_all(cases, MP_COUNT(cases), MP_MODE_CALL);
	if (!mp_harness_lacks("exit.mm/huge=thp"))
		mp_harness_clean("exit.mm/size=64M/huge=thp", MP_MODE_CALL);
}

static struct mp_dying *state_of(struct mp_ctx *ctx)
{
	return ctx->state;
}

static void half_the_memory(struct mp_ctx *ctx)
{
	state_of(ctx)->size /= 2;
}

static void one_thread(struct mp_ctx *ctx)
{
	state_of(ctx)->threads = 1;
}

static void other_pages(struct mp_ctx *ctx)
{
	state_of(ctx)->huge = !state_of(ctx)->huge;
}

static void wrong_status(struct mp_ctx *ctx, uint64_t n)
{
	(void)n;
	state_of(ctx)->status = 0;
}

static void test_planted(void **state)
{
	const struct mp_harness_tamper half = { .after_setup = half_the_memory };
	const struct mp_harness_tamper alone = { .after_setup = one_thread };
	const struct mp_harness_tamper other = { .after_setup = other_pages };
	const struct mp_harness_tamper status = { .after_run = wrong_status };
	const struct mp_harness_tamper skipped = { .skip_run = true };

	(void)state;
	mp_harness_fails("exit.mm", MP_MODE_CALL, &half, "resident_before");
	mp_harness_fails("exit.mm/child_threads=8", MP_MODE_CALL, &alone, "threads_before");
	if (!mp_harness_lacks("exit.mm/huge=thp"))
		mp_harness_fails("exit.mm/huge=none", MP_MODE_CALL, &other, "huge_before");
	mp_harness_fails("exit.mm", MP_MODE_CALL, &status, "killed");
	mp_harness_fails("exit.mm", MP_MODE_CALL, &skipped, "gone");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_clean),
		cmocka_unit_test(test_planted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

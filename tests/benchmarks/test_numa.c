/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The numa family: clean as it stands; and spoilt in the ways that each check is there for, the check of that name notices.
 * What moves pages takes two nodes, and is left out on a machine with one.
 */
#include "tests/benchmarks/harness.h"

#include <linux/mempolicy.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <cmocka.h>

#include "benchmarks/support/page.h"
#include "benchmarks/support/syscall.h"

static void test_family_clean(void **state)
{
	(void)state;
	mp_harness_family_clean("numa");
}

static void test_family_skipped(void **state)
{
	(void)state;
	mp_harness_family_skipped("numa");
}

static void test_more_values(void **state)
{
	static const char *const cases[] = {
		"numa.set_mempolicy/policy=preferred",
		"numa.set_mempolicy/policy=interleave",
		"numa.set_mempolicy/policy=local",
		"numa.get_mempolicy/policy=interleave",
		"numa.get_mempolicy/policy=local",
		"numa.get_mempolicy_mapping/policy=preferred",
		"numa.mbind/policy=interleave/size=64M/touched=yes",
		"numa.mbind/policy=local/size=4K",
		"numa.move_pages_query/pages=512",
	};

	(void)state;
	mp_harness_clean_all(cases, MP_COUNT(cases), MP_MODE_CALL);
}

static void test_illegal(void **state)
{
	static const char *const cases[] = {
		"numa.move_pages_query/pages=99999",
		"numa.mbind/size=1G",
	};

	(void)state;
	mp_harness_illegal(cases, MP_COUNT(cases));
}

/* The plants */

static char *memory(const struct mp_ctx *ctx)
{
	return ctx->arena + mp_table_span(ctx->host->page_size);
}

static void thread_default(struct mp_ctx *ctx, uint64_t n)
{
	(void)ctx;
	(void)n;
	mp_sys_set_mempolicy(MPOL_DEFAULT, NULL);
}

static void mapping_default(struct mp_ctx *ctx, uint64_t n)
{
	(void)n;
	mp_sys_mbind(memory(ctx), ctx->host->page_size, MPOL_DEFAULT, NULL, 0);
}

static void last_page_default(struct mp_ctx *ctx, uint64_t n)
{
	uint64_t page = ctx->host->page_size;

	(void)n;
	mp_sys_mbind(memory(ctx) + mp_ctx_number(ctx, "size") - page, page, MPOL_DEFAULT, NULL, 0);
}

static void drop_page(struct mp_ctx *ctx, uint64_t n)
{
	(void)n;
	madvise(memory(ctx), ctx->host->page_size, MADV_DONTNEED);
}

static void unmap(struct mp_ctx *ctx, uint64_t n)
{
	(void)n;
	munmap(memory(ctx), ctx->host->page_size);
}

static void test_policies_are_seen(void **state)
{
	const struct mp_harness_tamper thread_late = { .after_run = thread_default };
	const struct mp_harness_tamper thread_early = { .before_run = thread_default };
	const struct mp_harness_tamper mapping_early = { .before_run = mapping_default };
	const struct mp_harness_tamper last_late = { .after_run = last_page_default };

	(void)state;
	mp_harness_fails("numa.set_mempolicy", MP_MODE_BATCH, &thread_late, "mode");
	mp_harness_fails("numa.set_mempolicy", MP_MODE_BATCH, &thread_late, "nodes");
	mp_harness_fails("numa.get_mempolicy", MP_MODE_BATCH, &thread_early, "mode");
	mp_harness_fails("numa.get_mempolicy", MP_MODE_BATCH, &thread_early, "nodes");
	mp_harness_fails("numa.get_mempolicy_mapping", MP_MODE_BATCH, &mapping_early, "mode");
	mp_harness_fails("numa.mbind", MP_MODE_CALL, &last_late, "mode");
	mp_harness_fails("numa.mbind", MP_MODE_CALL, &last_late, "nodes");
}

static void test_pages_are_seen(void **state)
{
	const struct mp_harness_tamper dropped = { .before_run = drop_page };
	const struct mp_harness_tamper dropped_late = { .after_run = drop_page };
	const struct mp_harness_tamper gone = { .before_run = unmap };
	const struct mp_harness_tamper skipped = { .skip_run = true };

	(void)state;
	mp_harness_fails("numa.move_pages_query", MP_MODE_BATCH, &dropped, "answers");
	mp_harness_fails("numa.move_pages_query", MP_MODE_BATCH, &skipped, "answers");
	mp_harness_fails("numa.get_mempolicy_node", MP_MODE_BATCH, &dropped_late, "on_node");
	mp_harness_fails("numa.get_mempolicy_node", MP_MODE_BATCH, &gone, "operations");
	mp_harness_fails("numa.mbind", MP_MODE_CALL, &gone, "operations");
}

/* Only with two nodes. */
static void test_moves_are_seen(void **state)
{
	const struct mp_harness_tamper skipped = { .skip_run = true };
	static const char *const cases[] = { "numa.mbind_move", "numa.migrate_pages",
					     "numa.move_pages" };

	(void)state;
	if (mp_harness_host()->nodes < 2)
		skip();
	for (size_t i = 0; i < MP_COUNT(cases); i++)
		mp_harness_fails(cases[i], MP_MODE_CALL, &skipped, "moved");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_family_clean),	  cmocka_unit_test(test_family_skipped),
		cmocka_unit_test(test_more_values),	  cmocka_unit_test(test_illegal),
		cmocka_unit_test(test_policies_are_seen), cmocka_unit_test(test_pages_are_seen),
		cmocka_unit_test(test_moves_are_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

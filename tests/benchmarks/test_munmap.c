/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The munmap family: clean as it stands, in every mode; and spoilt in the ways that each check is there for, the
 * check of that name notices.
 */
#include "tests/benchmarks/harness.h"

#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <cmocka.h>

#include "benchmarks/support/thp.h"
#include "benchmarks/support/unmap.h"

static void test_family_clean(void **state)
{
	(void)state;
	mp_harness_family_clean("munmap");
}

static void test_family_skipped(void **state)
{
	(void)state;
	mp_harness_family_skipped("munmap");
}

/* Beyond the representative values. */
static void test_more_values(void **state)
{
	static const char *const cases[] = {
		"munmap.file/size=2M/state=dirty/outstanding=64",
		"munmap.hole/size=1G/extra_vmas=1000",
		"munmap.multi/count=2/touch=read",
		"munmap.multi/count=1024/touch=write",
		"munmap.part_head/size=64K/touch=none/outstanding=64",
		"munmap.part_middle/size=64K/touch=write/outstanding=64",
		"munmap.part_tail/size=2M/touch=write",
		"munmap.touched/size=4K/neighbourhood=merge/outstanding=64",
		"munmap.touched/size=4K/touch=read",
		"munmap.touched/size=2M/touch=read/huge=thp",
		"munmap.touched/size=2M/huge=thp/outstanding=64",
		"munmap.touched/size=64M/huge=none",
		"munmap.untouched/size=1G/outstanding=64/page_tables=cold",
		"munmap.untouched/size=2M/neighbourhood=merge/outstanding=64/page_tables=cold",
		"munmap.untouched/size=4K/neighbourhood=merge/outstanding=64/page_tables=cold",
		"munmap.untouched/extra_vmas=1000/outstanding=64",
	};

	(void)state;
	mp_harness_clean_all(cases, MP_COUNT(cases), MP_MODE_CALL);
}

static void test_illegal(void **state)
{
	static const char *const cases[] = {
		"munmap.touched/size=4K/huge=thp",
		"munmap.touched/size=2M/huge=thp/neighbourhood=merge",
		"munmap.touched/size=1T",
		"munmap.untouched/size=2M/page_tables=warm",
		"munmap.hole/size=4G",
		"munmap.shootdown/helpers=64",
	};

	(void)state;
	mp_harness_illegal(cases, MP_COUNT(cases));
}

/* The plants */

static struct mp_unmap_state *state_of(struct mp_ctx *ctx)
{
	return ctx->state;
}

static void touch_objects(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_unmap_state *s = state_of(ctx);

	for (uint64_t i = 0; i < n; i++)
		for (uint64_t b = 0; b < s->size; b += ctx->host->page_size)
			*(volatile char *)(s->at[i] + b) = 1;
}

static void touch_nothing(struct mp_ctx *ctx)
{
	state_of(ctx)->touch = MP_UNMAP_UNTOUCHED;
}

static void touch_half(struct mp_ctx *ctx)
{
	state_of(ctx)->step *= 2;
}

static void touch_reading(struct mp_ctx *ctx)
{
	state_of(ctx)->touch = MP_UNMAP_READ;
}

static void touch_writing(struct mp_ctx *ctx)
{
	state_of(ctx)->touch = MP_UNMAP_WRITTEN;
}

/* Where nobody touched anything there is no page table; a touch makes one, and it stays. */
static void test_cold_is_cold(void **state)
{
	const struct mp_harness_tamper late = { .before_run = touch_objects };

	(void)state;
	mp_harness_fails("munmap.untouched/size=4K/page_tables=cold", MP_MODE_CALL, &late,
			 "page_tables");
}

/* The neighbours that keep the table of an untouched mapping go away: so does the table, with the next one. */
static void free_spot(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_unmap_state *s = state_of(ctx);
	uint64_t span = mp_table_span(ctx->host->page_size);
	char *p = (char *)(s->at[0] / span * span);

	(void)n;
	/* one mapping over the whole span, which then takes its page table with it */
	if (mmap(p, span, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED)
		fail();
	munmap(p, span);
}

static void test_warm_is_warm(void **state)
{
	const struct mp_harness_tamper late = { .before_run = free_spot };

	(void)state;
	mp_harness_fails("munmap.untouched/size=4K/page_tables=warm", MP_MODE_CALL, &late,
			 "page_tables");
}

static void test_touched_is_seen(void **state)
{
	const struct mp_harness_tamper late = { .before_run = touch_objects };
	const struct mp_harness_tamper early = { .after_setup = touch_writing };

	(void)state;
	mp_harness_fails("munmap.untouched/size=64K", MP_MODE_CALL, &late, "faults");
	mp_harness_fails("munmap.untouched/outstanding=64", MP_MODE_BATCH, &late, "faults");
	mp_harness_fails("munmap.untouched/size=4K", MP_MODE_CALL, &early, "present_before");
	mp_harness_fails("munmap.multi/touch=none", MP_MODE_CALL, &early, "present_before");
	mp_harness_fails("munmap.part_middle/touch=none", MP_MODE_CALL, &early, "present_after");
}

static void test_untouched_is_seen(void **state)
{
	static const char *const cases[] = {
		"munmap.touched/size=4K",	"munmap.multi/touch=write",
		"munmap.part_head/size=64K",	"munmap.file/backing=memfd",
		"munmap.shootdown/helper=spin",
	};
	const struct mp_harness_tamper nothing = { .after_setup = touch_nothing };
	const struct mp_harness_tamper half = { .after_setup = touch_half };

	(void)state;
	for (size_t i = 0; i < MP_COUNT(cases); i++)
		mp_harness_fails(cases[i], MP_MODE_CALL, &nothing, "present_before");
	mp_harness_fails("munmap.touched/size=64K", MP_MODE_CALL, &half, "present_before");
	mp_harness_fails("munmap.touched/size=64K", MP_MODE_CALL, &half, "faults");
	mp_harness_fails("munmap.shootdown/size=64K", MP_MODE_CALL, &half, "helper_loads");
}

static void huge_anyway(struct mp_ctx *ctx)
{
	mp_thp_permit();
	state_of(ctx)->advise = true;
}

static void test_page_size_is_seen(void **state)
{
	const struct mp_harness_tamper huge = { .after_setup = huge_anyway };
	const struct mp_harness_tamper small = { .after_setup = mp_harness_forbid_huge };
	struct mp_err err;

	(void)state;
	if (mp_thp_possible(mp_harness_host()->hugepage_size, &err))
		skip();
	mp_harness_fails("munmap.touched/size=2M/huge=none", MP_MODE_CALL, &huge, "huge_before");
	mp_harness_fails("munmap.touched/size=2M/huge=none", MP_MODE_CALL, &huge, "faults");
	mp_harness_fails("munmap.part_head/size=2M", MP_MODE_CALL, &huge, "huge_before");
	mp_harness_fails("munmap.touched/size=2M/huge=thp", MP_MODE_CALL, &small, "huge_before");
	mp_harness_fails("munmap.touched/size=2M/huge=thp", MP_MODE_CALL, &small, "faults");
}

static void test_dirt_is_seen(void **state)
{
	const struct mp_harness_tamper clean = { .after_setup = touch_reading };
	const struct mp_harness_tamper dirty = { .after_setup = touch_writing };

	(void)state;
	mp_harness_fails("munmap.file/backing=disk/state=dirty", MP_MODE_CALL, &clean,
			 "dirty_before");
	mp_harness_fails("munmap.file/backing=disk/state=clean", MP_MODE_CALL, &dirty,
			 "dirty_before");
}

static void one_row(struct mp_ctx *ctx)
{
	state_of(ctx)->rows = 0;
}

static void test_merged_row_is_seen(void **state)
{
	const struct mp_harness_tamper tamper = { .after_setup = one_row };

	(void)state;
	mp_harness_fails("munmap.multi/touch=none", MP_MODE_CALL, &tamper, "vmas_before");
}

static void unmap_all(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_unmap_state *s = state_of(ctx);

	(void)n;
	munmap((void *)(s->at[0] - s->offset), s->whole);
}

static void map_again(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_unmap_state *s = state_of(ctx);

	(void)n;
	mmap((void *)s->at[0], ctx->host->page_size, PROT_NONE,
	     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
}

static void test_remains_are_seen(void **state)
{
	const struct mp_harness_tamper nothing = { .after_run = unmap_all };
	const struct mp_harness_tamper something = { .after_run = map_again };

	(void)state;
	mp_harness_fails("munmap.part_head", MP_MODE_CALL, &nothing, "pieces");
	mp_harness_fails("munmap.part_middle", MP_MODE_CALL, &nothing, "pieces");
	mp_harness_fails("munmap.part_tail", MP_MODE_CALL, &nothing, "pieces");
	mp_harness_fails("munmap.untouched", MP_MODE_CALL, &something, "left");
	mp_harness_fails("munmap.part_middle", MP_MODE_CALL, &something, "left");
	mp_harness_fails("munmap.file/backing=memfd", MP_MODE_CALL, &something, "left");
	mp_harness_fails("munmap.hole", MP_MODE_BATCH, &something, "mapped");
}

static void bad_address(struct mp_ctx *ctx, uint64_t n)
{
	(void)n;
	state_of(ctx)->at[0]++;
}

static void test_failing_call_is_seen(void **state)
{
	const struct mp_harness_tamper tamper = { .before_run = bad_address };

	(void)state;
	mp_harness_fails("munmap.hole", MP_MODE_BATCH, &tamper, "operations");
	mp_harness_fails("munmap.hole", MP_MODE_BATCH, &tamper, "answer");
}

/* To where the helper is. */
static void change_cpu(struct mp_ctx *ctx)
{
	cpu_set_t set;
	int cpu = sched_getcpu();

	(void)ctx;
	memset(&set, 0xff, sizeof(set));
	CPU_CLR(cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

static void test_helper_beside_is_seen(void **state)
{
	const struct mp_harness_tamper tamper = { .after_setup = change_cpu };

	(void)state;
	/* with more CPUs the two need not meet */
	if (mp_harness_host()->cpus != 2)
		skip();
	mp_harness_fails("munmap.shootdown/helper=sleep", MP_MODE_CALL, &tamper,
			 "helpers_elsewhere");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_family_clean),
		cmocka_unit_test(test_family_skipped),
		cmocka_unit_test(test_more_values),
		cmocka_unit_test(test_illegal),
		cmocka_unit_test(test_cold_is_cold),
		cmocka_unit_test(test_warm_is_warm),
		cmocka_unit_test(test_touched_is_seen),
		cmocka_unit_test(test_untouched_is_seen),
		cmocka_unit_test(test_page_size_is_seen),
		cmocka_unit_test(test_dirt_is_seen),
		cmocka_unit_test(test_merged_row_is_seen),
		cmocka_unit_test(test_remains_are_seen),
		cmocka_unit_test(test_failing_call_is_seen),
		cmocka_unit_test(test_helper_beside_is_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

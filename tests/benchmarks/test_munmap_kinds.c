/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Kinds of memory that munmap takes away beside the plain ones: with gaps, one page of many, mapped elsewhere too, much of it,
 * touched by all CPUs. They run clean; what each check is there for is planted and seen.
 */
#include "tests/benchmarks/harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <cmocka.h>

#include "benchmarks/support/unmap.h"

static void test_clean(void **state)
{
	static const char *const cases[] = {
		"munmap.file_shared/size=2M/sharers=3",
		"munmap.file_shared/size=page/backing=disk",
		"munmap.gaps/count=2/touch=none",
		"munmap.gaps/count=1024",
		"munmap.large/size=64M/huge=none/touched_by=one",
		"munmap.large/size=64M/huge=none/touched_by=all",
		"munmap.large/size=64M/huge=thp/touched_by=all",
		"munmap.part_page/touch=none/outstanding=64",
		"munmap.touched/size=2M-page",
		"munmap.touched/size=2M+page",
		"munmap.untouched/size=2M+page/page_tables=cold",
	};

	(void)state;
	mp_harness_clean_all(cases, MP_COUNT(cases), MP_MODE_CALL);
	if (!mp_harness_lacks("munmap.file/backing=ramdisk"))
		mp_harness_clean("munmap.file/backing=ramdisk/state=dirty", MP_MODE_CALL);
}

static struct mp_unmap_state *state_of(struct mp_ctx *ctx)
{
	return ctx->state;
}

static void no_gaps(struct mp_ctx *ctx)
{
	state_of(ctx)->gaps = 0;
}

/* And the page behind. */
static void unmap_more(struct mp_ctx *ctx, uint64_t n)
{
	const struct mp_unmap_state *s = state_of(ctx);

	(void)n;
	munmap((void *)(s->at[0] + s->size), s->size);
}

static void every_other(struct mp_ctx *ctx)
{
	state_of(ctx)->step *= 2;
}

static bool unmap_shared(void *user, const struct mp_vma_entry *vma)
{
	struct mp_unmap_state *s = user;

	if (!vma->shared || vma->write || vma->end - vma->start != s->size)
		return true;
	munmap((void *)vma->start, s->size);
	return false;
}

/* A read-only shared mapping of that size: the other one. */
static void end_sharer(struct mp_ctx *ctx)
{
	mp_vma_walk(&state_of(ctx)->view, unmap_shared, state_of(ctx));
}

static void test_planted(void **state)
{
	const struct mp_harness_tamper full = { .after_setup = no_gaps };
	const struct mp_harness_tamper more = { .after_run = unmap_more };
	const struct mp_harness_tamper half = { .after_setup = every_other };
	const struct mp_harness_tamper alone = { .after_setup = end_sharer };

	(void)state;
	mp_harness_fails("munmap.gaps", MP_MODE_CALL, &full, "vmas_before");
	mp_harness_fails("munmap.gaps", MP_MODE_CALL, &half, "present_before");
	mp_harness_fails("munmap.part_page", MP_MODE_CALL, &more, "pieces");
	mp_harness_fails("munmap.part_page", MP_MODE_CALL, &more, "present_after");
	mp_harness_fails("munmap.file_shared", MP_MODE_CALL, &alone, "shared_before");
	mp_harness_fails("munmap.large/size=64M/huge=none/touched_by=one", MP_MODE_CALL, &half,
			 "present_before");
	if (mp_harness_host()->cpus > 1)
		mp_harness_fails("munmap.large/size=64M/huge=none/touched_by=all", MP_MODE_CALL,
				 &half, "helper_stores");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_clean),
		cmocka_unit_test(test_planted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

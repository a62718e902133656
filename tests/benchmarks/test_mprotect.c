/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The mprotect family: clean as it stands, in every mode; and spoilt in the ways that each check is there for, the
 * check of that name notices.
 */
#include "tests/benchmarks/harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <cmocka.h>

#include "benchmarks/support/protect.h"
#include "benchmarks/support/segv.h"

static void test_family_clean(void **state)
{
	(void)state;
	mp_harness_family_clean("mprotect");
}

static void test_family_skipped(void **state)
{
	(void)state;
	mp_harness_family_skipped("mprotect");
}

/* Beyond the representative values. */
static void test_more_values(void **state)
{
	static const char *const cases[] = {
		"mprotect.churn/size=64K/touch=none",
		"mprotect.first_load/after=rw_r/range=2M",
		"mprotect.first_store/after=none_rw/range=2M",
		"mprotect.huge_split/size=1M",
		"mprotect.jit/size=64K",
		"mprotect.merge/position=head/size=64K",
		"mprotect.merge/position=tail/touch=none",
		"mprotect.multi/count=1",
		"mprotect.multi/count=1024/touch=none",
		"mprotect.none_rw/size=2M/backing=private",
		"mprotect.none_rw/size=2M/touch=none",
		"mprotect.noop/size=2M/touch=none",
		"mprotect.r_none/size=2M/huge=thp",
		"mprotect.r_none/size=page/touch=none",
		"mprotect.r_rw/size=64K/backing=shared",
		"mprotect.r_rw/size=2M/huge=thp",
		"mprotect.rw_none/size=2M/huge=thp",
		"mprotect.rw_none/size=64K/backing=shared/touch=none",
		"mprotect.rw_r/size=64M/touch=none",
		"mprotect.rw_r/size=64K/backing=private",
		"mprotect.rw_rx/size=2M/huge=thp",
		"mprotect.rw_rx/size=2M/touch=none",
		"mprotect.split_mid/size=2M",
		"mprotect.split_tail/size=64K/touch=none",
	};

	(void)state;
	mp_harness_clean_all(cases, MP_COUNT(cases), MP_MODE_CALL);
}

static void test_illegal(void **state)
{
	static const char *const cases[] = {
		"mprotect.rw_r/size=64K/huge=thp", "mprotect.rw_r/size=2M/huge=thp/backing=shared",
		"mprotect.split_mid/size=1G",	   "mprotect.huge_split/size=hugepage",
		"mprotect.first_load/range=1G",
	};

	(void)state;
	mp_harness_illegal(cases, MP_COUNT(cases));
}

/* The plants */

static struct mp_protect_state *state_of(struct mp_ctx *ctx)
{
	return ctx->state;
}

static void drop_pages(struct mp_ctx *ctx)
{
	struct mp_protect_state *s = state_of(ctx);

	madvise((void *)s->home, s->whole, MADV_DONTNEED);
}

static void touch_nothing(struct mp_ctx *ctx)
{
	drop_pages(ctx);
	state_of(ctx)->object.touched = false;
}

static void touch_all(struct mp_ctx *ctx)
{
	struct mp_protect_state *s = state_of(ctx);

	s->object.touched = true;
	mp_protect_renew(s);
}

static void test_residency_is_seen(void **state)
{
	static const char *const touched[] = { "mprotect.rw_r/size=2M", "mprotect.r_rw/size=2M",
					       "mprotect.noop",		"mprotect.split_mid",
					       "mprotect.merge",	"mprotect.multi",
					       "mprotect.churn" };
	static const char *const untouched[] = { "mprotect.rw_none/touch=none",
						 "mprotect.none_rw/touch=none",
						 "mprotect.rw_rx/size=2M/touch=none" };
	const struct mp_harness_tamper none = { .after_setup = touch_nothing };
	const struct mp_harness_tamper all = { .after_setup = touch_all };

	(void)state;
	for (size_t i = 0; i < MP_COUNT(touched); i++)
		mp_harness_fails(touched[i], MP_MODE_CALL, &none, "present_before");
	for (size_t i = 0; i < MP_COUNT(untouched); i++)
		mp_harness_fails(untouched[i], MP_MODE_CALL, &all, "present_before");
	mp_harness_fails("mprotect.r_none/size=2M", MP_MODE_CALL, &none, "present");
}

/* Somebody changes the protection back at once, or the call asks for another one. */
static void back_again(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_protect_state *s = state_of(ctx);

	(void)n;
	mprotect((void *)s->at, s->size, s->from);
}

static void open_all(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_protect_state *s = state_of(ctx);

	(void)n;
	mprotect((void *)s->home, s->whole, PROT_READ | PROT_WRITE);
}

static void test_protection_is_seen(void **state)
{
	static const char *const cases[] = {
		"mprotect.rw_r",       "mprotect.r_rw",	     "mprotect.rw_none",
		"mprotect.none_rw",    "mprotect.rw_rx",     "mprotect.r_none",
		"mprotect.split_head", "mprotect.split_mid", "mprotect.merge",
		"mprotect.split_tail", "mprotect.multi",
	};
	const struct mp_harness_tamper back = { .after_run = back_again };
	const struct mp_harness_tamper open = { .after_run = open_all };

	(void)state;
	for (size_t i = 0; i < MP_COUNT(cases); i++) {
		mp_harness_fails(cases[i], MP_MODE_CALL, &back, "protection");
		mp_harness_fails(cases[i], MP_MODE_CALL, &back, "permission");
	}
	mp_harness_fails("mprotect.rw_r/touch=none", MP_MODE_CALL, &open, "permission");
	mp_harness_fails("mprotect.huge_split", MP_MODE_CALL, &open, "permission");
}

/* The call reached further than it should, or a row is none. */
static void protect_all(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_protect_state *s = state_of(ctx);

	(void)n;
	mprotect((void *)s->home, s->whole, PROT_READ);
}

static void join_row(struct mp_ctx *ctx)
{
	struct mp_protect_state *s = state_of(ctx);

	madvise((void *)s->home, s->whole, MADV_DOFORK);
}

/* A mapping that is in two pieces already. */
static void cut(struct mp_ctx *ctx)
{
	struct mp_protect_state *s = state_of(ctx);

	madvise((void *)s->home, s->object.page, MADV_DONTFORK);
}

static void test_mappings_are_seen(void **state)
{
	const struct mp_harness_tamper all = { .after_run = protect_all };
	const struct mp_harness_tamper joined = { .after_setup = join_row };
	const struct mp_harness_tamper before = { .after_setup = cut };

	(void)state;
	mp_harness_fails("mprotect.split_head", MP_MODE_CALL, &all, "rest");
	mp_harness_fails("mprotect.split_mid", MP_MODE_CALL, &all, "rest");
	mp_harness_fails("mprotect.split_tail", MP_MODE_CALL, &all, "rest");
	mp_harness_fails("mprotect.split_mid", MP_MODE_CALL, &all, "vmas");
	mp_harness_fails("mprotect.huge_split", MP_MODE_CALL, &all, "vmas");
	mp_harness_fails("mprotect.multi", MP_MODE_CALL, &joined, "vmas_before");
	mp_harness_fails("mprotect.multi", MP_MODE_CALL, &joined, "vmas");
	mp_harness_fails("mprotect.rw_r/size=2M", MP_MODE_CALL, &before, "vmas_before");
	mp_harness_fails("mprotect.merge/size=64K", MP_MODE_CALL, &before, "vmas");
	mp_harness_fails("mprotect.churn/size=64K", MP_MODE_BATCH, &before, "vmas");
}

static void spoil_last(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_protect_state *s = state_of(ctx);

	(void)n;
	mprotect((void *)s->home, s->whole, PROT_READ | PROT_WRITE);
	*(volatile char *)(s->home + s->whole - s->object.page) = 0;
}

static void test_content_is_seen(void **state)
{
	static const char *const cases[] = { "mprotect.rw_none",   "mprotect.r_rw",
					     "mprotect.noop",	   "mprotect.merge",
					     "mprotect.multi",	   "mprotect.churn",
					     "mprotect.huge_split" };
	const struct mp_harness_tamper tamper = { .before_run = spoil_last };

	(void)state;
	for (size_t i = 0; i < MP_COUNT(cases); i++)
		mp_harness_fails(cases[i], MP_MODE_CALL, &tamper, "pattern");
}

static void huge_anyway(struct mp_ctx *ctx)
{
	struct mp_protect_state *s = state_of(ctx);

	drop_pages(ctx);
	madvise((void *)s->home, s->whole, MADV_HUGEPAGE);
	mp_protect_renew(s);
}

static void small_anyway(struct mp_ctx *ctx)
{
	struct mp_protect_state *s = state_of(ctx);

	drop_pages(ctx);
	madvise((void *)s->home, s->whole, MADV_NOHUGEPAGE);
	mp_protect_renew(s);
}

/* All of the huge page changes, and it stays one. */
static void whole_page(struct mp_ctx *ctx)
{
	struct mp_protect_state *s = state_of(ctx);

	s->size = s->whole;
}

static void test_page_size_is_seen(void **state)
{
	const struct mp_harness_tamper huge = { .after_setup = huge_anyway };
	const struct mp_harness_tamper small = { .after_setup = small_anyway };
	const struct mp_harness_tamper whole = { .after_setup = whole_page };
	struct mp_err err;

	(void)state;
	if (mp_thp_possible(mp_harness_host()->hugepage_size, &err))
		skip();
	mp_harness_fails("mprotect.rw_r/size=2M/huge=none", MP_MODE_CALL, &huge, "huge_before");
	mp_harness_fails("mprotect.rw_r/size=2M/huge=thp", MP_MODE_CALL, &small, "huge_before");
	mp_harness_fails("mprotect.rw_r/size=2M/huge=thp", MP_MODE_CALL, &small, "huge_after");
	mp_harness_fails("mprotect.huge_split", MP_MODE_CALL, &small, "huge_before");
	mp_harness_fails("mprotect.huge_split", MP_MODE_CALL, &whole, "huge_after");
}

static void bad_address(struct mp_ctx *ctx, uint64_t n)
{
	(void)n;
	state_of(ctx)->at++;
}

static void test_wrong_answers_are_seen(void **state)
{
	const struct mp_harness_tamper failing = { .before_run = bad_address };

	(void)state;
	mp_harness_fails("mprotect.noop", MP_MODE_BATCH, &failing, "operations");
	mp_harness_fails("mprotect.noop", MP_MODE_BATCH, &failing, "answer");
	mp_harness_fails("mprotect.churn", MP_MODE_BATCH, &failing, "answer");
}

/* mprotect.jit */

static struct mp_protect_code *code_of(struct mp_ctx *ctx)
{
	return ctx->state;
}

static void another_function(struct mp_ctx *ctx, uint64_t n)
{
	(void)n;
	code_of(ctx)->want++;
}

static void writable_code(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_protect_code *s = code_of(ctx);

	(void)n;
	mprotect((void *)s->at, s->size, PROT_READ | PROT_WRITE | PROT_EXEC);
}

static void dead_code(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_protect_code *s = code_of(ctx);

	(void)n;
	mprotect((void *)s->at, s->size, PROT_READ);
}

static void cut_code(struct mp_ctx *ctx)
{
	struct mp_protect_code *s = code_of(ctx);

	madvise((void *)s->at, s->object.page, MADV_DONTFORK);
}

static void test_code_is_seen(void **state)
{
	const struct mp_harness_tamper other = { .before_run = another_function };
	const struct mp_harness_tamper writable = { .after_run = writable_code };
	const struct mp_harness_tamper dead = { .after_run = dead_code };
	const struct mp_harness_tamper two = { .after_setup = cut_code };
	const struct mp_harness_tamper skipped = { .skip_run = true };

	(void)state;
	mp_harness_fails("mprotect.jit", MP_MODE_CALL, &other, "returned");
	mp_harness_fails("mprotect.jit", MP_MODE_CALL, &writable, "read_only");
	mp_harness_fails("mprotect.jit", MP_MODE_CALL, &dead, "executable");
	mp_harness_fails("mprotect.jit/size=64K", MP_MODE_CALL, &two, "vmas_before");
	mp_harness_fails("mprotect.jit", MP_MODE_CALL, &skipped, "answer");
}

/* mprotect.first_load, mprotect.first_store */

static struct mp_range *range_of(struct mp_ctx *ctx)
{
	return ctx->state;
}

static void drop_range(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_range *r = range_of(ctx);

	(void)n;
	madvise(r->base, r->size, MADV_DONTNEED);
}

static void open_range(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_range *r = range_of(ctx);

	(void)n;
	mprotect(r->base, r->size, PROT_READ | PROT_WRITE);
}

/* The first page of the block, which this pass does not touch again. */
static void shut_page(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_range *r = range_of(ctx);

	(void)n;
	mprotect(r->at[0], ctx->host->page_size, PROT_READ);
}

/* A pass that leaves its pages untouched. */
static int no_pages(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_range *r = range_of(ctx);

	(void)err;
	madvise(r->base, r->size, MADV_DONTNEED);
	return 0;
}

static void renew_nothing(struct mp_ctx *ctx)
{
	range_of(ctx)->renew = no_pages;
}

static void test_first_access_is_seen(void **state)
{
	const struct mp_harness_tamper dropped = { .before_run = drop_range };
	const struct mp_harness_tamper untouched = { .after_setup = renew_nothing };
	const struct mp_harness_tamper writable = { .after_run = open_range };
	const struct mp_harness_tamper closed = { .after_run = shut_page };
	const struct mp_harness_tamper skipped = { .skip_run = true };

	(void)state;
	mp_harness_fails("mprotect.first_load/range=2M", MP_MODE_CALL, &dropped, "kept");
	mp_harness_fails("mprotect.first_load/range=2M", MP_MODE_CALL, &dropped, "loaded");
	mp_harness_fails("mprotect.first_load/range=2M", MP_MODE_CALL, &untouched,
			 "present_before");
	mp_harness_fails("mprotect.first_load/range=2M", MP_MODE_CALL, &writable, "writable");
	mp_harness_fails("mprotect.first_store/range=2M", MP_MODE_CALL, &closed, "writable");
	mp_harness_fails("mprotect.first_store/range=2M", MP_MODE_BATCH, &skipped, "stored");
	mp_harness_fails("mprotect.first_load/range=2M", MP_MODE_BATCH, &skipped, "loaded");
}

/* The probe that the checks rely on. */
static void test_probe(void **state)
{
	const struct mp_host *host = mp_harness_host();
	static const int prots[] = { PROT_NONE, PROT_READ, PROT_READ | PROT_WRITE,
				     PROT_READ | PROT_EXEC };
	char *page = mmap(NULL, host->page_size, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)state;
	assert_ptr_not_equal(page, MAP_FAILED);
	mp_segv_write_return(page);
	for (size_t i = 0; i < MP_COUNT(prots); i++) {
		assert_int_equal(mprotect(page, host->page_size, prots[i]), 0);
		assert_int_equal(mp_segv_allows(page, MP_SEGV_LOAD), (prots[i] & PROT_READ) != 0);
		assert_int_equal(mp_segv_allows(page, MP_SEGV_STORE), (prots[i] & PROT_WRITE) != 0);
		assert_int_equal(mp_segv_allows(page, MP_SEGV_EXEC), (prots[i] & PROT_EXEC) != 0);
	}
	munmap(page, host->page_size);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_family_clean),
		cmocka_unit_test(test_family_skipped),
		cmocka_unit_test(test_more_values),
		cmocka_unit_test(test_illegal),
		cmocka_unit_test(test_residency_is_seen),
		cmocka_unit_test(test_protection_is_seen),
		cmocka_unit_test(test_mappings_are_seen),
		cmocka_unit_test(test_content_is_seen),
		cmocka_unit_test(test_page_size_is_seen),
		cmocka_unit_test(test_wrong_answers_are_seen),
		cmocka_unit_test(test_code_is_seen),
		cmocka_unit_test(test_first_access_is_seen),
		cmocka_unit_test(test_probe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

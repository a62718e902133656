/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The mremap family: clean as it stands, in every mode; and spoilt in the ways that each check is there for, the
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

#include "benchmarks/support/remap.h"

static void test_family_clean(void **state)
{
	(void)state;
	mp_harness_family_clean("mremap");
}

static void test_family_skipped(void **state)
{
	(void)state;
	mp_harness_family_skipped("mremap");
}

/* Beyond the representative values. */
static void test_more_values(void **state)
{
	static const char *const cases[] = {
		"mremap.dontunmap/size=2M/align=pmd/backing=shared",
		"mremap.dontunmap/size=page/touch=none",
		"mremap.dup/size=2M",
		"mremap.fixed/size=page/touch=none",
		"mremap.fixed/size=64K/backing=shared",
		"mremap.fixed/size=2M-page/align=pmd",
		"mremap.fixed/size=2M+page/align=pmd",
		"mremap.fixed/size=2M/align=pmd/huge=thp",
		"mremap.fixed/size=1G/align=pud/touch=none",
		"mremap.fixed_over/size=2M/align=pmd/touch=none",
		"mremap.grow_fail/touch=none",
		"mremap.grow_inplace/neighbourhood=merge",
		"mremap.grow_inplace/neighbourhood=merge/size=2M/touch=none",
		"mremap.grow_move/size=64M/align=pmd/touch=none",
		"mremap.multi/count=1024/touch=none",
		"mremap.page_shuffle/pages=64",
		"mremap.part/position=head/size=64K",
		"mremap.part/position=tail/size=2M/touch=none",
		"mremap.shrink/by=half/size=64M/huge=thp",
		"mremap.shrink/by=page/size=64K/touch=none",
	};

	(void)state;
	mp_harness_clean_all(cases, MP_COUNT(cases), MP_MODE_CALL);
	mp_harness_clean("mremap.fixed/size=2M/align=pmd/huge=thp", MP_MODE_BATCH);
}

static void test_illegal(void **state)
{
	static const char *const cases[] = {
		"mremap.fixed/size=page/align=pmd",
		"mremap.fixed/size=2M/align=pud",
		"mremap.fixed/size=64K/align=pte/huge=thp",
		"mremap.fixed/size=2M/align=pte/huge=thp",
		"mremap.shrink/size=2M/by=half/huge=thp",
		"mremap.shrink/size=4M/by=page/huge=thp",
		"mremap.shrink/size=page/by=half",
	};

	(void)state;
	mp_harness_illegal(cases, MP_COUNT(cases));
}

/* The plants */

static struct mp_remap_state *state_of(struct mp_ctx *ctx)
{
	return ctx->state;
}

static void drop_pages(struct mp_ctx *ctx)
{
	struct mp_remap_state *s = state_of(ctx);

	madvise((void *)s->from, s->old_size ? s->old_size : s->whole, MADV_DONTNEED);
}

static void touch_pages(struct mp_ctx *ctx)
{
	struct mp_remap_state *s = state_of(ctx);

	for (uint64_t b = 0; b < s->old_size; b += ctx->host->page_size)
		*(volatile char *)(s->from + b) = 1;
}

static void test_residency_is_seen(void **state)
{
	static const char *const touched[] = {
		"mremap.dontunmap/size=page",
		"mremap.dup",
		"mremap.fixed/size=2M",
		"mremap.fixed_over/size=page",
		"mremap.grow_inplace",
		"mremap.grow_move/size=page",
		"mremap.multi",
		"mremap.part",
		"mremap.shrink/size=2M",
	};
	static const char *const untouched[] = {
		"mremap.dontunmap/touch=none", "mremap.fixed/size=2M/touch=none",
		"mremap.grow_move/touch=none", "mremap.part/touch=none",
		"mremap.same/touch=none",
	};
	const struct mp_harness_tamper drop = { .after_setup = drop_pages };
	const struct mp_harness_tamper touch = { .after_setup = touch_pages };

	(void)state;
	for (size_t i = 0; i < MP_COUNT(touched); i++)
		mp_harness_fails(touched[i], MP_MODE_CALL, &drop, "present_before");
	for (size_t i = 0; i < MP_COUNT(untouched); i++)
		mp_harness_fails(untouched[i], MP_MODE_CALL, &touch, "present_before");
	mp_harness_fails("mremap.fixed/size=2M", MP_MODE_CALL, &drop, "present");
}

/* Objects that are made anew without being touched. */
static void touch_nothing(struct mp_ctx *ctx)
{
	state_of(ctx)->object.touched = false;
}

static void test_missing_touches_are_seen(void **state)
{
	const struct mp_harness_tamper tamper = { .after_setup = touch_nothing };

	(void)state;
	mp_harness_fails("mremap.fixed_over/size=2M", MP_MODE_CALL, &tamper, "faults");
	mp_harness_fails("mremap.shrink/by=half", MP_MODE_CALL, &tamper, "faults");
	mp_harness_fails("mremap.shrink/by=half", MP_MODE_CALL, &tamper, "present_before");
}

static void spoil_last(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_remap_state *s = state_of(ctx);

	(void)n;
	*(volatile char *)(s->from + (s->new_size < s->whole ? s->new_size : s->whole) -
			   ctx->host->page_size) = 0;
}

static void spoil_away(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_remap_state *s = state_of(ctx);

	(void)n;
	*(volatile char *)s->to = 0;
}

static void test_content_is_seen(void **state)
{
	static const char *const stays[] = { "mremap.fixed/size=2M", "mremap.dontunmap",
					     "mremap.grow_inplace",  "mremap.shrink/by=page",
					     "mremap.same",	     "mremap.multi" };
	static const char *const leaves[] = { "mremap.grow_move", "mremap.part", "mremap.dup" };
	const struct mp_harness_tamper here = { .before_run = spoil_last };
	const struct mp_harness_tamper there = { .after_run = spoil_away };

	(void)state;
	for (size_t i = 0; i < MP_COUNT(stays); i++)
		mp_harness_fails(stays[i], MP_MODE_CALL, &here, "pattern");
	for (size_t i = 0; i < MP_COUNT(leaves); i++)
		mp_harness_fails(leaves[i], MP_MODE_CALL, &there, "pattern");
}

/* Something is mapped where the object was, or where it is no more. */
static void map_behind(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_remap_state *s = state_of(ctx);
	uint64_t at = s->new_size < s->old_size		       ? s->from + s->new_size
		      : s->to == s->home || s->from == s->home ? s->to
							       : s->from;

	(void)n;
	mmap((void *)at, ctx->host->page_size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
	     -1, 0);
}

static void map_home(struct mp_ctx *ctx, uint64_t n)
{
	(void)n;
	mmap((void *)state_of(ctx)->home, ctx->host->page_size, PROT_NONE,
	     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
}

static void test_remains_are_seen(void **state)
{
	const struct mp_harness_tamper behind = { .after_run = map_behind };
	const struct mp_harness_tamper home = { .after_run = map_home };

	(void)state;
	mp_harness_fails("mremap.fixed", MP_MODE_CALL, &behind, "left");
	mp_harness_fails("mremap.multi", MP_MODE_CALL, &behind, "left");
	mp_harness_fails("mremap.shrink", MP_MODE_CALL, &behind, "left");
	mp_harness_fails("mremap.part", MP_MODE_CALL, &behind, "left");
	mp_harness_fails("mremap.grow_move", MP_MODE_CALL, &home, "left");
	mp_harness_fails("mremap.huge_split", MP_MODE_CALL, &home, "left");
}

static void touch_left(struct mp_ctx *ctx, uint64_t n)
{
	(void)n;
	*(volatile char *)state_of(ctx)->to = 1;
}

static void touch_grown(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_remap_state *s = state_of(ctx);

	(void)n;
	*(volatile char *)((uint64_t)s->got + s->whole) = 1;
}

static void test_pages_of_nobody_are_seen(void **state)
{
	const struct mp_harness_tamper left = { .after_run = touch_left };
	const struct mp_harness_tamper grown = { .after_run = touch_grown };

	(void)state;
	mp_harness_fails("mremap.dontunmap", MP_MODE_CALL, &left, "absent");
	mp_harness_fails("mremap.dup", MP_MODE_CALL, &left, "absent");
	mp_harness_fails("mremap.grow_inplace", MP_MODE_CALL, &grown, "absent");
	mp_harness_fails("mremap.grow_move", MP_MODE_CALL, &grown, "absent");
}

/* What is left in two pieces. */
static void cut(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_remap_state *s = state_of(ctx);

	(void)n;
	mprotect((void *)s->got, ctx->host->page_size, PROT_READ);
}

static void cut_home(struct mp_ctx *ctx)
{
	struct mp_remap_state *s = state_of(ctx);

	mprotect((void *)s->home, ctx->host->page_size, PROT_READ);
}

static void join_row(struct mp_ctx *ctx)
{
	struct mp_remap_state *s = state_of(ctx);

	madvise((void *)s->from, s->whole, MADV_DOFORK);
}

static void test_mappings_are_seen(void **state)
{
	const struct mp_harness_tamper after = { .after_run = cut };
	const struct mp_harness_tamper before = { .after_setup = cut_home };
	const struct mp_harness_tamper joined = { .after_setup = join_row };

	(void)state;
	mp_harness_fails("mremap.fixed/size=2M", MP_MODE_CALL, &after, "vma");
	mp_harness_fails("mremap.grow_inplace/size=2M", MP_MODE_CALL, &after, "vma");
	mp_harness_fails("mremap.grow_move/size=2M", MP_MODE_CALL, &after, "vma");
	mp_harness_fails("mremap.dontunmap/size=2M", MP_MODE_CALL, &after, "vma");
	mp_harness_fails("mremap.part/size=64K", MP_MODE_CALL, &after, "vma");
	mp_harness_fails("mremap.same/size=2M", MP_MODE_CALL, &before, "vmas_before");
	mp_harness_fails("mremap.multi", MP_MODE_CALL, &joined, "vmas_before");
	mp_harness_fails("mremap.multi", MP_MODE_CALL, &joined, "vmas");
}

/* A page table more: a page of the arena far away. */
static void far_page(struct mp_ctx *ctx, uint64_t n)
{
	static uint64_t away;
	char *at = ctx->arena + (64u << 20) + mp_table_span(ctx->host->page_size) * (2 + away++);

	(void)n;
	mprotect(at, ctx->host->page_size, PROT_READ | PROT_WRITE);
	*(volatile char *)at = 1;
}

static void test_page_tables_are_seen(void **state)
{
	const struct mp_harness_tamper tamper = { .before_run = far_page };

	(void)state;
	mp_harness_fails("mremap.fixed/size=2M/align=pmd", MP_MODE_CALL, &tamper, "page_tables");
	mp_harness_fails("mremap.fixed_over/size=page", MP_MODE_CALL, &tamper, "page_tables");
}

static void huge_anyway(struct mp_ctx *ctx)
{
	struct mp_remap_state *s = state_of(ctx);

	madvise((void *)s->from, s->old_size, MADV_DONTNEED);
	madvise((void *)s->from, s->old_size, MADV_HUGEPAGE);
	mp_object_touch(&s->object, s->from, 0, s->old_size / ctx->host->page_size);
}

static void small_anyway(struct mp_ctx *ctx)
{
	struct mp_remap_state *s = state_of(ctx);

	s->object.huge = false;
	madvise((void *)s->from, s->old_size, MADV_DONTNEED);
	madvise((void *)s->from, s->old_size, MADV_NOHUGEPAGE);
	mp_object_touch(&s->object, s->from, 0, s->old_size / ctx->host->page_size);
}

/* The destination is one where huge pages can stay. */
static void aligned_anyway(struct mp_ctx *ctx)
{
	struct mp_remap_state *s = state_of(ctx);

	s->to = s->home + 2 * s->whole;
	s->want = (int64_t)s->to;
}

static void test_page_size_is_seen(void **state)
{
	const struct mp_harness_tamper huge = { .after_setup = huge_anyway };
	const struct mp_harness_tamper small = { .after_setup = small_anyway };
	const struct mp_harness_tamper whole = { .after_setup = aligned_anyway };
	struct mp_err err;

	(void)state;
	if (mp_thp_possible(mp_harness_host()->hugepage_size, &err))
		skip();
	mp_harness_fails("mremap.fixed/size=2M/align=pmd/huge=none", MP_MODE_CALL, &huge,
			 "huge_before");
	mp_harness_fails("mremap.fixed/size=2M/align=pmd/huge=thp", MP_MODE_CALL, &small,
			 "huge_before");
	mp_harness_fails("mremap.fixed/size=2M/align=pmd/huge=thp", MP_MODE_CALL, &small,
			 "huge_after");
	mp_harness_fails("mremap.huge_split/size=hugepage", MP_MODE_CALL, &small, "huge_before");
	mp_harness_fails("mremap.huge_split/size=hugepage", MP_MODE_CALL, &small, "faults");
	mp_harness_fails("mremap.huge_split/size=hugepage", MP_MODE_CALL, &whole, "huge_after");
}

static void bad_address(struct mp_ctx *ctx, uint64_t n)
{
	(void)n;
	state_of(ctx)->from++;
}

/* Room where none should be. */
static void make_room(struct mp_ctx *ctx)
{
	struct mp_remap_state *s = state_of(ctx);

	munmap((void *)(s->home + s->whole), s->whole);
}

static void test_wrong_answers_are_seen(void **state)
{
	const struct mp_harness_tamper failing = { .before_run = bad_address };
	const struct mp_harness_tamper room = { .after_setup = make_room };

	(void)state;
	mp_harness_fails("mremap.same", MP_MODE_BATCH, &failing, "operations");
	mp_harness_fails("mremap.same", MP_MODE_BATCH, &failing, "answer");
	mp_harness_fails("mremap.grow_inplace", MP_MODE_CALL, &failing, "answer");
	mp_harness_fails("mremap.grow_fail", MP_MODE_BATCH, &room, "operations");
	mp_harness_fails("mremap.grow_fail", MP_MODE_BATCH, &room, "vma");
	mp_harness_fails("mremap.grow_move", MP_MODE_CALL, &room, "answer");
}

/* mremap.page_shuffle */

static struct mp_shuffle_state *shuffle_of(struct mp_ctx *ctx)
{
	return ctx->state;
}

/* Two pages that changed places. */
static void swap_two(struct mp_ctx *ctx)
{
	struct mp_shuffle_state *s = shuffle_of(ctx);
	char *one = (char *)s->at[(s->expected + 1) % s->pages];
	char *two = (char *)s->at[(s->expected + 2) % s->pages];
	char byte = *one;

	*one = *two;
	*two = byte;
}

static void one_more(struct mp_ctx *ctx, uint64_t n)
{
	(void)n;
	mp_shuffle_move(shuffle_of(ctx));
}

static void fill_hole(struct mp_ctx *ctx)
{
	struct mp_shuffle_state *s = shuffle_of(ctx);

	mmap((void *)s->at[s->hole], s->page, PROT_READ | PROT_WRITE,
	     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	*(volatile char *)s->at[s->hole] = 1;
}

/* Where they were at first, as one mapping. */
static void sort_all(struct mp_ctx *ctx)
{
	struct mp_shuffle_state *s = shuffle_of(ctx);

	mp_object_make(&s->object, s->base, s->pages * s->page, NULL);
	munmap((void *)s->at[s->hole], s->page);
}

static void test_shuffle_is_seen(void **state)
{
	const struct mp_harness_tamper swapped = { .after_setup = swap_two };
	const struct mp_harness_tamper more = { .after_run = one_more };
	const struct mp_harness_tamper full = { .after_setup = fill_hole };
	const struct mp_harness_tamper sorted = { .after_setup = sort_all };
	const struct mp_harness_tamper skipped = { .skip_run = true };

	(void)state;
	mp_harness_fails("mremap.page_shuffle", MP_MODE_CALL, &swapped, "pattern");
	mp_harness_fails("mremap.page_shuffle", MP_MODE_CALL, &more, "left");
	mp_harness_fails("mremap.page_shuffle", MP_MODE_CALL, &more, "pattern");
	mp_harness_fails("mremap.page_shuffle", MP_MODE_CALL, &full, "present_before");
	mp_harness_fails("mremap.page_shuffle", MP_MODE_CALL, &sorted, "vmas_before");
	mp_harness_fails("mremap.page_shuffle", MP_MODE_BATCH, &skipped, "left");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_family_clean),
		cmocka_unit_test(test_family_skipped),
		cmocka_unit_test(test_more_values),
		cmocka_unit_test(test_illegal),
		cmocka_unit_test(test_residency_is_seen),
		cmocka_unit_test(test_missing_touches_are_seen),
		cmocka_unit_test(test_content_is_seen),
		cmocka_unit_test(test_remains_are_seen),
		cmocka_unit_test(test_pages_of_nobody_are_seen),
		cmocka_unit_test(test_mappings_are_seen),
		cmocka_unit_test(test_page_tables_are_seen),
		cmocka_unit_test(test_page_size_is_seen),
		cmocka_unit_test(test_wrong_answers_are_seen),
		cmocka_unit_test(test_shuffle_is_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

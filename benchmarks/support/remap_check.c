/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The proofs of the mremap family: what was there before, and what is at both ends afterwards. */
#include "benchmarks/support/remap.h"

/* Evidence from before, and the answers. */
static void expect_answers(struct mp_ctx *ctx, uint64_t n, uint64_t vmas, uint64_t huge)
{
	struct mp_remap_state *s = ctx->state;

	mp_object_expect_faults(ctx, &s->object);
	mp_object_expect_before(ctx, &s->object, mp_object_claims_pages(ctx, s->whole), vmas, huge);
	mp_expect_equal(ctx, "operations", n, ctx->succeeded);
	mp_expect_equal(ctx, "answer", (uint64_t)s->want, (uint64_t)s->got);
}

/* Pages `first` and so many more of the object are at `at`, with their bytes. */
static void expect_pages(struct mp_ctx *ctx, uint64_t at, uint64_t first, uint64_t size)
{
	struct mp_remap_state *s = ctx->state;
	uint64_t pages = mp_object_claims_pages(ctx, size);

	mp_object_expect_present(ctx, &s->object, at, size, pages);
	if (pages)
		mp_object_expect_pattern(ctx, &s->object, at, first, pages);
}

void mp_remap_same_check(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_remap_state *s = ctx->state;

	expect_answers(ctx, n, 1, mp_object_claims_huge(ctx, s->whole));
	mp_object_expect_vma(ctx, &s->object, s->home, s->whole);
	expect_pages(ctx, s->home, 0, s->whole);
	mp_object_checked(&s->object);
}

void mp_remap_resize_check(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_remap_state *s = ctx->state;
	uint64_t kept = s->new_size < s->whole ? s->new_size : s->whole;
	uint64_t most = s->new_size < s->whole ? s->whole : s->new_size;

	expect_answers(ctx, n, 1, mp_object_claims_huge(ctx, s->whole));
	mp_object_expect_vma(ctx, &s->object, s->home, s->new_size + s->neighbour);
	expect_pages(ctx, s->home, 0, kept);
	if (most > s->new_size)
		mp_object_expect_hole(ctx, &s->object, s->home + s->new_size, most - s->new_size);
	else
		mp_object_expect_absent(ctx, &s->object, s->home + kept, most - kept);
	mp_object_checked(&s->object);
}

void mp_remap_grow_move_check(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_remap_state *s = ctx->state;

	expect_answers(ctx, n, 1, 0);
	mp_object_expect_vma(ctx, &s->object, s->to, s->new_size);
	expect_pages(ctx, s->to, 0, s->whole);
	mp_object_expect_absent(ctx, &s->object, s->to + s->whole, s->new_size - s->whole);
	mp_object_expect_hole(ctx, &s->object, s->home, s->whole);
	mp_object_checked(&s->object);
}

/* The object is at s->from, where the last move brought it, and nothing is where it was. */
static void expect_moved(struct mp_ctx *ctx, uint64_t n, uint64_t vmas)
{
	struct mp_remap_state *s = ctx->state;

	s->want = (int64_t)s->from;
	expect_answers(ctx, n, vmas, mp_object_claims_huge(ctx, s->whole));
	mp_expect_equal(ctx, "page_tables", s->tables[s->from != s->home],
			mp_pages_tables(&s->object.pages));
	expect_pages(ctx, s->from, 0, s->whole);
	mp_object_expect_hole(ctx, &s->object, s->to, s->whole);
}

void mp_remap_move_check(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_remap_state *s = ctx->state;

	expect_moved(ctx, n, 1);
	mp_object_expect_vma(ctx, &s->object, s->from, s->whole);
	if (mp_object_claims_huge(ctx, s->whole))
		mp_expect_equal(ctx, "huge_after", s->whole, mp_object_huge(&s->object, s->from));
	mp_object_checked(&s->object);
}

void mp_remap_multi_check(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_remap_state *s = ctx->state;
	uint64_t count = mp_ctx_number(ctx, "count");

	expect_moved(ctx, n, count);
	mp_expect_equal(ctx, "vmas", count, mp_vma_overlaps(&s->object.view, s->from, s->whole));
	mp_object_checked(&s->object);
}

/* What it leaves behind is mapped, and has no page. */
void mp_remap_dontunmap_check(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_remap_state *s = ctx->state;

	s->want = (int64_t)s->from;
	expect_answers(ctx, n, 1, mp_object_claims_huge(ctx, s->whole));
	mp_object_expect_vma(ctx, &s->object, s->from, s->whole);
	expect_pages(ctx, s->from, 0, s->whole);
	mp_object_expect_vma(ctx, &s->object, s->to, s->whole);
	mp_object_expect_absent(ctx, &s->object, s->to, s->whole);
	mp_object_checked(&s->object);
}

/* The double has no page before it is touched, and then those of the object. */
void mp_remap_dup_check(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_remap_state *s = ctx->state;
	uint64_t pages = s->whole / ctx->host->page_size;

	expect_answers(ctx, n, 1, mp_object_claims_huge(ctx, s->whole));
	mp_object_expect_vma(ctx, &s->object, s->home, s->whole);
	mp_object_expect_vma(ctx, &s->object, s->to, s->whole);
	mp_object_expect_absent(ctx, &s->object, s->to, s->whole);
	mp_object_expect_present(ctx, &s->object, s->home, s->whole, pages);
	mp_object_expect_pattern(ctx, &s->object, s->to, 0, pages);
	mp_object_checked(&s->object);
}

void mp_remap_part_check(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_remap_state *s = ctx->state;
	uint64_t offset = s->from - s->home, behind = s->whole - offset - s->new_size;

	expect_answers(ctx, n, 1, mp_object_claims_huge(ctx, s->whole));
	mp_object_expect_vma(ctx, &s->object, s->to, s->new_size);
	expect_pages(ctx, s->to, offset / s->object.page, s->new_size);
	mp_object_expect_hole(ctx, &s->object, s->from, s->new_size);
	if (offset)
		mp_object_expect_vma(ctx, &s->object, s->home, offset);
	if (behind)
		mp_object_expect_vma(ctx, &s->object, s->from + s->new_size, behind);
	mp_object_checked(&s->object);
}

void mp_remap_split_check(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_remap_state *s = ctx->state;

	expect_answers(ctx, n, 1, s->whole);
	mp_object_expect_vma(ctx, &s->object, s->to, s->whole);
	mp_expect_equal(ctx, "huge_after", 0, mp_object_huge(&s->object, s->to));
	expect_pages(ctx, s->to, 0, s->whole);
	mp_object_expect_hole(ctx, &s->object, s->home, s->whole);
	mp_object_checked(&s->object);
}

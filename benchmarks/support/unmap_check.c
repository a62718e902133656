/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The proofs of the munmap family: what was there before the calls, and that it is gone after them. */
#include "benchmarks/support/unmap.h"

/* Faults of the thread beside the counted ones: the first run through code of the worker itself. */
#define FAULT_SLACK 8

/* What the case claims, from its parameters and not from what arm went by. */

static bool has_axis(const struct mp_ctx *ctx, const char *axis)
{
	return mp_params_find(ctx->params, axis) != NULL;
}

static bool claims(const struct mp_ctx *ctx, const char *axis, const char *word)
{
	return has_axis(ctx, axis) && mp_ctx_is(ctx, axis, word);
}

/* Is every page touched? Files and what helpers touched are, whatever the axes. */
static bool claims_touch(const struct mp_ctx *ctx)
{
	return has_axis(ctx, "backing") || has_axis(ctx, "helper") || has_axis(ctx, "touched_by") ||
	       (has_axis(ctx, "touch") && !mp_ctx_is(ctx, "touch", "none"));
}

static uint64_t pages_of(const struct mp_ctx *ctx, uint64_t bytes)
{
	return bytes / ctx->host->page_size;
}

/* Page faults since the last check: as many as touching the objects made since then takes. The first thing
 * that a check does, before it takes faults of its own. The first check only begins to count: until then the
 * process has met most of its own code for the first time. */
static void expect_faults(struct mp_ctx *ctx)
{
	struct mp_unmap_state *s = ctx->state;
	uint64_t faults = mp_faults_since(&s->faults);
	uint64_t want = claims_touch(ctx) ? s->made * s->faults_each : 0;

	if (s->counting && s->faults_each != UINT64_MAX)
		mp_expect_range(ctx, "faults", want, want + FAULT_SLACK, faults);
}

/* What was seen in the page tables before the calls: all pages of the objects, or none; and how they were
 * mapped. */
static void expect_seen(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_unmap_state *s = ctx->state;

	if (s->looked)
		mp_expect_equal(ctx, "present_before",
				claims_touch(ctx) ? n * pages_of(ctx, s->mapped) : 0,
				s->seen.present);
	/* The huge zero page, which loads find, is not counted there: the faults tell. */
	if (s->looked_closely && s->fd < 0 && !claims(ctx, "touch", "read"))
		mp_expect_equal(ctx, "huge_before", claims(ctx, "huge", "thp") ? s->whole : 0,
				s->seen_vma.anon_huge);
}

struct left {
	const struct mp_unmap_state *s;
	uint64_t n, count;
};

static bool left_one(void *user, const struct mp_vma_entry *vma)
{
	struct left *l = user;

	for (uint64_t i = 0; i < l->n; i++)
		l->count += vma->start < l->s->at[i] + l->s->size && vma->end > l->s->at[i];
	return true;
}

static void expect_gone(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_unmap_state *s = ctx->state;
	struct left l = { .s = s, .n = n };
	uint64_t answers = 0;

	for (uint64_t i = 0; i < n; i++)
		answers += s->got[i] == 0;
	mp_vma_walk(&s->view, left_one, &l);
	mp_expect_equal(ctx, "operations", n, ctx->succeeded);
	mp_expect_equal(ctx, "answers", n, answers);
	mp_expect_equal(ctx, "left", 0, l.count);
}

/* The page table that the case claims (or claims to be missing) is there (or missing) as setup left it. */
static void expect_tables(struct mp_ctx *ctx)
{
	const struct mp_unmap_state *s = ctx->state;

	if (s->tables)
		mp_expect_equal(ctx, "page_tables", s->tables, mp_pages_tables(&s->pages));
}

/* The next arm looks again, and faults count from here. */
static void check_done(struct mp_unmap_state *s)
{
	s->look = true;
	s->looked = false;
	s->looked_closely = false;
	s->made = 0;
	s->counting = true;
	s->faults = mp_faults_now();
}

void mp_unmap_check(struct mp_ctx *ctx, uint64_t n)
{
	expect_faults(ctx);
	expect_seen(ctx, n);
	expect_gone(ctx, n);
	expect_tables(ctx);
	check_done(ctx->state);
}

/* The pieces of the objects that should remain: before and after the part that was unmapped. */
struct pieces {
	const struct mp_unmap_state *s;
	uint64_t n, count;
};

static bool piece_one(void *user, const struct mp_vma_entry *vma)
{
	struct pieces *p = user;
	const struct mp_unmap_state *s = p->s;

	for (uint64_t i = 0; i < p->n; i++) {
		uint64_t start = s->at[i] - s->offset;

		p->count += vma->start == start && vma->end == s->at[i];
		p->count += vma->start == s->at[i] + s->size && vma->end == start + s->whole;
	}
	return true;
}

void mp_unmap_part_check(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_unmap_state *s = ctx->state;
	struct pieces p = { .s = s, .n = n };
	struct mp_residency sum = { 0 };
	uint64_t each = (s->offset > 0) + (s->offset + s->size < s->whole);

	expect_faults(ctx);
	expect_seen(ctx, n);
	expect_gone(ctx, n);
	mp_vma_walk(&s->view, piece_one, &p);
	mp_expect_equal(ctx, "pieces", n * each, p.count);
	for (uint64_t i = 0; i < n; i++)
		mp_pages_add(&s->pages, (const void *)(s->at[i] - s->offset),
			     pages_of(ctx, s->whole), &sum);
	mp_expect_equal(ctx, "present_after",
			claims_touch(ctx) ? n * pages_of(ctx, s->whole - s->size) : 0, sum.present);
	check_done(s);
}

void mp_unmap_multi_check(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_unmap_state *s = ctx->state;

	if (s->looked)
		mp_expect_equal(ctx, "vmas_before", mp_ctx_number(ctx, "count"), s->seen_vmas);
	mp_unmap_check(ctx, n);
}

void mp_unmap_hole_check(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_unmap_state *s = ctx->state;

	mp_expect_equal(ctx, "operations", n, ctx->succeeded);
	mp_expect_equal(ctx, "answer", 0, (uint64_t)s->got[(n - 1) & (MP_UNMAP_MAX - 1)]);
	mp_expect_equal(ctx, "mapped", 0, mp_vma_overlaps(&s->view, s->at[0], s->size));
}

void mp_unmap_file_check(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_unmap_state *s = ctx->state;
	bool dirty = mp_ctx_is(ctx, "state", "dirty");

	/* A page of a memfd is dirty for as long as it exists. */
	if (s->looked_closely && (dirty || !mp_ctx_is(ctx, "backing", "memfd")))
		mp_expect_equal(ctx, "dirty_before", dirty ? s->whole : 0, s->seen_vma.dirty);
	mp_unmap_check(ctx, n);
}

void mp_unmap_file_shared_check(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_unmap_state *s = ctx->state;

	/* A page that is mapped here alone is exclusive. */
	if (s->looked)
		mp_expect_equal(ctx, "shared_before", pages_of(ctx, s->size) * n,
				s->seen.present - s->seen.exclusive);
	mp_unmap_check(ctx, n);
}

void mp_unmap_hugetlb_check(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_unmap_state *s = ctx->state;

	if (s->looked_closely)
		mp_expect_equal(ctx, "page_size_before", mp_ctx_number(ctx, "hugepage"),
				s->seen_vma.page_size);
	mp_unmap_check(ctx, n);
}

void mp_unmap_large_check(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_unmap_state *s = ctx->state;
	struct mp_unmap_helped helped = { 0 };
	uint64_t step =
		claims(ctx, "huge", "thp") ? ctx->host->hugepage_size : ctx->host->page_size;
	uint64_t touches = s->size / step;
	uint64_t helpers = mp_ctx_is(ctx, "touched_by", "all") ? ctx->host->cpus - 1 : 0;

	if (helpers > MP_UNMAP_HELPERS)
		helpers = MP_UNMAP_HELPERS;
	expect_faults(ctx);
	mp_unmap_helpers_look(s->helpers, &helped);
	mp_expect_equal(ctx, "helper_stores", touches - touches / (helpers + 1), helped.loads);
	mp_expect_equal(ctx, "helpers_elsewhere", helpers, helped.elsewhere);
	expect_seen(ctx, n);
	expect_gone(ctx, n);
	check_done(s);
}

void mp_unmap_shootdown_check(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_unmap_state *s = ctx->state;
	uint64_t helpers = mp_ctx_number(ctx, "helpers");
	struct mp_unmap_helped helped;

	expect_faults(ctx);
	mp_unmap_helpers_look(s->helpers, &helped);
	mp_expect_equal(ctx, "helper_loads", helpers * n * pages_of(ctx, s->size), helped.loads);
	mp_expect_equal(ctx, "helpers_elsewhere", helpers, helped.elsewhere);
	mp_expect_equal(ctx, "helpers_resting", helpers, helped.resting);
	expect_seen(ctx, n);
	expect_gone(ctx, n);
	check_done(s);
}

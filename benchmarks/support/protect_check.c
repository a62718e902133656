/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The proofs of the mprotect family: how the range was mapped before, and what may be done with it afterwards. */
#include "benchmarks/support/protect.h"
#include "benchmarks/support/pkey.h"
#include "benchmarks/support/segv.h"

static void expect_before(struct mp_ctx *ctx, uint64_t n, uint64_t huge)
{
	struct mp_protect_state *s = ctx->state;

	mp_object_expect_before(ctx, &s->object, mp_object_claims_pages(ctx, s->whole),
				s->vmas_before, huge);
	mp_expect_equal(ctx, "operations", n, ctx->succeeded);
	mp_expect_equal(ctx, "answer", 0, (uint64_t)s->got);
}

/* The kernel lists the object as so many mappings, with the protection asked for where the call reached. */
static void expect_mappings(struct mp_ctx *ctx)
{
	struct mp_protect_state *s = ctx->state;
	struct mp_vma_entry vma = { 0 };
	int prot;

	mp_vma_find(&s->object.view, s->at, &vma, NULL, NULL);
	prot = (vma.read ? PROT_READ : 0) | (vma.write ? PROT_WRITE : 0) |
	       (vma.exec ? PROT_EXEC : 0);
	mp_expect_equal(ctx, "protection", (uint64_t)s->to, (uint64_t)prot);
	mp_expect_equal(ctx, "vmas", s->vmas_after,
			mp_vma_overlaps(&s->object.view, s->home, s->whole));
}

/* What the page at `at` lets one do, as bits PROT_*. There is code to call in the object's first page alone. */
static int probe(const struct mp_protect_state *s, uint64_t at)
{
	char *page = (char *)at;
	int prot = mp_segv_allows(page, MP_SEGV_LOAD) ? PROT_READ : 0;

	if (mp_segv_allows(page, MP_SEGV_STORE))
		prot |= PROT_WRITE;
	if (at == s->home && s->object.touched && s->to & PROT_EXEC &&
	    mp_segv_allows(page + MP_PROTECT_CODE_AT, MP_SEGV_EXEC))
		prot |= PROT_EXEC;
	return prot;
}

/* "permission", by accesses to the first page and to the last: the processor has the last word. */
static void expect_permission(struct mp_ctx *ctx)
{
	struct mp_protect_state *s = ctx->state;
	uint64_t last = s->at + s->size - s->object.page;
	int code = s->at == s->home && s->object.touched ? s->to & PROT_EXEC : 0;
	int want = s->to & MP_PROTECT_OPEN;

	mp_expect_equal(ctx, "permission", (uint64_t)(want | code), (uint64_t)probe(s, s->at));
	if (last != s->at)
		mp_expect_equal(ctx, "permission", (uint64_t)want, (uint64_t)probe(s, last));
	s->probed = !s->object.touched;
	/* what the call did not reach is as it was */
	if (s->at != s->home)
		mp_expect_equal(ctx, "rest", MP_PROTECT_OPEN, (uint64_t)probe(s, s->home));
	if (s->at + s->size != s->home + s->whole)
		mp_expect_equal(ctx, "rest", MP_PROTECT_OPEN,
				(uint64_t)probe(s, s->home + s->whole - s->object.page));
}

/* The pages are still there, with what is in them. Those that may not be read are looked at when they may. */
static void expect_content(struct mp_ctx *ctx)
{
	struct mp_protect_state *s = ctx->state;
	uint64_t pages = mp_object_claims_pages(ctx, s->whole);

	if (!pages)
		return;
	if (!(s->to & PROT_READ))
		mprotect((void *)s->home, s->whole, MP_PROTECT_OPEN);
	mp_object_expect_pattern(ctx, &s->object, s->home, 0, pages);
}

static void expect_present(struct mp_ctx *ctx)
{
	struct mp_protect_state *s = ctx->state;

	mp_object_expect_present(ctx, &s->object, s->home, s->whole,
				 mp_object_claims_pages(ctx, s->whole));
}

void mp_protect_check(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_protect_state *s = ctx->state;
	uint64_t huge = mp_object_claims_huge(ctx, s->whole);

	expect_before(ctx, n, huge);
	expect_mappings(ctx);
	expect_present(ctx);
	if (huge)
		mp_expect_equal(ctx, "huge_after", huge, mp_object_huge(&s->object, s->home));
	expect_permission(ctx);
	expect_content(ctx);
	mp_object_checked(&s->object);
}

void mp_protect_huge_split_check(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_protect_state *s = ctx->state;

	expect_before(ctx, n, s->whole);
	expect_mappings(ctx);
	expect_present(ctx);
	mp_expect_equal(ctx, "huge_after", 0, mp_object_huge(&s->object, s->home));
	expect_permission(ctx);
	expect_content(ctx);
	mp_object_checked(&s->object);
}

/* The pair ends where it began: open, one mapping, every page as it was. Threads check at the same time: no signals. */
void mp_protect_churn_check(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_protect_state *s = ctx->state;

	expect_before(ctx, n, 0);
	expect_mappings(ctx);
	expect_present(ctx);
	expect_content(ctx);
	mp_object_checked(&s->object);
}

void mp_protect_pkey_check(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_protect_state *s = ctx->state;

	expect_before(ctx, n, 0);
	expect_mappings(ctx);
	expect_present(ctx);
#if MP_PKEY_REGISTER
	{
		uint32_t before = mp_pkey_read();

		mp_pkey_write(mp_pkey_with(before, s->key, MP_PKEY_BARRED));
		mp_expect_equal(ctx, "barred", 0, (uint64_t)probe(s, s->at));
		mp_pkey_write(before);
	}
#endif
	expect_permission(ctx);
	expect_content(ctx);
	mp_object_checked(&s->object);
}

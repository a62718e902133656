/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is true of subjects before and after the call: see subject.h. */
#include "benchmarks/support/subject.h"

#include "benchmarks/support/advice.h"
#include "benchmarks/support/vmstat.h"

#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>
#include <time.h>

/* Faults of the thread beside the counted ones: the first run through code of the worker itself. */
#define FAULT_SLACK 8

#define LOOK_EVERY                                                                                 \
	8 /* checks: looking before a call takes hundreds of microseconds, and disturbs the first of a block */

#define CACHE_TRIES 2000 /* of a millisecond each, for what the kernel reads meanwhile */

static const char *const trait_names[MP_TRAITS] = {
	[MP_TRAIT_PRESENT] = "present",
	[MP_TRAIT_ALLOCATED] = "allocated",
	[MP_TRAIT_HUGE] = "huge",
	[MP_TRAIT_CACHED] = "cached",
	[MP_TRAIT_REFERENCED] = "referenced",
	[MP_TRAIT_LAZY] = "lazy",
	[MP_TRAIT_GUARDED] = "guarded",
	[MP_TRAIT_LOCKED] = "locked",
	[MP_TRAIT_SWAPPED] = "swapped",
};

static bool claimed(const struct mp_subject *s, enum mp_trait trait)
{
	return s->plan->before.of[trait] || s->plan->after.of[trait];
}

static uint64_t cached(const struct mp_subject *s, uint64_t n)
{
	uint64_t pages = 0;

	for (uint64_t i = 0; i < n; i++)
		pages += mp_pages_cached(&s->pages, (void *)s->at[i], s->size / s->page);
	return pages;
}

/* Waits, a few seconds at most, until all of the subjects is in the page cache. */
static void await_cache(const struct mp_subject *s, uint64_t n)
{
	const struct timespec while_reading = { .tv_nsec = 1000000 };

	for (unsigned i = 0; i < CACHE_TRIES && cached(s, n) < n * s->size / s->page; i++)
		nanosleep(&while_reading, NULL);
}

/* Pages that the kernel refuses to populate because a guard is on them; the others are populated. */
static uint64_t guarded(const struct mp_subject *s, uint64_t n)
{
	uint64_t count = 0;

	for (uint64_t i = 0; i < n; i++)
		for (uint64_t b = 0; b < s->size; b += s->page)
			count += mp_sys_madvise((void *)(s->at[i] + b), s->page,
						MADV_POPULATE_READ) == -EFAULT;
	return count;
}

void mp_subject_look(struct mp_ctx *ctx, uint64_t n, bool after, struct mp_seen *ret)
{
	struct mp_subject *s = ctx->state;
	struct mp_residency sum = { 0 };

	*ret = (struct mp_seen){ 0 };
	if (after && s->plan->settles && s->got[0] == 0)
		await_cache(s, n);
	for (uint64_t i = 0; i < n; i++)
		mp_pages_add(&s->pages, (const void *)s->at[i], s->size / s->page, &sum);
	ret->pages[MP_TRAIT_PRESENT] = sum.present;
	ret->pages[MP_TRAIT_ALLOCATED] = sum.exclusive;
	ret->pages[MP_TRAIT_SWAPPED] = sum.swapped;
	ret->vmas = mp_vma_overlaps(&s->view, s->at[0] - s->offset, s->whole);
	if (claimed(s, MP_TRAIT_CACHED))
		ret->pages[MP_TRAIT_CACHED] = cached(s, n);
	if (claimed(s, MP_TRAIT_LOCKED))
		ret->pages[MP_TRAIT_LOCKED] = (mp_pages_locked(&s->pages) - s->locked) / s->page;
	/* What MADV_FREE marked waits in a batch of this CPU until that is drained: any MADV_COLD drains it. */
	if (claimed(s, MP_TRAIT_LAZY))
		mp_sys_madvise(ctx->arena, s->page, MADV_COLD);
	mp_vma_at(&s->pages, (const void *)s->at[0], &ret->vma);
	ret->pages[MP_TRAIT_HUGE] = ret->vma.anon_huge / s->page;
	ret->pages[MP_TRAIT_REFERENCED] = ret->vma.referenced / s->page;
	ret->pages[MP_TRAIT_LAZY] = ret->vma.lazy_free / s->page;
	if (s->plan->event)
		ret->events = mp_vmstat(s->plan->event);
	if (claimed(s, MP_TRAIT_GUARDED))
		ret->pages[MP_TRAIT_GUARDED] = guarded(s, n);
}

/* Pages that a trait is claimed of, when `n` subjects were looked at. */
static uint64_t wanted(const struct mp_subject *s, enum mp_trait trait, enum mp_share share,
		       uint64_t n)
{
	bool first =
		trait == MP_TRAIT_HUGE || trait == MP_TRAIT_REFERENCED || trait == MP_TRAIT_LAZY;
	bool axis = trait == MP_TRAIT_HUGE ? s->huge : s->touch != MP_STEP_END;
	uint64_t all = first ? s->whole / s->page : n * s->size / s->page;

	return share == MP_EVERYTHING || (share == MP_BY_AXIS && axis) ? all : 0;
}

static void expect_claims(struct mp_ctx *ctx, const struct mp_claims *claims,
			  const struct mp_seen *seen, uint64_t n, const char *when)
{
	struct mp_subject *s = ctx->state;
	char name[MP_WORD_MAX], detail[MP_CHECK_TEXT];

	for (enum mp_trait t = 0; t < MP_TRAITS; t++) {
		if (claims->of[t] == MP_UNCLAIMED)
			continue;
		snprintf(name, sizeof(name), "%s_%s", trait_names[t], when);
		mp_expect_equal(ctx, name, wanted(s, t, claims->of[t], n), seen->pages[t]);
	}
	if (claims->flag) {
		bool want = claims->flag[0] != '-';

		snprintf(name, sizeof(name), "flag_%s", when);
		snprintf(detail, sizeof(detail), "want '%s', got '%.64s'", claims->flag,
			 seen->vma.flags);
		mp_expect_true(ctx, name, mp_vma_flag(&seen->vma, claims->flag + !want) == want,
			       detail);
	}
}

/* The first thing that a check does, before it takes faults of its own. The first check only begins to count. */
static void expect_faults(struct mp_ctx *ctx)
{
	struct mp_subject *s = ctx->state;
	uint64_t faults = mp_faults_since(&s->faults), want = s->made * s->faults_each;

	if (s->counting && s->faults_each != UINT64_MAX)
		mp_expect_range(ctx, "faults", want, want + FAULT_SLACK, faults);
}

static void expect_answers(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_subject *s = ctx->state;
	uint64_t most = n < MP_SUBJECT_MAX ? n : MP_SUBJECT_MAX, answers = 0;

	for (uint64_t i = 0; i < most; i++)
		answers += s->got[i] == 0;
	mp_expect_equal(ctx, "operations", n, ctx->succeeded);
	mp_expect_equal(ctx, "answers", most, answers);
	mp_expect_equal(ctx, "unprepared", 0, s->trouble);
}

void mp_subject_check(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_subject *s = ctx->state;
	uint64_t subjects = mp_subject_count(s, n);
	struct mp_seen now;

	expect_faults(ctx);
	mp_subject_look(ctx, subjects, true, &now);
	expect_answers(ctx, n);
	if (s->looked) {
		expect_claims(ctx, &s->plan->before, &s->seen, subjects, "before");
		mp_expect_equal(ctx, "vmas_before", s->vmas_before, s->seen.vmas);
		/* others may add to a counter of the system */
		if (s->plan->event)
			mp_expect_range(ctx, s->plan->event, subjects * s->size / s->page,
					UINT64_MAX, now.events - s->seen.events);
	}
	expect_claims(ctx, &s->plan->after, &now, subjects, "after");
	mp_expect_equal(ctx, "vmas_after", s->vmas_after, now.vmas);
	s->look = ++s->checks % LOOK_EVERY == 0;
	s->looked = false;
	s->made = 0;
	s->trouble = 0;
	s->counting = true;
	s->faults = mp_faults_now();
}

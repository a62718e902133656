/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A range of memory that one call acts upon: the subject of madvise(2), mlock(2), mincore(2) and their kin.
 *
 * A plan says, as data, how a subject comes into the state that the call meets, and what must be true of it right
 * before the call and right after. Setup makes the subjects; arm performs the steps of the plan, and so does the
 * loop of run_apart between two operations; check compares what the kernel shows (page tables, smaps, the page
 * cache) with what the plan claims. Which states a case is in, its axes say: touch, huge, backing, vma, position,
 * outstanding, extra_vmas, count, vectors; a benchmark has those that it needs.
 *
 * A benchmark's state begins with a struct mp_subject; its hooks are the functions named like hooks below. For its
 * operation it reads `at`, `size` and `advice`, and stores the kernel's answers in `got`.
 */
#ifndef BENCHMARKS_SUPPORT_SUBJECT_H
#define BENCHMARKS_SUPPORT_SUBJECT_H

#include "benchmarks/bench.h"
#include "benchmarks/support/page.h"
#include "benchmarks/support/syscall.h"
#include "benchmarks/support/vma.h"

#include <fcntl.h>

struct mp_remote_talk; /* remote.c */

#define MP_SUBJECT_MAX	     64 /* most subjects at once; a power of two */
#define MP_SUBJECT_NO_ANSWER 1
#define MP_SUBJECT_STEPS     5

/* One thing that is done to a subject, untimed. */
enum mp_step_kind {
	MP_STEP_END,
	MP_STEP_ADVISE, /* madvise with `argument` */
	MP_STEP_LOAD, /* from every page */
	MP_STEP_STORE, /* to every page */
	MP_STEP_TOUCH, /* as axis touch says: nothing, a load, a store */
	MP_STEP_LOCK,
	MP_STEP_UNLOCK,
	MP_STEP_LOCK_ALL, /* mlockall with `argument` */
	MP_STEP_UNLOCK_ALL,
	MP_STEP_UNCACHE, /* drops the clean pages of the file from the page cache */
};

struct mp_step {
	enum mp_step_kind kind;
	int argument;
};

/* How much of a subject is so; what a plan leaves out is not claimed. */
enum mp_share {
	MP_UNCLAIMED,
	MP_NOTHING,
	MP_EVERYTHING,
	MP_BY_AXIS, /* nothing where touch=none (or huge=none), else everything */
};

/* What the kernel shows of the pages of a subject. */
enum mp_trait {
	MP_TRAIT_PRESENT, /* in the page table; the zero page and other processes' pages are */
	MP_TRAIT_ALLOCATED, /* in the page table, and of this process alone */
	MP_TRAIT_HUGE, /* mapped by a huge page of anonymous memory */
	MP_TRAIT_CACHED, /* in the page cache, or the swap cache */
	MP_TRAIT_SWAPPED, /* in swap; in the swap cache as well, or not */
	MP_TRAIT_REFERENCED, /* accessed since the kernel last aged them */
	MP_TRAIT_LAZY, /* given up by MADV_FREE and not taken back */
	MP_TRAIT_GUARDED, /* may not be touched */
	MP_TRAIT_LOCKED, /* in a locked VMA: of the process, beyond what was locked in setup */
	MP_TRAITS
};

struct mp_claims {
	enum mp_share of[MP_TRAITS];
	const char
		*flag; /* two letters of smaps' VmFlags that the VMA has; "-rr": that it has not */
};

/* One benchmark. */
struct mp_subject_plan {
	const char *bench;
	struct mp_step call; /* what is timed; UNLOCK, and so on, for calls that are no advice */
	struct mp_step first[MP_SUBJECT_STEPS]; /* once, in setup */
	struct mp_step steps[MP_SUBJECT_STEPS]; /* before every call */
	struct mp_step undo; /* after every block: what other code must not meet */
	struct mp_claims before, after;
	enum mp_share faults; /* of steps and call together: of one page each, or one huge page */
	bool part; /* the subject is a base page in the middle of a huge page; steps act on all of it */
	bool repeats; /* the operation leaves the state that it found: any number, on one subject */
	bool of_file; /* MAP_SHARED of a file on disk, whatever the axes */
	bool own_huge; /* whether huge pages are wanted is the plan's matter, not axis huge's */
	bool remote; /* in a child's address space: see remote.h */
	bool settles; /* the kernel goes on after the call: wait for the cache */
	const char
		*event; /* a counter of vmstat that grows by the pages of every call; NULL: none */
};

/* What was seen of all subjects of a block (smaps, VMAs: of the first). */
struct mp_seen {
	uint64_t pages[MP_TRAITS];
	uint64_t vmas; /* that have a byte of the first subject's object */
	uint64_t events;
	struct mp_vma vma; /* of the first subject */
};

/* The child that subjects are in, where the plan says so. */
struct mp_remote {
	int pid; /* 0: none */
	int pidfd;
	struct mp_remote_talk *talk; /* shared with the child */
};

struct mp_subject {
	/* What the operation reads and writes. arm sets the answers to MP_SUBJECT_NO_ANSWER. */
	uint64_t size; /* bytes */
	int advice;
	uint64_t at[MP_SUBJECT_MAX];
	int64_t got[MP_SUBJECT_MAX];

	/* What the steps go by. A subject is a part of an object of `whole` bytes that begins `offset` before it. */
	const struct mp_step *steps;
	uint64_t from, extent; /* what steps act on: so far before the subject, so long */
	uint64_t stored; /* bytes of it that steps store to: none where touch=none */
	uint64_t page;
	enum mp_step_kind touch; /* LOAD, STORE, or END for none */
	int fd; /* -1: anonymous */
	uint64_t made; /* times that steps were performed since the last check */
	uint64_t trouble; /* of them, how many failed */

	const struct mp_subject_plan *plan;
	uint64_t whole, offset;
	uint64_t n; /* subjects */
	uint64_t per_call; /* of them, how many one call is about: axis vectors, else 1 */
	struct mp_remote remote;
	uint64_t
		rows; /* VMAs of one page each that a subject consists of; 0: it is not made of several */
	uint64_t vmas_before, vmas_after; /* of the object of one subject */
	uint64_t faults_each; /* of one cycle; UINT64_MAX: not known */
	uint64_t locked; /* bytes of the process, at the end of setup */
	bool huge;

	struct mp_faults faults; /* at the last check */
	bool counting; /* there was one */
	uint32_t checks;
	bool look; /* the next arm looks at what it prepared: the first, and then now and then */
	bool looked; /* and has done so */
	struct mp_seen seen;

	struct mp_vma_view view;
	struct mp_pages pages;
};

#define MP_STEP_INLINE static inline __attribute__((always_inline))

/* Performs one step on `size` bytes at `at`; 0, or a negative errno. */
MP_STEP_INLINE long mp_subject_step(const struct mp_subject *s, struct mp_step step, uint64_t at,
				    uint64_t size)
{
	enum mp_step_kind kind = step.kind == MP_STEP_TOUCH ? s->touch : step.kind;

	switch (kind) {
	case MP_STEP_ADVISE:
		return mp_sys_madvise((void *)at, size, step.argument);
	case MP_STEP_LOAD:
		for (uint64_t b = 0; b < size; b += s->page)
			(void)*(volatile char *)(at + b);
		return 0;
	case MP_STEP_STORE:
		for (uint64_t b = 0; b < size; b += s->page)
			*(volatile char *)(at + b) = 1;
		return 0;
	case MP_STEP_LOCK:
		return mp_sys_mlock((void *)at, size);
	case MP_STEP_UNLOCK:
		return mp_sys_munlock((void *)at, size);
	case MP_STEP_LOCK_ALL:
		return mp_sys_mlockall(step.argument);
	case MP_STEP_UNLOCK_ALL:
		return mp_sys_munlockall();
	case MP_STEP_UNCACHE:
		return -posix_fadvise(s->fd, 0, 0, POSIX_FADV_DONTNEED);
	default:
		return 0;
	}
}

/* Brings subject i into the state that the call meets; 0, or a negative errno. */
MP_STEP_INLINE long mp_subject_prepare(struct mp_subject *s, uint64_t i)
{
	long ret = 0;

	for (const struct mp_step *step = s->steps; step->kind; step++)
		ret |= mp_subject_step(s, *step, s->at[i] - s->from, s->extent);
	s->made++;
	s->trouble += ret != 0;
	return ret;
}

/*
 * The steps between two operations, one subject at a time: for MP_DEFINE_RUN_APART. The first is for any plan. Where a call
 * takes less than some microseconds, the kernel is the slower the more the program has branched and returned before it (see
 * loop.h: a MADV_DONTNEED of one page by a quarter after the indirect jump of mp_subject_step): for those there is one
 * function for each kind of steps, as straight as a loop written by hand, which the benchmark names that has such steps.
 */
MP_STEP_INLINE void mp_subject_renewed(struct mp_subject *s, long ret)
{
	s->made++;
	s->trouble += ret != 0;
	s->got[0] = MP_SUBJECT_NO_ANSWER;
}

/* A store to every page of at least one; no branch before the first. */
MP_STEP_INLINE void mp_subject_store(uint64_t at, uint64_t size, uint64_t page)
{
	uint64_t end = at + size;

	do {
		*(volatile char *)at = 1;
		at += page;
	} while (at < end);
}

MP_STEP_INLINE void mp_subject_renew(struct mp_ctx *ctx)
{
	struct mp_subject *s = ctx->state;

	mp_subject_prepare(s, 0);
	s->got[0] = MP_SUBJECT_NO_ANSWER;
}

/* { ADVISE } */
MP_STEP_INLINE void mp_subject_renew_advise(struct mp_ctx *ctx)
{
	struct mp_subject *s = ctx->state;

	mp_subject_renewed(s, mp_sys_madvise((void *)s->at[0], s->size, s->steps[0].argument));
}

/* { STORE } */
MP_STEP_INLINE void mp_subject_renew_store(struct mp_ctx *ctx)
{
	struct mp_subject *s = ctx->state;

	mp_subject_renewed(s, 0);
	mp_subject_store(s->at[0], s->extent, s->page);
}

/* { ADVISE, STORE }, or { ADVISE, TOUCH } */
MP_STEP_INLINE void mp_subject_renew_fresh(struct mp_ctx *ctx)
{
	struct mp_subject *s = ctx->state;

	mp_subject_renewed(s, mp_sys_madvise((void *)s->at[0], s->size, s->steps[0].argument));
	if (s->stored)
		mp_subject_store(s->at[0], s->stored, s->page);
}

/* { LOAD } */
MP_STEP_INLINE void mp_subject_renew_load(struct mp_ctx *ctx)
{
	struct mp_subject *s = ctx->state;
	uint64_t at = s->at[0], end = at + s->extent;

	mp_subject_renewed(s, 0);
	do {
		(void)*(volatile char *)at;
		at += s->page;
	} while (at < end);
}

/* How many subjects n operations are about. */
static inline uint64_t mp_subject_count(const struct mp_subject *s, uint64_t n)
{
	return s->plan->repeats ? 1 : n * s->per_call;
}

/* For setup hooks: finds the plan of ctx->bench among `plans`, makes the subjects, performs the first steps. */
int mp_subject_setup(struct mp_ctx *ctx, const struct mp_subject_plan *plans, size_t n_plans,
		     struct mp_err *err);

/* Hooks */
int mp_subject_legal(const struct mp_params *params, const struct mp_host *host,
		     struct mp_err *err);
int mp_subject_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err);
void mp_subject_check(struct mp_ctx *ctx, uint64_t n);
int mp_subject_disarm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err);
void mp_subject_teardown(struct mp_ctx *ctx);

/* What the kernel shows of the first n subjects now. `after`: the call has happened, and what it goes on with is
 * waited for. Touches no page, except where guards are claimed. */
void mp_subject_look(struct mp_ctx *ctx, uint64_t n, bool after, struct mp_seen *ret);

#endif

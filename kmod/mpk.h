/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The module inside: what a job is, what an allocator offers, and who does what.
 *
 *	main.c		the device, its calls, one experiment per open file
 *	describe.c	INFO and DESCRIBE; which requests are legal on this kernel
 *	job.c		PREPARE, FILL and DRAIN: a job's buffers and objects
 *	run.c		RUN: operations in stretches without a break ("shots"), limits between them
 *	touch.c		what is written to objects between their allocation and their end
 *	context.c	entering the context in which a shot runs, and the proof of it
 *	own.c		what several allocators make for a job: a kmem_cache, pages
 *	loops.h		the timed loops, generated for every allocator from inline functions
 *	allocators/	one file each; allocators.h has one row each
 */
#ifndef KMOD_MPK_H
#define KMOD_MPK_H

#include <linux/completion.h>
#include <linux/gfp.h>
#include <linux/interrupt.h>
#include <linux/irq_work.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/wait.h>

#include "memperf_uapi.h"

#define MPK_VERSION "1"

/* For what the module needs for itself: without memory it answers -ENOMEM, and the kernel's log says nothing. */
#define MPK_GFP (GFP_KERNEL | __GFP_NOWARN)

/* 0 where memory has no tags that are set together with its zeros, and before 6.0. */
#ifdef __GFP_SKIP_ZERO
#define MPK_SKIP_ZERO __GFP_SKIP_ZERO
#else
#define MPK_SKIP_ZERO ((__force gfp_t)0)
#endif

struct mpk_job;

/* Operations from .. from + count - 1 of a RUN, without a break. */
struct mpk_shot {
	struct mpk_job *job;
	u32 from, count;
	u64 start, ticks; /* out */
	u32 failed; /* out */
	u32 first_failed; /* out, when failed */
	bool proven, on_caller; /* out */
};

typedef void mpk_loop_fn(struct mpk_shot *shot);

struct mpk_allocator {
	const char *name;
	const char *call; /* what an operation calls, for people */
	enum mpk_kind kind;
	enum mpk_measure measure;
	u64 min, max; /* bytes or orders; max 0 with orders: the kernel's largest */
	u32 batch_max; /* most objects of one operation; 0: one, always */
	u32 align; /* of a job that does not say, bytes */
	u32 align_max; /* most that a job may say; 0: nothing */
	bool nodes; /* the job's node decides */
	u32 crowd_max; /* most areas beside the job's own; 0: none, always */
	u32 shot_max; /* most operations without a break, where one takes long; 0: as its bytes say */
	bool absent; /* this kernel does not have it: what follows is NULL */
	/* By pattern, clock, and whether each operation is timed; NULL: the pattern is not offered. */
	mpk_loop_fn *loops[MPK_PATTERN_COUNT][MPK_CLOCK_COUNT][2];
	/* Outside the timed section. */
	void *(*allocate)(struct mpk_job *job); /* NULL when that failed */
	void (*release)(struct mpk_job *job, void *object);
	int (*prepare)(struct mpk_job *job); /* optional; 0 or negative errno */
	/* Optional; undoes it, also what a prepare that failed has left in job->own. All objects are freed. */
	void (*unprepare)(struct mpk_job *job);
	/* Optional: can this object, which an operation left alive, be seen to be what the allocator's name says? */
	bool (*shows)(struct mpk_job *job, void *object);
	/* Optional: waits until what was released is free, where that is put off. */
	void (*settle)(struct mpk_job *job);
};

/* One experiment. Its owner holds `lock`. */
struct mpk_job {
	struct mutex lock;
	const struct mpk_allocator *allocator; /* NULL: nothing is prepared */
	struct mpk_prepare request;
	gfp_t gfp;
	size_t bytes;
	unsigned int order;
	int node;
	u32 align; /* bytes; 0: as the allocator does */
	u32 batch; /* objects of one operation */
	void *own; /* of the allocator: what its prepare made */
	size_t room; /* of an object, where its prepare measured that; bytes at least */
	int home; /* CPU on which the caller last prepared or filled */

	/* Objects: slots[next .. live) are alive, in the order in which FREE and APPLY take them; with APPLY, those before
	 * next are, too. */
	void **slots;
	u32 next, live;
	/* In bulk, a slot holds an array of `batch` objects; those that are free for use, depth + 1 of them at first. */
	void **arrays; /* all of them, one behind the other */
	void ***spare;
	u32 n_spare;
	u32 *turns; /* STEADY: a permutation of the slots */
	u32 turn;
	u64 random;

	struct mpk_record *records;
	u32 n_records; /* of the last RUN */
	u32 max_records;

	/* Where a shot runs, when not on the caller's stack. */
	struct task_struct *caller;
	struct mpk_shot *shot;
	mpk_loop_fn *loop;
	struct completion done;
	struct tasklet_struct tasklet;
	struct irq_work irq_work;

	/* The kthread, and what it is to do. */
	struct task_struct *thread;
	struct wait_queue_head wake;
	struct mpk_run *run; /* to be done; NULL: nothing */
	bool cancelled;
};

/* describe.c */
extern const struct mpk_allocator *const mpk_allocators[];
extern const unsigned int mpk_n_allocators;
void mpk_info(struct mpk_info *info);
int mpk_describe(struct mpk_describe *d);
const struct mpk_allocator *mpk_allocator_find(const char *name);
enum mpk_reason mpk_judge(const struct mpk_allocator *a, const struct mpk_prepare *p);
gfp_t mpk_gfp_flags(enum mpk_gfp gfp);
unsigned int mpk_max_order(void);
bool mpk_touchable(const struct mpk_allocator *a);

static inline bool mpk_has_thread(const struct mpk_job *job)
{
	return job->request.context == MPK_KTHREAD || job->request.context == MPK_REMOTE;
}

/* An array for `batch` objects, NULLs when it is taken for the first time. Never more than depth + 1 are taken. */
static __always_inline void **mpk_array_take(struct mpk_job *job)
{
	return job->spare[--job->n_spare];
}

static __always_inline void mpk_array_give(struct mpk_job *job, void **array)
{
	job->spare[job->n_spare++] = array;
}

/* job.c */
int mpk_job_prepare(struct mpk_job *job, struct mpk_prepare *p);
void mpk_job_forget(struct mpk_job *job); /* accepts one that is not prepared */
int mpk_job_fill(struct mpk_job *job, const struct mpk_fill *f);
void mpk_job_drain(struct mpk_job *job);
bool mpk_memory_is_short(void);
bool mpk_job_cancelled(struct mpk_job *job);

/* touch.c: writes to objects as the job says. */
void mpk_touch(const struct mpk_job *job, void *object);
void mpk_touch_shot(const struct mpk_job *job, u32 count); /* as many as the last shot allocated */

/* run.c */
int mpk_job_run(struct mpk_job *job, struct mpk_run *r);

/* own.c: a kmem_cache, merged with no other, for the job's objects; `construct` may be NULL. The caller's to destroy; NULL when
 * that failed. */
struct kmem_cache *mpk_cache(const struct mpk_job *job, void (*construct)(void *object));

/* Makes job->own, and frees it; 0 or -ENOMEM. */
int mpk_own_cache(struct mpk_job *job); /* a kmem_cache, merged with no other */
void mpk_own_cache_done(struct mpk_job *job);
void mpk_own_pool_done(struct mpk_job *job); /* a mempool, which the allocator itself made */
int mpk_own_pages(struct mpk_job *job); /* struct page *[], single pages of job->bytes together */
void mpk_own_pages_done(struct mpk_job *job);
bool mpk_shows_own_pages(struct mpk_job *job, void *object); /* are they what is mapped there? */

/* context.c */
int mpk_context_open(struct mpk_job *job);
void mpk_context_close(struct mpk_job *job);
void mpk_context_shoot(struct mpk_job *job, struct mpk_shot *shot);
void mpk_on_thread(struct mpk_job *job, struct mpk_run *r);
/* The scope of the job's set, where it has one: the calling task is in it until it leaves, and nothing else changes. */
unsigned int mpk_scope_enter(const struct mpk_job *job);
void mpk_scope_leave(const struct mpk_job *job, unsigned int before);
const char *mpk_scope_name(const struct mpk_job *job); /* to be put behind the flags' names */
void mpk_run_shots(struct mpk_job *job, struct mpk_run *r); /* in run.c, called on the thread */

#endif

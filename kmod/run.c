/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * RUN: the operations, a few at a time ("shots"). Nothing interrupts a shot but what interrupts the kernel; between
 * two of them the job is cancelled, reschedules, and looks at its limits.
 */
#include <linux/sched/signal.h>

#include "clock.h"
#include "mpk.h"

/* The most operations, and bytes handled, without a break: where the task can be preempted, and where it holds up
 * interrupts or softirqs (about 50 us). */
#define SHOT_OPS     512
#define SHOT_BYTES   (16u << 20)
#define ATOMIC_OPS   64
#define ATOMIC_BYTES (256u << 10)

#define LOOKS 64 /* most objects that are looked at after a RUN */

static u32 shot_limit(const struct mpk_job *job)
{
	enum mpk_context context = job->request.context;
	bool preemptible = context == MPK_PROCESS || context == MPK_KTHREAD;
	u64 ops = preemptible ? SHOT_OPS : ATOMIC_OPS;
	u64 bytes = preemptible ? SHOT_BYTES : ATOMIC_BYTES;
	u64 of_bytes =
		job->request.object_bytes ? div64_u64(bytes, job->request.object_bytes) : ops;

	if (job->allocator->shot_max)
		ops = min_t(u64, ops, job->allocator->shot_max);
	return (u32)clamp_t(u64, of_bytes, 1, ops);
}

static u64 switches(void)
{
	return current->nvcsw + current->nivcsw;
}

static enum mpk_stop must_stop(struct mpk_job *job, u64 begun)
{
	if (mpk_job_cancelled(job))
		return MPK_STOP_SIGNAL;
	if (ktime_get_raw_ns() - begun > job->request.budget_ns)
		return MPK_STOP_TIME;
	if (job->request.pattern == MPK_ALLOC && mpk_memory_is_short())
		return MPK_STOP_MEMORY;
	return MPK_STOP_COMPLETE;
}

static void add(struct mpk_run *r, const struct mpk_shot *shot)
{
	if (!r->shots++)
		r->start = shot->start;
	if (shot->failed && !r->failed)
		r->first_failed = shot->first_failed;
	r->failed += shot->failed;
	r->ticks += shot->ticks;
	r->proven += shot->proven;
	r->on_caller += shot->on_caller;
}

/* Calls and data of the operation are in the caches again, as they are for whoever does it often. */
static void warm_up(struct mpk_job *job, const struct mpk_run *r)
{
	const u32 limit = shot_limit(job);

	job->loop = job->allocator->loops[job->request.pattern][job->request.clock][false];
	for (u32 left = r->warm; left;) {
		struct mpk_shot shot = { .job = job, .count = min(limit, left) };

		mpk_context_shoot(job, &shot);
		mpk_touch_shot(job, shot.count);
		left -= shot.count;
	}
}

void mpk_run_shots(struct mpk_job *job, struct mpk_run *r)
{
	const u32 limit = shot_limit(job);
	const unsigned int scope = mpk_scope_enter(job);
	u64 begun = ktime_get_raw_ns(), before;

	warm_up(job, r);
	before = switches();
	job->loop = job->allocator->loops[job->request.pattern][job->request.clock][r->each];
	while (r->done < r->count && r->stop == MPK_STOP_COMPLETE) {
		const u32 count = min(limit, r->count - r->done);
		struct mpk_shot shot = {
			.job = job,
			.from = r->done,
			.count = r->hollow ? 0 : count,
		};

		mpk_context_shoot(job, &shot);
		add(r, &shot);
		r->done += count;
		mpk_touch_shot(job, count);
		cond_resched();
		if (r->done < r->count)
			r->stop = must_stop(job, begun);
	}
	r->switches = (u32)(switches() - before);
	mpk_scope_leave(job, scope);
}

static int acceptable(const struct mpk_job *job, const struct mpk_run *r)
{
	if (!r->count || r->count > MPK_OPS_MAX || r->each > 1)
		return -EINVAL;
	if ((r->each && r->count > job->max_records) || r->warm > ATOMIC_OPS || r->hollow > 1)
		return -EINVAL;
	if (r->hollow)
		return r->each || r->warm ? -EINVAL : 0;
	switch (job->request.pattern) {
	case MPK_ALLOC:
		return r->count + r->warm <= job->request.depth - job->live ? 0 : -ENOSPC;
	case MPK_FREE:
	case MPK_APPLY:
		return r->count + r->warm <= job->live - job->next ? 0 : -ENOSPC;
	case MPK_STEADY:
		return job->live ? 0 : -ENOSPC;
	default:
		return 0;
	}
}

static void look_at(struct mpk_job *job, struct mpk_run *r, void *object)
{
	if (!object)
		return;
	r->looked++;
	r->found += job->allocator->shows(job, object);
}

/* At some of the objects that the RUN left alive: the first `live` and `next` of the job are older than it. Few, so
 * that the caches are as operations leave them. */
static void look(struct mpk_job *job, struct mpk_run *r, u32 live, u32 next)
{
	bool applied = job->request.pattern == MPK_APPLY;
	u32 step, from = applied ? next : job->request.pattern == MPK_STEADY ? 0 : live;
	u32 end = applied ? job->next : job->live;
	void *one;

	if (!r->each || !job->allocator->shows)
		return;
	step = (end - from) / LOOKS + 1;
	for (; from < end; from += min(step, end - from)) {
		look_at(job, r, job->slots[from]);
		cond_resched();
	}
	if (r->looked)
		return;
	one = job->allocator->allocate(job);
	look_at(job, r, one);
	if (one)
		job->allocator->release(job, one);
}

int mpk_job_run(struct mpk_job *job, struct mpk_run *r)
{
	const u32 live = job->live, next = job->next;
	int err = acceptable(job, r);

	if (err)
		return err;
	*r = (struct mpk_run){ .count = r->count,
			       .each = r->each,
			       .warm = r->warm,
			       .hollow = r->hollow,
			       .first_failed = MPK_OPS_MAX };
	WRITE_ONCE(job->cancelled, false);
	job->caller = current;
	job->n_records = 0;
	if (job->thread)
		mpk_on_thread(job, r);
	else
		mpk_run_shots(job, r);
	job->n_records = r->each ? r->done : 0;
	look(job, r, live, next);
	return r->stop == MPK_STOP_SIGNAL ? -EINTR : 0;
}

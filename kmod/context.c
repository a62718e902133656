/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Entering the context in which a shot runs. The body itself looks where it is: a context that was not entered is
 * reported, never assumed.
 *
 * Softirq: a tasklet that is scheduled with softirqs off runs on top of the task that turns them on again, at once;
 * scheduled with softirqs on it would be left to ksoftirqd, where the caller's counters do not see it. Hardirq:
 * irq_work interrupts the CPU itself, at once where the architecture can do that (describe.c refuses it elsewhere).
 */
#include <linux/bottom_half.h>
#include <linux/irqflags.h>
#include <linux/kthread.h>
#include <linux/preempt.h>
#include <linux/sched/mm.h>

#include "mpk.h"

#ifndef in_hardirq /* before 5.11 */
#define in_hardirq() in_irq()
#endif

static enum mpk_context where_am_i(void)
{
	if (in_hardirq())
		return MPK_HARDIRQ;
	if (in_serving_softirq())
		return MPK_SOFTIRQ;
	if (irqs_disabled())
		return MPK_IRQSOFF;
	if (in_softirq())
		return MPK_BHOFF;
	return current->flags & PF_KTHREAD ? MPK_KTHREAD : MPK_PROCESS;
}

/* What allocations of the task in it do without; zeros where the set has none. */
static const struct scope {
	unsigned int flag; /* of the task */
	unsigned int (*enter)(void);
	void (*leave)(unsigned int before);
	const char *name;
} scopes[MPK_GFP_COUNT] = {
	[MPK_GFP_NOFS_SCOPE] = { PF_MEMALLOC_NOFS, memalloc_nofs_save, memalloc_nofs_restore,
				 " after memalloc_nofs_save()" },
	[MPK_GFP_NOIO_SCOPE] = { PF_MEMALLOC_NOIO, memalloc_noio_save, memalloc_noio_restore,
				 " after memalloc_noio_save()" },
};

static const struct scope *scope_of(const struct mpk_job *job)
{
	return &scopes[job->request.gfp];
}

unsigned int mpk_scope_enter(const struct mpk_job *job)
{
	const struct scope *scope = scope_of(job);

	return scope->enter ? scope->enter() : 0;
}

void mpk_scope_leave(const struct mpk_job *job, unsigned int before)
{
	const struct scope *scope = scope_of(job);

	if (scope->leave)
		scope->leave(before);
}

const char *mpk_scope_name(const struct mpk_job *job)
{
	return scope_of(job)->name ?: "";
}

static void body(struct mpk_job *job, struct mpk_shot *shot)
{
	bool remote = job->request.context == MPK_REMOTE;
	unsigned int scope = scope_of(job)->flag;

	shot->proven = where_am_i() == (remote ? MPK_KTHREAD : job->request.context) &&
		       (!remote || raw_smp_processor_id() != job->home) &&
		       (current->flags & scope) == scope;
	shot->on_caller = current == job->caller;
	job->loop(shot);
}

static void on_tasklet(struct tasklet_struct *tasklet)
{
	struct mpk_job *job = container_of(tasklet, struct mpk_job, tasklet);

	body(job, job->shot);
	complete(&job->done);
}

static void on_irq_work(struct irq_work *work)
{
	struct mpk_job *job = container_of(work, struct mpk_job, irq_work);

	body(job, job->shot);
}

void mpk_context_shoot(struct mpk_job *job, struct mpk_shot *shot)
{
	unsigned long flags;

	job->shot = shot;
	switch (job->request.context) {
	case MPK_BHOFF:
		local_bh_disable();
		body(job, shot);
		local_bh_enable();
		break;
	case MPK_IRQSOFF:
		local_irq_save(flags);
		body(job, shot);
		local_irq_restore(flags);
		break;
	case MPK_SOFTIRQ:
		reinit_completion(&job->done);
		local_bh_disable();
		tasklet_schedule(&job->tasklet);
		local_bh_enable();
		wait_for_completion(&job->done);
		/* complete() is not its last touch of the job. */
		tasklet_kill(&job->tasklet);
		break;
	case MPK_HARDIRQ:
		irq_work_queue(&job->irq_work);
		irq_work_sync(&job->irq_work);
		break;
	default:
		body(job, shot);
	}
}

static int on_thread(void *argument)
{
	struct mpk_job *job = argument;

	while (!kthread_should_stop()) {
		wait_event_idle(job->wake, READ_ONCE(job->run) || kthread_should_stop());
		if (!job->run)
			continue;
		mpk_run_shots(job, job->run);
		WRITE_ONCE(job->run, NULL);
		complete(&job->done);
	}
	return 0;
}

/* The caller waits; a signal ends the job after the shot that is under way. */
void mpk_on_thread(struct mpk_job *job, struct mpk_run *r)
{
	reinit_completion(&job->done);
	WRITE_ONCE(job->run, r);
	wake_up(&job->wake);
	if (wait_for_completion_interruptible(&job->done)) {
		WRITE_ONCE(job->cancelled, true);
		wait_for_completion(&job->done);
		WRITE_ONCE(job->cancelled, false);
	}
}

int mpk_context_open(struct mpk_job *job)
{
	init_completion(&job->done);
	init_waitqueue_head(&job->wake);
	tasklet_setup(&job->tasklet, on_tasklet);
	init_irq_work(&job->irq_work, on_irq_work);
	if (!mpk_has_thread(job))
		return 0;
	job->run = NULL;
	job->thread = kthread_create(on_thread, job, "memperf/%d", job->request.cpu);
	if (IS_ERR(job->thread)) {
		int err = PTR_ERR(job->thread);

		job->thread = NULL;
		/* There was no memory for its credentials. */
		return err == -EAGAIN ? -ENOMEM : err;
	}
	kthread_bind(job->thread, job->request.cpu);
	wake_up_process(job->thread);
	return 0;
}

/* Nothing of the job runs any more: every RUN has waited for its last shot. */
void mpk_context_close(struct mpk_job *job)
{
	if (job->thread)
		kthread_stop(job->thread);
	job->thread = NULL;
}

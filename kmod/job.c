/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A job's buffers and objects. Everything that the module needs for itself is allocated in PREPARE, so that RUN
 * allocates nothing but its subject.
 */
#include <linux/cgroup.h>
#include <linux/cpumask.h>
#include <linux/log2.h>
#include <linux/memcontrol.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/sched/signal.h>
#include <linux/vmalloc.h>

#include "mpk.h"

#define SAMPLES_DEFAULT 4096
#define BUDGET_DEFAULT	(10 * NSEC_PER_SEC)
/* The most objects, and bytes, between two looks at signals and memory. */
#define STRETCH	      64
#define STRETCH_BYTES (4u << 20)
#define AREA_BYTES    512 /* what one of a crowd takes, and the one that makes the hole behind it */

/* A seeded xorshift: the kernel's own random numbers would not come again. Marsaglia 2003. */
static u32 random_below(struct mpk_job *job, u32 limit)
{
	job->random ^= job->random << 13;
	job->random ^= job->random >> 7;
	job->random ^= job->random << 17;
	return (u32)(((job->random & U32_MAX) * limit) >> 32);
}

/* Under a sixteenth of all memory, others would soon be short of it. */
bool mpk_memory_is_short(void)
{
	return si_mem_available() < (long)(totalram_pages() / 16);
}

bool mpk_job_cancelled(struct mpk_job *job)
{
	return READ_ONCE(job->cancelled) || signal_pending(current);
}

/* What one object of a batch holds: pages exactly, bytes up to the next size class at most. */
static u64 footprint_of_one(const struct mpk_allocator *a, u64 amount)
{
	switch (a->kind) {
	case MPK_KIND_NOTHING:
		return 0;
	case MPK_KIND_LINEAR:
	case MPK_KIND_PAGES:
		return (u64)PAGE_SIZE << amount;
	case MPK_KIND_EXACT:
	case MPK_KIND_PAGES_BULK:
	case MPK_KIND_VMALLOC:
	case MPK_KIND_MAPPING: /* less, but of addresses that much */
		return amount ? PAGE_ALIGN(amount) : PAGE_SIZE;
	case MPK_KIND_PERCPU:
		return amount * num_possible_cpus();
	default:
		return amount <= 8 ? 8 : roundup_pow_of_two(amount);
	}
}

/* With its place in the array, where there is one. */
static u64 footprint(const struct mpk_allocator *a, const struct mpk_prepare *p)
{
	u64 one = footprint_of_one(a, max(p->amount, p->align));
	u64 all = a->batch_max ? (one + sizeof(void *)) * max(p->batch, 1u) : one;

	return a->kind == MPK_KIND_CACHES ? all + MPK_CACHE_BYTES(num_possible_cpus()) : all;
}

/* Pages that the set may come by: of the whole machine, or free ones of the small zone that it is held to. */
static u64 available(enum mpk_gfp gfp)
{
	u64 pages = (u64)max(si_mem_available(), 0L);

#ifdef CONFIG_ZONE_DMA
	if (mpk_gfp_flags(gfp) & __GFP_DMA) {
		u64 zone = 0;
		int node;

		for_each_node_state(node, N_MEMORY) zone +=
			zone_page_state(&NODE_DATA(node)->node_zones[ZONE_DMA], NR_FREE_PAGES);
		pages = min(pages, zone);
	}
#endif
	return pages;
}

/* Is the caller charged for what the job allocates? Nobody is in the root of all groups. */
static bool charges(const struct mpk_prepare *p)
{
	bool group = false;

#ifdef CONFIG_MEMCG
	rcu_read_lock();
	group = task_css(current, memory_cgrp_id)->parent;
	rcu_read_unlock();
#endif
	return group && mpk_gfp_flags(p->gfp) & __GFP_ACCOUNT && p->context == MPK_PROCESS;
}

/* Pages that the caller's memory cgroup, or one that it is in, may be charged for. */
static u64 group_limit(void)
{
	u64 limit = U64_MAX;

#ifdef CONFIG_MEMCG
	struct mem_cgroup *group;

	rcu_read_lock();
	group = mem_cgroup_from_css(task_css(current, memory_cgrp_id));
	for (; group; group = parent_mem_cgroup(group))
		limit = min_t(u64, limit, READ_ONCE(group->memory.max));
	rcu_read_unlock();
#endif
	return limit;
}

/* Beyond a group's limit the kernel kills one of its processes, and seldom the one that asked. */
static enum mpk_reason affordable(const struct mpk_prepare *p, u64 object_bytes)
{
	u64 pages = available(p->gfp), most;

	if (p->charged)
		pages = min(pages, group_limit());
	most = pages / 4 * PAGE_SIZE;
	if (p->budget_bytes && p->budget_bytes < most)
		most = p->budget_bytes;
	return object_bytes * p->depth + (u64)p->crowd * AREA_BYTES <= most ? MPK_REASON_OK
									    : MPK_REASON_MEMORY;
}

static int arrays(struct mpk_job *job)
{
	u32 n = job->request.depth + 1;

	job->arrays = kvcalloc((size_t)n * job->batch, sizeof(*job->arrays), MPK_GFP);
	job->spare = kvcalloc(n, sizeof(*job->spare), MPK_GFP);
	if (!job->arrays || !job->spare)
		return -ENOMEM;
	for (job->n_spare = 0; job->n_spare < n; job->n_spare++)
		job->spare[job->n_spare] = job->arrays + (size_t)job->n_spare * job->batch;
	return 0;
}

static int buffers(struct mpk_job *job)
{
	const struct mpk_prepare *p = &job->request;

	if (job->allocator->batch_max && arrays(job))
		return -ENOMEM;
	job->max_records = p->samples ? p->samples : SAMPLES_DEFAULT;
	job->records = kvcalloc(job->max_records, sizeof(*job->records), MPK_GFP);
	job->slots = kvcalloc(p->depth, sizeof(*job->slots), MPK_GFP);
	if (p->pattern == MPK_STEADY)
		job->turns = kvcalloc(p->depth, sizeof(*job->turns), MPK_GFP);
	return job->records && job->slots && (job->turns || p->pattern != MPK_STEADY) ? 0 : -ENOMEM;
}

static int next_cpu(int cpu)
{
	unsigned int next = cpumask_next(cpu, cpu_online_mask);

	return next < nr_cpu_ids ? next : cpumask_first(cpu_online_mask);
}

static void adopt(struct mpk_job *job, const struct mpk_allocator *a, const struct mpk_prepare *p)
{
	job->allocator = a;
	job->request = *p;
	if (!job->request.budget_ns)
		job->request.budget_ns = BUDGET_DEFAULT;
	job->home = raw_smp_processor_id();
	if (job->request.cpu < 0)
		job->request.cpu = p->context == MPK_REMOTE ? next_cpu(job->home) : job->home;
	job->gfp = mpk_gfp_flags(p->gfp);
	job->bytes = a->measure == MPK_MEASURE_BYTES ? p->amount : 0;
	job->order = a->measure == MPK_MEASURE_ORDER ? p->amount : 0;
	job->align = p->align ? p->align : a->align;
	job->batch = max(p->batch, 1u);
	job->node = p->node == NUMA_NO_NODE ? numa_mem_id() : p->node;
	job->random = p->seed | 1; /* 0 would stay 0 */
	job->caller = current;
}

static bool takes_addresses(const struct mpk_allocator *a)
{
	return a->kind == MPK_KIND_VMALLOC || a->kind == MPK_KIND_KVMALLOC ||
	       a->kind == MPK_KIND_MAPPING;
}

int mpk_job_prepare(struct mpk_job *job, struct mpk_prepare *p)
{
	const struct mpk_allocator *a = mpk_allocator_find(p->allocator);
	int err;

	mpk_job_forget(job);
	p->reason = a ? mpk_judge(a, p) : MPK_REASON_ALLOCATOR;
	if (p->reason == MPK_REASON_OK) {
		p->object_bytes = footprint(a, p);
		p->charged = charges(p);
		p->reason = affordable(p, p->object_bytes);
	}
	if (p->reason != MPK_REASON_OK)
		return -EINVAL;
	p->gfp_raw = (__force u32)mpk_gfp_flags(p->gfp);
	adopt(job, a, p);
	snprintf(p->gfp_name, sizeof(p->gfp_name), "%pGg%s", &job->gfp, mpk_scope_name(job));
	/* Addresses that an earlier job freed are not flushed at the cost of this one. */
	if (takes_addresses(a))
		vm_unmap_aliases();
	err = buffers(job);
	if (!err)
		err = mpk_context_open(job);
	if (!err && a->prepare)
		err = a->prepare(job);
	if (err)
		mpk_job_forget(job);
	return err;
}

void mpk_job_drain(struct mpk_job *job)
{
	u32 i;

	if (!job->slots)
		return;
	/* What was applied to is alive, too. */
	for (i = job->request.pattern == MPK_APPLY ? 0 : job->next; i < job->live; i++) {
		if (job->slots[i])
			job->allocator->release(job, job->slots[i]);
		if (i % STRETCH == 0)
			cond_resched();
	}
	if (job->allocator->settle && job->live)
		job->allocator->settle(job);
	job->next = job->live = job->turn = 0;
}

void mpk_job_forget(struct mpk_job *job)
{
	const struct mpk_allocator *a = job->allocator;

	if (!a)
		return;
	mpk_job_drain(job);
	mpk_context_close(job);
	if (a->unprepare)
		a->unprepare(job);
	if (takes_addresses(a))
		vm_unmap_aliases();
	kvfree(job->records);
	kvfree(job->arrays);
	kvfree(job->spare);
	kvfree(job->slots);
	kvfree(job->turns);
	job->records = NULL;
	job->arrays = NULL;
	job->spare = NULL;
	job->slots = NULL;
	job->turns = NULL;
	job->n_records = 0;
	job->allocator = NULL;
}

/* Durstenfeld 1964, of the job's seed. */
#define SHUFFLE(job, array, n)                                                                     \
	do {                                                                                       \
		u32 at, other;                                                                     \
                                                                                                   \
		for (at = (n)-1; at > 0; at--) {                                                   \
			other = random_below(job, at + 1);                                         \
			swap((array)[at], (array)[other]);                                         \
		}                                                                                  \
	} while (0)

/* In the order in which FREE, APPLY or STEADY is to take them. */
static void arrange(struct mpk_job *job)
{
	u32 n = job->live, i;

	if (job->request.pattern == MPK_STEADY) {
		for (i = 0; i < n; i++)
			job->turns[i] = i;
		SHUFFLE(job, job->turns, n);
	} else if (job->request.order == MPK_LIFO) {
		for (i = 0; i < n / 2; i++)
			swap(job->slots[i], job->slots[n - 1 - i]);
	} else if (job->request.order == MPK_RANDOM) {
		SHUFFLE(job, job->slots, n);
	}
}

int mpk_job_fill(struct mpk_job *job, const struct mpk_fill *f)
{
	u32 stretch = (u32)clamp_t(
		u64, div64_u64(STRETCH_BYTES, max(job->request.object_bytes, 1ULL)), 1, STRETCH);
	int err = 0;

	if (!f->count || f->count > job->request.depth || f->reserved)
		return -EINVAL;
	mpk_job_drain(job);
	job->home = raw_smp_processor_id();
	while (!err && job->live < f->count) {
		void *object = job->allocator->allocate(job);

		if (!object)
			err = -ENOMEM;
		else
			job->slots[job->live++] = object;
		mpk_touch(job, object);
		if (job->live % stretch)
			continue;
		cond_resched();
		if (mpk_job_cancelled(job))
			err = -EINTR;
		else if (mpk_memory_is_short())
			err = -ENOMEM;
	}
	if (err)
		mpk_job_drain(job);
	else
		arrange(job);
	return err;
}

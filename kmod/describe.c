/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the module offers on this kernel, and what it refuses: user space needs no table of its own.
 */
#include <linux/cpumask.h>
#include <linux/log2.h>
#include <linux/nodemask.h>
#include <linux/version.h>

#include "allocators.h"
#include "clock.h"
#include "mpk.h"

#define DECLARE(name) extern const struct mpk_allocator mpk_allocator_##name;
MPK_ALLOCATORS(DECLARE)

#define ENTRY(name) &mpk_allocator_##name,
const struct mpk_allocator *const mpk_allocators[] = { MPK_ALLOCATORS(ENTRY) };
const unsigned int mpk_n_allocators = ARRAY_SIZE(mpk_allocators);

const struct mpk_allocator *mpk_allocator_find(const char *name)
{
	unsigned int i;

	for (i = 0; i < mpk_n_allocators; i++)
		if (!strncmp(mpk_allocators[i]->name, name, MPK_NAME_MAX))
			return mpk_allocators[i];
	return NULL;
}

gfp_t mpk_gfp_flags(enum mpk_gfp gfp)
{
#define FLAGS(id, word, flags, ...) (flags) | __GFP_NOWARN,
	static const gfp_t sets[] = { MPK_GFP_SETS(FLAGS) };
#undef FLAGS

	return sets[gfp];
}

/* The constant of that name was exclusive once, and had another name later; this one never changed. */
unsigned int mpk_max_order(void)
{
	return ilog2(MAX_ORDER_NR_PAGES);
}

/* Has this kernel what the set asks for? Without a zone its pages would come from another one, in silence. */
static bool kernel_has(enum mpk_gfp gfp)
{
	switch (gfp) {
	case MPK_GFP_DMA:
		return IS_ENABLED(CONFIG_ZONE_DMA);
	case MPK_GFP_DMA32:
		return IS_ENABLED(CONFIG_ZONE_DMA32);
	case MPK_GFP_SKIP_ZERO:
		return (__force unsigned int)MPK_SKIP_ZERO != 0;
	default:
		return true;
	}
}

static u64 kernel_config(void)
{
	static const struct {
		u64 bit;
		bool on;
	} built[] = {
		{ MPK_CONFIG_KASAN_GENERIC, IS_ENABLED(CONFIG_KASAN_GENERIC) },
		{ MPK_CONFIG_KASAN_SW_TAGS, IS_ENABLED(CONFIG_KASAN_SW_TAGS) },
		{ MPK_CONFIG_KASAN_HW_TAGS, IS_ENABLED(CONFIG_KASAN_HW_TAGS) },
		{ MPK_CONFIG_LOCKDEP, IS_ENABLED(CONFIG_LOCKDEP) },
		{ MPK_CONFIG_PROVE_LOCKING, IS_ENABLED(CONFIG_PROVE_LOCKING) },
		{ MPK_CONFIG_KMEMLEAK, IS_ENABLED(CONFIG_DEBUG_KMEMLEAK) },
		{ MPK_CONFIG_DEBUG_VM, IS_ENABLED(CONFIG_DEBUG_VM) },
		{ MPK_CONFIG_SLUB_DEBUG_ON, IS_ENABLED(CONFIG_SLUB_DEBUG_ON) },
		{ MPK_CONFIG_DEBUG_PAGEALLOC, IS_ENABLED(CONFIG_DEBUG_PAGEALLOC) },
		{ MPK_CONFIG_PAGE_OWNER, IS_ENABLED(CONFIG_PAGE_OWNER) },
		{ MPK_CONFIG_PAGE_POISONING, IS_ENABLED(CONFIG_PAGE_POISONING) },
		{ MPK_CONFIG_KFENCE, IS_ENABLED(CONFIG_KFENCE) },
		{ MPK_CONFIG_ATOMIC_SLEEP, IS_ENABLED(CONFIG_DEBUG_ATOMIC_SLEEP) },
		{ MPK_CONFIG_RT, IS_ENABLED(CONFIG_PREEMPT_RT) },
		{ MPK_CONFIG_SMP, IS_ENABLED(CONFIG_SMP) },
		{ MPK_CONFIG_NUMA, IS_ENABLED(CONFIG_NUMA) },
		{ MPK_CONFIG_MEMCG, IS_ENABLED(CONFIG_MEMCG) },
		{ MPK_CONFIG_ALLOC_PROFILING, IS_ENABLED(CONFIG_MEM_ALLOC_PROFILING) },
		{ MPK_CONFIG_RANDOM_KMALLOC, IS_ENABLED(CONFIG_RANDOM_KMALLOC_CACHES) },
		{ MPK_CONFIG_PREEMPT, IS_ENABLED(CONFIG_PREEMPTION) },
	};
	u64 config = 0;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(built); i++)
		config |= built[i].on ? built[i].bit : 0;
	if (want_init_on_alloc(0))
		config |= MPK_CONFIG_INIT_ON_ALLOC;
	if (want_init_on_free())
		config |= MPK_CONFIG_INIT_ON_FREE;
	return config;
}

/* Can this kernel enter the context at all? */
static enum mpk_reason enterable(enum mpk_context context)
{
	bool rt = IS_ENABLED(CONFIG_PREEMPT_RT);

	if ((context == MPK_IRQSOFF && rt) ||
	    (context == MPK_HARDIRQ && (rt || !arch_irq_work_has_interrupt())) ||
	    (context == MPK_REMOTE && num_online_cpus() < 2))
		return mpk_context_refusal(context);
	return MPK_REASON_OK;
}

void mpk_info(struct mpk_info *info)
{
	enum mpk_context context;
	enum mpk_gfp gfp;

	*info = (struct mpk_info){ .abi = MPK_ABI };
	info->page_size = PAGE_SIZE;
	info->max_order = mpk_max_order();
	for (context = 0; context < MPK_CONTEXT_COUNT; context++)
		if (enterable(context) == MPK_REASON_OK)
			info->contexts |= 1u << context;
	for (gfp = 0; gfp < MPK_GFP_COUNT; gfp++)
		info->gfp |= kernel_has(gfp) ? 1u << gfp : 0;
	info->config = kernel_config();
	info->allocators = mpk_n_allocators;
	info->clocks = MPK_CLOCKS;
	strscpy(info->version, MPK_VERSION, sizeof(info->version));
}

static u64 largest(const struct mpk_allocator *a)
{
	return a->measure == MPK_MEASURE_ORDER ? mpk_max_order() : a->max;
}

/* Before 5.17 these sets were not honoured. */
static bool kernel_takes(const struct mpk_allocator *a, enum mpk_gfp gfp)
{
	if (a->kind != MPK_KIND_VMALLOC && a->kind != MPK_KIND_KVMALLOC)
		return true;
	return LINUX_VERSION_CODE >= KERNEL_VERSION(5, 17, 0) ||
	       (gfp != MPK_GFP_NOIO && gfp != MPK_GFP_NOFS);
}

static enum mpk_reason legal(const struct mpk_allocator *a, enum mpk_gfp gfp,
			     enum mpk_context context, u64 amount)
{
	struct mpk_request r = {
		.kind = a->kind,
		.gfp = gfp,
		.context = context,
		.in_order = a->measure == MPK_MEASURE_ORDER,
		.order = a->measure == MPK_MEASURE_ORDER ? amount : 0,
	};
	enum mpk_reason reason = a->absent ? MPK_REASON_ABSENT : mpk_legal(&r);

	if (reason == MPK_REASON_OK)
		reason = enterable(context);
	if (reason == MPK_REASON_OK && !kernel_has(gfp))
		reason = MPK_REASON_NO_FLAG;
	if (reason == MPK_REASON_OK && !kernel_takes(a, gfp))
		reason = MPK_REASON_KERNEL;
	return reason;
}

int mpk_describe(struct mpk_describe *d)
{
	const struct mpk_allocator *a;
	enum mpk_context context;
	enum mpk_pattern pattern;
	enum mpk_gfp gfp;

	if (d->index >= mpk_n_allocators)
		return -ENOENT;
	a = mpk_allocators[d->index];
	*d = (struct mpk_describe){
		.index = d->index,
		.kind = a->kind,
		.measure = a->measure,
		.min = a->min,
		.max = largest(a),
		.reason = a->absent ? MPK_REASON_ABSENT : MPK_REASON_OK,
		.batch_max = max(a->batch_max, 1u),
		.looks = a->shows != NULL,
		.crowd_max = a->crowd_max,
		.nodes = a->nodes,
		.align_max = a->align_max,
		.touches = 1u << MPK_TOUCH_NONE,
	};
	if (mpk_touchable(a))
		d->touches |= 1u << MPK_TOUCH_FIRST | 1u << MPK_TOUCH_ALL;
	for (pattern = 0; pattern < MPK_PATTERN_COUNT; pattern++)
		if (a->loops[pattern][MPK_CLOCK_RAW][0])
			d->patterns |= 1u << pattern;
	for (context = 0; context < MPK_CONTEXT_COUNT; context++)
		for (gfp = 0; gfp < MPK_GFP_COUNT; gfp++)
			if (legal(a, gfp, context, d->max) == MPK_REASON_OK)
				d->gfp[context] |= 1u << gfp;
	strscpy(d->name, a->name, sizeof(d->name));
	strscpy(d->call, a->call, sizeof(d->call));
	return 0;
}

static enum mpk_reason fits(const struct mpk_allocator *a, u64 amount)
{
	if (a->measure == MPK_MEASURE_ORDER)
		return amount <= mpk_max_order() ? MPK_REASON_OK : MPK_REASON_ORDER;
	if (a->measure == MPK_MEASURE_BYTES)
		return amount >= a->min && amount <= a->max ? MPK_REASON_OK : MPK_REASON_SIZE;
	return amount ? MPK_REASON_SIZE : MPK_REASON_OK;
}

/* A node without memory, or beyond the last one, does not fail in the allocator: the kernel oopses. */
static bool node_has_memory(s32 node)
{
	return node == NUMA_NO_NODE ||
	       (node >= 0 && node < MAX_NUMNODES && node_state(node, N_MEMORY));
}

static bool cpu_is_usable(s32 cpu)
{
	return cpu == -1 || (cpu >= 0 && (unsigned int)cpu < nr_cpu_ids && cpu_online(cpu));
}

/* Those that are wrong whatever the allocator. */
static bool knows_values(const struct mpk_prepare *p)
{
	return p->gfp < MPK_GFP_COUNT && p->context < MPK_CONTEXT_COUNT &&
	       p->pattern < MPK_PATTERN_COUNT && p->order < MPK_ORDER_COUNT &&
	       p->touch < MPK_TOUCH_COUNT && !p->reserved && p->clock < MPK_CLOCK_COUNT &&
	       MPK_CLOCKS & 1u << p->clock && p->depth &&
	       (u64)p->depth * max(p->batch, 1u) <= MPK_DEPTH_MAX && p->samples <= MPK_DEPTH_MAX;
}

/* Those that are wrong for the allocator. */
static bool takes_values(const struct mpk_allocator *a, const struct mpk_prepare *p)
{
	if (p->batch > max(a->batch_max, 1u) || p->crowd > a->crowd_max)
		return false;
	if (p->touch != MPK_TOUCH_NONE && (p->pattern == MPK_PAIR || !mpk_touchable(a)))
		return false;
	return a->absent || a->loops[p->pattern][p->clock][0];
}

enum mpk_reason mpk_judge(const struct mpk_allocator *a, const struct mpk_prepare *p)
{
	enum mpk_reason reason;

	if (!knows_values(p) || !takes_values(a, p))
		return MPK_REASON_VALUE;
	if (p->align && (p->align > a->align_max || !is_power_of_2(p->align)))
		return MPK_REASON_ALIGN;
	reason = legal(a, p->gfp, p->context, p->amount);
	if (reason == MPK_REASON_OK)
		reason = fits(a, p->amount);
	if (reason == MPK_REASON_OK && !node_has_memory(p->node))
		reason = MPK_REASON_NODE;
	if (reason == MPK_REASON_OK && !cpu_is_usable(p->cpu))
		reason = MPK_REASON_CPU;
	if (reason == MPK_REASON_OK && p->context == MPK_REMOTE && p->cpu == raw_smp_processor_id())
		reason = MPK_REASON_NO_OTHER_CPU;
	return reason;
}

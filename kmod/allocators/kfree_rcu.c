/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kfree_rcu: what it costs to have an object freed after a grace period. Freeing it is then the kernel's work, and is
 * not timed.
 */
#include <linux/rcupdate.h>

#include "loops.h"

struct object {
	struct rcu_head rcu;
};

static __always_inline void *kfree_rcu_allocate(struct mpk_job *job)
{
	return kmalloc(job->bytes, job->gfp);
}

static __always_inline void kfree_rcu_release(struct mpk_job *job, void *freed)
{
	struct object *object = freed;

	kfree_rcu(object, rcu);
}
MPK_DEFINE_LOOPS_FREE(kfree_rcu)

/* Before 6.12 what is put off in batches cannot be waited for: the kernel frees it within seconds, by itself. */
static void settle(struct mpk_job *job)
{
#ifdef MPK_HAS_kvfree_rcu_barrier
	kvfree_rcu_barrier();
#endif
	rcu_barrier();
}

const struct mpk_allocator mpk_allocator_kfree_rcu = {
	.name = "kfree_rcu",
	.call = "kfree_rcu(object, rcu_head)",
	.kind = MPK_KIND_SLAB,
	.measure = MPK_MEASURE_BYTES,
	.min = sizeof(struct object),
	.max = KMALLOC_MAX_CACHE_SIZE,
	MPK_LOOPS_FREE(kfree_rcu),
	.settle = settle,
};

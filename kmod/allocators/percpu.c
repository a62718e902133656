/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Per-CPU memory: one piece for every possible CPU, zeroed.
 */
#include <linux/percpu.h>

#include "loops.h"

static __always_inline void *percpu_allocate(struct mpk_job *job)
{
	return (__force void *)__alloc_percpu_gfp(job->bytes, job->align, job->gfp);
}

static __always_inline void percpu_release(struct mpk_job *job, void *object)
{
	free_percpu((void __percpu __force *)object);
}
MPK_DEFINE_LOOPS(percpu)

/* The pieces of all CPUs are equally aligned. */
static bool shows(struct mpk_job *job, void *object)
{
	void *piece = raw_cpu_ptr((void __percpu __force *)object);

	return IS_ALIGNED((unsigned long)piece, job->align);
}

const struct mpk_allocator mpk_allocator_percpu = {
	.name = "percpu",
	.call = "__alloc_percpu_gfp(size, align, gfp), free_percpu(object)",
	.kind = MPK_KIND_PERCPU,
	.measure = MPK_MEASURE_BYTES,
	.min = 1,
	.max = PCPU_MIN_UNIT_SIZE,
	.align = 8,
	/* Jobs that cannot sleep get no chunk of their own, and few aligned pages are left in those that are there. */
	.align_max = 64,
	MPK_LOOPS(percpu),
	.shows = shows,
};

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Nothing is allocated: the floor. What the loop, its bookkeeping and, in call mode, a read of the clock cost in each
 * context.
 */
#include "loops.h"

static __always_inline void *kfloor_allocate(struct mpk_job *job)
{
	void *object = job;

	OPTIMIZER_HIDE_VAR(object);
	return object;
}

/* OPTIMIZER_HIDE_VAR() alone would go with its unused result, and with it the loop. */
static __always_inline void kfloor_release(struct mpk_job *job, void *object)
{
	barrier_data(object);
}
MPK_DEFINE_LOOPS(kfloor)

const struct mpk_allocator mpk_allocator_kfloor = {
	.name = "kfloor",
	.call = "nothing",
	.kind = MPK_KIND_NOTHING,
	.measure = MPK_MEASURE_NOTHING,
	MPK_LOOPS(kfloor),
};

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CPU masks of the calling thread: see affinity.h. */
#include "runner/machine/affinity.h"

#include <errno.h>

#define MOST_CPUS (1 << 20)

int mp_affinity_get(struct mp_affinity *ret_affinity)
{
	for (int cpus = 1024;; cpus *= 2) {
		struct mp_affinity a = { .set = CPU_ALLOC(cpus), .size = CPU_ALLOC_SIZE(cpus) };
		int err;

		if (!a.set)
			return -ENOMEM;
		CPU_ZERO_S(a.size, a.set);
		if (!sched_getaffinity(0, a.size, a.set)) {
			*ret_affinity = a;
			return 0;
		}
		err = errno;
		CPU_FREE(a.set);
		/* EINVAL: the kernel's mask is longer than ours. */
		if (err != EINVAL || cpus >= MOST_CPUS)
			return -err;
	}
}

void mp_affinity_done(struct mp_affinity *affinity)
{
	if (affinity->set)
		CPU_FREE(affinity->set);
	*affinity = (struct mp_affinity){ 0 };
}

bool mp_affinity_has(const struct mp_affinity *affinity, int cpu)
{
	return cpu >= 0 && (size_t)cpu < 8 * affinity->size &&
	       CPU_ISSET_S(cpu, affinity->size, affinity->set);
}

int mp_affinity_pin(int cpu, struct mp_affinity *ret_before)
{
	struct mp_affinity before, one = { 0 };
	int err;

	if (cpu < 0 || cpu >= MOST_CPUS)
		return -EINVAL;
	err = mp_affinity_get(&before);
	if (err)
		return err;
	one.set = CPU_ALLOC(cpu + 1);
	one.size = CPU_ALLOC_SIZE(cpu + 1);
	if (!one.set) {
		err = -ENOMEM;
		goto out;
	}
	CPU_ZERO_S(one.size, one.set);
	CPU_SET_S(cpu, one.size, one.set);
	if (sched_setaffinity(0, one.size, one.set)) {
		err = -errno;
		goto out;
	}
	*ret_before = before;
	before.set = NULL;
out:
	mp_affinity_done(&one);
	mp_affinity_done(&before);
	return err;
}

int mp_affinity_avoid(int cpu)
{
	struct mp_affinity mask = { 0 };
	int err = mp_affinity_get(&mask);

	if (err)
		return err;
	if (mp_affinity_has(&mask, cpu))
		CPU_CLR_S(cpu, mask.size, mask.set);
	if (!CPU_COUNT_S(mask.size, mask.set))
		err = -EINVAL;
	else if (sched_setaffinity(0, mask.size, mask.set))
		err = -errno;
	mp_affinity_done(&mask);
	return err;
}

void mp_affinity_restore(struct mp_affinity *before)
{
	if (before->set)
		sched_setaffinity(0, before->size, before->set);
	mp_affinity_done(before);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * In which order the CPUs of a topology are given to workers. Kept apart from machine.c because it is pure: a
 * topology and two sets in, a list out.
 */
#ifndef RUNNER_MACHINE_PLACEMENT_H
#define RUNNER_MACHINE_PLACEMENT_H

#include <hwloc.h>

#include <stdbool.h>
#include <stdint.h>

/* One usable processing unit. */
struct mp_place {
	int cpu; /* the kernel's number */
	unsigned core; /* index of its core among the usable ones, in order of first use */
	unsigned thread; /* 0: first of its core to be used, 1: its sibling, ... */
	bool isolated; /* the scheduler leaves it alone (isolcpus=) */
	int kind; /* hwloc's efficiency rank: higher is the faster kind; -1 unknown */
	uint64_t llc_bytes; /* the last-level cache above it; 0 unknown */
	unsigned rank; /* position in the walk */
};

/* The usable PUs in the order in which workers get them: one per core first; among those isolated CPUs, then
 * fast cores before slow ones (hwloc's kinds, then the larger last-level cache: a core without one is the small
 * kind), then neighbours in the topology with the branch that holds CPU 0 last at every level. *ret_places is heap memory of the caller. 0, -ENOMEM, or -ENODEV when `usable` is empty. */
int mp_placement_order(hwloc_topology_t topology, hwloc_const_cpuset_t usable,
		       const char *isolated_list, struct mp_place **ret_places, size_t *ret_count);

#endif

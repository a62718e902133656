/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The NUMA nodes of a topology: which may be used, which one is a CPU's own, which one is far. A package may have
 * several, several may share a cache (volatile and persistent memory, say), and one may have no CPU at all.
 */
#ifndef RUNNER_MACHINE_NODES_H
#define RUNNER_MACHINE_NODES_H

#include <hwloc.h>

#include <stdbool.h>
#include <stdint.h>

#include "common/err.h"
#include "runner/machine/placement.h"

struct mp_nodes {
	struct mp_node {
		int number; /* the kernel's */
		hwloc_const_cpuset_t cpus; /* the topology's: to which it is near */
		bool own; /* some CPU's own node, else memory alone */
	} * items; /* with memory, and open to this process; ascending numbers; owned */
	size_t count;
	uint64_t bytes; /* of them together */
	bool closed; /* there are others with memory that this process may not use */
};

/* `live`: libnuma says what may be used and how large it is; else the topology does (without sizes, every node of it
 * counts). 0 or -ENOMEM. */
int mp_nodes_find(hwloc_topology_t topology, bool live, struct mp_nodes *ret_nodes);
void mp_nodes_done(struct mp_nodes *nodes); /* accepts zeroed */

bool mp_nodes_has(const struct mp_nodes *nodes, unsigned number);

/* The node of the smallest set of CPUs that holds this one; of several such, which differ in the kind of memory, the
 * lowest number: the kernel gives the first ones to ordinary memory. -1: none. */
int mp_nodes_near(const struct mp_nodes *nodes, int cpu);

/* The farthest node (by the firmware's distances) among those that other CPUs, but not this one, call their own; of
 * several the lowest number. Where only memory without CPUs is left: the farthest of that. -1: none. */
int mp_nodes_far(hwloc_topology_t topology, const struct mp_nodes *nodes, int cpu);

/* Fills `node` of every place. */
void mp_nodes_set(const struct mp_nodes *nodes, struct mp_place_at *places, size_t count);

/* What a policy means for the worker on that CPU, among `cpus` of all workers. 0; -ENODEV with a sentence when there are
 * no such nodes here, -EINVAL when a listed one may not be used. */
int mp_nodes_resolve(hwloc_topology_t topology, const struct mp_nodes *nodes,
		     const struct mp_mem_policy *policy, int cpu, bool share_node,
		     struct mp_mempolicy *ret_policy, struct mp_err *err);

#endif

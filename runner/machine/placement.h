/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The CPUs of a topology, and in which order a policy gives them to workers. Kept apart from machine.c because it is
 * pure: a topology and sets in, a list out.
 */
#ifndef RUNNER_MACHINE_PLACEMENT_H
#define RUNNER_MACHINE_PLACEMENT_H

#include <hwloc.h>

#include <stdbool.h>
#include <stdint.h>

#include "common/err.h"
#include "results/fullspeed.h"
#include "runner/machine/policy.h"

enum mp_core_kind {
	MP_CORE_ONLY, /* all cores are of one kind, or nothing tells */
	MP_CORE_P, /* the fastest */
	MP_CORE_MIDDLE, /* neither, where there are three and more speeds */
	MP_CORE_E, /* efficiency */
	MP_CORE_LP, /* efficiency cores of the low-power island */
};

/* One usable processing unit. */
struct mp_place_at {
	int cpu; /* the kernel's number */
	unsigned core; /* index of its core among the usable ones, in order of first use */
	unsigned thread; /* 0: first of its core to be used, 1: its sibling, ... */
	bool isolated; /* the scheduler leaves it alone (isolcpus=) */
	enum mp_core_kind kind;
	unsigned tier; /* of its kind by speed: 0 is the fastest */
	char speed[MP_KIND_TEXT]; /* name of all cores that share one full speed, see kinds.h */
	int l3, package; /* logical index of the object above it; -1: none */
	int node; /* kernel's number of its own NUMA node; -1: none */
	uint64_t llc_bytes; /* the last-level cache above it; 0 unknown */
	unsigned
		rank; /* position in the walk: neighbours in the topology follow each other, siblings first */
};

/* The usable PUs in the order of the policy auto: one per core first; among those isolated CPUs, then fast cores before
 * slow ones (their tier, then the larger last-level cache), then neighbours in the topology with the branch that
 * holds CPU 0 last at every level. Without kinds and nodes, which are unknown here: see mp_kinds_set() and
 * mp_nodes_set(); mp_placement_sort() follows them. *ret_places is heap memory of the caller. 0, -ENOMEM, or -ENODEV
 * when `usable` is empty. */
int mp_placement_list(hwloc_topology_t topology, hwloc_const_cpuset_t usable,
		      const char *isolated_list, struct mp_place_at **ret_places,
		      size_t *ret_count);
void mp_placement_sort(struct mp_place_at *places, size_t count);

/* The places of a policy, in the order in which workers get them: indices into `places` (as sorted above) into
 * `ret_order`, which has room for all of them; their number in *ret_n.
 *
 * Spreading deals workers round the parts of a level, and gives the second thread of a core only when every core has
 * one worker; CPUs under no part of that level come last. -ENODEV with a sentence when this machine has no such
 * place at all; a CPU of an explicit list that may not be used is -EINVAL. */
int mp_placement_choose(const struct mp_place_at *places, size_t count,
			const struct mp_place_policy *policy, size_t *ret_order, size_t *ret_n,
			struct mp_err *err);

#endif

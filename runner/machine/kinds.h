/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Performance and efficiency cores. Who tells, in this order:
 *
 *	1. the kernel's core PMUs, each with the list of its CPUs in sysfs: cpu_core, cpu_atom, cpu_lowpower (Intel), or
 *	   two and more of armv8_* and the like, one per microarchitecture
 *	2. hwloc's core types (from CPUID)
 *	3. hwloc's capacities or highest frequencies, of which those within a tenth of each other are one kind: firmware
 *	   ranks single cores of one kind by a few percent, and hwloc reports each rank as a kind
 *
 * Efficiency cores under no L3 cache, on a machine where others of them have one, are a kind of their own (Core Ultra's
 * low-power island), also where the kernel counts them as cpu_atom: a cache less is another machine to memory.
 */
#ifndef RUNNER_MACHINE_KINDS_H
#define RUNNER_MACHINE_KINDS_H

#include <hwloc.h>

#include "runner/machine/placement.h"

/*
 * Sets kind, tier and name of every place. The name says which cores have one full speed in common (struct mp_full_speed):
 * "p", "e", "lp", or "m1", "m2" between them; where firmware ranks cores of one kind, with hwloc's number of the rank behind
 * it, "p:1007"; "" where all cores are alike.
 * `root`: where sysfs is read; NULL: not at all (a captured topology says nothing
 * of this kernel). 0 or -ENOMEM. */
int mp_kinds_set(hwloc_topology_t topology, const char *root, struct mp_place_at *places,
		 size_t count);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * This machine: topology and placement (the only place that knows hwloc and libnuma), needs, identity.
 * Facts are in facts.h, the clock in clocksource.h, fitness in doctor.h.
 */
#ifndef RUNNER_MACHINE_MACHINE_H
#define RUNNER_MACHINE_MACHINE_H

#include "benchmarks/bench.h"

struct mp_machine; /* topology loaded */

/* 0, -ENOMEM or -EIO with a sentence. Respects cpuset cgroups and offline CPUs. */
int mp_machine_open(struct mp_machine **ret_machine, struct mp_err *err);
void mp_machine_close(struct mp_machine *machine); /* accepts NULL */

/* Lives as long as the machine. */
const struct mp_host *mp_machine_host(const struct mp_machine *machine);

/* Logical CPU numbers (kernel's) for `threads` workers: one per core first, away from CPU 0 when there is
 * a choice (it takes most interrupts), then SMT siblings. -ERANGE with a sentence when there are fewer
 * CPUs than workers. */
int mp_machine_place(const struct mp_machine *machine, unsigned threads, int *ret_cpus,
		     struct mp_err *err);

/* The NUMA node (kernel's number) whose memory is nearest to that CPU and open to this process, or -1 when the
 * CPU's own node has none. */
int mp_machine_node_of(const struct mp_machine *machine, int cpu);

/* Anonymous and stable: SHA-like hash (hex, 16 characters) of /etc/machine-id with an application salt, so
 * that the id cannot be traced back; falls back to CPU model, board and memory size. */
void mp_machine_key(char buf[33]);

/* Why a need is not met here: heap text, the last part being the command that helps; NULL: it is met. */
char *mp_machine_need_unmet(const struct mp_machine *machine, enum mp_need need);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * This machine: topology and placement (the only place that knows hwloc and libnuma), needs, identity.
 * Facts are in facts.h, the clock in clocksource.h, fitness in doctor.h.
 */
#ifndef RUNNER_MACHINE_MACHINE_H
#define RUNNER_MACHINE_MACHINE_H

#include "benchmarks/bench.h"
#include "results/fullspeed.h"

struct mp_machine; /* topology loaded */

/* 0, -ENOMEM or -EIO with a sentence. Respects cpuset cgroups and offline CPUs. */
int mp_machine_open(struct mp_machine **ret_machine, struct mp_err *err);
void mp_machine_close(struct mp_machine *machine); /* accepts NULL */

/* Another machine: a topology that hwloc exported there as XML ('lstopo FILE.xml'), to plan with. Nothing can be bound
 * there, and hwloc would report every binding as done. Its CPUs, caches and nodes are all usable; page sizes and
 * kernel settings are those of this machine. -EINVAL with a sentence for a file that hwloc cannot read. */
int mp_machine_open_topology(const char *file, struct mp_machine **ret_machine, struct mp_err *err);
bool mp_machine_is_live(
	const struct mp_machine *machine); /* this machine, where workers can be bound */

/* Lives as long as the machine. */
const struct mp_host *mp_machine_host(const struct mp_machine *machine);

/* Logical CPU numbers (kernel's) for `threads` workers: one per core first, away from CPU 0 when there is
 * a choice (it takes most interrupts), then SMT siblings. -ERANGE with a sentence when there are fewer
 * CPUs than workers. */
int mp_machine_place(const struct mp_machine *machine, unsigned threads, int *ret_cpus,
		     struct mp_err *err);

/* Where one worker runs and where its memory comes from. */
struct mp_seat {
	int cpu; /* kernel's number */
	int node; /* of that CPU, kernel's number; -1: none with memory */
	unsigned tier; /* of its core's kind by speed: 0 is the fastest */
	char kind
		[MP_KIND_TEXT]; /* cores of one name have one full speed: "p", "e"; "" all are alike */
	struct mp_mempolicy memory;
};

/* The seats of a case's workers by its parameters "place" and "mem" (policy.h; without them auto and default).
 * `ret_seats` has room for `threads`. -ERANGE when the placement has fewer CPUs than workers, -ENODEV or -EINVAL when
 * this machine cannot have the policy, all with a sentence. */
int mp_machine_seats(const struct mp_machine *machine, const struct mp_params *params,
		     unsigned threads, struct mp_seat *ret_seats, struct mp_err *err);

/* The NUMA node (kernel's number) whose memory is nearest to that CPU and open to this process, or -1 when the
 * CPU's own node has none. */
int mp_machine_node_of(const struct mp_machine *machine, int cpu);

/* Anonymous and stable: SHA-like hash (hex, 16 characters) of /etc/machine-id with an application salt, so
 * that the id cannot be traced back; falls back to CPU model, board and memory size. */
void mp_machine_key(char buf[33]);

/* Why a need is not met here: heap text, the last part being the command that helps; NULL: it is met. `word`: that of
 * struct mp_needed, or NULL. */
char *mp_machine_need_unmet(const struct mp_machine *machine, enum mp_need need, const char *word);

/* A word for it, as lists have it: "hugetlb"; and what it is: "free huge pages in the hugetlb pool". */
const char *mp_machine_need_name(enum mp_need need);
const char *mp_machine_need_words(enum mp_need need);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The CPU mask of the calling thread, of whatever length the kernel's masks have. */
#ifndef RUNNER_MACHINE_AFFINITY_H
#define RUNNER_MACHINE_AFFINITY_H

#include <sched.h>
#include <stdbool.h>
#include <stddef.h>

struct mp_affinity {
	cpu_set_t *set; /* NULL: none */
	size_t size; /* bytes */
};

/* 0 or negative errno; mp_affinity_done() frees it. */
int mp_affinity_get(struct mp_affinity *ret_affinity);
void mp_affinity_done(struct mp_affinity *affinity); /* accepts zeroed */
bool mp_affinity_has(const struct mp_affinity *affinity, int cpu);

/* Pins the calling thread to one CPU and hands out the mask it had. 0 or negative errno (-EINVAL: no such CPU for
 * this process). */
int mp_affinity_pin(int cpu, struct mp_affinity *ret_before);

/* Keeps the calling thread off one CPU, where it may use another. 0 or negative errno (-EINVAL: it has no other). */
int mp_affinity_avoid(int cpu);

/* Puts a mask back and frees it. */
void mp_affinity_restore(struct mp_affinity *before);

#endif

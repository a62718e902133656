/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What disturbed a block, read at its edges, never inside: see MEASUREMENTS in the header of noise.c. */
#ifndef RUNNER_WORKER_NOISE_H
#define RUNNER_WORKER_NOISE_H

#include "results/invocation.h"

#include <stdint.h>
#include <sys/resource.h>

/* Counters of the calling thread at one moment. */
struct mp_noise {
	struct rusage usage;
	unsigned cpu;
};

/* Opens what must be open before anything is measured. Never fails: what cannot be opened reads as 0. */
void mp_noise_open(void);

void mp_noise_read(struct mp_noise *noise);

/* Writes the differences and flags of a block. */
void mp_noise_record(const struct mp_noise *before, const struct mp_noise *after,
		     struct mp_block *block);

/* Time stolen by the hypervisor from that CPU so far, nanoseconds; /proc/stat counts in steps of 10 ms.
 * 0 when unknown. */
uint64_t mp_noise_steal_ns(int cpu);

/* Mappings of this process. */
uint32_t mp_noise_vma_count(void);

#endif

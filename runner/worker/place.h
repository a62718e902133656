/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the worker runs: CPU, memory policy, address space layout. Everything that is set is verified. */
#ifndef RUNNER_WORKER_PLACE_H
#define RUNNER_WORKER_PLACE_H

#include "common/err.h"

#include <stddef.h>
#include <stdint.h>

/* Binds the calling thread to one CPU and checks that it took effect. */
int mp_place_cpu(int cpu, struct mp_err *err);

/* Binds the memory of the calling thread to the nodes of the mask (all zero: leaves the default policy) and
 * reads the policy back. */
int mp_place_memory(const uint64_t *nodes, size_t words, struct mp_err *err);

/* Reserves `size` bytes PROT_NONE at a multiple of 1 GiB, so that the page tables below an arena are shared
 * with nothing else. */
int mp_place_arena(uint64_t size, char **ret_arena, struct mp_err *err);

/* Maps `shift` pages without touching them and `prealloc` pages touched: the drawn layout. */
int mp_place_layout(uint32_t shift, uint32_t prealloc, size_t page_size, struct mp_err *err);

#endif

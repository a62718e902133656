/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the worker runs: CPU, memory policy, address space layout. Everything that is set is verified. */
#ifndef RUNNER_WORKER_PLACE_H
#define RUNNER_WORKER_PLACE_H

#include "benchmarks/mempolicy.h"
#include "common/err.h"

#include <stddef.h>
#include <stdint.h>

/* Binds the calling thread to one CPU and checks that it took effect. */
int mp_place_cpu(int cpu, struct mp_err *err);

/* Sets the memory policy of the calling thread and reads it back. Nothing to do for the default, and for a policy of
 * mappings (mp_ctx_bind). */
int mp_place_memory(const struct mp_mempolicy *policy, struct mp_err *err);

/* Does the calling thread still run on that CPU alone, and has it still that memory policy? */
bool mp_place_holds(int cpu, const struct mp_mempolicy *policy);

/* Shares what relocation wrote and nobody writes again, read-only, so that fork has no page table entries of it to copy, and the
 * end of a child none to remove. */
int mp_place_tables(size_t page_size, struct mp_err *err);

/* Reserves `size` bytes PROT_NONE at a multiple of 1 GiB, so that the page tables below an arena are shared
 * with nothing else. */
int mp_place_arena(uint64_t size, char **ret_arena, struct mp_err *err);

/* Maps `shift` pages without touching them and `prealloc` pages touched: the drawn layout. */
int mp_place_layout(uint32_t shift, uint32_t prealloc, size_t page_size, struct mp_err *err);

#endif

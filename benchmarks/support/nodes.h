/* SPDX-License-Identifier: GPL-3.0-or-later */
/* NUMA nodes as the kernel tells them to this process, by their numbers. */
#ifndef BENCHMARKS_SUPPORT_NODES_H
#define BENCHMARKS_SUPPORT_NODES_H

#include "benchmarks/mempolicy.h"
#include "common/err.h"

/* Those whose memory this process may use: get_mempolicy(2), MPOL_F_MEMS_ALLOWED. 0, or a negative errno with a sentence. */
int mp_nodes_allowed(uint64_t nodes[MP_NODE_WORDS], struct mp_err *err);

/* The lowest of them, or the lowest above `after`; -1: none. */
int mp_nodes_next(const uint64_t nodes[MP_NODE_WORDS], int after);

/* Two of them; -EINVAL with a sentence when there is one only. */
int mp_nodes_two(int ret_nodes[2], struct mp_err *err);

#endif

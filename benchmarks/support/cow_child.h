/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The child's side of a copy after fork: a block's operations run in a child that is forked for them, bound to the same CPU,
 * and gone when the block is over. Context, state and time stamps are in memory that both share.
 */
#ifndef BENCHMARKS_SUPPORT_COW_CHILD_H
#define BENCHMARKS_SUPPORT_COW_CHILD_H

#include "benchmarks/bench.h"
#include "benchmarks/support/range.h"

struct mp_cow_child {
	struct mp_range range; /* first, because range.h finds it there */
	uint64_t done; /* operations that the child performed */
	uint64_t faults, major; /* of the child, while it did; major ones among them */
	struct mp_residency after; /* of the touched pages, in the child */
	uint64_t stored; /* of them with the new byte, in the child */
	int failed; /* negative errno of the child's own evidence */
};

/* Forks, runs `run` in the child, waits for it, and returns what it returned; 0 when there was no child. */
uint64_t mp_cow_child_run(struct mp_ctx *ctx, uint64_t n, uint64_t *stamps, bool each,
			  uint64_t (*run)(struct mp_ctx *ctx, uint64_t n, uint64_t *stamps,
					  bool each));

/* Hooks, beside those of range.h. */
int mp_cow_child_legal(const struct mp_params *params, const struct mp_host *host,
		       struct mp_err *err);
int mp_cow_child_setup(struct mp_ctx *ctx, struct mp_err *err);
int mp_cow_child_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err);
void mp_cow_child_check(struct mp_ctx *ctx, uint64_t n);

#endif

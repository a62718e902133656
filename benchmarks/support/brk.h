/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the benchmarks of the brk family that need more than a heap (heap.h) do outside their timed section. */
#ifndef BENCHMARKS_SUPPORT_BRK_H
#define BENCHMARKS_SUPPORT_BRK_H

#include "benchmarks/support/heap.h"
#include "benchmarks/support/range.h"

#include <sys/resource.h>

/* brk.limit */
struct mp_brk_limit {
	struct mp_heap heap;
	struct rlimit before;
};

/* brk.mt */
struct mp_brk_crowd {
	struct mp_heap heap;
	struct mp_heap_crowd others;
};

/* brk.touch: the range machinery of the fault family, on heap */
struct mp_brk_touch {
	struct mp_range range;
	struct mp_heap heap;
};

int mp_brk_limit_setup(struct mp_ctx *ctx, struct mp_err *err);
int mp_brk_limit_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err);
void mp_brk_limit_check(struct mp_ctx *ctx, uint64_t n);
int mp_brk_limit_disarm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err);
void mp_brk_limit_teardown(struct mp_ctx *ctx);
int mp_brk_blocked_setup(struct mp_ctx *ctx, struct mp_err *err);
void mp_brk_blocked_check(struct mp_ctx *ctx, uint64_t n);
int mp_brk_grow_libc_setup(struct mp_ctx *ctx, struct mp_err *err);
int mp_brk_grow_libc_disarm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err);
void mp_brk_grow_libc_teardown(struct mp_ctx *ctx);
int mp_brk_grow_locked_setup(struct mp_ctx *ctx, struct mp_err *err);
void mp_brk_grow_locked_check(struct mp_ctx *ctx, uint64_t n);
void mp_brk_grow_locked_teardown(struct mp_ctx *ctx);
int mp_brk_crowd_legal(const struct mp_params *params, const struct mp_host *host,
		       struct mp_err *err);
void mp_brk_crowd_teardown(struct mp_ctx *ctx);
int mp_brk_pair_setup(struct mp_ctx *ctx, struct mp_err *err);
int mp_brk_pair_resident_setup(struct mp_ctx *ctx, struct mp_err *err);
void mp_brk_pair_check(struct mp_ctx *ctx, uint64_t n);
void mp_brk_pair_resident_check(struct mp_ctx *ctx, uint64_t n);
int mp_brk_crowd_setup(struct mp_ctx *ctx, struct mp_err *err);
void mp_brk_crowd_check(struct mp_ctx *ctx, uint64_t n);
int mp_brk_touch_legal(const struct mp_params *params, const struct mp_host *host,
		       struct mp_err *err);
int mp_brk_touch_setup(struct mp_ctx *ctx, struct mp_err *err);
void mp_brk_touch_check(struct mp_ctx *ctx, uint64_t n);
void mp_brk_touch_teardown(struct mp_ctx *ctx);

#endif

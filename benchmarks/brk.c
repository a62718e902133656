/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * brk: moving the end of the heap. The calls are raw: libc keeps the break in a variable of its own, and
 * brk(3) and sbrk(3) do no more than compare and store it; sbrk(0) does not even ask the kernel.
 *
 * The heap stands on one mapped page right above a page-table boundary (support/heap.h), so that where the
 * kernel's heap randomisation has put it does not show in the numbers.
 */
#include "benchmarks/bench.h"
#include "benchmarks/loop.h"
#include "benchmarks/support/brk.h"
#include "benchmarks/support/heap.h"
#include "benchmarks/support/range.h"
#include "benchmarks/support/syscall.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* Forgets the last answer: a check must not find that of an earlier block. */
static int forget_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err)
{
	struct mp_heap *h = ctx->state;

	(void)n;
	(void)err;
	h->last = 0;
	return 0;
}

static void heap_teardown(struct mp_ctx *ctx)
{
	mp_heap_done(ctx->state);
}

/* brk.query, brk.query_libc: where is the break? Nothing moves it. */

static int query_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_heap *h = ctx->state;

	(void)err;
	h->base = (uint64_t)mp_sys_brk(0);
	return 0;
}

static int query_libc_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_heap *h = ctx->state;

	(void)err;
	h->base = (uint64_t)sbrk(0);
	return 0;
}

static inline uint64_t query_op(struct mp_ctx *ctx, uint64_t i)
{
	struct mp_heap *h = ctx->state;

	(void)i;
	h->last = (uint64_t)mp_sys_brk(0);
	return h->last == h->base;
}
MP_DEFINE_RUN(query_op)

static inline uint64_t query_libc_op(struct mp_ctx *ctx, uint64_t i)
{
	struct mp_heap *h = ctx->state;

	(void)i;
	h->last = (uint64_t)sbrk(0);
	return h->last == h->base;
}
MP_DEFINE_RUN(query_libc_op)

static void query_check(struct mp_ctx *ctx, uint64_t n)
{
	const struct mp_heap *h = ctx->state;

	mp_expect_equal(ctx, "operations", n, ctx->succeeded);
	mp_expect_equal(ctx, "answer", (uint64_t)mp_sys_brk(0), h->last);
}

/* brk.grow, brk.shrink */

/* Growths of one block together: more would be about the memory, not the call. */
#define UNTOUCHED_MOST (64ULL << 30)
#define TOUCHED_MOST   (256ULL << 20)

static int size_legal(const struct mp_params *params, const struct mp_host *host,
		      struct mp_err *err)
{
	const struct mp_param *touched = mp_params_find(params, "touched");
	const struct mp_param *vma = mp_params_find(params, "vma");
	uint64_t outstanding = mp_params_find(params, "outstanding")->number;
	uint64_t bytes = mp_params_find(params, "size")->number * outstanding;
	/* Without an axis that says whether it extends the heap, growth is locked or libc's. */
	bool present = touched ? touched->number : !vma;
	uint64_t most = present ? TOUCHED_MOST : UNTOUCHED_MOST;

	if (most > host->memory_bytes / 2)
		most = host->memory_bytes / 2;
	if (bytes > most)
		return mp_err_usage(err, -EINVAL, "growths of %llu bytes together, over %llu",
				    (unsigned long long)bytes, (unsigned long long)most);
	if (vma && !strcmp(vma->word, "new") && outstanding > 1)
		return mp_err_usage(err, -EINVAL, "the second growth would extend the first");
	return 0;
}

static int grow_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_heap *h = ctx->state;

	h->size = mp_ctx_number(ctx, "size");
	ctx->depth = mp_ctx_number(ctx, "outstanding");
	return mp_heap_open(h, ctx, true, mp_ctx_is(ctx, "vma", "new"), err);
}

static inline uint64_t grow_op(struct mp_ctx *ctx, uint64_t i)
{
	struct mp_heap *h = ctx->state;
	uint64_t to = h->base + (i + 1) * h->size;

	return (uint64_t)mp_sys_brk(to) == to;
}
MP_DEFINE_RUN(grow_op)

static inline void grow_renew(struct mp_ctx *ctx)
{
	const struct mp_heap *h = ctx->state;

	mp_sys_brk(h->base);
}
MP_DEFINE_RUN_APART(grow_op, grow_renew)

static void grow_check(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_heap *h = ctx->state;
	struct mp_residency now = { 0 };

	mp_expect_equal(ctx, "operations", n, ctx->succeeded);
	mp_heap_check(ctx, h, h->base + n * h->size, h->separate);
	mp_pages_add(&h->pages, (void *)h->base, n * h->size / h->page, &now);
	mp_expect_equal(ctx, "present", 0, now.present);
}

static int back_to_base(struct mp_ctx *ctx, uint64_t n, struct mp_err *err)
{
	struct mp_heap *h = ctx->state;

	(void)n;
	return mp_heap_move(h, h->base, err);
}

static int shrink_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_heap *h = ctx->state;

	h->size = mp_ctx_number(ctx, "size");
	h->touched = mp_ctx_flag(ctx, "touched");
	ctx->depth = mp_ctx_number(ctx, "outstanding");
	return mp_heap_open(h, ctx, true, false, err);
}

static int shrink_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err)
{
	struct mp_heap *h = ctx->state;
	int ret;

	if (!h->grown)
		h->faults = mp_faults_now();
	h->top = h->base + n * h->size;
	ret = mp_heap_move(h, h->top, err);
	if (!ret && h->touched)
		mp_heap_touch(h);
	h->grown += n;
	return ret;
}

static inline uint64_t shrink_op(struct mp_ctx *ctx, uint64_t i)
{
	struct mp_heap *h = ctx->state;
	uint64_t to = h->top - (i + 1) * h->size;

	return (uint64_t)mp_sys_brk(to) == to;
}
MP_DEFINE_RUN(shrink_op)

static inline void shrink_renew(struct mp_ctx *ctx)
{
	struct mp_heap *h = ctx->state;

	mp_sys_brk(h->top);
	if (h->touched)
		mp_heap_touch(h);
	h->grown++;
}
MP_DEFINE_RUN_APART(shrink_op, shrink_renew)

static void shrink_check(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_heap *h = ctx->state;

	mp_heap_check_faults(ctx, h);
	mp_expect_equal(ctx, "operations", n, ctx->succeeded);
	mp_heap_check(ctx, h, h->base, 0);
}

/* brk.pair1, brk.pair1_resident: up one page and down again; brk.mt: while other processes do so, each to its own heap */

static inline uint64_t pair_op(struct mp_ctx *ctx, uint64_t i)
{
	struct mp_heap *h = ctx->state;
	uint64_t to = h->base + h->size;

	(void)i;
	h->last = (uint64_t)mp_sys_brk(to);
	return (h->last == to) & ((uint64_t)mp_sys_brk(h->base) == h->base);
}
MP_DEFINE_RUN(pair_op)

/* brk.limit: growth that RLIMIT_DATA forbids. The limit is in force from arm to disarm only. */

static inline uint64_t limit_op(struct mp_ctx *ctx, uint64_t i)
{
	struct mp_brk_limit *l = ctx->state;

	(void)i;
	l->heap.last = (uint64_t)mp_sys_brk(l->heap.base + l->heap.size);
	return l->heap.last == l->heap.base;
}
MP_DEFINE_RUN(limit_op)

/* brk.blocked: growth into a mapping that lies right above */

static inline uint64_t blocked_op(struct mp_ctx *ctx, uint64_t i)
{
	struct mp_heap *h = ctx->state;

	(void)i;
	h->last = (uint64_t)mp_sys_brk(h->base + h->size);
	return h->last == h->base;
}
MP_DEFINE_RUN(blocked_op)

/* brk.grow_libc: sbrk(3), which asks nobody where the break is */

static inline uint64_t grow_libc_op(struct mp_ctx *ctx, uint64_t i)
{
	struct mp_heap *h = ctx->state;

	return (uint64_t)sbrk((intptr_t)h->size) == h->base + i * h->size;
}
MP_DEFINE_RUN(grow_libc_op)

static inline void grow_libc_renew(struct mp_ctx *ctx)
{
	const struct mp_heap *h = ctx->state;

	brk((void *)h->base);
}
MP_DEFINE_RUN_APART(grow_libc_op, grow_libc_renew)

/* brk.touch: a first store to heap that has just been grown; the range machinery of the fault family */

static inline uint64_t touch_op(struct mp_ctx *ctx, uint64_t i)
{
	const struct mp_brk_touch *t = ctx->state;

	*(volatile char *)t->range.at[i] = t->range.mark;
	return 1;
}
MP_DEFINE_RUN(touch_op)

/* Axes and descriptors */

static const char *const vma_words[] = { "extend", "new", NULL };

#define SIZE                                                                                       \
	{                                                                                          \
		.name = "size", .kind = MP_AXIS_SIZE, .values = "page,1M",                         \
		.matrix = "page,64K,1M,16M,256M", .min = 4096, .max = 1u << 30,                    \
		.whole_pages = true, .scale = MP_SCALE_LOG2,                                       \
		.help = "bytes that one call moves the break by",                                  \
	}
#define OUTSTANDING_OF(representative)                                                             \
	{                                                                                          \
		.name = "outstanding", .kind = MP_AXIS_COUNT, .values = (representative),          \
		.matrix = "1,64", .min = 1, .max = 1024, .scale = MP_SCALE_LOG2,                   \
		.help = "calls in a row before the break is put back, untimed",                    \
	}
#define OUTSTANDING OUTSTANDING_OF("1,64")

static const struct mp_axis grow_axes[] = {
	OUTSTANDING,
	SIZE,
	{ .name = "vma",
	  .kind = MP_AXIS_CHOICE,
	  .choices = vma_words,
	  .values = "extend",
	  .matrix = "extend,new",
	  .help = "does the growth extend the heap's mapping, or need a new one" },
};
static const struct mp_axis grow_same_axes[] = {
	OUTSTANDING_OF("1"),
	SIZE,
};
static const struct mp_axis crowd_axes[] = {
	{ .name = "processes",
	  .kind = MP_AXIS_COUNT,
	  .values = "cores",
	  .matrix = "1..cpus:x2",
	  .min = 1,
	  .max = MP_HEAP_CROWD + 1,
	  .scale = MP_SCALE_LOG2,
	  .help = "processes that move their breaks at the same time, each on a CPU of its own" },
};
static const struct mp_axis shrink_axes[] = {
	OUTSTANDING,
	SIZE,
	{ .name = "touched",
	  .kind = MP_AXIS_FLAG,
	  .values = "no,yes",
	  .help = "was every page written to before it is given back" },
};
static const struct mp_axis touch_axes[] = {
	{ .name = "range",
	  .kind = MP_AXIS_SIZE,
	  .values = "2M",
	  .matrix = "2M,64M",
	  .min = 4096,
	  .max = 1u << 30,
	  .whole_pages = true,
	  .scale = MP_SCALE_LOG2,
	  .help = "bytes of heap touched before they are given back" },
};

#define BOTH (MP_MODE_CALL | MP_MODE_BATCH)

static const struct mp_bench benches[] = {
	{
		.name = "brk.blocked",
		.summary = "raise the break into a neighbour",
		.timed = "one raw brk(2) that the kernel refuses because a mapping lies there, "
			 "under the mm lock",
		.unit = "call",
		.version = 1,
		.modes = BOTH,
		.state_size = sizeof(struct mp_heap),
		.setup = mp_brk_blocked_setup,
		.arm = forget_arm,
		.run = blocked_op_run,
		.check = mp_brk_blocked_check,
		.teardown = heap_teardown,
	},
	{
		.name = "brk.grow",
		.summary = "raise the break",
		.timed = "one raw brk(2) that grows the heap by size, with a resident page below; "
			 "no page is touched; putting the break back is outside",
		.unit = "call",
		.version = 1,
		.modes = BOTH,
		.bytes_axis = "size",
		MP_AXES(grow_axes),
		.state_size = sizeof(struct mp_heap),
		.legal = size_legal,
		.setup = grow_setup,
		.run = grow_op_run,
		.run_apart = grow_op_run_apart,
		.check = grow_check,
		.disarm = back_to_base,
		.teardown = heap_teardown,
	},
	{
		.name = "brk.grow_libc",
		.summary = "raise the break through libc: sbrk",
		.timed = "one sbrk(3) that grows the heap by size; no page is touched; putting the "
			 "break back is outside",
		.unit = "call",
		.version = 1,
		.modes = BOTH,
		.bytes_axis = "size",
		MP_AXES(grow_same_axes),
		.state_size = sizeof(struct mp_heap),
		.legal = size_legal,
		.setup = mp_brk_grow_libc_setup,
		.run = grow_libc_op_run,
		.run_apart = grow_libc_op_run_apart,
		.check = grow_check,
		.disarm = mp_brk_grow_libc_disarm,
		.teardown = mp_brk_grow_libc_teardown,
	},
	{
		.name = "brk.grow_locked",
		.summary = "raise the break under mlockall(MCL_FUTURE)",
		.timed = "one raw brk(2) that grows the heap by size and makes every page of it "
			 "present and locked; putting the break back is outside",
		.unit = "call",
		.version = 1,
		.modes = BOTH,
		.needs = MP_NEED_MEMLOCK,
		.bytes_axis = "size",
		MP_AXES(grow_same_axes),
		.state_size = sizeof(struct mp_heap),
		.legal = size_legal,
		.setup = mp_brk_grow_locked_setup,
		.run = grow_op_run,
		.run_apart = grow_op_run_apart,
		.check = mp_brk_grow_locked_check,
		.disarm = back_to_base,
		.teardown = mp_brk_grow_locked_teardown,
	},
	{
		.name = "brk.limit",
		.summary = "raise the break beyond RLIMIT_DATA",
		.timed = "one raw brk(2) that the kernel refuses because of RLIMIT_DATA, under the "
			 "mm lock; setting the limit is outside",
		.unit = "call",
		.version = 1,
		.modes = BOTH,
		.state_size = sizeof(struct mp_brk_limit),
		.setup = mp_brk_limit_setup,
		.arm = mp_brk_limit_arm,
		.run = limit_op_run,
		.check = mp_brk_limit_check,
		.disarm = mp_brk_limit_disarm,
		.teardown = mp_brk_limit_teardown,
	},
	{
		.name = "brk.mt",
		.summary =
			"raise the break by one page and lower it again, while other processes do "
			"the same",
		.timed = "two raw brk(2), up one page and down one page, with a resident page "
			 "below; the others run free on CPUs of their own",
		.unit = "pair",
		.version = 1,
		.modes = BOTH,
		MP_AXES(crowd_axes),
		.state_size = sizeof(struct mp_brk_crowd),
		.legal = mp_brk_crowd_legal,
		.setup = mp_brk_crowd_setup,
		.arm = forget_arm,
		.run = pair_op_run,
		.check = mp_brk_crowd_check,
		.teardown = mp_brk_crowd_teardown,
	},
	{
		.name = "brk.pair1",
		.summary = "raise the break by one page and lower it again",
		.timed = "two raw brk(2), up one page and down one page, with no resident page and "
			 "no "
			 "page table below; for comparison with other suites",
		.unit = "pair",
		.version = 1,
		.modes = BOTH,
		.state_size = sizeof(struct mp_heap),
		.setup = mp_brk_pair_setup,
		.arm = forget_arm,
		.run = pair_op_run,
		.check = mp_brk_pair_check,
		.teardown = heap_teardown,
	},
	{
		.name = "brk.pair1_resident",
		.summary = "raise the break by one page and lower it again, above a resident page",
		.timed = "two raw brk(2), up one page and down one page, with a resident page "
			 "below in "
			 "the same page table; for comparison with other suites",
		.unit = "pair",
		.version = 1,
		.modes = BOTH,
		.state_size = sizeof(struct mp_heap),
		.setup = mp_brk_pair_resident_setup,
		.arm = forget_arm,
		.run = pair_op_run,
		.check = mp_brk_pair_resident_check,
		.teardown = heap_teardown,
	},
	{
		.name = "brk.query",
		.summary = "ask the kernel for the break",
		.timed = "one raw brk(0)",
		.unit = "call",
		.version = 1,
		.modes = BOTH,
		.state_size = sizeof(struct mp_heap),
		.setup = query_setup,
		.arm = forget_arm,
		.run = query_op_run,
		.check = query_check,
	},
	{
		.name = "brk.query_libc",
		.summary = "ask libc for the break: sbrk(0)",
		.timed = "one sbrk(0) of libc, which need not enter the kernel",
		.unit = "call",
		.version = 1,
		.modes = BOTH,
		.state_size = sizeof(struct mp_heap),
		.setup = query_libc_setup,
		.arm = forget_arm,
		.run = query_libc_op_run,
		.check = query_check,
	},
	{
		.name = "brk.shrink",
		.summary = "lower the break",
		.timed =
			"one raw brk(2) that shrinks the heap by size, a resident page staying "
			"below; touched=yes: pages and what page tables they had to themselves are "
			"freed; growing and touching is outside",
		.unit = "call",
		.version = 1,
		.modes = BOTH,
		.bytes_axis = "size",
		MP_AXES(shrink_axes),
		.state_size = sizeof(struct mp_heap),
		.legal = size_legal,
		.setup = shrink_setup,
		.arm = shrink_arm,
		.run = shrink_op_run,
		.run_apart = shrink_op_run_apart,
		.check = shrink_check,
		.disarm = back_to_base,
		.teardown = heap_teardown,
	},
	{
		.name = "brk.touch",
		.summary = "store to a page of fresh heap",
		.timed = "one store that faults on heap just grown: the page is allocated, cleared "
			 "and "
			 "mapped, and every so often a page table with it; brk(2) is outside",
		.unit = "fault",
		.version = 1,
		.modes = BOTH,
		MP_AXES(touch_axes),
		.state_size = sizeof(struct mp_brk_touch),
		.legal = mp_brk_touch_legal,
		.setup = mp_brk_touch_setup,
		.arm = mp_range_arm,
		.run = touch_op_run,
		.check = mp_brk_touch_check,
		.disarm = mp_range_disarm,
		.teardown = mp_brk_touch_teardown,
	},
};

const struct mp_family mp_family_brk = MP_FAMILY("brk", "the end of the heap", benches);

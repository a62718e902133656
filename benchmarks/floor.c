/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * floor: what the machine charges for doing nothing. Measured in every run, stored with it, shown beside every
 * number: the clock pair, the empty loop, the null system call, the cost of an argument check in front of the
 * mm locks, an access to resident memory, and clearing a page in user space (the floor of a first touch).
 */
#include "benchmarks/bench.h"
#include "benchmarks/loop.h"
#include "benchmarks/support/partner.h"
#include "benchmarks/support/syscall.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* floor.loop: the empty operation, through the very loop that every benchmark uses */

static inline uint64_t empty_op(struct mp_ctx *ctx, uint64_t i)
{
	(void)ctx;
	(void)i;
	__asm__ volatile("" ::: "memory");
	return 1;
}
MP_DEFINE_RUN(empty_op)

static void all_succeeded(struct mp_ctx *ctx, uint64_t n)
{
	mp_expect_equal(ctx, "operations", n, ctx->succeeded);
}

/* floor.clockpair: one ordered clock read; chained, so a sample is one read after another */

static inline uint64_t clockpair_op(struct mp_ctx *ctx, uint64_t i)
{
	(void)i;
	return mp_clock_stop(ctx->clock) != 0;
}
MP_DEFINE_RUN(clockpair_op)

/* floor.getppid: the null system call. getppid because nothing caches it and it takes no lock. */

static inline uint64_t getppid_op(struct mp_ctx *ctx, uint64_t i)
{
	(void)ctx;
	(void)i;
	return mp_syscall0(SYS_getppid) > 0;
}
MP_DEFINE_RUN_FASTEST(getppid_op)

static inline uint64_t getppid_libc_op(struct mp_ctx *ctx, uint64_t i)
{
	(void)ctx;
	(void)i;
	return syscall(SYS_getppid) > 0;
}
MP_DEFINE_RUN(getppid_libc_op)

/* floor.mm_reject: system call dispatch and argument check of an mm call, no lock taken */

static inline uint64_t mmap_reject_op(struct mp_ctx *ctx, uint64_t i)
{
	(void)ctx;
	(void)i;
	return mp_sys_mmap(NULL, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == -EINVAL;
}
MP_DEFINE_RUN(mmap_reject_op)

static inline uint64_t madvise_reject_op(struct mp_ctx *ctx, uint64_t i)
{
	(void)i;
	return mp_sys_madvise(ctx->arena, 0, MADV_NORMAL) == 0;
}
MP_DEFINE_RUN(madvise_reject_op)

static inline uint64_t mprotect_reject_op(struct mp_ctx *ctx, uint64_t i)
{
	(void)i;
	return mp_sys_mprotect(ctx->arena + 1, 1, PROT_READ) == -EINVAL;
}
MP_DEFINE_RUN(mprotect_reject_op)

/* floor.access and floor.clear: a resident buffer in the arena */

struct buffer {
	char *base;
	uint64_t size; /* of the whole buffer */
	uint64_t step; /* floor.clear: bytes one operation clears */
	uint64_t steps; /* how many fit */
};

static int buffer_map(struct mp_ctx *ctx, uint64_t size, struct mp_err *err)
{
	struct buffer *b = ctx->state;
	void *base = mmap(ctx->arena, size, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	int ret;

	if (base == MAP_FAILED)
		return mp_err_env(err, -errno, "cannot map a buffer of %llu bytes: %s",
				  (unsigned long long)size, strerror(errno));
	/* Small pages, or the access cost would depend on when khugepaged comes by. A kernel without
	 * THP refuses the advice, which is as good. */
	madvise(base, size, MADV_NOHUGEPAGE);
	ret = mp_ctx_bind(ctx, base, size, err);
	if (ret)
		return ret;
	memset(base, 1, size);
	b->base = base;
	b->size = size;
	return 0;
}

/* A chain of pointers through the buffer, one per cache line, in random order: every load waits for the
 * one before it, and no prefetcher guesses the next. Sattolo 1986 (one cycle through all lines). */
static void chain(struct mp_ctx *ctx)
{
	struct buffer *b = ctx->state;
	uint64_t lines = b->size / 64;

	for (uint64_t i = 0; i < lines; i++)
		*(uint64_t *)(b->base + i * 64) = i;
	for (uint64_t i = lines - 1; i > 0; i--) {
		uint64_t j = mp_random_below(&ctx->random, i);
		uint64_t *x = (uint64_t *)(b->base + i * 64);
		uint64_t *y = (uint64_t *)(b->base + j * 64);
		uint64_t swap = *x;

		*x = *y;
		*y = swap;
	}
	for (uint64_t i = 0; i < lines; i++) {
		uint64_t *x = (uint64_t *)(b->base + i * 64);

		*x = (uint64_t)(b->base + *x * 64);
	}
	b->step = (uint64_t)b->base;
}

static int access_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	int ret = buffer_map(ctx, mp_ctx_number(ctx, "size"), err);

	if (!ret)
		chain(ctx);
	return ret;
}

static inline uint64_t access_op(struct mp_ctx *ctx, uint64_t i)
{
	struct buffer *b = ctx->state;

	(void)i;
	b->step = *(volatile uint64_t *)b->step;
	return 1;
}
MP_DEFINE_RUN(access_op)

static void access_check(struct mp_ctx *ctx, uint64_t n)
{
	struct buffer *b = ctx->state;

	mp_expect_equal(ctx, "operations", n, ctx->succeeded);
	mp_expect_true(ctx, "inside_buffer",
		       b->step >= (uint64_t)b->base && b->step < (uint64_t)b->base + b->size,
		       "the chain of loads stays in the buffer");
}

/* Twice the last-level cache would time DRAM; clearing within 8 MiB is what a freed page sees next. */
#define CLEAR_SPAN (8u << 20)

static int clear_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct buffer *b = ctx->state;
	uint64_t size = mp_ctx_number(ctx, "size");

	b->step = size;
	b->steps = size < CLEAR_SPAN ? CLEAR_SPAN / size : 1;
	return buffer_map(ctx, b->steps * size, err);
}

static int clear_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err)
{
	struct buffer *b = ctx->state;

	(void)n;
	(void)err;
	memset(b->base, 1, b->size);
	return 0;
}

static inline uint64_t clear_op(struct mp_ctx *ctx, uint64_t i)
{
	struct buffer *b = ctx->state;
	char *page = b->base + (i % b->steps) * b->step;

	memset(page, 0, b->step);
	__asm__ volatile("" ::"r"(page) : "memory");
	return 1;
}
MP_DEFINE_RUN(clear_op)

static void clear_check(struct mp_ctx *ctx, uint64_t n)
{
	struct buffer *b = ctx->state;
	uint64_t cleared = (n < b->steps ? n : b->steps) * b->step;
	uint64_t zero = 0;

	while (zero < cleared && !b->base[zero])
		zero += 64;
	mp_expect_equal(ctx, "bytes_cleared", cleared, zero);
}

/* floor.clear_nt: the same past the caches */

static inline uint64_t clear_nt_op(struct mp_ctx *ctx, uint64_t i)
{
	struct buffer *b = ctx->state;
	char *page = b->base + (i % b->steps) * b->step;

	for (uint64_t at = 0; at < b->step; at += 32) {
#if defined(__x86_64__)
		__asm__ volatile("movnti %1, (%0)\n\tmovnti %1, 8(%0)\n\t"
				 "movnti %1, 16(%0)\n\tmovnti %1, 24(%0)" ::"r"(page + at),
				 "r"(0ul)
				 : "memory");
#else
		__asm__ volatile("stnp xzr, xzr, [%0]\n\tstnp xzr, xzr, [%0, #16]" ::"r"(page + at)
				 : "memory");
#endif
	}
#if defined(__x86_64__)
	__asm__ volatile("sfence" ::: "memory");
#else
	__asm__ volatile("dmb ishst" ::: "memory");
#endif
	return 1;
}
MP_DEFINE_RUN(clear_nt_op)

/* floor.jitter: the same work again and again, without memory and without the kernel */

#define JITTER_ROUNDS 40000

static inline uint64_t jitter_op(struct mp_ctx *ctx, uint64_t i)
{
	uint64_t *chain_end = ctx->state;

	(void)i;
	*chain_end = mp_spin(*chain_end, JITTER_ROUNDS);
	return 1;
}
MP_DEFINE_RUN(jitter_op)

static int jitter_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	(void)err;
	*(uint64_t *)ctx->state = 3;
	return 0;
}

/* Powers of an odd number stay odd; without work it would still be 3. */
static void jitter_check(struct mp_ctx *ctx, uint64_t n)
{
	uint64_t chain_end = *(uint64_t *)ctx->state;

	mp_expect_equal(ctx, "operations", n, ctx->succeeded);
	mp_expect_true(ctx, "worked", chain_end != 3 && chain_end % 2, "the chain has moved on");
	*(uint64_t *)ctx->state = 3;
}

/* floor.barrier: two threads, each on its own CPU */

static int barrier_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_partner **p = ctx->state;

	return mp_partner_start(p, err);
}

static inline uint64_t barrier_op(struct mp_ctx *ctx, uint64_t i)
{
	struct mp_partner **p = ctx->state;

	(void)i;
	mp_partner_meet(*p);
	return 1;
}
MP_DEFINE_RUN(barrier_op)

static int barrier_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err)
{
	struct mp_partner **p = ctx->state;

	(void)n;
	(void)err;
	mp_partner_reset(*p);
	return 0;
}

static void barrier_check(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_partner **p = ctx->state;

	mp_expect_equal(ctx, "meetings", n, mp_partner_meetings(*p));
	mp_expect_true(ctx, "elsewhere", mp_partner_elsewhere(*p),
		       "the other thread runs on another CPU");
}

static void barrier_teardown(struct mp_ctx *ctx)
{
	struct mp_partner **p = ctx->state;

	mp_partner_stop(*p);
	*p = NULL;
}

static int barrier_legal(const struct mp_params *params, const struct mp_host *host,
			 struct mp_err *err)
{
	(void)params;
	if (host->cpus > 1)
		return 0;
	return mp_err_usage(err, -EINVAL, "there is one CPU: nobody to meet");
}

static const struct mp_axis access_axes[] = {
	{ .name = "size",
	  .kind = MP_AXIS_SIZE,
	  .values = "16K,64M",
	  .matrix = "16K,256K,4M,64M",
	  .min = 4096,
	  .max = 1u << 30,
	  .whole_pages = true,
	  .scale = MP_SCALE_LOG2,
	  .help = "bytes the random chain of loads runs through" },
};

static const struct mp_axis clear_axes[] = {
	{ .name = "size",
	  .kind = MP_AXIS_SIZE,
	  .values = "page",
	  .matrix = "page,hugepage",
	  .min = 4096,
	  .max = 1u << 30,
	  .whole_pages = true,
	  .scale = MP_SCALE_LOG2,
	  .help = "bytes one operation clears" },
};

static const struct mp_bench benches[] = {
	{
		.name = "floor.clockpair",
		.summary = "one ordered clock read after another",
		.timed = "one ordered read of the run's clock source, nothing else; every "
			 "call-mode sample "
			 "contains one",
		.unit = "read",
		.version = 1,
		.modes = MP_MODE_CALL | MP_MODE_BATCH,
		.run = clockpair_op_run,
		.check = all_succeeded,
	},
	{
		.name = "floor.loop",
		.summary = "the empty operation",
		.timed = "an operation that does nothing, through the loop every benchmark uses",
		.unit = "call",
		.version = 1,
		.modes = MP_MODE_CALL | MP_MODE_BATCH,
		.run = empty_op_run,
		.check = all_succeeded,
	},
	{
		.name = "floor.getppid",
		.summary = "the null system call: getppid(2), raw",
		.timed = "the system call instruction and the kernel's getppid, no function around "
			 "it: the least that a system call can cost",
		.unit = "call",
		.version = 1,
		.modes = MP_MODE_CALL | MP_MODE_BATCH,
		.run = getppid_op_run,
		.check = all_succeeded,
	},
	{
		.name = "floor.getppid_libc",
		.summary = "the null system call through libc's syscall(2)",
		.timed = "syscall(SYS_getppid): libc's wrapper and the kernel's getppid",
		.unit = "call",
		.version = 1,
		.modes = MP_MODE_CALL | MP_MODE_BATCH,
		.run = getppid_libc_op_run,
		.check = all_succeeded,
	},
	{
		.name = "floor.mmap_reject",
		.summary = "mmap(2) of length zero: refused before any lock",
		.timed = "the raw mmap call that returns EINVAL for its length; entry and argument "
			 "check without the mm lock",
		.unit = "call",
		.version = 1,
		.modes = MP_MODE_CALL | MP_MODE_BATCH,
		.run = mmap_reject_op_run,
		.check = all_succeeded,
	},
	{
		.name = "floor.madvise_reject",
		.summary = "madvise(2) of length zero: nothing to do",
		.timed = "the raw madvise call with length 0, which returns 0 before taking the mm "
			 "lock",
		.unit = "call",
		.version = 1,
		.modes = MP_MODE_CALL | MP_MODE_BATCH,
		.run = madvise_reject_op_run,
		.check = all_succeeded,
	},
	{
		.name = "floor.mprotect_reject",
		.summary = "mprotect(2) of an unaligned address: refused before any lock",
		.timed = "the raw mprotect call that returns EINVAL for its address",
		.unit = "call",
		.version = 1,
		.modes = MP_MODE_CALL | MP_MODE_BATCH,
		.run = mprotect_reject_op_run,
		.check = all_succeeded,
	},
	{
		.name = "floor.access",
		.summary = "one dependent load from resident memory",
		.timed = "one load of a random chain of pointers, one per 64 bytes, through a "
			 "resident "
			 "buffer of 4K-mapped pages; TLB misses included",
		.unit = "load",
		.version = 1,
		.binds_mappings = true,
		.modes = MP_MODE_BATCH,
		MP_AXES(access_axes),
		.state_size = sizeof(struct buffer),
		.setup = access_setup,
		.run = access_op_run,
		.check = access_check,
	},
	{
		.name = "floor.clear",
		.summary = "clearing resident memory in user space",
		.timed = "memset(3) of one piece of a resident 8 MiB buffer (or of the piece "
			 "itself when it "
			 "is larger), piece after piece: what zeroing costs in a first touch",
		.unit = "call",
		.version = 1,
		.binds_mappings = true,
		.modes = MP_MODE_CALL | MP_MODE_BATCH,
		.bytes_axis = "size",
		MP_AXES(clear_axes),
		.state_size = sizeof(struct buffer),
		.setup = clear_setup,
		.arm = clear_arm,
		.run = clear_op_run,
		.check = clear_check,
	},
	{
		.name = "floor.clear_nt",
		.summary = "clearing resident memory past the caches",
		.timed = "non-temporal stores (movnti, stnp) to one piece of a resident 8 MiB "
			 "buffer, "
			 "and the fence behind them, piece after piece",
		.unit = "call",
		.version = 1,
		.modes = MP_MODE_CALL | MP_MODE_BATCH,
		.bytes_axis = "size",
		MP_AXES(clear_axes),
		.state_size = sizeof(struct buffer),
		.setup = clear_setup,
		.arm = clear_arm,
		.run = clear_nt_op_run,
		.check = clear_check,
	},
	{
		.name = "floor.jitter",
		.summary = "the same computation again and again",
		.timed = "40,000 dependent multiplies, no memory and no kernel: what varies is the "
			 "machine",
		.unit = "work",
		.version = 1,
		.modes = MP_MODE_CALL | MP_MODE_BATCH,
		.state_size = sizeof(uint64_t),
		.setup = jitter_setup,
		.run = jitter_op_run,
		.check = jitter_check,
	},
	{
		.name = "floor.barrier",
		.summary = "two threads on two CPUs meet at a spin barrier",
		.timed = "arriving, until the other thread, which waits there already, has seen it "
			 "and its answer is back: a cache line there and back",
		.unit = "meeting",
		.version = 1,
		.modes = MP_MODE_CALL | MP_MODE_BATCH,
		.state_size = sizeof(struct mp_partner *),
		.legal = barrier_legal,
		.setup = barrier_setup,
		.arm = barrier_arm,
		.run = barrier_op_run,
		.check = barrier_check,
		.teardown = barrier_teardown,
	},
};

const struct mp_family mp_family_floor =
	MP_FAMILY("floor", "what the machine charges for doing nothing", benches);

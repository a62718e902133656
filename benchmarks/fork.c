/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fork: making processes, by the memory that the parent has. Between two calls, untimed, the child is killed and waited for,
 * and the parent stores to all of its memory again: every page is writable and its own when the next call begins, as in a
 * program that worked since.
 *
 * The child is bound to the parent's CPU, as the parent is. The parent's first store after fork is fault.cow_fork, the
 * child's is fork.cow_child.
 */
#include "benchmarks/bench.h"
#include "benchmarks/loop.h"
#include "benchmarks/support/cow_child.h"
#include "benchmarks/support/page.h"
#include "benchmarks/support/program.h"
#include "benchmarks/support/sleeper.h"
#include "benchmarks/support/space.h"
#include "benchmarks/support/syscall.h"
#include "benchmarks/support/vma.h"

#include <errno.h>
#include <linux/futex.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* State is in shared memory: what a child writes here, its parent reads. */
struct making {
	long pid; /* of the child; 0: none; negative: what the call answered */
	_Atomic unsigned spoken; /* 1: the child runs */
	long self;
	int status; /* of the last child that ended by itself */
	uint64_t wrong; /* programs that did not end as they should, since the last check */

	char *base;
	uint64_t size, step; /* bytes of the parent's memory, and from one store to the next */
	uint64_t passed_on; /* bytes from the base on that a child gets */

	struct mp_sleeper child;
	struct mp_program program;
	struct mp_pages pages;
	struct mp_vma_view view;
};

static inline void store_all(const struct making *s)
{
	for (uint64_t b = 0; b < s->size; b += s->step)
		*(volatile char *)(s->base + b) = 1;
}

/* The operations */

static inline uint64_t parent_op(struct mp_ctx *ctx, uint64_t i)
{
	struct making *s = ctx->state;
	long pid = mp_sys_fork();

	(void)i;
	if (!pid)
		mp_sleeper_sleep(s->self);
	s->pid = pid;
	return pid > 0;
}
MP_DEFINE_RUN(parent_op)

/* Ends the child, and makes the parent's memory its own again. */
static inline void parent_renew(struct mp_ctx *ctx)
{
	struct making *s = ctx->state;

	if (s->pid > 0) {
		mp_syscall3(SYS_kill, s->pid, SIGKILL, 0);
		mp_sys_wait(s->pid, NULL);
	}
	s->pid = 0;
	s->spoken = 0;
	store_all(s);
}
MP_DEFINE_RUN_APART(parent_op, parent_renew)

/* The child's first instruction is the store. */
static void speak(struct making *s)
{
	atomic_store(&s->spoken, 1);
	mp_syscall6(SYS_futex, (long)&s->spoken, FUTEX_WAKE, 1, 0, 0, 0);
	mp_sleeper_sleep(s->self);
}

static inline uint64_t child_op(struct mp_ctx *ctx, uint64_t i)
{
	struct making *s = ctx->state;
	long pid = mp_sys_fork();

	(void)i;
	if (!pid)
		speak(s);
	s->pid = pid;
	while (pid > 0 && !atomic_load(&s->spoken))
		mp_syscall6(SYS_futex, (long)&s->spoken, FUTEX_WAIT, 0, 0, 0, 0);
	return pid > 0;
}
MP_DEFINE_RUN(child_op)

static inline void child_renew(struct mp_ctx *ctx)
{
	parent_renew(ctx);
}
MP_DEFINE_RUN_APART(child_op, child_renew)

/* A function of its own: vfork returns twice into its frame, which the child must not leave. */
static __attribute__((noinline)) long vfork_exec(const char *path)
{
	char *const argv[] = { (char *)"program", NULL };
	char *const envp[] = { NULL };
	pid_t pid = vfork();

	if (!pid) {
		execve(path, argv, envp);
		_exit(127);
	}
	return pid < 0 ? -errno : pid;
}

static inline uint64_t vfork_op(struct mp_ctx *ctx, uint64_t i)
{
	struct making *s = ctx->state;

	(void)i;
	s->pid = vfork_exec(s->program.path);
	return s->pid > 0;
}
MP_DEFINE_RUN(vfork_op)

/* The program ends by itself. */
static inline void exec_renew(struct mp_ctx *ctx)
{
	struct making *s = ctx->state;

	if (s->pid > 0 && mp_sys_wait(s->pid, &s->status) == s->pid)
		s->wrong += s->status != MP_PROGRAM_STATUS << 8;
	s->pid = 0;
	store_all(s);
}
MP_DEFINE_RUN_APART(vfork_op, exec_renew)

static inline uint64_t spawn_op(struct mp_ctx *ctx, uint64_t i)
{
	char *const argv[] = { (char *)"program", NULL };
	char *const envp[] = { NULL };
	struct making *s = ctx->state;
	pid_t pid = 0;

	(void)i;
	s->pid = posix_spawn(&pid, s->program.path, NULL, NULL, argv, envp) ? -1 : pid;
	return s->pid > 0;
}
MP_DEFINE_RUN(spawn_op)

MP_DEFINE_RUN_APART(spawn_op, exec_renew)

/* fork.cow_child: the generated loop, in a child that is forked outside of what it times */

static inline uint64_t store_op(struct mp_ctx *ctx, uint64_t i)
{
	const struct mp_range *r = ctx->state;

	*(volatile char *)r->at[i] = r->mark;
	return 1;
}
MP_DEFINE_RUN(store_op)

static uint64_t cow_child_run(struct mp_ctx *ctx, uint64_t n, uint64_t *stamps, bool each)
{
	return mp_cow_child_run(ctx, n, stamps, each, store_op_run);
}

/* Setting up */

static int map_memory(struct mp_ctx *ctx, bool huge, struct mp_err *err)
{
	struct making *s = ctx->state;
	uint64_t span = mp_table_span(ctx->host->page_size);

	ctx->depth = 1;
	s->self = mp_syscall0(SYS_getpid);
	s->size = s->passed_on = mp_ctx_number(ctx, "size");
	s->step = huge ? ctx->host->hugepage_size : ctx->host->page_size;
	s->base = mmap(ctx->arena + span, s->size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
	if (s->base == MAP_FAILED)
		return mp_err_env(err, -errno, "cannot map the parent's memory: %s",
				  strerror(errno));
	/* A kernel without huge pages refuses either; small pages are what it gives anyway. */
	if (madvise(s->base, s->size, huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE) && huge)
		return mp_err_env(err, -errno, "cannot advise on huge pages: %s", strerror(errno));
	store_all(s);
	return mp_pages_open(&s->pages, ctx->host->page_size, err);
}

static int fork_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct making *s = ctx->state;
	int ret = map_memory(ctx, mp_ctx_is(ctx, "huge", "thp"), err);

	if (!ret && mp_params_find(ctx->params, "dontfork"))
		s->passed_on = mp_ctx_is(ctx, "dontfork", "all")    ? 0
			       : mp_ctx_is(ctx, "dontfork", "half") ? s->size / 2
								    : s->size;
	if (!ret && s->passed_on < s->size &&
	    madvise(s->base + s->passed_on, s->size - s->passed_on, MADV_DONTFORK))
		ret = mp_err_env(err, -errno, "cannot keep memory from children: %s",
				 strerror(errno));
	if (!ret)
		ret = mp_vma_open(&s->view, err);
	if (!ret && mp_params_find(ctx->params, "extra_vmas"))
		ret = mp_arena_fill(ctx, mp_ctx_number(ctx, "extra_vmas"), err);
	return ret;
}

static int exec_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct making *s = ctx->state;
	int ret = map_memory(ctx, false, err);

	return ret ? ret : mp_program_open(&s->program, err);
}

static int fork_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err)
{
	(void)n;
	(void)err;
	parent_renew(ctx);
	return 0;
}

static int exec_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err)
{
	struct making *s = ctx->state;

	(void)n;
	(void)err;
	s->status = 0;
	store_all(s);
	return 0;
}

static int fork_disarm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err)
{
	(void)n;
	(void)err;
	parent_renew(ctx);
	return 0;
}

static void making_teardown(struct mp_ctx *ctx)
{
	struct making *s = ctx->state;

	if (s->pid > 0)
		parent_renew(ctx);
	mp_program_close(&s->program);
	mp_pages_done(&s->pages);
	mp_vma_close(&s->view);
}

/* Proofs */

static uint64_t exclusive_pages(const struct making *s, uint64_t from, uint64_t bytes)
{
	struct mp_residency sum = { 0 };

	mp_pages_add(&s->pages, s->base + from, bytes / s->pages.page_size, &sum);
	return sum.exclusive;
}

/* The child is there, and has what it was to get: those pages belong to both now. */
static void fork_check(struct mp_ctx *ctx, uint64_t n)
{
	struct making *s = ctx->state;
	uint64_t kept = s->size - s->passed_on;
	struct mp_vma vma = { 0 };
	int ret;

	mp_expect_equal(ctx, "operations", n, ctx->succeeded);
	s->child.pid = s->pid > 0 ? (int)s->pid : 0;
	mp_expect_true(ctx, "child_alive", mp_sleeper_alive(&s->child), "the child sleeps");
	mp_expect_equal(ctx, "kept_pages", 0, exclusive_pages(s, 0, s->passed_on));
	mp_expect_equal(ctx, "own_pages", kept / s->pages.page_size,
			exclusive_pages(s, s->passed_on, kept));
	if (mp_params_find(ctx->params, "extra_vmas"))
		mp_expect_range(ctx, "vmas", mp_ctx_number(ctx, "extra_vmas"), UINT64_MAX,
				mp_vma_count(&s->view));
	ret = mp_vma_at(&s->pages, s->base, &vma);
	mp_expect_equal(ctx, "huge_bytes", mp_ctx_is(ctx, "huge", "thp") ? vma.end - vma.start : 0,
			ret ? UINT64_MAX : vma.anon_huge);
}

static void child_check(struct mp_ctx *ctx, uint64_t n)
{
	struct making *s = ctx->state;

	mp_expect_equal(ctx, "child_spoke", 1, s->spoken);
	fork_check(ctx, n);
}

static void exec_check(struct mp_ctx *ctx, uint64_t n)
{
	struct making *s = ctx->state;
	uint64_t pages = s->size / s->pages.page_size;
	bool exited;

	mp_expect_equal(ctx, "operations", n, ctx->succeeded);
	/* No page is given to a child, not even for a while. */
	mp_expect_equal(ctx, "own_pages", pages, exclusive_pages(s, 0, s->size));
	mp_expect_equal(ctx, "wrong_exits", 0, s->wrong);
	s->wrong = 0;
	exited = s->pid > 0 && mp_sys_wait(s->pid, &s->status) == s->pid && WIFEXITED(s->status);
	s->pid = 0;
	mp_expect_equal(ctx, "exit_status", MP_PROGRAM_STATUS,
			exited ? (uint64_t)WEXITSTATUS(s->status) : UINT64_MAX);
}

/* Cases */

static int size_legal(const struct mp_params *params, const struct mp_host *host,
		      struct mp_err *err)
{
	const struct mp_param *huge = mp_params_find(params, "huge");
	const struct mp_param *dontfork = mp_params_find(params, "dontfork");
	uint64_t bytes = mp_params_find(params, "size")->number;
	bool half = dontfork && !strcmp(dontfork->word, "half");

	if (bytes > host->memory_bytes / 4)
		return mp_err_usage(err, -EINVAL, "more than a quarter of the memory");
	if (half && bytes / 2 % host->page_size)
		return mp_err_usage(err, -EINVAL, "half of it is no whole number of pages");
	if (!huge || strcmp(huge->word, "thp") != 0)
		return 0;
	if (mp_thp_possible(host->hugepage_size, err))
		return -EINVAL;
	if (bytes % host->hugepage_size || (half && bytes / 2 % host->hugepage_size))
		return mp_err_usage(err, -EINVAL, "that is no whole number of huge pages");
	return 0;
}

static const char *const huges[] = { "none", "thp", NULL };
static const char *const shares[] = { "none", "half", "all", NULL };

#define SIZE(representative, all)                                                                  \
	{                                                                                          \
		.name = "size", .kind = MP_AXIS_SIZE, .values = (representative), .matrix = (all), \
		.min = 4096, .max = 1ULL << 32, .whole_pages = true, .scale = MP_SCALE_LOG2,       \
		.help = "bytes of anonymous memory that the parent has stored to"                  \
	}
#define HUGE(representative)                                                                       \
	{                                                                                          \
		.name = "huge", .kind = MP_AXIS_CHOICE, .values = (representative),                \
		.matrix = "none,thp", .choices = huges, .needy = { { "thp", MP_NEED_THP } },       \
		.help = "how that memory is mapped: base pages, or transparent huge pages"         \
	}

static const struct mp_axis parent_axes[] = {
	SIZE("2M,64M", "page,2M,64M,1G"),
	HUGE("none"),
	{ .name = "extra_vmas",
	  .kind = MP_AXIS_COUNT,
	  .values = "0",
	  .matrix = "0,1000,10000",
	  .max = 1000000,
	  .scale = MP_SCALE_LOG2,
	  .help = "mappings added to the process before, none of which merge" },
	{ .name = "dontfork",
	  .kind = MP_AXIS_CHOICE,
	  .values = "none",
	  .matrix = "none,half,all",
	  .choices = shares,
	  .help = "how much of that memory children do not get, by madvise(MADV_DONTFORK)" },
};
static const struct mp_axis child_axes[] = {
	SIZE("2M", "page,2M,64M,1G"),
	HUGE("none"),
};
static const struct mp_axis cow_axes[] = {
	{ .name = "range",
	  .kind = MP_AXIS_SIZE,
	  .values = "2M",
	  .matrix = "2M,64M",
	  .min = 4096,
	  .max = 1u << 30,
	  .whole_pages = true,
	  .scale = MP_SCALE_LOG2,
	  .help = "bytes of memory that the children share with their parent" },
};
static const struct mp_axis exec_axes[] = {
	SIZE("2M", "page,2M,64M,1G"),
};

#define COMMON                                                                                     \
	.unit = "call", .version = 1, .modes = MP_MODE_CALL, .state_size = sizeof(struct making),  \
	.legal = size_legal, .teardown = making_teardown

static const struct mp_bench benches[] = {
	{
		.name = "fork.child",
		.summary = "fork(2) until the child runs",
		.timed = "the raw clone call, the switch to the child on the same CPU, the store "
			 "that is its first instruction, and a futex that wakes the parent; ending "
			 "the child is outside",
		COMMON,
		MP_AXES(child_axes),
		.setup = fork_setup,
		.arm = fork_arm,
		.run = child_op_run,
		.run_apart = child_op_run_apart,
		.check = child_check,
		.disarm = fork_disarm,
	},
	{
		.name = "fork.cow_child",
		.summary = "the child's store to a page after fork",
		.timed = "one store of the child that faults on a page write-protected by fork(2), "
			 "which the parent has, too: it is copied; fork, the child's end and the "
			 "parent's waiting are outside",
		.unit = "fault",
		.version = 1,
		.modes = MP_MODE_CALL | MP_MODE_BATCH,
		MP_AXES(cow_axes),
		.state_size = sizeof(struct mp_cow_child),
		.legal = mp_cow_child_legal,
		.setup = mp_cow_child_setup,
		.arm = mp_cow_child_arm,
		.run = cow_child_run,
		.check = mp_cow_child_check,
		.disarm = mp_range_disarm,
		.teardown = mp_range_teardown,
	},
	{
		.name = "fork.parent",
		.summary = "fork(2) in the parent",
		.timed = "the raw clone call until it returns in the parent; what the child does, "
			 "ending it, and the stores that make the pages the parent's again are "
			 "outside",
		COMMON,
		MP_AXES(parent_axes),
		.setup = fork_setup,
		.arm = fork_arm,
		.run = parent_op_run,
		.run_apart = parent_op_run_apart,
		.check = fork_check,
		.disarm = fork_disarm,
	},
	{
		.name = "fork.posix_spawn",
		.summary = "posix_spawn(3) of the smallest program",
		.timed = "libc's posix_spawn of a program of three instructions in a memfd, which "
			 "returns when the child has begun to execute it; waiting for its end is "
			 "outside",
		COMMON,
		MP_AXES(exec_axes),
		.setup = exec_setup,
		.arm = exec_arm,
		.run = spawn_op_run,
		.run_apart = spawn_op_run_apart,
		.check = exec_check,
	},
	{
		.name = "fork.vfork_exec",
		.summary = "vfork(2) and execve(2) of the smallest program",
		.timed = "libc's vfork, and execve in the child of a program of three instructions "
			 "in a memfd, until vfork returns in the parent; waiting for the program's "
			 "end is outside",
		COMMON,
		MP_AXES(exec_axes),
		.setup = exec_setup,
		.arm = exec_arm,
		.run = vfork_op_run,
		.run_apart = vfork_op_run_apart,
		.check = exec_check,
	},
};

const struct mp_family mp_family_fork = MP_FAMILY("fork", "making processes", benches);

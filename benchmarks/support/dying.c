/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A child that holds memory until it is killed: see dying.h. No function of libc that takes a lock runs in it. */
#include "benchmarks/support/dying.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define STACK	 16384 /* of a sleeping thread */
#define PATIENCE 60000000000ULL /* ns until a child counts as stuck */

int mp_dying_legal(const struct mp_params *params, const struct mp_host *host, struct mp_err *err)
{
	uint64_t size = mp_params_find(params, "size")->number;

	if (size > host->memory_bytes / 4)
		return mp_err_usage(err, -EINVAL, "more than a quarter of the memory");
	if (!strcmp(mp_params_find(params, "huge")->word, "thp") &&
	    (!host->hugepage_size || size % host->hugepage_size))
		return mp_err_usage(err, -EINVAL, "the size is no multiple of the huge page");
	return 0;
}

int mp_dying_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_dying *d = ctx->state;

	ctx->depth = 1;
	d->size = mp_ctx_number(ctx, "size");
	d->huge = mp_ctx_is(ctx, "huge", "thp");
	d->threads = (unsigned)mp_ctx_number(ctx, "child_threads");
	d->word = mmap(NULL, sizeof(*d->word), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		       -1, 0);
	if (d->word == MAP_FAILED) {
		d->word = NULL;
		return mp_err_env(err, -errno, "cannot map memory to share with a child: %s",
				  strerror(errno));
	}
	return 0;
}

static int sleep_for_ever(void *argument)
{
	struct mp_dying_word *word = argument;

	atomic_fetch_add(&word->ready, 1);
	for (;;)
		mp_syscall6(SYS_ppoll, 0, 0, 0, 0, 0, 0);
	return 0;
}

/* Threads that share everything, without libc's knowledge: they do nothing. */
static int add_threads(const struct mp_dying *d)
{
	const int flags =
		CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM;
	char *stacks = mmap(NULL, (size_t)d->threads * STACK, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (stacks == MAP_FAILED)
		return errno;
	for (unsigned i = 1; i < d->threads; i++)
		if (clone(sleep_for_ever, stacks + (size_t)(i + 1) * STACK, flags, d->word) < 0)
			return errno;
	return 0;
}

static void child_main(const struct mp_ctx *ctx, long parent)
{
	const struct mp_dying *d = ctx->state;
	uint64_t step = d->huge ? ctx->host->hugepage_size : ctx->host->page_size;
	/* The arena is reserved and begins at the boundary of a huge page. */
	char *memory = mmap(ctx->arena, d->size, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	int failed = 0;

	mp_syscall6(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0, 0);
	if (mp_syscall0(SYS_getppid) != parent)
		mp_syscall3(SYS_exit_group, 0, 0, 0);
	if (memory == MAP_FAILED)
		failed = errno;
	else if (madvise(memory, d->size, d->huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE) && d->huge)
		failed = errno;
	for (uint64_t at = 0; !failed && at < d->size; at += step)
		*(volatile char *)(memory + at) = 1;
	if (!failed && d->threads > 1)
		failed = add_threads(d);
	atomic_store(&d->word->failed, failed);
	sleep_for_ever(d->word);
}

static int wait_ready(const struct mp_dying *d, struct mp_err *err)
{
	uint64_t begin = mp_clock_raw_ns();

	/* It needs this CPU. */
	while (atomic_load(&d->word->ready) < (int)d->threads && !atomic_load(&d->word->failed)) {
		sched_yield();
		if (mp_clock_raw_ns() - begin > PATIENCE)
			return mp_err_env(err, -ETIMEDOUT, "the child does not get to run");
	}
	if (atomic_load(&d->word->failed))
		return mp_err_env(err, -atomic_load(&d->word->failed),
				  "the child cannot touch its memory: %s",
				  strerror(atomic_load(&d->word->failed)));
	return 0;
}

/* The number behind `name` in a file of a process, kB as bytes; UINT64_MAX: unknown. */
static uint64_t field(int pid, const char *file, const char *name)
{
	char path[64], text[8192], *end;
	const char *at;
	uint64_t number;
	ssize_t got;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, file);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	got = fd >= 0 ? read(fd, text, sizeof(text) - 1) : -1;
	if (fd >= 0)
		close(fd);
	text[got > 0 ? got : 0] = '\0';
	at = strstr(text, name);
	if (!at)
		return UINT64_MAX;
	number = strtoull(at + strlen(name), &end, 10);
	return strncmp(end, " kB", 3) ? number : number * 1024;
}

int mp_dying_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err)
{
	struct mp_dying *d = ctx->state;
	uint64_t inherited = 0;
	int ret;
	long pid, self = mp_syscall0(SYS_getpid);

	(void)n;
	d->status = -1;
	/* What the child shares with its parent until one of them writes to it. */
	if (!d->looked)
		inherited = field(getpid(), "smaps_rollup", "\nAnonymous:");
	atomic_store(&d->word->ready, 0);
	atomic_store(&d->word->failed, 0);
	/* clone(SIGCHLD) is fork: a null stack, and no other argument is looked at */
	pid = mp_syscall6(SYS_clone, SIGCHLD, 0, 0, 0, 0, 0);
	if (!pid)
		child_main(ctx, self);
	if (pid < 0)
		return mp_err_env(err, (int)pid, "cannot fork: %s", strerror((int)-pid));
	d->pid = (int)pid;
	ret = wait_ready(d, err);
	if (ret || d->looked)
		return ret;
	d->resident = field(d->pid, "smaps_rollup", "\nAnonymous:") - inherited;
	d->huge_bytes = field(d->pid, "smaps_rollup", "\nAnonHugePages:");
	d->thread_count = field(d->pid, "status", "\nThreads:");
	d->looked = true;
	return 0;
}

void mp_dying_check(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_dying *d = ctx->state;
	/* Stacks of threads, and what parent or child wrote to since. */
	uint64_t threads = mp_ctx_number(ctx, "child_threads"), size = mp_ctx_number(ctx, "size");
	uint64_t slack = (threads + 64) * ctx->host->page_size;

	mp_expect_equal(ctx, "operations", n, ctx->succeeded);
	mp_expect_true(ctx, "killed", WIFSIGNALED(d->status) && WTERMSIG(d->status) == SIGKILL,
		       "the child ended by the signal");
	mp_expect_true(ctx, "gone", d->pid > 0 && kill(d->pid, 0) && errno == ESRCH,
		       "the process is reaped");
	if (!d->looked)
		return;
	mp_expect_range(ctx, "resident_before", size, size + slack, d->resident);
	mp_expect_equal(ctx, "huge_before", mp_ctx_is(ctx, "huge", "thp") ? size : 0,
			d->huge_bytes);
	mp_expect_equal(ctx, "threads_before", threads, d->thread_count);
	d->looked = false;
}

int mp_dying_disarm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err)
{
	struct mp_dying *d = ctx->state;

	(void)n;
	(void)err;
	/* Left alive when the operation was not performed. */
	if (d->pid > 0 && d->status == -1)
		mp_dying_end(d);
	d->pid = 0;
	return 0;
}

void mp_dying_teardown(struct mp_ctx *ctx)
{
	struct mp_dying *d = ctx->state;

	if (d->pid > 0 && d->status == -1)
		mp_dying_end(d);
	if (d->word)
		munmap(d->word, sizeof(*d->word));
}

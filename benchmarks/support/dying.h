/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A child made by fork(2) that touches memory of its own and then sleeps until it is killed: what exit.mm ends. It runs on the
 * CPU of its parent, which its end frees for the parent's return from wait4(2).
 */
#ifndef BENCHMARKS_SUPPORT_DYING_H
#define BENCHMARKS_SUPPORT_DYING_H

#include "benchmarks/bench.h"
#include "benchmarks/support/syscall.h"

#include <signal.h>
#include <stdatomic.h>

#define MP_DYING_THREADS 64

/* What the child tells, in memory that both share. */
struct mp_dying_word {
	_Atomic int ready; /* the threads that sleep, and the memory is touched */
	_Atomic int failed; /* errno */
};

struct mp_dying {
	int pid; /* 0: none */
	int status; /* as wait4 told it */
	uint64_t size;
	bool huge;
	unsigned threads;
	struct mp_dying_word *word;

	/* What the kernel said of the child before its end. */
	uint64_t resident, huge_bytes, thread_count;
	bool looked;
};

/* The operation. 1 when the child is gone. */
static inline uint64_t mp_dying_end(struct mp_dying *d)
{
	mp_syscall3(SYS_kill, d->pid, SIGKILL, 0);
	return mp_syscall6(SYS_wait4, d->pid, (long)&d->status, 0, 0, 0, 0) == d->pid;
}

int mp_dying_legal(const struct mp_params *params, const struct mp_host *host, struct mp_err *err);
int mp_dying_setup(struct mp_ctx *ctx, struct mp_err *err);
int mp_dying_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err); /* one child */
void mp_dying_check(struct mp_ctx *ctx, uint64_t n);
int mp_dying_disarm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err);
void mp_dying_teardown(struct mp_ctx *ctx);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Other processes that move the ends of their heaps: see heap.h. System calls are raw: no handler of libc's fork may run. */
#include "benchmarks/support/heap.h"

#include "benchmarks/support/cpu.h"
#include "benchmarks/support/privilege.h"
#include "benchmarks/support/syscall.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#define PATIENCE 10000000000ULL /* ns until a child counts as stuck, on a busy machine */

/* What one child tells. */
struct mp_heap_turns {
	_Atomic uint64_t pairs; /* done so far */
	_Atomic int cpu; /* it runs on; -1: not yet */
	_Atomic int failed; /* errno of its start */
} __attribute__((aligned(64)));

static void child_main(const struct mp_heap *heap, struct mp_heap_turns *turns, int caller_cpu,
		       long parent)
{
	int failed = mp_cpu_leave(caller_cpu);

	mp_syscall6(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0, 0);
	mp_privilege_drop_all();
	atomic_store(&turns->failed, failed);
	atomic_store(&turns->cpu, sched_getcpu());
	while (!failed && mp_syscall0(SYS_getppid) == parent)
		for (int i = 0; i < 1000; i++) {
			mp_sys_brk(heap->base + heap->size);
			mp_sys_brk(heap->base);
			atomic_fetch_add_explicit(&turns->pairs, 1, memory_order_relaxed);
		}
	for (;;)
		mp_syscall3(SYS_exit_group, 0, 0, 0);
}

static int await_one(const struct mp_heap_turns *turns, struct mp_err *err)
{
	uint64_t begin = mp_clock_raw_ns();
	int failed;

	while (atomic_load(&turns->cpu) < 0 || !atomic_load(&turns->pairs)) {
		failed = atomic_load(&turns->failed);
		if (failed)
			return mp_err_env(err, -failed,
					  "a child may run on no other CPU (%s): give memperf at "
					  "least two CPUs",
					  strerror(failed));
		if (mp_clock_raw_ns() - begin > PATIENCE)
			return mp_err_env(err, -ETIMEDOUT, "a child does not get to run");
		sched_yield();
	}
	return 0;
}

int mp_heap_crowd_start(struct mp_heap_crowd *crowd, const struct mp_heap *heap, unsigned count,
			struct mp_err *err)
{
	long self = mp_syscall0(SYS_getpid);
	int ret = 0;

	if (!count)
		return 0;
	crowd->caller_cpu = sched_getcpu();
	crowd->turns = mmap(NULL, count * sizeof(*crowd->turns), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (crowd->turns == MAP_FAILED) {
		crowd->turns = NULL;
		return mp_err_env(err, -errno, "cannot map memory to share with children: %s",
				  strerror(errno));
	}
	for (unsigned i = 0; i < count && !ret; i++) {
		long pid;

		atomic_store(&crowd->turns[i].cpu, -1);
		/* clone(SIGCHLD) is fork: a null stack, and no other argument is looked at */
		pid = mp_syscall6(SYS_clone, SIGCHLD, 0, 0, 0, 0, 0);
		if (!pid)
			child_main(heap, &crowd->turns[i], crowd->caller_cpu, self);
		if (pid < 0)
			return mp_err_env(err, (int)pid, "cannot fork: %s", strerror((int)-pid));
		crowd->pids[crowd->count++] = (int)pid;
		ret = await_one(&crowd->turns[i], err);
	}
	return ret;
}

void mp_heap_crowd_stop(struct mp_heap_crowd *crowd)
{
	for (unsigned i = 0; i < crowd->count; i++) {
		mp_syscall3(SYS_kill, crowd->pids[i], SIGKILL, 0);
		while (mp_syscall6(SYS_wait4, crowd->pids[i], 0, 0, 0, 0, 0) == -EINTR)
			;
	}
	crowd->count = 0;
}

unsigned mp_heap_crowd_working(const struct mp_heap_crowd *crowd)
{
	unsigned working = 0;

	for (unsigned i = 0; i < crowd->count; i++) {
		uint64_t before = atomic_load(&crowd->turns[i].pairs), begin = mp_clock_raw_ns();

		/* It may be off its CPU for a while, on a shared machine. */
		while (atomic_load(&crowd->turns[i].pairs) == before &&
		       mp_clock_raw_ns() - begin < PATIENCE)
			mp_cpu_relax();
		working += atomic_load(&crowd->turns[i].pairs) != before;
	}
	return working;
}

unsigned mp_heap_crowd_elsewhere(const struct mp_heap_crowd *crowd)
{
	unsigned elsewhere = 0;

	for (unsigned i = 0; i < crowd->count; i++)
		elsewhere += atomic_load(&crowd->turns[i].cpu) != sched_getcpu();
	return elsewhere;
}

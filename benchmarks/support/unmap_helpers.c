/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The helper threads of munmap.shootdown: see unmap.h. A generation number starts them; while the calls are
 * timed they either spin in user mode, so that their CPU has the address space loaded and must be
 * interrupted, or sleep on a futex, so that their CPU may have left it (lazy TLB).
 */
#include "benchmarks/support/unmap.h"
#include "benchmarks/support/cpu.h"
#include "benchmarks/support/privilege.h"
#include "benchmarks/support/syscall.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define STACK (256u << 10)
#define PATIENCE                                                                                   \
	10000000000ull /* ns until a helper counts as lost; on a busy machine it may wait long */

struct helper {
	struct mp_unmap_helpers *team;
	pthread_t thread;
	int tid, stat; /* its /proc/self/task/<tid>/stat; -1: none */
	int failed; /* errno of its start; 0: it runs */
	_Atomic unsigned done; /* the last generation it finished */
	_Atomic unsigned turns; /* of its spinning */
	unsigned turns_seen;
	uint64_t loads;
	int cpu;
};

struct mp_unmap_helpers {
	_Atomic unsigned generation __attribute__((aligned(64)));
	bool stop, sleep;
	/* the job: valid from a change of the generation until all are done */
	const uint64_t *at;
	uint64_t n, size, step;
	uint64_t
		slices; /* filling: the object is stored to in so many, the first by the caller; 0: loading */
	int caller_cpu;
	unsigned count;
	struct helper helpers[MP_UNMAP_HELPERS] __attribute__((aligned(64)));
};

static long futex(_Atomic unsigned *word, int operation, unsigned value)
{
	return mp_syscall6(SYS_futex, (long)word, operation | FUTEX_PRIVATE_FLAG, (long)value, 0, 0,
			   0);
}

/* The next generation after `seen`. */
static unsigned await(struct helper *h, unsigned seen)
{
	struct mp_unmap_helpers *team = h->team;
	unsigned now;

	while ((now = atomic_load_explicit(&team->generation, memory_order_acquire)) == seen) {
		if (team->sleep) {
			futex(&team->generation, FUTEX_WAIT, seen);
		} else {
			atomic_store_explicit(
				&h->turns,
				atomic_load_explicit(&h->turns, memory_order_relaxed) + 1,
				memory_order_relaxed);
			mp_cpu_relax();
		}
	}
	return now;
}

/* Stores to the touches of slice `number`. Returns how many. */
static uint64_t fill(const struct mp_unmap_helpers *team, uint64_t number)
{
	uint64_t touches = team->size / team->step;
	uint64_t first = touches * number / team->slices;
	uint64_t end = touches * (number + 1) / team->slices;

	for (uint64_t i = first; i < end; i++)
		*(volatile char *)(team->at[0] + i * team->step) = 1;
	return end - first;
}

static void *helper_main(void *argument)
{
	struct helper *h = argument;
	struct mp_unmap_helpers *team = h->team;
	unsigned generation = 0;

	mp_privilege_drop_all();
	h->failed = mp_cpu_leave(team->caller_cpu);
	h->tid = (int)mp_syscall0(SYS_gettid);
	atomic_store_explicit(&h->done, 1, memory_order_release);
	if (h->failed)
		return NULL;
	generation = 1;
	for (;;) {
		uint64_t loads = 0;

		generation = await(h, generation);
		if (team->stop)
			return NULL;
		if (team->slices)
			loads = fill(team, (uint64_t)(h - team->helpers) + 1);
		for (uint64_t i = 0; i < team->n && !team->slices; i++)
			for (uint64_t b = 0; b < team->size; b += team->step) {
				(void)*(volatile char *)(team->at[i] + b);
				loads++;
			}
		h->loads = loads;
		h->cpu = sched_getcpu();
		atomic_store_explicit(&h->done, generation, memory_order_release);
	}
}

/* Until every helper has finished that generation. */
static int await_all(struct mp_unmap_helpers *team, unsigned generation, struct mp_err *err)
{
	uint64_t begin = mp_clock_raw_ns();

	for (unsigned i = 0; i < team->count; i++)
		while (atomic_load_explicit(&team->helpers[i].done, memory_order_acquire) !=
		       generation) {
			mp_cpu_relax();
			if (mp_clock_raw_ns() - begin > PATIENCE)
				return mp_err_env(err, -ETIMEDOUT,
						  "helper thread %u does not get to run: is its "
						  "CPU busy?",
						  i);
		}
	return 0;
}

/* The state letter of a helper, third field of its stat file: 'S' sleeps. proc_pid_stat(5). */
static char state(const struct helper *h)
{
	char text[256];
	ssize_t got = h->stat >= 0 ? pread(h->stat, text, sizeof(text) - 1, 0) : -1;
	const char *end;

	text[got > 0 ? got : 0] = '\0';
	end = strrchr(text, ')');
	return end && end[1] ? end[2] : '?';
}

static void await_sleep(const struct mp_unmap_helpers *team)
{
	uint64_t begin = mp_clock_raw_ns();

	for (unsigned i = 0; i < team->count; i++)
		while (state(&team->helpers[i]) != 'S' && mp_clock_raw_ns() - begin < PATIENCE)
			mp_cpu_relax();
}

static int start_one(struct mp_unmap_helpers *team, struct mp_err *err)
{
	struct helper *h = &team->helpers[team->count];
	pthread_attr_t attr;
	char path[64];
	int ret;

	h->team = team;
	h->stat = -1;
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK);
	ret = pthread_create(&h->thread, &attr, helper_main, h);
	pthread_attr_destroy(&attr);
	if (ret)
		return mp_err_env(err, -ret, "cannot start a helper thread: %s", strerror(ret));
	team->count++;
	while (!atomic_load_explicit(&h->done, memory_order_acquire))
		sched_yield();
	if (h->failed)
		return mp_err_env(err, -h->failed,
				  "a helper thread may run on no other CPU (%s): give memperf at "
				  "least two CPUs",
				  strerror(h->failed));
	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", h->tid);
	h->stat = open(path, O_RDONLY | O_CLOEXEC);
	return 0;
}

int mp_unmap_helpers_start(unsigned count, bool sleep, struct mp_unmap_helpers **ret_helpers,
			   struct mp_err *err)
{
	struct mp_unmap_helpers *team;
	int ret = 0;

	if (count > MP_UNMAP_HELPERS)
		return mp_err_usage(err, -EINVAL, "%u helper threads: %u at most", count,
				    MP_UNMAP_HELPERS);
	team = aligned_alloc(64, sizeof(*team));
	if (!team)
		return mp_err_env(err, -ENOMEM, "out of memory for helper threads");
	memset(team, 0, sizeof(*team));
	team->sleep = sleep;
	team->generation = 1;
	team->caller_cpu = sched_getcpu();
	for (unsigned i = 0; !ret && i < count; i++)
		ret = start_one(team, err);
	if (ret)
		mp_unmap_helpers_stop(team);
	else
		*ret_helpers = team;
	return ret;
}

static unsigned advance(struct mp_unmap_helpers *team)
{
	unsigned next = atomic_load_explicit(&team->generation, memory_order_relaxed) + 1;

	atomic_store_explicit(&team->generation, next, memory_order_release);
	if (team->sleep)
		futex(&team->generation, FUTEX_WAKE, INT_MAX);
	return next;
}

void mp_unmap_helpers_stop(struct mp_unmap_helpers *team)
{
	if (!team)
		return;
	team->stop = true;
	advance(team);
	for (unsigned i = 0; i < team->count; i++) {
		pthread_join(team->helpers[i].thread, NULL);
		if (team->helpers[i].stat >= 0)
			close(team->helpers[i].stat);
	}
	free(team);
}

int mp_unmap_helpers_touch(struct mp_unmap_helpers *team, const uint64_t *at, uint64_t n,
			   uint64_t size, uint64_t step, struct mp_err *err)
{
	int ret;

	team->slices = 0;
	team->at = at;
	team->n = n;
	team->size = size;
	team->step = step;
	ret = await_all(team, advance(team), err);
	if (!ret && team->sleep)
		await_sleep(team);
	for (unsigned i = 0; i < team->count; i++)
		team->helpers[i].turns_seen =
			atomic_load_explicit(&team->helpers[i].turns, memory_order_relaxed);
	return ret;
}

int mp_unmap_helpers_fill(struct mp_unmap_helpers *team, uint64_t at, uint64_t size, uint64_t step,
			  struct mp_err *err)
{
	unsigned generation;
	int ret;

	team->at = &at;
	team->size = size;
	team->step = step;
	team->slices = team->count + 1;
	generation = advance(team);
	fill(team, 0);
	ret = await_all(team, generation, err);
	if (!ret && team->sleep)
		await_sleep(team);
	return ret;
}

static bool rests(struct mp_unmap_helpers *team, struct helper *h)
{
	uint64_t begin = mp_clock_raw_ns();

	if (team->sleep)
		return state(h) == 'S';
	/* it may be off its CPU for a while, on a shared machine */
	while (atomic_load_explicit(&h->turns, memory_order_relaxed) == h->turns_seen)
		if (mp_clock_raw_ns() - begin > PATIENCE)
			return false;
	return true;
}

void mp_unmap_helpers_look(struct mp_unmap_helpers *team, struct mp_unmap_helped *ret)
{
	int cpu = sched_getcpu();

	*ret = (struct mp_unmap_helped){ 0 };
	for (unsigned i = 0; i < team->count; i++) {
		struct helper *h = &team->helpers[i];

		ret->loads += h->loads;
		ret->elsewhere += h->cpu != cpu;
		ret->resting += rests(team, h);
	}
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Threads that keep dirtying a file: see sync.h. */
#include "benchmarks/support/sync.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "benchmarks/support/cpu.h"
#include "benchmarks/support/privilege.h"

#define MOST  64
#define STACK (64u << 10)

struct peer {
	_Atomic uint64_t stores __attribute__((aligned(64)));
	_Atomic int cpu; /* -1: not started */
	struct mp_sync_peers *all;
	pthread_t thread;
};

struct mp_sync_peers {
	struct peer peer[MOST];
	_Atomic bool stop;
	unsigned count;
	int caller_cpu;
	_Atomic int failed; /* errno of a start */
	char *base;
	uint64_t size, page;
};

static void *dirty(void *argument)
{
	struct peer *p = argument;
	const struct mp_sync_peers *all = p->all;
	uint64_t stores = 0;
	int failed = mp_cpu_leave(all->caller_cpu);

	mp_privilege_drop_all();
	if (failed)
		atomic_store(&p->all->failed, failed);
	atomic_store(&p->cpu, sched_getcpu());
	for (uint64_t at = 0; !failed && !atomic_load_explicit(&all->stop, memory_order_relaxed);
	     at = (at + all->page) % all->size) {
		*(volatile char *)(all->base + at) = (char)stores;
		atomic_store_explicit(&p->stores, ++stores, memory_order_relaxed);
		mp_cpu_relax();
	}
	return NULL;
}

static int start(struct mp_sync_peers *all, unsigned count)
{
	pthread_attr_t attr;
	int ret = 0;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK);
	for (; !ret && all->count < count; all->count += !ret) {
		struct peer *p = &all->peer[all->count];

		p->all = all;
		p->cpu = -1;
		ret = pthread_create(&p->thread, &attr, dirty, p);
		while (!ret && atomic_load(&p->cpu) < 0)
			sched_yield();
	}
	pthread_attr_destroy(&attr);
	return ret ? ret : atomic_load(&all->failed);
}

int mp_sync_peers_start(unsigned count, int fd, uint64_t size, uint64_t page,
			struct mp_sync_peers **ret_peers, struct mp_err *err)
{
	struct mp_sync_peers *all = aligned_alloc(64, sizeof(*all));
	int ret;

	if (!all)
		return mp_err_env(err, -ENOMEM, "out of memory for writers");
	memset(all, 0, sizeof(*all));
	all->caller_cpu = sched_getcpu();
	all->size = size;
	all->page = page;
	all->base = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (all->base == MAP_FAILED) {
		ret = errno;
		free(all);
		return mp_err_env(err, -ret, "cannot map the file for writers: %s", strerror(ret));
	}
	ret = start(all, count < MOST ? count : MOST);
	if (ret) {
		mp_sync_peers_stop(all);
		return mp_err_env(err, -ret,
				  "cannot start a writer on another CPU (%s): give memperf at "
				  "least two CPUs",
				  strerror(ret));
	}
	*ret_peers = all;
	return 0;
}

void mp_sync_peers_pause(struct mp_sync_peers *all)
{
	atomic_store(&all->stop, true);
	for (; all->count; all->count--)
		pthread_join(all->peer[all->count - 1].thread, NULL);
}

void mp_sync_peers_stop(struct mp_sync_peers *all)
{
	if (!all)
		return;
	mp_sync_peers_pause(all);
	munmap(all->base, all->size);
	free(all);
}

/* Each may be between its store and the counting of it: one more than there are peers has begun since. */
uint64_t mp_sync_peers_await(const struct mp_sync_peers *all)
{
	uint64_t want = mp_sync_peers_stores(all) + all->count + 1, now;

	while ((now = mp_sync_peers_stores(all)) < want && !atomic_load(&all->stop))
		mp_cpu_relax();
	return now;
}

uint64_t mp_sync_peers_stores(const struct mp_sync_peers *all)
{
	uint64_t stores = 0;

	for (unsigned i = 0; i < all->count; i++)
		stores += atomic_load_explicit(&all->peer[i].stores, memory_order_relaxed);
	return stores;
}

unsigned mp_sync_peers_elsewhere(const struct mp_sync_peers *all)
{
	unsigned elsewhere = 0;

	for (unsigned i = 0; i < all->count; i++)
		elsewhere += atomic_load(&all->peer[i].cpu) != all->caller_cpu;
	return all->caller_cpu == sched_getcpu() ? elsewhere : 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A second thread that answers: see partner.h. */
#include "benchmarks/support/partner.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "benchmarks/support/cpu.h"
#include "benchmarks/support/privilege.h"

#define STACK (256u << 10)

static void *answer(void *argument)
{
	struct mp_partner *p = argument;
	uint64_t seen = 0, now;

	mp_privilege_drop_all();
	p->failed = mp_cpu_leave(p->caller_cpu);
	atomic_store_explicit(&p->cpu, sched_getcpu(), memory_order_release);
	if (p->failed)
		return NULL;
	for (;;) {
		while ((now = atomic_load_explicit(&p->called, memory_order_acquire)) == seen) {
			mp_cpu_relax();
		}
		if (now == UINT64_MAX)
			return NULL;
		seen = now;
		atomic_store_explicit(&p->answered, seen, memory_order_release);
	}
}

int mp_partner_start(struct mp_partner **ret_partner, struct mp_err *err)
{
	struct mp_partner *p = aligned_alloc(64, sizeof(*p));
	pthread_attr_t attr;
	pthread_t thread;
	int ret;

	if (!p)
		return mp_err_env(err, -ENOMEM, "out of memory for a second thread");
	memset(p, 0, sizeof(*p));
	p->cpu = -1;
	p->caller_cpu = sched_getcpu();
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK);
	ret = pthread_create(&thread, &attr, answer, p);
	pthread_attr_destroy(&attr);
	if (ret) {
		free(p);
		return mp_err_env(err, -ret, "cannot start a second thread: %s", strerror(ret));
	}
	p->thread = thread;
	while (atomic_load_explicit(&p->cpu, memory_order_acquire) < 0)
		sched_yield();
	if (p->failed) {
		ret = mp_err_env(
			err, -p->failed,
			"a second thread may run on no other CPU (%s): give memperf at least "
			"two CPUs",
			strerror(p->failed));
		mp_partner_stop(p);
		return ret;
	}
	*ret_partner = p;
	return 0;
}

void mp_partner_stop(struct mp_partner *p)
{
	if (!p)
		return;
	atomic_store_explicit(&p->called, UINT64_MAX, memory_order_release);
	pthread_join(p->thread, NULL);
	free(p);
}

void mp_partner_reset(struct mp_partner *p)
{
	p->from = atomic_load_explicit(&p->called, memory_order_relaxed);
}

uint64_t mp_partner_meetings(const struct mp_partner *p)
{
	return atomic_load_explicit(&p->answered, memory_order_acquire) - p->from;
}

bool mp_partner_elsewhere(const struct mp_partner *p)
{
	return p->cpu != sched_getcpu();
}

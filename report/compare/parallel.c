/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All pairs of a comparison on all CPUs: pairs do not depend on each other, so each thread takes the next few. */
#include "report/compare/internal.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#define THREADS_MAX 16
/* Below this a thread costs more than it saves. */
#define PAIRS_LEAST 500

struct job {
	size_t n;
	mp_pairs_step *step;
	void *user;
	atomic_size_t next; /* pair that nobody has taken yet */
	atomic_int rc; /* of the first that failed: then no more are taken */
};

static void *run(void *argument)
{
	struct mp_compare_work work = { 0 };
	struct job *job = argument;
	size_t first;
	int rc = 0;

	while (!rc && !job->rc && (first = atomic_fetch_add(&job->next, MP_PAIRS_TAKEN)) < job->n) {
		size_t end = job->n - first < MP_PAIRS_TAKEN ? job->n : first + MP_PAIRS_TAKEN;

		rc = job->step(job->user, &work, first, end);
	}
	if (rc) {
		int none = 0;

		atomic_compare_exchange_strong(&job->rc, &none, rc);
	}
	mp_compare_work_done(&work);
	return NULL;
}

int mp_each_pairs(size_t n_pairs, mp_pairs_step *step, void *user)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	size_t n = cpus > 1 ? (size_t)cpus : 1, started = 0;
	struct job job = { .n = n_pairs, .step = step, .user = user };
	pthread_t threads[THREADS_MAX];

	n = n > THREADS_MAX ? THREADS_MAX : n;
	n = n > 1 + n_pairs / PAIRS_LEAST ? 1 + n_pairs / PAIRS_LEAST : n;
	/* This thread works, too, and alone where no other can be had. */
	while (started + 1 < n && !pthread_create(&threads[started], NULL, run, &job))
		started++;
	run(&job);
	for (size_t t = 0; t < started; t++)
		pthread_join(threads[t], NULL);
	return job.rc;
}

struct held {
	struct mp_comparison *c;
	mp_pair_step *step;
};

static int step_held(void *user, struct mp_compare_work *work, size_t first, size_t end)
{
	const struct held *held = user;
	int rc = 0;

	for (size_t i = first; !rc && i < end; i++)
		rc = held->step(work, held->c, &held->c->pairs[i]);
	return rc;
}

int mp_each_pair(struct mp_comparison *c, mp_pair_step *step)
{
	struct held held = { c, step };

	return mp_each_pairs(c->n_pairs, step_held, &held);
}

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
/* Taken at a time: few enough that no thread waits long for the last one, on CPUs that others use, too. */
#define PAIRS_TAKEN 64

struct job {
	struct mp_comparison *c;
	mp_pair_step *step;
	atomic_size_t next; /* pair that nobody has taken yet */
	atomic_int rc; /* of the first that failed: then no more are taken */
};

static void *run(void *argument)
{
	struct mp_compare_work work = { 0 };
	struct job *job = argument;
	const size_t n = job->c->n_pairs;
	size_t first;
	int rc = 0;

	while (!rc && !job->rc && (first = atomic_fetch_add(&job->next, PAIRS_TAKEN)) < n) {
		size_t end = n - first < PAIRS_TAKEN ? n : first + PAIRS_TAKEN;

		for (size_t i = first; !rc && i < end; i++)
			rc = job->step(&work, job->c, &job->c->pairs[i]);
	}
	if (rc) {
		int none = 0;

		atomic_compare_exchange_strong(&job->rc, &none, rc);
	}
	mp_compare_work_done(&work);
	return NULL;
}

int mp_each_pair(struct mp_comparison *c, mp_pair_step *step)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	size_t n = cpus > 1 ? (size_t)cpus : 1, started = 0;
	struct job job = { .c = c, .step = step };
	pthread_t threads[THREADS_MAX];

	n = n > THREADS_MAX ? THREADS_MAX : n;
	n = n > 1 + c->n_pairs / PAIRS_LEAST ? 1 + c->n_pairs / PAIRS_LEAST : n;
	/* This thread works, too, and alone where no other can be had. */
	while (started + 1 < n && !pthread_create(&threads[started], NULL, run, &job))
		started++;
	run(&job);
	for (size_t t = 0; t < started; t++)
		pthread_join(threads[t], NULL);
	return job.rc;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All pairs of a comparison on all CPUs: pairs do not depend on each other, so each thread takes a range. */
#include "report/compare/internal.h"

#include <errno.h>
#include <pthread.h>
#include <unistd.h>

#define THREADS_MAX 16
/* Below this a thread costs more than it saves. */
#define PAIRS_LEAST 500

struct part {
	struct mp_comparison *c;
	size_t first, end;
	mp_pair_step *step;
	int rc;
};

static void *run(void *argument)
{
	struct mp_compare_work work = { 0 };
	struct part *part = argument;

	for (size_t i = part->first; !part->rc && i < part->end; i++)
		part->rc = part->step(&work, part->c, &part->c->pairs[i]);
	mp_compare_work_done(&work);
	return NULL;
}

int mp_each_pair(struct mp_comparison *c, mp_pair_step *step)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	size_t n = cpus > 1 ? (size_t)cpus : 1, started = 0;
	struct part parts[THREADS_MAX];
	pthread_t threads[THREADS_MAX];
	int rc = 0;

	n = n > THREADS_MAX ? THREADS_MAX : n;
	n = n > 1 + c->n_pairs / PAIRS_LEAST ? 1 + c->n_pairs / PAIRS_LEAST : n;
	for (size_t t = 0; t < n; t++)
		parts[t] =
			(struct part){ c, c->n_pairs * t / n, c->n_pairs * (t + 1) / n, step, 0 };
	/* The last part is this thread's, and those that no thread could be had for. */
	while (started + 1 < n && !pthread_create(&threads[started], NULL, run, &parts[started]))
		started++;
	for (size_t t = started; t < n; t++)
		run(&parts[t]);
	for (size_t t = 0; t < started; t++)
		pthread_join(threads[t], NULL);
	for (size_t t = 0; t < n && !rc; t++)
		rc = parts[t].rc;
	return rc;
}

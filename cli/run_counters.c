/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a run counts, as the command line says it: see run_counters.h. */
#include "cli/run_counters.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"

#define METRICS_MAX 64
#define BY_ITSELF   "timing"

/* "a,b,c" into ids that point into `copy`. */
static size_t split(char *copy, const char *ids[METRICS_MAX])
{
	size_t n = 0;

	for (char *rest = NULL, *id = strtok_r(copy, ",", &rest); id && n < METRICS_MAX;
	     id = strtok_r(NULL, ",", &rest))
		ids[n++] = id;
	return n;
}

static unsigned most_threads(const struct mp_plan *plan)
{
	unsigned most = 1;

	for (size_t i = 0; i < plan->n_cases; i++) {
		const struct mp_param *p = mp_params_find(&plan->cases[i].params, "threads");

		if (p && p->number > most && p->number <= MP_WIRE_THREADS)
			most = (unsigned)p->number;
	}
	return most;
}

int mp_run_counters(const char *text, const struct mp_run *run, struct mp_counting **ret_counting,
		    struct mp_err *err)
{
	static const char *const harmless[] = { "context_switches", "cpu_migrations",
						"minor_faults", "major_faults" };
	MP_CLEANUP(mp_free_ptr) char *copy = NULL;
	const char *ids[METRICS_MAX];
	int cpus[MP_WIRE_THREADS];
	struct mp_counting_wish wish = { .group = text ? text : BY_ITSELF,
					 .metrics = ids,
					 .timing_only = !text,
					 .cpus = cpus,
					 .ops = &mp_perf_kernel };
	unsigned threads = most_threads(run->plan);

	*ret_counting = NULL;
	if (text && !strcmp(text, "none"))
		return 0;
	while (threads > 1 && mp_machine_place(run->machine, threads, cpus, NULL))
		threads--;
	if (threads == 1 && mp_machine_place(run->machine, 1, cpus, err))
		return -ERANGE;
	wish.n_cpus = threads;
	if (text) {
		copy = strdup(text);
		if (!copy)
			return mp_err_env(err, -ENOMEM, "out of memory");
		wish.n_metrics = split(copy, ids);
	} else {
		wish.metrics = harmless;
		wish.n_metrics = 4;
	}
	return mp_counting_new(&wish, ret_counting, err);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of runner/counters share while metrics are resolved. */
#ifndef RUNNER_COUNTERS_INTERNAL_H
#define RUNNER_COUNTERS_INTERNAL_H

#include "runner/counters/access.h"
#include "runner/counters/counters.h"
#include "runner/counters/identity.h"
#include "runner/counters/pmu.h"

#include <sched.h>

/* Why a source is not taken, and what would help. */
struct mp_refusal {
	int error; /* negative errno */
	char why[640];
	char remedy[320]; /* "" when nothing helps */
};

/* Writes the refusal and returns its error. */
int mp_refuse(struct mp_refusal *refusal, int error, const char *remedy, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* One resolution in the making. */
struct mp_resolving {
	const struct mp_counter_query *query;
	struct mp_counter_roots roots; /* every member set, but tracefs while nobody asked */
	unsigned pass; /* only sources that are read in it; 0: any */
	int tracefs_fd; /* a private mount of tracefs, or -1 */
	char tracefs[64]; /* its path */
	int cpus[1]; /* when the query names none */
	const int *pinned;
	size_t n_pinned;
	struct mp_access access;
	struct mp_pmus pmus;
	const struct mp_pmu *core; /* of the pinned CPUs; NULL: none, or they differ */
	char no_core[256]; /* why it is NULL */
	struct mp_cpu_cache cache; /* of the first pinned CPU */
	cpu_set_t allowed; /* what the caller may run on: for known loads that need a second CPU */
	struct mp_counters *out;
};

/* The events, files or field that the source stands for, into the counter. 0 or what mp_refuse() returned. */
int mp_encode_kernel(struct mp_resolving *r, const struct mp_counter_source *source,
		     struct mp_counter *counter, struct mp_refusal *refusal);
/* A generic event ("software/page-faults", "hardware/cpu-cycles", "cache/dTLB-load-misses") for that core PMU. 0, -EINVAL
 * unknown, -ENODEV without a core PMU. */
int mp_generic_event(const struct mp_pmus *pmus, const struct mp_pmu *core, const char *name,
		     struct mp_perf_event *ret_event);
int mp_encode_sysfs(struct mp_resolving *r, const struct mp_counter_source *source,
		    struct mp_counter *counter, struct mp_refusal *refusal);
int mp_encode_table(struct mp_resolving *r, const struct mp_counter_source *source,
		    struct mp_counter *counter, struct mp_refusal *refusal);
int mp_encode_libpfm(struct mp_resolving *r, const struct mp_counter_source *source,
		     struct mp_counter *counter, struct mp_refusal *refusal);
int mp_encode_rusage(struct mp_resolving *r, const struct mp_counter_source *source,
		     struct mp_counter *counter, struct mp_refusal *refusal);
int mp_encode_file(struct mp_resolving *r, const struct mp_counter_source *source,
		   struct mp_counter *counter, struct mp_refusal *refusal);

/* Refuses with the reason why there is no core PMU for the pinned CPUs. */
int mp_refuse_core(const struct mp_resolving *r, struct mp_refusal *refusal);

/* Adds to the note, after "; ". */
void mp_add_note(struct mp_counter *counter, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* The next word of a blank-separated list, cut to fit. False at the end. */
bool mp_next_word(const char **at, char *buf, size_t size);

/* A zeroed event at the end; NULL when memory ran out. */
struct mp_perf_event *mp_counter_add_event(struct mp_counter *counter);

/* Opens what was encoded, adjusts it to what this process may see (side), and runs the known load (proof.c). Does
 * nothing when the query has no door to the kernel. */
int mp_counter_prove(struct mp_resolving *r, struct mp_counter *counter,
		     struct mp_refusal *refusal);

/*
 * The known loads (loads.c). 0, and what it did: `ret_events` is the least count that a plain counter of it must show,
 * `ret_bytes` what was moved through memory (0 where that is not the point). -ENOTSUP with the reason in `why` (static
 * text) when this machine cannot run it.
 */
struct mp_load_done {
	double events, bytes;
	char what[96]; /* "first touch of 64 pages" */
	const char *why;
};
int mp_load_run(const struct mp_resolving *r, enum mp_counter_load load,
		struct mp_load_done *ret_done);

/* Sets a heap text by format; a text for which there is no memory is NULL. */
void mp_set_text(char **text, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif

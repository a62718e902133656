/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of runner/counters share while metrics are resolved. */
#ifndef RUNNER_COUNTERS_INTERNAL_H
#define RUNNER_COUNTERS_INTERNAL_H

#include "runner/counters/access.h"
#include "runner/counters/counters.h"

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
	int tracefs_fd; /* a private mount of tracefs, or -1 */
	char tracefs[64]; /* its path */
	int cpus[1]; /* when the query names none */
	const int *pinned;
	size_t n_pinned;
	struct mp_access access;
	struct mp_counters *out;
};

/* The events, files or field that the source stands for, into the counter. 0 or what mp_refuse() returned. */
int mp_encode_kernel(struct mp_resolving *r, const struct mp_counter_source *source,
		     struct mp_counter *counter, struct mp_refusal *refusal);
int mp_encode_file(struct mp_resolving *r, const struct mp_counter_source *source,
		   struct mp_counter *counter, struct mp_refusal *refusal);

/* A zeroed event at the end; NULL when memory ran out. */
struct mp_perf_event *mp_counter_add_event(struct mp_counter *counter);

/* Opens what was encoded, adjusts it to what this process may see (side), and runs the known load (proof.c). Does
 * nothing when the query has no door to the kernel. */
int mp_counter_prove(struct mp_resolving *r, struct mp_counter *counter,
		     struct mp_refusal *refusal);

/* Sets a heap text by format; a text for which there is no memory is NULL. */
void mp_set_text(char **text, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif

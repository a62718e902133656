/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A resolved counter, opened and read twice around something that the caller does itself. */
#ifndef RUNNER_COUNTERS_PROBE_H
#define RUNNER_COUNTERS_PROBE_H

#include "runner/counters/counters.h"

struct mp_probe {
	const struct mp_counter *counter; /* borrowed; no FORMULA */
	struct mp_perf_group *groups; /* one per event */
	struct mp_perf_reading *readings[2]; /* one per event: before, after */
	uint64_t numbers[2]; /* FILE, RUSAGE: before, after */
};

/* Opens and enables the events on `cpu` (those that have no CPU of their own), each as a group of one. 0, or a negative
 * errno with a sentence; the caller ends with mp_probe_close() either way. */
int mp_probe_open(const struct mp_counter *counter, const struct mp_perf_ops *ops, int cpu,
		  struct mp_probe *ret_probe, struct mp_err *err);
void mp_probe_close(struct mp_probe *probe);

/* Reads everything before (`after` 0) or after (1). 0, or a negative errno as mp_perf_group_read() and
 * mp_counter_files_read(). */
int mp_probe_read(struct mp_probe *probe, unsigned after);

/* What happened between the two readings. `zero_proven`: whether a zero is one. 0 or -ENOMEM. */
int mp_probe_value(const struct mp_probe *probe, bool zero_proven,
		   struct mp_counter_value *ret_value);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Known traffic against what memory controllers count: reads, writes and non-temporal writes of known size. Settles what
 * one count stands for on this machine, which documentation leaves open for some.
 */
#ifndef RUNNER_COUNTERS_CALIBRATE_H
#define RUNNER_COUNTERS_CALIBRATE_H

#include "runner/counters/counters.h"

#define MP_CALIBRATE_METRICS 3

/* One load and what each metric made of it. */
struct mp_calibration {
	const char *load; /* "read", "write", "non-temporal write" */
	double bytes; /* that the load moved */
	double seconds;
	size_t n;
	struct {
		const struct mp_counter_metric *metric;
		const struct mp_counter_source *source;
		/* Bytes that reach memory when no cache holds any of it: a plain write reads each line first. */
		double expected;
		struct mp_counter_value value; /* over the load */
		struct mp_counter_value idle; /* over as much time asleep */
	} metrics[MP_CALIBRATE_METRICS];
};

/*
 * Runs the three loads on the calling thread with what resolved of dram_read_bytes, dram_write_bytes and dram_bytes (no
 * estimate by formula: that is no counter), and calls `each` after each load. `cache_size`: of the last-level cache, bytes,
 * 0 unknown. 0; -ENODATA with a sentence that says why there is nothing to calibrate; or what an open said.
 */
int mp_calibrate(const struct mp_counters *counters, const struct mp_perf_ops *ops, int cpu,
		 unsigned long long cache_size,
		 void (*each)(void *user, const struct mp_calibration *calibration), void *user,
		 struct mp_err *err);

#endif

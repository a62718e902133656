/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How quiet a machine is: the gaps in the time of every CPU, what the hypervisor took meanwhile, and how much of the CPUs
 * others use. All of it from the clock and from /proc/stat.
 */
#ifndef RUNNER_MACHINE_QUIET_H
#define RUNNER_MACHINE_QUIET_H

#include <stddef.h>

#include "runner/machine/speed.h"

/*
 * A run is noisy when any of these was passed, or when heat slowed the processor: nothing is judged by it. The doctor says
 * "noisy" by the same limits. Each is far beyond what calm samples and intervals absorb (twice the usual stolen time and gaps
 * of a shared host leave verdicts as they are).
 */
#define MP_NOISY_CALM	0.05 /* less of a look at full speed than that */
#define MP_NOISY_LOST	0.10 /* more of a look lost in gaps, of a CPU that is looked at */
#define MP_NOISY_STOLEN 0.10 /* more of the CPU time taken by the hypervisor */
#define MP_NOISY_OTHERS 0.25 /* more of the CPU time used by others */

struct mp_cpu_quiet {
	int cpu;
	struct mp_jitter jitter; /* seconds 0: this CPU was not looked at */
	double steal; /* share of that time that the hypervisor took; NaN: unknown */
};

/*
 * Spins on the CPUs `cpus[0..n)` for `seconds` each, `at_once` of them together (more than a quota allows would measure the
 * quota). 0, -ENOMEM, -EAGAIN (no thread), or -EINVAL when the process may not run on one of them.
 */
int mp_quiet_measure(const struct mp_clocksource *source, const int *cpus, size_t n, double seconds,
		     size_t at_once, struct mp_cpu_quiet *ret_cpus);

/* CPU time of the whole machine so far, and of this process and its ended children, seconds; NaN where unknown. */
struct mp_cpu_time {
	double wall, busy, stolen; /* CPU seconds of all kinds, of work, of the hypervisor's */
	double own;
};
int mp_cpu_time_read(const char *root, struct mp_cpu_time *ret_time); /* 0, negative errno */

/* Shares of all CPU time between two readings, each 0..1; NaN when no tick passed. */
double mp_cpu_time_others(const struct mp_cpu_time *before, const struct mp_cpu_time *after);
double mp_cpu_time_stolen(const struct mp_cpu_time *before, const struct mp_cpu_time *after);

#endif

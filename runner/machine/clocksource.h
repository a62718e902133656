/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which clock a run uses, and what it is worth: source, factor, step, cost of an empty pair. Measured per
 * run, assumed nowhere (clock_getres says 1 ns where the counter moves in 10 ns steps).
 */
#ifndef RUNNER_MACHINE_CLOCKSOURCE_H
#define RUNNER_MACHINE_CLOCKSOURCE_H

#include "common/clock.h"
#include "common/err.h"

struct mp_clocksource {
	enum mp_clock clock;
	const char *name; /* "tsc", "cntvct", "monotonic_raw" */
	char why[256]; /* the checks that decided it, in words */
	double ns_per_tick; /* calibrated against CLOCK_MONOTONIC_RAW */
	double calibration_ppm; /* difference of the last two calibration windows */
	double step_ns; /* in which the clock advances, see mp_clocksource_step() */
	double pair_p50_ns, pair_p99_ns; /* empty ordered pair */
	uint64_t first_ticks, first_raw_ns; /* one moment on both clocks, for the drift */
};

/* Chooses (force: NULL, "counter" or "raw") and calibrates; takes up to 2.5 s, but 30 ms where two clocks agree at
 * once. Counter conditions: the kernel's current clocksource is the counter, constant and nonstop (CPUID 80000007h
 * EDX bit 8), RDTSCP present, two successive calibration windows within 1e-6. -EINVAL for an unknown `force`, -ENOTSUP when the forced
 * source fails a check. */
int mp_clocksource_choose(const char *force, struct mp_clocksource *ret_source, struct mp_err *err);

/* Calibrates again over the span since mp_clocksource_choose; the drift in ppm, 0 for MP_CLOCK_RAW. */
double mp_clocksource_drift_ppm(const struct mp_clocksource *source);

#endif

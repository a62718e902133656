/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How fast a CPU is when nobody disturbs it, and how much of the time that is: the speed probe of the worker
 * (runner/worker/probe.h) repeated for a while; and how much time vanishes from it altogether.
 */
#ifndef RUNNER_MACHINE_SPEED_H
#define RUNNER_MACHINE_SPEED_H

#include "runner/machine/clocksource.h"

#include <stddef.h>
#include <stdint.h>

/* What repeated probes say. */
struct mp_speed {
	double mul_ns, add_ns; /* full-speed level of each probe */
	double calm_share; /* of the pairs of probes: neither over MP_CALM_COARSE times its level */
	double mul_spread; /* slowest over fastest level of the dependent multiplies, by twentieths of the time: the
			      frequency's stability */
	double rest_slowness; /* median slowness of the pairs that were not calm; NaN: all were */
	size_t pairs;
};

/*
 * Repeats both probes on `cpu` for `seconds` of wall time (at most 30), the calling thread pinned meanwhile and its
 * mask restored. The full-speed level is the mean of the probes within one clock step above the 1 % quantile: the
 * fastest level with real support, which neither a lucky read nor a rounding of the clock decides. 0, -ENOMEM, or
 * -EINVAL when the thread cannot run on that CPU.
 */
int mp_speed_measure(const struct mp_clocksource *source, int cpu, double seconds,
		     struct mp_speed *ret_speed);

/* The same, in the form the coordinator needs it. */
int mp_speed_reference(const struct mp_clocksource *source, int cpu, double seconds,
		       double *ret_mul_ns, double *ret_add_ns, double *ret_calm_share);

/* The level described above, of `n` sorted probe times; n > 0. Exposed for its test. */
double mp_speed_level(const uint32_t *sorted, size_t n, double step);

/* Time that vanished from a thread that did nothing but read the clock. */
struct mp_jitter {
	double seconds;
	uint64_t over_1us, over_10us,
		over_100us; /* gaps between two reads, each counted once, in the
						     highest class it reaches */
	double lost_share; /* time inside gaps over 1 us, of the whole */
	double longest_ns;
};

/* Spins on `cpu` for `seconds` (at most 30). Errors as above. */
int mp_jitter_measure(const struct mp_clocksource *source, int cpu, double seconds,
		      struct mp_jitter *ret_jitter);

#endif

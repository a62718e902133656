/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the kernel counts about a thread: page faults, context switches, migrations. */
#include "runner/counters/counters.h"

#define SOFTWARE(what)                                                                             \
	{                                                                                          \
		.name = "software", .encoder = MP_ENCODER_KERNEL, .event = "software/" what        \
	}
/* The kernel keeps these for every thread anyway, while an event of the fault path makes each fault longer: page-faults by
 * 3 %, minor-faults by another 3 % of 1.2 us (6.18, Zen 4). So these are read while faults are timed, and the events are
 * counted apart. */
#define RUSAGE(field)                                                                              \
	{                                                                                          \
		.name = "getrusage", .encoder = MP_ENCODER_RUSAGE, .event = field,                 \
		.scope = MP_SCOPE_THREAD, .pass = MP_PASS_TIMING                                   \
	}

static const struct mp_counter_source page_faults[] = { SOFTWARE("page-faults"),
							RUSAGE("minflt+majflt") };
static const struct mp_counter_source minor_faults[] = { SOFTWARE("minor-faults"),
							 RUSAGE("minflt") };
static const struct mp_counter_source major_faults[] = { SOFTWARE("major-faults"),
							 RUSAGE("majflt") };
static const struct mp_counter_source context_switches[] = { SOFTWARE("context-switches"),
							     RUSAGE("nvcsw+nivcsw") };
static const struct mp_counter_source migrations[] = { SOFTWARE("cpu-migrations") };

static const struct mp_counter_metric metrics[] = {
	{ .id = "page_faults",
	  .unit = "count",
	  .means = "page faults that the thread took, minor and major, in user and in kernel mode",
	  .pass = MP_PASS_EXPLAIN,
	  .load = MP_LOAD_TOUCH,
	  MP_COUNTER_SOURCES(page_faults) },
	{ .id = "minor_faults",
	  .unit = "count",
	  .means = "page faults that were resolved without reading a file or swap",
	  .pass = MP_PASS_EXPLAIN,
	  .load = MP_LOAD_TOUCH,
	  MP_COUNTER_SOURCES(minor_faults) },
	{ .id = "major_faults",
	  .unit = "count",
	  .means = "page faults that had to wait for a read from a file or swap",
	  .pass = MP_PASS_EXPLAIN,
	  .load = MP_LOAD_FILE,
	  MP_COUNTER_SOURCES(major_faults) },
	{ .id = "context_switches",
	  .unit = "count",
	  .means = "times the thread was taken off its CPU, by itself or by the scheduler",
	  .pass = MP_PASS_TIMING,
	  .load = MP_LOAD_SLEEP,
	  .kernel_only = true,
	  MP_COUNTER_SOURCES(context_switches) },
	{ .id = "cpu_migrations",
	  .unit = "count",
	  .means = "times the thread went on on another CPU: 0 for a pinned one",
	  .pass = MP_PASS_TIMING,
	  .load = MP_LOAD_MIGRATE,
	  .kernel_only = true,
	  MP_COUNTER_SOURCES(migrations) },
};

const struct mp_counter_family mp_counter_metrics_faults = {
	.name = "faults",
	.metrics = metrics,
	.n_metrics = sizeof(metrics) / sizeof(metrics[0]),
};

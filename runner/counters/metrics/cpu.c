/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the core does: cycles and instructions. */
#include "runner/counters/counters.h"

static const struct mp_counter_source cycles[] = {
	{ .name = "generic", .encoder = MP_ENCODER_KERNEL, .event = "hardware/cpu-cycles" },
	{ .name = "sysfs", .encoder = MP_ENCODER_SYSFS, .event = "cpu-cycles cpu_cycles" },
};

static const struct mp_counter_source instructions[] = {
	{ .name = "generic", .encoder = MP_ENCODER_KERNEL, .event = "hardware/instructions" },
	{ .name = "sysfs", .encoder = MP_ENCODER_SYSFS, .event = "instructions inst_retired" },
};

static const struct mp_counter_metric metrics[] = {
	{ .id = "cycles",
	  .unit = "count",
	  .means = "core clock cycles that the thread was running for",
	  .pass = MP_PASS_TIMING,
	  .load = MP_LOAD_SPIN,
	  MP_COUNTER_SOURCES(cycles) },
	{ .id = "instructions",
	  .unit = "count",
	  .means = "instructions that the thread completed",
	  .pass = MP_PASS_TIMING,
	  .load = MP_LOAD_SPIN,
	  MP_COUNTER_SOURCES(instructions) },
};

const struct mp_counter_family mp_counter_metrics_cpu = {
	.name = "cpu",
	.metrics = metrics,
	.n_metrics = sizeof(metrics) / sizeof(metrics[0]),
};

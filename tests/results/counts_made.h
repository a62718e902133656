/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counters made by hand: what was counted by a perf event, or by two, and what this machine cannot count. */
#ifndef TESTS_RESULTS_COUNTS_MADE_H
#define TESTS_RESULTS_COUNTS_MADE_H

#include <math.h>

#include "results/counts.h"

#define MADE_EVENTS                                                                                \
	"[{\"event\":\"minor-faults\",\"pmu\":\"software\",\"type\":1,\"config\":\"0x5\","         \
	"\"config1\":\"0x0\",\"config2\":\"0x0\",\"cpu\":null,\"filter\":null,"                    \
	"\"exclude_kernel\":false}]"

#define MADE_CYCLES(pmu, config)                                                                   \
	"[{\"event\":\"cpu-cycles\",\"pmu\":\"" pmu "\",\"type\":0,\"config\":\"" config "\"}]"

static const struct mp_counted made_faults = { .metric = "minor_faults",
					       .unit = "count",
					       .means = "page faults without a read",
					       .kind = "",
					       .source = "software",
					       .encoder = "kernel",
					       .event = "software/minor-faults",
					       .events = MADE_EVENTS,
					       .scope = "thread",
					       .side = "user+kernel",
					       .note = "" };
static const struct mp_counted made_misses = { .metric = "l3_misses",
					       .unit = "count",
					       .means = "loads that the last cache did not hold",
					       .kind = "",
					       .source = "",
					       .encoder = "",
					       .event = "",
					       .events = "[]",
					       .scope = "",
					       .side = "",
					       .note = "" };

#define MADE_CONTROLLERS                                                                           \
	"[{\"event\":\"cas_count_read\",\"pmu\":\"uncore_imc_0\",\"type\":20,\"config\":"          \
	"\"0xffffffffffffffff\",\"cpu\":0},"                                                       \
	"{\"event\":\"cas_count_read\",\"pmu\":\"uncore_imc_1\",\"type\":21,\"config\":\"0x304\"," \
	"\"cpu\":56}]"

static const struct mp_counted made_traffic = { .metric = "dram_read_bytes",
						.unit = "bytes",
						.means = "read from memory",
						.kind = "",
						.source = "imc",
						.encoder = "sysfs",
						.event = "uncore_imc_0/cas_count_read/ and 1 more",
						.events = MADE_CONTROLLERS,
						.scope = "package",
						.side = "user+kernel",
						.note = "" };

/* So many faults in so many operations, counted all the time. */
static inline struct mp_count made_measured(double value, uint64_t operations)
{
	return (struct mp_count){ .what = &made_faults,
				  .status = "measured",
				  .covers = "operations",
				  .value = value,
				  .operations = operations,
				  .read = true,
				  .raw = (uint64_t)value,
				  .enabled_ns = 1000,
				  .running_ns = 1000,
				  .ratio = 1,
				  .instances = 1,
				  .expected = 1,
				  .proven = true,
				  .idle_before = NAN,
				  .idle_after = NAN };
}

/* The same value of a counter that ran for half of the time. */
static inline struct mp_count made_scaled(double value, uint64_t operations)
{
	struct mp_count count = made_measured(value, operations);

	count.status = "scaled";
	count.raw = (uint64_t)(value / 2);
	count.running_ns = count.enabled_ns / 2;
	count.ratio = 0.5;
	return count;
}

/* So many bytes that two memory controllers counted for half of a region. */
static inline struct mp_count made_region(double value, uint64_t operations)
{
	struct mp_count count = made_scaled(value, operations);

	count.what = &made_traffic;
	count.covers = "region";
	count.region_ns = 60000000;
	count.idle_before = 10;
	count.idle_after = 30;
	count.instances = count.expected = 2;
	return count;
}

/* Cycles of the workers on one kind of core. */
static const struct mp_counted made_cycles[2] = {
	{ .metric = "cycles",
	  .unit = "count",
	  .means = "core clock cycles",
	  .kind = "cpu_core",
	  .source = "generic",
	  .encoder = "kernel",
	  .event = "hardware/cpu-cycles",
	  .events = MADE_CYCLES("cpu_core", "0x400000000"),
	  .scope = "thread",
	  .side = "user+kernel",
	  .note = "" },
	{ .metric = "cycles",
	  .unit = "count",
	  .means = "core clock cycles",
	  .kind = "cpu_atom",
	  .source = "generic",
	  .encoder = "kernel",
	  .event = "hardware/cpu-cycles",
	  .events = MADE_CYCLES("cpu_atom", "0xa00000000"),
	  .scope = "thread",
	  .side = "user+kernel",
	  .note = "" }
};

static inline struct mp_count made_on(int kind, double value, uint64_t operations)
{
	struct mp_count count = made_measured(value, operations);

	count.what = &made_cycles[kind];
	return count;
}

/* Nothing to count misses by. */
static inline struct mp_count made_unavailable(uint64_t operations)
{
	return (struct mp_count){ .what = &made_misses,
				  .status = "unavailable",
				  .covers = "operations",
				  .value = NAN,
				  .operations = operations,
				  .ratio = NAN,
				  .idle_before = NAN,
				  .idle_after = NAN,
				  .reason = "this machine has no PMU" };
}

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Misses of the last cache before memory. The kernel's generic cache-misses is L3 on Intel alone: on AMD Zen it is an L2
 * event, on arm64 one of the first level. Another core type is another instrument: counts of P and E cores, and of
 * different makers, are not comparable.
 */
#include "runner/counters/counters.h"

#define INTEL "GenuineIntel-*"
#define AMD   "AuthenticAMD-*"
#define ARM   "arm-*"
/* Meteor Lake, Arrow Lake and Lunar Lake, which no release of libpfm4 knows. */
#define INTEL_NEWEST                                                                               \
	"GenuineIntel-6-AA GenuineIntel-6-AC GenuineIntel-6-B5 GenuineIntel-6-BD "                 \
	"GenuineIntel-6-C5 "                                                                       \
	"GenuineIntel-6-C6"
#define INCLUDES_PREFETCH "may include some of what hardware prefetchers asked for"
#define FILLS                                                                                      \
	"cache lines that came from DRAM or I/O to the core's data cache, by demand and by "       \
	"prefetch"

static const struct mp_counter_source l3_misses[] = {
	{ .name = "libpfm",
	  .encoder = MP_ENCODER_LIBPFM,
	  .cpu = INTEL,
	  .event = "LONGEST_LAT_CACHE:MISS",
	  .note = INCLUDES_PREFETCH },
	{ .name = "libpfm",
	  .encoder = MP_ENCODER_LIBPFM,
	  .cpu = AMD,
	  .event = "ANY_DATA_CACHE_FILLS_FROM_SYSTEM:DRAM_IO_NEAR:DRAM_IO_FAR "
		   "ANY_DATA_CACHE_FILLS_FROM_SYSTEM:MEM_IO_LCL:MEM_IO_RMT "
		   "DATA_CACHE_REFILLS_FROM_SYSTEM:LS_MABRESP_LCL_DRAM:LS_MABRESP_RMT_DRAM",
	  .note = FILLS },
	{ .name = "libpfm",
	  .encoder = MP_ENCODER_LIBPFM,
	  .cpu = ARM,
	  .event = "LL_CACHE_MISS_RD L3D_CACHE_REFILL",
	  .note = "reads only where the event is LL_CACHE_MISS_RD" },
	{ .name = "sysfs",
	  .encoder = MP_ENCODER_SYSFS,
	  .cpu = INTEL,
	  .event = "cache-misses",
	  .note = INCLUDES_PREFETCH },
	{ .name = "sysfs",
	  .encoder = MP_ENCODER_SYSFS,
	  .cpu = ARM,
	  .event = "ll_cache_miss_rd l3d_cache_refill",
	  .note = "reads only where the event is ll_cache_miss_rd" },
	{ .name = "sysfs",
	  .encoder = MP_ENCODER_SYSFS,
	  .cpu = AMD,
	  .event = "cache-misses",
	  .refuse = "the kernel's cache-misses counts misses of the L2 on AMD Zen, not of the L3" },
	{ .name = "table",
	  .encoder = MP_ENCODER_TABLE,
	  .cpu = INTEL_NEWEST,
	  .event = "event=0x2e,umask=0x41",
	  .note = INCLUDES_PREFETCH,
	  .from = "architectural event LLC Misses, Intel SDM vol. 3B, table of architectural "
		  "performance events" },
	{ .name = "table",
	  .encoder = MP_ENCODER_TABLE,
	  .cpu = "AuthenticAMD-25-* AuthenticAMD-26-*",
	  .event = "event=0x44,umask=0x48",
	  .note = FILLS,
	  .from = "ls_any_fills_from_sys of the perf event tables for Zen 3 to 5: near and far "
		  "DRAM" },
	{ .name = "table",
	  .encoder = MP_ENCODER_TABLE,
	  .cpu = "AuthenticAMD-23-*",
	  .event = "event=0x43,umask=0x48",
	  .note = "demand fills of the data cache from local and remote DRAM",
	  .from = "ls_refills_from_sys of the perf event tables for Zen 1 and 2" },
	{ .name = "architectural",
	  .encoder = MP_ENCODER_LIBPFM,
	  .cpu = INTEL,
	  .event = "ix86arch::LLC_MISSES",
	  .note = INCLUDES_PREFETCH },
	{ .name = "generic",
	  .encoder = MP_ENCODER_KERNEL,
	  .cpu = INTEL " " ARM,
	  .event = "cache/LLC-load-misses",
	  .note = "loads only" },
};

static const struct mp_counter_source l3_domain_misses[] = {
	{ .name = "libpfm",
	  .encoder = MP_ENCODER_LIBPFM,
	  .cpu = "AuthenticAMD-25-* AuthenticAMD-26-*",
	  .pmu = "amd_l3",
	  .module = "amd-uncore",
	  .event = "UNC_L3_REQUESTS:L3_MISS UNC_L3_MISSES:ALL",
	  .beside = "enallcores=1,enallslices=1,threadmask=3",
	  .scope = MP_SCOPE_PACKAGE,
	  .domain = true },
	{ .name = "amd_l3",
	  .encoder = MP_ENCODER_TABLE,
	  .cpu = "AuthenticAMD-25-* AuthenticAMD-26-*",
	  .pmu = "amd_l3",
	  .module = "amd-uncore",
	  .event = "event=0x04,umask=0x01,enallcores=1,enallslices=1,threadmask=3",
	  .scope = MP_SCOPE_PACKAGE,
	  .domain = true,
	  .from = "l3_lookup_state.l3_miss of the perf event tables for Zen 3 to 5; all cores, "
		  "slices and threads" },
	{ .name = "amd_l3",
	  .encoder = MP_ENCODER_TABLE,
	  .cpu = "AuthenticAMD-23-*",
	  .pmu = "amd_l3",
	  .module = "amd-uncore",
	  .event = "event=0x06,umask=0x01,slicemask=0xf,threadmask=0xff",
	  .scope = MP_SCOPE_PACKAGE,
	  .domain = true,
	  .from = "l3_comb_clstr_state.request_miss of the perf event tables for Zen 1 and 2; all "
		  "slices and threads" },
	{ .name = "cmn",
	  .encoder = MP_ENCODER_SYSFS,
	  .cpu = ARM,
	  .pmu = "arm_cmn_#",
	  .event = "hnf_cache_miss",
	  .scope = MP_SCOPE_PACKAGE,
	  .module = "arm-cmn",
	  .note = "misses of the system-level cache of the whole mesh" },
	{ .name = "dsu",
	  .encoder = MP_ENCODER_SYSFS,
	  .cpu = ARM,
	  .pmu = "arm_dsu_#",
	  .event = "l3d_cache_refill",
	  .scope = MP_SCOPE_PACKAGE,
	  .module = "arm_dsu_pmu",
	  .note = "refills of the L3 of all clusters" },
	{ .name = "scf",
	  .encoder = MP_ENCODER_SYSFS,
	  .cpu = ARM,
	  .pmu = "nvidia_scf_pmu_#",
	  .event = "scf_cache_refill",
	  .scope = MP_SCOPE_PACKAGE,
	  .domain = true,
	  .module = "nvidia_cspmu",
	  .note = "refills of the L3 of the socket" },
};

static const struct mp_counter_metric metrics[] = {
	{ .id = "l3_misses",
	  .unit = "count",
	  .means = "accesses of the thread that no cache of the CPU could serve",
	  .pass = MP_PASS_TIMING,
	  .load = MP_LOAD_STREAM,
	  .needs_l3 = true,
	  MP_COUNTER_SOURCES(l3_misses) },
	{ .id = "l3_domain_misses",
	  .unit = "count",
	  .means = "misses of the shared last-level cache, by everybody who uses it",
	  .pass = MP_PASS_BANDWIDTH,
	  .load = MP_LOAD_STREAM,
	  .needs_l3 = true,
	  MP_COUNTER_SOURCES(l3_domain_misses) },
};

const struct mp_counter_family mp_counter_metrics_cache = {
	.name = "cache",
	.metrics = metrics,
	.n_metrics = sizeof(metrics) / sizeof(metrics[0]),
};

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Address translation: misses of the data TLB, and page-table walks. */
#include "runner/counters/counters.h"

#define INTEL "GenuineIntel-*"
#define AMD   "AuthenticAMD-*"
#define ARM   "arm-*"
/* Alder, Raptor, Meteor, Arrow and Lunar Lake: all P cores encode walks alike, and all E cores. */
#define INTEL_HYBRID                                                                               \
	"GenuineIntel-6-97 GenuineIntel-6-9A GenuineIntel-6-B7 GenuineIntel-6-BA "                 \
	"GenuineIntel-6-BF "                                                                       \
	"GenuineIntel-6-AA GenuineIntel-6-AC GenuineIntel-6-B5 GenuineIntel-6-BD "                 \
	"GenuineIntel-6-C5 "                                                                       \
	"GenuineIntel-6-C6"
#define BOTH "completed walks, for loads and for stores"

static const struct mp_counter_source dtlb_misses[] = {
	{ .name = "generic",
	  .encoder = MP_ENCODER_KERNEL,
	  .event = "cache/dTLB-load-misses cache/dTLB-store-misses",
	  .cpu = INTEL },
	{ .name = "generic",
	  .encoder = MP_ENCODER_KERNEL,
	  .event = "cache/dTLB-load-misses",
	  .note = "loads and stores where the CPU does not tell them apart, else loads only" },
	{ .name = "sysfs", .encoder = MP_ENCODER_SYSFS, .cpu = ARM, .event = "l1d_tlb_refill" },
};

static const struct mp_counter_source dtlb_walks[] = {
	{ .name = "libpfm",
	  .encoder = MP_ENCODER_LIBPFM,
	  .cpu = INTEL,
	  .event = "DTLB_LOAD_MISSES:WALK_COMPLETED+DTLB_STORE_MISSES:WALK_COMPLETED",
	  .note = BOTH },
	{ .name = "libpfm",
	  .encoder = MP_ENCODER_LIBPFM,
	  .cpu = AMD,
	  .event = "L1_DTLB_MISS:TLB_RELOAD_1G_L2_MISS:TLB_RELOAD_2M_L2_MISS:"
		   "TLB_RELOAD_COALESCED_PAGE_MISS:TLB_RELOAD_4K_L2_MISS",
	  .note = "misses of both TLB levels, each of which starts a walk" },
	{ .name = "sysfs",
	  .encoder = MP_ENCODER_SYSFS,
	  .cpu = ARM,
	  .event = "dtlb_walk l2d_tlb_refill" },
	{ .name = "table",
	  .encoder = MP_ENCODER_TABLE,
	  .cpu = INTEL_HYBRID,
	  .pmu = "cpu_core",
	  .event = "event=0x12,umask=0x0e event=0x13,umask=0x0e",
	  .note = BOTH,
	  .from = "DTLB_LOAD_MISSES and DTLB_STORE_MISSES.WALK_COMPLETED of the perf event tables "
		  "for the P cores of Alder, Meteor, Arrow and Lunar Lake" },
	{ .name = "table",
	  .encoder = MP_ENCODER_TABLE,
	  .cpu = INTEL_HYBRID,
	  .pmu = "cpu_atom cpu_lowpower",
	  .event = "event=0x08,umask=0x0e event=0x49,umask=0x0e",
	  .note = BOTH,
	  .from = "DTLB_LOAD_MISSES and DTLB_STORE_MISSES.WALK_COMPLETED of the perf event tables "
		  "for the E cores of Alder (Gracemont), Arrow (Crestmont) and Lunar Lake "
		  "(Skymont)" },
	{ .name = "table",
	  .encoder = MP_ENCODER_TABLE,
	  .cpu = "AuthenticAMD-23-* AuthenticAMD-25-* AuthenticAMD-26-*",
	  .event = "event=0x45,umask=0xf0",
	  .note = "misses of both TLB levels, each of which starts a walk",
	  .from = "ls_l1_d_tlb_miss.all_l2_miss of the perf event tables for Zen 2 to 5" },
	{ .name = "libpfm",
	  .encoder = MP_ENCODER_LIBPFM,
	  .cpu = INTEL,
	  .event = "DTLB_LOAD_MISSES:WALK_COMPLETED",
	  .note = "completed walks for loads alone: walks for stores have no event here" },
};

static const struct mp_counter_metric metrics[] = {
	{ .id = "dtlb_misses",
	  .unit = "count",
	  .means = "data accesses whose translation was not in the first-level TLB; on newer Intel "
		   "CPUs those that needed a walk",
	  .pass = MP_PASS_TIMING,
	  .load = MP_LOAD_SCATTER,
	  MP_COUNTER_SOURCES(dtlb_misses) },
	{ .id = "dtlb_walks",
	  .unit = "count",
	  .means = "page-table walks for data accesses",
	  .pass = MP_PASS_TIMING,
	  .load = MP_LOAD_SCATTER,
	  MP_COUNTER_SOURCES(dtlb_walks) },
};

const struct mp_counter_family mp_counter_metrics_tlb = {
	.name = "tlb",
	.metrics = metrics,
	.n_metrics = sizeof(metrics) / sizeof(metrics[0]),
};

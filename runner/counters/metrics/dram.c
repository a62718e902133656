/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Traffic between the last cache and memory, in bytes. Counters of memory controllers see everybody: other processes,
 * GPU, network, disk; an idle baseline belongs beside the value. A plain store costs a read for ownership first, a
 * non-temporal one does not.
 *
 * uncore_imc_free_running_N is bandwidth on some CPUs and clocks and queues on others: the event's name decides. Meteor
 * Lake and later clients may count 32 bytes where the scale file says 64.
 */
#include "runner/counters/counters.h"

#define INTEL	  "GenuineIntel-*"
#define AMD	  "AuthenticAMD-*"
#define ARM	  "arm-*"
#define EVERYBODY "all of the machine's traffic: beside it stands the idle baseline"

/* Tiger Lake, Rocket Lake, Alder Lake, Raptor Lake, and the servers Ice Lake and Snow Ridge. */
#define FREE_RUNNING_KNOWN                                                                         \
	"GenuineIntel-6-8C GenuineIntel-6-8D GenuineIntel-6-A7 GenuineIntel-6-97 "                 \
	"GenuineIntel-6-9A "                                                                       \
	"GenuineIntel-6-B7 GenuineIntel-6-BA GenuineIntel-6-BF GenuineIntel-6-6A "                 \
	"GenuineIntel-6-6C "                                                                       \
	"GenuineIntel-6-86"
/* Alder Lake, Raptor Lake. */
#define ADL_RPL                                                                                    \
	"GenuineIntel-6-97 GenuineIntel-6-9A GenuineIntel-6-B7 GenuineIntel-6-BA "                 \
	"GenuineIntel-6-BF"
/* Meteor Lake, Arrow Lake. */
#define MTL_ARL                                                                                    \
	"GenuineIntel-6-AA GenuineIntel-6-AC GenuineIntel-6-B5 GenuineIntel-6-C5 "                 \
	"GenuineIntel-6-C6"
#define ZEN4 "AuthenticAMD-25-1? AuthenticAMD-25-6? AuthenticAMD-25-7? AuthenticAMD-25-A?"
#define ZEN1_TO_3                                                                                  \
	"AuthenticAMD-23-* AuthenticAMD-25-? AuthenticAMD-25-2? AuthenticAMD-25-4? "               \
	"AuthenticAMD-25-5?"

/* One event per DRAM channel of the data fabric: 0x1f + 0x40 * N, and 0x07 + 0x40 * N. */
#define CHANNELS_12(umask)                                                                         \
	"event=0x1f,umask=" umask " event=0x5f,umask=" umask " event=0x9f,umask=" umask            \
	" event=0xdf,umask=" umask " event=0x11f,umask=" umask " event=0x15f,umask=" umask         \
	" event=0x19f,umask=" umask " event=0x1df,umask=" umask " event=0x21f,umask=" umask        \
	" event=0x25f,umask=" umask " event=0x29f,umask=" umask " event=0x2df,umask=" umask
#define CHANNELS_8(umask)                                                                          \
	"event=0x07,umask=" umask " event=0x47,umask=" umask " event=0x87,umask=" umask            \
	" event=0xc7,umask=" umask " event=0x107,umask=" umask " event=0x147,umask=" umask         \
	" event=0x187,umask=" umask " event=0x1c7,umask=" umask
#define DF_NOTE                                                                                    \
	"the data fabric has fewer counters than channels: they take turns, and the sum is scaled"

#define IMC(names)                                                                                 \
	{                                                                                          \
		.name = "imc", .encoder = MP_ENCODER_SYSFS, .cpu = INTEL, .pmu = "uncore_imc_#",   \
		.event = names, .scope = MP_SCOPE_PACKAGE, .per_count = 64,                        \
		.module = "intel-uncore", .note = EVERYBODY                                        \
	}
#define IMC_TABLE(cpus, terms, bytes)                                                              \
	{                                                                                          \
		.name = "imc", .encoder = MP_ENCODER_TABLE, .cpu = cpus, .pmu = "uncore_imc_#",    \
		.event = terms, .scope = MP_SCOPE_PACKAGE, .per_count = bytes,                     \
		.module = "intel-uncore", .note = EVERYBODY,                                       \
		.from = "CAS and data events of the perf uncore tables for this CPU"               \
	}
#define FREE_RUNNING(names)                                                                        \
	{ .name = "imc_free_running",                                                              \
	  .encoder = MP_ENCODER_SYSFS,                                                             \
	  .cpu = FREE_RUNNING_KNOWN,                                                               \
	  .pmu = "uncore_imc_free_running uncore_imc_free_running_#",                              \
	  .event = names,                                                                          \
	  .scope = MP_SCOPE_PACKAGE,                                                               \
	  .module = "intel-uncore",                                                                \
	  .note = EVERYBODY },                                                                     \
	{                                                                                          \
		.name = "imc_free_running", .encoder = MP_ENCODER_SYSFS, .cpu = INTEL,             \
		.pmu = "uncore_imc_free_running uncore_imc_free_running_#", .event = names,        \
		.scope = MP_SCOPE_PACKAGE, .estimate = true, .module = "intel-uncore",             \
		.note = "one count is 32 or 64 bytes on this CPU, and the scale file says 64: up " \
			"to twice too high"                                                        \
	}
#define CLIENT(names)                                                                              \
	{                                                                                          \
		.name = "imc_client", .encoder = MP_ENCODER_SYSFS, .cpu = INTEL,                   \
		.pmu = "uncore_imc", .event = names, .scope = MP_SCOPE_PACKAGE,                    \
		.module = "intel-uncore", .note = EVERYBODY ", perhaps GPU and I/O"                \
	}
#define UMC(terms)                                                                                 \
	{                                                                                          \
		.name = "umc", .encoder = MP_ENCODER_TABLE, .cpu = AMD, .pmu = "amd_umc_#",        \
		.event = terms, .scope = MP_SCOPE_PACKAGE, .per_count = 64, .note = EVERYBODY,     \
		.from = "umc_cas_cmd of the perf event tables for Zen 4; amd_umc of Linux 6.7"     \
	}
#define SCF(names, bytes)                                                                          \
	{                                                                                          \
		.name = "scf", .encoder = MP_ENCODER_SYSFS, .cpu = ARM, .pmu = "nvidia_scf_pmu_#", \
		.event = names, .scope = MP_SCOPE_PACKAGE, .per_count = bytes,                     \
		.module = "nvidia_cspmu", .note = EVERYBODY                                        \
	}
#define DDRC(names)                                                                                \
	{                                                                                          \
		.name = "hisi_ddrc", .encoder = MP_ENCODER_SYSFS, .cpu = ARM,                      \
		.pmu = "hisi_sccl#_ddrc#", .event = names,                                         \
		.refuse = "the driver of the HiSilicon memory controller does not say what one "   \
			  "count "                                                                 \
			  "stands for: see ddrc_read_flux and ddrc_write_flux"                     \
	}
#define IMX(names)                                                                                 \
	{                                                                                          \
		.name = "imx_ddr", .encoder = MP_ENCODER_SYSFS, .cpu = ARM,                        \
		.pmu = "imx8_ddr# imx9_ddr#", .event = names,                                      \
		.refuse = "i.MX counts bus cycles, whose bytes depend on the board's bus width"    \
	}
#define MBM_MIXED                                                                                  \
	{                                                                                          \
		.name = "resctrl", .encoder = MP_ENCODER_FILE, .event = "resctrl/mbm_total_bytes", \
		.refuse = "bandwidth monitoring of resctrl does not tell reads from writes: see "  \
			  "dram_bytes"                                                             \
	}

static const struct mp_counter_source reads[] = {
	IMC("cas_count_read cas_count_read_sch0+cas_count_read_sch1"),
	IMC_TABLE(MTL_ARL, "event=0x3a", 32),
	FREE_RUNNING("data_read read"),
	IMC_TABLE(ADL_RPL, "event=0x22", 64),
	CLIENT("data_reads"),
	UMC("event=0x0a,rdwrmask=0x1"),
	SCF("cmem_rd_data", 32),
	DDRC("flux_rd"),
	IMX("read-cycles"),
	MBM_MIXED,
	{ .name = "df",
	  .encoder = MP_ENCODER_TABLE,
	  .cpu = ZEN4,
	  .pmu = "amd_df",
	  .module = "amd-uncore",
	  .event = CHANNELS_12("0x7fe") " " CHANNELS_12("0xbfe"),
	  .scope = MP_SCOPE_PACKAGE,
	  .per_count = 64,
	  .estimate = true,
	  .note = DF_NOTE,
	  .from = "local and remote read beats of 12 channels, perf event tables for Zen 4" },
	{ .name = "estimate",
	  .encoder = MP_ENCODER_FORMULA,
	  .event = "l3_misses",
	  .line_size = true,
	  .estimate = true,
	  .note = "L3 misses times the line size, of the thread alone: leaves out most prefetches, "
		  "page-table walks and other agents" },
};

static const struct mp_counter_source writes[] = {
	IMC("cas_count_write cas_count_write_sch0+cas_count_write_sch1"),
	IMC_TABLE(MTL_ARL, "event=0x3b", 32),
	FREE_RUNNING("data_write write"),
	IMC_TABLE(ADL_RPL, "event=0x23", 64),
	CLIENT("data_writes"),
	UMC("event=0x0a,rdwrmask=0x2"),
	SCF("cmem_wr_total_bytes", 1),
	DDRC("flux_wr"),
	IMX("write-cycles"),
	MBM_MIXED,
	{ .name = "df",
	  .encoder = MP_ENCODER_TABLE,
	  .cpu = ZEN4,
	  .pmu = "amd_df",
	  .module = "amd-uncore",
	  .event = CHANNELS_12("0x7ff") " " CHANNELS_12("0xbff"),
	  .scope = MP_SCOPE_PACKAGE,
	  .per_count = 64,
	  .estimate = true,
	  .note = DF_NOTE,
	  .from = "local and remote write beats of 12 channels, perf event tables for Zen 4" },
};

static const struct mp_counter_source both[] = {
	IMC("cas_count_read+cas_count_write cas_count_read_sch0+cas_count_read_sch1+"
	    "cas_count_write_sch0+cas_count_write_sch1"),
	IMC_TABLE(MTL_ARL, "event=0x3c", 32),
	FREE_RUNNING("data_total read+write"),
	IMC_TABLE(ADL_RPL, "event=0x22 event=0x23", 64),
	CLIENT("data_reads+data_writes"),
	UMC("event=0x0a"),
	{ .name = "scf",
	  .encoder = MP_ENCODER_SYSFS,
	  .cpu = ARM,
	  .pmu = "nvidia_scf_pmu_#",
	  .event = "cmem_rd_data+cmem_wr_total_bytes",
	  .refuse = "it counts reads and writes in different units: add dram_read_bytes and "
		    "dram_write_bytes" },
	DDRC("flux_rd+flux_wr"),
	{ .name = "resctrl",
	  .encoder = MP_ENCODER_FILE,
	  .event = "resctrl/mbm_total_bytes",
	  .scope = MP_SCOPE_PROCESS,
	  .note = "of the resctrl group that holds this process, by the last-level cache" },
	{ .name = "df",
	  .encoder = MP_ENCODER_TABLE,
	  .cpu = ZEN1_TO_3,
	  .pmu = "amd_df",
	  .module = "amd-uncore",
	  .event = CHANNELS_8("0x38"),
	  .scope = MP_SCOPE_PACKAGE,
	  .per_count = 64,
	  .estimate = true,
	  .note = DF_NOTE "; one NUMA node per socket only",
	  .from = "dram_channel_data_controller_N of the perf event tables for Zen 1 to 3" },
	{ .name = "cmn",
	  .encoder = MP_ENCODER_SYSFS,
	  .cpu = ARM,
	  .pmu = "arm_cmn_#",
	  .event = "hnf_mc_reqs",
	  .scope = MP_SCOPE_PACKAGE,
	  .per_count = 64,
	  .line_size = true,
	  .estimate = true,
	  .module = "arm-cmn",
	  .note = "requests of the mesh to its memory controllers times the line size" },
	{ .name = "dsu",
	  .encoder = MP_ENCODER_SYSFS,
	  .cpu = ARM,
	  .pmu = "arm_dsu_#",
	  .event = "l3d_cache_refill",
	  .scope = MP_SCOPE_PACKAGE,
	  .per_count = 64,
	  .line_size = true,
	  .estimate = true,
	  .module = "arm_dsu_pmu",
	  .note = "refills of the L3 of all clusters times the line size: too low, because it "
		  "leaves out write-backs and what passes by the L3" },
	{ .name = "estimate",
	  .encoder = MP_ENCODER_FORMULA,
	  .event = "l3_misses",
	  .line_size = true,
	  .estimate = true,
	  .note = "L3 misses times the line size, of the thread alone: too low, because it leaves "
		  "out write-backs, non-temporal stores, most prefetches and page-table walks" },
};

static const struct mp_counter_source flux_reads[] = {
	{ .name = "hisi_ddrc",
	  .encoder = MP_ENCODER_SYSFS,
	  .cpu = ARM,
	  .pmu = "hisi_sccl#_ddrc#",
	  .event = "flux_rd",
	  .scope = MP_SCOPE_PACKAGE,
	  .module = "hisi_uncore_ddrc_pmu",
	  .note = EVERYBODY },
};
static const struct mp_counter_source flux_writes[] = {
	{ .name = "hisi_ddrc",
	  .encoder = MP_ENCODER_SYSFS,
	  .cpu = ARM,
	  .pmu = "hisi_sccl#_ddrc#",
	  .event = "flux_wr",
	  .scope = MP_SCOPE_PACKAGE,
	  .module = "hisi_uncore_ddrc_pmu",
	  .note = EVERYBODY },
};

static const struct mp_counter_metric metrics[] = {
	{ .id = "dram_read_bytes",
	  .unit = "bytes",
	  .means = "bytes read from memory",
	  .pass = MP_PASS_BANDWIDTH,
	  .load = MP_LOAD_STREAM,
	  MP_COUNTER_SOURCES(reads) },
	{ .id = "dram_write_bytes",
	  .unit = "bytes",
	  .means = "bytes written to memory",
	  .pass = MP_PASS_BANDWIDTH,
	  .load = MP_LOAD_STREAM,
	  MP_COUNTER_SOURCES(writes) },
	{ .id = "dram_bytes",
	  .unit = "bytes",
	  .means = "bytes read from and written to memory, together",
	  .pass = MP_PASS_BANDWIDTH,
	  .load = MP_LOAD_STREAM,
	  MP_COUNTER_SOURCES(both) },
	{ .id = "ddrc_read_flux",
	  .unit = "count",
	  .means =
		  "reads that a HiSilicon memory controller counts, in a unit that its driver does "
		  "not state",
	  .pass = MP_PASS_BANDWIDTH,
	  .load = MP_LOAD_STREAM,
	  MP_COUNTER_SOURCES(flux_reads) },
	{ .id = "ddrc_write_flux",
	  .unit = "count",
	  .means = "writes that a HiSilicon memory controller counts, in a unit that its driver "
		   "does not state",
	  .pass = MP_PASS_BANDWIDTH,
	  .load = MP_LOAD_STREAM,
	  MP_COUNTER_SOURCES(flux_writes) },
};

const struct mp_counter_family mp_counter_metrics_dram = {
	.name = "dram",
	.metrics = metrics,
	.n_metrics = sizeof(metrics) / sizeof(metrics[0]),
};

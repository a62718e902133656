/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What /proc/vmstat counts, for the whole system: the difference over a region. The kernel keeps these counters per CPU
 * and sums them exactly when the file is read. That the file is alive is seen by page faults, whatever the field.
 */
#include "runner/counters/counters.h"

#define VMSTAT(suffix, fields, sentence)                                                           \
	{                                                                                          \
		.id = "vmstat_" suffix, .unit = "count", .means = sentence,                        \
		.pass = MP_PASS_EXPLAIN, .n_sources = 1,                                           \
		.sources = &(const struct mp_counter_source){ .name = "vmstat",                    \
							      .encoder = MP_ENCODER_FILE,          \
							      .event = "vmstat/" fields,           \
							      .scope = MP_SCOPE_SYSTEM,            \
							      .load = MP_LOAD_TOUCH,               \
							      .alive = "pgfault" },                \
	}

static const struct mp_counter_metric metrics[] = {
	VMSTAT("pgfault", "pgfault", "page faults"),
	VMSTAT("pgmajfault", "pgmajfault", "page faults that waited for a read"),
	VMSTAT("pgalloc", "pgalloc_*", "pages allocated, of all zones"),
	VMSTAT("pgfree", "pgfree", "pages freed"),
	VMSTAT("thp_fault_alloc", "thp_fault_alloc", "huge pages that faults got"),
	VMSTAT("thp_fault_fallback", "thp_fault_fallback",
	       "faults that wanted a huge page in vain"),
	VMSTAT("thp_collapse_alloc", "thp_collapse_alloc", "huge pages that khugepaged made"),
	VMSTAT("thp_split_pmd", "thp_split_pmd", "huge mappings that were split"),
	VMSTAT("compact_stall", "compact_stall", "allocations that had to compact memory first"),
	VMSTAT("allocstall", "allocstall_*", "allocations that had to reclaim memory first"),
	VMSTAT("pgscan_direct", "pgscan_direct", "pages that allocations looked at to reclaim"),
	VMSTAT("pgsteal_direct", "pgsteal_direct", "pages that allocations reclaimed"),
	VMSTAT("pgsteal_kswapd", "pgsteal_kswapd", "pages that kswapd reclaimed"),
	VMSTAT("pgmigrate", "pgmigrate_success", "pages moved in physical memory"),
	VMSTAT("numa_hint_faults", "numa_hint_faults", "faults that NUMA balancing provoked"),
	VMSTAT("numa_pages_migrated", "numa_pages_migrated", "pages that NUMA balancing moved"),
	VMSTAT("pswpin", "pswpin", "pages read from swap"),
	VMSTAT("pswpout", "pswpout", "pages written to swap"),
};

const struct mp_counter_family mp_counter_metrics_vmstat = {
	.name = "vmstat",
	.metrics = metrics,
	.n_metrics = sizeof(metrics) / sizeof(metrics[0]),
};

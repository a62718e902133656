/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What /proc/vmstat counts, for the whole system: the difference over a region. The kernel keeps these counters per CPU
 * and sums them exactly when the file is read. Each is proven by itself; of those that only a machine short of memory moves
 * a zero is not believed.
 */
#include "runner/counters/counters.h"

#define VMSTAT(suffix, fields, moved_by, sentence)                                                 \
	{                                                                                          \
		.id = "vmstat_" suffix, .unit = "count", .means = sentence,                        \
		.pass = MP_PASS_EXPLAIN, .load = moved_by, .n_sources = 1,                         \
		.sources = &(const struct mp_counter_source){ .name = "vmstat",                    \
							      .encoder = MP_ENCODER_FILE,          \
							      .event = "vmstat/" fields,           \
							      .scope = MP_SCOPE_SYSTEM },          \
	}

static const struct mp_counter_metric metrics[] = {
	VMSTAT("pgfault", "pgfault", MP_LOAD_TOUCH, "page faults"),
	VMSTAT("pgmajfault", "pgmajfault", MP_LOAD_FILE, "page faults that waited for a read"),
	VMSTAT("pgalloc", "pgalloc_*", MP_LOAD_TOUCH, "pages allocated, of all zones"),
	VMSTAT("pgfree", "pgfree", MP_LOAD_FREE, "pages freed"),
	VMSTAT("thp_fault_alloc", "thp_fault_alloc", MP_LOAD_HUGE, "huge pages that faults got"),
	VMSTAT("thp_fault_fallback", "thp_fault_fallback", MP_LOAD_NONE,
	       "faults that wanted a huge page in vain"),
	VMSTAT("thp_collapse_alloc", "thp_collapse_alloc", MP_LOAD_COLLAPSE,
	       "huge pages that were made of small ones"),
	VMSTAT("thp_split_pmd", "thp_split_pmd", MP_LOAD_HUGE, "huge mappings that were split"),
	VMSTAT("compact_stall", "compact_stall", MP_LOAD_NONE,
	       "allocations that had to compact memory first"),
	VMSTAT("allocstall", "allocstall_*", MP_LOAD_NONE,
	       "allocations that had to reclaim memory first"),
	VMSTAT("pgscan_direct", "pgscan_direct", MP_LOAD_NONE,
	       "pages that allocations looked at to reclaim"),
	VMSTAT("pgsteal_direct", "pgsteal_direct", MP_LOAD_NONE,
	       "pages that allocations reclaimed"),
	VMSTAT("pgsteal_kswapd", "pgsteal_kswapd", MP_LOAD_NONE, "pages that kswapd reclaimed"),
	VMSTAT("pgmigrate", "pgmigrate_success", MP_LOAD_MOVE, "pages moved in physical memory"),
	VMSTAT("numa_hint_faults", "numa_hint_faults", MP_LOAD_NONE,
	       "faults that NUMA balancing provoked"),
	VMSTAT("numa_pages_migrated", "numa_pages_migrated", MP_LOAD_NONE,
	       "pages that NUMA balancing moved"),
	VMSTAT("pswpin", "pswpin", MP_LOAD_SWAP_IN, "pages read from swap"),
	VMSTAT("pswpout", "pswpout", MP_LOAD_SWAP_OUT, "pages written to swap"),
};

const struct mp_counter_family mp_counter_metrics_vmstat = {
	.name = "vmstat",
	.metrics = metrics,
	.n_metrics = sizeof(metrics) / sizeof(metrics[0]),
};

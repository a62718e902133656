/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Facts about memory: how much there is, and every setting of memory management that moves a result. Settings that
 * are one file each are table lines; what comes in a varying number (sizes, nodes, zones, pools) has its function.
 */
#include "runner/machine/facts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/units.h"
#include "runner/machine/facthelp.h"
#include "runner/machine/zones.h"

#define VM  "/proc/sys/vm/"
#define THP "/sys/kernel/mm/transparent_hugepage/"
#define KSM "/sys/kernel/mm/ksm/"

#define NOW  MP_FACT_NOW
#define BOOT MP_FACT_BOOT

static const struct mp_fact_file files[] = {
	{ { "thp_enabled", NOW, 3, "whether faults get huge pages" },
	  MP_FACT_CHOICE,
	  THP "enabled" },
	{ { "thp_defrag", NOW, 3, "whether a fault stops to make a huge page" },
	  MP_FACT_CHOICE,
	  THP "defrag" },
	{ { "thp_shmem", NOW, 2, "huge pages of shared memory" },
	  MP_FACT_CHOICE,
	  THP "shmem_enabled" },
	{ { "thp_zero_page", NOW, 2, "read faults map one huge zero page" },
	  MP_FACT_LINE,
	  THP "use_zero_page" },
	{ { "thp_shrink_underused", NOW, 1, "huge pages full of zeroes are split under pressure" },
	  MP_FACT_LINE,
	  THP "shrink_underused" },
	{ { "thp_size", BOOT, 3, "bytes of a huge page" }, MP_FACT_LINE, THP "hpage_pmd_size" },
	{ { "khugepaged_defrag", NOW, 1, "the collapsing thread may compact" },
	  MP_FACT_LINE,
	  THP "khugepaged/defrag" },
	{ { "khugepaged_pages", NOW, 1, "pages the collapsing thread scans at a time" },
	  MP_FACT_LINE,
	  THP "khugepaged/pages_to_scan" },
	{ { "khugepaged_sleep_ms", NOW, 2, "how often it disturbs" },
	  MP_FACT_LINE,
	  THP "khugepaged/scan_sleep_millisecs" },
	{ { "khugepaged_max_none", NOW, 1, "empty entries a collapse may fill" },
	  MP_FACT_LINE,
	  THP "khugepaged/max_ptes_none" },
	{ { "khugepaged_max_swap", NOW, 1, "swapped entries a collapse may read back" },
	  MP_FACT_LINE,
	  THP "khugepaged/max_ptes_swap" },
	{ { "khugepaged_max_shared", NOW, 1, "shared entries a collapse may copy" },
	  MP_FACT_LINE,
	  THP "khugepaged/max_ptes_shared" },
	{ { "khugepaged_retry_ms", NOW, 1, "how long it waits after it found no huge page" },
	  MP_FACT_LINE,
	  THP "khugepaged/alloc_sleep_millisecs" },
	{ { "ksm_run", NOW, 2, "merged pages fault again when written" }, MP_FACT_LINE, KSM "run" },
	{ { "ksm_pages", NOW, 1, "pages scanned at a time" }, MP_FACT_LINE, KSM "pages_to_scan" },
	{ { "ksm_sleep_ms", NOW, 1, "how often the merging thread runs" },
	  MP_FACT_LINE,
	  KSM "sleep_millisecs" },
	{ { "ksm_sharing", NOW, 1, "pages that are merged now" },
	  MP_FACT_LINE,
	  KSM "pages_sharing" },
	{ { "ksm_advisor", NOW, 1, "who chooses the scan rate" },
	  MP_FACT_CHOICE,
	  KSM "advisor_mode" },
	{ { "ksm_zero_pages", NOW, 1, "pages of zeroes are merged with the zero page" },
	  MP_FACT_LINE,
	  KSM "use_zero_pages" },
	{ { "ksm_across_nodes", NOW, 1, "a merged page may be on another node" },
	  MP_FACT_LINE,
	  KSM "merge_across_nodes" },
	{ { "numa_balancing", NOW, 3, "hinting faults and migrations in the background" },
	  MP_FACT_LINE,
	  "/proc/sys/kernel/numa_balancing" },
	{ { "numa_demotion", NOW, 1, "reclaim moves pages to slower nodes" },
	  MP_FACT_LINE,
	  "/sys/kernel/mm/numa/demotion_enabled" },
	{ { "zone_reclaim_mode", NOW, 2, "reclaim before another node is asked" },
	  MP_FACT_LINE,
	  VM "zone_reclaim_mode" },
	{ { "lru_gen", NOW, 2, "which page-ageing code runs" },
	  MP_FACT_LINE,
	  "/sys/kernel/mm/lru_gen/enabled" },
	{ { "lru_gen_min_ttl_ms", NOW, 1,
	    "pages younger than that are kept, or somebody is killed" },
	  MP_FACT_LINE,
	  "/sys/kernel/mm/lru_gen/min_ttl_ms" },
	{ { "overcommit_memory", NOW, 2, "mode 2 accounts every mapping" },
	  MP_FACT_LINE,
	  VM "overcommit_memory" },
	{ { "overcommit_ratio", NOW, 1, "the limit of mode 2" },
	  MP_FACT_LINE,
	  VM "overcommit_ratio" },
	{ { "overcommit_kbytes", NOW, 1, "the limit of mode 2, where it is not 0" },
	  MP_FACT_LINE,
	  VM "overcommit_kbytes" },
	{ { "lowmem_reserve_ratio", NOW, 1, "what higher zones leave in lower ones" },
	  MP_FACT_LINE,
	  VM "lowmem_reserve_ratio" },
	{ { "vfs_cache_pressure", NOW, 1, "how fast inodes and their pages go" },
	  MP_FACT_LINE,
	  VM "vfs_cache_pressure" },
	{ { "swappiness", NOW, 1, "anonymous against file pages under pressure" },
	  MP_FACT_LINE,
	  VM "swappiness" },
	{ { "page_cluster", NOW, 1, "pages read from swap at a time" },
	  MP_FACT_LINE,
	  VM "page-cluster" },
	{ { "zswap", NOW, 1, "swap is compressed in memory first" },
	  MP_FACT_LINE,
	  "/sys/module/zswap/parameters/enabled" },
	{ { "min_free_kbytes", NOW, 2, "where the watermarks begin" },
	  MP_FACT_LINE,
	  VM "min_free_kbytes" },
	{ { "watermark_scale_factor", NOW, 2, "how early background reclaim wakes" },
	  MP_FACT_LINE,
	  VM "watermark_scale_factor" },
	{ { "watermark_boost_factor", NOW, 1, "extra reclaim against fragmentation" },
	  MP_FACT_LINE,
	  VM "watermark_boost_factor" },
	{ { "percpu_pagelist_high_fraction", NOW, 2, "the size of per-CPU page lists" },
	  MP_FACT_LINE,
	  VM "percpu_pagelist_high_fraction" },
	{ { "compaction_proactiveness", NOW, 1, "background compaction" },
	  MP_FACT_LINE,
	  VM "compaction_proactiveness" },
	{ { "compact_unevictable", NOW, 1, "locked pages may be moved, and faults wait for it" },
	  MP_FACT_LINE,
	  VM "compact_unevictable_allowed" },
	{ { "extfrag_threshold", NOW, 1, "compaction or reclaim" },
	  MP_FACT_LINE,
	  VM "extfrag_threshold" },
	{ { "defrag_mode", NOW, 2, "the page allocator defends whole blocks" },
	  MP_FACT_LINE,
	  VM "defrag_mode" },
	{ { "stat_interval", NOW, 1, "per-CPU counters are folded that often (s)" },
	  MP_FACT_LINE,
	  VM "stat_interval" },
	{ { "dirty_ratio", NOW, 1, "writers of file mappings are slowed above it" },
	  MP_FACT_LINE,
	  VM "dirty_ratio" },
	{ { "dirty_background_ratio", NOW, 1, "writeback begins at it" },
	  MP_FACT_LINE,
	  VM "dirty_background_ratio" },
	{ { "dirty_expire_cs", NOW, 1, "dirty pages older than that are written" },
	  MP_FACT_LINE,
	  VM "dirty_expire_centisecs" },
	{ { "dirty_writeback_cs", NOW, 1, "how often writeback looks" },
	  MP_FACT_LINE,
	  VM "dirty_writeback_centisecs" },
	{ { "max_map_count", NOW, 1, "how many mappings a case may make" },
	  MP_FACT_LINE,
	  VM "max_map_count" },
	{ { "mmap_min_addr", NOW, 0, "the lowest mapping" }, MP_FACT_LINE, VM "mmap_min_addr" },
	{ { "mmap_rnd_bits", NOW, 1, "how far mappings are spread" },
	  MP_FACT_LINE,
	  VM "mmap_rnd_bits" },
	{ { "legacy_va_layout", NOW, 2, "mappings grow up or down" },
	  MP_FACT_LINE,
	  VM "legacy_va_layout" },
	{ { "randomize_va_space", NOW, 1, "address-space layout randomisation" },
	  MP_FACT_LINE,
	  "/proc/sys/kernel/randomize_va_space" },
	{ { "unprivileged_userfaultfd", NOW, 0, "who may handle faults" },
	  MP_FACT_LINE,
	  VM "unprivileged_userfaultfd" },
	{ { "hugetlb_vmemmap", NOW, 1, "struct pages of hugetlb pages are freed" },
	  MP_FACT_LINE,
	  VM "hugetlb_optimize_vmemmap" },
	{ { "alloc_profiling", NOW, 2, "allocations are counted per call site" },
	  MP_FACT_LINE,
	  VM "mem_profiling" },
	{ { "kfence_sample_ms", NOW, 1, "one allocation per interval goes to a guarded page" },
	  MP_FACT_LINE,
	  "/sys/module/kfence/parameters/sample_interval" },
};

/* Sizes of meminfo. */
static const struct {
	struct mp_fact_line line;
	const char *field;
} sizes[] = {
	{ { "total", MP_FACT_HARDWARE, 2, "how much memory the kernel manages" }, "MemTotal" },
	{ { "available", NOW, 1, "what can be had without swapping" }, "MemAvailable" },
	{ { "swap_total", NOW, 2, "with swap, pressure becomes I/O" }, "SwapTotal" },
	{ { "swap_free", NOW, 1, "how much of it is free" }, "SwapFree" },
	{ { "hugetlb_default", BOOT, 1, "the default hugetlb page" }, "Hugepagesize" },
	{ { "direct_map_4k", NOW, 1, "kernel memory that is mapped by small pages" },
	  "DirectMap4k" },
	{ { "direct_map_2m", NOW, 1, "kernel memory that is mapped by 2 MiB pages" },
	  "DirectMap2M" },
	{ { "direct_map_1g", NOW, 1, "kernel memory that is mapped by 1 GiB pages" },
	  "DirectMap1G" },
};

static void put_sizes(const struct mp_fact_group *group)
{
	MP_CLEANUP(mp_str_done) struct mp_str text = MP_STR_INIT;
	int failed = mp_sysfile_read(group->root, &text, "/proc/meminfo");

	for (size_t i = 0; i < MP_COUNT(sizes); i++) {
		char value[MP_UNITS_LEN], path[64];
		uint64_t bytes;
		int err = failed;

		if (!err)
			err = mp_sysfile_field_number(text.text, sizes[i].field, &bytes);
		if (!err)
			mp_size_format(bytes, value);
		snprintf(path, sizeof(path), "/proc/meminfo: %s", sizes[i].field);
		mp_fact_put_result(group, &sizes[i].line, err, value, path);
	}
}

/* One fact per entry of a folder; `make` writes the value of one, or nothing when it has none. */
static void put_each(const struct mp_fact_group *group, const struct mp_fact_line *line,
		     const char *folder, const char *glob, const char *key_format,
		     int (*make)(const char *root, const char *path, struct mp_str *value))
{
	char **names, path[MP_SYSFILE_PATH], key[64];
	struct mp_fact_line one = *line;
	size_t count;
	int err = mp_fact_names(group->root, folder, glob, &names, &count);

	if (err) {
		mp_fact_put_result(group, line, err, NULL, folder);
		return;
	}
	one.key = key;
	for (size_t i = 0; i < count; i++) {
		MP_CLEANUP(mp_str_done) struct mp_str value = MP_STR_INIT;

		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		snprintf(key, sizeof(key), "%s_%s", key_format, names[i]);
		err = make(group->root, path, &value);
		mp_fact_put_result(group, &one, err, value.text, path);
	}
	mp_fact_names_free(names, count);
}

static int make_thp_size(const char *root, const char *path, struct mp_str *value)
{
	char enabled[32], shmem[32] = "?";
	int err = mp_sysfile_choice(root, enabled, sizeof(enabled), "%s/enabled", path);
	bool has_shmem = !mp_sysfile_choice(root, shmem, sizeof(shmem), "%s/shmem_enabled", path);

	/* The smallest size exists for shared memory only. */
	if (err && !has_shmem)
		return err;
	if (!err)
		mp_str_printf(value, "anon %s", enabled);
	if (has_shmem)
		mp_str_printf(value, "%sshmem %s", err ? "" : ", ", shmem);
	return 0;
}

static int make_pool(const char *root, const char *path, struct mp_str *value)
{
	static const char *const files_of[] = { "nr_hugepages", "free_hugepages", "resv_hugepages",
						"surplus_hugepages", "nr_overcommit_hugepages" };
	static const char *const words[] = { "total", "free", "reserved", "surplus", "overcommit" };
	uint64_t number;

	for (size_t i = 0; i < MP_COUNT(files_of); i++) {
		int err = mp_sysfile_number(root, &number, "%s/%s", path, files_of[i]);

		if (err)
			return err;
		mp_str_printf(value, "%s%s %llu", i ? ", " : "", words[i],
			      (unsigned long long)number);
	}
	return 0;
}

/* "Node 0 MemTotal: 123 kB" and the row of distances. */
static int make_node(const char *root, const char *path, struct mp_str *value)
{
	MP_CLEANUP(mp_str_done) struct mp_str text = MP_STR_INIT;
	char distance[256], size[MP_UNITS_LEN];
	int err = mp_sysfile_read(root, &text, "%s/meminfo", path);
	const char *total = err ? NULL : strstr(text.text, "MemTotal");
	uint64_t bytes;

	if (!err)
		err = total ? mp_sysfile_field_number(total, "MemTotal", &bytes) : -EINVAL;
	if (!err)
		err = mp_sysfile_line(root, distance, sizeof(distance), "%s/distance", path);
	if (!err)
		mp_str_printf(value, "%s, distances %s", mp_size_format(bytes, size), distance);
	return err;
}

/* Debug switches of one typical cache: they are on when slab debugging is. */
static int make_slab(const char *root, const char *path, struct mp_str *value)
{
	static const char *const files_of[] = { "cpu_partial", "sheaf_capacity", "sanity_checks",
						"red_zone",    "poison",	 "store_user" };
	char number[32];

	for (size_t i = 0; i < MP_COUNT(files_of); i++) {
		if (mp_sysfile_line(root, number, sizeof(number), "%s/%s", path, files_of[i]))
			continue;
		mp_str_printf(value, "%s%s %s", value->len ? ", " : "", files_of[i], number);
	}
	return value->len ? 0 : -ENOENT;
}

/* Kind, size and priority of each swap area; its path may name a disk by its UUID and is left out. */
static void put_swaps(const struct mp_fact_group *group)
{
	static const struct mp_fact_line line = { "swap_areas", NOW, 1, "where swapped pages go" };
	MP_CLEANUP(mp_str_done) struct mp_str text = MP_STR_INIT;
	MP_CLEANUP(mp_str_done) struct mp_str value = MP_STR_INIT;
	int err = mp_sysfile_read(group->root, &text, "/proc/swaps");
	const char *at = err ? NULL : strchr(text.text, '\n');

	for (; at && at[1]; at = strchr(at + 1, '\n')) {
		char name[256], type[32];
		long long kib, used, priority;

		if (sscanf(at + 1, "%255s %31s %lld %lld %lld", name, type, &kib, &used,
			   &priority) == 5)
			mp_str_printf(&value, "%s%s %lldK priority %lld", value.len ? "; " : "",
				      strncmp(name, "/dev/zram", 9) ? type : "zram", kib, priority);
	}
	mp_fact_put_result(group, &line, err, value.len ? value.text : "none", "/proc/swaps");
}

static void collect(const char *root, const struct mp_fact_sink *sink)
{
	static const struct mp_fact_line thp_size = { "thp", NOW, 3,
						      "which large folios faults may get" };
	static const struct mp_fact_line pool = { "hugetlb_pool", NOW, 1,
						  "pages of that size, in their pool" };
	static const struct mp_fact_line node = {
		"node", MP_FACT_HARDWARE, 3, "memory of the node, and how far the others are"
	};
	static const struct mp_fact_line slab = {
		"slab", BOOT, 2, "per-CPU stock and debugging of a typical cache"
	};
	struct mp_fact_group group = { root, "memory", sink };

	put_sizes(&group);
	mp_fact_put_files(&group, files, MP_COUNT(files));
	put_each(&group, &thp_size, "/sys/kernel/mm/transparent_hugepage", "hugepages-*", "thp",
		 make_thp_size);
	put_each(&group, &pool, "/sys/kernel/mm/hugepages", "hugepages-*", "pool", make_pool);
	put_each(&group, &node, "/sys/devices/system/node", "node[0-9]*", "memory_of", make_node);
	put_each(&group, &slab, "/sys/kernel/slab", "kmalloc-64", "slab", make_slab);
	put_swaps(&group);
	mp_facts_put_zones(&group);
}

const struct mp_fact_collector mp_facts_memory = { "memory", collect };

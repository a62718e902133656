/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Facts about memory nodes that belong to no single one: the matrix of distances, nodes without CPUs, what firmware
 * says about speeds, hugetlb pools, and whether the nodes add up to the memory that the kernel reports.
 */
#include "runner/machine/facts.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/units.h"
#include "runner/machine/facthelp.h"

#define NODE "/sys/devices/system/node/"

static const struct mp_fact_file files[] = {
	{ { "online", MP_FACT_BOOT, MP_WEIGHT_SOME, "more nodes, more ways to be remote" },
	  MP_FACT_LINE,
	  NODE "online" },
	{ { "with_cpus", MP_FACT_HARDWARE, MP_WEIGHT_SOME,
	    "a node without CPUs is remote to everybody" },
	  MP_FACT_LINE,
	  NODE "has_cpu" },
	{ { "with_memory", MP_FACT_HARDWARE, MP_WEIGHT_SOME,
	    "a node without memory allocates from others" },
	  MP_FACT_LINE,
	  NODE "has_memory" },
};

static const struct mp_fact_line distances = {
	"distances", MP_FACT_HARDWARE, MP_WEIGHT_MUCH,
	"a row per node: 10 is local, 20 is said to take twice as long"
};
static const struct mp_fact_line access_line = { "access", MP_FACT_HARDWARE, MP_WEIGHT_SOME,
						 "read speeds of nodes as firmware states them" };
static const struct mp_fact_line mismatch = {
	"uninitialised", MP_FACT_NOW, MP_WEIGHT_SOME,
	"memory that nodes lack is set up on first use, and allocations wait for it"
};
static const struct mp_fact_line no_pools = { "pools", MP_FACT_NOW, MP_WEIGHT_LITTLE,
					      "hugetlb pages of each node" };

static void put_distances(const struct mp_fact_group *group, char **nodes, size_t n)
{
	MP_CLEANUP(mp_str_done) struct mp_str value = MP_STR_INIT;
	char row[512];
	int err = n ? 0 : -ENOENT;

	for (size_t i = 0; !err && i < n; i++) {
		err = mp_sysfile_line(group->root, row, sizeof(row), NODE "%s/distance", nodes[i]);
		mp_str_printf(&value, "%s%s", i ? "; " : "", row);
	}
	mp_fact_put_result(group, &distances, err, value.text, NODE "node*/distance");
}

/* From ACPI's heterogeneous memory table: latency in ns, bandwidth in MiB/s (admin-guide/mm/numaperf.rst). */
static void put_access(const struct mp_fact_group *group, char **nodes, size_t n)
{
	static const char path[] = NODE "node*/access0/initiators";
	MP_CLEANUP(mp_str_done) struct mp_str value = MP_STR_INIT;
	uint64_t latency, bandwidth;

	for (size_t i = 0; i < n; i++) {
		if (!mp_sysfile_number(group->root, &latency,
				       NODE "%s/access0/initiators/read_latency", nodes[i]) &&
		    !mp_sysfile_number(group->root, &bandwidth,
				       NODE "%s/access0/initiators/read_bandwidth", nodes[i]))
			mp_str_printf(&value, "%s%s: %llu ns, %llu MiB/s", value.len ? "; " : "",
				      nodes[i], (unsigned long long)latency,
				      (unsigned long long)bandwidth);
	}
	if (value.len)
		mp_fact_put(group, &access_line, value.text, path);
	else
		mp_fact_put(group, &access_line, NULL, "firmware has no such table");
}

/* A hypervisor may hand memory out before the kernel has initialised it: /proc/meminfo counts it, its node does not. */
static void put_mismatch(const struct mp_fact_group *group, char **nodes, size_t n)
{
	static const char origin[] = "/proc/meminfo, " NODE "node*/meminfo";
	uint64_t all = 0, of_nodes = 0, bytes;
	MP_CLEANUP(mp_str_done) struct mp_str text = MP_STR_INIT;
	char value[128], size[MP_UNITS_LEN], sum[MP_UNITS_LEN];
	int err = n ? mp_sysfile_read(group->root, &text, "/proc/meminfo") : -ENOENT;

	if (!err)
		err = mp_sysfile_field_number(text.text, "MemTotal", &all);
	for (size_t i = 0; !err && i < n; i++) {
		const char *total;

		mp_str_clear(&text);
		err = mp_sysfile_read(group->root, &text, NODE "%s/meminfo", nodes[i]);
		total = err ? NULL : strstr(text.text, "MemTotal");
		if (!err)
			err = total ? mp_sysfile_field_number(total, "MemTotal", &bytes) : -EINVAL;
		of_nodes += err ? 0 : bytes;
	}
	/* Both are counted in pages; a per cent is more than rounding. */
	if (!err && all > of_nodes + all / 100)
		snprintf(value, sizeof(value), "%s in all, %s in nodes", mp_size_format(all, size),
			 mp_size_format(of_nodes, sum));
	else
		strcpy(value, "none");
	mp_fact_put_result(group, &mismatch, err, value, origin);
}

static void put_pools(const struct mp_fact_group *group, char **nodes, size_t n)
{
	struct mp_fact_line line = no_pools;
	char folder[MP_SYSFILE_PATH], key[96], value[96], **sizes;
	size_t n_sizes, told = 0;

	for (size_t i = 0; i < n; i++) {
		snprintf(folder, sizeof(folder), NODE "%s/hugepages", nodes[i]);
		if (mp_fact_names(group->root, folder, "hugepages-*", &sizes, &n_sizes))
			continue;
		for (size_t s = 0; s < n_sizes; s++) {
			uint64_t total = 0, left = 0;
			int err = mp_sysfile_number(group->root, &total, "%s/%s/nr_hugepages",
						    folder, sizes[s]);

			if (!err)
				err = mp_sysfile_number(group->root, &left, "%s/%s/free_hugepages",
							folder, sizes[s]);
			snprintf(key, sizeof(key), "pool_%s_%s", nodes[i], sizes[s]);
			snprintf(value, sizeof(value), "total %llu, free %llu",
				 (unsigned long long)total, (unsigned long long)left);
			line.key = key;
			mp_fact_put_result(group, &line, err, value, folder);
			told++;
		}
		mp_fact_names_free(sizes, n_sizes);
	}
	if (!told)
		mp_fact_put(group, &no_pools, NULL, NODE "node*/hugepages: none");
}

static void collect(const char *root, const struct mp_fact_sink *sink)
{
	struct mp_fact_group group = { root, "numa", sink };
	char **nodes = NULL;
	size_t n = 0;

	mp_fact_names(root, NODE, "node[0-9]*", &nodes, &n);
	mp_fact_put_files(&group, files, MP_COUNT(files));
	put_distances(&group, nodes, n);
	put_access(&group, nodes, n);
	put_mismatch(&group, nodes, n);
	put_pools(&group, nodes, n);
	mp_fact_names_free(nodes, n);
}

const struct mp_fact_collector mp_facts_numa = { "numa", collect };

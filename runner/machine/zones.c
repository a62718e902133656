/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Watermarks from /proc/zoneinfo, and fragmentation from /proc/buddyinfo: see zones.h. */
#include "runner/machine/zones.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"

#define HUGE_ORDER 9 /* 2 MiB of 4 KiB pages */

static const struct mp_fact_line watermarks = {
	"watermarks", MP_FACT_NOW, MP_WEIGHT_SOME,
	"free pages at which reclaim starts, of all zones together"
};

/* "        min      14" and its neighbours, once per zone. */
static void put_watermarks(const struct mp_fact_group *group)
{
	static const char *const names[] = { "min", "low", "high" };
	MP_CLEANUP(mp_str_done) struct mp_str text = MP_STR_INIT;
	unsigned long long sums[3] = { 0 };
	int err = mp_sysfile_read(group->root, &text, "/proc/zoneinfo");
	char value[96];
	bool found = false;

	for (const char *line = text.text; *line; line += *line == '\n') {
		char name[16];
		unsigned long long pages;

		/* "high: 12" with a colon is a per-CPU list's and does not match. */
		if (sscanf(line, " %15s %llu", name, &pages) == 2) {
			for (size_t i = 0; i < 3; i++) {
				if (!strcmp(name, names[i])) {
					sums[i] += pages;
					found = true;
				}
			}
		}
		line += strcspn(line, "\n");
	}
	snprintf(value, sizeof(value), "min %llu, low %llu, high %llu pages", sums[0], sums[1],
		 sums[2]);
	mp_fact_put_result(group, &watermarks, err || found ? err : -EINVAL, value,
			   "/proc/zoneinfo");
}

/*
 * The unusable free space index for huge pages, one fact per zone: the share of free memory that lies in blocks too
 * small for one (M. Gorman, A. Whitcroft, "Measuring the impact of the Linux memory manager", 2006).
 * Lines of buddyinfo: "Node 0, zone   Normal   free blocks of order 0, 1, 2 ...".
 */
static void put_fragmentation(const struct mp_fact_group *group)
{
	struct mp_fact_line line = { "fragmentation", MP_FACT_NOW, MP_WEIGHT_SOME,
				     "share of free memory in blocks below order 9" };
	MP_CLEANUP(mp_str_done) struct mp_str text = MP_STR_INIT;
	int err = mp_sysfile_read(group->root, &text, "/proc/buddyinfo");
	char *rest = text.text, *row;

	if (err || !text.len) {
		mp_fact_put_result(group, &line, err ? err : -EINVAL, NULL, "/proc/buddyinfo");
		return;
	}
	while ((row = strsep(&rest, "\n"))) {
		char zone[32], key[80], value[32], *at;
		unsigned node;
		int used;
		double all = 0, large = 0;

		if (sscanf(row, "Node %u, zone %31s%n", &node, zone, &used) != 2)
			continue;
		at = row + used;
		for (unsigned order = 0;; order++) {
			char *end;
			double pages = (double)strtoull(at, &end, 10) * (double)(1ull << order);

			if (end == at || order > 32)
				break;
			at = end;
			all += pages;
			large += order >= HUGE_ORDER ? pages : 0;
		}
		snprintf(key, sizeof(key), "fragmentation_node%u_%s", node, zone);
		snprintf(value, sizeof(value), "%.2f", all > 0 ? 1 - large / all : 0);
		line.key = key;
		mp_fact_put(group, &line, all > 0 ? value : NULL,
			    all > 0 ? "/proc/buddyinfo" : "/proc/buddyinfo: no free page");
	}
}

void mp_facts_put_zones(const struct mp_fact_group *group)
{
	put_watermarks(group);
	put_fragmentation(group);
}

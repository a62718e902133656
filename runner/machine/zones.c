/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Watermarks from /proc/zoneinfo, and fragmentation from /proc/buddyinfo: see zones.h. */
#include "runner/machine/zones.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"

#define ORDERS	     32 /* columns of /proc/buddyinfo: 11 to 14 */
#define COSTLY_ORDER 3 /* PAGE_ALLOC_COSTLY_ORDER: up to here the kernel tries until it succeeds */

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

/* The orders that are asked about: pairs, the last that is not costly, and huge pages. */
struct orders {
	unsigned of[3];
	size_t n;
	const char *origin; /* of the facts */
};

/* The order of what one entry of the middle page table (PMD) maps: as the kernel says, or a page full of entries of 8 bytes
 * (9 with pages of 4K, 11 of 16K, 13 of 64K). 0: the page size is not known. */
static unsigned pmd_order(const char *root)
{
	MP_CLEANUP(mp_str_done) struct mp_str smaps = MP_STR_INIT;
	uint64_t page, huge;
	unsigned order = 0;

	if (mp_sysfile_read(root, &smaps, "/proc/self/smaps") ||
	    mp_sysfile_field_number(smaps.text, "KernelPageSize", &page) || !page)
		return 0;
	if (mp_sysfile_number(root, &huge, "/sys/kernel/mm/transparent_hugepage/hpage_pmd_size"))
		huge = page * (page / 8);
	while (order < ORDERS && page << order < huge)
		order++;
	return order;
}

static struct orders choose_orders(const char *root)
{
	unsigned pmd = pmd_order(root);

	return (struct orders){ .of = { 1, COSTLY_ORDER, pmd },
				.n = pmd ? 3 : 2,
				.origin =
					pmd ? "/proc/buddyinfo"
					    : "/proc/buddyinfo; without the PMD's order: the page "
					      "size is unknown" };
}

/* Free memory of a zone, seen from one order; the kernel's struct contig_page_info. */
struct contiguity {
	uint64_t pages, blocks; /* all */
	uint64_t suitable; /* blocks of the order that fit into those */
};

static struct contiguity look(const uint64_t *blocks, unsigned n, unsigned order)
{
	struct contiguity c = { 0 };

	for (unsigned i = 0; i < n; i++) {
		c.blocks += blocks[i];
		c.pages += blocks[i] << i;
		c.suitable += i >= order ? blocks[i] << (i - order) : 0;
	}
	return c;
}

/* In thousandths, as the functions of these names in the kernel's mm/vmstat.c define them. */
static int fragmentation_index(const struct contiguity *c, unsigned order)
{
	if (!c->blocks)
		return 0;
	if (c->suitable)
		return -1000;
	return 1000 - (int)((1000 + c->pages * 1000 / (1ull << order)) / c->blocks);
}

static int unusable_free_index(const struct contiguity *c, unsigned order)
{
	return c->pages ? (int)((c->pages - (c->suitable << order)) * 1000 / c->pages) : 1000;
}

/* Two facts of a zone, each of all orders: "order 1: 0.004, order 3: 0.020, order 9: 0.512". An order that the zone has no
 * list for is left out: no block can be as large. */
static void put_zone(const struct mp_fact_group *group, const struct orders *orders, unsigned node,
		     const char *zone, const uint64_t *blocks, unsigned n)
{
	static const struct {
		const char *key, *why;
		int (*index)(const struct contiguity *c, unsigned order);
	} indices[] = {
		{ "index",
		  "why a request would fail: 0 for want of memory, 1 as it is in pieces; -1: it "
		  "would "
		  "not",
		  fragmentation_index },
		{ "unusable", "share of free memory in blocks that are too small",
		  unusable_free_index },
	};

	for (size_t i = 0; i < MP_COUNT(indices); i++) {
		MP_CLEANUP(mp_str_done) struct mp_str value = MP_STR_INIT;
		struct mp_fact_line line = { NULL, MP_FACT_NOW, MP_WEIGHT_SOME, indices[i].why };
		char key[80];

		for (size_t o = 0; o < orders->n; o++) {
			struct contiguity c = look(blocks, n, orders->of[o]);

			if (orders->of[o] < n)
				mp_str_printf(&value, "%sorder %u: %.3f", value.len ? ", " : "",
					      orders->of[o],
					      indices[i].index(&c, orders->of[o]) / 1000.0);
		}
		snprintf(key, sizeof(key), "fragmentation_%s_node%u_%s", indices[i].key, node,
			 zone);
		line.key = key;
		mp_fact_put(group, &line, value.len ? value.text : NULL, orders->origin);
	}
}

/* Lines of buddyinfo: "Node 0, zone   Normal   free blocks of order 0, 1, 2 ...". */
static void put_fragmentation(const struct mp_fact_group *group)
{
	static const struct mp_fact_line line = { "fragmentation", MP_FACT_NOW, MP_WEIGHT_SOME,
						  "whether free memory is in pieces" };
	const struct orders orders = choose_orders(group->root);
	MP_CLEANUP(mp_str_done) struct mp_str text = MP_STR_INIT;
	int err = mp_sysfile_read(group->root, &text, "/proc/buddyinfo");
	char *rest = text.text, *row;

	if (err || !text.len) {
		mp_fact_put_result(group, &line, err ? err : -EINVAL, NULL, "/proc/buddyinfo");
		return;
	}
	while ((row = strsep(&rest, "\n"))) {
		uint64_t blocks[ORDERS];
		unsigned node, n = 0;
		char zone[32], *at;
		int used;

		if (sscanf(row, "Node %u, zone %31s%n", &node, zone, &used) != 2)
			continue;
		at = row + used;
		for (char *end; n < ORDERS; n++, at = end) {
			blocks[n] = strtoull(at, &end, 10);
			if (end == at)
				break;
		}
		put_zone(group, &orders, node, zone, blocks, n);
	}
}

void mp_facts_put_zones(const struct mp_fact_group *group)
{
	put_watermarks(group);
	put_fragmentation(group);
}

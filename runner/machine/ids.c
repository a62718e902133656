/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The ids of class and configuration: see ids.h. Only facts that every user may read are in them, or the same machine
 * would be another one for root; so memory modules are not: their facts stand for themselves.
 */
#include "runner/machine/ids.h"

#include <stdio.h>
#include <string.h>

#include "common/units.h"
#include "runner/machine/facthelp.h"
#include "common/sha256.h"

enum { CLASS, CONFIG };

static const struct mp_fact_line lines[] = {
	[CLASS] = { "class", MP_FACT_HARDWARE, MP_WEIGHT_NONE,
		    "equal: the same processor, caches, nodes and amount of memory" },
	[CONFIG] = { "config", MP_FACT_NOW, MP_WEIGHT_NONE,
		     "equal: the same kernel and settings of what moves results" },
};

/* What goes into which; never change a line without need: ids of stored runs would stop to match. */
static const struct {
	int id;
	const char *group, *key; /* globs */
} parts[] = {
	{ CLASS, "cpu", "model" },
	{ CLASS, "cpu", "family_model_stepping" },
	{ CLASS, "cpu", "kinds" },
	{ CLASS, "cpu", "cache_kinds" },
	{ CLASS, "cpu", "l3_domains" },
	{ CLASS, "cpu", "possible" },
	{ CLASS, "cpu", "packages" },
	{ CLASS, "cpu", "fast_cores" },
	{ CLASS, "cpu", "slow_cores" },
	{ CLASS, "numa", "distances" },
	{ CLASS, "memory", "total" },
	{ CONFIG, "kernel", "release" },
	{ CONFIG, "kernel", "version" },
	{ CONFIG, "kernel", "build_id" },
	{ CONFIG, "kernel", "cmdline" },
	{ CONFIG, "kernel", "page_size" },
	{ CONFIG, "kernel", "vulnerability_*" },
	{ CONFIG, "cpu", "microcode" },
	{ CONFIG, "cpu", "online" },
	{ CONFIG, "memory", "thp*" },
	{ CONFIG, "memory", "khugepaged_*" },
	{ CONFIG, "memory", "ksm_run" },
	{ CONFIG, "memory", "numa_balancing" },
	{ CONFIG, "memory", "zone_reclaim_mode" },
	{ CONFIG, "memory", "lru_gen" },
	{ CONFIG, "memory", "overcommit_*" },
	{ CONFIG, "memory", "swappiness" },
	{ CONFIG, "memory", "swap_total" },
	{ CONFIG, "memory", "zswap" },
	{ CONFIG, "memory", "min_free_kbytes" },
	{ CONFIG, "memory", "watermark_*" },
	{ CONFIG, "memory", "percpu_pagelist_high_fraction" },
	{ CONFIG, "memory", "compaction_proactiveness" },
	{ CONFIG, "memory", "defrag_mode" },
	{ CONFIG, "memory", "alloc_profiling" },
	{ CONFIG, "memory", "randomize_va_space" },
	{ CONFIG, "scheduling", "governor" },
	{ CONFIG, "scheduling", "frequency_*" },
	{ CONFIG, "scheduling", "turbo" },
	{ CONFIG, "scheduling", "smt" },
	{ CONFIG, "scheduling", "isolated" },
	{ CONFIG, "scheduling", "nohz_full" },
	{ CONFIG, "clock", "current_clocksource" },
	{ CONFIG, "cgroup", "version" },
	{ CONFIG, "cgroup", "memory_max" },
	{ CONFIG, "cgroup", "memory_high" },
	{ CONFIG, "cgroup", "memory_limit_v1" },
	{ CONFIG, "cgroup", "cpu_quota" },
};

void mp_fact_ids_init(struct mp_fact_ids *ids, const struct mp_fact_sink *sink)
{
	*ids = (struct mp_fact_ids){ .sink = sink, .text = { MP_STR_INIT, MP_STR_INIT } };
}

/* Of the amount of memory only GiB count: kernels differ in what they keep for themselves. */
static void add_value(struct mp_str *text, const struct mp_fact *fact)
{
	uint64_t bytes;

	if (!strcmp(fact->key, "total") && !mp_size_parse(fact->value, &bytes))
		mp_str_printf(text, "%llu GiB", (unsigned long long)((bytes + (1u << 29)) >> 30));
	else
		mp_str_add(text, fact->value);
}

void mp_fact_ids_add(void *user, const struct mp_fact *fact)
{
	struct mp_fact_ids *ids = user;

	for (size_t i = 0; i < MP_COUNT(parts); i++) {
		struct mp_str *text = &ids->text[parts[i].id];

		if (!mp_str_glob(parts[i].group, fact->group) ||
		    !mp_str_glob(parts[i].key, fact->key))
			continue;
		/* What this kernel has no file for is not there, and does not change the id when it is asked for. */
		if (!fact->value)
			break;
		mp_str_printf(text, "%s.%s=", fact->group, fact->key);
		add_value(text, fact);
		mp_str_addc(text, '\n');
		ids->known[parts[i].id] = true;
		break;
	}
	ids->sink->fact(ids->sink->user, fact);
}

void mp_fact_ids_put(struct mp_fact_ids *ids)
{
	struct mp_fact_group group = { "", "machine", ids->sink };

	for (int id = CLASS; id <= CONFIG; id++) {
		char digits[17];
		uint8_t digest[32];
		bool known = ids->known[id] && !ids->text[id].failed;

		mp_sha256(ids->text[id].text, ids->text[id].len, digest);
		for (unsigned i = 0; i < 8; i++)
			snprintf(digits + 2 * i, 3, "%02x", digest[i]);
		mp_fact_put(&group, &lines[id], known ? digits : NULL,
			    known ? "SHA-256 of other facts" : "nothing of it could be read");
		mp_str_done(&ids->text[id]);
	}
}

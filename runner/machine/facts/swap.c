/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Facts about compressed swap: zswap in front of a swap area, zram as one. The areas are in the group memory. */
#include "runner/machine/facts.h"

#include <errno.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/units.h"
#include "runner/machine/facthelp.h"

#define ZSWAP "/sys/module/zswap/parameters/"

static const struct mp_fact_file files[] = {
	{ { "zswap_compressor", MP_FACT_NOW, MP_WEIGHT_LITTLE, "what a swapped page is paid with" },
	  MP_FACT_LINE,
	  ZSWAP "compressor" },
	{ { "zswap_max_percent", MP_FACT_NOW, MP_WEIGHT_LITTLE, "share of memory it may take" },
	  MP_FACT_LINE,
	  ZSWAP "max_pool_percent" },
	{ { "zswap_shrinker", MP_FACT_NOW, MP_WEIGHT_LITTLE, "cold pages are written on" },
	  MP_FACT_LINE,
	  ZSWAP "shrinker_enabled" },
};

static const struct mp_fact_line zram = { "zram", MP_FACT_NOW, MP_WEIGHT_LITTLE,
					  "swapping to it costs CPU and memory instead of I/O" };

static void put_zram(const struct mp_fact_group *group)
{
	MP_CLEANUP(mp_str_done) struct mp_str value = MP_STR_INIT;
	char **names, algorithm[32], size[MP_UNITS_LEN];
	uint64_t bytes;
	size_t count;
	int err = mp_fact_names(group->root, "/sys/block", "zram[0-9]*", &names, &count);

	if (err) {
		mp_fact_put_result(group, &zram, err, NULL, "/sys/block");
		return;
	}
	for (size_t i = 0; i < count; i++) {
		if (mp_sysfile_number(group->root, &bytes, "/sys/block/%s/disksize", names[i]) ||
		    !bytes)
			continue;
		if (mp_sysfile_choice(group->root, algorithm, sizeof(algorithm),
				      "/sys/block/%s/comp_algorithm", names[i]))
			strcpy(algorithm, "unknown");
		mp_str_printf(&value, "%s%s by %s", value.len ? ", " : "",
			      mp_size_format(bytes, size), algorithm);
	}
	mp_fact_names_free(names, count);
	mp_fact_put(group, &zram, value.len ? value.text : "none", "/sys/block/zram*");
}

static void collect(const char *root, const struct mp_fact_sink *sink)
{
	struct mp_fact_group group = { root, "swap", sink };

	mp_fact_put_files(&group, files, MP_COUNT(files));
	put_zram(&group);
}

const struct mp_fact_collector mp_facts_swap = { "swap", collect };

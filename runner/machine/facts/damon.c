/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Facts about DAMON: kernel threads that sample accesses clear accessed bits and cost faults of their own. */
#include "runner/machine/facts.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/cleanup.h"
#include "runner/machine/facthelp.h"

#define KDAMONDS "/sys/kernel/mm/damon/admin/kdamonds"

static const struct mp_fact_file files[] = {
	{ { "reclaim", MP_FACT_NOW, MP_WEIGHT_SOME, "cold pages are reclaimed ahead of time" },
	  MP_FACT_LINE,
	  "/sys/module/damon_reclaim/parameters/enabled" },
	{ { "lru_sort", MP_FACT_NOW, MP_WEIGHT_SOME, "pages are moved between lists" },
	  MP_FACT_LINE,
	  "/sys/module/damon_lru_sort/parameters/enabled" },
	{ { "stat", MP_FACT_NOW, MP_WEIGHT_LITTLE, "accesses are sampled for statistics" },
	  MP_FACT_LINE,
	  "/sys/module/damon_stat/parameters/enabled" },
};

static const struct mp_fact_line monitors = { "monitors", MP_FACT_NOW, MP_WEIGHT_SOME,
					      "each one that is on samples accesses" };

static void put_monitors(const struct mp_fact_group *group)
{
	char **names, state[32], value[64];
	size_t count, on = 0;
	int err = mp_fact_names(group->root, KDAMONDS, "[0-9]*", &names, &count);

	if (err) {
		mp_fact_put_result(group, &monitors, err, NULL, KDAMONDS);
		return;
	}
	for (size_t i = 0; i < count; i++)
		on += !mp_sysfile_line(group->root, state, sizeof(state), KDAMONDS "/%s/state",
				       names[i]) &&
		      !strcmp(state, "on");
	mp_fact_names_free(names, count);
	snprintf(value, sizeof(value), "%zu on", on);
	mp_fact_put(group, &monitors, on ? value : "none on", KDAMONDS "/*/state");
}

static void collect(const char *root, const struct mp_fact_sink *sink)
{
	struct mp_fact_group group = { root, "damon", sink };

	put_monitors(&group);
	mp_fact_put_files(&group, files, MP_COUNT(files));
}

const struct mp_fact_collector mp_facts_damon = { "damon", collect };

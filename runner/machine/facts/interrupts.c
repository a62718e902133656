/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Facts about where interrupts may go. Their names, which may tell devices, are not looked at. */
#include "runner/machine/facts.h"

#include <errno.h>

#include "common/cleanup.h"
#include "runner/machine/facthelp.h"

static const struct mp_fact_file files[] = {
	{ { "default_affinity", MP_FACT_NOW, MP_WEIGHT_LITTLE, "the CPUs that new interrupts get" },
	  MP_FACT_LINE,
	  "/proc/irq/default_smp_affinity" },
};

static const struct mp_fact_line affinity = { "affinity", MP_FACT_NOW, MP_WEIGHT_LITTLE,
					      "lists of CPUs that interrupts may go to" };

static void put_affinity(const struct mp_fact_group *group)
{
	MP_CLEANUP(mp_str_done) struct mp_str value = MP_STR_INIT;
	struct mp_fact_tally tally = { .n = 0 };
	char **names = NULL, list[64];
	size_t count = 0;
	int err = mp_fact_names(group->root, "/proc/irq", "[0-9]*", &names, &count);

	for (size_t i = 0; i < count; i++) {
		if (!mp_sysfile_line(group->root, list, sizeof(list),
				     "/proc/irq/%s/smp_affinity_list", names[i]))
			mp_fact_tally(&tally, list);
	}
	mp_fact_names_free(names, count);
	mp_fact_tally_text(&tally, &value);
	mp_fact_put_result(group, &affinity,
			   tally.n ? 0
			   : err   ? err
				   : -ENOENT,
			   value.text, "/proc/irq/*/smp_affinity_list");
}

static void collect(const char *root, const struct mp_fact_sink *sink)
{
	struct mp_fact_group group = { root, "interrupts", sink };

	mp_fact_put_files(&group, files, MP_COUNT(files));
	put_affinity(&group);
}

const struct mp_fact_collector mp_facts_interrupts = { "interrupts", collect };

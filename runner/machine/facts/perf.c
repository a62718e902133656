/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Facts about counting events: what may be counted, who holds counters already, and which units the kernel knows. */
#include "runner/machine/facts.h"

#include <errno.h>

#include "common/cleanup.h"
#include "runner/machine/facthelp.h"

#define SYSCTL	"/proc/sys/kernel/"
#define DEVICES "/sys/bus/event_source/devices"

static const struct mp_fact_file files[] = {
	{ { "nmi_watchdog", MP_FACT_NOW, MP_WEIGHT_LITTLE,
	    "it interrupts every CPU and holds one of its counters" },
	  MP_FACT_LINE,
	  SYSCTL "nmi_watchdog" },
	{ { "user_access", MP_FACT_NOW, MP_WEIGHT_NONE, "arm64: counters are read without a call" },
	  MP_FACT_LINE,
	  SYSCTL "perf_user_access" },
	{ { "max_sample_rate", MP_FACT_NOW, MP_WEIGHT_NONE,
	    "the kernel lowers it when sampling took too long" },
	  MP_FACT_LINE,
	  SYSCTL "perf_event_max_sample_rate" },
	{ { "kptr_restrict", MP_FACT_NOW, MP_WEIGHT_NONE, "kernel addresses are hidden" },
	  MP_FACT_LINE,
	  SYSCTL "kptr_restrict" },
	{ { "mlock_kb", MP_FACT_NOW, MP_WEIGHT_NONE, "how much an ordinary user may map" },
	  MP_FACT_LINE,
	  SYSCTL "perf_event_mlock_kb" },
};

static const struct mp_fact_line units = {
	"units", MP_FACT_BOOT, MP_WEIGHT_LITTLE,
	"counting units and their numbers: what can be counted"
};

static void put_units(const struct mp_fact_group *group)
{
	MP_CLEANUP(mp_str_done) struct mp_str value = MP_STR_INIT;
	char **names, number[32];
	size_t count;
	int err = mp_fact_names(group->root, DEVICES, "*", &names, &count);

	if (err) {
		mp_fact_put_result(group, &units, err, NULL, DEVICES);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		if (mp_sysfile_line(group->root, number, sizeof(number), DEVICES "/%s/type",
				    names[i]))
			continue;
		mp_str_printf(&value, "%s%s=%s", value.len ? " " : "", names[i], number);
	}
	mp_fact_names_free(names, count);
	mp_fact_put_result(group, &units, value.len ? 0 : -ENOENT, value.text, DEVICES);
}

static void collect(const char *root, const struct mp_fact_sink *sink)
{
	struct mp_fact_group group = { root, "perf", sink };

	mp_fact_put_files(&group, files, MP_COUNT(files));
	put_units(&group);
}

const struct mp_fact_collector mp_facts_perf = { "perf", collect };

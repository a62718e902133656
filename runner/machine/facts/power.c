/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Facts about power: who drives the frequency and within which bounds, the mains, and the heat of packages. */
#include "runner/machine/facts.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/cleanup.h"
#include "runner/machine/facthelp.h"
#include "runner/machine/throttle.h"

#define CPU    "/sys/devices/system/cpu/"
#define SUPPLY "/sys/class/power_supply"

static const struct mp_fact_file files[] = {
	{ { "intel_pstate", MP_FACT_NOW, MP_WEIGHT_SOME,
	    "active: the processor chooses its frequency, the governor is a hint" },
	  MP_FACT_LINE,
	  CPU "intel_pstate/status" },
	{ { "amd_pstate", MP_FACT_NOW, MP_WEIGHT_SOME,
	    "active: the processor chooses its frequency, the governor is a hint" },
	  MP_FACT_LINE,
	  CPU "amd_pstate/status" },
	{ { "min_percent", MP_FACT_NOW, MP_WEIGHT_SOME, "of the highest frequency" },
	  MP_FACT_LINE,
	  CPU "intel_pstate/min_perf_pct" },
	{ { "max_percent", MP_FACT_NOW, MP_WEIGHT_SOME, "of the highest frequency" },
	  MP_FACT_LINE,
	  CPU "intel_pstate/max_perf_pct" },
	{ { "dynamic_boost", MP_FACT_NOW, MP_WEIGHT_LITTLE,
	    "a core that waited for I/O is sped up for a moment" },
	  MP_FACT_LINE,
	  CPU "intel_pstate/hwp_dynamic_boost" },
};

static const struct mp_fact_line mains = { "mains", MP_FACT_NOW, MP_WEIGHT_SOME,
					   "on battery the firmware saves power" };
static const struct mp_fact_line packages = { "package_throttled", MP_FACT_NOW, MP_WEIGHT_LITTLE,
					      "heat has already slowed whole packages that often" };

static const struct mp_fact_line temperature = { "temperature", MP_FACT_NOW, MP_WEIGHT_NONE,
						 "the hottest sensor before the run" };

static void put_mains(const struct mp_fact_group *group)
{
	char **names, type[32], value[16] = "";
	size_t count;
	int err = mp_fact_names(group->root, SUPPLY, "*", &names, &count);
	uint64_t online;

	if (err) {
		mp_fact_put_result(group, &mains, err, NULL, SUPPLY);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		if (mp_sysfile_line(group->root, type, sizeof(type), SUPPLY "/%s/type", names[i]) ||
		    strcmp(type, "Mains") ||
		    mp_sysfile_number(group->root, &online, SUPPLY "/%s/online", names[i]))
			continue;
		if (strcmp(value, "on"))
			strcpy(value, online ? "on" : "off");
	}
	mp_fact_names_free(names, count);
	if (*value)
		mp_fact_put(group, &mains, value, SUPPLY "/*/online");
	else
		mp_fact_put(group, &mains, NULL, SUPPLY ": no mains adapter");
}

/* The hottest zone, in thousandths of a degree Celsius (driver-api/thermal/sysfs-api.rst). */
static void put_temperature(const struct mp_fact_group *group)
{
	static const char folder[] = "/sys/class/thermal";
	uint64_t most = 0, value;
	char **names, text[32];
	size_t count, seen = 0;
	int err = mp_fact_names(group->root, folder, "thermal_zone[0-9]*", &names, &count);

	for (size_t i = 0; !err && i < count; i++) {
		if (mp_sysfile_number(group->root, &value, "%s/%s/temp", folder, names[i]))
			continue;
		seen++;
		most = value > most ? value : most;
	}
	if (!err)
		mp_fact_names_free(names, count);
	snprintf(text, sizeof(text), "%.0f C", (double)most / 1000);
	mp_fact_put_result(group, &temperature, err || seen ? err : -ENOENT, text,
			   "/sys/class/thermal/thermal_zone*/temp");
}

static void collect(const char *root, const struct mp_fact_sink *sink)
{
	struct mp_fact_group group = { root, "power", sink };
	struct mp_throttle count;
	char value[32];
	int err = mp_throttle_read(root, &count);

	mp_fact_put_files(&group, files, MP_COUNT(files));
	put_mains(&group);
	put_temperature(&group);
	snprintf(value, sizeof(value), "%llu times", err ? 0 : (unsigned long long)count.packages);
	mp_fact_put_result(&group, &packages, err, value, MP_THROTTLE_FILES);
}

const struct mp_fact_collector mp_facts_power = { "power", collect };

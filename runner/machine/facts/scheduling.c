/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Facts about what runs when and how fast: frequency, idle states, siblings, isolation, and the load of the moment. */
#include "runner/machine/facts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "runner/machine/facthelp.h"
#include "runner/machine/throttle.h"

#define CPU "/sys/devices/system/cpu/"

static const struct mp_fact_file files[] = {
	{ { "smt", MP_FACT_BOOT, MP_WEIGHT_SOME, "a busy sibling takes up to half of a core" },
	  MP_FACT_LINE,
	  CPU "smt/control" },
	{ { "isolated", MP_FACT_BOOT, MP_WEIGHT_SOME, "CPUs that the scheduler leaves alone" },
	  MP_FACT_LINE,
	  CPU "isolated" },
	{ { "nohz_full", MP_FACT_BOOT, MP_WEIGHT_SOME,
	    "CPUs that may lose their tick pay for it at every entry to the kernel" },
	  MP_FACT_LINE,
	  CPU "nohz_full" },
	{ { "idle_driver", MP_FACT_BOOT, MP_WEIGHT_LITTLE, "how an idle CPU waits" },
	  MP_FACT_LINE,
	  CPU "cpuidle/current_driver" },
	{ { "idle_governor", MP_FACT_BOOT, MP_WEIGHT_LITTLE, "which idle state is picked" },
	  MP_FACT_LINE,
	  CPU "cpuidle/current_governor" },
	{ { "autogroup", MP_FACT_NOW, MP_WEIGHT_LITTLE, "sessions share the CPU, not tasks" },
	  MP_FACT_LINE,
	  "/proc/sys/kernel/sched_autogroup_enabled" },
	{ { "watchdog", MP_FACT_NOW, MP_WEIGHT_LITTLE,
	    "a thread per CPU wakes up, and a counter is taken" },
	  MP_FACT_LINE,
	  "/proc/sys/kernel/watchdog" },
};

/* Files that exist once per CPU and are told together. */
static const struct mp_fact_file per_cpu[] = {
	{ { "governor", MP_FACT_NOW, MP_WEIGHT_MUCH,
	    "with another governor than performance the frequency follows the load" },
	  MP_FACT_LINE,
	  "cpufreq/scaling_governor" },
	{ { "frequency_driver", MP_FACT_BOOT, MP_WEIGHT_SOME, "who sets the frequency" },
	  MP_FACT_LINE,
	  "cpufreq/scaling_driver" },
	{ { "energy_preference", MP_FACT_NOW, MP_WEIGHT_SOME,
	    "what the processor itself prefers when it chooses its frequency" },
	  MP_FACT_LINE,
	  "cpufreq/energy_performance_preference" },
	{ { "frequency_min_khz", MP_FACT_NOW, MP_WEIGHT_SOME, "the lowest frequency allowed" },
	  MP_FACT_LINE,
	  "cpufreq/scaling_min_freq" },
	{ { "frequency_max_khz", MP_FACT_NOW, MP_WEIGHT_SOME, "the highest frequency allowed" },
	  MP_FACT_LINE,
	  "cpufreq/scaling_max_freq" },
	{ { "frequency_base_khz", MP_FACT_HARDWARE, MP_WEIGHT_SOME, "the frequency without turbo" },
	  MP_FACT_LINE,
	  "cpufreq/base_frequency" },
};

static const struct mp_fact_line turbo = { "turbo", MP_FACT_NOW, MP_WEIGHT_MUCH,
					   "with turbo the speed depends on heat and neighbours" };
static const struct mp_fact_line idle_states = {
	"idle_states", MP_FACT_BOOT, MP_WEIGHT_SOME,
	"deep states take long to leave: shootdowns and wake-ups wait"
};
static const struct mp_fact_line throttled = { "throttled", MP_FACT_NOW, MP_WEIGHT_LITTLE,
					       "heat has already slowed the cores that often" };
static const struct mp_fact_line load = { "load", MP_FACT_NOW, MP_WEIGHT_SOME,
					  "others want the CPUs too (1, 5, 15 minutes)" };
static const struct mp_fact_line uptime = { "uptime", MP_FACT_NOW, MP_WEIGHT_LITTLE,
					    "memory fragments and slabs fill with time" };
static const struct mp_fact_line steal = { "steal", MP_FACT_NOW, MP_WEIGHT_SOME,
					   "time that the hypervisor gave to others since boot" };

static void put_per_cpu(const struct mp_fact_group *group)
{
	char **cpus = NULL, path[MP_SYSFILE_PATH], text[64];
	size_t n_cpus = 0;

	mp_fact_names(group->root, CPU, "cpu[0-9]*", &cpus, &n_cpus);
	for (size_t i = 0; i < MP_COUNT(per_cpu); i++) {
		MP_CLEANUP(mp_str_done) struct mp_str value = MP_STR_INIT;
		struct mp_fact_tally tally = { .n = 0 };
		int err = -ENOENT;

		for (size_t c = 0; c < n_cpus; c++) {
			int this = mp_sysfile_line(group->root, text, sizeof(text), CPU "%s/%s",
						   cpus[c], per_cpu[i].path);

			if (!this)
				mp_fact_tally(&tally, text);
			err = this ? this : err;
		}
		mp_fact_tally_text(&tally, &value);
		snprintf(path, sizeof(path), CPU "cpu*/%s", per_cpu[i].path);
		mp_fact_put_result(group, &per_cpu[i].line, tally.n ? 0 : err, value.text, path);
	}
	mp_fact_names_free(cpus, n_cpus);
}

static void put_turbo(const struct mp_fact_group *group)
{
	static const char intel[] = CPU "intel_pstate/no_turbo", boost[] = CPU "cpufreq/boost";
	uint64_t number;
	int err = mp_sysfile_number(group->root, &number, intel);

	if (!err) {
		mp_fact_put(group, &turbo, number ? "off" : "on", intel);
		return;
	}
	err = mp_sysfile_number(group->root, &number, boost);
	mp_fact_put_result(group, &turbo, err, !err && number ? "on" : "off", boost);
}

static void put_idle_states(const struct mp_fact_group *group)
{
	static const char folder[] = CPU "cpu0/cpuidle";
	MP_CLEANUP(mp_str_done) struct mp_str value = MP_STR_INIT;
	char **names, text[64];
	size_t count;
	int err = mp_fact_names(group->root, folder, "state*", &names, &count);

	for (size_t i = 0; !err && i < count; i++) {
		uint64_t disabled = 0;

		err = mp_sysfile_line(group->root, text, sizeof(text), "%s/%s/name", folder,
				      names[i]);
		mp_sysfile_number(group->root, &disabled, "%s/%s/disable", folder, names[i]);
		if (!err)
			mp_str_printf(&value, "%s%s%s", i ? " " : "", text,
				      disabled ? " (off)" : "");
		if (err || i + 1 == count)
			mp_fact_names_free(names, count);
	}
	mp_fact_put_result(group, &idle_states, err || value.len ? err : -ENOENT, value.text,
			   folder);
}

static void put_throttled(const struct mp_fact_group *group)
{
	struct mp_throttle count;
	char value[32];
	int err = mp_throttle_read(group->root, &count);

	snprintf(value, sizeof(value), "%llu times", err ? 0 : (unsigned long long)count.cores);
	mp_fact_put_result(group, &throttled, err, value,
			   CPU "cpu*/thermal_throttle/core_throttle_count");
}

static void put_moment(const struct mp_fact_group *group)
{
	char line[256], value[64];
	double numbers[3];
	int err = mp_sysfile_line(group->root, line, sizeof(line), "/proc/loadavg");

	if (!err && sscanf(line, "%lf %lf %lf", &numbers[0], &numbers[1], &numbers[2]) != 3)
		err = -EINVAL;
	if (!err)
		snprintf(value, sizeof(value), "%.2f %.2f %.2f", numbers[0], numbers[1],
			 numbers[2]);
	mp_fact_put_result(group, &load, err, value, "/proc/loadavg");

	err = mp_sysfile_line(group->root, line, sizeof(line), "/proc/uptime");
	if (!err && sscanf(line, "%lf", &numbers[0]) != 1)
		err = -EINVAL;
	if (!err)
		snprintf(value, sizeof(value), "%.0f s", numbers[0]);
	mp_fact_put_result(group, &uptime, err, value, "/proc/uptime");
}

/* Fields of "cpu" in /proc/stat (proc_stat(5)): user nice system idle iowait irq softirq steal ... */
static void put_steal(const struct mp_fact_group *group)
{
	unsigned long long ticks[8], sum = 0;
	char line[512], value[64];
	int err = mp_sysfile_line(group->root, line, sizeof(line), "/proc/stat");

	if (!err &&
	    sscanf(line, "cpu %llu %llu %llu %llu %llu %llu %llu %llu", &ticks[0], &ticks[1],
		   &ticks[2], &ticks[3], &ticks[4], &ticks[5], &ticks[6], &ticks[7]) != 8)
		err = -EINVAL;
	for (size_t i = 0; !err && i < 8; i++)
		sum += ticks[i];
	if (!err && !sum)
		err = -EINVAL;
	if (!err)
		snprintf(value, sizeof(value), "%llu ticks, %.3f %%", ticks[7],
			 100.0 * (double)ticks[7] / (double)sum);
	mp_fact_put_result(group, &steal, err, value, "/proc/stat");
}

static void collect(const char *root, const struct mp_fact_sink *sink)
{
	struct mp_fact_group group = { root, "scheduling", sink };

	put_per_cpu(&group);
	put_turbo(&group);
	mp_fact_put_files(&group, files, MP_COUNT(files));
	put_idle_states(&group);
	put_throttled(&group);
	put_moment(&group);
	put_steal(&group);
}

const struct mp_fact_collector mp_facts_scheduling = { "scheduling", collect };

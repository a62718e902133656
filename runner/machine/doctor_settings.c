/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The settings half of the doctor: what procfs and sysfs tell about load, frequency, siblings, memory settings
 * and the kernel's debugging. One function per subject, each giving exactly one finding.
 */
#include "runner/machine/doctor_internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "benchmarks/support/kernel.h"
#include "common/cleanup.h"
#include "common/units.h"
#include "runner/machine/cgroup.h"
#include "runner/machine/facthelp.h"
#include "runner/machine/internal.h"
#include "runner/machine/kconfig.h"

#define CPU "/sys/devices/system/cpu/"
#define THP "/sys/kernel/mm/transparent_hugepage/"
#define GIB (UINT64_C(1) << 30)

/* "3.5 GiB": for people, rounded. */
static const char *gib(uint64_t bytes, char buf[MP_UNITS_LEN])
{
	snprintf(buf, MP_UNITS_LEN, "%.1f GiB", (double)bytes / (double)GIB);
	return buf;
}

void mp_doctor_load(const struct mp_doctor *d)
{
	unsigned cpus = mp_machine_host(d->machine)->cpus;
	enum mp_severity severity = MP_SEVERITY_GOOD;
	char line[128];
	double load;

	if (mp_sysfile_line(d->root, line, sizeof(line), "/proc/loadavg") ||
	    sscanf(line, "%lf", &load) != 1) {
		mp_doctor_find(d, MP_SEVERITY_NOTE, "load", NULL,
			       "unknown: /proc/loadavg cannot be read");
		return;
	}
	if (load > 0.75 * cpus)
		severity = MP_SEVERITY_WARNING;
	else if (load > 0.25 * cpus)
		severity = MP_SEVERITY_NOTE;
	mp_doctor_find(d, severity, "load",
		       severity == MP_SEVERITY_GOOD
			       ? NULL
			       : "stop it: 'ps -eo pcpu,comm --sort=-pcpu | head'",
		       "%.2f over the last minute, on %u CPUs", load, cpus);
}

static void check_governor(const struct mp_doctor *d)
{
	MP_CLEANUP(mp_str_done) struct mp_str text = MP_STR_INIT;
	struct mp_fact_tally tally = { .n = 0 };
	char **cpus = NULL, name[64];
	size_t n_cpus = 0;

	mp_fact_names(d->root, CPU, "cpu[0-9]*", &cpus, &n_cpus);
	for (size_t i = 0; i < n_cpus; i++) {
		if (!mp_sysfile_line(d->root, name, sizeof(name), CPU "%s/cpufreq/scaling_governor",
				     cpus[i]))
			mp_fact_tally(&tally, name);
	}
	mp_fact_names_free(cpus, n_cpus);
	if (!tally.n) {
		mp_doctor_find(d, MP_SEVERITY_GOOD, "governor", NULL,
			       "this system does not control the frequency");
		return;
	}
	mp_fact_tally_text(&tally, &text);
	if (tally.n == 1 && !strcmp(tally.items[0].text, "performance"))
		mp_doctor_find(d, MP_SEVERITY_GOOD, "governor", NULL, "%s", text.text);
	else
		mp_doctor_find(d, MP_SEVERITY_WARNING, "governor",
			       "cpupower frequency-set -g performance",
			       "%s: the frequency follows the load", text.text);
}

static void check_turbo(const struct mp_doctor *d)
{
	uint64_t number;

	if (!mp_sysfile_number(d->root, &number, CPU "intel_pstate/no_turbo")) {
		if (number)
			mp_doctor_find(d, MP_SEVERITY_GOOD, "turbo", NULL, "off");
		else
			mp_doctor_find(d, MP_SEVERITY_NOTE, "turbo",
				       "echo 1 > " CPU "intel_pstate/no_turbo",
				       "on: the frequency depends on heat and neighbours");
	} else if (!mp_sysfile_number(d->root, &number, CPU "cpufreq/boost")) {
		if (!number)
			mp_doctor_find(d, MP_SEVERITY_GOOD, "turbo", NULL, "off");
		else
			mp_doctor_find(d, MP_SEVERITY_NOTE, "turbo",
				       "echo 0 > " CPU "cpufreq/boost",
				       "on: the frequency depends on heat and neighbours");
	} else {
		mp_doctor_find(d, MP_SEVERITY_GOOD, "turbo", NULL,
			       "this system has no switch for it");
	}
}

static void check_smt(const struct mp_doctor *d)
{
	char siblings[128];

	if (mp_sysfile_line(d->root, siblings, sizeof(siblings),
			    CPU "cpu%d/topology/thread_siblings_list", d->cpu))
		mp_doctor_find(d, MP_SEVERITY_NOTE, "smt", NULL,
			       "the siblings of CPU %d are unknown", d->cpu);
	else if (strpbrk(siblings, ",-"))
		mp_doctor_find(d, MP_SEVERITY_NOTE, "smt", "echo off > " CPU "smt/control",
			       "CPUs %s share one core: work on one slows the other", siblings);
	else
		mp_doctor_find(d, MP_SEVERITY_GOOD, "smt", NULL,
			       "CPU %d shares its core with no other CPU", d->cpu);
}

static void check_isolation(const struct mp_doctor *d)
{
	char isolated[128] = "";
	int err = mp_sysfile_line(d->root, isolated, sizeof(isolated), CPU "isolated");

	if (err || !*isolated)
		mp_doctor_find(d, MP_SEVERITY_GOOD, "isolation", NULL,
			       "no CPU is isolated; a single worker gets CPU %d", d->cpu);
	else if (mp_sysfile_list_has(isolated, (unsigned)d->cpu))
		mp_doctor_find(d, MP_SEVERITY_GOOD, "isolation", NULL,
			       "CPUs %s are isolated, and a single worker gets CPU %d", isolated,
			       d->cpu);
	else
		mp_doctor_find(d, MP_SEVERITY_NOTE, "isolation",
			       "start memperf with 'taskset -c' and the isolated CPUs",
			       "CPUs %s are isolated, but this process may not use them", isolated);
}

static void check_thp(const struct mp_doctor *d)
{
	char enabled[32], defrag[32] = "unknown";

	if (mp_sysfile_choice(d->root, enabled, sizeof(enabled), THP "enabled")) {
		mp_doctor_find(
			d, MP_SEVERITY_NOTE, "thp",
			"boot a kernel with CONFIG_TRANSPARENT_HUGEPAGE=y",
			"this kernel has no transparent huge pages: their cases are skipped");
		return;
	}
	mp_sysfile_choice(d->root, defrag, sizeof(defrag), THP "defrag");
	if (!strcmp(enabled, "never"))
		mp_doctor_find(d, MP_SEVERITY_NOTE, "thp", "echo madvise > " THP "enabled",
			       "enabled 'never': cases with huge pages are skipped");
	else
		mp_doctor_find(d, MP_SEVERITY_GOOD, "thp", NULL, "enabled '%s', defrag '%s'",
			       enabled, defrag);
}

static void check_ksm(const struct mp_doctor *d)
{
	uint64_t run, sharing = 0;

	if (mp_sysfile_number(d->root, &run, "/sys/kernel/mm/ksm/run")) {
		mp_doctor_find(d, MP_SEVERITY_GOOD, "ksm", NULL, "not in this kernel");
		return;
	}
	mp_sysfile_number(d->root, &sharing, "/sys/kernel/mm/ksm/pages_sharing");
	if (run == 1)
		mp_doctor_find(d, MP_SEVERITY_WARNING, "ksm", "echo 0 > /sys/kernel/mm/ksm/run",
			       "pages are scanned and merged in the background, %llu so far",
			       (unsigned long long)sharing);
	else
		mp_doctor_find(d, MP_SEVERITY_GOOD, "ksm", NULL, "stopped");
}

static void check_balancing(const struct mp_doctor *d)
{
	unsigned nodes = mp_machine_host(d->machine)->nodes;
	uint64_t on;

	if (mp_sysfile_number(d->root, &on, "/proc/sys/kernel/numa_balancing"))
		mp_doctor_find(d, MP_SEVERITY_GOOD, "numa balancing", NULL, "not in this kernel");
	else if (on && nodes > 1)
		mp_doctor_find(
			d, MP_SEVERITY_WARNING, "numa balancing", "sysctl kernel.numa_balancing=0",
			"on, with %u nodes: hinting faults and migrations fall into the samples",
			nodes);
	else
		mp_doctor_find(d, MP_SEVERITY_GOOD, "numa balancing", NULL, "%s, %u node%s",
			       on ? "on" : "off", nodes, nodes == 1 ? "" : "s");
}

static void check_swap(const struct mp_doctor *d, const char *meminfo)
{
	uint64_t total, left;
	char used_text[MP_UNITS_LEN], total_text[MP_UNITS_LEN];

	if (mp_sysfile_field_number(meminfo, "SwapTotal", &total) ||
	    mp_sysfile_field_number(meminfo, "SwapFree", &left) || left > total)
		mp_doctor_find(d, MP_SEVERITY_NOTE, "swap", NULL,
			       "unknown: /proc/meminfo does not say");
	else if (left < total)
		mp_doctor_find(d, MP_SEVERITY_NOTE, "swap", "swapoff -a",
			       "%s of %s in use: the machine has been short of memory",
			       gib(total - left, used_text), gib(total, total_text));
	else
		mp_doctor_find(d, MP_SEVERITY_GOOD, "swap", NULL, total ? "%s, unused" : "none",
			       gib(total, total_text));
}

static void check_memory(const struct mp_doctor *d, const char *meminfo)
{
	uint64_t usable = mp_machine_host(d->machine)->memory_bytes, available, limit;
	bool limited = !mp_cgroup_memory_limit(d->root, &limit);
	char have[MP_UNITS_LEN], of[MP_UNITS_LEN], most[MP_UNITS_LEN];
	enum mp_severity severity = MP_SEVERITY_GOOD;

	if (mp_sysfile_field_number(meminfo, "MemAvailable", &available)) {
		mp_doctor_find(d, MP_SEVERITY_NOTE, "memory", NULL,
			       "unknown: /proc/meminfo does not say");
		return;
	}
	if (usable < available)
		available = usable;
	/* The largest cases of the shipped suites touch 1 GiB; below a half even the small ones reclaim. */
	if (available < GIB / 2)
		severity = MP_SEVERITY_WARNING;
	else if (available < 2 * GIB)
		severity = MP_SEVERITY_NOTE;
	mp_doctor_find(d, severity, "memory",
		       severity == MP_SEVERITY_GOOD ? NULL
		       : limited ? "free memory, or raise memory.max of the control group"
				 : "free memory, or filter large sizes out",
		       "%s available of %s%s%s", gib(available, have), gib(usable, of),
		       limited ? "; control groups allow " : "", limited ? gib(limit, most) : "");
}

/* Debugging that is built in; an option that only offers a switch is not listed, its switch is. Where no configuration can be read,
 * memperf's kernel module tells of some. */
static const struct {
	const char *option;
	enum mp_severity severity;
	uint64_t module; /* enum mpk_config; 0: it does not tell */
} debugging[] = {
	{ "CONFIG_KASAN_GENERIC", MP_SEVERITY_FATAL, MPK_CONFIG_KASAN_GENERIC },
	{ "CONFIG_KASAN_SW_TAGS", MP_SEVERITY_FATAL, MPK_CONFIG_KASAN_SW_TAGS },
	{ "CONFIG_KMSAN", MP_SEVERITY_FATAL, 0 },
	{ "CONFIG_KCSAN", MP_SEVERITY_FATAL, 0 },
	{ "CONFIG_PROVE_LOCKING", MP_SEVERITY_FATAL, MPK_CONFIG_PROVE_LOCKING },
	{ "CONFIG_DEBUG_VM_MAPLE_TREE", MP_SEVERITY_FATAL, 0 },
	{ "CONFIG_KASAN_HW_TAGS", MP_SEVERITY_WARNING, MPK_CONFIG_KASAN_HW_TAGS },
	{ "CONFIG_LOCK_STAT", MP_SEVERITY_WARNING, 0 },
	{ "CONFIG_LOCKDEP", MP_SEVERITY_WARNING, MPK_CONFIG_LOCKDEP },
	{ "CONFIG_DEBUG_VM", MP_SEVERITY_WARNING, MPK_CONFIG_DEBUG_VM },
	{ "CONFIG_DEBUG_PAGEALLOC_ENABLE_DEFAULT", MP_SEVERITY_WARNING, 0 },
	{ "CONFIG_SLUB_DEBUG_ON", MP_SEVERITY_WARNING, MPK_CONFIG_SLUB_DEBUG_ON },
	{ "CONFIG_SLUB_STATS", MP_SEVERITY_WARNING, 0 },
	{ "CONFIG_DEBUG_KMEMLEAK", MP_SEVERITY_WARNING, MPK_CONFIG_KMEMLEAK },
	{ "CONFIG_DEBUG_OBJECTS", MP_SEVERITY_WARNING, 0 },
	{ "CONFIG_DEBUG_SPINLOCK", MP_SEVERITY_WARNING, 0 },
	{ "CONFIG_DEBUG_ATOMIC_SLEEP", MP_SEVERITY_WARNING, MPK_CONFIG_ATOMIC_SLEEP },
	{ "CONFIG_DEBUG_PREEMPT", MP_SEVERITY_WARNING, 0 },
	{ "CONFIG_PAGE_TABLE_CHECK_ENFORCED", MP_SEVERITY_WARNING, 0 },
	{ "CONFIG_MEM_ALLOC_PROFILING_ENABLED_BY_DEFAULT", MP_SEVERITY_WARNING, 0 },
	{ "CONFIG_KCOV", MP_SEVERITY_WARNING, 0 },
	{ "CONFIG_GCOV_KERNEL", MP_SEVERITY_WARNING, 0 },
	{ "CONFIG_PAGE_POISONING_ZERO", MP_SEVERITY_WARNING, 0 },
};

/* Parameters of the command line that switch debugging on; a value of off, 0 or n switches nothing. */
static const char *const switches[] = { "slub_debug",  "slab_debug",	  "page_owner",
					"page_poison", "debug_pagealloc", "init_on_free",
					"kmemleak",    "page_table_check" };

static void add_word(struct mp_str *found, const char *word)
{
	mp_str_printf(found, "%s%s", found->len ? ", " : "", word);
}

static void add_switches(const struct mp_doctor *d, struct mp_str *found)
{
	MP_CLEANUP(mp_str_done) struct mp_str text = MP_STR_INIT;
	char *rest, *word;

	if (mp_sysfile_read(d->root, &text, "/proc/cmdline") || !text.len)
		return;
	rest = text.text;
	while ((word = strsep(&rest, " \n"))) {
		size_t name_len = strcspn(word, "=");
		const char *value = word[name_len] ? word + name_len + 1 : "on";

		if (!strcmp(word, "--"))
			return;
		if (!strcmp(value, "off") || !strcmp(value, "0") || !strcmp(value, "n") ||
		    !strcmp(value, "-"))
			continue;
		for (size_t i = 0; i < MP_COUNT(switches); i++) {
			if (strlen(switches[i]) == name_len &&
			    !strncmp(word, switches[i], name_len))
				add_word(found, word);
		}
	}
}

/* Clearing that is on, by whatever: the module looked. */
static enum mp_severity add_clearing(uint64_t config, struct mp_str *found)
{
	if (config & MPK_CONFIG_INIT_ON_FREE && !strstr(found->text, "init_on_free"))
		add_word(found, "init_on_free");
	if (config & MPK_CONFIG_INIT_ON_ALLOC)
		add_word(found, "init_on_alloc");
	return config & MPK_CONFIG_INIT_ON_FREE	   ? MP_SEVERITY_WARNING
	       : config & MPK_CONFIG_INIT_ON_ALLOC ? MP_SEVERITY_NOTE
						   : MP_SEVERITY_GOOD;
}

/* Distributions clear by default, so that alone is no debugging. */
static const char *remedy_of(enum mp_severity severity)
{
	return severity == MP_SEVERITY_NOTE
		       ? "boot with init_on_alloc=0 to see what allocations cost without clearing"
		       : "boot a kernel without them: these are not the costs of a kernel in use";
}

static void check_kernel(const struct mp_doctor *d)
{
	MP_CLEANUP(mp_str_done) struct mp_str found = MP_STR_INIT;
	uint64_t module = mp_machine_host(d->machine)->kernel_config;
	enum mp_severity severity, clearing;
	struct mp_kconfig config;
	int err = mp_kconfig_load(d->root, &config);

	add_switches(d, &found);
	severity = found.len ? MP_SEVERITY_WARNING : MP_SEVERITY_GOOD;
	for (size_t i = 0; i < MP_COUNT(debugging); i++) {
		if (err ? !(module & debugging[i].module)
			: !mp_kconfig_is_set(&config, debugging[i].option))
			continue;
		add_word(&found, debugging[i].option + strlen("CONFIG_"));
		if (debugging[i].severity > severity)
			severity = debugging[i].severity;
	}
	clearing = add_clearing(module, &found);
	if (clearing > severity)
		severity = clearing;
	if (severity != MP_SEVERITY_GOOD)
		mp_doctor_find(d, severity, "kernel debugging", remedy_of(severity), "%s",
			       found.text);
	else if (err)
		mp_doctor_find(d, MP_SEVERITY_NOTE, "kernel debugging", "modprobe configs",
			       "unknown: %s", config.origin);
	else
		mp_doctor_find(d, MP_SEVERITY_GOOD, "kernel debugging", NULL, "none in %s",
			       config.origin);
	mp_kconfig_done(&config);
}

void mp_doctor_settings(const struct mp_doctor *d)
{
	MP_CLEANUP(mp_str_done) struct mp_str meminfo = MP_STR_INIT;

	mp_sysfile_read(d->root, &meminfo, "/proc/meminfo");
	check_governor(d);
	check_turbo(d);
	check_smt(d);
	check_isolation(d);
	check_thp(d);
	check_ksm(d);
	check_balancing(d);
	check_swap(d, meminfo.text);
	check_memory(d, meminfo.text);
	check_kernel(d);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What runs beside a measurement or stands around it, as files tell: quotas, heat, the mains, watchdogs, tracers, monitors,
 * memory that is not there yet, variables that libraries listen to. One function per subject, each giving exactly one
 * finding.
 */
#include "runner/machine/doctor_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "runner/machine/cgroup.h"
#include "runner/machine/facthelp.h"
#include "runner/machine/internal.h"

/* One fact, for a finding about it. */
struct wanted {
	const char *key;
	struct mp_str *value;
};

static void keep_wanted(void *user, const struct mp_fact *fact)
{
	const struct wanted *wanted = user;

	if (!strcmp(fact->key, wanted->key) && fact->value)
		mp_str_add(wanted->value, fact->value);
}

/* Appends nothing when it is unknown. */
static void fact_of(const struct mp_doctor *d, const char *group, const char *key,
		    struct mp_str *ret_value)
{
	struct wanted wanted = { .key = key, .value = ret_value };
	struct mp_fact_sink sink = { keep_wanted, &wanted };

	for (size_t i = 0; i < mp_n_fact_collectors; i++) {
		if (!strcmp(mp_fact_collectors[i]->name, group))
			mp_fact_collectors[i]->collect(d->root, &sink);
	}
}

static void check_quota(const struct mp_doctor *d)
{
	unsigned cpus = mp_machine_host(d->machine)->cpus;
	double quota;

	if (mp_cgroup_cpu_limit(d->root, &quota))
		mp_doctor_find(d, MP_SEVERITY_GOOD, "cpu quota", NULL, "none");
	else
		mp_doctor_find(d, quota < cpus ? MP_SEVERITY_WARNING : MP_SEVERITY_NOTE,
			       "cpu quota", "run outside of the group, or without its cpu.max",
			       "%.4g CPUs for %u: who used it up stands still until the next "
			       "period",
			       quota, cpus);
}

static void check_heat(const struct mp_doctor *d)
{
	struct mp_throttle count;

	if (mp_throttle_read(d->root, &count))
		mp_doctor_find(d, MP_SEVERITY_GOOD, "heat", NULL,
			       "this system does not count throttling");
	else if (d->throttle &&
		 count.cores + count.packages > d->throttle->cores + d->throttle->packages)
		mp_doctor_find(d, MP_SEVERITY_NOISY, "heat",
			       "improve the cooling, or switch turbo off: memperf doctor --fix",
			       "slowed the processor %llu times in these seconds",
			       (unsigned long long)(count.cores + count.packages -
						    d->throttle->cores - d->throttle->packages));
	else if (count.cores + count.packages)
		mp_doctor_find(d, MP_SEVERITY_NOTE, "heat",
			       "improve the cooling, or switch turbo off: memperf doctor --fix",
			       "slowed cores %llu times and packages %llu times since boot",
			       (unsigned long long)count.cores, (unsigned long long)count.packages);
	else
		mp_doctor_find(d, MP_SEVERITY_GOOD, "heat", NULL, "no throttling since boot");
}

static void check_mains(const struct mp_doctor *d)
{
	MP_CLEANUP(mp_str_done) struct mp_str mains = MP_STR_INIT;
	char profile[32] = "";

	fact_of(d, "power", "mains", &mains);
	mp_sysfile_line(d->root, profile, sizeof(profile), "/sys/firmware/acpi/platform_profile");
	if (!strcmp(mains.text, "off"))
		mp_doctor_find(d, MP_SEVERITY_WARNING, "mains", "plug it in",
			       "on battery: the firmware saves power");
	else if (*profile && strcmp(profile, "performance") && strcmp(profile, "balanced"))
		mp_doctor_find(d, MP_SEVERITY_NOTE, "mains",
			       "echo performance > /sys/firmware/acpi/platform_profile",
			       "the firmware's profile is '%s'", profile);
	else
		mp_doctor_find(d, MP_SEVERITY_GOOD, "mains", NULL, "%s",
			       *mains.text ? "on" : "no battery is known");
}

static void check_watchdog(const struct mp_doctor *d)
{
	uint64_t on;

	if (mp_sysfile_number(d->root, &on, "/proc/sys/kernel/nmi_watchdog"))
		mp_doctor_find(d, MP_SEVERITY_GOOD, "nmi watchdog", NULL, "not in this kernel");
	else if (on)
		mp_doctor_find(d, MP_SEVERITY_NOTE, "nmi watchdog",
			       "sysctl kernel.nmi_watchdog=0, or memperf doctor --fix",
			       "on: it interrupts every CPU and holds one of its counters");
	else
		mp_doctor_find(d, MP_SEVERITY_GOOD, "nmi watchdog", NULL, "off");
}

static void check_tracing(const struct mp_doctor *d)
{
	MP_CLEANUP(mp_str_done) struct mp_str probes = MP_STR_INIT;
	char tracer[64];

	if (mp_sysfile_line(d->root, tracer, sizeof(tracer), "/sys/kernel/tracing/current_tracer"))
		mp_doctor_find(d, MP_SEVERITY_GOOD, "tracing", NULL,
			       "cannot be seen, or not in this kernel");
	else if (strcmp(tracer, "nop"))
		mp_doctor_find(d, MP_SEVERITY_WARNING, "tracing",
			       "echo nop > /sys/kernel/tracing/current_tracer",
			       "tracer '%s' is active", tracer);
	else if (!mp_sysfile_read(d->root, &probes, "/sys/kernel/debug/kprobes/list") && probes.len)
		mp_doctor_find(d, MP_SEVERITY_WARNING, "tracing",
			       "see /sys/kernel/debug/kprobes/list, and stop who set them",
			       "functions of the kernel are probed");
	else
		mp_doctor_find(d, MP_SEVERITY_GOOD, "tracing", NULL, "no tracer is active");
}

static void check_monitors(const struct mp_doctor *d)
{
	MP_CLEANUP(mp_str_done) struct mp_str monitors = MP_STR_INIT;

	fact_of(d, "damon", "monitors", &monitors);
	if (*monitors.text && strcmp(monitors.text, "none on"))
		mp_doctor_find(d, MP_SEVERITY_NOTE, "damon",
			       "echo off > /sys/kernel/mm/damon/admin/kdamonds/0/state",
			       "%s: accessed bits are sampled, and pages may be reclaimed",
			       monitors.text);
	else
		mp_doctor_find(d, MP_SEVERITY_GOOD, "damon", NULL, "%s",
			       *monitors.text ? monitors.text : "not in this kernel");
}

static void check_lazy_memory(const struct mp_doctor *d)
{
	MP_CLEANUP(mp_str_done) struct mp_str lazy = MP_STR_INIT;

	fact_of(d, "numa", "uninitialised", &lazy);
	if (*lazy.text && strcmp(lazy.text, "none"))
		mp_doctor_find(d, MP_SEVERITY_NOTE, "lazy memory",
			       "touch all of it once after boot, or ask for memory that is there",
			       "%s: the first use of a page includes the host's work", lazy.text);
	else
		mp_doctor_find(d, MP_SEVERITY_GOOD, "lazy memory", NULL, "%s",
			       *lazy.text ? "none" : "unknown without memory nodes");
}

static void check_layout(const struct mp_doctor *d)
{
	uint64_t random;

	if (mp_sysfile_number(d->root, &random, "/proc/sys/kernel/randomize_va_space"))
		mp_doctor_find(d, MP_SEVERITY_NOTE, "layout", NULL,
			       "unknown: /proc/sys/kernel/randomize_va_space cannot be read");
	else if (random != 2)
		mp_doctor_find(d, MP_SEVERITY_WARNING, "layout",
			       "sysctl kernel.randomize_va_space=2",
			       "%llu: without a random layout every invocation repeats one bias",
			       (unsigned long long)random);
	else
		mp_doctor_find(d, MP_SEVERITY_GOOD, "layout", NULL, "random");
}

static void check_environment(const struct mp_doctor *d)
{
	MP_CLEANUP(mp_str_done) struct mp_str set = MP_STR_INIT;

	fact_of(d, "process", "environment", &set);
	if (!*set.text)
		mp_doctor_find(d, MP_SEVERITY_NOTE, "environment", NULL,
			       "unknown: /proc/self/environ cannot be read");
	else if (!strcmp(set.text, "none of interest"))
		mp_doctor_find(d, MP_SEVERITY_GOOD, "environment", NULL,
			       "no variable that changes what is measured");
	else
		mp_doctor_find(d, MP_SEVERITY_NOTE, "environment",
			       "unset them, unless they are meant", "%s", set.text);
}

static void check_seccomp(const struct mp_doctor *d)
{
	MP_CLEANUP(mp_str_done) struct mp_str filter = MP_STR_INIT;

	fact_of(d, "process", "seccomp", &filter);
	if (!strcmp(filter.text, "filter"))
		mp_doctor_find(d, MP_SEVERITY_NOTE, "seccomp",
			       "run outside of the container, or with its filter off "
			       "(--security-opt seccomp=unconfined)",
			       "a filter runs in every system call");
	else
		mp_doctor_find(d, *filter.text ? MP_SEVERITY_GOOD : MP_SEVERITY_NOTE, "seccomp",
			       NULL, "%s", *filter.text ? filter.text : "unknown");
}

void mp_doctor_disturbers(const struct mp_doctor *d)
{
	check_quota(d);
	check_heat(d);
	check_mains(d);
	check_watchdog(d);
	check_tracing(d);
	check_monitors(d);
	check_lazy_memory(d);
	check_layout(d);
	check_environment(d);
	check_seccomp(d);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The PMUs that the kernel shows in sysfs, and the encoding of "pmu/terms/" by their own files, as
 * Documentation/ABI/testing/sysfs-bus-event_source-devices-{format,events} describe them. The folder is a parameter: a
 * captured machine works as well as the live one.
 */
#ifndef RUNNER_COUNTERS_PMU_H
#define RUNNER_COUNTERS_PMU_H

#include "runner/counters/perf.h"

#define MP_EVENT_SOURCE "/sys/bus/event_source/devices" /* the live folder */

struct mp_pmu {
	char name[MP_PERF_PMU_MAX];
	uint32_t type;
	bool core; /* counts threads on CPUs: it has a file `cpus`, or is the only core PMU by its name */
	int *cpus; /* heap: of `cpus` (core) or `cpumask` (where to open, one per package or domain) */
	size_t n_cpus; /* 0: a core PMU of every CPU, or a PMU that says nothing */
};

struct mp_pmus {
	char root[512];
	struct mp_pmu *items; /* by name */
	size_t n, cap;
	size_t n_core;
};

/* Reads the folder. 0, -ENOMEM, or a negative errno with a sentence when there is no such folder. An entry without a
 * readable type is no PMU. */
int mp_pmus_read(const char *root, struct mp_pmus *ret_pmus, struct mp_err *err);
void mp_pmus_done(struct mp_pmus *pmus);

const struct mp_pmu *mp_pmus_find(const struct mp_pmus *pmus, const char *name);
/* The core PMU that counts on that CPU, or NULL. */
const struct mp_pmu *mp_pmus_core(const struct mp_pmus *pmus, int cpu);

/* Does the name match the pattern? '#' is a number (an instance: decimal, or hexadecimal of 6 digits and more), all else
 * is literal; several patterns are separated by blanks. */
bool mp_pmu_matches(const char *patterns, const char *name);

/* What an encoded event is worth. */
struct mp_pmu_unit {
	double scale; /* of one count, in `unit`; 1 without a scale file */
	bool scaled; /* there is a scale file */
	char unit[16]; /* "MiB"; "" without a unit file */
};

/* Encodes the terms: "event=0x2e,umask=0x41", "cas_count_read", "cpu_cycles,long", "config=0x1". A name in events/ comes
 * before a name in format/. The event's `cpu` and exclude bits are left alone. -ENOENT unknown term, -ERANGE a value
 * that does not fit, -EINVAL malformed or without the value that "term=?" wants; with a sentence. ret_unit may be
 * NULL. */
int mp_pmu_encode(const struct mp_pmus *pmus, const struct mp_pmu *pmu, const char *terms,
		  struct mp_perf_event *ret_event, struct mp_pmu_unit *ret_unit,
		  struct mp_err *err);

/* The same for "pmu/terms/", and with modifiers behind it: 'u' user, 'k' kernel, 'h' hypervisor, of which those that are not
 * named are excluded. Also -ENODEV for a PMU that is not there. */
int mp_pmu_encode_text(const struct mp_pmus *pmus, const char *text,
		       struct mp_perf_event *ret_event, struct mp_pmu_unit *ret_unit,
		       struct mp_err *err);

/* Is there such a name in its events/? */
bool mp_pmu_has_event(const struct mp_pmus *pmus, const struct mp_pmu *pmu, const char *name);

/* A kernel's list of CPUs, "0-3,8", "0,56", to numbers in heap memory. 0, -ENOMEM, -EINVAL. An empty one has none. */
int mp_cpulist_parse(const char *text, int **ret_cpus, size_t *ret_n);

/* Bytes of a unit file's word: "Bytes", "B", "KiB", "MiB", "GiB", "KB", "MB"; 0 for anything else. */
double mp_unit_bytes(const char *unit);

#endif

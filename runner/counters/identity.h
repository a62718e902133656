/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which CPU it is, as tables of events name it, and its last-level cache. */
#ifndef RUNNER_COUNTERS_IDENTITY_H
#define RUNNER_COUNTERS_IDENTITY_H

#include <stdbool.h>
#include <stddef.h>

#define MP_CPU_ID_MAX 64

/* "GenuineIntel-6-BA" (vendor, family in decimal, model in hexadecimal), "arm-41-d4f" (implementer, part) of the first
 * processor entry for that CPU in `proc`/cpuinfo. 0, -ENOENT when it does not say. */
int mp_cpu_identity(const char *proc, int cpu, char ret_id[MP_CPU_ID_MAX]);

/* Does the id match one of the blank-separated globs? NULL matches everything. */
bool mp_cpu_matches(const char *patterns, const char *id);

struct mp_cpu_cache {
	unsigned level; /* of the largest cache above the CPU; 0: unknown */
	unsigned line_size; /* bytes; 0: unknown */
	unsigned long long size; /* bytes; 0: unknown */
	char shared[256]; /* list of the CPUs that share it */
};

#define MP_CPU_ROOT "/sys/devices/system/cpu" /* the live folder */

/* Known to end below the third level? */
bool mp_cpu_lacks_l3(const struct mp_cpu_cache *cache);

/* The last-level cache of that CPU below `cpu_root` (/sys/devices/system/cpu). */
void mp_cpu_last_cache(const char *cpu_root, int cpu, struct mp_cpu_cache *ret_cache);

#endif

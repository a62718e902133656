/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Facts about the control groups of this process: limits, and how deep it sits, because every page that is charged
 * walks up to the root. The path itself is not stored: it may name users and containers.
 */
#include "runner/machine/cgroup.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/units.h"
#include "runner/machine/facthelp.h"

static const struct mp_fact_line version = { "version", MP_FACT_BOOT, MP_WEIGHT_SOME,
					     "version 1 and 2 charge memory by different code" };
static const struct mp_fact_line depth = { "memory_depth", MP_FACT_NOW, MP_WEIGHT_SOME,
					   "every charge walks from this group to the root" };
static const struct mp_fact_line quota = {
	"cpu_quota", MP_FACT_NOW, MP_WEIGHT_MUCH,
	"a process that used up its quota stands still until the next period"
};
static const struct mp_fact_line cpus = { "cpus_allowed", MP_FACT_NOW, MP_WEIGHT_LITTLE,
					  "the CPUs that workers can be pinned to" };
static const struct mp_fact_line mems = { "mems_allowed", MP_FACT_NOW, MP_WEIGHT_LITTLE,
					  "the nodes that memory can come from" };

static const struct {
	struct mp_fact_line line;
	enum mp_cgroup_version version;
	const char *file;
} limits[] = {
	{ { "memory_max", MP_FACT_NOW, MP_WEIGHT_MUCH, "reclaim begins when the group reaches it" },
	  MP_CGROUP_V2,
	  "memory.max" },
	{ { "memory_high", MP_FACT_NOW, MP_WEIGHT_MUCH, "above it every allocation is throttled" },
	  MP_CGROUP_V2,
	  "memory.high" },
	{ { "memory_swap_max", MP_FACT_NOW, MP_WEIGHT_LITTLE,
	    "how much of the group may go to swap" },
	  MP_CGROUP_V2,
	  "memory.swap.max" },
	{ { "memory_zswap_max", MP_FACT_NOW, MP_WEIGHT_LITTLE,
	    "how much of the group may be compressed" },
	  MP_CGROUP_V2,
	  "memory.zswap.max" },
	{ { "memory_limit_v1", MP_FACT_NOW, MP_WEIGHT_MUCH,
	    "reclaim begins when the group reaches it" },
	  MP_CGROUP_V1,
	  "memory.limit_in_bytes" },
	{ { "memory_kmem_limit_v1", MP_FACT_NOW, MP_WEIGHT_SOME,
	    "a limit on kernel memory makes slab allocations fail" },
	  MP_CGROUP_V1,
	  "memory.kmem.limit_in_bytes" },
};

static bool has(const struct mp_fact_group *group, enum mp_cgroup_version which,
		const char *controller)
{
	char folder[MP_SYSFILE_PATH];
	size_t mount_len;

	return !mp_cgroup_folder(group->root, which, controller, folder, &mount_len);
}

static void put_version(const struct mp_fact_group *group)
{
	bool v1 = has(group, MP_CGROUP_V1, "memory"), v2 = has(group, MP_CGROUP_V2, NULL);

	if (v1)
		mp_fact_put(group, &version, v2 ? "1 for memory, 2 mounted" : "1",
			    "/proc/self/cgroup, /proc/self/mountinfo");
	else if (v2)
		mp_fact_put(group, &version, "2", "/proc/self/cgroup, /proc/self/mountinfo");
	else
		mp_fact_put(group, &version, NULL,
			    "no control group file system in /proc/self/mountinfo");
}

static void put_depth(const struct mp_fact_group *group)
{
	enum mp_cgroup_version which =
		has(group, MP_CGROUP_V1, "memory") ? MP_CGROUP_V1 : MP_CGROUP_V2;
	char folder[MP_SYSFILE_PATH], value[16];
	size_t mount_len;
	unsigned levels = 0;

	if (mp_cgroup_folder(group->root, which, "memory", folder, &mount_len)) {
		mp_fact_put(group, &depth, NULL, "no memory control group is mounted");
		return;
	}
	for (const char *c = folder + mount_len; *c; c++)
		levels += *c == '/';
	snprintf(value, sizeof(value), "%u", levels);
	mp_fact_put(group, &depth, value, "/proc/self/cgroup");
}

static void put_limits(const struct mp_fact_group *group)
{
	char size[MP_UNITS_LEN];

	for (size_t i = 0; i < MP_COUNT(limits); i++) {
		uint64_t bytes;
		int err = mp_cgroup_limit(group->root, limits[i].version, "memory", limits[i].file,
					  &bytes);

		if (!err)
			mp_fact_put(group, &limits[i].line, mp_size_format(bytes, size),
				    limits[i].file);
		else if (err == -ERANGE)
			mp_fact_put(group, &limits[i].line, "none", limits[i].file);
		else
			mp_fact_put_result(group, &limits[i].line, err, NULL, limits[i].file);
	}
}

/* Files of the innermost group alone. */
static const struct {
	struct mp_fact_line line;
	enum mp_cgroup_version version;
	const char *controller, *file;
} own[] = {
	{ { "memory_current", MP_FACT_NOW, MP_WEIGHT_LITTLE,
	    "what the group had charged before the run" },
	  MP_CGROUP_V2,
	  "memory",
	  "memory.current" },
	{ { "cpu_weight", MP_FACT_NOW, MP_WEIGHT_LITTLE, "the group's share where CPUs are short" },
	  MP_CGROUP_V2,
	  "cpu",
	  "cpu.weight" },
	{ { "cpuset", MP_FACT_NOW, MP_WEIGHT_LITTLE, "the CPUs of the group" },
	  MP_CGROUP_V2,
	  "cpuset",
	  "cpuset.cpus.effective" },
	{ { "memory_nodes", MP_FACT_NOW, MP_WEIGHT_LITTLE, "the nodes of the group" },
	  MP_CGROUP_V2,
	  "cpuset",
	  "cpuset.mems.effective" },
	{ { "memory_usage_v1", MP_FACT_NOW, MP_WEIGHT_LITTLE,
	    "what the group had charged before the run" },
	  MP_CGROUP_V1,
	  "memory",
	  "memory.usage_in_bytes" },
	{ { "cpuset_v1", MP_FACT_NOW, MP_WEIGHT_LITTLE, "the CPUs of the group" },
	  MP_CGROUP_V1,
	  "cpuset",
	  "cpuset.effective_cpus" },
};

static void put_own(const struct mp_fact_group *group)
{
	for (size_t i = 0; i < MP_COUNT(own); i++) {
		char folder[MP_SYSFILE_PATH], value[128];
		size_t mount_len;
		int err = mp_cgroup_folder(group->root, own[i].version, own[i].controller, folder,
					   &mount_len);

		if (!err)
			err = mp_sysfile_line(group->root, value, sizeof(value), "%s/%s", folder,
					      own[i].file);
		if (!err && !*value)
			strcpy(value, "none");
		mp_fact_put_result(group, &own[i].line, err, value, own[i].file);
	}
}

static void put_quota(const struct mp_fact_group *group)
{
	char value[32];
	double limit;

	if (mp_cgroup_cpu_limit(group->root, &limit)) {
		bool known = has(group, MP_CGROUP_V1, "cpu") || has(group, MP_CGROUP_V2, NULL);

		mp_fact_put(group, &quota, known ? "none" : NULL,
			    known ? "cpu.max, cpu.cfs_quota_us"
				  : "no cpu control group is mounted");
		return;
	}
	snprintf(value, sizeof(value), "%.4g CPUs", limit);
	mp_fact_put(group, &quota, value, "cpu.max, cpu.cfs_quota_us");
}

static void collect(const char *root, const struct mp_fact_sink *sink)
{
	struct mp_fact_group group = { root, "cgroup", sink };
	MP_CLEANUP(mp_str_done) struct mp_str status = MP_STR_INIT;
	char value[256];
	int err;

	put_version(&group);
	put_depth(&group);
	put_limits(&group);
	put_quota(&group);
	put_own(&group);
	err = mp_sysfile_read(root, &status, "/proc/self/status");
	mp_fact_put_result(
		&group, &cpus,
		err ? err
		    : mp_sysfile_field(status.text, "Cpus_allowed_list", value, sizeof(value)),
		value, "/proc/self/status");
	mp_fact_put_result(
		&group, &mems,
		err ? err
		    : mp_sysfile_field(status.text, "Mems_allowed_list", value, sizeof(value)),
		value, "/proc/self/status");
}

const struct mp_fact_collector mp_facts_cgroup = { "cgroup", collect };

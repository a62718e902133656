/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The limits that control groups put on this process, version 1, version 2 and both at once (hybrid). A limit
 * holds at every level of the path, so each one up to the mount is read and the tightest counts.
 */
#ifndef RUNNER_MACHINE_CGROUP_H
#define RUNNER_MACHINE_CGROUP_H

#include "runner/machine/sysfile.h"

enum mp_cgroup_version { MP_CGROUP_V1, MP_CGROUP_V2 };

/* The folder (below `root`, without it) of this process's group for a controller ("memory", "cpu"), and how many
 * leading bytes of it are the mount point. `controller` NULL with MP_CGROUP_V2: the unified hierarchy. 0 or
 * -ENOENT when that controller is not mounted in that version. */
int mp_cgroup_folder(const char *root, enum mp_cgroup_version version, const char *controller,
		     char folder[MP_SYSFILE_PATH], size_t *ret_mount_len);

/* The tightest value of a limit file ("memory.max", "memory.limit_in_bytes") over the levels. 0, -ENOENT when
 * there is no such group or file, -ERANGE when no level sets a limit. */
int mp_cgroup_limit(const char *root, enum mp_cgroup_version version, const char *controller,
		    const char *file, uint64_t *ret_limit);

/* The tightest memory limit of all (memory.max and memory.high, memory.limit_in_bytes), bytes. 0 or -ERANGE: no
 * limit. */
int mp_cgroup_memory_limit(const char *root, uint64_t *ret_bytes);

/* CPUs' worth of time that cpu.max or cpu.cfs_quota_us leave this process. 0 or -ERANGE: no limit. */
int mp_cgroup_cpu_limit(const char *root, double *ret_cpus);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the kernel has counted since it booted, for all processes together: /proc/vmstat, for checks. */
#ifndef BENCHMARKS_SUPPORT_VMSTAT_H
#define BENCHMARKS_SUPPORT_VMSTAT_H

#include <stdint.h>

/* The counter of that name, "unevictable_pgs_mlocked"; UINT64_MAX: there is none. Costs about 100 us. */
uint64_t mp_vmstat(const char *name);

/* The sum of all whose name begins so ("allocstall_"); UINT64_MAX when there is none. */
uint64_t mp_vmstat_sum(const char *prefix);

#endif

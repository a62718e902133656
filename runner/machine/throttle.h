/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How often heat has slowed the processor since boot, as the x86 machine-check code counts it. */
#ifndef RUNNER_MACHINE_THROTTLE_H
#define RUNNER_MACHINE_THROTTLE_H

#include <stdint.h>

#define MP_THROTTLE_FILES "/sys/devices/system/cpu/cpu*/thermal_throttle"

struct mp_throttle {
	uint64_t cores, packages; /* sums over CPUs: comparable with an earlier sum only */
};

/* 0, or -ENOENT where no CPU counts (guests, other architectures). */
int mp_throttle_read(const char *root, struct mp_throttle *ret_count);

#endif

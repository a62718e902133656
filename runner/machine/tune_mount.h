/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the RAM disk is made with. */
#ifndef RUNNER_MACHINE_TUNE_MOUNT_H
#define RUNNER_MACHINE_TUNE_MOUNT_H

/* The path of mkfs.ext4(8), or NULL when there is none. */
const char *mp_tune_mkfs(void);

#endif

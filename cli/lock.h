/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One at a time on a machine, whatever the folder. */
#ifndef CLI_LOCK_H
#define CLI_LOCK_H

#include "common/err.h"

/* Held by whoever measures on this machine or changes its settings. */
#define MP_LOCK_RUN "memperf-run"

/* Takes the lock of that name until *ret_fd is closed or the process ends, however it ends. -EBUSY with the sentence
 * `busy` when somebody has it. */
int mp_lock_take(const char *name, const char *busy, int *ret_fd, struct mp_err *err);

#endif

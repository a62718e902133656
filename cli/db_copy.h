/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `memperf db merge` and `memperf db push`: runs of many files into one place. */
#ifndef CLI_DB_COPY_H
#define CLI_DB_COPY_H

#include "cli/cmd.h"

/* words: the action, where to, and the files. An exit code. */
int mp_db_merge(const struct mp_args *args);
int mp_db_push(const struct mp_args *args);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `memperf db prune`: retention of a results file. */
#ifndef CLI_DB_PRUNE_H
#define CLI_DB_PRUNE_H

#include "cli/cmd.h"

/* words: "prune" and the file; --keep-raw, --keep-runs, --dry-run. An exit code. */
int mp_db_prune(const struct mp_args *args);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `memperf db topology`: the machine's topology as stored with a run. */
#ifndef CLI_DB_TOPOLOGY_H
#define CLI_DB_TOPOLOGY_H

#include "cli/cmd.h"

/* words: "topology", the file, and a selector (the newest run without); -o. An exit code. */
int mp_db_topology(const struct mp_args *args);

#endif

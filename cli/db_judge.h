/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `memperf db baseline` and `db accept`: what people decide about a machine's series. */
#ifndef CLI_DB_JUDGE_H
#define CLI_DB_JUDGE_H

#include "cli/cmd.h"
#include "report/format/table.h"

/* words: "baseline", the file, a selector; without one the pinned runs are listed. --name, --author, --reason,
 * --remove. Lists go to *ret_table, which is NULL otherwise. An exit code. */
int mp_db_baseline(const struct mp_args *args, struct mp_table **ret_table);

/* words: "accept", the file, a case or a pattern of cases; without one the judgements are listed. --at, --author,
 * --reason, --state, --link, --remove. As above. */
int mp_db_accept(const struct mp_args *args, struct mp_table **ret_table);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `memperf run` as a part of another command, which hears of every invocation and may end it. */
#ifndef CLI_LISTEN_H
#define CLI_LISTEN_H

#include "cli/cmd.h"
#include "runner/exec/run.h"

/* What the command does with these arguments of mp_cmd_run. `listener` is told after the results file. An enum mp_exit,
 * after a message where that is an error. */
int mp_run_listen(const struct mp_args *args, const struct mp_sink *listener);

#endif

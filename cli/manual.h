/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Manual pages, from the same descriptors as the help texts. Each is complete, for man(1) to show. Used by cmd_help.c alone. */
#ifndef CLI_MANUAL_H
#define CLI_MANUAL_H

#include "cli/cmd.h"

/* memperf-COMMAND(1) */
void mp_manual_command(struct mp_str *out, const struct mp_cmd *cmd);
/* memperf(1); `cmds` in the order in which they are listed. */
void mp_manual_overview(struct mp_str *out, const struct mp_cmd *const *cmds, size_t n);

#endif

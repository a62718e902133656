/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Help texts, generated from the command descriptors so that they cannot drift from the parser. */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include "cli/cmd.h"

#include <stdio.h>

#define MP_HELP_SUMMARY                                                                            \
	"Times Linux memory management, call by call, and shows why the number is right."

int mp_help_overview(FILE *out);
int mp_help_command(const struct mp_cmd *cmd);

#endif

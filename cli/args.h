/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parsing a subcommand's command line against its option table; see cmd.h for reading the result. */
#ifndef CLI_ARGS_H
#define CLI_ARGS_H

#include "cli/cmd.h"

#define MP_COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* `argv` without program and subcommand; it must outlive the result. -EINVAL with did-you-mean, -ENOMEM.
 * mp_args_done() frees. */
int mp_args_parse(const struct mp_cmd *cmd, int argc, char **argv, struct mp_args *ret_args,
		  struct mp_err *err);
void mp_args_done(struct mp_args *args);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The options of a run as they are stored with it, so that --resume goes on with the same ones. */
#ifndef CLI_RUN_OPTIONS_H
#define CLI_RUN_OPTIONS_H

#include "cli/cmd.h"
#include "runner/config/countergroup.h"

#include <stdint.h>

/* What was chosen for a run, as JSON text (heap memory of the caller, NULL: out of memory), with what is `asked` to be counted
 * by option or suite (NULL: nothing was said) and the group that it chose (mp_run_counters()). Options that only say where
 * things go (db, json-log, label, ...) are not in it, and no path is: the cases are in the plan that is stored beside it, and
 * in place of a file of counters stand its metrics. */
char *mp_run_options_json(const struct mp_args *args, uint64_t seed, const char *asked,
			  const struct mp_counter_group *group);

/* The stored options as a command line of `cmd` again; *ret_text owns the texts (free both with
 * mp_run_options_done). -EBADMSG when the text is not of this form. */
int mp_run_options_parse(const struct mp_cmd *cmd, const char *json, struct mp_args *ret_args,
			 void **ret_text, uint64_t *ret_seed, struct mp_err *err);
void mp_run_options_done(struct mp_args *args, void *text);

#endif

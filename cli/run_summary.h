/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What `memperf run` says at its end. */
#ifndef CLI_RUN_SUMMARY_H
#define CLI_RUN_SUMMARY_H

#include "results/store.h"

/* Prints the outcomes of a run, how sure its numbers are, everything that is not ok with its reason, and the
 * next commands to type. 0 or negative errno. */
int mp_run_summary(struct mp_store *store, int64_t run, const char *db, struct mp_err *err);

#endif

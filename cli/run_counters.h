/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The text of --counters to what a run counts. */
#ifndef CLI_RUN_COUNTERS_H
#define CLI_RUN_COUNTERS_H

#include "runner/exec/countings.h"
#include "runner/exec/run.h"

/* `text`: the name of a group, a file of one, metrics separated by commas, "none", or NULL for those of the group
 * 'default' that cost a timed invocation nothing. Resolves it for the CPUs that the run's cases use, and gives each case its
 * counting. *ret_countings, which mp_countings_done() frees: empty with "none". 0 or a negative errno with a sentence. */
int mp_run_counters(const char *text, struct mp_run *run, struct mp_countings *ret_countings,
		    struct mp_err *err);

/* What --resume needs of `text`: the same, but the metrics in place of a file. Heap; NULL: out of memory, or the file is
 * not there any more. */
char *mp_run_counters_kept(const char *text);

#endif

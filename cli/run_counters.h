/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The text of --counters to what a run counts. */
#ifndef CLI_RUN_COUNTERS_H
#define CLI_RUN_COUNTERS_H

#include "runner/exec/counting.h"
#include "runner/exec/run.h"

/* `text`: the name of a group, a file of one, metrics separated by commas, "none", or NULL for those of the group
 * 'default' that cost a timed invocation nothing. Resolves it for the CPUs that the run's workers use. *ret_counting: NULL with "none". 0 or a negative
 * errno with a sentence. */
int mp_run_counters(const char *text, const struct mp_run *run, struct mp_counting **ret_counting,
		    struct mp_err *err);

#endif

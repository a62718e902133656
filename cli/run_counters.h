/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The words of --counters to what a run counts, and to what is stored of it. */
#ifndef CLI_RUN_COUNTERS_H
#define CLI_RUN_COUNTERS_H

#include "runner/config/countergroup.h"
#include "runner/exec/countings.h"
#include "runner/exec/run.h"

struct json_t;

/* `words` as in mp_counter_group_choose(), or NULL for those metrics of the group 'default' that cost a timed invocation
 * nothing. Resolves them for the CPUs that the run's cases use, and gives each case its counting. *ret_group and
 * *ret_countings, which their _done() functions free: empty with "none". 0 or a negative errno with a sentence. */
int mp_run_counters(const char *words, struct mp_run *run, struct mp_counter_group *ret_group,
		    struct mp_countings *ret_countings, struct mp_err *err);

/* The group as it is stored with the run, so that a report has its prose, and with it what `asked`, false where nobody named
 * the group, left out; null for metrics that were named one by one. NULL: out of memory. */
struct json_t *mp_run_counters_json(const struct mp_counter_group *group, bool asked);

/* What --resume needs of `asked`: the same, but the metrics of the group that it chose in place of a file. Heap; NULL: out of
 * memory. */
char *mp_run_counters_kept(const char *asked, const struct mp_counter_group *group);

#endif

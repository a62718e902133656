/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Groups of counters: libconfig files that say which metrics belong together, and in prose what to make of them.
 *
 *	group: {
 *	  title = "memory traffic";
 *	  about = "one or more sentences, for people";
 *	  metrics = [ "dram_read_bytes", "dram_write_bytes" ];
 *	};
 *
 * Unknown settings and metrics are errors with file:line and did-you-mean. Layer: runner.
 */
#ifndef RUNNER_CONFIG_COUNTERGROUP_H
#define RUNNER_CONFIG_COUNTERGROUP_H

#include "common/err.h"

#include <stddef.h>

struct mp_counter_group {
	char *name; /* "memory" of counters/memory.cfg; of metrics that were named one by one: their names */
	char *title, *about; /* prose; NULL: of such metrics */
	char **metrics;
	size_t n_metrics, cap_metrics;
};

/* What `run --counters` takes: the name of a group (of counters/NAME.cfg in the configuration folder), the path of one, metrics
 * with commas, or "none": no metric. The caller ends with mp_counter_group_done(). 0 or negative errno with a sentence. */
int mp_counter_group_choose(const char *words, struct mp_counter_group *ret_group,
			    struct mp_err *err);
void mp_counter_group_done(struct mp_counter_group *group); /* accepts zeroed */

/* Names of the groups that ship, sorted, heap memory (each and the array). */
int mp_counter_group_names(char ***ret_names, size_t *ret_count, struct mp_err *err);

#endif

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
 * Unknown settings are errors with file:line and did-you-mean; whether a metric exists is for runner/counters to say.
 * Layer: runner.
 */
#ifndef RUNNER_CONFIG_COUNTERGROUP_H
#define RUNNER_CONFIG_COUNTERGROUP_H

#include "common/err.h"

#include <stddef.h>

struct mp_counter_group {
	char *name; /* "memory" of counters/memory.cfg */
	char *title, *about; /* prose */
	char *text; /* the whole file, to be kept with what was counted */
	char **metrics;
	size_t n_metrics, cap_metrics;
};

/* A name (looked up as counters/NAME.cfg in the configuration folder) or a path. The caller ends with
 * mp_counter_group_done(). 0 or negative errno. */
int mp_counter_group_load(const char *name_or_file, struct mp_counter_group *ret_group,
			  struct mp_err *err);
void mp_counter_group_done(struct mp_counter_group *group);

/* Names of the groups that ship, sorted, heap memory (each and the array). */
int mp_counter_group_names(char ***ret_names, size_t *ret_count, struct mp_err *err);

#endif
